//! For whoever keeps promotions as Kargo's objects: what to do next, and what becomes of a promotion when it is done.

use std::sync::Arc;

use super::{
    decide::{deadline, decide},
    input::Input,
    machine::Phase,
    moves::{Move, StepRun, moves, step_run, uses_tree},
    prepare::{Preparation, configure},
    run::{CLONE, Run},
    scene::{Scene, names},
    step::StepState,
    written::{read, write, write_to},
};
use crate::{
    model::{Duration, NoSuch, Promotion, PromotionStatus, Timestamp, label},
    report::Wait,
    world::{PromotionView, StageView, World},
};

/// What to do next for a promotion.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Next {
    /// Store `promotion`, resolve what the step refers to, and [`take`] the answer.
    Prepare {
        /// The promotion as it is now.
        promotion: Box<Promotion>,
        /// What to resolve.
        preparation: Box<Preparation>,
    },
    /// Store `promotion`, run the step, and [`take`] its answer.
    Run {
        /// The promotion as it is now.
        promotion: Box<Promotion>,
        /// What to run.
        run: Box<StepRun>,
    },
    /// Store `promotion` if it changed, and come back when one of these happens.
    Wait {
        /// The promotion as it is now.
        promotion: Box<Promotion>,
        /// What to wait for.
        waits: Vec<Waits>,
    },
    /// It is over; store its status.
    Finish(Box<PromotionStatus>),
}

/// One reason for which a promotion does not go on, and what ends it.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Signals, and the instant at which to come back in any case: [`Input::Look`] then does what is due.
    pub wait: Wait,
    /// The instant at which the step that waits has taken too long.
    pub deadline: Option<Timestamp>,
    /// While no source of signals is heard: look this often, by running this.
    pub look: Option<Box<(Duration, StepRun)>>,
    /// What it is that waits, for people.
    pub reason: String,
}

impl Waits {
    /// The next instant at which to come back without any signal, the look excluded.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.wait.until.into_iter().chain(self.deadline).min()
    }
}

/// How often to look where nobody says how often and nothing tells (rules 3).
const LOOK_EVERY: Duration = Duration::from_secs(300);
/// No look comes sooner after another (promotion-engine 1.9).
const LOOK_AT_MOST_EVERY: Duration = Duration::from_secs(10);

/// What to do next for a promotion: everything that can be decided is decided, with `now` as the instant.
///
/// Pure: it changes nothing. What it returns carries the promotion as it is after these decisions, to be stored first.
///
/// # Errors
///
/// There is no such promotion.
pub fn next(world: &World, name: impl AsRef<str>, now: Timestamp) -> Result<Next, NoSuch> {
    let view = world.promotion(name)?;
    let promotion = view.noun();
    let mut run = read(promotion, world.step_specs());
    if run.phase().is_over() {
        return Ok(Next::Finish(Box::new(promotion.status.clone())));
    }
    let scene = match Scene::new(view, "") {
        Ok(scene) => scene,
        Err(problem) => return Ok(wait(promotion.clone(), format!("its Target cannot be read: {problem}"))),
    };
    for input in first_inputs(&run, &scene, now) {
        apply(&mut run, &scene, now, &input);
    }
    if run.phase() == Phase::Pending {
        let current = view.stage().map(StageView::current_promotion);
        match current {
            Ok(Some(current)) if current == promotion.metadata.name => apply(&mut run, &scene, now, &Input::Begin),
            Ok(_) => {
                let reason = format!("Stage {:?} has not made it its current promotion yet", &*promotion.spec.stage);
                return Ok(wait(write(&run, &scene, promotion), reason));
            }
            Err(missing) => return Ok(wait(write(&run, &scene, promotion), missing.to_string())),
        }
    }
    apply(&mut run, &scene, now, &Input::Look);
    configure_again(&mut run, &scene, now);
    if run.phase().is_over() {
        return Ok(Next::Finish(Box::new(write(&run, &scene, promotion).status)));
    }
    let owed = moves(&run, &scene).into_iter().next();
    if let Some(Move::Run(handed)) = &owed
        && let Some(record) = run.steps.get_mut(handed.step)
    {
        record.hand_out();
    }
    let promotion = Box::new(write(&run, &scene, promotion));
    Ok(match owed {
        Some(Move::Prepare(preparation)) => Next::Prepare { promotion, preparation: Box::new(preparation) },
        Some(Move::Run(run)) => Next::Run { promotion, run: Box::new(run) },
        None => Next::Wait { promotion, waits: waits(&run, &scene, now) },
    })
}

/// The promotion as it becomes by what happened to it.
///
/// # Errors
///
/// There is no such promotion.
pub fn take(world: &World, name: impl AsRef<str>, now: Timestamp, input: &Input) -> Result<Promotion, NoSuch> {
    let view = world.promotion(name)?;
    let promotion = view.noun();
    let mut run = read(promotion, world.step_specs());
    if run.phase().is_over() {
        // Whatever comes late, its status stays (rules 4).
        return Ok(promotion.clone());
    }
    let Ok(scene) = Scene::new(view, "") else { return Ok(promotion.clone()) };
    if matches!(input, Input::Prepared { .. }) {
        apply(&mut run, &scene, now, &Input::Look);
    }
    apply(&mut run, &scene, now, input);
    Ok(write(&run, &scene, promotion))
}

fn apply(run: &mut Run, scene: &Scene<'_>, now: Timestamp, input: &Input) {
    for event in decide(run, scene, now, input) {
        run.apply(&event);
    }
}

