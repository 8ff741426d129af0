//! `Retry-After`, dates of HTTP, and moments that other headers name.

use chrono::NaiveDateTime;

use super::headers::Headers;
use crate::{
    model::{Duration, Timestamp},
    report::NotBefore,
};

/// Whole seconds above this are a moment since 1970, not a span: 2001, or 31 years.
const EPOCH_FROM: u64 = 1_000_000_000;

/// What `Retry-After` says: seconds, or a date. Nonsense says nothing.
pub(super) fn retry_after(headers: Headers<'_>) -> Option<NotBefore> {
    let text = headers.get("retry-after")?;
    // GitLab and others send fractions now and then; rounding up keeps the promise.
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) {
        let seconds = whole.parse::<u64>().unwrap_or(u64::MAX).saturating_add(u64::from(whole.len() < text.len()));
        return Some(NotBefore::After(seconds_of(seconds)));
    }
    date(text).map(|instant| relative(instant, headers))
}

/// A moment that a rate-limit header names: seconds from now, or seconds since 1970.
pub(super) fn reset(text: &str, headers: Headers<'_>) -> Option<NotBefore> {
    let seconds: u64 = text.trim().parse().ok()?;
    if seconds < EPOCH_FROM {
        return Some(NotBefore::After(seconds_of(seconds)));
    }
    let instant = Timestamp::from_timestamp(i64::try_from(seconds).ok()?, 0)?;
    Some(relative(instant, headers))
}

pub(super) fn seconds_of(seconds: u64) -> Duration {
    Duration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// An instant of the peer's clock, as a span where the peer also says what its clock shows: ours need not agree with it.
fn relative(instant: Timestamp, headers: Headers<'_>) -> NotBefore {
    match headers.get("date").and_then(date) {
        Some(sent) => NotBefore::After(seconds_of(u64::try_from((instant - sent).num_seconds()).unwrap_or(0))),
        None => NotBefore::At(instant),
    }
}

/// A date of HTTP (RFC 9110 5.6.7): the usual form, and the two old ones.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|instant| instant.and_utc())
}
