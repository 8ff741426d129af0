//! Which names of tags a subscription allows (discovery 2.2).

use std::sync::Arc;

use regex::Regex;

use super::{
    compile_regex,
    subscription_error::{SubscriptionError, SubscriptionProblem},
};
use crate::model::{GitSubscription, ImageSubscription, Subscription};

/// The regular expressions of `allowTagsRegexes` and `ignoreTagsRegexes`, compiled. Clones share them: one of a `Regex` has
/// scratch space of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct TagFilter {
    allow: Arc<[Regex]>,
    ignore: Arc<[Regex]>,
}

impl TagFilter {
    pub(super) fn of_image(subscription: &ImageSubscription) -> Result<Self, SubscriptionError> {
        let removed = (subscription.allow_tags.as_deref(), subscription.ignore_tags.as_slice());
        Self::new(&subscription.allow_tags_regexes, &subscription.ignore_tags_regexes, removed)
    }

    pub(super) fn of_git(subscription: &GitSubscription) -> Result<Self, SubscriptionError> {
        let removed = (subscription.allow_tags.as_deref(), subscription.ignore_tags.as_slice());
        Self::new(&subscription.allow_tags_regexes, &subscription.ignore_tags_regexes, removed)
    }

    fn new(allow: &[String], ignore: &[String], removed: (Option<&str>, &[String])) -> Result<Self, SubscriptionError> {
        let gone = |field: &str, instead| Err(SubscriptionError::new(field, SubscriptionProblem::Removed { instead }));
        if removed.0.is_some_and(|text| !text.is_empty()) {
            return gone("allowTags", "allowTagsRegexes");
        }
        if !removed.1.is_empty() {
            return gone("ignoreTags", "ignoreTagsRegexes");
        }
        Ok(Self { allow: compiled("allowTagsRegexes", allow)?, ignore: compiled("ignoreTagsRegexes", ignore)? })
    }

    /// Whether the name is allowed: none of the ignored patterns is found in it, and one of the allowed if there are any.
    pub(super) fn allows(&self, tag: &str) -> bool {
        let found = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(tag));
        // What is wanted is said more often, and decides more, than what is not.
        (self.allow.is_empty() || found(&self.allow)) && !found(&self.ignore)
    }
}

fn compiled(field: &str, patterns: &[String]) -> Result<Arc<[Regex]>, SubscriptionError> {
    let one = |(at, pattern): (usize, &String)| {
        compile_regex(pattern)
            .map_err(|error| SubscriptionError::new(format!("{field}[{at}]"), SubscriptionProblem::Pattern(error)))
    };
    patterns.iter().enumerate().map(one).collect()
}

/// The limit that a subscription sets: 20 where it says nothing, as admission would write (discovery 1.2).
pub(super) fn limit(limit: i64) -> Result<usize, SubscriptionError> {
    let limit = if limit == 0 { Subscription::DEFAULT_DISCOVERY_LIMIT } else { limit };
    let refused = || SubscriptionError::new("discoveryLimit", SubscriptionProblem::Limit { limit });
    usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit)).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::{PatternError, RegexProblem};

    fn filter(allow: &[&str], ignore: &[&str]) -> Result<TagFilter, SubscriptionError> {
        TagFilter::of_image(&ImageSubscription {
            allow_tags_regexes: allow.iter().map(ToString::to_string).collect(),
            ignore_tags_regexes: ignore.iter().map(ToString::to_string).collect(),
            ..ImageSubscription::default()
        })
    }

    #[test]
    fn discovery_2_2_search_and_ignore_wins() {
        for (allow, ignore, tag, expected) in [
            (&[][..], &[][..], "anything", true),
            (&["^v"], &[], "v1", true),
            (&["^v"], &[], "1v", false),
            (&["a", "b"], &[], "xbx", true),
            (&["a"], &["a"], "a", false),
            (&[], &["-rc"], "1.0-rc.1", false),
            (&[], &["^-rc"], "1.0-rc.1", true),
            (&["1"], &["2", "rc"], "1-rc", false),
        ] {
            assert_eq!(filter(allow, ignore).unwrap().allows(tag), expected, "{allow:?} {ignore:?} {tag}");
        }
    }

    #[test]
    fn discovery_2_1_and_3_1_removed_fields_and_bad_patterns_are_named() {
        let error = filter(&["a", "("], &[]).unwrap_err();
        assert_eq!(error.field(), "allowTagsRegexes[1]");
        let problem = RegexProblem::UnclosedGroup;
        let pattern = PatternError::Regex { pattern: "(".to_owned(), at: 0, problem };
        assert_eq!(error.problem(), &SubscriptionProblem::Pattern(pattern));
        assert_eq!(filter(&[], &["*"]).unwrap_err().field(), "ignoreTagsRegexes[0]");

        let git = GitSubscription { allow_tags: Some("x".into()), ..GitSubscription::default() };
        assert_eq!(
            TagFilter::of_git(&git).unwrap_err().to_string(),
            "allowTags: is no longer supported: write allowTagsRegexes (discovery 2.1 and 3.1)"
        );
        let image = ImageSubscription { ignore_tags: vec!["x".into()], ..ImageSubscription::default() };
        assert_eq!(TagFilter::of_image(&image).unwrap_err().field(), "ignoreTags");
        let empty = GitSubscription { allow_tags: Some(String::new()), ..GitSubscription::default() };
        assert!(TagFilter::of_git(&empty).is_ok(), "an empty text is none");
    }

    #[test]
    fn discovery_1_2_limits() {
        for (limit, expected) in
            [(0, Some(20)), (1, Some(1)), (100, Some(100)), (101, None), (-1, None), (i64::MIN, None)]
        {
            assert_eq!(super::limit(limit).ok(), expected, "{limit}");
        }
    }
}
