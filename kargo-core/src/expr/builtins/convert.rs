//! Functions from one type to another: texts, numbers, JSON, base64.

use super::{
    super::{budget::Budget, error::Problem, number, types::Type, value::Value},
    Builtin, Returns, argument, fixed, text_of,
};

const A: Type = Type::Any;
const TEXT: Returns = Returns::Type(Type::Text);

pub(super) const TABLE: &[Builtin] = &[
    fixed("type", &[A], 1, TEXT, |_, a| Ok(Value::text(kind(argument(a, 0))))),
    fixed("string", &[A], 1, TEXT, |budget, a| {
        let value = argument(a, 0);
        if let Value::Text(text) = value {
            return Ok(Value::Text(text.clone()));
        }
        budget.walk(value)?;
        let text = value.to_string();
        budget.text(text.len())?;
        Ok(Value::text(text))
    }),
    fixed("int", &[A], 1, Returns::Type(Type::Int), int).taking(
        None,
        reads_as_number,
        ("invalid argument for int (type ", ")"),
    ),
    fixed("float", &[A], 1, Returns::Type(Type::Float), float).taking(
        None,
        reads_as_number,
        ("invalid argument for float (type ", ")"),
    ),
    fixed("toJSON", &[A], 1, TEXT, |budget, a| {
        budget.walk(argument(a, 0))?;
        let text = argument(a, 0).to_json_indented()?;
        budget.text(text.len())?;
        Ok(Value::text(text))
    }),
    fixed("fromJSON", &[Type::Text], 1, Returns::Type(A), |budget, a| {
        let text = text_of(a, 0)?;
        budget.text(text.len())?;
        let json = serde_json::from_str(text).map_err(|error| Problem::function(json_error(text, &error)))?;
        Value::from_json(&json)
    }),
    fixed("toBase64", &[Type::Text], 1, TEXT, |budget, a| {
        let text = text_of(a, 0)?;
        budget.text(text.len() / 3 * 4 + 4)?;
        Ok(Value::text(base64_text(text.as_bytes())))
    }),
    fixed("fromBase64", &[Type::Text], 1, TEXT, |budget, a| {
        let text = text_of(a, 0)?;
        budget.text(text.len())?;
        Ok(Value::text(&*String::from_utf8_lossy(&base64_bytes(text)?)))
    }),
];

fn reads_as_number(found: Type) -> bool {
    found.is_number() || matches!(found, Type::Any | Type::Text | Type::Duration | Type::Month | Type::Weekday)
}

fn kind(value: &Value) -> &str {
    match value {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Uint(_) => "uint",
        Value::Float(_) => "float",
        Value::Text(_) => "string",
        Value::List(_) | Value::Bytes(_) => "array",
        Value::Map(_) | Value::Table(_) => "map",
        Value::Time(_) => "time.Time",
        Value::Duration(_) => "time.Duration",
        Value::Zone(_) => "time.Location",
        Value::Month(_) => "time.Month",
        Value::Weekday(_) => "time.Weekday",
        Value::Host(object) => object.kind_name(),
        Value::Sealed(_) => "unknown",
    }
}

fn json_error(text: &str, error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "unexpected end of JSON input".to_owned();
    }
    let at = error.column().checked_sub(1).filter(|_| error.line() == 1);
    match at.and_then(|at| text.get(at..)).and_then(|rest| rest.chars().next()) {
        Some(c) => format!("invalid character {c:?} in JSON ({error})"),
        None => error.to_string(),
    }
}

fn int(_: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let found = argument(a, 0);
    Ok(Value::Int(match found {
        Value::Int(value) | Value::Duration(value) => *value,
        Value::Uint(value) => value.cast_signed(),
        Value::Float(value) => number::truncate(*value),
        Value::Month(value) | Value::Weekday(value) => i64::from(*value),
        Value::Text(text) => text.parse().map_err(|_| Problem::function(format!("invalid operation: int({text})")))?,
        Value::Null => return Err(Problem::function("reflect: call of reflect.Value.Type on zero Value")),
        _ => return Err(Problem::function(format!("invalid operation: int({})", found.type_name()))),
    }))
}

fn float(_: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let found = argument(a, 0);
    if let Value::Text(text) = found {
        let refused = || Problem::function(format!("invalid operation: float({text})"));
        return number::parse_float(text).map(Value::Float).ok_or_else(refused);
    }
    let refused = || Problem::function(format!("invalid operation: float({})", found.type_name()));
    found.as_number().map(Value::Float).ok_or_else(refused)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding.
pub(in super::super) fn base64_text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let digit = (group >> (18 - 6 * position)) as usize & 63;
            let c = if position > chunk.len() { b'=' } else { ALPHABET.get(digit).copied().unwrap_or(b'=') };
            out.push(char::from(c));
        }
    }
    out
}

/// Bytes of base64 with padding; line ends are skipped.
fn base64_bytes(text: &str) -> Result<Vec<u8>, Problem> {
    let illegal = |at: usize| Problem::function(format!("illegal base64 data at input byte {at}"));
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0_u32, 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        if matches!(byte, b'\r' | b'\n') {
            continue;
        }
        if byte == b'=' && count >= 2 {
            padding += 1;
        } else if padding > 0 {
            return Err(illegal(at));
        }
        let digit = if padding > 0 { Some(0) } else { ALPHABET.iter().position(|known| *known == byte) };
        let digit = digit.and_then(|digit| u32::try_from(digit).ok()).ok_or_else(|| illegal(at))?;
        group = group << 6 | digit;
        count += 1;
        if count == 4 {
            let [_, bytes @ ..] = group.to_be_bytes();
            out.extend(bytes.iter().take(3 - padding));
            (group, count) = (0, 0);
            if padding > 0 && text.bytes().skip(at + 1).any(|rest| !matches!(rest, b'\r' | b'\n')) {
                return Err(illegal(at + 1));
            }
        }
    }
    if count == 0 { Ok(out) } else { Err(illegal(text.len())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 6.8: standard alphabet, padding required.
    #[test]
    fn base64() {
        for (plain, coded) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("ab?>", "YWI/Pg==")] {
            assert_eq!(base64_text(plain.as_bytes()), coded);
            assert_eq!(base64_bytes(coded).unwrap(), plain.as_bytes());
        }
        for refused in ["YWI", "YQ=", "Y===", "YQ==YQ==", "YW-_", "=", "YQ=a"] {
            assert!(base64_bytes(refused).is_err(), "{refused}");
        }
    }
}
