//! What the status of a Stage says (resources 9.3; control 0.7).

use crate::{
    admit::{WindowState, effective_holds, is_automatic, window},
    model::{FreightName, PromotionReference, PromotionWindowStatus, StageStatus, Timestamp},
    world::{Held, PlaceState, StageView},
};

/// The status of a Stage as it is in the world, in Kargo's words. What no decision makes (conditions, tokens) is as it was
/// read.
#[must_use]
pub fn status(stage: StageView<'_>, now: Timestamp) -> StageStatus {
    let none = PlaceState::default();
    let state = stage.state().unwrap_or(&none);
    let current = state.current_promotion.as_ref().map(|name| PromotionReference {
        name: name.clone(),
        freight: stage.world().promotion(name).ok().and_then(|view| view.noun().status.freight.clone()),
        ..PromotionReference::default()
    });
    let by_origin =
        |holds: Vec<_>| holds.into_iter().map(|hold: crate::model::AutoPromotionHold| (hold.origin.clone(), hold));
    StageStatus {
        freight_history: state.history.iter().map(|held| held.to_collection()).collect(),
        freight_summary: Some(summary(stage)),
        health: state.health.as_deref().cloned(),
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
    Some(match window(stage, now) {
        WindowState::Open { closes: None } => return None,
        WindowState::Open { closes } => {
            PromotionWindowStatus { next_close: closes, ..PromotionWindowStatus::default() }
        }
        WindowState::Closed { window, kind, opens } => PromotionWindowStatus {
            closed: true,
            reason: Some(match window {
                Some(name) => format!("{kind:?} window {name:?} is active"),
                None => "no window that allows is active".to_owned(),
            }),
            next_open: opens,
            ..PromotionWindowStatus::default()
        },
        WindowState::Unreadable { window, problem } => PromotionWindowStatus {
            closed: true,
            reason: Some(format!("window {window:?} cannot be read: {problem}")),
            ..PromotionWindowStatus::default()
        },
    })
}
