//! How long to wait after an error (rules 3).

use sha1::{Digest as _, Sha1};

use crate::{model::Duration, report::EffectId};

/// The pause after this many consecutive errors: 5 s, doubling to 5 min, less up to a fifth so that what failed together
/// does not come back together; not below what the peer asked for.
///
/// How much less follows from the effect and the count alone, so a replay waits as long as the live run did.
///
/// ```
/// use kargo_core::{promotion::backoff, report::EffectId};
/// let effect = EffectId::of(&["shop", "prod.01kdn9.4e1f0c9", "open-pr"]);
/// let pauses: Vec<_> = (1..=8).map(|errors| backoff(&effect, errors, None).as_nanos() / 1_000_000_000).collect();
/// assert!((4..=5).contains(&pauses[0]) && (8..=10).contains(&pauses[1]) && (240..=300).contains(&pauses[7]));
/// ```
#[must_use]
pub fn backoff(effect: &EffectId, errors: u32, asked: Option<Duration>) -> Duration {
    const FIRST: i64 = 5_000;
    const LONGEST: i64 = 300_000;
    let doublings = errors.saturating_sub(1).min(16);
    let full = (FIRST << doublings).min(LONGEST);
    let less = i64::from(noise(effect, errors)) * (full / 5) / i64::from(u16::MAX);
    let pause = Duration::from_nanos((full - less) * 1_000_000);
    asked.map_or(pause, |asked| asked.max(pause))
}

/// Evenly distributed, the same for the same question.
fn noise(effect: &EffectId, errors: u32) -> u16 {
    let sum = Sha1::new().chain_update(effect.as_str()).chain_update(errors.to_be_bytes()).finalize();
    u16::from_be_bytes([sum[0], sum[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_3_five_seconds_doubling_to_five_minutes_with_jitter() {
        let mut seen = std::collections::BTreeSet::new();
        for name in 0..50 {
            let effect = EffectId::of(&[&name.to_string()]);
            for errors in 1..40 {
                let full = (5_000 << (errors - 1).min(16)).min(300_000);
                let pause = backoff(&effect, errors, None).as_nanos() / 1_000_000;
                assert!((full * 4 / 5..=full).contains(&pause), "{errors}: {pause}");
                assert_eq!(backoff(&effect, errors, None).as_nanos() / 1_000_000, pause);
            }
            seen.insert(backoff(&effect, 1, None).as_nanos());
        }
        assert!(seen.len() > 40, "jitter spreads");
    }

    #[test]
    fn rules_3_retry_after_is_honoured_on_errors_too() {
        let effect = EffectId::of(&["a"]);
        assert_eq!(backoff(&effect, 1, Some(Duration::from_secs(600))), Duration::from_secs(600));
        assert_eq!(backoff(&effect, 9, Some(Duration::from_secs(1))), backoff(&effect, 9, None));
    }
}
