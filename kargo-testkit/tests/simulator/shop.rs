//! A pipeline in which something of everything happens, and the worlds of its run.

use std::time::Duration;

use kargo_core::{
    Engine, Event, Manifests, Recorded, World,
    command::{Approve, Pause, Promote},
};
use kargo_testkit::sim::{Run, Sim};

pub(crate) const SHOP: &str = "
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec: { interval: 5m, subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push, retry: { timeout: 30m } }, { uses: argocd-update, as: sync, continueOnError: true }] } }
  verification: { analysisTemplates: [{ name: smoke }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: gate, namespace: shop }
spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { stages: [uat] } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: prod, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { stages: [uat] , autoPromotionOptions: { selectionPolicy: MatchUpstream } } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ProjectConfig
metadata: { name: shop, namespace: shop }
spec: { promotionPolicies: [{ stageSelector: { name: uat }, autoPromotionEnabled: true }, { stageSelector: { name: prod }, autoPromotionEnabled: true }] }
";

pub(crate) fn manifests(text: &str) -> Manifests {
    Manifests::parse("shop.yaml", text).unwrap()
}

/// Four hours of the shop, in which nothing goes wrong.
pub(crate) fn day() -> Run {
    day_of(Sim::of(manifests(SHOP)))
}

/// The same where little is kept.
pub(crate) fn forgetful_day() -> Run {
    day_of(Sim::of(manifests(SHOP)).forgetful())
}

fn day_of(sim: Sim) -> Run {
    let mut day = sim
        .seed(7)
        .start("2026-11-24T08:00:00Z")
        .lasting(Duration::from_hours(4))
        .image_every("ghcr.io/acme/cart", Duration::from_mins(50))
        .build();
    day.until("11:00").unwrap();
    // Somebody goes back, which holds automation, and approves.
    let oldest = day.engine().world().all_freight().min_by_key(|freight| freight.age()).unwrap().name().to_string();
    day.command(Promote::to("uat").freight(oldest.as_str()).by("email:ana@acme.example")).unwrap();
    day.command(Approve::new(oldest.as_str(), "prod").by("email:ana@acme.example")).unwrap();
    day.command(Pause::stage("prod").by("email:ana@acme.example")).unwrap();
    day.until("12:00").unwrap();
    let run = day.finish();
    run.assert_invariants();
    run
}

/// A world as it was right before an event, with the event.
pub(crate) struct At {
    pub(crate) before: World,
    pub(crate) recorded: Recorded,
    pub(crate) after: World,
    pub(crate) log: Vec<Recorded>,
}

/// The last event of a run that is like this.
pub(crate) fn last(run: &Run, like: impl Fn(&Event) -> bool) -> At {
    let index = run.log().iter().rposition(|recorded| like(&recorded.event)).unwrap();
    let folded = |length: usize| {
        let mut engine = Engine::new(kargo_core::Genesis::new("shop", run.seed()));
        engine.fold(run.log()[..length].iter().cloned()).unwrap();
        engine.world().clone()
    };
    At {
        before: folded(index),
        recorded: run.log()[index].clone(),
        after: folded(index + 1),
        log: run.log()[..=index].to_vec(),
    }
}
