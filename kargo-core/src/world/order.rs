//! Indexes over freight: by origin and age, by the Stages that verified it or hold it, by those it is approved for.

use std::{collections::BTreeSet, fmt};

use super::{
    keyed::{Ask, KeyedMap},
    shared::{Index, Set},
    visit::Visits,
};
use crate::{
    freight::order::discovery_time,
    model::{Freight, FreightName, Origin, StageName, Timestamp},
};

/// What freight of one origin is ordered by, oldest first: when it was found, then its name (resources 18.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    /// When it was discovered, or made; freight without any time is the oldest.
    pub at: Option<Timestamp>,
    /// The name.
    pub name: FreightName,
}

impl Age {
    /// How freight ranks among the freight of its origin.
    #[must_use]
    pub fn of(freight: &Freight) -> Self {
        Self { at: discovery_time(freight), name: freight.metadata.name.as_str().into() }
    }
}

/// What freight is found by, beside its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The Stage verified it, and that was not withdrawn.
    Verified,
    /// It is approved for the Stage.
    Approved,
    /// It is in the Stage.
    Current,
    /// It is in any Stage; the Stage that stands beside this mark has no name.
    Held,
}

/// Which freight: of an origin all, or only that with a mark of a Stage.
type List = (Option<(Mark, StageName)>, Origin);

/// Freight in the orders in which rules look for it.
#[derive(Clone, Default)]
pub(super) struct Orders {
    /// Lists that are not empty, by number: numbers are smaller than what they stand for, and there is one in each entry.
    lists: KeyedMap<List, u32>,
    /// Numbers of lists that became empty, to be used again.
    free: Set<u32>,
    ages: Index<u32, Age>,
}

/// What is in the lists: their numbers follow from how they came about, and say nothing.
impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.lists.iter().map(|(list, number)| (list.key(), self.ages.of(number).collect::<Vec<_>>())))
            .finish()
    }
}

impl Orders {
    pub(super) fn insert(&mut self, age: &Age, origin: &Origin, visits: &Visits) {
        for mark in marks(visits) {
            self.put((Some(mark), origin.clone()), age);
        }
        self.put((None, origin.clone()), age);
    }

    pub(super) fn remove(&mut self, age: &Age, origin: &Origin, visits: &Visits) {
        for mark in marks(visits) {
            self.take(&(Some(mark), origin.clone()), age);
        }
        self.take(&(None, origin.clone()), age);
    }

    /// Freight has other marks than before.
    pub(super) fn change(&mut self, age: &Age, origin: &Origin, before: &[(Mark, StageName)], visits: &Visits) {
        let after = marks(visits);
        for mark in before.iter().filter(|mark| !after.contains(mark)) {
            self.take(&(Some(mark.clone()), origin.clone()), age);
        }
        for mark in after.into_iter().filter(|mark| !before.contains(mark)) {
            self.put((Some(mark), origin.clone()), age);
        }
    }

    /// The freight of an origin, newest first, from what is older than `below` on.
    pub(super) fn of_origin<'o>(
        &'o self,
        origin: &Origin,
        below: Option<&Age>,
    ) -> impl DoubleEndedIterator<Item = &'o Age> + use<'o> {
        self.newest_first(&(None, origin.clone()), below)
    }

    /// All freight that has any mark of a Stage, by name.
    pub(super) fn seen_by(&self, stage: &StageName) -> Vec<FreightName> {
        let mut names = BTreeSet::new();
        for mark in [Mark::Verified, Mark::Approved, Mark::Current] {
            let wanted = Some((mark, stage.clone()));
            let first = (wanted.clone(), Origin::default());
            let lists = self.lists.range(Ask::of(&first)..);
            for (_, list) in lists.take_while(|(list, _)| list.key().0 == wanted) {
                names.extend(self.ages.of(list).map(|age| age.name.clone()));
            }
        }
        names.into_iter().collect()
    }

    /// The freight of an origin with a mark of a Stage, newest first, from what is older than `below` on.
    pub(super) fn marked<'o>(
        &'o self,
        mark: Mark,
        stage: &StageName,
        origin: &Origin,
        below: Option<&Age>,
    ) -> impl DoubleEndedIterator<Item = &'o Age> + use<'o> {
        self.newest_first(&(Some((mark, stage.clone())), origin.clone()), below)
    }

    fn newest_first<'o>(
        &'o self,
        list: &List,
        below: Option<&Age>,
    ) -> impl DoubleEndedIterator<Item = &'o Age> + use<'o> {
        self.lists.get(&Ask::of(list)).map(|list| self.ages.below(list, below).rev()).into_iter().flatten()
    }

    fn put(&mut self, list: List, age: &Age) {
        let number = match self.lists.get(&Ask::of(&list)) {
            Some(number) => *number,
            None => {
                // Every number below is that of a list, or is free.
                let number = self.free.remove_min().unwrap_or(self.lists.len() as u32);
                self.lists.insert(list.into(), number);
                number
            }
        };
        self.ages.insert(number, age.clone());
    }

    fn take(&mut self, list: &List, age: &Age) {
        let Some(number) = self.lists.get(&Ask::of(list)).copied() else { return };
        self.ages.remove(&number, age);
        if self.ages.of(&number).next().is_none() {
            self.lists.remove(&Ask::of(list));
            self.free.insert(number);
        }
    }
}

/// The marks of freight, each with its Stage.
pub(super) fn marks(visits: &Visits) -> Vec<(Mark, StageName)> {
    let mut found = Vec::new();
    for (stage, visit) in visits.iter() {
        let has = [
            (Mark::Verified, visit.verified().is_some()),
            (Mark::Approved, visit.approved.is_some()),
            (Mark::Current, visit.current.is_some()),
        ];
        found.extend(has.into_iter().filter(|(_, has)| *has).map(|(mark, _)| (mark, stage.clone())));
    }
    if found.iter().any(|(mark, _)| *mark == Mark::Current) {
        found.push((Mark::Held, StageName::default()));
    }
    found
}
