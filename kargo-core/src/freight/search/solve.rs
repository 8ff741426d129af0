//! The newest combination of one component: sorted ranks are settled one after another, the worst first.

use std::collections::VecDeque;

use super::{
    bits::Bits,
    component::Component,
    join::{Join, worst_first},
    memo::{Memo, Spent},
};

/// What was found for a component: ranks in the order of its slots, and whether that is known to be the best.
pub(super) struct Solution {
    pub(super) ranks: Option<Vec<usize>>,
    pub(super) is_best: bool,
}

/// Finds the first combination in the order of rules 9, or, when the budget is spent, the best that was met.
///
/// The least worst rank is found by trying 0, 1, 2 and so on; then the second worst by trying 0 up to what the combination
/// found so far has there; and so on. Each trial looks for any combination with exactly these worst ranks, slot by slot with
/// the newest candidates first, so that the last one found is also the first in the order of the slots.
pub(super) fn solve<J: Join + ?Sized>(memo: &mut Memo<'_, J>, component: &Component) -> Solution {
    let mut best = None;
    let is_best = settle(memo, component, &mut best).is_ok();
    Solution { ranks: best, is_best }
}

fn settle<J: Join + ?Sized>(
    memo: &mut Memo<'_, J>,
    component: &Component,
    best: &mut Option<Vec<usize>>,
) -> Result<(), Spent> {
    let size = |slot: &usize| memo.window(*slot);
    let Some(least) = component.slots.iter().map(size).min() else { return Ok(()) };
    let largest = component.slots.iter().map(size).max().unwrap_or_default();
    if least == 0 {
        return Ok(());
    }
    let mut settled: Vec<usize> = Vec::new();
    let mut exact = false;
    while settled.len() < component.slots.len() {
        let at = settled.len();
        // What is found later is never worse than what was found before.
        let known = best.as_deref().map(worst_first);
        let bound = known.as_ref().and_then(|ranks| ranks.get(at).copied());
        let mut better = None;
        for worst in 0..bound.unwrap_or(largest) {
            if let Some(found) = Trial::new(memo, component, &settled, worst).run()? {
                *best = Some(found);
                better = Some(worst);
                break;
            }
        }
        exact = better.is_some() && at + 1 == component.slots.len();
        match better.or(bound) {
            Some(worst) => settled.push(worst),
            // No combination at all.
            None => return Ok(()),
        }
    }
    // What was found by looser bounds need not be the first of its kind in the order of the slots.
    if !exact
        && settled.iter().any(|rank| *rank > 0)
        && let Some(worst) = settled.pop()
        && let Some(found) = Trial::new(memo, component, &settled, worst).run()?
    {
        *best = Some(found);
    }
    Ok(())
}

/// Looks for a combination whose sorted ranks begin with some that are settled, go on with `worst`, and are nowhere worse
/// after that.
struct Trial<'t, 'a, J: ?Sized> {
    memo: &'t mut Memo<'a, J>,
    component: &'t Component,
    /// Ranks above `worst` that must be used, each with how often.
    above: Vec<(usize, usize)>,
    /// How often `worst` must be used at least.
    worst: (usize, usize),
    /// Candidates still possible, by position in the component.
    open: Vec<Bits>,
    /// What `open` was before, to be put back.
    trail: Vec<(usize, Bits)>,
    ranks: Vec<usize>,
}

struct Frame {
    /// The next rank to try.
    next: usize,
    /// How long the trail was before.
    mark: usize,
}

impl<'t, 'a, J: Join + ?Sized> Trial<'t, 'a, J> {
    fn new(memo: &'t mut Memo<'a, J>, component: &'t Component, settled: &[usize], worst: usize) -> Self {
        let mut above: Vec<(usize, usize)> = Vec::new();
        let mut times = 1;
        for rank in settled {
            if *rank == worst {
                times += 1;
            } else if let Some((last, count)) = above.last_mut()
                && last == rank
            {
                *count += 1;
            } else {
                above.push((*rank, 1));
            }
        }
        let open = component.slots.iter().map(|slot| {
            let size = memo.window(*slot);
            let mut open = Bits::first(worst + 1, size);
            above.iter().filter(|(rank, _)| *rank < size).for_each(|(rank, _)| open.insert(*rank));
            open
        });
        let open = open.collect();
        Self { memo, component, above, worst: (worst, times), open, trail: Vec::new(), ranks: Vec::new() }
    }

    /// The first such combination in the order of the slots.
    fn run(mut self) -> Result<Option<Vec<usize>>, Spent> {
        if !self.begin()? {
            return Ok(None);
        }
        let slots = self.component.slots.len();
        let mut frames = vec![Frame { next: 0, mark: 0 }];
        while let Some(frame) = frames.last_mut() {
            let at = self.ranks.len();
            if at >= slots {
                return Ok(Some(self.ranks));
            }
            let Some(rank) = self.open.get(at).and_then(|open| open.next(frame.next)) else {
                frames.pop();
                if let (Some(frame), Some(_)) = (frames.last(), self.ranks.pop()) {
                    let mark = frame.mark;
                    self.undo(mark);
                }
                continue;
            };
            frame.next = rank + 1;
            frame.mark = self.trail.len();
            let mark = frame.mark;
            self.ranks.push(rank);
            if self.is_countable() && self.take(at, rank)? {
                frames.push(Frame { next: 0, mark: self.trail.len() });
            } else {
                self.ranks.pop();
                self.undo(mark);
            }
        }
        Ok(None)
    }

