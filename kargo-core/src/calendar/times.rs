//! Which times of a day a rule takes.

use chrono::{NaiveTime, Timelike as _};

/// Sets of hours, minutes and seconds; every combination is a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) hours: u64,
    pub(super) minutes: u64,
    pub(super) seconds: u64,
}

impl Times {
    /// The first time that is not before another.
    pub(super) fn first_from(self, from: NaiveTime) -> Option<NaiveTime> {
        let (hour, minute, second) = (from.hour(), from.minute(), from.second() + u32::from(from.nanosecond() > 0));
        let same_hour = || {
            let same_minute = next(self.seconds, second).map(|second| (minute, second));
            let found = same_minute.filter(|_| has(self.minutes, minute));
            found.or_else(|| Some((next(self.minutes, minute + 1)?, next(self.seconds, 0)?)))
        };
        let found = if has(self.hours, hour) { same_hour().map(|(m, s)| (hour, m, s)) } else { None };
        let (hour, minute, second) = match found {
            Some(found) => found,
            None => (next(self.hours, hour + 1)?, next(self.minutes, 0)?, next(self.seconds, 0)?),
        };
        NaiveTime::from_hms_opt(hour, minute, second)
    }

    /// Whether steps of so many units of so many seconds, from the unit in which the day's second `begins` is, ever come to a
    /// unit with one of the times: they come to all that differ from the first by what step and day have in common.
    pub(super) fn are_met_by(self, begins: u32, step: i64, unit: i64) -> bool {
        let common = greatest_common(step, 86_400_i64.checked_div(unit).unwrap_or(1));
        let units = |second: i64| second.checked_div(unit).unwrap_or(0);
        // Of the times in one unit any will do.
        let least = |set: u64, whole: i64| if unit >= whole { set & set.wrapping_neg() } else { set };
        let (minutes, seconds) = (least(self.minutes, 3_600), least(self.seconds, 60));
        let numbers = |set: u64| (0..64).filter(move |number| has(set, *number)).map(i64::from);
        numbers(self.hours)
            .flat_map(|hour| numbers(minutes).map(move |minute| hour * 3_600 + minute * 60))
            .flat_map(|time| numbers(seconds).map(move |second| time + second))
            .any(|second| (units(second) - units(begins.into())).checked_rem(common) == Some(0))
    }

    /// How many times there are.
    pub(super) fn count(self) -> i64 {
        i64::from(self.hours.count_ones()) * i64::from(self.minutes.count_ones()) * i64::from(self.seconds.count_ones())
    }

    /// The time at a place in their order, counted from 0.
    pub(super) fn nth(self, place: i64) -> Option<NaiveTime> {
        let (minutes, seconds) = (i64::from(self.minutes.count_ones()), i64::from(self.seconds.count_ones()));
        let second = place.checked_rem(seconds)?;
        let minute = place.checked_div(seconds)?.checked_rem(minutes)?;
        let hour = place.checked_div(seconds.checked_mul(minutes)?)?;
        NaiveTime::from_hms_opt(
            nth_bit(self.hours, hour)?,
            nth_bit(self.minutes, minute)?,
            nth_bit(self.seconds, second)?,
        )
    }
}

/// Whether a number is in a set.
pub(super) fn has(set: u64, number: u32) -> bool {
    set.checked_shr(number).is_some_and(|rest| rest & 1 == 1)
}

/// The least number of a set that is not below another.
pub(super) fn next(set: u64, from: u32) -> Option<u32> {
    let rest = set.checked_shr(from)?;
    (rest != 0).then(|| from + rest.trailing_zeros())
}

/// The greatest number that divides both; 1 at least.
fn greatest_common(mut one: i64, mut other: i64) -> i64 {
    while let Some(rest) = one.checked_rem(other) {
        (one, other) = (other, rest);
    }
    one.max(1)
}

fn nth_bit(mut set: u64, place: i64) -> Option<u32> {
    for _ in 0..place {
        set &= set.checked_sub(1)?;
    }
    (set != 0).then(|| set.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    #[test]
    fn steps_that_come_to_no_time_are_known() {
        let all = |count: u32| (1 << count) - 1;
        let eight = Times { hours: 1 << 8, minutes: all(60), seconds: all(60) };
        // By walking: a step and the day come round after as many steps as a day has units, at most.
        for (unit, step) in
            [(3_600, 24), (3_600, 5), (3_600, 16), (60, 1_440), (60, 90), (60, 7), (1, 3_600), (1, 86_399)]
        {
            for begins in [0_u32, 1, 59, 60, 3_599, 3_600, 28_800, 30_000, 86_399] {
                let first = i64::from(begins) / unit;
                let day = 86_400 / unit;
                let walked = (0..day).any(|place| (first + place * step) % day * unit / 3_600 == 8);
                assert_eq!(eight.are_met_by(begins, step, unit), walked, "{unit} {step} {begins}");
            }
        }
        let minute = Times { hours: all(24), minutes: 1 << 30, seconds: all(60) };
        assert!(minute.are_met_by(0, 10, 60) && !minute.are_met_by(60, 10, 60) && minute.are_met_by(1, 7, 1));
        assert!(!Times { hours: 0, ..minute }.are_met_by(0, 1, 1));
    }

    #[test]
    fn times_are_found_in_order() {
        let times = Times { hours: 1 << 9 | 1 << 17, minutes: 1 | 1 << 30, seconds: 1 << 15 };
        let all = ["09:00:15", "09:30:15", "17:00:15", "17:30:15"].map(time);
        let mut from = NaiveTime::MIN;
        let mut found = Vec::new();
        while let Some(next) = times.first_from(from) {
            found.push(next);
            from = next + chrono::TimeDelta::seconds(1);
        }
        assert_eq!(found, all);
        assert_eq!(times.count(), 4);
        assert_eq!((0..5).filter_map(|place| times.nth(place)).collect::<Vec<_>>(), all);
        assert_eq!(times.first_from(time("09:00:15")), Some(all[0]));
        assert_eq!(times.first_from(time("09:30:16")), Some(all[2]));
        assert_eq!(times.first_from(time("23:59:59")), None);
    }
}
