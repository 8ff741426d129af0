//! The commits that one git subscription selects (discovery 3).

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    sync::Arc,
};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{
    GitTarget, Look,
    git_memory::GitMemory,
    git_round::{BEGINNINGS, Known, Talk},
    git_target::Sight,
};
use crate::{
    model::{DiscoveredCommit, ObservedRefs, Tag},
    port::{Commit, CommitQuery, ObjectId, Page, PortClass, PortError, TagInfo},
    select::git::{BranchAsk, BranchSelection, CommitFacts, GitOutcome, GitSelection, TagAsk, TagFacts, TagListing},
};

/// What a look found for one git subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GitLook {
    /// The commits, best first, and what could not be judged.
    pub outcome: GitOutcome,
    /// What the refs were, as it is recorded: absent for more than a thousand tags (discovery 3.3).
    pub observed: Option<ObservedRefs>,
    /// Whether nothing moved since the last look, so that this is its result.
    pub unchanged: bool,
    /// Tags whose names would pass but are none that git could have. They are not fetched.
    pub refused: Vec<Tag>,
}

/// Why a result could not be read out of the copy.
enum Stop {
    /// What was fetched is not there any more: the copy was made anew.
    Lost(PortError),
    Port(PortError),
}

impl From<PortError> for Stop {
    fn from(error: PortError) -> Self {
        if error.class() == PortClass::NotFound { Self::Lost(error) } else { Self::Port(error) }
    }
}

impl Look {
    /// The commits that a subscription selects. `found` is told each as soon as nothing can come before it any more, best first.
    ///
    /// All who were [expected](Self::expect_git) before the first of them asks share one listing of refs and at most one
    /// fetch of their repository; if nothing moved since the last look, there is no fetch, and its result is the answer. One
    /// that comes later shares what it can, and else has a conversation of its own. Where what was listed is gone when it is
    /// fetched or read, the conversation begins again, three times in all.
    ///
    /// After a push to a branch only the commits since the last look are judged, unless an expression might now say something
    /// else of the others.
    ///
    /// # Errors
    ///
    /// Of the conversation, or of reading what it brought. `NotFound`: no such repository, or no such branch.
    pub async fn git(
        &self,
        target: &GitTarget,
        mut found: impl FnMut(&DiscoveredCommit) + Send,
    ) -> Result<GitLook, PortError> {
        self.expect_git(target);
        let (mut number, mut losses) = (0, 0);
        let mut told = Told { settled: 0, found: &mut found };
        loop {
            let talk = self.talk(target, number).await?;
            number += 1;
            let Some(known) = talk.known(&self.shared, target).await else { continue };
            self.is_served(target);
            match self.commits(target, &talk, known, &mut told).await {
                Ok(look) => return Ok(look),
                Err(Stop::Lost(error)) => {
                    losses += 1;
                    if losses >= BEGINNINGS {
                        return Err(error);
                    }
                }
                Err(Stop::Port(error)) => return Err(error),
            }
        }
    }

    async fn commits(
        &self,
        target: &GitTarget,
        talk: &Arc<Talk>,
        known: Known,
        told: &mut Told<'_>,
    ) -> Result<GitLook, Stop> {
        let unchanged = known.unchanged().map(GitMemory::outcome);
        // That the branch is not there is no loss: nothing was fetched for it.
        let sight = known.sight.map_err(Stop::Port)?;
        let look = |outcome, unchanged| GitLook {
            outcome,
            observed: sight.observed.clone(),
            unchanged,
            refused: sight.refused.clone(),
        };
        if let Some(outcome) = unchanged {
            told.tell(&outcome.commits);
            return Ok(look(outcome, true));
        }
        let reader = Reader { look: self, target, talk };
        let outcome = match target.rules().selection(self.shared.began) {
            GitSelection::Branch(selection) => {
                let memory = known.memory.filter(|_| target.timeless());
                reader.branch(selection, &sight, memory.as_ref(), told).await?
            }
            GitSelection::Tags(listing) => reader.tags(listing, &sight, told).await?,
        };
        if let Some(memory) = GitMemory::of(&sight.seen, &outcome) {
            memory.keep(&*self.shared.cache, &talk.account, target).await;
        }
        Ok(look(outcome, false))
    }
}

/// Whom to tell, and how many it was told of.
struct Told<'a> {
    settled: usize,
    found: &'a mut (dyn FnMut(&DiscoveredCommit) + Send),
}

impl Told<'_> {
    fn tell(&mut self, commits: &[DiscoveredCommit]) {
        for commit in commits.iter().skip(self.settled) {
            (self.found)(commit);
        }
        self.settled = self.settled.max(commits.len());
    }
}

/// Reads the copy for one target.
struct Reader<'a> {
    look: &'a Look,
    target: &'a GitTarget,
    talk: &'a Arc<Talk>,
}

