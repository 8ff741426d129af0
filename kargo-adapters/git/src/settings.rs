//! What the host of this library decides: which git, where copies live, how long and how much.

use std::path::PathBuf;
use std::time::Duration;

use crate::GitVersion;

/// Settings of [`Git`](crate::Git). All limits have safe defaults; only the cache directory must be given.
///
/// ```
/// use std::time::Duration;
/// use kargo_git::GitSettings;
///
/// let settings = GitSettings::new("/var/cache/kargo/git").fetch_limit(Duration::from_secs(120)).max_refs(100_000);
/// assert_eq!(settings.fetch_time(), Duration::from_secs(120));
/// ```
#[derive(Clone, Debug)]
pub struct GitSettings {
    pub(crate) cache: PathBuf,
    pub(crate) program: Option<PathBuf>,
    pub(crate) ssh_program: Option<PathBuf>,
    pub(crate) oldest: GitVersion,
    pub(crate) listing: Duration,
    pub(crate) fetch: Duration,
    pub(crate) reading: Duration,
    pub(crate) waiting: Duration,
    pub(crate) max_refs: u64,
    pub(crate) max_bytes: u64,
    pub(crate) max_message: usize,
    pub(crate) max_processes: usize,
    pub(crate) blobless: bool,
    pub(crate) credentials_over_http: bool,
    pub(crate) ca_file: Option<PathBuf>,
}

impl GitSettings {
    /// Settings with local copies below `cache`, which is created when it is missing. Several processes may share it.
    pub fn new(cache: impl Into<PathBuf>) -> Self {
        Self {
            cache: cache.into(),
            program: None,
            ssh_program: None,
            oldest: GitVersion::OLDEST,
            listing: Duration::from_secs(60),
            fetch: Duration::from_secs(600),
            reading: Duration::from_secs(120),
            waiting: Duration::from_secs(600),
            max_refs: 1_000_000,
            max_bytes: 512 * 1024 * 1024,
            max_message: 1024 * 1024,
            max_processes: 8,
            blobless: true,
            credentials_over_http: false,
            ca_file: None,
        }
    }

    /// The git program. By default the first `git` in `PATH`, looked for once.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// The SSH program. By default the first `ssh` in `PATH`.
    #[must_use]
    pub fn ssh_program(mut self, program: impl Into<PathBuf>) -> Self {
        self.ssh_program = Some(program.into());
        self
    }

    /// The oldest git that is taken ([`GitVersion::OLDEST`]), for a host that insists on a newer one. Nothing below
    /// [`GitVersion::FLOOR`] is ever taken.
    #[must_use]
    pub fn oldest(mut self, oldest: GitVersion) -> Self {
        self.oldest = oldest.max(GitVersion::FLOOR);
        self
    }

    /// How long listing refs may take (60 seconds).
    #[must_use]
    pub fn listing_limit(mut self, limit: Duration) -> Self {
        self.listing = limit;
        self
    }

    /// How long one fetch may take (10 minutes, at most 12 hours).
    #[must_use]
    pub fn fetch_limit(mut self, limit: Duration) -> Self {
        self.fetch = limit.min(Duration::from_secs(12 * 60 * 60));
        self
    }

    /// How long one command on a local copy may take (2 minutes).
    #[must_use]
    pub fn reading_limit(mut self, limit: Duration) -> Self {
        self.reading = limit;
        self
    }

    /// How long to wait for a local copy that another process is working on (10 minutes).
    #[must_use]
    pub fn waiting_limit(mut self, limit: Duration) -> Self {
        self.waiting = limit;
        self
    }

    /// How many refs one listing may give (1,000,000).
    #[must_use]
    pub fn max_refs(mut self, limit: u64) -> Self {
        self.max_refs = limit;
        self
    }

    /// How many bytes one command may print (512 MiB). They are read as a stream, not kept.
    #[must_use]
    pub fn max_bytes(mut self, limit: u64) -> Self {
        self.max_bytes = limit;
        self
    }

    /// How many bytes one line, field or message may have (1 MiB).
    #[must_use]
    pub fn max_field_bytes(mut self, limit: usize) -> Self {
        self.max_message = limit;
        self
    }

    /// How many git commands may run at once (8).
    #[must_use]
    pub fn max_processes(mut self, limit: usize) -> Self {
        self.max_processes = limit.max(1);
        self
    }

    /// Whether to leave file contents on the server (`--filter=blob:none`, the default); nothing here reads them.
    #[must_use]
    pub fn blobless(mut self, blobless: bool) -> Self {
        self.blobless = blobless;
        self
    }

    /// Sends credentials also over plain `http://` (discovery 8; off by default).
    #[must_use]
    pub fn credentials_over_http(mut self, allowed: bool) -> Self {
        self.credentials_over_http = allowed;
        self
    }

    /// A file of certificates to trust instead of the system's.
    #[must_use]
    pub fn ca_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(file.into());
        self
    }

    /// How long one fetch may take.
    #[must_use]
    pub fn fetch_time(&self) -> Duration {
        self.fetch
    }
}
