//! Git that is looked for when it is first needed.

use std::{path::PathBuf, sync::OnceLock};

use async_trait::async_trait;
use kargo_core::{
    Tag,
    port::{
        Account, Commit, CommitPage, CommitQuery, Fetch, GitHost, GitRepo, ObjectId, PortError, RefQuery, RemoteRefs,
        Reply, TagInfo,
    },
};
use kargo_git::{AmbientCredentials, CredentialSource as _, Git, GitCommand, GitSettings};

/// [`GitCommand`] with what the user has set up for git. Which git it is, is found out by the first who asks: a program that has
/// no git repositories needs no git, and wiring it up needs no runtime. A git that is missing is looked for again each time.
#[derive(Debug)]
pub(super) struct UsersGit {
    copies: PathBuf,
    command: OnceLock<GitCommand>,
}

impl UsersGit {
    /// With local copies below this directory.
    pub(super) fn new(copies: PathBuf) -> Self {
        Self { copies, command: OnceLock::new() }
    }

    async fn command(&self, repo: &GitRepo) -> Result<&GitCommand, PortError> {
        if let Some(command) = self.command.get() {
            return Ok(command);
        }
        let found = Git::new(GitSettings::new(&self.copies)).await;
        let git = found.map_err(|error| PortError::from(error).at(repo.host()).asking("git version"))?;
        // Of those who looked for it at the same moment one stays; they share the copies.
        Ok(self.command.get_or_init(|| GitCommand::new(git, AmbientCredentials)))
    }
}

#[async_trait]
impl GitHost for UsersGit {
    async fn refs(&self, repo: &GitRepo, query: &RefQuery) -> Result<Reply<RemoteRefs>, PortError> {
        self.command(repo).await?.refs(repo, query).await
    }

    async fn fetch(&self, repo: &GitRepo, what: &Fetch) -> Result<Reply<()>, PortError> {
        self.command(repo).await?.fetch(repo, what).await
    }

    async fn commits(&self, repo: &GitRepo, query: &CommitQuery) -> Result<Reply<CommitPage>, PortError> {
        self.command(repo).await?.commits(repo, query).await
    }

    async fn tags(&self, repo: &GitRepo, names: &[Tag], paths: bool) -> Result<Reply<Vec<TagInfo>>, PortError> {
        self.command(repo).await?.tags(repo, names, paths).await
    }

    async fn commit(&self, repo: &GitRepo, id: &ObjectId, paths: bool) -> Result<Reply<Commit>, PortError> {
        self.command(repo).await?.commit(repo, id, paths).await
    }

    fn account(&self, repo: &GitRepo) -> Account {
        match AmbientCredentials.name(repo) {
            Some(name) => Account::new(repo.host(), name),
            None => Account::anonymous(repo.host()),
        }
    }
}
