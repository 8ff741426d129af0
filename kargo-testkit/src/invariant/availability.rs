//! What is available where: control 13, 18 to 21.

use kargo_core::{
    Event, Timestamp, World,
    eligible::{is_eligible, list},
    model::FreightName,
};

use super::{Batch, Looked, check::agree};

/// 18: what is available stays so as time goes by, and until a definition changes or a verdict withdraws it (rules 6).
pub(super) fn stays_available(batch: &Batch<'_>) -> Looked {
    let mut looked = 0;
    let now = batch.now();
    let later = now + chrono::TimeDelta::hours(3);
    let withdrawn: Vec<&FreightName> = batch
        .events
        .iter()
        .flat_map(|recorded| match &recorded.event {
            Event::VerdictCounted { withdrawn, .. } => withdrawn.as_slice(),
            _ => &[],
        })
        .collect();
    for name in &batch.touched.freight {
        let (Some(before), Some(after)) = (batch.before.freight_named(name), batch.after.freight_named(name)) else {
            continue;
        };
        for stage in batch.after.stages() {
            let Ok(was) = batch.before.stage(stage.name()) else { continue };
            let is = is_eligible(stage, after, now);
            if is && !is_eligible(stage, after, later) {
                return Err(format!("{} is available to {} now, and not at {later}", after.called(), stage.name()));
            }
            if batch.touched.redefines || withdrawn.contains(&name) {
                continue;
            }
            let was = is_eligible(was, before, now);
            looked += u64::from(was);
            if was && !is {
                return Err(format!("{} was available to {}, and is not", after.called(), stage.name()));
            }
        }
    }
    Ok(looked)
}

/// 19: an approval makes freight available if and only if its origin is requested.
pub(super) fn approvals_open(world: &World, now: Timestamp) -> Looked {
    let mut looked = 0;
    for freight in world.all_freight() {
        for (name, visit) in freight.visits().iter().filter(|(_, visit)| visit.approved.is_some()) {
            let Ok(stage) = world.stage(name) else {
                return Err(format!("{} is approved for {name}, which is gone", freight.called()));
            };
            looked += 1;
            if is_eligible(stage, freight, now) != stage.is_requesting(freight.origin()) {
                let text = format!("{} is approved for {name} at {:?}", freight.called(), visit.approved);
                return Err(text);
            }
        }
    }
    Ok(looked)
}

/// 20: what is taken directly is available, whatever its status.
pub(super) fn direct_is_direct(world: &World, now: Timestamp) -> Looked {
    let mut looked = 0;
    for stage in world.stages() {
        for request in stage.requests().filter(|request| request.sources.direct) {
            let all: Vec<_> = world.freight_of(&request.origin, None).collect();
            let open: Vec<_> = all.iter().filter(|freight| is_eligible(stage, **freight, now)).collect();
            let (all, open): (Vec<_>, Vec<_>) = (
                all.iter().map(|freight| freight.name()).collect(),
                open.iter().map(|freight| freight.name()).collect(),
            );
            agree(
                &format!("{} takes {} directly: all, and what is available", stage.name(), request.origin),
                &all,
                &open,
            )?;
            looked += all.len() as u64;
        }
    }
    Ok(looked)
}

/// 21: the list of what is available is what is available.
pub(super) fn lists_agree(world: &World, now: Timestamp) -> Looked {
    let mut looked = 0;
    for stage in world.stages() {
        for request in stage.requests() {
            let mut listed: Vec<_> =
                list(stage, &request.origin, None, now).map(|freight| freight.name().clone()).collect();
            let available = world.all_freight().filter(|freight| *freight.origin() == request.origin);
            let mut available: Vec<_> = available
                .filter(|freight| is_eligible(stage, *freight, now))
                .map(|freight| freight.name().clone())
                .collect();
            listed.sort();
            available.sort();
            looked +=
                agree(&format!("{} of {}: listed, and available", stage.name(), request.origin), &listed, &available)?;
        }
    }
    Ok(looked)
}
