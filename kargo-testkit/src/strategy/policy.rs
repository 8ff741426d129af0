//! StagePolicy and WarehousePolicy, kinds of ours (rules 11).

use kargo_core::model::{
    ApprovalPolicy, Debounce, FreightIntent, IntentPolicy, JoinSearch, ProgressingPolicy, QueuePolicy, RollbackPolicy,
    RollbackScope, SoakPolicy, StagePolicy, StagePolicySpec, StepPolicy, SubscriptionPolicy, VerdictPolicy,
    VerdictReuse, VerificationPolicy, WarehousePolicy, WarehousePolicySpec, Wave, WaveFailure,
};
use proptest::{
    prelude::*,
    sample::{select, subsequence},
};

use super::{
    config::{any_own_window, rollback_promotion_phases, rollback_verification_phases, windows},
    meta::{any_label_selector, project_meta},
    scalar::{distinct, dns_label, dur, list, map, maybe, name, one_of},
    stage::requests,
    step::{any_for_each, any_on_unknown, step_alias},
    url::git_https,
};
use kargo_core::model::{LabelSelector, Origin};

const INTENTS: [FreightIntent; 3] = [FreightIntent::Auto, FreightIntent::Manual, FreightIntent::Hotfix];

prop_compose! {
    /// A StagePolicy.
    pub fn any_stage_policy()(metadata in project_meta(name()), spec in any_stage_policy_spec()) -> StagePolicy {
        let mut spec = spec;
        for request in &mut spec.requested_freight {
            request.sources.stages.retain(|stage| *stage != *metadata.name);
            if request.sources.stages.is_empty() {
                request.sources.direct = true;
                request.sources.auto_promotion_options = None;
            }
        }
        StagePolicy { metadata, spec }
    }
}

prop_compose! {
    fn any_stage_policy_spec()(
        requested_freight in prop_oneof![Just(Vec::new()), requests(name().prop_map(Origin::junction).boxed())],
        queue in select(&[QueuePolicy::All, QueuePolicy::Latest, QueuePolicy::LatestPerOrigin][..]),
        (verdicts, reuse) in (
            select(&[VerdictPolicy::Latest, VerdictPolicy::Sticky][..]),
            select(&[VerdictReuse::Never, VerdictReuse::SameContent][..]),
        ),
        credit_members in any::<bool>(),
        (at_most, cancel_grace) in (maybe(dur()), maybe(dur())),
        steps in map(policy_step_alias(), any_step_policy(), 2),
        (guard, sample_every) in (any::<bool>(), maybe(dur())),
        windows in windows(any_own_window()),
        approvals in any_approval_policy(),
        intents in subsequence(INTENTS.to_vec(), 0..=3),
        rollback in maybe(any_rollback()),
        waves in list(any_wave(), 3),
    ) -> StagePolicySpec {
        StagePolicySpec {
            requested_freight,
            queue,
            verdicts,
            credit_members,
            verification: VerificationPolicy { reuse },
            progressing: ProgressingPolicy { at_most },
            cancel_grace,
            steps,
            soak: SoakPolicy { guard, sample_every },
            windows,
            approvals,
            intents,
            rollback,
            waves: in_turn(waves),
        }
    }
}

/// Aliases of steps, some inside a task.
fn policy_step_alias() -> BoxedStrategy<String> {
    prop_oneof![
        step_alias(),
        one_of(&["step-1", "task-2"]),
        (step_alias(), step_alias()).prop_map(|(task, step)| format!("{task}::{step}")),
    ]
    .boxed()
}

prop_compose! {
    fn any_step_policy()(on_unknown in maybe(any_on_unknown()), for_each in maybe(any_for_each())) -> StepPolicy {
        StepPolicy { on_unknown, for_each }
    }
}

prop_compose! {
    fn any_approval_policy()(
        required in 0..=20_u32,
        actors in list(one_of(&["email:jo@acme.io", "glob:email:*@acme.io", "regex:^subject:", "admin"]), 2),
    ) -> ApprovalPolicy {
        ApprovalPolicy { required, actors: distinct(actors, Clone::clone) }
    }
}

prop_compose! {
    fn any_rollback()(
        on_promotion in rollback_promotion_phases(),
        on_verification in rollback_verification_phases(),
        on_unhealthy in any::<bool>(),
        scope in select(&[RollbackScope::AllOrigins, RollbackScope::Changed][..]),
    ) -> RollbackPolicy {
        RollbackPolicy { on_promotion, on_verification, on_unhealthy, scope }
    }
}

prop_compose! {
    fn any_wave()(
        name in dns_label(),
        selector in any_label_selector(),
        max_parallel in maybe(1..50_u32),
        threshold in 0..=100_u32,
        on_failure in select(&[WaveFailure::Abort, WaveFailure::Continue][..]),
        pause in maybe(dur()),
    ) -> Wave {
        Wave { name, selector, max_parallel, threshold, on_failure, pause }
    }
}

/// Waves of distinct names; only the last may take all that is left.
fn in_turn(waves: Vec<Wave>) -> Vec<Wave> {
    let waves = distinct(waves, |wave| wave.name.clone());
    let takes_the_rest = waves.iter().position(|wave| wave.selector == LabelSelector::default());
    let keep = takes_the_rest.map_or(waves.len(), |index| index + 1);
    waves.into_iter().take(keep).collect()
}

prop_compose! {
    /// A WarehousePolicy.
    pub fn any_warehouse_policy()(
        metadata in project_meta(name()),
        subscriptions in list(any_subscription_policy(), 2),
        join in maybe(maybe(1..1_000_000_u64).prop_map(|budget| JoinSearch { budget })),
        debounce in maybe((dur(), maybe(dur()))),
        (discovered, assembled) in (select(&INTENTS[..]), select(&INTENTS[..])),
    ) -> WarehousePolicy {
        let debounce = debounce
            .map(|(settle, at_most)| Debounce { settle, at_most: at_most.map(|most| most.max(settle)) });
        WarehousePolicy {
            metadata,
            spec: WarehousePolicySpec {
                subscriptions: distinct(subscriptions, |policy| policy.subscription.clone()),
                join,
                debounce,
                intent: IntentPolicy { discovered, assembled },
            },
        }
    }
}

prop_compose! {
    fn any_subscription_policy()(
        subscription in prop_oneof![dns_label(), git_https()],
        immutable_tags in any::<bool>(),
        sample in maybe(0..10_u32),
    ) -> SubscriptionPolicy {
        SubscriptionPolicy { subscription, immutable_tags, sample }
    }
}
