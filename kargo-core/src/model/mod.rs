//! The nouns, spelled as Kargo's manifests spell them.
pub mod pattern;
pub mod short;
pub mod url;
