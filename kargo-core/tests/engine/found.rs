//! A project that is taken over as it was found: what had ended or was asked for and nobody had come to yet (control 3.7;
//! resources 15.2).

use kargo_core::{
    Manifests,
    command::{Import, Promote},
    model::VerificationPhase,
};

use crate::host::Host;

const PIPELINE: &str = "
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop, uid: w }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: { name: shop, namespace: shop, uid: c }
spec: { promotionPolicies: [{ stageSelector: {}, autoPromotionEnabled: true }] }
";

fn freight(name: &str, day: u32, status: &str) -> String {
    format!(
        "---
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: {{ name: {name}, namespace: shop, uid: {name}, creationTimestamp: '2026-11-{day}T00:00:00Z' }}
alias: the-{name}
origin: {{ kind: Warehouse, name: cart }}
images: [{{ repoURL: ghcr.io/acme/cart, tag: 1.{day}.0 }}]
status: {{ {status} }}
"
    )
}

fn reference(name: &str, day: u32) -> String {
    format!(
        "{{ name: {name}, origin: {{ kind: Warehouse, name: cart }}, images: [{{ repoURL: ghcr.io/acme/cart, tag: 1.{day}.0 }}] }}"
    )
}

fn stage(annotations: &str, verification: &str, status: &str) -> String {
    format!(
        "---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {{ name: uat, namespace: shop, uid: s, annotations: {{ {annotations} }} }}
spec:
  requestedFreight: [{{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ direct: true }} }}]
  promotionTemplate: {{ spec: {{ steps: [{{ uses: git-push, as: push }}] }} }}
  {verification}
status: {{ {status} }}
"
    )
}

fn promotion(name: &str, freight: &str, annotations: &str, status: &str) -> String {
    format!(
        "---
apiVersion: kargo.akuity.io/v1alpha1
kind: Promotion
metadata: {{ name: uat.{name}, namespace: shop, uid: {name}, creationTimestamp: '2026-11-22T00:00:00Z', annotations: {{ {annotations} }} }}
spec: {{ stage: uat, freight: {freight}, steps: [{{ uses: git-push, as: push }}] }}
status: {{ {status} }}
"
    )
}

fn import(documents: &[String]) -> Host {
    let text = [PIPELINE.to_owned()].iter().chain(documents).cloned().collect::<String>();
    let manifests = Manifests::parse("export.yaml", &text).unwrap();
    let mut host = Host::bare();
    host.command(Import::manifests(&manifests).by("admin")).unwrap();
    host
}

fn ended(phase: &str, freight: &str, day: u32) -> String {
    let reference = reference(freight, day);
    format!(
        "phase: {phase}, startedAt: '2026-11-22T00:00:01Z', finishedAt: '2026-11-22T00:00:09Z', freight: {reference}, freightCollection: {{ id: x, items: {{ Warehouse/cart: {reference} }} }}, stepExecutionMetadata: [{{ alias: push, status: {phase} }}]"
    )
}

fn holds(host: &Host) -> Vec<String> {
    let stage = host.engine.world().stage("uat").unwrap();
    stage.current().into_iter().flat_map(kargo_core::world::Held::names).map(ToString::to_string).collect()
}

#[test]
fn control_3_7_a_success_that_the_stage_does_not_know_of_yet() {
    let documents = [
        freight("aaa", 20, ""),
        freight("bbb", 21, ""),
        stage("", "", "currentPromotion: { name: uat.p1 }"),
        promotion("p1", "bbb", "", &ended("Succeeded", "bbb", 21)),
    ];
    let host = import(&documents);
    assert_eq!(holds(&host), ["bbb"], "{}", host.story());
    let open = host.engine.world().stage("uat").unwrap().open_promotions().count();
    assert_eq!(open, 0, "nothing is promoted again: {}", host.story());
}

#[test]
fn control_2_5_a_hold_of_a_promotion_that_failed_and_the_stage_does_not_know_of_yet() {
    let hold =
        "kargo.akuity.io/create-actor: 'email:ana@acme.example', kargo.akuity.io/auto-promotion-hold: Warehouse/cart";
    let there = reference("aaa", 20);
    let status = format!(
        "currentPromotion: {{ name: uat.p1 }}, autoPromotionEnabled: true, freightHistory: [{{ id: old, items: {{ Warehouse/cart: {there} }} }}]"
    );
    let documents = [
        freight("aaa", 20, "currentlyIn: { uat: { since: '2026-11-20T00:00:00Z' } }"),
        freight("bbb", 21, ""),
        stage("", "", &status),
        promotion("p1", "aaa", hold, &ended("Failed", "aaa", 20)),
    ];
    let host = import(&documents);
    let stage = host.engine.world().stage("uat").unwrap();
    assert_eq!(stage.holds().count(), 1, "a person's choice is kept (rules 7, trap 1): {}", host.story());
    assert_eq!(stage.open_promotions().count(), 0, "automation leaves it: {}", host.story());
}

#[test]
fn resources_15_2_a_promotion_that_somebody_asked_to_stop() {
    for written in ["terminate", "'{\"action\":\"terminate\",\"actor\":\"email:ana@acme.example\"}'"] {
        let asked = format!("kargo.akuity.io/abort: {written}, kargo.akuity.io/create-actor: 'email:ana@acme.example'");
        let documents = [freight("aaa", 20, ""), stage("", "", ""), promotion("p1", "aaa", &asked, "phase: Pending")];
        let host = import(&documents);
        let promotion = host.engine.world().promotion("uat.p1").unwrap();
        assert_eq!(promotion.phase().as_str(), "Aborted", "{written}: {}", host.story());
        assert!(host.engine.world().stage("uat").unwrap().current_promotion().is_none_or(|name| name != "uat.p1"));
    }
}

