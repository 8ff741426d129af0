//! Numbers as Go has them: arithmetic, powers, and their texts.

use super::value::Value;

pub(super) use super::parse_float::parse_float;

/// `x` to the power `y`, by repeated squaring over the binary exponent (rules 18).
pub(super) fn power(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if y == 1.0 {
        return x;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let odd = y.abs() < 9_007_199_254_740_992.0 && y.fract() == 0.0 && (y % 2.0).abs() == 1.0;
    if x == 0.0 {
        let signed = if odd { x } else { 0.0 };
        return if y < 0.0 { 1.0 / signed } else { signed };
    }
    if y.is_infinite() {
        let grows = (x.abs() > 1.0) == (y > 0.0);
        return if x == -1.0 {
            1.0
        } else if grows {
            f64::INFINITY
        } else {
            0.0
        };
    }
    if x.is_infinite() {
        let size = if y < 0.0 { 0.0 } else { f64::INFINITY };
        return if x < 0.0 && odd { -size } else { size };
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let whole = y.abs().trunc();
    let mut fraction = y.abs() - whole;
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= 9.223_372_036_854_775e18 {
        return if x == -1.0 {
            1.0
        } else if (x.abs() < 1.0) == (y > 0.0) {
            0.0
        } else {
            f64::INFINITY
        };
    }
    // The answer is `result` times two to the power of `exponent`.
    let mut whole_exponent = whole;
    let mut result = 1.0;
    let mut exponent: i64 = 0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole_exponent += 1.0;
        }
        result = (fraction * x.ln()).exp();
    }
    let (mut base, first) = split(x);
    let mut base_exponent = i64::from(first);
    #[expect(clippy::cast_possible_truncation, reason = "below two to the power of 63")]
    let mut bits = whole_exponent as i64;
    while bits != 0 {
        if !(-(1 << 12)..=1 << 12).contains(&base_exponent) {
            exponent += base_exponent;
            break;
        }
        if bits & 1 == 1 {
            result *= base;
            exponent += base_exponent;
        }
        base *= base;
        base_exponent *= 2;
        if base < 0.5 {
            base += base;
            base_exponent -= 1;
        }
        bits >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        exponent = -exponent;
    }
    scale(result, exponent)
}

/// `x` as a fraction from a half to below one, and an exponent of two.
fn split(x: f64) -> (f64, i32) {
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 4_503_599_627_370_496.0, -52) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0) - 1022;
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent + shift)
}

/// `x` times two to the power of `exponent`, rounded once.
fn scale(x: f64, exponent: i64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (fraction, own) = split(x);
    let exponent = exponent.saturating_add(i64::from(own));
    let two_to = |n: i64| f64::from_bits(u64::try_from(n + 1023).unwrap_or(0) << 52);
    if exponent > 1024 {
        return f64::INFINITY.copysign(x);
    }
    if exponent < -1080 {
        return 0.0_f64.copysign(x);
    }
    if exponent > 1000 {
        return fraction * two_to(exponent - 100) * two_to(100);
    }
    if exponent < -1000 {
        return fraction * two_to(exponent + 100) * two_to(-100);
    }
    fraction * two_to(exponent)
}

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

/// A whole number from the float, as a conversion cuts it.
#[expect(clippy::cast_possible_truncation, reason = "the conversion saturates")]
pub(super) fn truncate(value: f64) -> i64 {
    value as i64
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

    /// Rules 18: special cases, and the last bit of ordinary ones.
    #[test]
    fn powers() {
        assert_eq!(power(2.0, 10.0), 1024.0);
        assert_eq!(power(-2.0, 3.0), -8.0);
        assert_eq!(power(2.0, -1074.0), 5e-324);
        assert_eq!(power(10.0, 308.0), 1.000_000_000_000_000_6e308, "as the reference has it");
        assert_eq!(power(2.0, 1024.0), f64::INFINITY);
        assert_eq!(power(0.0, -1.0), f64::INFINITY);
        assert!(power(-8.0, 1.5).is_nan());
    }
}
