//! The way of freight through a pipeline, by hand and by itself (user-code 1).

use kargo_core::{
    Report,
    command::{Abort, Approve, Pause, Promote, Reject, Resume, Unreject},
    report::{StepError, StepProgress, WakeKey},
};

use crate::{
    host::{Host, at},
    shop::PLAIN,
};

#[test]
fn user_code_1_an_image_becomes_freight_and_moves_by_itself_where_policy_permits() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"));
    assert_eq!(host.holds("prod"), None);
    insta::assert_snapshot!(host.story(), @"
    12:00:00 #1 <- - Apply by admin
    12:00:00 #2 <- #1 defined Warehouse/cart
    12:00:00 #3 <- #1 defined Stage/uat
    12:00:00 #4 <- #1 defined Stage/prod
    12:00:00 #5 <- #1 defined ProjectConfig/shop
    12:00:00 #6 <- - reported Discovered
    12:00:00 #7 <- #6 discovered cart
    12:00:00 #8 <- #7 freight 1.4.2
    12:00:00 #9 <- #8 created for uat
    12:00:00 #10 <- #9 current in uat
    12:00:00 #11 <- #10 begins
    12:00:00 #12 <- #11 step 0: Start
    12:00:00 #13 <- #12 reported Returned
    12:00:00 #14 <- #13 step 0: Finish
    12:00:00 #15 <- #14 ends Succeeded
    12:00:00 #16 <- #15 settled in uat, moved
    12:00:00 #17 <- #16 health of uat: Healthy
    12:00:00 #18 <- #17 verification begins in uat: Successful
    12:00:00 #19 <- #18 verdict in uat: Successful, +1 -0
    ");

    // The same look again leaves no trace.
    assert_eq!(host.found("cart", &["1.4.2"]), 0);
}

#[test]
fn control_1_5_a_soak_ends_at_its_instant() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    host.work();
    let promote = || Promote::to("prod").newest(kargo_core::Origin::warehouse("cart")).by("email:ana@acme.example");
    host.until("2026-11-24T12:59:59Z");
    assert!(host.command(promote()).is_err());
    host.until("2026-11-24T13:00:00Z");
    host.command(promote()).unwrap();
    host.work();
    assert_eq!(host.holds("prod").as_deref(), Some("1.4.2"));
}

#[test]
fn user_code_3_a_rejected_freight_is_refused_with_who_and_why() {
    let mut host = Host::new(PLAIN);
    host.command(Pause::stage("uat").by("email:ana@acme.example")).unwrap();
    host.found("cart", &["1.4.2"]);
    let freight = host.engine.world().all_freight().next().unwrap();
    let (name, alias) = (freight.name().to_string(), freight.called().to_owned());
    host.command(Reject::new(&*name).in_stage("uat").by("email:ana@acme.example").because("drops coupons")).unwrap();
    let refusal = host.command(Promote::to("uat").freight(&*name).by("email:bob@acme.example")).unwrap_err();
    let text = refusal.to_string();
    assert!(text.starts_with(&format!("refused: uat <- {alias}\n└─ ✗ {alias} was rejected in Stage uat by email:ana@acme.example: \"drops coupons\"")), "{text}");
    host.command(Unreject::new(&*name)).unwrap();
    // Paused: accepted and queued (rules 19).
    host.command(Promote::to("uat").freight(&*name).by("email:bob@acme.example")).unwrap();
    assert!(host.open.iter().all(kargo_core::Effect::is_look));
    host.command(Resume::stage("uat")).unwrap();
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"));
}

#[test]
fn control_8_4_an_approval_is_a_source() {
    let mut host = Host::new(PLAIN);
    host.answers.insert("push".into(), vec![Err(StepError::failed("no"))]);
    host.found("cart", &["1.4.2"]);
    host.work();
    assert_eq!(host.holds("uat"), None);
    let name = host.engine.world().all_freight().next().unwrap().name().to_string();
    assert!(host.command(Promote::to("prod").freight(&*name).by("admin")).is_err());
    host.command(Approve::new(&*name, "prod").by("admin")).unwrap();
    assert_eq!(host.command(Approve::new(&*name, "prod").by("admin")).unwrap(), 0);
    host.answers.clear();
    host.command(Promote::to("prod").freight(&*name).by("admin")).unwrap();
    host.work();
    assert_eq!(host.holds("prod").as_deref(), Some("1.4.2"));
}

#[test]
fn rules_3_a_signal_ends_a_wait_in_the_same_batch() {
    let mut host = Host::new(PLAIN);
    let key = || WakeKey::custom("ticket", "CHG-1");
    let waiting = Ok(StepProgress::waiting_on(key()));
    host.answers.insert("push".into(), vec![waiting, crate::host::done()]);
    host.found("cart", &["1.4.2"]);
    host.work();
    assert_eq!(host.engine.pending().count(), 0);
    assert_eq!(host.report(Report::signal(WakeKey::custom("ticket", "CHG-2"))), 0);
    host.report(Report::signal(key()));
    assert_eq!(host.engine.pending().count(), 1);
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"));
}

#[test]
fn rules_4_what_is_aborted_stays_in_flight_until_it_says_how_it_ended() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    let effect = host.open.iter().find(|effect| !effect.is_look()).cloned().unwrap();
    let promotion = host.engine.world().promotions().next().unwrap().name().to_owned();
    host.command(Abort::promotion(&*promotion).by("email:ana@acme.example")).unwrap();
    assert_eq!(host.cancelled, [effect.id.to_string()]);
    let kargo_core::EffectKind::RunStep(run) = &effect.kind else { panic!() };
    host.report(run.report(crate::host::done()));
    assert!(host.story().contains("LateOutcome"), "{}", host.story());
    assert_eq!(host.holds("uat"), None);
    assert_eq!(host.report(run.report(crate::host::done())), 0, "said twice");
    assert!(host.now >= at("2026-11-24T12:00:00Z"));
}

#[test]
fn rules_3_a_look_that_finds_a_step_done_is_the_last() {
    let two = PLAIN
        .replace("{ uses: git-push, as: push }", "{ uses: git-push, as: first }, { uses: argocd-update, as: push }");
    let mut host = Host::new(&two);
    host.answers
        .insert("push".into(), vec![Ok(StepProgress::waiting_on(WakeKey::custom("app", "a"))), crate::host::done()]);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.until("2026-11-24T12:00:11Z");
    host.work();
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"));
    // Nothing stays due: ticks at the deadlines lead on in time.
    let mut deadline = host.engine.deadline();
    for _ in 0..50 {
        host.now = deadline.unwrap_or(host.now);
        host.tick();
        assert!(host.engine.deadline() > deadline, "{deadline:?} stays due");
        deadline = host.engine.deadline();
    }
}

#[test]
fn law_8_what_happens_elsewhere_names_nothing_anew() {
    let names = |before: bool| {
        let mut host = Host::new(PLAIN);
        host.found("cart", &["1.4.2"]);
        host.work();
        if before {
            host.command(Pause::stage("prod").by("email:bob@acme.example")).unwrap();
        }
        host.command(Pause::stage("uat").by("email:ana@acme.example")).unwrap();
        host.command(Pause::stage("uat").until(at("2026-11-24T18:00:00Z")).by("email:ana@acme.example")).unwrap();
        let of_uat = host.engine.world().pauses().filter(|pause| pause.spec.stage.as_deref() == Some("uat"));
        let names: std::collections::BTreeSet<_> = of_uat.map(|pause| pause.metadata.name.clone()).collect();
        assert_eq!(names.len(), 2, "two at one instant have two names");
        names
    };
    assert_eq!(names(false), names(true));
}
