//! Variables of promotions and steps: when they are evaluated, for whom, and with what (promotion-engine 2 and 1.10).

use kargo_core::{
    model::PromotionPhase,
    promotion::{Input, StepRun},
    report::{Signal, StepProgress, WakeKey},
};
use serde_json::{Value as Json, json};

use crate::host::{Answer, FREIGHT, Host};

fn echo(run: &StepRun) -> Answer {
    Ok(StepProgress::done(run.config.to_json().unwrap()))
}

const BROKEN: (&str, &str) = ("broken", "${{ a.b }}");
const WORDS: &str =
    "error pre-processing promotion variable \"broken\": cannot fetch b from <nil> (1:4)\n |  a.b \n | ...^";

/// Promotion-engine 2: evaluated only where something may read them, which is where there is an `if` or a `config`.
#[test]
fn promotion_engine_2_only_when_needed() {
    let (refused, misconfigured) = (
        format!("error checking if step \"x\" should be skipped: {WORDS}"),
        format!("failed to build step context: failed to get step config: {WORDS}"),
    );
    for (step, message) in [
        (json!({"uses": "a"}), None),
        (json!({"uses": "a", "if": "${{ always() }}"}), Some(&refused)),
        (json!({"uses": "a", "if": "${{ always() }}", "config": {}}), Some(&refused)),
        (json!({"uses": "a", "config": {}}), Some(&misconfigured)),
        (json!({"uses": "a", "config": {"n": 1}}), Some(&misconfigured)),
        // An unknown kind comes before the configuration, and skipping before both.
        (json!({"uses": "a", "if": ""}), None),
    ] {
        for own in [false, true] {
            let mut step = step.clone();
            step["as"] = "x".into();
            let mut host = Host::new(json!([]));
            if own {
                step["vars"] = json!([{"name": BROKEN.0, "value": BROKEN.1}]);
            } else {
                host = host.vars(&[BROKEN]);
            }
            let mut host = host.steps(json!([step]));
            host.drive(echo);
            assert_eq!(host.message(), message.cloned().unwrap_or_default(), "{step}");
        }
    }
    let mut host =
        Host::new(json!([{"uses": "fail", "as": "f"}, {"uses": "a", "as": "x", "config": {}}])).vars(&[BROKEN]);
    host.drive(|_| Err(kargo_core::report::StepError::failed("no")));
    assert_eq!(host.statuses(), "f Failed, x Skipped", "what is skipped evaluates nothing");
}

/// Promotion-engine 2: stage and template variables, then the step's; each sees those before it.
#[test]
fn promotion_engine_2_precedence() {
    let mut host = Host::new(json!([
        {"uses": "a", "as": "x", "vars": [{"name": "own", "value": "${{ vars.region }}/${{ ctx.meta.step.alias }}"}, {"name": "region", "value": "us"}],
         "if": "${{ vars.region == 'us' && vars.own == 'eu-1/x' }}", "config": {"vars": "${{ vars }}"}},
        {"uses": "a", "as": "y", "config": {"vars": "${{ vars }}", "x": "${{ outputs.x.vars.own }}"}},
    ]))
    .vars(&[("region", "eu"), ("region", "${{ vars.region }}-1"), ("later", "${{ vars.own }}"), ("n", "${{ 7 }}"), ("text", "7")]);
    host.drive(echo);
    assert_eq!(
        host.output("x"),
        json!({"vars": {"region": "us", "own": "eu-1/x", "later": null, "n": 7, "text": "7"}})
    );
    assert_eq!(
        host.output("y"),
        json!({"vars": {"region": "eu-1", "later": null, "n": 7, "text": "7"}, "x": "eu-1/x"})
    );
}

/// Promotion-engine 2 and 1.6: variables of a step see outputs and their task; those of the promotion do not.
#[test]
fn promotion_engine_2_what_variables_see() {
    let mut host = Host::new(json!([
        {"uses": "a", "as": "t::one", "config": {"v": 1}},
        {"uses": "a", "as": "t::two", "vars": [{"name": "out", "value": "${{ outputs['t::one'].v }}"}, {"name": "task", "value": "${{ task.outputs.one.v }}"}],
         "config": {"vars": "${{ vars }}"}},
    ]))
    .vars(&[("none", "${{ outputs }}"), ("task", "${{ task }}"), ("image", "${{ imageFrom('ghcr.io/acme/cart').Tag }}")]);
    host.drive(echo);
    assert_eq!(host.output("t::two"), json!({"vars": {"none": null, "task": 1, "out": 1, "image": "1.4.2"}}));
}

/// Promotion-engine 1.10: status functions are none in variables, of steps too.
#[test]
fn promotion_engine_1_10_no_status_functions_in_variables() {
    for call in ["always()", "success()", "failure()", "status('x')"] {
        let vars = json!([{"name": "v", "value": format!("${{{{ {call} }}}}")}]);
        let mut host = Host::new(json!([{"uses": "a", "as": "x", "vars": vars, "config": {}}]));
        host.drive(echo);
        let prefix =
            "failed to build step context: failed to get step config: error pre-processing promotion variable \"v\": ";
        let message = host.message();
        assert!(message.starts_with(prefix) && message.contains("cannot call nil"), "{message}");
    }
}

/// Promotion-engine 2: anew for every attempt.
#[test]
fn promotion_engine_2_variables_are_evaluated_anew() {
    let mut host = Host::new(json!([{"uses": "a", "as": "x", "config": {"v": "${{ vars.v }}"}}]))
        .vars(&[("v", "${{ freightMetadata(ctx.targetFreight.name)?.approved ?? 'no' }}")]);
    let mut seen = Vec::new();
    let key = || WakeKey::custom("freight", FREIGHT);
    host.drive(|run| {
        seen.push(run.config.to_json().unwrap());
        Ok(StepProgress::waiting_on(key()))
    });
    let mut freight = host.world.freight(FREIGHT).unwrap().to_noun();
    freight.status.metadata.insert("approved".into(), json!("yes"));
    host = host.with(freight);
    host.tell(&Input::Signal(Signal::of(key())));
    host.drive(|run| {
        seen.push(run.config.to_json().unwrap());
        Ok(StepProgress::done(Json::Null))
    });
    assert_eq!(seen, [json!({"v": "no"}), json!({"v": "yes"})]);
    assert_eq!(host.phase(), PromotionPhase::Succeeded);
}

/// Promotion-engine 4.6 and 13: `ctx` in a promotion, and `target` where there is none.
#[test]
fn promotion_engine_4_6_ctx() {
    let mut host = Host::new(json!([{"uses": "a", "as": "t::x", "config": {"ctx": "${{ ctx }}", "target": "${{ target }}", "typo": "${{ crx }}"}}]))
        .annotation(kargo_core::model::label::CREATE_ACTOR, "email:ana@acme.example")
        .annotation(kargo_core::model::label::ROLLBACK, "true");
    host.drive(echo);
    let wanted = json!({
        "uiBaseUrl": "", "project": "shop", "promotion": crate::host::NAME, "stage": "prod",
        "targetFreight": {"name": FREIGHT, "alias": "modest-marlin", "origin": {"name": "cart"}},
        "targetFreights": [{"name": FREIGHT, "alias": "modest-marlin", "origin": {"kind": "Warehouse", "name": "cart"}}],
        "meta": {"promotion": {"actor": "ana@acme.example", "rollback": true}, "step": {"alias": "t::x"}},
    });
    assert_eq!(host.output("t::x"), json!({"ctx": wanted, "target": null, "typo": null}));
}
