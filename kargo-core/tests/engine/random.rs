//! Random histories of random pipelines: whatever happens, the invariants of control 13 hold, a replay knows the same, and the
//! same history leads to the same bytes.

use std::{collections::BTreeMap, fmt::Write as _};

use kargo_core::{
    Effect, EffectKind, Event, Origin, Report,
    command::{Abort, AbortVerification, Approve, Pause, Promote, Reject, ReleaseHold, Resume, Reverify, Unreject},
    engine::{StallLimits, Still, StillBecause},
    model::{Duration, Health, HealthCheckStep, HealthState, PromotionPhase, VerificationPhase},
    promotion::Prepared,
    report::{PortError, StepError, StepProgress, WakeKey},
    verification::{Asked, Verdict},
};
use proptest::prelude::*;
use serde_json::json;

use crate::host::Host;

/// Numbers that follow from a seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides.max(1)
    }

    pub(crate) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

const STAGES: [&str; 4] = ["dev", "gate", "uat", "prod"];

/// dev takes freight directly; the others from random Stages before them; gate has no steps.
pub(crate) fn pipeline(dice: &mut Dice) -> String {
    let mut text = "
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: web, namespace: shop }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
"
    .to_owned();
    for (index, stage) in STAGES.iter().enumerate() {
        let mut requests = Vec::new();
        for origin in ["cart", "web"].iter().take(1 + usize::from(dice.one_in(2))) {
            let upstreams: Vec<_> = STAGES[..index].iter().filter(|_| dice.one_in(2)).collect();
            let sources = if upstreams.is_empty() || dice.one_in(4) {
                "direct: true".to_owned()
            } else {
                let names: Vec<_> = upstreams.iter().map(|name| (**name).to_owned()).collect();
                let all = if dice.one_in(2) { ", availabilityStrategy: All" } else { "" };
                let soak = if dice.one_in(3) { ", requiredSoakTime: 10m" } else { "" };
                let matching = names.len() == 1 && names[0] != "gate" && dice.one_in(4);
                let matching = if matching { ", autoPromotionOptions: { selectionPolicy: MatchUpstream }" } else { "" };
                format!("stages: [{}]{all}{soak}{matching}", names.join(", "))
            };
            requests.push(format!("{{ origin: {{ kind: Warehouse, name: {origin} }}, sources: {{ {sources} }} }}"));
        }
        let steps = match dice.roll(3) {
            _ if *stage == "gate" => "",
            0 => "promotionTemplate: { spec: { steps: [{ uses: git-push, as: a }] } }",
            1 => {
                "promotionTemplate: { spec: { steps: [{ uses: git-push, as: a }, { uses: argocd-update, as: b, retry: { timeout: 5m, errorThreshold: 2 } }] } }"
            }
            _ => {
                "promotionTemplate: { spec: { steps: [{ uses: http, as: c, config: { method: POST, url: 'https://a' } }, { uses: git-push, as: d, if: '${{ always() }}' }] } }"
            }
        };
        let verification = if dice.one_in(2) { "verification: { analysisTemplates: [{ name: smoke }] }" } else { "" };
        let _ = write!(
            text,
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {{ name: {stage}, namespace: shop }}\nspec:\n  requestedFreight: [{}]\n  {steps}\n  {verification}\n",
            requests.join(", ")
        );
        let queue = *dice.pick(&["All", "Latest", "LatestPerOrigin"]);
        let windows = if dice.one_in(5) {
            "windows: [{ name: night, kind: Deny, rrule: FREQ=HOURLY, dtstart: 20260101T003000Z, dtend: 20260101T004000Z }]"
        } else {
            ""
        };
        let verdicts = if dice.one_in(4) { "Sticky" } else { "Latest" };
        let _ = write!(
            text,
            "---\napiVersion: kargo-core.rs/v1alpha1\nkind: StagePolicy\nmetadata: {{ name: {stage}, namespace: shop }}\nspec:\n  queue: {queue}\n  verdicts: {verdicts}\n  {windows}\n"
        );
    }
    let automatic: Vec<_> = STAGES.iter().filter(|_| !dice.one_in(3)).collect();
    let policies: Vec<_> = automatic
        .iter()
        .map(|stage| format!("{{ stageSelector: {{ name: {stage} }}, autoPromotionEnabled: true }}"))
        .collect();
    let _ = write!(
        text,
        "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: ProjectConfig\nmetadata: {{ name: shop, namespace: shop }}\nspec: {{ promotionPolicies: [{}] }}\n",
        policies.join(", ")
    );
    text
}

