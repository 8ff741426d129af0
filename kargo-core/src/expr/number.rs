//! Numbers as Go has them: conversions, and their texts.

pub(super) use super::parse_float::parse_float;
use super::value::Value;

/// Shortest digits that read back, and the decimal exponent of the first: `1.5e3` is `("15", 3)`.
fn shortest(value: f64) -> (String, i32) {
    let text = format!("{:e}", value.abs());
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (digits.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// The number with an exponent of at least `width` digits.
fn scientific(value: f64, width: usize) -> String {
    let (digits, exponent) = shortest(value);
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let minus = if value < 0.0 { "-" } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{minus}{first}{point}{rest}e{sign}{:0width$}", exponent.abs())
}

/// As `string(x)` writes a float: with an exponent below -4 and from 6 on.
pub(super) fn general(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let (_, exponent) = shortest(value);
    if (-4..6).contains(&exponent) { format!("{value}") } else { scientific(value, 2) }
}

/// As JSON has it: with an exponent below 1e-6 and from 1e21 on.
pub(super) fn json(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) { format!("{value}") } else { scientific(value, 1) }
}

/// A whole number from the float, without its fraction; what is none or does not fit becomes the least number, as amd64 has it.
#[expect(clippy::cast_possible_truncation, reason = "the range has been checked")]
pub(super) fn truncate(value: f64) -> i64 {
    let limit = 9_223_372_036_854_775_808.0;
    if (-limit..limit).contains(&value) { value as i64 } else { i64::MIN }
}

/// Two numbers, whole if both are.
pub(super) enum Pair {
    Ints(i64, i64),
    Floats(f64, f64),
}

/// The operands as numbers of one type.
pub(super) fn pair(left: &Value, right: &Value) -> Option<Pair> {
    if let (Some(left), Some(right)) = (left.as_int(), right.as_int()) {
        return Some(Pair::Ints(left, right));
    }
    Some(Pair::Floats(left.as_number()?, right.as_number()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 6.8 and 8.3 (25).
    #[test]
    fn texts_of_floats() {
        assert_eq!(json(1e21), "1e+21");
        assert_eq!(json(1e-7), "1e-7");
        assert_eq!(json(2.0), "2");
        assert_eq!(general(0.00001), "1e-05");
        assert_eq!(general(2.0), "2");
    }
}
