//! How names of tags rank against each other, and which count as versions (discovery 2.3 to 2.5 and 3.4).

use std::cmp::Ordering;

use super::{
    Constraint, Version,
    subscription_error::{SubscriptionError, SubscriptionProblem},
    tag_filter::TagFilter,
};
use crate::model::Tag;

/// Which names may win, and which of two is better.
#[derive(Clone, Debug)]
pub(super) struct TagRule {
    pub(super) filter: TagFilter,
    pub(super) order: TagOrder,
}

/// Which of two names is better.
#[derive(Clone, Debug)]
pub(super) enum TagOrder {
    /// The last in byte order.
    Text,
    /// The greatest version; names that are none are out.
    Version(VersionRule),
}

/// Which names are versions that count.
#[derive(Clone, Debug)]
pub(super) struct VersionRule {
    strict: bool,
    constraint: Option<Constraint>,
    knows_pre_releases: bool,
}

impl VersionRule {
    /// Without a word on strictness versions are read strictly, as admission would write (discovery 1.2).
    pub(super) fn new(field: &str, constraint: Option<&str>, strict: Option<bool>) -> Result<Self, SubscriptionError> {
        let constraint = constraint_of(field, constraint)?;
        let knows_pre_releases = constraint.as_ref().is_none_or(Constraint::knows_pre_releases);
        Ok(Self { strict: strict.unwrap_or(true), constraint, knows_pre_releases })
    }

    fn read(&self, tag: &str) -> Option<Version> {
        let version = Version::parse_tag(tag, self.strict).ok()?;
        self.constraint.as_ref().is_none_or(|constraint| constraint.matches(&version)).then_some(version)
    }
}

/// The constraint of a field, if it has one; an empty text is none.
pub(super) fn constraint_of(field: &str, text: Option<&str>) -> Result<Option<Constraint>, SubscriptionError> {
    let refused = |error| SubscriptionError::new(field, SubscriptionProblem::Constraint(error));
    text.filter(|text| !text.is_empty()).map(Constraint::parse).transpose().map_err(refused)
}

/// A name that passed every rule on names, where it ranks. The greatest is the best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranked {
    version: Option<Version>,
    pub(super) tag: Tag,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_version = match (&self.version, &other.version) {
            (Some(left), Some(right)) => left.cmp_precedence(right),
            _ => Ordering::Equal,
        };
        by_version.then_with(|| self.tag.as_bytes().cmp(other.tag.as_bytes()))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What can be told of a name at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glance {
    /// It breaks a rule.
    Out,
    /// If it breaks none, it ranks below the name it was compared with.
    Below,
    /// One has to look closely.
    Unclear,
}

impl TagRule {
    /// Whether the name passes every rule on names (also those of a webhook's tag, discovery 2.2).
    pub(super) fn allows(&self, tag: &str) -> bool {
        self.filter.allows(tag)
            && match &self.order {
                TagOrder::Text => true,
                TagOrder::Version(rule) => rule.read(tag).is_some(),
            }
    }

    /// Where the name ranks; `None` if it breaks a rule.
    pub(super) fn rank(&self, tag: Tag) -> Option<Ranked> {
        let version = match &self.order {
            TagOrder::Text => None,
            TagOrder::Version(rule) => Some(rule.read(&tag)?),
        };
        self.filter.allows(&tag).then_some(Ranked { version, tag })
    }

    /// What a look at the first numbers, or first bytes, tells: most names of a long list are settled by it.
    pub(super) fn glance(&self, tag: &str, worst: Option<&Ranked>) -> Glance {
        let rule = match &self.order {
            TagOrder::Text => {
                let below = worst.is_some_and(|worst| tag.as_bytes() <= worst.tag.as_bytes());
                return if below { Glance::Below } else { Glance::Unclear };
            }
            TagOrder::Version(rule) => rule,
        };
        let Some(numbers) = Numbers::of(tag) else { return Glance::Out };
        // No pre-release can satisfy such a constraint.
        if numbers.next == Some(b'-') && !rule.knows_pre_releases {
            return Glance::Out;
        }
        let Some(values) = numbers.values else { return Glance::Unclear };
        let worst = worst.and_then(|worst| worst.version.as_ref());
        if worst.is_some_and(|worst| values < [worst.major(), worst.minor(), worst.patch()]) {
            return Glance::Below;
        }
        if numbers.next.is_none()
            && let Some(constraint) = &rule.constraint
            && !constraint.matches(&Version::assemble(values, "", String::new()))
        {
            return Glance::Out;
        }
        Glance::Unclear
    }
}

