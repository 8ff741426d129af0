//! The search itself: components one after another, then the reasons.

use super::{
    component::components,
    explain::{Explainer, explain},
    join::Join,
    memo::Memo,
    solve::solve,
};

/// How many questions a search asks unless told otherwise (rules 9).
pub const DEFAULT_BUDGET: u64 = 100_000;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Searched {
    /// The ranks of the newest combination that meets all clauses, one per slot; `None` if there is none, or none was met
    /// before the budget was spent.
    pub choice: Option<Vec<usize>>,
    /// Whether the budget was spent: a newer combination may exist.
    pub cut_off: bool,
    /// How many questions were asked about clauses, and partial combinations looked at.
    pub evaluations: u64,
    /// Why it is not newer: for each slot that is not at rank 0 one reason, in the order of the slots. Where no combination
    /// was found: for each clause that the newest of each slot does not meet, why its first slot's newest candidate does not.
    ///
    /// After a cut-off a slot may have none: nothing may speak against its newest candidate.
    pub conflicts: Vec<Conflict>,
}

/// One candidate of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choice {
    /// The slot.
    pub slot: usize,
    /// 0 is the newest.
    pub rank: usize,
}

/// Why a candidate was not taken: together with the others it meets a clause with no candidates of the remaining slots, and
/// without any one of the others it would with some.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// The candidate that was not taken; `None` for a clause that reads no slot.
    pub newer: Option<Choice>,
    /// The candidates that it clashes with, in the order of the slots; none if the clause never holds with it.
    pub with: Vec<Choice>,
    /// The clause that fails.
    pub clause: usize,
    /// Whether the set is known to be minimal: false only where the budget was spent before all could be tried.
    pub is_minimal: bool,
}

/// Finds the newest combination (rules 9), asking at most `budget` questions to find it, and as many again to explain it.
///
/// ```
/// use kargo_core::freight::search::{self, Choice, Join};
///
/// /// Three commits, and two images that are tagged with commits: the newest commit has no image yet.
/// struct Tagged;
///
/// const COMMITS: [&str; 3] = ["c", "b", "a"];
/// const IMAGES: [&str; 2] = ["b", "a"];
///
/// impl Join for Tagged {
///     fn windows(&self) -> Vec<usize> {
///         vec![3, 2]
///     }
///     fn clauses(&self) -> Vec<Vec<usize>> {
///         vec![vec![0, 1]]
///     }
///     fn holds(&self, _: usize, choice: &[usize]) -> bool {
///         COMMITS[choice[0]] == IMAGES[choice[1]]
///     }
/// }
///
/// let found = search::search(&Tagged, search::DEFAULT_BUDGET);
/// assert_eq!(found.choice, Some(vec![1, 0]));
/// assert_eq!(found.conflicts[0].newer, Some(Choice { slot: 0, rank: 0 }));
/// assert_eq!(found.conflicts[0].with, [], "no image fits the newest commit");
/// ```
#[must_use]
pub fn search<J: Join + ?Sized>(join: &J, budget: u64) -> Searched {
    let mut memo = Memo::new(join, budget);
    let mut choice = vec![0; memo.windows.len()];
    let (mut found, mut cut_off) = (true, false);
    for clause in 0..memo.clauses.len() {
        if memo.slots(clause).is_empty() {
            match memo.holds(clause, &choice) {
                Ok(holds) => found &= holds,
                Err(_) => (found, cut_off) = (false, true),
            }
        }
    }
    let parts = if found { components(memo.windows.len(), &memo.clauses) } else { Vec::new() };
    let mut left = memo.left();
    // Parts that ask little leave what they do not need to those after them.
    let mut shares = u64::try_from(parts.iter().filter(|part| !part.clauses.is_empty()).count()).unwrap_or(u64::MAX);
    for part in &parts {
        if part.clauses.is_empty() {
            found &= part.slots.iter().all(|slot| memo.window(*slot) > 0);
            continue;
        }
        memo.allow(left.div_ceil(shares.max(1)));
        let before = memo.spent();
        let solution = solve(&mut memo, part);
        left = left.saturating_sub(memo.spent() - before);
        shares = shares.saturating_sub(1);
        cut_off |= !solution.is_best;
        match solution.ranks {
            Some(ranks) => part.slots.iter().zip(ranks).for_each(|(slot, rank)| {
                if let Some(place) = choice.get_mut(*slot) {
                    *place = rank;
                }
            }),
            None => found = false,
        }
        if !found {
            break;
        }
    }
    let evaluations = memo.spent();
    let choice = found.then_some(choice);
    memo.allow(budget);
    let conflicts = explain(&mut memo, choice.as_deref());
    Searched { choice, cut_off, evaluations, conflicts }
}

/// Which clauses the newest of each slot do not meet, and why: what a [`search`] that finds nothing says, without searching.
#[must_use]
pub fn unmet<J: Join + ?Sized>(join: &J, budget: u64) -> Vec<Conflict> {
    explain(&mut Memo::new(join, budget), None)
}

/// Why one candidate was not taken instead of the one that a combination has in its slot: what any rank that was skipped is
/// asked about, not only the newest. `None` if nothing speaks against it, or the budget does not suffice to tell.
#[must_use]
pub fn conflict<J: Join + ?Sized>(join: &J, combination: &[usize], newer: Choice, budget: u64) -> Option<Conflict> {
    Explainer { memo: &mut Memo::new(join, budget) }.against(combination, newer)
}
