//! The git program: found and checked once, and every run of it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::Semaphore;

use crate::access::{Access, Plan, sweep, write_askpass};
use crate::classify::{Class, classify, shown};
use crate::mirror::Mirrors;
use crate::process::{Job, Limits, RunError, Stop, run};
use crate::{GitError, GitSettings, GitVersion, Remote};

/// A reader of git repositories. Clones share everything: the limit on processes, and the local copies.
#[derive(Clone, Debug)]
pub struct Git {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: GitSettings,
    program: PathBuf,
    ssh: Option<PathBuf>,
    path: Option<OsString>,
    version: GitVersion,
    slots: Semaphore,
    mirrors: Mirrors,
    askpass: PathBuf,
    _home: TempDir,
}

/// One command of git.
pub(crate) struct Call<'a> {
    /// For errors: "listing", "fetching", "reading".
    pub(crate) doing: &'static str,
    /// Whose repository it is about.
    pub(crate) remote: &'a Remote,
    /// Whether it may go to the remote.
    pub(crate) online: bool,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) input: Vec<u8>,
    pub(crate) delimiter: u8,
    pub(crate) time: Duration,
    pub(crate) records: u64,
    /// Whether an answer without any output is believed only from a server that talks as git's own.
    pub(crate) distrusts_silence: bool,
}

/// A command that ended with a status other than zero.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) class: Class,
    pub(crate) detail: String,
    doing: &'static str,
    remote: String,
}

impl Failure {
    pub(crate) fn into_error(self) -> GitError {
        self.class.into_error(self.remote, self.doing, self.detail)
    }
}

