//! One process from start to end.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use kargo_process::Group;
use tokio::io::AsyncWriteExt;
use tokio::process::{ChildStdin, Command};
use tokio::time::timeout;

use super::Limits;
use super::records::read_records;
use super::tail::read_tail;

/// How long a killed process is waited for before it is left to the runtime to reap.
const GRACE: Duration = Duration::from_secs(5);

/// What to run. The environment is exactly what stands here.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(OsString, OsString)>,
    pub(crate) directory: PathBuf,
    pub(crate) input: Vec<u8>,
    pub(crate) delimiter: u8,
    pub(crate) limits: Limits,
}

/// How a process ended by itself.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    /// The end of standard error.
    pub(crate) stderr: Vec<u8>,
}

/// Why a process was stopped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Bytes,
    Records,
    RecordBytes,
    Unreadable(String),
    Io(io::ErrorKind),
}

/// Why there is no [`Finished`].
#[derive(Debug)]
pub(crate) enum RunError {
    /// It could not be started.
    NotStarted(io::Error),
    /// It took too long.
    TimedOut,
    /// It was stopped for what it printed.
    Stopped(Stop),
}

/// Runs a process and hands over its output record by record. When this returns or is dropped, the process and all it has
/// started are dead.
pub(crate) async fn run<F>(job: Job, each: F) -> Result<Finished, RunError>
where
    F: FnMut(&[u8]) -> Result<(), String>,
{
    let mut command = Command::new(&job.program);
    command
        .args(&job.arguments)
        .env_clear()
        .envs(job.environment)
        .current_dir(&job.directory)
        .stdin(if job.input.is_empty() { Stdio::null() } else { Stdio::piped() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::spawn(command).map_err(RunError::NotStarted)?;
    let child = group.child();
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(RunError::NotStarted(io::ErrorKind::BrokenPipe.into()));
    };
    let stdin = child.stdin.take();
    let talk = async {
        tokio::try_join!(feed(stdin, &job.input), read_records(stdout, job.delimiter, &job.limits, each), async {
            read_tail(stderr).await.map_err(|error| Stop::Io(error.kind()))
        },)
    };
    // The child is waited for only after its pipes are at their end: until then its group can be killed by its number.
    let ended = timeout(job.limits.time, async {
        let ((), (), stderr) = talk.await.map_err(RunError::Stopped)?;
        let status = group.child().wait().await.map_err(|error| RunError::Stopped(Stop::Io(error.kind())))?;
        Ok(Finished { status, stderr })
    })
    .await;
    let result = ended.unwrap_or(Err(RunError::TimedOut));
    if result.is_err() {
        group.kill();
        // Dead but unreaped is all that remains; if even that takes long, the runtime reaps it later.
        let _ = timeout(GRACE, group.child().wait()).await;
    }
    result
}

/// Writes the input and closes it. A process that does not read all of it is no error here: its exit status tells.
async fn feed(stdin: Option<ChildStdin>, input: &[u8]) -> Result<(), Stop> {
    let Some(mut stdin) = stdin else { return Ok(()) };
    match stdin.write_all(input).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Stop::Io(error.kind())),
    }
}
