//! The values: an instant with its zone, a zone, and the names of months and days.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Datelike as _, FixedOffset, Offset as _, TimeZone as _, Utc};
use chrono_tz::{OffsetName as _, Tz};

use super::super::error::Problem;

/// A time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Utc,
    Named(Tz),
    /// Seconds east, and the name.
    Fixed(i32, Arc<str>),
}

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(Kind::Utc);

    /// The zone of that name in the compiled-in IANA table.
    ///
    /// # Errors
    ///
    /// `unknown time zone <name>`.
    pub fn named(name: &str) -> Result<Self, Problem> {
        if matches!(name, "" | "UTC") {
            return Ok(Self::UTC);
        }
        let zone = name.parse::<Tz>().map_err(|_| Problem::function(format!("unknown time zone {name}")))?;
        Ok(Self(Kind::Named(zone)))
    }

    pub(super) fn fixed(seconds: i32, name: &str) -> Self {
        if seconds == 0 && matches!(name, "" | "UTC") {
            return Self::UTC;
        }
        Self(Kind::Fixed(seconds, name.into()))
    }

    /// Always this far from universal time, without a name: what a commit's date says of its zone.
    #[must_use]
    pub fn at_offset(offset: FixedOffset) -> Self {
        Self::fixed(offset.local_minus_utc(), "")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            Kind::Utc => "UTC",
            Kind::Named(zone) => zone.name(),
            Kind::Fixed(_, name) => name,
        }
    }
}

/// An instant, and the zone it is shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// The instant.
    pub instant: DateTime<Utc>,
    /// The zone.
    pub zone: Zone,
}

impl Time {
    /// Reads RFC 3339 as the reference does: letters in upper case, decimals after a point or comma.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        super::read::parse_layout("2006-01-02T15:04:05Z07:00", text, &Zone::UTC)
    }

    /// The instant as clocks in its zone show it.
    pub(super) fn local(&self) -> DateTime<FixedOffset> {
        self.instant.with_timezone(&self.offset())
    }

    fn offset(&self) -> FixedOffset {
        match &self.zone.0 {
            Kind::Utc => Utc.fix(),
            Kind::Named(zone) => zone.offset_from_utc_datetime(&self.instant.naive_utc()).fix(),
            Kind::Fixed(seconds, _) => FixedOffset::east_opt(*seconds).unwrap_or_else(|| Utc.fix()),
        }
    }

    /// The short name of the zone at the instant: `CET`, or `+07` where there is none.
    pub(super) fn abbreviation(&self) -> String {
        let offset = self.offset().local_minus_utc();
        match &self.zone.0 {
            Kind::Utc => "UTC".to_owned(),
            Kind::Named(zone) => {
                let offset_now = zone.offset_from_utc_datetime(&self.instant.naive_utc());
                offset_now.abbreviation().map_or_else(|| short_offset(offset), str::to_owned)
            }
            // Of a zone without a name, minutes are always shown.
            Kind::Fixed(_, name) if name.is_empty() => long_offset(offset),
            Kind::Fixed(_, name) => name.to_string(),
        }
    }

    /// As in JSON: RFC 3339 with as many decimals as needed.
    pub(in super::super) fn rfc3339(&self) -> String {
        super::layout::format(self, "2006-01-02T15:04:05.999999999Z07:00")
    }

    /// The instant of a wall-clock time in a zone; where the clock jumps, by the offset before.
    pub(super) fn at(wall: chrono::NaiveDateTime, zone: Zone) -> Self {
        let instant = match &zone.0 {
            Kind::Utc => wall.and_utc(),
            Kind::Fixed(seconds, _) => (wall - chrono::TimeDelta::seconds(i64::from(*seconds))).and_utc(),
            Kind::Named(tz) => match tz.from_local_datetime(&wall) {
                chrono::LocalResult::Single(time) | chrono::LocalResult::Ambiguous(time, _) => time.with_timezone(&Utc),
                chrono::LocalResult::None => {
                    let day = chrono::TimeDelta::days(1);
                    let before = wall
                        .checked_sub_signed(day)
                        .map_or(0, |early| tz.offset_from_utc_datetime(&early).fix().local_minus_utc());
                    (wall - chrono::TimeDelta::seconds(i64::from(before))).and_utc()
                }
            },
        };
        Self { instant, zone }
    }

    /// Whether the year has four digits, as texts of times need.
    pub(in super::super) fn is_usual(&self) -> bool {
        (-9999..=9999).contains(&self.instant.year())
    }
}

fn short_offset(seconds: i32) -> String {
    let mut offset = long_offset(seconds);
    if offset.ends_with("00") {
        offset.truncate("+07".len());
    }
    offset
}

fn long_offset(seconds: i32) -> String {
    let minutes = seconds.abs() / 60;
    let sign = if seconds < 0 { '-' } else { '+' };
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::layout::format(self, "2006-01-02 15:04:05.999999999 -0700 MST"))
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The English name of month 1 to 12.
pub(in super::super) fn month_name(month: u8) -> &'static str {
    MONTHS.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or_default()
}

/// The English name of day 0 (Sunday) to 6.
pub(in super::super) fn weekday_name(day: u8) -> &'static str {
    DAYS.get(usize::from(day)).copied().unwrap_or_default()
}

/// The month that `text` begins with, by full or short name, and how long that name is.
pub(super) fn find_month(text: &str, short: bool) -> Option<(u32, usize)> {
    find(&MONTHS, text, short).map(|(at, length)| (u32::try_from(at).unwrap_or(0) + 1, length))
}

/// As [`find_month`], for days of the week.
pub(super) fn find_day(text: &str, short: bool) -> Option<usize> {
    find(&DAYS, text, short).map(|(_, length)| length)
}

fn find(names: &[&str], text: &str, short: bool) -> Option<(usize, usize)> {
    names.iter().enumerate().find_map(|(at, name)| {
        let name = if short { name.get(..3)? } else { name };
        text.get(..name.len())?.eq_ignore_ascii_case(name).then_some((at, name.len()))
    })
}
