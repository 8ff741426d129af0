//! Evaluating templates against the world: what cannot be known here becomes a seal (rules 2).

use serde_json::Value as Json;

use super::world_host::{OF_THE_WORLD, WorldHost};
use crate::{
    expr::{
        Answer, Call, Env, Functions, Problem, Reads, Sealed, Template, TemplateError, Value, kargo::Answer as Fact,
    },
    model::Timestamp,
};

/// Evaluates templates at one instant, with the answers of one world.
pub(super) struct Evaluator<'a> {
    pub(super) host: &'a WorldHost<'a>,
    pub(super) now: Timestamp,
}

impl Evaluator<'_> {
    /// The value of a template; a seal if it depends on what is not known here.
    pub(super) fn template(
        &self,
        template: &Template,
        env: &Env,
        functions: &Functions,
    ) -> Result<Value, TemplateError> {
        match template.run_in(env, self.now, self.host) {
            Err(error) if error.unresolved().is_some() => self.seal(template, env, functions),
            other => other,
        }
    }

    /// Keeps a template with all that its evaluation needs: what it reads, the instant, and what the world says now.
    fn seal(&self, template: &Template, env: &Env, functions: &Functions) -> Result<Value, TemplateError> {
        let mut reads = Reads::default();
        let mut answers = Vec::new();
        for embedded in template.expressions() {
            let Ok(program) = embedded.program() else { continue };
            reads.merge(&program.reads());
            for call in program.calls(OF_THE_WORLD, functions) {
                let arguments: Option<Vec<_>> =
                    call.arguments.iter().map(|argument| argument.run_in(env, self.now, self.host).ok()).collect();
                let Some(arguments) = arguments.filter(|all| !all.iter().any(Value::has_sealed)) else { continue };
                answers.extend(self.record(&call.function, &arguments));
            }
        }
        answers.sort_by_cached_key(|answer: &Answer| {
            (answer.function.clone(), Json::from(answer.arguments.clone()).to_string())
        });
        answers.dedup();
        let sealed = Sealed::new(template.source(), &reads.prune(env), self.now, answers);
        sealed.map(Value::from).map_err(|problem| TemplateError::Value { problem })
    }

    /// What the world answers now, or why it does not.
    fn record(&self, function: &str, arguments: &[Value]) -> Option<Answer> {
        let call = Call { arguments, now: self.now, host: self.host };
        let answer = self.host.fact(function, &call).unwrap_or_else(|problem| Fact::Failure(problem.to_string()));
        let arguments = arguments.iter().map(|argument| argument.to_json().ok()).collect::<Option<_>>()?;
        Some(Answer { function: function.to_owned(), arguments, value: serde_json::to_value(answer).ok()? })
    }
}

/// What a condition says: it must be a truth value (promotion-engine 1.11).
pub(super) fn condition(value: &Value) -> Result<bool, Problem> {
    value
        .as_bool()
        .ok_or_else(|| Problem::function(format!("expression must evaluate to a boolean, got {}", value.type_name())))
}
