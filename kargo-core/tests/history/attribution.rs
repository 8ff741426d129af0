//! Requirements E5: queued + running + waiting + idle is wall time.

use kargo_core::{
    Event, Origin, Report,
    command::{Abort, Promote, Rollback},
    engine::Shares,
    model::Duration,
    report::{StepError, StepProgress, WakeKey},
};
use proptest::prelude::*;

use crate::{
    host::{ANA, Host, SHOP, at, done},
    random::{Kind, cases, history},
};

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn e5_the_parts_are_the_whole(seed in any::<u64>(), moment in 0_u64..200) {
        let host = history(seed, 60, Kind::Wild);
        let history = host.history();
        let when = kargo_core::Position::new(moment.min(history.end().get()));
        for recorded in history.log() {
            let Event::PromotionCreated { promotion, .. } = &recorded.event else { continue };
            let name = promotion.metadata.name.as_str();
            let in_time = recorded.position <= when;
            prop_assert_eq!(history.times(name, when).is_ok(), in_time);
            let at_the_end = history.times(name, host.now).unwrap();
            for times in history.times(name, when).into_iter().chain([at_the_end]) {
                prop_assert_eq!(times.from, recorded.at);
                prop_assert_eq!(times.parts.whole(), times.wall(), "{}", times);
                for step in &times.steps {
                    prop_assert_eq!(step.parts.whole(), step.wall(), "{}", times);
                    prop_assert!(step.spans.iter().all(|(from, to)| times.from <= *from && from <= to && *to <= times.to));
                }
                // What is queued has reached no step; what ran is in a step too.
                let in_steps = |part: fn(&Shares) -> Duration| {
                    times.steps.iter().map(|step| part(&step.parts).as_nanos()).sum::<i64>()
                };
                prop_assert!(times.parts.running.as_nanos() <= in_steps(|parts| parts.running));
                prop_assert!(times.parts.waited().as_nanos() <= in_steps(Shares::waited));
            }
            let ended = history.log().iter().find(|other| matches!(&other.event,
                Event::Promotion { promotion, happened: kargo_core::promotion::RunEvent::Phase(kargo_core::promotion::PhaseEvent::End { .. }) } if **promotion == *name));
            let times = history.times(name, host.now).unwrap();
            prop_assert_eq!(times.over, ended.is_some());
            prop_assert_eq!(times.to, ended.map_or(host.now, |ended| ended.at));
        }
    }
}

/// A promotion to prod that waits for a ticket and fails once.
fn ticket() -> Host {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    host.pass(6);
    host.answer("push", done());
    host.until("2026-11-24T13:20:11Z");
    let newest = Promote::to("prod").newest(Origin::warehouse("cart")).by(ANA).because("release notes are out");
    host.command(newest).unwrap();
    host.pass(60);
    let key = || WakeKey::custom("ticket", "CHG-1042");
    host.answer("change", Ok(StepProgress::waiting_on(key())));
    host.pass(2_280);
    host.report(Report::signal(key()));
    host.pass(7);
    host.answer("change", Err(StepError::retryable("the desk is closed")));
    host.pass(10);
    host.answer("change", done());
    host.pass(50);
    host.answer("push", done());
    host
}

#[test]
fn e5_a_step_says_what_it_waited_for() {
    let host = ticket();
    let times = host.history().times(host.newest(), host.now).unwrap();
    let text = times.to_string().replace(&host.newest(), "prod.X");
    insta::assert_snapshot!(text, @"
    prod.X: waited 38m4s of 40m7s: 4s on the next attempt, 38m on ticket/CHG-1042; 0s idle
      1 change: waited 38m4s of 39m17s: 4s on the next attempt, 38m on ticket/CHG-1042; 0s idle
      2 push: waited 0s of 50s; 0s idle
    ");
    assert_eq!(times.wall(), times.parts.whole());
    assert!(times.over && times.to == host.now && times.from == at("2026-11-24T13:20:11Z"));
}

#[test]
fn e5_rules_4_what_waits_for_a_lane_is_queued() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    let first = host.newest();
    host.command(Promote::to("uat").newest(Origin::warehouse("cart")).by(ANA)).unwrap();
    let second = host.newest();
    host.pass(60);
    // The first is to stop, and keeps its lane until it has: the second is current meanwhile.
    host.command(Abort::promotion(&*first).by(ANA)).unwrap();
    host.pass(40);
    host.answer("push", done());
    host.pass(5);
    host.answer("push", done());
    let times = host.history().times(&second, host.now).unwrap();
    insta::assert_snapshot!(times.to_string().replace(&second, "uat.X"), @"
    uat.X: waited 0s of 1m45s; 1m40s queued; 0s idle
      1 push: waited 0s of 45s; 40s queued; 0s idle
    ");
    assert_eq!(times.parts.running, Duration::from_secs(5));
}

#[test]
fn e5_rules_4_a_way_back_is_queued_for_the_grace_alone() {
    let mut host = Host::new(SHOP);
    for tags in [&["1.4.1"][..], &["1.4.2", "1.4.1"]] {
        host.found("cart", tags);
        host.answer("push", done());
        host.pass(60);
    }
    host.found("cart", &["1.4.3", "1.4.2"]);
    host.command(Rollback::of("uat").by(ANA)).unwrap();
    let back = host.newest();
    host.pass(45);
    host.answer("push", done());
    let times = host.history().times(&back, host.now).unwrap();
    insta::assert_snapshot!(times.to_string().replace(&back, "uat.X"), @"
    uat.X: waited 0s of 45s; 30s queued; 0s idle
      1 push: waited 0s of 45s; 30s queued; 0s idle
    ");
}

#[test]
fn e5_what_has_not_ended_is_told_up_to_the_moment() {
    let mut host = Host::new(SHOP);
    host.found("cart", &["1.4.2"]);
    let name = host.newest();
    host.now = at("2026-11-24T12:30:00Z");
    let times = host.history().times(&name, host.now).unwrap();
    assert!(!times.over);
    assert_eq!(times.parts.to_string(), "waited 0s of 30m; 0s idle");
    assert_eq!(times.parts.running, times.wall());
    let missing = host.history().times("uat.none", host.now).unwrap_err();
    assert_eq!(missing.to_string(), "there is no Promotion \"uat.none\"");
}
