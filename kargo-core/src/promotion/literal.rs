//! A JSON value as the text of a variable that evaluates to exactly that value.

use serde_json::Value as Json;

use crate::expr::limits;

/// The text of a variable whose value is `json`, wherever it is evaluated (promotion-engine 4.1 to 4.3).
///
/// A text without an opener stands for itself. Everything else is an expression in `${% %}`, which is told apart from
/// texts by what comes out of it: `"null"` is a text, `${% nil %}` is none at all.
///
/// Numbers are those of variables, 64-bit floats: whole ones beyond 2^53 that a float cannot hold are refused.
///
/// ```
/// use kargo_core::promotion::literal;
/// use serde_json::json;
///
/// assert_eq!(literal(&json!("1.20"))?, "1.20");
/// assert_eq!(literal(&json!(1.2))?, r#"${% "1.2" %}"#);
/// assert_eq!(literal(&json!({"region": "eu"}))?, r#"${% '{"region":"eu"}' %}"#);
/// assert_eq!(literal(&json!("${{ not read }}"))?, r#""${% '${{ not read }}' %}""#);
/// # Ok::<(), kargo_core::promotion::LiteralError>(())
/// ```
///
/// # Errors
///
/// The value is a number that no variable can have, or too large or too deep for an expression.
pub fn literal(json: &Json) -> Result<String, LiteralError> {
    check(json, limits::MAX_VALUE_DEPTH)?;
    let text = match json {
        Json::Null => "${% nil %}".to_owned(),
        Json::Bool(value) => format!("${{% {value} %}}"),
        // As a text, which is read as a float of any size.
        Json::Number(number) => format!("${{% \"{number}\" %}}"),
        Json::String(text) if is_template(text) => format!("\"${{% {} %}}\"", quoted(text)),
        Json::String(text) => return Ok(text.clone()),
        Json::Array(_) | Json::Object(_) => format!("${{% {} %}}", quoted(&json.to_string())),
    };
    if text.len() > limits::MAX_SOURCE {
        return Err(LiteralError::Size { bytes: text.len(), limit: limits::MAX_SOURCE });
    }
    Ok(text)
}

/// Why a value cannot be a variable's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LiteralError {
    /// A whole number between those that a float can hold.
    #[error("the number {text} cannot be held exactly; write it as a text: \"{text}\"")]
    Number {
        /// The number.
        text: String,
    },
    /// A value whose text is longer than an expression may be.
    #[error("a value of {bytes} bytes as text is longer than the {limit} allowed")]
    Size {
        /// Bytes of its text.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Lists and maps in each other deeper than values may be.
    #[error("a value is nested deeper than {limit} levels")]
    Depth {
        /// The limit.
        limit: u32,
    },
}

fn check(json: &Json, levels: u32) -> Result<(), LiteralError> {
    let below = || levels.checked_sub(1).ok_or(LiteralError::Depth { limit: limits::MAX_VALUE_DEPTH });
    match json {
        Json::Null | Json::Bool(_) | Json::String(_) => Ok(()),
        Json::Number(number) if is_exact(number) => Ok(()),
        Json::Number(number) => Err(LiteralError::Number { text: number.to_string() }),
        Json::Array(items) => {
            let below = below()?;
            items.iter().try_for_each(|item| check(item, below))
        }
        Json::Object(entries) => {
            let below = below()?;
            entries.values().try_for_each(|item| check(item, below))
        }
    }
}

/// Whether a float holds the number.
fn is_exact(number: &serde_json::Number) -> bool {
    if number.is_f64() {
        return true;
    }
    let digits = number.as_i128().map(i128::unsigned_abs).unwrap_or_default();
    // All of a float's 53 bits may stand anywhere.
    digits == 0 || 128 - digits.leading_zeros() - digits.trailing_zeros() <= f64::MANTISSA_DIGITS
}

/// Whether the text has an opener, so that it does not stand for itself (promotion-engine 4.1).
fn is_template(text: &str) -> bool {
    text.contains("${{") || text.contains("${%")
}

