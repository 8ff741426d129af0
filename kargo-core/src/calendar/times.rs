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
