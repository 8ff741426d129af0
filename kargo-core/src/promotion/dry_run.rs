//! What a promotion would do, step by step, without doing anything.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::{
    decide::decide,
    input::Input,
    moves::{Move, StepRun, moves},
    prepare::Prepared,
    resolve::Resolved,
    run::Run,
    scene::Scene,
    step::StepState,
    written::read,
};
use crate::{
    expr::{Env, Sealed, Value},
    model::{Duration, NoSuch, Promotion, PromotionName, StageName, Timestamp},
    report::{Outside, Repeat, StepError, StepProgress, StepReport, Touch, Tree},
    world::World,
};

/// What a promotion would do if every step that runs were to succeed: the steps in order, with their configurations as far
/// as they are known, and what each touches. `Display` is for people, `Serialize` for machines.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    /// The promotion.
    pub promotion: PromotionName,
    /// Where to.
    pub stage: StageName,
    /// What, by alias or else by name.
    pub freight: Vec<String>,
    /// How it would end: empty if it would succeed, else why it would not.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub problem: String,
    /// Every step, in order.
    pub steps: Vec<DryStep>,
}

/// What one step would do.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryStep {
    /// The alias.
    pub alias: Arc<str>,
    /// The runner's name.
    pub uses: Arc<str>,
    /// Whether it would run.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Its configuration. What depends on secrets, config maps or outputs that are not there yet is written as its template.
    #[serde(serialize_with = "as_shown", skip_serializing_if = "Value::is_null")]
    pub config: Value,
    /// What it would touch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub touches: Vec<Touch>,
    /// What it would do to the work tree.
    pub tree: Tree,
    /// What it would do outside.
    pub outside: Outside,
    /// How that may be repeated.
    pub repeat: Repeat,
    /// When it would be given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// The directory of the work tree that it works in, if not the whole tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
}

/// Whether a step would run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "verdict")]
#[non_exhaustive]
pub enum Verdict {
    /// It would.
    Runs,
    /// Its condition depends on what is not known yet; the steps after it are shown as if it ran.
    MayRun {
        /// The condition.
        condition: String,
    },
    /// It would not: its condition does not hold, or a step before it fails.
    Skipped,
    /// It would fail before or while it runs.
    Fails {
        /// Why.
        message: String,
    },
}

/// What a promotion of a world would do.
///
/// ```
/// # use kargo_core::{Manifests, World, promotion};
/// # let text = "
/// # {apiVersion: kargo.akuity.io/v1alpha1, kind: Stage, metadata: {name: prod, namespace: shop}, spec: {requestedFreight: [{origin: {kind: Warehouse, name: cart}, sources: {direct: true}}]}}
/// # ---
/// # {apiVersion: kargo.akuity.io/v1alpha1, kind: Freight, metadata: {name: 092ae8c022561a129fa1764684a66fda9bc87494, namespace: shop}, origin: {kind: Warehouse, name: cart}, alias: modest-marlin, images: [{repoURL: ghcr.io/acme/cart, tag: 1.4.2}]}
/// # ---
/// # {apiVersion: kargo.akuity.io/v1alpha1, kind: Promotion, metadata: {name: prod.x, namespace: shop}, spec: {stage: prod, freight: 092ae8c022561a129fa1764684a66fda9bc87494, steps: [{uses: http, as: call, config: {url: 'https://acme.example/${{ ctx.stage }}'}}, {uses: fail, as: stop, if: '${{ outputs.call.response == 1 }}'}]}}
/// # ";
/// # let manifests = Manifests::parse("shop.yaml", text)?;
/// let world = World::from_manifests(&manifests)?;
/// let dry = promotion::dry_run(&world, "prod.x", Default::default()).unwrap();
/// assert_eq!(dry.to_string(), "\
/// prod <- modest-marlin: 2 steps                                       nothing has been done
///   1 call  http  runs     reads https://acme.example/prod
///             url: \"https://acme.example/prod\"
///   2 stop  fail  may run  if ${{ outputs.call.response == 1 }}");
/// # Ok::<(), kargo_core::Diagnostics>(())
/// ```
///
/// # Errors
///
/// There is no such promotion.
pub fn dry_run(world: &World, name: impl AsRef<str>, now: Timestamp) -> Result<DryRun, NoSuch> {
    let view = world.promotion(name)?;
    Ok(dry_run_of(world, view.noun(), now))
}

