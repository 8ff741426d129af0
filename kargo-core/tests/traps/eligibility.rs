//! Where freight may go (control 1 and 6; rules 7): traps 7 to 11 and 21.

use kargo_core::{
    Manifests, Pipeline,
    command::{Approve, Delete, Import},
    eligible,
    model::Kind,
};

use crate::{
    host::Host,
    scene::{
        DIRECT, ON, PUSH, apply, cart, from, held, is_verified, named, policies, promote, promotions, shop, stage,
        warehouse,
    },
};

/// dev, uat and perf take everything; prod takes what this says.
fn four(sources: &str) -> Host {
    let first = ["dev", "uat", "perf"].map(|name| stage(name, DIRECT, PUSH));
    let policies = policies("{ stageSelector: { name: prod }, autoPromotionEnabled: true }");
    shop(&[first.concat(), stage("prod", &from(sources), PUSH), policies])
}

/// How much freight prod may have.
fn listed(host: &Host) -> usize {
    let prod = host.engine.world().stage("prod").unwrap();
    eligible::list(prod, &cart(), None, host.now).count()
}

fn deploy(host: &mut Host, stage: &str, tag: &str) {
    promote(host, stage, tag).unwrap();
    host.work();
}

#[test]
fn trap_07_a_soak_elsewhere_does_not_count() {
    // Kargo's list takes a soak in any Stage for one of those asked for; its automation then makes promotions that are
    // refused, again and again. Fixed: the list is the rule that every promotion is judged by.
    let mut host = four("stages: [uat, perf], requiredSoakTime: 1h");
    host.found("cart", &["1.4.2"]);
    deploy(&mut host, "dev", "1.4.2");
    host.until("2026-11-24T14:00:00Z");
    deploy(&mut host, "uat", "1.4.2");
    assert_eq!((listed(&host), promotions(&host, "prod").as_str()), (0, ""));
    assert!(promote(&mut host, "prod", "1.4.2").is_err());
    host.until("2026-11-24T14:59:59.999Z");
    assert_eq!((listed(&host), promotions(&host, "prod").as_str()), (0, ""));
    host.until("2026-11-24T15:00:00Z");
    assert_eq!((listed(&host), promotions(&host, "prod").as_str()), (1, "1.4.2 Running"));
}

#[test]
fn trap_08_a_soak_elsewhere_does_no_harm() {
    // With `All`, Kargo's list wants the Stages with a soak to be exactly those asked for: freight that soaked somewhere else,
    // too, never moves by itself. Fixed likewise.
    let mut host = four("stages: [uat, perf], requiredSoakTime: 1h, availabilityStrategy: All");
    host.found("cart", &["1.4.2"]);
    for stage in ["dev", "uat", "perf"] {
        deploy(&mut host, stage, "1.4.2");
    }
    host.until("2026-11-24T12:59:59.999Z");
    assert_eq!((listed(&host), promotions(&host, "prod").as_str()), (0, ""));
    host.until("2026-11-24T13:00:00Z");
    assert_eq!((listed(&host), promotions(&host, "prod").as_str()), (1, "1.4.2 Running"));
}

#[test]
fn trap_09_a_request_without_sources_is_by_approval_only() {
    // With `All` and no upstream Stage, Kargo takes everything for available. Fixed: nothing is, but what somebody approved;
    // and the pipeline's check warns.
    let pipeline = [stage("prod", &from("availabilityStrategy: All"), PUSH), policies(ON)];
    let text = format!("{}{}", warehouse("cart"), pipeline.concat());
    let mut host = shop(&pipeline);
    host.found("cart", &["1.4.2"]);
    assert_eq!((listed(&host), promotions(&host, "prod").as_str()), (0, ""));
    let refusal = promote(&mut host, "prod", "1.4.2").unwrap_err();
    assert!(refusal.to_string().contains("approv"), "{refusal}");
    let freight = named(&host, "1.4.2");
    host.command(Approve::new(&*freight, "prod").by("admin")).unwrap();
    host.work();
    assert_eq!(held(&host, "prod"), "1.4.2");

    let (pipeline, warnings) = Pipeline::check(&Manifests::parse("shop.yaml", &text).unwrap(), "shop");
    assert!(pipeline.is_some() && warnings.to_string().contains("K0206"), "{warnings}");
}

#[test]
fn trap_10_a_stage_without_steps_notices_soaks_and_approvals_at_once() {
    // Kargo does not look at such a Stage by time: the end of a soak and an approval are noticed by accident. Fixed: both are
    // exact.
    let gate = stage("gate", &from("stages: [uat], requiredSoakTime: 10m"), "");
    let mut host = shop(&[stage("uat", DIRECT, PUSH), gate]);
    for tag in ["1.4.2", "1.4.3"] {
        host.found("cart", &[tag]);
    }
    deploy(&mut host, "uat", "1.4.2");
    host.until("2026-11-24T12:09:59.999Z");
    assert!(!is_verified(&host, "gate", "1.4.2"));
    host.until("2026-11-24T12:10:00Z");
    assert!(is_verified(&host, "gate", "1.4.2"));
    let freight = named(&host, "1.4.3");
    host.command(Approve::new(&*freight, "gate").by("admin")).unwrap();
    assert!(is_verified(&host, "gate", "1.4.3"), "in the same batch");
}

