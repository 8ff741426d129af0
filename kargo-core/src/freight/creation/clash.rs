//! Why a newer candidate was not taken, in the words of the artifacts (rules 9; requirements D6).

use std::fmt;

use super::clauses::{Clauses, Operand};
use crate::{
    expr::{Ast, ExprError, Node, Value},
    freight::search::{Choice, Conflict},
};

/// One candidate of one result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// Which window, in the order of [`windows`](super::windows).
    pub window: usize,
    /// 0 is the newest.
    pub rank: usize,
    /// What it is, such as `image ghcr.io/acme/cart:1.4.2`.
    pub name: String,
}

/// What there is no candidate of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missing {
    /// Which window.
    pub window: usize,
    /// What its candidates are, such as `image of ghcr.io/acme/cart`.
    pub subject: String,
    /// The field and what it would have to be, where the clause says that the two are equal.
    pub wanted: Option<(String, String)>,
    /// Among how many.
    pub among: usize,
}

/// Why a newer candidate was not taken: with it and the others, a clause of the criteria fails whatever else is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clash {
    /// The candidate that was not taken; none where a clause reads no artifact.
    pub skipped: Option<Candidate>,
    /// Those that it does not go with, as few as it takes.
    pub with: Vec<Candidate>,
    /// What would be needed, if that is of one result.
    pub missing: Option<Missing>,
    /// The clause that fails.
    pub clause: String,
    /// Why it has no answer, where it fails with an error.
    pub error: Option<ExprError>,
    /// Whether `with` is known to be as few as it takes; false only where the search's budget did not suffice to tell.
    pub is_minimal: bool,
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { skipped, with, missing, clause, error, .. } = self;
        let Some(skipped) = skipped else { return write!(f, "{clause} is never true") };
        f.write_str(&skipped.name)?;
        match missing {
            Some(missing) => {
                for (at, other) in with.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { " with " } else { " and " }, other.name)?;
                }
                write!(f, ": no {}", missing.subject)?;
                let among = format!("among {} candidate{}", missing.among, if missing.among == 1 { "" } else { "s" });
                match &missing.wanted {
                    Some((field, value)) => write!(f, " with {field} {value} {among}")?,
                    None => write!(f, " {among} meets {clause}")?,
                }
            }
            None if with.is_empty() => write!(f, " never meets {clause}")?,
            None => {
                for (at, other) in with.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { " does not go with " } else { " and " }, other.name)?;
                }
                write!(f, ": {clause}")?;
            }
        }
        if let Some(error) = error { write!(f, " ({})", error.problem()) } else { Ok(()) }
    }
}

/// The reasons of a search. `base` is what was found, or the newest of each.
pub(super) fn clashes(clauses: &Clauses<'_, '_>, conflicts: &[Conflict], base: &[usize]) -> Vec<Clash> {
    conflicts.iter().filter_map(|conflict| clash(clauses, conflict, base)).collect()
}

fn clash(clauses: &Clauses<'_, '_>, conflict: &Conflict, base: &[usize]) -> Option<Clash> {
    let clause = clauses.list.get(conflict.clause)?;
    let mut ranks = base.to_vec();
    for choice in conflict.newer.iter().chain(&conflict.with) {
        *ranks.get_mut(choice.slot)? = choice.rank;
    }
    let fixed = |slot: usize| conflict.newer.iter().chain(&conflict.with).any(|choice| choice.slot == slot);
    let free: Vec<usize> = clause.slots.iter().copied().filter(|slot| !fixed(*slot)).collect();
    let missing = match free[..] {
        [window] => clauses.found.windows.get(window).map(|result| Missing {
            window,
            subject: result.subject(),
            wanted: clause.sides.as_ref().and_then(|sides| wanted(clauses, sides, window, &ranks)),
            among: result.len(),
        }),
        _ => None,
    };
    // With something left open, an error is one of many answers.
    let error = if free.is_empty() { clauses.value(clause.program, &ranks).err() } else { None };
    Some(Clash {
        skipped: conflict.newer.map(|choice| candidate(clauses, choice)),
        with: conflict.with.iter().map(|choice| candidate(clauses, *choice)).collect(),
        missing,
        clause: clause.program.ast().to_string(),
        error,
        is_minimal: conflict.is_minimal,
    })
}

fn candidate(clauses: &Clauses<'_, '_>, choice: Choice) -> Candidate {
    let window = clauses.found.windows.get(choice.slot);
    let name = match window.and_then(|window| window.artifact(choice.rank)) {
        Some(artifact) => artifact.to_string(),
        None => window.map(|window| format!("no {}", window.subject())).unwrap_or_default(),
    };
    Candidate { window: choice.slot, rank: choice.rank, name }
}

/// Where a clause says that a field of a window's candidate equals what does not depend on that window: the field and the value.
fn wanted(
    clauses: &Clauses<'_, '_>,
    sides: &[Operand<'_>; 2],
    window: usize,
    ranks: &[usize],
) -> Option<(String, String)> {
    let [left, right] = sides;
    for (side, other) in [(left, right), (right, left)] {
        if side.slots != [window] || other.slots.contains(&window) {
            continue;
        }
        let Some(field) = field(side.program.ast()) else { continue };
        if let Ok(Value::Text(text)) = clauses.value(other.program, ranks) {
            return Some((field.to_lowercase(), text.to_string()));
        }
    }
    None
}

/// The field, if an expression is a field of what a function finds.
fn field(ast: &Ast) -> Option<&str> {
    let Node::Member { base, name, .. } = ast.node(ast.root()) else { return None };
    matches!(ast.node(*base), Node::Call { .. }).then_some(&**name)
}
