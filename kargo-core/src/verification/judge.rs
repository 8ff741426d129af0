//! Whether a verification begins, and whether its success counts: one rule over a few facts (control 4.2; rules 6, 7, 16).

use std::fmt;

use super::record::Verification;
use crate::model::{HealthState, VerificationPhase};

/// What the rule looks at, of one place.
///
/// ```
/// use kargo_core::model::HealthState;
/// use kargo_core::verification::{Facts, Idle, Judgement, judge};
///
/// let facts = Facts { has_collection: true, health: Some(&HealthState::Healthy), configured: true, ..Facts::default() };
/// assert_eq!(judge(&facts), Judgement::Start { actor: "" });
/// let facts = Facts { health: Some(&HealthState::NotApplicable), ..facts };
/// assert_eq!(judge(&facts).to_string(), "nothing: health is NotApplicable, and has to be Healthy");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Whether the place holds a collection.
    pub has_collection: bool,
    /// Whether a promotion is current there.
    pub promotion_current: bool,
    /// The health of the place, if it is fresh: observed since the last promotion ended (rules 7, trap 6). `None` if not.
    pub health: Option<&'a HealthState>,
    /// The newest verification of the current collection.
    pub latest: Option<Latest<'a>>,
    /// Whether the Stage says how to verify; as it is now, not as it was promoted (trap 34).
    pub configured: bool,
    /// The request to verify again that is pending.
    pub reverify: Option<Reverify<'a>>,
    /// The id of the last Successful verification of this Stage for equal content, if the Stage's policy lets it stand for a
    /// new one: `verification.reuse: SameContent` (rules 6 and 16). What failed is never used again (trap 17). Of a no-op
    /// promotion it is left out once the place was seen not Healthy after it: then verification runs (rules 16).
    pub reusable: Option<&'a str>,
}

/// The newest verification of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its phase.
    pub phase: &'a VerificationPhase,
}

/// A request to verify again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reverify<'a> {
    /// The verification that it names. Where that is not the newest, the request has been met (control 4.6).
    pub id: &'a str,
    /// Who wants it; empty if nobody is named.
    pub actor: &'a str,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement<'a> {
    /// Nothing begins, for this reason.
    Nothing(Idle<'a>),
    /// A verification that is successful at once, since none is configured: [`Verification::implicit`].
    Implicit {
        /// Who asked for it again; empty if nobody did.
        actor: &'a str,
    },
    /// A verification with a run: [`Verification::begin`].
    Start {
        /// Who asked for it again; empty if nobody did.
        actor: &'a str,
    },
    /// An older success stands for it: [`Verification::credited`].
    Credit {
        /// Its id.
        of: &'a str,
    },
}

/// Why no verification begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idle<'a> {
    /// The place holds nothing (V1).
    NoFreight,
    /// A promotion is current (V2).
    Promoting,
    /// One is under way (V3).
    UnderWay {
        /// Its phase.
        phase: &'a VerificationPhase,
    },
    /// The newest one is over, and nobody wants another (V3).
    Decided {
        /// Its phase.
        phase: &'a VerificationPhase,
    },
    /// Health is not exactly Healthy, or not fresh (V4; traps 36 and 37). What is asked for stays so.
    NotHealthy {
        /// What it is.
        health: Option<&'a HealthState>,
    },
}

/// Whether a verification begins now.
///
/// | | facts, first match | what follows |
/// | --- | --- | --- |
/// | V1 | the place holds nothing | nothing |
/// | V2 | a promotion is current | nothing |
/// | V3 | the newest verification is not over | nothing |
/// | V3 | it is over, and no request names it | nothing |
/// | V4 | health is not fresh, or not exactly Healthy | nothing; a request stays pending |
/// | V5 | none is configured | Implicit |
/// | V6 | an older success for equal content may stand for it, and nobody asks for a new one | Credit |
/// | V6 | otherwise | Start |
#[must_use]
pub fn judge<'a>(facts: &Facts<'a>) -> Judgement<'a> {
    if !facts.has_collection {
        return Judgement::Nothing(Idle::NoFreight);
    }
    if facts.promotion_current {
        return Judgement::Nothing(Idle::Promoting);
    }
    let mut request = None;
    if let Some(Latest { id, phase }) = facts.latest {
        if !phase.is_terminal() {
            return Judgement::Nothing(Idle::UnderWay { phase });
        }
        request = facts.reverify.filter(|request| request.id == id);
        if request.is_none() {
            return Judgement::Nothing(Idle::Decided { phase });
        }
    }
    if facts.health != Some(&HealthState::Healthy) {
        return Judgement::Nothing(Idle::NotHealthy { health: facts.health });
    }
    let actor = request.map(|request| request.actor).unwrap_or_default();
    match facts.reusable {
        _ if !facts.configured => Judgement::Implicit { actor },
        Some(of) if request.is_none() => Judgement::Credit { of },
        _ => Judgement::Start { actor },
    }
}