/// One thing that happens.
pub(crate) fn happen(host: &mut Host, dice: &mut Dice) {
    let stage = *dice.pick(&STAGES);
    let freight: Vec<String> = host.engine.world().all_freight().map(|freight| freight.name().to_string()).collect();
    let some = |dice: &mut Dice| if freight.is_empty() { "none".to_owned() } else { dice.pick(&freight).clone() };
    let origin = Origin::warehouse(*dice.pick(&["cart", "web"]));
    let actor = *dice.pick(&["email:ana@acme.example", "email:bob@acme.example"]);
    match dice.roll(24) {
        0 | 1 => {
            let newest = dice.roll(12);
            let tags: Vec<_> = (0..=newest).rev().map(|patch| format!("1.0.{patch}")).collect();
            let tags: Vec<_> = tags.iter().map(String::as_str).collect();
            let warehouse = *dice.pick(&["cart", "web"]);
            host.found(warehouse, &tags);
        }
        2 => drop(host.command(Promote::to(stage).freight(some(dice).as_str()).by(actor))),
        3 => drop(host.command(Promote::to(stage).newest(origin).by(actor))),
        4 => {
            let other = *dice.pick(&STAGES);
            let mut promote = Promote::to(stage).all_of(other).by(actor);
            if dice.one_in(3) {
                promote = promote.rollback();
            }
            drop(host.command(promote));
        }
        5 => drop(host.command(Approve::new(some(dice).as_str(), stage).by(actor))),
        6 => drop(host.command(Reject::new(some(dice).as_str()).in_stage(stage).by(actor))),
        7 => drop(host.command(Unreject::new(some(dice).as_str()).by(actor))),
        8 if dice.one_in(2) => {
            let mut pause = Pause::stage(stage).by(actor);
            if dice.one_in(2) {
                pause = pause.until(host.now + Duration::from_secs(900).to_delta());
            }
            drop(host.command(pause));
        }
        9 => drop(host.command(Resume::stage(stage).by(actor))),
        10 => {
            let open: Vec<_> = host
                .engine
                .world()
                .promotions()
                .filter(|promotion| !promotion.is_over())
                .map(|promotion| promotion.name().to_owned())
                .collect();
            if !open.is_empty() {
                let name = dice.pick(&open).clone();
                drop(host.command(Abort::promotion(name).by(actor)));
            }
        }
        11 => drop(host.command(Reverify::stage(stage).by(actor))),
        12 => drop(host.command(AbortVerification::stage(stage).by(actor))),
        13 => {
            let held = host
                .engine
                .world()
                .stages()
                .find_map(|stage| Some((stage.name().to_owned(), stage.holds().next()?.origin.clone())));
            let (stage, origin) = held.unwrap_or_else(|| (stage.to_owned(), origin));
            drop(host.command(ReleaseHold::new(&*stage, origin).by(actor)));
        }
        14 => drop(host.report(Report::signal(WakeKey::custom("app", "a")))),
        15 => crash(host),
        16 | 17 => {
            if let Some(deadline) = host.engine.deadline() {
                host.now = host.now.max(deadline);
            }
            host.tick();
        }
        18 => {
            host.now += Duration::from_secs(i64::try_from(dice.roll(1_200)).unwrap()).to_delta();
            host.tick();
        }
        _ => answer(host, dice),
    }
}

/// The process dies, and the next one knows nothing of what it was to stop.
fn crash(host: &mut Host) {
    host.crash();
    host.stop_what_is_unknown();
}

/// Some open work is answered, perhaps twice, perhaps as if it had been answered before.
fn answer(host: &mut Host, dice: &mut Dice) {
    if host.open.is_empty() {
        return;
    }
    let index = usize::try_from(dice.roll(host.open.len() as u64)).unwrap();
    let effect = if dice.one_in(10) { host.open[index].clone() } else { host.open.remove(index) };
    let report = match &effect.kind {
        EffectKind::RunStep(run) => {
            let check = HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({})) };
            run.report(match dice.roll(9) {
                0 => Err(StepError::failed("no")),
                1 => Err(StepError::retryable("try again")),
                2 => Ok(StepProgress::waiting_on(WakeKey::custom("app", "a"))),
                3 => Ok(StepProgress::skipped()),
                4 => Ok(StepProgress::done(json!({"commit": "9c1d77e"})).health(check)),
                5 => return host.open.push(effect),
                _ => Ok(StepProgress::done(json!({"commit": "9c1d77e"}))),
            })
        }
        EffectKind::Prepare(prepare) => prepare.report(Prepared::Skip),
        EffectKind::Discover(discover) => discover.report(Err(PortError::retryable("down"))),
        EffectKind::ObserveHealth(observe) => {
            let states = [HealthState::Healthy, HealthState::Healthy, HealthState::Progressing, HealthState::Unhealthy];
            observe.report(Ok(Health { status: Some(dice.pick(&states).clone()), ..Health::default() }))
        }
        EffectKind::Verify(verify) => {
            let phases = ["Successful", "Successful", "Failed", "Running", "Error", "Inconclusive"];
            verify.report(if verify.asked == Asked::Start && dice.one_in(4) {
                Err(PortError::retryable("down"))
            } else {
                Ok(Verdict::new(*dice.pick(&phases)))
            })
        }
        _ => return,
    };
    host.report(report.clone());
    if dice.one_in(5) {
        host.report(report);
    }
}

