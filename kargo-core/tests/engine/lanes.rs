//! Work that acts on the same thing outside is done one after the other, across promotions (rules 4 and 19).

use kargo_core::{
    Effect, EffectKind,
    command::{Abort, Pause, Promote, Resume, Rollback},
    engine::RunStep,
    model::PromotionPhase,
};

use crate::host::{Host, done};

const ANA: &str = "email:ana@acme.example";

/// Stages a and b push to these branches of one repository, each by itself, with freight of cart.
fn two(branches: [&str; 2]) -> Host {
    let stage = |name: &str, branch: &str| {
        format!(
            "---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {{ name: {name}, namespace: shop }}
spec:
  requestedFreight: [{{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ direct: true }} }}]
  promotionTemplate: {{ spec: {{ steps: [{{ uses: argocd-update, as: push, config: {{ apps: [{{ name: {branch} }}] }} }}] }} }}
"
        )
    };
    let text = format!(
        "apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {{ name: cart, namespace: shop }}
spec: {{ subscriptions: [{{ image: {{ repoURL: ghcr.io/acme/cart }} }}] }}
{}{}---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: {{ name: shop, namespace: shop }}
spec: {{ promotionPolicies: [{{ stageSelector: {{}}, autoPromotionEnabled: true }}] }}
",
        stage("a", branches[0]),
        stage("b", branches[1])
    );
    Host::new(&text)
}

fn runs(host: &Host) -> Vec<RunStep> {
    let run = |effect: &Effect| match &effect.kind {
        EffectKind::RunStep(run) => Some(run.clone()),
        _ => None,
    };
    host.open.iter().filter_map(run).collect()
}

/// The attempts that were handed out, by Stage, which are taken.
fn take(host: &mut Host) -> Vec<RunStep> {
    let found = runs(host);
    host.open.retain(Effect::is_look);
    found
}

fn stages(runs: &[RunStep]) -> Vec<&str> {
    runs.iter().map(|run| &*run.facts.stage).collect()
}

#[test]
fn rules_4_at_most_one_effect_of_a_lane_is_in_flight_across_promotions() {
    let mut host = two(["shared", "shared"]);
    host.found("cart", &["1.4.2"]);
    let first = take(&mut host);
    assert_eq!(stages(&first), ["a"], "the other waits for the Application");
    let waiting: Vec<_> = host.engine.waiting().map(|(_, other)| other.clone()).collect();
    assert_eq!(waiting, [first[0].effect.clone()]);
    assert_eq!(host.engine.pending().count(), 1);
    host.report(first[0].report(done()));
    let second = take(&mut host);
    assert_eq!(stages(&second), ["b"]);
    assert_eq!(host.engine.waiting().count(), 0);
    host.report(second[0].report(done()));
    assert_eq!((host.holds("a").as_deref(), host.holds("b").as_deref()), (Some("1.4.2"), Some("1.4.2")));

    let mut host = two(["one", "other"]);
    host.found("cart", &["1.4.2"]);
    assert_eq!(stages(&take(&mut host)), ["a", "b"], "these do not meet");
}

#[test]
fn rules_4_what_waits_for_a_lane_and_is_aborted_has_not_begun() {
    let mut host = two(["shared", "shared"]);
    host.found("cart", &["1.4.2"]);
    take(&mut host);
    let b = host.engine.world().stage("b").unwrap().current_promotion().unwrap().to_owned();
    host.command(Abort::promotion(&*b).by(ANA)).unwrap();
    assert!(host.cancelled.is_empty(), "nobody runs it");
    assert_eq!(host.engine.waiting().count(), 0);
    let deadline = host.engine.deadline().unwrap();
    assert_eq!(deadline, host.now, "the first tick says that it has stopped");
    host.tick();
    let promotion = host.engine.world().promotion(&*b).unwrap();
    assert_eq!(*promotion.phase(), PromotionPhase::Aborted);
    assert_eq!(promotion.noun().status.step_execution_metadata[0].status.as_ref().unwrap().as_str(), "Aborted");
}

#[test]
fn requirements_b9_a_rollback_stops_what_is_under_way_and_enters_its_lane_after_the_grace_at_the_latest() {
    let busy = || {
        let mut host = two(["shared", "other"]);
        for tags in [&["1.4.1"][..], &["1.4.2", "1.4.1"]] {
            host.found("cart", tags);
            for run in take(&mut host) {
                host.report(run.report(done()));
            }
            host.now += kargo_core::model::Duration::from_secs(60).to_delta();
            host.tick();
        }
        host.found("cart", &["1.4.3", "1.4.2", "1.4.1"]);
        assert_eq!(host.holds("a").as_deref(), Some("1.4.2"));
        let under_way = take(&mut host).remove(0);
        host.command(Rollback::of("a").by(ANA)).unwrap();
        let promotion = host.engine.world().promotion(&under_way.promotion).unwrap();
        assert_eq!(*promotion.phase(), PromotionPhase::Aborted, "decided at once: {}", host.story());
        assert!(host.cancelled.contains(&under_way.effect.to_string()));
        assert!(runs(&host).is_empty(), "its lane is taken");
        (host, under_way)
    };
    // Either the lane is free,
    let (mut host, under_way) = busy();
    host.report(under_way.stopped());
    let back = take(&mut host);
    assert_eq!(back.len(), 1);
    host.report(back[0].report(done()));
    assert_eq!(host.holds("a").as_deref(), Some("1.4.1"));
    // or the grace is over.
    let (mut host, _) = busy();
    // A replay knows no later instant than that of the last event, and the end of the grace is none.
    host.replays = false;
    let began = host.now;
    host.until(&(began + kargo_core::model::Duration::from_nanos(29_999_000_000).to_delta()).to_rfc3339());
    assert!(runs(&host).is_empty());
    host.until(&(began + kargo_core::model::Duration::from_secs(30).to_delta()).to_rfc3339());
    assert_eq!(runs(&host).len(), 1, "{}", host.story());
}

#[test]
fn rules_4_after_a_crash_the_same_work_goes_first() {
    let mut host = two(["shared", "shared"]);
    host.command(Pause::stage("a").by(ANA)).unwrap();
    host.found("cart", &["1.4.2"]);
    host.command(Resume::stage("a").by(ANA)).unwrap();
    let first = take(&mut host);
    assert_eq!(stages(&first), ["b"], "opened first, whatever its name");
    let mut engine = kargo_core::Engine::new(crate::host::genesis());
    engine.fold(host.log.iter().cloned()).unwrap();
    let pending: Vec<_> = engine.pending().map(|effect| effect.id.clone()).collect();
    assert_eq!(pending, [first[0].effect.clone()]);
    assert_eq!(engine.waiting().count(), 1);
    let freight = host.engine.world().all_freight().next().unwrap().name().to_string();
    assert!(host.command(Promote::to("a").freight(&*freight).by(ANA)).is_ok());
}
