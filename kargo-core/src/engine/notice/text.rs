//! What a notice says, on one line.

use std::fmt::{self, Display, Formatter};

use super::{Called, Happened, Judged, OfPromotion, OfStep};
use crate::{
    model::{Duration, Timestamp},
    report::StepOutcome,
};

/// The word that a line begins with, after the project.
pub(super) fn verb(happened: &Happened) -> &'static str {
    use Happened as H;
    match happened {
        H::Defined { .. } => "defined",
        H::Removed { .. } => "removed",
        H::Imported { .. } => "imported",
        H::ArtifactsDiscovered { .. } => "discovered",
        H::FreightCreated { .. } => "freight",
        H::FreightRenamed { .. } => "renamed",
        H::FreightApproved { .. } => "approved",
        H::FreightRejected { .. } => "rejected",
        H::FreightUnrejected { .. } => "unrejected",
        H::FreightEligible { .. } => "eligible",
        H::FreightWithdrawn { .. } => "withdrawn",
        H::FreightVerificationStarted { .. }
        | H::FreightVerificationRetried { .. }
        | H::FreightVerificationLost { .. }
        | H::FreightVerificationNotStopped { .. } => "verifying",
        H::FreightVerificationSucceeded(_) => "verified",
        H::FreightVerificationFailed(_)
        | H::FreightVerificationErrored(_)
        | H::FreightVerificationInconclusive(_)
        | H::FreightVerificationAborted(_) => "unverified",
        H::VerificationAsked { .. } => "reverify",
        H::LateVerdict { .. } | H::LateOutcome { .. } => "late",
        H::PromotionCreated(_) => "queued",
        H::PromotionStarted(_) => "promoting",
        H::PromotionSucceeded(_) => "promoted",
        H::PromotionFailed(_) => "failed",
        H::PromotionErrored(_) => "errored",
        H::PromotionAborted(_) => "aborted",
        H::PromotionSuperseded(_) => "superseded",
        H::PromotionWithdrawn(_) => "withdrawn",
        H::StepSucceeded(_)
        | H::StepSkipped(_)
        | H::StepFailed(_)
        | H::StepErrored(_)
        | H::StepRetried { .. }
        | H::StepOutcomeUnknown(_) => "step",
        H::StepWaiting { .. } => "waiting",
        H::WorkTreeLost { .. } => "lost",
        H::HoldEstablished { .. } => "held",
        H::HoldReleased { .. } => "released",
        H::PlaceCleared { .. } => "cleared",
        H::Paused { .. } => "paused",
        H::Resumed { .. } => "resumed",
        H::HealthChanged { .. } => "health",
        H::ClockSuspect { .. } | H::ClockAccepted => "clock",
        H::Stalled(_) => "stalled",
    }
}

