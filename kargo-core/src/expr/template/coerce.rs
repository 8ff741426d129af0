//! What the text of a template is: a number, a truth value, JSON, or a text after all (promotion-engine 4.3).

use super::read_json::read_json;
use crate::expr::{error::Problem, number::parse_float, value::Value};

/// The value of a template's text.
pub(super) fn coerce(text: &str) -> Result<Value, Problem> {
    let bare = text.strip_suffix('\n').unwrap_or(text);
    let line_end = text.get(bare.len()..).unwrap_or_default();
    if let Some(inner) = bare.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return Ok(Value::from([inner, line_end].concat()));
    }
    if let Some(number) = parse_float(bare) {
        return Ok(Value::Float(number));
    }
    // "0" and "1" would count as well; they are numbers already.
    match bare {
        "t" | "T" | "true" | "TRUE" | "True" => return Ok(Value::Bool(true)),
        "f" | "F" | "false" | "FALSE" | "False" => return Ok(Value::Bool(false)),
        _ => {}
    }
    Ok(read_json(bare)?.unwrap_or_else(|| Value::text(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        coerce(text).unwrap()
    }

    /// Promotion-engine 4.3 (2): quotes go, nothing is unescaped, the line end stays.
    #[test]
    fn quoted_texts() {
        assert_eq!(value("\"42\""), Value::from("42"));
        assert_eq!(value("\"a\\n\"\n"), Value::from("a\\n\n"));
        assert_eq!(value("\"1\" and \"2\""), Value::from("1\" and \"2"));
        assert_eq!(value("\"\""), Value::from(""));
        assert_eq!(value("\""), Value::from("\""), "one quote is not two");
        assert_eq!(value("\"\n"), Value::from("\"\n"));
        assert_eq!(value("\"a\\n\"\n\n"), Value::from("a\n"), "two line ends make it JSON");
        assert_eq!(value(" \"a\\n\" "), Value::from("a\n"), "blanks around make it JSON");
    }

    /// Promotion-engine 4.3 (3 to 6), and which of them keep the line end.
    #[test]
    fn what_a_text_is() {
        assert_eq!(value("42\n"), Value::from(42.0));
        assert_eq!(value("0"), Value::from(0.0));
        assert_eq!(value("T\n"), Value::from(true));
        assert_eq!(value("tRUE"), Value::from("tRUE"));
        assert_eq!(value("null\n"), Value::Null);
        assert_eq!(value("abc 1\n"), Value::from("abc 1\n"));
        assert_eq!(value("1\n\n"), Value::from(1.0), "through JSON");
        assert_eq!(value(""), Value::from(""));
        assert_eq!(value("\n"), Value::from("\n"));
        assert_eq!(value(" true "), Value::from(true));
        assert_eq!(value("[1,2"), Value::from("[1,2"));
        assert_eq!(value("[1, 2]").as_list().map(<[Value]>::len), Some(2));
    }
}
