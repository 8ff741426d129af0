//! Numbers as Go has them: conversions, and their texts.

pub(super) use super::parse_float::parse_float;
use super::value::Value;

/// Shortest digits that read back, and the decimal exponent of the first: `1.5e3` is `("15", 3)`.
fn shortest(value: f64) -> (String, i32) {
    let value = value.abs();
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits = digits.replace('.', "");
    let last = digits.bytes().last().unwrap_or(b'0');
    // Two such texts can be equally near; the even one is wanted. Fewer digits are never that near to two.
    if digits.len() >= 15 && last & 1 == 1 {
        // No number is so near to a middle of two others without being it.
        let exact = format!("{value:.60e}").replace('.', "");
        let mut even = digits.clone();
        even.pop();
        even.push(char::from(last - 1));
        let middle = format!("{even}5");
        let rest = exact.strip_prefix(&middle).and_then(|rest| rest.split_once('e'));
        let (first, others) = even.split_at(1);
        let reads_back = format!("{first}.{others}e{exponent}").parse() == Ok(value);
        if reads_back && rest.is_some_and(|(zeros, _)| zeros.bytes().all(|b| b == b'0')) {
            digits = even;
        }
    }
    (digits, exponent.parse().unwrap_or(0))
}

/// The number without an exponent.
fn plain(value: f64) -> String {
    let text = format!("{value}");
    if text.len() < 15 {
        return text;
    }
    let (digits, exponent) = shortest(value);
    let minus = if value < 0.0 { "-" } else { "" };
    let Ok(exponent) = usize::try_from(exponent) else {
        let zeros = usize::try_from(-1 - exponent).unwrap_or(0);
        return format!("{minus}0.{:0<zeros$}{digits}", "");
    };
    match digits.split_at_checked(exponent + 1) {
        Some((whole, "")) => format!("{minus}{whole}"),
        Some((whole, fraction)) => format!("{minus}{whole}.{fraction}"),
        None => format!("{minus}{digits:0<width$}", width = exponent + 1),
    }
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
    if (-4..6).contains(&exponent) { plain(value) } else { scientific(value, 2) }
}

/// As JSON has it: with an exponent below 1e-6 and from 1e21 on.
pub(super) fn json(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) { plain(value) } else { scientific(value, 1) }
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
        for text in [
            "1620341938006392.2",
            "2162148546314546.2",
            "-1620341938006392.2",
            "0.1",
            "-0.0001234567890123456",
            "123456.78901234567",
            "123456789012345680000",
            "9007199254740993000",
            "1.7976931348623157e+308",
            "5e-324",
            "0.000001234567890123456",
            "999999999999999900000",
            "2251799813685249.5",
        ] {
            assert_eq!(json(text.parse().unwrap()), text);
        }
    }
}
