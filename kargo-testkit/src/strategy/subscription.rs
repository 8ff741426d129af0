//! Subscriptions of Warehouses, with the defaults that admission writes (resources 7.1).

use kargo_core::model::{
    ChartSubscription, CommitSelectionStrategy, GitSubscription, ImageSelectionStrategy, ImageSubscription,
    OtherSubscription, Source, Subscription,
};
use proptest::{prelude::*, sample::select};

use super::{
    json::json_object,
    scalar::{chars, dns_label_of, list, maybe, one_of, some, timestamp},
    text::{commit_filter, image_tag, path_pattern, platform, regex, version_constraint},
    url::{branch, chart_repository, git_url, image_url, number, oci_chart},
};

/// Subscriptions of one Warehouse to git, images and charts: at least one, no repository and no name twice.
pub fn subscriptions() -> BoxedStrategy<Vec<Subscription>> {
    numbered(some(any_subscription(), 4))
}

/// Subscriptions as [`subscriptions`] makes them, some of them generic, of one of these types.
///
/// Kargo's open edition knows no generic type and refuses them all; a host that registers subscribers does not.
pub fn subscriptions_with(types: &'static [&'static str]) -> BoxedStrategy<Vec<Subscription>> {
    numbered(some(prop_oneof![2 => any_subscription(), 1 => other_subscription(types)], 4))
}

/// One subscription to git, an image or a chart.
pub fn any_subscription() -> BoxedStrategy<Subscription> {
    let source = prop_oneof![
        any_git_subscription().prop_map(Source::Git),
        any_image_subscription().prop_map(Source::Image),
        any_chart_subscription().prop_map(Source::Chart),
    ];
    (maybe(subscription_name()), source).prop_map(|(name, source)| Subscription { name, source }).boxed()
}

/// One generic subscription of one of these types.
pub fn other_subscription(types: &'static [&'static str]) -> BoxedStrategy<Subscription> {
    (subscription_name(), one_of(types), maybe(json_object()), limit())
        .prop_map(|(name, subscription_type, config, discovery_limit)| Subscription {
            name: Some(name),
            source: Source::Other(OtherSubscription { subscription_type, config, discovery_limit }),
        })
        .boxed()
}

/// What only one selection strategy reads: branch and since, or constraint; for the tag strategies their regexes.
type ByStrategy = (CommitSelectionStrategy, Option<String>, Option<String>, Option<kargo_core::model::Timestamp>);

fn commit_selection() -> BoxedStrategy<ByStrategy> {
    use CommitSelectionStrategy::{Lexical, NewestFromBranch, NewestTag, SemVer};
    prop_oneof![
        2 => (maybe(branch()), maybe(timestamp())).prop_map(|(branch, since)| (NewestFromBranch, branch, None, since)),
        1 => maybe(version_constraint()).prop_map(|constraint| (SemVer, None, constraint, None)),
        1 => select(&[Lexical, NewestTag][..]).prop_map(|strategy| (strategy, None, None, None)),
    ]
    .boxed()
}

prop_compose! {
    /// A subscription to a git repository. The removed fields `allowTags` and `ignoreTags` occur only where they do no harm:
    /// with a strategy that reads no tags (resources 22).
    pub fn any_git_subscription()(
        repo_url in git_url(),
        (commit_selection_strategy, branch, semver_constraint, since) in commit_selection(),
        strict_semvers in any::<bool>(),
        (allow_tags, ignore_tags) in removed_fields(),
        allow_tags_regexes in list(regex(), 2),
        ignore_tags_regexes in list(regex(), 2),
        expression_filter in maybe(commit_filter()),
        insecure_skip_tls_verify in any::<bool>(),
        (include_paths, exclude_paths) in (list(path_pattern(), 2), list(path_pattern(), 2)),
        discovery_limit in limit(),
        blobless in any::<bool>(),
    ) -> GitSubscription {
        let reads_tags = commit_selection_strategy != CommitSelectionStrategy::NewestFromBranch;
        GitSubscription {
            repo_url,
            commit_selection_strategy,
            branch,
            strict_semvers: Some(strict_semvers),
            semver_constraint,
            allow_tags: allow_tags.filter(|_| !reads_tags),
            allow_tags_regexes,
            ignore_tags: if reads_tags { Vec::new() } else { ignore_tags },
            ignore_tags_regexes,
            expression_filter,
            insecure_skip_tls_verify,
            include_paths,
            exclude_paths,
            discovery_limit,
            since,
            blobless,
        }
    }
}

