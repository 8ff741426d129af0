//! The commits of the best tags (discovery 3.4).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{CommitSkipReason, GitOutcome, GitRules, TagFacts, branch::passes, facts::Facts, rules::Choice};
use crate::{
    model::{DiscoveredCommit, Tag, Timestamp},
    select::{best::Best, tag_order::TagRule},
};

/// The most tags that are asked for at once, where not all are needed.
const MAX_BATCH: usize = 1000;

/// Takes the names of tags, in any order, and keeps those that may win.
#[derive(Clone, Debug)]
pub struct TagListing {
    rules: GitRules,
    now: Timestamp,
    names: Names,
}

#[derive(Clone, Debug)]
enum Names {
    Best(Box<Best>),
    All(TagRule, BTreeSet<Tag>),
}

impl TagListing {
    pub(super) fn new(rules: GitRules, rule: TagRule, now: Timestamp) -> Self {
        let names = match rules.choice {
            Choice::Dates(_) => Names::All(rule, BTreeSet::new()),
            Choice::Names(_) | Choice::Branch { .. } => Names::Best(Box::new(Best::new(rule, rules.limit))),
        };
        Self { rules, now, names }
    }

    /// Takes names, without `refs/tags/`. They may come in any order, and more than once.
    pub fn offer(&mut self, page: impl IntoIterator<Item = Tag, IntoIter: DoubleEndedIterator>) {
        match &mut self.names {
            Names::Best(best) => best.offer(page),
            Names::All(rule, all) => all.extend(page.into_iter().filter(|tag| rule.allows(tag))),
        }
    }

    /// The list is complete: what remains is to look at commits.
    #[must_use]
    pub fn listed(self) -> TagSelection {
        let mut selection = TagSelection {
            batch: self.rules.limit,
            rules: self.rules,
            now: self.now,
            ask: None,
            source: TagSource::Newest(VecDeque::new()),
            page: Vec::new(),
            outcome: GitOutcome::default(),
        };
        match self.names {
            Names::Best(best) => {
                selection.source = TagSource::Best(best);
                selection.advance();
            }
            Names::All(_, all) if all.is_empty() => {}
            Names::All(_, all) => selection.ask = Some(TagAsk::Facts(all.into_iter().collect())),
        }
        selection
    }
}

/// A question about tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagAsk {
    /// What these tags point at. Answered by [`TagSelection::facts`].
    Facts(Vec<Tag>),
    /// The paths that these commits changed against their first parents. Answered by [`TagSelection::paths`].
    Paths(Vec<String>),
}

/// Looks at tags, best first, until enough commits passed every filter, or none is left.
///
/// `NewestTag` must know all tags that are allowed; the other strategies only as many as may win.
#[derive(Clone, Debug)]
pub struct TagSelection {
    rules: GitRules,
    now: Timestamp,
    ask: Option<TagAsk>,
    source: TagSource,
    batch: usize,
    /// The tags whose paths are asked for, and what the expression says of each.
    page: Vec<(TagFacts, Result<bool, CommitSkipReason>)>,
    outcome: GitOutcome,
}

/// Where further tags come from.
#[derive(Clone, Debug)]
enum TagSource {
    Best(Box<Best>),
    Newest(VecDeque<TagFacts>),
}

impl TagSelection {
    /// What to find out next; `None` if the selection is complete.
    #[must_use]
    pub fn ask(&self) -> Option<&TagAsk> {
        self.ask.as_ref()
    }

    /// What the tags asked for point at, in any order. One that is absent is passed over and reported.
    pub fn facts(&mut self, facts: impl IntoIterator<Item = TagFacts>) {
        let Some(TagAsk::Facts(asked)) = self.ask.take_if(|ask| matches!(ask, TagAsk::Facts(_))) else { return };
        let mut known: BTreeMap<Tag, TagFacts> = facts.into_iter().map(|facts| (facts.tag.clone(), facts)).collect();
        let mut found = VecDeque::with_capacity(asked.len());
        for tag in asked {
            match known.remove(&tag) {
                Some(facts) => found.push_back(facts),
                None => self.outcome.skip(None, Some(&tag), CommitSkipReason::Unknown),
            }
        }
        if let TagSource::Newest(all) = &mut self.source {
            found.make_contiguous().sort_by(|left, right| {
                right.created.cmp(&left.created).then_with(|| left.tag.as_bytes().cmp(right.tag.as_bytes()))
            });
            *all = found;
        } else {
            self.look_at(found);
        }
        self.advance();
    }

    /// The paths that the commits asked for changed, by id. One that is absent is passed over and reported.
    pub fn paths(&mut self, paths: &BTreeMap<String, Vec<String>>) {
        if self.ask.take_if(|ask| matches!(ask, TagAsk::Paths(_))).is_none() {
            return;
        }
        for (facts, _) in &mut self.page {
            if let Some(paths) = paths.get(&facts.id) {
                facts.paths = Some(paths.clone());
            }
        }
        self.judge();
        self.advance();
    }

    /// The commits so far, best first: none can come between or before them any more.
    #[must_use]
    pub fn settled(&self) -> &[DiscoveredCommit] {
        &self.outcome.commits
    }

    /// The commits, best first, and what could not be judged.
    #[must_use]
    pub fn finish(self) -> GitOutcome {
        self.outcome
    }

    /// Takes the next tags. Each time twice as many, so that a filter which few pass is not asked about them one by one.
    fn advance(&mut self) {
        while self.ask.is_none() && self.outcome.commits.len() < self.rules.limit {
            let batch = self.batch;
            self.batch = batch.saturating_mul(2).min(MAX_BATCH.max(batch));
            match &mut self.source {
                TagSource::Best(best) => {
                    let tags: Vec<_> = std::iter::from_fn(|| best.pop()).take(batch).map(|ranked| ranked.tag).collect();
                    if !tags.is_empty() {
                        self.ask = Some(TagAsk::Facts(tags));
                    }
                    return;
                }
                TagSource::Newest(all) if all.is_empty() => return,
                TagSource::Newest(all) => {
                    let next: VecDeque<_> = all.drain(..batch.min(all.len())).collect();
                    self.look_at(next);
                }
            }
        }
    }

    /// Runs the expression over these tags, and asks for paths if they are needed; else judges them.
    fn look_at(&mut self, page: VecDeque<TagFacts>) {
        let judged = page.into_iter().map(|facts| {
            let allowed = self.rules.expression.as_ref().map_or(Ok(true), |filter| filter.allows(&facts, self.now));
            (facts, allowed)
        });
        self.page = judged.collect();
        if !self.rules.paths.is_empty() {
            let unknown = self.page.iter().filter(|(facts, allowed)| *allowed == Ok(true) && facts.paths.is_none());
            let unknown: BTreeSet<String> = unknown.map(|(facts, _)| facts.id.clone()).collect();
            if !unknown.is_empty() {
                self.ask = Some(TagAsk::Paths(unknown.into_iter().collect()));
                return;
            }
        }
        self.judge();
    }

    /// Takes what passes, in order.
    fn judge(&mut self) {
        for (facts, allowed) in std::mem::take(&mut self.page) {
            if self.outcome.commits.len() >= self.rules.limit {
                break;
            }
            match allowed.and_then(|allowed| Ok(allowed && passes(&self.rules, &facts)?)) {
                Ok(true) => self.outcome.commits.push(facts.record(None)),
                Ok(false) => {}
                Err(reason) => self.outcome.skip(Some(&facts.id), Some(&facts.tag), reason),
            }
        }
    }
}

#[cfg(test)]
mod tests;
