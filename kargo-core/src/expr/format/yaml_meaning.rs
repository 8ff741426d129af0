//! Whether a text would be read back as something other than a text if YAML had it without quotes.

use crate::expr::number::parse_float;

/// Whether the text needs quotes to stay a text: words, numbers, dates, and the words and times that YAML 1.1 knew.
pub(super) fn means_something_else(text: &str) -> bool {
    let Some(first) = text.bytes().next() else { return true };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => is_word(text),
        b'.' => is_word(text) || parse_float(text).is_some(),
        b'+' | b'-' | b'0'..=b'9' => is_word(text) || is_date(text) || is_number(text) || is_base_60(text),
        _ => false,
    }
}

fn is_word(text: &str) -> bool {
    matches!(
        text,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" | "~" | "null" | "Null" | "NULL"
            | ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF"
            | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF"
            // Truth values of YAML 1.1.
            | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON"
            | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF"
    )
}

fn is_number(text: &str) -> bool {
    let plain;
    let text = if text.contains('_') {
        plain = text.replace('_', "");
        &plain
    } else {
        text
    };
    if is_whole(text) || is_decimal(text) && parse_float(text).is_some() {
        return true;
    }
    // Signs after the prefix are read, too.
    let after = |prefix| text.strip_prefix(prefix);
    let with_minus = |digits: &str| format!("-{digits}");
    after("0b").is_some_and(|digits| is_signed(digits, 2))
        || after("-0b").is_some_and(|digits| is_signed(&with_minus(digits), 2))
        || after("0o").is_some_and(|digits| is_signed(digits, 8))
        || after("-0o").is_some_and(|digits| is_signed(&with_minus(digits), 8))
}

/// A whole number of 64 bits, with a prefix for its base; a leading zero alone means base 8.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let signed = digits.len() < text.len();
    let lower = digits.get(..2).map(str::to_ascii_lowercase);
    let (base, digits) = match lower.as_deref() {
        Some("0x") => (16, digits.get(2..)),
        Some("0o") => (8, digits.get(2..)),
        Some("0b") => (2, digits.get(2..)),
        Some(two) if two.starts_with('0') => (8, digits.get(1..)),
        _ => (10, Some(digits)),
    };
    let Some(digits) = digits else { return false };
    if digits.starts_with(['+', '-']) {
        return false;
    }
    match u64::from_str_radix(digits, base) {
        Ok(size) if text.starts_with('-') => size <= 1 << 63,
        Ok(size) if signed => size < 1 << 63,
        Ok(_) => true,
        Err(_) => false,
    }
}

/// Digits with or without a sign, within 64 bits.
fn is_signed(digits: &str, base: u32) -> bool {
    i64::from_str_radix(digits, base).is_ok() || !digits.starts_with('+') && u64::from_str_radix(digits, base).is_ok()
}

