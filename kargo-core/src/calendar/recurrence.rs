//! The occurrences of a rule, found without walking to them from the beginning.

use chrono::{Datelike as _, Days as ChronoDays, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};
use chrono_tz::Tz;

use super::{
    CalendarError, Moment, Rule,
    days::Days,
    moment::existing,
    rule::{Frequency, Until},
    times::{Times, has, next},
};
use crate::model::Timestamp;

/// How many periods one search looks at before it gives up. Dates and weekdays repeat after 400 years, so whatever the
/// interval, there are no more kinds of periods than 400 years have of them; times of day are few more.
const fn most_periods(frequency: Frequency) -> usize {
    match frequency {
        Frequency::Yearly => 401,
        Frequency::Monthly => 4_801,
        Frequency::Weekly => 20_872,
        _ => 150_000,
    }
}
/// No occurrence is looked for after this year.
const LAST_YEAR: i32 = 9_998;

/// A rule with its beginning and zone.
///
/// ```
/// use kargo_core::calendar::Recurrence;
/// let fridays = Recurrence::new(&"FREQ=WEEKLY;BYDAY=FR".parse()?, "TZID=Europe/Zurich:20260102T170000".parse()?)?;
/// let found = fridays.first_after("2026-03-28T00:00:00Z".parse().unwrap()).unwrap();
/// assert_eq!(found.to_rfc3339(), "2026-04-03T15:00:00+00:00");
/// # Ok::<(), kargo_core::calendar::CalendarError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    start: NaiveDateTime,
    zone: Tz,
    frequency: Frequency,
    interval: i64,
    week_start: chrono::Weekday,
    days: Days,
    times: Times,
    positions: Vec<i64>,
    /// The last local time that can be an occurrence.
    last: NaiveDateTime,
    until: Option<Timestamp>,
}

impl Recurrence {
    /// The occurrences of a rule from a beginning on. The beginning itself is one only if the rule takes it.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Never`] for a rule that no instant fits.
    pub fn new(rule: &Rule, start: Moment) -> Result<Self, CalendarError> {
        let local = start.local();
        let least = |set: u64, below: Frequency, own: u32, all: u32| match set {
            0 if rule.frequency < below => (1 << all) - 1,
            0 => 1 << own,
            set => set,
        };
        let times = Times {
            hours: least(rule.hours, Frequency::Daily, local.hour(), 24),
            minutes: least(rule.minutes, Frequency::Hourly, local.minute(), 60),
            seconds: least(rule.seconds, Frequency::Minutely, local.second(), 60),
        };
        let end = NaiveDate::from_ymd_opt(LAST_YEAR, 12, 31).and_then(|day| day.and_hms_opt(23, 59, 59));
        let mut recurrence = Self {
            start: local,
            zone: start.zone(),
            frequency: rule.frequency,
            interval: rule.interval,
            week_start: rule.week_start,
            days: Days::new(rule, local.date()),
            times,
            positions: rule.positions.clone(),
            last: end.unwrap_or(NaiveDateTime::MAX),
            until: None,
        };
        match rule.until {
            Some(Until::Local(last)) => recurrence.last = recurrence.last.min(last),
            Some(Until::Utc(last)) => recurrence.until = Some(last.and_utc()),
            None => {}
        }
        let can_come = recurrence.comes_to_a_time() && recurrence.has_a_position();
        let first = if can_come { recurrence.from(local, recurrence.last) } else { None };
        let mut found = first.ok_or(CalendarError::Never)?;
        for _ in 1..rule.count.unwrap_or(1) {
            let next = found.0.checked_add_signed(TimeDelta::seconds(1));
            let Some(next) = next.and_then(|next| recurrence.from(next, recurrence.last)) else { break };
            found = next;
        }
        if rule.count.is_some() {
            recurrence.last = found.0;
        }
        Ok(recurrence)
    }

