//! What is known of the clauses: each question is asked once, and all that are asked are counted.

use std::{collections::BTreeMap, sync::Arc};

use super::{bits::Bits, join::Join};

/// The budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent;

/// The answers so far, and how many more questions may be asked.
pub(super) struct Memo<'a, J: ?Sized> {
    join: &'a J,
    pub(super) windows: Vec<usize>,
    /// The slots of each clause, ascending, each once, all of them there.
    pub(super) clauses: Vec<Vec<usize>>,
    tables: Vec<Table>,
    /// A combination to ask with.
    scratch: Vec<usize>,
    left: u64,
    spent: u64,
}

enum Table {
    /// Of a clause that reads no slot.
    Constant(Option<bool>),
    /// Of a clause of one slot.
    One(Row),
    /// Of a clause of two slots: for each candidate of either side those of the other side, and what they are equal in.
    Two([Side; 2]),
    /// Of a clause of more: by the ranks of its slots.
    Many(BTreeMap<Box<[usize]>, bool>),
}

#[derive(Default)]
struct Side {
    rows: Vec<Option<Row>>,
    keys: Vec<Option<Option<Arc<str>>>>,
}

struct Row {
    known: Bits,
    yes: Bits,
}

impl Row {
    fn new(size: usize) -> Self {
        Self { known: Bits::none(size), yes: Bits::none(size) }
    }

    fn note(&mut self, rank: usize, yes: bool) {
        self.known.insert(rank);
        if yes {
            self.yes.insert(rank);
        }
    }

    fn answer(&self, rank: usize) -> Option<bool> {
        self.known.has(rank).then(|| self.yes.has(rank))
    }
}

impl<'a, J: Join + ?Sized> Memo<'a, J> {
    pub(super) fn new(join: &'a J, budget: u64) -> Self {
        let windows = join.windows();
        let mut clauses = join.clauses();
        for slots in &mut clauses {
            slots.retain(|slot| *slot < windows.len());
            slots.sort_unstable();
            slots.dedup();
        }
        let size = |slot: usize| windows.get(slot).copied().unwrap_or_default();
        let table = |slots: &Vec<usize>| match slots[..] {
            [] => Table::Constant(None),
            [slot] => Table::One(Row::new(size(slot))),
            [_, _] => Table::Two(Default::default()),
            _ => Table::Many(BTreeMap::new()),
        };
        let tables = clauses.iter().map(table).collect();
        let scratch = vec![0; windows.len()];
        Self { join, windows, clauses, tables, scratch, left: budget, spent: 0 }
    }

    /// How much was spent.
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    /// How much is left.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// From now on this much is left.
    pub(super) fn allow(&mut self, budget: u64) {
        self.left = budget;
    }

    pub(super) fn window(&self, slot: usize) -> usize {
        self.windows.get(slot).copied().unwrap_or_default()
    }

    pub(super) fn slots(&self, clause: usize) -> &[usize] {
        self.clauses.get(clause).map(Vec::as_slice).unwrap_or_default()
    }

    /// Pays for one question, or for one partial combination that is looked at.
    pub(super) fn pay(&mut self) -> Result<(), Spent> {
        self.left = self.left.checked_sub(1).ok_or(Spent)?;
        self.spent += 1;
        Ok(())
    }

    fn ask(&mut self, clause: usize, ranks: &[(usize, usize)]) -> Result<bool, Spent> {
        self.pay()?;
        for (slot, rank) in ranks {
            if let Some(place) = self.scratch.get_mut(*slot) {
                *place = *rank;
            }
        }
        Ok(self.join.holds(clause, &self.scratch))
    }

    /// Whether a clause holds for a combination.
    pub(super) fn holds(&mut self, clause: usize, choice: &[usize]) -> Result<bool, Spent> {
        let rank = |slot: &usize| choice.get(*slot).copied().unwrap_or_default();
        let ranks: Vec<(usize, usize)> = self.slots(clause).iter().map(|slot| (*slot, rank(slot))).collect();
        match (self.tables.get(clause), &ranks[..]) {
            (Some(Table::Constant(Some(known))), _) => Ok(*known),
            (Some(Table::One(row)), [(_, rank)]) if row.known.has(*rank) => Ok(row.yes.has(*rank)),
            (Some(Table::Two(_)), [one, other]) => self.pair(clause, *one, *other),
            (Some(Table::Many(known)), _) => {
                let key: Box<[usize]> = ranks.iter().map(|(_, rank)| *rank).collect();
                if let Some(known) = known.get(&key) {
                    return Ok(*known);
                }
                let yes = self.ask(clause, &ranks)?;
                if let Some(Table::Many(known)) = self.tables.get_mut(clause) {
                    known.insert(key, yes);
                }
                Ok(yes)
            }
            _ => {
                let yes = self.ask(clause, &ranks)?;
                match (self.tables.get_mut(clause), &ranks[..]) {
                    (Some(Table::Constant(known)), _) => *known = Some(yes),
                    (Some(Table::One(row)), [(_, rank)]) => row.note(*rank, yes),
                    _ => {}
                }
                Ok(yes)
            }
        }
    }

