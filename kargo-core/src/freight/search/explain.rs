//! Why a combination is not newer: for one candidate a clause and as few others as it takes to fail (rules 9).

use super::{
    join::Join,
    memo::{Memo, Spent},
    run::{Choice, Conflict},
};

/// The reasons that go with what a search found.
pub(super) fn explain<J: Join + ?Sized>(memo: &mut Memo<'_, J>, found: Option<&[usize]>) -> Vec<Conflict> {
    let slots = memo.windows.len();
    let mut explainer = Explainer { memo };
    match found {
        Some(choice) => {
            let behind = choice.iter().enumerate().filter(|(_, rank)| **rank > 0);
            behind.filter_map(|(slot, _)| explainer.against(choice, Choice { slot, rank: 0 })).collect()
        }
        None => {
            let newest = vec![0; slots];
            let clauses = 0..explainer.memo.clauses.len();
            clauses.filter_map(|clause| explainer.missing(&newest, clause)).collect()
        }
    }
}

/// Asks about combinations that were not taken.
pub(super) struct Explainer<'t, 'a, J: ?Sized> {
    pub(super) memo: &'t mut Memo<'a, J>,
}

impl<J: Join + ?Sized> Explainer<'_, '_, J> {
    /// Why `newer` does not stand in `choice`: of all clauses that fail then, the one that takes the fewest others.
    pub(super) fn against(&mut self, choice: &[usize], newer: Choice) -> Option<Conflict> {
        let mut tried = choice.to_vec();
        *tried.get_mut(newer.slot)? = newer.rank;
        let mut best: Option<Conflict> = None;
        for clause in 0..self.memo.clauses.len() {
            if !self.memo.slots(clause).contains(&newer.slot) {
                continue;
            }
            match self.memo.holds(clause, &tried) {
                Ok(true) => {}
                Ok(false) => {
                    let found = self.minimal(clause, Some(newer), &tried);
                    if best.as_ref().is_none_or(|best| found.with.len() < best.with.len()) {
                        best = Some(found);
                    }
                }
                Err(Spent) => break,
            }
        }
        best
    }

    /// Why the newest of each do not meet a clause, said of the first slot that it reads.
    fn missing(&mut self, newest: &[usize], clause: usize) -> Option<Conflict> {
        let slots = self.memo.slots(clause).to_vec();
        // Of a slot without candidates nothing can be said.
        if slots.iter().any(|slot| self.memo.window(*slot) == 0) || self.memo.holds(clause, newest) != Ok(false) {
            return None;
        }
        let newer = slots.first().map(|slot| Choice { slot: *slot, rank: 0 });
        Some(self.minimal(clause, newer, newest))
    }

    /// Leaves out one after another whatever the failure does not need. `choice` must fail the clause.
    fn minimal(&mut self, clause: usize, newer: Option<Choice>, choice: &[usize]) -> Conflict {
        let slots = self.memo.slots(clause).to_vec();
        let mut free: Vec<usize> = Vec::new();
        let mut kept: Vec<usize> =
            slots.into_iter().filter(|slot| newer.is_none_or(|newer| newer.slot != *slot)).collect();
        let mut is_minimal = true;
        for slot in kept.clone() {
            free.push(slot);
            match self.is_never_met(clause, choice, &free) {
                Ok(true) => kept.retain(|kept| *kept != slot),
                Ok(false) => {
                    free.pop();
                }
                Err(Spent) => {
                    is_minimal = false;
                    free.pop();
                    break;
                }
            }
        }
        let with = kept.into_iter().filter_map(|slot| Some(Choice { slot, rank: *choice.get(slot)? })).collect();
        Conflict { newer, with, clause, is_minimal }
    }

    /// Whether the clause fails whatever candidates the free slots have.
    fn is_never_met(&mut self, clause: usize, choice: &[usize], free: &[usize]) -> Result<bool, Spent> {
        let mut tried = choice.to_vec();
        for slot in free {
            if let Some(place) = tried.get_mut(*slot) {
                *place = 0;
            }
        }
        loop {
            if self.memo.holds(clause, &tried)? {
                return Ok(false);
            }
            let mut is_last = true;
            for slot in free {
                let window = self.memo.window(*slot);
                let Some(place) = tried.get_mut(*slot) else { continue };
                *place += 1;
                if *place < window {
                    is_last = false;
                    break;
                }
                *place = 0;
            }
            if is_last {
                return Ok(true);
            }
        }
    }
}
