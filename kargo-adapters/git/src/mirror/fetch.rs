//! Bringing what is wanted into a local copy, and making the copy anew when it is damaged.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use kargo_core::port::{Fetch, ObjectId};

use super::Mirror;
use super::copy::{Copy, in_copy};
use super::lock::Lock;
use crate::classify::Class;
use crate::client::{Call, Failure};
use crate::history::not_there;
use crate::{Git, GitError, RefName, Remote};

/// From this many tags on, all tags are fetched with one pattern: git's work grows with the square of single names.
const MANY_TAGS: usize = 500;

/// The ref of the copy that holds the remote's `HEAD`.
const HEAD: &str = "refs/kargo/head";

/// One ref that the copy must have, with the object seen there.
#[derive(Clone, Debug)]
struct Want {
    /// Its name at the remote.
    theirs: String,
    /// Its name in the copy.
    ours: String,
    id: ObjectId,
}

/// Everything that the copy must have.
#[derive(Clone, Debug)]
struct Wants {
    branches: Vec<Want>,
    tags: Vec<Want>,
}

impl Wants {
    /// Checks every name before git sees it.
    fn of(what: &Fetch) -> Result<Self, GitError> {
        let want =
            |name: &RefName, id: &ObjectId| Want { theirs: name.to_string(), ours: name.to_string(), id: id.clone() };
        let mut branches = Vec::new();
        for (name, id) in &what.branches {
            if name == "HEAD" {
                branches.push(Want { theirs: name.clone(), ours: HEAD.to_owned(), id: id.clone() });
            } else {
                branches.push(want(&RefName::branch(name)?, id));
            }
        }
        let mut tags = Vec::new();
        for (name, id) in &what.tags {
            tags.push(want(&RefName::tag(name)?, id));
        }
        Ok(Self { branches, tags })
    }

    fn all(&self) -> impl Iterator<Item = &Want> {
        self.branches.iter().chain(&self.tags)
    }

    fn is_sha256(&self) -> bool {
        self.all().any(|want| want.id.as_str().len() == 64)
    }

    /// Whether all tags are fetched with a pattern, which also drops those of the copy that the remote no longer has.
    fn takes_all_tags(&self) -> bool {
        self.tags.len() >= MANY_TAGS
    }

    /// What to ask the remote for, one per line.
    fn refspecs(&self) -> String {
        let line = |want: &Want| format!("+{}:{}\n", want.theirs, want.ours);
        let mut text: String = self.branches.iter().map(line).collect();
        if self.takes_all_tags() {
            text.push_str("+refs/tags/*:refs/tags/*\n");
        } else {
            text.extend(self.tags.iter().map(line));
        }
        text
    }

    /// Leaves out what the copy has.
    fn without(mut self, had: &BTreeSet<String>) -> Self {
        let lacks = |want: &Want| !had.contains(&want.ours);
        self.branches.retain(lacks);
        self.tags.retain(lacks);
        self
    }

    fn is_empty(&self) -> bool {
        self.branches.is_empty() && self.tags.is_empty()
    }
}

/// What one fetch came to.
enum Fetched {
    Done,
    /// The server refuses the filter: a copy with everything is needed.
    NoFilter,
    /// The copy is damaged, in git's own words or by the look of it.
    Damaged(Failure),
}

