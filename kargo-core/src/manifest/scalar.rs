//! What an unquoted word of YAML means: the rules that `kubectl apply` follows, which are YAML 1.1's with Go's numbers.
//!
//! The table in `tests/fixtures/yaml-scalars.jsonl` was recorded from the reader that Kubernetes' tools use.

use serde_json::{Number, Value};

/// The meaning of an unquoted word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plain {
    /// Nothing: empty, `~`, `null`.
    Null,
    /// `true`, `yes`, `on`, ... and their opposites.
    Bool(bool),
    /// A number.
    Number(Number),
    /// An infinity or not a number, which JSON has no form for.
    NotFinite,
    /// Text.
    Text,
}

/// The meaning of an unquoted word.
pub(crate) fn resolve(word: &str) -> Plain {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Plain::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Plain::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf"
        | "-.INF" => return Plain::NotFinite,
        _ => {}
    }
    if !word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Plain::Text;
    }
    let digits: String = word.chars().filter(|&c| c != '_').collect();
    if let Some(number) = integer(&digits) {
        return Plain::Number(number);
    }
    match float(&digits) {
        Some(number) => Plain::Number(number),
        None => Plain::Text,
    }
}

/// A whole number with an optional sign: decimal, `0x`, `0o` or a leading zero for octal, `0b`.
fn integer(word: &str) -> Option<Number> {
    let (negative, digits) = match word.as_bytes().first()? {
        b'-' => (true, &word[1..]),
        b'+' => (false, &word[1..]),
        _ => (false, word),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, rest)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (8, rest)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, rest)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..])
    } else {
        (10, lower.as_str())
    };
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if !negative {
        return Some(magnitude.into());
    }
    // The magnitude of the least number is one more than that of the greatest.
    let value = i128::from(magnitude).checked_neg().and_then(|value| i64::try_from(value).ok())?;
    Some(value.into())
}

/// A decimal number with an optional sign, fraction and exponent; whole ones are integers, as JSON writes them.
fn float(word: &str) -> Option<Number> {
    let rest = word.strip_prefix(['+', '-']).unwrap_or(word);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let well_formed = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_is_well_formed = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    if !well_formed || !exponent_is_well_formed {
        return None;
    }
    let value: f64 = word.parse().ok()?;
    number_of(value)
}

/// A finite number as JSON has it: whole ones below 2^63 as integers.
fn number_of(value: f64) -> Option<Number> {
    #[expect(clippy::cast_possible_truncation, reason = "only whole numbers that fit are cast")]
    let whole = (value.fract() == 0.0 && value.abs() < 9.2e18 && !(value == 0.0 && value.is_sign_negative()))
        .then_some(value as i64);
    match whole {
        Some(whole) => Some(whole.into()),
        None => Number::from_f64(value),
    }
}

/// The JSON value of an unquoted word; `None` where JSON has no form for it.
pub(crate) fn to_json(word: &str) -> Option<Value> {
    match resolve(word) {
        Plain::Null => Some(Value::Null),
        Plain::Bool(flag) => Some(Value::Bool(flag)),
        Plain::Number(number) => Some(Value::Number(number)),
        Plain::Text => Some(Value::String(word.to_owned())),
        Plain::NotFinite => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One JSON object a line: `yaml` in, `json` or `error` out. Rows of the form `k: <word>` are this file's.
    const RECORDED: &str = include_str!("../../tests/fixtures/yaml-scalars.jsonl");

    #[test]
    fn words_mean_what_kubectl_reads() {
        let mut checked = 0;
        let mut wrong = Vec::new();
        for line in RECORDED.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let Some(word) = row["yaml"].as_str().unwrap().strip_prefix("k: ") else { continue };
            if word.contains(char::is_whitespace) || word.starts_with(['&', '*', '!', '\'', '"', '{', '[', '|', '>']) {
                continue;
            }
            let expected = row.get("json").map(|json| json["k"].clone());
            if row.get("error").is_some_and(|error| error.as_str().unwrap().starts_with("yaml:")) {
                continue;
            }
            checked += 1;
            let got = to_json(word);
            // The recording writes every whole number without a fraction and 64-bit floats with few digits.
            let same = match (&got, &expected) {
                (Some(Value::Number(a)), Some(Value::Number(b))) => a.as_f64() == b.as_f64(),
                _ => got == expected,
            };
            if !same {
                wrong.push(format!("{word}: {got:?}, not {expected:?}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(checked > 120, "{checked}");
    }
}
