//! What waits is told or looked at: wake sources and polls (rules 1 and 3; architecture, law 5).

use std::collections::BTreeSet;

use kargo_core::{
    Effect, EffectKind, Engine, Report,
    command::{Delete, Promote},
    engine::{LookCounts, RunStep},
    model::{Duration, Health, HealthCheckStep, HealthState, Kind},
    report::{StepProgress, WakeKey, WakeSource},
    verification::{Asked, Verdict},
    world::Place,
};
use serde_json::json;

use crate::{
    host::{Host, at, genesis},
    shop::{PLAIN, VERIFIED},
};

fn app() -> WakeKey {
    WakeKey::application("argocd", "cart")
}

fn watch() -> WakeSource {
    WakeSource::of("application")
}

/// A step waits for an Application since 12:00:00, and wants to be looked after every 30 s.
fn waiting() -> Host {
    let mut host = Host::new(&PLAIN.replacen("spec: { subscriptions", "spec: { interval: 240h, subscriptions", 1));
    host.replays = false;
    host.found("cart", &["1.4.2"]);
    let run = take(&mut host).remove(0);
    host.report(run.report(wait()));
    host
}

fn wait() -> crate::host::Answer {
    Ok(StepProgress::waiting_on(app()).poll_every(std::time::Duration::from_secs(30)))
}

/// The attempts and looks that were handed out, which are taken.
fn take(host: &mut Host) -> Vec<RunStep> {
    let is_run = |effect: &Effect| matches!(effect.kind, EffectKind::RunStep(_));
    let (runs, others): (Vec<_>, Vec<_>) = std::mem::take(&mut host.open).into_iter().partition(is_run);
    host.open = others;
    let run = |effect: Effect| if let EffectKind::RunStep(run) = effect.kind { Some(run) } else { None };
    runs.into_iter().filter_map(run).collect()
}

/// The instants at which the step is looked after up to an instant, answered each time with nothing new; the watch is heard every
/// so many seconds, if at all.
fn looks(host: &mut Host, until: &str, heard_every: Option<i64>) -> Vec<i64> {
    let (start, end) = (host.now, at(until));
    let mut found = Vec::new();
    let mut heard = heard_every.map(|_| host.now);
    loop {
        for run in take(host) {
            found.push((host.now - start).num_milliseconds());
            assert_eq!(host.report(run.report(wait())), 0, "nothing new leaves no event");
        }
        let next = host.engine.deadline().into_iter().chain(heard).min().map(|next| next.max(host.now));
        let Some(next) = next.filter(|next| *next <= end) else { break };
        host.now = next;
        if heard == Some(next) {
            assert_eq!(host.report(Report::source_heard(watch())), 0, "a heartbeat leaves no event");
            heard = heard_every.map(|every| next + Duration::from_secs(every).to_delta());
        } else {
            host.tick();
        }
    }
    host.now = end;
    found
}

#[test]
fn rules_3_without_a_source_polls_double_to_five_minutes_and_a_change_resets_them() {
    let mut host = waiting();
    let seconds = |found: Vec<i64>| found.into_iter().map(|millis| millis / 1_000).collect::<Vec<_>>();
    assert_eq!(seconds(looks(&mut host, "2026-11-24T12:20:00Z", None)), [30, 90, 210, 450, 750, 1_050]);
    assert_eq!(host.engine.look_counts().steps, 6);
    // Something else to say is a change.
    let again = Ok(StepProgress::waiting_on(app()).poll_every(std::time::Duration::from_secs(30)).message("Syncing"));
    host.until("2026-11-24T12:22:30Z");
    let look = take(&mut host).remove(0);
    assert!(host.report(look.report(again)) > 0);
    let deadline = host.engine.deadline().unwrap();
    assert_eq!(deadline, at("2026-11-24T12:23:00Z"));
}

