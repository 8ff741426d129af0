//! What a promotion owes to the outside: preparations and attempts, in the order in which they may start.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    decide::effect_of,
    input::Input,
    prepare::Preparation,
    resolve::{ResolveError, Resolved},
    run::Run,
    scene::Scene,
    step::StepState,
};
use crate::{
    expr::Value,
    model::FreightCollection,
    report::{EffectId, Pin, StepError, StepProgress, StepReport, StepSpec, Tree},
};

/// Something to do outside.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Move {
    /// Resolve what a step refers to.
    Prepare(Preparation),
    /// Run an attempt of a step.
    Run(StepRun),
}

/// An attempt of a step: everything that a runner is given (promotion-engine 7.2).
#[derive(Clone, Debug)]
pub struct StepRun {
    /// The id of the work, the same for all attempts (rules 1).
    pub effect: EffectId,
    /// The step, counted from 0.
    pub step: usize,
    /// Its alias.
    pub alias: Arc<str>,
    /// The runner's name.
    pub uses: Arc<str>,
    /// What its kind declares.
    pub spec: Option<Arc<StepSpec>>,
    /// Attempts that were begun, this one included.
    pub attempt: u32,
    /// The configuration; seals in it are opened by [`StepRun::open_config`] at the moment of use.
    pub config: Value,
    /// What the step resolved before, when it runs once more for a lost work tree: it must resolve the same (rules 14).
    pub pins: Vec<Pin>,
    /// The outputs of all steps so far, its own earlier one included.
    pub outputs: BTreeMap<Arc<str>, Value>,
    /// Project, promotion, Stage, actor, rollback, Target, freight that is promoted.
    pub facts: super::Facts,
    /// What the Stage holds after success.
    pub collection: Arc<FreightCollection>,
    /// The directory of the work tree that the step works in: that of its loop's member, or the whole tree (rules 15).
    pub directory: Option<String>,
}

impl StepRun {
    /// The configuration without seals.
    ///
    /// # Errors
    ///
    /// [`ResolveError::Needs`] names the next thing to fetch; see [`Resolved::open`].
    pub fn open_config(&self, resolved: &Resolved) -> Result<Value, ResolveError> {
        resolved.open(&self.config)
    }

    /// What to tell the promotion when the attempt has ended.
    #[must_use]
    pub fn report(&self, answer: Result<StepProgress, StepError>) -> Input {
        Input::Returned { step: self.step, report: StepReport::of(answer), heard: Vec::new() }
    }
}

impl Preparation {
    /// What to tell the promotion when the references are resolved.
    #[must_use]
    pub fn report(&self, prepared: super::Prepared) -> Input {
        Input::Prepared { step: self.step, prepared }
    }
}

/// What a run owes to the outside now, in the order in which it became so. While a lost work tree is being written again,
/// no other step that uses it starts (rules 14).
#[must_use]
pub fn moves(run: &Run, scene: &Scene<'_>) -> Vec<Move> {
    let mut owed: Vec<(u32, Move)> = Vec::new();
    for (step, record) in run.steps().iter().enumerate() {
        match record.state() {
            StepState::Preparing => owed.extend(preparation(run, scene, step).map(|it| (0, Move::Prepare(it)))),
            StepState::Running if !run.redo.is_empty() && uses_tree(run, step) => {}
            StepState::Running | StepState::Redoing => {
                owed.extend(step_run(run, scene, step).map(|it| (record.begun, Move::Run(it))));
            }
            _ => {}
        }
    }
    owed.sort_by_key(|(begun, _)| *begun);
    owed.into_iter().map(|(_, owed)| owed).collect()
}

pub(super) fn uses_tree(run: &Run, step: usize) -> bool {
    run.plan().steps().get(step).and_then(|step| step.spec()).is_some_and(|spec| spec.tree() != Tree::None)
}

fn preparation(run: &Run, scene: &Scene<'_>, step: usize) -> Option<Preparation> {
    let alias = run.plan().steps().get(step)?.alias();
    let asked = run.steps().get(step)?.asked.as_deref()?;
    Some(Preparation::new(effect_of(scene, run, step), step, alias, asked))
}

/// The attempt of a step as it stands.
pub(super) fn step_run(run: &Run, scene: &Scene<'_>, step: usize) -> Option<StepRun> {
    let planned = run.plan().steps().get(step)?;
    let record = run.steps().get(step)?;
    Some(StepRun {
        effect: effect_of(scene, run, step),
        step,
        alias: Arc::clone(planned.alias()),
        uses: Arc::clone(planned.uses()),
        spec: planned.spec().cloned(),
        attempt: record.attempts(),
        config: record.config.clone().unwrap_or_default(),
        pins: if *record.state() == StepState::Redoing { record.pins().to_vec() } else { Vec::new() },
        outputs: run.outputs().clone(),
        facts: scene.facts().clone(),
        collection: run.collection.clone().unwrap_or_default(),
        directory: directory(run, step),
    })
}

/// Members of a parallel loop have a directory each.
fn directory(run: &Run, step: usize) -> Option<String> {
    let (found, member) = run.plan().loops().at(step)?;
    (found.mode == crate::model::ForEachMode::Parallel).then(|| found.task_alias(member))
}
