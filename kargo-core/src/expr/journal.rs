//! Values as the journal has them: JSON in which seals and text maps are marked (rules 2).
//!
//! A seal is `{"$sealed": {"template": .., "env": {..}, "now": .., "answers": [..]}}`, a text map `{"$texts": {..}}`. A key of
//! data that reads like a mark gets one more `$` in front when it is written and loses it when it is read, so that no data
//! can pass for a seal.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map as Object, Value as Json};

use super::{
    error::Problem,
    limits,
    sealed::{Answer, Sealed},
    value::{Env, Value},
};
use crate::model::Timestamp;

const SEALED: &str = "$sealed";
const TEXTS: &str = "$texts";

impl Value {
    /// The value as JSON for the journal, seals included.
    ///
    /// # Errors
    ///
    /// As for [`Value::to_json`], except that seals are fine.
    ///
    /// ```
    /// use kargo_core::expr::{Env, Sealed, Value};
    /// use serde_json::json;
    ///
    /// let sealed = Value::from(Sealed::new("${{ secret('a').k }}", &Env::new(), Default::default(), vec![])?);
    /// assert_eq!(sealed.to_sealed_json()?, json!({"$sealed": {"template": "${{ secret('a').k }}"}}));
    /// assert_eq!(Value::from_sealed_json(&sealed.to_sealed_json()?)?, sealed);
    ///
    /// let data = Value::from_json(&json!({"$sealed": 1}))?;
    /// assert_eq!(data.to_sealed_json()?, json!({"$$sealed": 1}));
    /// # Ok::<(), kargo_core::expr::Problem>(())
    /// ```
    pub fn to_sealed_json(&self) -> Result<Json, Problem> {
        if self.size().weight > limits::STEPS {
            return Err(Problem::Steps { limit: limits::STEPS });
        }
        write(self)
    }

    /// Bytes of the text of [`Value::to_sealed_json`], which is not made for it.
    ///
    /// # Errors
    ///
    /// As for [`Value::to_sealed_json`].
    pub(crate) fn sealed_json_bytes(&self) -> Result<usize, Problem> {
        if self.size().weight > limits::STEPS {
            return Err(Problem::Steps { limit: limits::STEPS });
        }
        measure(self)
    }

    /// The value of JSON from the journal.
    ///
    /// # Errors
    ///
    /// [`Problem::SealedForm`] if a mark holds something else than what this writes, [`Problem::ValueDepth`] as for
    /// [`Value::from_json`].
    pub fn from_sealed_json(json: &Json) -> Result<Self, Problem> {
        read(json, limits::MAX_VALUE_DEPTH)
    }
}

/// As the journal has it: [`Value::to_sealed_json`].
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_sealed_json().map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// As the journal has it: [`Value::from_sealed_json`].
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_sealed_json(&Json::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Whether the key is `mark`, perhaps with more `$` in front.
fn reads_like(key: &str, mark: &str) -> bool {
    key.strip_suffix(mark).is_some_and(|before| before.bytes().all(|byte| byte == b'$'))
}

fn is_escaped(key: &str) -> bool {
    reads_like(key, SEALED) || reads_like(key, TEXTS)
}

fn marked(mark: &str, body: Object<String, Json>) -> Json {
    Json::Object(Object::from_iter([(mark.to_owned(), Json::Object(body))]))
}

/// Plain loops, here and below: one level of a value is one small frame on the stack.
fn write(value: &Value) -> Result<Json, Problem> {
    match value {
        Value::List(_) if value.is_absent_list() => Ok(Json::Null),
        Value::List(_) => {
            let mut out = Vec::new();
            for item in value.as_list().unwrap_or_default() {
                out.push(write(item)?);
            }
            Ok(Json::Array(out))
        }
        Value::Map(map) => {
            let entries = write_entries(map.entries())?;
            Ok(if map.is_texts() { marked(TEXTS, entries) } else { Json::Object(entries) })
        }
        Value::Sealed(sealed) => Ok(marked(SEALED, write_sealed(sealed)?)),
        _ => value.to_json(),
    }
}

fn write_entries<'v>(
    entries: impl IntoIterator<Item = (&'v String, &'v Value)>,
) -> Result<Object<String, Json>, Problem> {
    let mut out = Object::new();
    for (key, item) in entries {
        let key = if is_escaped(key) { format!("${key}") } else { key.clone() };
        out.insert(key, write(item)?);
    }
    Ok(out)
}

