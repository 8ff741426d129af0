//! The registry's API as pure functions: requests that are built, answers that are read. Declarations alone.

mod artifacts;
mod challenge;
mod link;
mod request;
mod tags;
mod token;

pub(crate) use artifacts::{config, head, manifest, tagged};
pub(crate) use challenge::{Bearer, Login, login};
pub(crate) use request::{blob, check_digest, check_tag, manifest_of, ping, tag_list};
pub(crate) use tags::tag_page;
pub(crate) use token::{basic, bearer, token_for, token_request};
