//! Which work waits for other work in the same lane, across promotions (rules 4 and 19): what was opened first goes first.
//! A projection of the state.

use std::collections::{BTreeMap, BTreeSet};

use super::{Position, state::State};
use crate::{
    model::{Duration, PromotionName, Timestamp},
    promotion::{Scene, StepRecord, StepRun, StepState, lanes_of},
    report::{EffectId, Lane},
    world::{
        PromotionView,
        shared::{Index, Map},
    },
};

/// How long a way back waits for work that is being stopped, before it enters its lane all the same.
const CANCEL_GRACE: Duration = Duration::from_secs(30);

/// The place of work in the order of lanes.
pub(super) type Place = (Position, EffectId);

/// Work that needs lanes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) lanes: Vec<Lane>,
    /// Since when it is being stopped, if it is.
    pub(super) stopping: Option<Timestamp>,
}

/// Work that other work waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blocker {
    pub(super) effect: EffectId,
    /// Whose it is.
    pub(super) promotion: PromotionName,
    /// When it is not waited for any longer, if that is known.
    pub(super) until: Option<Timestamp>,
}

/// Lanes, and who is or wants to be in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes {
    /// Lanes that meet no other than themselves.
    narrow: Index<Lane, Place>,
    /// Lanes that may meet others: with wildcards, whole hosts and repositories.
    wide: Index<Lane, Place>,
    of: Map<PromotionName, Vec<Entry>>,
    owners: Map<Place, (PromotionName, Option<Timestamp>)>,
}

impl Lanes {
    /// The work of a promotion is this from now on. Says which promotions may have waited for what it has left.
    pub(super) fn put(&mut self, promotion: &PromotionName, entries: Vec<Entry>) -> BTreeSet<PromotionName> {
        let before = self.of.get(promotion).cloned().unwrap_or_default();
        if before == entries {
            return BTreeSet::new();
        }
        for entry in &before {
            self.owners.remove(&entry.place);
            for lane in &entry.lanes {
                self.table(lane).remove(lane, &entry.place);
            }
        }
        for entry in &entries {
            self.owners.insert(entry.place.clone(), (promotion.clone(), entry.stopping));
            for lane in &entry.lanes {
                self.table(lane).insert(lane.clone(), entry.place.clone());
            }
        }
        let left = before.iter().filter(|entry| entries.iter().all(|other| other.place != entry.place));
        let lanes: Vec<Lane> = left.flat_map(|entry| entry.lanes.iter().cloned()).collect();
        if entries.is_empty() {
            self.of.remove(promotion);
        } else {
            self.of.insert(promotion.clone(), entries);
        }
        let waited = lanes.iter().flat_map(|lane| self.in_conflict(lane));
        let owners = waited.filter_map(|place| self.owners.get(place)).map(|(owner, _)| owner.clone());
        owners.filter(|owner| owner != promotion).collect()
    }

    /// The work that this work of a promotion has to wait for, if any: opened before it, in a lane that meets one of its. What is
    /// being stopped is not waited for longer than the grace by a way back.
    pub(super) fn blocker(
        &self,
        promotion: &PromotionName,
        place: &Place,
        lanes: &[Lane],
        is_rollback: bool,
        now: Timestamp,
    ) -> Option<Blocker> {
        let before = lanes.iter().flat_map(|lane| self.in_conflict(lane)).filter(|other| *other < place);
        let mut found: BTreeMap<&Place, (&PromotionName, Option<Timestamp>)> = BTreeMap::new();
        for other in before {
            let Some((owner, stopping)) = self.owners.get(other) else { continue };
            // What steps of the same promotion wait for is its own affair.
            if owner == promotion {
                continue;
            }
            let until = stopping.filter(|_| is_rollback).and_then(|at| at.checked_add_signed(CANCEL_GRACE.to_delta()));
            if until.is_none_or(|until| now < until) {
                found.insert(other, (owner, until));
            }
        }
        let ((_, effect), (promotion, _)) = found.first_key_value()?;
        // It is free when all of them are over; where each has an end, that is the last of them.
        let ends = found.values().map(|(_, until)| *until).collect::<Option<Vec<_>>>();
        let until = ends.and_then(|ends| ends.into_iter().max());
        Some(Blocker { effect: effect.clone(), promotion: PromotionName::clone(promotion), until })
    }

    /// The work that is being stopped, in the order in which it was opened.
    pub(super) fn stopping(&self) -> impl Iterator<Item = &EffectId> {
        self.owners.iter().filter(|(_, (_, stopping))| stopping.is_some()).map(|((_, effect), _)| effect)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// All that is in lanes that meet this one.
    fn in_conflict<'l>(&'l self, lane: &'l Lane) -> impl Iterator<Item = &'l Place> {
        let of_all = |table: &'l Index<Lane, Place>| {
            table.iter().filter(|(other, _)| other.conflicts_with(lane)).map(|(_, place)| place)
        };
        let narrow: Box<dyn Iterator<Item = &'l Place> + 'l> =
            if is_wide(lane) { Box::new(of_all(&self.narrow)) } else { Box::new(self.narrow.of(lane)) };
        narrow.chain(of_all(&self.wide))
    }

