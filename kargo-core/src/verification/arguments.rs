//! What the outside is asked to run: templates, arguments, and what the run is about (control 4.3; rules 2).

use std::{collections::BTreeMap, sync::Arc};

use super::{
    decide::{Asked, Input},
    verdict::Verdict,
};
use crate::{
    expr::{Env, Problem, Template, TemplateError, Value},
    freight::collection::references,
    model::{
        AnalysisRunMetadata, AnalysisTemplateReference, FreightCollection, FreightName, NoSuch, ProjectName,
        PromotionName, StageName, TargetName, Timestamp,
    },
    promotion::{Holder, Reference, ResolveError, Resolved, for_variables, with_variables},
    report::PortError,
    world::{StageView, World},
};

/// A run to start: everything that a [`Verifier`](crate::port::Verifier) is given, but for the values of secrets.
///
/// Two with one [`id`](Self::id) are one run. It is made when it is handed out, of the Stage as it is then (trap 34), and by
/// the instant at which the verification began, so that every attempt asks for the same unless the Stage was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifyRun {
    /// The verification's id.
    pub id: Arc<str>,
    /// The project.
    pub project: ProjectName,
    /// The Stage.
    pub stage: StageName,
    /// The Target, of a verification of one.
    pub target: Option<TargetName>,
    /// The id of the collection (resources 16.6).
    pub collection: String,
    /// The freight of the collection, in the order of its origins' texts.
    pub members: Vec<FreightName>,
    /// The templates, as listed: none is possible, and what that means is up to the verifier.
    pub templates: Vec<AnalysisTemplateReference>,
    /// The arguments, as listed.
    pub args: Vec<VerifyArgument>,
    /// Labels and annotations that the run gets beside the verifier's own.
    pub metadata: AnalysisRunMetadata,
    /// The promotion that brought the collection, where the run should name it; see [`Occasion::promotion`].
    pub promotion: Option<PromotionName>,
}

/// An argument of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifyArgument {
    /// Its name.
    pub name: String,
    /// A text, or a seal that becomes one at the moment of use ([`VerifyRun::open_args`]).
    pub value: Value,
}

/// What a run is made for.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The verification's id.
    pub id: &'a Arc<str>,
    /// The Stage.
    pub stage: &'a str,
    /// The Target, of a verification of one.
    pub target: Option<&'a TargetName>,
    /// What the place holds.
    pub collection: &'a FreightCollection,
    /// The promotion that brought it, if this is the first verification after it, or one that somebody asked for again
    /// (control 4.3).
    pub promotion: Option<&'a PromotionName>,
    /// When the verification began: the instant of all its expressions (rules 5).
    pub at: Timestamp,
}

/// Why there is no run to start. The verification ends in Error (control 4.3): the same would fail again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// The Stage is gone.
    #[error(transparent)]
    NoStage(#[from] NoSuch),
    /// The Stage does not say how to verify; it did when the verification began.
    #[error("Stage {stage:?} has no verification any more; verify again to take that for a success")]
    NotConfigured {
        /// The Stage.
        stage: StageName,
    },
    /// A variable of the Stage has no value.
    #[error("variable {name:?} of the Stage has no value: {error}")]
    Variable {
        /// The variable.
        name: String,
        /// Why.
        error: TemplateError,
    },
    /// An argument has no value.
    #[error("argument {name:?} has no value: {error}")]
    Argument {
        /// The argument.
        name: String,
        /// Why.
        error: TemplateError,
    },
    /// An argument that comes from a secret or a config map has no value; the text of the error hides secrets.
    #[error("argument {name:?} has no value: {problem}")]
    Sealed {
        /// The argument.
        name: String,
        /// Why.
        problem: String,
    },
    /// An argument is no text.
    #[error("argument {name:?} is a {found}, and has to be a text; write ${{{{ quote(...) }}}}")]
    NotText {
        /// The argument.
        name: String,
        /// What it is.
        found: String,
    },
}

/// Why arguments cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// This has to be fetched first; then ask again.
    #[error("{}({:?}) is not fetched yet", .0.function, .0.name)]
    Needs(Reference),
    /// An argument has no value.
    #[error(transparent)]
    Argument(#[from] ArgumentError),
}

