//! One window: when it is active.

use chrono::TimeDelta;

use super::{CalendarError, Moment, Recurrence};
use crate::model::{PromotionWindow, Timestamp, WindowKind};

/// A window that was read: a stretch of time, or one that comes again (resources 6.5, control 2.6).
///
/// Without a rule it is active from `dtstart` until before `dtend`; an end that is left out is none. With a rule each
/// occurrence is active as long as it is from `dtstart` to `dtend`.
///
/// ```
/// use kargo_core::{calendar::Window, model::{PromotionWindow, WindowKind}};
/// let window = Window::new(&PromotionWindow {
///     name: "office hours".into(),
///     kind: WindowKind::Allow,
///     stage_selector: None,
///     project_selector: None,
///     rrule: Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR".into()),
///     dtstart: Some("TZID=Europe/Zurich:20260101T090000".into()),
///     dtend: Some("TZID=Europe/Zurich:20260101T170000".into()),
/// })?;
/// let monday = "2026-03-30T07:00:00Z".parse().unwrap();
/// assert!(window.is_active(monday));
/// # Ok::<(), kargo_core::calendar::CalendarError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    name: String,
    kind: WindowKind,
    span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Span {
    Once { from: Option<Timestamp>, until: Option<Timestamp> },
    Again { starts: Box<Recurrence>, length: TimeDelta },
}

impl Window {
    /// Reads a window.
    ///
    /// # Errors
    ///
    /// What cannot be read, contradicts itself, or never occurs.
    pub fn new(window: &PromotionWindow) -> Result<Self, CalendarError> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let moment = |text: &Option<String>| filled(text).map(|text| text.parse::<Moment>()).transpose();
        let (start, end) = (moment(&window.dtstart)?, moment(&window.dtend)?);
        if let (Some(start), Some(end)) = (start, end)
            && end.instant() <= start.instant()
        {
            return Err(CalendarError::Backwards);
        }
        let span = match filled(&window.rrule) {
            None => Span::Once { from: start.map(|at| at.instant()), until: end.map(|at| at.instant()) },
            Some(rule) => {
                let start = start.ok_or(CalendarError::NoStart)?;
                let length = end.ok_or(CalendarError::NoEnd)?.instant() - start.instant();
                Span::Again { starts: Box::new(Recurrence::new(&rule.parse()?, start)?), length }
            }
        };
        Ok(Self { name: window.name.clone(), kind: window.kind, span })
    }

    /// The name shown in denials.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it permits or forbids.
    #[must_use]
    pub fn kind(&self) -> WindowKind {
        self.kind
    }

    /// Whether it is active at an instant.
    #[must_use]
    pub fn is_active(&self, at: Timestamp) -> bool {
        match &self.span {
            Span::Once { from, until } => from.is_none_or(|from| from <= at) && until.is_none_or(|until| at < until),
            Span::Again { starts, length } => starts.first_within(at - *length, at).is_some(),
        }
    }

    /// The first start after an instant.
    #[must_use]
    pub fn next_start(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.span {
            Span::Once { from, until } => from.filter(|from| *from > after && until.is_none_or(|until| *from < until)),
            Span::Again { starts, .. } => starts.first_after(after),
        }
    }

    /// When what is active at an instant ends: the latest end of the occurrences that are. `None` without an end, or if
    /// nothing is active.
    #[must_use]
    pub fn end_of_active(&self, at: Timestamp) -> Option<Timestamp> {
        match &self.span {
            Span::Once { until, .. } => until.filter(|_| self.is_active(at)),
            Span::Again { starts, length } => {
                // All occurrences are of one length, so the last start has the last end.
                let last = last_start(starts, starts.first_within(at - *length, at)?, at);
                last.checked_add_signed(*length)
            }
        }
    }

    /// Whether nothing comes after an instant: neither active nor ever again.
    #[must_use]
    pub fn is_over(&self, at: Timestamp) -> bool {
        !self.is_active(at) && self.next_start(at).is_none()
    }
}

/// The last occurrence that is not after an instant, from a known one on; found by halving.
fn last_start(starts: &Recurrence, known: Timestamp, at: Timestamp) -> Timestamp {
    let (mut last, mut none_after) = (known, at);
    while none_after - last >= TimeDelta::seconds(1) {
        let middle = last + (none_after - last) / 2;
        match starts.first_within(middle, at) {
            Some(start) => last = start,
            None => none_after = middle,
        }
    }
    // Starts are whole seconds: one may still be at the end of the last stretch.
    starts.first_within(last, at).unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(rule: &str, start: &str, end: &str) -> Result<Window, CalendarError> {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Window::new(&PromotionWindow {
            name: "w".to_owned(),
            kind: WindowKind::Deny,
            stage_selector: None,
            project_selector: None,
            rrule: text(rule),
            dtstart: text(start),
            dtend: text(end),
        })
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn resources_6_5_an_occurrence_lasts_as_long_as_the_first() {
        let nights =
            window("FREQ=DAILY", "TZID=Europe/Zurich:20260101T220000", "TZID=Europe/Zurich:20260102T060000").unwrap();
        // Eight hours, also in the night that has an hour less.
        assert_eq!(nights.end_of_active(at("2026-03-28T22:00:00Z")), Some(at("2026-03-29T05:00:00Z")));
        assert!(nights.is_active(at("2026-03-29T04:59:59Z")));
        assert!(!nights.is_active(at("2026-03-29T05:00:00Z")));
        assert_eq!(nights.next_start(at("2026-03-29T05:00:00Z")), Some(at("2026-03-29T20:00:00Z")));
        assert_eq!(nights.end_of_active(at("2026-03-29T05:00:00Z")), None);
    }

    #[test]
    fn occurrences_that_overlap_end_with_the_last() {
        let window = window("FREQ=SECONDLY;INTERVAL=7", "20260101T000000Z", "20260101T010000Z").unwrap();
        // The last start at or before 12:00:00 is three seconds earlier.
        assert_eq!(window.end_of_active(at("2026-01-01T12:00:00Z")), Some(at("2026-01-01T12:59:57Z")));
        assert_eq!(window.end_of_active(at("2026-01-01T00:00:00Z")), Some(at("2026-01-01T01:00:00Z")));
        assert_eq!(window.end_of_active(at("2025-12-31T23:59:59Z")), None);
    }

    #[test]
    fn what_a_window_leaves_out() {
        let from = window("", "20260101", "").unwrap();
        assert!(from.is_active(at("2099-01-01T00:00:00Z")) && !from.is_active(at("2025-12-31T23:59:59Z")));
        assert_eq!(from.next_start(at("2025-01-01T00:00:00Z")), Some(at("2026-01-01T00:00:00Z")));
        assert!(window("", "", "").unwrap().is_active(at("1970-01-01T00:00:00Z")));
        assert!(window("", "", "20260101").unwrap().is_over(at("2026-01-01T00:00:00Z")));
        assert_eq!(window("FREQ=DAILY", "", "20260101"), Err(CalendarError::NoStart));
        assert_eq!(window("FREQ=DAILY", "20260101", ""), Err(CalendarError::NoEnd));
        assert_eq!(window("", "20260102", "20260101"), Err(CalendarError::Backwards));
        assert_eq!(window("FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=4", "20260101", "20260102"), Err(CalendarError::Never));
    }
}
