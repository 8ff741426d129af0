//! A new promotion from a Stage, its policy, its tasks and freight, as admission makes it (resources 17.8; rules 13 and 15).

use std::{cell::OnceCell, collections::BTreeMap};

use serde_json::Value as Json;
use ulid::Ulid;

use crate::{
    expr::{Env, Functions, Problem},
    freight::{promotion_name, promotion_suffix},
    model::{
        ForEach, FreightName, HoldIntent, KARGO_API_VERSION, ObjectMeta, Origin, OwnerReference, Promotion,
        PromotionSpec, PromotionStatus, Stage, StageName, StagePolicy, Target, Variable, label, short,
    },
};

use super::{
    context::{Context, Facts, TargetFacts, TargetFreight, short_actor},
    inflate::{InflateError, Inflation, Tasks, inflate},
    list::list,
    variables::{Evaluate, Variables},
};

/// What a promotion is made from.
#[derive(Clone, Copy)]
pub struct NewPromotion<'a> {
    /// Where to.
    pub stage: &'a Stage,
    /// What is added to the Stage.
    pub policy: Option<&'a StagePolicy>,
    /// The tasks of its project and of the cluster.
    pub tasks: &'a dyn Tasks,
    /// What: one piece of freight of each of one or more origins that the Stage requests, in any order.
    pub freight: &'a [TargetFreight],
    /// The Target, for the promotion of a PromotionRequest.
    pub target: Option<&'a Target>,
    /// Who wants it, such as `email:ana@acme.example`; none for automation.
    pub actor: Option<&'a str>,
    /// Whether it takes the Stage back to what it had.
    pub rollback: bool,
    /// What its end does to the holds of its origins.
    pub intents: &'a BTreeMap<Origin, HoldIntent>,
    /// Time and random bits of its name.
    pub ulid: Ulid,
    /// Where the user interface is; empty if there is none.
    pub ui_base_url: &'a str,
    /// The PromotionRequest it is a part of, which owns it instead of the Stage (resources 15.4).
    pub request: Option<&'a OwnerReference>,
}

