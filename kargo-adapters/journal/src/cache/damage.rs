//! What was wrong with a file that was begun anew.

use std::{fmt, path::PathBuf};

/// Why a cache's file is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// Its bytes are not what was written.
    #[error("it cannot be read: {detail}")]
    Unreadable {
        /// What was found.
        detail: String,
    },
    /// Another version of this library wrote it.
    #[error("it has format {found}, and this version of the library reads format {known}")]
    OtherFormat {
        /// The number in the file.
        found: u64,
        /// The number that this version writes.
        known: u64,
    },
}

/// A cache's file was of no use; it was renamed, and a new one begun. Nothing but requests is lost by that.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetAside {
    /// The file that was begun anew.
    pub file: PathBuf,
    /// Where the old one is kept; `None` if it could only be removed. The three newest are kept.
    pub kept: Option<PathBuf>,
    /// What was wrong with it.
    pub damage: Damage,
}

impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the artifact cache {} was begun anew: {}", self.file.display(), self.damage)?;
        match &self.kept {
            Some(kept) => write!(f, "; the old file is kept as {}", kept.display()),
            None => f.write_str("; the old file was removed"),
        }
    }
}
