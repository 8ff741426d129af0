//! What becomes of a step that is reached: whether it runs, and with which configuration (rules 2).

use serde::{Deserialize, Serialize};

use super::{
    evaluate::{Evaluator, condition},
    functions,
    plan::PlannedStep,
    resolve::{Reference, ResolveError, Resolved},
    run::Run,
    scene::Scene,
    scope::Scope,
    variables::{VariableError, Variables, with_variables},
    world_host::WorldHost,
};
use crate::{
    expr::{Env, Problem, Template, TemplateError, Value},
    model::Timestamp,
    report::EffectId,
};

/// What becomes of a step, as far as it can be told here.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Considered {
    /// It does not run.
    Skip,
    /// Its condition cannot be evaluated.
    Refuse(String),
    /// Its configuration cannot be evaluated.
    Misconfigure(String),
    /// It runs with this configuration, in which seals may be left for the moment of use.
    Run(Value),
    /// Something outside decides whether it runs.
    Ask(Box<Asked>),
}

/// What the outside has to open before a step runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The condition, or why it has no value; `None` if it is decided already.
    condition: Option<Result<Value, String>>,
    /// The variables that hold something sealed, of those that could be evaluated.
    variables: Vec<(String, Value)>,
    /// The configuration, or why there is none; `None` if the step has no configuration.
    config: Option<Result<Value, Broken>>,
}

/// A configuration that fails, if nothing sealed before fails first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Broken {
    /// What is sealed in it, as far as it was evaluated, in order.
    before: Vec<Value>,
    /// Why it fails.
    problem: String,
}

impl Asked {
    /// The condition that is to be decided, as its template.
    pub(super) fn condition_text(&self) -> Option<String> {
        let condition = self.condition.as_ref()?.as_ref().ok()?;
        condition.sealed().map(|sealed| sealed.template().to_owned())
    }

    /// Why there is no configuration, if that is known already.
    pub(crate) fn problem(&self) -> Option<String> {
        self.config.as_ref()?.as_ref().err().map(|broken| misconfiguration(&broken.problem))
    }

    /// Whether it is open yet whether the step runs.
    pub(super) fn decides(&self) -> bool {
        self.condition.is_some()
    }

    /// The configuration with which the step starts: what config maps alone seal is opened (rules 2).
    pub(super) fn config(&self, resolved: &Resolved) -> Value {
        match &self.config {
            Some(Ok(config)) => resolved.open_where_known(config),
            _ => Value::map(Env::new()).unwrap_or_default(),
        }
    }
}

/// References to resolve before a step starts: work for whoever holds secrets and config maps (rules 2).
#[derive(Clone, Debug, PartialEq)]
pub struct Preparation {
    /// The id of the step's work.
    pub effect: EffectId,
    /// The step, counted from 0.
    pub step: usize,
    /// Its alias.
    pub alias: String,
    asked: Asked,
}

/// What came of a preparation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prepared {
    /// The step runs. Of what was resolved, config maps are kept and secrets are not (rules 2).
    Run {
        /// What was resolved.
        resolved: Resolved,
    },
    /// Its condition does not hold.
    Skip,
    /// Its condition cannot be evaluated.
    Refuse {
        /// Why.
        message: String,
    },
    /// Its configuration cannot be evaluated.
    Misconfigure {
        /// Why.
        message: String,
    },
    /// A reference cannot be looked up for a reason that may go away; it is tried again.
    Retry {
        /// Why.
        message: String,
    },
}

impl Preparation {
    pub(super) fn new(effect: EffectId, step: usize, alias: &str, asked: &Asked) -> Self {
        Self { effect, step, alias: alias.to_owned(), asked: asked.clone() }
    }