    /// Whether steps shorter than a day ever come to one of the times of day.
    fn comes_to_a_time(&self) -> bool {
        let unit = match self.frequency {
            Frequency::Hourly => 3_600,
            Frequency::Minutely => 60,
            Frequency::Secondly => 1,
            _ => return true,
        };
        self.times.are_met_by(self.start.num_seconds_from_midnight(), self.interval, unit)
    }

    /// Whether `BYSETPOS` has a place that a period of a day or less has: there are as many as there are times in it.
    fn has_a_position(&self) -> bool {
        let one = Times { hours: 1, minutes: 1, seconds: 1 };
        let Times { minutes, seconds, .. } = self.times;
        let times = match self.frequency {
            Frequency::Daily => self.times,
            Frequency::Hourly => Times { minutes, seconds, ..one },
            Frequency::Minutely => Times { seconds, ..one },
            Frequency::Secondly => one,
            _ => return true,
        };
        let most = times.count();
        self.positions.is_empty() || self.positions.iter().any(|position| (-most..=most).contains(position))
    }

    /// The first occurrence after an instant; `None` if there is none.
    #[must_use]
    pub fn first_after(&self, instant: Timestamp) -> Option<Timestamp> {
        self.first_before(instant, self.last)
    }

    /// The first occurrence after an instant, if it is not after another; costs no more than what is between them.
    pub(super) fn first_within(&self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        // Where clocks are put back, an earlier instant shows a later time; no zone has done so by more than a day.
        let last = until.with_timezone(&self.zone).naive_local() + TimeDelta::days(1);
        self.first_before(after, last).filter(|found| *found <= until)
    }

    /// The first occurrence after an instant whose local time is not after another.
    fn first_before(&self, instant: Timestamp, last: NaiveDateTime) -> Option<Timestamp> {
        let mut from = instant.with_timezone(&self.zone).naive_local();
        loop {
            let (local, found) = self.from(from, last)?;
            // Where clocks were put back, an earlier instant can show the later time.
            if found > instant {
                return Some(found);
            }
            from = local.checked_add_signed(TimeDelta::seconds(1))?;
        }
    }

    /// The first occurrence whose local time is not before one and not after another.
    fn from(&self, from: NaiveDateTime, last: NaiveDateTime) -> Option<(NaiveDateTime, Timestamp)> {
        let (mut from, last) = (from.max(self.start), last.min(self.last));
        loop {
            let local = self.local_from(from, last)?;
            // A local time that does not exist is no occurrence.
            if let Some(instant) = existing(self.zone, local) {
                return self.until.is_none_or(|until| instant <= until).then_some((local, instant));
            }
            from = local.checked_add_signed(TimeDelta::seconds(1))?;
        }
    }

    /// The first local time that the rule takes, not before one and not after another.
    fn local_from(&self, mut from: NaiveDateTime, last: NaiveDateTime) -> Option<NaiveDateTime> {
        for _ in 0..most_periods(self.frequency) {
            if from > last {
                return None;
            }
            let period = self.period_from(from)?;
            if let Some(found) = self.first_in(&period, from) {
                return Some(found).filter(|found| *found <= last);
            }
            from = self.worth_looking(period.end.max(from), last)?;
        }
        None
    }

    /// The first of the rule's periods that does not end before a local time.
    fn period_from(&self, from: NaiveDateTime) -> Option<Period> {
        let (first, at) = (self.index(self.start), self.index(from));
        let steps = at.checked_sub(first)?.max(0).checked_add(self.interval - 1)?.checked_div(self.interval)?;
        let index = first.checked_add(steps.checked_mul(self.interval)?)?;
        Some(Period { start: self.begin(index)?, end: self.begin(index.checked_add(1)?)? })
    }

    /// The number of the period of the rule's frequency that a local time is in.
    fn index(&self, local: NaiveDateTime) -> i64 {
        let day = i64::from(local.date().num_days_from_ce());
        let second = day * 86_400 + i64::from(local.num_seconds_from_midnight());
        match self.frequency {
            Frequency::Secondly => second,
            Frequency::Minutely => second / 60,
            Frequency::Hourly => second / 3_600,
            Frequency::Daily => day,
            Frequency::Weekly => (day - self.week_shift()).div_euclid(7),
            Frequency::Monthly => i64::from(local.year()) * 12 + i64::from(local.month0()),
            Frequency::Yearly => local.year().into(),
        }
    }

