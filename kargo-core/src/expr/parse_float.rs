//! Numbers from text as Go's `strconv.ParseFloat` reads them.

/// The number a text spells: decimal, hexadecimal with a `p` exponent, underscores between digits, infinities and NaN.
/// `None` for everything else and for what is out of range; what is too small is 0 (promotion-engine 4.3).
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    let signed = |value: f64| if negative { -value } else { value };
    match unsigned.as_bytes().first()? {
        b'0'..=b'9' | b'.' => {}
        _ if unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity") => {
            return Some(signed(f64::INFINITY));
        }
        _ => return (text.eq_ignore_ascii_case("nan")).then_some(f64::NAN),
    }
    let plain;
    let mut digits = unsigned;
    if unsigned.contains('_') {
        if !underscores_separate(unsigned) {
            return None;
        }
        plain = unsigned.replace('_', "");
        digits = &plain;
    }
    if let Some(body) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return hexadecimal(body).map(signed);
    }
    let usual = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let value: f64 = digits.parse().ok().filter(|_| usual)?;
    value.is_finite().then(|| signed(value))
}

/// Whether each underscore stands between digits, or between the prefix of hexadecimal and a digit.
fn underscores_separate(text: &str) -> bool {
    let body = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let digit = |byte: u8| if body.is_some() { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let mut before = if body.is_some() { b'0' } else { b'.' };
    for byte in body.unwrap_or(text).bytes() {
        let fits = if byte == b'_' { digit(before) } else { before != b'_' || digit(byte) };
        if !fits {
            return false;
        }
        before = byte;
    }
    before != b'_'
}

/// Digits, point and `p` exponent after `0x`.
fn hexadecimal(body: &str) -> Option<f64> {
    let (digits, exponent) = body.split_once(['p', 'P'])?;
    let exponent = decimal_exponent(exponent)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // The number is `mantissa` times two to the power of `power`; its last bit also stands for all digits cut off.
    let (mut mantissa, mut power) = (0_u64, exponent);
    for (c, after) in whole.chars().map(|c| (c, false)).chain(fraction.chars().map(|c| (c, true))) {
        let digit = u64::from(c.to_digit(16)?);
        if mantissa >> 59 == 0 {
            mantissa = mantissa << 4 | digit;
            power -= if after { 4 } else { 0 };
        } else {
            mantissa |= u64::from(digit != 0);
            power += if after { 0 } else { 4 };
        }
    }
    assemble(mantissa, power)
}

/// An exponent, cut to where it makes no difference any more.
fn decimal_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Beyond any length of a mantissa that could make up for it.
    let size = digits.parse().unwrap_or(i64::MAX).min(1 << 40);
    Some(if text.starts_with('-') { -size } else { size })
}

/// `mantissa` times two to the power of `power`, rounded once to the nearest float, ties to even.
fn assemble(mantissa: u64, power: i64) -> Option<f64> {
    if mantissa == 0 {
        return Some(0.0);
    }
    let top = mantissa << mantissa.leading_zeros();
    // The value is from two to the power of `exponent` to below its double.
    let exponent = power + 63 - i64::from(mantissa.leading_zeros());
    if exponent > 1023 {
        return None;
    }
    // Numbers below the smallest normal one keep fewer bits.
    let kept = 53 - (-1022 - exponent).max(0);
    if kept < 0 {
        return Some(0.0);
    }
    let cut = u32::try_from(64 - kept).unwrap_or(64);
    let (body, rest) = if cut == 64 { (0, top) } else { (top >> cut, top << (64 - cut)) };
    let half = 1_u64 << 63;
    let rounded = body + u64::from(rest > half || rest == half && body & 1 == 1);
    // In this form a carry into the exponent comes out right by itself.
    let biased = u64::try_from(exponent.max(-1022) + 1022).unwrap_or(0);
    let value = f64::from_bits((biased << 52) + rounded);
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 4.3 (3).
    #[test]
    fn what_is_a_number() {
        for (text, value) in [
            ("0x1p-2", 0.25),
            ("-Inf", f64::NEG_INFINITY),
            ("+iNFiNiTy", f64::INFINITY),
            ("1_000", 1000.0),
            ("0x_1_0P+1", 32.0),
            ("1_0.0_1e1_0", 10.01e10),
            (".5", 0.5),
            (".5_0", 0.5),
            ("5.", 5.0),
            ("5.e1", 50.0),
            ("007", 7.0),
            ("1e-400", 0.0),
            ("0e99999999999999999999", 0.0),
            ("0x0p99999999999999999999", 0.0),
            ("0x1p-99999999999999999999", 0.0),
            ("0x1p-1074", 5e-324),
            ("0x1p-1075", 0.0),
            ("0x1.8p-1075", 5e-324),
            ("0x1.fffffffffffff7p1023", f64::MAX),
            ("0x1.00000000000008p0", 1.0),
            ("0x1.000000000000080000000000001p0", 1.0 + f64::EPSILON),
            ("0x1.fffffffffffff8p-1023", f64::MIN_POSITIVE),
        ] {
            assert_eq!(parse_float(text), Some(value), "{text}");
        }
        assert!(parse_float("NaN").is_some_and(f64::is_nan));
        assert!(parse_float("-0").is_some_and(f64::is_sign_negative));
    }

    /// Promotion-engine 4.3 (3).
    #[test]
    fn what_is_none() {
        for text in [
            "",
            " 1",
            "1 ",
            "+",
            "-",
            ".",
            "+-5",
            "--5",
            "+nan",
            "-nan",
            "infi",
            "in",
            "1e400",
            "0x10",
            "0x",
            "0xp1",
            "0x.p1",
            "0x1p",
            "0x1p+",
            "0x1p+-5",
            "0x1p++5",
            "0b11",
            "0o7",
            "1__0",
            "_1",
            "1_",
            "1_.5",
            "1._5",
            "1e_5",
            "0_x1p1",
            "0x1_p1",
            "0x1p1024",
            "0x1.fffffffffffff8p1023",
            "1e",
            "1e+",
            "e5",
            "1.2.3",
            "٣",
            "1f",
            "1d",
        ] {
            assert_eq!(parse_float(text), None, "{text}");
        }
    }
}
