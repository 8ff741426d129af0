//! Spans of time in Go's spelling: `5m0s`, `1h30m`, `300ms` (resources 2, type `dur`).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A signed span of time in nanoseconds, read with Go's duration syntax and written in Go's canonical form.
///
/// ```
/// use kargo_core::model::Duration;
/// let soak: Duration = "1h30m".parse()?;
/// assert_eq!(soak.to_string(), "1h30m0s");
/// assert_eq!(soak, Duration::from_secs(5400));
/// # Ok::<(), kargo_core::model::DurationError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DurationError {
    /// The text does not follow `<number><unit>…`, with units ns, us, µs, ms, s, m, h.
    #[error("{0:?} is not a duration: write numbers with units, such as 90s, 5m or 1h30m")]
    Syntax(String),
    /// The span does not fit 64 bits of nanoseconds (about 292 years).
    #[error("the duration {0:?} is longer than 292 years")]
    TooLong(String),
}

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000 * MICROSECOND;
const SECOND: u64 = 1_000 * MILLISECOND;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of this many nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// A span of this many seconds; the longest span when that does not fit.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND as i64))
    }

    /// The length in nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The length as the standard library's type, or `None` for a negative span.
    #[must_use]
    pub fn to_std(self) -> Option<std::time::Duration> {
        u64::try_from(self.0).ok().map(std::time::Duration::from_nanos)
    }

    /// The length as chrono's type, to add to a [`Timestamp`](super::Timestamp).
    #[must_use]
    pub fn to_delta(self) -> chrono::TimeDelta {
        chrono::TimeDelta::nanoseconds(self.0)
    }
}

/// Spans longer than 292 years become that.
impl From<std::time::Duration> for Duration {
    fn from(span: std::time::Duration) -> Self {
        Self(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX))
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let syntax = || DurationError::Syntax(text.to_owned());
        let too_long = || DurationError::TooLong(text.to_owned());
        let (negative, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Ok(Self::ZERO);
        }
        if rest.is_empty() {
            return Err(syntax());
        }
        let mut total: u64 = 0;
        while !rest.is_empty() {
            let (part, after) = take_part(rest, text)?;
            total = total.checked_add(part).ok_or_else(too_long)?;
            rest = after;
        }
        // The magnitude of the most negative span is one more than that of the most positive.
        let limit = if negative { 1 << 63 } else { i64::MAX as u64 };
        if total > limit {
            return Err(too_long());
        }
        let value = i64::try_from(total).unwrap_or(i64::MIN);
        Ok(Self(if negative { value.wrapping_neg() } else { value }))
    }
}

/// Reads one `<number><unit>` and returns its nanoseconds and what follows.
fn take_part<'a>(rest: &'a str, whole: &str) -> Result<(u64, &'a str), DurationError> {
    let syntax = || DurationError::Syntax(whole.to_owned());
    let too_long = || DurationError::TooLong(whole.to_owned());
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();

    let (integer, rest) = rest.split_at(digits(rest));
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(after) => after.split_at(digits(after)),
        None => ("", rest),
    };
    if integer.is_empty() && fraction.is_empty() {
        return Err(syntax());
    }
    let unit_end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let unit = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        _ => return Err(syntax()),
    };
    let whole_units = if integer.is_empty() { 0 } else { integer.parse::<u64>().map_err(|_| too_long())? };
    let nanos = whole_units.checked_mul(unit).ok_or_else(too_long)?;
    // Digits past the eighteenth are below a nanosecond for every unit.
    let fraction = &fraction[..fraction.len().min(18)];
    let part = if fraction.is_empty() {
        0
    } else {
        let numerator = u128::from(fraction.parse::<u64>().map_err(|_| syntax())?);
        let denominator = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(18));
        u64::try_from(numerator * u128::from(unit) / denominator).map_err(|_| too_long())?
    };
    Ok((nanos.checked_add(part).ok_or_else(too_long)?, rest))
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match nanos {
            0 => f.write_str("0s"),
            n if n < MICROSECOND => write!(f, "{n}ns"),
            n if n < MILLISECOND => write_fraction(f, n, MICROSECOND, "µs"),
            n if n < SECOND => write_fraction(f, n, MILLISECOND, "ms"),
            n => {
                let (hours, minutes) = (n / HOUR, n % HOUR / MINUTE);
                if hours > 0 {
                    write!(f, "{hours}h")?;
                }
                if hours > 0 || minutes > 0 {
                    write!(f, "{minutes}m")?;
                }
                write_fraction(f, n % MINUTE, SECOND, "s")
            }
        }
    }
}

/// Writes `nanos` in `unit`s with as many decimals as it needs.
fn write_fraction(f: &mut fmt::Formatter<'_>, nanos: u64, unit: u64, name: &str) -> fmt::Result {
    write!(f, "{}", nanos / unit)?;
    let rest = nanos % unit;
    if rest > 0 {
        let width = unit.ilog10() as usize;
        let decimals = format!("{rest:0width$}");
        write!(f, ".{}", decimals.trim_end_matches('0'))?;
    }
    f.write_str(name)
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_2_go_syntax_in_and_canonical_form_out() {
        for (input, canonical) in [
            ("0", "0s"),
            ("0s", "0s"),
            ("5m", "5m0s"),
            ("1h", "1h0m0s"),
            ("90s", "1m30s"),
            ("1.5h", "1h30m0s"),
            ("300ms", "300ms"),
            ("1h1ms", "1h0m0.001s"),
            ("1.5ms", "1.5ms"),
            ("10us", "10µs"),
            ("10µs", "10µs"),
            ("7ns", "7ns"),
            ("-1m", "-1m0s"),
            ("+1m", "1m0s"),
            (".5s", "500ms"),
            ("1.s", "1s"),
            ("2540400h10m10s", "2540400h10m10s"),
            ("-9223372036854775808ns", "-2562047h47m16.854775808s"),
            ("9223372036854775807ns", "2562047h47m16.854775807s"),
            ("0.3333333333333333333h", "19m59.999999999s"),
        ] {
            let parsed: Duration = input.parse().unwrap();
            assert_eq!(parsed.to_string(), canonical, "{input}");
            assert_eq!(canonical.parse::<Duration>().unwrap(), parsed, "{canonical}");
        }
    }

    #[test]
    fn resources_2_what_is_not_a_duration() {
        for input in ["", "-", "+", "5", "m", "1d", "1 h", "1h ", ".s", "1h-5m", "1:30", "s1", "½h"] {
            assert_eq!(input.parse::<Duration>(), Err(DurationError::Syntax(input.into())), "{input}");
        }
        for input in ["9223372036854775808ns", "2562048h", "99999999999999999999h", "-9223372036854775809ns"] {
            assert_eq!(input.parse::<Duration>(), Err(DurationError::TooLong(input.into())), "{input}");
        }
    }
}
