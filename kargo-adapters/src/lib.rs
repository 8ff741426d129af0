//! The outside world for [`kargo_core`]: one feature per adapter.
//!
//! | feature | what it brings |
//! | --- | --- |
//! | **`local`** (default) | [`local`]: manifests from files and directory trees on this machine |
//!
//! The core itself does no I/O; what it needs from outside comes through here.

#[cfg(feature = "local")]
pub mod local;