#[test]
fn rules_3_while_its_source_is_heard_a_wait_is_not_polled_and_when_it_falls_silent_once_at_once() {
    let mut host = waiting();
    let before = host.log.len();
    // Heard for the first time: what happened before nobody has told, so it is looked at once, ten seconds after the attempt.
    assert_eq!(looks(&mut host, "2026-11-24T13:00:00Z", Some(10)), [10_000]);
    assert_eq!(host.log.len(), before);
    // The last heartbeat was at 13:00:00: it is stale after ten seconds, and then polls begin anew.
    let stale = 10_001;
    let expected = [0, 30, 90, 210, 450].map(|more| stale + more * 1_000);
    assert_eq!(looks(&mut host, "2026-11-24T13:10:00Z", None), expected);
    // Heard again: once, and no more. A signal still wakes.
    assert_eq!(looks(&mut host, "2026-11-24T14:00:00Z", Some(10)), [0]);
    assert_eq!(host.log.len(), before);
    assert!(host.report(Report::signal(app())) > 0);
    assert_eq!(take(&mut host).len(), 1);
}

#[test]
fn rules_3_a_source_that_is_lost_and_found_asks_once_each_time_and_never_within_ten_seconds() {
    let mut host = waiting();
    host.report(Report::source_heard(watch()));
    assert_eq!(looks(&mut host, "2026-11-24T12:05:00Z", Some(5)), [10_000]);
    let (mut asked, start) = (Vec::new(), host.now);
    for second in 0..60 {
        host.now = start + Duration::from_secs(second).to_delta();
        host.tick();
        host.report(Report::source_lost(watch()));
        host.report(Report::source_heard(watch()));
        for run in take(&mut host) {
            asked.push(second);
            host.report(run.report(wait()));
        }
    }
    assert_eq!(asked, [0, 10, 20, 30, 40, 50], "bounded, however often the connection breaks");
    // What another source tells is none of this one's business.
    let counts = host.engine.look_counts();
    host.now += Duration::from_secs(5).to_delta();
    host.report(Report::source_heard(WakeSource::of("pull-request")));
    host.report(Report::source_lost(WakeSource::of("application").within("other/")));
    assert_eq!(host.engine.look_counts(), counts);
}

#[test]
fn rules_3_what_was_missed_while_an_attempt_was_under_way_is_looked_for() {
    let mut host = Host::new(PLAIN);
    host.replays = false;
    host.report(Report::source_heard(watch()));
    host.found("cart", &["1.4.2"]);
    let run = take(&mut host).remove(0);
    // The source was heard all the time: nothing can have been missed.
    let mut whole = Host { engine: host.engine.fork(), log: host.log.clone(), replays: false, ..Host::bare() };
    whole.report(run.report(wait()));
    assert!(looks(&mut whole, "2026-11-24T12:02:00Z", Some(5)).is_empty());
    // It broke off meanwhile.
    host.report(Report::source_lost(watch()));
    host.report(Report::source_heard(watch()));
    host.report(run.report(wait()));
    assert_eq!(looks(&mut host, "2026-11-24T12:02:00Z", Some(5)), [10_000]);
}

#[test]
fn rules_1_after_a_fold_every_look_is_due_at_once_and_they_are_spread() {
    let warehouse = |number: usize| {
        format!(
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Warehouse\nmetadata: {{ name: w{number}, namespace: shop }}\nspec: {{ interval: 240h, subscriptions: [{{ image: {{ repoURL: ghcr.io/acme/cart }} }}] }}\n"
        )
    };
    let mut host = Host::new(&(0..30).map(warehouse).collect::<String>());
    host.replays = false;
    let mut engine = Engine::replay(genesis(), None, host.log.iter().cloned()).unwrap();
    let start = at("2026-12-01T00:00:00Z");
    assert!(engine.deadline().unwrap() <= start, "the first tick is due at once");
    let mut instants = BTreeSet::new();
    let mut now = start;
    while let Some(deadline) = engine.deadline().filter(|due| *due <= start + Duration::from_secs(10).to_delta()) {
        now = now.max(deadline);
        let handed = engine.tick(now).appended().start.len();
        instants.extend((0..handed).map(|_| (now - start).num_milliseconds()));
    }
    assert_eq!(engine.look_counts(), LookCounts { discoveries: 30, ..LookCounts::default() });
    assert!(instants.len() > 20, "{instants:?}");

    // A step that waits, too, and its polls begin anew.
    let mut host = waiting();
    assert!(looks(&mut host, "2026-11-24T12:20:00Z", None).len() > 4);
    host.crash();
    let found = looks(&mut host, "2026-11-24T12:21:30Z", None);
    let apart: Vec<_> = found.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!((0..=10_000).contains(&found[0]) && apart == [30_000], "{found:?}");
}

