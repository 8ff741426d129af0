//! Steps, variables and tasks (resources 10.2 and 11; rules 1 and 15 for ours).

use std::collections::BTreeSet;

use kargo_core::model::{
    ClusterPromotionTask, ForEach, ForEachMode, OnUnknown, PromotionStep, PromotionTask, PromotionTaskSpec, StepRetry,
    TaskKind, TaskReference, Variable,
};
use proptest::{prelude::*, sample::select};

use super::{
    json::{json_object, json_present},
    meta::{cluster_meta, project_meta},
    scalar::{any_duration, list, maybe, name, one_of, some, var_name},
    text::{step_condition, template_text},
};

prop_compose! {
    /// A variable, perhaps without a value.
    pub fn any_variable()(name in var_name(), value in maybe(template_text())) -> Variable {
        Variable { name, value }
    }
}

/// Aliases of steps: none is reserved (`step-1`, `task-1`), none is blank.
pub fn step_alias() -> BoxedStrategy<String> {
    prop_oneof![
        3 => one_of(&["clone", "push", "1.10", "yes", "null", "step_1", "step-1x", "a: b", "deploy prod", "Update", "🚀", "# 1"]),
        1 => var_name(),
    ]
    .boxed()
}

/// Names of runners: built-in ones and ones of a host.
pub(super) fn runner() -> BoxedStrategy<String> {
    one_of(&["git-clone", "yaml-update", "git-commit", "git-push", "http", "compose-output", "acme-notify", "true"])
}

prop_compose! {
    /// A step with a runner.
    pub fn uses_step()(
        uses in runner(),
        alias in maybe(step_alias()),
        if_ in maybe(step_condition()),
        continue_on_error in maybe(any::<bool>()),
        retry in maybe(any_retry()),
        vars in list(any_variable(), 2),
        config in maybe(prop_oneof![5 => json_object(), 1 => json_present()]),
        on_unknown in maybe(any_on_unknown()),
    ) -> PromotionStep {
        PromotionStep {
            uses: Some(uses),
            task: None,
            alias,
            if_,
            continue_on_error,
            retry,
            vars,
            config,
            for_each: None,
            on_unknown,
        }
    }
}

prop_compose! {
    /// A step that stands for a task. It has no condition, no configuration, and says nothing of errors and retries.
    pub fn task_step()(
        name in name(),
        kind in maybe(select(&[TaskKind::PromotionTask, TaskKind::ClusterPromotionTask][..])),
        alias in maybe(step_alias()),
        vars in list(any_variable(), 2),
        for_each in maybe(any_for_each()),
    ) -> PromotionStep {
        PromotionStep {
            uses: None,
            task: Some(TaskReference { name: name.into(), kind }),
            alias,
            if_: None,
            continue_on_error: None,
            retry: None,
            vars,
            config: None,
            for_each,
            on_unknown: None,
        }
    }
}

prop_compose! {
    /// When to give up on a step.
    pub fn any_retry()(timeout in maybe(any_duration()), error_threshold in 0..10_u32) -> StepRetry {
        StepRetry { timeout, error_threshold }
    }
}

prop_compose! {
    /// A loop over a list that is known when the promotion is created (rules 15).
    pub fn any_for_each()(
        in_ in one_of(&["${{ ['eu', 'us'] }}", "[1, 2, 3]", "${{ ctx.targetFreight.images }}"]),
        as_ in var_name(),
        mode in select(&[ForEachMode::Sequential, ForEachMode::Parallel][..]),
        max in 1..=ForEach::MAX,
    ) -> ForEach {
        ForEach { in_, as_, mode, max }
    }
}

/// What to do when a crash leaves unknown whether a step acted.
pub fn any_on_unknown() -> BoxedStrategy<OnUnknown> {
    select(&[OnUnknown::Error, OnUnknown::Retry][..]).boxed()
}

/// Steps of a Stage's template: runners and tasks, no alias twice.
pub fn template_steps() -> BoxedStrategy<Vec<PromotionStep>> {
    list(prop_oneof![2 => uses_step(), 1 => task_step()], 3).prop_map(without_twins).boxed()
}

/// Steps of a task: runners only, at least one, no alias twice.
pub fn task_steps() -> BoxedStrategy<Vec<PromotionStep>> {
    some(uses_step(), 3).prop_map(without_twins).boxed()
}

/// Takes away aliases that occurred before.
fn without_twins(mut steps: Vec<PromotionStep>) -> Vec<PromotionStep> {
    let mut seen = BTreeSet::new();
    for step in &mut steps {
        step.alias = step.alias.take().filter(|alias| seen.insert(alias.clone()));
    }
    steps
}

prop_compose! {
    fn any_task_spec()(vars in list(any_variable(), 3), steps in task_steps()) -> PromotionTaskSpec {
        PromotionTaskSpec { vars, steps }
    }
}

prop_compose! {
    /// A PromotionTask.
    pub fn any_promotion_task()(metadata in project_meta(name()), spec in any_task_spec()) -> PromotionTask {
        PromotionTask { metadata, spec }
    }
}

prop_compose! {
    /// A ClusterPromotionTask.
    pub fn any_cluster_promotion_task()(metadata in cluster_meta(name()), spec in any_task_spec()) -> ClusterPromotionTask {
        ClusterPromotionTask { metadata, spec }
    }
}
