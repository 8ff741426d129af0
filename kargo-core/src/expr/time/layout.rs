//! Layouts by example, where `2006-01-02` stands for year, month and day: their parts, and writing a time by them.

use chrono::{Datelike as _, Timelike as _};

use super::value::{Time, month_name, weekday_name};

/// A part of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Plain(&'a str),
    LongMonth,
    ShortMonth,
    Month,
    Month2,
    LongDay,
    ShortDay,
    Day,
    DayBlank,
    Day2,
    YearDay3,
    YearDayBlank,
    Hour24,
    Hour12,
    Hour12Two,
    Minute,
    Minute2,
    Second,
    Second2,
    Year,
    Year2,
    Upper,
    Lower,
    ZoneName,
    /// `Z` for none; colons; minutes; seconds.
    Offset {
        z: bool,
        colon: bool,
        minutes: bool,
        seconds: bool,
    },
    /// Decimals of seconds after a point or comma; `trim` for nines.
    Fraction {
        mark: char,
        digits: usize,
        trim: bool,
    },
}

const WORDS: [(&str, Part<'static>); 34] = [
    ("January", Part::LongMonth),
    ("Jan", Part::ShortMonth),
    ("Monday", Part::LongDay),
    ("Mon", Part::ShortDay),
    ("MST", Part::ZoneName),
    ("2006", Part::Year),
    ("002", Part::YearDay3),
    ("01", Part::Month2),
    ("02", Part::Day2),
    ("03", Part::Hour12Two),
    ("04", Part::Minute2),
    ("05", Part::Second2),
    ("06", Part::Year2),
    ("15", Part::Hour24),
    ("__2", Part::YearDayBlank),
    ("_2006", Part::Year),
    ("_2", Part::DayBlank),
    ("PM", Part::Upper),
    ("pm", Part::Lower),
    ("-070000", Part::Offset { z: false, colon: false, minutes: true, seconds: true }),
    ("-07:00:00", Part::Offset { z: false, colon: true, minutes: true, seconds: true }),
    ("-0700", Part::Offset { z: false, colon: false, minutes: true, seconds: false }),
    ("-07:00", Part::Offset { z: false, colon: true, minutes: true, seconds: false }),
    ("-07", Part::Offset { z: false, colon: false, minutes: false, seconds: false }),
    ("Z070000", Part::Offset { z: true, colon: false, minutes: true, seconds: true }),
    ("Z07:00:00", Part::Offset { z: true, colon: true, minutes: true, seconds: true }),
    ("Z0700", Part::Offset { z: true, colon: false, minutes: true, seconds: false }),
    ("Z07:00", Part::Offset { z: true, colon: true, minutes: true, seconds: false }),
    ("Z07", Part::Offset { z: true, colon: false, minutes: false, seconds: false }),
    ("1", Part::Month),
    ("2", Part::Day),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
];

/// The parts of a layout, in order.
pub(super) fn parts(layout: &str) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while at < layout.len() {
        let rest = layout.get(at..).unwrap_or_default();
        let found = fraction(rest).or_else(|| {
            WORDS.iter().find(|(word, _)| matches_word(rest, word)).map(|(word, part)| {
                // The blank of "_2006" is a blank, not padding.
                if *word == "_2006" { (Part::Plain("_"), 1) } else { (*part, word.len()) }
            })
        });
        let Some((part, length)) = found else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if plain < at {
            out.push(Part::Plain(layout.get(plain..at).unwrap_or_default()));
        }
        out.push(part);
        at += length;
        plain = at;
    }
    if plain < layout.len() {
        out.push(Part::Plain(layout.get(plain..).unwrap_or_default()));
    }
    out
}

fn matches_word(rest: &str, word: &str) -> bool {
    let Some(after) = rest.strip_prefix(word) else { return false };
    // "Jan" and "Mon" must not go on as a word.
    !matches!(word, "Jan" | "Mon") || !after.starts_with(|c: char| c.is_ascii_lowercase())
}

