//! YAML documents in and out; defaults; checks of each document and of a set of them.
//!
//! A text goes through these stages, each a file or a folder here: it is cut into documents and parsed into nodes that know
//! their places (`yaml`, `node`); each field is checked against the tables of its kind and defaults are filled in
//! (`schema`, `decode`); rules between fields are checked (`check`); the noun is read and what admission mirrors is
//! written (`defaults`); at last come rules between documents (`set`). Mistakes never end this: they are gathered in a
//! sink, and an object with mistakes is left out.

#[cfg(feature = "yaml")]
mod check;
#[cfg(feature = "yaml")]
mod cursor;
#[cfg(feature = "yaml")]
mod decode;
#[cfg(feature = "yaml")]
mod defaults;
pub mod limits;
mod manifests;
#[cfg(feature = "yaml")]
mod node;
mod places;
#[cfg(feature = "yaml")]
mod read;
#[cfg(feature = "yaml")]
mod scalar;
#[cfg(feature = "yaml")]
mod schema;
#[cfg(feature = "yaml")]
mod set;
#[cfg(feature = "yaml")]
mod sink;
mod source;
#[cfg(feature = "yaml")]
mod text;
#[cfg(feature = "yaml")]
mod write;
#[cfg(feature = "yaml")]
mod yaml;

pub use manifests::{Aside, Entry, Manifests, Written};
pub use places::Places;
#[cfg(feature = "yaml")]
pub use read::{Reader, Reading};
#[cfg(all(test, feature = "yaml"))]
pub(crate) use schema::extension_fields;
pub use source::SourceText;
#[cfg(feature = "yaml")]
pub use write::{WriteError, to_yaml};