/// What holds whatever happened (control 13).
fn check(host: &Host, ends: &mut BTreeMap<String, (PromotionPhase, String)>) {
    let world = host.engine.world();
    for stage in world.stages() {
        let running: Vec<_> = stage
            .open_promotions()
            .filter(|promotion| *promotion.phase() == PromotionPhase::Running)
            .map(kargo_core::world::PromotionView::name)
            .collect();
        assert!(running.len() <= 1, "inv. 1: {running:?}");
        if let Some(running) = running.first() {
            assert_eq!(stage.current_promotion(), Some(*running), "inv. 1");
        }
        if let Some(current) = stage.current_promotion() {
            assert!(!world.promotion(current).unwrap().is_over(), "{} keeps {current}, which has ended", stage.name());
        }
        assert!(stage.history().count() <= 10, "inv. 10");
        let newest_alone = |held: &kargo_core::world::Held| {
            let open = |info: &kargo_core::model::VerificationInfo| {
                !info.phase.as_ref().is_some_and(VerificationPhase::is_terminal)
            };
            assert!(held.verifications.len() <= 10, "inv. 10");
            held.verifications.iter().skip(1).all(|info| !open(info))
        };
        assert!(stage.history().all(newest_alone), "inv. 38");
        for freight in world.all_freight() {
            let is_in = freight.visit(stage.name()).is_some_and(|visit| visit.current.is_some());
            let is_member = stage.current().is_some_and(|held| held.includes(freight.name()));
            assert_eq!(is_in, is_member, "inv. 11: {} in {}", freight.called(), stage.name());
        }
        if stage.noun().is_control_flow() {
            assert!(stage.current().is_none() && stage.promotions().next().is_none(), "inv. 55");
        }
    }
    for promotion in world.promotions() {
        let status = &promotion.noun().status;
        let known = ends.get(promotion.name());
        if promotion.is_over() {
            assert!(status.finished_at.is_some(), "inv. 5");
            assert!(status.started_at.is_none_or(|started| Some(started) <= status.finished_at), "inv. 5");
            let end = (promotion.phase().clone(), format!("{:?}", status.finished_at));
            match known {
                Some(before) => assert_eq!(*before, end, "inv. 2"),
                None => drop(ends.insert(promotion.name().to_owned(), end)),
            }
            if status.started_at.is_none() {
                assert!(
                    matches!(promotion.phase(), PromotionPhase::Aborted | PromotionPhase::Errored),
                    "inv. 6, rules 7"
                );
            }
        } else {
            assert!(known.is_none(), "inv. 2: {} lives again", promotion.name());
        }
    }
    // Positions are dense, time does not run backwards, causes lie before.
    let mut last = None;
    for (index, recorded) in host.log.iter().enumerate() {
        assert_eq!(recorded.position.get(), index as u64 + 1);
        assert!(last.is_none_or(|last| last <= recorded.at), "rules 5");
        assert!(recorded.cause.is_none_or(|cause| cause < recorded.position));
        last = Some(recorded.at);
    }
}

/// Nothing waits without anything that could end it (law 5; control 13, invariant 56): whatever stands still names what it waits
/// for, what ends at an instant is due by then, and what waits outside untold is looked at.
fn check_alive(host: &Host) {
    let engine = &host.engine;
    let deadline = engine.deadline().unwrap_or(kargo_core::Timestamp::MAX_UTC);
    let still = engine.standstills(host.now, &StallLimits::default());
    for standstill in &still {
        if let Some(until) = standstill.until {
            assert!(deadline <= until.max(host.now), "{standstill} is not due by then, but at {deadline}");
        }
        match &standstill.because {
            StillBecause::Nothing => panic!("{standstill}"),
            // A POST is never repeated to look, so it waits for its key alone.
            StillBecause::Waiting { on } => {
                assert!(!on.is_empty(), "{standstill}");
                let is_polled = !matches!(&standstill.what, Still::Step { step, .. } if &**step == "c");
                let soon = host.now + Duration::from_secs(300).to_delta();
                assert!(!is_polled || deadline <= soon, "{standstill}: nobody looks before {deadline}");
            }
            StillBecause::NotStopping { effect } => {
                assert!(
                    engine.stopping().any(|known| known == effect) || engine.pending().any(|owed| owed.id == *effect)
                );
            }
            StillBecause::Behind { promotion } => {
                assert!(!engine.world().promotion(&**promotion).unwrap().is_over(), "{standstill}");
            }
            _ => {}
        }
    }
    for promotion in engine.world().promotions().filter(|promotion| *promotion.phase() == PromotionPhase::Running) {
        let is_of = |effect: &Effect| match &effect.kind {
            EffectKind::RunStep(run) => *run.promotion == *promotion.name(),
            EffectKind::Prepare(prepare) => *prepare.promotion == *promotion.name(),
            _ => false,
        };
        let stands = still.iter().any(|standstill| match &standstill.what {
            Still::Step { promotion: of, .. } | Still::Promotion { promotion: of, .. } => **of == *promotion.name(),
            _ => false,
        });
        assert!(engine.pending().any(is_of) || stands, "{} waits for nothing", promotion.name());
    }
    check_lanes(host);
}

