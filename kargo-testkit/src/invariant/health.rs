//! Health: control 13, 39 and 40.

use kargo_core::{
    model::{HealthState, PromotionPhase},
    policy,
    verification::aggregate,
};

use super::{Batch, Looked};

/// 39: nobody knows health while a promotion has its turn, or where the last did not succeed.
pub(super) fn unknown_meanwhile(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for stage in batch.touched.stages.iter().filter_map(|name| batch.after.stage(name).ok()) {
        let last =
            stage.last_promotion().and_then(|last| last.status.as_ref()).and_then(|status| status.phase.as_ref());
        let failed = last.is_some_and(|phase| *phase != PromotionPhase::Succeeded);
        if stage.current_promotion().is_none() && !failed {
            continue;
        }
        let told = policy::status(stage, batch.at()).health.and_then(|health| health.status);
        looked += nobody_knows(stage.name(), told.as_ref())?;
    }
    Ok(looked)
}

fn nobody_knows(stage: &str, told: Option<&HealthState>) -> Looked {
    match told {
        None | Some(HealthState::Unknown) => Ok(1),
        Some(state) => Err(format!("{stage} says that it is {state}, and nobody knows")),
    }
}

/// How bad a state is (control 5.2).
fn severity(state: &HealthState) -> u8 {
    match state {
        HealthState::Healthy => 0,
        HealthState::NotApplicable => 1,
        HealthState::Progressing => 2,
        HealthState::Unhealthy => 4,
        _ => 3,
    }
}

/// 40: the whole is as bad as its worst part, in whatever order.
pub(super) fn worst_part(batch: &Batch<'_>) -> Looked {
    let Some((each, all)) = batch.checked else { return Ok(0) };
    let worst = each.iter().filter_map(|health| health.status.as_ref()).map(severity).max().unwrap_or_default();
    let is = |health: &kargo_core::model::Health| health.status.as_ref().map_or(3, severity);
    let backwards = aggregate(each.iter().rev().cloned());
    if is(all) != worst || is(&backwards) != worst {
        return Err(format!("{each:?} come to {:?}, backwards to {:?}", all.status, backwards.status));
    }
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_13_39_a_state_that_nobody_can_know_is_seen() {
        assert_eq!(nobody_knows("uat", Some(&HealthState::Unknown)), Ok(1));
        assert!(nobody_knows("uat", Some(&HealthState::Healthy)).is_err());
    }
}
