//! Everything that may be in the way of freight and a Stage, judged once.

use super::{approvals::approvals_missing, pause::is_paused, rejection::rejections, window::is_open};
use crate::{
    eligible::is_eligible,
    model::Timestamp,
    why::Answer,
    world::{FreightView, StageView},
};

/// Something that is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Where the freight comes from.
    Source,
    /// Somebody rejected it.
    Rejection,
    /// Fewer people approved it than the Stage's policy asks for.
    Approvals,
    /// The Stage has no steps.
    ControlFlow,
    /// The Stage or the project is paused.
    Pause,
    /// The windows are closed.
    Window,
}

impl Gate {
    /// Whether what is in the way is about when, not about what: a promotion that is queued waits for it and keeps its place
    /// (rules 7).
    #[must_use]
    pub fn is_about_time(self) -> bool {
        matches!(self, Self::Pause | Self::Window)
    }
}

/// What is in the way of promoting the freight to the Stage, in a fixed order; nothing if it is admitted.
pub fn admission<'w>(
    stage: StageView<'w>,
    freight: FreightView<'w>,
    now: Timestamp,
) -> impl Iterator<Item = Gate> + use<'w> {
    ALL.into_iter().filter(move |gate| gate.is_shut(stage, freight, now))
}

/// In the order in which they are asked.
const ALL: [Gate; 6] = [Gate::Source, Gate::Rejection, Gate::Approvals, Gate::ControlFlow, Gate::Pause, Gate::Window];

impl Gate {
    fn is_shut(self, stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> bool {
        match self {
            Self::Source => !is_eligible(stage, freight, now),
            Self::Rejection => rejections(stage, freight).next().is_some(),
            Self::Approvals => approvals_missing(stage, freight) > 0,
            Self::ControlFlow => stage.noun().is_control_flow(),
            Self::Pause => is_paused(stage, now),
            Self::Window => !is_open(stage, now),
        }
    }
}

/// Whether the freight may be promoted to the Stage now.
#[must_use]
pub fn is_admitted(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> bool {
    admission(stage, freight, now).next().is_none()
}

/// The answer to what is in the way.
pub(super) fn answer(gates: &[Gate], is_requested: bool) -> Answer {
    let decided = |gate: &Gate| matches!(gate, Gate::Rejection | Gate::ControlFlow);
    match gates {
        [] => Answer::Yes,
        _ if !is_requested || gates.iter().any(decided) => Answer::No,
        _ => Answer::NotYet,
    }
}