    fn table(&mut self, lane: &Lane) -> &mut Index<Lane, Place> {
        if is_wide(lane) { &mut self.wide } else { &mut self.narrow }
    }
}

impl State {
    /// The work of a promotion that needs lanes.
    pub(super) fn in_lanes(&self, name: &PromotionName) -> Vec<Entry> {
        let scene = || self.world.promotion(name).ok().and_then(|view| Scene::new(view, "").ok());
        let Some((run, scene)) = self.runs.get(name).and_then(|run| Some((run, scene()?))) else { return Vec::new() };
        let stopped_at = run.finished_at();
        let entry = |(step, effect, lanes): (usize, EffectId, Vec<Lane>)| {
            let opened = self.opened.get(&(name.clone(), step)).copied().unwrap_or_default();
            let state = run.steps().get(step).map(StepRecord::state);
            let stopping = stopped_at.filter(|_| state == Some(&StepState::Stopping));
            Entry { place: (opened, effect), lanes, stopping }
        };
        lanes_of(run, &scene).into_iter().map(entry).collect()
    }

    /// The work that an attempt has to wait for, if any.
    pub(super) fn lane_taken(
        &self,
        lanes: &Lanes,
        name: &PromotionName,
        run: &StepRun,
        now: Timestamp,
    ) -> Option<Blocker> {
        let opened = self.opened.get(&(name.clone(), run.step)).copied().unwrap_or_default();
        let is_rollback = self.world.promotion(name).is_ok_and(PromotionView::is_rollback);
        lanes.blocker(name, &(opened, run.effect.clone()), &run.lanes, is_rollback, now)
    }
}

/// Whether a lane may meet others than itself.
fn is_wide(lane: &Lane) -> bool {
    let text = lane.as_str();
    text.contains('*') || text.starts_with("host/") || text.starts_with("repository/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(position: u64, lane: &str) -> Entry {
        let place = (Position::new(position), EffectId::of(&[lane, &position.to_string()]));
        Entry { place, lanes: vec![Lane::new(lane)], stopping: None }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(seconds * 1_000).unwrap()
    }

    fn waits(lanes: &Lanes, promotion: &str, entry: &Entry, is_rollback: bool, now: i64) -> Option<Option<Timestamp>> {
        lanes.blocker(&promotion.into(), &entry.place, &entry.lanes, is_rollback, at(now)).map(|found| found.until)
    }

    #[test]
    fn rules_4_what_was_opened_first_goes_first_in_lanes_that_meet() {
        let main = "branch/https://github.com/acme/env main";
        for (first, second, meets) in [
            (main, main, true),
            (main, "repository/https://github.com/acme/env", true),
            ("host/github.com", main, true),
            (main, "branch/https://github.com/acme/env uat", false),
            (main, "*", true),
        ] {
            let mut lanes = Lanes::default();
            let (a, b) = (entry(3, first), entry(5, second));
            assert!(lanes.put(&"b".into(), vec![b.clone()]).is_empty());
            assert!(lanes.put(&"a".into(), vec![a.clone()]).is_empty());
            assert_eq!(waits(&lanes, "a", &a, false, 0), None, "{first} {second}");
            assert_eq!(waits(&lanes, "b", &b, false, 0).is_some(), meets, "{first} {second}");
            let again = lanes.put(&"a".into(), Vec::new());
            assert_eq!(again.contains("b"), meets, "who waited is told");
            assert_eq!(waits(&lanes, "b", &b, false, 0), None);
        }
    }

    #[test]
    fn rules_4_a_way_back_waits_for_what_is_being_stopped_for_the_grace_alone() {
        let mut lanes = Lanes::default();
        let stopping = Entry { stopping: Some(at(100)), ..entry(3, "branch/x main") };
        let back = entry(5, "branch/x main");
        lanes.put(&"a".into(), vec![stopping]);
        lanes.put(&"b".into(), vec![back.clone()]);
        assert_eq!(waits(&lanes, "b", &back, true, 129), Some(Some(at(130))));
        assert_eq!(waits(&lanes, "b", &back, true, 130), None);
        assert_eq!(waits(&lanes, "b", &back, false, 1_000), Some(None), "others wait until it says how it ended");
    }

    #[test]
    fn rules_15_steps_of_one_promotion_do_not_wait_for_each_other_here() {
        let mut lanes = Lanes::default();
        let (a, b) = (entry(3, "branch/x main"), entry(5, "branch/x main"));
        lanes.put(&"p".into(), vec![a, b.clone()]);
        assert_eq!(waits(&lanes, "p", &b, false, 0), None);
    }
}
