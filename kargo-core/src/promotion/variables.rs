//! The variables of a promotion and of its steps: compiled once, evaluated in order (promotion-engine 2).

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    expr::{Env, Functions, Template, TemplateError, Value},
    model::Variable,
};

/// The name under which templates see variables.
const VARS: &str = "vars";

/// How a template gets its value: every evaluation of a variable goes through one of these, which also decides what
/// becomes of a value that cannot be known yet.
pub type Evaluate<'a> = dyn FnMut(&Template, &Env) -> Result<Value, TemplateError> + 'a;

/// Variables in the order in which they are evaluated; later ones of a name win.
///
/// ```
/// use kargo_core::expr::{Env, Functions, Value};
/// use kargo_core::model::Variable;
/// use kargo_core::promotion::Variables;
///
/// let of = |name: &str, value: &str| Variable { name: name.into(), value: Some(value.into()) };
/// let variables = Variables::new(&[of("region", "eu"), of("region", "${{ vars.region }}-1")], &Functions::new());
/// let mut values = Env::new();
/// variables.evaluate(&Env::new(), &mut values, &mut |template, env| template.run(env, Default::default()))?;
/// assert_eq!(values["region"], Value::text("eu-1"));
/// # Ok::<(), kargo_core::promotion::VariableError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Variables {
    entries: Vec<(String, Template)>,
}

impl Variables {
    /// Compiles variables; their expressions may call the built-in functions and `functions`, which should have no
    /// status functions (promotion-engine 1.10). A variable without value has the empty text.
    ///
    /// It never fails: a mistake in a template counts when the variable is evaluated.
    #[must_use]
    pub fn new(variables: &[Variable], functions: &Functions) -> Self {
        let compile = |variable: &Variable| {
            (variable.name.clone(), Template::new(variable.value.as_deref().unwrap_or_default(), functions))
        };
        Self { entries: variables.iter().map(compile).collect() }
    }

    /// Evaluates the variables one after the other, each over the names of `env` and, as `vars`, over `values` so far, and
    /// puts it there.
    ///
    /// A promotion's variables come first, over `ctx` and `target`; then those of a step, which see its other names too,
    /// over the same `values`.
    ///
    /// # Errors
    ///
    /// The first variable that has no value.
    pub fn evaluate(&self, env: &Env, values: &mut Env, evaluate: &mut Evaluate<'_>) -> Result<(), VariableError> {
        for (name, template) in &self.entries {
            let value = match template.is_plain() {
                // It sees nothing.
                true => evaluate(template, env),
                false => with_variables(env.clone(), values.clone()).and_then(|env| evaluate(template, &env)),
            };
            let value = value.map_err(|error| VariableError { name: name.clone(), error })?;
            values.insert(name.clone(), value);
        }
        Ok(())
    }

    /// The variables with their templates, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Template)> {
        self.entries.iter().map(|(name, template)| (name.as_str(), template))
    }

    /// Those of these names, in the same order.
    #[must_use]
    pub fn only(&self, names: &BTreeSet<String>) -> Self {
        Self { entries: self.entries.iter().filter(|(name, _)| names.contains(name)).cloned().collect() }
    }
}

/// A variable has no value (promotion-engine 2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error pre-processing promotion variable {name:?}: {error}")]
pub struct VariableError {
    /// The variable, of the promotion or of a step.
    pub name: String,
    /// Why.
    pub error: TemplateError,
}

