//! Properties of random worlds: the invariants of control 13 that are about automation, holds and the queue, as rules 6, 7
//! and 13 restate them; and that `evaluate` is pure, ends, and wakes in time.

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::{
    Reason, Timestamp,
    model::{HoldIntent, Origin, PromotionPhase, SelectionPolicy, VerificationPhase},
    policy::{Evaluation, NextTurn, automation, queue},
    world::{PlaceState, PromotionView},
};
use proptest::{prelude::*, strategy::ValueTree as _};

use super::random::{STAGES, Seeds, seeds, shop};
use super::shop::{Shop, minute, words};

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(96);
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 4_000, ..ProptestConfig::default() }
}

/// The only origin of a promotion that automation made.
fn origin_of(shop: &Shop, promotion: &kargo_core::model::Promotion) -> Origin {
    shop.world.freight_named(promotion.spec.freight.as_ref().unwrap()).unwrap().origin().clone()
}

fn is_on(shop: &Shop, stage: &str) -> bool {
    let policies = &shop.world.project_config().unwrap().spec.promotion_policies;
    let of_it = policies.iter().find(|policy| policy.stage_selector.name.as_deref() == Some(stage));
    of_it.is_some_and(|policy| policy.auto_promotion_enabled)
}

/// What the newest open promotions intend, over what is durable (invariant 32), counted without the code under test.
fn effective(shop: &Shop, stage: &str, evaluation: &Evaluation) -> BTreeMap<Origin, String> {
    let durable = evaluation.status.auto_promotion_holds.values();
    let mut holds: BTreeMap<_, _> = durable.map(|hold| (hold.origin.clone(), hold.freight_name.to_string())).collect();
    let mut open: Vec<_> =
        shop.world.promotions().filter(|one| *one.noun().spec.stage == *stage && !one.is_over()).collect();
    open.sort_by_key(|one| one.name().to_owned());
    for promotion in open {
        for (origin, intent) in promotion.intents() {
            if !shop.view(stage).is_requesting(&origin) {
                continue;
            }
            match intent {
                HoldIntent::Hold => {
                    let freight = promotion.freight().get(&origin).cloned().unwrap_or_default();
                    holds.insert(origin, freight.to_string());
                }
                HoldIntent::Resume => drop(holds.remove(&origin)),
            }
        }
    }
    holds
}

/// The newest end that counts of a promotion of this freight alone.
fn last_end<'w>(shop: &'w Shop, stage: &str, freight: &str) -> Option<PromotionView<'w>> {
    let of_it = shop.world.promotions().filter(|one| {
        let replaced = *one.phase() == PromotionPhase::Aborted && one.end_reason().is_some();
        let alone = one.noun().spec.freight.as_deref() == Some(freight) && one.freight().len() == 1;
        *one.noun().spec.stage == *stage && one.is_over() && alone && !replaced
    });
    of_it.max_by_key(|one| (one.created_at(), one.name().to_owned()))
}

fn check_creation(shop: &Shop, stage: &str, evaluation: &Evaluation) {
    let view = shop.view(stage);
    if !is_on(shop, stage) || view.noun().is_control_flow() {
        assert!(evaluation.create.is_empty(), "22");
        assert!(evaluation.status.auto_promotion_holds.is_empty(), "28");
        assert!(evaluation.status.effective_auto_promotion_holds.is_empty(), "28");
    } else {
        let shown = evaluation.status.effective_auto_promotion_holds.iter();
        let shown: BTreeMap<_, _> =
            shown.map(|(origin, hold)| (origin.clone(), hold.freight_name.to_string())).collect();
        assert_eq!(shown, effective(shop, stage, evaluation), "32");
    }
    for origin in evaluation.status.auto_promotion_holds.keys() {
        assert!(view.is_requesting(origin), "29");
    }
    let mut origins = BTreeSet::new();
    for promotion in &evaluation.create {
        let (freight, origin) = (promotion.spec.freight.clone().unwrap(), origin_of(shop, promotion));
        assert!(origins.insert(origin.clone()), "one for each origin");
        assert!(!evaluation.status.effective_auto_promotion_holds.contains_key(&origin), "23");
        let there = evaluation.status.freight_history.first().and_then(|held| held.freight.get(&origin));
        assert!(there.is_none_or(|there| there.name != freight), "24");
        let open = view.open_promotions().find(|one| one.freight().get(&origin) == Some(&freight));
        assert!(open.is_none(), "25");
        let last = last_end(shop, stage, &freight);
        assert!(last.is_none_or(|last| *last.phase() == PromotionPhase::Succeeded), "26");
        assert!(promotion.metadata.annotations.keys().all(|key| !key.contains("auto-promotion")), "27");
        let request = view.requests().find(|request| request.origin == origin).unwrap();
        let found = shop.world.freight_named(&freight).unwrap();
        match request.sources.selection() {
            SelectionPolicy::MatchUpstream => {
                let upstream = &request.sources.stages[0];
                assert!(found.visit(upstream).is_some_and(|visit| visit.current.is_some()), "54");
            }
            SelectionPolicy::NewestFreight => {
                let there = there.and_then(|there| shop.world.freight_named(&there.name));
                assert!(there.is_none_or(|there| there.age() < found.age()), "rules 7, trap 20");
            }
        }
        assert!(kargo_core::admit::is_admitted(view, found, shop.now), "AP-9, invariant 7");
        assert!(shop.world.promotion(&promotion.metadata.name).is_err(), "a name of its own");
    }
}

