//! Headers that tell a quota: Docker Hub's, GitHub's, GitLab's, and the IETF's drafts.

use super::{
    headers::Headers,
    retry_after::{reset, seconds_of},
};
use crate::report::RateLimit;

/// What the headers say of the quota; nothing where they say nothing, or nonsense.
pub(super) fn limits(headers: Headers<'_>) -> RateLimit {
    let mut limits = structured(headers);
    for prefix in ["ratelimit", "x-ratelimit", "x-rate-limit"] {
        let field = |name: &str| headers.get(&format!("{prefix}-{name}"));
        let (limit, left) = (field("limit"), field("remaining"));
        limits.limit = limits.limit.or_else(|| limit.and_then(number));
        limits.remaining = limits.remaining.or_else(|| left.and_then(number));
        let window = [left, limit].into_iter().flatten().find_map(|text| parameter(text, "w"));
        limits.window = limits.window.or(window.map(seconds_of));
        limits.reset = limits.reset.or_else(|| field("reset").and_then(|text| reset(text, headers)));
    }
    limits
}

/// `RateLimit: "default";r=50;t=30` of the newest draft, `RateLimit: limit=100, remaining=50, reset=30` of an older one.
fn structured(headers: Headers<'_>) -> RateLimit {
    let Some(text) = headers.get("ratelimit") else { return RateLimit::default() };
    let policy = headers.get("ratelimit-policy").unwrap_or_default();
    let either = |new: &str, old: &str| parameter(text, new).or_else(|| parameter(text, old));
    let seconds = either("t", "reset");
    RateLimit {
        limit: parameter(text, "limit").or_else(|| parameter(policy, "q")),
        remaining: either("r", "remaining"),
        window: parameter(policy, "w").map(seconds_of),
        reset: seconds.and_then(|seconds| reset(&seconds.to_string(), headers)),
    }
}

/// The number that a text begins with: `76;w=21600`, `100, 100;w=60`.
fn number(text: &str) -> Option<u64> {
    text.split([';', ',']).next()?.trim().parse().ok()
}

/// The number after `name=`.
fn parameter(text: &str, name: &str) -> Option<u64> {
    text.split([';', ',']).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim().eq_ignore_ascii_case(name)).then(|| value.trim().parse().ok())?
    })
}