    /// When a period begins.
    fn begin(&self, index: i64) -> Option<NaiveDateTime> {
        let day = |number: i64| NaiveDate::from_num_days_from_ce_opt(i32::try_from(number).ok()?);
        let second = |number: i64| {
            let time = u32::try_from(number.rem_euclid(86_400)).ok()?;
            Some(day(number.div_euclid(86_400))?.and_time(NaiveTime::from_num_seconds_from_midnight_opt(time, 0)?))
        };
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
        match self.frequency {
            Frequency::Secondly => second(index),
            Frequency::Minutely => second(index.checked_mul(60)?),
            Frequency::Hourly => second(index.checked_mul(3_600)?),
            Frequency::Daily => day(index).map(midnight),
            Frequency::Weekly => day(index.checked_mul(7)?.checked_add(self.week_shift())?).map(midnight),
            Frequency::Monthly => {
                let (year, month) = (i32::try_from(index.div_euclid(12)).ok()?, index.rem_euclid(12));
                NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()? + 1, 1).map(midnight)
            }
            Frequency::Yearly => NaiveDate::from_ymd_opt(i32::try_from(index).ok()?, 1, 1).map(midnight),
        }
    }

    /// Day 1 is a Monday, so weeks that begin on one have their day 1, 8, ... first.
    fn week_shift(&self) -> i64 {
        1 + i64::from(self.week_start.num_days_from_monday())
    }

    /// The first occurrence in a period that is not before a local time.
    fn first_in(&self, period: &Period, from: NaiveDateTime) -> Option<NaiveDateTime> {
        let last_day = period.end.checked_sub_signed(TimeDelta::seconds(1))?.date();
        let times = self.times_in(period);
        if times.count() == 0 {
            return None;
        }
        if !self.positions.is_empty() {
            return self.positioned(period, last_day, times).into_iter().find(|found| *found >= from);
        }
        let from = from.max(period.start);
        let (mut day, mut time) = (from.date(), from.time());
        loop {
            let found = self.days.first_from(day, last_day)?;
            if found > day {
                time = NaiveTime::MIN;
            }
            if let Some(time) = times.first_from(time) {
                return Some(found.and_time(time));
            }
            (day, time) = (found.succ_opt()?, NaiveTime::MIN);
        }
    }

    /// The times of day that are in a period.
    fn times_in(&self, period: &Period) -> Times {
        let mut times = self.times;
        let (hour, minute, second) = (period.start.hour(), period.start.minute(), period.start.second());
        if self.frequency < Frequency::Daily {
            times.hours &= 1 << hour;
        }
        if self.frequency < Frequency::Hourly {
            times.minutes &= 1 << minute;
        }
        if self.frequency < Frequency::Minutely {
            times.seconds &= 1 << second;
        }
        times
    }

    /// The occurrences of a period that `BYSETPOS` takes, in order.
    fn positioned(&self, period: &Period, last_day: NaiveDate, times: Times) -> Vec<NaiveDateTime> {
        let mut days = Vec::new();
        let mut from = period.start.date();
        while let Some(day) = self.days.first_from(from, last_day) {
            days.push(day);
            let Some(next) = day.succ_opt() else { break };
            from = next;
        }
        let per_day = times.count();
        let all = per_day.saturating_mul(i64::try_from(days.len()).unwrap_or(i64::MAX));
        let places = self.positions.iter().map(|position| if *position > 0 { position - 1 } else { all + position });
        let mut found: Vec<_> = places
            .filter(|place| (0..all).contains(place))
            .filter_map(|place| {
                let day = days.get(usize::try_from(place.checked_div(per_day)?).ok()?)?;
                Some(day.and_time(times.nth(place.checked_rem(per_day)?)?))
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The first local time from one on that can be an occurrence, as far as days, hours and minutes say each alone.
    fn worth_looking(&self, from: NaiveDateTime, last: NaiveDateTime) -> Option<NaiveDateTime> {
        if self.frequency > Frequency::Daily {
            return Some(from);
        }
        let day = self.days.first_from(from.date(), last.date())?;
        if day > from.date() || self.frequency == Frequency::Daily {
            return Some(from.max(day.and_time(NaiveTime::MIN)));
        }
        let tomorrow = || day.checked_add_days(ChronoDays::new(1)).map(|day| day.and_time(NaiveTime::MIN));
        let (hour, minute) = (from.hour(), from.minute());
        if !has(self.times.hours, hour) {
            return next(self.times.hours, hour + 1).map_or_else(tomorrow, |hour| day.and_hms_opt(hour, 0, 0));
        }
        if self.frequency == Frequency::Secondly && !has(self.times.minutes, minute) {
            let next_hour = || from.checked_add_signed(TimeDelta::minutes((60 - minute).into()));
            return next(self.times.minutes, minute + 1).map_or_else(
                || next_hour().and_then(|from| from.with_second(0)),
                |minute| day.and_hms_opt(hour, minute, 0),
            );
        }
        Some(from)
    }
}

/// A year, month, week, ... of a rule: from its start until before its end.
struct Period {
    start: NaiveDateTime,
    end: NaiveDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occurrences(rule: &str, start: &str, count: usize) -> Vec<String> {
        let recurrence = Recurrence::new(&rule.parse().unwrap(), start.parse().unwrap()).unwrap();
        let mut at = "1900-01-01T00:00:00Z".parse().unwrap();
        let all = std::iter::from_fn(|| {
            at = recurrence.first_after(at)?;
            Some(at.with_timezone(&recurrence.zone).format("%Y-%m-%d %H:%M:%S").to_string())
        });
        all.take(count).collect()
    }

    /// The examples of RFC 5545, 3.8.5.3, whose beginning is 2 September 1997, 09:00, in New York.
    #[test]
    fn rfc_5545_3_8_5_3_examples() {
        const START: &str = "TZID=America/New_York:19970902T090000";
        let days = |rule: &str, count: usize| -> Vec<String> {
            occurrences(rule, START, count).iter().map(|text| text[2..10].replace('-', "")).collect()
        };
        assert_eq!(days("FREQ=DAILY;COUNT=10", 99).last().unwrap(), "970911");
        assert_eq!(days("FREQ=DAILY;UNTIL=19971224T000000Z", 999).last().unwrap(), "971223");
        assert_eq!(days("FREQ=DAILY;INTERVAL=2", 3), ["970902", "970904", "970906"]);
        assert_eq!(days("FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", 999).len(), 93);
        assert_eq!(
            days("FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", 4),
            ["970903", "970905", "970915", "970917"]
        );
        assert_eq!(days("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", 99).last().unwrap(), "971016");
        assert_eq!(days("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", 3), ["970905", "971003", "971107"]);
        assert_eq!(days("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", 3), ["970907", "970928", "971102"]);
        assert_eq!(days("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", 2), ["970922", "971020"]);
        assert_eq!(days("FREQ=MONTHLY;BYMONTHDAY=-3", 2), ["970928", "971029"]);
        assert_eq!(days("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", 3), ["970930", "971001", "971031"]);
        assert_eq!(
            days("FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", 7)[5..],
            ["970915", "990310"]
        );
        assert_eq!(days("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", 3), ["000101", "000409", "000718"]);
        assert_eq!(days("FREQ=YEARLY;BYDAY=20MO", 2), ["980518", "990517"]);
        assert_eq!(days("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", 3), ["980511", "990517", "000515"]);
        assert_eq!(days("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", 4), ["980213", "980313", "981113", "990813"]);
        // Every four years from 1996 on, the first Tuesday after a Monday in November.
        let elections = occurrences(
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
            "TZID=America/New_York:19961105T090000",
            3,
        );
        assert_eq!(elections, ["1996-11-05 09:00:00", "2000-11-07 09:00:00", "2004-11-02 09:00:00"]);
        assert_eq!(days("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", 9), ["970904", "971007", "971106"]);
        assert_eq!(days("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", 3), ["970929", "971030", "971127"]);
        assert_eq!(
            days("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", 9),
            ["970915", "970930", "971015", "971030", "971115"]
        );
        let times = |rule: &str, count: usize| -> Vec<String> {
            occurrences(rule, START, count).iter().map(|text| text[11..16].to_owned()).collect()
        };
        assert_eq!(times("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", 9), ["09:00", "12:00", "15:00"]);
        assert_eq!(times("FREQ=MINUTELY;INTERVAL=90;COUNT=4", 9), ["09:00", "10:30", "12:00", "13:30"]);
        let every_20 = times("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", 25);
        assert_eq!(times("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", 25), every_20);
        assert_eq!(every_20[23..], ["16:40", "09:00"]);
        // The beginning of a week decides, where every other week counts.
        let august = |week_start: &str| {
            let rule = format!("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST={week_start}");
            occurrences(&rule, "TZID=America/New_York:19970805T090000", 4)
                .iter()
                .map(|text| text[5..10].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(august("MO"), ["08-05", "08-10", "08-19", "08-24"]);
        assert_eq!(august("SU"), ["08-05", "08-17", "08-19", "08-31"]);
    }

    #[test]
    fn rfc_5545_3_3_10_local_times_that_do_not_exist_are_no_occurrences_and_do_not_count() {
        let found = occurrences("FREQ=DAILY;COUNT=3", "TZID=Europe/Zurich:20260328T023000", 9);
        assert_eq!(found, ["2026-03-28 02:30:00", "2026-03-30 02:30:00", "2026-03-31 02:30:00"]);
    }

    #[test]
    fn rfc_5545_3_3_5_a_local_time_that_exists_twice_counts_the_first_time() {
        let rule =
            Recurrence::new(&"FREQ=DAILY".parse().unwrap(), "TZID=Europe/Zurich:20261024T023000".parse().unwrap());
        let rule = rule.unwrap();
        let first = rule.first_after("2026-10-24T12:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(first.to_rfc3339(), "2026-10-25T00:30:00+00:00");
        assert_eq!(rule.first_after(first).unwrap().to_rfc3339(), "2026-10-26T01:30:00+00:00");
    }

    #[test]
    fn a_rule_that_no_instant_fits_is_found_out() {
        let never = |rule: &str| Recurrence::new(&rule.parse().unwrap(), "20260101T090000Z".parse().unwrap());
        for rule in [
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=HOURLY;INTERVAL=24;BYHOUR=8",
            "FREQ=SECONDLY;INTERVAL=60;BYSECOND=30",
            "FREQ=DAILY;UNTIL=20251231",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
            "FREQ=DAILY;BYHOUR=9,17;BYSETPOS=3,-3",
            "FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=-3",
            "FREQ=MINUTELY;BYSECOND=7;BYSETPOS=2",
            "FREQ=SECONDLY;BYHOUR=9;BYSETPOS=-2",
        ] {
            assert_eq!(never(rule), Err(CalendarError::Never), "{rule}");
        }
    }

    #[test]
    fn a_search_far_from_the_beginning_does_not_walk() {
        let every_second = Recurrence::new(&"FREQ=SECONDLY;INTERVAL=7".parse().unwrap(), "20000101".parse().unwrap());
        let found = every_second.unwrap().first_after("2099-12-31T23:59:00Z".parse().unwrap()).unwrap();
        let start: Timestamp = "2000-01-01T00:00:00Z".parse().unwrap();
        assert_eq!((found - start).num_seconds() % 7, 0);
        let leap =
            occurrences("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=23;BYMINUTE=59;BYSECOND=59", "20260101", 2);
        assert_eq!(leap, ["2028-02-29 23:59:59", "2032-02-29 23:59:59"]);
    }
}