/// `env` with these variables as `vars`, for what is evaluated after them: a condition, a configuration, a list.
///
/// # Errors
///
/// A value is nested too deep.
pub fn with_variables(mut env: Env, values: BTreeMap<String, Value>) -> Result<Env, TemplateError> {
    env.insert(VARS.to_owned(), Value::map(values).map_err(|problem| TemplateError::Value { problem })?);
    Ok(env)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(name: &str, value: &str) -> Variable {
        Variable { name: name.into(), value: Some(value.into()) }
    }

    fn env(json: &serde_json::Value) -> Env {
        Value::from_json(json).unwrap().as_map().unwrap().to_env()
    }

    fn run(promotion: &[Variable], step: &[Variable]) -> Result<serde_json::Value, String> {
        let functions = Functions::new();
        let mut values = Env::new();
        let mut evaluate = |template: &Template, env: &Env| template.run(env, Default::default());
        let names = json!({"ctx": {"stage": "prod"}, "target": {"labels": {"tier": "gold"}}});
        let all = [
            (promotion, names.clone()),
            (step, {
                let mut names = names;
                names["outputs"] = json!({"a": {"b": 1}});
                names
            }),
        ];
        for (variables, names) in all {
            let compiled = Variables::new(variables, &functions);
            compiled.evaluate(&env(&names), &mut values, &mut evaluate).map_err(|error| error.to_string())?;
        }
        Ok(Value::map(values).unwrap().to_json().unwrap())
    }

    /// Promotion-engine 2: order, overwriting, forward references, kinds of values, which names are there.
    #[test]
    fn promotion_engine_2_variables_in_order() {
        for (promotion, step, wanted) in [
            (vec![of("a", "42")], vec![], json!({"a": "42"})),
            (vec![of("a", "${{ 42 }}")], vec![], json!({"a": 42})),
            (vec![of("r", "eu"), of("r", "${{ vars.r }}-1")], vec![], json!({"r": "eu-1"})),
            (vec![of("a", "${{ vars.b }}"), of("b", "x")], vec![], json!({"a": null, "b": "x"})),
            (vec![of("a", "${{ ctx.stage }}-${{ target.labels.tier }}")], vec![], json!({"a": "prod-gold"})),
            (vec![of("a", "${{ outputs }}")], vec![of("b", "${{ outputs.a.b }}")], json!({"a": null, "b": 1})),
            (
                vec![of("a", "1")],
                vec![of("a", "${{ vars.a + 'x' }}"), of("c", "${{ vars.a }}")],
                json!({"a": "1x", "c": "1x"}),
            ),
            (vec![Variable { name: "a".into(), value: None }], vec![], json!({"a": ""})),
            (
                vec![of("a", "${{ len(vars) }}"), of("b", "${{ len(vars) }}")],
                vec![of("c", "${{ len(vars) }}")],
                json!({"a": 0, "b": 1, "c": 2}),
            ),
        ] {
            assert_eq!(run(&promotion, &step), Ok(wanted), "{promotion:?} {step:?}");
        }
    }

    /// Promotion-engine 2: the words for a variable that has no value; the first one counts.
    #[test]
    fn promotion_engine_2_errors_name_the_variable() {
        let nil = "error pre-processing promotion variable \"b\": cannot fetch c from <nil> (1:9)\n |  vars.b.c \n | ........^";
        assert_eq!(run(&[of("a", "x"), of("b", "${{ vars.b.c }}"), of("c", "${{ 1 + }}")], &[]), Err(nil.to_owned()));
        assert_eq!(run(&[], &[of("b", "${{ vars.b.c }}")]), Err(nil.to_owned()));
        let unclosed = "error pre-processing promotion variable \"a\": unclosed expression: expected \"}}\" but reached end of template";
        assert_eq!(run(&[of("a", "${{ 1")], &[]), Err(unclosed.to_owned()));
    }

    /// Promotion-engine 1.10: variables have no status functions; calling one fails when it is called, and only then.
    #[test]
    fn promotion_engine_1_10_no_status_functions() {
        for call in ["always()", "success()", "failure()", "status('a')"] {
            let error = run(&[of("a", &format!("${{{{ {call} }}}}"))], &[]).unwrap_err();
            assert!(error.contains("cannot call nil"), "{error}");
            assert_eq!(run(&[of("a", &format!("${{{{ true || {call} }}}}"))], &[]), Ok(json!({"a": true})));
        }
    }

    /// Every evaluation goes through the function that is given, with the names it should see.
    #[test]
    fn promotion_engine_2_one_way_to_evaluate() {
        let variables = Variables::new(&[of("a", "x"), of("b", "${{ vars.a }}")], &Functions::new());
        let (mut values, mut seen) = (Env::new(), Vec::new());
        let mut evaluate = |template: &Template, env: &Env| {
            seen.push((template.source().to_owned(), env.contains_key("vars")));
            Ok(Value::from(template.source().len() as f64))
        };
        variables.evaluate(&Env::new(), &mut values, &mut evaluate).unwrap();
        assert_eq!(values, env(&json!({"a": 1, "b": 13})));
        assert_eq!(seen, [("x".to_owned(), false), ("${{ vars.a }}".to_owned(), true)]);
    }

    #[test]
    fn a_selection_keeps_the_order() {
        let variables = Variables::new(&[of("a", "1"), of("b", "2"), of("a", "3")], &Functions::new());
        let only = variables.only(&BTreeSet::from(["a".to_owned()]));
        let kept: Vec<_> = only.iter().map(|(name, template)| (name, template.source())).collect();
        assert_eq!(kept, [("a", "1"), ("a", "3")]);
    }
}
