//! Recurrence rules: what they say, and how they are read (RFC 5545, 3.3.10).

use std::str::FromStr;

use chrono::{NaiveDateTime, Weekday};

use super::{CalendarError, moment::read_local};

/// A recurrence rule as it is written: `FREQ=MONTHLY;BYDAY=-1FR;COUNT=12`.
///
/// Parts that RFC 5545 allows with other frequencies only, such as `BYWEEKNO` without `YEARLY`, restrict the days like any
/// other part, as the usual libraries take them; an ordinal of a weekday (`2MO`) needs a month or a year to count in.
///
/// ```
/// use kargo_core::calendar::Rule;
/// assert!("FREQ=WEEKLY;BYDAY=SA,SU".parse::<Rule>().is_ok());
/// let error = "FREQ=WEEKLY;BYDAY=WEEKEND".parse::<Rule>().unwrap_err();
/// assert_eq!(error.to_string(), "BYDAY=WEEKEND: weekdays are SU MO TU WE TH FR SA, with an ordinal such as -1FR where a month or year is meant");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: i64,
    pub(super) count: Option<u32>,
    pub(super) until: Option<Until>,
    pub(super) week_start: Weekday,
    /// Bit n is month n.
    pub(super) months: u64,
    pub(super) weeks: Vec<i32>,
    pub(super) year_days: Vec<i32>,
    pub(super) month_days: Vec<i32>,
    /// Weekdays with their ordinal, 0 for every one.
    pub(super) week_days: Vec<(i32, Weekday)>,
    pub(super) hours: u64,
    pub(super) minutes: u64,
    pub(super) seconds: u64,
    pub(super) positions: Vec<i64>,
}

/// How often a rule comes round, the slowest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Frequency {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// The last instant that may be an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    Utc(NaiveDateTime),
    /// On the clocks of the beginning's zone.
    Local(NaiveDateTime),
}

impl Rule {
    /// The most occurrences that `COUNT` may ask for.
    pub const MAX_COUNT: u32 = 100_000;
    /// The longest text of a rule, in bytes.
    pub const MAX_TEXT: usize = 4_096;