    /// What comes of it with what was fetched so far, or what to fetch next.
    ///
    /// ```no_run
    /// # use kargo_core::promotion::{Preparation, Prepared, Reference, Resolved};
    /// fn prepare(preparation: &Preparation, fetch: impl Fn(&Reference) -> std::collections::BTreeMap<String, String>) -> Prepared {
    ///     let mut resolved = Resolved::default();
    ///     loop {
    ///         match preparation.decide(&resolved) {
    ///             Ok(prepared) => return prepared,
    ///             Err(next) => resolved.insert(next.clone(), fetch(&next)),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The next reference to fetch.
    pub fn decide(&self, resolved: &Resolved) -> Result<Prepared, Reference> {
        let Asked { condition: wanted, variables, config } = &self.asked;
        // In the order in which everything is evaluated where nothing is sealed.
        if let Some(wanted) = wanted {
            let refuse = |error: String| Prepared::Refuse { message: refusal(&self.alias, &error) };
            if let Some(problem) = open_variables(variables, resolved)? {
                return Ok(refuse(problem));
            }
            let wanted = match wanted {
                Ok(wanted) => open(wanted, resolved)?,
                Err(problem) => Err(problem.clone()),
            };
            match wanted {
                Err(problem) => return Ok(refuse(problem)),
                Ok(value) => match condition(&value) {
                    Err(problem) => return Ok(refuse(problem.to_string())),
                    Ok(false) => return Ok(Prepared::Skip),
                    Ok(true) => {}
                },
            }
        }
        let Some(config) = config else { return Ok(Prepared::Run { resolved: resolved.clone() }) };
        let fail = |error: String| Prepared::Misconfigure { message: misconfiguration(&error) };
        if let Some(problem) = open_variables(variables, resolved)? {
            return Ok(fail(problem));
        }
        let opened = match config {
            Ok(config) => open(config, resolved)?
                .and_then(|config| whole(&config).map_err(|error| resolved.redact(&error.to_string()))),
            Err(broken) => {
                let mut problem = broken.problem.clone();
                for value in &broken.before {
                    if let Err(first) = open(value, resolved)? {
                        problem = first;
                        break;
                    }
                }
                Err(problem)
            }
        };
        Ok(opened.map_or_else(fail, |()| Prepared::Run { resolved: resolved.clone() }))
    }
}

/// A variable that cannot be opened; all of them are evaluated, used or not.
fn open_variables(variables: &[(String, Value)], resolved: &Resolved) -> Result<Option<String>, Reference> {
    for (name, value) in variables {
        if let Err(problem) = open(value, resolved)? {
            return Ok(Some(format!("error pre-processing promotion variable {name:?}: {problem}")));
        }
    }
    Ok(None)
}

fn open(value: &Value, resolved: &Resolved) -> Result<Result<Value, String>, Reference> {
    match resolved.open(value) {
        Ok(value) => Ok(Ok(value)),
        Err(ResolveError::Needs(reference)) => Err(reference),
        // An error may quote what it found (rules 2).
        Err(error) => Ok(Err(resolved.redact(&error.to_string()))),
    }
}

/// Considers a step that is reached: its condition, then its configuration (promotion-engine 1.4).
pub(super) fn consider(run: &Run, scene: &Scene<'_>, index: usize, now: Timestamp) -> Considered {
    let Some(step) = run.plan.steps().get(index) else { return Considered::Skip };
    let evaluation = Evaluation::new(run, scene, index, now);
    let Some(template) = &step.condition else {
        if Scope::new(run, index).is_blocked() {
            return Considered::Skip;
        }
        return evaluation.configured(None);
    };
    let refuse = |error: String| Considered::Refuse(refusal(step.alias(), &error));
    let (vars, env) = evaluation.variables();
    let value = env.map_err(|error| error.to_string()).and_then(|env| {
        let value = with_variables(env, vars.clone());
        let value = value.and_then(|env| evaluation.evaluator().template(template, &env, functions::for_steps()));
        value.map_err(|error| error.to_string())
    });
    if value.as_ref().is_ok_and(Value::has_sealed) || vars.values().any(Value::has_sealed) {
        return evaluation.configured(Some(value));
    }
    match value.and_then(|value| condition(&value).map_err(|problem| problem.to_string())) {
        Err(problem) => refuse(problem),
        Ok(false) => Considered::Skip,
        Ok(true) => evaluation.configured(None),
    }
}

/// The configuration of a step that has started, for another attempt (promotion-engine 1.4): seals stay.
pub(super) fn configure(run: &Run, scene: &Scene<'_>, index: usize, now: Timestamp) -> Result<Value, String> {
    Evaluation::new(run, scene, index, now).config().1.map_err(|broken| misconfiguration(&broken.problem))
}

