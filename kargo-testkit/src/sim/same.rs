//! Whether two engines know the same and owe the same: what a replay is compared by.

use kargo_core::{
    Effect, EffectKind, Engine, World,
    model::Kind,
    world::{FreightView, PromotionView},
};

/// The first thing in which two worlds differ.
#[must_use]
pub fn difference(a: &World, b: &World) -> Option<String> {
    let stages = |world: &World| world.stages().map(|stage| stage.name().to_owned()).collect::<Vec<_>>();
    if stages(a) != stages(b) {
        return Some(format!("Stages: {:?} and {:?}", stages(a), stages(b)));
    }
    for name in stages(a) {
        let (Ok(one), Ok(two)) = (a.stage(&name), b.stage(&name)) else { return Some(format!("Stage {name}")) };
        if one.noun() != two.noun() || one.policy() != two.policy() {
            return Some(format!("the definition of Stage {name}"));
        }
        if one.state() != two.state() {
            return Some(format!("Stage {name}:\n{:#?}\nand\n{:#?}", one.state(), two.state()));
        }
        let queue = |world: &World| {
            let stage = world.stage(&name).ok()?;
            Some(stage.promotions().map(PromotionView::turn).collect::<Vec<_>>())
        };
        if queue(a) != queue(b) {
            return Some(format!("the queue of {name}: {:?} and {:?}", queue(a), queue(b)));
        }
    }
    let mut others = b.promotions();
    for one in a.promotions() {
        match others.next() {
            Some(two) if one.noun() == two.noun() => {}
            two => {
                return Some(format!(
                    "promotion {}:\n{:#?}\nand\n{:#?}",
                    one.name(),
                    one.noun(),
                    two.map(PromotionView::noun)
                ));
            }
        }
    }
    if let Some(more) = others.next() {
        return Some(format!("promotion {}", more.name()));
    }
    let mut others = b.all_freight();
    for one in a.all_freight() {
        match others.next() {
            Some(two)
                if one.to_definition() == two.to_definition() && one.visits() == two.visits() && one.metadata() == two.metadata() => {}
            two => {
                return Some(format!(
                    "freight {}:\n{:#?}\nand\n{:#?}",
                    one.called(),
                    one.visits(),
                    two.map(FreightView::visits)
                ));
            }
        }
    }
    if let Some(more) = others.next() {
        return Some(format!("freight {}", more.called()));
    }
    if !a.pauses().eq(b.pauses()) {
        return Some("pauses".to_owned());
    }
    for freight in a.all_freight() {
        if !a.rejections_of(freight.name()).eq(b.rejections_of(freight.name())) {
            return Some(format!("rejections of {}", freight.called()));
        }
        let approved = |world: &World| {
            let stages = world.stages();
            stages
                .flat_map(|stage| world.approvals_of(freight.name(), stage.name()).cloned().collect::<Vec<_>>())
                .collect::<Vec<_>>()
        };
        if approved(a) != approved(b) {
            return Some(format!("approvals of {}", freight.called()));
        }
    }
    if !a.warehouses().eq(b.warehouses()) {
        return Some("Warehouses".to_owned());
    }
    let config = |world: &World| world.definition(Kind::ProjectConfig, world.project());
    if config(a) != config(b) {
        return Some("the project's configuration".to_owned());
    }
    (a.is_clock_suspect() != b.is_clock_suspect()).then(|| "whether the clock may be wrong".to_owned())
}

/// The work that an engine owes, without attempts that nobody may repeat and without what is being stopped: a replay leaves
/// those to the first tick (rules 19).
#[must_use]
pub fn owed(engine: &Engine) -> Vec<String> {
    let short = |effect: &Effect| match &effect.kind {
        EffectKind::RunStep(run) if matches!(&*run.alias, "call" | "again") => None,
        EffectKind::RunStep(run) if engine.world().promotion(&run.promotion).is_ok_and(PromotionView::is_over) => None,
        EffectKind::RunStep(run) => Some(format!("{} {} #{}", run.promotion, run.alias, run.attempt)),
        EffectKind::Verify(verify) => Some(format!("{} {:?}", effect.id, verify.asked)),
        _ => Some(effect.id.to_string()),
    };
    engine.pending().filter_map(short).collect()
}
