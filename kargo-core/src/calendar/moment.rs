//! Date-times as iCalendar writes them, with a zone.

use std::str::FromStr;

use chrono::{MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset as _, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use super::CalendarError;
use crate::model::Timestamp;

/// A local time in a zone: `20260101T090000Z`, `TZID=Europe/Zurich:20260101T090000`, `20260101` (midnight). Without a zone it
/// is UTC.
///
/// ```
/// use kargo_core::calendar::Moment;
/// let moment: Moment = "TZID=Europe/Zurich:20260701T090000".parse()?;
/// assert_eq!(moment.instant().to_rfc3339(), "2026-07-01T07:00:00+00:00");
/// # Ok::<(), kargo_core::calendar::CalendarError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    local: NaiveDateTime,
    zone: Tz,
}

impl Moment {
    /// The time on the clocks of the zone.
    #[must_use]
    pub fn local(&self) -> NaiveDateTime {
        self.local
    }

    /// The zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The instant: the first, for a local time that exists twice; for one that is left out, that of the clock which was
    /// not put forward yet (RFC 5545, 3.3.5).
    #[must_use]
    pub fn instant(&self) -> Timestamp {
        existing(self.zone, self.local).unwrap_or_else(|| {
            // Zones have left out at most a day, in quarters of an hour.
            let before = (1..=2 * 96).find_map(|quarters| {
                let earlier = self.local.checked_sub_signed(TimeDelta::minutes(15 * quarters))?;
                Some(existing(self.zone, earlier)? + TimeDelta::minutes(15 * quarters))
            });
            before.unwrap_or_else(|| self.local.and_utc())
        })
    }
}

/// The first instant at which clocks of a zone show a time; `None` if they never do.
pub(super) fn existing(zone: Tz, local: NaiveDateTime) -> Option<Timestamp> {
    let offset = match zone.offset_from_local_datetime(&local) {
        MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => offset,
        MappedLocalTime::None => return None,
    };
    Some(local.checked_sub_offset(offset.fix())?.and_utc())
}

impl FromStr for Moment {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let refused = || CalendarError::Moment(text.to_owned());
        let (zone, time) = match text.trim().split_once(':') {
            None => (Tz::UTC, text.trim()),
            Some((zone, time)) => {
                let name = zone.strip_prefix("TZID=").ok_or_else(refused)?;
                (name.parse().map_err(|_| CalendarError::Zone(name.to_owned()))?, time)
            }
        };
        let (time, zone) = match time.strip_suffix('Z') {
            // A UTC time may not name a zone, too; one that does is still UTC.
            Some(time) => (time, Tz::UTC),
            None => (time, zone),
        };
        let local = read_local(time).ok_or_else(refused)?;
        Ok(Self { local, zone })
    }
}

/// `YYYYMMDD` or `YYYYMMDDTHHMMSS`.
pub(super) fn read_local(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once('T').unwrap_or((text, "000000"));
    let [year, month, day] = [digits(date, 8, 0..4)?, digits(date, 8, 4..6)?, digits(date, 8, 6..8)?];
    let [hour, minute, second] = [digits(time, 6, 0..2)?, digits(time, 6, 2..4)?, digits(time, 6, 4..6)?];
    // A leap second is read as the one before it, which RFC 5545 allows (3.3.12).
    let time = NaiveTime::from_hms_opt(hour, minute, second.min(if second == 60 { 59 } else { second }))?;
    Some(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?.and_time(time))
}

fn digits(text: &str, length: usize, range: std::ops::Range<usize>) -> Option<u32> {
    if text.len() != length || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.get(range)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> String {
        text.parse::<Moment>().unwrap().instant().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    #[test]
    fn resources_6_5_spellings() {
        assert_eq!(instant("20260101T090000Z"), "2026-01-01T09:00:00Z");
        assert_eq!(instant("20260101T090000"), "2026-01-01T09:00:00Z");
        assert_eq!(instant("20260101"), "2026-01-01T00:00:00Z");
        assert_eq!(instant("TZID=America/New_York:20260101T090000"), "2026-01-01T14:00:00Z");
        assert_eq!(instant("TZID=America/New_York:20260101T090000Z"), "2026-01-01T09:00:00Z");
    }

    #[test]
    fn rfc_5545_3_3_5_local_times_that_exist_never_or_twice() {
        // Clocks went from 02:00 to 03:00, and from 03:00 to 02:00.
        assert_eq!(instant("TZID=Europe/Zurich:20260329T023000"), "2026-03-29T01:30:00Z");
        assert_eq!(instant("TZID=Europe/Zurich:20261025T023000"), "2026-10-25T00:30:00Z");
        // A whole day was left out.
        assert_eq!(instant("TZID=Pacific/Apia:20111230T120000"), "2011-12-30T22:00:00Z");
    }

    #[test]
    fn what_is_no_moment_is_named() {
        for text in
            ["", "tomorrow", "2026-01-01T09:00:00Z", "20260230", "20260101T2500", "20260101T090061", "X:20260101"]
        {
            assert_eq!(text.parse::<Moment>(), Err(CalendarError::Moment(text.to_owned())), "{text}");
        }
        assert_eq!("TZID=Mars/Olympus:20260101".parse::<Moment>(), Err(CalendarError::Zone("Mars/Olympus".to_owned())));
    }
}
