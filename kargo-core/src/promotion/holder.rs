//! Templates that look at what a Stage holds, outside of any promotion: the arguments of its verification (control 4.3).

use std::sync::Arc;

use super::{
    evaluate::Evaluator,
    find::Holding,
    functions,
    variables::{VariableError, Variables},
    world_host::WorldHost,
};
use crate::{
    expr::{Env, Template, TemplateError, Value},
    model::{FreightReference, Timestamp, Variable},
    world::{StageView, World},
};

/// A Stage that holds freight, for templates with the functions of variables; what depends on a secret or a config map
/// becomes a seal (rules 2).
#[derive(Debug)]
pub(crate) struct Holder<'a> {
    world: &'a World,
    holding: Holding<'a>,
    now: Timestamp,
}

impl<'a> Holder<'a> {
    /// This freight in this Stage, at this instant.
    pub(crate) fn new(
        world: &'a World,
        stage: StageView<'a>,
        freight: impl IntoIterator<Item = FreightReference>,
        now: Timestamp,
    ) -> Self {
        Self { world, holding: Holding::these(world, stage, freight.into_iter().map(Arc::new).collect()), now }
    }

    /// The value of a template that was made with [`for_variables`](functions::for_variables).
    pub(crate) fn template(&self, template: &Template, env: &Env) -> Result<Value, TemplateError> {
        let host = WorldHost { world: self.world, holding: &self.holding, scope: None, known: None };
        Evaluator { host: &host, now: self.now }.template(template, env, functions::for_variables())
    }

    /// The values of variables, in order.
    pub(crate) fn variables(&self, variables: &[Variable], env: &Env) -> Result<Env, VariableError> {
        let mut values = Env::new();
        let compiled = Variables::new(variables, functions::for_variables());
        compiled.evaluate(env, &mut values, &mut |template, env| self.template(template, env))?;
        Ok(values)
    }
}
