//! Repositories, servers and readers for the tests.

mod backend;
mod reader;
mod repository;
mod request;

pub(crate) use backend::{Mood, Server};
pub(crate) use reader::{Reader, fetch_of, query, reader, reader_with};
pub(crate) use repository::Repository;
