//! What follows from what happens to a verification: events, as data.

use super::{
    arguments::ArgumentError,
    machine::{AbortReason, End, Event, State},
    record::Verification,
    verdict::{Verdict, kept},
};
use crate::{
    model::{Duration, Timestamp, VerificationPhase},
    promotion::backoff,
    report::{PortClass, PortError},
};

/// After so many looks in a row that do not see a run which was there, the verification ends in Error (control 4.4).
///
/// With the back-off of rules 3 between them that is about five minutes, as long as the reference looks.
pub const MAX_LOST_LOOKS: u32 = 7;

/// What the outside was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Start the run.
    Start,
    /// Say how it is.
    Look,
    /// Stop it.
    Stop,
}

/// Something that a verification has to deal with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// The outside answered. What is pushed without a question is the answer to a look.
    Report {
        /// To what.
        asked: Asked,
        /// What.
        answer: Result<Verdict, PortError>,
    },
    /// What was asked was given up without an answer (rules 4, `Stopped`).
    Stopped {
        /// What.
        asked: Asked,
    },
    /// There is nothing that could be started: the arguments have no values (control 4.3).
    Unbuildable {
        /// Why.
        error: ArgumentError,
    },
    /// It is to be stopped; of one that is over, nothing comes of it (control 4.7).
    Abort {
        /// Who wants it; empty if nobody is named.
        actor: String,
        /// Why.
        why: AbortReason,
    },
    /// Time has passed.
    Tick,
}

/// What an input leads to. A look that found nothing new leads to nothing (rules 1).
///
/// | what failed | class | what follows |
/// | --- | --- | --- |
/// | a start | Retryable, RateLimited | once more after the back-off, without limit (rules 6, trap 27) |
/// | a start | any other | Error: the same would fail again |
/// | a look | Retryable, RateLimited | nothing; the next look is due later |
/// | a look | Unsupported | Error |
/// | a look | any other | the run is lost; after [`MAX_LOST_LOOKS`] of them Error (control 4.4) |
/// | a stop | Retryable, RateLimited | nothing; it is owed still |
/// | a stop | NotFound | it has stopped |
/// | a stop | any other | it counts as stopped, and the message says why it is not |
///
/// The phase of an aborted verification is Aborted at once and stays so (rules 6, trap 26). Pure: it changes nothing.
/// [`Verification::apply`] does.
#[must_use]
pub fn decide(verification: &Verification, now: Timestamp, input: &Input) -> Vec<Event> {
    let state = verification.state();
    match input {
        Input::Report { answer: Ok(verdict), .. } => heard(verification, now, verdict),
        Input::Report { asked, answer: Err(error) } => failed(verification, now, *asked, error).into_iter().collect(),
        Input::Stopped { asked: Asked::Stop } if state == State::Stopping => vec![Event::Stopped { problem: None }],
        Input::Unbuildable { error } if matches!(state, State::Starting { .. }) => {
            vec![Event::Fail { at: now, message: text(&error.to_string()) }]
        }
        Input::Abort { actor, why } if !state.is_over() => {
            vec![Event::Abort { at: now, actor: actor.clone(), why: why.clone() }]
        }
        Input::Tick => match state {
            State::Retrying { until, .. } if until <= now => vec![Event::Again],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What the run says of itself.
fn heard(verification: &Verification, now: Timestamp, verdict: &Verdict) -> Vec<Event> {
    let message = verdict.message.as_deref().and_then(kept);
    let run = verdict.run.clone();
    let is_elsewhere = run.is_some() && run.as_ref() != verification.run();
    let phase = phase(verdict);
    let is_changed = phase != *verification.outside();
    let is_news = is_elsewhere || is_changed;
    let progress = || Event::Progress { phase: phase.clone(), message: message.clone(), run: run.clone() };
    let late = |end| Event::Late { at: now, end, message: message.clone(), run: run.clone() };
    match (verification.state(), End::of(&phase)) {
        (State::Done(_), Some(end)) if is_changed => vec![late(end)],
        (State::Done(_), _) => Vec::new(),
        (State::Stopping, Some(end)) => vec![late(end), Event::Stopped { problem: None }],
        (State::Stopping, None) if is_news => vec![progress()],
        (State::Stopping, None) => Vec::new(),
        (_, Some(end)) => {
            let at = finished(verification, now, verdict.finished_at);
            vec![Event::Finish { at, end, message, run }]
        }
        (State::Running, None) if !is_news && message.as_deref() == verification.message() => Vec::new(),
        (_, None) => vec![progress()],
    }
}

/// When it ended: when the run says so, but by engine time neither in the future nor before the start (rules 5; trap 28).
fn finished(verification: &Verification, now: Timestamp, told: Option<Timestamp>) -> Timestamp {
    let at = told.map_or(now, |told| told.min(now));
    verification.started_at().map_or(at, |start| at.max(start.min(now)))
}

/// What follows from a question that was not answered.
fn failed(verification: &Verification, now: Timestamp, asked: Asked, error: &PortError) -> Option<Event> {
    let class = error.class();
    let again = |errors| {
        let wish = class.not_before().map(|wish| span(wish.instant(now).signed_duration_since(now)));
        let pause = backoff(&verification.effect(), errors, wish);
        now.checked_add_signed(pause.to_delta()).unwrap_or(Timestamp::MAX_UTC)
    };
    let fail = |what: &str| {
        let message = text(&format!("{what}: {error}; {}, then verify again", class.advice()));
        Some(Event::Fail { at: now, message })
    };
    match (verification.state(), asked) {
        (State::Starting { attempt }, Asked::Start) if class.is_retryable() => {
            let message = text(&format!("the start failed and is tried again: {error}"));
            Some(Event::Retry { until: again(attempt), message })
        }
        (State::Starting { .. }, Asked::Start) => fail("the run cannot be started"),
        (State::Running | State::Lost { .. }, Asked::Look) if class.is_retryable() => None,
        (State::Running | State::Lost { .. }, Asked::Look) if class == PortClass::Unsupported => {
            fail("the run cannot be looked at")
        }
        // The report of the look before, once more.
        (State::Lost { until, .. }, Asked::Look) if now < until => None,
        (State::Lost { looks, .. }, Asked::Look) if looks + 1 >= MAX_LOST_LOOKS => {
            fail(&format!("the run was not seen in {MAX_LOST_LOOKS} looks"))
        }
        (State::Lost { looks, .. }, Asked::Look) => Some(miss(again(looks + 1), error)),
        (State::Running, Asked::Look) => Some(miss(again(1), error)),
        (State::Stopping, Asked::Stop) if class.is_retryable() => None,
        (State::Stopping, Asked::Stop) => {
            let problem = (class != PortClass::NotFound).then(|| text(&error.to_string()));
            Some(Event::Stopped { problem })
        }
        _ => None,
    }
}

fn miss(until: Timestamp, error: &PortError) -> Event {
    Event::Miss { until, message: text(&format!("the run was not seen: {error}")) }
}

/// A phase as it is kept: a name, not an essay.
fn phase(verdict: &Verdict) -> VerificationPhase {
    match &verdict.phase {
        VerificationPhase::Other(text) => kept(text).map_or_else(|| "".into(), |text| text.as_str().into()),
        known => known.clone(),
    }
}

fn span(delta: chrono::TimeDelta) -> Duration {
    Duration::from_nanos(delta.num_nanoseconds().unwrap_or(i64::MAX))
}

fn text(message: &str) -> String {
    kept(message).unwrap_or_default()
}

#[cfg(test)]
mod tests;
