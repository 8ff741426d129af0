//! A git subscription, ready to be looked for.

use std::{collections::BTreeMap, sync::Arc};

use super::{LookError, ref_name};
use crate::{
    model::{Digest, GitSubscription, ObservedRefs, Tag},
    port::{Access, Fetch, GitRepo, ObjectId, PortError, RefQuery, RemoteRefs, digest_of},
    select::git::GitRules,
};

/// A git subscription, checked, with its repository and its compiled rules. Clones are cheap.
///
/// ```
/// use kargo_core::{discover::GitTarget, model::GitSubscription, port::Access};
///
/// let subscription =
///     GitSubscription { repo_url: "https://github.com/acme/cart".into(), ..GitSubscription::default() };
/// let target = GitTarget::new(&subscription, Access::of_project("shop"))?;
/// assert_eq!(target.repo().host(), "github.com");
/// # Ok::<(), kargo_core::discover::LookError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GitTarget {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    repo: GitRepo,
    rules: GitRules,
    wanted: Wanted,
    blobless: bool,
    /// Whether what passed once passes for ever: not where an expression may look at the time of day.
    timeless: bool,
    id: Digest,
}

/// Which refs.
#[derive(Debug)]
enum Wanted {
    DefaultBranch,
    Branch(String),
    Tags,
}

/// What refs mean to one subscription.
#[derive(Clone, Debug, Default)]
pub(super) struct Sight {
    /// One text for all that matters: the same as long as nothing that matters moves. For a branch it is the commit at its end.
    pub(super) seen: String,
    /// What is recorded of it.
    pub(super) observed: Option<ObservedRefs>,
    /// What is read if something moved.
    pub(super) tip: Option<ObjectId>,
    pub(super) tags: BTreeMap<Tag, ObjectId>,
    /// Tags that it would take if git could have such names.
    pub(super) refused: Vec<Tag>,
}

impl GitTarget {
    /// Checks and compiles a subscription. `access` is on whose behalf it is asked; whether certificates are checked is
    /// taken from the subscription.
    ///
    /// # Errors
    ///
    /// [`LookError`]: the subscription cannot be read, its repository is none, its branch is none.
    pub fn new(subscription: &GitSubscription, access: Access) -> Result<Self, LookError> {
        let rules = GitRules::new(subscription)?;
        let access = access.skipping_tls_verify(subscription.insecure_skip_tls_verify);
        let repo = GitRepo::parse(&subscription.repo_url)?.with_access(access);
        let pattern = rules.ref_pattern();
        let wanted = match pattern.strip_prefix("refs/heads/") {
            Some(branch) => {
                ref_name::check(branch)?;
                Wanted::Branch(branch.to_owned())
            }
            None if pattern == "HEAD" => Wanted::DefaultBranch,
            None => Wanted::Tags,
        };
        // What names the result: all that selects, without what only connects.
        let what = GitSubscription { repo_url: repo.to_string(), blobless: false, ..subscription.clone() };
        let id = digest_of(&serde_json::to_vec(&what).map_err(PortError::bug)?);
        let timeless = subscription.expression_filter.as_deref().is_none_or(str::is_empty);
        let inner = Inner { repo, rules, wanted, blobless: subscription.blobless, timeless, id };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The repository.
    #[must_use]
    pub fn repo(&self) -> &GitRepo {
        &self.inner.repo
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &GitRules {
        &self.inner.rules
    }

    /// One name for all targets that select the same of the same repository.
    pub(super) fn id(&self) -> &Digest {
        &self.inner.id
    }

    pub(super) fn timeless(&self) -> bool {
        self.inner.timeless
    }

    /// The refs that it is about.
    pub(super) fn query(&self) -> RefQuery {
        match &self.inner.wanted {
            Wanted::DefaultBranch => RefQuery::default().and_head(),
            Wanted::Branch(branch) => RefQuery::default().branch(branch.as_str()),
            Wanted::Tags => RefQuery::default().and_tags(),
        }
    }

    /// What refs mean to it.
    ///
    /// # Errors
    ///
    /// `NotFound`: there is no such branch.
    pub(super) fn sight(&self, refs: &RemoteRefs) -> Result<Sight, PortError> {
        let rules = &self.inner.rules;
        let (tip, missing) = match &self.inner.wanted {
            Wanted::DefaultBranch => {
                (refs.head.as_ref(), "the repository has no default branch: it is empty".to_owned())
            }
            Wanted::Branch(branch) => (refs.branches.get(branch), format!("there is no branch {branch:?}")),
            Wanted::Tags => return Ok(self.tags(refs)),
        };
        let repo = &self.inner.repo;
        let pattern = rules.ref_pattern();
        let tip =
            tip.ok_or_else(|| PortError::not_found(missing).at(repo.host()).asking(&format!("{pattern} of {repo}")))?;
        Ok(Sight {
            seen: tip.to_string(),
            observed: rules.observe([(pattern.as_str(), tip.as_str())]),
            tip: Some(tip.clone()),
            ..Sight::default()
        })
    }

    fn tags(&self, refs: &RemoteRefs) -> Sight {
        let rules = &self.inner.rules;
        let mut sight = Sight::default();
        let mut names = Vec::new();
        for (tag, points) in &refs.tags {
            let name = format!("refs/tags/{tag}");
            if !rules.allows_ref(&name) {
                continue;
            }
            if ref_name::check(tag).is_err() {
                sight.refused.push(tag.clone());
                continue;
            }
            sight.tags.insert(tag.clone(), points.object.clone());
            names.push((name, points.object.as_str()));
        }
        let text: Vec<_> = names.iter().map(|(name, id)| format!("{name} {id}\n")).collect();
        sight.seen = digest_of(text.concat().as_bytes()).to_string();
        sight.observed = rules.observe(names.iter().map(|(name, id)| (name.as_str(), *id)));
        sight
    }

    /// What must be fetched before it can be read.
    pub(super) fn fetch(&self, sight: &Sight) -> Fetch {
        let mut fetch = Fetch { tags: sight.tags.clone(), blobless: self.inner.blobless, ..Fetch::default() };
        if let Some(tip) = &sight.tip {
            let name = match &self.inner.wanted {
                Wanted::Branch(branch) => branch.as_str(),
                Wanted::DefaultBranch | Wanted::Tags => "HEAD",
            };
            fetch.branches.insert(name.to_owned(), tip.clone());
        }
        fetch
    }
}
