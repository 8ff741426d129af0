//! Git repositories for [`kargo_core`], read through the `git` command: what refs a remote has, the history of its branches and
//! its tags, with the paths that each commit changed.
//!
//! [`GitCommand`] serves the core's port [`GitHost`](kargo_core::port::GitHost). [`Git`] is the reader below it, for programs
//! that want nothing but that.
//!
//! # What it guarantees
//!
//! * **Bounded.** Each command has limits on time, on output, and on how many run at once. When a future is dropped, or its time
//!   is over, the command and all that it started are killed.
//! * **Nothing of the user's.** The environment of a command is written from scratch: no configuration, hooks, helpers, agents or
//!   prompts of the user or the system, unless [`Credentials::Ambient`] asks for them.
//! * **No secret in sight.** Passwords go to git through an askpass program that answers only for the host they are meant for;
//!   tokens through the environment; keys through a file only this user can read. None is in an argument, an address, an error
//!   or a `Debug` text.
//! * **Nothing hostile gets through.** Addresses, refs and hashes are checked before git sees them, options end before they begin,
//!   and one protocol is allowed at a time.
//! * **One copy.** For each address and credential there is one bare repository below the cache directory, shared by all who ask
//!   in any process. It holds no file contents where the server can leave them out. A copy that was damaged or left behind by a
//!   killed process is repaired or made anew.
//!
//! # What it needs
//!
//! A Unix system, and git [`GitVersion::OLDEST`] or later; `ssh` for SSH addresses. Futures must run on a tokio runtime with I/O
//! and time enabled.

mod access;
mod classify;
mod client;
mod convert;
mod credentials;
mod error;
mod history;
mod host;
mod log;
mod mirror;
mod process;
mod ref_name;
mod refs;
mod remote;
mod settings;
mod tags;
mod url;
mod version;

pub use client::Git;
pub use credentials::{Credentials, KnownHosts};
pub use error::{CredentialsProblem, GitError};
pub use host::{AmbientCredentials, CredentialSource, GitCommand, NoCredentials};
pub use ref_name::{RefName, RefProblem};
pub use remote::Remote;
pub use settings::GitSettings;
pub use url::{RemoteUrl, Scheme, UrlProblem};
pub use version::GitVersion;
