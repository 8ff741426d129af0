//! Pause, Rejection and Approval, kinds of ours (rules 11).

use kargo_core::model::{Approval, ApprovalSpec, Pause, PauseSpec, Rejection, RejectionSpec};
use proptest::prelude::*;

use super::{
    meta::project_meta,
    scalar::{actor, distinct, freight_name, list, maybe, name, stage_name, timestamp},
    text::text,
};

prop_compose! {
    /// A Pause of a Stage or of a whole project.
    pub fn any_pause()(
        metadata in project_meta(name()),
        stage in maybe(stage_name()),
        until in maybe(timestamp()),
        actor in maybe(actor()),
        reason in maybe(text()),
    ) -> Pause {
        Pause { metadata, spec: PauseSpec { stage, until, actor, reason } }
    }
}

prop_compose! {
    /// A Rejection, for some Stages or for all.
    pub fn any_rejection()(
        metadata in project_meta(name()),
        freight in freight_name(),
        stages in list(stage_name(), 2),
        actor in maybe(actor()),
        reason in maybe(text()),
    ) -> Rejection {
        Rejection { metadata, spec: RejectionSpec { freight, stages: distinct(stages, Clone::clone), actor, reason } }
    }
}

prop_compose! {
    /// An Approval of freight for a Stage.
    pub fn any_approval()(
        metadata in project_meta(name()),
        freight in freight_name(),
        stage in stage_name(),
        actor in maybe(actor()),
        reason in maybe(text()),
    ) -> Approval {
        Approval { metadata, spec: ApprovalSpec { freight, stage, actor, reason } }
    }
}