    /// What holds before any slot is filled; false if nothing can come of it.
    fn begin(&mut self) -> Result<bool, Spent> {
        for clause in &self.component.clauses {
            if let [slot] = self.memo.slots(*clause) {
                let Some(at) = position(self.component, *slot) else { continue };
                let Some(open) = self.open.get_mut(at) else { continue };
                *open = self.memo.fitting(*clause, open)?;
            }
        }
        self.ranks.clear();
        if self.open.iter().any(Bits::is_empty) || !self.is_countable() {
            return Ok(false);
        }
        let fits = self.propagate((0..self.component.slots.len()).collect())?;
        // This is where a search begins: nothing before it is put back.
        self.trail.clear();
        Ok(fits && self.is_countable())
    }

    /// Fills a slot; false if nothing can come of it.
    fn take(&mut self, at: usize, rank: usize) -> Result<bool, Spent> {
        self.memo.pay()?;
        let Some(slot) = self.component.slots.get(at).copied() else { return Ok(false) };
        let mut only = Bits::none(self.memo.window(slot));
        only.insert(rank);
        if let Some(open) = self.open.get_mut(at) {
            self.trail.push((at, std::mem::replace(open, only)));
        }
        if !self.propagate(VecDeque::from([at]))? {
            return Ok(false);
        }
        self.are_others_met(slot)
    }

    /// Whether the clauses of three slots and more hold that can be told now and could not before.
    fn are_others_met(&mut self, slot: usize) -> Result<bool, Spent> {
        let mut choice: Option<Vec<usize>> = None;
        for clause in &self.component.clauses {
            let read = self.memo.slots(*clause);
            // Slots are filled in order, so the last one decides.
            if read.len() < 3 || read.last() != Some(&slot) {
                continue;
            }
            let choice = choice.get_or_insert_with(|| {
                let mut choice = vec![0; self.memo.windows.len()];
                for (slot, rank) in self.component.slots.iter().zip(&self.ranks) {
                    if let Some(place) = choice.get_mut(*slot) {
                        *place = *rank;
                    }
                }
                choice
            });
            if !self.memo.holds(*clause, choice)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Drops candidates that fit no candidate of a neighbour, until all have one; false if a slot is left without any.
    fn propagate(&mut self, mut changed: VecDeque<usize>) -> Result<bool, Spent> {
        while let Some(from) = changed.pop_front() {
            let Some(slot) = self.component.slots.get(from).copied() else { continue };
            for clause in &self.component.clauses {
                let other = match self.memo.slots(*clause) {
                    [one, other] if *one == slot => *other,
                    [one, other] if *other == slot => *one,
                    _ => continue,
                };
                let Some(to) = position(self.component, other) else { continue };
                let (Some(near), Some(far)) = (self.open.get(from), self.open.get(to)) else { continue };
                let mut fitting = Bits::none(self.memo.window(other));
                for rank in near.iter() {
                    let wanted = far.without(&fitting);
                    if wanted.is_empty() {
                        break;
                    }
                    self.memo.add_fitting(*clause, (slot, rank), &wanted, &mut fitting)?;
                }
                if fitting == *far {
                    continue;
                }
                let is_empty = fitting.is_empty();
                if let Some(far) = self.open.get_mut(to) {
                    self.trail.push((to, std::mem::replace(far, fitting)));
                }
                if is_empty {
                    return Ok(false);
                }
                if !changed.contains(&to) {
                    changed.push_back(to);
                }
            }
        }
        Ok(true)
    }

    /// Whether the ranks that must be used still can be.
    fn is_countable(&self) -> bool {
        let filled = self.ranks.len();
        let open = self.open.get(filled..).unwrap_or_default();
        let mut needed = 0;
        for (rank, times) in &self.above {
            let used = self.ranks.iter().filter(|used| *used == rank).count();
            let Some(missing) = times.checked_sub(used) else { return false };
            if missing > 0 && open.iter().filter(|open| open.has(*rank)).count() < missing {
                return false;
            }
            needed += missing;
        }
        let (worst, times) = self.worst;
        let missing = times.saturating_sub(self.ranks.iter().filter(|used| **used == worst).count());
        if missing > 0 && open.iter().filter(|open| open.has(worst)).count() < missing {
            return false;
        }
        needed + missing <= open.len()
    }

    fn undo(&mut self, mark: usize) {
        while self.trail.len() > mark {
            let Some((at, before)) = self.trail.pop() else { return };
            if let Some(open) = self.open.get_mut(at) {
                *open = before;
            }
        }
    }
}

fn position(component: &Component, slot: usize) -> Option<usize> {
    component.slots.binary_search(&slot).ok()
}
