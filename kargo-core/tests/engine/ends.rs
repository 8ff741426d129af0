//! What goes with what: a Stage with its approvals and its past, freight that is deleted, promotions that cannot begin, ways
//! back in a Stage that is paused, a queue whose policy changes (control 6.4, 6.5 and 8.5; rules 4, 6 and 7).

use kargo_core::{
    EffectKind, Manifests,
    command::{Apply, Approve, Delete, Pause, Promote, Reject, Resume, Rollback},
    model::Kind,
    report::StepProgress,
};
use serde_json::json;

use crate::{
    host::{Host, at},
    shop::PLAIN,
};

const ANA: &str = "email:ana@acme.example";

fn named(host: &Host, tag: &str) -> String {
    let mut all = host.engine.world().all_freight();
    all.find(|freight| freight.reference().images[0].tag == tag).unwrap().name().to_string()
}

fn apply(host: &mut Host, text: &str) {
    host.command(Apply::manifests(&Manifests::parse("shop.yaml", text).unwrap()).by("admin")).unwrap();
}

fn document(kind: &str, name: &str) -> String {
    let is_it = |text: &&str| text.contains(&format!("kind: {kind}\n")) && text.contains(&format!("name: {name},"));
    PLAIN.split("---").find(is_it).unwrap().to_owned()
}

#[test]
fn control_6_4_approvals_and_past_go_with_the_stage() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    let freight = named(&host, "1.4.2");
    host.command(Approve::new(&*freight, "prod").by(ANA)).unwrap();
    host.command(Promote::to("prod").freight(&*freight).by(ANA)).unwrap();
    host.work();
    host.command(Delete::new(Kind::Stage, "prod").by(ANA)).unwrap();
    apply(&mut host, &document("Stage", "prod"));
    let world = host.engine.world();
    let stage = world.stage("prod").unwrap();
    assert_eq!(stage.promotions().count(), 0, "a Stage of the same name has no past");
    assert_eq!(world.approvals_of(&freight, "prod").count(), 0);
    let refused = host.command(Promote::to("prod").freight(&*freight).by(ANA));
    assert!(refused.is_err(), "it is approved no more: {}", host.story());
}

#[test]
fn control_6_5_freight_that_is_somewhere_is_not_deleted() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    let freight = named(&host, "1.4.2");
    let refused = host.command(Delete::new(Kind::Freight, freight.as_str()).by(ANA)).unwrap_err().to_string();
    assert!(refused.contains("uat."), "a promotion is to bring it: {refused}");
    host.work();
    let refused = host.command(Delete::new(Kind::Freight, freight.as_str()).by(ANA)).unwrap_err().to_string();
    assert!(refused.contains("it is in uat"), "{refused}");
    host.now = at("2026-11-24T12:01:00Z");
    host.found("cart", &["1.4.3", "1.4.2"]);
    host.work();
    host.command(Delete::new(Kind::Freight, freight.as_str()).by(ANA)).unwrap();
    assert_eq!(host.engine.world().all_freight().count(), 1);
    let none = host.command(Delete::new(Kind::Freight, freight.as_str()).by(ANA)).unwrap_err().to_string();
    assert!(none.contains("there is no Freight"), "{none}");
}

#[test]
fn rules_7_trap_12_what_cannot_begin_leaves_what_is_there_as_it_is() {
    let verified = PLAIN.replacen(
        "steps: [{ uses: git-push, as: push }] } }",
        "steps: [{ uses: git-push, as: push }] } }\n  verification: { analysisTemplates: [{ name: smoke }] }",
        1,
    );
    let mut host = Host::new(&verified);
    host.found("cart", &["1.4.2"]);
    let first = named(&host, "1.4.2");
    host.now = at("2026-11-24T12:00:05Z");
    host.command(Pause::stage("uat").by(ANA)).unwrap();
    host.found("cart", &["1.4.3", "1.4.2"]);
    let second = named(&host, "1.4.3");
    host.command(Promote::to("uat").freight(&*second).by(ANA)).unwrap();
    host.command(Reject::new(&*second).by(ANA)).unwrap();
    host.work();
    host.command(Resume::stage("uat").by(ANA)).unwrap();
    let stage = host.engine.world().stage("uat").unwrap();
    let refused =
        stage.promotions().find(|promotion| promotion.freight().values().any(|name| **name == *second)).unwrap();
    assert_eq!(refused.phase().as_str(), "Errored", "{}", host.story());
    assert_eq!(stage.last_promotion().unwrap().freight.as_ref().unwrap().name, *first, "{}", host.story());
    host.verdict("Successful");
    let freight = host.engine.world().freight(first.as_str()).unwrap();
    assert!(freight.visit("uat").is_some_and(|visit| visit.verified().is_some()), "{}", host.story());
}

