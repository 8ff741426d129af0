//! The join search against an oracle that tries everything: order, reasons and their minimality (rules 9; requirements F7).
#![expect(clippy::indexing_slicing, reason = "the tests make what they read")]

use std::{cell::Cell, cmp::Reverse, sync::Arc};

use kargo_core::freight::search::{Choice, Conflict, DEFAULT_BUDGET, Join, Searched, by_newness, conflict, search};
use proptest::prelude::*;

/// Clauses as tables: for each the slots it reads and the combinations of their ranks that meet it.
#[derive(Clone, Debug)]
struct Tables {
    windows: Vec<usize>,
    clauses: Vec<(Vec<usize>, Vec<bool>)>,
    /// Clauses of two slots that hold where these are equal: texts for each candidate of both, some of which are not told.
    keyed: Vec<(usize, Sides)>,
    asked: Cell<u64>,
}

/// For each candidate of two slots a text, and whether it is told.
type Sides = [Vec<(u8, bool)>; 2];

impl Join for Tables {
    fn windows(&self) -> Vec<usize> {
        self.windows.clone()
    }

    fn clauses(&self) -> Vec<Vec<usize>> {
        self.clauses.iter().map(|(slots, _)| slots.clone()).collect()
    }

    fn holds(&self, clause: usize, choice: &[usize]) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.is_met(clause, choice)
    }

    fn key(&self, clause: usize, slot: usize, rank: usize) -> Option<Arc<str>> {
        let (_, sides) = self.keyed.iter().find(|(keyed, _)| *keyed == clause)?;
        let side = self.clauses[clause].0.iter().position(|read| *read == slot)?;
        let (text, is_told) = sides[side][rank];
        is_told.then(|| text.to_string().into())
    }
}

impl Tables {
    fn is_met(&self, clause: usize, choice: &[usize]) -> bool {
        let (slots, table) = &self.clauses[clause];
        if let Some((_, sides)) = self.keyed.iter().find(|(keyed, _)| *keyed == clause) {
            return sides[0][choice[slots[0]]].0 == sides[1][choice[slots[1]]].0;
        }
        let index = slots.iter().fold(0, |index, slot| index * self.windows[*slot] + choice[*slot]);
        table[index]
    }

    fn are_met(&self, choice: &[usize]) -> bool {
        (0..self.clauses.len()).all(|clause| self.is_met(clause, choice))
    }

    fn all(&self) -> Vec<Vec<usize>> {
        self.windows.iter().fold(vec![vec![]], |all, window| {
            let longer = |short: &Vec<usize>| {
                let short = short.clone();
                (0..*window).map(move |rank| [&short[..], &[rank]].concat())
            };
            all.iter().flat_map(longer).collect()
        })
    }

    /// The order of rules 9, written down once more, by a key.
    fn best(&self) -> Option<Vec<usize>> {
        let key = |choice: &Vec<usize>| {
            let mut worst = choice.clone();
            worst.sort_by_key(|rank| Reverse(*rank));
            (worst, choice.iter().sum::<usize>(), choice.clone())
        };
        self.all().into_iter().filter(|choice| self.are_met(choice)).min_by_key(key)
    }

    /// Whether the clause fails in every combination that has these candidates.
    fn never_holds(&self, clause: usize, chosen: &[Choice]) -> bool {
        let has = |choice: &Vec<usize>| chosen.iter().all(|one| choice[one.slot] == one.rank);
        self.all().iter().filter(|choice| has(choice)).all(|choice| !self.is_met(clause, choice))
    }

    fn check(&self, conflict: &Conflict, base: &[usize]) {
        let slots = &self.clauses[conflict.clause].0;
        assert!(conflict.is_minimal, "{conflict:?}");
        assert!(
            conflict.with.iter().all(|one| base[one.slot] == one.rank && slots.contains(&one.slot)),
            "{conflict:?}"
        );
        let set = |left_out: Option<usize>| -> Vec<Choice> {
            let with = conflict.with.iter().enumerate().filter(|(at, _)| Some(*at) != left_out).map(|(_, one)| *one);
            conflict.newer.into_iter().chain(with).collect()
        };
        assert!(self.never_holds(conflict.clause, &set(None)), "no conflict: {conflict:?}");
        for at in 0..conflict.with.len() {
            assert!(!self.never_holds(conflict.clause, &set(Some(at))), "not minimal: {conflict:?}");
        }
    }
}