const SMOKE: &str = "verification: { analysisTemplates: [{ name: smoke }] }";

/// A Stage that holds freight with this verification.
fn verified(annotations: &str, phase: &str, health: &str, freight_status: &str) -> Host {
    let there = reference("aaa", 20);
    let status = format!(
        "health: {{ status: {health} }}, lastPromotion: {{ name: uat.p0, freight: {there}, finishedAt: '2026-11-20T00:00:00Z', status: {{ phase: Succeeded, finishedAt: '2026-11-20T00:00:00Z', healthChecks: [{{ uses: argocd-update }}] }} }}, freightHistory: [{{ id: old, items: {{ Warehouse/cart: {there} }}, verificationHistory: [{{ id: v1, phase: {phase}, startTime: '2026-11-20T00:00:00Z', finishTime: '2026-11-20T00:01:00Z', analysisRun: {{ namespace: shop, name: run-1, phase: {phase} }} }}] }}]"
    );
    let status_of_freight = format!("currentlyIn: {{ uat: {{ since: '2026-11-20T00:00:00Z' }} }}{freight_status}");
    import(&[freight("aaa", 20, &status_of_freight), stage(annotations, SMOKE, &status)])
}

const IS_VERIFIED: &str = ", verifiedIn: { uat: { verifiedAt: '2026-11-20T00:01:00Z' } }";

#[test]
fn resources_15_2_a_verification_that_somebody_wants_again_or_stopped() {
    for written in ["v1", "'{\"id\":\"v1\",\"actor\":\"email:ana@acme.example\"}'"] {
        let again = verified(&format!("kargo.akuity.io/reverify: {written}"), "Failed", "Healthy", "");
        let held = again.engine.world().stage("uat").unwrap().current().unwrap();
        assert_eq!(held.verifications.len(), 2, "{}", again.story());
        let stopped = verified(&format!("kargo.akuity.io/abort: {written}"), "Running", "Healthy", "");
        let held = stopped.engine.world().stage("uat").unwrap().current().unwrap();
        assert_eq!(held.verifications[0].phase, Some(VerificationPhase::Aborted), "{}", stopped.story());
    }
    // It names another verification: it was met before.
    let met = verified("kargo.akuity.io/reverify: v0", "Failed", "Healthy", "");
    assert_eq!(met.engine.world().stage("uat").unwrap().current().unwrap().verifications.len(), 1);
    // JSON that is no request is none (resources 23, trap 26).
    let none = verified("kargo.akuity.io/reverify: '12'", "Failed", "Healthy", "");
    assert_eq!(none.engine.world().stage("uat").unwrap().current().unwrap().verifications.len(), 1);
}

#[test]
fn control_6_2_a_success_that_freight_does_not_show_yet_counts_when_health_says_so() {
    let is_verified = |host: &Host| {
        let freight = host.engine.world().freight("aaa").unwrap();
        freight.visit("uat").and_then(|visit| visit.verified()?.verified_at)
    };
    let healthy = verified("", "Successful", "Healthy", "");
    assert_eq!(is_verified(&healthy), Some(crate::host::at("2026-11-20T00:01:00Z")), "{}", healthy.story());
    let unhealthy = verified("", "Successful", "Unhealthy", "");
    assert_eq!(is_verified(&unhealthy), None);
    let known = verified("", "Successful", "Healthy", IS_VERIFIED);
    assert!(is_verified(&known).is_some());
    assert!(!known.story().contains("counted"), "once is enough: {}", known.story());
}

#[test]
fn rules_6_a_failing_new_combination_takes_nothing_from_what_was_verified_before_the_import() {
    // What verified it has left the Stage's history; now another verification of what is there fails.
    let mut host = verified("kargo.akuity.io/reverify: v1", "Aborted", "Healthy", IS_VERIFIED);
    let is_verified = |host: &Host| {
        host.engine.world().freight("aaa").unwrap().visit("uat").is_some_and(|visit| visit.verified().is_some())
    };
    assert!(is_verified(&host));
    host.verdict("Failed");
    // It is the same combination, of it alone: what that had credited is withdrawn.
    assert!(!is_verified(&host), "{}", host.story());
}

#[test]
fn rules_7_trap_21_of_a_stage_that_is_not_among_the_objects_nothing_is_forgotten() {
    let status = "currentlyIn: { dev: { since: '2026-11-20T00:00:00Z' } }, verifiedIn: { dev: { verifiedAt: '2026-11-20T00:01:00Z' } }";
    let behind = stage("", "", "").replace("direct: true", "stages: [dev], requiredSoakTime: 24h");
    let host = import(&[freight("aaa", 20, status), behind]);
    let freight = host.engine.world().freight("aaa").unwrap();
    assert!(freight.visit("dev").is_some_and(|visit| visit.current.is_some()));
    assert_eq!(
        host.engine.world().stage("uat").unwrap().open_promotions().count(),
        1,
        "as `explain` says: {}",
        host.story()
    );
}

#[test]
fn control_12_5_automation_leaves_a_stage_alone_that_is_being_deleted() {
    let going = stage("", "", "").replace("uid: s,", "uid: s, deletionTimestamp: '2026-11-23T00:00:00Z',");
    let mut host = import(&[freight("aaa", 20, ""), going]);
    let stage = host.engine.world().stage("uat").unwrap();
    assert_eq!(stage.open_promotions().count(), 0, "{}", host.story());
    let why = kargo_core::policy::explain(host.engine.world(), "uat", host.now).to_string();
    assert!(why.contains("is being deleted"), "{why}");
    assert!(host.command(Promote::to("uat").freight("aaa").by("email:ana@acme.example")).is_ok());
}