    fn blank(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            count: None,
            until: None,
            week_start: Weekday::Mon,
            months: 0,
            weeks: Vec::new(),
            year_days: Vec::new(),
            month_days: Vec::new(),
            week_days: Vec::new(),
            hours: 0,
            minutes: 0,
            seconds: 0,
            positions: Vec::new(),
        }
    }

    fn take(&mut self, part: &'static str, value: &str) -> Result<(), CalendarError> {
        let refused = |expected| CalendarError::Value { part, value: value.to_owned(), expected };
        match part {
            "INTERVAL" => {
                self.interval = number(value, 1..=1_000_000).ok_or_else(|| refused("a number from 1 to 1000000"))?;
            }
            "COUNT" => {
                let count = number(value, 1..=Self::MAX_COUNT.into()).and_then(|count| u32::try_from(count).ok());
                self.count = Some(count.ok_or_else(|| refused("a number from 1 to 100000; beyond it, write UNTIL"))?);
            }
            "UNTIL" => self.until = Some(until(value).ok_or_else(|| refused("a date-time such as 20261231T235959Z"))?),
            "WKST" => {
                self.week_start = weekday(value).ok_or_else(|| refused("a weekday of SU MO TU WE TH FR SA"))?;
            }
            "BYMONTH" => self.months = set(value, 1, 12).ok_or_else(|| refused("months are 1 to 12"))?,
            "BYWEEKNO" => {
                self.weeks =
                    signed(value, 53).ok_or_else(|| refused("weeks are 1 to 53, or -53 to -1 from the end"))?;
            }
            "BYYEARDAY" => {
                self.year_days =
                    signed(value, 366).ok_or_else(|| refused("days are 1 to 366, or -366 to -1 from the end"))?;
            }
            "BYMONTHDAY" => {
                self.month_days =
                    signed(value, 31).ok_or_else(|| refused("days are 1 to 31, or -31 to -1 from the end"))?;
            }
            "BYDAY" => {
                self.week_days = value.split(',').map(ordinal_weekday).collect::<Option<_>>().ok_or_else(|| {
                    refused("weekdays are SU MO TU WE TH FR SA, with an ordinal such as -1FR where a month or year is meant")
                })?;
            }
            "BYHOUR" => self.hours = set(value, 0, 23).ok_or_else(|| refused("hours are 0 to 23"))?,
            "BYMINUTE" => self.minutes = set(value, 0, 59).ok_or_else(|| refused("minutes are 0 to 59"))?,
            // A leap second is the second before it.
            "BYSECOND" => {
                let seconds = set(value, 0, 60).ok_or_else(|| refused("seconds are 0 to 60"))?;
                self.seconds = (seconds | (seconds >> 60 & 1) << 59) & ((1 << 60) - 1);
            }
            _ => {
                let positions = signed(value, 366).ok_or_else(|| refused("positions are 1 to 366, or -366 to -1"))?;
                self.positions = positions.into_iter().map(i64::from).collect();
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), CalendarError> {
        if self.count.is_some() && self.until.is_some() {
            return Err(CalendarError::Conflict("COUNT and UNTIL cannot stand together; leave one out"));
        }
        if self.week_days.iter().any(|(ordinal, _)| *ordinal != 0) {
            if self.frequency < Frequency::Monthly {
                return Err(CalendarError::Conflict(
                    "an ordinal of a weekday, such as -1FR, needs FREQ=MONTHLY or FREQ=YEARLY",
                ));
            }
            if !self.weeks.is_empty() {
                return Err(CalendarError::Conflict(
                    "an ordinal of a weekday, such as -1FR, cannot stand beside BYWEEKNO",
                ));
            }
        }
        let filters = self.months | self.hours | self.minutes | self.seconds;
        let lists = [&self.weeks, &self.year_days, &self.month_days];
        if !self.positions.is_empty()
            && filters == 0
            && self.week_days.is_empty()
            && lists.iter().all(|list| list.is_empty())
        {
            return Err(CalendarError::Conflict("BYSETPOS needs another BY part to choose from"));
        }
        Ok(())
    }
}

const PARTS: [&str; 13] = [
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
    "BYSETPOS",
];

impl FromStr for Rule {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        if text.len() > Self::MAX_TEXT {
            return Err(CalendarError::Conflict("the rule is longer than 4096 bytes"));
        }
        let text = text.trim().to_ascii_uppercase();
        let parts: Vec<&str> = text.strip_prefix("RRULE:").unwrap_or(&text).split(';').collect();
        // A semicolon at the end is common.
        let parts = parts.strip_suffix(&[""]).unwrap_or(&parts);
        let split = |part: &&str| part.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut named = Vec::with_capacity(parts.len());
        for part in parts {
            let (name, value) = split(part).ok_or_else(|| CalendarError::Part((*part).to_owned()))?;
            if named.iter().any(|(known, _)| *known == name) {
                return Err(CalendarError::Part((*part).to_owned()));
            }
            named.push((name, value));
        }
        let frequency = named.iter().find(|(name, _)| name == "FREQ").ok_or(CalendarError::NoFrequency)?;
        let mut rule = Self::blank(frequency_of(&frequency.1)?);
        for (name, value) in named.iter().filter(|(name, _)| name != "FREQ") {
            let part = PARTS.iter().find(|part| *part == name);
            rule.take(part.ok_or_else(|| CalendarError::Part(format!("{name}={value}")))?, value)?;
        }
        rule.check()?;
        Ok(rule)
    }
}

fn frequency_of(value: &str) -> Result<Frequency, CalendarError> {
    Ok(match value {
        "SECONDLY" => Frequency::Secondly,
        "MINUTELY" => Frequency::Minutely,
        "HOURLY" => Frequency::Hourly,
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        _ => {
            return Err(CalendarError::Value {
                part: "FREQ",
                value: value.to_owned(),
                expected: "one of SECONDLY MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY",
            });
        }
    })
}

fn number(text: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && range.contains(number))
}

