//! The loops of a promotion: which of its steps belong to which member of which loop (rules 15).

use std::{fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ForEach, ForEachMode};

/// A loop that was unrolled when its promotion was created: a task, once for each element of a list.
///
/// The members stand one after the other in the promotion's steps, each with as many steps as the task has. The steps of
/// member *i*, counted from 0, have aliases that begin with `<alias>-<i>::`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loop {
    /// The alias of the reference that was repeated; templates read `outputs.<alias>[i]`.
    pub alias: String,
    /// Whether the members run one after the other or side by side.
    pub mode: ForEachMode,
    /// Index of the first member's first step among the promotion's steps.
    pub first: usize,
    /// Steps of each member.
    pub steps: usize,
    /// Members: elements of the list. None for an empty list.
    pub members: usize,
}

impl Loop {
    /// The alias under which a member's task is known: `<alias>-<i>`.
    ///
    /// ```
    /// use kargo_core::model::Loop;
    /// let roll = Loop { alias: "roll".into(), ..Loop::default() };
    /// assert_eq!(roll.task_alias(2), "roll-2");
    /// ```
    #[must_use]
    pub fn task_alias(&self, member: usize) -> String {
        format!("{}-{member}", self.alias)
    }

    /// The indices of all its steps.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.first..self.first.saturating_add(self.steps.saturating_mul(self.members))
    }

    /// The indices of each member's steps, in order of the members.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = Range<usize>> {
        let (first, steps) = (self.first, self.steps);
        let begin = move |member: usize| first.saturating_add(steps.saturating_mul(member));
        (0..self.members).map(move |member| begin(member)..begin(member + 1))
    }

    /// The member that the step with this index belongs to.
    #[must_use]
    pub fn member_at(&self, step: usize) -> Option<usize> {
        if !self.range().contains(&step) {
            return None;
        }
        (step - self.first).checked_div(self.steps)
    }
}

/// The loops of one promotion, in order of their steps. Written in annotation `kargo-core.rs/loops`, as JSON.
///
/// ```
/// use kargo_core::model::{ForEachMode, Loop, Loops};
///
/// let loops: Loops = r#"[{"alias":"roll","mode":"Parallel","first":1,"steps":2,"members":3}]"#.parse()?;
/// let roll = loops.get("roll").unwrap();
/// assert_eq!(roll.ranges().collect::<Vec<_>>(), [1..3, 3..5, 5..7]);
/// assert_eq!(loops.at(4), Some((roll, 1)));
/// assert_eq!(loops.to_string().parse(), Ok(loops));
/// # Ok::<(), kargo_core::model::LoopsError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loops(Vec<Loop>);

impl Loops {
    /// These loops, in the order of their steps.
    ///
    /// # Errors
    ///
    /// The loops overlap or are out of order, share an alias, or have more than [`ForEach::MAX`] members.
    pub fn new(loops: Vec<Loop>) -> Result<Self, LoopsError> {
        let mut end = 0;
        for (at, one) in loops.iter().enumerate() {
            let alias = || one.alias.clone();
            if one.first < end {
                return Err(LoopsError::Overlap { alias: alias() });
            }
            if one.members > ForEach::MAX as usize {
                return Err(LoopsError::TooMany { alias: alias(), members: one.members });
            }
            if one.alias.is_empty() || loops.iter().skip(at + 1).any(|other| other.alias == one.alias) {
                return Err(LoopsError::Alias { alias: alias() });
            }
            end = one.range().end;
        }
        Ok(Self(loops))
    }

    /// All loops, in order of their steps.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Loop> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The loop with this alias.
    #[must_use]
    pub fn get(&self, alias: &str) -> Option<&Loop> {
        self.0.iter().find(|one| one.alias == alias)
    }

    /// The loop that the step with this index belongs to, and which member of it.
    #[must_use]
    pub fn at(&self, step: usize) -> Option<(&Loop, usize)> {
        self.0.iter().find_map(|one| Some((one, one.member_at(step)?)))
    }

    /// Checks that the loops speak of these steps, given by their aliases.
    ///
    /// # Errors
    ///
    /// A member has a step that is not there, or whose alias does not begin with the member's.
    pub fn check<T: AsRef<str>>(&self, aliases: &[T]) -> Result<(), LoopsError> {
        for one in &self.0 {
            for (member, range) in one.ranges().enumerate() {
                let task = one.task_alias(member);
                let mine = |alias: &T| {
                    alias.as_ref().strip_prefix(&*task).is_some_and(|rest| rest.starts_with(STEP_SEPARATOR))
                };
                if !aliases.get(range).is_some_and(|aliases| aliases.iter().all(mine)) {
                    return Err(LoopsError::Steps { task });
                }
            }
        }
        Ok(())
    }
}

/// What stands between the alias of a task and the alias of a step of it (promotion-engine 3.3).
pub const STEP_SEPARATOR: &str = "::";

