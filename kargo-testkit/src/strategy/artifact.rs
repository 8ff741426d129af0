//! Artifacts, and copies of freight inside other objects (resources 8.2 to 8.6).

use kargo_core::model::{
    AnalysisRunReference, ArtifactReference, Chart, FreightCollection, FreightReference, GitCommit, Image, Origin,
    VerificationInfo, VerificationPhase,
};
use proptest::{prelude::*, sample::select};

use super::{
    json::json_object,
    scalar::{actor, digest, distinct, freight_name, list, map, maybe, name, one_of, sha1_hex, timestamp, uuid},
    subscription::{chart_name, subscription_name},
    text::{git_tag, image_tag, label_key, person, subject, text, text_or_empty, version},
    url::{branch, chart_repository, git_url, image_url, oci_chart},
};

/// An origin: a Warehouse, or one of our Junctions.
pub fn any_origin() -> BoxedStrategy<Origin> {
    prop_oneof![3 => name().prop_map(Origin::warehouse), 1 => name().prop_map(Origin::junction)].boxed()
}

prop_compose! {
    /// A commit.
    pub fn any_git_commit()(
        repo_url in git_url(),
        id in sha1_hex(),
        branch in maybe(branch()),
        tag in maybe(git_tag()),
        message in maybe(subject()),
        author in maybe(person()),
        committer in maybe(person()),
        subscription_name in maybe(subscription_name()),
    ) -> GitCommit {
        GitCommit { repo_url, id, branch, tag, message, author, committer, subscription_name }
    }
}

prop_compose! {
    /// An image.
    pub fn any_image()(
        repo_url in image_url(),
        tag in image_tag(),
        digest in digest(),
        annotations in map(label_key(), text_or_empty(), 2),
        subscription_name in maybe(subscription_name()),
    ) -> Image {
        Image { repo_url, tag, digest, annotations, subscription_name }
    }
}

prop_compose! {
    /// A version of a chart.
    pub fn any_chart()(
        (repo_url, name) in prop_oneof![
            (chart_repository(), chart_name().prop_map(Some)),
            (oci_chart(), Just(None)),
        ],
        version in version(),
        subscription_name in maybe(subscription_name()),
    ) -> Chart {
        Chart { repo_url, name, version, subscription_name }
    }
}

prop_compose! {
    /// An artifact of another kind.
    pub fn any_artifact_reference()(
        artifact_type in maybe(one_of(&["model", "application/vnd.example.model"])),
        subscription_name in subscription_name(),
        version in one_of(&["2026-11-24", "1.10", "7", "null", "v1: beta"]),
        metadata in maybe(json_object()),
    ) -> ArtifactReference {
        ArtifactReference { artifact_type, subscription_name, version, metadata }
    }
}

/// Commits, images, charts and other artifacts.
pub(super) type Artifacts = (Vec<GitCommit>, Vec<Image>, Vec<Chart>, Vec<ArtifactReference>);

/// At least one artifact.
pub(super) fn artifacts() -> BoxedStrategy<Artifacts> {
    let lists =
        (list(any_git_commit(), 2), list(any_image(), 2), list(any_chart(), 2), list(any_artifact_reference(), 1));
    (any_image(), lists)
        .prop_map(|(spare, (commits, mut images, charts, artifacts))| {
            if commits.is_empty() && images.is_empty() && charts.is_empty() && artifacts.is_empty() {
                images.push(spare);
            }
            (commits, images, charts, artifacts)
        })
        .boxed()
}

prop_compose! {
    /// A copy of what a piece of freight is made of.
    pub fn any_freight_reference()(
        name in freight_name(),
        origin in any_origin(),
        (commits, images, charts, artifacts) in artifacts(),
    ) -> FreightReference {
        FreightReference { name, origin, commits, images, charts, artifacts }
    }
}

prop_compose! {
    /// A collection; its id is one in form only.
    pub fn any_freight_collection()(
        id in sha1_hex(),
        freight in list(any_freight_reference(), 2),
        verification_history in verification_history(),
    ) -> FreightCollection {
        FreightCollection {
            id,
            freight: freight.into_iter().map(|freight| (freight.origin.clone(), freight)).collect(),
            verification_history,
        }
    }
}

fn verification_history() -> BoxedStrategy<Vec<VerificationInfo>> {
    prop_oneof![9 => list(any_verification_info(), 2), 1 => list(any_verification_info(), 10)]
        .prop_map(|all| distinct(all, |info| info.id.clone()))
        .boxed()
}

prop_compose! {
    /// One verification, as manifests record it.
    pub fn any_verification_info()(
        id in uuid(),
        actor in maybe(actor()),
        start_time in maybe(timestamp()),
        phase in maybe(verification_phase()),
        message in maybe(text()),
        analysis_run in maybe(any_analysis_run()),
        finish_time in maybe(timestamp()),
    ) -> VerificationInfo {
        VerificationInfo { id: Some(id), actor, start_time, phase, message, analysis_run, finish_time }
    }
}

/// A verification phase; rarely one that nobody knows, which readers keep (resources 14).
pub fn verification_phase() -> BoxedStrategy<VerificationPhase> {
    prop_oneof![15 => select(VerificationPhase::KNOWN), 1 => Just(VerificationPhase::from("Paused"))].boxed()
}

prop_compose! {
    fn any_analysis_run()(
        namespace in name(),
        name in name(),
        phase in one_of(&["Running", "Successful", "Failed", "Inconclusive", ""]),
    ) -> AnalysisRunReference {
        AnalysisRunReference { namespace, name, phase }
    }
}
