//! What a program on one machine needs: manifests from files and directory trees and, with feature `local`, the outside world.

mod files;
#[cfg(feature = "local")]
mod git;
mod load;
#[cfg(feature = "local")]
mod ports;

pub use files::{FileError, files};
pub use load::{load, manifests};
#[cfg(feature = "local")]
pub use ports::{PortsError, ports};
