//! Creation criteria as a join: which windows each clause reads, and whether it holds for some candidates (rules 9).

use std::sync::Arc;

use super::{
    criteria::{ClauseProgram, CreationCriteria},
    lookup::{Chosen, FUNCTIONS, Found},
};
use crate::{
    expr::{Ast, CallForm, Env, ExprError, Node, NodeId, Program, Value, kargo::loose_truth},
    freight::search::Join,
    model::Timestamp,
};

/// The clauses of criteria over the windows of a discovery, at an instant.
pub(super) struct Clauses<'c, 'a> {
    pub(super) found: &'c Found<'a>,
    pub(super) list: Vec<Clause<'c>>,
    pub(super) now: Timestamp,
}

/// One condition.
pub(super) struct Clause<'c> {
    pub(super) program: &'c Program,
    /// The windows it reads, ascending.
    pub(super) slots: Vec<usize>,
    /// Whether what comes out may be a text that stands for a truth value: only at the end of a conjunction.
    is_last: bool,
    /// The operands, where it says that two are equal.
    pub(super) sides: Option<[Operand<'c>; 2]>,
}

/// One side of an equation.
pub(super) struct Operand<'c> {
    pub(super) program: &'c Program,
    pub(super) slots: Vec<usize>,
}

impl<'c, 'a> Clauses<'c, 'a> {
    pub(super) fn new(criteria: &'c CreationCriteria, found: &'c Found<'a>, now: Timestamp) -> Self {
        let programs = criteria.programs();
        let clause = |(at, ClauseProgram { program, sides }): (usize, &'c ClauseProgram)| Clause {
            program,
            slots: slots(program.ast(), found),
            is_last: at + 1 == programs.len(),
            sides: sides.as_ref().map(|sides| sides.each_ref().map(|side| operand(side, found))),
        };
        Self { found, list: programs.iter().enumerate().map(clause).collect(), now }
    }

    /// What comes out of a part of the criteria for some candidates.
    pub(super) fn value(&self, program: &Program, ranks: &[usize]) -> Result<Value, ExprError> {
        program.run_in(&Env::new(), self.now, &Chosen { found: self.found, ranks })
    }
}

impl Join for Clauses<'_, '_> {
    /// A result of another kind that is empty counts as one candidate, nil: criteria may have nothing to say of it, and
    /// nothing else is looked at before freight is built (discovery 1.6).
    fn windows(&self) -> Vec<usize> {
        self.found.windows.iter().map(|window| window.len().max(1)).collect()
    }

    fn clauses(&self) -> Vec<Vec<usize>> {
        self.list.iter().map(|clause| clause.slots.clone()).collect()
    }

    /// One that fails with some candidates does not hold for them: an odd tag must not hide what fits.
    fn holds(&self, clause: usize, choice: &[usize]) -> bool {
        let Some(clause) = self.list.get(clause) else { return true };
        let Ok(value) = self.value(clause.program, choice) else { return false };
        if clause.is_last { loose_truth(&value) == Some(true) } else { value.as_bool() == Some(true) }
    }

    fn key(&self, clause: usize, slot: usize, rank: usize) -> Option<Arc<str>> {
        let [one, other] = self.list.get(clause)?.sides.as_ref()?;
        let ([left], [right]) = (&one.slots[..], &other.slots[..]) else { return None };
        let side = match slot {
            _ if left == right => return None,
            _ if slot == *left => one,
            _ if slot == *right => other,
            _ => return None,
        };
        let mut ranks = vec![0; slot + 1];
        *ranks.last_mut()? = rank;
        match self.value(side.program, &ranks) {
            Ok(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

fn operand<'c>(program: &'c Program, found: &Found<'_>) -> Operand<'c> {
    Operand { program, slots: slots(program.ast(), found) }
}

/// The windows that can be read, ascending.
fn slots(ast: &Ast, found: &Found<'_>) -> Vec<usize> {
    let mut slots = Vec::new();
    let mut open = vec![ast.root()];
    while let Some(id) = open.pop() {
        let node = ast.node(id);
        open.extend(node.children());
        let Node::Call { name, arguments, form } = node else { continue };
        if *form == CallForm::Builtin || !FUNCTIONS.contains(&&**name) {
            continue;
        }
        let literal = |id: &NodeId| if let Node::Text(text) = ast.node(*id) { Some(&**text) } else { None };
        let texts: Option<Vec<&str>> = arguments.iter().map(literal).collect();
        match texts.as_deref() {
            Some([argument]) => slots.extend(found.slot(name, argument, "")),
            Some([argument, chart]) => slots.extend(found.slot(name, argument, chart)),
            // What is asked for comes out of the run only: it may be any of its kind.
            _ => slots.extend(found.slots_of(name)),
        }
    }
    slots.sort_unstable();
    slots.dedup();
    slots
}