    /// Whether a clause of two slots holds for two candidates, the first slot's first.
    fn pair(&mut self, clause: usize, one: (usize, usize), other: (usize, usize)) -> Result<bool, Spent> {
        if let Some(Table::Two([side, _])) = self.tables.get(clause)
            && let Some(known) = side.rows.get(one.1).and_then(Option::as_ref).and_then(|row| row.answer(other.1))
        {
            return Ok(known);
        }
        let yes = match self.key(clause, 0, one)? {
            Some(left) => match self.key(clause, 1, other)? {
                Some(right) => left == right,
                None => self.ask(clause, &[one, other])?,
            },
            None => self.ask(clause, &[one, other])?,
        };
        let sizes = [self.window(one.0), self.window(other.0)];
        if let Some(Table::Two([left, right])) = self.tables.get_mut(clause) {
            left.note(one.1, sizes, other.1, yes);
            right.note(other.1, [sizes[1], sizes[0]], one.1, yes);
        }
        Ok(yes)
    }

    fn key(&mut self, clause: usize, side: usize, (slot, rank): (usize, usize)) -> Result<Option<Arc<str>>, Spent> {
        if let Some(Table::Two(sides)) = self.tables.get(clause)
            && let Some(Some(known)) = sides.get(side).and_then(|side| side.keys.get(rank))
        {
            return Ok(known.clone());
        }
        let found = self.join.key(clause, slot, rank);
        if found.is_some() {
            self.pay()?;
        }
        let size = self.window(slot);
        if let Some(Table::Two(sides)) = self.tables.get_mut(clause)
            && let Some(side) = sides.get_mut(side)
        {
            side.keys.resize(size, None);
            if let Some(place) = side.keys.get_mut(rank) {
                *place = Some(found.clone());
            }
        }
        Ok(found)
    }

    /// Adds to `out` which of `within`, candidates of the other slot, fit the candidate `rank` of `slot`.
    pub(super) fn add_fitting(
        &mut self,
        clause: usize,
        (slot, rank): (usize, usize),
        within: &Bits,
        out: &mut Bits,
    ) -> Result<(), Spent> {
        let [first, second] = self.slots(clause) else { return Ok(()) };
        let (first, second) = (*first, *second);
        let side = usize::from(slot != first);
        let row = |tables: &[Table]| match tables.get(clause) {
            Some(Table::Two(sides)) => {
                let row = sides.get(side).and_then(|side| side.rows.get(rank)).and_then(Option::as_ref);
                row.map(|row| (within.without(&row.known), row.yes.clone()))
            }
            _ => None,
        };
        let (unknown, yes) = row(&self.tables).unwrap_or_else(|| (within.clone(), Bits::default()));
        if unknown.is_empty() {
            out.add_common(within, &yes);
            return Ok(());
        }
        for other in unknown.iter() {
            if side == 0 {
                self.pair(clause, (first, rank), (second, other))?;
            } else {
                self.pair(clause, (first, other), (second, rank))?;
            }
        }
        if let Some((_, yes)) = row(&self.tables) {
            out.add_common(within, &yes);
        }
        Ok(())
    }

    /// Those of `within` for which a clause of one slot holds.
    pub(super) fn fitting(&mut self, clause: usize, within: &Bits) -> Result<Bits, Spent> {
        let [slot] = self.slots(clause) else { return Ok(within.clone()) };
        let slot = *slot;
        let mut out = Bits::none(self.window(slot));
        for rank in within.iter() {
            let known = match self.tables.get(clause) {
                Some(Table::One(row)) => row.answer(rank),
                _ => None,
            };
            let yes = match known {
                Some(known) => known,
                None => {
                    let yes = self.ask(clause, &[(slot, rank)])?;
                    if let Some(Table::One(row)) = self.tables.get_mut(clause) {
                        row.note(rank, yes);
                    }
                    yes
                }
            };
            if yes {
                out.insert(rank);
            }
        }
        Ok(out)
    }
}

impl Side {
    /// Notes whether a candidate fits one of the other slot; sizes are `[own, other]`.
    fn note(&mut self, rank: usize, [own, others]: [usize; 2], other: usize, yes: bool) {
        if self.rows.is_empty() {
            self.rows.resize_with(own, || None);
        }
        if let Some(place) = self.rows.get_mut(rank) {
            place.get_or_insert_with(|| Row::new(others)).note(other, yes);
        }
    }
}
