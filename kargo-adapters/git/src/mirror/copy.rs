//! Making, cleaning and throwing away a local copy. All of it happens under the copy's lock.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::client::Call;
use crate::{Git, GitError, Remote};

/// Present while a fetch runs. Found afterwards, it tells that the fetch was killed and may have left locks behind.
const BUSY: &str = "kargo-busy";
/// Present when the server does not serve partial clones.
const WHOLE: &str = "kargo-whole";
/// More packs than this are put together.
const MANY_PACKS: usize = 40;

/// The directory of a copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copy<'a> {
    pub(super) path: &'a Path,
}

impl Copy<'_> {
    pub(super) fn exists(self) -> bool {
        self.path.join("HEAD").is_file() && self.path.join("config").is_file()
    }

    pub(super) fn is_whole(self) -> bool {
        self.path.join(WHOLE).exists()
    }

    pub(super) fn set_whole(self) -> Result<(), GitError> {
        self.mark(WHOLE)
    }

    pub(super) fn set_busy(self) -> Result<(), GitError> {
        self.mark(BUSY)
    }

    pub(super) fn set_quiet(self) {
        // If it stays, the next fetch cleans up once more.
        let _ = std::fs::remove_file(self.path.join(BUSY));
    }

    /// Removes what a killed fetch left: locks, and packs that were never finished. Nobody else works here, the lock is ours.
    pub(super) fn clean_if_interrupted(self) {
        if self.path.join(BUSY).exists() {
            sweep(self.path, 0);
        }
    }

    /// Throws the copy away. The directory is moved aside first, so that half of it is never taken for all of it.
    pub(super) async fn discard(self) -> Result<(), GitError> {
        let aside = self.path.with_extension(format!("old-{}", std::process::id()));
        let path = self.path.to_owned();
        let work = move || -> std::io::Result<()> {
            let _ = std::fs::remove_dir_all(&aside);
            match std::fs::rename(&path, &aside) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error),
                Ok(()) => std::fs::remove_dir_all(&aside),
            }
        };
        let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        done.map_err(|error| GitError::local("removing", self.path, &error))
    }

    pub(super) fn has_many_packs(self) -> bool {
        let packs = std::fs::read_dir(self.path.join("objects/pack")).into_iter().flatten().flatten();
        packs.filter(|entry| entry.path().extension().is_some_and(|e| e == "pack")).count() > MANY_PACKS
    }

    fn mark(self, name: &str) -> Result<(), GitError> {
        let path = self.path.join(name);
        std::fs::write(&path, "").map_err(|error| GitError::local("writing", path, &error))
    }
}

/// Removes `*.lock` and `tmp_*` files in a repository.
fn sweep(directory: &Path, depth: usize) {
    if depth > 64 {
        return;
    }
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if kind.is_dir() {
            sweep(&path, depth + 1);
        } else if name.ends_with(".lock") || name.starts_with("tmp_") {
            let _ = std::fs::remove_file(&path);
        }
    }
}

impl Git {
    /// Creates an empty bare repository for a remote.
    pub(super) async fn create_copy(&self, remote: &Remote, path: &Path, sha256: bool) -> Result<(), GitError> {
        let format = if sha256 { "--object-format=sha256" } else { "--object-format=sha1" };
        let mut arguments: Vec<OsString> = vec!["init".into(), "--bare".into(), "--quiet".into(), "--template=".into()];
        arguments.extend([format.into(), "--initial-branch=none".into(), path.into()]);
        self.offline(remote, "creating a local copy of", arguments).await?;
        let mut arguments = in_copy(path);
        arguments.extend(["config".into(), "remote.origin.url".into(), remote.url().as_str().into()]);
        self.offline(remote, "creating a local copy of", arguments).await
    }

    /// Puts many packs into one, and many refs into one file. Nothing depends on it but speed, so a failure only means that it is
    /// tried again later.
    pub(super) async fn tidy(&self, remote: &Remote, copy: Copy<'_>, many_refs: bool) {
        let packs: &[&str] = if copy.has_many_packs() { &["repack", "-a", "-d", "-q"] } else { &[] };
        let refs: &[&str] = if many_refs { &["pack-refs", "--all"] } else { &[] };
        for command in [packs, refs] {
            if !command.is_empty() {
                let mut arguments = in_copy(copy.path);
                arguments.extend(command.iter().map(OsString::from));
                let _ = self.offline(remote, "tidying the local copy of", arguments).await;
            }
        }
    }

    /// Runs a command on a copy that prints nothing and goes nowhere.
    async fn offline(&self, remote: &Remote, doing: &'static str, arguments: Vec<OsString>) -> Result<(), GitError> {
        let call = Call {
            doing,
            remote,
            online: false,
            arguments,
            input: Vec::new(),
            delimiter: b'\n',
            time: self.settings().reading,
            records: 1000,
            distrusts_silence: false,
        };
        self.call(call, |_| Ok(())).await
    }
}

/// The first arguments of a command on a copy.
pub(crate) fn in_copy(path: &Path) -> Vec<OsString> {
    let mut directory = OsString::from("--git-dir=");
    directory.push(PathBuf::from(path));
    vec![directory]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_fetch_is_swept_and_a_quiet_copy_is_not() {
        let home = tempfile::tempdir().unwrap();
        let copy = Copy { path: home.path() };
        let pack = home.path().join("objects/pack");
        std::fs::create_dir_all(&pack).unwrap();
        let files = [home.path().join("shallow.lock"), pack.join("tmp_pack_x")];
        files.iter().for_each(|file| std::fs::write(file, "").unwrap());
        copy.clean_if_interrupted();
        assert!(files.iter().all(|file| file.exists()));
        copy.set_busy().unwrap();
        copy.clean_if_interrupted();
        assert!(!files.iter().any(|file| file.exists()));
    }
}
