//! The pretended git host.

use std::sync::Arc;

use kargo_core::port::{GitHost, GitRepo, ObjectId, quote_path};
use kargo_testkit::{
    conformance::{Cannot, GitRig},
    fake::{FakeGit, VirtualClock},
    git_conformance,
};

struct Rig(Arc<FakeGit>);

fn quoted(files: &[&str]) -> Vec<String> {
    files.iter().map(|file| quote_path(file.as_bytes())).collect()
}

#[async_trait::async_trait]
impl GitRig for Rig {
    async fn start() -> Self {
        Self(Arc::new(FakeGit::new(&VirtualClock::default())))
    }

    fn host(&self) -> Arc<dyn GitHost> {
        self.0.clone()
    }

    fn repo(&self) -> GitRepo {
        GitRepo::parse("https://git.example/acme/cart").unwrap()
    }

    fn missing(&self) -> GitRepo {
        GitRepo::parse("https://git.example/acme/never-made").unwrap()
    }

    async fn commit(&self, branch: &str, subject: &str, files: &[&str]) -> ObjectId {
        let files = quoted(files);
        self.0.commit(&self.repo(), branch, subject, &files.iter().map(String::as_str).collect::<Vec<_>>())
    }

    async fn tag(&self, name: &str, target: &ObjectId, message: Option<&str>) {
        self.0.tag(&self.repo(), name, target, message);
    }

    async fn merge(&self, branch: &str, other: &ObjectId, subject: &str, files: &[&str]) -> Result<ObjectId, Cannot> {
        let files = quoted(files);
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        Ok(self.0.merge(&self.repo(), branch, other, subject, &files))
    }

    async fn force(&self, branch: &str, id: &ObjectId) -> Result<(), Cannot> {
        self.0.set_branch(&self.repo(), branch, id);
        Ok(())
    }

    async fn hang(&self, hangs: bool) -> Result<(), Cannot> {
        self.0.peer().set_hanging(hangs);
        Ok(())
    }
}

git_conformance!(block_on: Rig, can: [merge, force, hang]);