/// At most one effect of a lane is in flight, across promotions, but for a way back that looks first (rules 4).
fn check_lanes(host: &Host) {
    let runs = |effects: Vec<&Effect>| -> Vec<kargo_core::engine::RunStep> {
        let run = |effect: &Effect| if let EffectKind::RunStep(run) = &effect.kind { Some(run.clone()) } else { None };
        effects.into_iter().filter_map(run).collect()
    };
    let owed = runs(host.engine.pending().collect());
    let is_stopping = |effect: &&Effect| host.engine.stopping().any(|id| *id == effect.id);
    let stopping = runs(host.open.iter().filter(is_stopping).collect());
    for (index, one) in owed.iter().enumerate() {
        for other in owed[index + 1..].iter().chain(&stopping) {
            let meet = one.lanes.iter().any(|lane| other.lanes.iter().any(|other| lane.conflicts_with(other)));
            let apart = one.promotion != other.promotion && !one.probe && !other.probe;
            assert!(!(meet && apart), "{} and {} are in one lane", one.effect, other.effect);
        }
    }
}

fn run(seed: u64, steps: usize, kinds: &mut BTreeMap<String, usize>) -> String {
    let mut dice = Dice(seed | 1);
    let text = pipeline(&mut dice);
    let mut host = Host::new(&text);
    host.replays = false;
    let mut ends = BTreeMap::new();
    for step in 0..steps {
        happen(&mut host, &mut dice);
        check(&host, &mut ends);
        if step % 16 == 0 {
            host.check_replay();
            check_alive(&host);
        }
    }
    host.check_replay();
    // What is quiet stays quiet (inv. 49).
    host.tick();
    assert_eq!(host.tick(), 0, "{}", host.story());
    for recorded in &host.log {
        let kind = match &recorded.event {
            Event::Commanded { command, .. } => format!("command {command}"),
            Event::Reported { report, .. } => format!("report {report}"),
            other => format!("{other:?}").split([' ', '{', '(']).next().unwrap().to_owned(),
        };
        *kinds.entry(kind).or_default() += 1;
    }
    let bytes: Vec<_> =
        host.log.iter().map(|recorded| String::from_utf8(recorded.to_bytes().unwrap()).unwrap()).collect();
    bytes.join("\n")
}

/// So many cases, times `KARGO_SOAK`.
pub(crate) fn cases(number: u32) -> ProptestConfig {
    let times = std::env::var("KARGO_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    ProptestConfig { cases: number.saturating_mul(times), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn control_13_random_histories_keep_the_invariants(seed in any::<u64>()) {
        let mut kinds = BTreeMap::new();
        let first = run(seed, 200, &mut kinds);
        // Law 8: the same again, byte for byte.
        prop_assert_eq!(first, run(seed, 200, &mut kinds));
    }
}

#[test]
fn every_kind_of_event_occurs_in_random_histories() {
    let mut kinds = BTreeMap::new();
    for seed in 1..=24_u64 {
        run(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), 150, &mut kinds);
    }
    println!("{kinds:#?}");
    for kind in [
        "Approved",
        "Rejected",
        "Unrejected",
        "Paused",
        "Resumed",
        "HoldReleased",
        "PromotionCreated",
        "PromotionCurrent",
        "PromotionDropped",
        "Promotion",
        "PromotionSettled",
        "HealthChanged",
        "ReverifyAsked",
        "VerificationBegun",
        "Verification",
        "VerdictCounted",
        "Verified",
        "LateOutcome",
        "Ticked",
    ] {
        assert!(kinds.get(kind).is_some_and(|count| *count > 0), "{kind} never occurred: {kinds:#?}");
    }
}
