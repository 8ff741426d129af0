//! Liveness: what may go goes at once or at an instant that is known; nothing waits for nothing (control 13, invariants 49 and 56).

use std::collections::BTreeMap;

use kargo_core::{
    EffectKind, Report, Timestamp,
    command::Resume,
    eligible,
    model::{Duration, Health, HealthState},
    policy::{NextTurn, automation, next_turn, withdrawn},
    promotion::Prepared,
    report::{PortError, StepProgress, WakeKey},
    verification::Verdict,
};
use serde_json::json;

use crate::{
    host::Host,
    random::{Dice, cases, happen, pipeline},
};

/// What could happen by itself at an instant, if nothing else happens before: the engine should have said so.
fn possible(host: &Host, at: Timestamp) -> Vec<String> {
    let mut found = Vec::new();
    for stage in host.engine.world().stages() {
        let name = stage.name();
        if stage.noun().is_control_flow() {
            for request in stage.requests() {
                let passes = eligible::list(stage, &request.origin, None, at);
                let new = passes.filter(|freight| freight.visit(name).and_then(|visit| visit.verified()).is_none());
                found.extend(new.map(|freight| format!("{} passes {name}", freight.called())));
            }
            continue;
        }
        let goes = automation(stage, at).into_iter().filter(|wish| wish.blocked.is_none());
        found.extend(goes.filter_map(|wish| Some(format!("{} goes to {name}", wish.candidate?.called()))));
        if let turn @ (NextTurn::Start { .. } | NextTurn::Refuse { .. }) = next_turn(stage, at) {
            found.push(format!("{turn:?}"));
        }
        found.extend(withdrawn(stage, at).map(|(promotion, _)| format!("{promotion} is withdrawn")));
    }
    found
}

/// Nothing can happen by itself until just before the next deadline.
fn check_settled(host: &Host) {
    let far = || host.now + Duration::from_secs(30 * 24 * 3600).to_delta();
    let before = host.engine.deadline().map_or_else(far, |at| at - chrono::TimeDelta::milliseconds(1));
    if before < host.now {
        return;
    }
    for at in [host.now, before] {
        let possible = possible(host, at);
        assert!(possible.is_empty(), "at {at} (now {}): {possible:#?}\n{}", host.now, host.story());
    }
}

/// Everybody does what they should from here on.
fn finish(host: &mut Host) {
    let stages: Vec<_> = host.engine.world().stages().map(|stage| stage.name().to_owned()).collect();
    for stage in stages {
        host.command(Resume::stage(stage.as_str()).by("admin")).unwrap();
    }
    let end = host.now + Duration::from_secs(24 * 3600).to_delta();
    let mut rounds = 0;
    while host.now < end {
        rounds += 1;
        assert!(rounds < 20_000, "time stands still at {}: {:?}\n{}", host.now, host.engine.deadline(), host.story());
        host.report(Report::signal(WakeKey::custom("app", "a")));
        let mut answers = 0;
        while let Some(effect) = host.open.pop() {
            answers += 1;
            assert!(answers < 1_000, "work without end: {effect:?}\n{}", host.story());
            let report = match &effect.kind {
                EffectKind::RunStep(run) => run.report(Ok(StepProgress::done(json!({})))),
                EffectKind::Prepare(prepare) => prepare.report(Prepared::Skip),
                EffectKind::Discover(discover) => discover.report(Err(PortError::retryable("down"))),
                EffectKind::ObserveHealth(look) => {
                    look.report(Ok(Health { status: Some(HealthState::Healthy), ..Health::default() }))
                }
                EffectKind::Verify(verify) => verify.report(Ok(Verdict::new("Successful"))),
                _ => continue,
            };
            host.report(report);
        }
        check_settled(host);
        let open = host.engine.world().promotions().any(|promotion| !promotion.is_over());
        if !open && host.engine.pending().next().is_none() {
            return;
        }
        host.now = host.now.max(host.engine.deadline().unwrap_or(end));
        host.tick();
    }
    let world = host.engine.world();
    let open: BTreeMap<_, _> = world
        .promotions()
        .filter(|promotion| !promotion.is_over())
        .map(|promotion| {
            let turn = promotion.stage().map(|stage| next_turn(stage, host.now));
            (promotion.name(), format!("{}: {turn:?}", promotion.phase()))
        })
        .collect();
    panic!("never ends: {open:#?}, owed {:#?}\n{}", host.engine.pending().collect::<Vec<_>>(), host.story());
}

/// After every input of random histories; and in the end everything ends.
#[test]
fn control_13_56_what_may_go_goes_and_everything_ends() {
    for seed in 1..=u64::from(cases(24).cases) {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut host = Host::new(&pipeline(&mut dice));
        host.replays = false;
        for _ in 0..120 {
            happen(&mut host, &mut dice);
            check_settled(&host);
        }
        finish(&mut host);
    }
}