/// As JSON, in the form that is read back.
impl fmt::Display for Loops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = |one: &Loop| {
            let mode = if one.mode == ForEachMode::Parallel { "Parallel" } else { "Sequential" };
            let Loop { alias, first, steps, members, .. } = one;
            json!({"alias": alias, "mode": mode, "first": first, "steps": steps, "members": members})
        };
        write!(f, "{}", serde_json::Value::Array(self.0.iter().map(one).collect()))
    }
}

impl FromStr for Loops {
    type Err = LoopsError;

    fn from_str(text: &str) -> Result<Self, LoopsError> {
        let loops = serde_json::from_str(text).map_err(|error| LoopsError::Syntax { reason: error.to_string() })?;
        Self::new(loops)
    }
}

/// Why a record of loops cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoopsError {
    /// The text is not such a record.
    #[error(
        "not a record of loops: {reason}; write [{{\"alias\": \"roll\", \"mode\": \"Sequential\", \"first\": 0, \"steps\": 1, \"members\": 2}}]"
    )]
    Syntax {
        /// What the reader of JSON says.
        reason: String,
    },
    /// A loop begins before the one above it ends.
    #[error("the loop {alias:?} overlaps the one before it; write loops in the order of their steps")]
    Overlap {
        /// Its alias.
        alias: String,
    },
    /// A loop has more members than loops may have.
    #[error("the loop {alias:?} has {members} members; {limit} are allowed", limit = ForEach::MAX)]
    TooMany {
        /// Its alias.
        alias: String,
        /// Its members.
        members: usize,
    },
    /// Two loops have one alias, or a loop has none.
    #[error("the alias {alias:?} does not name one loop")]
    Alias {
        /// The alias.
        alias: String,
    },
    /// A member whose steps are not where the record says.
    #[error("the steps of {task:?} are not where the record of loops says; create the promotion anew")]
    Steps {
        /// The alias of the member's task.
        task: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_loop(alias: &str, first: usize, steps: usize, members: usize) -> Loop {
        Loop { alias: alias.into(), mode: ForEachMode::Parallel, first, steps, members }
    }

    #[test]
    fn rules_15_members_stand_one_after_the_other() {
        let one = a_loop("a", 2, 3, 2);
        assert_eq!(one.range(), 2..8);
        assert_eq!(one.ranges().collect::<Vec<_>>(), [2..5, 5..8]);
        let members: Vec<_> = (0..9).map(|step| one.member_at(step)).collect();
        assert_eq!(members, [None, None, Some(0), Some(0), Some(0), Some(1), Some(1), Some(1), None]);
        assert_eq!(a_loop("a", 2, 0, 5).member_at(2), None);
        assert_eq!(a_loop("a", usize::MAX, 2, 5).member_at(0), None);
    }

    #[test]
    fn rules_15_the_record_is_read_back() {
        let loops = Loops::new(vec![a_loop("a\"", 0, 1, 0), a_loop("b", 0, 2, 3), a_loop("c", 7, 1, 1)]).unwrap();
        assert_eq!(loops.to_string().parse(), Ok(loops.clone()));
        assert_eq!(loops.at(5).map(|(one, member)| (&*one.alias, member)), Some(("b", 2)));
        assert_eq!(loops.at(6), None);
        assert_eq!(Loops::default().to_string(), "[]");
    }

    #[test]
    fn rules_15_records_that_cannot_be() {
        let alias = |text: &str| text.to_owned();
        for (loops, error) in [
            (vec![a_loop("a", 0, 2, 2), a_loop("b", 3, 1, 1)], LoopsError::Overlap { alias: alias("b") }),
            (vec![a_loop("a", 0, 1, 101)], LoopsError::TooMany { alias: alias("a"), members: 101 }),
            (vec![a_loop("a", 0, 1, 1), a_loop("a", 1, 1, 1)], LoopsError::Alias { alias: alias("a") }),
            (vec![a_loop("", 0, 1, 1)], LoopsError::Alias { alias: alias("") }),
        ] {
            assert_eq!(Loops::new(loops), Err(error));
        }
        for text in [
            "",
            "{}",
            r#"[{"alias":"a"}]"#,
            r#"[{"alias":"a","mode":"Parallel","first":0,"steps":1,"members":1,"x":1}]"#,
        ] {
            assert!(matches!(text.parse::<Loops>(), Err(LoopsError::Syntax { .. })), "{text}");
        }
    }

    #[test]
    fn rules_15_the_record_speaks_of_the_steps() {
        let loops = Loops::new(vec![a_loop("a", 1, 2, 2)]).unwrap();
        assert_eq!(loops.check(&["x", "a-0::p", "a-0::q", "a-1::p", "a-1::q"]), Ok(()));
        let wrong = |task: &str| Err(LoopsError::Steps { task: task.into() });
        assert_eq!(loops.check(&["x", "a-0::p", "a-0::q", "a-1::p"]), wrong("a-1"));
        assert_eq!(loops.check(&["x", "a-0::p", "a-1::q", "a-1::p", "a-1::q"]), wrong("a-0"));
        assert_eq!(loops.check(&["x", "a-01::p", "a-0::q", "a-1::p", "a-1::q"]), wrong("a-0"));
        assert_eq!(loops.check(&[""; 0]), wrong("a-0"));
    }
}
