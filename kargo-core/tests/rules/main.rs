//! Every rule of the manifest reader: a text with one mistake, where it is reported, and the same text without it.
//!
//! [`every_field`], [`required`] and [`forms`] spoil an object of every kind field by field and compare what is refused with
//! tables from the specification; the others take the rules between fields section by section.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;
mod config;
mod every_field;
mod forms;
mod freight;
mod mistake;
mod ours;
mod required;
mod stage;
mod steps;
mod warehouse;
