//! Tests of what a run is asked to be: names, functions, secrets, mistakes.

use serde_json::json;

use super::*;
use crate::model::{Freight, Image, Object, ObjectMeta, Origin, Stage};

fn world(vars: &serde_json::Value, args: &serde_json::Value) -> World {
    let mut world = World::new("shop");
    let stage = json!({
        "metadata": {"name": "uat", "namespace": "shop"},
        "spec": {
            "requestedFreight": [
                {"origin": {"kind": "Warehouse", "name": "cart"}, "sources": {"direct": true}},
            ],
            "vars": vars,
            "promotionTemplate": {"spec": {"vars": [{"name": "later", "value": "x"}], "steps": [{"uses": "git-push"}]}},
            "verification": {
                "analysisTemplates": [{"name": "smoke"}, {"name": "load", "kind": "ClusterAnalysisTemplate"}],
                "analysisRunMetadata": {"labels": {"team": "cart"}},
                "args": args,
            },
        },
    });
    world.put(serde_json::from_value::<Stage>(stage).unwrap());
    let warehouse = json!({
        "metadata": {"name": "cart", "namespace": "shop"},
        "spec": {"subscriptions": [{"image": {"repoURL": "ghcr.io/acme/cart"}}]},
    });
    world.put(Object::from_json(crate::model::Kind::Warehouse, warehouse).unwrap());
    world.put(freight());
    world
}

fn freight() -> Freight {
    let image = Image { repo_url: "ghcr.io/acme/cart".into(), tag: "1.8.3".into(), ..Image::default() };
    let mut freight = Freight {
        metadata: ObjectMeta { name: "84d9a0d".into(), namespace: Some("shop".into()), ..ObjectMeta::default() },
        origin: Origin::warehouse("cart"),
        images: vec![image],
        ..Freight::default()
    };
    freight.status.metadata.insert("ticket".into(), json!("CHG-1042"));
    freight
}

fn collection() -> FreightCollection {
    let freight = freight();
    let reference = crate::model::FreightReference {
        name: freight.metadata.name.as_str().into(),
        origin: freight.origin.clone(),
        images: freight.images,
        ..Default::default()
    };
    let mut collection = FreightCollection::default();
    crate::freight::collection::update_or_push(&mut collection, [reference]);
    collection
}

fn at() -> Timestamp {
    "2026-11-24T14:02:00Z".parse().unwrap()
}

fn run_in(world: &World) -> Result<VerifyRun, ArgumentError> {
    let (id, collection, promotion) = ("0b7c".into(), collection(), PromotionName::from("uat.01kdn9.84d9a0d"));
    let occasion = Occasion {
        id: &id,
        stage: "uat",
        target: None,
        collection: &collection,
        promotion: Some(&promotion),
        at: at(),
    };
    VerifyRun::of(world, &occasion)
}

/// One argument, with these variables.
fn argument(vars: &serde_json::Value, value: &str) -> Result<Value, ArgumentError> {
    let run = run_in(&world(vars, &json!([{"name": "a", "value": value}])))?;
    Ok(run.args[0].value.clone())
}

#[test]
fn control_4_3_a_run_says_what_it_is_about() {
    let run = run_in(&world(&json!([]), &json!([{"name": "a", "value": "x"}, {"name": "b", "value": ""}]))).unwrap();
    assert_eq!((&*run.id, &*run.project, &*run.stage, &run.target), ("0b7c", "shop", "uat", &None));
    assert_eq!((run.collection, run.members), (collection().id, vec!["84d9a0d".into()]));
    let templates: Vec<_> = run.templates.iter().map(|template| &*template.name).collect();
    assert_eq!(templates, ["smoke", "load"], "in the listed order");
    assert_eq!(run.metadata.labels.get("team").map(String::as_str), Some("cart"));
    assert_eq!(run.promotion.as_deref(), Some("uat.01kdn9.84d9a0d"));
    let args: Vec<_> = run.args.iter().map(|arg| (&*arg.name, &arg.value)).collect();
    assert_eq!(args, [("a", &Value::text("x")), ("b", &Value::text(""))]);
}

/// Control 4.3: which names and functions arguments have.
#[test]
fn control_4_3_names_and_functions() {
    let vars = json!([{"name": "host", "value": "${{ ctx.stage }}.acme.example"}, {"name": "n", "value": "${{ 3 }}"}]);
    for (value, expected) in [
        ("plain", "plain"),
        ("42", "42"),
        ("${{ ctx.project }}/${{ ctx.stage }}", "shop/uat"),
        ("https://${{ vars.host }}/", "https://uat.acme.example/"),
        ("${{ quote(vars.n) }}", "3"),
        ("${{ imageFrom('ghcr.io/acme/cart').Tag }}", "1.8.3"),
        ("${{ imageFrom('ghcr.io/acme/cart', warehouse('cart')).Tag }}", "1.8.3"),
        ("${{ freightMetadata('84d9a0d').ticket }}", "CHG-1042"),
        ("${{ semverDiff('1.0.0', '1.1.0') }}", "Minor"),
        ("${{ string(vars.later) }}", "<nil>"),
        ("${{ string(ctx.promotion) }}", "<nil>"),
        ("${{ string(outputs) }}", "<nil>"),
        ("${{ now().Format('15:04') }}", "14:02"),
    ] {
        assert_eq!(argument(&vars, value), Ok(Value::text(expected)), "{value}");
    }
    assert_eq!(argument(&json!([]), "${{ string(vars) }}"), Ok(Value::text("<nil>")), "no variables, no `vars`");
}

