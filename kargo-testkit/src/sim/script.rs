//! A history to come: what people do, what the world does by itself, what goes wrong, each at its time and with a number from
//! which its details follow. Leaving one out changes no other.

use kargo_core::Timestamp;

use super::{
    dice::Dice,
    fault::{Fault, Kind, Trouble},
};

/// One thing that happens by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Act {
    pub(crate) at: Timestamp,
    /// What it picks of what is there follows from this.
    pub(crate) salt: u64,
    pub(crate) what: What,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// Somebody pushes an image.
    Push,
    /// A webhook tells of images, perhaps of old ones.
    Told,
    /// Somebody promotes one piece of freight.
    PromoteFreight,
    /// Somebody promotes the newest of an origin.
    PromoteNewest,
    /// Somebody promotes what another Stage holds.
    PromoteHeld,
    /// Somebody takes a Stage back to what it had.
    Rollback,
    /// Somebody promotes freight of several origins at once.
    PromoteSeveral,
    /// Somebody promotes what a Stage holds to all behind it.
    PromoteEverywhere,
    /// Somebody makes freight by hand, like other freight.
    Assemble,
    SetAlias,
    Refresh,
    Hold,
    Approve,
    Reject,
    Unreject,
    PauseStage,
    PauseProject,
    ResumeStage,
    ResumeProject,
    ReleaseHold,
    Abort,
    Reverify,
    AbortVerification,
    AcceptClock,
    /// A Stage is written anew.
    Redefine,
    /// A policy of a Stage is written anew.
    RedefinePolicy,
    /// The project's policies are.
    RedefineProject,
    /// A Warehouse is.
    RedefineWarehouse,
    /// A Stage is deleted.
    DeleteStage,
    /// Another definition is deleted.
    DeleteOther,
    /// Somebody asks for what cannot be: a name that does not exist, an object of another project.
    Nonsense,
    /// Something that is waited for changes.
    Signal,
    /// Somebody tells of the health of a Stage.
    Health,
    /// The work tree of a promotion is lost.
    TreeLost,
    /// A report about work that nobody knows.
    StrangeReport,
    /// Something goes wrong.
    Trouble(Trouble),
}

/// What happens how often.
const WEIGHTS: [(What, u64); 36] = [
    (What::Push, 34),
    (What::Told, 12),
    (What::PromoteFreight, 22),
    (What::PromoteNewest, 16),
    (What::PromoteHeld, 6),
    (What::Rollback, 8),
    (What::PromoteSeveral, 6),
    (What::PromoteEverywhere, 4),
    (What::Assemble, 3),
    (What::SetAlias, 3),
    (What::Refresh, 4),
    (What::Hold, 4),
    (What::Approve, 14),
    (What::Reject, 5),
    (What::Unreject, 5),
    (What::PauseStage, 5),
    (What::PauseProject, 2),
    (What::ResumeStage, 8),
    (What::ResumeProject, 5),
    (What::ReleaseHold, 6),
    (What::Abort, 8),
    (What::Reverify, 10),
    (What::AbortVerification, 5),
    (What::AcceptClock, 7),
    (What::Redefine, 9),
    (What::RedefinePolicy, 7),
    (What::RedefineProject, 4),
    (What::RedefineWarehouse, 2),
    (What::DeleteStage, 2),
    (What::DeleteOther, 2),
    (What::Nonsense, 6),
    (What::Signal, 12),
    (What::Health, 10),
    (What::TreeLost, 6),
    (What::StrangeReport, 4),
    (What::Trouble(Trouble::Crash), 14),
];

/// A random history of so many things, from a start, minutes apart.
pub(crate) fn random(seed: u64, start: Timestamp, length: usize) -> Vec<Act> {
    let mut dice = Dice::of(seed, "script", 0);
    let all: u64 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
    let mut at = start;
    let mut acts = Vec::with_capacity(length);
    for _ in 0..length {
        // Often at once, mostly minutes apart, sometimes hours.
        let seconds = match dice.roll(10) {
            0..3 => dice.roll(3),
            3..9 => dice.roll(240),
            _ => dice.roll(2_400),
        };
        at += chrono::TimeDelta::milliseconds(i64::try_from(seconds * 1_000 + dice.roll(1_000)).unwrap_or_default());
        let mut left = dice.roll(all);
        let mut what = What::Push;
        for (candidate, weight) in WEIGHTS {
            what = candidate;
            if left < weight {
                break;
            }
            left -= weight;
        }
        if let What::Trouble(_) = what {
            what = What::Trouble(trouble(&mut dice));
        }
        acts.push(Act { at, salt: dice.number(), what });
    }
    acts
}

fn trouble(dice: &mut Dice) -> Trouble {
    match dice.roll(10) {
        0 | 1 => Trouble::Crash,
        2 => Trouble::CrashBeforeAppend,
        3 | 4 => Trouble::CrashAfterAppend,
        5 => Trouble::FailedAppend,
        6 => Trouble::LostAnswer,
        7 => Trouble::Deposed,
        _ => {
            let far = dice.one_in(2);
            let seconds = i64::try_from(if far { 301 + dice.roll(7_200) } else { 1 + dice.roll(250) }).unwrap_or(1);
            Trouble::ClockJump(if dice.one_in(2) { -seconds } else { seconds })
        }
    }
}

/// What faults that were asked for come to.
pub(crate) fn of_faults(seed: u64, faults: &[Fault], start: Timestamp, end: Timestamp) -> Vec<Act> {
    let mut acts = Vec::new();
    for (index, fault) in faults.iter().enumerate() {
        let Kind::Trouble(trouble) = fault.kind else { continue };
        let (from, until) = fault.span(start, end);
        let mut dice = Dice::of(seed, "fault", index as u64);
        let span = u64::try_from((until - from).num_milliseconds()).unwrap_or_default();
        for _ in 0..fault.times {
            let at = from + chrono::TimeDelta::milliseconds(i64::try_from(dice.roll(span)).unwrap_or_default());
            // "Between any two writes" is any of the three.
            let trouble = match trouble {
                Trouble::Crash => [Trouble::Crash, Trouble::CrashBeforeAppend, Trouble::CrashAfterAppend]
                    .get(dice.index(3))
                    .copied()
                    .unwrap_or(trouble),
                other => other,
            };
            acts.push(Act { at, salt: dice.number(), what: What::Trouble(trouble) });
        }
    }
    acts
}