fn problems(slots: usize, window: usize) -> impl Strategy<Value = Tables> {
    let windows = prop::collection::vec(1..=window, 1..=slots);
    windows.prop_flat_map(|windows| {
        let count = windows.len();
        let clause = (prop::collection::btree_set(0..count, 0..=count), 0..=100_u8, any::<bool>());
        prop::collection::vec(clause, 0..5).prop_flat_map(move |shapes| {
            let windows = windows.clone();
            let tables: Vec<_> = shapes
                .iter()
                .map(|(slots, likely, _)| {
                    let size: usize = slots.iter().map(|slot| windows[*slot]).product();
                    let likely = f64::from(*likely) / 100.0;
                    prop::collection::vec(prop::bool::weighted(likely), size)
                })
                .collect();
            let texts = |slot: Option<&usize>| {
                let count = slot.map_or(0, |slot| windows[*slot]);
                prop::collection::vec((0..4_u8, prop::bool::weighted(0.9)), count)
            };
            let keys: Vec<_> =
                shapes.iter().map(|(slots, ..)| (texts(slots.iter().next()), texts(slots.iter().nth(1)))).collect();
            (tables, keys).prop_map(move |(tables, keys)| {
                let clauses: Vec<(Vec<usize>, Vec<bool>)> = shapes
                    .iter()
                    .zip(tables)
                    .map(|((slots, ..), table)| (slots.iter().copied().collect(), table))
                    .collect();
                let keyed = shapes
                    .iter()
                    .zip(keys)
                    .enumerate()
                    .filter(|(_, ((slots, _, is_keyed), _))| *is_keyed && slots.len() == 2)
                    .map(|(clause, (_, (one, other)))| (clause, [one, other]))
                    .collect();
                Tables { windows: windows.clone(), clauses, keyed, asked: Cell::new(0) }
            })
        })
    })
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(1_000))]

    /// Rules 9: the least combination in the order, and for each slot that is not at rank 0 one minimal conflicting set.
    #[test]
    fn rules_9_the_oracle_agrees_up_to_four_slots_of_five(problem in problems(4, 5)) {
        let found = search(&problem, DEFAULT_BUDGET);
        prop_assert!(!found.cut_off);
        prop_assert!(problem.asked.get() <= 2 * 625 * 5);
        let best = problem.best();
        prop_assert_eq!(&found.choice, &best);
        match &best {
            Some(best) => {
                let behind: Vec<usize> = (0..best.len()).filter(|slot| best[*slot] > 0).collect();
                let told: Vec<Option<Choice>> = found.conflicts.iter().map(|conflict| conflict.newer).collect();
                let wanted: Vec<Option<Choice>> =
                    behind.iter().map(|slot| Some(Choice { slot: *slot, rank: 0 })).collect();
                prop_assert_eq!(told, wanted);
                found.conflicts.iter().for_each(|conflict| problem.check(conflict, best));
                // Not the newest alone: any rank that was skipped has its reason.
                for slot in behind {
                    for rank in 0..best[slot] {
                        let newer = Choice { slot, rank };
                        let reason = conflict(&problem, best, newer, DEFAULT_BUDGET).unwrap();
                        prop_assert_eq!(reason.newer, Some(newer));
                        problem.check(&reason, best);
                    }
                }
            }
            None => {
                let newest = vec![0; problem.windows.len()];
                let fails = |clause: &usize| !problem.is_met(*clause, &newest);
                let failing: Vec<usize> = (0..problem.clauses.len()).filter(fails).collect();
                let told: Vec<usize> = found.conflicts.iter().map(|conflict| conflict.clause).collect();
                prop_assert_eq!(told, failing);
                found.conflicts.iter().for_each(|conflict| problem.check(conflict, &newest));
            }
        }
    }

    /// Rules 9: whatever the budget, what is found meets the criteria, nobody is asked more than allowed, and only a search that was cut
    /// off may miss the best.
    #[test]
    fn rules_9_a_budget_bounds_the_search(problem in problems(4, 5), budget in 0..400_u64) {
        let found = search(&problem, budget);
        prop_assert!(found.evaluations <= budget);
        prop_assert!(problem.asked.get() <= 2 * budget);
        let best = problem.best();
        match (&found.choice, found.cut_off) {
            (choice, false) => prop_assert_eq!(choice, &best),
            (Some(choice), true) => {
                prop_assert!(problem.are_met(choice));
                prop_assert!(by_newness(&best.unwrap(), choice).is_le());
            }
            (None, true) => {}
        }
        found.conflicts.iter().filter(|conflict| conflict.is_minimal).for_each(|conflict| {
            problem.check(conflict, found.choice.as_deref().unwrap_or(&vec![0; problem.windows.len()]));
        });
    }
}

/// Slots of 100, each tied to the next one by a text.
struct Chain {
    slots: usize,
    /// Of two candidates of neighbours, which fit.
    fits: fn(usize, usize) -> bool,
}

