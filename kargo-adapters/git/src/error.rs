//! What can go wrong, in classes that say what may help.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::{GitVersion, RefProblem, UrlProblem};

/// Why a repository could not be read. No variant holds a credential: output of git is stripped of them before it gets here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no git program.
    #[error("cannot run {}: {kind}; install git {oldest} or later, or name the program in the settings", program.display(), oldest = GitVersion::OLDEST)]
    NoGit {
        /// What was tried.
        program: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// The git program is too old, or its version cannot be read.
    #[error("{} is git {found}; {oldest} or later is needed", program.display())]
    TooOld {
        /// The program.
        program: PathBuf,
        /// What it says of itself.
        found: String,
        /// What is needed.
        oldest: GitVersion,
    },
    /// The address of a repository is not acceptable.
    #[error("`{url}` is not the address of a repository: {problem}")]
    Url {
        /// The address, without user and password.
        url: String,
        /// What is wrong.
        problem: UrlProblem,
    },
    /// The name of a ref is not acceptable.
    #[error("`{}` is not the name of a ref: {problem}", name.escape_debug())]
    RefName {
        /// The name.
        name: String,
        /// What is wrong.
        problem: RefProblem,
    },
    /// These credentials cannot be used with this repository.
    #[error("credentials for {remote} cannot be used: {problem}")]
    Credentials {
        /// The repository.
        remote: String,
        /// Why.
        problem: CredentialsProblem,
    },
    /// The server does not let these credentials in, or asks for some.
    #[error("{remote} refuses access: {detail}")]
    Unauthorized {
        /// The repository.
        remote: String,
        /// What git said.
        detail: String,
    },
    /// There is no such repository, or these credentials may not know of it.
    #[error("there is no repository at {remote}: {detail}")]
    NoRepository {
        /// The repository.
        remote: String,
        /// What git said.
        detail: String,
    },
    /// The repository has no such branch, tag or commit.
    #[error("{remote} has no {what}")]
    NotThere {
        /// The repository.
        remote: String,
        /// What was asked for.
        what: String,
    },
    /// The server has had enough for a while.
    #[error("{remote} limits the rate of requests: {detail}")]
    RateLimited {
        /// The repository.
        remote: String,
        /// What git said.
        detail: String,
    },
    /// The server cannot be reached, or broke off. Trying again may help.
    #[error("{remote} cannot be reached: {detail}")]
    Unreachable {
        /// The repository.
        remote: String,
        /// What git said.
        detail: String,
    },
    /// The server is not who it should be: certificate, host key, or a directory owned by somebody else.
    #[error("{remote} is not trusted: {detail}")]
    Untrusted {
        /// The repository.
        remote: String,
        /// What git said.
        detail: String,
    },
    /// The server lacks something that is needed.
    #[error("{remote} does not support this: {detail}")]
    Unsupported {
        /// The repository.
        remote: String,
        /// What git said.
        detail: String,
    },
    /// It took too long and was stopped, with all its processes.
    #[error("{doing} {remote} took longer than {limit:?} and was stopped")]
    TimedOut {
        /// The repository.
        remote: String,
        /// What was being done.
        doing: &'static str,
        /// How long it was allowed to take.
        limit: Duration,
    },
    /// It printed more than is allowed and was stopped.
    #[error(
        "{doing} {remote} gave more than {limit} {unit} and was stopped; raise the limit in the settings if this is expected"
    )]
    TooMuch {
        /// The repository.
        remote: String,
        /// What was being done.
        doing: &'static str,
        /// How much is allowed.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// Git printed something that cannot be read.
    #[error("{doing} {remote} gave an answer that cannot be read: {detail}")]
    Unreadable {
        /// The repository.
        remote: String,
        /// What was being done.
        doing: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The local copy of the repository is damaged and could not be made anew.
    #[error("the local copy of {remote} is damaged: {detail}")]
    Damaged {
        /// The repository.
        remote: String,
        /// What git said.
        detail: String,
    },
    /// Git failed in a way that is not known.
    #[error("{doing} {remote} failed: {detail}")]
    Failed {
        /// The repository.
        remote: String,
        /// What was being done.
        doing: &'static str,
        /// What git said.
        detail: String,
    },
    /// Something on this machine is in the way: a full disk, a missing permission.
    #[error("{doing} {}: {detail}", path.display())]
    Local {
        /// What was being done.
        doing: &'static str,
        /// To which file or directory.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// Another process holds the local copy.
    #[error("the local copy of {remote} was in use by another process for more than {waited:?}")]
    Busy {
        /// The repository.
        remote: String,
        /// How long was waited.
        waited: Duration,
    },
}

/// Why credentials cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsProblem {
    /// They would be readable on the way.
    #[error("plain http:// would send them in clear text; use https://, or allow it in the settings")]
    PlainHttp,
    /// An SSH key for an HTTP address, or a password for an SSH address.
    #[error("they are of another kind than the address")]
    OtherScheme,
    /// A line break in a user name, password or token.
    #[error("a user name, password or token has a line break or another control character")]
    LineBreak,
}

impl GitError {
    pub(crate) fn local(doing: &'static str, path: impl Into<PathBuf>, error: &io::Error) -> Self {
        Self::Local { doing, path: path.into(), detail: error.to_string() }
    }
}
