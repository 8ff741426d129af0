//! What operators, members, indexes and slices do to values (promotion-engine 6.5).

use std::{cmp::Ordering, sync::Arc};

use chrono::TimeDelta;

use super::{
    ast::BinaryOp,
    budget::Budget,
    error::Problem,
    number::{self, Pair, pair},
    pattern, power,
    time::{self, Time},
    types::Type,
    value::{Key, Value},
};

fn operands(op: BinaryOp, left: &Value, right: &Value) -> Problem {
    Problem::Operands { operator: op.text(), left: left.type_name(), right: right.type_name() }
}

fn conversion(found: &Value, wanted: &'static str) -> Problem {
    let found = if found.is_null() { "nil".to_owned() } else { found.type_name() };
    Problem::Conversion { found, wanted }
}

/// The truth value.
pub(super) fn truth(value: &Value) -> Result<bool, Problem> {
    value.as_bool().ok_or_else(|| conversion(value, "bool"))
}

/// The text.
pub(super) fn text(value: &Value) -> Result<&Arc<str>, Problem> {
    if let Value::Text(text) = value { Ok(text) } else { Err(conversion(value, "string")) }
}

/// `-value`
pub(super) fn minus(value: &Value) -> Result<Value, Problem> {
    Ok(match value {
        Value::Int(value) => Value::Int(value.wrapping_neg()),
        Value::Uint(value) => Value::Uint(value.wrapping_neg()),
        Value::Float(value) => Value::Float(-value),
        _ => return Err(Problem::Operand { operator: "-", operand: value.type_name() }),
    })
}

/// `left op right`, for the operators that evaluate both sides.
#[expect(clippy::cast_precision_loss, reason = "what division does to whole numbers")]
pub(super) fn binary(op: BinaryOp, left: &Value, right: &Value, budget: &mut Budget) -> Result<Value, Problem> {
    let refused = || operands(op, left, right);
    Ok(match op {
        BinaryOp::Equal | BinaryOp::NotEqual => {
            budget.steps(left.size().weight.min(right.size().weight))?;
            Value::Bool((left == right) == (op == BinaryOp::Equal))
        }
        BinaryOp::Less | BinaryOp::Greater | BinaryOp::LessEqual | BinaryOp::GreaterEqual => {
            Value::Bool(order(op, left, right)?)
        }
        BinaryOp::In => Value::Bool(contained(left, right, budget)?),
        BinaryOp::Contains | BinaryOp::StartsWith | BinaryOp::EndsWith | BinaryOp::Matches => {
            return search(op, left, right, budget);
        }
        BinaryOp::Range => {
            let bound = |value: &Value| match value {
                Value::Float(value) => Ok(number::truncate(*value)),
                _ => value
                    .as_int()
                    .ok_or_else(|| Problem::function(format!("invalid operation: int({})", value.type_name()))),
            };
            let (from, to) = (bound(left)?, bound(right)?);
            let count = i128::from(to) - i128::from(from) + 1;
            budget.memory(usize::try_from(count.max(0)).unwrap_or(usize::MAX))?;
            Value::list((from..=to).map(Value::Int).collect())?
        }
        BinaryOp::Add => match (left, right) {
            (Value::Text(a), Value::Text(b)) => {
                budget.text(a.len() + b.len())?;
                Value::text([&**a, &**b].concat())
            }
            (Value::Time(at), Value::Duration(by)) | (Value::Duration(by), Value::Time(at)) => moved(at, *by)?,
            (Value::Duration(a), Value::Duration(b)) => Value::Duration(a.wrapping_add(*b)),
            _ => match pair(left, right).ok_or_else(refused)? {
                Pair::Ints(a, b) => Value::Int(a.wrapping_add(b)),
                Pair::Floats(a, b) => Value::Float(a + b),
            },
        },
        BinaryOp::Subtract => match (left, right) {
            (Value::Time(a), Value::Time(b)) => Value::Duration(time::between(&a.instant, &b.instant)),
            (Value::Time(at), Value::Duration(by)) => moved(at, by.wrapping_neg())?,
            (Value::Duration(a), Value::Duration(b)) => Value::Duration(a.wrapping_sub(*b)),
            _ => match pair(left, right).ok_or_else(refused)? {
                Pair::Ints(a, b) => Value::Int(a.wrapping_sub(b)),
                Pair::Floats(a, b) => Value::Float(a - b),
            },
        },
        BinaryOp::Multiply => match (left, right) {
            (Value::Duration(a), Value::Duration(b) | Value::Int(b)) | (Value::Int(a), Value::Duration(b)) => {
                Value::Duration(a.wrapping_mul(*b))
            }
            (Value::Duration(a), Value::Uint(b)) | (Value::Uint(b), Value::Duration(a)) => {
                Value::Duration(a.wrapping_mul(b.cast_signed()))
            }
            (Value::Duration(a), Value::Float(b)) | (Value::Float(b), Value::Duration(a)) => {
                Value::Float(*a as f64 * b)
            }
            _ => match pair(left, right).ok_or_else(refused)? {
                Pair::Ints(a, b) => Value::Int(a.wrapping_mul(b)),
                Pair::Floats(a, b) => Value::Float(a * b),
            },
        },
        BinaryOp::Power => {
            let float = |value: &Value| {
                let sentence = || Problem::function(format!("invalid operation: float({})", value.type_name()));
                value.as_number().ok_or_else(sentence)
            };
            Value::Float(power::power(float(left)?, float(right)?))
        }
        BinaryOp::Divide => {
            let (a, b) = match pair(left, right).ok_or_else(refused)? {
                Pair::Ints(a, b) => (a as f64, b as f64),
                Pair::Floats(a, b) => (a, b),
            };
            Value::Float(a / b)
        }
        BinaryOp::Modulo => {
            let (a, b) = left.as_int().zip(right.as_int()).ok_or_else(refused)?;
            if b == 0 {
                return Err(Problem::DivideByZero);
            }
            Value::Int(a.wrapping_rem(b))
        }
        BinaryOp::And | BinaryOp::Or => Value::Bool(truth(left)? == truth(right)?),
        BinaryOp::Coalesce => if left.is_null() { right } else { left }.clone(),
    })
}