/// Kargo's records do not hold configurations: those of steps found under way are evaluated once more, and those of
/// clones, for what they checked out.
fn configure_again(run: &mut Run, scene: &Scene<'_>, now: Timestamp) {
    for step in 0..run.first_open {
        let cloned = run.plan().steps().get(step).is_some_and(|planned| &**planned.uses() == CLONE);
        let started = run.steps().get(step).is_some_and(|record| record.started_at().is_some());
        if cloned
            && started
            && let Ok(config) = configure(run, scene, step, now)
        {
            Arc::make_mut(&mut run.checkouts).note(&config);
        }
    }
    for step in 0..run.steps().len() {
        let found = run.steps.get(step).is_some_and(|record| record.state.is_under_way() && record.config().is_none());
        if !found {
            continue;
        }
        // The look before has ended those that have none any more.
        let config = configure(run, scene, step, now).ok();
        if let Some(record) = run.steps.get_mut(step) {
            record.configure(config);
        }
    }
}

/// What the stored promotion itself says has happened: somebody asked to stop it, or it was found under way.
fn first_inputs(run: &Run, scene: &Scene<'_>, now: Timestamp) -> Vec<Input> {
    let mut inputs = Vec::new();
    if let Some(actor) = abort_request(scene.promotion) {
        inputs.push(Input::Abort { actor });
    }
    for (step, record) in run.steps().iter().enumerate() {
        let handed = record.may_be_handed_out();
        if *record.state() == StepState::Running && handed && is_unknowable(run, scene, step, now) {
            inputs.push(Input::Unknown { step });
        }
    }
    inputs
}

/// Whether nobody could tell whether an attempt of the step acted, nor may repeat it (rules 1).
#[must_use]
pub fn is_unknowable(run: &Run, scene: &Scene<'_>, step: usize, now: Timestamp) -> bool {
    let config = configure(run, scene, step, now).unwrap_or_default();
    run.plan().steps().get(step).is_some_and(|planned| planned.is_unknowable(&config))
}

/// Who asked to stop it, by annotation; empty if it does not say (resources 15.2). A value that is JSON counts as an object
/// alone, any other as the action itself.
pub(crate) fn abort_request(promotion: &Promotion) -> Option<String> {
    const ACTION: &str = "terminate";
    let text = promotion.metadata.annotations.get(label::ABORT)?;
    match serde_json::from_str::<serde_json::Value>(text) {
        Err(_) => (text == ACTION).then(String::new),
        Ok(request) => {
            let of = |key: &str| request.get(key).and_then(serde_json::Value::as_str);
            (of("action") == Some(ACTION)).then(|| of("actor").unwrap_or_default().to_owned())
        }
    }
}

/// What every open step waits for.
fn waits(run: &Run, scene: &Scene<'_>, now: Timestamp) -> Vec<Waits> {
    let mut all = Vec::new();
    for (step, record) in run.steps().iter().enumerate() {
        let alias = run.plan().steps().get(step).map_or("", |planned| &**planned.alias());
        let wait = match record.state() {
            StepState::Waiting(waiting) => Wait { until: waiting.until(), ..waiting.wait.clone() },
            // It has its turn after others, whatever the clock says: those are waited for.
            StepState::RedoingLater(_) if run.redo().first() != Some(&step) => continue,
            StepState::Retrying(at) | StepState::RedoingLater(at) => Wait { until: Some(*at), ..Wait::default() },
            _ => continue,
        };
        let looks = matches!(record.state(), StepState::Waiting(_));
        let look = looks.then(|| looks_of(run, scene, step, now)).flatten().map(Box::new);
        let reason = record.message().map_or_else(|| format!("step {alias:?} waits for {wait}"), str::to_owned);
        all.push(Waits { wait, deadline: deadline(run, step), look, reason });
    }
    all
}

/// How often to look after a step that waits while nothing tells, and what to run for it; none if nobody may look (rules 3).
#[must_use]
pub fn looks_of(run: &Run, scene: &Scene<'_>, step: usize, now: Timestamp) -> Option<(Duration, StepRun)> {
    let StepState::Waiting(waiting) = run.steps().get(step)?.state() else { return None };
    let spec = run.plan().steps().get(step).and_then(|planned| planned.spec());
    let asked = waiting.wait.poll.or(spec.and_then(|spec| spec.poll()));
    // Nobody looks at a tree that is not whole (rules 14).
    let held = !run.redo().is_empty() && uses_tree(run, step);
    if held || is_unknowable(run, scene, step, now) {
        return None;
    }
    Some((asked.unwrap_or(LOOK_EVERY).max(LOOK_AT_MOST_EVERY), look_of(run, scene, step, now)?))
}

/// A look of a step that waits: an attempt that is not recorded as one.
fn look_of(run: &Run, scene: &Scene<'_>, step: usize, now: Timestamp) -> Option<StepRun> {
    let config = configure(run, scene, step, now).ok()?;
    Some(StepRun { config, ..step_run(run, scene, step)? })
}

fn wait(promotion: Promotion, reason: String) -> Next {
    let waits = vec![Waits { wait: Wait::default(), deadline: None, look: None, reason }];
    Next::Wait { promotion: Box::new(promotion), waits }
}

impl PromotionView<'_> {
    /// The name of the freight that counts as the promoted one: of several origins the first (rules 13).
    #[must_use]
    pub(crate) fn first_freight(self) -> String {
        match &self.noun().spec.freight {
            Some(first) => first.to_string(),
            None => names(self.noun(), self.stage().ok()).into_iter().next().unwrap_or_default(),
        }
    }

    /// The promotion with the status that a run says.
    #[must_use]
    pub fn with_run(self, run: &Run) -> Promotion {
        let mut written = self.noun().clone();
        write_to(run, &self.first_freight(), &mut written);
        written
    }

    /// The promotion's run, as far as its status tells.
    #[must_use]
    pub fn run(self) -> Run {
        read(self.noun(), self.world().step_specs())
    }
}
