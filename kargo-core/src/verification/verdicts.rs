//! What verification said of the collections of one place, and what freight that makes verified there (rules 6).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::machine::End;
use crate::{
    freight::collection::collection_id,
    model::{FreightName, Timestamp, VerdictPolicy},
};

/// The freight of a collection; clones share it.
pub type Members = Arc<[FreightName]>;

/// The verdicts of one place: of every collection the latest, and of every piece of freight what follows from them.
///
/// Freight is verified while at least one collection that holds it has Successful as its latest terminal verdict. Every
/// terminal phase but Aborted is a verdict (resources 14.2; [`counts`](super::counts)), so Failed, Error and Inconclusive each take the place of an earlier
/// success of the *same* collection, and withdraw what that collection alone had credited. They say nothing of any other
/// collection: a failing new combination withdraws nothing. With [`VerdictPolicy::Sticky`] freight that was verified once
/// stays so, as in Kargo.
///
/// A verdict costs what its collection holds, however many collections there were.
///
/// ```
/// use kargo_core::{model::VerdictPolicy::{Latest, Sticky}, verification::{End, LatestVerdict, Verdicts}};
///
/// let (cart, shop) = ("84d9a0d".into(), "778eda3".into());
/// let mut verdicts = Verdicts::default();
/// let said = |end| LatestVerdict { id: "0b7c".into(), end, at: Default::default() };
/// verdicts.record("both", &[cart, shop], said(End::Successful));
/// verdicts.record("one", &["84d9a0d".into()], said(End::Successful));
///
/// let again = verdicts.foresee("both", &[], End::Failed, Latest);
/// assert_eq!(again.withdrawn, ["778eda3"]);      // the other one stands on its own
/// verdicts.record("both", &[], said(End::Failed));
/// assert!(verdicts.is_verified("84d9a0d", Latest) && !verdicts.is_verified("778eda3", Latest));
/// assert!(verdicts.is_verified("778eda3", Sticky));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Verdicts {
    collections: BTreeMap<Arc<str>, Judged>,
    freight: BTreeMap<FreightName, Standing>,
}

/// The latest terminal verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    /// The verification.
    pub id: Arc<str>,
    /// What it said.
    pub end: End,
    /// When it ended.
    pub at: Timestamp,
}

/// What a verdict changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What becomes verified.
    pub credited: Vec<FreightName>,
    /// What is verified no more.
    pub withdrawn: Vec<FreightName>,
}

impl Change {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.credited.is_empty() && self.withdrawn.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Judged {
    members: Members,
    latest: Latest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Standing {
    /// How many collections that hold it have Successful as their latest verdict.
    successful: u32,
    /// Since when that is not 0.
    since: Option<Timestamp>,
    /// When it was verified for the first time.
    first: Option<Timestamp>,
    /// The latest verdict of any collection that holds it.
    latest: Latest,
    /// The collections that hold it and have a verdict.
    collections: BTreeSet<Arc<str>>,
}

impl Verdicts {
    /// What a verdict would change. The members are looked at only where the collection has none yet.
    #[must_use]
    pub fn foresee(&self, collection: &str, members: &[FreightName], end: End, policy: VerdictPolicy) -> Change {
        self.foresee_of(collection, members, end, policy, |freight| self.is_verified(freight, policy))
    }

    /// The same where somebody else knows which freight counts as verified now: what was imported, what passed through while
    /// the Stage had no steps, or what counted by another policy.
    #[must_use]
    pub fn foresee_of(
        &self,
        collection: &str,
        members: &[FreightName],
        end: End,
        policy: VerdictPolicy,
        is_verified: impl Fn(&FreightName) -> bool,
    ) -> Change {
        let judged = self.collections.get(collection);
        let (members, was) = judged.map_or((members, false), |judged| (&*judged.members, judged.is_successful()));
        let is = end == End::Successful;
        let mut change = Change::default();
        for freight in members.iter().collect::<BTreeSet<_>>() {
            let before = is_verified(freight);
            let others = self.freight.get(freight).map_or(0, |standing| standing.successful.saturating_sub(was.into()));
            let after = is || others > 0 || (before && policy == VerdictPolicy::Sticky);
            match (before, after) {
                (false, true) => change.credited.push(freight.clone()),
                (true, false) => change.withdrawn.push(freight.clone()),
                _ => {}
            }
        }
        change
    }