/// `.000` or `,999`, not followed by another digit.
fn fraction(rest: &str) -> Option<(Part<'static>, usize)> {
    let mark = rest.chars().next().filter(|c| matches!(c, '.' | ','))?;
    let digit = rest.chars().nth(1).filter(|c| matches!(c, '0' | '9'))?;
    let digits = rest.chars().skip(1).take_while(|c| *c == digit).count();
    let after = rest.chars().nth(digits + 1);
    let part = Part::Fraction { mark, digits, trim: digit == '9' };
    (!after.is_some_and(|c| c.is_ascii_digit())).then_some((part, digits + 1))
}

/// The time as `layout` shows it.
pub(super) fn format(time: &Time, layout: &str) -> String {
    let local = time.local();
    let hour = local.hour();
    let twelve = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
    let mut out = String::new();
    for part in parts(layout) {
        let text = match part {
            Part::Plain(text) => text.to_owned(),
            Part::LongMonth => month_name(u8::try_from(local.month()).unwrap_or(0)).to_owned(),
            Part::ShortMonth => {
                month_name(u8::try_from(local.month()).unwrap_or(0)).get(..3).unwrap_or_default().to_owned()
            }
            Part::Month => local.month().to_string(),
            Part::Month2 => format!("{:02}", local.month()),
            Part::LongDay => day_name(&local).to_owned(),
            Part::ShortDay => day_name(&local).get(..3).unwrap_or_default().to_owned(),
            Part::Day => local.day().to_string(),
            Part::DayBlank => format!("{:2}", local.day()),
            Part::Day2 => format!("{:02}", local.day()),
            Part::YearDay3 => format!("{:03}", local.ordinal()),
            Part::YearDayBlank => format!("{:3}", local.ordinal()),
            Part::Hour24 => format!("{hour:02}"),
            Part::Hour12 => twelve.to_string(),
            Part::Hour12Two => format!("{twelve:02}"),
            Part::Minute => local.minute().to_string(),
            Part::Minute2 => format!("{:02}", local.minute()),
            Part::Second => local.second().to_string(),
            Part::Second2 => format!("{:02}", local.second()),
            Part::Year => format!("{:04}", local.year()),
            Part::Year2 => format!("{:02}", local.year().rem_euclid(100)),
            Part::Upper => if hour >= 12 { "PM" } else { "AM" }.to_owned(),
            Part::Lower => if hour >= 12 { "pm" } else { "am" }.to_owned(),
            Part::ZoneName => time.abbreviation(),
            Part::Offset { z, colon, minutes, seconds } => {
                offset(local.offset().local_minus_utc(), z, colon, minutes, seconds)
            }
            Part::Fraction { mark, digits, trim } => {
                let nanos = format!("{:09}", local.nanosecond() % 1_000_000_000);
                let shown = format!("{nanos:0<digits$}");
                let shown = shown.get(..digits).unwrap_or(&shown);
                let shown = if trim { shown.trim_end_matches('0') } else { shown };
                if shown.is_empty() { String::new() } else { format!("{mark}{shown}") }
            }
        };
        out.push_str(&text);
    }
    out
}

fn day_name(local: &chrono::DateTime<chrono::FixedOffset>) -> &'static str {
    weekday_name(u8::try_from(local.weekday().num_days_from_sunday()).unwrap_or(0))
}

fn offset(seconds: i32, z: bool, colon: bool, minutes: bool, with_seconds: bool) -> String {
    if z && seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let size = seconds.abs();
    let colon = if colon { ":" } else { "" };
    let mut out = format!("{sign}{:02}", size / 3600);
    if minutes {
        out.push_str(&format!("{colon}{:02}", size / 60 % 60));
    }
    if with_seconds {
        out.push_str(&format!("{colon}{:02}", size % 60));
    }
    out
}
