//! Indexes over freight: by origin and age, by the Stages that verified it or hold it, by those it is approved for.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::visit::Visits;
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

/// Freight in the orders in which rules look for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    by_origin: BTreeMap<Origin, BTreeSet<Age>>,
    marked: BTreeMap<(Mark, StageName, Origin), BTreeSet<Age>>,
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
}

impl Orders {
    pub(super) fn insert(&mut self, freight: &Freight, visits: &Visits) {
        let age = Age::of(freight);
        for key in marks(freight, visits) {
            self.marked.entry(key).or_default().insert(age.clone());
        }
        self.by_origin.entry(freight.origin.clone()).or_default().insert(age);
    }

    pub(super) fn remove(&mut self, freight: &Freight, visits: &Visits) {
        let age = Age::of(freight);
        for key in marks(freight, visits) {
            take(&mut self.marked, &key, &age);
        }
        take(&mut self.by_origin, &freight.origin, &age);
    }

    /// The freight of an origin, newest first, from what is older than `below` on.
    pub(super) fn of_origin<'o>(
        &'o self,
        origin: &Origin,
        below: Option<&Age>,
    ) -> impl Iterator<Item = &'o Age> + use<'o> {
        newest_first(self.by_origin.get(origin), below)
    }

    /// All freight that has any mark of a Stage, by name.
    pub(super) fn seen_by(&self, stage: &StageName) -> Vec<FreightName> {
        let mut names = BTreeSet::new();
        for mark in [Mark::Verified, Mark::Approved, Mark::Current] {
            let first = (mark, stage.clone(), Origin::default());
            let of_stage = self.marked.range(first..).take_while(|((of, name, _), _)| *of == mark && name == stage);
            names.extend(of_stage.flat_map(|(_, ages)| ages.iter().map(|age| age.name.clone())));
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
    ) -> impl Iterator<Item = &'o Age> + use<'o> {
        newest_first(self.marked.get(&(mark, stage.clone(), origin.clone())), below)
    }
}

fn newest_first<'o>(set: Option<&'o BTreeSet<Age>>, below: Option<&Age>) -> impl Iterator<Item = &'o Age> + use<'o> {
    let end = below.map_or(Bound::Unbounded, |below| Bound::Excluded(below.clone()));
    set.into_iter().flat_map(move |set| set.range((Bound::Unbounded, end.clone())).rev())
}

fn take<K: Ord>(sets: &mut BTreeMap<K, BTreeSet<Age>>, key: &K, age: &Age) {
    if let Some(set) = sets.get_mut(key) {
        set.remove(age);
        if set.is_empty() {
            sets.remove(key);
        }
    }
}

/// The marks of freight, each with its Stage and origin.
fn marks(freight: &Freight, visits: &Visits) -> Vec<(Mark, StageName, Origin)> {
    let mut found = Vec::new();
    for (stage, visit) in visits.iter() {
        let has = [
            (Mark::Verified, visit.verified().is_some()),
            (Mark::Approved, visit.approved.is_some()),
            (Mark::Current, visit.current.is_some()),
        ];
        for (mark, _) in has.into_iter().filter(|(_, has)| *has) {
            found.push((mark, stage.clone(), freight.origin.clone()));
        }
    }
    found
}
