//! What the world says twice, too late, or of an attempt before the last one; and what it says while an attempt is under way
//! (rules 1, 3 and 4).

use kargo_core::{
    Effect, EffectKind, Event, Report,
    command::{Abort, AbortVerification},
    engine::RunStep,
    model::Duration,
    promotion::Prepared,
    report::{Fact, PortError, Seen, Signal, StepError, StepOutcome, StepProgress, WakeKey},
    verification::Verdict,
};
use serde_json::json;

use crate::{
    host::{Host, at, done},
    shop::{PLAIN, VERIFIED},
};

/// The attempts of steps that were handed out and not answered.
fn runs(host: &Host) -> Vec<RunStep> {
    let run = |effect: &Effect| match &effect.kind {
        EffectKind::RunStep(run) => Some(run.clone()),
        _ => None,
    };
    host.open.iter().filter_map(run).collect()
}

/// The only attempt that was handed out and not answered, which is taken.
fn take(host: &mut Host) -> RunStep {
    let found = runs(host);
    assert_eq!(found.len(), 1, "{}", host.story());
    host.open.retain(Effect::is_look);
    found[0].clone()
}

fn promoting() -> Host {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    host
}

fn ticket() -> WakeKey {
    WakeKey::custom("ticket", "CHG-1")
}

#[test]
fn rules_1_a_report_of_an_attempt_before_the_last_one_changes_nothing() {
    let mut host = Host::new(&PLAIN.replace("as: push", "as: push, retry: { errorThreshold: 3 }"));
    host.found("cart", &["1.4.2"]);
    let first = take(&mut host);
    let failed = || Err(StepError::retryable("busy"));
    host.report(first.report(failed()));
    host.until("2026-11-24T12:00:06Z");
    let second = take(&mut host);
    assert_eq!((first.attempt, second.attempt), (1, 2));
    assert_eq!(host.report(first.report(failed())), 0, "said twice");
    assert_eq!(host.report(first.report(done())), 0, "it was answered otherwise");
    assert_eq!(host.holds("uat"), None);
    host.report(second.report(done()));
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"));
}

#[test]
fn rules_3_a_look_that_ends_after_a_signal_woke_the_step_is_no_answer_of_the_new_attempt() {
    let mut host = promoting();
    let waiting = || Ok(StepProgress::waiting_on(ticket()).poll_every(std::time::Duration::from_secs(30)));
    let first = take(&mut host);
    host.report(first.report(waiting()));
    host.until("2026-11-24T12:00:40Z");
    let look = take(&mut host);
    host.report(Report::signal(ticket()));
    let second = take(&mut host);
    assert_eq!((look.attempt, second.attempt), (1, 2));
    assert_eq!(host.report(look.report(Err(StepError::failed("it was refused")))), 0);
    host.report(second.report(done()));
    assert_eq!(host.holds("uat").as_deref(), Some("1.4.2"));
}

#[test]
fn rules_3_a_signal_that_arrives_during_an_attempt_wakes_it_once() {
    for version in [None, Some(Seen::Number(7))] {
        let mut host = promoting();
        let waiting = || Ok(StepProgress::waiting_on(ticket()));
        let signal = version.map_or_else(|| Signal::of(ticket()), |version| Signal::at(ticket(), version));
        host.report(Report::of_signal(signal));
        let first = take(&mut host);
        host.report(first.report(waiting()));
        let second = take(&mut host);
        assert_eq!(second.attempt, 2, "what was said meanwhile is news");
        host.report(second.report(waiting()));
        assert!(runs(&host).is_empty(), "the second attempt began after it: {}", host.story());
        // What is said from now on is news again.
        host.report(Report::signal(ticket()));
        assert_eq!(take(&mut host).attempt, 3);
    }
}

