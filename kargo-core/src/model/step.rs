//! Steps of promotions, as written in templates, tasks and promotions (resources 10.2; rules 11 and 15 for ours).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Duration, TaskName, Variable, skip::is_default};

/// One step: either a runner (`uses`) or a reference to a task (`task`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromotionStep {
    /// The runner's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses: Option<String>,
    /// The task whose steps stand here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskReference>,
    /// The step's alias, under which its outputs are kept.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Expression that must be true for the step to run.
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub if_: Option<String>,
    /// Whether the promotion goes on as if this step had not failed. Presence counts on a task step, even `false`
    /// (resources 23, trap 15).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continue_on_error: Option<bool>,
    /// When to give up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<StepRetry>,
    /// Variables of this step; they win over the promotion's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vars: Vec<Variable>,
    /// The runner's configuration, expressions at any depth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
    /// Ours (rules 15): repeats a task for each element of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// Ours (rules 1): what to do when a crash leaves unknown whether the step acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_unknown: Option<OnUnknown>,
}

impl PromotionStep {
    /// The alias under which the step is known: what `as` says, else `task-<n>` or `step-<n>` by its position in the list
    /// it was written in (resources 10.2).
    ///
    /// ```
    /// use kargo_core::model::PromotionStep;
    /// let step = PromotionStep { uses: Some("git-clone".into()), ..PromotionStep::default() };
    /// assert_eq!(step.effective_alias(0), "step-1");
    /// ```
    #[must_use]
    pub fn effective_alias(&self, index: usize) -> String {
        match (&self.alias, &self.task) {
            (Some(alias), _) if !alias.is_empty() => alias.clone(),
            (_, Some(_)) => format!("task-{}", index + 1),
            (_, None) => format!("step-{}", index + 1),
        }
    }
}

/// A task that a step stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskReference {
    /// The task's name.
    pub name: TaskName,
    /// The task's kind; PromotionTask unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<TaskKind>,
}

/// The kind of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TaskKind {
    /// One of the project's.
    #[default]
    PromotionTask,
    /// One of the cluster's.
    ClusterPromotionTask,
}

/// When to give up on a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StepRetry {
    /// How long a step may take; an explicit zero means no limit, absence the runner's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// How many consecutive errors end it; 0 means the runner's default, else 1.
    #[serde(skip_serializing_if = "is_default")]
    pub error_threshold: u32,
}

/// Repeats a task for each element of a list (rules 15).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ForEach {
    /// Expression that gives the list, evaluated once when the promotion is created.
    #[serde(rename = "in")]
    pub in_: String,
    /// The variable that holds the element.
    #[serde(rename = "as")]
    pub as_: String,
    /// One after the other, or side by side.
    pub mode: ForEachMode,
    /// How many elements there may be, 1 to 100.
    pub max: u32,
}

impl ForEach {
    /// How many elements there may be at most, and unless said otherwise.
    pub const MAX: u32 = 100;
}

/// How the members of a loop run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ForEachMode {
    /// One after the other.
    #[default]
    Sequential,
    /// Side by side.
    Parallel,
}

/// What happens to a step that may or may not have acted when the process died (rules 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OnUnknown {
    /// The step ends Errored with that reason.
    #[default]
    Error,
    /// The step runs again.
    Retry,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_10_2_effective_aliases() {
        let task = PromotionStep { task: Some(TaskReference::default()), ..PromotionStep::default() };
        assert_eq!(task.effective_alias(1), "task-2");
        let named = PromotionStep { alias: Some("ship".into()), ..task };
        assert_eq!(named.effective_alias(1), "ship");
        let blank = PromotionStep { alias: Some(String::new()), ..PromotionStep::default() };
        assert_eq!(blank.effective_alias(2), "step-3");
    }
}