/// The text as a literal of the language, without the closer of templates in it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    let mut after_percent = false;
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '}' if after_percent => out.push_str("\\x7d"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
        after_percent = c == '%';
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::expr::{Env, Functions, Template, Value};

    fn back(json: &Json) -> Value {
        let text = literal(json).unwrap();
        let template = Template::new(&text, &Functions::new());
        template.run(&Env::new(), Default::default()).unwrap_or_else(|error| panic!("{text}\n{error}"))
    }

    #[track_caller]
    fn same(json: &Json) {
        let (value, wanted) = (back(json), Value::from_json(json).unwrap());
        // Equality of values takes 0 for -0, and a list of equals for the list; their texts do not.
        assert_eq!(value, wanted);
        assert_eq!(value.to_json_text(), wanted.to_json_text());
        assert_eq!(value.type_name(), wanted.type_name());
    }

    /// Promotion-engine 4.3: every text that would be read as something else, or lose something.
    #[test]
    fn promotion_engine_4_3_texts_stay_texts() {
        for text in [
            "",
            "42",
            "1.20",
            "007",
            "1e5",
            "inf",
            "nan",
            "0x1p-2",
            "true",
            "t",
            "null",
            "nil",
            "[1]",
            "{}",
            "{\"a\": 1}",
            "\"",
            "\"\"",
            "\"a\"",
            "\"a\"\n",
            "a\n",
            "\n",
            "\n\n",
            " 5",
            "'",
            "\\",
            "\\n",
            "${",
            "$ {{",
            "}}",
            "%}",
            "%%}}",
            "\u{0}\u{7}\u{7f}\u{85}\u{2028}",
            "é😀",
        ] {
            for text in
                [text.to_owned(), format!("${{{{ {text} }}}}"), format!("${{% {text}"), format!("{text}${{{{}}}}\n")]
            {
                same(&json!(text));
                same(&json!([text, {text.clone(): text}]));
            }
        }
    }

    #[test]
    fn promotion_engine_4_3_values() {
        for json in [
            json!(null),
            json!(true),
            json!(false),
            json!(0),
            json!(-0.0),
            json!(1),
            json!(-5),
            json!(1.2),
            json!(1e21),
            json!(1e300),
            json!(-5e-324),
            json!(f64::MAX),
            json!(0.1 + 0.2),
            json!(9_007_199_254_740_992_i64),
            json!(u64::MAX - 2047),
            json!(i64::MIN),
            json!([]),
            json!({}),
            json!([[], {}, null, true, "", 1e-7, 18_014_398_509_481_984_u64, -0.0]),
            json!({"a.b": {"": [{"%}": "%}", "'": "\"\\"}]}, "${{ x }}": "${% y %}"}),
        ] {
            same(&json);
        }
    }

    /// Promotion-engine 8.1 (7): what would be rounded is refused, at any depth.
    #[test]
    fn promotion_engine_8_1_numbers_that_no_float_holds() {
        for number in ["9007199254740993", "-9007199254740993", "18446744073709551615", "9223372036854775807"] {
            let json: Json = number.parse().unwrap();
            let error = LiteralError::Number { text: number.into() };
            assert_eq!(literal(&json), Err(error.clone()));
            assert_eq!(literal(&json!({"a": [json]})), Err(error));
        }
    }

    /// Rules 19: the deepest value is read back, one deeper and one longer are refused.
    #[test]
    fn rules_19_limits() {
        let mut json = json!(1);
        for _ in 0..limits::MAX_VALUE_DEPTH {
            json = json!([json]);
        }
        same(&json);
        assert_eq!(literal(&json!([json])), Err(LiteralError::Depth { limit: 128 }));
        same(&json!(["x".repeat(limits::MAX_SOURCE - 20)]));
        assert!(matches!(literal(&json!(["x".repeat(limits::MAX_SOURCE)])), Err(LiteralError::Size { .. })));
        same(&json!("x".repeat(limits::MAX_SOURCE + 1)));
    }

    fn any_text() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("${{"),
            Just("}}"),
            Just("${%"),
            Just("%}"),
            Just("\""),
            Just("'"),
            Just("\\"),
            Just("\n"),
            Just("%"),
            Just("}"),
            Just("1"),
            Just(" "),
            Just("true"),
            Just("{"),
            Just("$"),
        ];
        prop_oneof![prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat()), any::<String>()]
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i32>().prop_map(Json::from),
            any::<f64>().prop_filter("JSON has finite numbers", |number| number.is_finite()).prop_map(Json::from),
            (-(1_i64 << 53)..=1 << 53, 0_u32..10).prop_map(|(number, zeros)| Json::from(number << zeros)),
            any_text().prop_map(Json::from),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::btree_map(any_text(), inner, 0..6)
                    .prop_map(|entries| Json::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn promotion_engine_4_3_a_literal_is_read_back(json in any_json()) {
            same(&json);
        }
    }
}
