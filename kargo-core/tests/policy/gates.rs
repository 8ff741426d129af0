//! When the next promotion may start (control 3.3; rules 7, traps 6 and 12; rules 5 and 19).

use super::shop::{DIRECT, MENU, Shop, menu, minute, promo};

const ANA: &str = "email:ana@acme.example";

/// f1 came into prod by p1, which succeeded at minute 1; p2 brings f2.
fn shop() -> Shop {
    let shop = Shop::new().freight("f1", 1).freight("f2", 2).holding("prod", &["f1"]);
    shop.promotion(promo(1, "f1").ended("Succeeded", 1)).last_promotion("prod", "p1").promotion(promo(2, "f2")).at(3)
}

#[test]
fn rules_7_trap_6_automation_waits_for_what_is_there_judged_on_fresh_health() {
    let starts = "p2 starts";
    let verifying = "p2 waits: prod verifies what it holds";
    let first = "p2 waits: prod verifies first what it holds";
    let coming = "p2 waits: what prod holds is coming up; waited for until 2026-11-24 12:11Z";
    // (verification, health, what comes next)
    for (verdict, health, expected) in [
        // A verification that runs is waited for, whatever the health (invariant 33).
        (Some("Running"), Some("Healthy"), verifying),
        (Some("Pending"), Some("Unhealthy"), verifying),
        (Some("Running"), None, verifying),
        // Healthy and not yet verified (invariant 34); not looked at yet is not fresh.
        (None, Some("Healthy"), first),
        (None, None, first),
        // Any verdict will do.
        (Some("Successful"), Some("Healthy"), starts),
        (Some("Failed"), Some("Healthy"), starts),
        (Some("Error"), Some("Healthy"), starts),
        (Some("Aborted"), Some("Healthy"), starts),
        (Some("Inconclusive"), None, starts),
        // Coming up is waited for, for a while.
        (None, Some("Progressing"), coming),
        (Some("Successful"), Some("Progressing"), coming),
        // These pass.
        (None, Some("Unhealthy"), starts),
        (None, Some("Unknown"), starts),
        (None, Some("NotApplicable"), starts),
    ] {
        let shop = shop().health("prod", health);
        let shop = verdict.map_or(shop.clone(), |phase| shop.verification("prod", phase));
        assert_eq!(shop.turn("prod"), expected, "{verdict:?} {health:?}");
    }
}

#[test]
fn rules_7_progressing_is_waited_for_exactly_so_long_after_the_success() {
    let coming = |at: i64| shop().health("prod", Some("Progressing")).at(at);
    assert_eq!(coming(3).evaluate("prod").wakes_at(), Some(minute(11)), "10 minutes after the success");
    assert!(coming(10).turn("prod").starts_with("p2 waits"));
    assert_eq!(coming(11).turn("prod"), "p2 starts");
    let shorter = |at| coming(at).ours("StagePolicy", "prod", "{progressing: {atMost: 3m}}");
    assert_eq!(shorter(3).evaluate("prod").wakes_at(), Some(minute(4)));
    assert_eq!(shorter(4).turn("prod"), "p2 starts");
}

#[test]
fn rules_7_people_and_rollbacks_do_not_wait_and_stop_the_verification() {
    for (next, by) in [
        (promo(2, "f2").by(ANA), " of email:ana@acme.example"),
        (promo(2, "f2").rollback(), ""),
        (promo(2, "f2").by(ANA).rollback(), " of email:ana@acme.example"),
    ] {
        let waiting = shop().promotion(next);
        for health in ["Healthy", "Progressing"] {
            assert_eq!(waiting.clone().health("prod", Some(health)).turn("prod"), "p2 starts");
        }
        let verifying = waiting.verification("prod", "Successful").verification("prod", "Running");
        assert_eq!(verifying.turn("prod"), "p2 starts, the verification stops");
        // In the same batch, with who asked for it.
        let status = verifying.evaluate("prod").status;
        let of = &status.freight_history[0].verification_history;
        let phases: Vec<_> = of.iter().map(|info| info.phase.as_ref().unwrap().as_str()).collect();
        assert_eq!(phases, ["Aborted", "Successful"]);
        assert_eq!(of[0].message.as_deref(), Some(&*format!("superseded by promotion p2{by}")));
        assert_eq!(of[0].finish_time, Some(verifying.now));
        assert_eq!(status.current_promotion.unwrap().name, "p2");
    }
}

