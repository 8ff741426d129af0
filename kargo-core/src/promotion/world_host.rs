//! What the functions of templates answer in a promotion (promotion-engine 5.1 to 5.3 and 1.10).

use super::{
    find::{Holding, Wanted},
    resolve::Resolved,
    scope::Scope,
};
use crate::{
    expr::{Call, Host, Problem, Value, kargo::Answer},
    model::Origin,
    world::{FreightView, StageView, World},
};

/// The functions whose answers depend on the world, and are recorded where a template is sealed (rules 2).
pub(super) const OF_THE_WORLD: &[&str] = &[
    "freightMetadata",
    "freightStatus",
    "stageMetadata",
    "commitFrom",
    "imageFrom",
    "chartFrom",
    "artifactFrom",
    "always",
    "failure",
    "success",
    "status",
];

/// The functions that only the outside can answer (rules 2).
const OUTSIDE: &[&str] = &["secret", "sharedSecret", "configMap", "sharedConfigMap"];

/// Answers from the world as it is, and from the promotion as far as it is.
pub(super) struct WorldHost<'a> {
    pub(super) world: &'a World,
    pub(super) holding: &'a Holding<'a>,
    /// The records that a step sees; absent where there is no step.
    pub(super) scope: Option<Scope<'a>>,
    /// What was resolved outside and may be kept.
    pub(super) known: Option<&'a Resolved>,
}

impl Host for WorldHost<'_> {
    fn answer(&self, function: &str, call: &Call<'_>) -> Result<Value, Problem> {
        if OUTSIDE.contains(&function) {
            let name = call.text(0)?;
            let known = self.known.and_then(|known| known.answer(function, name));
            return known.ok_or_else(|| Problem::unresolved(function, name));
        }
        self.fact(function, call)?.value()
    }
}

impl WorldHost<'_> {
    /// The answer in a form that can be recorded.
    pub(super) fn fact(&self, function: &str, call: &Call<'_>) -> Result<Answer, Problem> {
        match function {
            "freightMetadata" => {
                let name = named(call, "freight ref name")?;
                Ok(metadata(self.world.freight_named(name).and_then(FreightView::metadata)))
            }
            "freightStatus" => {
                let name = named(call, "freight ref name")?;
                let Some(freight) = self.world.freight_named(name) else { return Ok(Answer::none()) };
                let status = serde_json::to_value(freight.status());
                status.map(Answer::Json).map_err(|error| Problem::function(error.to_string()))
            }
            "stageMetadata" => {
                let name = named(call, "stage name")?;
                Ok(metadata(self.world.stage(name).ok().and_then(StageView::metadata)))
            }
            "warehouse" => warehouse(call),
            "commitFrom" => self.holding.find(Wanted::Commit(call.text(0)?), origin(call, 1)?.as_ref()),
            "imageFrom" => self.holding.find(Wanted::Image(call.text(0)?), origin(call, 1)?.as_ref()),
            "artifactFrom" => self.holding.find(Wanted::Artifact(call.text(0)?), origin(call, 1)?.as_ref()),
            "chartFrom" => self.chart(call),
            "always" => Ok(Answer::Json(true.into())),
            "failure" | "success" => {
                let failed = self.scope.as_ref().is_some_and(Scope::has_failure);
                Ok(Answer::Json((failed == (function == "failure")).into()))
            }
            "status" => {
                let alias = call.text(0)?;
                if alias.is_empty() {
                    return Err(Problem::function("argument must not be empty"));
                }
                let status = self.scope.as_ref().and_then(|scope| scope.status_of(alias));
                Ok(Answer::Json(status.map_or_else(String::new, |status| status.to_string()).into()))
            }
            _ => Err(Problem::function(format!("{function} is not known here"))),
        }
    }

    fn chart(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let url = call.text(0)?;
        let second = call.argument(1);
        let (name, origin) = match (call.arguments.len(), second) {
            (0 | 1, _) => ("", None),
            (2, Value::Text(name)) => (&**name, None),
            (2, Value::Host(_)) => ("", origin(call, 1)?),
            (2, other) => {
                let found = other.type_name();
                let message = format!("second argument must be string or FreightOrigin, got {found}");
                return Err(Problem::function(message));
            }
            (_, Value::Text(name)) if !name.is_empty() => (&**name, origin(call, 2)?),
            (_, other) => {
                let found = other.type_name();
                let message = format!("when using three arguments, second argument must be string, got {found}");
                return Err(Problem::function(message));
            }
        };
        self.holding.find(Wanted::Chart(url, name), origin.as_ref())
    }
}

/// The origin of a Warehouse; nobody has to be asked.
pub(super) fn warehouse(call: &Call<'_>) -> Result<Answer, Problem> {
    Ok(Answer::Origin(Origin::warehouse(named(call, "name")?)))
}

/// The name that is the only argument.
fn named<'a>(call: &Call<'a>, what: &str) -> Result<&'a str, Problem> {
    match call.text(0)? {
        "" => Err(Problem::function(format!("{what} must not be empty"))),
        name => Ok(name),
    }
}

/// The origin at a place, if that many arguments were given.
fn origin(call: &Call<'_>, at: usize) -> Result<Option<Origin>, Problem> {
    let Some(argument) = call.arguments.get(at) else { return Ok(None) };
    let read = if let Value::Host(object) = argument { serde_json::from_value(object.to_json()).ok() } else { None };
    read.map(Some).ok_or_else(|| {
        let which = if at == 1 { "second" } else { "third" };
        Problem::function(format!("{which} argument must be FreightOrigin, got {}", argument.type_name()))
    })
}

/// All values of some metadata; nil if there are none.
fn metadata(values: Option<&std::collections::BTreeMap<String, serde_json::Value>>) -> Answer {
    match values {
        Some(values) if !values.is_empty() => {
            let entries = values.iter().map(|(key, value)| (key.clone(), value.clone()));
            Answer::Json(serde_json::Value::Object(entries.collect()))
        }
        _ => Answer::none(),
    }
}