impl Git {
    /// Brings the commits behind these refs into the local copy, with all their history: nothing to do, one fetch, or a new
    /// copy where it was damaged. One caller at a time works on a copy; those who waited find what the one before brought.
    ///
    /// # Errors
    ///
    /// [`GitError::NotThere`] when the remote no longer has a ref, or an id is not behind it (a force push in between);
    /// otherwise what kept git from fetching.
    pub async fn fetch(&self, remote: &Remote, what: &Fetch) -> Result<(), GitError> {
        let wants = Wants::of(what)?;
        let mirror = self.mirror(remote);
        let Some(_) = self.missing(remote, &mirror, wants.clone()).await? else { return Ok(()) };
        let _turn = mirror.turnstile.turn.lock().await;
        let name = remote.url().to_string();
        let _lock = Lock::take(&mirror.path, &name, self.settings().waiting).await?;
        let copy = Copy { path: &mirror.path };
        copy.clean_if_interrupted();
        let Some(mut missing) = self.missing(remote, &mirror, wants.clone()).await? else { return Ok(()) };
        let mut remade = false;
        loop {
            if !copy.exists() {
                let whole = copy.is_whole() || !(self.settings().blobless || what.blobless);
                self.renew(remote, copy, wants.is_sha256(), whole).await?;
                missing = wants.clone();
                remade = true;
            }
            let damage = match self.fetch_once(remote, copy, &missing).await? {
                Fetched::Done => match self.missing(remote, &mirror, missing.clone()).await? {
                    None => {
                        self.tidy(remote, copy, missing.takes_all_tags()).await;
                        return Ok(());
                    }
                    Some(gone) if remade || self.walks(remote, &mirror).await? => return Err(moved(remote, &gone)),
                    Some(gone) => moved(remote, &gone),
                },
                Fetched::NoFilter => {
                    self.renew(remote, copy, wants.is_sha256(), true).await?;
                    missing = wants.clone();
                    remade = true;
                    continue;
                }
                Fetched::Damaged(failure) => failure.into_error(),
            };
            if remade {
                return Err(damage);
            }
            copy.discard().await?;
        }
    }

    /// Replaces the copy with an empty one.
    async fn renew(&self, remote: &Remote, copy: Copy<'_>, sha256: bool, whole: bool) -> Result<(), GitError> {
        copy.discard().await?;
        self.create_copy(remote, copy.path, sha256).await?;
        if whole { copy.set_whole() } else { Ok(()) }
    }

    /// What it means that commits behind this one cannot be read: either it was never fetched, or the copy is damaged. In the
    /// second case the copy is thrown away, so that the next fetch makes a new one.
    pub(crate) async fn unreadable(&self, remote: &Remote, tip: &ObjectId) -> Result<GitError, GitError> {
        let missing = not_there(remote, &format!("commit {tip} in its local copy; fetch it first"));
        let mirror = self.mirror(remote);
        if !(Copy { path: &mirror.path }.exists()) || !self.vouches(remote, &mirror, tip).await? {
            return Ok(missing);
        }
        let _turn = mirror.turnstile.turn.lock().await;
        let _lock = Lock::take(&mirror.path, &remote.url().to_string(), self.settings().waiting).await?;
        Copy { path: &mirror.path }.discard().await?;
        let detail = format!("a ref leads to commit {tip}, but its history cannot be read; the copy was thrown away");
        Ok(GitError::Damaged { remote: remote.url().to_string(), detail })
    }

    /// Whether a ref of the copy says that a commit is there.
    async fn vouches(&self, remote: &Remote, mirror: &Mirror, id: &ObjectId) -> Result<bool, GitError> {
        let mut arguments = in_copy(&mirror.path);
        arguments.extend(["for-each-ref".into(), "--count=1".into(), format!("--contains={id}").into()]);
        if self.lines(remote, arguments, Vec::new()).await?.is_some_and(|lines| !lines.is_empty()) {
            return Ok(true);
        }
        let mut arguments = in_copy(&mirror.path);
        arguments.extend(["for-each-ref".into(), "--format=%(objectname)".into()]);
        let named = self.lines(remote, arguments, Vec::new()).await?;
        Ok(named.is_none_or(|ids| ids.iter().any(|named| named == id.as_str())))
    }

    /// Whether every commit of the copy can be read.
    async fn walks(&self, remote: &Remote, mirror: &Mirror) -> Result<bool, GitError> {
        let mut arguments = in_copy(&mirror.path);
        arguments.extend(["rev-list".into(), "--all".into(), "--count".into()]);
        Ok(self.lines(remote, arguments, Vec::new()).await?.is_some())
    }

