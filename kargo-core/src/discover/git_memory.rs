//! What a look at a git subscription found, kept for the next (discovery 3.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{GitTarget, memory::remember};
use crate::{
    model::{Digest, DiscoveredCommit, Tag},
    port::{Account, ArtifactCache, CacheKey},
    select::git::{CommitSkipReason, GitOutcome, SkippedCommit},
};

/// What a look found, and at which refs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct GitMemory {
    /// What mattered of the refs; see `Sight`.
    pub(super) seen: String,
    commits: Vec<DiscoveredCommit>,
    skipped: Vec<Skipped>,
    more_skipped: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Skipped {
    id: Option<String>,
    tag: Option<Tag>,
    text: String,
}

impl GitMemory {
    /// `None` where another look may find more: paths could not be read.
    pub(super) fn of(seen: &str, outcome: &GitOutcome) -> Option<Self> {
        if outcome.skipped.iter().any(|skipped| skipped.reason == CommitSkipReason::NoPaths) {
            return None;
        }
        let skipped = outcome.skipped.iter().map(|skipped| Skipped {
            id: skipped.id.clone(),
            tag: skipped.tag.clone(),
            text: skipped.reason.to_string(),
        });
        Some(Self {
            seen: seen.to_owned(),
            commits: outcome.commits.clone(),
            skipped: skipped.collect(),
            more_skipped: outcome.more_skipped,
        })
    }

    /// What the look found.
    pub(super) fn outcome(&self) -> GitOutcome {
        let skipped = self.skipped.iter().map(|skipped| SkippedCommit {
            id: skipped.id.clone(),
            tag: skipped.tag.clone(),
            reason: CommitSkipReason::Earlier { text: skipped.text.clone() },
        });
        GitOutcome { commits: self.commits.clone(), skipped: skipped.collect(), more_skipped: self.more_skipped }
    }

    /// What newer commits came to, with what was found below them.
    pub(super) fn below(&self, mut newer: GitOutcome, limit: usize) -> GitOutcome {
        let older = self.outcome();
        let room = limit.saturating_sub(newer.commits.len());
        newer.commits.extend(older.commits.into_iter().take(room));
        newer.skipped.extend(older.skipped);
        let all = newer.skipped.len().saturating_add(newer.more_skipped).saturating_add(older.more_skipped);
        newer.skipped.truncate(GitOutcome::MAX_SKIPPED);
        newer.more_skipped = all.saturating_sub(newer.skipped.len());
        newer
    }

    pub(super) async fn keep(self, cache: &dyn ArtifactCache, account: &Account, target: &GitTarget) {
        remember(cache, key(account, target), &self).await;
    }
}

/// What is remembered of each target, asked for at once.
pub(super) async fn recall_all(
    cache: &dyn ArtifactCache,
    account: &Account,
    targets: &[GitTarget],
) -> BTreeMap<Digest, GitMemory> {
    let keys: Vec<_> = targets.iter().map(|target| key(account, target)).collect();
    // A cache that is broken costs a fetch, never a result.
    let found = cache.get(&keys).await.unwrap_or_default();
    let read = |(target, bytes): (&GitTarget, Option<Vec<u8>>)| {
        Some((target.id().clone(), serde_json::from_slice(&bytes?).ok()?))
    };
    targets.iter().zip(found).filter_map(read).collect()
}

fn key(account: &Account, target: &GitTarget) -> CacheKey {
    CacheKey::of("git-look", account, target.id())
}
