//! What a join search is asked: slots, candidates and clauses; and the order of combinations (rules 9).

use std::{cmp::Ordering, sync::Arc};

/// Slots with candidates, and clauses that a combination of one candidate per slot must meet.
///
/// Candidates are told apart by their rank: 0 is the newest. A combination is a list of ranks, one per slot.
pub trait Join {
    /// How many candidates each slot has.
    fn windows(&self) -> Vec<usize>;

    /// For each clause the slots that it reads. A combination is wanted if all clauses hold.
    fn clauses(&self) -> Vec<Vec<usize>>;

    /// Whether a clause holds. Of `choice`, only the ranks of the slots that it reads count; the same ranks must give the
    /// same answer.
    fn holds(&self, clause: usize, choice: &[usize]) -> bool;

    /// For a clause of two slots that holds where two texts are equal, each made from one candidate: that candidate's text.
    ///
    /// This is a shorter way to ask: 100 candidates on either side are asked 200 questions instead of 10,000. `None`, which
    /// is always right, asks [`holds`](Self::holds) about each pair with this candidate.
    fn key(&self, clause: usize, slot: usize, rank: usize) -> Option<Arc<str>> {
        let _ = (clause, slot, rank);
        None
    }
}

/// Orders combinations from the newest to the oldest (rules 9): the one whose worst rank is less worst comes first, then the
/// second worst decides and so on; then the sum of ranks; then the ranks in the order of the slots.
///
/// ```
/// use kargo_core::freight::search::by_newness;
///
/// let mut combinations = [[3, 0, 0], [2, 2, 0], [0, 2, 1], [1, 2, 0], [0, 0, 0]];
/// combinations.sort_by(|a, b| by_newness(a, b));
/// assert_eq!(combinations, [[0, 0, 0], [0, 2, 1], [1, 2, 0], [2, 2, 0], [3, 0, 0]]);
/// ```
#[must_use]
pub fn by_newness(a: &[usize], b: &[usize]) -> Ordering {
    let sum = |ranks: &[usize]| ranks.iter().fold(0_usize, |sum, rank| sum.saturating_add(*rank));
    worst_first(a).cmp(&worst_first(b)).then_with(|| sum(a).cmp(&sum(b))).then_with(|| a.cmp(b))
}

/// The ranks, greatest first.
pub(super) fn worst_first(ranks: &[usize]) -> Vec<usize> {
    let mut sorted = ranks.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    sorted
}