#[test]
fn control_5_1_after_a_failure_nothing_is_known_and_nothing_waited_for() {
    let shop = shop().promotion(promo(1, "f1").ended("Failed", 1)).last_promotion("prod", "p1");
    for health in ["Healthy", "Progressing"] {
        assert_eq!(shop.clone().health("prod", Some(health)).turn("prod"), "p2 starts", "{health}");
    }
    // An empty Stage waits for nothing either.
    let empty = Shop::new().freight("f2", 2).promotion(promo(2, "f2"));
    assert_eq!(empty.turn("prod"), "p2 starts");
    assert_eq!(Shop::new().turn("prod"), "nothing");
}

#[test]
fn rules_7_while_a_promotion_has_the_place_no_gate_is_judged() {
    let shop = shop().promotion(promo(3, "f1").running()).health("prod", Some("Progressing"));
    assert_eq!(shop.turn("prod"), "p2 waits: promotion p3 is under way");
}

#[test]
fn rules_7_trap_12_not_yet_waits_and_keeps_its_place() {
    let freeze = "{windows: [{name: freeze, kind: Deny, dtstart: 20261124T110000Z, dtend: 20261124T130000Z}]}";
    for (next, name) in
        [(promo(2, "f2"), "automatic"), (promo(2, "f2").by(ANA), "manual"), (promo(2, "f2").rollback(), "rollback")]
    {
        let shop = shop().promotion(next).health("prod", Some("Unhealthy"));
        let closed = shop.clone().ours("StagePolicy", "prod", freeze);
        assert_eq!(closed.turn("prod"), "p2 waits: window: Deny \"freeze\" is active", "{name}");
        assert_eq!(closed.evaluate("prod").wakes_at(), Some(minute(60)), "{name}");
        assert_eq!(closed.at(60).turn("prod"), "p2 starts", "{name}");
        let paused = shop.clone().off().ours("Pause", "lunch", "{stage: prod, until: '2026-11-24T12:30:00Z'}");
        assert_eq!(paused.turn("prod"), "p2 waits: Stage prod is paused", "{name}");
        assert_eq!(paused.evaluate("prod").wakes_at(), Some(minute(30)), "{name}, though automation is off");
        assert!(paused.evaluate("prod").end.is_empty());
        assert_eq!(paused.at(30).turn("prod"), "p2 starts", "{name}");
        // Nothing passes it.
        let behind = shop.ours("Pause", "lunch", "{stage: prod}").promotion(promo(5, "f1"));
        assert!(behind.turn("prod").starts_with("p2 waits"), "{name}");
        assert_eq!(behind.evaluate("prod").wakes_at(), None, "{name}: a pause without an end is ended by somebody");
    }
}

