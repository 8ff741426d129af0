//! The best few of very many names, in one pass, with the others at hand should some of the best fall out.

use std::collections::BTreeSet;

use super::tag_order::{Glance, Ranked, TagRule};
use crate::model::Tag;

/// Takes names in any order and hands them out best first.
///
/// Only as many names as are expected to be needed are kept in order. What ranks below them is put aside unread; it is read
/// when those are used up, and then twice as many are kept, so that however many fall out the work stays near-linear.
#[derive(Clone, Debug)]
pub(super) struct Best {
    rule: TagRule,
    keep: usize,
    top: BTreeSet<Ranked>,
    rest: Vec<Tag>,
    /// The last one handed out; what does not rank below it was handed out, too.
    last: Option<Ranked>,
}

impl Best {
    pub(super) fn new(rule: TagRule, keep: usize) -> Self {
        Self { rule, keep: keep.max(1), top: BTreeSet::new(), rest: Vec::new(), last: None }
    }

    /// Takes one page of names. Repeated names count once.
    ///
    /// A page is read from its end: lists usually ascend, so what comes last settles the most others at a glance.
    pub(super) fn offer(&mut self, page: impl IntoIterator<Item = Tag, IntoIter: DoubleEndedIterator>) {
        for tag in page.into_iter().rev() {
            self.take(tag);
        }
    }

    /// The best name that was not handed out yet. After the first, no further names may be offered.
    pub(super) fn pop(&mut self) -> Option<Ranked> {
        if self.top.is_empty() && !self.rest.is_empty() {
            self.keep = self.keep.saturating_mul(2);
            for tag in std::mem::take(&mut self.rest) {
                self.take(tag);
            }
        }
        let best = self.top.pop_last()?;
        self.last = Some(best.clone());
        Some(best)
    }

    /// Whether there is surely none left.
    pub(super) fn is_empty(&self) -> bool {
        self.top.is_empty() && self.rest.is_empty()
    }

    fn take(&mut self, tag: Tag) {
        let worst = self.top.first().filter(|_| self.top.len() >= self.keep);
        match self.rule.glance(&tag, worst) {
            Glance::Out => {}
            Glance::Below => self.rest.push(tag),
            Glance::Unclear => {
                let Some(ranked) = self.rule.rank(tag) else { return };
                if self.last.as_ref().is_some_and(|last| &ranked >= last) {
                    return;
                }
                if worst.is_some_and(|worst| &ranked < worst) {
                    self.rest.push(ranked.tag);
                    return;
                }
                self.top.insert(ranked);
                if self.top.len() > self.keep
                    && let Some(displaced) = self.top.pop_first()
                {
                    self.rest.push(displaced.tag);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::ImageSubscription,
        select::{
            tag_filter::TagFilter,
            tag_order::{TagOrder, VersionRule},
        },
    };
    use proptest::prelude::*;

    fn rule(version: bool, ignore: Option<&str>, constraint: Option<&str>) -> TagRule {
        let filter = TagFilter::of_image(&ImageSubscription {
            ignore_tags_regexes: ignore.map(str::to_owned).into_iter().collect(),
            ..ImageSubscription::default()
        });
        let order = match version {
            true => TagOrder::Version(VersionRule::new("constraint", constraint, Some(false)).unwrap()),
            false => TagOrder::Text,
        };
        TagRule { filter: filter.unwrap(), order }
    }

    /// Everything that passes, sorted.
    fn oracle(rule: &TagRule, tags: &[String]) -> Vec<Tag> {
        let mut all: Vec<_> = tags.iter().filter_map(|tag| rule.rank(tag.into())).collect();
        all.sort_by(|left, right| right.cmp(left));
        all.dedup();
        all.into_iter().map(|ranked| ranked.tag).collect()
    }

    proptest! {
        #[test]
        fn discovery_2_3_the_best_in_order_are_those_of_a_full_sort(
            tags in proptest::collection::vec("v?[0-3](\\.[0-3]){0,2}(-[ab])?(\\+c)?|[a-c]{1,2}", 0..60),
            keep in 1_usize..8,
            page in 1_usize..20,
            version in any::<bool>(),
            ignore in proptest::option::of("[0-3a-c]"),
            constraint in proptest::option::of("[\\^~<>]?[0-3](\\.[0-3])?(-0)?"),
        ) {
            let rule = rule(version, ignore.as_deref(), constraint.as_deref());
            let mut best = Best::new(rule.clone(), keep);
            for page in tags.chunks(page) {
                best.offer(page.iter().map(Tag::from).collect::<Vec<_>>());
            }
            let found: Vec<_> = std::iter::from_fn(|| best.pop()).map(|ranked| ranked.tag).collect();
            prop_assert_eq!(found, oracle(&rule, &tags));
        }
    }
}