/// What it says after that.
pub(super) fn write(f: &mut Formatter<'_>, happened: &Happened, at: Timestamp, actor: Option<&str>) -> fmt::Result {
    use Happened as H;
    match happened {
        H::Defined { kind, object } | H::Removed { kind, object } => {
            write!(f, "{kind}/{object}")?;
            by(f, actor)
        }
        H::Imported { objects } => {
            write!(f, "{objects} objects, with their status")?;
            by(f, actor)
        }
        H::ArtifactsDiscovered { warehouse, new } => match new.as_slice() {
            [] => write!(f, "Warehouse/{warehouse}: other artifacts to choose from, none of them new"),
            [only] => write!(f, "Warehouse/{warehouse}: {only}"),
            [first, rest @ ..] => write!(f, "Warehouse/{warehouse}: {first} and {} more", rest.len()),
        },
        H::FreightCreated { freight, artifacts, .. } => {
            let short = freight.name.get(..7).unwrap_or(&freight.name);
            write!(f, "{freight} ({short}) {}", list(artifacts, ", "))
        }
        H::FreightRenamed { freight, alias } => {
            write!(f, "{freight} is {alias} from now on")?;
            by(f, actor)
        }
        H::FreightApproved { freight, stage, because } => {
            write!(f, "{freight} for {stage}")?;
            by(f, actor)?;
            said(f, because.as_deref())
        }
        H::FreightRejected { freight, stages, because } => {
            write!(f, "{freight} {}", wherever(stages))?;
            by(f, actor)?;
            said(f, because.as_deref())
        }
        H::FreightUnrejected { freight, stages } => {
            write!(f, "{freight} {}", wherever(stages))?;
            by(f, actor)
        }
        H::FreightEligible { freight, stage, by, from, automatic } => {
            write!(f, "{stage} <- {freight}")?;
            match from {
                Some(from) => write!(f, " at {} (soaks in {by})", clock(*from, at))?,
                None => write!(f, " now (verified in {by})")?,
            }
            if *automatic { Ok(()) } else { write!(f, "; nobody promotes {stage} automatically") }
        }
        H::FreightWithdrawn { freight, stage, held_by } => {
            write!(f, "{freight} is not verified in {stage} any more")?;
            match held_by.as_slice() {
                [] => f.write_str("; no Stage holds it"),
                stages => write!(f, "; it stays in {}", list(stages, ", ")),
            }
        }
        H::FreightVerificationStarted { stage, freight, .. } => write!(f, "{} in {stage}", all(freight)),
        H::FreightVerificationRetried { stage, attempt, until, message, .. } => {
            write!(f, "{stage}: start {attempt} failed, again at {}: {message}", clock(*until, at))
        }
        H::FreightVerificationLost { stage, message, .. } => write!(f, "{stage}: {message}"),
        H::FreightVerificationNotStopped { stage, message, .. } => {
            write!(f, "{stage}: its run cannot be stopped: {message}")
        }
        H::FreightVerificationSucceeded(judged) => verified(f, judged),
        H::FreightVerificationFailed(judged) => unverified(f, judged, "Failed", actor),
        H::FreightVerificationErrored(judged) => unverified(f, judged, "Error", actor),
        H::FreightVerificationInconclusive(judged) => unverified(f, judged, "Inconclusive", actor),
        H::FreightVerificationAborted(judged) => unverified(f, judged, "Aborted", actor),
        H::VerificationAsked { stage, .. } => {
            write!(f, "{stage}")?;
            by(f, actor)
        }
        H::LateVerdict { stage, phase, message, .. } => {
            write!(f, "{stage}: a run that does not count any more ended {phase}")?;
            message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
        }
        H::LateOutcome { promotion, step, outcome, message, .. } => {
            let how = match outcome {
                StepOutcome::Done => "done",
                StepOutcome::Skipped => "skipped",
                StepOutcome::Failed { .. } => "Failed",
                StepOutcome::Errored { .. } => "Errored",
                StepOutcome::Waiting(_) => "waiting",
            };
            write!(f, "{promotion} {step}: {how} after it was given up")?;
            message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
        }
        H::PlaceCleared { place } => write!(f, "{place} holds nothing: it has no steps any more"),
        H::PromotionCreated(of) => {
            arrow(f, of)?;
            match (of.automatic, actor) {
                (true, _) => f.write_str(", automatic")?,
                (false, Some(actor)) => write!(f, ", by {actor}")?,
                (false, None) => {}
            }
            if of.rollback {
                f.write_str(", rollback")?;
            }
            write!(f, ", {}", of.promotion)
        }
        H::PromotionStarted(of) => {
            arrow(f, of)?;
            write!(f, ", {}", of.promotion)
        }
        H::PromotionSucceeded(of) => {
            arrow(f, of)?;
            if let Some(ran) = of.ran {
                write!(f, " in {}", took(ran))?;
            }
            if of.verification_pending { f.write_str("; it is verified next") } else { Ok(()) }
        }
        H::PromotionFailed(of) | H::PromotionErrored(of) => ended(f, of, None),
        H::PromotionAborted(of) => ended(f, of, actor),
        H::PromotionSuperseded(of) | H::PromotionWithdrawn(of) => ended(f, of, None),
        H::StepSucceeded(step) => stepped(f, step, "done"),
        H::StepSkipped(step) => stepped(f, step, "skipped"),
        H::StepFailed(step) => stepped(f, step, "Failed"),
        H::StepErrored(step) => stepped(f, step, "Errored"),
        H::StepOutcomeUnknown(step) => {
            place(f, step)?;
            f.write_str("a crash leaves open whether it acted; it is not repeated")
        }
        H::StepRetried { step, errors, threshold, until } => {
            place(f, step)?;
            write!(f, "error {errors} of {threshold}")?;
            step.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))?;
            write!(f, " (again at {})", clock(*until, at))
        }
        H::StepWaiting { step, on, deadline } => {
            place(f, step)?;
            write!(f, "on {on}")?;
            step.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))?;
            match deadline {
                Some(deadline) => write!(f, " (gives up {})", clock(*deadline, at)),
                None => f.write_str(" (never gives up)"),
            }
        }
        H::WorkTreeLost { promotion, again } => {
            write!(f, "the work tree of {promotion}; these steps run again: {}", list(again, ", "))
        }
        H::HoldEstablished { place, origin, freight, .. } => {
            let short = freight.get(..7).unwrap_or(freight);
            write!(f, "{place}: automation leaves {short} of {origin}")?;
            by(f, actor)
        }
        H::HoldReleased { place, origin } => {
            write!(f, "{place}: automation takes {origin} again")?;
            by(f, actor)
        }
        H::Paused { stage, until, because } => {
            f.write_str(stage.as_deref().unwrap_or("the project"))?;
            until.map_or(Ok(()), |until| write!(f, " until {}", clock(until, at)))?;
            by(f, actor)?;
            said(f, because.as_deref())
        }
        H::Resumed { stage } => {
            f.write_str(stage.as_deref().unwrap_or("the project"))?;
            by(f, actor)
        }
        H::HealthChanged { place, health, issues } => {
            write!(f, "{place}: {}", health.as_ref().map_or("not known", |health| health.as_str()))?;
            if issues.is_empty() { Ok(()) } else { write!(f, ": {}", list(issues, "; ")) }
        }
        H::ClockSuspect { since } => {
            write!(f, "may be wrong since {}: nothing moves by time until somebody accepts it", clock(*since, at))
        }
        H::ClockAccepted => {
            f.write_str("is trusted again")?;
            by(f, actor)
        }
        // One line: ways out are told apart.
        H::Stalled(standstill) => f.write_str(standstill.to_string().lines().next().unwrap_or_default()),
    }
}

