//! From a template's steps to a promotion's: aliases filled in, tasks expanded, loops unrolled (promotion-engine 1.3 and 3;
//! rules 11 and 15).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::model::{
    ForEach, Loop, Loops, LoopsError, PromotionStep, PromotionTaskSpec, STEP_SEPARATOR, StepPolicy, TaskKind, TaskName,
    Variable, nearest,
};

use super::loops::{self, LoopError};

/// Where tasks are looked up by kind and name: those of one project, and those of the cluster.
pub trait Tasks {
    /// The task, if there is one.
    fn task(&self, kind: TaskKind, name: &TaskName) -> Option<&PromotionTaskSpec>;

    /// The names of all tasks of a kind, from which a missing one's nearest is suggested.
    fn names(&self, kind: TaskKind) -> Vec<&str>;
}

impl Tasks for BTreeMap<(TaskKind, TaskName), PromotionTaskSpec> {
    fn task(&self, kind: TaskKind, name: &TaskName) -> Option<&PromotionTaskSpec> {
        self.get(&(kind, name.clone()))
    }

    fn names(&self, kind: TaskKind) -> Vec<&str> {
        self.keys().filter(|(of, _)| *of == kind).map(|(_, name)| name.as_str()).collect()
    }
}

/// The steps of a promotion, and which of them are members of loops.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inflated {
    /// Steps, each with a runner and an alias of its own.
    pub steps: Vec<PromotionStep>,
    /// The loops that were unrolled.
    pub loops: Loops,
}

/// What a template's steps are inflated with.
#[derive(Clone, Copy)]
pub struct Inflation<'a> {
    /// The tasks.
    pub tasks: &'a dyn Tasks,
    /// The promotion's variables: the Stage's, then the template's.
    pub vars: &'a [Variable],
    /// What the StagePolicy says of steps, by alias; `<task alias>::<step>` means that step in all members of a loop.
    pub policy: &'a BTreeMap<String, StepPolicy>,
}

/// Makes the list of a loop, such as [`list`](super::list) does.
pub type MakeList<'a> = dyn FnMut(&ForEach) -> Result<Vec<Json>, LoopError> + 'a;

/// Inflates a template's steps (promotion-engine 3.3).
///
/// A step with a runner is copied, its alias filled in by its position in the template. A reference to a task becomes
/// copies of the task's steps, with aliases `<task alias>::<step alias>` and variables, from low to high: the loop's
/// element, the task's defaults (less those that the promotion sets), the reference's, the step's own. With a loop the
/// reference stands there once for each element, with task aliases `<alias>-0`, `<alias>-1` and so on.
///
/// Nothing in the result refers to a task, so that later edits of it do not matter.
///
/// # Errors
///
/// See [`InflateError`]; the first in order of the template.
pub fn inflate(
    template: &[PromotionStep],
    with: &Inflation<'_>,
    list: &mut MakeList<'_>,
) -> Result<Inflated, InflateError> {
    let mut out = Out::default();
    for (index, step) in template.iter().enumerate() {
        let alias = step.effective_alias(index);
        if !out.names.insert(alias.clone()) {
            return Err(InflateError::Alias { alias });
        }
        out.known.insert(alias.clone());
        match &step.task {
            None => out.step(runner(step, alias, with.policy)?),
            Some(reference) => {
                let fail = |problem| InflateError::Task { task: reference.name.clone(), alias: alias.clone(), problem };
                let expansion = Expansion::of(step, reference.kind.unwrap_or_default(), &reference.name, &alias, with);
                expansion.map_err(fail)?.expand(&mut out, with, list).map_err(fail)?;
            }
        }
    }
    out.finish(with.policy)
}

/// Why a template's steps cannot be inflated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InflateError {
    /// A reference that cannot be expanded.
    #[error("inflate task steps for task {task:?} ({alias:?}): {problem}")]
    Task {
        /// The task's name.
        task: TaskName,
        /// The alias of the reference.
        alias: String,
        /// Why.
        problem: TaskProblem,
    },
    /// A step that neither has a runner nor refers to a task.
    #[error("step {alias:?} has no runner; write uses: <runner> or task: {{ name: <task> }}")]
    NoRunner {
        /// Its alias.
        alias: String,
    },
    /// A loop over a single step.
    #[error("step {alias:?} has forEach, which repeats tasks; put the step into a PromotionTask and refer to it")]
    NotATask {
        /// Its alias.
        alias: String,
    },
    /// Two steps, or a step and a task, have one alias.
    #[error(
        "the alias {alias:?} belongs to two steps, which would share one record and one output; rename one of them"
    )]
    Alias {
        /// The alias.
        alias: String,
    },
    /// The StagePolicy speaks of a step that is not there.
    #[error(
        "the StagePolicy speaks of step {alias:?}, which the Stage does not have{hint}",
        hint = did_you_mean(near)
    )]
    UnknownStep {
        /// The alias in the policy.
        alias: String,
        /// The nearest alias that is there.
        near: Option<String>,
    },
    /// The record of loops cannot be made.
    #[error(transparent)]
    Loops(#[from] LoopsError),
}

