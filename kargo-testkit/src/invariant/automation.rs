//! What automation may make: control 13, 7, 22 to 27 and 54; and the queue's gates, 33 and 34.

use kargo_core::{
    Event, admit,
    eligible::is_eligible,
    model::{FreightName, HealthState, Origin, Promotion, PromotionPhase, SelectionPolicy, VerificationPhase},
    world::{PromotionView, StageView},
};

use super::{Looked, Moment};

/// A promotion that is being made, in the world right before.
struct Made<'a> {
    promotion: PromotionView<'a>,
    stage: StageView<'a>,
    freight: Vec<(Origin, FreightName)>,
}

fn made<'a>(moment: &'a Moment<'a>) -> Option<Result<Made<'a>, String>> {
    let Event::PromotionCreated { promotion, .. } = &moment.recorded.event else { return None };
    let noun: &Promotion = promotion;
    let view = PromotionView::new(moment.world, noun);
    let Ok(stage) = view.stage() else {
        return Some(Err(format!("{} is made for a Stage that does not exist", noun.metadata.name)));
    };
    let freight = view.freight().into_iter().collect();
    Some(Ok(Made { promotion: view, stage, freight }))
}

/// The same, if automation makes it.
fn by_automation<'a>(moment: &'a Moment<'a>) -> Option<Result<Made<'a>, String>> {
    match made(moment)? {
        Ok(made) if !made.promotion.is_automatic() || made.promotion.is_rollback() => None,
        other => Some(other),
    }
}