#[test]
fn trap_11_freight_soaks_in_a_stage_without_steps() {
    // Nothing is ever in such a Stage, so in Kargo a soak there never ends. Fixed: it runs from when the freight passed.
    let gate = stage("gate", DIRECT, "");
    let prod = stage("prod", &from("stages: [gate], requiredSoakTime: 1h"), PUSH);
    let mut host = shop(&[gate, prod, policies(ON)]);
    host.until("2026-11-24T12:00:00.250Z");
    host.found("cart", &["1.4.2"]);
    assert!(is_verified(&host, "gate", "1.4.2"));
    let refusal = promote(&mut host, "prod", "1.4.2").unwrap_err();
    assert!(refusal.to_string().contains("13:00"), "it says when: {refusal}");
    host.until("2026-11-24T12:30:00Z");
    host.found("cart", &["1.4.3"]);
    host.until("2026-11-24T13:00:00.249Z");
    assert_eq!(promotions(&host, "prod"), "");
    host.until("2026-11-24T13:00:00.250Z");
    assert_eq!(promotions(&host, "prod"), "1.4.2 Running");
    host.work();
    host.until("2026-11-24T13:29:59.999Z");
    assert_eq!(held(&host, "prod"), "1.4.2");
    host.until("2026-11-24T13:30:00Z");
    host.work();
    assert_eq!(held(&host, "prod"), "1.4.3");
    // Nothing is in it all the same (control 13, invariant 55).
    let freight = host.engine.world().freight_named(&named(&host, "1.4.2")).unwrap();
    assert!(freight.visit("gate").unwrap().current.is_none());
}

#[test]
fn trap_21_a_stage_that_is_gone_leaves_no_freight_in_it() {
    // In Kargo `currentlyIn` stays when a Stage is deleted, and goes on soaking. Fixed.
    let pipeline = [stage("uat", DIRECT, PUSH), stage("prod", &from("stages: [uat], requiredSoakTime: 1h"), PUSH)];
    let mut host = shop(&pipeline);
    host.found("cart", &["1.4.2"]);
    deploy(&mut host, "uat", "1.4.2");
    host.command(Delete::new(Kind::Stage, "uat")).unwrap();
    let visits = |host: &Host| {
        let freight = host.engine.world().freight_named(&named(host, "1.4.2")).unwrap();
        freight.visits().iter().map(|(stage, _)| stage.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(visits(&host), [""; 0]);
    apply(&mut host, &pipeline[0]);
    host.until("2026-11-24T14:00:00Z");
    deploy(&mut host, "uat", "1.4.2");
    assert!(promote(&mut host, "prod", "1.4.2").is_err(), "the first stay is forgotten");
    host.until("2026-11-24T15:00:00Z");
    deploy(&mut host, "prod", "1.4.2");
}

#[test]
fn trap_21_nor_does_one_that_loses_its_steps() {
    // The same of a Stage that is made one without steps.
    let mut host = shop(&[stage("uat", DIRECT, PUSH)]);
    host.found("cart", &["1.4.2"]);
    deploy(&mut host, "uat", "1.4.2");
    apply(&mut host, &stage("uat", DIRECT, ""));
    let freight = host.engine.world().freight_named(&named(&host, "1.4.2")).unwrap();
    assert!(freight.visit("uat").unwrap().current.is_none(), "control 13, invariant 55");
    assert_eq!(held(&host, "uat"), "");
}

#[test]
fn trap_21_nor_does_a_status_that_was_taken_over() {
    // The same of what Kargo left behind: nothing is in a Stage without steps, nor does it soak there for longer than since it
    // passed; and a Stage that is defined later begins empty.
    let name = "{ name: f, namespace: shop }";
    let status = "{ currentlyIn: { gate: { since: 2026-11-20T12:00:00Z }, gone: { since: 2026-11-20T12:00:00Z } }, verifiedIn: { gate: { verifiedAt: 2026-11-24T11:30:00Z } } }";
    let freight = format!(
        "\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: {name}\norigin: {{ kind: Warehouse, name: cart }}\nimages: [{{ repoURL: ghcr.io/acme/cart, tag: 1.4.2 }}]\nstatus: {status}\n"
    );
    let prod = stage("prod", &from("stages: [gate], requiredSoakTime: 1h"), PUSH);
    let text = [warehouse("cart"), stage("gate", DIRECT, ""), prod, freight].concat();
    let mut host = Host::bare();
    host.command(Import::manifests(&Manifests::parse("export.yaml", &text).unwrap()).by("admin")).unwrap();
    assert!(promote(&mut host, "prod", "1.4.2").is_err(), "half an hour since it passed");
    host.until("2026-11-24T12:30:00Z");
    deploy(&mut host, "prod", "1.4.2");
    apply(&mut host, &stage("gone", DIRECT, PUSH));
    let freight = host.engine.world().freight_named(&named(&host, "1.4.2")).unwrap();
    let is_in = |stage: &str| freight.visit(stage).is_some_and(|visit| visit.current.is_some());
    assert_eq!((is_in("gate"), is_in("gone"), is_in("prod")), (false, false, true), "control 13, invariant 11");
}
