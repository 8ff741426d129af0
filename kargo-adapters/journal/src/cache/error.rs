//! Why a cache cannot be opened.

use std::{io, path::PathBuf};

use crate::Owner;

/// A cache cannot be opened. A damaged file is no reason: it is [set aside](crate::FileCache::set_aside).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Somebody has it open: another process, or this one already.
    #[error("{who} has the artifact cache {}; stop it, or give each process a directory of its own", file.display(), who = who(owner.as_ref()))]
    Owned {
        /// The file.
        file: PathBuf,
        /// Who that is, where it has left its name.
        owner: Option<Owner>,
    },
    /// The operating system refused.
    #[error("{} cannot be {doing}: {detail}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried, such as "opened".
        doing: &'static str,
        /// The kind of refusal.
        kind: io::ErrorKind,
        /// What the operating system said.
        detail: String,
    },
}

impl OpenError {
    pub(super) fn io(path: impl Into<PathBuf>, doing: &'static str, error: &io::Error) -> Self {
        Self::Io { path: path.into(), doing, kind: error.kind(), detail: error.to_string() }
    }
}

fn who(owner: Option<&Owner>) -> String {
    match owner {
        Some(owner) if owner.process == std::process::id() => format!("this very process ({owner})"),
        Some(owner) => owner.to_string(),
        None => "another process".to_owned(),
    }
}