#[test]
fn requirements_b9_a_way_back_in_a_stage_that_is_paused_stops_nothing_before_it_may_begin() {
    let mut host = Host::new(PLAIN);
    for (second, tags) in [(0, &["1.4.1"][..]), (60, &["1.4.2", "1.4.1"])] {
        host.now = at("2026-11-24T12:00:00Z") + chrono::TimeDelta::seconds(second);
        host.found("cart", tags);
        host.work();
    }
    host.now = at("2026-11-24T12:02:00Z");
    host.found("cart", &["1.4.3", "1.4.2", "1.4.1"]);
    let current = |host: &Host| host.engine.world().stage("uat").unwrap().current_promotion().unwrap().to_owned();
    let under_way = current(&host);
    host.command(Pause::stage("uat").by(ANA)).unwrap();
    host.command(Rollback::of("uat").by(ANA)).unwrap();
    assert_eq!(current(&host), under_way, "{}", host.story());
    assert!(host.cancelled.is_empty());
    host.command(Resume::stage("uat").by(ANA)).unwrap();
    assert_ne!(current(&host), under_way, "{}", host.story());
    assert_eq!(host.engine.world().promotion(under_way.as_str()).unwrap().phase().as_str(), "Aborted");
    assert_eq!(host.cancelled.len(), 1);
}

#[test]
fn rules_7_a_queue_that_keeps_the_latest_from_now_on_drops_the_others() {
    let mut host = Host::new(PLAIN);
    // Whatever is under way, two of automation are queued behind it.
    let mut tags: Vec<&str> = Vec::new();
    for (second, tag) in [(0, "1.4.1"), (10, "1.4.2"), (20, "1.4.3")] {
        host.now = at("2026-11-24T12:00:00Z") + chrono::TimeDelta::seconds(second);
        tags.insert(0, tag);
        host.found("cart", &tags);
    }
    let open = |host: &Host| host.engine.world().stage("uat").unwrap().open_promotions().count();
    assert_eq!(open(&host), 3, "{}", host.story());
    apply(
        &mut host,
        "apiVersion: kargo-core.rs/v1alpha1\nkind: StagePolicy\nmetadata: { name: uat, namespace: shop }\nspec: { queue: Latest }\n",
    );
    assert_eq!(open(&host), 2, "{}", host.story());
    // As a controller is told.
    let evaluated = kargo_core::policy::evaluate(host.engine.world(), "uat", host.now);
    assert_eq!(evaluated.end.len(), 0);
}

#[test]
fn rules_4_a_late_outcome_says_of_which_step() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    let index = host.open.iter().position(|effect| matches!(effect.kind, EffectKind::RunStep(_))).unwrap();
    let EffectKind::RunStep(run) = host.open.remove(index).kind else { panic!() };
    host.command(kargo_core::command::Abort::promotion(run.promotion.clone()).by(ANA)).unwrap();
    host.report(run.report(Ok(StepProgress::done(json!({})))));
    let log = host.log.clone();
    let (_, heard) = kargo_core::engine::Notices::after(crate::host::genesis(), log, Default::default(), 0).unwrap();
    let late = heard.iter().find(|notice| notice.name() == "LateOutcome").unwrap().to_string();
    assert!(late.contains(" push: done after it was given up"), "{late}");
}