/// Makes the promotion. Its steps are copies: later edits of the Stage and of tasks do not reach it.
///
/// Lists of loops are made with `functions` and `evaluate`, which also say what instant it is and what the host's functions
/// know.
///
/// # Errors
///
/// See [`BuildError`].
///
/// ```
/// use std::collections::BTreeMap;
/// use kargo_core::{Origin, expr::Functions, freight::ulid_at, model::*};
/// use kargo_core::promotion::{NewPromotion, TargetFreight, build};
///
/// let mut stage = Stage { metadata: ObjectMeta::named("prod").in_project("shop"), ..Stage::default() };
/// stage.spec.requested_freight = vec![FreightRequest { origin: Origin::warehouse("cart"), ..Default::default() }];
/// let push = PromotionStep { uses: Some("git-push".into()), ..PromotionStep::default() };
/// let template = PromotionTemplateSpec { steps: vec![push], vars: vec![] };
/// stage.spec.promotion_template = Some(PromotionTemplate { spec: template });
///
/// let name = "84d9a0d81714243ecd236c670da11c7259af9059".into();
/// let cart = TargetFreight { name, alias: "modest-marlin".into(), origin: Origin::warehouse("cart") };
/// let new = NewPromotion {
///     stage: &stage,
///     policy: None,
///     tasks: &BTreeMap::new(),
///     freight: &[cart],
///     target: None,
///     actor: Some("email:ana@acme.example"),
///     rollback: false,
///     intents: &BTreeMap::new(),
///     ulid: ulid_at(time::from_manifest("2026-11-24T14:02:00Z")?, 7, None),
///     ui_base_url: "",
///     request: None,
/// };
/// let now = Timestamp::default();
/// let promotion = build(&new, &Functions::new(), &mut |template, env| template.run(env, now))?;
/// assert_eq!(promotion.metadata.name, "prod.01m86xt2y00000000000000007.84d9a0d");
/// assert_eq!(promotion.spec.steps[0].alias.as_deref(), Some("step-1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn build(
    new: &NewPromotion<'_>,
    functions: &Functions,
    evaluate: &mut Evaluate<'_>,
) -> Result<Promotion, BuildError> {
    let Stage { metadata: stage, spec, .. } = new.stage;
    let name = StageName::from(&stage.name);
    let template = spec.promotion_template.as_ref().map(|template| &template.spec);
    let Some(template) = template.filter(|template| !template.steps.is_empty()) else {
        let project = stage.namespace.clone().unwrap_or_default();
        return Err(BuildError::NoSteps { stage: name, project });
    };
    let freight = in_order(new, &name)?;
    let all: BTreeMap<_, _> = freight.iter().map(|one| (one.origin.clone(), one.name.clone())).collect();
    if let Some(origin) = new.intents.keys().find(|origin| !all.contains_key(*origin)) {
        return Err(BuildError::Intent { origin: origin.clone() });
    }
    let target = new.target.map(|target| target.metadata.name.as_str().into());
    let promotion = promotion_name(&name, target.as_ref(), new.ulid, &promotion_suffix(&all));
    if promotion.is_empty() {
        return Err(BuildError::NoName);
    }
    let vars: Vec<Variable> = spec.vars.iter().chain(&template.vars).cloned().collect();
    let facts = Facts {
        ui_base_url: new.ui_base_url.to_owned(),
        project: stage.namespace.as_deref().unwrap_or_default().into(),
        promotion: promotion.clone(),
        stage: name.clone(),
        freight: freight.clone(),
        actor: short_actor(new.actor.unwrap_or_default()).to_owned(),
        rollback: new.rollback,
        target: new.target.map(TargetFacts::from),
    };
    // Only lists of loops look at it; but a Target that cannot be read is refused whether there are loops or not.
    let context = OnceCell::new();
    if facts.target.is_some() {
        let made = Context::new(&facts).map_err(|problem| BuildError::Target { problem })?;
        context.get_or_init(|| seen(&made, &vars, functions));
    }
    let mut list = |for_each: &ForEach| {
        let seen = || seen(&Context::new(&facts).unwrap_or_default(), &vars, functions);
        let (env, variables) = context.get_or_init(seen);
        list(for_each, variables, functions, env, evaluate)
    };
    let none = BTreeMap::new();
    let with =
        Inflation { tasks: new.tasks, vars: &vars, policy: new.policy.map_or(&none, |policy| &policy.spec.steps) };
    let inflated = inflate(&template.steps, &with, &mut list)?;
    if inflated.steps.is_empty() {
        return Err(BuildError::NothingToDo);
    }
    let mut metadata = metadata(new, &all);
    metadata.name = promotion.to_string();
    if !inflated.loops.is_empty() {
        metadata.annotations.insert(label::EXT_LOOPS.to_owned(), inflated.loops.to_string());
    }
    let spec = PromotionSpec {
        stage: name,
        freight: freight.first().map(|first| first.name.clone()),
        origin: None,
        target,
        vars,
        steps: inflated.steps,
    };
    Ok(Promotion { metadata, spec, status: PromotionStatus::default() })
}

/// Why a promotion cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The Stage has no template, or one without steps.
    #[error("Stage {stage:?} in namespace {project:?} defines no promotion steps")]
    NoSteps {
        /// The Stage.
        stage: StageName,
        /// Its project.
        project: String,
    },
    /// All steps are in loops, and the lists of all loops are empty.
    #[error("there is nothing to do: every loop of the Stage's template has an empty list")]
    NothingToDo,
    /// No freight at all.
    #[error("there is no freight to promote; name one piece at least")]
    NoFreight,
    /// Freight of an origin that the Stage does not request.
    #[error("Stage {stage:?} does not request freight of {origin}")]
    NotRequested {
        /// The Stage.
        stage: StageName,
        /// The origin.
        origin: Origin,
    },
    /// Two pieces of freight of one origin.
    #[error("there are two pieces of freight of {origin}; choose one")]
    TwoOfOneOrigin {
        /// The origin.
        origin: Origin,
    },
    /// A hold intent for an origin of which nothing is promoted.
    #[error("a hold intent for {origin}, of which this promotes nothing")]
    Intent {
        /// The origin.
        origin: Origin,
    },
    /// The Stage, the Target or the freight has no name, so the promotion has none (resources 16.4).
    #[error("a promotion is named after its Stage, its Target and its freight, and one of them has no name")]
    NoName,
    /// A Target that templates cannot read.
    #[error("the Target's parameters: {problem}")]
    Target {
        /// Why.
        problem: Problem,
    },
    /// The steps.
    #[error("failed to inflate Promotion steps: {0}")]
    Inflate(#[from] InflateError),
}