fn moved(at: &Time, by: i64) -> Result<Value, Problem> {
    let instant = at.instant.checked_add_signed(TimeDelta::nanoseconds(by));
    let instant = instant.ok_or_else(|| Problem::function("time is out of range"))?;
    let time = Time { instant, zone: at.zone.clone() };
    if !time.is_usual() {
        return Err(Problem::function("time is out of range"));
    }
    Ok(Value::Time(Arc::new(time)))
}

/// `==` of operands that are both known to be whole numbers, or texts; the reference takes them at their word.
pub(super) fn equal_as(kind: Type, left: &Value, right: &Value) -> Result<bool, Problem> {
    for value in [left, right] {
        match kind {
            Type::Int if value.as_int().is_none() => return Err(conversion(value, "int")),
            Type::Text => {
                text(value)?;
            }
            _ => {}
        }
    }
    Ok(left == right)
}

/// `< > <= >=`
pub(super) fn order(op: BinaryOp, left: &Value, right: &Value) -> Result<bool, Problem> {
    let found = match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.instant.cmp(&b.instant)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        _ => match pair(left, right).ok_or_else(|| operands(op, left, right))? {
            Pair::Ints(a, b) => Some(a.cmp(&b)),
            Pair::Floats(a, b) => a.partial_cmp(&b),
        },
    };
    Ok(found.is_some_and(|found| match op {
        BinaryOp::Less => found == Ordering::Less,
        BinaryOp::Greater => found == Ordering::Greater,
        BinaryOp::LessEqual => found != Ordering::Greater,
        _ => found != Ordering::Less,
    }))
}

fn map_key(key: &Value) -> Result<&str, Problem> {
    match key {
        Value::Null => Ok(""),
        Value::Text(text) => Ok(text),
        _ => Err(Problem::function(format!(
            "reflect.Value.MapIndex: value of type {} is not assignable to type string",
            key.type_name()
        ))),
    }
}

