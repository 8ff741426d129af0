//! The outside world for [`kargo_core`]: one feature per adapter.
//!
//! | feature | what it brings |
//! | --- | --- |
//! | **`local`** (default) | all of the below, and `local::ports`, which wires them for one machine |
//! | `files` | [`local`]: manifests from files and directory trees on this machine |
//! | `git` | `git`: git repositories, read through the `git` command |
//! | `oci` | `oci`: images and charts in registries, and in layouts on disk |
//! | `helm` | `helm`: classic chart repositories |
//! | `journal` | `journal`: the artifact cache in a file |
//! | `tokio1` | `tokio`: the real clock |
//! | `http` | `http`: what adapters of your own over HTTP need; `oci` and `helm` bring it along |
//!
//! The core itself does no I/O; what it needs from outside comes through here. Futures of `git`, `oci`, `helm` and `tokio1` run on
//! a tokio runtime with I/O and time enabled; those of `journal` on any.
//!
//! [`Exit`] is the error of a program's `main`.

mod exit;
#[cfg(feature = "files")]
pub mod local;

pub use exit::Exit;

/// Git repositories, read through the `git` command.
#[cfg(feature = "git")]
pub use kargo_git as git;
/// Classic chart repositories, over HTTP and from folders.
#[cfg(feature = "helm")]
pub use kargo_helm as helm;
/// What adapters over HTTP share: a safe client, and answers with a meaning.
#[cfg(feature = "http")]
pub use kargo_http as http;
/// Files in which what must survive a restart is kept.
#[cfg(feature = "journal")]
pub use kargo_journal as journal;
/// Images and charts in OCI registries and layouts.
#[cfg(feature = "oci")]
pub use kargo_oci as oci;
/// The real clock.
#[cfg(feature = "tokio1")]
pub use kargo_tokio as tokio;