/// The numbers a name begins with.
struct Numbers {
    /// `None` if one does not fit.
    values: Option<[u64; 3]>,
    /// What follows them.
    next: Option<u8>,
}

impl Numbers {
    /// `None` if the text does not begin as a version does.
    fn of(tag: &str) -> Option<Self> {
        let mut bytes = tag.as_bytes();
        if let [b'v', rest @ ..] = bytes {
            bytes = rest;
        }
        let mut values = Some([0_u64; 3]);
        for at in 0..3 {
            let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (number, rest) = bytes.split_at_checked(digits)?;
            if number.is_empty() {
                return None;
            }
            bytes = rest;
            let value = number
                .iter()
                .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
            match (&mut values, value) {
                (Some(all), Some(value)) => {
                    if let Some(place) = all.get_mut(at) {
                        *place = value;
                    }
                }
                _ => values = None,
            }
            match bytes {
                [b'.', rest @ ..] if at < 2 => bytes = rest,
                _ => break,
            }
        }
        Some(Self { values, next: bytes.first().copied() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ImageSubscription;
    use proptest::prelude::*;

    fn rule(constraint: Option<&str>, strict: bool) -> TagRule {
        let filter = TagFilter::of_image(&ImageSubscription::default()).unwrap();
        let order = TagOrder::Version(VersionRule::new("constraint", constraint, Some(strict)).unwrap());
        TagRule { filter, order }
    }

    #[test]
    fn discovery_2_4_strict_versions_and_the_constraint() {
        for (constraint, strict, tag, expected) in [
            (None, true, "v1.2.3", true),
            (None, true, "1.2", false),
            (None, false, "1.2", true),
            (None, true, "2024.01.02", false),
            (None, false, "20240101", true),
            (None, false, "latest", false),
            (Some("^1.2"), true, "1.9.0", true),
            (Some("^1.2"), true, "2.0.0", false),
            (Some("^1.2"), true, "1.9.0-rc.1", false),
            (Some("^1.2-0"), true, "1.9.0-rc.1", true),
        ] {
            assert_eq!(rule(constraint, strict).allows(tag), expected, "{constraint:?} {strict} {tag}");
        }
        assert!(
            VersionRule::new("constraint", None, None).unwrap().strict,
            "discovery 1.2: strict unless said otherwise"
        );
    }

    #[test]
    fn discovery_2_3_ties_go_by_text() {
        let rule = rule(None, false);
        let mut ranked: Vec<_> =
            ["1.0", "1.0.0", "v1.0.0", "1.0.0+b", "1.0.0-rc"].map(|tag| rule.rank(tag.into()).unwrap()).into();
        ranked.sort_by(|left, right| right.cmp(left));
        let tags: Vec<_> = ranked.iter().map(|ranked| ranked.tag.as_str()).collect();
        assert_eq!(tags, ["v1.0.0", "1.0.0+b", "1.0.0", "1.0", "1.0.0-rc"]);
    }

    proptest! {
        #[test]
        fn a_glance_never_contradicts_a_close_look(
            tag in "v?[0-9]{1,3}(\\.[0-9]{1,3}){0,3}([-+][a-z0-9.]{0,5})?|[v0-9.+-]{0,9}|[0-9]{20}",
            worst in "[0-9](\\.[0-9]){0,2}(-a)?",
            constraint in proptest::option::of("[\\^~<>]?[0-9](\\.[0-9]){0,2}(-0)?"),
            strict in any::<bool>(),
        ) {
            let rule = rule(constraint.as_deref(), strict);
            let worst = TagRule { order: TagOrder::Version(VersionRule::new("", None, Some(false)).unwrap()), ..rule.clone() }
                .rank(worst.as_str().into());
            let close = rule.rank(tag.as_str().into());
            match rule.glance(&tag, worst.as_ref()) {
                Glance::Out => prop_assert_eq!(close, None),
                Glance::Below => prop_assert!(close.is_none_or(|close| Some(&close) < worst.as_ref())),
                Glance::Unclear => {}
            }
        }
    }
}
