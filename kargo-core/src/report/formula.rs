//! An expression of a declaration: text that is data, read once, run over the configurations of steps.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    expr::{Env, ExprError, Functions, Program, Type, Value},
    model::Timestamp,
};

/// The text of an expression, and its program once it was needed. Clones share the program; equality is that of the texts.
#[derive(Clone)]
pub(super) struct Formula(Arc<Source>);

struct Source {
    text: Box<str>,
    program: OnceLock<Result<Program, ExprError>>,
}

impl Formula {
    pub(super) fn new(text: &str) -> Self {
        Self(Arc::new(Source { text: text.into(), program: OnceLock::new() }))
    }

    pub(super) fn text(&self) -> &str {
        &self.0.text
    }

    /// The program, or why the text is none.
    pub(super) fn program(&self) -> Result<&Program, &ExprError> {
        self.0.program.get_or_init(|| Program::compile(&self.0.text, &vocabulary())).as_ref()
    }

    /// The value; `None` where it cannot be had from these values, because one of them is sealed or of the wrong type.
    ///
    /// Declarations know no time: `now()` is the beginning of 1970.
    pub(super) fn run(&self, env: &Env) -> Result<Option<Value>, &ExprError> {
        Ok(self.program()?.run(env, Timestamp::default()).ok())
    }
}

/// The functions that declarations have beyond the language: `given(x)`, which makes nil of the empty text, because Kargo's
/// steps take both for absence (steps 1).
fn vocabulary() -> Functions {
    let mut functions = Functions::new();
    functions.add("given", &[Type::Any], 1, Type::Any, |call| {
        let value = call.argument(0);
        Ok(if value.as_text() == Some("") { Value::Null } else { value.clone() })
    });
    functions
}

impl From<&str> for Formula {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl PartialEq for Formula {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Formula {}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.text(), f)
    }
}

impl Serialize for Formula {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str, config: &serde_json::Value) -> Option<Value> {
        let env = Env::from([("config".to_owned(), Value::from_json(config).unwrap())]);
        Formula::new(text).run(&env).unwrap()
    }

    #[test]
    fn the_empty_text_is_not_given() {
        let json = serde_json::json!({"empty": "", "full": "x"});
        assert_eq!(run("given(config.empty) ?? 'none'", &json), Some(Value::text("none")));
        assert_eq!(run("given(config.nope) ?? 'none'", &json), Some(Value::text("none")));
        assert_eq!(run("given(config.full) ?? 'none'", &json), Some(Value::text("x")));
    }

    #[test]
    fn what_cannot_be_had_is_no_error_and_what_cannot_be_read_is() {
        assert_eq!(run("config.a.b", &serde_json::json!({})), None);
        let broken = Formula::new("1 +");
        assert!(broken.run(&Env::new()).is_err());
        assert_eq!(broken, Formula::from("1 +"));
        assert_eq!(serde_json::to_string(&broken).unwrap(), "\"1 +\"");
    }
}
