//! Names of what happens, as a run counts them; and the lists of all that there are, as the types themselves tell them.

use kargo_core::{
    Event, Reason,
    engine::Dropped,
    promotion::{PhaseEvent, RunEvent, StepEvent},
    verification,
};
use serde_json::{Value, json};

/// What an event is, in short: `freightCreated`, `promotion step start`, `verification finish`.
pub(crate) fn event(event: &Event) -> String {
    match event {
        Event::Promotion { happened, .. } => run_event(happened),
        Event::Verification { happened, .. } => format!("verification {}", first_key(serde_json::to_value(happened))),
        Event::PromotionDropped { reason: Dropped::Superseded, .. } => "promotionDropped Superseded".to_owned(),
        Event::PromotionDropped { .. } => "promotionDropped Withdrawn".to_owned(),
        other => plain(other).map_or_else(|| first_key(serde_json::to_value(other)), str::to_owned),
    }
}

/// The names of events that are large or frequent, without writing them out.
fn plain(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Commanded { .. } => "commanded",
        Event::Reported { .. } => "reported",
        Event::Ticked => "ticked",
        Event::Defined { .. } => "defined",
        Event::Discovered { .. } => "discovered",
        Event::FreightCreated { .. } => "freightCreated",
        Event::PromotionCreated { .. } => "promotionCreated",
        Event::PromotionCurrent { .. } => "promotionCurrent",
        Event::PromotionSettled { .. } => "promotionSettled",
        Event::HealthChanged { .. } => "healthChanged",
        Event::VerificationBegun { .. } => "verificationBegun",
        Event::VerdictCounted { .. } => "verdictCounted",
        Event::Verified { .. } => "verified",
        _ => return None,
    })
}

fn run_event(event: &RunEvent) -> String {
    match event {
        RunEvent::Phase(PhaseEvent::Begin { .. }) => "promotion begin".to_owned(),
        RunEvent::Phase(PhaseEvent::End { end, .. }) => format!("promotion end {end:?}"),
        RunEvent::Step { event, .. } => format!("promotion step {}", first_key(serde_json::to_value(event))),
        other => format!("promotion {}", first_key(serde_json::to_value(other))),
    }
}

/// What a reason is: `NotVerified`.
pub(crate) fn reason(reason: &Reason) -> String {
    first_key(serde_json::to_value(reason))
}

/// The name of a variant, of what is written of it.
fn first_key(written: Result<Value, serde_json::Error>) -> String {
    match written {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(map)) => map.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// All variants of a type, of the refusal to read one that does not exist.
fn listed<T>(refused: &Result<T, serde_json::Error>) -> Vec<String> {
    let error = refused.as_ref().err().map(ToString::to_string).unwrap_or_default();
    // unknown variant `x`, expected one of `a`, `b`, `c`
    let list = error.split_once("expected").map(|(_, list)| list).unwrap_or_default();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// All variants of a type, by asking its reader for one that does not exist.
macro_rules! variants {
    ($of:ty) => {
        listed(&serde_json::from_value::<$of>(json!({ "no such variant": null })))
    };
}

/// All kinds of events that there are.
#[must_use]
pub fn all_events() -> Vec<String> {
    let mut all: Vec<String> = variants!(Event)
        .into_iter()
        .filter(|name| !matches!(name.as_str(), "promotion" | "verification" | "promotionDropped"))
        .collect();
    all.extend(["promotionDropped Superseded", "promotionDropped Withdrawn", "promotion begin"].map(str::to_owned));
    all.extend(["Succeeded", "Failed", "Errored", "Aborted"].map(|end| format!("promotion end {end}")));
    all.extend(variants!(StepEvent).into_iter().map(|name| format!("promotion step {name}")));
    let others = variants!(RunEvent).into_iter().filter(|name| !matches!(name.as_str(), "phase" | "step"));
    all.extend(others.map(|name| format!("promotion {name}")));
    all.extend(variants!(verification::Event).into_iter().map(|name| format!("verification {name}")));
    all.sort();
    all
}

/// All kinds of reasons that there are.
#[must_use]
pub fn all_reasons() -> Vec<String> {
    let mut all = variants!(Reason);
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_those_of_the_types() {
        let events = all_events();
        for name in ["commanded", "clockAccepted", "promotion step start", "promotion treeLost", "verification finish"]
        {
            assert!(events.iter().any(|event| event == name), "{name} is not in {events:?}");
        }
        assert!(events.len() > 50, "{events:?}");
        let reasons = all_reasons();
        assert!(reasons.len() > 35 && reasons.iter().any(|reason| reason == "NotVerified"), "{reasons:?}");
        assert_eq!(event(&Event::Ticked), "ticked");
        assert_eq!(event(&Event::ClockAccepted), "clockAccepted");
        assert!(events.contains(&"clockAccepted".to_owned()));
    }
}