/// A selection strategy with a constraint that it can read, or ignores.
fn image_selection() -> BoxedStrategy<(ImageSelectionStrategy, Option<String>)> {
    use ImageSelectionStrategy::{Digest, Lexical, NewestBuild, SemVer};
    prop_oneof![
        2 => maybe(version_constraint()).prop_map(|constraint| (SemVer, constraint)),
        1 => (select(&[Lexical, NewestBuild][..]), maybe(version_constraint())),
        1 => image_tag().prop_map(|tag| (Digest, Some(tag.as_str().to_owned()))),
    ]
    .boxed()
}

prop_compose! {
    /// A subscription to an image. The removed fields occur only with strategy Digest, which does not read them.
    pub fn any_image_subscription()(
        repo_url in image_url(),
        (image_selection_strategy, constraint) in image_selection(),
        strict_semvers in any::<bool>(),
        (allow_tags, ignore_tags) in removed_fields(),
        allow_tags_regexes in list(regex(), 2),
        ignore_tags_regexes in list(regex(), 2),
        platform in maybe(platform()),
        insecure_skip_tls_verify in any::<bool>(),
        discovery_limit in limit(),
        cache_by_tag in any::<bool>(),
    ) -> ImageSubscription {
        let reads_tags = image_selection_strategy != ImageSelectionStrategy::Digest;
        ImageSubscription {
            repo_url,
            image_selection_strategy,
            constraint,
            strict_semvers: Some(strict_semvers),
            allow_tags: allow_tags.filter(|_| !reads_tags),
            allow_tags_regexes,
            ignore_tags: if reads_tags { Vec::new() } else { ignore_tags },
            ignore_tags_regexes,
            platform,
            insecure_skip_tls_verify,
            discovery_limit,
            cache_by_tag,
        }
    }
}

prop_compose! {
    /// A subscription to a chart: by name in a chart repository, or without a name in a registry.
    pub fn any_chart_subscription()(
        (repo_url, name) in prop_oneof![
            (chart_repository(), chart_name().prop_map(Some)),
            (oci_chart(), Just(None)),
        ],
        semver_constraint in maybe(version_constraint()),
        discovery_limit in limit(),
        insecure_skip_tls_verify in any::<bool>(),
    ) -> ChartSubscription {
        ChartSubscription { repo_url, name, semver_constraint, discovery_limit, insecure_skip_tls_verify }
    }
}

/// Names of charts in a chart repository.
pub(super) fn chart_name() -> BoxedStrategy<String> {
    one_of(&["podinfo", "cert-manager", "null", "1.10", "kube_state"])
}

/// Names of subscriptions that begin with a letter, so that a number before them makes them distinct.
pub(super) fn subscription_name() -> BoxedStrategy<String> {
    (chars("abcdefgh", 1..=1), dns_label_of(50)).prop_map(|(first, rest)| first + &rest).boxed()
}

fn limit() -> BoxedStrategy<i64> {
    prop_oneof![Just(Subscription::DEFAULT_DISCOVERY_LIMIT), 1..=100_i64].boxed()
}

fn removed_fields() -> BoxedStrategy<(Option<String>, Vec<String>)> {
    prop_oneof![
        3 => Just((None, Vec::new())),
        1 => (maybe(one_of(&["^v", "latest"])), list(one_of(&["latest", "null"]), 2)),
    ]
    .boxed()
}

/// Subscriptions whose repositories and names are made distinct by their position.
fn numbered(all: BoxedStrategy<Vec<Subscription>>) -> BoxedStrategy<Vec<Subscription>> {
    all.prop_map(|mut all| {
        for (index, subscription) in all.iter_mut().enumerate().skip(1) {
            if let Some(name) = &mut subscription.name {
                name.insert_str(0, &format!("{index}-"));
            }
            match &mut subscription.source {
                Source::Git(git) => number(&mut git.repo_url, index),
                Source::Image(image) => number(&mut image.repo_url, index),
                Source::Chart(chart) => number(&mut chart.repo_url, index),
                _ => {}
            }
        }
        all
    })
    .boxed()
}
