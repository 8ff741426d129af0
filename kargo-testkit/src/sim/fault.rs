//! What may go wrong, how often and when: said by whoever tests, or drawn for a random history.

use std::time::Duration;

use kargo_core::Timestamp;

/// Something that goes wrong in a simulated world.
///
/// ```
/// use std::time::Duration;
/// use kargo_testkit::sim::Fault;
/// let faults = [
///     Fault::crash().times(5),
///     Fault::lose_reports(0.1).from("09:00").until("10:00"),
///     Fault::rate_limit("ghcr.io").from("09:00").until("09:40").retry_after(Duration::from_mins(10)),
/// ];
/// # let _ = faults;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(crate) kind: Kind,
    pub(crate) times: u32,
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// At once, so many times.
    Trouble(Trouble),
    /// All the while, in so many of a hundred cases.
    Rate(Rate, u64),
    /// A host answers that it wants fewer requests.
    Limited { host: String, retry_after: Duration },
    /// A host does not answer.
    Hangs { host: String },
}

/// Something that goes wrong at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// The process dies right before it appends what it decided.
    CrashBeforeAppend,
    /// The process dies after the append, before it hands work out.
    CrashAfterAppend,
    /// The process dies between two inputs.
    Crash,
    /// An append fails: nothing of it is in the log.
    FailedAppend,
    /// An append acts and is not answered.
    LostAnswer,
    /// Somebody else takes the lease.
    Deposed,
    /// The time of day jumps by so many seconds.
    ClockJump(i64),
}

/// Something that goes wrong with what the world says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rate {
    /// A report never arrives.
    LostReport,
    /// A report arrives hours later.
    LateReport,
    /// A report arrives twice.
    DoubledReport,
    /// A report overtakes others.
    ReorderedReport,
    /// A registry answers as it did before.
    StalePage,
    /// A signal never arrives.
    LostSignal,
}

impl Trouble {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CrashBeforeAppend => "crash before append",
            Self::CrashAfterAppend => "crash between append and hand-out",
            Self::Crash => "crash between inputs",
            Self::FailedAppend => "failed append",
            Self::LostAnswer => "lost answer of append",
            Self::Deposed => "deposed owner",
            Self::ClockJump(by) if by > 300 => "clock far forward",
            Self::ClockJump(by) if by < -300 => "clock far back",
            Self::ClockJump(by) if by < 0 => "clock back",
            Self::ClockJump(_) => "clock forward",
        }
    }
}

impl Rate {
    pub(crate) const ALL: [Self; 6] = [
        Self::LostReport,
        Self::LateReport,
        Self::DoubledReport,
        Self::ReorderedReport,
        Self::StalePage,
        Self::LostSignal,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LostReport => "lost report",
            Self::LateReport => "late report",
            Self::DoubledReport => "doubled report",
            Self::ReorderedReport => "reordered report",
            Self::StalePage => "stale page",
            Self::LostSignal => "lost signal",
        }
    }
}

/// The names of all faults, as a run counts them.
pub const FAULTS: [&str; 18] = [
    "clock back",
    "clock far back",
    "clock far forward",
    "clock forward",
    "crash before append",
    "crash between append and hand-out",
    "crash between inputs",
    "deposed owner",
    "doubled report",
    "failed append",
    "hang",
    "late report",
    "lost answer of append",
    "lost report",
    "lost signal",
    "rate limit",
    "reordered report",
    "stale page",
];

impl Fault {
    fn new(kind: Kind) -> Self {
        Self { kind, times: 1, from: None, until: None }
    }

    fn rate(rate: Rate, share: f64) -> Self {
        // Shares are written by people: a hundredth is fine enough.
        let percent = (0..=100_u8).find(|percent| f64::from(*percent) >= share * 100.0).unwrap_or(100);
        Self::new(Kind::Rate(rate, percent.into()))
    }

    /// The process dies between any two writes of the journal; see [`times`](Self::times).
    #[must_use]
    pub fn crash() -> Self {
        Self::new(Kind::Trouble(Trouble::Crash))
    }

    /// The process dies with what it decided, right before it is in the log.
    #[must_use]
    pub fn crash_before_append() -> Self {
        Self::new(Kind::Trouble(Trouble::CrashBeforeAppend))
    }

    /// The process dies after its decision is in the log and before the work that it opens is handed out.
    #[must_use]
    pub fn crash_after_append() -> Self {
        Self::new(Kind::Trouble(Trouble::CrashAfterAppend))
    }

    /// An append fails, and nothing of it is in the log.
    #[must_use]
    pub fn failed_append() -> Self {
        Self::new(Kind::Trouble(Trouble::FailedAppend))
    }

    /// An append acts, and the answer is lost.
    #[must_use]
    pub fn lost_append() -> Self {
        Self::new(Kind::Trouble(Trouble::LostAnswer))
    }