    /// Takes a verdict in. A success is to be taken in when it counts, see [`counts`](super::counts); any other at once.
    pub fn record(&mut self, collection: &str, members: &[FreightName], verdict: Latest) {
        let is = verdict.end == End::Successful;
        let (id, members, was) = match self.collections.get_key_value(collection) {
            Some((id, judged)) => (Arc::clone(id), Arc::clone(&judged.members), judged.is_successful()),
            None => {
                let distinct: BTreeSet<_> = members.iter().cloned().collect();
                (Arc::from(collection), distinct.into_iter().collect(), false)
            }
        };
        for freight in &*members {
            let standing = self.freight.entry(freight.clone()).or_insert_with(|| Standing {
                successful: 0,
                since: None,
                first: None,
                latest: verdict.clone(),
                collections: BTreeSet::new(),
            });
            standing.collections.insert(Arc::clone(&id));
            standing.successful = standing.successful.saturating_sub(was.into()).saturating_add(is.into());
            standing.since = if standing.successful > 0 { standing.since.or(Some(verdict.at)) } else { None };
            standing.first = standing.first.or(standing.since);
            standing.latest.clone_from(&verdict);
        }
        if !members.is_empty() {
            self.collections.insert(id, Judged { members, latest: verdict });
        }
    }

    /// Makes a single piece of freight verified, as a control-flow Stage does, or an import of what was verified elsewhere:
    /// a success of the collection of it alone (control 1.6, 6.2). Nothing where it is verified already.
    pub fn mark(&mut self, freight: &FreightName, verification: &str, at: Timestamp) {
        if !self.is_verified(freight, VerdictPolicy::Latest) {
            let verdict = Latest { id: verification.into(), end: End::Successful, at };
            self.record(&collection_id([freight]), std::slice::from_ref(freight), verdict);
        }
    }

    /// Forgets freight that exists no more, and collections of which nothing exists.
    pub fn forget(&mut self, freight: &str) {
        let Some(standing) = self.freight.remove(freight) else { return };
        for id in standing.collections {
            let Some(judged) = self.collections.get_mut(&id) else { continue };
            judged.members = judged.members.iter().filter(|member| ***member != *freight).cloned().collect();
            if judged.members.is_empty() {
                self.collections.remove(&id);
            }
        }
    }

    /// Whether freight is verified here.
    #[must_use]
    pub fn is_verified(&self, freight: &str, policy: VerdictPolicy) -> bool {
        self.verified_at(freight, policy).is_some()
    }

    /// Since when freight is verified here without a break; with `Sticky`, since it was for the first time (control 13,
    /// invariant 15).
    #[must_use]
    pub fn verified_at(&self, freight: &str, policy: VerdictPolicy) -> Option<Timestamp> {
        let standing = self.freight.get(freight)?;
        match policy {
            VerdictPolicy::Latest => standing.since,
            VerdictPolicy::Sticky => standing.first,
        }
    }

    /// The latest verdict of any collection that holds this freight: why it is not verified, where it is not.
    #[must_use]
    pub fn latest_of(&self, freight: &str) -> Option<&Latest> {
        self.freight.get(freight).map(|standing| &standing.latest)
    }

    /// The latest verdict of a collection.
    #[must_use]
    pub fn latest(&self, collection: &str) -> Option<&Latest> {
        self.collections.get(collection).map(|judged| &judged.latest)
    }

    /// The collections that credit this freight now, in the order of their ids.
    pub fn credited_by(&self, freight: &str) -> impl Iterator<Item = &Arc<str>> {
        let all = self.freight.get(freight).into_iter().flat_map(|standing| &standing.collections);
        all.filter(|id| self.collections.get(*id).is_some_and(Judged::is_successful))
    }