/// A decimal number as YAML spells it: no hexadecimal, no words.
fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    text.starts_with(['.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
}

/// `12:30:45`, a number to the base of 60 in YAML 1.1.
fn is_base_60(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let of_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    if !first.starts_with(|c: char| c.is_ascii_digit()) || !of_digits(first) {
        return false;
    }
    let rest: Vec<_> = parts.collect();
    let Some((last, middle)) = rest.split_last() else { return false };
    let below_60 = |text: &str| match text.as_bytes() {
        [one] => one.is_ascii_digit(),
        [b'0'..=b'5', one] => one.is_ascii_digit(),
        _ => false,
    };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    middle.iter().all(|part| below_60(part)) && below_60(last) && of_digits(fraction)
}

/// A date, or a date and a time, as Go's YAML reads them.
fn is_date(text: &str) -> bool {
    let Some((year, rest)) = text.split_at_checked(4) else { return false };
    let (Ok(year), Some(rest)) = (year.parse::<u32>(), rest.strip_prefix('-')) else { return false };
    // The parse takes a sign.
    if !text.bytes().take(4).all(|b| b.is_ascii_digit()) {
        return false;
    }
    let mut rest = rest;
    let (Some(month), true) = (one_or_two(&mut rest), take(&mut rest, '-')) else { return false };
    let Some(day) = one_or_two(&mut rest) else { return false };
    if !(1..=12).contains(&month) || !(1..=days(year, month)).contains(&day) {
        return false;
    }
    let zoned = match rest.bytes().next() {
        None => return true,
        Some(b'T' | b't') => true,
        Some(b' ') => false,
        Some(_) => return false,
    };
    rest = if zoned { rest.get(1..).unwrap_or_default() } else { rest.trim_start_matches(' ') };
    is_time(&mut rest) && if zoned { is_zone(rest) } else { rest.is_empty() }
}

/// Takes an hour, a minute and a second with any fraction.
fn is_time(rest: &mut &str) -> bool {
    let hour = one_or_two(rest).filter(|hour| *hour < 24);
    let minute = take(rest, ':').then(|| one_or_two(rest)).flatten().filter(|minute| *minute < 60);
    let second = take(rest, ':').then(|| one_or_two(rest)).flatten().filter(|second| *second < 60);
    if hour.is_none() || minute.is_none() || second.is_none() {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix(['.', ',']).filter(|f| f.starts_with(|c: char| c.is_ascii_digit())) {
        *rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    true
}

/// `Z`, or a sign, two digits, a colon and two digits.
fn is_zone(text: &str) -> bool {
    let two = |high: &u8, low: &u8| {
        (high.is_ascii_digit() && low.is_ascii_digit()).then(|| u32::from(high - b'0') * 10 + u32::from(low - b'0'))
    };
    match text.as_bytes() {
        b"Z" => true,
        [b'+' | b'-', a, b, b':', c, d] => {
            two(a, b).is_some_and(|hours| hours <= 24) && two(c, d).is_some_and(|minutes| minutes <= 60)
        }
        _ => false,
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn take(rest: &mut &str, wanted: char) -> bool {
    let found = rest.strip_prefix(wanted);
    *rest = found.unwrap_or(rest);
    found.is_some()
}

/// Takes one digit, or two if there are two.
fn one_or_two(rest: &mut &str) -> Option<u32> {
    let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at_checked(digits)?;
    *rest = after;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 4.4: the quotes of `asYAML`.
    #[test]
    fn texts_that_need_quotes() {
        for text in [
            "",
            "~",
            "null",
            "True",
            "FALSE",
            "y",
            "Off",
            ".inf",
            "-.INF",
            ".nan",
            "1",
            "-1",
            "+7",
            "007",
            "08",
            "1_000",
            "0x1F",
            "0X1f",
            "-0x8000000000000000",
            "18446744073709551615",
            "99999999999999999999",
            "0b11",
            "0b-1",
            "0o17",
            "-0o7",
            "1.",
            ".5",
            "1e5",
            "-1.5E-3",
            "+.5",
            "12:30",
            "1:2:3.4_",
            "-190:20:30",
            "2024-01-15",
            "2024-1-5",
            "2024-02-29",
            "2024-01-15T10:00:00Z",
            "2024-01-15t1:2:3.5+02:00",
            "2024-01-15  10:00:00",
            "2024-01-15 10:00:00,123456789012",
            "2024-01-15T10:00:00-24:60",
            "._5",
            "0_7",
        ] {
            // The reader of floats takes no underscore after the point.
            assert_eq!(means_something_else(text), text != "._5", "{text}");
        }
    }

    #[test]
    fn texts_that_need_none() {
        for text in [
            "a",
            "nil",
            "tRUE",
            "yEs",
            "<<",
            "=",
            "v1",
            "1.2.3",
            "1e400",
            "0x",
            "0xg",
            "-0x8000000000000001",
            "+-1",
            "-",
            "+",
            ".",
            "1e",
            "0x1p-2",
            "inf",
            "nan",
            "12:60",
            "12:3:",
            ":30",
            "1:234",
            "2024-13-01",
            "2023-02-29",
            "2024-00-10",
            "2024-01",
            "2024-01-15T10:00:00",
            "2024-01-15T24:00:00Z",
            "2024-01-15 10:00:00Z",
            "2024-01-15T10:00:00+25:00",
            "2024-01-15T10:00:00.Z",
            "20240115",
            "+024-01-15",
            "1 ",
            "é",
        ] {
            assert_eq!(means_something_else(text), text == "20240115", "{text}");
        }
    }
}
