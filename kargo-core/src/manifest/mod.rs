//! YAML documents in and out; defaults; checks of each document alone.

mod manifests;
mod places;
mod source;

pub use manifests::{Aside, Entry, Manifests};
pub use places::Places;
pub use source::SourceText;