#[test]
fn rules_3_what_was_said_before_an_attempt_began_is_no_news_for_it() {
    let mut host = Host::new(PLAIN);
    host.report(Report::signal(ticket()));
    host.found("cart", &["1.4.2"]);
    let first = take(&mut host);
    host.report(first.report(Ok(StepProgress::waiting_on(ticket()))));
    assert!(runs(&host).is_empty());
}

#[test]
fn rules_4_work_that_was_given_up_and_ends_is_noted_once() {
    let mut host = promoting();
    let run = take(&mut host);
    let promotion = run.promotion.clone();
    host.command(Abort::promotion(&*promotion).by("ana")).unwrap();
    // The driver says that it stopped it; the peer did it all the same.
    host.report(run.stopped());
    assert_eq!(host.report(run.report(Ok(StepProgress::done(json!({"commit": "51aa0c7"})).message("pushed")))), 2);
    let Some(Event::LateOutcome { promotion: of, step, outcome, message, .. }) =
        host.log.last().map(|recorded| &recorded.event)
    else {
        panic!("{}", host.story())
    };
    assert_eq!((of, *step, outcome), (&promotion, 0, &StepOutcome::Done));
    assert_eq!(message.as_deref(), Some("pushed"));
    assert_eq!(host.report(run.report(done())), 0, "said twice");
    assert_eq!(host.holds("uat"), None);
}

#[test]
fn rules_1_the_outcome_of_an_unknowable_effect_that_comes_after_all_is_noted() {
    let mut host = Host::new(
        &PLAIN.replace("uses: git-push, as: push", "uses: http, as: push, config: { method: POST, url: 'https://x' }"),
    );
    host.found("cart", &["1.4.2"]);
    let run = take(&mut host);
    let mut engine = kargo_core::Engine::new(crate::host::genesis());
    engine.fold(host.log.iter().cloned()).unwrap();
    host.engine = engine;
    host.tick();
    assert!(host.story().contains("step 0: Unknown"), "{}", host.story());
    assert_eq!(host.report(run.report(done())), 2);
    assert_eq!(host.report(run.report(done())), 0);
}

#[test]
fn rules_2_references_that_cannot_be_had_are_asked_for_again() {
    let mut host = Host::new(&PLAIN.replace(
        "uses: git-push, as: push",
        "uses: http, as: push, if: \"${{ secret('reg').token != '' }}\", config: { method: POST, url: 'https://x' }",
    ));
    host.found("cart", &["1.4.2"]);
    let mut asked = Vec::new();
    for _ in 0..3 {
        let index = host.open.iter().position(|effect| matches!(effect.kind, EffectKind::Prepare(_))).unwrap();
        let effect = host.open.remove(index);
        let EffectKind::Prepare(prepare) = &effect.kind else { panic!() };
        assert_eq!(host.report(prepare.report(Prepared::Retry { message: "vault is sealed".into() })), 0);
        assert!(!host.open.iter().any(|effect| matches!(effect.kind, EffectKind::Prepare(_))), "not at once");
        let deadline = host.engine.deadline().unwrap();
        asked.push((deadline - host.now).num_seconds());
        host.now = deadline;
        host.tick();
    }
    assert!(matches!(asked[..], [4..=5, 8..=10, 16..=20]), "ever more seldom: {asked:?}");
    assert_eq!(host.engine.pending().count(), 1);
}

