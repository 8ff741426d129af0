//! What a promotion owes to the outside: preparations and attempts, in the order in which they may start.

use std::sync::Arc;

use super::{
    decide::effect_of,
    input::Input,
    outputs::Outputs,
    plan::PlannedStep,
    prepare::Preparation,
    resolve::{ResolveError, Resolved},
    run::Run,
    scene::Scene,
    step::StepState,
};
use crate::{
    expr::Value,
    model::FreightCollection,
    report::{EffectId, Lane, Pin, StepError, StepProgress, StepReport, StepSpec, Tree},
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
    pub outputs: Outputs,
    /// Project, promotion, Stage, actor, rollback, Target, freight that is promoted.
    pub facts: Arc<super::Facts>,
    /// What the Stage holds after success.
    pub collection: Arc<FreightCollection>,
    /// What it occupies while it is under way, as far as its configuration tells (rules 4).
    pub lanes: Vec<Lane>,
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

/// What a run owes to the outside now, in the order in which it became so.
///
/// An attempt that needs a lane in which an earlier one is under way comes when that has ended (rules 4, 15). While a lost
/// work tree is being written again, no other step that uses it runs, and none is prepared (rules 14).
#[must_use]
pub fn moves(run: &Run, scene: &Scene<'_>) -> Vec<Move> {
    let mut preparations = Vec::new();
    let mut attempts = Vec::new();
    for (step, record) in run.steps().iter().enumerate() {
        match record.state() {
            StepState::Preparing if run.redo().is_empty() => {
                preparations.extend(preparation(run, scene, step).map(Move::Prepare));
            }
            StepState::Running | StepState::Redoing | StepState::Stopping => attempts.push((record.begun(), step)),
            _ => {}
        }
    }
    attempts.sort_unstable();
    let mut taken: Vec<Lane> = Vec::new();
    let mut owed = preparations;
    for (_, step) in attempts {
        let Some(attempt) = step_run(run, scene, step) else { continue };
        let is_free = !attempt.lanes.iter().any(|lane| taken.iter().any(|taken| taken.conflicts_with(lane)));
        taken.extend(attempt.lanes.iter().cloned());
        let state = run.steps().get(step).map(super::StepRecord::state);
        let starts = match state {
            Some(StepState::Running) => run.redo().is_empty() || !uses_tree(run, step),
            Some(StepState::Redoing) => true,
            _ => false,
        };
        if starts && is_free {
            owed.push(Move::Run(attempt));
        }
    }
    owed
}

/// The work of a run that is under way or about to be, with the lanes it needs (rules 4): what is being stopped too.
pub(crate) fn lanes_of(run: &Run, scene: &Scene<'_>) -> Vec<(usize, EffectId, Vec<Lane>)> {
    let under_way = run.steps().iter().enumerate().filter(|(_, record)| record.state().is_under_way());
    let work = under_way.filter_map(|(step, record)| {
        let lanes = lanes(run, run.plan().steps().get(step)?, record.config().unwrap_or(&Value::Null));
        (!lanes.is_empty()).then(|| (step, effect_of(scene, run, step), lanes))
    });
    work.collect()
}

/// The lanes that a step with this configuration needs, as far as its kind can tell.
fn lanes(run: &Run, planned: &PlannedStep, config: &Value) -> Vec<Lane> {
    planned.spec().and_then(|spec| spec.lanes_of(config, &run.checkouts).ok()).unwrap_or_default()
}

pub(super) fn uses_tree(run: &Run, step: usize) -> bool {
    run.plan().steps().get(step).and_then(|step| step.spec()).is_some_and(|spec| spec.tree() != Tree::None)
}

fn preparation(run: &Run, scene: &Scene<'_>, step: usize) -> Option<Preparation> {
    let alias = run.plan().steps().get(step)?.alias();
    let asked = run.steps().get(step)?.asked()?;
    Some(Preparation::new(effect_of(scene, run, step), step, alias, asked))
}

/// The attempt of a step as it stands.
pub(super) fn step_run(run: &Run, scene: &Scene<'_>, step: usize) -> Option<StepRun> {
    let planned = run.plan().steps().get(step)?;
    let record = run.steps().get(step)?;
    let config = record.config().cloned().unwrap_or_default();
    let lanes = lanes(run, planned, &config);
    Some(StepRun {
        effect: effect_of(scene, run, step),
        step,
        alias: Arc::clone(planned.alias()),
        uses: Arc::clone(planned.uses()),
        spec: planned.spec().cloned(),
        attempt: record.attempts(),
        config,
        lanes,
        pins: if *record.state() == StepState::Redoing { record.pins().to_vec() } else { Vec::new() },
        outputs: run.outputs().clone(),
        facts: Arc::clone(scene.shared_facts()),
        collection: run.collection.clone().unwrap_or_default(),
        directory: directory(run, step),
    })
}

/// Members of a parallel loop have a directory each.
fn directory(run: &Run, step: usize) -> Option<String> {
    let (found, member) = run.plan().loops().at(step)?;
    (found.mode == crate::model::ForEachMode::Parallel).then(|| found.task_alias(member))
}
