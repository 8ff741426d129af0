//! What a command would lead to, before it is given (requirements F2). That a plan is what is done is checked for every command
//! of these tests by the host.

use kargo_core::{
    command::{Abort, Pause, Promote},
    engine::Then,
};

use crate::{
    host::Host,
    shop::{PLAIN, VERIFIED},
};

fn stable(text: &str, host: &Host) -> String {
    let mut text = text.to_owned();
    for freight in host.engine.world().all_freight() {
        text = text.replace(freight.called(), &format!("<{}>", freight.reference().images[0].tag));
    }
    text
}

/// The name of the promotion in a plan, which is left out of snapshots.
fn without_names(text: &str) -> String {
    let pattern = regex::Regex::new(r"\b(uat|prod)\.[0-9a-z]{26}\.[0-9a-f]{7}").unwrap();
    pattern.replace_all(text, "$1.<ulid>").into_owned()
}

#[test]
fn requirements_f2_a_plan_tells_the_steps_what_waits_and_what_follows() {
    let text = VERIFIED.replace(
        "spec: { promotionPolicies: [{ stageSelector: {}, autoPromotionEnabled: true }] }",
        "spec: { promotionPolicies: [{ stageSelector: { name: prod }, autoPromotionEnabled: true }] }",
    );
    let mut host = Host::new(&text);
    host.found("cart", &["1.4.2"]);
    let freight = host.engine.world().all_freight().next().unwrap().name().to_string();
    let promote = || Promote::to("uat").freight(&*freight).by("email:ana@acme.example");
    let before = host.engine.position();
    let plan = host.engine.plan(host.now, promote()).unwrap();
    assert_eq!(host.engine.position(), before);
    insta::assert_snapshot!(without_names(&stable(&plan.to_string(), &host)), @"
    Plan Promote by email:ana@acme.example: 5 events                     nothing has been done
      at once: run step push (git-push) of uat.<ulid>
      uat <- <1.4.2>: 1 step
        1 push  git-push  runs  acts on a branch that is not known yet of a repository that is not known yet
      if all goes well uat holds <1.4.2>
      if all goes well prod holds <1.4.2>, by itself
    ");
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json["command"], "Promote");
    assert_eq!(json["events"].as_array().unwrap().len(), plan.events().len());

    host.command(Pause::stage("uat").by("ana")).unwrap();
    let plan = host.engine.plan(host.now, promote()).unwrap();
    assert_eq!(plan.waits().iter().map(|(_, why)| &**why).collect::<Vec<_>>(), ["Stage uat is paused by ana"]);
    assert!(plan.start().is_empty() && plan.then().is_empty());
}

#[test]
fn requirements_f2_what_follows_by_itself_comes_true_if_all_goes_well() {
    let mut host = Host::new(PLAIN);
    host.command(Pause::stage("uat").by("ana")).unwrap();
    host.found("cart", &["1.4.2"]);
    let plan = host.engine.plan(host.now, kargo_core::command::Resume::stage("uat").by("ana")).unwrap();
    let expected = plan.then().to_vec();
    assert!(matches!(&*expected, [Then { is_asked_for: true, .. }]), "{expected:?}");
    host.command(kargo_core::command::Resume::stage("uat").by("ana")).unwrap();
    host.work();
    let promotion = host.engine.world().promotion(&expected[0].promotion).unwrap();
    assert_eq!(promotion.phase().as_str(), "Succeeded");
}

#[test]
fn requirements_f2_a_stop_is_planned_too_and_a_refusal_is_the_same() {
    let mut host = Host::new(PLAIN);
    host.found("cart", &["1.4.2"]);
    let promotion = host.engine.world().promotions().next().unwrap().name().to_owned();
    let plan = host.engine.plan(host.now, Abort::promotion(&*promotion)).unwrap();
    assert_eq!(plan.cancel().len(), 1);
    assert!(plan.to_string().contains("is stopped: "), "{plan}");
    assert!(host.engine.plan(host.now, Abort::promotion("nowhere")).is_err());
}
