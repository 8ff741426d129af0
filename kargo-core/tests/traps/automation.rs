//! Automation (control 2; rules 5, 7 and 19): traps 19, 20, 29, 30 and 41.

use kargo_core::{
    Manifests, World,
    command::{Import, Pause, Promote, Reject, Resume},
    policy,
};

use crate::{
    host::{Host, at},
    scene::{
        ANA, DIRECT, ON, PUSH, apply, automatic, by_hand, from, held, holds, named, policies, promote, promotions,
        shop, stage, warehouse,
    },
};

#[test]
fn trap_19_freight_that_is_gone_stops_nothing() {
    // Where freight that a Stage holds does not exist any more, every evaluation of Kargo's fails. Fixed: the Stage goes on.
    // The engine never lets such freight go; who keeps Kargo's objects, or takes them over, may meet it.
    let gone = "4e1f0c9d81714243ecd236c670da11c7259af905";
    let held = format!("{{ name: {gone}, origin: {{ kind: Warehouse, name: cart }}, images: [{{ tag: 1.0.1 }}] }}");
    let status = format!(
        "status: {{ health: {{ status: Healthy }}, freightHistory: [{{ id: x, items: {{ Warehouse/cart: {held} }} }}] }}\n"
    );
    let freight = "\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: { name: f, namespace: shop }\norigin: { kind: Warehouse, name: cart }\nimages: [{ repoURL: ghcr.io/acme/cart, tag: 1.0.2 }]\n";
    let text = format!("{}{}{status}{freight}{}", warehouse("cart"), stage("uat", DIRECT, PUSH), policies(ON));
    let world = World::from_manifests(&Manifests::parse("shop.yaml", &text).unwrap()).unwrap();
    assert!(world.freight_named(gone).is_none());
    let evaluation = policy::evaluate(&world, "uat", at("2026-11-24T12:00:00Z"));
    let [created] = &evaluation.create[..] else { panic!("{}", evaluation.why()) };
    assert_eq!(created.spec.freight.as_ref(), Some(world.all_freight().next().unwrap().name()));
    // An engine that takes it over goes on, too.
    let mut host = Host::bare();
    host.command(Import::manifests(&Manifests::parse("shop.yaml", &text).unwrap())).unwrap();
    host.work();
    assert_eq!(promotions(&host, "uat"), "1.0.2 Succeeded");
    assert!(crate::scene::is_verified(&host, "uat", "1.0.2"));
    // What it held stays on record.
    assert_eq!(&*evaluation.status.freight_history[0].freight.values().next().unwrap().name, gone);
}

#[test]
fn trap_20_automation_never_goes_back() {
    // Kargo's automation takes the newest freight that is available, even if what is there is newer. Decided: never with
    // NewestFreight; MatchUpstream follows its upstream in both directions; people and rollbacks may.
    let matching = from("stages: [uat], autoPromotionOptions: { selectionPolicy: MatchUpstream }");
    let mut host = shop(&[
        stage("uat", DIRECT, PUSH),
        stage("prod", &from("stages: [uat]"), PUSH),
        stage("eu", &matching, PUSH),
        policies(ON),
    ]);
    for tag in ["1.4.2", "1.4.3"] {
        host.found("cart", &[tag]);
        host.work();
    }
    let all = |host: &Host| ["uat", "prod", "eu"].map(|stage| held(host, stage)).join(" ");
    assert_eq!(all(&host), "1.4.3 1.4.3 1.4.3");
    let newer = named(&host, "1.4.3");
    host.command(Reject::new(&*newer)).unwrap();
    host.work();
    assert_eq!(all(&host), "1.4.3 1.4.3 1.4.3", "1.4.2 is the newest that may go there, and older");
    promote(&mut host, "uat", "1.4.2").unwrap();
    host.work();
    assert_eq!(all(&host), "1.4.2 1.4.3 1.4.2", "eu follows uat, prod stays");
    let older = named(&host, "1.4.2");
    host.command(Promote::to("prod").freight(&*older).rollback().by(ANA)).unwrap();
    host.work();
    assert_eq!(all(&host), "1.4.2 1.4.2 1.4.2");
}

