//! Random histories of random pipelines. What is put in is kept.

use std::fmt::Write as _;

use kargo_core::{
    EffectKind, Origin, Report,
    command::{
        Abort, AbortVerification, AcceptClock, Approve, Hold, Pause, Promote, Reject, ReleaseHold, Resume, Reverify,
        SetAlias, Unreject,
    },
    model::{Duration, Health, HealthCheckStep, HealthState},
    promotion::Prepared,
    report::{PortError, StepError, StepProgress, WakeKey},
    verification::{Asked, Verdict},
};
use proptest::prelude::ProptestConfig;
use serde_json::json;

use crate::host::{ANA, Host};

/// Numbers that follow from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides.max(1)
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

/// What may be put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Everything, also twice, and things that say the same again.
    Wild,
    /// Nothing is said twice, and no image is found again: what one input brought about no other one does.
    Plain,
}

pub(crate) const STAGES: [&str; 5] = ["dev", "gate", "uat", "perf", "prod"];

fn pipeline(dice: &mut Dice) -> String {
    let mut text = String::new();
    for warehouse in ["cart", "web"] {
        let _ = write!(
            text,
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\nmetadata: {{ name: {warehouse}, namespace: shop }}\nspec: {{ subscriptions: [{{ image: {{ repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 }} }}] }}\n"
        );
    }
    let two = dice.one_in(3);
    for stage in STAGES {
        let sources = match stage {
            "dev" => "direct: true".to_owned(),
            "gate" | "perf" => "stages: [dev]".to_owned(),
            "uat" => format!("stages: [{}]", if dice.one_in(2) { "gate" } else { "dev" }),
            _ => {
                let all = if dice.one_in(2) { ", availabilityStrategy: All" } else { "" };
                format!("stages: [uat, perf]{all}")
            }
        };
        let soak = if !sources.starts_with("direct") && dice.one_in(3) { ", requiredSoakTime: 1m" } else { "" };
        let origins = if two { &["cart", "web"][..] } else { &["cart"][..] };
        let request = |origin: &&str| {
            format!("{{ origin: {{ kind: Warehouse, name: {origin} }}, sources: {{ {sources}{soak} }} }}")
        };
        let requests: Vec<_> = origins.iter().map(request).collect();
        let steps = match dice.roll(3) {
            _ if stage == "gate" => "",
            0 => {
                "promotionTemplate: { spec: { steps: [{ uses: git-push, as: a }, { uses: argocd-update, as: b, retry: { timeout: 5m, errorThreshold: 2 } }] } }"
            }
            _ => "promotionTemplate: { spec: { steps: [{ uses: git-push, as: a }] } }",
        };
        let verification = if dice.one_in(2) { "verification: { analysisTemplates: [{ name: smoke }] }" } else { "" };
        let _ = write!(
            text,
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {{ name: {stage}, namespace: shop }}\nspec:\n  requestedFreight: [{}]\n  {steps}\n  {verification}\n",
            requests.join(", ")
        );
        let queue = *dice.pick(&["All", "Latest"]);
        let _ = write!(
            text,
            "---\napiVersion: kargo-core.rs/v1alpha1\nkind: StagePolicy\nmetadata: {{ name: {stage}, namespace: shop }}\nspec: {{ queue: {queue} }}\n"
        );
    }
    let automatic: Vec<_> = STAGES.iter().filter(|_| dice.one_in(2)).collect();
    let policies = automatic
        .iter()
        .map(|stage| format!("{{ stageSelector: {{ name: {stage} }}, autoPromotionEnabled: true }}"))
        .collect::<Vec<_>>()
        .join(", ");
    let _ = write!(
        text,
        "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: ProjectConfig\nmetadata: {{ name: shop, namespace: shop }}\nspec: {{ promotionPolicies: [{policies}] }}\n"
    );
    text
}

/// A history of so many inputs, each at an instant of its own.
pub(crate) fn history(seed: u64, inputs: usize, kind: Kind) -> Host {
    let mut dice = Dice::new(seed);
    let mut host = Host::new(&pipeline(&mut dice));
    let mut newest = 0;
    while host.inputs.len() < inputs {
        host.now += Duration::from_secs(1 + i64::try_from(dice.roll(20)).unwrap()).to_delta();
        happen(&mut host, &mut dice, kind, &mut newest);
    }
    host
}