fn by(f: &mut Formatter<'_>, actor: Option<&str>) -> fmt::Result {
    actor.map_or(Ok(()), |actor| write!(f, " by {actor}"))
}

fn said(f: &mut Formatter<'_>, because: Option<&str>) -> fmt::Result {
    because.map_or(Ok(()), |because| write!(f, ": {because:?}"))
}

fn arrow(f: &mut Formatter<'_>, of: &OfPromotion) -> fmt::Result {
    f.write_str(&of.stage)?;
    of.target.as_ref().map_or(Ok(()), |target| write!(f, "/{target}"))?;
    write!(f, " <- {}", if of.freight.is_empty() { "nothing".to_owned() } else { all(&of.freight) })
}

fn ended(f: &mut Formatter<'_>, of: &OfPromotion, actor: Option<&str>) -> fmt::Result {
    arrow(f, of)?;
    if let Some(ran) = of.ran {
        write!(f, " after {}", took(ran))?;
    }
    by(f, actor)?;
    of.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
}

fn place(f: &mut Formatter<'_>, step: &OfStep) -> fmt::Result {
    write!(f, "{} {}/{} {}: ", step.stage, step.number, step.of, step.alias)
}

fn stepped(f: &mut Formatter<'_>, step: &OfStep, how: &str) -> fmt::Result {
    place(f, step)?;
    f.write_str(how)?;
    step.message.as_ref().map_or(Ok(()), |message| write!(f, ", {message}"))
}

fn verified(f: &mut Formatter<'_>, judged: &Judged) -> fmt::Result {
    write!(f, "{} in {}", judged.freight, judged.stage)?;
    match (&judged.verification, &judged.analysis_run) {
        (None, _) => f.write_str(" (it has no steps: freight passes through)")?,
        (Some(_), Some(run)) => write!(f, " ({run})")?,
        (Some(_), None) if judged.implicit => f.write_str(" (no verification asked)")?,
        (Some(_), None) => {}
    }
    judged.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
}

fn unverified(f: &mut Formatter<'_>, judged: &Judged, how: &str, actor: Option<&str>) -> fmt::Result {
    write!(f, "{} in {}: {how}", judged.freight, judged.stage)?;
    by(f, actor)?;
    judged.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
}

fn wherever(stages: &[impl Display]) -> String {
    if stages.is_empty() { "everywhere".to_owned() } else { format!("in {}", list(stages, ", ")) }
}

fn all(freight: &[Called]) -> String {
    list(freight, " + ")
}

fn list(items: &[impl Display], between: &str) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// A time of day where the day is that of the notice, else with its day.
fn clock(instant: Timestamp, at: Timestamp) -> String {
    let format = if instant.date_naive() == at.date_naive() { "%H:%M:%SZ" } else { "%Y-%m-%d %H:%MZ" };
    instant.format(format).to_string()
}

/// A length of time: with tenths of a second where it is short.
pub(in crate::engine) fn took(length: Duration) -> String {
    let tenths = length.as_nanos().max(0) / 100_000_000;
    match tenths {
        0..600 if tenths % 10 != 0 => format!("{}.{}s", tenths / 10, tenths % 10),
        _ => crate::why::span(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short() {
        for (millis, text) in [(0, "0s"), (40, "0s"), (4_900, "4.9s"), (5_000, "5s"), (61_500, "1m1s"), (-7, "0s")] {
            assert_eq!(took(Duration::from_nanos(millis * 1_000_000)), text, "{millis}");
        }
    }

    #[test]
    fn an_instant_of_another_day_has_its_day() {
        let at: Timestamp = "2026-11-24T23:00:00Z".parse().unwrap();
        assert_eq!(clock("2026-11-24T23:00:06Z".parse().unwrap(), at), "23:00:06Z");
        assert_eq!(clock("2026-11-25T01:00:00Z".parse().unwrap(), at), "2026-11-25 01:00Z");
    }
}
