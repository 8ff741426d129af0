//! How instants and lengths of time are written for people.

use chrono::Timelike as _;

use crate::model::{Duration, Timestamp};

/// An instant in UTC: `2026-11-20 16:02Z`, with seconds where there are any.
///
/// ```
/// let at: kargo_core::Timestamp = "2026-11-20T16:02:00Z".parse().unwrap();
/// assert_eq!(kargo_core::why::instant(at), "2026-11-20 16:02Z");
/// ```
#[must_use]
pub fn instant(at: Timestamp) -> String {
    let format = if at.second() == 0 { "%Y-%m-%d %H:%MZ" } else { "%Y-%m-%d %H:%M:%SZ" };
    at.format(format).to_string()
}

/// A length of time in its two largest units: `2h10m`, `3d4h`, `45s`; less than a second is `0s`.
///
/// ```
/// use kargo_core::{model::Duration, why::span};
/// assert_eq!(span(Duration::from_secs(2 * 3600 + 10 * 60 + 5)), "2h10m");
/// assert_eq!(span(Duration::from_secs(3600)), "1h");
/// ```
#[must_use]
pub fn span(length: Duration) -> String {
    let seconds = length.as_nanos().max(0) / 1_000_000_000;
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let Some(largest) = units.iter().position(|(size, _)| seconds >= *size) else { return "0s".to_owned() };
    let mut rest = seconds;
    let mut text = String::new();
    for (size, unit) in units.iter().skip(largest).take(2) {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_in_two_units() {
        for (seconds, text) in [
            (0, "0s"),
            (-5, "0s"),
            (45, "45s"),
            (60, "1m"),
            (61, "1m1s"),
            (7_805, "2h10m"),
            (86_400, "1d"),
            (90_061, "1d1h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text, "{seconds}");
        }
    }
}
