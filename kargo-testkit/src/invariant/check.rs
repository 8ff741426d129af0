//! What an invariant is: a number, a name, a sentence, and a function that looks.

use std::fmt;

use kargo_core::{Engine, Recorded, Timestamp, World};

use super::{Batch, Moment};

/// At how many things a check looked, or what is wrong. A check that never looks at anything proves nothing.
pub type Looked = Result<u64, String>;

/// One invariant of control section 13.
#[derive(Clone, Copy)]
pub struct Invariant {
    /// Its number there.
    pub number: u8,
    /// Its name, in a few words.
    pub name: &'static str,
    /// What it says.
    pub says: &'static str,
    /// What looks.
    pub check: Check,
}

/// What a check looks at.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Check {
    /// An event and the world right before it; local.
    Event(fn(&Moment<'_>) -> Looked),
    /// What a batch touched; local.
    Batch(fn(&Batch<'_>) -> Looked),
    /// A whole world at an instant; global.
    World(fn(&World, Timestamp) -> Looked),
    /// A whole log and the world it led to; global.
    Log(fn(&[Recorded], &World) -> Looked),
    /// An engine, on forks of which things are tried that a number picks; global.
    Engine(fn(&Engine, Timestamp, u64) -> Looked),
}

impl Invariant {
    /// Whether it is checked after every batch, on what that touched.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self.check, Check::Event(_) | Check::Batch(_))
    }

    /// Its number and name, as violations name it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.number, self.name)
    }
}

impl fmt::Debug for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}: {}", self.number, self.name, self.says)
    }
}

/// Two lists are the same, or what was compared says so.
pub(super) fn agree<T: PartialEq + fmt::Debug>(what: &str, one: &T, two: &T) -> Looked {
    if one == two { Ok(1) } else { Err(format!("{what}: {one:?} and {two:?}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The checks that compare two answers of the engine about one world can be broken by no world, only by the engine: that they
    /// would say so is shown on what they compare.
    #[test]
    fn control_13_20_21_31_and_32_see_what_differs() {
        assert_eq!(agree("uat", &["a"], &["a"]), Ok(1));
        assert_eq!(agree("uat", &["a", "b"], &["a", "c"]), Err("uat: [\"a\", \"b\"] and [\"a\", \"c\"]".to_owned()));
    }
}
