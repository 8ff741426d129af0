//! Functions of numbers.

use super::{
    super::{ast::BinaryOp, budget::Budget, error::Problem, operate, types::Type, value::Value},
    Builtin, Returns, argument, elements, fixed, invalid, open,
};

const I: Type = Type::Int;
const INT: Returns = Returns::Type(I);
const FLOAT: Returns = Returns::Type(Type::Float);

pub(super) const TABLE: &[Builtin] = &[
    open("max", &[Type::Any], Returns::Numbers, |budget, a| extreme(budget, a, "max", BinaryOp::Less)),
    open("min", &[Type::Any], Returns::Numbers, |budget, a| extreme(budget, a, "min", BinaryOp::Greater)),
    open("mean", &[Type::Any], Returns::Numbers, mean),
    open("median", &[Type::Any], Returns::Numbers, median),
    fixed("abs", &[Type::Any], 1, Returns::Same, |_, a| match argument(a, 0) {
        Value::Int(value) => Ok(Value::Int(value.wrapping_abs())),
        Value::Uint(value) => Ok(Value::Uint(*value)),
        Value::Float(value) => Ok(Value::Float(value.abs())),
        other => Err(invalid("abs", other)),
    })
    .of_number("invalid argument for abs (type "),
    fixed("ceil", &[Type::Any], 1, FLOAT, |_, a| rounded(a, "ceil", f64::ceil))
        .of_number("invalid argument for ceil (type "),
    fixed("floor", &[Type::Any], 1, FLOAT, |_, a| rounded(a, "floor", f64::floor))
        .of_number("invalid argument for floor (type "),
    fixed("round", &[Type::Any], 1, FLOAT, |_, a| rounded(a, "round", f64::round))
        .of_number("invalid argument for round (type "),
    fixed("bitand", &[I, I], 2, INT, |_, a| bits(a, "bitand", |a, b| Ok(a & b))),
    fixed("bitor", &[I, I], 2, INT, |_, a| bits(a, "bitor", |a, b| Ok(a | b))),
    fixed("bitxor", &[I, I], 2, INT, |_, a| bits(a, "bitxor", |a, b| Ok(a ^ b))),
    fixed("bitnand", &[I, I], 2, INT, |_, a| bits(a, "bitnand", |a, b| Ok(a & !b))),
    fixed("bitnot", &[I], 1, INT, |_, a| Ok(Value::Int(!bit_operand(a, 0, "bitnot")?))),
    fixed("bitshl", &[I, I], 2, INT, |_, a| bits(a, "bitshl", |a, by| Ok(a.checked_shl(shift(by)?).unwrap_or(0)))),
    fixed("bitshr", &[I, I], 2, INT, |_, a| bits(a, "bitshr", |a, by| Ok(a >> shift(by)?.min(63)))),
    fixed("bitushr", &[I, I], 2, INT, |_, a| {
        bits(a, "bitushr", |a, by| Ok(a.cast_unsigned().checked_shr(shift(by)?).unwrap_or(0).cast_signed()))
    }),
];

fn rounded(a: &[Value], name: &str, round: fn(f64) -> f64) -> Result<Value, Problem> {
    let found = argument(a, 0);
    found.as_number().map(|value| Value::Float(round(value))).ok_or_else(|| invalid(name, found))
}

/// A number, or what is one below its name: durations, months, days of the week.
#[expect(clippy::cast_precision_loss, reason = "durations count as the reference counts them")]
fn measure(value: &Value) -> Option<f64> {
    match value {
        Value::Duration(nanos) => Some(*nanos as f64),
        Value::Month(number) | Value::Weekday(number) => Some(f64::from(*number)),
        _ => value.as_number(),
    }
}

/// The first of those that no other beats; `worse` is how the found one compares with a better one.
fn extreme(budget: &mut Budget, a: &[Value], name: &str, worse: BinaryOp) -> Result<Value, Problem> {
    fn walk(value: &Value, name: &str, worse: BinaryOp, best: &mut Value) -> Result<(), Problem> {
        if let Some(items) = elements(value) {
            for item in &*items {
                let plain = item.as_number().is_some() || elements(item).is_some();
                if !plain {
                    return Err(invalid(name, item));
                }
                walk(item, name, worse, best)?;
            }
            return Ok(());
        }
        if best.is_null() || operate::order(worse, best, value)? {
            *best = value.clone();
        }
        Ok(())
    }
    let mut best = Value::Null;
    for value in a {
        budget.walk(value)?;
        if elements(value).is_none() && measure(value).is_none() {
            // One alone is given back, whatever it is.
            return if a.len() == 1 { Ok(value.clone()) } else { Err(invalid(name, value)) };
        }
        walk(value, name, worse, &mut best)?;
    }
    Ok(best)
}

/// How many numbers there are, and their sum: lists in lists are added up on their own.
fn total(value: &Value, count: &mut usize) -> Result<f64, Problem> {
    if let Some(number) = measure(value) {
        *count += 1;
        return Ok(number);
    }
    let items = elements(value).ok_or_else(|| invalid("mean", value))?;
    let mut sum = 0.0;
    for item in &*items {
        sum += total(item, count)?;
    }
    Ok(sum)
}

#[expect(clippy::cast_precision_loss, reason = "a count of elements")]
fn mean(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let (mut sum, mut count) = (0.0, 0);
    for value in a {
        budget.walk(value)?;
        match elements(value) {
            Some(items) => {
                for item in &*items {
                    sum += total(item, &mut count)?;
                }
            }
            None => sum += total(value, &mut count)?,
        }
    }
    Ok(Value::Float(if count == 0 { 0.0 } else { sum / count as f64 }))
}

fn median(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    fn collect(value: &Value, out: &mut Vec<f64>) -> Result<(), Problem> {
        if let Some(number) = measure(value) {
            out.push(number);
            return Ok(());
        }
        let items = elements(value).ok_or_else(|| invalid("median", value))?;
        items.iter().try_for_each(|item| collect(item, out))
    }
    let mut all = Vec::new();
    for value in a {
        budget.walk(value)?;
        collect(value, &mut all)?;
    }
    // Those that are no number stand first.
    all.sort_by(|a, b| b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(b)));
    let middle = all.len() / 2;
    let upper = all.get(middle).copied().unwrap_or(0.0);
    if all.len() % 2 == 1 {
        return Ok(Value::Float(upper));
    }
    let lower = middle.checked_sub(1).and_then(|at| all.get(at)).copied().unwrap_or(0.0);
    Ok(Value::Float((lower + upper) / 2.0))
}

fn bit_operand(a: &[Value], at: usize, name: &str) -> Result<i64, Problem> {
    let found = argument(a, at);
    found.as_int().ok_or_else(|| {
        Problem::function(format!("cannot use {} as argument (type int) to call {name}", found.type_name()))
    })
}

fn bits(a: &[Value], name: &str, make: fn(i64, i64) -> Result<i64, Problem>) -> Result<Value, Problem> {
    make(bit_operand(a, 0, name)?, bit_operand(a, 1, name)?).map(Value::Int)
}

fn shift(by: i64) -> Result<u32, Problem> {
    if by < 0 {
        return Err(Problem::function(format!("invalid operation: negative shift count {by} (type int)")));
    }
    Ok(u32::try_from(by).unwrap_or(u32::MAX))
}
