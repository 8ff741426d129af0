//! All windows that concern a Stage: open or closed, and until when.

use std::borrow::Borrow;

use super::Window;
use crate::model::{Timestamp, WindowKind};

/// How many edges the search for an opening looks at before it says that none is known: years of them.
const MOST_CLOSED: usize = 10_000;
/// How many ends the search for a closing looks at: windows that follow on each other so often have no known end.
const MOST_OPEN: usize = 1_000;

/// Windows that hold together (control 2.6): open if no `Deny` is active and, where there is any `Allow`, one of them is.
///
/// ```
/// use kargo_core::calendar::Schedule;
/// let always = Schedule::new(Vec::<kargo_core::calendar::Window>::new());
/// assert!(always.is_open("2026-01-01T00:00:00Z".parse().unwrap()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule<W = Window> {
    windows: Vec<W>,
}

/// Whether a schedule is open, and what says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Openness<'s> {
    /// Promotions may start.
    Open,
    /// This `Deny` is active.
    Denied(&'s Window),
    /// There are windows that allow, and none of them is active.
    NotAllowed,
}

impl<W: Borrow<Window>> Schedule<W> {
    /// The schedule of these windows.
    #[must_use]
    pub fn new(windows: Vec<W>) -> Self {
        Self { windows }
    }