#[test]
fn law_2_heartbeats_of_30_days_leave_no_event() {
    let mut host = waiting();
    assert_eq!(looks(&mut host, "2026-11-24T12:05:00Z", Some(10)), [10_000]);
    let mut engine = host.engine.fork();
    let (mut now, before) = (host.now, engine.position());
    for _ in 0..(30 * 24 * 3_600 / 10) {
        now += Duration::from_secs(10).to_delta();
        assert!(engine.report(now, Report::source_heard(watch())).events().is_empty());
        if engine.deadline().is_some_and(|deadline| deadline <= now) {
            assert!(engine.tick(now).events().is_empty());
        }
    }
    assert_eq!(engine.position(), before);
    assert_eq!(engine.look_counts().steps, 1, "not polled, but for the one look as the source was first heard");
}

/// The looks at the run of a verification that are open, answered with nothing new.
fn verifies(host: &mut Host) -> usize {
    let is_look = |effect: &Effect| matches!(&effect.kind, EffectKind::Verify(verify) if verify.asked == Asked::Look);
    let (looks, others): (Vec<_>, Vec<_>) = std::mem::take(&mut host.open).into_iter().partition(is_look);
    host.open = others;
    for effect in &looks {
        let EffectKind::Verify(verify) = &effect.kind else { continue };
        host.report(verify.report(Ok(Verdict::new("Running"))));
    }
    looks.len()
}

#[test]
fn rules_3_runs_of_verifications_are_not_polled_while_their_source_is_heard() {
    let mut host = Host::new(VERIFIED);
    host.replays = false;
    host.found("cart", &["1.4.2"]);
    host.work();
    host.report(Report::source_heard(WakeSource::of("verification")));
    host.verdict("Running");
    let id = host.engine.world().stage("uat").unwrap().current().unwrap().verifications[0].id.clone().unwrap();
    let mut polled = 0;
    let mut beat = |host: &mut Host, seconds: i64, heard: bool| {
        let mut looked = 0;
        for _ in 0..seconds {
            host.now += Duration::from_secs(1).to_delta();
            if heard {
                host.report(Report::source_heard(WakeSource::of("verification")));
            }
            host.tick();
            looked += verifies(host);
        }
        polled += looked;
        looked
    };
    // The start was under way as the source was first heard.
    assert_eq!(beat(&mut host, 600, true), 1);
    host.report(Report::signal(WakeKey::verification(&id)));
    assert_eq!(verifies(&mut host), 1, "a signal is heard at once");
    assert_eq!(beat(&mut host, 600, true), 0);
    assert_eq!(beat(&mut host, 25, false), 2, "once at once, and then every ten seconds");
    assert_eq!(host.engine.look_counts().verifications, 4);
}

