//! The port of the core to git repositories, served by the git command.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::model::Tag;
use kargo_core::port::{
    Account, Commit, CommitPage, CommitQuery, Fetch, GitHost, GitRepo, ObjectId, RefQuery, RemoteRefs, TagInfo,
};
use kargo_core::report::{PortError, Reply};

use crate::{Credentials, Git, GitError, Remote};

/// Where credentials for repositories come from: a vault, a table, a service that issues tokens.
#[async_trait]
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// The name of the credential for a repository; `None` for none. It names a quota and a local copy, so it must stay the
    /// same when a token is renewed. Never talks to anybody.
    fn name(&self, repo: &GitRepo) -> Option<String>;

    /// The credential as it is now. Asked before each conversation with the remote.
    ///
    /// # Errors
    ///
    /// What kept the source from answering. No error may hold a secret.
    async fn credentials(&self, repo: &GitRepo) -> Result<Credentials, PortError>;
}

/// No credentials but those that an address is written with.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCredentials;

#[async_trait]
impl CredentialSource for NoCredentials {
    fn name(&self, _repo: &GitRepo) -> Option<String> {
        None
    }

    async fn credentials(&self, _repo: &GitRepo) -> Result<Credentials, PortError> {
        Ok(Credentials::Anonymous)
    }
}

/// What the user of this process has set up for git: configuration, credential helpers, SSH keys and agent.
#[derive(Clone, Copy, Debug, Default)]
pub struct AmbientCredentials;

#[async_trait]
impl CredentialSource for AmbientCredentials {
    fn name(&self, _repo: &GitRepo) -> Option<String> {
        Some("ambient".to_owned())
    }

    async fn credentials(&self, _repo: &GitRepo) -> Result<Credentials, PortError> {
        Ok(Credentials::Ambient)
    }
}

/// [`GitHost`] over the git command: any server that git can talk to, read through local copies.
///
/// `refs` and `fetch` run one `git ls-remote` or `git fetch` each; everything else reads the copy.
///
/// ```
/// use kargo_core::port::{Fetch, GitHost, GitRepo, RefQuery};
/// use kargo_git::{Git, GitCommand, GitSettings, NoCredentials};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let host = GitCommand::new(Git::new(GitSettings::new("/var/cache/kargo/git")).await?, NoCredentials);
/// let repo = GitRepo::parse("https://git.example.com/acme/cart")?;
/// let refs = host.refs(&repo, &RefQuery::default().branch("main")).await?.into_value()?;
/// let mut what = Fetch::default();
/// what.branches = refs.branches;
/// host.fetch(&repo, &what).await?.into_value()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct GitCommand {
    git: Git,
    credentials: Arc<dyn CredentialSource>,
}

impl GitCommand {
    /// A host that asks `credentials` for each repository.
    pub fn new(git: Git, credentials: impl CredentialSource + 'static) -> Self {
        Self { git, credentials: Arc::new(credentials) }
    }

    /// The reader below.
    #[must_use]
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// A repository for a conversation with the remote.
    async fn online(&self, repo: &GitRepo) -> Result<Remote, PortError> {
        let credentials = self.credentials.credentials(repo).await?;
        Ok(self.offline(repo)?.with(credentials))
    }

    /// A repository for reading its copy, for which no credential is asked.
    fn offline(&self, repo: &GitRepo) -> Result<Remote, PortError> {
        let remote = Remote::new(repo.url()).map_err(|error| failed(repo, "its address", error))?;
        // Without a name the copy would be told apart by the credential, which is not known here.
        let account = self.credentials.name(repo).unwrap_or_else(|| format!("/{}", user(&remote)));
        Ok(remote.account(Some(account)).skip_tls_verify(repo.access().skip_tls_verify))
    }
}

fn user(remote: &Remote) -> &str {
    remote.url().user().unwrap_or_default()
}

fn failed(repo: &GitRepo, asked: &str, error: GitError) -> PortError {
    PortError::from(error).at(repo.host()).asking(asked)
}

#[async_trait]
impl GitHost for GitCommand {
    async fn refs(&self, repo: &GitRepo, query: &RefQuery) -> Result<Reply<RemoteRefs>, PortError> {
        let remote = self.online(repo).await?;
        let refs = self.git.ls_remote(&remote, query).await;
        refs.map(Reply::new).map_err(|error| failed(repo, "git ls-remote", error))
    }

    async fn fetch(&self, repo: &GitRepo, what: &Fetch) -> Result<Reply<()>, PortError> {
        let remote = self.online(repo).await?;
        self.git.fetch(&remote, what).await.map(Reply::new).map_err(|error| failed(repo, "git fetch", error))
    }

    async fn commits(&self, repo: &GitRepo, query: &CommitQuery) -> Result<Reply<CommitPage>, PortError> {
        let page = self.git.commits(&self.offline(repo)?, query).await;
        page.map(Reply::new).map_err(|error| failed(repo, "git log", error))
    }

    async fn tags(&self, repo: &GitRepo, names: &[Tag], paths: bool) -> Result<Reply<Vec<TagInfo>>, PortError> {
        let tags = self.git.tags(&self.offline(repo)?, names, paths).await;
        tags.map(Reply::new).map_err(|error| failed(repo, "git for-each-ref", error))
    }

    async fn commit(&self, repo: &GitRepo, id: &ObjectId, paths: bool) -> Result<Reply<Commit>, PortError> {
        let commit = self.git.commit(&self.offline(repo)?, id, paths).await;
        commit.map(Reply::new).map_err(|error| failed(repo, "git log", error))
    }

    fn account(&self, repo: &GitRepo) -> Account {
        match self.credentials.name(repo) {
            Some(name) => Account::new(repo.host(), name),
            None => Account::anonymous(repo.host()),
        }
    }
}