/// Control 4.3: what has no value, or is no text, is an error that names the argument or the variable.
#[test]
fn control_4_3_build_failures_are_typed() {
    let none = json!([]);
    for (value, is) in [("${{ 42 }}", "float64"), ("${{ true }}", "bool"), ("${{ vars }}", "<nil>")] {
        let error = argument(&none, value).unwrap_err();
        assert_eq!(error, ArgumentError::NotText { name: "a".into(), found: is.into() }, "{value}");
        assert!(error.to_string().contains("quote("), "{error}");
    }
    for value in ["${{ vars.x.y }}", "${{ 1 +", "${{ nope() }}", "${{ success() }}"] {
        let error = argument(&none, value).unwrap_err();
        assert!(matches!(&error, ArgumentError::Argument { name, .. } if name == "a"), "{value}: {error:?}");
    }
    let broken = json!([{"name": "host", "value": "${{ ctx.x.y }}"}]);
    let error = argument(&broken, "${{ ctx.stage }}").unwrap_err();
    assert!(matches!(&error, ArgumentError::Variable { name, .. } if name == "host"), "{error:?}");
    assert_eq!(argument(&broken, "plain"), Ok(Value::text("plain")), "what nobody reads cannot fail");
    assert!(matches!(run_in(&World::new("shop")), Err(ArgumentError::NoStage(_))));
    let mut world = world(&none, &none);
    let mut stage = world.stage("uat").unwrap().noun().clone();
    stage.spec.verification = None;
    world.put(stage);
    assert_eq!(run_in(&world), Err(ArgumentError::NotConfigured { stage: "uat".into() }));
}

/// Rules 2: what depends on a secret is a seal until the moment of use, through a variable too.
#[test]
fn rules_2_secrets_stay_sealed_until_they_are_used() {
    let vars = json!([{"name": "token", "value": "${{ secret('grafana').token }}"}]);
    let args = json!([
        {"name": "a", "value": "Bearer ${{ vars.token }} for ${{ imageFrom('ghcr.io/acme/cart').Tag }}"},
        {"name": "b", "value": "${{ len(configMap('limits')) }}"},
    ]);
    let run = run_in(&world(&vars, &args)).unwrap();
    assert!(run.args.iter().all(|arg| arg.value.has_sealed()));
    let reference = |function: &str, name: &str| Reference { function: function.into(), name: name.into() };
    let mut resolved = Resolved::default();
    assert_eq!(run.open_args(&resolved), Err(OpenError::Needs(reference("secret", "grafana"))));
    resolved.insert(reference("secret", "grafana"), [("token".into(), "hunter2hunter2".into())].into());
    assert_eq!(run.open_args(&resolved), Err(OpenError::Needs(reference("configMap", "limits"))));
    resolved.insert(reference("configMap", "limits"), [("rate".into(), "4".into())].into());
    let error = run.open_args(&resolved).unwrap_err();
    assert!(matches!(&error, OpenError::Argument(ArgumentError::NotText { name, .. }) if name == "b"), "{error:?}");

    let args =
        json!([{"name": "a", "value": "Bearer ${{ vars.token }} for ${{ imageFrom('ghcr.io/acme/cart').Tag }}"}]);
    let run = run_in(&world(&vars, &args)).unwrap();
    let opened = run.open_args(&resolved).unwrap();
    assert_eq!(opened, [("a".to_owned(), "Bearer hunter2hunter2 for 1.8.3".to_owned())]);
    assert!(!format!("{run:?}").contains("hunter2"));
}

/// Rules 2: an error at the moment of use shows no secret.
#[test]
fn rules_2_errors_of_opening_hide_secrets() {
    let args = json!([{"name": "a", "value": "${{ int(secret('grafana').token) }}"}]);
    let run = run_in(&world(&json!([]), &args)).unwrap();
    let mut resolved = Resolved::default();
    let reference = Reference { function: "secret".into(), name: "grafana".into() };
    resolved.insert(reference, [("token".into(), "hunter2hunter2".into())].into());
    let error = run.open_args(&resolved).unwrap_err();
    assert!(matches!(&error, OpenError::Argument(ArgumentError::Sealed { name, .. }) if name == "a"), "{error:?}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn trap_34_the_stage_as_it_is_now() {
    let before = world(&json!([]), &json!([{"name": "a", "value": "1"}]));
    let after = world(&json!([]), &json!([{"name": "a", "value": "2"}]));
    assert_eq!(run_in(&before).unwrap().args[0].value, Value::text("1"));
    assert_eq!(run_in(&after).unwrap().args[0].value, Value::text("2"));
}
