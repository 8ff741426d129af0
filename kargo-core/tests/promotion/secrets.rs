//! Sealed values: what depends on secrets and config maps is resolved outside, is nowhere to be found afterwards, and comes
//! out as if everything were known (rules 2; promotion-engine 5.1).

use std::collections::BTreeMap;

use kargo_core::{
    expr::{Problem, TemplateError, Value},
    model::label,
    promotion::{Input, Next, Prepared, Reference, ResolveError, Resolved, StepRun},
    report::{Signal, StepError, StepProgress, StepReport, WakeKey},
};
use serde_json::{Value as Json, json};

use crate::{
    host::{Answer, Host, SECRET},
    live::{Live, names},
};

fn step(json: Json) -> Json {
    let mut step = json;
    step["uses"] = "a".into();
    step["as"] = "x".into();
    json!([step])
}

fn done(_: &StepRun) -> Answer {
    Ok(StepProgress::done(Json::Null))
}

/// The secret is in no text that anybody stores or prints.
fn is_kept(host: &Host) {
    let promotion = host.promotion();
    for text in [
        serde_json::to_string(&promotion).unwrap(),
        format!("{promotion:?}"),
        format!("{:?}", host.world.promotion(crate::host::NAME).unwrap().run()),
    ] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

/// Rules 2: in a condition, a variable, a configuration: what comes of it.
#[test]
fn rules_2_wherever_it_stands() {
    for (given, statuses, message, config) in [
        (json!({"if": "${{ secret('reg').token != '' }}"}), "x Succeeded", "", json!({})),
        (json!({"if": "${{ secret('reg').nope != '' }}"}), "x Skipped", "", Json::Null),
        (json!({"if": "${{ secret('absent').token == '' }}"}), "x Succeeded", "", json!({})),
        (json!({"if": "${{ len(configMap('cfg')) == 1 }}"}), "x Succeeded", "", json!({})),
        (
            json!({"if": "${{ secret('reg').token }}"}),
            "x Errored",
            "error checking if step \"x\" should be skipped: expression must evaluate to a boolean, got string",
            Json::Null,
        ),
        (
            json!({"if": "${{ fromJSON(secret('reg').token) }}"}),
            "x Errored",
            "error checking if step \"x\" should be skipped: ",
            Json::Null,
        ),
        (
            json!({"config": {"a": "Bearer ${{ secret('reg').token }}", "b": ["${{ configMap('cfg').region }}", 1], "c": "${{ secret('reg').nope ?? 'd' }}"}}),
            "x Succeeded",
            "",
            json!({"a": format!("Bearer {SECRET}"), "b": ["eu-1", 1], "c": ""}),
        ),
        (
            json!({"config": {"a": "${{ secret('reg') }}", "b": "${{ sharedSecret('reg') }}", "c": "${{ sharedConfigMap('x').y }}"}}),
            "x Succeeded",
            "",
            json!({"a": {"token": SECRET}, "b": {}, "c": ""}),
        ),
        (
            json!({"vars": [{"name": "t", "value": "${{ secret('reg').token }}"}, {"name": "u", "value": "u-${{ vars.t }}"}], "config": {"a": "${{ vars.u }}"}}),
            "x Succeeded",
            "",
            json!({"a": format!("u-{SECRET}")}),
        ),
        (
            json!({"config": {"a": "${{ secret('reg').token.x }}"}}),
            "x Errored",
            "failed to build step context: failed to get step config: type string has no field x",
            Json::Null,
        ),
        (
            json!({"config": {"a": "${{ {t: secret('reg').token}['x'].y }}"}}),
            "x Errored",
            "failed to build step context: failed to get step config: cannot fetch y from <nil>",
            Json::Null,
        ),
        (
            json!({"config": {"a": "${{ len(secret('reg').token) / 0 }}"}}),
            "x Errored",
            "failed to build step context: failed to get step config: json: unsupported value: +Inf",
            Json::Null,
        ),
        // Sealed, but the condition does not hold: nothing else is asked.
        (
            json!({"if": "${{ configMap('cfg').region == 'us' }}", "config": {"a": "${{ secret('reg').token }}"}}),
            "x Skipped",
            "",
            Json::Null,
        ),
    ] {
        let mut host = Host::new(step(given.clone()));
        let mut configs = Vec::new();
        host.drive(|run| {
            configs.push(run.clone());
            done(run)
        });
        assert_eq!(host.statuses(), statuses, "{given}: {}", host.message());
        assert!(
            host.message().starts_with(message) && host.message().is_empty() == message.is_empty(),
            "{given}: {}",
            host.message()
        );
        let config = if config.is_null() { vec![] } else { vec![config] };
        let opened: Vec<_> = configs.iter().map(|run| host.open(run)).collect();
        assert_eq!(opened, config, "{given}");
        assert!(configs.iter().all(|run| !format!("{run:?}").contains(SECRET)));
        is_kept(&host);
    }
}

/// Rules 2: the first error is the one of an evaluation in which everything is known: variables in order, then the
/// condition; variables again, then the configuration.
#[test]
fn rules_2_errors_in_order() {
    let secret = |name: &str| format!("${{{{ secret('{name}').token }}}}");
    let bad_secret = "${{ fromJSON(secret('reg').token) }}";
    let plain = "${{ a.b }}";
    for (vars, condition, config, wanted) in [
        // A sealed variable that fails, before everything after it.
        (
            vec![("v", bad_secret)],
            Some("${{ true }}"),
            None,
            "should be skipped: error pre-processing promotion variable \"v\"",
        ),
        (
            vec![("v", bad_secret)],
            Some("${{ false }}"),
            None,
            "should be skipped: error pre-processing promotion variable \"v\"",
        ),
        (vec![("v", bad_secret)], None, Some(plain), "step config: error pre-processing promotion variable \"v\""),
        (
            vec![("v", plain), ("w", bad_secret)],
            None,
            Some(plain),
            "step config: error pre-processing promotion variable \"v\": cannot fetch b",
        ),
        (
            vec![("v", bad_secret), ("w", plain)],
            None,
            Some(plain),
            "step config: error pre-processing promotion variable \"v\"",
        ),
        (
            vec![("v", bad_secret), ("w", plain)],
            Some("${{ true }}"),
            None,
            "should be skipped: error pre-processing promotion variable \"v\"",
        ),
        (vec![("v", "${{ secret('reg').token }}")], Some(plain), None, "should be skipped: cannot fetch b"),
        // A condition that is sealed, before a configuration that is plainly wrong.
        (
            vec![],
            Some("${{ secret('reg').token }}"),
            Some(plain),
            "should be skipped: expression must evaluate to a boolean, got string",
        ),
        (vec![], Some("${{ secret('reg').token != '' }}"), Some(plain), "step config: cannot fetch b"),
        (
            vec![],
            Some("${{ 1 }}"),
            Some(bad_secret),
            "should be skipped: expression must evaluate to a boolean, got float64",
        ),
    ] {
        let vars: Vec<_> = vars.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let mut given = json!({"vars": vars});
        if let Some(condition) = condition {
            given["if"] = condition.into();
        }
        if let Some(config) = config {
            given["config"] = json!({"a": config, "z": secret("reg")});
        }
        let mut host = Host::new(step(given.clone()));
        host.drive(done);
        assert!(host.message().contains(wanted), "{given}: {}", host.message());
        assert!(host.ran.is_empty());
        is_kept(&host);
    }
    // In a configuration, in the order of its keys.
    for (config, wanted) in [
        (json!({"a": bad_secret, "b": plain}), "step config: invalid character"),
        (json!({"a": plain, "b": bad_secret}), "step config: cannot fetch b"),
        (json!({"a": secret("reg"), "b": plain}), "step config: cannot fetch b"),
        (json!({"a": "${{ \"nan\" }}", "b": bad_secret}), "step config: invalid character"),
        (json!({"a": "${{ \"nan\" }}", "b": secret("reg")}), "step config: json: unsupported value: NaN"),
        (json!({"a": "${{ secret('reg').infinite }}"}), "step config: json: unsupported value: +Inf"),
    ] {
        let mut host = Host::new(step(json!({"config": config})));
        host.outside.get_mut("secret/reg").unwrap().insert("infinite".into(), "inf".into());
        host.drive(done);
        assert!(host.message().contains(wanted), "{config}: {}", host.message());
        is_kept(&host);
    }
    // A promotion whose sealed condition does not hold does not mind its configuration.
    let mut host = Host::new(step(json!({"if": "${{ secret('reg').nope != '' }}", "config": {"a": plain}})));
    host.drive(done);
    assert_eq!((host.statuses().as_str(), host.phase().as_str()), ("x Skipped", "Succeeded"));
}

/// Rules 2: an error may quote the value it is about; a secret is not quoted.
#[test]
fn rules_2_errors_do_not_quote_secrets() {
    for expression in [
        "int(secret('reg').token)",
        "duration(secret('reg').token)",
        "date(secret('reg').token)",
        "timezone(secret('reg').token)",
        "semverParse(secret('reg').token)",
        "fromJSON(quote(secret('reg').token) + '{')",
        "{a: 1}[secret('reg').token].x",
        "fromBase64(secret('reg').token + '*')",
    ] {
        for given in [
            json!({"if": format!("${{% {expression} %}}")}),
            json!({"config": {"a": format!("${{% {expression} %}}")}}),
            json!({"config": {}, "vars": [{"name": "v", "value": format!("${{% {expression} %}}")}]}),
        ] {
            let mut host = Host::new(step(given));
            host.drive(done);
            assert_eq!(host.statuses(), "x Errored", "{expression}: {}", host.message());
            is_kept(&host);
        }
    }
}

/// Rules 2: a sealed template is the same with everything known, whatever else it uses.
#[test]
fn rules_2_sealed_is_as_good_as_known() {
    for (expression, wanted) in [
        ("imageFrom('ghcr.io/acme/cart').Tag + SECRET", "1.4.2KNOWN"),
        ("SECRET + (imageFrom('ghcr.io/acme/nope')?.Tag ?? '-')", "KNOWN-"),
        ("SECRET + freightMetadata(ctx.targetFreight.name)?.x", "error: "),
        ("SECRET + string(freightMetadata('absent') == nil)", "KNOWNtrue"),
        ("SECRET + status('x') + string(failure()) + string(always())", "KNOWNfalsetrue"),
        ("SECRET + ctx.meta.step.alias + outputs.nope?.x", "error: "),
        ("SECRET + string(warehouse('cart').Kind)", "KNOWNWarehouse"),
        ("SECRET + warehouse('').Name", "error: name must not be empty"),
        ("SECRET + status('')", "error: argument must not be empty"),
        ("SECRET + chartFrom('oci://x').Version", "error: chart from repo oci://x not found in referenced Freight"),
        ("true || SECRET == ''", "true"),
        ("SECRET != '' ? 'yes' : a.b", "yes"),
        ("let s = SECRET; [s, len(s)][0]", "KNOWN"),
        ("map([1, 2], SECRET)[1]", "KNOWN"),
        ("now() == now()", "true"),
    ] {
        let template = format!("${{% quote({}) %}}", expression.replace("SECRET", "secret('reg').token"));
        let mut host = Host::new(step(json!({"config": {"a": template}})));
        let mut run = None;
        host.drive(|given| {
            run = Some(given.clone());
            done(given)
        });
        let found = match run {
            Some(run) => host.open(&run)["a"].as_str().unwrap().to_owned(),
            None => format!(
                "error: {}",
                host.message().trim_start_matches("failed to build step context: failed to get step config: ")
            ),
        };
        let wanted = wanted.replace("KNOWN", SECRET);
        assert!(
            found == wanted || (wanted.starts_with("error: ") && found.starts_with(&wanted)),
            "{expression}: {found}"
        );
        is_kept(&host);
    }
    // What cannot be asked ahead says so.
    let mut host = Host::new(step(json!({"config": {"a": "${{ imageFrom(secret('reg').token) }}"}})));
    host.drive(done);
    assert!(
        host.message().contains("imageFrom cannot be asked with an argument that comes from a secret"),
        "{}",
        host.message()
    );
    is_kept(&host);
}

/// Rules 2: an output made of a sealed configuration is sealed, and so is what reads it, live and after it was stored.
#[test]
fn rules_2_outputs_stay_sealed() {
    let steps = json!([
        {"uses": "compose-output", "as": "t::c", "config": {"header": "Bearer ${{ secret('reg').token }}", "region": "${{ configMap('cfg').region }}", "n": 1}},
        {"uses": "a", "as": "y", "config": {"deep": {"h": "${{ outputs.t.header }}"}, "len": "${{ len(outputs.t.header) }}", "plain": "${{ outputs.t.region }}"}},
        {"uses": "a", "as": "z", "if": "${{ outputs['t::c'].header != '' && outputs.t.n == 1 }}"},
    ]);
    let mut host = Host::new(steps);
    let mut seen = Vec::new();
    host.drive_reports(|run| {
        seen.push(run.clone());
        let output = if &*run.uses == "compose-output" { run.config.clone() } else { Value::Null };
        StepReport { output, ..StepReport::default() }
    });
    assert_eq!(host.phase().as_str(), "Succeeded", "{}", host.message());
    assert_eq!(host.ran, ["t::c", "y", "z"]);
    let opened = host.open(&seen[1]);
    assert_eq!(opened, json!({"deep": {"h": format!("Bearer {SECRET}")}, "len": 7 + SECRET.len(), "plain": "eu-1"}));
    let state = host.promotion().status.state.unwrap();
    assert_eq!(state["t"]["header"]["$sealed"]["template"], "Bearer ${{ secret('reg').token }}");
    assert_eq!((&state["t"]["region"], &state["t"]["n"]), (&json!("eu-1"), &json!(1)));
    is_kept(&host);
}

/// Rules 2: config maps are no secrets and stay as they were when the step started; secrets are read at each use.
#[test]
fn rules_2_config_maps_are_kept() {
    for stored in [true, false] {
        let mut host = Host::new(step(
            json!({"config": {"r": "${{ configMap('cfg').region }}", "t": "${{ secret('reg').token }}"}}),
        ));
        let key = || WakeKey::custom("a", "b");
        let first =
            |run: &StepRun| (run.config.as_map().unwrap()["r"].clone(), run.config.as_map().unwrap()["t"].has_sealed());
        let mut seen = Vec::new();
        if stored {
            host.drive(|run| {
                seen.push(first(run));
                Ok(StepProgress::waiting_on(key()))
            });
            host.outside.get_mut("configMap/cfg").unwrap().insert("region".into(), "us-9".into());
            host.tell(&Input::Signal(Signal::of(key())));
            host.drive(|run| {
                seen.push(first(run));
                done(run)
            });
        } else {
            let mut live = Live::of(host);
            live.tell(&Input::Begin);
            let kargo_core::promotion::Move::Prepare(preparation) = live.moves().remove(0) else { panic!() };
            let prepared = live.host.prepare(&preparation);
            live.tell(&preparation.report(prepared));
            seen.push(first(&live.runs()[0]));
            let waiting = Ok(StepProgress::waiting_on(key())).into();
            live.tell(&Input::Returned { step: 0, report: waiting, heard: vec![Signal::of(key())] });
            seen.push(first(&live.runs()[0]));
            assert!(!format!("{:?}", (&live.run, &live.events)).contains(SECRET));
            host = live.host;
        }
        assert_eq!(seen, [(Value::text("eu-1"), true), (Value::text("eu-1"), true)], "{stored}");
        assert_eq!(host.fetched.iter().filter(|of| *of == "configMap/cfg").count(), 1, "{stored}");
    }
}

/// Rules 2: what a preparation may say, and that it is asked only once.
#[test]
fn rules_2_what_comes_of_a_preparation() {
    let begun = || {
        let live = Live::new(step(
            json!({"if": "${{ secret('reg').token != '' }}", "config": {"a": "${{ secret('reg').token }}"}}),
        ));
        assert_eq!(
            (names(&live.events), live.states()),
            (vec!["Begin".to_owned(), "0 Prepare".to_owned()], vec!["Preparing"])
        );
        live
    };
    let prepared = |prepared: Prepared| Input::Prepared { step: 0, prepared };
    let message = || "why".to_owned();
    for (given, events) in [
        (Prepared::Skip, &["0 Skip", "End Succeeded"][..]),
        (Prepared::Refuse { message: message() }, &["0 Refuse", "End Errored"]),
        (Prepared::Misconfigure { message: message() }, &["0 Misconfigure", "End Errored"]),
        (Prepared::Run { resolved: Resolved::default() }, &["0 Start"]),
        (Prepared::Retry { message: message() }, &[]),
    ] {
        let mut live = begun();
        live.host.after(7);
        assert_eq!(names(&live.tell(&prepared(given.clone()))), events, "{given:?}");
        let record = &live.run.steps()[0];
        let started = matches!(given, Prepared::Misconfigure { .. } | Prepared::Run { .. }).then_some(live.host.now);
        assert_eq!(record.started_at(), started, "the time of its resolution counts for nobody");
        let said = matches!(given, Prepared::Refuse { .. } | Prepared::Misconfigure { .. }).then_some("why");
        assert_eq!(record.message(), said);
        if !events.is_empty() {
            assert!(live.tell(&prepared(Prepared::Skip)).is_empty(), "{given:?}: only once");
        } else {
            assert_eq!(live.moves().len(), 1, "it is asked again");
        }
    }
    // What to fetch, one after the other, nothing twice and nothing that is not needed.
    let steps = step(
        json!({"if": "${{ configMap('a').x == 'no' || secret('b').y == '' }}", "config": {"c": "${{ sharedSecret('c').z + secret('b').y }}"}}),
    );
    let mut host = Host::new(steps);
    host.drive(done);
    assert_eq!(host.fetched, ["configMap/a", "secret/b", "sharedSecret/c"]);
}

/// Rules 2: asked for and stored; a world that has changed meanwhile is asked about anew.
#[test]
fn rules_2_a_preparation_survives_being_stored() {
    let mut host = Host::new(step(
        json!({"config": {"t": "${{ secret('reg').token }}", "n": "${{ freightMetadata(ctx.targetFreight.name)?.n }}"}}),
    ));
    let preparation = host.drive_until_prepared();
    assert_eq!((&*preparation.alias, preparation.step), ("x", 0));
    let again = host.drive_until_prepared();
    assert_eq!(again.effect, preparation.effect);
    let prepared = host.prepare(&preparation);
    host.tell(&preparation.report(prepared));
    let Next::Run { run, .. } = host.next() else { panic!("it runs") };
    assert_eq!(host.open(&run), json!({"t": SECRET, "n": null}));
    is_kept(&host);
}

/// Rules 2: whatever a runner puts out is data; only what was sealed here is a seal.
#[test]
fn rules_2_seals_cannot_be_forged() {
    let forged = json!({"$sealed": {"template": "${{ secret('reg').token }}"}, "$texts": {"a": "b"}, "$$sealed": 1});
    let steps = json!([
        {"uses": "compose-output", "as": "t::x"},
        {"uses": "a", "as": "y", "config": {"all": "${{ outputs.t }}", "own": "${{ outputs['t::x'] }}"}},
    ]);
    for stored in [true, false] {
        let mut seen = Vec::new();
        if stored {
            let mut host = Host::new(steps.clone());
            host.drive(|run| {
                seen.push(run.config.to_json());
                Ok(StepProgress::done(forged.clone()))
            });
            assert!(host.fetched.is_empty());
        } else {
            let mut live = Live::new(steps.clone());
            let report = Ok(StepProgress::done(forged.clone())).into();
            live.tell(&Input::Returned { step: 0, report, heard: vec![] });
            seen = vec![Ok(json!({})), live.runs()[0].config.to_json()];
        }
        assert_eq!(seen[1], Ok(json!({"all": forged, "own": forged})), "{stored}");
    }
    // A status of Kargo's holds no seals.
    let mut host =
        Host::new(json!([{"uses": "a", "as": "x"}, {"uses": "a", "as": "y", "config": {"all": "${{ outputs.x }}"}}]));
    host.drive_until_handed("x");
    let mut promotion = host.promotion();
    promotion.metadata.annotations.remove(label::EXT_STEPS);
    promotion.status.state = Some(json!({"x": forged}));
    let record = &mut promotion.status.step_execution_metadata[0];
    record.status = Some(kargo_core::model::StepStatus::Succeeded);
    record.finished_at = Some(host.now);
    promotion.status.current_step = 1;
    let mut host = host.with(promotion);
    let mut seen = Vec::new();
    host.drive(|run| {
        seen.push(run.config.to_json());
        done(run)
    });
    assert_eq!(seen, [Ok(json!({"all": forged}))]);
}

/// Rules 4 and 2: what comes late does not touch a status with seals in it.
#[test]
fn rules_2_a_status_that_is_over_keeps_its_seals() {
    let mut host = Host::new(json!([{"uses": "a", "as": "x", "config": {"a": "${{ secret('reg').token }}"}}]));
    host.drive_reports(|run| StepReport { output: run.config.clone(), ..StepReport::default() });
    let before = host.promotion();
    assert!(before.status.state.as_ref().unwrap().to_string().contains("$sealed"));
    for input in [Input::Look, Input::Stopped { step: 0 }, Input::Abort { actor: String::new() }] {
        host.tell(&input);
        assert_eq!(host.promotion(), before);
    }
}

/// Rules 2: opening says what is missing, and why a template has no value.
#[test]
fn rules_2_opening_at_the_moment_of_use() {
    let mut host = Host::new(step(json!({"config": {"a": "${{ fromJSON(secret('reg').token).x }}"}})));
    host.outside.get_mut("secret/reg").unwrap().insert("token".into(), r#"{"x": 1}"#.into());
    host.drive_until_handed("x");
    // It is given as it was stored before it was handed out.
    host.now += chrono::TimeDelta::seconds(1);
    let Next::Run { run, .. } = host.next() else { panic!("it runs") };
    let reference = Reference { function: "secret".into(), name: "reg".into() };
    assert_eq!(run.open_config(&Resolved::default()), Err(ResolveError::Needs(reference.clone())));
    let mut resolved = Resolved::default();
    resolved.insert(reference.clone(), BTreeMap::from([("token".into(), "{".into())]));
    let error = run.open_config(&resolved).unwrap_err();
    assert!(matches!(&error, ResolveError::Template(TemplateError::Expression { .. })), "{error:?}");
    assert!(matches!(run.config.to_json(), Err(Problem::Unresolved { .. })));
    resolved.insert(reference, BTreeMap::from([("token".into(), r#"{"x": 2}"#.into())]));
    assert_eq!(run.open_config(&resolved).unwrap().to_json().unwrap(), json!({"a": 2}));
    let _ = StepError::terminal("a runner tells it so");
}
