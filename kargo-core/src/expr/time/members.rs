//! The methods of times, durations, months and days of the week.

use std::sync::Arc;

use chrono::{DateTime, Datelike as _, Months, TimeDelta, Timelike as _, Utc};

use super::{
    super::{error::Problem, types::Type, value::Value},
    duration_text, layout,
    value::{Time, Zone, month_name, weekday_name},
};

/// Parameters and result of a method, if the type has it.
pub(in super::super) fn time_method_type(base: Type, name: &str) -> Option<(&'static [Type], Type)> {
    const NONE: &[Type] = &[];
    Some(match (base, name) {
        (
            Type::Time,
            "Year" | "Day" | "Hour" | "Minute" | "Second" | "Nanosecond" | "YearDay" | "Unix" | "UnixMilli"
            | "UnixMicro" | "UnixNano",
        ) => (NONE, Type::Int),
        (Type::Time, "Month") => (NONE, Type::Month),
        (Type::Time, "Weekday") => (NONE, Type::Weekday),
        (Type::Time, "Format") => (&[Type::Text], Type::Text),
        (Type::Time, "String" | "GoString") => (NONE, Type::Text),
        (Type::Time, "In") => (&[Type::Zone], Type::Time),
        (Type::Time, "UTC" | "Local") => (NONE, Type::Time),
        (Type::Time, "Location") => (NONE, Type::Zone),
        (Type::Time, "Add" | "Truncate" | "Round") => (&[Type::Duration], Type::Time),
        (Type::Time, "Sub") => (&[Type::Time], Type::Duration),
        (Type::Time, "AddDate") => (&[Type::Int, Type::Int, Type::Int], Type::Time),
        (Type::Time, "Before" | "After" | "Equal") => (&[Type::Time], Type::Bool),
        (Type::Time, "Compare") => (&[Type::Time], Type::Int),
        (Type::Time, "IsZero") => (NONE, Type::Bool),
        (Type::Duration, "Hours" | "Minutes" | "Seconds") => (NONE, Type::Float),
        (Type::Duration, "Milliseconds" | "Microseconds" | "Nanoseconds") => (NONE, Type::Int),
        (Type::Duration, "Abs") => (NONE, Type::Duration),
        (Type::Duration, "Truncate" | "Round") => (&[Type::Duration], Type::Duration),
        (Type::Duration | Type::Month | Type::Weekday | Type::Zone, "String") => (NONE, Type::Text),
        _ => return None,
    })
}

fn wrong(name: &str) -> Problem {
    Problem::function(format!("wrong arguments of method {name}"))
}

fn range() -> Problem {
    Problem::function("time is out of range")
}

/// Calls a method of a time; `None` if it has no such method.
pub(in super::super) fn time_method(time: &Time, name: &str, arguments: &[Value]) -> Option<Result<Value, Problem>> {
    let (parameters, _) = time_method_type(Type::Time, name)?;
    if parameters.len() != arguments.len() {
        return Some(Err(wrong(name)));
    }
    Some(call_time(time, name, arguments))
}