/// A list of numbers as a set of bits.
fn set(text: &str, least: u32, most: u32) -> Option<u64> {
    text.split(',').try_fold(0, |set, part| {
        let number = number(part, least.into()..=most.into())?;
        Some(set | 1_u64.checked_shl(u32::try_from(number).ok()?)?)
    })
}

/// A list of numbers from 1 or from -1 on.
fn signed(text: &str, most: i64) -> Option<Vec<i32>> {
    let mut numbers = text.split(',').map(|part| signed_number(part, most)).collect::<Option<Vec<_>>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

fn signed_number(text: &str, most: i64) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    i32::try_from(sign * number(digits, 1..=most)?).ok()
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

fn ordinal_weekday(text: &str) -> Option<(i32, Weekday)> {
    let (ordinal, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let ordinal = if ordinal.is_empty() { 0 } else { signed_number(ordinal, 53)? };
    Some((ordinal, weekday(day)?))
}

fn until(text: &str) -> Option<Until> {
    let end_of_day = |day: NaiveDateTime| day.date().and_hms_opt(23, 59, 59);
    match text.strip_suffix('Z') {
        Some(text) => read_local(text).map(Until::Utc),
        // A date is its whole day.
        None if !text.contains('T') => read_local(text).and_then(end_of_day).map(Until::Local),
        None => read_local(text).map(Until::Local),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Rule>().unwrap_err().to_string()
    }

    #[test]
    fn rfc_5545_3_3_10_rules_are_read() {
        let rule: Rule = "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,-1FR,+2TU;BYHOUR=9,17;WKST=SU;".parse().unwrap();
        assert_eq!(rule.frequency, Frequency::Monthly);
        assert_eq!(rule.interval, 2);
        assert_eq!(rule.week_days, [(0, Weekday::Mon), (-1, Weekday::Fri), (2, Weekday::Tue)]);
        assert_eq!(rule.hours, 1 << 9 | 1 << 17);
        assert_eq!(rule.week_start, Weekday::Sun);
        assert_eq!("freq=daily;bysecond=60".parse::<Rule>().unwrap().seconds, 1 << 59);
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_said() {
        assert_eq!(error("BYDAY=MO"), "the rule does not say FREQ; write for example FREQ=DAILY");
        assert_eq!(
            error("FREQ=FORTNIGHTLY"),
            "FREQ=FORTNIGHTLY: one of SECONDLY MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY"
        );
        assert_eq!(
            error("FREQ=DAILY;COLOUR=RED"),
            r#""COLOUR=RED" is no part of a recurrence rule; write parts such as FREQ=WEEKLY;BYDAY=SA,SU"#
        );
        assert_eq!(
            error("FREQ=DAILY;BYHOUR=1;BYHOUR=2"),
            r#""BYHOUR=2" is no part of a recurrence rule; write parts such as FREQ=WEEKLY;BYDAY=SA,SU"#
        );
        assert_eq!(error("FREQ=DAILY;COUNT=2;UNTIL=20260101"), "COUNT and UNTIL cannot stand together; leave one out");
        assert_eq!(
            error("FREQ=DAILY;BYDAY=2MO"),
            "an ordinal of a weekday, such as -1FR, needs FREQ=MONTHLY or FREQ=YEARLY"
        );
        assert_eq!(error("FREQ=DAILY;BYSETPOS=1"), "BYSETPOS needs another BY part to choose from");
        for (text, part) in [
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
            ("FREQ=DAILY;COUNT=100001", "COUNT"),
            ("FREQ=DAILY;BYHOUR=24", "BYHOUR"),
            ("FREQ=DAILY;BYMONTHDAY=0", "BYMONTHDAY"),
            ("FREQ=DAILY;BYYEARDAY=367", "BYYEARDAY"),
            ("FREQ=DAILY;UNTIL=soon", "UNTIL"),
            ("FREQ=DAILY;WKST=XX", "WKST"),
            ("FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO"),
        ] {
            let error = text.parse::<Rule>().unwrap_err();
            assert!(matches!(&error, CalendarError::Value { part: at, .. } if *at == part), "{text}: {error}");
        }
    }
}