impl Join for Chain {
    fn windows(&self) -> Vec<usize> {
        vec![100; self.slots]
    }

    fn clauses(&self) -> Vec<Vec<usize>> {
        (1..self.slots).map(|slot| vec![slot - 1, slot]).collect()
    }

    fn holds(&self, clause: usize, choice: &[usize]) -> bool {
        (self.fits)(choice[clause], choice[clause + 1])
    }
}

fn chain(slots: usize, fits: fn(usize, usize) -> bool) -> Searched {
    search(&Chain { slots, fits }, DEFAULT_BUDGET)
}

/// Requirements F7: four windows of 100 are far too many to list, and are searched without being listed.
#[test]
fn requirements_f7_deep_combinations_are_found_within_the_budget() {
    // Only the oldest fit.
    let found = chain(4, |left, right| left == 99 && right == 99);
    assert_eq!((found.choice, found.cut_off), (Some(vec![99; 4]), false));
    // None fit, which is known after each pair was looked at once.
    let found = chain(4, |_, _| false);
    assert_eq!((found.choice, found.cut_off), (None, false));
    assert!(found.evaluations <= 10_000, "one clause suffices: {}", found.evaluations);
    // The newest fit: one question for each clause.
    let found = chain(4, |_, _| true);
    assert_eq!((found.choice, found.conflicts), (Some(vec![0; 4]), vec![]));
    assert!(found.evaluations < 12, "{}", found.evaluations);
    // Each must be seven older than the one before.
    let found = chain(4, |left, right| right == left + 7);
    assert_eq!(found.choice, Some(vec![0, 7, 14, 21]));
    let clashes: Vec<_> =
        found.conflicts.iter().map(|conflict| (conflict.newer.unwrap().slot, &conflict.with[..])).collect();
    // A newest one that needs something older than the window has clashes with nothing in particular.
    assert_eq!(clashes, [(1, &[][..]), (2, &[]), (3, &[])]);
}

/// Rules 9: a clause of many slots cannot be taken apart; the search tries combinations in order and stops where it must.
#[test]
fn rules_9_a_clause_of_all_slots_is_cut_off() {
    struct All(Vec<usize>);
    impl Join for All {
        fn windows(&self) -> Vec<usize> {
            vec![100; 4]
        }
        fn clauses(&self) -> Vec<Vec<usize>> {
            vec![vec![0, 1, 2, 3]]
        }
        fn holds(&self, _: usize, choice: &[usize]) -> bool {
            choice == self.0
        }
    }
    for near in [vec![1, 1, 1, 1], vec![5, 0, 3, 6], vec![0, 9, 9, 9]] {
        let found = search(&All(near.clone()), DEFAULT_BUDGET);
        assert_eq!((found.choice, found.cut_off), (Some(near), false));
    }
    let found = search(&All(vec![60; 4]), DEFAULT_BUDGET);
    assert_eq!((found.choice, found.cut_off, found.evaluations), (None, true, DEFAULT_BUDGET));
}

/// Rules 9: slots that no clause ties together do not share a budget of their products.
#[test]
fn rules_9_parts_are_searched_apart() {
    struct Pairs;
    impl Join for Pairs {
        fn windows(&self) -> Vec<usize> {
            vec![50; 40]
        }
        fn clauses(&self) -> Vec<Vec<usize>> {
            (0..20).map(|pair| vec![pair, 39 - pair]).collect()
        }
        fn holds(&self, clause: usize, choice: &[usize]) -> bool {
            choice[clause] + choice[39 - clause] == 3
        }
    }
    let found = search(&Pairs, DEFAULT_BUDGET);
    let choice = found.choice.unwrap();
    // 1 and 2 are less worst than 0 and 3; the first slot has the newer one.
    assert!(choice[..20].iter().all(|rank| *rank == 1) && choice[20..].iter().all(|rank| *rank == 2), "{choice:?}");
    assert!(!found.cut_off && found.evaluations < 2_000, "{}", found.evaluations);
}

/// Rules 9: a slot without candidates makes every combination impossible, whether a clause reads it or not.
#[test]
fn rules_9_an_empty_window_has_no_combination() {
    for clauses in [vec![], vec![(vec![0], vec![true; 3])], vec![(vec![0, 1], vec![])]] {
        let problem = Tables { windows: vec![3, 0], clauses, keyed: vec![], asked: Cell::new(0) };
        let found = search(&problem, DEFAULT_BUDGET);
        assert_eq!((found.choice, found.cut_off), (None, false));
    }
    let none = Tables { windows: vec![], clauses: vec![(vec![], vec![true])], keyed: vec![], asked: Cell::new(0) };
    assert_eq!(search(&none, DEFAULT_BUDGET).choice, Some(vec![]));
}
