//! Values from JSON and to it, and JSON text as Go writes it (promotion-engine 4.2, 8.4).

use serde_json::Value as Json;

use super::{
    error::Problem,
    limits, number,
    value::{Env, Value},
};

impl Value {
    /// The value of JSON; every number becomes a float (promotion-engine 6.5).
    ///
    /// # Errors
    ///
    /// [`Problem::ValueDepth`] if values stand in each other deeper than [`limits::MAX_VALUE_DEPTH`].
    ///
    /// ```
    /// use kargo_core::expr::Value;
    ///
    /// let value = Value::from_json(&serde_json::json!({"n": 1}))?;
    /// assert_eq!(value.to_string(), "map[n:1]");
    /// assert_eq!(value.to_json()?, serde_json::json!({"n": 1}));
    /// # Ok::<(), kargo_core::expr::Problem>(())
    /// ```
    pub fn from_json(json: &Json) -> Result<Self, Problem> {
        from_json(json, limits::MAX_VALUE_DEPTH)
    }

    /// The value as JSON; floats without a fraction become whole numbers.
    ///
    /// # Errors
    ///
    /// What JSON cannot hold: infinities, NaN and the tables of `groupBy` and `fromPairs`; values larger than
    /// [`limits::STEPS`]; [`Problem::Unresolved`] for what is or holds a sealed value.
    pub fn to_json(&self) -> Result<Json, Problem> {
        self.check_size()?;
        to_json(self)
    }

    /// Whether it can be JSON: what [`Value::to_json`] says, without the JSON.
    ///
    /// # Errors
    ///
    /// As for [`Value::to_json`].
    pub(crate) fn check_json(&self) -> Result<(), Problem> {
        self.check_size()?;
        check_json(self)
    }

    fn check_size(&self) -> Result<(), Problem> {
        self.require()?;
        if self.size().weight > limits::STEPS { Err(Problem::Steps { limit: limits::STEPS }) } else { Ok(()) }
    }

    /// The value as compact JSON text (promotion-engine 4.2).
    ///
    /// # Errors
    ///
    /// As for [`Value::to_json`], and [`Problem::Memory`] for more than [`limits::TEXT`] bytes.
    ///
    /// ```
    /// use kargo_core::expr::Value;
    ///
    /// assert_eq!(Value::from("<a>").to_json_text()?, r#""\u003ca\u003e""#);
    /// # Ok::<(), kargo_core::expr::Problem>(())
    /// ```
    pub fn to_json_text(&self) -> Result<String, Problem> {
        text(&self.to_json()?, None)
    }

    /// The value as JSON text, two blanks for each level.
    ///
    /// # Errors
    ///
    /// As for [`Value::to_json`], and [`Problem::Memory`] for more than [`limits::TEXT`] bytes.
    pub fn to_json_indented(&self) -> Result<String, Problem> {
        text(&self.to_json()?, Some("  "))
    }
}

/// Plain loops, here and below: one level of a value is one small frame on the stack.
fn from_json(json: &Json, depth: u32) -> Result<Value, Problem> {
    let deep = Problem::ValueDepth { limit: limits::MAX_VALUE_DEPTH };
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => {
            let below = depth.checked_sub(1).ok_or(deep)?;
            let mut out = Vec::with_capacity(items.len());
            for item in items {
                out.push(from_json(item, below)?);
            }
            return Value::list(out);
        }
        Json::Object(entries) => {
            let below = depth.checked_sub(1).ok_or(deep)?;
            let mut out = Env::new();
            for (key, item) in entries {
                out.insert(key.clone(), from_json(item, below)?);
            }
            return Value::map(out);
        }
    })
}

fn to_json(value: &Value) -> Result<Json, Problem> {
    match value {
        Value::List(_) if value.is_absent_list() => Ok(Json::Null),
        Value::List(_) => {
            let mut out = Vec::new();
            for item in value.as_list().unwrap_or_default() {
                out.push(to_json(item)?);
            }
            Ok(Json::Array(out))
        }
        Value::Map(map) => {
            let mut out = serde_json::Map::new();
            for (key, item) in map.entries() {
                out.insert(key.clone(), to_json(item)?);
            }
            Ok(Json::Object(out))
        }
        _ => scalar(value),
    }
}

fn check_json(value: &Value) -> Result<(), Problem> {
    match value {
        Value::List(_) => {
            for item in value.as_list().unwrap_or_default() {
                check_json(item)?;
            }
        }
        Value::Map(map) => {
            for item in map.entries().values() {
                check_json(item)?;
            }
        }
        Value::Float(_) | Value::Table(_) | Value::Sealed(_) => drop(scalar(value)?),
        _ => {}
    }
    Ok(())
}

fn scalar(value: &Value) -> Result<Json, Problem> {
    Ok(match value {
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) | Value::Duration(value) => (*value).into(),
        Value::Uint(value) => (*value).into(),
        Value::Float(value) => return float(*value),
        Value::Text(text) => Json::String(text.to_string()),
        Value::Bytes(bytes) => Json::String(super::builtins::base64_text(bytes)),
        Value::Table(_) => {
            return Err(Problem::function(format!("json: unsupported type: {}", value.type_name())));
        }
        Value::Time(time) => Json::String(time.rfc3339()),
        Value::Zone(_) => Json::Object(serde_json::Map::new()),
        Value::Month(value) | Value::Weekday(value) => (*value).into(),
        Value::Host(object) => object.to_json(),
        Value::Sealed(_) => return value.require().map(|()| Json::Null),
        Value::Null | Value::List(_) | Value::Map(_) => Json::Null,
    })
}

fn float(value: f64) -> Result<Json, Problem> {
    let number = if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 && value != 0.0 {
        Some(number::truncate(value).into())
    } else if value == 0.0 && value.is_sign_positive() {
        Some(0.into())
    } else {
        serde_json::Number::from_f64(value)
    };
    number
        .map(Json::Number)
        .ok_or_else(|| Problem::function(format!("json: unsupported value: {}", number::general(value))))
}

/// JSON text of at most [`limits::TEXT`] bytes: indentation alone can make a small value long.
fn text(json: &Json, step: Option<&str>) -> Result<String, Problem> {
    let mut out = String::new();
    write(json, step, 0, &mut out);
    if out.len() as u64 > limits::TEXT { Err(Problem::Memory) } else { Ok(out) }
}

/// Appends JSON text. `step` is the indentation of one level. What is too long ends soon after its limit.
fn write(json: &Json, step: Option<&str>, level: usize, out: &mut String) {
    if out.len() as u64 > limits::TEXT {
        return;
    }
    let line = |level: usize, out: &mut String| {
        if let Some(step) = step {
            out.push('\n');
            out.push_str(&step.repeat(level));
        }
    };
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(value) => out.push_str(&number::json(value)),
            None => out.push_str(&number.to_string()),
        },
        Json::String(text) => quote(text, out),
        Json::Array(items) if items.is_empty() => out.push_str("[]"),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(level + 1, out);
                write(item, step, level + 1, out);
            }
            line(level, out);
            out.push(']');
        }
        Json::Object(entries) if entries.is_empty() => out.push_str("{}"),
        Json::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (at, (key, item)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(level + 1, out);
                quote(key, out);
                out.push_str(if step.is_some() { ": " } else { ":" });
                write(item, step, level + 1, out);
            }
            line(level, out);
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
