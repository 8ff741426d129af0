//! Everything that can be a reason, typed, and its one line of text.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::{instant, span};
use crate::model::{
    AvailabilityStrategy, Duration, FreightName, NoSuch, Origin, PromotionName, PromotionPhase, StageName, Timestamp,
    VerificationPhase, WindowKind,
};

/// A reason for which something may be, or may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Reason {
    /// What was asked about does not exist.
    NoSuch(NoSuch),
    /// The Stage does not request freight of this origin (control 1.1).
    NotRequested {
        /// The Stage.
        stage: StageName,
        /// The freight's origin.
        origin: Origin,
        /// What it does request.
        requested: Vec<Origin>,
    },
    /// The Stage takes it straight from its origin.
    Direct {
        /// The origin.
        origin: Origin,
    },
    /// It was approved for the Stage, which makes verification and soak unnecessary.
    Approved {
        /// The Stage.
        stage: StageName,
        /// When, if that is known.
        at: Option<Timestamp>,
        /// Who, if that is known.
        by: Vec<String>,
    },
    /// The Stage takes it from other Stages.
    Upstreams {
        /// Whether all of them must have verified it, or one.
        strategy: AvailabilityStrategy,
        /// The Stages.
        stages: Vec<StageName>,
    },
    /// The request names no source: freight comes by approval only (control, trap 9).
    ByApprovalOnly,
    /// A Stage verified it, and it stayed there for as long as it has to.
    Verified {
        /// The Stage.
        stage: StageName,
        /// When.
        at: Option<Timestamp>,
        /// Its longest stay there.
        soaked: Duration,
        /// The stay that is required.
        required: Option<Duration>,
    },
    /// A Stage has not verified it, or a later verdict withdrew that (rules 6).
    NotVerified {
        /// The Stage.
        stage: StageName,
        /// The latest verdict there on a collection with this freight.
        latest: Option<VerificationPhase>,
        /// When that was.
        at: Option<Timestamp>,
        /// Whether the freight is there now.
        is_there: bool,
    },
    /// A Stage verified it, but it did not stay there for as long as it has to.
    NotSoaked {
        /// The Stage.
        stage: StageName,
        /// Its longest stay.
        soaked: Duration,
        /// The stay that is required.
        required: Duration,
        /// When it will have stayed long enough; none if it has left, or if nobody knows since when it is there.
        ends: Option<Timestamp>,
        /// Whether the freight is there now.
        is_there: bool,
    },
    /// What somebody or something said.
    Said {
        /// In their words.
        text: String,
    },
    /// Nobody rejected it.
    NotRejected,
    /// Somebody rejected it.
    Rejected {
        /// The name of the rejection.
        rejection: String,
        /// The freight, as people call it.
        freight: String,
        /// Where: the Stage asked about, or none for everywhere.
        stage: Option<StageName>,
        /// Who.
        by: Option<String>,
        /// Why.
        why: Option<String>,
    },
    /// Neither the Stage nor the project is paused.
    NotPaused,
    /// The Stage or the project is paused.
    Paused {
        /// The name of the pause.
        pause: String,
        /// The Stage; none for the project.
        stage: Option<StageName>,
        /// Who.
        by: Option<String>,
        /// Why.
        why: Option<String>,
        /// When it ends by itself.
        until: Option<Timestamp>,
    },
    /// The windows are open.
    WindowOpen {
        /// When they close, if that is known.
        closes: Option<Timestamp>,
    },
    /// A window is closed.
    WindowClosed {
        /// The window; none if it is that none of those that allow is active.
        window: Option<String>,
        /// What kind of window closes.
        kind: WindowKind,
        /// When the windows open again; none if that is not known.
        opens: Option<Timestamp>,
    },
    /// A window cannot be read, which closes it.
    WindowUnreadable {
        /// The window.
        window: String,
        /// Why.
        problem: String,
    },
    /// As many people approved it as the Stage's policy asks for.
    ApprovalsGiven {
        /// How many it asks for.
        required: u32,
    },
    /// Not enough people approved it.
    ApprovalsMissing {
        /// How many the policy asks for.
        required: u32,
        /// Who did.
        given: Vec<String>,
    },
    /// The Stage has no steps: freight passes through it by itself, and promotions to it cannot be made.
    ControlFlow {
        /// The Stage.
        stage: StageName,
    },
    /// Automation leaves what somebody put there (control 2.5).
    Held {
        /// The origin.
        origin: Origin,
        /// The freight that was chosen.
        freight: FreightName,
        /// Since when.
        since: Option<Timestamp>,
        /// Who chose it.
        by: Option<String>,
        /// The promotion that set the hold.
        promotion: Option<PromotionName>,
    },
    /// Nobody promotes there automatically.
    AutomationOff {
        /// The Stage.
        stage: StageName,
    },
    /// A promotion policy that stands before the one that counts cannot be read.
    PolicyUnreadable {
        /// Why.
        problem: String,
    },
    /// The Stage holds it already.
    AlreadyThere {
        /// The Stage.
        stage: StageName,
        /// The freight, as people call it.
        freight: String,
    },
    /// A promotion of it is under way.
    UnderWay {
        /// The promotion.
        promotion: PromotionName,
        /// How far it is.
        phase: PromotionPhase,
    },
    /// The last promotion of it did not succeed, and automation does not try again by itself (control 2.3, AP-8).
    FailedBefore {
        /// The promotion.
        promotion: PromotionName,
        /// How it ended.
        phase: PromotionPhase,
    },
    /// What is there is newer, and automation does not go backwards (rules 7).
    NewerThere {
        /// What is there, as people call it.
        freight: String,
    },
    /// No freight of an origin is eligible.
    NothingEligible {
        /// The origin.
        origin: Origin,
    },
    /// The newest eligible freight of an origin.
    Candidate {
        /// The origin.
        origin: Origin,
        /// The freight, as people call it.
        freight: String,
    },
    /// Several pieces of freight are in the Stage whose freight is followed, so that it is not clear which.
    SeveralUpstream {
        /// The Stage that is followed.
        stage: StageName,
    },
    /// The freight is not meant to be moved by automation (extension `intents`).
    NotForAutomation {
        /// The freight, as people call it.
        freight: String,
        /// What it is meant for.
        intent: String,
    },
    /// Freight that soaks here is left until Stages downstream may take it (extension `soak.guard`).
    SoakGuard {
        /// What is there, as people call it.
        freight: String,
        /// Until when at the most.
        until: Option<Timestamp>,
    },
    /// New freight is taken only so often (extension `soak.sampleEvery`).
    Sampled {
        /// When the next is taken.
        next: Timestamp,
    },
    /// What is there is being verified.
    Verifying {
        /// The Stage.
        stage: StageName,
    },
    /// What is there is healthy and will be verified first.
    NotVerifiedYet {
        /// The Stage.
        stage: StageName,
    },
    /// What is there is still coming up.
    Progressing {
        /// The Stage.
        stage: StageName,
        /// Until when that is waited for.
        until: Timestamp,
    },
    /// Another promotion has the place.
    Occupied {
        /// The promotion.
        promotion: PromotionName,
    },
    /// Other promotions come first.
    Queued {
        /// The one right before.
        behind: PromotionName,
    },
    /// The clock may be wrong (rules 5).
    ClockSuspect,
    /// A promotion ended.
    Ended {
        /// The promotion.
        promotion: PromotionName,
        /// How.
        phase: PromotionPhase,
        /// When.
        at: Timestamp,
    },
    /// Somebody asked for it.
    AskedFor {
        /// When.
        at: Timestamp,
        /// Who, if that is known.
        by: Option<String>,
        /// Why, in their words.
        because: Option<String>,
    },
    /// Automation did it.
    Automatic {
        /// When.
        at: Timestamp,
        /// The newest eligible freight of these origins.
        origins: Vec<Origin>,
    },
    /// A Stage had verified it, and so it was let through.
    VerifiedIn {
        /// The Stage.
        stage: StageName,
        /// When.
        at: Timestamp,
        /// How long it had been there when it was let through.
        soaked: Duration,
        /// The stay that was required.
        required: Option<Duration>,
    },
    /// It passed through a Stage without steps.
    Passed {
        /// The Stage.
        stage: StageName,
        /// When.
        at: Timestamp,
    },
    /// A Stage got it.
    Got {
        /// The Stage.
        stage: StageName,
        /// When.
        at: Timestamp,
        /// Who asked for that; none if it was automation.
        by: Option<String>,
        /// What automation promoted the newest eligible freight of.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        origins: Vec<Origin>,
    },
    /// It was seen outside, and became freight.
    Seen {
        /// What it is made of.
        what: Vec<String>,
        /// When.
        at: Timestamp,
        /// What brought the look about, if more than the clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<String>,
    },
    /// What an image was built from, as it says itself.
    BuiltFrom {
        /// The repository.
        source: String,
        /// The commit.
        revision: String,
    },
    /// How looks at a Warehouse's subscriptions go.
    Discovery {
        /// The Warehouse.
        warehouse: String,
        /// When a look was answered last.
        last: Option<Timestamp>,
        /// How long ago that is.
        ago: Option<Duration>,
        /// How many looks there were since the engine was started.
        looks: u64,
        /// How many of the last ones were not answered.
        unanswered: u32,
        /// How many of the last ones failed.
        errors: u32,
        /// What the last one said that failed.
        problem: Option<String>,
    },
    /// A fact in words, where no rule of its own is behind it.
    Fact {
        /// The fact.
        text: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuch(missing) => write!(f, "{missing}"),
            Self::NotRequested { stage, origin, requested } => {
                write!(f, "{stage} does not request freight of {origin}")?;
                if !requested.is_empty() {
                    write!(f, " (it requests {})", list(requested))?;
                }
                Ok(())
            }
            Self::Direct { origin } => write!(f, "source: direct from {origin}"),
            Self::Approved { stage, at, by } => {
                write!(f, "source: approved for {stage}")?;
                at.map_or(Ok(()), |at| write!(f, " {}", instant(at)))?;
                if by.is_empty() { Ok(()) } else { write!(f, " by {}", by.join(", ")) }
            }
            Self::Upstreams { strategy, stages } => match stages.as_slice() {
                [only] => write!(f, "source: needs {only}"),
                _ => write!(f, "source: needs {strategy:?} of [{}]", list(stages)),
            },
            Self::ByApprovalOnly => f.write_str("source: none is named, so freight comes by approval only"),
            Self::Verified { at, soaked, required, .. } => {
                f.write_str("verified")?;
                at.map_or(Ok(()), |at| write!(f, " {}", instant(at)))?;
                required.map_or(Ok(()), |required| write!(f, ", soaked {} (needs {})", span(*soaked), span(required)))
            }
            Self::NotVerified { latest, at, is_there, .. } => {
                f.write_str("not verified: ")?;
                match (latest, at, is_there) {
                    (Some(phase), Some(at), _) => write!(f, "latest verdict {phase}, {}", instant(*at)),
                    (Some(phase), None, _) => write!(f, "latest verdict {phase}"),
                    (None, _, true) => f.write_str("no verdict yet"),
                    (None, _, false) => f.write_str("it is not there"),
                }
            }
            Self::NotSoaked { soaked, required, ends, is_there, .. } => {
                write!(f, "verified, soaked {} of {}", span(*soaked), span(*required))?;
                match (ends, is_there) {
                    (Some(_), _) => Ok(()),
                    (None, true) => f.write_str("; nobody knows since when it is there"),
                    (None, false) => f.write_str(" before it left"),
                }
            }
            Self::Said { text } => write!(f, "{text:?}"),
            Self::NotRejected => f.write_str("not rejected"),
            Self::Rejected { freight, stage, by, why, .. } => {
                write!(f, "{freight} was rejected ")?;
                match stage {
                    Some(stage) => write!(f, "in Stage {stage}")?,
                    None => f.write_str("everywhere")?,
                }
                who_and_why(f, by.as_ref(), why.as_ref())
            }
            Self::NotPaused => f.write_str("stage not paused"),
            Self::Paused { stage, by, why, .. } => {
                match stage {
                    Some(stage) => write!(f, "Stage {stage}")?,
                    None => f.write_str("the project")?,
                }
                f.write_str(" is paused")?;
                who_and_why(f, by.as_ref(), why.as_ref())
            }
            Self::WindowOpen { closes: Some(closes) } => write!(f, "window open until {}", instant(*closes)),
            Self::WindowOpen { closes: None } => f.write_str("window open"),
            Self::WindowClosed { window: Some(window), kind, .. } => write!(f, "window: {kind:?} {window:?} is active"),
            Self::WindowClosed { window: None, .. } => f.write_str("window: none of those that allow is active"),
            Self::WindowUnreadable { window, problem } => {
                write!(f, "window: {window:?} cannot be read, so it is closed: {problem}")
            }
            Self::ApprovalsGiven { required } => write!(f, "{required} of {required} approvals"),
            Self::ApprovalsMissing { required, given } => {
                write!(f, "approvals: {} of {required}", given.len())?;
                if given.is_empty() { Ok(()) } else { write!(f, " ({})", given.join(", ")) }
            }
            Self::ControlFlow { stage } => {
                write!(f, "Stage {stage} has no steps: freight passes through it, nothing is promoted to it")
            }
            Self::Held { origin, since, by, .. } => {
                write!(f, "hold on {origin}")?;
                since.map_or(Ok(()), |since| write!(f, " since {}", since.format("%Y-%m-%d")))?;
                by.as_ref().map_or(Ok(()), |by| write!(f, " by {by}"))
            }
            Self::AutomationOff { stage } => write!(f, "nobody promotes to {stage} automatically"),
            Self::PolicyUnreadable { problem } => write!(f, "a promotion policy cannot be read: {problem}"),
            Self::AlreadyThere { stage, freight } => write!(f, "{stage} already holds {freight}"),
            Self::UnderWay { promotion, phase } => write!(f, "promotion {promotion} of it is {phase}"),
            Self::FailedBefore { promotion, phase } => {
                write!(f, "promotion {promotion} of it {phase}: automation does not try it again")
            }
            Self::NewerThere { freight } => write!(f, "{freight}, which is newer, is there"),
            Self::NothingEligible { origin } => write!(f, "no freight of {origin} is eligible"),
            Self::Candidate { origin, freight } => write!(f, "newest eligible of {origin} is {freight}"),
            Self::SeveralUpstream { stage } => write!(f, "several pieces of freight are in {stage}"),
            Self::NotForAutomation { freight, intent } => {
                write!(f, "{freight} is of intent {intent}, which automation here does not take")
            }
            Self::SoakGuard { freight, until } => {
                write!(f, "{freight} is soaking for Stages downstream")?;
                until.map_or(Ok(()), |until| write!(f, " until {}", instant(until)))
            }
            Self::Sampled { next } => write!(f, "the next freight is taken {}", instant(*next)),
            Self::Verifying { stage } => write!(f, "{stage} verifies what it holds"),
            Self::NotVerifiedYet { stage } => write!(f, "{stage} verifies first what it holds"),
            Self::Progressing { stage, until } => {
                write!(f, "what {stage} holds is coming up; waited for until {}", instant(*until))
            }
            Self::Occupied { promotion } => write!(f, "promotion {promotion} is under way"),
            Self::Queued { behind } => write!(f, "queued behind {behind}"),
            Self::ClockSuspect => f.write_str("the clock may be wrong"),
            Self::Ended { promotion, phase, at } => write!(f, "promotion {promotion} {phase} {}", instant(*at)),
            Self::AskedFor { at, by, because } => {
                write!(f, "asked for {} by {}", instant(*at), by.as_deref().unwrap_or("somebody"))?;
                because.as_ref().map_or(Ok(()), |because| write!(f, " ({because:?})"))
            }
            Self::Automatic { at, origins } => {
                write!(f, "automatic {}: newest eligible of {}", instant(*at), list(origins))
            }
            Self::VerifiedIn { stage, at, soaked, required } => {
                write!(f, "verified in {stage} {}", instant(*at))?;
                required.map_or(Ok(()), |required| write!(f, ", soaked {} of {}", span(*soaked), span(required)))
            }
            Self::Passed { stage, at } => write!(f, "passed through {stage} {}", instant(*at)),
            Self::Got { stage, at, by, origins } => {
                write!(f, "{stage} got it {}, ", instant(*at))?;
                match (by, origins.as_slice()) {
                    (Some(by), _) => write!(f, "asked for by {by}"),
                    (None, []) => f.write_str("automatic"),
                    (None, origins) => write!(f, "automatic: newest eligible of {}", list(origins)),
                }
            }
            Self::Seen { what, at, because } => {
                write!(f, "{} seen {}", what.join(" + "), instant(*at))?;
                because.as_ref().map_or(Ok(()), |because| write!(f, ", {because}"))
            }
            Self::BuiltFrom { source, revision } => write!(f, "built from {source} {revision} (image annotation)"),
            Self::Discovery { warehouse, last, ago, looks, unanswered, errors, problem } => {
                match (errors, unanswered, ago, last) {
                    (1.., _, _, _) => {
                        write!(f, "discovery of {warehouse} fails, {errors} times in a row")?;
                        problem.as_ref().map_or(Ok(()), |problem| write!(f, ": {problem}"))?;
                    }
                    (0, 2.., _, _) => write!(f, "discovery of {warehouse}: {unanswered} looks are not answered")?,
                    (0, _, Some(ago), _) => {
                        write!(f, "discovery of {warehouse} is healthy: last look {} ago", span(*ago))?;
                    }
                    (0, _, None, _) => write!(f, "discovery of {warehouse}: the first look is under way")?,
                }
                write!(f, ", {looks} looks")
            }
            Self::Fact { text } => f.write_str(text),
        }
    }
}

fn list(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn who_and_why(f: &mut fmt::Formatter<'_>, by: Option<&String>, why: Option<&String>) -> fmt::Result {
    by.map_or(Ok(()), |by| write!(f, " by {by}"))?;
    why.map_or(Ok(()), |why| write!(f, ": {why:?}"))
}
