//! Reading a time from text, by a layout or by the usual ones.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime};

use super::{
    layout::{Part, parts},
    value::{Time, Zone, find_day, find_month},
};

/// What `date(s)` tries, in this order (promotion-engine 6.8).
const USUAL: [&str; 10] = [
    "2006-01-02",
    "15:04:05",
    "2006-01-02 15:04:05",
    "2006-01-02T15:04:05Z07:00",
    "02 Jan 06 15:04 MST",
    "02 Jan 06 15:04 -0700",
    "Monday, 02-Jan-06 15:04:05 MST",
    "Mon, 02 Jan 2006 15:04:05 MST",
    "Mon, 02 Jan 2006 15:04:05 -0700",
    "2006-01-02T15:04:05.999999999Z07:00",
];

/// The time that `text` writes in one of the usual ways.
pub(in super::super) fn parse_any(text: &str, zone: &Zone) -> Option<Time> {
    USUAL.iter().find_map(|layout| parse_layout(layout, text, zone))
}

#[derive(Default)]
struct Fields {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
    afternoon: Option<bool>,
    offset: Option<i32>,
    zone_name: Option<String>,
}

/// The time that `text` writes in that layout; `zone` if it names none.
pub(in super::super) fn parse_layout(layout: &str, text: &str, zone: &Zone) -> Option<Time> {
    let mut fields = Fields::default();
    let mut rest = text;
    let parts = parts(layout);
    for (at, part) in parts.iter().enumerate() {
        let fraction_next = matches!(parts.get(at + 1), Some(Part::Fraction { .. }));
        rest = fields.read(*part, rest, fraction_next)?;
    }
    if !rest.is_empty() {
        return None;
    }
    fields.time(zone)
}

/// One or two digits (`pad` for exactly two, after an optional blank).
fn number(text: &str, fixed: bool) -> Option<(u32, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits == 0 || fixed && digits < 2 {
        return None;
    }
    let (digits, rest) = text.split_at_checked(digits)?;
    Some((digits.parse().ok()?, rest))
}

impl Fields {
    fn read<'a>(&mut self, part: Part<'_>, text: &'a str, fraction_next: bool) -> Option<&'a str> {
        let below = |value: u32, limit: u32| (value < limit).then_some(value);
        Some(match part {
            Part::Plain(plain) => text.strip_prefix(plain)?,
            Part::LongMonth | Part::ShortMonth => {
                let (month, length) = find_month(text, part == Part::ShortMonth)?;
                self.month = Some(month);
                text.get(length..)?
            }
            Part::LongDay | Part::ShortDay => text.get(find_day(text, part == Part::ShortDay)?..)?,
            Part::Month | Part::Month2 => {
                let (value, rest) = number(text, part == Part::Month2)?;
                self.month = Some(value);
                rest
            }
            Part::Day | Part::DayBlank | Part::Day2 => {
                let text = if part == Part::DayBlank { text.strip_prefix(' ').unwrap_or(text) } else { text };
                let (value, rest) = number(text, part == Part::Day2)?;
                self.day = Some(value);
                rest
            }
            Part::YearDay3 | Part::YearDayBlank => {
                self.year_day = Some(text.get(..3)?.trim_start().parse().ok()?);
                text.get(3..)?
            }
            Part::Hour24 => {
                let (value, rest) = number(text, false)?;
                self.hour = below(value, 24)?;
                rest
            }
            Part::Hour12 | Part::Hour12Two => {
                let (value, rest) = number(text, part == Part::Hour12Two)?;
                self.hour = below(value, 13)?;
                rest
            }
            Part::Minute | Part::Minute2 => {
                let (value, rest) = number(text, part == Part::Minute2)?;
                self.minute = below(value, 60)?;
                rest
            }
            Part::Second | Part::Second2 => {
                let (value, rest) = number(text, part == Part::Second2)?;
                self.second = below(value, 60)?;
                // Decimals are read even where the layout has none.
                if fraction_next { rest } else { self.decimals(rest).unwrap_or(rest) }
            }
            Part::Fraction { trim: true, .. } => self.decimals(text).unwrap_or(text),
            Part::Fraction { digits, .. } => {
                let rest = self.decimals(text)?;
                if text.len() - rest.len() != digits + 1 {
                    return None;
                }
                rest
            }
            Part::Year => {
                let digits = text.get(..4).filter(|year| year.bytes().all(|b| b.is_ascii_digit()))?;
                self.year = Some(digits.parse().ok()?);
                text.get(4..)?
            }
            Part::Year2 => {
                let (value, rest) = number(text, true)?;
                self.year = Some(i32::try_from(value).ok()? + if value >= 69 { 1900 } else { 2000 });
                rest
            }
            Part::Upper | Part::Lower => {
                let (am, pm) = if part == Part::Upper { ("AM", "PM") } else { ("am", "pm") };
                self.afternoon = Some(text.starts_with(pm));
                text.strip_prefix(am).or_else(|| text.strip_prefix(pm))?
            }
            Part::ZoneName => {
                let length = text.bytes().take_while(u8::is_ascii_uppercase).count();
                if !(3..=5).contains(&length) {
                    return None;
                }
                self.zone_name = Some(text.get(..length)?.to_owned());
                text.get(length..)?
            }
            Part::Offset { z: true, .. } if text.starts_with('Z') => {
                self.offset = Some(0);
                text.get(1..)?
            }
            Part::Offset { colon, minutes, seconds, .. } => {
                let sign = if text.starts_with('-') { -1 } else { 1 };
                let rest = text.strip_prefix(['+', '-'])?;
                let (hours, mut rest) = number(rest, true)?;
                let mut total = i32::try_from(below(hours, 25)? * 3600).ok()?;
                for (wanted, unit) in [(minutes, 60), (seconds, 1)] {
                    if wanted {
                        rest = if colon { rest.strip_prefix(':')? } else { rest };
                        let (value, after) = number(rest, true)?;
                        total += i32::try_from(below(value, 60)? * unit).ok()?;
                        rest = after;
                    }
                }
                self.offset = Some(sign * total);
                rest
            }
        })
    }

    /// Decimals of seconds after a point or comma.
    fn decimals<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let after = text.strip_prefix(['.', ','])?;
        let length = after.bytes().take_while(u8::is_ascii_digit).count();
        let digits = after.get(..length).filter(|digits| !digits.is_empty())?;
        self.nanos = format!("{:0<9}", digits.get(..length.min(9))?).parse().ok()?;
        after.get(length..)
    }

    fn time(self, zone: &Zone) -> Option<Time> {
        let year = self.year.unwrap_or(0);
        let date = match self.year_day {
            Some(day) => NaiveDate::from_yo_opt(year, day)
                .filter(|date| self.month.is_none_or(|month| month == date.month()))
                .filter(|date| self.day.is_none_or(|day| day == date.day()))?,
            None => NaiveDate::from_ymd_opt(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let wall: NaiveDateTime = date.and_hms_nano_opt(hour, self.minute, self.second, self.nanos)?;
        if let Some(offset) = self.offset {
            return Some(Time::at(wall, Zone::fixed(offset, self.zone_name.as_deref().unwrap_or_default())));
        }
        match self.zone_name.as_deref() {
            None => Some(Time::at(wall, zone.clone())),
            Some("UTC") => Some(Time::at(wall, Zone::UTC)),
            Some(name) => {
                // A name that the zone knows at that time; else one without an offset.
                let time = Time::at(wall, zone.clone());
                if time.abbreviation() == name { Some(time) } else { Some(Time::at(wall, Zone::fixed(0, name))) }
            }
        }
    }
}
