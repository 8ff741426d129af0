//! How often what occurred.

use std::{collections::BTreeMap, fmt};

/// How often what occurred, in one run or in many: kinds of events, of commands and their refusals, reasons, faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<(Counted, String), u64>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Kinds of events.
    Event,
    /// What was done: commands and reports.
    Input,
    /// Commands that were refused, by the first obstacle.
    Refusal,
    /// Reasons in refusals and explanations.
    Reason,
    /// What went wrong.
    Fault,
    /// Checks of invariants that looked at something.
    Check,
}

impl Tally {
    pub(crate) fn add(&mut self, counted: Counted, name: impl Into<String>) {
        *self.counts.entry((counted, name.into())).or_default() += 1;
    }

    pub(crate) fn add_many(&mut self, counted: Counted, name: impl Into<String>, times: u64) {
        *self.counts.entry((counted, name.into())).or_default() += times;
    }

    /// How often it occurred.
    #[must_use]
    pub fn of(&self, counted: Counted, name: &str) -> u64 {
        self.counts.get(&(counted, name.to_owned())).copied().unwrap_or_default()
    }

    /// All that occurred of one sort, by name.
    pub fn all(&self, counted: Counted) -> impl Iterator<Item = (&str, u64)> {
        let of = self.counts.iter().filter(move |((sort, _), _)| *sort == counted);
        of.map(|((_, name), times)| (name.as_str(), *times))
    }

    /// Adds what another run counted.
    pub fn merge(&mut self, other: &Self) {
        for ((counted, name), times) in &other.counts {
            self.add_many(*counted, name.as_str(), *times);
        }
    }

    /// The names of a list that never occurred.
    #[must_use]
    pub fn missing(&self, counted: Counted, names: &[String]) -> Vec<String> {
        names.iter().filter(|name| self.of(counted, name) == 0).cloned().collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = None;
        for ((counted, name), times) in &self.counts {
            if before.replace(*counted) != Some(*counted) {
                writeln!(f, "{counted:?}")?;
            }
            writeln!(f, "{times:>9}  {name}")?;
        }
        Ok(())
    }
}
