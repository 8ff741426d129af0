//! The cache in a file, behind the port.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

use async_trait::async_trait;
use futures::channel::oneshot;
use kargo_core::{
    port::{ArtifactCache, CacheKey},
    report::PortError,
};

use super::{
    CacheSettings, OpenError, SetAside, Usage,
    place::{Place, Reports},
    thread::{Answer, Ask, serve},
};

/// [`ArtifactCache`] in a file, `artifacts.redb` in a directory of the user's choice.
///
/// It has a thread of its own for the file; futures wait for that thread and run on any executor. Each `put` is one transaction
/// and one synchronisation of the disk, or less: puts that wait at the same time share theirs.
///
/// Dropping the cache waits until what was asked for is done and the file is closed, some milliseconds as a rule. What is not
/// dropped, as in a process that is killed, loses only the order in which entries were *read* since the last `put`.
///
/// ```
/// use kargo_core::port::{Account, ArtifactCache, CacheKey, digest_of};
/// use kargo_journal::FileCache;
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// # kargo_testkit::conformance::block_on(async {
/// let key = CacheKey::of_digest("image", &Account::anonymous("ghcr.io"), &digest_of(b"{}"));
/// let cache = FileCache::open(folder)?;
/// cache.put(vec![(key.clone(), b"facts".to_vec())]).await?;
/// drop(cache);
///
/// let later = FileCache::open(folder)?;
/// assert_eq!(later.get(&[key]).await?, [Some(b"facts".to_vec())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileCache {
    file: PathBuf,
    /// Taken when dropped, which ends the thread.
    asks: Option<mpsc::Sender<Ask>>,
    thread: Option<JoinHandle<()>>,
    reports: Reports,
}

impl FileCache {
    /// Opens the cache in a directory with the limits of [`CacheSettings::default`].
    ///
    /// Both are made where they are not there, readable for this user alone. It blocks until the file is open; after a
    /// crash the whole of it is read and checked first.
    ///
    /// # Errors
    ///
    /// [`OpenError`]: somebody else has it, or the operating system refuses.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(folder, CacheSettings::default())
    }

    /// Opens the cache in a directory with these limits. What is too much for them is forgotten with the next `put`.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(folder: impl AsRef<Path>, settings: CacheSettings) -> Result<Self, OpenError> {
        let reports = Reports::default();
        let place = Place::take(folder.as_ref(), settings, Arc::clone(&reports))?;
        let file = place.file().to_owned();
        let (asks, questions) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("kargo-artifacts".to_owned())
            .spawn(move || serve(place, &questions))
            .map_err(|error| OpenError::io(&file, "served by a thread", &error))?;
        Ok(Self { file, asks: Some(asks), thread: Some(thread), reports })
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Files that were of no use and were begun anew, since this cache was opened, the first first. Usually none.
    #[must_use]
    pub fn set_aside(&self) -> Vec<SetAside> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it holds.
    ///
    /// # Errors
    ///
    /// As those of [`ArtifactCache`].
    pub async fn usage(&self) -> Result<Usage, PortError> {
        self.ask(Ask::Usage).await
    }

    async fn ask<T>(&self, ask: impl FnOnce(Answer<T>) -> Ask) -> Result<T, PortError> {
        let (answer, question) = oneshot::channel();
        let gone = || PortError::bug("the thread of the artifact cache has ended");
        self.asks.as_ref().ok_or_else(gone)?.send(ask(answer)).map_err(|_| gone())?;
        question.await.map_err(|_| gone())?
    }
}

#[async_trait]
impl ArtifactCache for FileCache {
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<Vec<u8>>>, PortError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(|answer| Ask::Get(keys.to_vec(), answer)).await
    }

    async fn put(&self, entries: Vec<(CacheKey, Vec<u8>)>) -> Result<(), PortError> {
        if entries.is_empty() {
            return Ok(());
        }
        let entries = entries.into_iter().map(|(key, value)| (key.as_str().to_owned(), value)).collect();
        self.ask(|answer| Ask::Put(entries, answer)).await
    }
}

impl Drop for FileCache {
    fn drop(&mut self) {
        drop(self.asks.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell: what went wrong was told to those who asked.
            let _ = thread.join();
        }
    }
}