/// Whether the newest verification counts for the freight of the collection now: of a success, health has to be Healthy then,
/// too (control 6.2; control 13, invariant 36). What was stopped says nothing of the freight, so that stopping a second
/// verification withdraws nothing; any other verdict counts when it is there.
#[must_use]
pub fn counts(facts: &Facts<'_>) -> bool {
    let says_something = |phase: &VerificationPhase| phase.is_terminal() && *phase != VerificationPhase::Aborted;
    let is_over = facts.latest.is_some_and(|latest| says_something(latest.phase));
    let is_successful = facts.latest.is_some_and(|latest| *latest.phase == VerificationPhase::Successful);
    let is_healthy = !facts.promotion_current && facts.health == Some(&HealthState::Healthy);
    facts.has_collection && is_over && (is_healthy || !is_successful)
}

impl Judgement<'_> {
    /// The verification that begins, if one does.
    #[must_use]
    pub fn begin(&self, id: &str, now: crate::Timestamp) -> Option<Verification> {
        match self {
            Self::Nothing(_) => None,
            Self::Implicit { actor } => Some(Verification::implicit(id, actor, now)),
            Self::Start { actor } => Some(Verification::begin(id, actor, now)),
            Self::Credit { of } => Some(Verification::credited(id, of, now)),
        }
    }
}

impl fmt::Display for Judgement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, actor) = match self {
            Self::Nothing(why) => return write!(f, "nothing: {why}"),
            Self::Credit { of } => return write!(f, "verification {of} stands for it"),
            Self::Implicit { actor } => ("verified: nothing is configured", actor),
            Self::Start { actor } => ("a verification begins", actor),
        };
        f.write_str(what)?;
        if actor.is_empty() { Ok(()) } else { write!(f, ", asked for by {actor}") }
    }
}