impl Git {
    /// Finds the git program, checks its version, and prepares the cache directory.
    ///
    /// # Errors
    ///
    /// [`GitError::NoGit`], [`GitError::TooOld`], or [`GitError::Local`] for the cache directory.
    pub async fn new(settings: GitSettings) -> Result<Self, GitError> {
        let path = std::env::var_os("PATH");
        let program = match &settings.program {
            Some(program) => program.clone(),
            None => in_path("git", path.as_deref())
                .ok_or_else(|| GitError::NoGit { program: PathBuf::from("git"), kind: std::io::ErrorKind::NotFound })?,
        };
        let ssh = settings.ssh_program.clone().or_else(|| in_path("ssh", path.as_deref()));
        let scratch = settings.cache.join("scratch");
        std::fs::create_dir_all(&scratch).map_err(|error| GitError::local("creating", &scratch, &error))?;
        sweep(&scratch);
        let cache =
            settings.cache.canonicalize().map_err(|error| GitError::local("looking at", &settings.cache, &error))?;
        let settings = GitSettings { cache, ..settings };
        let home = tempfile::Builder::new()
            .prefix("home-")
            .tempdir_in(settings.cache.join("scratch"))
            .map_err(|error| GitError::local("creating a directory in", &scratch, &error))?;
        let askpass = write_askpass(home.path())?;
        let version = version_of(&program, home.path(), settings.oldest).await?;
        let slots = Semaphore::new(settings.max_processes);
        let mirrors = Mirrors::default();
        let inner = Inner { settings, program, ssh, path, version, slots, mirrors, askpass, _home: home };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The version of the git program.
    #[must_use]
    pub fn version(&self) -> GitVersion {
        self.inner.version
    }

    pub(crate) fn settings(&self) -> &GitSettings {
        &self.inner.settings
    }

    pub(crate) fn mirrors(&self) -> &Mirrors {
        &self.inner.mirrors
    }

    /// Runs a command; one that fails is an error.
    pub(crate) async fn call<F>(&self, call: Call<'_>, each: F) -> Result<(), GitError>
    where
        F: FnMut(&[u8]) -> Result<(), String>,
    {
        self.attempt(call, each).await?.map_err(Failure::into_error)
    }

    /// Runs a command and hands over its output; one that fails is told apart, so that the caller can help itself.
    pub(crate) async fn attempt<F>(&self, call: Call<'_>, each: F) -> Result<Result<(), Failure>, GitError>
    where
        F: FnMut(&[u8]) -> Result<(), String>,
    {
        let inner = &*self.inner;
        let remote = call.remote.url().to_string();
        let doing = call.doing;
        let plan = Plan {
            settings: &inner.settings,
            ssh: inner.ssh.as_deref(),
            askpass: &inner.askpass,
            path: inner.path.clone(),
            remote: call.online.then_some(call.remote),
        };
        // Never closed, so the only answer is a permit.
        let _slot = inner.slots.acquire().await;
        let access = Access::prepare(&plan)?;
        let limits = Limits {
            time: call.time,
            bytes: inner.settings.max_bytes,
            records: call.records,
            record_bytes: inner.settings.max_message,
        };
        let job = Job {
            program: inner.program.clone(),
            arguments: call.arguments,
            environment: access.environment().to_vec(),
            directory: access.directory().to_owned(),
            input: call.input,
            delimiter: call.delimiter,
            limits,
        };
        let too_much = |limit, unit| GitError::TooMuch { remote: remote.clone(), doing, limit, unit };
        let mut silent = true;
        let mut each = each;
        let watched = |record: &[u8]| {
            silent = false;
            each(record)
        };
        let finished = match run(job, watched).await {
            Ok(finished) => finished,
            Err(RunError::NotStarted(error)) => {
                return Err(GitError::NoGit { program: inner.program.clone(), kind: error.kind() });
            }
            Err(RunError::TimedOut) => return Err(GitError::TimedOut { remote, doing, limit: call.time }),
            Err(RunError::Stopped(Stop::Bytes)) => return Err(too_much(limits.bytes, "bytes")),
            Err(RunError::Stopped(Stop::Records)) => return Err(too_much(limits.records, "records")),
            Err(RunError::Stopped(Stop::RecordBytes)) => {
                return Err(too_much(limits.record_bytes as u64, "bytes in one record"));
            }
            Err(RunError::Stopped(Stop::Unreadable(detail))) => {
                return Err(GitError::Unreadable { remote, doing, detail });
            }
            Err(RunError::Stopped(Stop::Io(kind))) => {
                return Err(GitError::Failed { remote, doing, detail: format!("its output cannot be read: {kind}") });
            }
        };
        if finished.status.success() {
            if silent && call.distrusts_silence && !access.talked_git() {
                let detail = "it answers, but not as a git server does".to_owned();
                return Ok(Err(Failure { class: Class::NoRepository, detail, doing, remote }));
            }
            return Ok(Ok(()));
        }
        let stderr = access.redacted(&String::from_utf8_lossy(&finished.stderr));
        Ok(Err(Failure { class: classify(&stderr), detail: shown(&stderr), doing, remote }))
    }
}

/// The first program of this name in `PATH`, as an absolute path: a git that appears later in another place is not taken.
fn in_path(name: &str, path: Option<&std::ffi::OsStr>) -> Option<PathBuf> {
    std::env::split_paths(path?).filter(|directory| directory.is_absolute()).map(|directory| directory.join(name)).find(
        |file| {
            use std::os::unix::fs::PermissionsExt;
            file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
        },
    )
}

async fn version_of(program: &Path, home: &Path, oldest: GitVersion) -> Result<GitVersion, GitError> {
    let limits = Limits { time: Duration::from_secs(10), bytes: 4096, records: 10, record_bytes: 1024 };
    let job = Job {
        program: program.to_owned(),
        arguments: vec!["version".into()],
        environment: vec![("LC_ALL".into(), "C".into()), ("HOME".into(), home.into())],
        directory: home.to_owned(),
        input: Vec::new(),
        delimiter: b'\n',
        limits,
    };
    let mut line = String::new();
    let ended = run(job, |record| {
        if line.is_empty() {
            line = String::from_utf8_lossy(record).into_owned();
        }
        Ok(())
    })
    .await;
    if let Err(RunError::NotStarted(error)) = ended {
        return Err(GitError::NoGit { program: program.to_owned(), kind: error.kind() });
    }
    match GitVersion::parse(&line) {
        Some(version) if version >= oldest => Ok(version),
        found => Err(GitError::TooOld {
            program: program.to_owned(),
            found: found.map_or_else(|| "of an unknown version".to_owned(), |version| version.to_string()),
            oldest,
        }),
    }
}
