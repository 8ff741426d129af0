//! What a program on one machine needs: manifests from files and directory trees.

mod files;
mod load;

pub use files::{FileError, files};
pub use load::{load, manifests};