/// Why a reference to a task cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskProblem {
    /// There is no such task.
    #[error("{kind:?} {name:?} not found{hint}", hint = did_you_mean(near))]
    NotFound {
        /// Its kind.
        kind: TaskKind,
        /// Its name.
        name: TaskName,
        /// The nearest name that is there.
        near: Option<String>,
    },
    /// A variable that the task needs and nobody sets.
    #[error("missing value for variable {name:?}")]
    MissingValue {
        /// The variable.
        name: String,
    },
    /// A step of the task that has no runner, or refers to a task.
    #[error("PromotionTask step must have uses set and must not reference another task (step {alias:?})")]
    NoRunner {
        /// The step's alias in the task.
        alias: String,
    },
    /// A step of the task that is a loop.
    #[error("a task's step cannot have forEach (step {alias:?}); write it on the reference to the task")]
    InnerLoop {
        /// The step's alias in the task.
        alias: String,
    },
    /// `onUnknown` on a reference.
    #[error("onUnknown belongs to steps, not to references to tasks; write it for \"{alias}::<step>\"")]
    OnUnknown {
        /// The alias of the reference.
        alias: String,
    },
    /// What is wrong with the loop of the reference.
    #[error(transparent)]
    Loop(#[from] LoopError),
}

fn did_you_mean(near: &Option<String>) -> String {
    near.as_ref().map(|near| format!("; did you mean {near:?}?")).unwrap_or_default()
}

/// What has been made so far.
#[derive(Default)]
struct Out {
    steps: Vec<PromotionStep>,
    loops: Vec<Loop>,
    /// Keys of outputs outside of tasks: aliases of steps, tasks, loops and members.
    names: BTreeSet<String>,
    /// Aliases that a policy may speak of: those of the template and of the steps of its tasks, loops not unrolled.
    known: BTreeSet<String>,
}

impl Out {
    fn step(&mut self, step: PromotionStep) {
        self.steps.push(step);
    }

    fn finish(self, policy: &BTreeMap<String, StepPolicy>) -> Result<Inflated, InflateError> {
        let mut aliases = BTreeSet::new();
        for alias in self.steps.iter().filter_map(|step| step.alias.as_deref()) {
            if !aliases.insert(alias) {
                return Err(InflateError::Alias { alias: alias.to_owned() });
            }
        }
        if let Some(alias) = policy.keys().find(|alias| !self.known.contains(*alias)) {
            let near = nearest(alias, self.known.iter().map(String::as_str)).map(str::to_owned);
            return Err(InflateError::UnknownStep { alias: alias.clone(), near });
        }
        Ok(Inflated { loops: Loops::new(self.loops)?, steps: self.steps })
    }
}

fn has_runner(step: &PromotionStep) -> bool {
    step.uses.as_ref().is_some_and(|uses| !uses.is_empty())
}

/// A step of the template that has a runner.
fn runner(
    step: &PromotionStep,
    alias: String,
    policy: &BTreeMap<String, StepPolicy>,
) -> Result<PromotionStep, InflateError> {
    if !has_runner(step) {
        return Err(InflateError::NoRunner { alias });
    }
    let said = policy.get(&alias);
    if step.for_each.is_some() || said.is_some_and(|said| said.for_each.is_some()) {
        return Err(InflateError::NotATask { alias });
    }
    let on_unknown = said.and_then(|said| said.on_unknown).or(step.on_unknown);
    Ok(PromotionStep { alias: Some(alias), on_unknown, ..step.clone() })
}

/// A reference and the task it names.
struct Expansion<'a> {
    reference: &'a PromotionStep,
    alias: &'a str,
    task: &'a PromotionTaskSpec,
    for_each: Option<&'a ForEach>,
}