impl Reader<'_> {
    async fn branch(
        &self,
        mut selection: BranchSelection,
        sight: &Sight,
        memory: Option<&GitMemory>,
        told: &mut Told<'_>,
    ) -> Result<GitOutcome, Stop> {
        let tip = sight.tip.clone().ok_or_else(|| Stop::Port(PortError::bug("a branch without its end")))?;
        let mut line = Line { tip, next: Some(Page::first()), cursors: BTreeSet::new(), joined: false };
        while let Some(ask) = selection.ask().cloned() {
            match ask {
                BranchAsk::Commits { count, .. } => {
                    let page = self.line(&mut line, count, memory.map(|memory| memory.seen.as_str())).await?;
                    selection.commits(page);
                }
                BranchAsk::Paths(ids) => selection.paths(self.paths(&ids).await?),
            }
            told.tell(selection.settled());
        }
        let newer = selection.finish();
        let outcome = match memory.filter(|_| line.joined) {
            Some(memory) => memory.below(newer, self.target.rules().limit()),
            None => newer,
        };
        told.tell(&outcome.commits);
        Ok(outcome)
    }

    /// The next commits of the first-parent line: so many, or fewer where it ends or comes to a commit that was seen before.
    async fn line(&self, line: &mut Line, count: usize, seen: Option<&str>) -> Result<Vec<CommitFacts>, Stop> {
        let rules = self.target.rules();
        let mut facts = Vec::new();
        while facts.len() < count {
            let Some(page) = line.next.take() else { break };
            let left = u32::try_from(count - facts.len()).unwrap_or(u32::MAX);
            let query = CommitQuery::from_tip(line.tip.clone(), NonZeroU32::new(left).unwrap_or(NonZeroU32::MIN))
                .page(page)
                .since(rules.since())
                .paths(!rules.paths().is_empty());
            let page = self.talk.page(&self.look.shared, &query).await?;
            for commit in &page.commits {
                if seen == Some(commit.id.as_str()) {
                    line.joined = true;
                    return Ok(facts);
                }
                facts.push(commit_facts(commit));
            }
            if let Some(next) = &page.next {
                if !line.cursors.insert(next.clone()) {
                    let error = PortError::rejected("the pages of the history go in a circle");
                    return Err(Stop::Port(error.at(self.talk.repo.host()).asking(&format!("log {}", self.talk.repo))));
                }
                line.next = Some(Page::at(next.as_str()));
            }
        }
        Ok(facts)
    }

    async fn tags(&self, mut listing: TagListing, sight: &Sight, told: &mut Told<'_>) -> Result<GitOutcome, Stop> {
        let paths = !self.target.rules().paths().is_empty();
        listing.offer(sight.tags.keys().cloned().collect::<Vec<_>>());
        let mut selection = listing.listed();
        while let Some(ask) = selection.ask().cloned() {
            match ask {
                TagAsk::Facts(names) => {
                    let (shared, talk) = (&self.look.shared, self.talk);
                    let ask = || shared.git.tags(&talk.repo, &names, paths);
                    let infos = shared.budgets.call(&talk.account, ask).await?.into_value()?;
                    selection.facts(infos.into_iter().map(tag_facts));
                }
                TagAsk::Paths(ids) => selection.paths(&self.paths(&ids).await?),
            }
            told.tell(selection.settled());
        }
        Ok(selection.finish())
    }

    /// The paths that commits changed, where the copy has them.
    async fn paths(&self, ids: &[String]) -> Result<BTreeMap<String, Vec<String>>, Stop> {
        let shared = &self.look.shared;
        let one = |id: ObjectId| async move {
            let ask = || shared.git.commit(&self.talk.repo, &id, true);
            match shared.budgets.call(&self.talk.account, ask).await {
                Ok(reply) => Ok(reply.into_value()?.paths.map(|paths| (id.to_string(), paths))),
                Err(error) if matches!(error.class(), PortClass::NotFound | PortClass::Rejected) => Ok(None),
                Err(error) => Err(error),
            }
        };
        // What is no id has no paths either, and is passed over by whoever asks.
        let ids: Vec<_> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let answers = stream::iter(ids.into_iter().map(one)).buffered(shared.limits.concurrent_per_look.max(1));
        let known: Vec<_> = answers.try_collect().await.map_err(Stop::Port)?;
        Ok(known.into_iter().flatten().collect())
    }
}

/// How far a walk along a first-parent line has come.
struct Line {
    tip: ObjectId,
    next: Option<Page>,
    cursors: BTreeSet<String>,
    /// It came to the commit at which the last look began.
    joined: bool,
}

fn commit_facts(commit: &Commit) -> CommitFacts {
    CommitFacts {
        id: commit.id.to_string(),
        committed: commit.committed,
        author: commit.author.clone(),
        committer: commit.committer.clone(),
        subject: commit.subject.clone(),
        paths: commit.paths.clone(),
    }
}

fn tag_facts(info: TagInfo) -> TagFacts {
    let (tagger, annotation) = info.annotation.map(|said| (said.tagger, said.subject)).unwrap_or_default();
    TagFacts {
        tag: info.name,
        id: info.commit.id.to_string(),
        created: info.created,
        author: info.commit.author,
        committer: info.commit.committer,
        subject: info.commit.subject,
        tagger,
        annotation,
        paths: info.commit.paths,
    }
}
