//! Availability and admission over random worlds: the oracle agrees, and what control 13 says of them holds.

use kargo_core::{
    Why,
    admit::{self, admission, is_admitted},
    eligible::{Availability, Upstream, availability, is_eligible, upstream},
    freight::status::longest_soak,
    model::Duration,
    why::Answer,
};
use proptest::prelude::*;

use crate::{
    oracle,
    plan::{Plan, freight_name, instant, stage_name},
    random::{any_plan, asked, runner},
};

/// Control 1.1 and all gates: the predicate, the explanation and the specification say the same, of every Stage and freight.
#[test]
fn control_1_1_one_rule_is_behind_every_answer() {
    let test = |plan: Plan| {
        let world = plan.build();
        for stage in 0..plan.stages.len() {
            for freight in 0..plan.freight.len() {
                let view = (world.stage(stage_name(stage)).unwrap(), world.freight(&freight_name(freight)).unwrap());
                let now = instant(plan.now);
                let expected = oracle::is_admitted(&plan, stage, freight, plan.now);
                prop_assert_eq!(
                    is_eligible(view.0, view.1, now),
                    oracle::is_available(&plan, stage, freight, plan.now)
                );
                prop_assert_eq!(is_admitted(view.0, view.1, now), expected);
                let why = admit::of(view.0, view.1, now);
                prop_assert_eq!(why.is_yes(), expected, "{}", why);
                prop_assert_eq!(why.obstacles().next().is_none(), expected, "{}", why);
                prop_assert_eq!(why.answer() == Answer::Yes, admission(view.0, view.1, now).next().is_none());
                prop_assert!(!expected || why.needs().is_empty(), "{}", why);
                let read: Why = serde_json::from_str(&serde_json::to_string(&why).unwrap()).unwrap();
                prop_assert_eq!(read, why);
            }
        }
        Ok(())
    };
    runner(256).run(&any_plan(), test).unwrap();
}

/// Control 1.5: until an instant it is not available, from then on it is; and what hangs on a fact stays as it is.
#[test]
fn control_1_5_the_instant_is_exact() {
    let test = |(plan, stage, freight): (Plan, usize, usize)| {
        let world = plan.build();
        let view = (world.stage(stage_name(stage)).unwrap(), world.freight(&freight_name(freight)).unwrap());
        let at = |millis: i64| availability(view.0, view.1, instant(millis));
        match at(plan.now) {
            Availability::Now => prop_assert!(oracle::is_available(&plan, stage, freight, plan.now)),
            Availability::At(opens) => {
                let opens = (opens - instant(0)).num_milliseconds();
                prop_assert!(opens > plan.now);
                prop_assert_eq!(at(opens - 1), Availability::At(instant(opens)));
                prop_assert_eq!(at(opens), Availability::Now);
                prop_assert!(!oracle::is_available(&plan, stage, freight, opens - 1));
                prop_assert!(oracle::is_available(&plan, stage, freight, opens));
            }
            Availability::ByFact => {
                for later in oracle::instants(&plan, stage, freight) {
                    prop_assert_eq!(at(later), Availability::ByFact);
                }
                prop_assert_eq!(at(plan.now + 1_000_000_000_000), Availability::ByFact);
            }
        }
        Ok(())
    };
    runner(1_024).run(&asked(), test).unwrap();
}

/// When a `Why` says that it opens, it does, then and not before, and it says so whenever that is so.
#[test]
fn control_1_5_what_opens_by_itself() {
    let test = |(plan, stage, freight): (Plan, usize, usize)| {
        let world = plan.build();
        let view = (world.stage(stage_name(stage)).unwrap(), world.freight(&freight_name(freight)).unwrap());
        let why = admit::of(view.0, view.1, instant(plan.now));
        let is_admitted = |at: i64| oracle::is_admitted(&plan, stage, freight, at);
        let first = oracle::instants(&plan, stage, freight).into_iter().find(|at| is_admitted(*at));
        let expected = first.filter(|_| !why.is_yes()).map(instant);
        prop_assert_eq!(why.opens_at(), expected, "{}", why);
        if let (Some(at), Some(opens)) = (first, why.opens_at()) {
            prop_assert!(!is_admitted(at - 1));
            prop_assert!(!admit::is_admitted(view.0, view.1, instant(at - 1)));
            prop_assert!(admit::is_admitted(view.0, view.1, opens));
        }
        Ok(())
    };
    runner(1_024).run(&asked(), test).unwrap();
}

