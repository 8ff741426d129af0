//! One verification: what is known of it, how events change that, what it owes to the outside.

use std::{fmt::Write as _, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    machine::{AbortReason, End, Event, State},
    verdict::{RunHandle, RunReference, kept},
};
use crate::{
    model::{AnalysisRunReference, ProjectName, StageName, Timestamp, VerificationInfo, VerificationPhase},
    report::EffectId,
};

/// One verification of a collection in a place. Only [`apply`](Self::apply) changes it.
///
/// It is small: what a run is started with is made when it is started ([`VerifyRun`](super::VerifyRun)).
///
/// ```
/// use kargo_core::verification::{Asked, Input, Owed, Verdict, Verification, decide};
///
/// let now = "2026-11-24T14:02:00Z".parse()?;
/// let mut verification = Verification::begin("0b7c", "email:ana@acme.example", now);
/// assert_eq!(verification.owed(), Some(Owed::Start { attempt: 1 }));
///
/// let answer = Ok(Verdict::new("Successful").of("shop", "uat.01kdn9.4e1f0c9"));
/// for event in decide(&verification, now, &Input::Report { asked: Asked::Start, answer }) {
///     verification.apply(&event);
/// }
/// assert_eq!(verification.to_info().phase, Some("Successful".into()));
/// assert_eq!(verification.owed(), None);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    id: Arc<str>,
    state: State,
    /// The phase of the run outside, as last heard.
    outside: VerificationPhase,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<Box<RunReference>>,
    /// Whether its run was left as it was: nobody could stop it, or nobody saw it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    left: bool,
}

/// What a verification owes to the outside. One thing at a time: whoever hands it out waits for its report.
///
/// All are one piece of work, with one id ([`Verification::effect`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// A run has to be started. Keyed: the verification's id makes two starts one run (rules 1).
    Start {
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// The run has to be looked at, when a look is due; see [`Looks`](super::Looks). No event opens it (rules 1).
    Look {
        /// Not before, where the run was not seen lately.
        not_before: Option<Timestamp>,
    },
    /// The run has to be stopped, if there is one.
    Stop,
}

impl Verification {
    /// A verification that has a run to start (control 4.3). The actor is who asked for it again; empty if nobody did.
    #[must_use]
    pub fn begin(id: impl Into<Arc<str>>, actor: &str, now: Timestamp) -> Self {
        Self {
            id: id.into(),
            state: State::Starting { attempt: 1 },
            outside: VerificationPhase::Pending,
            actor: text(actor),
            started_at: Some(now),
            finished_at: None,
            message: None,
            run: None,
            left: false,
        }
    }

    /// A verification where none is configured: successful at once (control 4.2, V5).
    #[must_use]
    pub fn implicit(id: impl Into<Arc<str>>, actor: &str, now: Timestamp) -> Self {
        Self {
            state: State::Done(End::Successful),
            outside: VerificationPhase::Successful,
            finished_at: Some(now),
            ..Self::begin(id, actor, now)
        }
    }

    /// A verification for which an older success of equal content stands (rules 6 and 16); its message names it.
    #[must_use]
    pub fn credited(id: impl Into<Arc<str>>, of: &str, now: Timestamp) -> Self {
        let message = format!("the content is that of verification {of}, which was successful");
        Self { message: text(&message), ..Self::implicit(id, "", now) }
    }

