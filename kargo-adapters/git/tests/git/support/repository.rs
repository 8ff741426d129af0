//! A repository made by `git`, with fixed dates and no configuration of this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fs, io::Write};

use tempfile::TempDir;

/// A repository with a work tree.
#[derive(Debug)]
pub(crate) struct Repository {
    home: TempDir,
    clock: AtomicU64,
}

impl Repository {
    /// An empty repository whose default branch is `main`.
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let made = Self { home, clock: AtomicU64::new(1_700_000_000) };
        fs::create_dir(made.path()).unwrap();
        made.git(&["init", "--quiet", "--initial-branch=main", "."]);
        made
    }

    /// One with this many commits on `main`, each of which changes `dir<n % 10>/file`.
    pub(crate) fn with_commits(count: usize) -> Self {
        let made = Self::new();
        let mut script = String::new();
        for n in 1..=count {
            let when = 1_700_000_000 + n * 60;
            let (subject, body) = (format!("commit {n}"), format!("content {n}\n"));
            script += &format!("commit refs/heads/main\nmark :{n}\ncommitter C <c@example.com> {when} +0200\n");
            script += &format!("data {}\n{subject}\n", subject.len());
            script += &format!("M 100644 inline dir{}/file\ndata {}\n{body}\n", n % 10, body.len());
        }
        made.git_with(&["fast-import", "--quiet"], script.as_bytes());
        made
    }

    /// A later moment at each call.
    pub(crate) fn now(&self) -> u64 {
        self.clock.fetch_add(60, Ordering::Relaxed) + 60
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.home.path().join("repo")
    }

    /// The directory that a server serves: the repository is `/repo` in it.
    pub(crate) fn root(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.path().display())
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_with(arguments, b"")
    }

    pub(crate) fn git_with(&self, arguments: &[&str], input: &[u8]) -> String {
        let now = self.now();
        let date = format!("{now} +0200");
        let mut child = Command::new("git")
            .args(arguments)
            .current_dir(self.path())
            .env("HOME", self.home.path())
            .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("LC_ALL", "C")])
            .envs([("GIT_AUTHOR_NAME", "A U Thor"), ("GIT_AUTHOR_EMAIL", "a@example.com")])
            .envs([("GIT_COMMITTER_NAME", "C O Mitter"), ("GIT_COMMITTER_EMAIL", "c@example.com")])
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Writes files and commits them; the hash of the commit.
    pub(crate) fn commit(&self, files: &[(&str, &str)], message: &str) -> String {
        for (name, content) in files {
            let path = self.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--allow-empty-message", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}
