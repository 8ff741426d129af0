//! Sessions: one for each registry and credential, with the tokens that all calls share. Declarations alone.

mod clients;
mod login;
mod sessions;
mod single;

pub(crate) use sessions::{Caller, Sessions};