fn check_turn(shop: &Shop, stage: &str, evaluation: &Evaluation) {
    let view = shop.view(stage);
    let ended: BTreeSet<_> = evaluation.end.iter().map(|one| one.metadata.name.as_str()).collect();
    for promotion in &evaluation.end {
        let old = shop.world.promotion(&promotion.metadata.name).unwrap();
        assert!(!old.is_over() && *old.phase() != PromotionPhase::Running, "only what is queued ends");
        let reason = promotion.metadata.annotations.get("kargo-core.rs/end").map(String::as_str);
        if reason == Some("Superseded") {
            assert!(old.is_automatic() && !old.is_rollback() && old.intents().is_empty(), "rules 7");
            let covers = |one: &PromotionView<'_>| {
                old.freight().keys().all(|origin| one.freight().contains_key(origin)) && one.turn() > old.turn()
            };
            let newer = view.open_promotions().filter(|one| one.is_automatic() && !one.is_rollback());
            assert!(newer.filter(|one| !one.freight().is_empty()).any(|one| covers(&one)), "a later one covers it");
        } else {
            let of_automation = old.is_automatic() && !old.is_rollback();
            assert_eq!(reason.is_some(), of_automation, "Withdrawn, or Errored");
        }
    }
    // A Stage without steps forgets its current promotion, which waits again.
    let empty = PlaceState::default();
    let view = if view.noun().is_control_flow() { view.with_state(&empty) } else { view };
    let waiting = queue(view).into_iter().find(|one| !ended.contains(one.name()));
    match evaluation.turn() {
        NextTurn::Nothing => assert!(waiting.is_none()),
        NextTurn::Refuse { why, .. } => assert!(why.is_yes(), "what is refused has ended"),
        NextTurn::Wait { promotion, .. } => assert_eq!(waiting.unwrap().name(), &**promotion),
        NextTurn::Start { promotion, .. } => {
            let next = waiting.unwrap();
            assert_eq!(next.name(), &**promotion);
            assert!(view.open_promotions().all(|one| *one.phase() != PromotionPhase::Running), "1");
            assert_eq!(evaluation.status.current_promotion.as_ref().unwrap().name, *promotion);
            for freight in next.freight().values() {
                let freight = shop.world.freight_named(freight).unwrap();
                assert!(kargo_core::admit::is_admitted(view, freight, shop.now), "rules 7, trap 12");
            }
            let ended = |phase: &Option<VerificationPhase>| phase.as_ref().is_some_and(VerificationPhase::is_terminal);
            let held = evaluation.status.freight_history.first();
            let all_ended = held.is_none_or(|held| held.verification_history.iter().all(|info| ended(&info.phase)));
            assert!(all_ended, "33: for people it was stopped");
            let automatic = next.is_automatic() && !next.is_rollback();
            let last = evaluation.status.last_promotion.as_ref().and_then(|last| last.status.as_ref()?.phase.clone());
            let healthy = evaluation
                .status
                .health
                .as_ref()
                .is_none_or(|health| health.status.as_ref().is_some_and(|status| status.as_str() == "Healthy"));
            if automatic && last == Some(PromotionPhase::Succeeded) && healthy {
                assert!(held.is_none_or(|held| !held.verification_history.is_empty()), "34");
            }
        }
    }
    let current = evaluation.status.current_promotion.is_some();
    let moves = current || !evaluation.create.is_empty();
    assert_eq!(evaluation.why().is_yes(), moves, "what is explained is what was decided\n{}", evaluation.why());
}