fn contained(left: &Value, right: &Value, budget: &mut Budget) -> Result<bool, Problem> {
    match right {
        Value::Null => Ok(false),
        Value::List(_) => {
            let items = right.as_list().unwrap_or_default();
            budget.steps(
                items.len() as u64 + right.size().weight.min(left.size().weight.saturating_mul(items.len() as u64)),
            )?;
            Ok(items.contains(left))
        }
        Value::Map(map) => Ok(map.entries().contains_key(map_key(left)?)),
        Value::Table(table) => Ok(table_key(left)?.is_some_and(|key| table.entries.contains_key(&key))),
        Value::Bytes(bytes) => {
            budget.walk(right)?;
            Ok(bytes.iter().any(|byte| Value::Uint((*byte).into()) == *left))
        }
        Value::Host(_) | Value::Time(_) | Value::Zone(_) => {
            let Value::Text(name) = left else {
                let (found, base) = (left.type_name(), right.type_name());
                return Err(Problem::function(format!("cannot use {found} as field name of {base}")));
            };
            Ok(matches!(right, Value::Host(object) if object.field(name).is_some()))
        }
        _ => Err(Problem::InUndefined { found: right.type_name() }),
    }
}

fn search(op: BinaryOp, left: &Value, right: &Value, budget: &mut Budget) -> Result<Value, Problem> {
    if left.is_null() || right.is_null() {
        return Ok(Value::Bool(false));
    }
    let part = text(right)?;
    if op == BinaryOp::Matches && !matches!(left, Value::Text(_) | Value::Bytes(_)) {
        return Err(conversion(left, "[]uint8"));
    }
    budget.walk(left)?;
    if op == BinaryOp::Matches {
        // A pattern from a value is compiled each time it is met.
        budget.steps(1000 + part.len() as u64 * 10)?;
        return Ok(Value::Bool(matches(&pattern::compile(part)?, left)?));
    }
    let whole = text(left)?;
    Ok(Value::Bool(match op {
        BinaryOp::StartsWith => whole.starts_with(&**part),
        BinaryOp::EndsWith => whole.ends_with(&**part),
        _ => whole.contains(&**part),
    }))
}

/// Whether the text, or the bytes as text, has a match.
pub(super) fn matches(regex: &regex::Regex, value: &Value) -> Result<bool, Problem> {
    match value {
        Value::Null => Ok(false),
        Value::Bytes(bytes) => Ok(regex.is_match(&String::from_utf8_lossy(bytes))),
        Value::Text(text) => Ok(regex.is_match(text)),
        _ => Err(conversion(value, "[]uint8")),
    }
}

fn fetch(key: &str, base: &Value) -> Problem {
    Problem::Fetch { key: key.to_owned(), base: base.type_name() }
}

/// `base.name`
pub(super) fn member(base: &Value, name: &str) -> Result<Value, Problem> {
    match base {
        Value::Map(map) => Ok(map.get(name)),
        Value::Table(table) => lookup(table, &Value::text(name)),
        Value::Host(object) => object.field(name).ok_or_else(|| fetch(name, base)),
        Value::List(_) | Value::Text(_) | Value::Bytes(_) => Err(Problem::function("invalid operation: int(string)")),
        _ => Err(fetch(name, base)),
    }
}

/// The key of a table; `None` for what no table holds.
fn table_key(key: &Value) -> Result<Option<Key>, Problem> {
    match key {
        Value::List(_) | Value::Map(_) | Value::Table(_) | Value::Bytes(_) => {
            Err(Problem::function(format!("runtime error: hash of unhashable type {}", key.type_name())))
        }
        _ => Ok(Key::of(key)),
    }
}

fn lookup(table: &super::value::Table, key: &Value) -> Result<Value, Problem> {
    let found = table_key(key)?.and_then(|key| table.entries.get(&key));
    Ok(match found {
        Some((_, value)) => value.clone(),
        None if table.groups => Value::absent_list(),
        None => Value::Null,
    })
}