/// One look at one step.
struct Evaluation<'a> {
    run: &'a Run,
    scene: &'a Scene<'a>,
    step: Option<&'a PlannedStep>,
    host: WorldHost<'a>,
    now: Timestamp,
}

impl<'a> Evaluation<'a> {
    fn new(run: &'a Run, scene: &'a Scene<'a>, index: usize, now: Timestamp) -> Self {
        let known = run.steps.get(index).and_then(|record| record.resolved());
        let host =
            WorldHost { world: scene.world, holding: &scene.holding, scope: Some(Scope::new(run, index)), known };
        Self { run, scene, step: run.plan.steps().get(index), host, now }
    }

    fn evaluator(&self) -> Evaluator<'_> {
        Evaluator { host: &self.host, now: self.now }
    }

    /// The variables of promotion and step, up to the first that has no value, and the names that the step sees beside
    /// them (promotion-engine 2).
    fn variables(&self) -> (Env, Result<Env, VariableError>) {
        let evaluator = self.evaluator();
        let mut evaluate =
            |template: &Template, env: &Env| evaluator.template(template, env, functions::for_variables());
        let mut vars = Env::new();
        let of_promotion = self.scene.env(self.step);
        if let Err(error) = self.run.plan.vars.evaluate(&of_promotion, &mut vars, &mut evaluate) {
            return (vars, Err(error));
        }
        let of_step = self.scene.step_env(self.run, self.step, of_promotion);
        let none = Variables::default();
        let own = self.step.map_or(&none, |step| &step.vars).evaluate(&of_step, &mut vars, &mut evaluate);
        (vars, own.map(|()| of_step))
    }

    /// The configuration, and the variables that were evaluated for it.
    fn config(&self) -> (Env, Result<Value, Broken>) {
        let Some(step) = self.step.filter(|step| step.has_config) else {
            return (Env::new(), Ok(Value::map(Env::new()).unwrap_or_default()));
        };
        let (vars, env) = self.variables();
        let mut before = Vec::new();
        let config = env.map_err(|error| error.to_string()).and_then(|env| {
            let document = step.config.as_ref().map_err(ToString::to_string)?;
            let env = with_variables(env, vars.clone()).map_err(|error| error.to_string())?;
            let (evaluator, functions) = (self.evaluator(), functions::for_steps());
            let config = document.evaluate(&mut |template| {
                let value = evaluator.template(template, &env, functions)?;
                before.extend(value.has_sealed().then(|| value.clone()));
                Ok(value)
            });
            let config = config.map_err(|error| error.to_string())?;
            whole(&config).map_err(|error| error.to_string())?;
            Ok(config)
        });
        (vars, config.map_err(|problem| Broken { before, problem }))
    }

    /// Decides on the configuration; with the condition, if that is not decided yet.
    fn configured(&self, wanted: Option<Result<Value, String>>) -> Considered {
        let has_config = self.step.is_some_and(|step| step.has_config);
        let (vars, config) = self.config();
        let vars = if wanted.is_some() && !has_config { self.variables().0 } else { vars };
        let sealed_config = match &config {
            Ok(config) => config.has_sealed(),
            Err(broken) => !broken.before.is_empty(),
        };
        if wanted.is_none() && !sealed_config && !vars.values().any(Value::has_sealed) {
            return match config {
                Ok(config) => Considered::Run(config),
                Err(broken) => Considered::Misconfigure(misconfiguration(&broken.problem)),
            };
        }
        let variables = vars.into_iter().filter(|(_, value)| value.has_sealed()).collect();
        let asked = Asked { condition: wanted, variables, config: has_config.then_some(config) };
        Considered::Ask(Box::new(asked))
    }
}

/// What JSON cannot hold is an error here, before anything runs (promotion-engine 4.5).
fn whole(config: &Value) -> Result<(), TemplateError> {
    match config.check_json() {
        Ok(()) | Err(Problem::Unresolved { .. }) => Ok(()),
        Err(problem) => Err(TemplateError::Value { problem }),
    }
}

fn refusal(alias: &str, error: &str) -> String {
    format!("error checking if step {alias:?} should be skipped: {error}")
}

fn misconfiguration(error: &str) -> String {
    format!("failed to build step context: failed to get step config: {error}")
}