    /// Another owner takes the lease.
    #[must_use]
    pub fn deposed() -> Self {
        Self::new(Kind::Trouble(Trouble::Deposed))
    }

    /// The time of day jumps by so many seconds, back if they are negative.
    #[must_use]
    pub fn clock_jump(seconds: i64) -> Self {
        Self::new(Kind::Trouble(Trouble::ClockJump(seconds)))
    }

    /// This share of reports never arrives.
    #[must_use]
    pub fn lose_reports(share: f64) -> Self {
        Self::rate(Rate::LostReport, share)
    }

    /// This share of reports arrives hours late.
    #[must_use]
    pub fn delay_reports(share: f64) -> Self {
        Self::rate(Rate::LateReport, share)
    }

    /// This share of reports arrives twice.
    #[must_use]
    pub fn double_reports(share: f64) -> Self {
        Self::rate(Rate::DoubledReport, share)
    }

    /// This share of reports overtakes others.
    #[must_use]
    pub fn reorder_reports(share: f64) -> Self {
        Self::rate(Rate::ReorderedReport, share)
    }

    /// This share of looks at a registry is answered with what was there before.
    #[must_use]
    pub fn stale_pages(share: f64) -> Self {
        Self::rate(Rate::StalePage, share)
    }

    /// This share of signals never arrives.
    #[must_use]
    pub fn lose_webhooks(share: f64) -> Self {
        Self::rate(Rate::LostSignal, share)
    }

    /// A registry answers that it wants fewer requests.
    #[must_use]
    pub fn rate_limit(host: impl Into<String>) -> Self {
        Self::new(Kind::Limited { host: host.into(), retry_after: Duration::from_secs(60) })
    }

    /// A host does not answer. What was asked meanwhile is answered afterwards; of github.com, pushes hang.
    #[must_use]
    pub fn hang(host: impl Into<String>) -> Self {
        Self::new(Kind::Hangs { host: host.into() })
    }

    /// So many times, at instants that follow from the seed; of what happens at an instant.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Not before this time of the first day, such as `09:00`, or this instant.
    #[must_use]
    pub fn from(self, time: impl Into<String>) -> Self {
        Self { from: Some(time.into()), ..self }
    }

    /// Until this time of the first day, or this instant.
    #[must_use]
    pub fn until(self, time: impl Into<String>) -> Self {
        Self { until: Some(time.into()), ..self }
    }

    /// With this Retry-After; of a limit.
    #[must_use]
    pub fn retry_after(mut self, span: Duration) -> Self {
        if let Kind::Limited { retry_after, .. } = &mut self.kind {
            *retry_after = span;
        }
        self
    }

    /// From when to when it may happen.
    pub(crate) fn span(&self, start: Timestamp, end: Timestamp) -> (Timestamp, Timestamp) {
        let at = |text: &Option<String>| text.as_ref().and_then(|text| instant(text, start));
        (at(&self.from).unwrap_or(start), at(&self.until).unwrap_or(end))
    }
}

/// An instant as people write it: whole, or as the time of a day.
pub(crate) fn instant(text: &str, day: Timestamp) -> Option<Timestamp> {
    let whole = format!("{}T{text}Z", day.format("%Y-%m-%d"));
    let with_seconds = format!("{}T{text}:00Z", day.format("%Y-%m-%d"));
    text.parse().or_else(|_| whole.parse()).or_else(|_| with_seconds.parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_belong_to_the_first_day() {
        let start: Timestamp = "2026-11-24T08:05:00Z".parse().unwrap();
        let end = start + chrono::TimeDelta::hours(12);
        let fault = Fault::crash().from("09:00").until("2026-11-24T10:00:00Z");
        let (from, until) = fault.span(start, end);
        assert_eq!(
            (from.to_rfc3339(), until.to_rfc3339()),
            ("2026-11-24T09:00:00+00:00".into(), "2026-11-24T10:00:00+00:00".into())
        );
        assert_eq!(Fault::crash().span(start, end), (start, end));
        assert_eq!(Fault::lose_webhooks(0.5).kind, Kind::Rate(Rate::LostSignal, 50));
    }

    #[test]
    fn every_fault_has_a_name() {
        let jumps = [400, -400, -1, 1].map(Trouble::ClockJump);
        let others = [
            Trouble::CrashBeforeAppend,
            Trouble::CrashAfterAppend,
            Trouble::Crash,
            Trouble::FailedAppend,
            Trouble::LostAnswer,
            Trouble::Deposed,
        ];
        let mut names: Vec<_> = jumps.into_iter().chain(others).map(Trouble::name).collect();
        names.extend(Rate::ALL.map(Rate::name));
        names.extend(["hang", "rate limit"]);
        names.sort_unstable();
        assert_eq!(names, FAULTS);
    }
}
