//! Why a window cannot be read.

use thiserror::Error;

/// Why a window cannot be read. The text says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// Neither `YYYYMMDD`, `YYYYMMDDTHHMMSS` nor that with `Z`, or a date that no calendar has.
    #[error("{0:?} is not an iCalendar date-time; write 20260101T090000Z or TZID=America/New_York:20260101T090000")]
    Moment(String),
    /// A zone that the compiled-in table does not have.
    #[error("{0:?} is not a time zone; write an IANA name such as Europe/Zurich")]
    Zone(String),
    /// A part of a rule that is not `NAME=value`, is unknown, or stands there twice.
    #[error("{0:?} is no part of a recurrence rule; write parts such as FREQ=WEEKLY;BYDAY=SA,SU")]
    Part(String),
    /// A value that a part cannot have.
    #[error("{part}={value}: {expected}")]
    Value {
        /// The part, such as `BYDAY`.
        part: &'static str,
        /// What was written.
        value: String,
        /// What can be written.
        expected: &'static str,
    },
    /// A rule without `FREQ`.
    #[error("the rule does not say FREQ; write for example FREQ=DAILY")]
    NoFrequency,
    /// Parts that contradict each other.
    #[error("{0}")]
    Conflict(&'static str),
    /// A recurrence without a beginning.
    #[error("a recurrence needs a beginning: write dtstart")]
    NoStart,
    /// A recurrence without an end of its first occurrence.
    #[error("a recurrence needs to know how long it lasts: write dtend, the end of the first occurrence")]
    NoEnd,
    /// An end that is not after its start.
    #[error("dtend is not after dtstart")]
    Backwards,
    /// A rule that no instant fits.
    #[error("the rule never occurs")]
    Never,
}
