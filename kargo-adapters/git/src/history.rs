//! Commits of the local copy, newest first, with the paths they changed (discovery 3.5, 3.7).

use std::ffi::OsString;
use std::path::Path;

use kargo_core::port::{Commit, CommitPage, CommitQuery, ObjectId};

use crate::client::Call;
use crate::log::{Entry, FORMAT, LogReader};
use crate::mirror::in_copy;
use crate::{Git, GitError, Remote};

impl Git {
    /// Commits of a first-parent line that was fetched, one page. Talks to nobody.
    ///
    /// The cursor of a page is the hash of its first commit, so a page costs the same wherever it begins.
    ///
    /// # Errors
    ///
    /// [`GitError::NotThere`] when the tip was not fetched.
    pub async fn commits(&self, remote: &Remote, query: &CommitQuery) -> Result<CommitPage, GitError> {
        let from: ObjectId = match query.page.cursor() {
            None => query.tip.clone(),
            Some(cursor) => cursor.parse().map_err(|_| not_there(remote, &format!("page {cursor:?}")))?,
        };
        let mirror = self.mirror(remote);
        let mut arguments = log(&mirror.path, query.paths);
        arguments.extend(["--first-parent".into(), format!("--max-count={}", query.limit).into()]);
        arguments.extend(["--end-of-options".into(), from.as_str().into(), "--".into()]);
        let entries = self.log(remote, arguments, Vec::new(), query.paths).await?;
        let Some(mut entries) = entries else { return Err(self.unreadable(remote, &query.tip).await?) };
        let mut next = entries.last().and_then(|entry| entry.first_parent.as_ref()).map(ToString::to_string);
        if let Some(since) = query.since
            && let Some(end) = entries.iter().position(|entry| entry.commit.committed < since)
        {
            entries.truncate(end);
            next = None;
        }
        Ok(CommitPage { commits: entries.into_iter().map(|entry| entry.commit).collect(), next })
    }

    /// One commit that was fetched. Talks to nobody.
    ///
    /// # Errors
    ///
    /// [`GitError::NotThere`] when it was not fetched, or is no commit.
    pub async fn commit(&self, remote: &Remote, id: &ObjectId, paths: bool) -> Result<Commit, GitError> {
        let mirror = self.mirror(remote);
        let mut arguments = log(&mirror.path, paths);
        arguments.extend(["--max-count=1".into(), "--end-of-options".into(), id.as_str().into(), "--".into()]);
        let entries = self.log(remote, arguments, Vec::new(), paths).await?;
        let Some(entries) = entries else { return Err(self.unreadable(remote, id).await?) };
        let entry = entries.into_iter().find(|entry| entry.commit.id == *id);
        entry.map(|entry| entry.commit).ok_or_else(|| not_there(remote, &format!("commit {id}")))
    }

    /// These commits, in any order; nothing at all when one of them is missing or damaged.
    pub(crate) async fn commits_named(
        &self,
        remote: &Remote,
        path: &Path,
        ids: &[&ObjectId],
        paths: bool,
    ) -> Result<Option<Vec<Entry>>, GitError> {
        let mut arguments = log(path, paths);
        arguments.extend(["--no-walk=unsorted".into(), "--stdin".into(), "--".into()]);
        let input: String = ids.iter().map(|id| format!("{id}\n")).collect();
        self.log(remote, arguments, input.into_bytes(), paths).await
    }

    /// The entries of a log; nothing when the command fails.
    async fn log(
        &self,
        remote: &Remote,
        arguments: Vec<OsString>,
        input: Vec<u8>,
        paths: bool,
    ) -> Result<Option<Vec<Entry>>, GitError> {
        let doing = "reading the local copy of";
        let call = Call {
            doing,
            remote,
            online: false,
            arguments,
            input,
            delimiter: 0,
            time: self.settings().reading,
            records: u64::MAX,
            distrusts_silence: false,
        };
        let mut reader = LogReader::new(paths);
        if self.attempt(call, |record| reader.record(record)).await?.is_err() {
            return Ok(None);
        }
        let entries = reader.finish();
        entries.map(Some).map_err(|detail| GitError::Unreadable { remote: remote.url().to_string(), doing, detail })
    }
}

fn log(path: &Path, paths: bool) -> Vec<OsString> {
    let mut arguments = in_copy(path);
    for argument in
        ["log", "-z", "--encoding=UTF-8", "--date=raw", "--no-show-signature", "--no-notes", "--no-color", FORMAT]
    {
        arguments.push(argument.into());
    }
    if paths {
        // Against the first parent also for merges; a rename is two paths; a root commit changes every file.
        for argument in
            ["--diff-merges=first-parent", "--no-renames", "--name-status", "--no-ext-diff", "--ignore-submodules=none"]
        {
            arguments.push(argument.into());
        }
    }
    arguments
}

pub(crate) fn not_there(remote: &Remote, what: &str) -> GitError {
    GitError::NotThere { remote: remote.url().to_string(), what: what.to_owned() }
}
