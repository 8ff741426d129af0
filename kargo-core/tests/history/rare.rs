//! What people hear of what is rare: definitions that go, a project taken over, lost trees and runs, crashes.

use kargo_core::{
    Effect, EffectKind, Engine, Manifests, Report,
    command::{AbortVerification, Apply, Delete, Import, Promote},
    engine::Work,
    model::{Kind, VerificationPhase},
    report::PortError,
    verification::{Asked, Verdict},
};

use crate::{
    host::{ANA, Host, SHOP, done, genesis},
    notices::{all, lines},
};

/// The lines of these kinds of notices.
fn heard(host: &Host, names: &[&str]) -> String {
    let told = all(&host.log);
    let of = told.iter().filter(|notice| names.contains(&notice.name()));
    let found: Vec<_> = of.clone().map(kargo_core::Notice::name).collect();
    for name in names {
        assert!(found.contains(name), "{name} was not heard: {}", lines(host, ""));
    }
    of.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A shop with a single Stage of these steps.
fn shop(spec: &str) -> Host {
    let definition = SHOP.split("---").next().unwrap();
    Host::new(&format!(
        "{definition}---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {{ name: uat, namespace: shop }}
spec:
  requestedFreight: [{{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ direct: true }} }}]
  {spec}
"
    ))
}

fn promoted(spec: &str) -> Host {
    let mut host = shop(spec);
    host.found("cart", &["1.4.2"]);
    let freight = host.engine.world().all_freight().next().unwrap().name().to_string();
    host.command(Promote::to("uat").freight(&*freight).by(ANA)).unwrap();
    host
}

/// What is asked of a verification is answered.
fn verifier(host: &mut Host, asked: Asked, answer: Result<Verdict, PortError>) {
    let is_it = |effect: &Effect| matches!(&effect.kind, EffectKind::Verify(verify) if verify.asked == asked);
    let index = host.open.iter().rposition(is_it).unwrap_or_else(|| panic!("{asked:?} is not open: {:?}", host.open));
    let EffectKind::Verify(verify) = host.open.remove(index).kind else { return };
    host.report(verify.report(answer));
}

const PUSH: &str = "promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }";
const VERIFIED: &str = "promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
  verification: { analysisTemplates: [{ name: smoke }] }";

#[test]
fn control_10_a_definition_that_is_taken_away() {
    let mut host = shop(PUSH);
    host.command(Delete::new(Kind::Stage, "uat").by(ANA).because("merged into prod")).unwrap();
    insta::assert_snapshot!(heard(&host, &["Removed"]), @"12:00:00Z shop removed    Stage/uat by email:ana@acme.example");
}

#[test]
fn resources_19_5_a_stage_whose_steps_are_taken_away_holds_nothing() {
    let mut host = promoted(PUSH);
    host.answer("push", done());
    let without = Manifests::parse(
        "uat.yaml",
        "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: { name: uat, namespace: shop }\nspec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }] }\n",
    );
    host.command(Apply::manifests(&without.unwrap()).by(ANA)).unwrap();
    assert!(host.engine.world().stage("uat").unwrap().current().is_none());
    insta::assert_snapshot!(heard(&host, &["PlaceCleared"]), @"12:00:00Z shop cleared    uat holds nothing: it has no steps any more");
}

#[test]
fn rules_19_a_project_that_is_taken_over_as_it_was_found() {
    let mut before = promoted(PUSH);
    before.answer("push", done());
    let mut host = Host::empty();
    host.command(Import::objects(before.engine.manifests()).by(ANA)).unwrap();
    assert!(host.engine.world().stage("uat").unwrap().current().is_some());
    insta::assert_snapshot!(heard(&host, &["Imported"]), @"12:00:00Z shop imported   4 objects, with their status by email:ana@acme.example");
}

