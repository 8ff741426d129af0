//! Whether a version satisfies one comparison (discovery 2.11, "Operators").

use std::cmp::Ordering;

use super::range::{Open, Operator, Part};
use crate::model::version::cmp_pre_release;
use crate::select::Version;

impl Part {
    /// The comparison alone; whether pre-releases are let in was decided for the whole alternative.
    ///
    /// An open major number counts as open only for `=`, `~` and `<=`; for the other operators the base is the
    /// plain 0.0.0 it was padded to.
    pub(super) fn holds(&self, version: &Version) -> bool {
        let order = version.cmp_precedence(&self.base);
        match self.operator {
            Operator::Equal if self.open == Open::None => order == Ordering::Equal,
            Operator::Equal | Operator::Tilde => order.is_ge() && self.tilde(version),
            Operator::NotEqual => self.differs(version, order),
            Operator::Greater => self.above(version, order),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => self.at_most(version, order),
            Operator::Caret => order.is_ge() && self.caret(version),
        }
    }

    fn tilde(&self, version: &Version) -> bool {
        let base = &self.base;
        let line_is_open = matches!(self.open, Open::Minor | Open::Patch);
        let zero = (base.major(), base.minor(), base.patch()) == (0, 0, 0);
        // `~0.0.0` means "anything", and `*` is read as it.
        (zero && !line_is_open)
            || (version.major() == base.major() && (self.open == Open::Minor || version.minor() == base.minor()))
    }

    fn caret(&self, version: &Version) -> bool {
        let base = &self.base;
        version.major() == base.major()
            && (base.major() > 0
                || self.open == Open::Minor
                || (version.minor() == base.minor()
                    && (base.minor() > 0 || self.open == Open::Patch || version.patch() == base.patch())))
    }

    fn differs(&self, version: &Version, order: Ordering) -> bool {
        match self.open {
            Open::None | Open::Major => order != Ordering::Equal,
            Open::Minor => version.major() != self.base.major(),
            Open::Patch => {
                let (ours, theirs) = (self.base.pre_release(), version.pre_release());
                (version.major(), version.minor()) != (self.base.major(), self.base.minor())
                    || cmp_pre_release(ours.unwrap_or_default(), theirs.unwrap_or_default()) != Ordering::Equal
            }
        }
    }

    fn above(&self, version: &Version, order: Ordering) -> bool {
        match self.open {
            Open::None | Open::Major => order.is_gt(),
            Open::Minor => version.major() > self.base.major(),
            Open::Patch => (version.major(), version.minor()) > (self.base.major(), self.base.minor()),
        }
    }

    fn at_most(&self, version: &Version, order: Ordering) -> bool {
        match self.open {
            Open::None => order.is_le(),
            Open::Minor => version.major() <= self.base.major(),
            Open::Patch | Open::Major => (version.major(), version.minor()) <= (self.base.major(), self.base.minor()),
        }
    }
}
