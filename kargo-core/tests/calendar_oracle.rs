//! The calendar against an oracle that walks through every day and every time of day (control 2.6; RFC 5545, 3.3.10).
//!
//! The oracle knows nothing of periods that can be stepped over, of bit sets or of halving: it writes down all occurrences of
//! some years and looks them up. Rules, zones and instants are drawn from one seed; `KARGO_SOAK` draws that many times more.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "it says what it met")]
#![expect(clippy::disallowed_methods, reason = "KARGO_SOAK is asked of the environment")]

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use kargo_core::{
    calendar::{CalendarError, Schedule, Window},
    model::{PromotionWindow, WindowKind},
};

type Instant = DateTime<Utc>;

/// Numbers that look random, from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % count
    }

    fn within(&mut self, least: i64, most: i64) -> i64 {
        least + self.below((most - least + 1).unsigned_abs()).cast_signed()
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn some(&mut self, most: u64, mut draw: impl FnMut(&mut Self) -> i64) -> Vec<i64> {
        let count = 1 + self.below(most);
        let mut numbers: Vec<_> = (0..count).map(|_| draw(self)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// From 1 or from -1 on.
    fn signed(&mut self, most: i64) -> i64 {
        let number = self.within(1, most);
        if self.one_in(3) { -number } else { number }
    }
}

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const FREQUENCIES: [&str; 7] = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"];

/// A rule in the oracle's own terms.
#[derive(Clone, Debug, Default)]
struct Drawn {
    frequency: usize,
    interval: i64,
    parts: BTreeMap<&'static str, Vec<i64>>,
    week_days: Vec<(i64, usize)>,
    week_start: usize,
    count: Option<usize>,
    until: Option<NaiveDateTime>,
    until_is_utc: bool,
}

impl Drawn {
    fn new(dice: &mut Dice, start: NaiveDateTime) -> Self {
        let frequency = usize::try_from(dice.below(7)).unwrap();
        let most = [6, 20, 30, 90, 60, 300, 5_000][frequency];
        let interval = if dice.one_in(2) { 1 } else { dice.within(1, most) };
        let mut drawn = Self { frequency, interval, ..Self::default() };
        if dice.one_in(3) {
            drawn.parts.insert("BYMONTH", dice.some(3, |dice| dice.within(1, 12)));
        }
        if dice.one_in(4) {
            drawn.parts.insert("BYMONTHDAY", dice.some(4, |dice| dice.signed(31)));
        }
        if dice.one_in(8) {
            drawn.parts.insert("BYYEARDAY", dice.some(8, |dice| dice.signed(366)));
        }
        let weeks = frequency == 0 && dice.one_in(4);
        if weeks {
            drawn.parts.insert("BYWEEKNO", dice.some(4, |dice| dice.signed(53)));
        }
        if dice.one_in(3) {
            let ordinals = frequency < 2 && !weeks && dice.one_in(2);
            let most = if frequency == 0 && !drawn.parts.contains_key("BYMONTH") { 53 } else { 5 };
            for day in dice.some(4, |dice| dice.within(0, 6)) {
                let ordinal = if ordinals && dice.one_in(2) { dice.signed(most) } else { 0 };
                drawn.week_days.push((ordinal, usize::try_from(day).unwrap()));
            }
        }
        if dice.one_in(3) || frequency > 4 {
            drawn.parts.insert("BYHOUR", dice.some(3, |dice| dice.within(0, 23)));
        }
        if dice.one_in(3) || frequency > 5 {
            drawn.parts.insert("BYMINUTE", dice.some(3, |dice| dice.within(0, 59)));
        }
        if dice.one_in(6) {
            drawn.parts.insert("BYSECOND", dice.some(2, |dice| dice.within(0, 59)));
        }
        if dice.one_in(5) && !(drawn.parts.is_empty() && drawn.week_days.is_empty()) {
            drawn.parts.insert("BYSETPOS", dice.some(2, |dice| dice.signed(6)));
        }
        drawn.week_start = usize::try_from(dice.below(7)).unwrap();
        match dice.below(6) {
            0 => drawn.count = Some(usize::try_from(dice.within(1, 60)).unwrap()),
            1 => {
                drawn.until = Some(start + TimeDelta::seconds(dice.within(0, 20 * 365 * 86_400)));
                drawn.until_is_utc = dice.one_in(2);
            }
            _ => {}
        }
        drawn
    }

    fn text(&self) -> String {
        let join = |numbers: &[i64]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let mut parts = vec![format!("FREQ={}", FREQUENCIES[self.frequency]), format!("INTERVAL={}", self.interval)];
        parts.extend(self.parts.iter().map(|(part, numbers)| format!("{part}={}", join(numbers))));
        if !self.week_days.is_empty() {
            let day = |(ordinal, day): &(i64, usize)| match ordinal {
                0 => DAYS[*day].to_owned(),
                ordinal => format!("{ordinal}{}", DAYS[*day]),
            };
            parts.push(format!("BYDAY={}", self.week_days.iter().map(day).collect::<Vec<_>>().join(",")));
        }
        parts.push(format!("WKST={}", DAYS[self.week_start]));
        parts.extend(self.count.map(|count| format!("COUNT={count}")));
        let zone = if self.until_is_utc { "Z" } else { "" };
        parts.extend(self.until.map(|until| format!("UNTIL={}{zone}", until.format("%Y%m%dT%H%M%S"))));
        parts.join(";")
    }

    fn part(&self, name: &str) -> &[i64] {
        self.parts.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a day fits, the beginning's where nothing is said.
    fn takes_day(&self, day: NaiveDate, start: NaiveDate) -> bool {
        let from_end = |place: i64, length: i64| place - length - 1;
        let fits = |wanted: &[i64], place: i64, length: i64| {
            wanted.is_empty() || wanted.contains(&place) || wanted.contains(&from_end(place, length))
        };
        let in_month = (i64::from(day.day()), i64::from(day.num_days_in_month()));
        let year_length = if NaiveDate::from_ymd_opt(day.year(), 2, 29).is_some() { 366 } else { 365 };
        let in_year = (i64::from(day.ordinal()), year_length);
        let said = ["BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"].iter().any(|part| !self.part(part).is_empty())
            || !self.week_days.is_empty();
        let months = self.part("BYMONTH");
        let default = said
            || match self.frequency {
                0 => (!months.is_empty() || day.month() == start.month()) && day.day() == start.day(),
                1 => day.day() == start.day(),
                2 => day.weekday() == start.weekday(),
                _ => true,
            };
        let week_day = usize::try_from(day.weekday().num_days_from_monday()).unwrap();
        let (place, length) = if self.frequency == 1 || !months.is_empty() { in_month } else { in_year };
        let fits_week_day = self.week_days.is_empty()
            || self.week_days.iter().any(|(ordinal, wanted)| {
                *wanted == week_day
                    && (*ordinal == 0 || *ordinal == (place + 6) / 7 || *ordinal == -((length - place + 7) / 7))
            });
        default
            && fits_week_day
            && (months.is_empty() || months.contains(&i64::from(day.month())))
            && fits(self.part("BYMONTHDAY"), in_month.0, in_month.1)
            && fits(self.part("BYYEARDAY"), in_year.0, in_year.1)
            && (self.part("BYWEEKNO").is_empty() || self.takes_week(day))
    }

    /// The week of a day is found by walking to the first day of its week and counting from the first week of a year.
    fn takes_week(&self, day: NaiveDate) -> bool {
        let mut first = day;
        while usize::try_from(first.weekday().num_days_from_monday()).unwrap() != self.week_start {
            first = first.pred_opt().unwrap();
        }
        // A week is of the year in which four of its days are.
        let year = (first + Days::new(3)).year();
        let mut number = 0;
        let mut week = first;
        while (week + Days::new(3)).year() == year {
            number += 1;
            week = week - Days::new(7);
        }
        let (mut weeks, mut week) = (number, first + Days::new(7));
        while (week + Days::new(3)).year() == year {
            weeks += 1;
            week = week + Days::new(7);
        }
        let wanted = self.part("BYWEEKNO");
        wanted.contains(&number) || wanted.contains(&(number - weeks - 1))
    }

    /// The number of the period that a local time is in.
    fn period(&self, local: NaiveDateTime) -> i64 {
        let days = (local.date() - NaiveDate::from_ymd_opt(1, 1, 1).unwrap()).num_days();
        let seconds = days * 86_400 + i64::from(local.num_seconds_from_midnight());
        match self.frequency {
            0 => i64::from(local.year()),
            1 => i64::from(local.year()) * 12 + i64::from(local.month()),
            2 => (days + 7 - i64::try_from(self.week_start).unwrap()) / 7,
            3 => days,
            4 => seconds / 3_600,
            5 => seconds / 60,
            _ => seconds,
        }
    }

    /// All occurrences until a local day.
    fn occurrences(&self, start: NaiveDateTime, zone: Tz, end: NaiveDate) -> Vec<Instant> {
        let numbers = |part: &str, above: usize, own: u32, count: i64| match self.part(part) {
            [] if self.frequency > above => (0..count).collect(),
            [] => vec![i64::from(own)],
            numbers => numbers.to_vec(),
        };
        let hours = numbers("BYHOUR", 3, start.hour(), 24);
        let minutes = numbers("BYMINUTE", 4, start.minute(), 60);
        let seconds = numbers("BYSECOND", 5, start.second(), 60);
        let first = self.period(start);
        let (mut periods, mut day) = (BTreeMap::<i64, Vec<NaiveDateTime>>::new(), start.date());
        // The period of the beginning counts whole, for positions in it.
        let back = [366, 31, 6, 0, 0, 0, 0][self.frequency];
        day = day - Days::new(back);
        while day <= end {
            if self.takes_day(day, start.date()) {
                for (hour, minute, second) in hours
                    .iter()
                    .flat_map(|h| minutes.iter().map(move |m| (h, m)))
                    .flat_map(|(h, m)| seconds.iter().map(move |s| (*h, *m, *s)))
                {
                    let [hour, minute, second] = [hour, minute, second].map(|number| u32::try_from(number).unwrap());
                    let local = day.and_hms_opt(hour, minute, second).unwrap();
                    let period = self.period(local);
                    if period >= first && (period - first) % self.interval == 0 {
                        periods.entry(period).or_default().push(local);
                    }
                }
            }
            day = day.succ_opt().unwrap();
        }
        // The last one may have more days than were walked through, and its positions be others.
        if self.frequency < 3 {
            periods.remove(&self.period(end.and_time(chrono::NaiveTime::MIN)));
        }
        let positions = self.part("BYSETPOS");
        let mut all = Vec::new();
        for locals in periods.into_values() {
            let length = i64::try_from(locals.len()).unwrap();
            let taken = |place: &usize| {
                let place = i64::try_from(*place).unwrap() + 1;
                positions.is_empty() || positions.contains(&place) || positions.contains(&(place - length - 1))
            };
            all.extend((0..locals.len()).filter(taken).map(|place| locals[place]));
        }
        let existing = all.into_iter().filter(|local| *local >= start).filter_map(|local| {
            let instant = match zone.from_local_datetime(&local) {
                MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.to_utc(),
                MappedLocalTime::None => return None,
            };
            let until = self
                .until
                .is_none_or(|until| if self.until_is_utc { instant.naive_utc() <= until } else { local <= until });
            until.then_some(instant)
        });
        existing.take(self.count.unwrap_or(usize::MAX)).collect()
    }
}

/// Occurrences of one window, and how long each is.
struct Known {
    kind: WindowKind,
    starts: Vec<Instant>,
    length: TimeDelta,
}

impl Known {
    fn is_active(&self, at: Instant) -> bool {
        let begun = self.starts.partition_point(|start| *start <= at);
        begun > 0 && at < self.starts[begun - 1] + self.length
    }

    fn next_start(&self, after: Instant) -> Option<Instant> {
        self.starts.get(self.starts.partition_point(|start| *start <= after)).copied()
    }

    fn end_of_active(&self, at: Instant) -> Option<Instant> {
        let begun = self.starts.partition_point(|start| *start <= at);
        self.is_active(at).then(|| self.starts[begun - 1] + self.length)
    }
}

fn is_open(windows: &[Known], at: Instant) -> bool {
    let of = |kind| windows.iter().filter(move |window| window.kind == kind);
    let allowed = of(WindowKind::Allow).next().is_none() || of(WindowKind::Allow).any(|window| window.is_active(at));
    allowed && !of(WindowKind::Deny).any(|window| window.is_active(at))
}

/// Every instant at which a window may begin or stop being active, in order.
fn edges(windows: &[Known]) -> Vec<Instant> {
    let of = |window: &Known| -> Vec<Instant> {
        window.starts.iter().flat_map(|start| [*start, *start + window.length]).collect()
    };
    let mut all: Vec<_> = windows.iter().flat_map(of).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A window as it is written, and what the oracle knows of it; `None` for one that never occurs.
fn draw(dice: &mut Dice, zone: Tz) -> Option<(Window, Known)> {
    let day = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + Days::new(dice.below(12_000));
    let start = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::seconds(dice.within(0, 86_399));
    let drawn = Drawn::new(dice, start);
    // The oracle walks: some years, or some weeks for rules that come round within a day.
    let end = day + Days::new(if drawn.frequency > 3 { 20 } else { 2_000 });
    // A beginning that does not exist is another matter (3.3.5), and has its own test.
    let MappedLocalTime::Single(begins) = zone.from_local_datetime(&start) else { return None };
    let length = TimeDelta::seconds(
        [dice.within(1, 3_600), dice.within(1, 86_400), dice.within(1, 900_000)]
            [usize::try_from(dice.below(3)).unwrap()],
    );
    let kind = if dice.one_in(2) { WindowKind::Allow } else { WindowKind::Deny };
    let noun = PromotionWindow {
        name: "w".to_owned(),
        kind,
        stage_selector: None,
        project_selector: None,
        rrule: Some(drawn.text()),
        dtstart: Some(format!("TZID={}:{}", zone.name(), start.format("%Y%m%dT%H%M%S"))),
        dtend: Some((begins.to_utc() + length).format("%Y%m%dT%H%M%SZ").to_string()),
    };
    let starts = drawn.occurrences(start, zone, end);
    match Window::new(&noun) {
        // One that begins later than the oracle walked says nothing.
        Ok(window) => (!starts.is_empty()).then_some((window, Known { kind, starts, length })),
        Err(CalendarError::Never) => {
            assert!(starts.is_empty(), "{noun:?} was said never to occur");
            None
        }
        Err(error) => panic!("{error}: {noun:?}"),
    }
}

/// W4: windows in every zone, at instants over half a century, those just before, at and after edges above all.
#[test]
fn control_2_6_windows_are_what_an_oracle_says() {
    let times = std::env::var("KARGO_SOAK").ok().and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
    let mut dice = Dice(0x5eed);
    let (mut samples, mut never, mut open, mut opening, mut closing) = (0_u64, 0, 0_u64, 0_u64, 0_u64);
    for zone in TZ_VARIANTS.iter().cycle().take(TZ_VARIANTS.len() * times) {
        let drawn: Vec<_> = (0..1 + dice.below(3)).filter_map(|_| draw(&mut dice, *zone)).collect();
        if drawn.is_empty() {
            never += 1;
            continue;
        }
        let (windows, known): (Vec<_>, Vec<_>) = drawn.into_iter().unzip();
        let edges = edges(&known);
        let Some((first, last)) = edges.first().copied().zip(edges.last().copied()) else { continue };
        // What the oracle walked through: until the end of the shortest list that has one.
        let walked = known.iter().filter_map(|known| known.starts.last()).min().copied().unwrap_or(last);
        let schedule = Schedule::new(windows.clone());
        for _ in 0..100 {
            let at = match dice.below(4) {
                0 => first + TimeDelta::seconds(dice.within(-100_000, (walked - first).num_seconds().max(1))),
                _ => {
                    let edge = edges[usize::try_from(dice.below(edges.len() as u64)).unwrap()];
                    edge + TimeDelta::seconds(dice.within(-1, 1))
                }
            };
            if at >= walked {
                continue;
            }
            samples += 1;
            for (window, known) in windows.iter().zip(&known) {
                assert_eq!(window.is_active(at), known.is_active(at), "{at} {zone} {window:?}");
                assert_eq!(window.end_of_active(at), known.end_of_active(at), "{at} {zone} {window:?}");
                if let Some(next) = known.next_start(at) {
                    assert_eq!(window.next_start(at), Some(next), "{at} {zone} {window:?}");
                }
            }
            let is = is_open(&known, at);
            assert_eq!(schedule.is_open(at), is, "{at} {zone} {windows:?}");
            open += u64::from(is);
            let later = || edges[edges.partition_point(|edge| *edge <= at)..].iter().take_while(|edge| **edge < walked);
            let opens = if is { Some(at) } else { later().find(|edge| is_open(&known, **edge)).copied() };
            if let Some(opens) = opens {
                assert_eq!(schedule.next_open(at), Some(opens), "{at} {zone} {windows:?}");
                opening += u64::from(!is);
            }
            let closes = if is { later().take(2_000).find(|edge| !is_open(&known, **edge)).copied() } else { None };
            if let Some(closes) = closes {
                assert_eq!(schedule.next_close(at), Some(closes), "{at} {zone} {windows:?}");
                closing += 1;
            }
        }
    }
    println!("{samples} instants, {open} open, {opening} openings, {closing} closings; {never} zones without a window");
    assert!(samples > 25_000 && open > 5_000 && opening > 5_000 && closing > 5_000 && never < 300 * times);
}