/// What the lists of loops see.
fn seen(context: &Context, vars: &[Variable], functions: &Functions) -> (Env, Variables) {
    (context.env(None), Variables::new(vars, functions))
}

/// The freight in the order in which the Stage requests its origins.
fn in_order(new: &NewPromotion<'_>, stage: &StageName) -> Result<Vec<TargetFreight>, BuildError> {
    let more = new.policy.map(|policy| policy.spec.requested_freight.as_slice()).unwrap_or_default();
    let requests: Vec<&Origin> =
        new.stage.spec.requested_freight.iter().chain(more).map(|request| &request.origin).collect();
    let mut placed = Vec::new();
    for freight in new.freight {
        let origin = &freight.origin;
        let Some(place) = requests.iter().position(|requested| *requested == origin) else {
            return Err(BuildError::NotRequested { stage: stage.clone(), origin: origin.clone() });
        };
        if placed.iter().any(|(taken, _)| *taken == place) {
            return Err(BuildError::TwoOfOneOrigin { origin: origin.clone() });
        }
        placed.push((place, freight.clone()));
    }
    if placed.is_empty() {
        return Err(BuildError::NoFreight);
    }
    placed.sort_by_key(|(place, _)| *place);
    Ok(placed.into_iter().map(|(_, freight)| freight).collect())
}

/// Labels, annotations and owner that admission puts on (resources 17.8; rules 13), all but the name.
fn metadata(new: &NewPromotion<'_>, freight: &BTreeMap<Origin, FreightName>) -> ObjectMeta {
    let stage = &new.stage.metadata;
    let mut metadata = ObjectMeta { namespace: stage.namespace.clone(), ..ObjectMeta::default() };
    let labels = &mut metadata.labels;
    labels.insert(label::STAGE.to_owned(), short::label_value_of(&stage.name));
    if let Some(shard) = new.stage.spec.shard.as_ref().filter(|shard| !shard.is_empty()) {
        labels.insert(label::SHARD.to_owned(), shard.clone());
    }
    let mut annotate = |key: &str, value: String| metadata.annotations.insert(key.to_owned(), value);
    annotate(label::STAGE, stage.name.clone());
    if let Some(actor) = new.actor {
        annotate(label::CREATE_ACTOR, actor.to_owned());
    }
    if new.rollback {
        annotate(label::ROLLBACK, "true".to_owned());
    }
    if freight.len() > 1 {
        annotate(label::EXT_FREIGHT, by_origin(freight.iter().map(|(origin, name)| (origin, name.as_str()))));
        if !new.intents.is_empty() {
            annotate(label::EXT_HOLDS, by_origin(new.intents.iter().map(|(origin, intent)| (origin, intent.as_str()))));
        }
    } else if let Some((origin, intent)) = new.intents.first_key_value() {
        let key = match intent {
            HoldIntent::Hold => label::AUTO_PROMOTION_HOLD,
            HoldIntent::Resume => label::AUTO_PROMOTION_RESUME,
        };
        annotate(key, origin.to_string());
    }
    metadata.owner_references.extend(new.request.cloned().or_else(|| owner(stage)));
    metadata
}

/// The Stage as owner. Without a server it has no id, and an owner without id is none.
fn owner(stage: &ObjectMeta) -> Option<OwnerReference> {
    Some(OwnerReference {
        api_version: KARGO_API_VERSION.to_owned(),
        kind: "Stage".to_owned(),
        name: stage.name.clone(),
        uid: stage.uid.clone()?,
        controller: Some(true),
        block_owner_deletion: Some(true),
    })
}

/// A JSON object by origin key.
fn by_origin<'a>(entries: impl Iterator<Item = (&'a Origin, &'a str)>) -> String {
    Json::Object(entries.map(|(origin, text)| (origin.to_string(), text.into())).collect()).to_string()
}

#[cfg(test)]
mod tests;