impl fmt::Display for Idle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFreight => f.write_str("there is no freight"),
            Self::Promoting => f.write_str("a promotion is under way"),
            Self::UnderWay { phase } => write!(f, "a verification is under way ({phase})"),
            Self::Decided { phase } => write!(f, "the newest verification is {phase}; to repeat it, ask for it"),
            Self::NotHealthy { health: Some(health) } => write!(f, "health is {health}, and has to be Healthy"),
            Self::NotHealthy { health: None } => f.write_str("health is not known yet"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTHY: Option<&HealthState> = Some(&HealthState::Healthy);

    fn facts() -> Facts<'static> {
        Facts { has_collection: true, health: HEALTHY, configured: true, ..Facts::default() }
    }

    fn latest(phase: &VerificationPhase) -> Option<Latest<'_>> {
        Some(Latest { id: "new", phase })
    }

    const REQUEST: Option<Reverify<'static>> = Some(Reverify { id: "new", actor: "email:ana@acme.example" });
    const STALE: Option<Reverify<'static>> = Some(Reverify { id: "old", actor: "email:ana@acme.example" });

    #[test]
    fn control_4_2_the_procedure_row_by_row() {
        use {Idle as I, Judgement as J, VerificationPhase as P};
        let actor = "email:ana@acme.example";
        let other: P = "Measuring".into();
        let unhealthy = Some(&HealthState::Unhealthy);
        let sick = J::Nothing(I::NotHealthy { health: unhealthy });
        for (row, facts, expected) in [
            ("V1", Facts { has_collection: false, ..facts() }, J::Nothing(I::NoFreight)),
            ("V2", Facts { promotion_current: true, ..facts() }, J::Nothing(I::Promoting)),
            (
                "V2 before V3",
                Facts { promotion_current: true, latest: latest(&P::Running), ..facts() },
                J::Nothing(I::Promoting),
            ),
            ("V3", Facts { latest: latest(&P::Running), ..facts() }, J::Nothing(I::UnderWay { phase: &P::Running })),
            (
                "V3 a request for one under way",
                Facts { latest: latest(&P::Pending), reverify: REQUEST, ..facts() },
                J::Nothing(I::UnderWay { phase: &P::Pending }),
            ),
            ("14.2 unknown", Facts { latest: latest(&other), ..facts() }, J::Nothing(I::UnderWay { phase: &other })),
            ("V3 over", Facts { latest: latest(&P::Error), ..facts() }, J::Nothing(I::Decided { phase: &P::Error })),
            (
                "4.6 a request for an older one",
                Facts { latest: latest(&P::Failed), reverify: STALE, ..facts() },
                J::Nothing(I::Decided { phase: &P::Failed }),
            ),
            ("V4", Facts { health: unhealthy, ..facts() }, sick),
            (
                "V4 a request stays",
                Facts { health: unhealthy, latest: latest(&P::Failed), reverify: REQUEST, ..facts() },
                sick,
            ),
            ("V4 not fresh", Facts { health: None, ..facts() }, J::Nothing(I::NotHealthy { health: None })),
            ("V4 before V5, trap 36", Facts { health: unhealthy, configured: false, ..facts() }, sick),
            ("V5", Facts { configured: false, ..facts() }, J::Implicit { actor: "" }),
            (
                "V5 again",
                Facts { configured: false, latest: latest(&P::Successful), reverify: REQUEST, ..facts() },
                J::Implicit { actor },
            ),
            ("V6", facts(), J::Start { actor: "" }),
            ("V6 again", Facts { latest: latest(&P::Aborted), reverify: REQUEST, ..facts() }, J::Start { actor }),
            (
                "4.3 the actor of a stale request is nobody",
                Facts { reverify: STALE, ..facts() },
                J::Start { actor: "" },
            ),
            ("rules 6 reuse", Facts { reusable: Some("older"), ..facts() }, J::Credit { of: "older" }),
            (
                "rules 6 reuse, but asked for again",
                Facts { reusable: Some("older"), latest: latest(&P::Failed), reverify: REQUEST, ..facts() },
                J::Start { actor },
            ),
            ("rules 16 reuse needs Healthy", Facts { reusable: Some("older"), health: unhealthy, ..facts() }, sick),
            (
                "nothing to reuse for",
                Facts { reusable: Some("older"), configured: false, ..facts() },
                J::Implicit { actor: "" },
            ),
        ] {
            assert_eq!(judge(&facts), expected, "{row}");
        }
    }

    /// Invariant 35, traps 36 and 37: no state but Healthy, known or unknown, begins a verification of any kind.
    #[test]
    fn traps_36_and_37_health_is_exactly_healthy() {
        let odd = HealthState::from("Odd");
        for health in HealthState::KNOWN.iter().chain([&odd]) {
            for (configured, reusable) in [(true, None), (false, None), (true, Some("older"))] {
                let facts = Facts { health: Some(health), configured, reusable, ..facts() };
                let begins = !matches!(judge(&facts), Judgement::Nothing(_));
                assert_eq!(begins, *health == HealthState::Healthy, "{health}");
            }
        }
    }

    /// Control 6.2 and invariant 36: success counts on a Healthy place alone; what withdraws needs no health.
    #[test]
    fn control_6_2_what_counts_when() {
        use VerificationPhase as P;
        let progressing = Some(&HealthState::Progressing);
        let other: P = "Measuring".into();
        for (phase, healthy, not) in [
            (&P::Successful, true, false),
            (&P::Failed, true, true),
            (&P::Error, true, true),
            (&P::Aborted, false, false),
            (&P::Inconclusive, true, true),
            (&P::Running, false, false),
            (&other, false, false),
        ] {
            let facts = Facts { latest: latest(phase), ..facts() };
            assert_eq!(counts(&facts), healthy, "{phase}");
            assert_eq!(counts(&Facts { health: progressing, ..facts }), not, "{phase}");
            assert_eq!(counts(&Facts { promotion_current: true, ..facts }), not, "{phase}");
            assert_eq!(counts(&Facts { health: None, ..facts }), not, "{phase}");
            assert!(!counts(&Facts { has_collection: false, ..facts }), "{phase}");
        }
        assert!(!counts(&facts()));
    }

    /// Law 7: every "no" says why.
    #[test]
    fn what_is_judged_begins_and_is_said() {
        let now = "2026-11-24T14:02:00Z".parse().unwrap();
        for (judgement, phase, said) in [
            (judge(&facts()), Some("Pending"), "a verification begins"),
            (judge(&Facts { configured: false, ..facts() }), Some("Successful"), "verified: nothing is configured"),
            (judge(&Facts { reusable: Some("a"), ..facts() }), Some("Successful"), "verification a stands for it"),
            (judge(&Facts { health: None, ..facts() }), None, "nothing: health is not known yet"),
            (
                judge(&Facts { latest: latest(&VerificationPhase::Failed), reverify: REQUEST, ..facts() }),
                Some("Pending"),
                "a verification begins, asked for by email:ana@acme.example",
            ),
            (
                judge(&Facts { latest: latest(&VerificationPhase::Failed), ..facts() }),
                None,
                "nothing: the newest verification is Failed; to repeat it, ask for it",
            ),
        ] {
            assert_eq!(judgement.to_string(), said);
            let begun = judgement.begin("id", now);
            assert_eq!(begun.map(|begun| begun.phase().to_string()).as_deref(), phase);
        }
    }
}
