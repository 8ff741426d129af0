//! Pauses: nothing starts in a Stage, or in the whole project.

use crate::{
    model::{Pause, Timestamp},
    why::{Node, Reason, instant},
    world::StageView,
};

/// The pauses that concern the Stage and have not ended by themselves.
pub fn pauses(stage: StageView<'_>, now: Timestamp) -> impl Iterator<Item = &Pause> {
    stage.pauses().filter(move |pause| pause.spec.until.is_none_or(|until| now < until))
}

/// Whether anything that concerns the Stage is paused.
#[must_use]
pub fn is_paused(stage: StageView<'_>, now: Timestamp) -> bool {
    pauses(stage, now).next().is_some()
}

pub(super) fn node(pause: &Pause) -> Node {
    let spec = &pause.spec;
    let node = Node::fails(Reason::Paused {
        pause: pause.metadata.name.clone(),
        stage: spec.stage.clone(),
        by: spec.actor.clone(),
        why: spec.reason.clone(),
        until: spec.until,
    });
    let resume = match &spec.stage {
        Some(stage) => format!("resume {stage}"),
        None => "resume the project".to_owned(),
    };
    match spec.until {
        Some(until) => node.remedy(format!("ends {}", instant(until))).command("or somebody ends it", resume),
        None => node.command("somebody ends it", resume),
    }
}