impl<'a> Expansion<'a> {
    fn of(
        reference: &'a PromotionStep,
        kind: TaskKind,
        name: &TaskName,
        alias: &'a str,
        with: &Inflation<'a>,
    ) -> Result<Self, TaskProblem> {
        let task = with.tasks.task(kind, name).ok_or_else(|| {
            let near = nearest(name, with.tasks.names(kind)).map(str::to_owned);
            TaskProblem::NotFound { kind, name: name.clone(), near }
        })?;
        let said = with.policy.get(alias);
        if reference.on_unknown.is_some() || said.is_some_and(|said| said.on_unknown.is_some()) {
            return Err(TaskProblem::OnUnknown { alias: alias.to_owned() });
        }
        let policy = said.and_then(|said| said.for_each.as_ref());
        let for_each = loops::effective(reference.for_each.as_ref(), policy, alias)?;
        Ok(Self { reference, alias, task, for_each })
    }

    fn expand(&self, out: &mut Out, with: &Inflation<'_>, list: &mut MakeList<'_>) -> Result<(), TaskProblem> {
        let defaults = self.defaults(with.vars)?;
        let steps = self.inner(with.policy, out)?;
        let Some(for_each) = self.for_each else {
            self.member(self.alias, None, &defaults, &steps, out);
            return Ok(());
        };
        let elements = loops::elements(for_each, &list(for_each)?)?;
        let one = Loop {
            alias: self.alias.to_owned(),
            mode: for_each.mode,
            first: out.steps.len(),
            steps: steps.len(),
            members: elements.len(),
        };
        for (index, element) in elements.iter().enumerate() {
            let member = one.task_alias(index);
            if !out.names.insert(member.clone()) {
                return Err(LoopError::Collision { member }.into());
            }
            self.member(&member, Some(element), &defaults, &steps, out);
        }
        out.loops.push(one);
        Ok(())
    }

    /// The defaults that apply: not those of variables that the promotion sets, nor that of the loop's variable. What has
    /// no default must come from the reference or the loop.
    fn defaults(&self, promotion: &[Variable]) -> Result<Vec<Variable>, TaskProblem> {
        let filled = |variable: &&Variable| variable.value.as_ref().is_some_and(|value| !value.is_empty());
        let set_in = |variables: &[Variable], name: &str| variables.iter().filter(filled).any(|it| it.name == name);
        let mut defaults = Vec::new();
        for variable in &self.task.vars {
            let by_loop = self.for_each.is_some_and(|for_each| for_each.as_ == variable.name);
            if by_loop || set_in(promotion, &variable.name) {
                continue;
            }
            if filled(&variable) {
                defaults.push(variable.clone());
            } else if !set_in(&self.reference.vars, &variable.name) {
                return Err(TaskProblem::MissingValue { name: variable.name.clone() });
            }
        }
        Ok(defaults)
    }

    /// The task's steps under their own aliases, with what the policy says of them.
    fn inner(&self, policy: &BTreeMap<String, StepPolicy>, out: &mut Out) -> Result<Vec<PromotionStep>, TaskProblem> {
        let mut steps = Vec::with_capacity(self.task.steps.len());
        for (index, step) in self.task.steps.iter().enumerate() {
            let alias = step.effective_alias(index);
            if !has_runner(step) || step.task.is_some() {
                return Err(TaskProblem::NoRunner { alias });
            }
            let name = [self.alias, STEP_SEPARATOR, &alias].concat();
            let said = policy.get(&name);
            if step.for_each.is_some() || said.is_some_and(|said| said.for_each.is_some()) {
                return Err(TaskProblem::InnerLoop { alias });
            }
            let on_unknown = said.and_then(|said| said.on_unknown).or(step.on_unknown);
            out.known.insert(name);
            steps.push(PromotionStep { alias: Some(alias), on_unknown, ..step.clone() });
        }
        Ok(steps)
    }

    /// Adds the task's steps once, each with a list of variables of its own (promotion-engine 8.2, trap 18).
    fn member(
        &self,
        task_alias: &str,
        element: Option<&Variable>,
        defaults: &[Variable],
        steps: &[PromotionStep],
        out: &mut Out,
    ) {
        for step in steps {
            let own = step.vars.iter();
            let vars = element.into_iter().chain(defaults).chain(&self.reference.vars).chain(own).cloned().collect();
            let inner = step.alias.as_deref().unwrap_or_default();
            let alias = Some([task_alias, STEP_SEPARATOR, inner].concat());
            out.step(PromotionStep { alias, vars, ..step.clone() });
        }
    }
}

#[cfg(test)]
mod tests;
