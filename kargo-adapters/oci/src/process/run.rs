//! One process from start to end: it is given a few bytes, and says a few bytes.

use std::{io, path::PathBuf, process::Stdio, time::Duration};

use kargo_process::Group;
use secrecy::{ExposeSecret, SecretBox};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::timeout,
};

/// What to run, in this process's environment.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) program: PathBuf,
    pub(crate) argument: &'static str,
    pub(crate) input: String,
    pub(crate) time: Duration,
    /// Most bytes that it may say.
    pub(crate) bytes: usize,
}

/// How a process ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) is_success: bool,
    output: SecretBox<Vec<u8>>,
}

impl Ended {
    pub(crate) fn output(&self) -> &[u8] {
        self.output.expose_secret()
    }
}

/// Why there is no [`Ended`].
#[derive(Debug)]
pub(crate) enum RunError {
    NotStarted(io::ErrorKind),
    TimedOut,
    TooLong,
    Broken(io::ErrorKind),
}

/// Runs a process. When this returns or is dropped, the process and all it has started are dead.
pub(crate) async fn run(job: Job) -> Result<Ended, RunError> {
    let mut command = Command::new(&job.program);
    command.arg(job.argument).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut group = Group::spawn(command).map_err(|error| RunError::NotStarted(error.kind()))?;
    let child = group.child();
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(RunError::Broken(io::ErrorKind::BrokenPipe));
    };
    let feed = async move {
        // A process that does not read all of it is no error here: its exit status tells.
        let _ = stdin.write_all(job.input.as_bytes()).await;
    };
    let most = u64::try_from(job.bytes).unwrap_or(u64::MAX).saturating_add(1);
    let read = async move {
        let mut output = Vec::new();
        stdout.take(most).read_to_end(&mut output).await.map(|_| output)
    };
    let ended = timeout(job.time, async {
        let ((), output) = tokio::join!(feed, read);
        let output = output.map_err(|error| RunError::Broken(error.kind()))?;
        if output.len() > job.bytes {
            return Err(RunError::TooLong);
        }
        // The child is waited for only after its output is at its end: until then its group can be killed by its number.
        let status = group.child().wait().await.map_err(|error| RunError::Broken(error.kind()))?;
        Ok(Ended { is_success: status.success(), output: SecretBox::new(Box::new(output)) })
    });
    ended.await.unwrap_or(Err(RunError::TimedOut))
}