#[test]
fn trap_20_turning_automation_off_and_on_ends_holds() {
    // In Kargo that forgets every hold, so a Stage that somebody pinned moves again. Kept: it is said so.
    let mut host = automatic();
    for tag in ["1.4.2", "1.4.3"] {
        host.found("cart", &[tag]);
        host.work();
    }
    promote(&mut host, "uat", "1.4.2").unwrap();
    host.work();
    assert_eq!((held(&host, "uat").as_str(), &*holds(&host, "uat")), ("1.4.2", "1.4.2"));
    apply(&mut host, &policies(""));
    assert_eq!(holds(&host, "uat"), "", "control 13, invariant 28");
    apply(&mut host, &policies(ON));
    host.work();
    assert_eq!(held(&host, "uat"), "1.4.3");
}

#[test]
fn trap_29_an_edit_of_policies_is_seen_at_once() {
    // Kargo does not watch them: it may take five minutes. Fixed: it is an input like any other. That the first policy that
    // matches decides, even if it says no, is kept.
    let mut host = by_hand();
    host.found("cart", &["1.4.2"]);
    assert_eq!(promotions(&host, "uat"), "");
    let off = "{ stageSelector: { name: 'glob:u*' }, autoPromotionEnabled: false }";
    apply(&mut host, &policies(&format!("{off}, {ON}")));
    assert_eq!(promotions(&host, "uat"), "", "a broad no before a yes");
    apply(&mut host, &policies(&format!("{ON}, {off}")));
    assert_eq!(promotions(&host, "uat"), "1.4.2 Running", "in the same batch");
}

#[test]
fn trap_30_regular_expressions_are_searched_for() {
    // In Kargo `regex:` matches anywhere in the name. Kept; names and globs match the whole.
    let stages = ["test-1", "my-test-1", "latest-9", "uat"];
    let automated = |name: &str| {
        let mut host = shop(&[
            stages.map(|name| stage(name, DIRECT, PUSH)).concat(),
            policies(&format!("{{ stageSelector: {{ name: '{name}' }}, autoPromotionEnabled: true }}")),
        ]);
        host.found("cart", &["1.4.2"]);
        stages.into_iter().filter(|stage| !promotions(&host, stage).is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(automated("regex:test-.*"), ["test-1", "my-test-1", "latest-9"]);
    assert_eq!(automated("regex:^test-.*$"), ["test-1"]);
    assert_eq!(automated("glob:test-*"), ["test-1"]);
    assert_eq!(automated("test-1"), ["test-1"]);
}

#[test]
fn trap_41_of_two_that_were_found_at_once_the_greater_name_is_newer() {
    // Kargo's times are whole seconds, so that ties are common; the lexically greatest name wins. Kept for ties, which are
    // rare here: the engine counts milliseconds.
    for (second, expected) in [("12:00:00.100", "greater"), ("12:00:00.101", "second")] {
        let mut host = automatic();
        host.command(Pause::stage("uat")).unwrap();
        host.now = at("2026-11-24T12:00:00.100Z");
        // Two, of which the one found first has the greater name.
        let tags = if tie_order() { ["1.4.2", "1.4.3"] } else { ["1.4.3", "1.4.2"] };
        host.found("cart", &[tags[0]]);
        host.now = at(&format!("2026-11-24T{second}Z"));
        host.found("cart", &[tags[1]]);
        assert!(named(&host, tags[0]) > named(&host, tags[1]));
        host.command(Resume::stage("uat")).unwrap();
        host.work();
        assert_eq!(held(&host, "uat"), if expected == "greater" { tags[0] } else { tags[1] }, "{expected}");
    }
}

/// Whether 1.4.2 has the greater name of the two.
fn tie_order() -> bool {
    let mut host = by_hand();
    for tag in ["1.4.2", "1.4.3"] {
        host.found("cart", &[tag]);
    }
    named(&host, "1.4.2") > named(&host, "1.4.3")
}
