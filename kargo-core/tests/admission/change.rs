//! Changes of a plan, one by one: those that a `Need` asks for, and all that are possible.

use kargo_core::why::Need;

use crate::{
    oracle::{approvers, concerning, counts, has_steps, requests},
    plan::{ACTORS, ApprovalPlan, Level, Plan, Span, WindowPlan, instant, stage_name},
};

/// One change, made by somebody or something; none of them waits.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The Stage verifies the freight; if it is not there, it enters now, or passes.
    Verify(usize),
    /// The freight enters the Stage now.
    Return(usize),
    Approve(&'static str),
    Unreject(String),
    Unpause(String),
    Lift(String),
    /// A window that always allows is written.
    Allow,
}

impl Change {
    pub fn apply(&self, plan: &mut Plan, stage: usize, freight: usize) {
        let now = plan.now;
        match self {
            Self::Verify(upstream) => {
                let stays = has_steps(plan, *upstream);
                let visit = plan.freight[freight].visits.entry(*upstream).or_default();
                if visit.verified.is_none() {
                    (visit.verified, visit.verified_at) = (Some(None), Some(now));
                }
                visit.withdrawn = false;
                if stays {
                    visit.current = visit.current.or(Some(Some(now)));
                }
            }
            Self::Return(upstream) => {
                plan.freight[freight].visits.entry(*upstream).or_default().current = Some(Some(now));
            }
            Self::Approve(actor) => plan.approvals.push(ApprovalPlan { freight, stage, actor }),
            Self::Unreject(name) => drop(plan.rejections.remove(name).unwrap()),
            Self::Unpause(name) => drop(plan.pauses.remove(name).unwrap()),
            Self::Lift(name) => drop(plan.windows.remove(name).unwrap()),
            Self::Allow => {
                let window = WindowPlan { denies: false, level: Level::Own(stage), span: Span::Always };
                plan.windows.insert("always".to_owned(), window);
            }
        }
    }
}

/// The changes that needs ask for, and the instant that they wait for.
pub fn of_needs(plan: &Plan, stage: usize, freight: usize, needs: &[Need]) -> (Vec<Change>, Option<i64>) {
    let index = |name: &str| (0..10).find(|index| stage_name(*index) == *name).unwrap();
    let (mut changes, mut wait) = (Vec::new(), None);
    for need in needs {
        match need {
            Need::Verify { stage } => changes.push(Change::Verify(index(stage))),
            Need::Return { stage } => changes.push(Change::Return(index(stage))),
            Need::Approve { people, .. } => {
                let new = newcomers(plan, stage, freight).take(*people as usize).map(Change::Approve);
                changes.extend(new);
            }
            Need::Unreject { rejection } => changes.push(Change::Unreject(rejection.clone())),
            Need::Unpause { pause } => changes.push(Change::Unpause(pause.clone())),
            Need::Lift { window: Some(window) } => changes.push(Change::Lift(window.clone())),
            Need::Lift { window: None } => changes.push(Change::Allow),
            Need::Wait { until } => {
                assert_eq!(wait, None, "waiting is one change");
                wait = Some((*until - instant(0)).num_milliseconds());
            }
            need => panic!("{need:?} is not asked for here"),
        }
    }
    (changes, wait)
}

/// People who have not approved it yet; first those whose approval counts where some are asked for.
fn newcomers(plan: &Plan, stage: usize, freight: usize) -> impl Iterator<Item = &'static str> {
    let given = approvers(plan, stage, freight);
    let mut new: Vec<_> = ACTORS.into_iter().filter(|actor| !actor.is_empty() && !given.contains(actor)).collect();
    new.sort_by_key(|actor| !counts(plan, stage, actor));
    new.into_iter()
}

/// All changes that may have something to do with the freight and the Stage.
pub fn possible(plan: &Plan, stage: usize, freight: usize) -> Vec<Change> {
    let mut found = Vec::new();
    let upstreams = requests(plan, stage).flat_map(|request| &request.upstreams);
    // What does not exist verifies nothing.
    for upstream in upstreams.filter(|upstream| **upstream < plan.stages.len()) {
        found.extend([Change::Verify(*upstream), Change::Return(*upstream)]);
    }
    found.extend(newcomers(plan, stage, freight).take(3).map(Change::Approve));
    let of_freight = plan.rejections.iter().filter(|(_, rejection)| rejection.freight == freight);
    found.extend(of_freight.map(|(name, _)| Change::Unreject(name.clone())));
    found.extend(plan.pauses.keys().cloned().map(Change::Unpause));
    if concerning(plan, stage).next().is_some() {
        found.extend(plan.windows.keys().cloned().map(Change::Lift));
        found.push(Change::Allow);
    }
    let mut different: Vec<Change> = Vec::new();
    for change in found {
        if !different.contains(&change) {
            different.push(change);
        }
    }
    different
}
