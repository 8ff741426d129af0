//! The contract of the port, over HTTP and over `file:`.

use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::port::{GitHost, GitRepo, ObjectId};
use kargo_git::{GitCommand, NoCredentials};
use kargo_testkit::conformance::{Cannot, GitRig};

use crate::support::{Mood, Reader, Repository, Server, reader};

/// Makes history with `git fast-import`.
fn import(origin: &Repository, branch: &str, subject: &str, files: &[&str], merged: Option<&ObjectId>) -> ObjectId {
    let now = origin.now();
    let mut script = format!("commit refs/heads/{branch}\ncommitter Dana <dana@acme.example> {now} +0100\n");
    script += &format!("data {}\n{subject}\n", subject.len());
    let exists = origin.git(&["for-each-ref", "--format=%(refname)", &format!("refs/heads/{branch}")]);
    if exists == format!("refs/heads/{branch}") {
        script += &format!("from refs/heads/{branch}^0\n");
    }
    if let Some(merged) = merged {
        script += &format!("merge {merged}\n");
    }
    for file in files {
        let content = format!("{now}");
        script += &format!("M 100644 inline {file}\ndata {}\n{content}\n", content.len());
    }
    origin.git_with(&["fast-import", "--quiet", "--date-format=raw"], script.as_bytes());
    origin.git(&["rev-parse", &format!("refs/heads/{branch}")]).parse().unwrap()
}

fn tag(origin: &Repository, name: &str, target: &ObjectId, message: Option<&str>) {
    let target = target.as_str();
    match message {
        None => origin.git(&["tag", name, target]),
        Some(message) => {
            let now = origin.now();
            let text = format!(
                "object {target}\ntype commit\ntag {name}\ntagger Priya <priya@acme.example> {now} +0000\n\n{message}\n"
            );
            let object = origin.git_with(&["mktag"], text.as_bytes());
            origin.git(&["update-ref", &format!("refs/tags/{name}"), &object])
        }
    };
}

/// How the repository is reached.
#[async_trait]
trait Transport: Send + Sync {
    async fn start(origin: &Repository) -> Self;

    /// Where the repository of this name below the same root is.
    fn url(&self, origin: &Repository, name: &str) -> String;

    fn hang(&self, _hangs: bool) -> Result<(), Cannot> {
        Err(Cannot)
    }
}

struct Http(Server);

#[async_trait]
impl Transport for Http {
    async fn start(origin: &Repository) -> Self {
        origin.git(&["config", "uploadpack.allowFilter", "true"]);
        Self(Server::start(origin.root(), Mood::Open).await)
    }

    fn url(&self, _: &Repository, name: &str) -> String {
        self.0.url(name)
    }

    fn hang(&self, hangs: bool) -> Result<(), Cannot> {
        self.0.set(if hangs { Mood::Silent } else { Mood::Open });
        Ok(())
    }
}

struct Files;

#[async_trait]
impl Transport for Files {
    async fn start(_: &Repository) -> Self {
        Self
    }

    fn url(&self, origin: &Repository, name: &str) -> String {
        format!("file://{}", origin.root().join(name).display())
    }
}

struct Rig<T> {
    origin: Repository,
    transport: T,
    _reader: Reader,
    host: Arc<GitCommand>,
}

#[async_trait]
impl<T: Transport> GitRig for Rig<T> {
    async fn start() -> Self {
        let (origin, reader) = (Repository::new(), reader().await);
        let transport = T::start(&origin).await;
        let host = Arc::new(GitCommand::new(reader.git.clone(), NoCredentials));
        Self { origin, transport, _reader: reader, host }
    }

    fn host(&self) -> Arc<dyn GitHost> {
        self.host.clone()
    }

    fn repo(&self) -> GitRepo {
        GitRepo::parse(&self.transport.url(&self.origin, "repo")).unwrap()
    }

    fn missing(&self) -> GitRepo {
        GitRepo::parse(&self.transport.url(&self.origin, "missing")).unwrap()
    }

    async fn commit(&self, branch: &str, subject: &str, files: &[&str]) -> ObjectId {
        import(&self.origin, branch, subject, files, None)
    }

    async fn tag(&self, name: &str, target: &ObjectId, message: Option<&str>) {
        tag(&self.origin, name, target, message);
    }

    async fn merge(&self, branch: &str, other: &ObjectId, subject: &str, files: &[&str]) -> Result<ObjectId, Cannot> {
        Ok(import(&self.origin, branch, subject, files, Some(other)))
    }

    async fn force(&self, branch: &str, id: &ObjectId) -> Result<(), Cannot> {
        self.origin.git(&["update-ref", &format!("refs/heads/{branch}"), id.as_str()]);
        Ok(())
    }

    async fn hang(&self, hangs: bool) -> Result<(), Cannot> {
        self.transport.hang(hangs)
    }
}

mod over_http {
    use super::*;

    kargo_testkit::git_conformance!(tokio1: Rig<Http>, can: [merge, force, hang]);
}

mod over_files {
    use super::*;

    kargo_testkit::git_conformance!(tokio1: Rig<Files>, can: [merge, force]);
}
