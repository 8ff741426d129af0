//! Functions of time.

use std::sync::Arc;

use super::{
    super::{
        budget::Budget,
        error::Problem,
        time::{Time, Zone, parse_any, parse_duration, parse_layout},
        types::Type,
        value::Value,
    },
    Builtin, Returns, argument, fixed, text_of,
};

pub(super) const TABLE: &[Builtin] = &[
    fixed("now", &[Type::Zone], 0, Returns::Type(Type::Time), |budget, a| {
        let zone = match a.first() {
            None => Zone::UTC,
            Some(Value::Zone(zone)) => zone.clone(),
            Some(other) => return Err(super::invalid("now", other)),
        };
        Ok(Value::Time(Arc::new(Time { instant: budget.now, zone })))
    }),
    fixed("duration", &[Type::Text], 1, Returns::Type(Type::Duration), |_, a| {
        parse_duration(text_of(a, 0)?).map(Value::Duration)
    }),
    fixed("date", &[Type::Any, Type::Text, Type::Text, Type::Text], 1, Returns::Type(Type::Time), date),
    fixed("timezone", &[Type::Text], 1, Returns::Type(Type::Zone), |_, a| Zone::named(text_of(a, 0)?).map(Value::Zone)),
];

fn date(_: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let (mut zone, a) = match argument(a, 0) {
        Value::Zone(zone) => (zone.clone(), a.get(1..).unwrap_or_default()),
        _ => (Zone::UTC, a),
    };
    if a.len() > 3 {
        return Err(Problem::TooManyArguments { name: "date".to_owned() });
    }
    let text = text_of(a, 0)?;
    if a.len() > 2 {
        zone = Zone::named(text_of(a, 2)?)?;
    }
    let found = if a.len() > 1 { parse_layout(text_of(a, 1)?, text, &zone) } else { parse_any(text, &zone) };
    let time = found.ok_or_else(|| Problem::function(format!("invalid date {text}")))?;
    Ok(Value::Time(Arc::new(time)))
}
