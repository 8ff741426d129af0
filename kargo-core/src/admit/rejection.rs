//! Rejections: freight that nobody may promote, to one Stage or anywhere.

use crate::{
    model::Rejection,
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

pub(super) fn node(stage: StageView<'_>, freight: FreightView<'_>, rejection: &Rejection) -> Node {
    let spec = &rejection.spec;
    Node::fails(Reason::Rejected {
        rejection: rejection.metadata.name.clone(),
        freight: freight.called().to_owned(),
        stage: (!spec.stages.is_empty()).then(|| stage.name().into()),
        by: spec.actor.clone(),
        why: spec.reason.clone(),
    })
}
