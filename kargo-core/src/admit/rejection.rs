//! Rejections: freight that nobody may promote, to one Stage or anywhere.

use crate::{
    eligible,
    model::{Rejection, Timestamp},
    why::{Node, Reason},
    world::{FreightView, StageView},
};

/// The rejections of the freight that concern the Stage.
pub fn rejections<'w>(stage: StageView<'w>, freight: FreightView<'w>) -> impl Iterator<Item = &'w Rejection> {
    let of_freight = freight.world().rejections_of(freight.name());
    of_freight.filter(move |rejection| {
        rejection.spec.stages.is_empty() || rejection.spec.stages.iter().any(|name| **name == *stage.name())
    })
}

pub(super) fn node(stage: StageView<'_>, freight: FreightView<'_>, rejection: &Rejection, now: Timestamp) -> Node {
    let spec = &rejection.spec;
    let node = Node::fails(Reason::Rejected {
        rejection: rejection.metadata.name.clone(),
        freight: freight.called().to_owned(),
        stage: (!spec.stages.is_empty()).then(|| stage.name().into()),
        by: spec.actor.clone(),
        why: spec.reason.clone(),
    });
    // Not what is there already, for that needs no promotion.
    let is_there = |other: FreightView<'_>| other.visit(stage.name()).is_some_and(|visit| visit.current.is_some());
    let other = eligible::list(stage, freight.origin(), None, now).find(|other| {
        other.name() != freight.name() && !is_there(*other) && rejections(stage, *other).next().is_none()
    });
    match other {
        Some(other) => {
            node.remedy(format!("un-reject it, or promote other freight: newest eligible is {}", other.called()))
        }
        None => node.remedy("un-reject it"),
    }
}
