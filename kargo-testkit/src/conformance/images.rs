//! Images that the registry suite puts.

use crate::fake::FakeImage;

/// The repository that the suite uses.
pub(super) const REPO: &str = "kargo/conformance";

/// A plain image with date and label.
pub(super) fn plain(tag: &str) -> FakeImage {
    FakeImage::new(REPO, tag).built_at("2026-01-02T03:04:05Z").label("kargo-core.rs/conformance", tag)
}

/// An image for two platforms, with an annotation.
pub(super) fn index(tag: &str) -> FakeImage {
    plain(tag)
        .for_platforms(&["linux/amd64", "linux/arm64/v8"])
        .annotation("org.opencontainers.image.revision", "8f1d0c2")
}