#[test]
fn rules_7_trap_12_no_ends_it() {
    let rejected = shop().health("prod", Some("Unhealthy")).ours("Rejection", "bad", "{freight: f2, actor: ana}");
    let why = "f2 was rejected everywhere by ana";
    assert_eq!(rejected.turn("prod"), format!("p2 is refused: {why}"));

    // What automation wanted is withdrawn, and does not count (rules 6).
    let ended = &rejected.evaluate("prod").end[0];
    assert_eq!(ended.status.phase.as_ref().unwrap().as_str(), "Aborted");
    assert_eq!(ended.metadata.annotations["kargo-core.rs/end"], "Withdrawn");
    assert_eq!((ended.status.started_at, ended.status.finished_at), (None, Some(rejected.now)));
    assert_eq!(ended.status.message.as_deref(), Some(&*format!("it cannot start any more: {why}")));

    // What somebody asked for has failed; its start did, so it has one (invariant 6).
    let asked = rejected.clone().promotion(promo(2, "f2").by(ANA));
    let ended = &asked.evaluate("prod").end[0];
    assert_eq!(ended.status.phase.as_ref().unwrap().as_str(), "Errored");
    assert_eq!((ended.status.started_at, ended.status.finished_at), (Some(asked.now), Some(asked.now)));

    // A pause besides does not save it; the next has its turn at once.
    let paused = rejected.clone().ours("Pause", "lunch", "{}");
    assert!(paused.turn("prod").starts_with("p2 is refused"), "{}", paused.turn("prod"));
    let evaluation = rejected.promotion(promo(5, "f1")).evaluate("prod");
    assert_eq!(evaluation.end.len(), 1);
    assert_eq!(evaluation.status.current_promotion.unwrap().name, "p5");

    // Its source does not let it through any more.
    let upstream = "{origin: {kind: Warehouse, name: cart}, sources: {stages: [uat]}}";
    let source = shop().health("prod", Some("Unhealthy")).stage("prod", upstream);
    assert!(source.turn("prod").starts_with("p2 is refused: source: needs uat"), "{}", source.turn("prod"));
}

#[test]
fn control_trap_39_freight_that_is_gone_ends_it() {
    let mut shop = shop().health("prod", Some("Unhealthy"));
    shop.world.remove(kargo_core::model::Kind::Freight, "f2");
    assert_eq!(shop.turn("prod"), "p2 is refused: there is no Freight \"f2\"; did you mean \"f1\"?");
    let mut nameless = promo(2, "f2");
    nameless.0.spec.freight = None;
    assert_eq!(shop.promotion(nameless).turn("prod"), "p2 is refused: promotion p2 names no freight");
}

#[test]
fn rules_13_each_piece_of_freight_must_be_admitted_and_each_that_is_not_is_named() {
    let shop =
        shop().stage("prod", &[DIRECT, MENU].join(", ")).freight_of(menu(), "m1", 1).health("prod", Some("Unhealthy"));
    let shop = shop.promotion(promo(2, "f2").with_menu("m1").by(ANA));
    assert_eq!(shop.turn("prod"), "p2 starts");
    let second = shop.ours("Rejection", "bad", "{freight: m1}");
    assert_eq!(second.turn("prod"), "p2 is refused: m1 was rejected everywhere", "also if it is the second alone");
    let paused = second.clone().ours("Pause", "lunch", "{}");
    assert!(paused.turn("prod").starts_with("p2 is refused"), "the first waits, the second never may");
    let both = second.ours("Rejection", "worse", "{freight: f2}");
    assert_eq!(both.turn("prod"), "p2 is refused: f2 (Warehouse/cart); m1 (Warehouse/menu)");
}

#[test]
fn rules_5_automation_stands_still_while_the_clock_is_suspect_and_people_do_not() {
    let mut shop = shop().health("prod", Some("Unhealthy"));
    shop.world.set_clock_suspect(true);
    assert_eq!(shop.turn("prod"), "p2 waits: the clock may be wrong");
    assert_eq!(shop.promotion(promo(2, "f2").by(ANA)).turn("prod"), "p2 starts");
}

#[test]
fn rules_6_what_automation_wanted_ends_at_once_also_behind_others() {
    let shop =
        Shop::new().freight("f1", 1).freight("f2", 2).promotion(promo(1, "f1").by(ANA)).promotion(promo(2, "f2"));
    let shop = shop.promotion(promo(3, "f2").by(ANA)).ours("Pause", "lunch", "{stage: prod}");
    assert!(shop.evaluate("prod").end.is_empty());
    let rejected = shop.ours("Rejection", "bad", "{freight: f2, actor: ana}");
    let evaluation = rejected.evaluate("prod");
    assert_eq!(rejected.turn("prod"), "p1 waits: Stage prod is paused");
    let ended: Vec<_> = evaluation.end.iter().map(|ended| &*ended.metadata.name).collect();
    assert_eq!(ended, ["p2"], "a person's is judged when it has its turn");
}
