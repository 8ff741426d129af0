//! Durations as text: `1h15m0s` and back.

use super::super::error::Problem;

const UNITS: [(&str, i64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Nanoseconds of `text`.
pub(in super::super) fn parse_duration(text: &str) -> Result<i64, Problem> {
    let invalid = || Problem::function(format!("time: invalid duration {text:?}"));
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), digits);
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        if unit.is_empty() {
            return Err(Problem::function(format!("time: missing unit in duration {text:?}")));
        }
        let (_, nanos) = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(|| Problem::function(format!("time: unknown unit {unit:?} in duration {text:?}")))?;
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse::<i64>().map_err(|_| invalid())?.into() };
        let fraction = fraction.get(..fraction.len().min(18)).unwrap_or_default();
        let scale = 10_i128.pow(u32::try_from(fraction.len()).unwrap_or(0));
        let part = if fraction.is_empty() { 0 } else { fraction.parse::<i128>().map_err(|_| invalid())? };
        total += whole * i128::from(*nanos) + part * i128::from(*nanos) / scale;
        if total > i128::from(i64::MAX) + i128::from(negative) {
            return Err(invalid());
        }
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| invalid())
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// The text of a duration.
pub(in super::super) fn duration_text(nanos: i64) -> String {
    if nanos == 0 {
        return "0s".to_owned();
    }
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    let decimal = |unit: u64, digits: usize, name: &str| {
        let fraction = format!("{:0digits$}", size % unit);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() || unit == 1 { "" } else { "." };
        let fraction = if unit == 1 { "" } else { fraction };
        (size / unit, format!("{point}{fraction}{name}"))
    };
    let (whole, tail) = match size {
        0..1_000 => decimal(1, 1, "ns"),
        1_000..1_000_000 => decimal(1_000, 3, "µs"),
        1_000_000..1_000_000_000 => decimal(1_000_000, 6, "ms"),
        _ => decimal(1_000_000_000, 9, "s"),
    };
    if size < 60_000_000_000 {
        return format!("{sign}{whole}{tail}");
    }
    let (minutes, seconds) = (whole / 60, whole % 60);
    if minutes < 60 {
        return format!("{sign}{minutes}m{seconds}{tail}");
    }
    format!("{sign}{}h{}m{seconds}{tail}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 6.8: units, fractions, signs.
    #[test]
    fn texts_and_back() {
        for (text, back) in
            [("75m", "1h15m0s"), ("-1h15m0.5s", "-1h15m0.5s"), ("1500us", "1.5ms"), ("7ns", "7ns"), ("0", "0s")]
        {
            assert_eq!(duration_text(parse_duration(text).unwrap()), back);
        }
        assert_eq!(duration_text(i64::MIN), "-2562047h47m16.854775808s");
        for text in ["", "5", "1 hour", "2d", ".s", "9223372036854775808ns", "1h-2m"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
