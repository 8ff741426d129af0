//! Functions of numbers.

use super::{
    super::{ast::BinaryOp, budget::Budget, error::Problem, operate, types::Type, value::Value},
    Builtin, Returns, argument, fixed, invalid, open,
};

const I: Type = Type::Int;
const INT: Returns = Returns::Type(I);
const FLOAT: Returns = Returns::Type(Type::Float);

pub(super) const TABLE: &[Builtin] = &[
    open("max", &[Type::Any], Returns::Numbers(Type::Any), |budget, a| extreme(budget, a, "max", BinaryOp::Less)),
    open("min", &[Type::Any], Returns::Numbers(Type::Any), |budget, a| extreme(budget, a, "min", BinaryOp::Greater)),
    open("mean", &[Type::Any], Returns::Numbers(Type::Float), mean),
    open("median", &[Type::Any], Returns::Numbers(Type::Float), median),
    fixed("abs", &[Type::Float], 1, Returns::Same, |_, a| match argument(a, 0) {
        Value::Int(value) => Ok(Value::Int(value.wrapping_abs())),
        Value::Uint(value) => Ok(Value::Uint(*value)),
        Value::Float(value) => Ok(Value::Float(value.abs())),
        other => Err(invalid("abs", other)),
    }),
    fixed("ceil", &[Type::Float], 1, FLOAT, |_, a| rounded(a, "ceil", f64::ceil)),
    fixed("floor", &[Type::Float], 1, FLOAT, |_, a| rounded(a, "floor", f64::floor)),
    fixed("round", &[Type::Float], 1, FLOAT, |_, a| rounded(a, "round", f64::round)),
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

/// All numbers, also those in lists.
fn numbers<'a>(budget: &mut Budget, a: &'a [Value], name: &str) -> Result<Vec<&'a Value>, Problem> {
    fn collect<'a>(value: &'a Value, name: &str, out: &mut Vec<&'a Value>) -> Result<(), Problem> {
        match value.as_list() {
            Some(items) => items.iter().try_for_each(|item| collect(item, name, out)),
            None if value.as_number().is_some() => {
                out.push(value);
                Ok(())
            }
            None => Err(invalid(name, value)),
        }
    }
    let mut out = Vec::new();
    for value in a {
        budget.walk(value)?;
        collect(value, name, &mut out)?;
    }
    Ok(out)
}

/// The first of those that no other beats; `worse` is how the found one compares with a better one.
fn extreme(budget: &mut Budget, a: &[Value], name: &str, worse: BinaryOp) -> Result<Value, Problem> {
    if let [only] = a
        && only.as_list().is_none()
    {
        return Ok(only.clone());
    }
    let mut best = Value::Null;
    for value in numbers(budget, a, name)? {
        if best.is_null() || operate::order(worse, &best, value)? {
            best = value.clone();
        }
    }
    Ok(best)
}

#[expect(clippy::cast_precision_loss, reason = "a count of elements")]
fn mean(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let all = numbers(budget, a, "mean")?;
    let total: f64 = all.iter().filter_map(|value| value.as_number()).fold(0.0, |sum, value| sum + value);
    Ok(Value::Float(if all.is_empty() { 0.0 } else { total / all.len() as f64 }))
}

fn median(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let mut all: Vec<f64> = numbers(budget, a, "median")?.into_iter().filter_map(Value::as_number).collect();
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    let upper = all.get(middle).copied().unwrap_or(0.0);
    let lower = if all.len() % 2 == 1 {
        upper
    } else {
        middle.checked_sub(1).and_then(|at| all.get(at)).copied().unwrap_or(0.0)
    };
    Ok(Value::Float(if all.len() % 2 == 1 { upper } else { f64::midpoint(lower, upper) }))
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