    /// Whether it is open at an instant, or why not. Of several that deny, the first as given is named.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Openness<'_> {
        match self.denying(at).next() {
            Some(window) => Openness::Denied(window),
            None if self.is_allowed(at) => Openness::Open,
            None => Openness::NotAllowed,
        }
    }

    /// Whether it is open at an instant.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.at(at) == Openness::Open
    }

    /// The windows that deny at an instant, as given.
    pub fn denying(&self, at: Timestamp) -> impl Iterator<Item = &Window> {
        self.of(WindowKind::Deny).filter(move |window| window.is_active(at))
    }

    /// Whether it would be open at an instant if nothing denied.
    #[must_use]
    pub fn is_allowed(&self, at: Timestamp) -> bool {
        self.allows_always() || self.of(WindowKind::Allow).any(|window| window.is_active(at))
    }

    /// The first instant after another at which a window begins or ends; `None` if none does.
    #[must_use]
    pub fn next_edge(&self, after: Timestamp) -> Option<Timestamp> {
        let windows = self.windows.iter().map(Borrow::borrow);
        windows.flat_map(|window: &Window| [window.next_start(after), window.end_of_active(after)]).flatten().min()
    }

    /// The first open instant that is not before another; `None` if none is known.
    #[must_use]
    pub fn next_open(&self, from: Timestamp) -> Option<Timestamp> {
        let mut at = from;
        for _ in 0..MOST_CLOSED {
            match self.at(at) {
                Openness::Open => return Some(at),
                // Nothing is open before what denies has ended.
                Openness::Denied(window) => at = window.end_of_active(at)?,
                Openness::NotAllowed => {
                    at = self.of(WindowKind::Allow).filter_map(|window| window.next_start(at)).min()?;
                }
            }
        }
        None
    }

    /// The first closed instant after an open one; `None` if none is known, or if it is closed already.
    #[must_use]
    pub fn next_close(&self, from: Timestamp) -> Option<Timestamp> {
        if !self.is_open(from) {
            return None;
        }
        let denied = self.of(WindowKind::Deny).filter_map(|window| window.next_start(from)).min();
        let allowed = if self.allows_always() { None } else { self.end_of_allowed(from, denied) };
        [denied, allowed].into_iter().flatten().min()
    }

    /// When nothing allows any more; not looked for beyond `enough`.
    fn end_of_allowed(&self, from: Timestamp, enough: Option<Timestamp>) -> Option<Timestamp> {
        let mut at = from;
        for _ in 0..MOST_OPEN {
            let mut ends = None;
            for window in self.of(WindowKind::Allow).filter(|window| window.is_active(at)) {
                // One without an end allows for ever.
                ends = ends.max(Some(window.end_of_active(at)?));
            }
            match ends {
                None => return Some(at),
                Some(end) if enough.is_some_and(|enough| end >= enough) => return None,
                Some(end) => at = end,
            }
        }
        None
    }

    fn allows_always(&self) -> bool {
        self.of(WindowKind::Allow).next().is_none()
    }

    fn of(&self, kind: WindowKind) -> impl Iterator<Item = &Window> {
        self.windows.iter().map(Borrow::borrow).filter(move |window| window.kind() == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PromotionWindow;

    fn window(kind: WindowKind, rule: &str, start: &str, end: &str) -> Window {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let noun = PromotionWindow {
            name: "w".to_owned(),
            kind,
            stage_selector: None,
            project_selector: None,
            rrule: text(rule),
            dtstart: text(start),
            dtend: text(end),
        };
        Window::new(&noun).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const WEEKDAYS: &str = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";

    #[test]
    fn control_2_6_deny_goes_before_allow() {
        let office = window(
            WindowKind::Allow,
            WEEKDAYS,
            "TZID=Europe/Zurich:20260101T090000",
            "TZID=Europe/Zurich:20260101T170000",
        );
        let freeze = window(WindowKind::Deny, "", "20260330T060000Z", "20260331T100000Z");
        let schedule = Schedule::new(vec![office, freeze]);
        // Friday evening: closed until Monday, which is denied until Tuesday at noon on the clocks of Zurich.
        let friday = at("2026-03-27T20:00:00Z");
        assert_eq!(schedule.at(friday), Openness::NotAllowed);
        assert_eq!(schedule.next_open(friday), Some(at("2026-03-31T10:00:00Z")));
        assert!(matches!(schedule.at(at("2026-03-30T08:00:00Z")), Openness::Denied(_)));
        assert_eq!(schedule.next_close(at("2026-03-31T10:00:00Z")), Some(at("2026-03-31T15:00:00Z")));
        // In winter the same clocks are an hour later.
        assert_eq!(schedule.next_close(at("2026-03-27T08:00:00Z")), Some(at("2026-03-27T16:00:00Z")));
    }

    #[test]
    fn control_2_6_without_allow_all_that_is_not_denied_is_open() {
        let nights = window(WindowKind::Deny, "FREQ=DAILY", "20260101T220000Z", "20260102T060000Z");
        let schedule = Schedule::new(vec![nights]);
        assert_eq!(schedule.next_open(at("2026-05-01T23:30:00Z")), Some(at("2026-05-02T06:00:00Z")));
        assert_eq!(schedule.next_close(at("2026-05-02T06:00:00Z")), Some(at("2026-05-02T22:00:00Z")));
        assert_eq!(schedule.next_close(at("2026-05-02T23:00:00Z")), None);
        assert_eq!(schedule.next_open(at("2026-05-02T06:00:00Z")), Some(at("2026-05-02T06:00:00Z")));
    }

    #[test]
    fn edges_that_are_not_known() {
        let stop = Schedule::new(vec![window(WindowKind::Deny, "", "20260101", "")]);
        assert_eq!(stop.next_open(at("2026-02-01T00:00:00Z")), None);
        assert_eq!(stop.next_close(at("2025-02-01T00:00:00Z")), Some(at("2026-01-01T00:00:00Z")));
        let past = Schedule::new(vec![window(WindowKind::Allow, "", "20250101", "20260101")]);
        assert_eq!(past.next_open(at("2026-01-01T00:00:00Z")), None);
        let whole_days = Schedule::new(vec![window(WindowKind::Allow, "FREQ=DAILY", "20260101", "20260102")]);
        assert!(whole_days.is_open(at("2030-06-01T12:00:00Z")));
        assert_eq!(whole_days.next_close(at("2030-06-01T12:00:00Z")), None);
        assert!(Schedule::new(Vec::<Window>::new()).next_close(at("2030-06-01T12:00:00Z")).is_none());
    }

    #[test]
    fn control_2_6_what_is_in_the_way_and_when_that_changes() {
        let nights = window(WindowKind::Deny, "FREQ=DAILY", "20260101T220000Z", "20260102T060000Z");
        let freeze = window(WindowKind::Deny, "", "20260301", "20260303");
        let once = window(WindowKind::Allow, "", "20260201", "20260302");
        let schedule = Schedule::new(vec![nights, freeze, once]);
        let midnight = at("2026-03-01T23:00:00Z");
        assert_eq!(schedule.denying(midnight).count(), 2);
        assert!(schedule.is_allowed(midnight));
        let mut edges = vec![midnight];
        while let Some(edge) = schedule.next_edge(*edges.last().unwrap()).filter(|_| edges.len() < 5) {
            edges.push(edge);
        }
        let expected = ["2026-03-01T23", "2026-03-02T00", "2026-03-02T06", "2026-03-02T22", "2026-03-03T00"];
        assert_eq!(edges, expected.map(|hour| at(&format!("{hour}:00:00Z"))));
        assert_eq!(Schedule::new(Vec::<Window>::new()).next_edge(midnight), None);
    }
}
