//! Who has a file: a lock beside it, with the owner's name in it.

use std::{
    fmt,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use chrono::{SubsecRound as _, Utc};
use kargo_core::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest name that is looked at, in bytes.
const LONGEST: u64 = 4_096;

/// A process that has a file.
///
/// ```
/// use kargo_journal::Owner;
/// let mut owner = Owner::default();
/// (owner.process, owner.host) = (8121, Some("build-7".to_owned()));
/// owner.since = "2026-11-21T09:02:11Z".parse().ok();
/// assert_eq!(owner.to_string(), "process 8121 on build-7 since 2026-11-21T09:02:11Z");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Owner {
    /// Its number on its machine.
    pub process: u32,
    /// The name of its machine, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// When it took the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Owner {
    /// This process, from now on.
    pub(crate) fn this() -> Self {
        Self { process: std::process::id(), host: host_name(), since: Some(Utc::now().trunc_subsecs(0)) }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.process)?;
        if let Some(host) = &self.host {
            write!(f, " on {host}")?;
        }
        if let Some(since) = self.since.map(|since| since.format("%Y-%m-%dT%H:%M:%SZ")) {
            write!(f, " since {since}")?;
        }
        Ok(())
    }
}

/// A file is had for as long as this lives. The operating system ends it with the process, however that ends.
#[derive(Debug)]
pub(crate) struct Ownership(File);

/// Why a file cannot be had.
#[derive(Debug)]
pub(crate) enum NotOwned {
    /// Somebody else has it, and has perhaps left a name.
    By(Option<Owner>),
    Io(io::Error),
}

impl Ownership {
    /// Takes what the file at this path stands for, and writes the owner's name into it.
    pub(crate) fn take(path: &Path) -> Result<Self, NotOwned> {
        let mut file = private(path).map_err(NotOwned::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NotOwned::By(name(&mut file))),
            Err(TryLockError::Error(error)) => return Err(NotOwned::Io(error)),
        }
        let mut ownership = Self(file);
        // The lock is what counts; a name that cannot be written is only missed in somebody else's error.
        let _ = ownership.sign();
        Ok(ownership)
    }

    fn sign(&mut self) -> io::Result<()> {
        let name = serde_json::to_vec(&Owner::this())?;
        self.0.set_len(0)?;
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(&name)
    }
}

impl Drop for Ownership {
    fn drop(&mut self) {
        // The file stays: removing it could remove the lock of whoever comes next.
        let _ = self.0.set_len(0);
    }
}

/// Opens a file for reading and writing, and makes it if it is not there, for this user's eyes only.
pub(crate) fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn name(file: &mut File) -> Option<Owner> {
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

#[cfg(unix)]
fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.to_owned();
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(not(unix))]
fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_owner_at_a_time_and_the_next_is_told_who() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.owner");
        let first = Ownership::take(&path).unwrap();
        let NotOwned::By(Some(owner)) = Ownership::take(&path).unwrap_err() else { panic!("a name") };
        assert_eq!(owner.process, std::process::id());
        assert!(owner.host.is_some() && owner.since.is_some(), "{owner}");
        drop(first);
        let again = Ownership::take(&path).unwrap();
        std::fs::write(&path, "nonsense").unwrap();
        assert!(matches!(Ownership::take(&path), Err(NotOwned::By(None))));
        drop(again);
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    }
}