/// What does not depend on when exactly within a quiet time one looks.
fn shape(evaluation: &Evaluation) -> (Vec<String>, Vec<String>, String) {
    let names = |all: &[kargo_core::model::Promotion]| all.iter().map(|one| one.metadata.name.clone()).collect();
    let turn = match evaluation.turn() {
        NextTurn::Nothing => "nothing".to_owned(),
        NextTurn::Start { promotion, supersedes_verification } => {
            format!("start {promotion} {supersedes_verification}")
        }
        NextTurn::Wait { promotion, .. } => format!("wait {promotion}"),
        NextTurn::Refuse { promotion, .. } => format!("refuse {promotion}"),
    };
    let windows = &evaluation.status.promotion_window_status;
    (names(&evaluation.create), names(&evaluation.end), format!("{turn} {windows:?}"))
}

/// When a reason ends by itself.
fn end_of(reason: &Reason) -> Option<Timestamp> {
    match reason {
        Reason::SoakGuard { until, .. } | Reason::Paused { until, .. } => *until,
        Reason::Sampled { next } => Some(*next),
        Reason::WindowClosed { opens, .. } => *opens,
        Reason::Progressing { until, .. } => Some(*until),
        _ => None,
    }
}

/// With everything written, until nothing is left to do.
fn at_rest(shop: &Shop, stage: &str) -> Shop {
    let mut shop = shop.clone();
    loop {
        let evaluation = shop.evaluate(stage);
        if evaluation.create.is_empty() && evaluation.end.is_empty() && evaluation.status_patch().is_none() {
            return shop;
        }
        shop = shop.written(stage, &evaluation);
    }
}

fn each(seeds: &Seeds, check: impl Fn(&Shop, &str)) {
    let shop = shop(seeds);
    for stage in STAGES {
        check(&shop, stage);
    }
}

