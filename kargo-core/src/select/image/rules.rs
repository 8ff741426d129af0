//! What an image subscription says, checked and compiled (discovery 2.1).

use super::{ImageListing, Platform};
use crate::{
    model::{ImageSelectionStrategy, ImageSubscription, Tag},
    select::{
        subscription_error::{SubscriptionError, SubscriptionProblem},
        tag_filter::{TagFilter, limit},
        tag_order::{TagOrder, TagRule, VersionRule},
    },
};

/// How much must be known of each image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Digest, annotations and creation time, as the reference records them.
    #[default]
    Full,
    /// The digest, and beyond that only what selecting needs: a `HEAD` per image where neither a platform nor `NewestBuild`
    /// asks for more. Annotations and creation time are left out where they are not read anyway.
    Digest,
}

/// An image subscription, checked and compiled.
///
/// What admission would have written where the subscription says nothing holds here, too: a limit of 20, strict versions.
#[derive(Clone, Debug)]
pub struct ImageRules {
    pub(super) choice: Choice,
    pub(super) platform: Option<Platform>,
    pub(super) limit: usize,
    pub(super) detail: Detail,
}

/// Which images are candidates.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    /// The best names.
    Names(TagRule),
    /// The latest built among all names that are allowed.
    Dates(TagRule),
    /// What one tag points at.
    Tag(Tag),
}

impl ImageRules {
    /// Checks and compiles a subscription.
    ///
    /// # Errors
    ///
    /// [`SubscriptionError`] names the field and the rule it breaks: a pattern, a constraint, a platform or a limit that
    /// cannot be read, `Digest` without a tag, a field that was removed.
    pub fn new(subscription: &ImageSubscription) -> Result<Self, SubscriptionError> {
        let constraint = subscription.constraint.as_deref();
        let choice = match subscription.image_selection_strategy {
            ImageSelectionStrategy::SemVer => {
                let versions = VersionRule::new("constraint", constraint, subscription.strict_semvers)?;
                Choice::Names(tags(subscription, TagOrder::Version(versions))?)
            }
            ImageSelectionStrategy::Lexical => Choice::Names(tags(subscription, TagOrder::Text)?),
            ImageSelectionStrategy::NewestBuild => Choice::Dates(tags(subscription, TagOrder::Text)?),
            ImageSelectionStrategy::Digest => {
                let tag = constraint.filter(|tag| !tag.is_empty());
                Choice::Tag(tag.ok_or_else(|| SubscriptionError::new("constraint", SubscriptionProblem::NoTag))?.into())
            }
        };
        let platform = subscription.platform.as_deref().filter(|text| !text.is_empty());
        Ok(Self {
            choice,
            platform: platform.map(Platform::parse).transpose()?,
            limit: limit(subscription.discovery_limit)?,
            detail: Detail::default(),
        })
    }

    /// Says how much must be known of each image.
    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }

    /// Whether the tags must be listed; `Digest` needs no list.
    #[must_use]
    pub fn needs_listing(&self) -> bool {
        !matches!(self.choice, Choice::Tag(_))
    }

    /// Whether a tag of this name may be selected, as webhooks ask (discovery 2.2).
    #[must_use]
    pub fn allows(&self, tag: &str) -> bool {
        match &self.choice {
            Choice::Names(rule) | Choice::Dates(rule) => rule.allows(tag),
            Choice::Tag(wanted) => wanted == tag,
        }
    }

    /// How many images are kept.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The platform that is wanted, if not any.
    #[must_use]
    pub fn platform(&self) -> Option<&Platform> {
        self.platform.as_ref()
    }

    /// Whether dates decide which images are selected, not names.
    #[must_use]
    pub fn ranks_by_date(&self) -> bool {
        matches!(self.choice, Choice::Dates(_))
    }

    /// How much must be known of each image.
    #[must_use]
    pub fn wanted_detail(&self) -> Detail {
        self.detail
    }

    /// Begins a selection, which first takes the names of tags.
    #[must_use]
    pub fn listing(&self) -> ImageListing {
        ImageListing::new(self.clone())
    }
}

fn tags(subscription: &ImageSubscription, order: TagOrder) -> Result<TagRule, SubscriptionError> {
    Ok(TagRule { filter: TagFilter::of_image(subscription)?, order })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_2_1_what_is_wrong_is_named() {
        let good = ImageSubscription::default();
        let digest = ImageSelectionStrategy::Digest;
        for (subscription, field) in [
            (ImageSubscription { constraint: Some("latest".into()), ..good.clone() }, "constraint"),
            (ImageSubscription { image_selection_strategy: digest, ..good.clone() }, "constraint"),
            (ImageSubscription { platform: Some("linux".into()), ..good.clone() }, "platform"),
            (ImageSubscription { discovery_limit: 101, ..good.clone() }, "discoveryLimit"),
            (ImageSubscription { allow_tags: Some("x".into()), ..good.clone() }, "allowTags"),
            (ImageSubscription { ignore_tags: vec!["x".into()], ..good.clone() }, "ignoreTags"),
            (ImageSubscription { allow_tags_regexes: vec!["(".into()], ..good.clone() }, "allowTagsRegexes[0]"),
        ] {
            assert_eq!(ImageRules::new(&subscription).unwrap_err().field(), field);
        }
        assert_eq!(ImageRules::new(&good).unwrap().limit(), 20, "discovery 1.2");
    }

    #[test]
    fn discovery_2_1_fields_without_meaning_for_a_strategy_are_not_read() {
        for strategy in [ImageSelectionStrategy::Lexical, ImageSelectionStrategy::NewestBuild] {
            let subscription = ImageSubscription {
                image_selection_strategy: strategy,
                constraint: Some("latest".into()),
                ..ImageSubscription::default()
            };
            assert!(ImageRules::new(&subscription).unwrap().allows("anything"));
        }
        let digest = ImageSubscription {
            image_selection_strategy: ImageSelectionStrategy::Digest,
            constraint: Some("latest".into()),
            allow_tags: Some("x".into()),
            ignore_tags_regexes: vec!["(".into()],
            ..ImageSubscription::default()
        };
        let rules = ImageRules::new(&digest).unwrap();
        assert!(!rules.needs_listing() && rules.allows("latest") && !rules.allows("late"));
    }
}
