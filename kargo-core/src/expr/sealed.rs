//! Values that are not known here: templates kept with all that their evaluation needs (rules 2).

use std::{fmt, sync::Arc};

use serde_json::Value as Json;

use super::{
    error::Problem,
    limits,
    value::{Env, Size, Value},
};
use crate::model::Timestamp;

/// What an evaluation would need to go on ([`Problem::Unresolved`]).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unresolved {
    /// The answer of a host's function, as `secret("a")`.
    Reference {
        /// The function.
        function: String,
        /// What was asked for.
        name: String,
    },
    /// The value of a sealed leaf that something was done to.
    Sealed(Arc<Sealed>),
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference { function, name } => write!(f, "{function}({name:?})"),
            Self::Sealed(sealed) => write!(f, "sealed value {sealed}"),
        }
    }
}

/// What a function answered that asked the world, so that it answers the same again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The function.
    pub function: String,
    /// What it was given.
    pub arguments: Vec<Json>,
    /// What it answered.
    pub value: Json,
}

/// A template that was not evaluated, and what its evaluation needs to come out the same at any later time (rules 2).
///
/// As a [`Value::Sealed`] it moves through expressions: into lists and maps, out of them, through `let` and branches.
/// Whatever looks at it raises [`Problem::Unresolved`]. `Debug` and `Display` show the template alone.
///
/// ```
/// use std::collections::BTreeMap;
/// use kargo_core::expr::{Env, Functions, Problem, Program, Sealed, Unresolved, Value};
///
/// let sealed = Value::from(Sealed::new("Bearer ${{ secret('reg').token }}", &Env::new(), Default::default(), vec![])?);
/// let env = BTreeMap::from([("token".to_owned(), sealed.clone())]);
/// let run = |source| Program::compile(source, &Functions::new())?.run(&env, Default::default());
/// assert_eq!(run("{header: token}.header")?, sealed);
/// let error = run("token + '!'").unwrap_err();
/// assert!(matches!(error.problem(), Problem::Unresolved { needs: Unresolved::Sealed(_) }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Sealed {
    template: Arc<str>,
    env: Env,
    now: Timestamp,
    answers: Vec<Answer>,
    size: Size,
}

impl Sealed {
    /// Seals a template with the names it can read (see [`Reads::prune`](super::Reads::prune)), its instant and the
    /// answers that were recorded for it. Values that JSON does not have become what their emission is; numbers become floats.
    ///
    /// # Errors
    ///
    /// What JSON cannot hold, as for [`Value::to_json`]; [`Problem::ValueDepth`] if seals stand in each other so deep
    /// that no reader of JSON would take them.
    pub fn new(
        template: impl Into<Arc<str>>,
        env: &Env,
        now: Timestamp,
        answers: Vec<Answer>,
    ) -> Result<Self, Problem> {
        let template = template.into();
        let mut own = Env::new();
        // In the journal a seal is two objects, and another around its names or two around an answer.
        let mut size = Size { depth: 3, weight: 1 + template.len() as u64 / 16, sealed: true };
        for (name, value) in env {
            let value = plain(value)?;
            let inner = value.size();
            size.depth = size.depth.max(inner.depth.saturating_add(3));
            size.weight = size.weight.saturating_add(inner.weight);
            own.insert(name.clone(), value);
        }
        for answer in &answers {
            for json in answer.arguments.iter().chain([&answer.value]) {
                let inner = Value::from_json(json)?.size();
                size.depth = size.depth.max(inner.depth.saturating_add(5));
                size.weight = size.weight.saturating_add(inner.weight);
            }
        }
        if size.depth > limits::MAX_VALUE_DEPTH {
            return Err(Problem::ValueDepth { limit: limits::MAX_VALUE_DEPTH });
        }
        Ok(Self { template, env: own, now, answers, size })
    }

    /// The text with its `${{ }}`.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The names that the template can read.
    #[must_use]
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The instant of the evaluation: what `now()` answers.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What functions that ask the world have answered already.
    #[must_use]
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }
}

/// A value of which only JSON, text maps and seals are left. Plain loops: one level is one small frame on the stack.
fn plain(value: &Value) -> Result<Value, Problem> {
    match value {
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Sealed(_) => Ok(value.clone()),
        Value::Map(map) if map.is_texts() => Ok(value.clone()),
        Value::List(_) => {
            let mut out = Vec::new();
            for item in value.as_list().unwrap_or_default() {
                out.push(plain(item)?);
            }
            Value::list(out)
        }
        Value::Map(map) => {
            let mut out = Env::new();
            for (name, item) in map.entries() {
                out.insert(name.clone(), plain(item)?);
            }
            Value::map(out)
        }
        _ => Value::from_json(&value.to_json()?),
    }
}