/// Bytes of what [`write`] makes.
fn measure(value: &Value) -> Result<usize, Problem> {
    match value {
        Value::Text(text) => Ok(quoted(text)),
        Value::List(_) if !value.is_absent_list() => {
            let items = value.as_list().unwrap_or_default();
            let mut bytes = BRACKETS + items.len().saturating_sub(1);
            for item in items {
                bytes += measure(item)?;
            }
            Ok(bytes)
        }
        Value::Map(map) => {
            let entries = map.entries();
            let mut bytes = BRACKETS + entries.len().saturating_sub(1);
            if map.is_texts() {
                bytes += BRACKETS + quoted(TEXTS) + ":".len();
            }
            for (key, item) in entries {
                bytes += usize::from(is_escaped(key)) + quoted(key) + ":".len() + measure(item)?;
            }
            Ok(bytes)
        }
        _ => Ok(write(value)?.to_string().len()),
    }
}

const BRACKETS: usize = "[]".len();

/// Bytes of a text as JSON.
fn quoted(text: &str) -> usize {
    let escape = |byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | b'\x08' | b'\x0c' => "\\n".len(),
        0..=0x1f => "\\u0000".len(),
        _ => 1,
    };
    "\"\"".len() + text.bytes().map(escape).sum::<usize>()
}

fn write_sealed(sealed: &Sealed) -> Result<Object<String, Json>, Problem> {
    let mut out = Object::from_iter([("template".to_owned(), Json::from(sealed.template()))]);
    if !sealed.env().is_empty() {
        out.insert("env".to_owned(), Json::Object(write_entries(sealed.env())?));
    }
    if sealed.now() != Timestamp::default() {
        out.insert("now".to_owned(), sealed.now().to_rfc3339_opts(SecondsFormat::AutoSi, true).into());
    }
    if !sealed.answers().is_empty() {
        out.insert("answers".to_owned(), sealed.answers().iter().map(write_answer).collect());
    }
    Ok(out)
}

fn write_answer(answer: &Answer) -> Json {
    let mut out = Object::from_iter([("function".to_owned(), Json::from(answer.function.as_str()))]);
    if !answer.arguments.is_empty() {
        out.insert("arguments".to_owned(), Json::from(answer.arguments.clone()));
    }
    if !answer.value.is_null() {
        out.insert("value".to_owned(), answer.value.clone());
    }
    Json::Object(out)
}

fn read(json: &Json, depth: u32) -> Result<Value, Problem> {
    let deep = || Problem::ValueDepth { limit: limits::MAX_VALUE_DEPTH };
    match json {
        Json::Array(items) => {
            let below = depth.checked_sub(1).ok_or_else(deep)?;
            let mut out = Vec::with_capacity(items.len());
            for item in items {
                out.push(read(item, below)?);
            }
            Value::list(out)
        }
        Json::Object(entries) => {
            let below = depth.checked_sub(1).ok_or_else(deep)?;
            if let Some(body) = entries.get(SEALED) {
                return read_sealed(alone(entries, body)?, below);
            }
            if let Some(body) = entries.get(TEXTS) {
                return read_texts(alone(entries, body)?);
            }
            Value::map(read_entries(entries, below)?)
        }
        _ => Value::from_json(json),
    }
}

fn read_entries(entries: &Object<String, Json>, depth: u32) -> Result<Env, Problem> {
    let mut out = Env::new();
    for (key, item) in entries {
        out.insert(unescaped(key).to_owned(), read(item, depth)?);
    }
    Ok(out)
}

fn unescaped(key: &str) -> &str {
    key.strip_prefix('$').filter(|rest| is_escaped(rest)).unwrap_or(key)
}

fn wrong(reason: &str) -> Problem {
    Problem::SealedForm { reason: reason.to_owned() }
}

/// The body of a mark, which stands alone in its object and is one itself.
fn alone<'a>(entries: &Object<String, Json>, body: &'a Json) -> Result<&'a Object<String, Json>, Problem> {
    if entries.len() > 1 {
        return Err(wrong("other keys stand beside the mark"));
    }
    body.as_object().ok_or_else(|| wrong("the mark holds no object"))
}

fn read_texts(body: &Object<String, Json>) -> Result<Value, Problem> {
    let mut out = Vec::new();
    for (key, text) in body {
        let text = text.as_str().ok_or_else(|| wrong("a map of texts holds something else"))?;
        out.push((unescaped(key).to_owned(), text.to_owned()));
    }
    Ok(Value::text_map(out))
}

fn read_sealed(body: &Object<String, Json>, depth: u32) -> Result<Value, Problem> {
    let below = depth.checked_sub(2).ok_or(Problem::ValueDepth { limit: limits::MAX_VALUE_DEPTH })?;
    let (mut template, mut env, mut now, mut answers) = (None, Env::new(), Timestamp::default(), Vec::new());
    for (key, item) in body {
        match (key.as_str(), item) {
            ("template", Json::String(text)) => template = Some(text.as_str()),
            ("env", Json::Object(entries)) => env = read_entries(entries, below)?,
            ("now", Json::String(text)) => {
                let time = DateTime::parse_from_rfc3339(text).map_err(|_| wrong("`now` is no instant of RFC 3339"))?;
                now = time.with_timezone(&Utc);
            }
            ("answers", Json::Array(items)) => answers = items.iter().map(read_answer).collect::<Result<_, _>>()?,
            _ => return Err(wrong("a key is unknown or holds something of another type")),
        }
    }
    let template = template.ok_or_else(|| wrong("there is no `template`"))?;
    Ok(Value::Sealed(Arc::new(Sealed::new(template, &env, now, answers)?)))
}

