//! What Warehouses found (resources 7.2).

use kargo_core::model::{
    ChartDiscovery, DiscoveredArtifacts, DiscoveredCommit, DiscoveredImage, GitDiscovery, ImageDiscovery, ObservedRefs,
    ObservedTag, OtherDiscovery, WarehouseStatus,
};
use proptest::prelude::*;

use super::{
    artifact::any_artifact_reference,
    meta::conditions,
    scalar::{digest, distinct, list, map, maybe, refresh_token, sha1_hex, some, timestamp},
    subscription::{chart_name, subscription_name},
    text::{git_tag, image_tag, label_key, person, platform, subject, text_or_empty, version, version_constraint},
    url::{branch, chart_repository, git_url, image_url, oci_chart},
};

prop_compose! {
    /// Status of a Warehouse.
    pub fn any_warehouse_status()(
        conditions in conditions(),
        last_handled_refresh in maybe(refresh_token()),
        observed_generation in maybe(0..1000_i64),
        last_freight_id in maybe(sha1_hex()),
        discovered_artifacts in maybe(any_discovered_artifacts()),
    ) -> WarehouseStatus {
        WarehouseStatus {
            conditions,
            last_handled_refresh,
            observed_generation,
            last_freight_id,
            discovered_artifacts,
        }
    }
}

prop_compose! {
    /// Everything that one discovery found.
    pub fn any_discovered_artifacts()(
        discovered_at in maybe(timestamp()),
        git in list(any_git_discovery(), 2),
        images in list(any_image_discovery(), 2),
        charts in list(any_chart_discovery(), 2),
        results in list(any_other_discovery(), 1),
    ) -> DiscoveredArtifacts {
        DiscoveredArtifacts { discovered_at, git, images, charts, results }
    }
}

prop_compose! {
    fn any_git_discovery()(
        repo_url in git_url(),
        commits in list(any_discovered_commit(), 3),
        subscription_name in maybe(subscription_name()),
        observed_refs in maybe(any_observed_refs()),
    ) -> GitDiscovery {
        GitDiscovery { repo_url, commits, subscription_name, observed_refs }
    }
}

prop_compose! {
    /// A commit that was found on a branch or by a tag.
    fn any_discovered_commit()(
        id in sha1_hex(),
        (branch, tag) in prop_oneof![
            branch().prop_map(|branch| (Some(branch), None)),
            git_tag().prop_map(|tag| (None, Some(tag))),
        ],
        subject in maybe(subject()),
        author in maybe(person()),
        committer in maybe(person()),
        creator_date in maybe(timestamp()),
    ) -> DiscoveredCommit {
        DiscoveredCommit { id: Some(id), branch, tag, subject, author, committer, creator_date }
    }
}

fn any_observed_refs() -> BoxedStrategy<ObservedRefs> {
    let tag = (git_tag(), sha1_hex()).prop_map(|(name, id)| ObservedTag { name, id });
    let tags = some(tag, 3).prop_map(|tags| {
        let mut tags = distinct(tags, |tag| tag.name.clone());
        tags.sort_by(|a, b| a.name.cmp(&b.name));
        ObservedRefs { branch_head: None, tags }
    });
    let head = sha1_hex().prop_map(|head| ObservedRefs { branch_head: Some(head), tags: Vec::new() });
    prop_oneof![head, tags].boxed()
}

prop_compose! {
    fn any_image_discovery()(
        repo_url in image_url(),
        platform in maybe(platform()),
        references in list(any_discovered_image(), 3),
        subscription_name in maybe(subscription_name()),
    ) -> ImageDiscovery {
        ImageDiscovery { repo_url, platform, references, subscription_name }
    }
}

prop_compose! {
    fn any_discovered_image()(
        tag in image_tag(),
        digest in digest(),
        annotations in map(label_key(), text_or_empty(), 2),
        created_at in maybe(timestamp()),
    ) -> DiscoveredImage {
        DiscoveredImage { tag, digest, annotations, created_at }
    }
}

prop_compose! {
    fn any_chart_discovery()(
        (repo_url, name) in prop_oneof![
            (chart_repository(), chart_name().prop_map(Some)),
            (oci_chart(), Just(None)),
        ],
        semver_constraint in maybe(version_constraint()),
        versions in list(version(), 3),
        subscription_name in maybe(subscription_name()),
    ) -> ChartDiscovery {
        ChartDiscovery { repo_url, name, semver_constraint, versions, subscription_name }
    }
}

prop_compose! {
    fn any_other_discovery()(
        subscription_name in subscription_name(),
        artifact_references in list(any_artifact_reference(), 2),
    ) -> OtherDiscovery {
        OtherDiscovery { subscription_name, artifact_references }
    }
}
