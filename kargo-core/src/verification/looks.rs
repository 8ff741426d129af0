//! When the next look at a run is due: beside the log, not in it (rules 1 and 3).

use super::record::{Owed, Verification};
use crate::{
    model::{Duration, Timestamp},
    promotion::backoff,
    report::{EffectId, NotBefore, PortError},
};

/// When to look at the run of a verification, or to ask once more that it stops.
///
/// Looks are not events, and when they are due is not replayed: after a fold each is due at once, spread a little. While
/// nothing changes they become rarer; a change, and a word from a wake source, makes them frequent again.
///
/// ```
/// use kargo_core::{model::Duration, verification::{Asked, Event, Looks, Verification}};
/// let now: kargo_core::Timestamp = "2026-11-24T14:02:00Z".parse()?;
/// let mut verification = Verification::begin("0b7c", "", now);
/// verification.apply(&Event::Progress { phase: "Running".into(), message: None, run: None });
///
/// let mut looks = Looks::at(now);
/// assert_eq!(looks.due(&verification), Some(now));
/// looks.begin();
/// assert_eq!(looks.due(&verification), None);
/// looks.answered(&verification, now, Ok(None), false);
/// assert_eq!(looks.due(&verification), Some(now + Looks::SOONEST.to_delta()));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// None while one is under way.
    due: Option<Timestamp>,
    /// Looks in a row that found nothing new.
    quiet: u32,
    /// Looks in a row that were not answered.
    errors: u32,
    /// A wake source spoke while a look was under way (rules 3).
    told: bool,
    /// The next look is wanted, whoever tells of changes.
    wanted: bool,
    /// When the last look was answered.
    answered: Option<Timestamp>,
}

impl Looks {
    /// The shortest pause between two looks.
    pub const SOONEST: Duration = Duration::from_secs(10);
    /// The longest pause while the peer wishes for no longer one.
    pub const LATEST: Duration = Duration::from_secs(300);

    /// A look is due at this instant: when a run was started, when a verification was aborted.
    #[must_use]
    pub fn at(instant: Timestamp) -> Self {
        Self { due: Some(instant), ..Self::default() }
    }

    /// After a fold: due at once, within [`SOONEST`](Self::SOONEST), so that not all looks come together (rules 1).
    #[must_use]
    pub fn after_fold(verification: &Verification, now: Timestamp) -> Self {
        let id = EffectId::of(&["look", verification.id()]);
        Self { wanted: true, ..Self::at(later(now, id.spread(Self::SOONEST))) }
    }

    /// When to look, or to ask once more that it stops; `None` while that is under way, and where nothing is to be looked at.
    #[must_use]
    pub fn due(&self, verification: &Verification) -> Option<Timestamp> {
        match verification.owed()? {
            Owed::Start { .. } => None,
            Owed::Look { not_before } => self.due.max(not_before).filter(|_| self.due.is_some()),
            Owed::Stop => self.due,
        }
    }

    /// A look begins.
    pub fn begin(&mut self) {
        self.due = None;
        self.wanted = false;
    }

    /// A wake source begins or ceases to be heard, so something may have changed: look once, at once, but not sooner than
    /// [`SOONEST`](Self::SOONEST) after the last look.
    pub fn ask(&mut self, now: Timestamp) {
        self.told(self.answered.map_or(now, |answered| later(answered, Self::SOONEST).max(now)));
    }

    /// Whether the next look is more than a poll: something changed or may have, or the last looks have failed. It comes also
    /// while changes are told by a wake source.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.wanted || self.errors > 0
    }

    /// A wake source says that something changed: look at once, or as soon as the look under way has ended.
    pub fn told(&mut self, now: Timestamp) {
        self.quiet = 0;
        self.wanted = true;
        match &mut self.due {
            Some(due) => *due = now.min(*due),
            None => self.told = true,
        }
    }

    /// A look was answered, perhaps with the wish not to be asked again before; whether it changed anything is whether it
    /// led to events.
    pub fn answered(
        &mut self,
        verification: &Verification,
        now: Timestamp,
        answer: Result<Option<NotBefore>, &PortError>,
        changed: bool,
    ) {
        let (wish, pause) = match answer {
            Ok(wish) => {
                self.errors = 0;
                self.quiet = if changed { 0 } else { self.quiet.saturating_add(1) };
                let doublings = self.quiet.saturating_sub(1).min(16);
                let pause = Duration::from_nanos(Self::SOONEST.as_nanos() << doublings).min(Self::LATEST);
                (wish, pause)
            }
            Err(error) => {
                self.errors = self.errors.saturating_add(1);
                let pause = backoff(&verification.effect(), self.errors, None).max(Self::SOONEST);
                (error.class().not_before(), pause)
            }
        };
        // A word that came meanwhile is heard at once, but for a peer that wants peace.
        self.answered = Some(now);
        let due = if std::mem::take(&mut self.told) {
            (self.quiet, self.wanted) = (0, true);
            now
        } else {
            later(now, pause)
        };
        self.due = Some(wish.map_or(due, |wish| wish.instant(now).max(due)));
    }
}

