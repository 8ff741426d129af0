//! Which days a rule takes.

use chrono::{Datelike as _, Days as ChronoDays, NaiveDate, Weekday};

use super::{
    rule::{Frequency, Rule},
    times::{has, next},
};

/// Dates fall on the same weekdays, and in the same weeks, after this many days: 400 years.
const CYCLE: u64 = 146_097;

/// The days of a rule, with what its beginning says where the rule says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Days {
    /// Bit n is month n; all bits where any month will do.
    months: u64,
    weeks: Vec<i32>,
    year_days: Vec<i32>,
    month_days: Vec<i32>,
    /// Weekdays, whichever of the month or year; bit 0 is Monday.
    week_days: u8,
    /// Weekdays with an ordinal in their month or year.
    ordinals: Vec<(i32, Weekday)>,
    ordinals_in_month: bool,
    week_start: Weekday,
}

impl Days {
    pub(super) fn new(rule: &Rule, start: NaiveDate) -> Self {
        let plain = rule.week_days.iter().filter(|(ordinal, _)| *ordinal == 0);
        let mut days = Self {
            months: rule.months,
            weeks: rule.weeks.clone(),
            year_days: rule.year_days.clone(),
            month_days: rule.month_days.clone(),
            week_days: plain.fold(0, |set, (_, day)| set | bit(*day)),
            ordinals: rule.week_days.iter().filter(|(ordinal, _)| *ordinal != 0).copied().collect(),
            ordinals_in_month: rule.frequency == Frequency::Monthly || rule.months != 0,
            week_start: rule.week_start,
        };
        let day_is_said = !(days.weeks.is_empty()
            && days.year_days.is_empty()
            && days.month_days.is_empty()
            && rule.week_days.is_empty());
        if !day_is_said {
            match rule.frequency {
                Frequency::Yearly => {
                    if days.months == 0 {
                        days.months = 1 << start.month();
                    }
                    days.month_days = vec![day_of_month(start)];
                }
                Frequency::Monthly => days.month_days = vec![day_of_month(start)],
                Frequency::Weekly => days.week_days = bit(start.weekday()),
                _ => {}
            }
        }
        if days.months == 0 {
            days.months = u64::MAX;
        }
        days
    }

    /// Whether the rule takes a day.
    pub(super) fn has(&self, day: NaiveDate) -> bool {
        has(self.months, day.month())
            && (self.month_days.is_empty() || self.fits_month_day(day))
            && (self.year_days.is_empty() || self.fits_year_day(day))
            && (self.weeks.is_empty() || self.fits_week(day))
            && ((self.week_days == 0 && self.ordinals.is_empty())
                || self.week_days & bit(day.weekday()) != 0
                || self.fits_ordinal(day))
    }

    /// The first day from this one on that the rule takes, but not after the last.
    pub(super) fn first_from(&self, mut day: NaiveDate, last: NaiveDate) -> Option<NaiveDate> {
        // What is not in one cycle is in none.
        let last = day.checked_add_days(ChronoDays::new(CYCLE)).map_or(last, |end| last.min(end));
        while day <= last {
            if !has(self.months, day.month()) {
                day = match next(self.months, day.month() + 1).filter(|month| *month <= 12) {
                    Some(month) => NaiveDate::from_ymd_opt(day.year(), month, 1)?,
                    None => NaiveDate::from_ymd_opt(day.year() + 1, next(self.months, 1)?, 1)?,
                };
                continue;
            }
            if self.has(day) {
                return Some(day);
            }
            day = day.succ_opt()?;
        }
        None
    }

    fn fits_month_day(&self, day: NaiveDate) -> bool {
        let from_start = day_of_month(day);
        let from_end = from_start - length_of_month(day) - 1;
        self.month_days.iter().any(|wanted| *wanted == from_start || *wanted == from_end)
    }

    fn fits_year_day(&self, day: NaiveDate) -> bool {
        let from_start = day.ordinal().cast_signed();
        let from_end = from_start - length_of_year(day.year()) - 1;
        self.year_days.iter().any(|wanted| *wanted == from_start || *wanted == from_end)
    }

    fn fits_week(&self, day: NaiveDate) -> bool {
        let (from_start, weeks) = self.week_of(day);
        self.weeks.iter().any(|wanted| *wanted == from_start || *wanted == from_start - weeks - 1)
    }

    fn fits_ordinal(&self, day: NaiveDate) -> bool {
        let (place, length) = if self.ordinals_in_month {
            (day_of_month(day), length_of_month(day))
        } else {
            (day.ordinal().cast_signed(), length_of_year(day.year()))
        };
        let (from_start, from_end) = ((place - 1) / 7 + 1, -((length - place) / 7 + 1));
        self.ordinals
            .iter()
            .any(|(ordinal, on)| *on == day.weekday() && (*ordinal == from_start || *ordinal == from_end))
    }