fn each(
    made: Option<Result<Made<'_>, String>>,
    mut fits: impl FnMut(&Made<'_>, &Origin, &FreightName) -> Result<(), String>,
) -> Looked {
    let Some(made) = made.transpose()? else { return Ok(0) };
    for (origin, freight) in &made.freight {
        fits(&made, origin, freight).map_err(|said| format!("{}: {said}", made.promotion.name()))?;
    }
    Ok(1)
}

/// 7: what is promoted was available when the promotion was made.
pub(super) fn was_available(moment: &Moment<'_>) -> Looked {
    each(made(moment), |made, _, name| match moment.world.freight_named(name) {
        Some(freight) if is_eligible(made.stage, freight, moment.now) => Ok(()),
        Some(freight) => Err(format!("{} was not available to {}", freight.called(), made.stage.name())),
        None => Err(format!("{name} does not exist")),
    })
}

/// 22: nothing by itself where automation is off.
pub(super) fn only_where_on(moment: &Moment<'_>) -> Looked {
    each(by_automation(moment), |made, _, _| {
        if admit::is_automatic(made.stage) && !moment.world.is_clock_suspect() {
            Ok(())
        } else {
            Err("automation is off".to_owned())
        }
    })
}

/// 23: nothing by itself for an origin that is held.
pub(super) fn holds_bind(moment: &Moment<'_>) -> Looked {
    each(by_automation(moment), |made, origin, _| match admit::hold(made.stage, origin) {
        None => Ok(()),
        Some(hold) => Err(format!("{origin} is held with {}", hold.freight_name)),
    })
}

/// 24: not what is there.
pub(super) fn not_what_is_there(moment: &Moment<'_>) -> Looked {
    each(by_automation(moment), |made, origin, freight| {
        let there = made.stage.current().and_then(|held| held.of(origin));
        if there.is_some_and(|there| there.name == *freight) { Err(format!("{freight} is there")) } else { Ok(()) }
    })
}

/// 25: not what is on its way.
pub(super) fn not_what_is_under_way(moment: &Moment<'_>) -> Looked {
    each(by_automation(moment), |made, origin, freight| {
        let open = made.stage.open_promotions().find(|open| open.freight().get(origin) == Some(freight));
        open.map_or(Ok(()), |open| Err(format!("{} brings {freight}", open.name())))
    })
}

/// 26: not again what failed, until a promotion of it succeeds. One that was replaced or withdrawn did not fail (rules 6, 7); one of several
/// origins says nothing of a single one (rules 13).
pub(super) fn not_what_failed(moment: &Moment<'_>) -> Looked {
    each(by_automation(moment), |made, origin, freight| {
        let mut failed = None;
        for earlier in made.stage.promotions().filter(|earlier| earlier.is_over()) {
            let targets = earlier.freight();
            if targets.len() != 1 || targets.get(origin) != Some(freight) {
                continue;
            }
            match earlier.phase() {
                PromotionPhase::Succeeded => failed = None,
                PromotionPhase::Aborted if earlier.end_reason().is_some() => {}
                _ => failed = Some(earlier.name()),
            }
        }
        failed.map_or(Ok(()), |failed| Err(format!("{failed} of {freight} did not succeed")))
    })
}

/// 27: automation establishes and releases no hold.
pub(super) fn no_intents(moment: &Moment<'_>) -> Looked {
    match &moment.recorded.event {
        Event::PromotionCreated { .. } => each(by_automation(moment), |made, _, _| {
            if made.promotion.intents().is_empty() { Ok(()) } else { Err(format!("{:?}", made.promotion.intents())) }
        }),
        Event::PromotionSettled { promotion, holds, .. } => {
            let Ok(known) = moment.world.promotion(&**promotion) else { return Ok(0) };
            let automatic = known.is_automatic() && !known.is_rollback();
            if automatic && !holds.is_empty() {
                Err(format!("{promotion} leaves holds on {holds:?}"))
            } else {
                Ok(u64::from(automatic))
            }
        }
        _ => Ok(0),
    }
}

/// 54: what follows an upstream takes what is there.
pub(super) fn follows_upstream(moment: &Moment<'_>) -> Looked {
    let mut looked = 0;
    each(by_automation(moment), |made, origin, name| {
        let Some(request) = made.stage.requests().find(|request| request.origin == *origin) else {
            return Err(format!("{origin} is not requested"));
        };
        if request.sources.selection() != SelectionPolicy::MatchUpstream {
            return Ok(());
        }
        looked = 1;
        let freight = moment.world.freight_named(name);
        let is_in = |stage: &kargo_core::StageName| {
            freight.and_then(|freight| freight.visit(stage)).is_some_and(|visit| visit.current.is_some())
        };
        if request.sources.stages.iter().all(is_in) {
            Ok(())
        } else {
            Err(format!("{name} is not in {:?}", request.sources.stages))
        }
    })?;
    Ok(looked)
}

/// 33: nothing gets its turn while what is there is being verified; a person's stops that first (rules 7).
pub(super) fn verification_first(moment: &Moment<'_>) -> Looked {
    let Event::PromotionCurrent { place, promotion } = &moment.recorded.event else { return Ok(0) };
    let Ok(stage) = moment.world.stage(&place.stage) else { return Err(format!("{place} does not exist")) };
    let open = stage.current().into_iter().flat_map(|held| &held.verifications);
    let mut open = open.filter(|info| !info.phase.as_ref().is_some_and(VerificationPhase::is_terminal));
    open.next().map_or(Ok(1), |open| Err(format!("{promotion} gets its turn while {:?} verifies", open.id)))
}

/// 34: where all is healthy, automation waits for the verdict on what is there (rules 7; a person does not).
pub(super) fn verdict_first(moment: &Moment<'_>) -> Looked {
    let Event::PromotionCurrent { place, promotion } = &moment.recorded.event else { return Ok(0) };
    let Ok(stage) = moment.world.stage(&place.stage) else { return Err(format!("{place} does not exist")) };
    let automatic = moment.world.promotion(&**promotion).is_ok_and(|one| one.is_automatic() && !one.is_rollback());
    let healthy = stage.health().and_then(|health| health.status.as_ref()) == Some(&HealthState::Healthy);
    let Some(held) = stage.current().filter(|_| automatic && healthy) else { return Ok(0) };
    let newest = held.verifications.first().and_then(|info| info.phase.as_ref());
    if newest.is_some_and(VerificationPhase::is_terminal) {
        return Ok(1);
    }
    Err(format!("{promotion} gets its turn, and what {place} holds has no verdict"))
}
