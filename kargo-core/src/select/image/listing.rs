//! The first half of a selection: the pages of the tag list, one pass.

use std::collections::BTreeSet;

use super::{
    ImageRules, ImageSelection,
    rules::Choice,
    selection::{Candidates, Order},
};
use crate::{model::Tag, select::best::Best};

/// Takes the names of tags, in any order, and keeps those that may win.
#[derive(Clone, Debug)]
pub struct ImageListing {
    rules: ImageRules,
    names: Names,
}

#[derive(Clone, Debug)]
enum Names {
    Best(Best),
    All(BTreeSet<Tag>),
}

impl ImageListing {
    pub(super) fn new(rules: ImageRules) -> Self {
        let names = match &rules.choice {
            Choice::Names(rule) => Names::Best(Best::new(rule.clone(), rules.limit)),
            Choice::Dates(_) => Names::All(BTreeSet::new()),
            Choice::Tag(tag) => Names::All([tag.clone()].into()),
        };
        Self { rules, names }
    }

    /// Takes one page of the list. Pages and names may come in any order, and more than once.
    pub fn offer(&mut self, page: impl IntoIterator<Item = Tag, IntoIter: DoubleEndedIterator>) {
        match &mut self.names {
            Names::Best(best) => best.offer(page),
            Names::All(all) => {
                if let Choice::Dates(rule) = &self.rules.choice {
                    all.extend(page.into_iter().filter(|tag| rule.allows(tag)));
                }
            }
        }
    }

    /// The list is complete: what remains is to look at images.
    #[must_use]
    pub fn listed(self) -> ImageSelection {
        let (candidates, order) = match self.names {
            Names::Best(best) => (Candidates::Best(best), Order::Name),
            Names::All(all) => (Candidates::All(all.into_iter().collect()), Order::Date),
        };
        ImageSelection::new(self.rules, candidates, order)
    }
}