    /// The number of a day's week, and of the last week of the same year of weeks. A week is of the year that has most of it.
    fn week_of(&self, day: NaiveDate) -> (i32, i32) {
        // The fourth day of a week is in the year the week is of.
        let into_week = day.weekday().days_since(self.week_start);
        let fourth = if into_week < 3 {
            day.checked_add_days(ChronoDays::new((3 - into_week).into()))
        } else {
            day.checked_sub_days(ChronoDays::new((into_week - 3).into()))
        };
        let fourth = fourth.unwrap_or(day);
        let place = fourth.ordinal().cast_signed();
        let left = length_of_year(fourth.year()) - place;
        let number = (place - 1) / 7 + 1;
        (number, number + left / 7)
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.num_days_from_monday()
}

fn day_of_month(day: NaiveDate) -> i32 {
    day.day().cast_signed()
}

fn length_of_month(day: NaiveDate) -> i32 {
    i32::from(day.num_days_in_month())
}

fn length_of_year(year: i32) -> i32 {
    NaiveDate::from_ymd_opt(year, 12, 31).map_or(365, |last| last.ordinal().cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(rule: &str) -> Days {
        Days::new(&rule.parse().unwrap(), date("2026-01-15"))
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn taken(rule: &str, year: i32) -> Vec<String> {
        let days = days(rule);
        let year = NaiveDate::from_ymd_opt(year, 1, 1).unwrap().iter_days().take_while(|day| day.year() == year);
        year.filter(|day| days.has(*day)).map(|day| day.format("%m-%d").to_string()).collect()
    }

    #[test]
    fn rfc_5545_3_3_10_ordinals_count_in_the_month_or_in_the_year() {
        assert_eq!(taken("FREQ=MONTHLY;BYDAY=-1FR;BYMONTH=2,3", 2026), ["02-27", "03-27"]);
        assert_eq!(taken("FREQ=YEARLY;BYDAY=20MO", 2026), ["05-18"]);
        assert_eq!(taken("FREQ=YEARLY;BYDAY=1MO;BYMONTH=5", 2026), ["05-04"]);
        assert_eq!(taken("FREQ=YEARLY;BYDAY=-53TH", 2026), ["01-01"]);
    }

    #[test]
    fn rfc_5545_3_3_10_weeks_are_of_the_year_that_has_most_of_them() {
        // Week 1 of 2026 begins on 29 December 2025 and week 53 ends on 3 January 2027.
        assert_eq!(taken("FREQ=YEARLY;BYWEEKNO=1", 2026), ["01-01", "01-02", "01-03", "01-04"]);
        assert_eq!(taken("FREQ=YEARLY;BYWEEKNO=1", 2025)[5..], ["12-29", "12-30", "12-31"]);
        assert_eq!(taken("FREQ=YEARLY;BYWEEKNO=-1", 2026), ["12-28", "12-29", "12-30", "12-31"]);
        assert_eq!(taken("FREQ=YEARLY;BYWEEKNO=2;WKST=SU", 2026)[0], "01-11");
        for day in date("2000-01-01").iter_days().take(3_000) {
            let iso = day.iso_week();
            assert_eq!(days("FREQ=DAILY").week_of(day).0, iso.week().cast_signed(), "{day}");
        }
    }

    #[test]
    fn rfc_5545_3_3_10_days_from_the_end() {
        assert_eq!(taken("FREQ=YEARLY;BYMONTHDAY=-1;BYMONTH=2", 2028), ["02-29"]);
        assert_eq!(taken("FREQ=YEARLY;BYYEARDAY=-366", 2028), ["01-01"]);
        assert_eq!(taken("FREQ=YEARLY;BYYEARDAY=-366", 2026), [""; 0]);
    }

    #[test]
    fn what_is_not_said_is_that_of_the_beginning() {
        assert_eq!(taken("FREQ=YEARLY", 2027), ["01-15"]);
        assert_eq!(taken("FREQ=MONTHLY", 2027).len(), 12);
        assert!(days("FREQ=WEEKLY").has(date("2026-01-22")));
        assert_eq!(taken("FREQ=DAILY", 2027).len(), 365);
    }

    #[test]
    fn days_come_again_after_a_cycle() {
        for rule in [
            "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU;WKST=TU",
            "FREQ=YEARLY;BYYEARDAY=-366;BYDAY=MO",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29",
            "FREQ=YEARLY;BYDAY=53WE",
        ] {
            let days = days(rule);
            let taken = |from: &str| -> Vec<i64> {
                let from = date(from);
                let all = from.iter_days().take(146_097).filter(|day| days.has(*day));
                all.map(|day| (day - from).num_days()).collect()
            };
            let once = taken("1999-03-01");
            assert_eq!(once, taken("2399-03-01"), "{rule}");
            // The first of the next cycle is found from the day after the last of this one, however far that is.
            let after = |place: i64| date("1999-03-01") + ChronoDays::new(place.unsigned_abs());
            let next = days.first_from(after(once[once.len() - 1] + 1), date("2900-01-01"));
            assert_eq!(next, Some(after(once[0] + 146_097)), "{rule}");
        }
        assert_eq!(
            days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30").first_from(date("1600-01-01"), date("9998-12-31")),
            None
        );
    }

    #[test]
    fn months_that_are_not_taken_are_stepped_over() {
        let leap = days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29");
        assert_eq!(leap.first_from(date("2026-03-01"), date("2100-01-01")), Some(date("2028-02-29")));
        assert_eq!(leap.first_from(date("2026-03-01"), date("2028-02-28")), None);
        assert_eq!(leap.first_from(date("2096-03-01"), date("2200-01-01")), Some(date("2104-02-29")));
    }
}