#[test]
fn control_4_5_a_stop_that_failed_is_asked_for_again() {
    let mut host = Host::new(VERIFIED);
    host.found("cart", &["1.4.2"]);
    host.work();
    host.verdict("Running");
    host.command(AbortVerification::stage("uat").by("ana")).unwrap();
    for _ in 0..3 {
        let index = host.open.iter().position(|effect| matches!(&effect.kind, EffectKind::Verify(_))).unwrap();
        let effect = host.open.remove(index);
        let EffectKind::Verify(verify) = &effect.kind else { panic!() };
        assert_eq!(verify.asked, kargo_core::verification::Asked::Stop);
        host.report(verify.report(Err(PortError::retryable("no route to the cluster"))));
        let open = |host: &Host| host.open.iter().filter(|effect| matches!(effect.kind, EffectKind::Verify(_))).count();
        assert_eq!(open(&host), 0, "not at once");
        let later = host.now + Duration::from_secs(300).to_delta();
        host.until(&later.to_rfc3339());
        assert!(open(&host) >= 1, "asked again");
        host.open.retain({
            let mut first = true;
            move |effect| !matches!(effect.kind, EffectKind::Verify(_)) || std::mem::take(&mut first)
        });
    }
    let index = host.open.iter().position(|effect| matches!(&effect.kind, EffectKind::Verify(_))).unwrap();
    let EffectKind::Verify(verify) = &host.open.remove(index).kind else { panic!() };
    host.report(verify.report(Ok(Verdict::new("Aborted"))));
    assert_eq!(host.engine.pending().count(), 0);
}

#[test]
fn steps_1_27_facts_about_what_is_not_there_make_the_step_fail() {
    let mut host = promoting();
    let freight = host.engine.world().all_freight().next().unwrap();
    let (name, alias) = (freight.name().clone(), freight.called().to_owned());
    host.answers.insert("push".into(), vec![done()]);
    host.work();
    host.found("cart", &["1.4.3", "1.4.2"]);
    let run = take(&mut host);
    let newer = host.engine.world().all_freight().find(|freight| *freight.name() != name).unwrap().name().clone();
    let taken = Fact::FreightAlias { freight: newer.clone(), alias: alias.clone() };
    let ends = |host: &Host, facts: &[Fact]| {
        let mut host = Host { engine: host.engine.fork(), log: host.log.clone(), now: host.now, ..Host::bare() };
        let said = StepProgress::done(json!({"old": "x"}));
        host.report(run.report(Ok(facts.iter().fold(said, |said, fact| said.fact(fact.clone())))));
        let promotion = host.engine.world().promotion(&run.promotion).unwrap();
        let output = format!("{:?}", promotion.noun().status.state);
        assert!(output.contains("old"), "its output is kept: {output}");
        (promotion.phase().to_string(), promotion.noun().status.message.clone().unwrap_or_default())
    };
    let (phase, message) = ends(&host, std::slice::from_ref(&taken));
    assert_eq!(phase, "Failed", "a refusal, not a defect");
    assert!(message.contains(&format!("other freight is called {alias:?}")), "{message}");
    // The beginning of another's id is no alias of it, and one's own alias is no clash.
    let beginning = name.get(..12).unwrap().to_owned();
    let own = host.engine.world().freight(&*newer).unwrap().called().to_owned();
    for alias in [&*beginning, &*own, "new-name"] {
        let fact = Fact::FreightAlias { freight: newer.clone(), alias: alias.to_owned() };
        assert_eq!(ends(&host, &[fact]).0, "Succeeded", "{alias}");
    }
    // Nor may one step give one alias to two, or one that cannot be written; freight is meant by its name alone.
    let both = [&newer, &name].map(|freight| Fact::FreightAlias { freight: freight.clone(), alias: "x".to_owned() });
    assert_eq!(ends(&host, &both).0, "Failed");
    for (freight, alias) in [(newer.clone(), "-x"), (newer.clone(), ""), (own.as_str().into(), "y")] {
        assert_eq!(ends(&host, &[Fact::FreightAlias { freight, alias: alias.to_owned() }]).0, "Failed", "{alias}");
    }
    let missing = Fact::FreightMetadata { freight: "nothing".into(), key: "a".to_owned(), value: json!(1) };
    assert_eq!(ends(&host, &[missing]).0, "Errored");
    host.report(run.report(Ok(StepProgress::done(json!({})).fact(taken))));
    assert_eq!(host.engine.world().freight(alias).unwrap().name(), &name);
    assert!(host.now >= at("2026-11-24T12:00:00Z"));
}