impl PartialEq for Sealed {
    fn eq(&self, other: &Self) -> bool {
        self.template == other.template
            && self.now == other.now
            && self.answers == other.answers
            && self.env.len() == other.env.len()
            && self.env.iter().zip(&other.env).all(|((a, x), (b, y))| a == b && x == y)
    }
}

/// The values of a seal are JSON's and other seals, so that each equals itself.
impl Eq for Sealed {}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({:?})", self.template)
    }
}

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.template)
    }
}

impl From<Sealed> for Value {
    fn from(sealed: Sealed) -> Self {
        Self::Sealed(Arc::new(sealed))
    }
}

impl Value {
    /// The first sealed leaf in it, or itself if it is one. Costs nothing when nothing is sealed.
    #[must_use]
    pub fn sealed(&self) -> Option<&Arc<Sealed>> {
        let mut value = self;
        // Each container knows whether it holds a seal, so the walk never goes back.
        while value.size().sealed {
            value = match value {
                Self::Sealed(sealed) => return Some(sealed),
                Self::List(_) => value.as_list()?.iter().find(|item| item.size().sealed)?,
                Self::Map(map) => map.entries().values().find(|item| item.size().sealed)?,
                Self::Table(table) => table.entries.values().map(|(_, item)| item).find(|item| item.size().sealed)?,
                _ => return None,
            };
        }
        None
    }

    /// Whether it is sealed or holds a value that is.
    #[must_use]
    pub fn has_sealed(&self) -> bool {
        match self {
            Self::Sealed(_) => true,
            Self::List(_) | Self::Map(_) | Self::Table(_) => self.size().sealed,
            _ => false,
        }
    }

    /// Refuses to be looked at if it is or holds a seal.
    ///
    /// # Errors
    ///
    /// [`Problem::Unresolved`] with the first seal.
    pub fn require(&self) -> Result<(), Problem> {
        if self.has_sealed() { Err(self.needs()) } else { Ok(()) }
    }

    /// What looking at a value with a seal raises.
    #[cold]
    fn needs(&self) -> Problem {
        match self.sealed() {
            Some(sealed) => Problem::Unresolved { needs: Unresolved::Sealed(Arc::clone(sealed)) },
            None => Problem::function("a sealed value is not resolved yet"),
        }
    }

    /// [`Value::require`] of the value itself, whatever it holds.
    pub(super) fn require_top(&self) -> Result<(), Problem> {
        if matches!(self, Self::Sealed(_)) { Err(self.needs()) } else { Ok(()) }
    }
}

impl Problem {
    /// A function's answer is not known here; for the bodies of a host's functions.
    pub fn unresolved(function: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Unresolved { needs: Unresolved::Reference { function: function.into(), name: name.into() } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(template: &str, env: &Env) -> Result<Sealed, Problem> {
        Sealed::new(template, env, Timestamp::default(), Vec::new())
    }

    /// Rules 2: what a seal prints is its template; numbers in it are JSON's, text maps stay what they are.
    #[test]
    fn a_seal_shows_its_template_alone() {
        let labels = Value::text_map([("a".to_owned(), "b".to_owned())]);
        let env = Env::from([("key".to_owned(), Value::Int(1)), ("labels".to_owned(), labels)]);
        let sealed = seal("${{ key }}", &env).unwrap();
        assert_eq!(format!("{sealed} {sealed:?}"), r#"${{ key }} Sealed("${{ key }}")"#);
        assert!(matches!(sealed.env()["key"], Value::Float(1.0)));
        assert_eq!(sealed.env()["labels"].type_name(), "map[string]string");
        assert_eq!(sealed, sealed.clone());
        assert_ne!(sealed, seal("${{ key }}", &Env::new()).unwrap());
    }

    /// Rules 2, 19: seals in seals end before a reader of JSON would.
    #[test]
    fn seals_in_seals_are_bounded() {
        let mut value = Value::Null;
        let count = (0..100).take_while(|_| match seal("${{ a }}", &Env::from([("a".to_owned(), value.clone())])) {
            Ok(sealed) => {
                value = sealed.into();
                true
            }
            Err(problem) => {
                assert_eq!(problem, Problem::ValueDepth { limit: limits::MAX_VALUE_DEPTH });
                false
            }
        });
        assert_eq!(count.count(), 42);
    }

    #[test]
    fn the_first_seal_of_a_container_is_found() {
        let sealed = Value::from(seal("${{ a }}", &Env::new()).unwrap());
        let list = Value::list(vec![Value::Null, sealed.clone()]).unwrap();
        let map = Value::map(Env::from([("a".to_owned(), Value::Null), ("b".to_owned(), list)])).unwrap();
        assert_eq!(map.sealed().map(|sealed| sealed.template()), Some("${{ a }}"));
        assert!(matches!(map.require(), Err(Problem::Unresolved { needs: Unresolved::Sealed(_) })));
        assert_eq!(map.require_top(), Ok(()));
        assert_eq!(Value::list(vec![Value::Null]).unwrap().sealed(), None);
    }
}
