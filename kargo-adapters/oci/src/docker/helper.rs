//! Credential helpers: programs called `docker-credential-<name>` that are asked on standard input.

use std::{
    ffi::OsString,
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use kargo_core::port::PortError;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{
    Credential,
    process::{Ended, Job, RunError, run},
};

/// Most bytes that a helper may say.
const OUTPUT_LIMIT: usize = 1 << 20;

/// What helpers say when they have none (Docker's protocol has no other sign for it).
const NONE: &str = "credentials not found in native keychain";

/// The user name that stands for "the secret is an identity token".
const TOKEN_USER: &str = "<token>";

/// Where helpers are, and how long they may take.
#[derive(Clone, Debug)]
pub(super) struct Helpers {
    pub(super) directory: Option<PathBuf>,
    pub(super) time: Duration,
}

impl Default for Helpers {
    fn default() -> Self {
        Self { directory: None, time: Duration::from_secs(30) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Said {
    username: String,
    secret: SecretString,
}

/// The credential that a helper has for a server; `None` if it has none.
///
/// # Errors
///
/// `Misconfigured` for a helper that is not there, fails, or says nonsense; `Retryable` for one that takes too long. What it said is not shown: a
/// secret may be in it.
pub(super) async fn ask(helpers: &Helpers, name: &str, server: &str) -> Result<Option<Credential>, PortError> {
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !is_name {
        return Err(PortError::misconfigured(format!("the credential helper {name:?} has no name that is one")));
    }
    let program = format!("docker-credential-{name}");
    let Some(path) = helpers.find(&program) else {
        return Err(PortError::misconfigured(format!("the credential helper {program} is not installed")));
    };
    tracing::debug!(helper = program, server, "credential helper");
    let job = Job { program: path, argument: "get", input: server.to_owned(), time: helpers.time, bytes: OUTPUT_LIMIT };
    let ended = run(job).await.map_err(|error| match error {
        RunError::TimedOut => PortError::retryable(format!("{program} took longer than {:?}", helpers.time)),
        RunError::TooLong => PortError::misconfigured(format!("{program} said more than {OUTPUT_LIMIT} bytes")),
        RunError::NotStarted(kind) => PortError::misconfigured(format!("{program} cannot be run: {kind}")),
        RunError::Broken(kind) => PortError::retryable(format!("{program}: {kind}")),
    })?;
    read(&ended).map_err(|why| {
        PortError::misconfigured(format!("{program} {why}; try `echo {server} | {program} get` by hand"))
    })
}

fn read(ended: &Ended) -> Result<Option<Credential>, &'static str> {
    if !ended.is_success {
        let said = String::from_utf8_lossy(ended.output());
        return if said.contains(NONE) { Ok(None) } else { Err("failed") };
    }
    let said: Said = serde_json::from_slice(ended.output()).map_err(|_| "said what is no credential")?;
    Ok(Some(match (said.username.as_str(), said.secret.expose_secret()) {
        ("", "") => return Ok(None),
        (TOKEN_USER, _) => Credential::IdentityToken(said.secret),
        _ => Credential::Basic { username: said.username, password: said.secret },
    }))
}

impl Helpers {
    /// The first program of this name, as an absolute path.
    fn find(&self, program: &str) -> Option<PathBuf> {
        let path = self.directory.clone().map(OsString::from).or_else(|| std::env::var_os("PATH"))?;
        std::env::split_paths(&path)
            .filter(|directory| directory.is_absolute())
            .map(|directory| directory.join(program))
            .find(|file| is_program(file).unwrap_or(false))
    }
}

fn is_program(file: &Path) -> io::Result<bool> {
    let data = file.metadata()?;
    Ok(data.is_file() && data.permissions().mode() & 0o111 != 0)
}
