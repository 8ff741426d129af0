//! A window of candidates, and what one tag changes about it.

use super::TagEffect;
use crate::{
    model::{DiscoveredImage, Tag},
    select::image::{Ask, ImageRules, Seen},
};

/// Puts what a tag is now into the window that the last look left, so that it is what another look would find, or says that
/// only another look can tell.
///
/// A window that is not full has all images there are. Behind a full one others may wait, whose ranks nobody knows; so
/// what falls out of it, or behind its last, leaves a place that only a look can fill.
pub(super) fn put(
    rules: &ImageRules,
    window: Vec<DiscoveredImage>,
    tag: &Tag,
    now: Option<DiscoveredImage>,
) -> (Vec<DiscoveredImage>, TagEffect) {
    let was = window.iter().position(|image| image.tag == *tag);
    let is_full = window.len() >= rules.limit();
    let Some(now) = now else {
        return match was {
            None => (window, TagEffect::Unchanged),
            Some(_) if is_full && rules.needs_listing() => (window, TagEffect::NeedsLook),
            Some(_) => (window.into_iter().filter(|image| image.tag != *tag).collect(), TagEffect::Changed),
        };
    };
    let sinks = rules.ranks_by_date()
        && was.is_some()
        && is_full
        && window.last().is_some_and(|last| (now.created_at, &now.tag) < (last.created_at, &last.tag));
    if sinks {
        return (window, TagEffect::NeedsLook);
    }
    let mut all: Vec<_> = window.iter().filter(|image| image.tag != *tag).cloned().chain([now]).collect();
    rank(rules, &mut all);
    all.truncate(rules.limit());
    let effect = if all == window { TagEffect::Unchanged } else { TagEffect::Changed };
    (all, effect)
}

/// Best first; those that the rules do not let through are left out.
fn rank(rules: &ImageRules, images: &mut Vec<DiscoveredImage>) {
    if rules.ranks_by_date() {
        images.retain(|image| rules.allows(&image.tag));
        images.sort_by(|left, right| (right.created_at, &right.tag).cmp(&(left.created_at, &left.tag)));
        return;
    }
    let mut listing = rules.listing();
    listing.offer(images.iter().map(|image| image.tag.clone()));
    let asks = listing.listed().asks(usize::MAX, |_| Seen::Never);
    let order = asks.into_iter().filter_map(|ask| match ask {
        Ask::Tag(tag) | Ask::Head(tag) => images.iter().find(|image| image.tag == tag).cloned(),
        Ask::Manifest(_) | Ask::Config(_) => None,
    });
    *images = order.collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ImageSelectionStrategy, ImageSubscription};

    fn rules(strategy: ImageSelectionStrategy) -> ImageRules {
        let subscription = ImageSubscription {
            image_selection_strategy: strategy,
            discovery_limit: 3,
            ..ImageSubscription::default()
        };
        ImageRules::new(&subscription).unwrap()
    }

    fn image(tag: &str, year: u32) -> DiscoveredImage {
        let created_at = format!("20{year:02}-01-01T00:00:00Z").parse().ok();
        DiscoveredImage {
            tag: tag.into(),
            digest: format!("{tag}{year}").as_str().into(),
            created_at,
            ..Default::default()
        }
    }

    fn tags(window: &[DiscoveredImage]) -> String {
        window.iter().map(|image| image.tag.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn check(
        strategy: ImageSelectionStrategy,
        window: &[DiscoveredImage],
        tag: &str,
        now: Option<DiscoveredImage>,
    ) -> (String, TagEffect) {
        let (window, effect) = put(&rules(strategy), window.to_vec(), &tag.into(), now);
        (tags(&window), effect)
    }

    #[test]
    fn requirements_a11_names_take_their_places() {
        let semver = |window: &[_], tag: &str, now| check(ImageSelectionStrategy::SemVer, window, tag, now);
        let full = [image("1.4.0", 1), image("1.3.0", 1), image("1.1.0", 1)];
        let expected = |tags: &str, effect| (tags.to_owned(), effect);
        assert_eq!(semver(&full, "1.2.0", Some(image("1.2.0", 9))), expected("1.4.0 1.3.0 1.2.0", TagEffect::Changed));
        assert_eq!(
            semver(&full, "1.0.0", Some(image("1.0.0", 9))),
            expected("1.4.0 1.3.0 1.1.0", TagEffect::Unchanged)
        );
        assert_eq!(
            semver(&full, "1.3.0", Some(image("1.3.0", 1))),
            expected("1.4.0 1.3.0 1.1.0", TagEffect::Unchanged)
        );
        assert_eq!(semver(&full, "1.3.0", Some(image("1.3.0", 2))), expected("1.4.0 1.3.0 1.1.0", TagEffect::Changed));
        assert_eq!(semver(&full, "1.3.0", None), expected("1.4.0 1.3.0 1.1.0", TagEffect::NeedsLook));
        assert_eq!(semver(&full, "1.2.0", None), expected("1.4.0 1.3.0 1.1.0", TagEffect::Unchanged));
        assert_eq!(semver(&full[1..], "1.3.0", None), expected("1.1.0", TagEffect::Changed));
        assert_eq!(semver(&[], "1.3.0", Some(image("1.3.0", 1))), expected("1.3.0", TagEffect::Changed));
    }

    #[test]
    fn requirements_a11_dates_may_sink_behind_what_nobody_knows() {
        let newest = |window: &[_], tag: &str, now| check(ImageSelectionStrategy::NewestBuild, window, tag, now);
        let full = [image("a", 9), image("b", 6), image("c", 3)];
        let expected = |tags: &str, effect| (tags.to_owned(), effect);
        assert_eq!(newest(&full, "a", Some(image("a", 4))), expected("b a c", TagEffect::Changed));
        assert_eq!(newest(&full, "a", Some(image("a", 2))), expected("a b c", TagEffect::NeedsLook));
        assert_eq!(newest(&full, "c", Some(image("c", 2))), expected("a b c", TagEffect::NeedsLook));
        assert_eq!(newest(&full[..2], "a", Some(image("a", 2))), expected("b a", TagEffect::Changed));
        assert_eq!(newest(&full, "d", Some(image("d", 2))), expected("a b c", TagEffect::Unchanged));
        assert_eq!(newest(&full, "d", Some(image("d", 7))), expected("a d b", TagEffect::Changed));
        let undated = DiscoveredImage { created_at: None, ..image("d", 7) };
        assert_eq!(newest(&full[..2], "d", Some(undated)), expected("a b d", TagEffect::Changed));
    }
}
