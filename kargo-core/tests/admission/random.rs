//! Random small plans, with few values for everything so that things meet.

use std::collections::BTreeMap;

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};

use crate::plan::{
    ACTORS, ApprovalPlan, FreightPlan, Level, MINUTE, PATTERNS, PausePlan, Plan, RejectionPlan, RequestPlan, Span,
    StagePlan, VisitPlan, WindowPlan,
};

const ORIGINS: usize = 3;
const STAGES: usize = 5;
const FREIGHT: usize = 5;

/// So many cases, times `KARGO_SOAK`.
pub fn runner(cases: u32) -> TestRunner {
    let times = std::env::var("KARGO_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    TestRunner::new(Config { cases: cases.saturating_mul(times), failure_persistence: None, ..Config::default() })
}

/// A plan, a Stage of it and a piece of freight of it.
pub fn asked() -> impl Strategy<Value = (Plan, usize, usize)> {
    any_plan().prop_flat_map(|plan| {
        let (stages, freight) = (plan.stages.len(), plan.freight.len());
        (Just(plan), 0..stages, 0..freight)
    })
}

prop_compose! {
    pub fn any_plan()(
        stages in vec(stage(), 1..=STAGES),
        freight in vec(freight(), 1..=FREIGHT),
        rejections in few((0..FREIGHT, vec(0..STAGES, 0..3)).prop_map(|(freight, stages)| RejectionPlan { freight, stages }), 3),
        pauses in few((option::of(0..STAGES), option::of(time())).prop_map(|(stage, until)| PausePlan { stage, until }), 3),
        approvals in vec((0..FREIGHT, 0..STAGES, select(&ACTORS)), 0..6),
        windows in few(window(), 4),
        now in time().prop_map(|minutes| minutes * MINUTE),
    ) -> Plan {
        let approvals =
            approvals.into_iter().map(|(freight, stage, actor)| ApprovalPlan { freight, stage, actor }).collect();
        Plan { stages, freight, rejections, pauses, approvals, windows, now }
    }
}

/// Around the middle of the day.
fn time() -> impl Strategy<Value = i64> {
    (50..90_i64).prop_map(|tens| tens * 10)
}

/// Mostly none, for each of them is in the way of many.
fn few<T: std::fmt::Debug + Clone>(
    each: impl Strategy<Value = T>,
    most: usize,
) -> impl Strategy<Value = BTreeMap<String, T>> {
    let some = vec(each, 0..=most);
    (some, any::<bool>()).prop_map(|(some, any)| {
        let named = some.into_iter().enumerate().map(|(index, one)| (format!("x{index}"), one));
        named.filter(|_| any).collect()
    })
}

prop_compose! {
    fn stage()(
        requests in vec(request(), 1..=2),
        more_requests in prop_oneof![5 => Just(Vec::new()), 1 => vec(request(), 1)],
        has_steps in prop::bool::weighted(0.9),
        required in prop_oneof![4 => Just(0_u32), 1 => 1..4_u32],
        actors in prop_oneof![Just(Vec::new()), vec(0..PATTERNS.len(), 1..3)],
    ) -> StagePlan {
        StagePlan { requests, more_requests, has_steps, required, actors }
    }
}

prop_compose! {
    fn request()(
        origin in 0..ORIGINS,
        direct in prop::bool::weighted(0.2),
        // One more than there are: a Stage that does not exist.
        upstreams in vec(0..=STAGES, 0..4),
        needs_all in option::of(any::<bool>()),
        soak in option::of(select(&[0_i64, 10, 30, 60, 200])),
    ) -> RequestPlan {
        RequestPlan { origin, direct, upstreams, needs_all, soak }
    }
}

prop_compose! {
    fn freight()(
        origin in 0..ORIGINS,
        found in option::weighted(0.9, 0..6_i64),
        visits in prop::collection::btree_map(0..=STAGES, visit(), 0..=STAGES),
    ) -> FreightPlan {
        FreightPlan { origin, found, visits }
    }
}

prop_compose! {
    fn visit()(
        current in option::of(option::weighted(0.9, time().prop_map(|minutes| minutes * MINUTE))),
        verified in option::weighted(0.7, option::of(select(&[0_i64, 5, 30, 100]))),
        verified_at in option::weighted(0.8, time().prop_map(|minutes| minutes * MINUTE)),
        withdrawn in prop::bool::weighted(0.15),
        approved in prop::bool::weighted(0.1),
    ) -> VisitPlan {
        // Only what was verified can be withdrawn.
        VisitPlan { current, verified, verified_at, withdrawn: withdrawn && verified.is_some(), approved }
    }
}

prop_compose! {
    fn window()(denies in any::<bool>(), level in level(), span in span()) -> WindowPlan {
        WindowPlan { denies, level, span }
    }
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![
        option::of(0..STAGES).prop_map(Level::Project),
        option::of(0..STAGES).prop_map(Level::Cluster),
        (0..STAGES).prop_map(Level::Own),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    let length = (1..30_i64).prop_map(|tens| tens * 10);
    prop_oneof![
        1 => Just(Span::Unreadable),
        1 => Just(Span::Always),
        2 => time().prop_map(Span::From),
        2 => time().prop_map(Span::Until),
        4 => (time(), length.clone()).prop_map(|(from, length)| Span::Once(from, from + length)),
        4 => (time(), length, option::of(1..4_i64)).prop_map(|(start, length, count)| Span::Daily { start, length, count }),
    ]
}
