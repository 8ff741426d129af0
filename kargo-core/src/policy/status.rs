//! What the status of a Stage says (resources 9.3; control 0.7).

use crate::{
    admit::{WindowState, effective_holds, is_automatic, window},
    model::{FreightName, FreightReference, Health, PromotionReference, PromotionWindowStatus, StageStatus, Timestamp},
    verification::Situation,
    world::{Held, PlaceState, PromotionView, StageView},
};

/// The status of a Stage as it is in the world, in Kargo's words. What no decision makes (conditions, tokens) is as it was
/// read.
#[must_use]
pub fn status(stage: StageView<'_>, now: Timestamp) -> StageStatus {
    let none = PlaceState::default();
    let state = stage.state().unwrap_or(&none);
    let current = state.current_promotion.as_ref().map(|name| PromotionReference {
        name: name.clone(),
        freight: stage.world().promotion(name).ok().and_then(target),
        ..PromotionReference::default()
    });
    let by_origin =
        |holds: Vec<_>| holds.into_iter().map(|hold: crate::model::AutoPromotionHold| (hold.origin.clone(), hold));
    StageStatus {
        freight_history: state.history.iter().map(|held| held.to_collection()).collect(),
        freight_summary: Some(summary(stage)),
        health: health(state),
        current_promotion: current,
        last_promotion: state.last_promotion.as_deref().cloned(),
        auto_promotion_enabled: !stage.noun().is_control_flow() && is_automatic(stage),
        promotion_window_status: windows(stage, now),
        metadata: state.metadata.as_deref().cloned().unwrap_or_default(),
        auto_promotion_holds: by_origin(state.holds.iter().map(|hold| (**hold).clone()).collect()).collect(),
        effective_auto_promotion_holds: by_origin(effective_holds(stage)).collect(),
        ..stage.noun().status.clone()
    }
}

/// What there is to say of health: nobody knows it while a promotion is current, and where the last did not succeed (control 5.1
/// and 13, invariant 39).
fn health(state: &PlaceState) -> Option<Health> {
    let last = state.last_promotion.as_deref();
    let last = last.and_then(|last| Some((&*last.name, last.status.as_ref()?.phase.as_ref()?)));
    let situation = Situation::of(state.current_promotion.as_deref(), last);
    if situation.is_checked() || situation == Situation::NeverPromoted {
        return state.health.as_deref().cloned();
    }
    situation.health([])
}

/// What a promotion promotes: of several origins the first (rules 13). Known before it begins.
fn target(promotion: PromotionView<'_>) -> Option<FreightReference> {
    let known = || {
        let freight = promotion.world().freight_named(promotion.noun().spec.freight.as_ref()?)?;
        Some((**freight.reference()).clone())
    };
    promotion.noun().status.freight.clone().or_else(known)
}

/// What is there, in few words (control 0.7).
fn summary(stage: StageView<'_>) -> String {
    if stage.noun().is_control_flow() {
        return "N/A".to_owned();
    }
    let requested = stage.requests().count();
    let names: Vec<&FreightName> = stage.current().into_iter().flat_map(Held::names).collect();
    match (requested, names.as_slice()) {
        (1, [only]) => only.to_string(),
        (_, names) => format!("{}/{requested} Fulfilled", names.len()),
    }
}

/// Whether windows are closed, where there are any (resources 9.3).
fn windows(stage: StageView<'_>, now: Timestamp) -> Option<PromotionWindowStatus> {
    let state = window(stage, now);
    let (next_open, next_close) = match &state {
        WindowState::Open { closes: None } => return None,
        WindowState::Open { closes } => (None, *closes),
        WindowState::Closed { opens, .. } => (*opens, None),
        WindowState::Unreadable { .. } => (None, None),
    };
    Some(PromotionWindowStatus {
        closed: !state.is_open(),
        reason: closed_by(&state),
        next_open,
        next_close,
        next_close_reason: next_close.and_then(|closes| closed_by(&window(stage, closes))),
    })
}

/// What closes windows, if they are closed.
fn closed_by(state: &WindowState) -> Option<String> {
    Some(match state {
        WindowState::Open { .. } => return None,
        WindowState::Closed { window: Some(name), kind, .. } => format!("{kind:?} window {name:?} is active"),
        WindowState::Closed { window: None, .. } => "no window that allows is active".to_owned(),
        WindowState::Unreadable { window, problem } => format!("window {window:?} cannot be read: {problem}"),
    })
}
