//! Days of a shop of somebody's own: faults on purpose, rest, and what happens elsewhere.

use std::{collections::BTreeSet, time::Duration};

use kargo_core::{Event, Recorded, Timestamp, World};
use kargo_testkit::sim::{Fault, Run, Sim};

use crate::shop::{SHOP, day, manifests};

#[test]
fn user_code_8_a_bad_tuesday() {
    let tuesday = || {
        Sim::of(manifests(SHOP))
            .seed(0x6b3f_90c2_a41d_77e5)
            .start("2026-11-24T08:05:00Z")
            .lasting(Duration::from_hours(12))
            .image_every("ghcr.io/acme/cart", Duration::from_mins(20))
            .fault(Fault::rate_limit("ghcr.io").from("09:00").until("09:40").retry_after(Duration::from_mins(10)))
            .fault(Fault::hang("github.com").from("10:05").until("10:25"))
            .fault(Fault::crash().times(5))
            .fault(Fault::lose_webhooks(0.5))
            .run()
    };
    let day = tuesday();
    day.assert_invariants();
    assert_eq!(day.effects_repeated_outside(), 0);
    assert_eq!(day.crashes(), 5);
    // Nobody can know of an image while the registry refuses to tell.
    let worst = day.worst("uat", "ghcr.io/acme/cart");
    assert!(worst.behind > Duration::from_mins(30) && worst.behind < Duration::from_hours(1), "{worst:?}");
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert!(at("2026-11-24T09:30:00Z") < worst.at && worst.at < at("2026-11-24T11:00:00Z"), "{worst:?}");
    let story = day.timeline("uat");
    assert!(story.starts_with("seed 0x6b3f90c2a41d77e5 ("), "{story}");
    assert!(story.contains("✂ crash at position") && story.contains("uat holds") && !story.contains("prod holds"));
    assert!(story.ends_with("replay: KARGO_SEED=0x6b3f90c2a41d77e5"));
    // Law 8: the same seed, the same bytes.
    assert_eq!(day.bytes(), tuesday().bytes());
}

#[test]
fn a_simulation_is_stepped_by_hand() {
    let mut sim = Sim::of(manifests(SHOP))
        .seed(7)
        .start("2026-11-24T08:00:00Z")
        .image_every("ghcr.io/acme/cart", Duration::from_hours(2))
        .build();
    sim.until("10:25").unwrap();
    let before = sim.board();
    assert!(before.contains("[uat]"), "{before}");
    sim.crash();
    assert_eq!(sim.board().lines().skip(1).collect::<Vec<_>>(), before.lines().skip(1).collect::<Vec<_>>());
    let wrong = sim.until("09:00").unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "\"09:00\" is no time to come: write 10:25 or 2026-11-24T10:25:00Z, not before 2026-11-24 10:25:00 UTC"
    );
    sim.finish().assert_invariants();
}

#[test]
fn law_2_a_quiet_world_of_30_days_appends_nothing() {
    let mut sim = Sim::of(manifests(SHOP))
        .seed(7)
        .start("2026-11-01T08:00:00Z")
        .lasting(Duration::from_hours(1))
        .image_every("ghcr.io/acme/cart", Duration::from_hours(2))
        .build();
    sim.until("12:00").unwrap();
    let held = sim.engine().world().stage("prod").unwrap().current().map(|held| held.id.clone());
    assert!(held.is_some());
    let before = sim.engine().position();
    sim.until("2026-12-01T12:00:00Z").unwrap();
    assert_eq!(sim.engine().position(), before);
    sim.finish().assert_invariants();
}

/// Another pipeline in the same project.
const ELSEWHERE: &str = "
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: web, namespace: shop }
spec: { interval: 7m, subscriptions: [{ image: { repoURL: ghcr.io/acme/web, constraint: ^1.0.0 } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: site, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: web }, sources: { direct: true } }]
  promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }
  verification: { analysisTemplates: [{ name: smoke }] }
";

/// What happened to the shop, without positions, causes and the project's own count of promotions.
fn of_shop(run: &Run) -> Vec<(i64, String)> {
    let elsewhere = ["\"site", "/web", "\"web", "site."];
    let ids: BTreeSet<String> = run
        .log()
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::VerificationBegun { place, verification } if &*place.stage == "site" => {
                Some(verification.id().to_string())
            }
            _ => None,
        })
        .collect();
    let told = |recorded: &Recorded| {
        let mut event = serde_json::to_value(&recorded.event).unwrap();
        if let Some(created) = event.get_mut("promotionCreated").and_then(serde_json::Value::as_object_mut) {
            created.remove("number");
        }
        (recorded.at.timestamp_millis(), event.to_string())
    };
    let heads = |recorded: &&Recorded| {
        !matches!(recorded.event, Event::Commanded { .. } | Event::Reported { .. } | Event::Ticked)
    };
    let all = run.log().iter().filter(heads).map(told);
    all.filter(|(_, text)| !elsewhere.iter().any(|word| text.contains(word)) && !ids.iter().any(|id| text.contains(id)))
        .collect()
}

#[test]
fn c16_an_unrelated_pipeline_changes_nothing() {
    let everywhere = SHOP.replace("{ stageSelector: { name: uat }, autoPromotionEnabled: true }, { stageSelector: { name: prod }, autoPromotionEnabled: true }", "{ stageSelector: { name: 'glob:*' }, autoPromotionEnabled: true }");
    let run = |text: &str| {
        let sim = Sim::of(manifests(text)).seed(7).start("2026-11-24T08:00:00Z").lasting(Duration::from_hours(6));
        let sim = sim
            .image_every("ghcr.io/acme/cart", Duration::from_mins(37))
            .image_every("ghcr.io/acme/web", Duration::from_mins(23));
        let run = sim.run();
        run.assert_invariants();
        run
    };
    let (alone, beside) = (run(&everywhere), run(&format!("{everywhere}{ELSEWHERE}")));
    assert!(beside.log().len() > alone.log().len() + 100, "something happens elsewhere");
    let (alone, beside) = (of_shop(&alone), of_shop(&beside));
    assert!(alone.len() > 100);
    let differs = alone.iter().zip(&beside).find(|(one, two)| one != two);
    assert!(differs.is_none() && alone.len() == beside.len(), "{differs:#?}");
}

/// A rule that is broken as soon as anybody pauses anything.
fn nobody_pauses(world: &World) -> Result<(), String> {
    world.pauses().next().map_or(Ok(()), |pause| Err(format!("{} paused {:?}", pause.metadata.name, pause.spec.stage)))
}

#[test]
#[should_panic(expected = "1 inputs are enough:")]
fn a_violation_is_shrunk_to_what_it_needs() {
    drop(Sim::random(3, 120).always("nobody pauses", nobody_pauses).check());
}

#[test]
fn a_violation_can_be_seen_again() {
    let run = || Sim::random(3, 60).always("nobody pauses", nobody_pauses).run();
    let (first, again) = (run(), run());
    let violation = first.violations().first().unwrap();
    assert_eq!(violation.name, "nobody pauses");
    assert_eq!(first.violations(), again.violations());
    assert_eq!(first.bytes(), again.bytes());
    let report = first.report();
    assert!(report.contains("violated: nobody pauses") && report.ends_with("replay: KARGO_SEED=0x3"), "{report}");
    assert!(day().violations().is_empty());
}