/// `base[index]`
pub(super) fn index(base: &Value, index: &Value) -> Result<Value, Problem> {
    match base {
        Value::Map(map) => Ok(map.get(map_key(index)?)),
        Value::Table(table) => lookup(table, index),
        Value::List(_) => {
            let items = base.as_list().unwrap_or_default();
            Ok(items.get(position(index, items.len())?).cloned().unwrap_or(Value::Null))
        }
        Value::Text(text) => Ok(byte(text.as_bytes(), index)?),
        Value::Bytes(bytes) => Ok(byte(bytes, index)?),
        Value::Host(object) => {
            let name = map_key(index)?;
            object.field(name).ok_or_else(|| fetch(name, base))
        }
        _ => Err(fetch(&index.to_string(), base)),
    }
}

fn byte(bytes: &[u8], index: &Value) -> Result<Value, Problem> {
    Ok(bytes.get(position(index, bytes.len())?).map_or(Value::Null, |byte| Value::Uint((*byte).into())))
}

/// An index from the beginning, or from the end if negative.
fn position(index: &Value, length: usize) -> Result<usize, Problem> {
    let at = whole(index)?;
    let shifted = if at < 0 { at.saturating_add(i64::try_from(length).unwrap_or(i64::MAX)) } else { at };
    let range = || Problem::IndexRange { index: at, length };
    usize::try_from(shifted).ok().filter(|at| *at < length).ok_or_else(range)
}

fn whole(index: &Value) -> Result<i64, Problem> {
    match index {
        Value::Float(value) => Ok(number::truncate(*value)),
        _ => index.as_int().ok_or_else(|| Problem::function(format!("invalid operation: int({})", index.type_name()))),
    }
}

/// `base[from:to]`; bounds are cut to what there is.
pub(super) fn slice(
    base: &Value,
    from: Option<&Value>,
    to: Option<&Value>,
    budget: &mut Budget,
) -> Result<Value, Problem> {
    let length = match base {
        Value::List(_) => base.as_list().map_or(0, <[_]>::len),
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        // The reference asks for the length if it needs it, and else names the bound it begins at.
        _ if to.is_none() && !matches!(base, Value::Map(_) | Value::Table(_)) => {
            return Err(Problem::function(format!("invalid argument for len (type {})", base.type_name())));
        }
        _ => return Err(Problem::Slice { found: from.map_or_else(|| "0".to_owned(), Value::to_string) }),
    };
    let bound = |value: Option<&Value>, absent: usize| -> Result<usize, Problem> {
        let Some(value) = value else { return Ok(absent) };
        let at = whole(value)?;
        let size = i64::try_from(length).unwrap_or(i64::MAX);
        let at = if at < 0 { at.saturating_add(size) } else { at };
        Ok(usize::try_from(at.clamp(0, size)).unwrap_or(length))
    };
    let to = bound(to, length)?;
    let from = bound(from, 0)?.min(to);
    Ok(match base {
        Value::List(_) if base.is_absent_list() => base.clone(),
        Value::List(_) => {
            let items = base.as_list().and_then(|items| items.get(from..to)).unwrap_or_default();
            budget.steps(items.len() as u64)?;
            Value::list(items.to_vec())?
        }
        Value::Text(text) => {
            budget.text(to - from)?;
            // A cut character shows as the replacement character.
            Value::text(&*String::from_utf8_lossy(text.as_bytes().get(from..to).unwrap_or_default()))
        }
        Value::Bytes(bytes) => Value::Bytes(bytes.get(from..to).unwrap_or_default().into()),
        _ => Value::Null,
    })
}

/// `base.name(arguments)`
pub(super) fn method(base: &Value, name: &str, arguments: &[Value]) -> Result<Value, Problem> {
    let missing = || Problem::NoMember { base: base.type_name(), what: "method", name: name.to_owned() };
    match base {
        Value::Host(object) => object.call(name, arguments).ok_or_else(missing)?,
        Value::Time(time) => time::time_method(time, name, arguments).ok_or_else(missing)?,
        Value::Duration(nanos) => time::duration_method(*nanos, name, arguments).ok_or_else(missing)?,
        Value::Month(_) | Value::Weekday(_) | Value::Zone(_) => {
            time::month_or_weekday_method(base, name).ok_or_else(missing)
        }
        _ => {
            let found = member(base, name)?;
            let found = if found.is_null() { "nil".to_owned() } else { found.type_name() };
            Err(Problem::NotCallable { found })
        }
    }
}