fn call_time(time: &Time, name: &str, arguments: &[Value]) -> Result<Value, Problem> {
    let local = time.local();
    let shown = |instant: DateTime<Utc>| Value::Time(Arc::new(Time { instant, zone: time.zone.clone() }));
    let instant = &time.instant;
    let first = arguments.first().unwrap_or(&Value::Null);
    let whole = |at: usize| arguments.get(at).and_then(Value::as_int).ok_or_else(|| wrong(name));
    let nanos = || instant.timestamp_nanos_opt().ok_or_else(range);
    Ok(match (name, first) {
        ("Year", _) => Value::Int(local.year().into()),
        ("Month", _) => Value::Month(u8::try_from(local.month()).unwrap_or(0)),
        ("Day", _) => Value::Int(local.day().into()),
        ("Hour", _) => Value::Int(local.hour().into()),
        ("Minute", _) => Value::Int(local.minute().into()),
        ("Second", _) => Value::Int(local.second().into()),
        ("Nanosecond", _) => Value::Int(local.nanosecond().into()),
        ("Weekday", _) => Value::Weekday(u8::try_from(local.weekday().num_days_from_sunday()).unwrap_or(0)),
        ("YearDay", _) => Value::Int(local.ordinal().into()),
        ("Unix", _) => Value::Int(instant.timestamp()),
        ("UnixMilli", _) => Value::Int(instant.timestamp_millis()),
        ("UnixMicro", _) => Value::Int(instant.timestamp_micros()),
        ("UnixNano", _) => Value::Int(nanos()?),
        ("Format", Value::Text(text)) => Value::text(layout::format(time, text)),
        ("String" | "GoString", _) => Value::text(time.to_string()),
        ("In", Value::Zone(zone)) => Value::Time(Arc::new(Time { instant: *instant, zone: zone.clone() })),
        ("UTC" | "Local", _) => Value::Time(Arc::new(Time { instant: *instant, zone: Zone::UTC })),
        ("Location", _) => Value::Zone(time.zone.clone()),
        ("Add", Value::Duration(add)) => {
            shown(instant.checked_add_signed(TimeDelta::nanoseconds(*add)).ok_or_else(range)?)
        }
        ("Truncate" | "Round", Value::Duration(unit)) => {
            if *unit <= 0 {
                return Ok(shown(*instant));
            }
            let epoch = i128::from(instant.timestamp()) + 62_135_596_800;
            let total = epoch * 1_000_000_000 + i128::from(instant.timestamp_subsec_nanos());
            let over = total.rem_euclid(i128::from(*unit));
            let up = name == "Round" && over * 2 >= i128::from(*unit);
            let shift = if up { i128::from(*unit) - over } else { -over };
            let shift = TimeDelta::nanoseconds(i64::try_from(shift).map_err(|_| range())?);
            shown(instant.checked_add_signed(shift).ok_or_else(range)?)
        }
        ("Sub", Value::Time(other)) => Value::Duration(between(instant, &other.instant)),
        ("Before", Value::Time(other)) => Value::Bool(*instant < other.instant),
        ("After", Value::Time(other)) => Value::Bool(*instant > other.instant),
        ("Equal", Value::Time(other)) => Value::Bool(*instant == other.instant),
        ("Compare", Value::Time(other)) => Value::Int(instant.cmp(&other.instant) as i64),
        ("IsZero", _) => Value::Bool(instant.timestamp() == -62_135_596_800 && instant.timestamp_subsec_nanos() == 0),
        ("AddDate", _) => {
            let months = whole(0)?.checked_mul(12).and_then(|m| m.checked_add(whole(1).ok()?)).ok_or_else(range)?;
            let first = local.naive_local().with_day(1).ok_or_else(range)?;
            let count = Months::new(u32::try_from(months.unsigned_abs()).map_err(|_| range())?);
            let moved = if months < 0 { first.checked_sub_months(count) } else { first.checked_add_months(count) };
            let days = whole(2)?.checked_add(i64::from(local.day()) - 1).and_then(TimeDelta::try_days);
            let wall = moved.zip(days).and_then(|(moved, days)| moved.checked_add_signed(days)).ok_or_else(range)?;
            if !(0..=9999).contains(&wall.year()) {
                return Err(range());
            }
            Value::Time(Arc::new(Time::at(wall, time.zone.clone())))
        }
        _ => return Err(wrong(name)),
    })
}

/// Nanoseconds from one instant to another, cut at what fits.
pub(in super::super) fn between(late: &DateTime<Utc>, early: &DateTime<Utc>) -> i64 {
    let delta = late.signed_duration_since(early);
    delta.num_nanoseconds().unwrap_or(if delta < TimeDelta::zero() { i64::MIN } else { i64::MAX })
}

/// Calls a method of a duration; `None` if it has no such method.
#[expect(clippy::cast_precision_loss, reason = "durations are given as floats")]
pub(in super::super) fn duration_method(nanos: i64, name: &str, arguments: &[Value]) -> Option<Result<Value, Problem>> {
    let (parameters, _) = time_method_type(Type::Duration, name)?;
    if parameters.len() != arguments.len() {
        return Some(Err(wrong(name)));
    }
    let parts = |unit: i64| Value::Float((nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64);
    Some(Ok(match (name, arguments.first()) {
        ("Hours", _) => parts(3_600_000_000_000),
        ("Minutes", _) => parts(60_000_000_000),
        ("Seconds", _) => parts(1_000_000_000),
        ("Milliseconds", _) => Value::Int(nanos / 1_000_000),
        ("Microseconds", _) => Value::Int(nanos / 1_000),
        ("Nanoseconds", _) => Value::Int(nanos),
        ("Abs", _) => Value::Duration(nanos.saturating_abs()),
        ("String", _) => Value::text(duration_text(nanos)),
        ("Truncate" | "Round", Some(Value::Duration(unit))) if *unit <= 0 => Value::Duration(nanos),
        ("Truncate", Some(Value::Duration(unit))) => Value::Duration(nanos - nanos % unit),
        ("Round", Some(Value::Duration(unit))) => {
            let over = nanos % unit;
            let up = i128::from(over.unsigned_abs()) * 2 >= i128::from(*unit);
            let step = if up { unit.saturating_mul(over.signum()) } else { 0 };
            Value::Duration((nanos - over).saturating_add(step))
        }
        _ => return Some(Err(wrong(name))),
    }))
}

/// Calls a method of a month or of a day of the week.
pub(in super::super) fn month_or_weekday_method(value: &Value, name: &str) -> Option<Value> {
    match (value, name) {
        (Value::Month(month), "String") => Some(Value::text(month_name(*month))),
        (Value::Weekday(day), "String") => Some(Value::text(weekday_name(*day))),
        (Value::Zone(zone), "String") => Some(Value::text(zone.name())),
        _ => None,
    }
}