/// Invariant 17: what is not verified has not soaked.
#[test]
fn control_13_17_no_soak_without_verification() {
    let test = |(plan, stage, freight): (Plan, usize, usize)| {
        let world = plan.build();
        let (view, stage, now) = (world.freight(&freight_name(freight)).unwrap(), stage_name(stage), instant(plan.now));
        let status = view.status();
        if !status.verified_in.contains_key(&stage) {
            prop_assert_eq!(longest_soak(&status, &stage, now), Duration::ZERO);
            prop_assert_eq!(upstream(view, &stage, None, now), Upstream::Unverified);
            prop_assert_eq!(upstream(view, &stage, Some(Duration::ZERO), now), Upstream::Unverified);
        } else {
            prop_assert_eq!(upstream(view, &stage, None, now), Upstream::Ready);
        }
        Ok(())
    };
    runner(256).run(&asked(), test).unwrap();
}

/// Invariant 18, as rules 6 restates it: with time alone what is available stays so; what withdraws a verification may end
/// that, and giving it back restores it, the soak having gone on.
#[test]
fn control_13_18_time_takes_nothing_away() {
    let test = |((plan, stage, freight), upstream, minutes): ((Plan, usize, usize), usize, i64)| {
        let mut world = plan.build();
        let name = freight_name(freight);
        let (now, later) = (instant(plan.now), instant(plan.now + minutes * 60_000));
        let eligible = |world: &kargo_core::World, at| {
            is_eligible(world.stage(stage_name(stage)).unwrap(), world.freight(&name).unwrap(), at)
        };
        let (before, after) = (eligible(&world, now), eligible(&world, later));
        prop_assert!(after || !before);
        let visits = world.freight(&name).unwrap().visits().clone();
        if visits.get(&stage_name(upstream)).is_some_and(|visit| visit.verified().is_some()) {
            let set = |withdrawn: bool| {
                move |state: &mut kargo_core::world::FreightState| {
                    state.visits.edit(&stage_name(upstream), |visit| visit.withdrawn = withdrawn);
                }
            };
            world.edit_freight(&name, set(true));
            let mut without = plan.clone();
            without.freight[freight].visits.get_mut(&upstream).unwrap().withdrawn = true;
            prop_assert_eq!(eligible(&world, now), oracle::is_available(&without, stage, freight, plan.now));
            prop_assert!(before || !eligible(&world, now));
            world.edit_freight(&name, set(false));
            prop_assert_eq!((eligible(&world, now), eligible(&world, later)), (before, after));
            prop_assert_eq!(world.freight(&name).unwrap().visits(), &visits);
        }
        Ok(())
    };
    runner(512).run(&(asked(), 0..6_usize, 0..10_000_i64), test).unwrap();
}

/// Invariant 19: an approval, in either form, makes freight available exactly to a Stage that requests its origin.
#[test]
fn control_13_19_approval_is_for_what_is_requested() {
    let test = |((mut plan, stage, freight), by_status): ((Plan, usize, usize), bool)| {
        if by_status {
            plan.freight[freight].visits.entry(stage).or_default().approved = true;
        } else {
            plan.approvals.push(crate::plan::ApprovalPlan { freight, stage, actor: "guest-1" });
        }
        let world = plan.build();
        let view = (world.stage(stage_name(stage)).unwrap(), world.freight(&freight_name(freight)).unwrap());
        let requested = oracle::requests(&plan, stage).any(|request| request.origin == plan.freight[freight].origin);
        prop_assert_eq!(is_eligible(view.0, view.1, instant(plan.now)), requested);
        prop_assert_eq!(view.0.is_requesting(view.1.origin()), requested);
        Ok(())
    };
    runner(512).run(&(asked(), any::<bool>()), test).unwrap();
}

/// Invariant 20: for what is taken straight from its origin, status does not matter.
#[test]
fn control_13_20_direct_is_whatever_the_status() {
    let test = |((mut plan, stage, freight), other): ((Plan, usize, usize), Plan)| {
        let origin = plan.freight[freight].origin;
        plan.stages[stage].requests.retain(|request| request.origin != origin);
        plan.stages[stage].requests.insert(
            0,
            crate::plan::RequestPlan {
                origin,
                direct: true,
                upstreams: vec![0, 1],
                needs_all: Some(true),
                soak: Some(60),
            },
        );
        for visits in [plan.freight[freight].visits.clone(), other.freight[0].visits.clone()] {
            plan.freight[freight].visits = visits;
            let world = plan.build();
            let view = (world.stage(stage_name(stage)).unwrap(), world.freight(&freight_name(freight)).unwrap());
            prop_assert_eq!(availability(view.0, view.1, instant(plan.now)), Availability::Now);
        }
        Ok(())
    };
    runner(256).run(&(asked(), any_plan()), test).unwrap();
}