    /// Its id, a UUID.
    #[must_use]
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Where it is.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Who asked for it again, or stopped it.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        self.actor.as_deref()
    }

    /// When it began; absent only of one that was read from a manifest without it.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// When its phase became terminal.
    #[must_use]
    pub fn finished_at(&self) -> Option<Timestamp> {
        self.finished_at
    }

    /// Its phase (resources 14.2).
    #[must_use]
    pub fn phase(&self) -> VerificationPhase {
        self.end().map_or_else(|| self.outside.clone(), VerificationPhase::from)
    }

    /// How it ended, if it did.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        match self.state {
            State::Stopping => Some(End::Aborted),
            State::Done(end) => Some(end),
            _ => None,
        }
    }

    /// The phase of the run outside, as last heard. After an abort or an error it may be another than that of the
    /// verification (rules 4).
    #[must_use]
    pub fn outside(&self) -> &VerificationPhase {
        &self.outside
    }

    /// What there is to say.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Where its run is.
    #[must_use]
    pub fn run(&self) -> Option<&RunReference> {
        self.run.as_deref()
    }

    /// What it owes to the outside now; what was handed out and has not reported is owed still.
    #[must_use]
    pub fn owed(&self) -> Option<Owed> {
        match self.state {
            State::Starting { attempt } => Some(Owed::Start { attempt }),
            State::Running => Some(Owed::Look { not_before: None }),
            State::Lost { until, .. } => Some(Owed::Look { not_before: Some(until) }),
            State::Stopping => Some(Owed::Stop),
            State::Retrying { .. } | State::Done(_) => None,
        }
    }

    /// Whether it is over while its run may still end, which is worth knowing (rules 4): nobody could stop the run, or
    /// nobody saw it any more.
    #[must_use]
    pub fn has_left_its_run(&self) -> bool {
        self.left
    }

    /// The instant at which time alone changes something: the end of a back-off. When a look is due is not its business; see
    /// [`Looks`](super::Looks).
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        match self.state {
            State::Retrying { until, .. } => Some(until),
            _ => None,
        }
    }

    /// The id of its work outside, the same for start, looks and stop (rules 1).
    #[must_use]
    pub fn effect(&self) -> EffectId {
        EffectId::of(&["verification", &self.id])
    }

    /// By what its run is asked for.
    #[must_use]
    pub fn handle(&self, project: ProjectName, stage: StageName) -> RunHandle {
        RunHandle { id: Arc::clone(&self.id), project, stage, run: self.run.as_deref().cloned() }
    }

    /// Changes it: the only way it changes, in a live run and in a replay alike.
    pub fn apply(&mut self, event: &Event) {
        let was_over = self.state.is_over();
        let Some(next) = self.state.after(event) else { return };
        self.state = next;
        match event {
            Event::Progress { phase, message, run } => {
                self.outside.clone_from(phase);
                self.place(run.as_ref());
                // Of what is aborted, the message says why.
                if !was_over {
                    self.say(message.as_deref());
                }
            }
            Event::Retry { message, .. } | Event::Miss { message, .. } => self.say(Some(message)),
            Event::Again => {}
            Event::Finish { at, end, message, run } => {
                self.outside = (*end).into();
                self.finished_at = Some(*at);
                self.place(run.as_ref());
                self.say(message.as_deref());
            }
            Event::Fail { at, message } => {
                self.finished_at = Some(*at);
                self.left = self.run.is_some();
                self.say(Some(message));
            }
            Event::Abort { at, actor, why } => {
                self.finished_at = Some(*at);
                self.actor = text(actor).or_else(|| self.actor.take());
                self.say(Some(&aborted(actor, why)));
            }
            Event::Late { end, run, .. } => {
                self.left = false;
                self.outside = (*end).into();
                self.place(run.as_ref());
            }
            Event::Stopped { problem: Some(problem) } => {
                self.left = true;
                let before = self.message.take().unwrap_or_default();
                self.say(Some(&format!("{before}; its run could not be stopped: {problem}")));
            }
            Event::Stopped { problem: None } => {}
        }
    }

    /// The verification as Kargo's manifests write it.
    ///
    /// Of one that has not ended there is no finish time; Kargo writes a provisional one (resources 23, trap 13).
    #[must_use]
    pub fn to_info(&self) -> VerificationInfo {
        let owned = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        VerificationInfo {
            id: owned(&self.id),
            actor: self.actor().and_then(owned),
            start_time: self.started_at,
            phase: Some(self.phase()).filter(|phase| !phase.as_str().is_empty()),
            message: self.message().and_then(owned),
            analysis_run: self.run().map(|run| AnalysisRunReference {
                namespace: run.namespace.clone(),
                name: run.name.clone(),
                phase: self.outside.as_str().to_owned(),
            }),
            finish_time: self.finished_at,
        }
    }

    /// A verification that was read from a manifest.
    ///
    /// One that has ended stays so; its finish time, where it is missing, is `now` (trap 28). One that has not ended is
    /// looked at again if it has a run, and else has a run to start.
    #[must_use]
    pub fn from_info(info: &VerificationInfo, now: Timestamp) -> Self {
        let phase = info.phase.clone().unwrap_or_else(|| "".into());
        let run = info.analysis_run.as_ref();
        let state = match (End::of(&phase), run) {
            (Some(end), _) => State::Done(end),
            (None, Some(_)) => State::Running,
            (None, None) => State::Starting { attempt: 1 },
        };
        let ended = state.is_over();
        let outside = run.filter(|_| ended).map_or(phase, |run| run.phase.as_str().into());
        Self {
            id: info.id.as_deref().unwrap_or_default().into(),
            state,
            outside,
            actor: info.actor.as_deref().and_then(text),
            started_at: info.start_time,
            finished_at: ended.then(|| info.finish_time.unwrap_or(now)),
            message: info.message.as_deref().and_then(text),
            run: run.map(|run| Box::new(RunReference { namespace: run.namespace.clone(), name: run.name.clone() })),
            left: false,
        }
    }

    fn say(&mut self, message: Option<&str>) {
        self.message = message.and_then(kept).map(String::into_boxed_str);
    }

    /// Notes where the run is; what is known already stays if nothing is said.
    fn place(&mut self, run: Option<&RunReference>) {
        if let Some(run) = run.filter(|run| Some(*run) != self.run()) {
            self.run = Some(Box::new(run.clone()));
        }
    }
}