fn happen(host: &mut Host, dice: &mut Dice, kind: Kind, newest: &mut u64) {
    let stage = *dice.pick(&STAGES);
    let freight: Vec<String> = host.engine.world().all_freight().map(|freight| freight.name().to_string()).collect();
    let some = |dice: &mut Dice| if freight.is_empty() { "none".to_owned() } else { dice.pick(&freight).clone() };
    let origin = Origin::warehouse(*dice.pick(&["cart", "web"]));
    let actor = *dice.pick(&[ANA, "email:bob@acme.example"]);
    let wild = kind == Kind::Wild;
    match dice.roll(40) {
        0..=2 => {
            *newest = if wild { dice.roll(12) } else { *newest + 1 };
            let tags: Vec<_> = (0..=*newest).rev().map(|patch| format!("1.0.{patch}")).collect();
            let tags: Vec<_> = tags.iter().map(String::as_str).collect();
            let warehouse = *dice.pick(&["cart", "web"]);
            host.found(warehouse, &tags);
        }
        3 | 4 => drop(host.command(Promote::to(stage).freight(some(dice).as_str()).by(actor).because("it is time"))),
        5 | 6 => drop(host.command(Promote::to(stage).newest(origin).by(actor))),
        7 => {
            let other = *dice.pick(&STAGES);
            let mut promote = Promote::to(stage).all_of(other).by(actor);
            if wild && dice.one_in(3) {
                promote = promote.rollback();
            }
            drop(host.command(promote));
        }
        8 => drop(host.command(Approve::new(some(dice).as_str(), stage).by(actor))),
        9 if dice.one_in(2) => drop(host.command(Reject::new(some(dice).as_str()).in_stage(stage).by(actor))),
        10 => drop(host.command(Unreject::new(some(dice).as_str()).by(actor))),
        11 if dice.one_in(2) => {
            let mut pause = Pause::stage(stage).by(actor);
            if dice.one_in(2) {
                pause = pause.until(host.now + Duration::from_secs(120).to_delta());
            }
            drop(host.command(pause));
        }
        12 => drop(host.command(Resume::stage(stage).by(actor))),
        13 if dice.one_in(2) => {
            let open = host.engine.world().promotions().find(|promotion| !promotion.is_over());
            if let Some(name) = open.map(|promotion| promotion.name().to_owned()) {
                drop(host.command(Abort::promotion(name).by(actor)));
            }
        }
        14 => drop(host.command(Reverify::stage(stage).by(actor))),
        15 if wild => drop(host.command(AbortVerification::stage(stage).by(actor))),
        16 => drop(host.command(ReleaseHold::new(stage, origin).by(actor))),
        17 => host.report(Report::signal(WakeKey::custom("app", "a"))),
        18 if wild && dice.one_in(4) => host.report(Report::clock_suspect()),
        18 if wild => drop(host.command(AcceptClock::default().by(actor))),
        19 | 20 => {
            if let Some(deadline) = host.engine.deadline() {
                host.now = host.now.max(deadline);
            }
            host.tick();
        }
        21 => {
            let alias = format!("alias-{}", dice.roll(5));
            drop(host.command(SetAlias::of(some(dice).as_str(), alias).by(actor)));
        }
        22 => drop(host.command(Hold::new(stage, origin).by(actor))),
        _ => answer(host, dice, wild),
    }
}

/// Some open work is answered.
fn answer(host: &mut Host, dice: &mut Dice, wild: bool) {
    if host.open.is_empty() {
        return;
    }
    let index = usize::try_from(dice.roll(host.open.len() as u64)).unwrap();
    let effect = host.open.remove(index);
    let check = HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({})) };
    let report = match &effect.kind {
        EffectKind::RunStep(run) => run.report(match dice.roll(9) {
            0 => Err(StepError::failed("no")),
            1 => Err(StepError::retryable("try again")),
            2 => Ok(StepProgress::waiting_on(WakeKey::custom("app", "a"))),
            3 => Ok(StepProgress::done(json!({"commit": "9c1d77e"})).health(check)),
            _ => Ok(StepProgress::done(json!({"commit": "9c1d77e"}))),
        }),
        EffectKind::Prepare(prepare) => prepare.report(Prepared::Skip),
        EffectKind::Discover(discover) => discover.report(Err(PortError::retryable("down"))),
        EffectKind::ObserveHealth(observe) => {
            let states = [HealthState::Healthy, HealthState::Healthy, HealthState::Progressing, HealthState::Unhealthy];
            observe.report(Ok(Health { status: Some(dice.pick(&states).clone()), ..Health::default() }))
        }
        EffectKind::Verify(verify) => {
            let phases = ["Successful", "Successful", "Successful", "Failed", "Running", "Error", "Inconclusive"];
            verify.report(if wild && verify.asked == Asked::Start && dice.one_in(4) {
                Err(PortError::retryable("down"))
            } else {
                Ok(Verdict::new(*dice.pick(&phases)))
            })
        }
        _ => return,
    };
    if !wild {
        // Looks after the same work would say it again.
        let id = effect.id.clone();
        host.open.retain(|other| other.id != id);
    }
    host.report(report.clone());
    if wild && dice.one_in(5) {
        host.now += Duration::from_secs(1).to_delta();
        host.report(report);
    }
}

/// So many cases, times `KARGO_SOAK`.
pub(crate) fn cases(number: u32) -> ProptestConfig {
    let times = std::env::var("KARGO_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    ProptestConfig { cases: number.saturating_mul(times), failure_persistence: None, ..ProptestConfig::default() }
}
