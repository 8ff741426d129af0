//! What verdicts leave on freight: control 13, 15 to 17 and 37.

use std::collections::BTreeMap;

use kargo_core::{
    Event, Recorded, StageName, Timestamp,
    freight::status::longest_soak,
    model::{Duration, FreightName, FreightStatus, Kind, VerdictPolicy},
    verification::End,
    world::{StageView, Visit},
};

use super::{Batch, Looked, Moment};

/// The visits that are before and after a batch, of Stages that were not defined anew meanwhile.
fn lasting(
    batch: &Batch<'_>,
    mut look: impl FnMut(&FreightName, &StageName, &Visit, Option<&Visit>) -> Looked,
) -> Looked {
    let mut looked = 0;
    for name in &batch.touched.freight {
        let (Some(before), Some(after)) = (batch.before.freight_named(name), batch.after.freight_named(name)) else {
            continue;
        };
        for (stage, visit) in before.visits().iter().filter(|(stage, _)| !batch.touched.redefined.contains(*stage)) {
            looked += look(name, stage, visit, after.visit(stage))?;
        }
    }
    Ok(looked)
}

/// 15: the instant of the first verification stays, also while a verdict withdraws it (rules 6), until the Stage is gone.
pub(super) fn first_time_stays(batch: &Batch<'_>) -> Looked {
    lasting(batch, |name, stage, before, after| {
        let Some(was) = &before.verified else { return Ok(0) };
        let is = after.and_then(|after| after.verified.as_ref());
        if is.is_some_and(|is| is.verified_at == was.verified_at) {
            return Ok(1);
        }
        Err(format!("{name} in {stage} was verified {:?}, and then {:?}", was.verified_at, is.map(|is| is.verified_at)))
    })
}

/// 16: the longest soak never becomes shorter.
pub(super) fn soaks_only_grow(batch: &Batch<'_>) -> Looked {
    lasting(batch, |name, stage, before, after| {
        let Some(was) = before.verified.as_ref().and_then(|verified| verified.longest_completed_soak) else {
            return Ok(0);
        };
        let is = after.and_then(|after| after.verified.as_ref()).and_then(|verified| verified.longest_completed_soak);
        if is.is_some_and(|is| is >= was) {
            Ok(1)
        } else {
            Err(format!("{name} soaked {was} in {stage}, and then {is:?}"))
        }
    })
}

/// 17: what is not verified has not soaked.
pub(super) fn unverified_soaks_nothing(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    for name in &batch.touched.freight {
        let Some(freight) = batch.after.freight_named(name) else { continue };
        let status = freight.status();
        for (stage, _) in freight.visits().iter().filter(|(_, visit)| visit.verified().is_none()) {
            looked += no_soak(name, stage, &status, batch.at())?;
        }
    }
    Ok(looked)
}

fn no_soak(name: &FreightName, stage: &StageName, status: &FreightStatus, now: Timestamp) -> Looked {
    let soak = longest_soak(status, stage, now);
    if soak == Duration::ZERO && !status.verified_in.contains_key(stage) {
        return Ok(1);
    }
    Err(format!("{name} is not verified in {stage}, and has soaked {soak}"))
}

/// 37: a verdict withdraws what no other collection credits, and nothing where verdicts are sticky (rules 6).
pub(super) fn withdraws_its_own_alone(moment: &Moment<'_>) -> Looked {
    let Event::VerdictCounted { stage, collection, withdrawn, .. } = &moment.recorded.event else { return Ok(0) };
    if withdrawn.is_empty() {
        return Ok(0);
    }
    let policy = moment.world.stage(stage).ok().and_then(StageView::policy).map(|policy| policy.spec.verdicts);
    if policy == Some(VerdictPolicy::Sticky) {
        return Err(format!("{stage} withdraws {withdrawn:?}, and its verdicts are sticky"));
    }
    let before = moment.log.iter().take_while(|recorded| recorded.position < moment.recorded.position);
    for (other, (members, end)) in latest_verdicts(before, stage) {
        if other != collection
            && end == End::Successful
            && let Some(credited) = withdrawn.iter().find(|name| members.contains(name))
        {
            return Err(format!("{stage} withdraws {credited}, which collection {other} credits"));
        }
    }
    Ok(withdrawn.len() as u64)
}

/// The latest verdict on each collection of a Stage.
fn latest_verdicts<'l>(
    log: impl Iterator<Item = &'l Recorded>,
    of: &StageName,
) -> BTreeMap<&'l String, (&'l Vec<FreightName>, End)> {
    let mut latest = BTreeMap::new();
    for recorded in log {
        match &recorded.event {
            Event::VerdictCounted { stage, collection, members, verdict, .. } if stage == of => {
                latest.insert(collection, (members, verdict.end));
            }
            Event::Removed { kind: Kind::Stage, name } if *name == **of => latest.clear(),
            _ => {}
        }
    }
    latest
}

#[cfg(test)]
mod tests {
    use kargo_core::model::VerifiedStage;

    use super::*;

    #[test]
    fn control_13_17_a_status_that_says_verified_of_what_is_not_is_seen() {
        let (name, uat, mut status) = ("4e1f0c9".into(), StageName::from("uat"), FreightStatus::default());
        assert_eq!(no_soak(&name, &uat, &status, Timestamp::default()), Ok(1));
        status.verified_in.insert(uat.clone(), VerifiedStage::default());
        assert!(no_soak(&name, &uat, &status, Timestamp::default()).is_err());
    }
}