/// What a promotion would do that is in no world yet, such as one that was just [built](super::build()).
#[must_use]
pub fn dry_run_of(world: &World, promotion: &Promotion, now: Timestamp) -> DryRun {
    let mut fresh = promotion.clone();
    fresh.status = crate::model::PromotionStatus::default();
    let mut run = read(&fresh, world.step_specs());
    let mut steps: Vec<Option<DryStep>> = vec![None; run.steps().len()];
    let mut dry = DryRun {
        promotion: promotion.metadata.name.as_str().into(),
        stage: promotion.spec.stage.clone(),
        freight: Vec::new(),
        problem: String::new(),
        steps: Vec::new(),
    };
    let scene = match Scene::new(crate::world::PromotionView::new(world, &fresh), "") {
        Ok(scene) => scene,
        Err(problem) => {
            dry.problem = problem.to_string();
            return dry;
        }
    };
    dry.freight = scene
        .facts()
        .freight
        .iter()
        .map(|it| if it.alias.is_empty() { it.name.to_string() } else { it.alias.clone() })
        .collect();
    apply(&mut run, &scene, now, &Input::Begin);
    // Every round ends one step at least.
    for _ in 0..=2 * steps.len() {
        let Some(input) = next_input(&mut run, &scene, now, &mut steps) else { break };
        apply(&mut run, &scene, now, &input);
    }
    if run.phase().is_over() && run.phase() != super::Phase::Succeeded {
        dry.problem = run.message().unwrap_or_default().to_owned();
    }
    dry.steps = finished(&run, steps);
    dry
}

/// The next thing that would happen, which is what it would be if all went well.
fn next_input(run: &mut Run, scene: &Scene<'_>, now: Timestamp, steps: &mut [Option<DryStep>]) -> Option<Input> {
    apply(run, scene, now, &Input::Look);
    match moves(run, scene).into_iter().next()? {
        Move::Prepare(preparation) => {
            let record = run.steps().get(preparation.step)?;
            let asked = record.asked()?;
            if let (Some(condition), Some(slot)) = (asked.condition_text(), steps.get_mut(preparation.step)) {
                *slot = Some(DryStep::of(run, preparation.step, Verdict::MayRun { condition }));
            }
            let prepared = match asked.problem() {
                Some(message) => Prepared::Misconfigure { message },
                None => Prepared::Run { resolved: Resolved::default() },
            };
            Some(preparation.report(prepared))
        }
        Move::Run(attempt) => {
            let mut answer = imagined(&attempt, now);
            let slot = steps.get_mut(attempt.step)?;
            let verdict = match (slot.take(), &answer) {
                (Some(known), _) => known.verdict,
                (None, Err(error)) => Verdict::Fails { message: error.to_string() },
                (None, Ok(_)) => Verdict::Runs,
            };
            if let (Verdict::MayRun { .. }, Err(_)) = (&verdict, &answer) {
                // That it fails is no more certain than that it runs.
                answer = Ok(StepProgress::skipped());
            }
            *slot = Some(DryStep::of_attempt(run, &attempt, verdict));
            Some(Input::Returned { step: attempt.step, report: StepReport::of(answer), heard: Vec::new() })
        }
    }
}

/// What a step would answer: what its configuration tells, or an output that nobody knows yet.
pub(crate) fn imagined(attempt: &StepRun, now: Timestamp) -> Result<StepProgress, StepError> {
    match &*attempt.uses {
        "compose-output" => Ok(StepProgress::done(Json::Null).value(attempt.config.clone())),
        "fail" => {
            let message = attempt.config.as_map().and_then(|config| config.get("message")).and_then(Value::as_text);
            Err(StepError::failed(message.map_or_else(|| "failed".to_owned(), |text| format!("failed: {text}"))))
        }
        _ => {
            let template = format!("${{{{ outputs[{:?}] }}}}", &*attempt.alias);
            let unknown = Sealed::new(template, &Env::new(), now, Vec::new()).map(Value::from).unwrap_or_default();
            Ok(StepProgress::done(Json::Null).value(unknown))
        }
    }
}

fn apply(run: &mut Run, scene: &Scene<'_>, now: Timestamp, input: &Input) {
    for event in decide(run, scene, now, input) {
        run.apply(&event);
    }
}