/// What is said of an aborted verification.
fn aborted(actor: &str, why: &AbortReason) -> String {
    let mut text = "Verification aborted".to_owned();
    // Writing to a text cannot fail.
    let _ = match actor {
        "" => Ok(()),
        actor => write!(text, " by {actor}"),
    };
    let _ = match why {
        AbortReason::Requested { reason: None } => Ok(()),
        AbortReason::Requested { reason: Some(reason) } => write!(text, ": {reason}"),
        AbortReason::Superseded { promotion } => write!(text, ": Superseded by Promotion {:?}", &**promotion),
    };
    text
}

fn text(text: &str) -> Option<Box<str>> {
    (!text.is_empty()).then(|| text.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T14:02:00Z".parse().unwrap()
    }

    fn info(phase: &str, run: Option<&str>) -> VerificationInfo {
        VerificationInfo {
            id: Some("0b7c".into()),
            actor: Some("email:ana@acme.example".into()),
            start_time: Some(now()),
            phase: Some(phase.into()),
            message: Some("so it is".into()),
            analysis_run: run.map(|phase| AnalysisRunReference {
                namespace: "shop".into(),
                name: "uat.01kdn9.4e1f0c9".into(),
                phase: phase.into(),
            }),
            finish_time: End::of(&phase.into()).map(|_| now()),
        }
    }

    /// Resources 8.6 and 14.2: what is read is written, unknown phases too.
    #[test]
    fn resources_14_2_a_manifest_comes_back() {
        for (phase, run, state) in [
            ("Successful", None, State::Done(End::Successful)),
            ("Failed", Some("Failed"), State::Done(End::Failed)),
            ("Aborted", Some("Running"), State::Done(End::Aborted)),
            ("Running", Some("Running"), State::Running),
            ("Measuring", Some("Measuring"), State::Running),
            ("Pending", None, State::Starting { attempt: 1 }),
            ("Measuring", None, State::Starting { attempt: 1 }),
        ] {
            let info = info(phase, run);
            let read = Verification::from_info(&info, now());
            assert_eq!(read.state(), state, "{phase}");
            assert_eq!(read.phase().as_str(), phase);
            assert_eq!(read.to_info(), info, "{phase}");
        }
    }

    #[test]
    fn resources_14_1_no_phase_has_not_ended() {
        let empty = VerificationInfo::default();
        let read = Verification::from_info(&empty, now());
        assert_eq!((read.end(), read.owed()), (None, Some(Owed::Start { attempt: 1 })));
        assert_eq!(read.to_info(), empty);
    }

    /// Trap 28, and resources 23 trap 13: a finish time there is exactly where it has ended.
    #[test]
    fn trap_28_a_finish_time_that_is_missing_is_now() {
        let without = VerificationInfo { finish_time: None, ..info("Successful", None) };
        assert_eq!(Verification::from_info(&without, now()).finished_at(), Some(now()));
        let provisional = VerificationInfo { finish_time: Some(now()), ..info("Pending", Some("Pending")) };
        assert_eq!(Verification::from_info(&provisional, now()).finished_at(), None);
    }

    #[test]
    fn control_4_2_implicit_and_credited_are_over_at_once() {
        let implicit = Verification::implicit("0b7c", "", now());
        let seen = (implicit.phase(), implicit.started_at(), implicit.finished_at(), implicit.owed());
        assert_eq!(seen, (VerificationPhase::Successful, Some(now()), Some(now()), None));
        assert_eq!((implicit.message(), implicit.actor(), implicit.run()), (None, None, None));
        let credited = Verification::credited("0b7d", "0b7c", now());
        assert_eq!(credited.end(), Some(End::Successful));
        assert!(credited.message().unwrap().contains("0b7c"));
    }

    #[test]
    fn control_4_5_an_abort_names_who_and_why() {
        for (actor, why, message) in [
            ("", AbortReason::Requested { reason: None }, "Verification aborted"),
            (
                "admin",
                AbortReason::Requested { reason: Some("too slow".into()) },
                "Verification aborted by admin: too slow",
            ),
            (
                "admin",
                AbortReason::Superseded { promotion: "uat.01x.4e1f0c9".into() },
                "Verification aborted by admin: Superseded by Promotion \"uat.01x.4e1f0c9\"",
            ),
        ] {
            let mut verification = Verification::begin("0b7c", "email:ana@acme.example", now());
            verification.apply(&Event::Abort { at: now(), actor: actor.into(), why });
            assert_eq!(verification.message(), Some(message));
            let named = if actor.is_empty() { "email:ana@acme.example" } else { actor };
            assert_eq!(verification.actor(), Some(named));
            assert_eq!((verification.phase(), verification.owed()), (VerificationPhase::Aborted, Some(Owed::Stop)));
        }
    }

    #[test]
    fn it_is_small() {
        assert!(size_of::<Verification>() <= 160, "{}", size_of::<Verification>());
    }

    proptest! {
        #[test]
        fn snapshots_bring_it_back(
            id in ".{0,8}", actor in ".{0,8}", message in prop::option::of(".{0,8}"), phase in ".{0,8}", end in 0_usize..6,
        ) {
            let mut verification = Verification::begin(id, &actor, now());
            let run = Some(RunReference { namespace: actor.clone(), name: phase.clone() });
            let event = match End::ALL.get(end) {
                Some(end) => Event::Finish { at: now(), end: *end, message, run },
                None => Event::Progress { phase: phase.as_str().into(), message, run },
            };
            let json = serde_json::to_string(&event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&json).unwrap(), &event);
            verification.apply(&event);
            let json = serde_json::to_string(&verification).unwrap();
            prop_assert_eq!(serde_json::from_str::<Verification>(&json).unwrap(), verification);
        }
    }
}