#[test]
fn rules_3_health_is_not_polled_while_its_source_is_heard() {
    let mut host = Host::new(PLAIN);
    host.replays = false;
    let check = HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({"apps": []})) };
    host.answers.insert("push".into(), vec![Ok(StepProgress::done(json!({})).health(check))]);
    let heard = || Report::source_heard(WakeSource::of("health").within("uat"));
    host.report(heard());
    host.found("cart", &["1.4.2"]);
    host.work();
    let healthy = Health { status: Some(HealthState::Healthy), ..Health::default() };
    let observe = |host: &mut Host, answer: &dyn Fn(&kargo_core::engine::ObserveHealth) -> Report| {
        let is_look = |effect: &Effect| matches!(effect.kind, EffectKind::ObserveHealth(_));
        let (looks, others): (Vec<_>, Vec<_>) = std::mem::take(&mut host.open).into_iter().partition(is_look);
        host.open = others;
        for effect in &looks {
            let EffectKind::ObserveHealth(look) = &effect.kind else { continue };
            host.report(answer(look));
        }
        looks.len()
    };
    let seen = |look: &kargo_core::engine::ObserveHealth| look.report(Ok(healthy.clone()));
    assert_eq!(observe(&mut host, &seen), 1, "what was promoted is looked at once");
    let beat = |host: &mut Host, seconds: i64, heard: &dyn Fn() -> Option<Report>| {
        let mut looked = 0;
        for _ in 0..seconds {
            host.now += Duration::from_secs(1).to_delta();
            if let Some(report) = heard() {
                host.report(report);
            }
            host.tick();
            looked += observe(host, &seen);
        }
        looked
    };
    assert_eq!(beat(&mut host, 700, &|| Some(heard())), 0);
    host.report(Report::signal(WakeKey::health("uat")));
    // A look that fails says nothing, so another one follows.
    let fails =
        |look: &kargo_core::engine::ObserveHealth| look.report(Err(kargo_core::report::PortError::retryable("down")));
    assert_eq!(observe(&mut host, &fails), 1);
    assert_eq!(beat(&mut host, 60, &|| Some(heard())), 1);
    assert_eq!(beat(&mut host, 11, &|| None), 1, "the source fell silent");
    host.report(Report::health(
        Place::stage("uat"),
        Health { status: Some(HealthState::Unhealthy), ..Health::default() },
    ));
    assert_eq!(host.engine.world().stage("uat").unwrap().health().unwrap().status, Some(HealthState::Unhealthy));
}

#[test]
fn rules_4_with_a_stage_that_is_deleted_the_run_of_its_verification_is_stopped() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.verdict("Running");
    let before = host.engine.world().stage("uat").unwrap().noun().clone();
    host.command(Delete::new(Kind::Stage, "uat").by("email:ana@acme.example")).unwrap();
    let stop = |host: &Host| {
        let verify = |effect: &Effect| match &effect.kind {
            EffectKind::Verify(verify) if verify.asked == Asked::Stop => Some(verify.clone()),
            _ => None,
        };
        host.engine.pending().find_map(verify)
    };
    assert!(stop(&host).is_some() && host.story().contains("verification: Abort"), "{}", host.story());
    // Also after a crash, and a Stage of that name that comes meanwhile has nothing to do with it.
    host.crash();
    host.command(kargo_core::command::Apply::objects([before.into()]).by("email:ana@acme.example")).unwrap();
    let stop = stop(&host).unwrap();
    host.report(stop.report(Ok(Verdict::new("Aborted"))));
    assert_eq!(host.engine.pending().filter(|effect| matches!(effect.kind, EffectKind::Verify(_))).count(), 0);
    assert!(host.engine.world().stage("uat").unwrap().history().all(|held| held.verifications.is_empty()));
}

#[test]
fn control_3_1_what_is_queued_behind_others_says_so() {
    let mut host = waiting();
    let freight = host.engine.world().all_freight().next().unwrap().name().to_string();
    let promote = || Promote::to("uat").freight(&*freight).by("email:ana@acme.example");
    host.command(promote()).unwrap();
    let first = host.engine.world().promotions().last().unwrap().name().to_owned();
    let plan = host.engine.plan(host.now, promote()).unwrap();
    let (name, waits) = &plan.waits()[0];
    assert_eq!(*waits, format!("queued behind {first}"));
    assert!(plan.to_string().contains(&format!("{name} waits: queued behind {first}")), "{plan}");
}
