//! Opening seals where the outside is known: at the moment of use, by whoever holds the secrets (rules 2).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{functions, world_host::warehouse};
use crate::expr::{
    Answer, Call, Env, Functions, Host, Problem, Sealed, Template, TemplateError, Unresolved, Value,
    kargo::Answer as Fact,
};

/// Something outside that templates name: a secret or a config map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// `secret`, `sharedSecret`, `configMap` or `sharedConfigMap`.
    pub function: String,
    /// The name that it was called with.
    pub name: String,
}

/// The secrets and config maps that were fetched, by reference. What is absent outside is an empty map
/// (promotion-engine 5.1).
///
/// ```
/// use kargo_core::promotion::{Reference, Resolved};
/// let mut resolved = Resolved::default();
/// resolved.insert(Reference { function: "secret".into(), name: "reg".into() }, [("token".into(), "t0p".into())].into());
/// assert_eq!(format!("{resolved:?}"), r#"Resolved { secret("reg"): *** }"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    entries: BTreeMap<Reference, BTreeMap<String, String>>,
}

/// As a list of references with their entries; secrets are left out, so that none gets into a journal (rules 2).
impl Serialize for Resolved {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.without_secrets().entries.iter().collect::<Vec<_>>().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Resolved {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<(Reference, BTreeMap<String, String>)>::deserialize(deserializer)?;
        Ok(Self { entries: entries.into_iter().collect() }.without_secrets())
    }
}

/// Why a seal cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// This has to be fetched first; then ask again.
    #[error("{}({:?}) is not fetched yet", .0.function, .0.name)]
    Needs(Reference),
    /// The template fails.
    #[error("{0}")]
    Template(TemplateError),
}

impl Resolved {
    /// Keeps what was fetched.
    pub fn insert(&mut self, reference: Reference, entries: BTreeMap<String, String>) {
        self.entries.insert(reference, entries);
    }

    /// What was fetched for a reference.
    #[must_use]
    pub fn get(&self, reference: &Reference) -> Option<&BTreeMap<String, String>> {
        self.entries.get(reference)
    }

    /// Only what is not secret: the config maps (rules 2).
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let open = |reference: &Reference| matches!(&*reference.function, "configMap" | "sharedConfigMap");
        let entries = self.entries.iter().filter(|(reference, _)| open(reference));
        Self { entries: entries.map(|(reference, entries)| (reference.clone(), entries.clone())).collect() }
    }

    /// Whether nothing was fetched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What was fetched, by reference.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Reference, &BTreeMap<String, String>)> {
        self.entries.iter()
    }

    pub(super) fn answer(&self, function: &str, name: &str) -> Option<Value> {
        let reference = Reference { function: function.to_owned(), name: name.to_owned() };
        self.entries.get(&reference).map(|entries| Value::text_map(entries.clone()))
    }

    /// A value without seals.
    ///
    /// # Errors
    ///
    /// [`ResolveError::Needs`] names the next thing to fetch: fetch it, [`insert`](Self::insert) it, and ask again. Every
    /// round brings one more reference, so the rounds end with the references.
    pub fn open(&self, value: &Value) -> Result<Value, ResolveError> {
        match value {
            Value::Sealed(sealed) => self.unseal(sealed),
            Value::List(_) if value.has_sealed() => {
                let mut items = Vec::new();
                for item in value.as_list().unwrap_or_default() {
                    items.push(self.open(item)?);
                }
                Value::list(items).map_err(too_deep)
            }
            Value::Map(map) if value.has_sealed() => {
                let mut entries = BTreeMap::new();
                for (key, item) in map.entries() {
                    entries.insert(key.clone(), self.open(item)?);
                }
                Value::map(entries).map_err(too_deep)
            }
            _ => Ok(value.clone()),
        }
    }

    /// A value in which the seals that need nothing more are open, and the others stay.
    #[must_use]
    pub fn open_where_known(&self, value: &Value) -> Value {
        let opened = match value {
            Value::List(_) if value.has_sealed() => {
                let items = value.as_list().unwrap_or_default().iter().map(|item| self.open_where_known(item));
                Value::list(items.collect()).ok()
            }
            Value::Map(map) if value.has_sealed() => {
                let entries = map.entries().iter().map(|(key, item)| (key.clone(), self.open_where_known(item)));
                Value::map(entries.collect()).ok()
            }
            Value::Sealed(sealed) => self.unseal(sealed).ok(),
            _ => None,
        };
        opened.unwrap_or_else(|| value.clone())
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Value, ResolveError> {
        let mut env = sealed.env().clone();
        let template = Template::new(sealed.template(), functions());
        let host = Recorded { resolved: self, answers: sealed.answers() };
        loop {
            let error = match template.run_in(&env, sealed.now(), &host) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            match error.unresolved() {
                Some(Unresolved::Reference { function, name }) => {
                    return Err(ResolveError::Needs(Reference { function: function.clone(), name: name.clone() }));
                }
                Some(Unresolved::Sealed(_)) => env = self.open_env(&env)?,
                _ => return Err(ResolveError::Template(error)),
            }
        }
    }

    /// Opens every seal of an environment; there are none left in it then.
    fn open_env(&self, env: &Env) -> Result<Env, ResolveError> {
        let mut open = Env::new();
        for (name, value) in env {
            open.insert(name.clone(), self.open(value)?);
        }
        Ok(open)
    }
}

fn functions() -> &'static Functions {
    functions::for_steps()
}

fn too_deep(problem: Problem) -> ResolveError {
    ResolveError::Template(TemplateError::Value { problem })
}

/// Shows names, never values.
impl std::fmt::Debug for Resolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolved {")?;
        let mut between = " ";
        for Reference { function, name } in self.entries.keys() {
            write!(f, "{between}{function}({name:?}): ***")?;
            between = ", ";
        }
        f.write_str(" }")
    }
}

/// Answers from what was recorded when the template was sealed.
struct Recorded<'a> {
    resolved: &'a Resolved,
    answers: &'a [Answer],
}

impl Host for Recorded<'_> {
    fn answer(&self, function: &str, call: &Call<'_>) -> Result<Value, Problem> {
        match function {
            "warehouse" => return warehouse(call)?.value(),
            "secret" | "sharedSecret" | "configMap" | "sharedConfigMap" => {
                let name = call.text(0)?;
                return self.resolved.answer(function, name).ok_or_else(|| Problem::unresolved(function, name));
            }
            _ => {}
        }
        let arguments: Vec<_> = call.arguments.iter().map(Value::to_json).collect::<Result<_, _>>()?;
        let recorded = self.answers.iter().find(|answer| answer.function == function && answer.arguments == arguments);
        let Some(answer) = recorded else {
            if matches!(function, "always" | "failure" | "success" | "status") {
                // Where these were functions at all, they were recorded.
                return Err(Problem::NotCallable { found: "nil".to_owned() });
            }
            let message = format!(
                "{function} cannot be asked with an argument that comes from a secret, a config map, a let or a predicate; put it into a variable of its own"
            );
            return Err(Problem::function(message));
        };
        let fact: Fact =
            serde_json::from_value(answer.value.clone()).map_err(|error| Problem::function(error.to_string()))?;
        fact.value()
    }
}
