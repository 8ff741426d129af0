//! One process at a time changes a local copy.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::GitError;

/// How often to look whether another process is done.
const PAUSE: Duration = Duration::from_millis(50);

/// A lock between processes. The system gives it back when the holder ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Where the lock of a copy is: beside it, since the copy itself may be thrown away.
fn lock_path(copy: &Path) -> PathBuf {
    copy.with_extension("lock")
}

impl Lock {
    /// Waits for the lock of a copy.
    pub(crate) async fn take(copy: &Path, remote: &str, patience: Duration) -> Result<Self, GitError> {
        let path = lock_path(copy);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| GitError::local("creating", parent, &error))?;
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| GitError::local("opening", &path, &error))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < patience => sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => {
                    return Err(GitError::Busy { remote: remote.to_owned(), waited: patience });
                }
                Err(TryLockError::Error(error)) => return Err(GitError::local("locking", &path, &error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_holder_waits_and_gives_up() {
        let home = tempfile::tempdir().unwrap();
        let copy = home.path().join("a.git");
        let first = Lock::take(&copy, "r", Duration::ZERO).await.unwrap();
        let refused = Lock::take(&copy, "r", Duration::from_millis(120)).await.unwrap_err();
        assert!(matches!(refused, GitError::Busy { .. }), "{refused}");
        drop(first);
        Lock::take(&copy, "r", Duration::ZERO).await.unwrap();
    }
}