fn later(now: Timestamp, span: Duration) -> Timestamp {
    now.checked_add_signed(span.to_delta()).unwrap_or(Timestamp::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::VerificationPhase, verification::Event};

    fn now() -> Timestamp {
        "2026-11-24T14:02:00Z".parse().unwrap()
    }

    fn running(id: &str) -> Verification {
        let mut verification = Verification::begin(id, "", now());
        verification.apply(&Event::Progress { phase: VerificationPhase::Running, message: None, run: None });
        verification
    }

    fn seconds(looks: &Looks, verification: &Verification) -> i64 {
        (looks.due(verification).unwrap() - now()).num_seconds()
    }

    #[test]
    fn rules_3_looks_become_rarer_until_something_changes() {
        let (verification, mut looks) = (running("a"), Looks::at(now()));
        let mut pauses = Vec::new();
        for changed in [false, false, false, false, false, false, false, true, false, false] {
            looks.begin();
            looks.answered(&verification, now(), Ok(None), changed);
            pauses.push(seconds(&looks, &verification));
        }
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300, 10, 10, 20]);
    }

    #[test]
    fn rules_3_a_wake_up_is_not_lost_and_a_wish_is_kept() {
        let (verification, mut looks) = (running("a"), Looks::at(now()));
        looks.begin();
        looks.told(now());
        assert_eq!(looks.due(&verification), None, "one at a time");
        looks.answered(&verification, now(), Ok(None), false);
        assert_eq!(seconds(&looks, &verification), 0);
        looks.begin();
        looks.answered(&verification, now(), Ok(None), false);
        assert_eq!(seconds(&looks, &verification), 10, "heard once");
        looks.told(now());
        assert_eq!(seconds(&looks, &verification), 0);
        looks.begin();
        looks.told(now());
        let wish = NotBefore::After(Duration::from_secs(77));
        looks.answered(&verification, now(), Ok(Some(wish)), true);
        assert_eq!(seconds(&looks, &verification), 77);
    }

    #[test]
    fn rules_3_errors_back_off_up_to_five_minutes() {
        let (verification, mut looks) = (running("a"), Looks::at(now()));
        let error = PortError::retryable("connection reset");
        for (n, full) in [10, 10, 20, 40, 80, 160, 300, 300].into_iter().enumerate() {
            looks.begin();
            looks.answered(&verification, now(), Err(&error), false);
            let pause = seconds(&looks, &verification);
            assert!((full * 4 / 5..=full).contains(&pause) && pause >= 10, "{n}: {pause}");
        }
        let limit = PortError::rate_limited("HTTP 429").after(Duration::from_secs(900));
        looks.answered(&verification, now(), Err(&limit), false);
        assert_eq!(seconds(&looks, &verification), 900);
        looks.answered(&verification, now(), Ok(None), true);
        assert_eq!(seconds(&looks, &verification), 10);
    }

    #[test]
    fn rules_1_after_a_fold_looks_are_spread() {
        let mut seen = std::collections::BTreeSet::new();
        for n in 0..50 {
            let verification = running(&n.to_string());
            let looks = Looks::after_fold(&verification, now());
            let due = looks.due(&verification).unwrap() - now();
            assert!((0..=10_000).contains(&due.num_milliseconds()), "{due}");
            assert_eq!(looks, Looks::after_fold(&verification, now()));
            seen.insert(due.num_milliseconds());
        }
        assert!(seen.len() > 45, "{}", seen.len());
    }

    #[test]
    fn only_a_run_is_looked_at_and_a_lost_one_not_too_soon() {
        let looks = Looks::at(now());
        assert_eq!(looks.due(&Verification::begin("a", "", now())), None);
        assert_eq!(looks.due(&Verification::implicit("a", "", now())), None);
        let mut lost = running("a");
        let until = later(now(), Duration::from_secs(42));
        lost.apply(&Event::Miss { until, message: "gone".into() });
        assert_eq!(looks.due(&lost), Some(until));
        let mut busy = looks;
        busy.begin();
        assert_eq!(busy.due(&lost), None);
        lost.apply(&Event::Abort {
            at: now(),
            actor: String::new(),
            why: crate::verification::AbortReason::Requested { reason: None },
        });
        assert_eq!(looks.due(&lost), Some(now()), "stopping does not wait for that");
    }
}