#[test]
fn rules_14_a_work_tree_that_is_lost() {
    let clone = "{ uses: git-clone, as: clone, config: { repoURL: 'https://git.acme.example/env', checkout: [{ path: src, branch: main }] } }";
    let mut host = promoted(&format!(
        "promotionTemplate: {{ spec: {{ steps: [{clone}, {{ uses: argocd-update, as: sync }}, {{ uses: git-commit, as: commit }}] }} }}"
    ));
    host.answer("clone", done());
    let promotion = host.newest();
    host.report(Report::tree_lost(&*promotion, None));
    let text = heard(&host, &["WorkTreeLost"]).replace(&promotion, "uat.X");
    insta::assert_snapshot!(text, @"12:00:00Z shop lost       the work tree of uat.X; these steps run again: clone");
    assert!(host.open.iter().any(|effect| matches!(&effect.kind, EffectKind::RunStep(run) if &*run.alias == "clone")));
}

#[test]
fn rules_1_a_step_of_which_a_crash_leaves_open_whether_it_acted() {
    let mut host = promoted(
        "promotionTemplate: { spec: { steps: [{ uses: http, as: ring, config: { method: POST, url: 'https://bell.acme.example' } }] } }",
    );
    assert_eq!(host.open.iter().filter(|effect| matches!(effect.kind, EffectKind::RunStep(_))).count(), 1);
    // The host is gone before the answer, and another folds what it left.
    host.engine = Engine::replay(genesis(), None, host.log.iter().cloned()).unwrap();
    host.tick();
    insta::assert_snapshot!(heard(&host, &["StepOutcomeUnknown"]), @"12:00:00Z shop step       uat 1/1 ring: a crash leaves open whether it acted; it is not repeated");
}

#[test]
fn rules_2_a_step_whose_condition_does_not_hold() {
    let mut host = promoted(
        "promotionTemplate: { spec: { steps: [{ uses: git-push, as: push, if: '${{ false }}' }, { uses: git-push, as: again }] } }",
    );
    host.answer("again", done());
    insta::assert_snapshot!(heard(&host, &["StepSkipped"]), @"12:00:00Z shop step       uat 1/2 push: skipped");
}

#[test]
fn control_4_4_a_run_that_is_not_seen_any_more() {
    let mut host = promoted(VERIFIED);
    host.answer("push", done());
    verifier(&mut host, Asked::Start, Ok(Verdict::new("Running")));
    host.pass(60);
    let Work { start, .. } = host.engine.clone().tick(host.now).appended();
    host.open.extend(start);
    verifier(&mut host, Asked::Look, Err(PortError::not_found("no such run")));
    insta::assert_snapshot!(heard(&host, &["FreightVerificationLost"]), @"12:01:00Z shop verifying  uat: the run was not seen: NotFound: no such run");
}

#[test]
fn rules_4_a_run_that_cannot_be_stopped_and_ends_after_all() {
    let mut host = promoted(VERIFIED);
    host.answer("push", done());
    verifier(&mut host, Asked::Start, Ok(Verdict::new("Running").of("shop", "uat.smoke")));
    host.command(AbortVerification::stage("uat").by(ANA)).unwrap();
    verifier(&mut host, Asked::Stop, Err(PortError::rejected("runs of this cluster cannot be stopped")));
    let id = host.engine.world().stage("uat").unwrap().current().unwrap().verifications[0].id.clone().unwrap();
    host.report(Report::verdict(&id, Verdict::new("Failed").because("p99 over 300 ms")));
    insta::assert_snapshot!(heard(&host, &["FreightVerificationNotStopped", "LateVerdict"]), @r"
    12:00:00Z shop verifying  uat: its run cannot be stopped: Rejected: runs of this cluster cannot be stopped
    12:00:00Z shop late       uat: a run that does not count any more ended Failed: p99 over 300 ms
    ");
    // Once is enough, and what was aborted stays so (rules 6).
    let events = host.log.len();
    host.report(Report::verdict(&id, Verdict::new("Failed").because("p99 over 300 ms")));
    assert_eq!(host.log.len(), events);
    let known = &host.engine.world().stage("uat").unwrap().current().unwrap().verifications[0];
    assert_eq!(known.phase, Some(VerificationPhase::Aborted));
    assert_eq!(known.analysis_run.as_ref().map(|run| &*run.phase), Some("Failed"));
}
