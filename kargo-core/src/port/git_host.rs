//! The port to git repositories.

use std::fmt;

use async_trait::async_trait;

use super::{Account, Commit, CommitPage, CommitQuery, Fetch, GitRepo, ObjectId, RefQuery, RemoteRefs, TagInfo};
use crate::{
    model::Tag,
    report::{PortError, Reply},
};

/// A host of git repositories, read only.
///
/// There are two kinds of questions. [`refs`](Self::refs) and [`fetch`](Self::fetch) talk to the remote: they are what a
/// look costs, and each is one conversation. All others read what the last fetch brought and talk to nobody; an adapter
/// without a copy of its own (one over a host's API) may ask the remote there, and then does nothing in `fetch`.
///
/// A look goes: `refs` once for all that is wanted of a repository; if nothing moved, that was all. Else `fetch` once, of all
/// that moved; then `commits` and `tags` at will. Ids, not names, connect these: what `refs` saw is what is read, whatever is
/// pushed meanwhile.
///
/// * **One copy.** An adapter keeps one copy of a repository for each account, shared by all who ask; fetches into it
///   take turns, and reading goes on beside them.
/// * **Cancellation.** Dropping a future midway is harmless: its processes end, the copy stays usable, the next call works.
/// * **Idempotency.** Every call may be repeated; `fetch` of what is there already talks to nobody, where that can be known.
/// * **Errors.** `NotFound`: the remote said that there is no such repository. `Unauthorized`: it refused. `Rejected`:
///   what came back cannot be read, or the object is of another kind. `Retryable`: network, time-out, a broken copy
///   (which the adapter throws away). Texts of git are in the error, without secrets.
#[async_trait]
pub trait GitHost: fmt::Debug + Send + Sync {
    /// What refs of a repository point at now (`git ls-remote`), for everything that the query names, in one conversation.
    ///
    /// What is not there is left out; a repository without any of it is an empty answer, not `NotFound`.
    async fn refs(&self, repo: &GitRepo, query: &RefQuery) -> Result<Reply<RemoteRefs>, PortError>;

    /// Brings the commits behind these refs, with all their history, in one conversation.
    ///
    /// Afterwards every commit that the query's ids name, and its first-parent ancestors, can be read. An id that the remote
    /// no longer has (a force push since `refs`) is `NotFound`: the caller begins again. Where the remote refuses to leave
    /// contents out (`blobless`), the adapter fetches them, too, and says so to nobody.
    async fn fetch(&self, repo: &GitRepo, what: &Fetch) -> Result<Reply<()>, PortError>;

    /// Commits of the first-parent line that ends at the query's tip, newest first, one page.
    ///
    /// Following `next` until it is `None` yields each once. `NotFound`: the tip was not fetched.
    async fn commits(&self, repo: &GitRepo, query: &CommitQuery) -> Result<Reply<CommitPage>, PortError>;

    /// What is behind these tags, in the order of the names; those that were not fetched are left out.
    ///
    /// A tag may point at a tag; at last there has to be a commit, else it is left out, too. With `paths`, each commit brings the paths
    /// that it changed.
    async fn tags(&self, repo: &GitRepo, names: &[Tag], paths: bool) -> Result<Reply<Vec<TagInfo>>, PortError>;

    /// One commit. `NotFound`: it was not fetched.
    async fn commit(&self, repo: &GitRepo, id: &ObjectId, paths: bool) -> Result<Reply<Commit>, PortError>;

    /// Whose quota conversations with this repository's host count against. Never talks to anybody.
    fn account(&self, repo: &GitRepo) -> Account {
        Account::anonymous(repo.host())
    }
}