/// Every step, those that were not reached to run included.
fn finished(run: &Run, steps: Vec<Option<DryStep>>) -> Vec<DryStep> {
    let filled = steps.into_iter().enumerate().map(|(index, step)| {
        let verdict = || match run.steps().get(index).map(|record| (record.state(), record.message())) {
            Some((StepState::Errored, message)) => Verdict::Fails { message: message.unwrap_or_default().to_owned() },
            _ => Verdict::Skipped,
        };
        step.unwrap_or_else(|| DryStep::of(run, index, verdict()))
    });
    filled.collect()
}

impl DryStep {
    fn of(run: &Run, index: usize, verdict: Verdict) -> Self {
        let planned = run.plan().steps().get(index);
        let spec = planned.and_then(|planned| planned.spec());
        Self {
            alias: planned.map_or_else(|| "".into(), |planned| Arc::clone(planned.alias())),
            uses: planned.map_or_else(|| "".into(), |planned| Arc::clone(planned.uses())),
            verdict,
            config: Value::Null,
            touches: Vec::new(),
            tree: spec.map_or(Tree::None, |spec| spec.tree()),
            outside: spec.map_or(Outside::None, |spec| spec.outside()),
            repeat: spec.map_or(Repeat::Pure, |spec| spec.repeat()),
            timeout: planned.and_then(super::PlannedStep::timeout),
            directory: None,
        }
    }

    fn of_attempt(run: &Run, attempt: &StepRun, verdict: Verdict) -> Self {
        let known = Self::of(run, attempt.step, verdict);
        let (config, spec) = (&attempt.config, attempt.spec.as_deref());
        Self {
            touches: spec.and_then(|spec| spec.touches_of(config, &run.checkouts).ok()).unwrap_or_default(),
            tree: spec.and_then(|spec| spec.tree_of(config).ok()).unwrap_or(known.tree),
            outside: spec.and_then(|spec| spec.outside_of(config).ok()).unwrap_or(known.outside),
            repeat: spec.and_then(|spec| spec.repeat_of(config).ok()).unwrap_or(known.repeat),
            config: config.clone(),
            directory: attempt.directory.clone(),
            ..known
        }
    }
}

/// JSON with the templates of seals in their places.
fn shown(value: &Value) -> Json {
    match value {
        Value::Sealed(sealed) => sealed.template().into(),
        Value::List(_) if value.has_sealed() => value.as_list().unwrap_or_default().iter().map(shown).collect(),
        Value::Map(map) if value.has_sealed() => {
            Json::Object(map.entries().iter().map(|(key, item)| (key.clone(), shown(item))).collect())
        }
        _ => value.to_json().unwrap_or_default(),
    }
}

fn as_shown<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    shown(value).serialize(serializer)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Runs => "runs",
            Self::MayRun { .. } => "may run",
            Self::Skipped => "skipped",
            Self::Fails { .. } => "fails",
        })
    }
}

impl fmt::Display for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = if self.steps.len() == 1 { "1 step".to_owned() } else { format!("{} steps", self.steps.len()) };
        let head = format!("{} <- {}: {steps}", self.stage, self.freight.join(" + "));
        write!(f, "{head:<68} nothing has been done")?;
        let width = |of: fn(&DryStep) -> usize| self.steps.iter().map(of).max().unwrap_or(0);
        let (number, alias) = (self.steps.len().to_string().len(), width(|step| step.alias.chars().count()));
        let (uses, verdict) = (width(|step| step.uses.chars().count()), width(|step| step.verdict.to_string().len()));
        for (index, step) in self.steps.iter().enumerate() {
            let (number, alias, uses, verdict) = (
                format!("{:>number$}", index + 1),
                format!("{:<alias$}", step.alias),
                format!("{:<uses$}", step.uses),
                format!("{:<verdict$}", step.verdict),
            );
            let mut notes: Vec<String> = match &step.verdict {
                Verdict::MayRun { condition } => vec![format!("if {condition}")],
                Verdict::Fails { message } => vec![message.lines().next().unwrap_or_default().to_owned()],
                _ => Vec::new(),
            };
            notes.extend(step.touches.iter().map(ToString::to_string));
            let line = format!("  {number} {alias}  {uses}  {verdict}  {}", notes.join(" · "));
            write!(f, "\n{}", line.trim_end())?;
            if let Json::Object(entries) = shown(&step.config) {
                for (key, value) in entries {
                    write!(f, "\n{:indent$}{key}: {value}", "", indent = 2 + number.len() + 9)?;
                }
            }
        }
        if self.problem.is_empty() { Ok(()) } else { write!(f, "\nit would not succeed: {}", self.problem) }
    }
}