impl VerifyRun {
    /// The run for an occasion.
    ///
    /// Arguments see `ctx.project`, `ctx.stage` and, if the Stage has any, `vars`: the Stage's own variables, in order, not
    /// those of its promotions. They have the functions of variables: freight, data, utility (control 4.3).
    ///
    /// ```
    /// use kargo_core::{Manifests, World, expr::Value, model::FreightCollection, verification::{Occasion, VerifyRun}};
    ///
    /// let manifests = Manifests::parse("shop.yaml", "
    /// apiVersion: kargo.akuity.io/v1alpha1
    /// kind: Stage
    /// metadata: { name: uat, namespace: shop }
    /// spec:
    ///   requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
    ///   vars: [{ name: host, value: '${{ ctx.stage }}.acme.example' }]
    ///   verification:
    ///     analysisTemplates: [{ name: smoke }]
    ///     args: [{ name: url, value: 'https://${{ vars.host }}/' }]
    /// ").unwrap();
    /// let world = World::from_manifests(&manifests).unwrap();
    /// let (collection, at) = (FreightCollection::default(), Default::default());
    /// let id = "0b7c".into();
    /// let occasion = Occasion { id: &id, stage: "uat", target: None, collection: &collection, promotion: None, at };
    /// let run = VerifyRun::of(&world, &occasion)?;
    /// assert_eq!(run.args[0].value, Value::text("https://uat.acme.example/"));
    /// # Ok::<(), kargo_core::verification::ArgumentError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first thing that has no value; see [`ArgumentError`].
    pub fn of(world: &World, occasion: &Occasion<'_>) -> Result<Self, ArgumentError> {
        let stage = world.stage(occasion.stage)?;
        let name = StageName::from(stage.name());
        let Some(verification) = &stage.noun().spec.verification else {
            return Err(ArgumentError::NotConfigured { stage: name });
        };
        Ok(Self {
            id: Arc::clone(occasion.id),
            project: world.project().clone(),
            stage: name,
            target: occasion.target.cloned(),
            collection: occasion.collection.id.clone(),
            members: references(occasion.collection).into_iter().map(|reference| reference.name.clone()).collect(),
            templates: verification.analysis_templates.clone(),
            args: arguments(world, stage, occasion)?,
            metadata: verification.analysis_run_metadata.clone().unwrap_or_default(),
            promotion: occasion.promotion.cloned(),
        })
    }

    /// The arguments without seals, by name and in order: what a [`Verifier`](crate::port::Verifier) is given at the moment of
    /// use, and nobody keeps (rules 2).
    ///
    /// # Errors
    ///
    /// [`OpenError::Needs`] names the next thing to fetch: fetch it, insert it, and ask again. Anything else ends the
    /// verification.
    pub fn open_args(&self, resolved: &Resolved) -> Result<Vec<(String, String)>, OpenError> {
        let mut opened = Vec::new();
        for VerifyArgument { name, value } in &self.args {
            let value = resolved.open(value).map_err(|error| match error {
                ResolveError::Needs(reference) => OpenError::Needs(reference),
                error => {
                    let problem = resolved.redact(&error.to_string());
                    ArgumentError::Sealed { name: name.clone(), problem }.into()
                }
            })?;
            let Value::Text(text) = &value else { return Err(not_text(name, &value).into()) };
            opened.push((name.clone(), text.to_string()));
        }
        Ok(opened)
    }

    /// What to tell the verification when the start was answered.
    #[must_use]
    pub fn report(&self, answer: Result<Verdict, PortError>) -> Input {
        Input::Report { asked: Asked::Start, answer }
    }
}

fn arguments(
    world: &World,
    stage: StageView<'_>,
    occasion: &Occasion<'_>,
) -> Result<Vec<VerifyArgument>, ArgumentError> {
    let spec = &stage.noun().spec;
    let listed = spec.verification.iter().flat_map(|verification| &verification.args);
    let templates: Vec<_> = listed.map(|arg| (&arg.name, Template::new(&arg.value, for_variables()))).collect();
    let holder = Holder::new(world, stage, occasion.collection.freight.values().cloned(), occasion.at);
    let mut env = Env::new();
    // What is plain text sees nothing, and needs nothing to have a value.
    if templates.iter().any(|(_, template)| !template.is_plain()) {
        env = names(world, stage.name())?;
        if !spec.vars.is_empty() {
            let values = holder.variables(&spec.vars, &env);
            let values = values.map_err(|failed| ArgumentError::Variable { name: failed.name, error: failed.error })?;
            let too_deep = |error| ArgumentError::Variable { name: "vars".to_owned(), error };
            env = with_variables(env, values).map_err(too_deep)?;
        }
    }
    let mut args = Vec::new();
    for (name, template) in templates {
        let fail = |error| ArgumentError::Argument { name: name.clone(), error };
        let value = holder.template(&template, &env).map_err(fail)?;
        if !matches!(value, Value::Text(_) | Value::Sealed(_)) {
            return Err(not_text(name, &value));
        }
        args.push(VerifyArgument { name: name.clone(), value });
    }
    Ok(args)
}

/// `ctx` of a verification: project and Stage alone.
fn names(world: &World, stage: &str) -> Result<Env, ArgumentError> {
    let entries = [("project", Value::text(&**world.project())), ("stage", Value::text(stage))];
    let entries: BTreeMap<_, _> = entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let too_deep =
        |problem: Problem| ArgumentError::Variable { name: "ctx".to_owned(), error: TemplateError::Value { problem } };
    Ok([("ctx".to_owned(), Value::map(entries).map_err(too_deep)?)].into())
}

fn not_text(name: &str, value: &Value) -> ArgumentError {
    ArgumentError::NotText { name: name.to_owned(), found: value.type_name() }
}

#[cfg(test)]
mod tests;
