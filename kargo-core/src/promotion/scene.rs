//! What a promotion's templates look at: the world, the names they see, the freight they find artifacts in.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use super::{
    context::{Context, Facts, TargetFacts, TargetFreight, short_actor},
    find::Holding,
    plan::PlannedStep,
    run::Run,
};
use crate::{
    expr::{Env, Problem, Value},
    model::{FreightCollection, Loop, Promotion, label},
    world::{PromotionView, StageView, World},
};

/// One promotion in its world: made once for a look, read by every template. What no template reads is not made.
#[derive(Debug)]
pub struct Scene<'a> {
    pub(super) world: &'a World,
    pub(super) promotion: &'a Promotion,
    pub(super) holding: Holding<'a>,
    stage: Option<StageView<'a>>,
    ui_base_url: &'a str,
    context: OnceLock<Context>,
    facts: OnceLock<Arc<Facts>>,
}

impl<'a> Scene<'a> {
    /// The scene of a promotion.
    ///
    /// # Errors
    ///
    /// The parameters of its Target are nested too deep for values.
    pub fn new(view: PromotionView<'a>, ui_base_url: &'a str) -> Result<Self, Problem> {
        let (world, promotion) = (view.world(), view.noun());
        let stage = view.stage().ok();
        let holding = Holding::of(world, promotion, stage);
        let (context, facts) = (OnceLock::new(), OnceLock::new());
        let scene = Self { world, promotion, holding, stage, ui_base_url, context, facts };
        // Nothing else in it can be too deep.
        if promotion.spec.target.is_some() {
            let context = Context::new(scene.facts())?;
            scene.context.get_or_init(|| context);
        }
        Ok(scene)
    }

    /// What `ctx` and `target` are made of.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        self.shared_facts()
    }

    pub(super) fn shared_facts(&self) -> &Arc<Facts> {
        self.facts.get_or_init(|| {
            let (world, promotion) = (self.world, self.promotion);
            Arc::new(Facts {
                ui_base_url: self.ui_base_url.to_owned(),
                project: world.project().clone(),
                promotion: promotion.metadata.name.as_str().into(),
                stage: promotion.spec.stage.clone(),
                freight: targets(world, promotion, self.stage),
                actor: short_actor(annotation(promotion, label::CREATE_ACTOR)).to_owned(),
                rollback: annotation(promotion, label::ROLLBACK) == "true",
                target: promotion.spec.target.as_ref().and_then(|name| world.target(name).ok()).map(TargetFacts::from),
            })
        })
    }

    /// What the place will hold.
    pub(super) fn collection(&self) -> &Arc<FreightCollection> {
        self.holding.collection()
    }

    /// The names of the freight that is promoted (rules 13).
    pub(super) fn names(&self) -> Vec<String> {
        names(self.promotion, self.stage)
    }

    /// The names that variables of the promotion see.
    pub(super) fn env(&self, step: Option<&PlannedStep>) -> Env {
        let context = self.context.get_or_init(|| Context::new(self.facts()).unwrap_or_default());
        context.env(step.map(|step| &**step.alias()))
    }

    /// The names that a step's own variables, condition and configuration see: `outputs`, and `task` inside a task
    /// (promotion-engine 4.6). What the step's templates do not read is left out.
    pub(super) fn step_env(&self, run: &Run, step: Option<&PlannedStep>, mut env: Env) -> Env {
        let Some(step) = step else { return env };
        if step.reads.has("outputs") {
            env.insert("outputs".to_owned(), Value::map(outputs(run, step)).unwrap_or_default());
        }
        if let Some(task) = step.namespace().filter(|_| step.reads.has("task")) {
            let own = run.outputs().iter().filter_map(|(alias, output)| {
                let short = alias.strip_prefix(&**task)?.strip_prefix("::")?;
                (!short.contains("::")).then(|| (short.to_owned(), output.clone()))
            });
            let outputs = Value::map(own.collect()).unwrap_or_default();
            let task = Value::map(BTreeMap::from([("outputs".to_owned(), outputs)]));
            env.insert("task".to_owned(), task.unwrap_or_default());
        }
        env
    }
}

/// Outputs by alias; of a loop, the list of its members' (rules 15). Where a step's templates name the aliases, these alone.
fn outputs(run: &Run, step: &PlannedStep) -> BTreeMap<String, Value> {
    let mut all: BTreeMap<_, _> = match step.outputs_read() {
        Some(aliases) => {
            let found = aliases.iter().filter_map(|alias| Some((alias.to_string(), run.outputs().get(alias)?.clone())));
            found.collect()
        }
        None => run.outputs().iter().map(|(alias, output)| (alias.to_string(), output.clone())).collect(),
    };
    for found in run.plan().loops().iter() {
        let member = |member| run.outputs().get(&Loop::task_alias(found, member)).cloned().unwrap_or_default();
        if let Ok(list) = Value::list((0..found.members).map(member).collect()) {
            all.entry(found.alias.clone()).or_insert(list);
        }
    }
    all
}

/// The freight of a promotion, of several origins in the order of the Stage's requests (rules 13).
pub(super) fn names(promotion: &Promotion, stage: Option<StageView<'_>>) -> Vec<String> {
    let first = promotion.spec.freight.iter().map(ToString::to_string);
    let more = promotion.metadata.annotations.get(label::EXT_FREIGHT);
    let more: BTreeMap<String, String> = more.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let requests: Vec<_> =
        stage.into_iter().flat_map(StageView::requests).map(|request| request.origin.to_string()).collect();
    let mut more: Vec<_> = more.into_iter().collect();
    // Origins that are requested no more come last.
    more.sort_by_key(|(origin, _)| requests.iter().position(|requested| requested == origin).unwrap_or(usize::MAX));
    let mut all: Vec<_> = first.collect();
    for (_, name) in more {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// The freight that is promoted, as templates see it; what is gone has a name alone.
fn targets(world: &World, promotion: &Promotion, stage: Option<StageView<'_>>) -> Vec<TargetFreight> {
    let gone = |name: &str| TargetFreight { name: name.into(), ..TargetFreight::default() };
    let found = |name: String| world.freight_named(&name).map_or_else(|| gone(&name), TargetFreight::from);
    names(promotion, stage).into_iter().map(found).collect()
}

fn annotation<'p>(promotion: &'p Promotion, key: &str) -> &'p str {
    promotion.metadata.annotations.get(key).map(String::as_str).unwrap_or_default()
}