/// What the random worlds contain: were a kind of situation missing, the properties would say nothing about it.
#[test]
#[expect(clippy::print_stdout, reason = "whoever runs it sees how often each occurs")]
fn the_random_worlds_show_every_situation() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let name = |reason: &Reason| format!("{reason:?}").split([' ', '(']).next().unwrap_or_default().to_owned();
    for _ in 0..1_500 {
        let shop = shop(&seeds().new_tree(&mut runner).unwrap().current());
        for stage in STAGES {
            let evaluation = shop.evaluate(stage);
            let turn = match evaluation.turn() {
                NextTurn::Wait { reason, .. } => format!("waits: {}", name(reason)),
                NextTurn::Start { supersedes_verification, .. } => format!("starts: {supersedes_verification}"),
                other => words(other),
            };
            *seen.entry(turn).or_default() += 1;
            for wish in automation(shop.view(stage), shop.now) {
                let wish = wish
                    .blocked
                    .as_ref()
                    .map_or_else(|| "goes".to_owned(), |reason| format!("blocked: {}", name(reason)));
                *seen.entry(wish).or_default() += 1;
            }
            for ended in &evaluation.end {
                let how = ended.metadata.annotations.get("kargo-core.rs/end").map_or("Errored", String::as_str);
                *seen.entry(format!("ends: {how}")).or_default() += 1;
            }
            let held = evaluation.status.effective_auto_promotion_holds.len();
            *seen.entry(format!("holds: {held}")).or_default() += 1;
        }
    }
    let turns = ["nothing", "starts: false", "starts: true", "waits: Occupied", "waits: ClockSuspect", "waits: Paused"];
    let gates = ["waits: WindowClosed", "waits: Verifying", "waits: NotVerifiedYet", "waits: Progressing"];
    let off = ["AutomationOff", "ControlFlow", "ClockSuspect", "NothingEligible", "SeveralUpstream", "Rejected"];
    let blocked = ["NotForAutomation", "Held", "AlreadyThere", "UnderWay", "FailedBefore", "NewerThere", "SoakGuard"];
    let shut = ["Sampled", "Paused", "WindowClosed"];
    let blocked = off.into_iter().chain(blocked).chain(shut).map(|reason| format!("blocked: {reason}"));
    let ends = ["goes", "ends: Superseded", "ends: Withdrawn", "ends: Errored", "holds: 0", "holds: 1", "holds: 2"];
    let wanted = turns.into_iter().chain(gates).chain(ends).map(str::to_owned).chain(blocked);
    let missing: Vec<_> = wanted.filter(|wanted| !seen.contains_key(wanted)).collect();
    println!("{seen:#?}");
    assert!(missing.is_empty(), "never: {missing:?}");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn control_13_invariants_of_automation_and_of_the_queue(seeds in seeds()) {
        each(&seeds, |shop, stage| {
            let evaluation = shop.evaluate(stage);
            check_creation(shop, stage, &evaluation);
            check_turn(shop, stage, &evaluation);
        });
    }

    #[test]
    fn control_13_49_evaluate_is_pure_and_comes_to_rest(seeds in seeds()) {
        each(&seeds, |shop, stage| {
            let evaluation = shop.evaluate(stage);
            let same = shop.evaluate(stage);
            assert_eq!((&evaluation.create, &evaluation.end, &evaluation.status), (&same.create, &same.end, &same.status));
            assert_eq!(evaluation.why(), same.why());

            // The patch alone changes nothing more.
            let mut patched = shop.clone();
            let status = evaluation.status.clone();
            patched = patched.status(stage, |old| *old = status);
            let again = patched.evaluate(stage);
            assert_eq!(again.create, evaluation.create, "patched");
            assert_eq!(again.status, evaluation.status, "49");

            // What was created is not created again.
            let mut created = shop.clone();
            for promotion in &evaluation.create {
                created.world.put(promotion.clone());
            }
            let again = created.evaluate(stage);
            assert!(again.create.is_empty(), "{:?}", again.create);

            // Everything written, again and again: soon nothing is left to do, and every name is new.
            let mut shop = shop.clone();
            let mut names = BTreeSet::new();
            for round in 0.. {
                assert!(round < 12, "{}", shop.evaluate(stage).why());
                let evaluation = shop.evaluate(stage);
                if evaluation.create.is_empty() && evaluation.end.is_empty() && evaluation.status_patch().is_none() {
                    break;
                }
                for promotion in &evaluation.create {
                    assert!(names.insert(promotion.metadata.name.clone()), "twice: {}", promotion.metadata.name);
                }
                shop = shop.written(stage, &evaluation);
            }
        });
    }

    #[test]
    fn control_13_30_and_31_aborts_and_the_removal_of_ended_promotions_change_no_hold(seeds in seeds(), of in 0_usize..4) {
        each(&seeds, |shop, stage| {
            let evaluation = shop.evaluate(stage);
            let durable = &evaluation.status.auto_promotion_holds;
            let freight = ["f0", "f1", "f2", "f3"][of];
            let aborted = super::shop::promo(9, freight).named("zz").to(stage).hold().stopped(0);
            let with = shop.clone().promotion(aborted).evaluate(stage);
            assert_eq!(&with.status.auto_promotion_holds, durable, "30");

            let mut cleaned = shop.clone().written(stage, &evaluation);
            let over: Vec<_> = cleaned.world.promotions().filter(|one| one.is_over()).map(|one| one.name().to_owned()).collect();
            for name in over {
                cleaned.world.remove_promotion(&name);
            }
            assert_eq!(&cleaned.evaluate(stage).status.auto_promotion_holds, durable, "31");
        });
    }

    #[test]
    fn control_13_56_until_it_wakes_nothing_changes(seeds in seeds()) {
        each(&seeds, |shop, stage| {
            // What is refused now may be admitted later: it has ended by then.
            let mut shop = shop.clone();
            while !shop.evaluate(stage).end.is_empty() {
                for promotion in shop.evaluate(stage).end {
                    shop.world.put(promotion);
                }
            }
            let now = shop.evaluate(stage);
            let (expected, wakes) = (shape(&now), now.wakes_at());
            assert!(wakes.is_none_or(|at| at > shop.now));
            // All instants of these worlds are multiples of five minutes.
            for step in 1..=72 {
                for minutes in [step * 5 - 1, step * 5] {
                    if wakes.is_some_and(|at| minute(minutes) >= at) {
                        return;
                    }
                    let later = shop.clone().at(minutes).evaluate(stage);
                    assert_eq!(shape(&later), expected, "at {minutes}; it wakes at {wakes:?}");
                }
            }
        });
    }

    #[test]
    fn control_13_56_what_waits_for_an_instant_does_not_wait_at_it(seeds in seeds()) {
        each(&seeds, |shop, stage| {
            let mut shop = at_rest(shop, stage);
            for hop in 0.. {
                assert!(hop < 60, "{:?} {}", shop.now, shop.evaluate(stage).why());
                let evaluation = shop.evaluate(stage);
                let wakes = evaluation.wakes_at();
                let mut ends = Vec::new();
                if let NextTurn::Wait { reason, .. } = evaluation.turn() {
                    ends.extend(end_of(reason));
                }
                ends.extend(automation(shop.view(stage), shop.now).iter().filter_map(|wish| end_of(wish.blocked.as_ref()?)));
                for end in ends {
                    assert!(end > shop.now, "blocked by what has ended at {end}");
                    // A queue may wait for something else besides that never ends by itself.
                    let for_ever = shop.view(stage).pauses().any(|pause| pause.spec.until.is_none());
                    assert!(for_ever || wakes.is_some_and(|at| at <= end), "{end} is not waited for: {wakes:?}");
                }
                match wakes {
                    Some(at) => shop.now = at,
                    None => break,
                }
            }
        });
    }
}