fn read_answer(json: &Json) -> Result<Answer, Problem> {
    let entries = json.as_object().ok_or_else(|| wrong("an answer is no object"))?;
    let mut answer = Answer { function: String::new(), arguments: Vec::new(), value: Json::Null };
    for (key, item) in entries {
        match (key.as_str(), item) {
            ("function", Json::String(text)) => answer.function.clone_from(text),
            ("arguments", Json::Array(items)) => answer.arguments.clone_from(items),
            ("value", _) => answer.value = item.clone(),
            _ => return Err(wrong("a key of an answer is unknown or holds something of another type")),
        }
    }
    if answer.function.is_empty() {
        return Err(wrong("an answer names no function"));
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Rules 2: the form of the journal, empty parts left out.
    #[test]
    fn a_seal_is_written_with_all_it_needs() {
        let answer =
            Answer { function: "freightMetadata".into(), arguments: vec![json!("f1")], value: json!({"$sealed": 1}) };
        let env = Env::from([
            ("$sealed".to_owned(), Value::from(1.5)),
            ("labels".to_owned(), Value::text_map([("$texts".to_owned(), "x".to_owned())])),
        ]);
        let now = DateTime::from_timestamp(1_760_000_000, 500_000_000).unwrap();
        let value = Value::from(Sealed::new("${{ f() }}", &env, now, vec![answer]).unwrap());
        let json = value.to_sealed_json().unwrap();
        let want = json!({"$sealed": {
            "template": "${{ f() }}",
            "env": {"$$sealed": 1.5, "labels": {"$texts": {"$$texts": "x"}}},
            "now": "2025-10-09T08:53:20.500Z",
            "answers": [{"function": "freightMetadata", "arguments": ["f1"], "value": {"$sealed": 1}}],
        }});
        assert_eq!(json, want);
        assert_eq!(Value::from_sealed_json(&json).unwrap(), value);
        assert!(matches!(value.to_json(), Err(Problem::Unresolved { .. })));
    }

    /// Rules 12: an output is measured as what is stored of it.
    #[test]
    fn bytes_are_those_of_the_text() {
        let seal =
            Sealed::new("${{ \"é\" }}", &Env::from([("a".into(), Value::from(1.5))]), Timestamp::default(), vec![]);
        let texts = |entries: &[(&str, &str)]| Value::text_map(entries.iter().map(|(k, v)| ((*k).into(), (*v).into())));
        let every: String = (0..=0x2fff).filter_map(char::from_u32).collect();
        for value in [
            Value::Null,
            Value::absent_list(),
            Value::from(true),
            Value::from(-7),
            Value::from(0.1),
            Value::from(1e300),
            Value::text(every.as_str()),
            Value::list(vec![]).unwrap(),
            Value::from_json(&json!([[], [1], ["a", null, {}]])).unwrap(),
            Value::from_json(&json!({"a": {"b": []}, "$sealed": 1, "$$texts": "x", every: ""})).unwrap(),
            texts(&[]),
            texts(&[("$texts", "x"), ("b", "\"\n")]),
            Value::from(seal.unwrap()),
        ] {
            assert_eq!(value.sealed_json_bytes(), Ok(value.to_sealed_json().unwrap().to_string().len()), "{value:?}");
        }
        assert!(Value::from(f64::NAN).sealed_json_bytes().is_err());
    }

    /// Rules 2: what only looks like a seal is refused, with the reason.
    #[test]
    fn refused_forms() {
        for json in [
            json!({"$sealed": "text"}),
            json!({"$sealed": {}}),
            json!({"$sealed": {"template": "a"}, "b": 1}),
            json!({"$sealed": {"template": 1}}),
            json!({"$sealed": {"template": "a", "more": 1}}),
            json!({"$sealed": {"template": "a", "now": "soon"}}),
            json!({"$sealed": {"template": "a", "answers": [1]}}),
            json!({"$sealed": {"template": "a", "answers": [{}]}}),
            json!({"$texts": {"a": 1}}),
        ] {
            assert!(matches!(Value::from_sealed_json(&json), Err(Problem::SealedForm { .. })), "{json}");
            assert!(Value::from_json(&json).is_ok(), "plain JSON has no marks: {json}");
        }
    }
}