    /// The freight that is verified here, in the order of names.
    pub fn verified(&self, policy: VerdictPolicy) -> impl Iterator<Item = &FreightName> {
        self.freight.keys().filter(move |freight| self.is_verified(freight, policy))
    }
}

impl Judged {
    fn is_successful(&self) -> bool {
        self.latest.end == End::Successful
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICIES: [VerdictPolicy; 2] = [VerdictPolicy::Latest, VerdictPolicy::Sticky];

    fn at(second: u32) -> Timestamp {
        chrono::DateTime::from_timestamp(i64::from(second), 0).unwrap()
    }

    fn said(end: End, second: u32) -> Latest {
        Latest { id: second.to_string().into(), end, at: at(second) }
    }

    fn names(names: &[&str]) -> Vec<FreightName> {
        names.iter().map(|name| FreightName::from(*name)).collect()
    }

    /// Rules 6: which verdicts withdraw. All that are terminal and not Successful; of the same collection alone.
    #[test]
    fn rules_6_every_other_end_of_the_same_collection_withdraws() {
        for end in End::ALL {
            let mut verdicts = Verdicts::default();
            verdicts.record("ab", &names(&["a", "b"]), said(End::Successful, 1));
            verdicts.record("bc", &names(&["b", "c"]), said(end, 2));
            assert!(verdicts.is_verified("a", VerdictPolicy::Latest), "a new combination withdraws nothing");
            assert_eq!(verdicts.is_verified("c", VerdictPolicy::Latest), end == End::Successful);
            let change = verdicts.foresee("ab", &[], end, VerdictPolicy::Latest);
            let withdrawn = if end == End::Successful { vec![] } else { names(&["a", "b"]) };
            assert_eq!(change, Change { credited: vec![], withdrawn }, "{end}");
            assert!(verdicts.foresee("ab", &[], end, VerdictPolicy::Sticky).is_empty());
            verdicts.record("ab", &[], said(end, 3));
            assert_eq!(verdicts.is_verified("a", VerdictPolicy::Latest), end == End::Successful);
            assert_eq!(verdicts.latest("ab"), Some(&said(end, 3)));
            assert_eq!(verdicts.latest_of("b"), Some(&said(end, 3)));
        }
    }

    #[test]
    fn rules_6_only_what_that_combination_alone_had_credited_is_withdrawn() {
        let mut verdicts = Verdicts::default();
        verdicts.record("ab", &names(&["a", "b"]), said(End::Successful, 1));
        verdicts.record("bc", &names(&["b", "c"]), said(End::Successful, 2));
        assert_eq!(verdicts.credited_by("b").map(|id| &**id).collect::<Vec<_>>(), ["ab", "bc"]);
        let change = verdicts.foresee("bc", &[], End::Failed, VerdictPolicy::Latest);
        assert_eq!(change, Change { credited: vec![], withdrawn: names(&["c"]) });
        verdicts.record("bc", &[], said(End::Failed, 3));
        let verified: Vec<_> = verdicts.verified(VerdictPolicy::Latest).cloned().collect();
        assert_eq!(verified, names(&["a", "b"]));
        assert_eq!(verdicts.verified(VerdictPolicy::Sticky).count(), 3);
    }

    /// Rules 6 and invariant 15: the instant stays while it is verified, and is a new one after a break; sticky, it stays.
    #[test]
    fn control_13_15_since_when() {
        let mut verdicts = Verdicts::default();
        let since = |verdicts: &Verdicts| POLICIES.map(|policy| verdicts.verified_at("a", policy));
        assert_eq!(since(&verdicts), [None, None]);
        verdicts.record("a", &names(&["a"]), said(End::Successful, 1));
        verdicts.record("a", &names(&["a"]), said(End::Successful, 2));
        verdicts.record("ab", &names(&["a", "b"]), said(End::Successful, 3));
        assert_eq!(since(&verdicts), [Some(at(1)), Some(at(1))]);
        verdicts.record("a", &[], said(End::Failed, 4));
        assert_eq!(since(&verdicts), [Some(at(1)), Some(at(1))], "the other collection stands for it");
        verdicts.record("ab", &[], said(End::Inconclusive, 5));
        assert_eq!(since(&verdicts), [None, Some(at(1))]);
        verdicts.record("a", &[], said(End::Successful, 6));
        assert_eq!(since(&verdicts), [Some(at(6)), Some(at(1))]);
    }

    /// Control 1.6: what a control-flow Stage marks is a success of the freight alone, and so is what was imported: a later
    /// failure of that very collection withdraws it.
    #[test]
    fn control_1_6_a_mark_is_the_verdict_of_a_collection_of_one() {
        let mut verdicts = Verdicts::default();
        let a = FreightName::from("a");
        verdicts.mark(&a, "0b7c", at(1));
        verdicts.mark(&a, "0b7d", at(2));
        assert_eq!(verdicts.verified_at("a", VerdictPolicy::Latest), Some(at(1)));
        let alone = collection_id(["a"]);
        assert_eq!(verdicts.latest(&alone).map(|latest| &*latest.id), Some("0b7c"));
        verdicts.record(&alone, &[], said(End::Failed, 3));
        assert!(!verdicts.is_verified("a", VerdictPolicy::Latest));
    }

    #[test]
    fn members_written_twice_and_collections_of_nothing_do_no_harm() {
        let mut verdicts = Verdicts::default();
        let twice = names(&["a", "a"]);
        assert_eq!(verdicts.foresee("aa", &twice, End::Successful, VerdictPolicy::Latest).credited, names(&["a"]));
        verdicts.record("aa", &twice, said(End::Successful, 1));
        verdicts.record("aa", &twice, said(End::Failed, 2));
        assert!(!verdicts.is_verified("a", VerdictPolicy::Latest));
        verdicts.record("", &[], said(End::Successful, 3));
        assert_eq!(verdicts.latest(""), None);
        verdicts.forget("nobody");
    }

    /// What happens, in the order it does.
    #[derive(Clone, Debug)]
    enum Step {
        Verdict { mask: u8, end: End },
        Forget(u8),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let end = prop::sample::select(End::ALL.to_vec());
        let verdict = (1_u8..32, end).prop_map(|(mask, end)| Step::Verdict { mask, end });
        prop::collection::vec(prop_oneof![12 => verdict, 1 => (0_u8..5).prop_map(Step::Forget)], 0..60)
    }

    fn members(mask: u8) -> Vec<FreightName> {
        (0..5).filter(|bit| mask & (1 << bit) != 0).map(|bit: u8| bit.to_string().into()).collect()
    }

    /// The rule, read from the whole log each time.
    fn verified(log: &[(u8, End)], gone: u8, policy: VerdictPolicy) -> Vec<FreightName> {
        let is_verified = |bit: &u8| {
            let holds = |mask: &u8| mask & (1 << bit) != 0;
            let latest: BTreeMap<u8, End> = log.iter().copied().filter(|(mask, _)| holds(mask)).collect();
            let ever = log.iter().any(|(mask, end)| holds(mask) && *end == End::Successful);
            match policy {
                VerdictPolicy::Latest => latest.values().any(|end| *end == End::Successful),
                VerdictPolicy::Sticky => ever,
            }
        };
        (0..5).filter(|bit| gone & (1 << bit) == 0).filter(is_verified).map(|bit: u8| bit.to_string().into()).collect()
    }

    proptest! {
        #[test]
        fn rules_6_verdicts_equal_the_whole_log_read_again(steps in steps()) {
            let mut verdicts = Verdicts::default();
            let (mut log, mut gone) = (Vec::new(), 0_u8);
            for (second, step) in (0..).zip(steps) {
                match step {
                    // Freight that was forgotten does not come back.
                    Step::Verdict { mask, end } if mask & !gone != 0 => {
                        let (id, members) = (mask.to_string(), members(mask & !gone));
                        let before = POLICIES.map(|policy| verified(&log, gone, policy));
                        let foreseen = POLICIES.map(|policy| verdicts.foresee(&id, &members, end, policy));
                        log.push((mask, end));
                        verdicts.record(&id, &members, said(end, second));
                        for ((policy, before), change) in POLICIES.into_iter().zip(before).zip(foreseen) {
                            let after = verified(&log, gone, policy);
                            let new: Vec<_> = after.iter().filter(|name| !before.contains(name)).cloned().collect();
                            let lost: Vec<_> = before.iter().filter(|name| !after.contains(name)).cloned().collect();
                            prop_assert_eq!(change, Change { credited: new, withdrawn: lost });
                        }
                    }
                    Step::Verdict { .. } => {}
                    Step::Forget(bit) => {
                        gone |= 1 << bit;
                        verdicts.forget(&bit.to_string());
                    }
                }
                for policy in POLICIES {
                    let found: Vec<_> = verdicts.verified(policy).cloned().collect();
                    prop_assert_eq!(found, verified(&log, gone, policy));
                }
                for bit in 0..5_u8 {
                    let name = bit.to_string();
                    let credited = verdicts.credited_by(&name).count() > 0;
                    prop_assert_eq!(credited, verdicts.is_verified(&name, VerdictPolicy::Latest));
                }
            }
            if gone == 31 {
                prop_assert_eq!(&verdicts, &Verdicts::default());
            }
            let json = serde_json::to_string(&verdicts).unwrap();
            prop_assert_eq!(serde_json::from_str::<Verdicts>(&json).unwrap(), verdicts);
        }
    }
}
