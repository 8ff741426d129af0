//! A run as a story for people: what happened when, in few words.

use std::fmt::Write as _;

use kargo_core::{
    Event, Recorded, Timestamp,
    promotion::{PhaseEvent, RunEvent},
    world::World,
};

use super::names;

/// Something that the simulator says about a run, beside the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) at: Timestamp,
    pub(crate) text: String,
    pub(crate) stage: Option<String>,
    /// How many events there were before.
    pub(crate) position: usize,
}

/// The log and the lines between, in order; of one Stage, or all.
pub(crate) fn tell(log: &[Recorded], lines: &[Line], world: &World, only: Option<&str>) -> String {
    let mut text = String::new();
    let mut said = lines.iter().peekable();
    for (index, recorded) in log.iter().enumerate() {
        while let Some(line) = said.next_if(|line| line.position <= index) {
            say(&mut text, line, only);
        }
        let (what, stage) = event(&recorded.event, world);
        let concerns = only.is_none_or(|only| stage.as_deref().is_none_or(|stage| stage == only));
        if let Some(what) = what.filter(|_| concerns) {
            let cause = recorded.cause.map(|cause| format!(" ← {cause}")).unwrap_or_default();
            let _ = writeln!(text, " {} {}{cause} {what}", recorded.at.format("%d %H:%M:%S"), recorded.position);
        }
    }
    for line in said {
        say(&mut text, line, only);
    }
    text
}

fn say(text: &mut String, line: &Line, only: Option<&str>) {
    if only.is_none() || line.stage.is_none() || line.stage.as_deref() == only {
        let _ = writeln!(text, " {}  {}", line.at.format("%d %H:%M:%S"), line.text);
    }
}

/// An event in a line, and the Stage it is about; none of what only heads a batch.
fn event(event: &Event, world: &World) -> (Option<String>, Option<String>) {
    let of = |stage: &str| Some(stage.to_owned());
    let called =
        |name: &str| world.freight_named(name).map_or_else(|| name.to_owned(), |freight| freight.called().to_owned());
    match event {
        Event::Commanded { command, by, .. } => {
            (Some(format!("{command} by {}", by.as_deref().unwrap_or("nobody"))), None)
        }
        Event::Reported { .. } | Event::Ticked => (None, None),
        Event::Defined { object } => (Some(format!("{} {} is defined", object.kind(), object.name())), None),
        Event::Removed { kind, name } => (Some(format!("{kind} {name} is gone")), None),
        Event::Discovered { warehouse, .. } => (Some(format!("{warehouse} has other artifacts")), None),
        Event::FreightCreated { freight, .. } => {
            let images: Vec<_> =
                freight.images.iter().map(|image| format!("{}:{}", image.repo_url, image.tag)).collect();
            (
                Some(format!(
                    "freight {} of {}: {}",
                    called(&freight.metadata.name),
                    freight.origin,
                    images.join(", ")
                )),
                None,
            )
        }
        Event::PromotionCreated { promotion, .. } => {
            let actor = promotion.metadata.annotations.get("kargo.akuity.io/create-actor");
            let freight = promotion.spec.freight.as_deref().map(called).unwrap_or_default();
            let by = actor.map_or_else(|| "automatic".to_owned(), |actor| format!("by {actor}"));
            (
                Some(format!("{} ← {freight}, {by}: {}", promotion.spec.stage, promotion.metadata.name)),
                of(&promotion.spec.stage),
            )
        }
        Event::PromotionCurrent { place, promotion } => {
            (Some(format!("{place}: {promotion} has its turn")), of(&place.stage))
        }
        Event::Promotion { promotion, happened } => {
            let stage = world.promotion(&**promotion).ok().map(|promotion| promotion.noun().spec.stage.to_string());
            let what = match happened {
                RunEvent::Phase(PhaseEvent::Begin { .. }) => "begins".to_owned(),
                RunEvent::Phase(PhaseEvent::End { end, message, .. }) => {
                    format!("ends {end:?} {}", message.as_deref().unwrap_or_default())
                }
                RunEvent::Step { index, .. } => {
                    format!("step {}: {}", index + 1, names::event(event).replace("promotion step ", ""))
                }
                _ => names::event(event),
            };
            (Some(format!("{promotion} {what}")), stage)
        }
        Event::PromotionSettled { place, holds_freight, .. } => match holds_freight {
            Some(held) => {
                let names: Vec<_> = held.iter().map(|name| called(name)).collect();
                (Some(format!("{place} holds {}", names.join(" + "))), of(&place.stage))
            }
            None => (Some(format!("{place} stays as it is")), of(&place.stage)),
        },
        Event::HealthChanged { place, health } => {
            let state = health.status.as_ref().map(ToString::to_string).unwrap_or_default();
            (Some(format!("{place} is {state}")), of(&place.stage))
        }
        Event::VerificationBegun { place, verification } => (
            Some(format!("{place}: verification {} begins: {}", verification.id(), verification.phase())),
            of(&place.stage),
        ),
        Event::VerdictCounted { stage, verdict, credited, withdrawn, .. } => {
            let text = format!("{stage}: verdict {:?}, +{} −{}", verdict.end, credited.len(), withdrawn.len());
            (Some(text), of(stage))
        }
        Event::Verified { stage, freight } => (Some(format!("{} pass through {stage}", freight.len())), of(stage)),
        other => (Some(names::event(other)), None),
    }
}