    async fn fetch_once(&self, remote: &Remote, copy: Copy<'_>, wants: &Wants) -> Result<Fetched, GitError> {
        let partial = !copy.is_whole();
        let mut arguments = in_copy(copy.path);
        for argument in ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--stdin"] {
            arguments.push(argument.into());
        }
        if wants.takes_all_tags() {
            arguments.push("--prune".into());
        }
        // A copy has contents or has none: what the remote builds on must be here.
        arguments.push(if partial { "--filter=blob:none" } else { "--no-filter" }.into());
        arguments.extend(["--end-of-options".into(), "origin".into()]);
        let call = Call {
            doing: "fetching from",
            remote,
            online: true,
            arguments,
            input: wants.refspecs().into_bytes(),
            delimiter: b'\n',
            time: self.settings().fetch,
            records: self.settings().max_refs,
            distrusts_silence: false,
        };
        copy.set_busy()?;
        // When this future is dropped, or the time is over, the mark stays and the next one cleans up.
        let failure = match self.attempt(call, |_| Ok(())).await? {
            Ok(()) => {
                copy.set_quiet();
                return Ok(Fetched::Done);
            }
            Err(failure) => failure,
        };
        copy.set_quiet();
        match failure.class {
            Class::FilterRefused if partial => Ok(Fetched::NoFilter),
            Class::Damaged | Class::Unknown => Ok(Fetched::Damaged(failure)),
            _ => Err(failure.into_error()),
        }
    }

    /// What the copy lacks of this; `None` when it has everything. A ref vouches for its commit's whole history, so a branch that
    /// has moved on is as good, and an object that no ref leads to is not. A copy that cannot answer has nothing.
    async fn missing(&self, remote: &Remote, mirror: &Mirror, wants: Wants) -> Result<Option<Wants>, GitError> {
        if wants.is_empty() {
            return Ok(None);
        }
        if !(Copy { path: &mirror.path }.exists()) {
            return Ok(Some(wants));
        }
        let mut arguments = in_copy(&mirror.path);
        arguments.extend(["for-each-ref".into(), "--format=%(objectname) %(refname)".into()]);
        let lines = self.lines(remote, arguments, Vec::new()).await?.unwrap_or_default();
        let ours: BTreeMap<&str, &str> =
            lines.iter().filter_map(|line| line.split_once(' ')).map(|(id, name)| (name, id)).collect();
        let mut had = BTreeSet::new();
        for want in wants.all() {
            let Some(id) = ours.get(want.ours.as_str()) else { continue };
            let is_tag = want.ours.starts_with("refs/tags/");
            if *id == want.id.as_str() || (!is_tag && self.is_ancestor(remote, mirror, want.id.as_str(), id).await?) {
                had.insert(want.ours.clone());
            }
        }
        let missing = wants.without(&had);
        Ok(if missing.is_empty() { None } else { Some(missing) })
    }

    async fn is_ancestor(&self, remote: &Remote, mirror: &Mirror, old: &str, new: &str) -> Result<bool, GitError> {
        let mut arguments = in_copy(&mirror.path);
        arguments.extend([
            "merge-base".into(),
            "--is-ancestor".into(),
            "--end-of-options".into(),
            old.into(),
            new.into(),
        ]);
        Ok(self.lines(remote, arguments, Vec::new()).await?.is_some())
    }

    /// The lines that a command on the copy prints; nothing when it fails.
    pub(crate) async fn lines(
        &self,
        remote: &Remote,
        arguments: Vec<OsString>,
        input: Vec<u8>,
    ) -> Result<Option<Vec<String>>, GitError> {
        let call = Call {
            doing: "reading the local copy of",
            remote,
            online: false,
            arguments,
            input,
            delimiter: b'\n',
            time: self.settings().reading,
            records: self.settings().max_refs,
            distrusts_silence: false,
        };
        let mut lines = Vec::new();
        let done = self
            .attempt(call, |line| {
                lines.push(String::from_utf8_lossy(line).into_owned());
                Ok(())
            })
            .await?;
        Ok(done.ok().map(|()| lines))
    }
}

/// The refs were fetched, and what was seen there is not behind them any more.
fn moved(remote: &Remote, gone: &Wants) -> GitError {
    let first = gone.all().next();
    let what = first.map_or_else(String::new, |want| format!("{} in the history of {} any more", want.id, want.theirs));
    not_there(remote, &what)
}
