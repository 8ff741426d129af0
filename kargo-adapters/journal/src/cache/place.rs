//! A cache's files in their directory: the one in use, the lock beside it, and old ones that were set aside.

use std::{
    fs::{self, File},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::Utc;
use redb::backends::FileBackend;

use super::{CacheSettings, Damage, OpenError, SetAside, store::Store, trouble::Trouble};
use crate::owner::{NotOwned, Ownership, private};

/// The name of the file; the others begin with it.
const NAME: &str = "artifacts.redb";
/// How many old files are kept.
const MOST_KEPT: usize = 3;

/// What was set aside, for all to see.
pub(super) type Reports = Arc<Mutex<Vec<SetAside>>>;

/// The directory of a cache, while it is ours.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    file: PathBuf,
    settings: CacheSettings,
    store: Option<Store>,
    reports: Reports,
    /// Last, so that it is given back after the store was closed.
    _ownership: Ownership,
}

impl Place {
    /// Takes a directory, makes it if it is not there, and opens the file.
    pub(super) fn take(folder: &Path, settings: CacheSettings, reports: Reports) -> Result<Self, OpenError> {
        let file = folder.join(NAME);
        make(folder).map_err(|error| OpenError::io(folder, "made", &error))?;
        let lock = folder.join(format!("{NAME}.owner"));
        let ownership = Ownership::take(&lock).map_err(|error| match error {
            NotOwned::By(owner) => OpenError::Owned { file: file.clone(), owner },
            NotOwned::Io(error) => OpenError::io(&lock, "locked", &error),
        })?;
        let folder = folder.to_owned();
        let mut place = Self { folder, file, settings, store: None, reports, _ownership: ownership };
        let opened = place.with(|_| Ok(()));
        opened.map_err(|trouble| match trouble {
            Trouble::Io(error) => OpenError::io(&place.file, "opened", &error),
            Trouble::Locked => OpenError::Owned { file: place.file.clone(), owner: None },
            other => {
                OpenError::io(&place.file, "opened", &io::Error::other(other.port_error().cause_text().to_owned()))
            }
        })?;
        Ok(place)
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Does something with the open store. After an error of the disk the file is opened again for the next; a file that is of
    /// no use is set aside, and the work done with the new one.
    pub(super) fn with<T>(&mut self, mut work: impl FnMut(&mut Store) -> Result<T, Trouble>) -> Result<T, Trouble> {
        match self.attempt(&mut work) {
            Err(Trouble::Damaged(damage)) => {
                self.set_aside(damage).map_err(Trouble::Io)?;
                self.attempt(&mut work)
            }
            other => other,
        }
    }

    /// Closes the file.
    pub(super) fn close(&mut self) {
        if let Some(store) = self.store.take() {
            // What is lost by an error here is only the order in which entries were read.
            let _ = guarded(|| store.close());
        }
    }

    fn attempt<T>(&mut self, work: &mut impl FnMut(&mut Store) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let mut store = match self.store.take() {
            Some(store) => store,
            None => {
                let (path, settings) = (&self.file, self.settings);
                guarded(|| Store::open(FileBackend::new(private(path).map_err(Trouble::Io)?)?, settings))?
            }
        };
        let result = guarded(|| work(&mut store));
        match result {
            Ok(_) => self.store = Some(store),
            Err(_) => drop(guarded(|| {
                drop(store);
                Ok(())
            })),
        }
        result
    }

    /// Renames the file, so that the next attempt begins a new one.
    fn set_aside(&mut self, damage: Damage) -> io::Result<()> {
        let stamp = Utc::now().format("%Y%m%dT%H%M%S%3fZ");
        let kept = self.folder.join(format!("{NAME}.set-aside-{stamp}"));
        let kept = match fs::rename(&self.file, &kept) {
            Ok(()) => Some(kept),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(_) => {
                fs::remove_file(&self.file)?;
                None
            }
        };
        sync(&self.folder);
        self.forget_the_oldest();
        let report = SetAside { file: self.file.clone(), kept, damage };
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        Ok(())
    }

    fn forget_the_oldest(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let prefix = format!("{NAME}.set-aside-");
        let is_old = |path: &PathBuf| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&prefix))
        };
        let mut old: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_old).collect();
        old.sort();
        for path in old.iter().rev().skip(MOST_KEPT) {
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.close();
    }
}

/// The library below may panic over a file that no version of it wrote; that is damage like any other.
fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Trouble::unreadable(text.unwrap_or("it cannot be understood").to_owned()))
    })
}

/// Makes a directory for this user's eyes only, where there is none.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Names in a directory are kept like bytes in a file, where the system has a way to say so.
fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
