//! Functions of lists.

use super::{
    super::{
        budget::Budget,
        error::Problem,
        operate,
        predicate::sort,
        types::Type,
        value::{Key, Value},
    },
    Builtin, Returns, argument, elements, fixed, list_of, open, text_of,
};

const A: Type = Type::Any;
const L: Type = Type::List(&Type::Any);
const LIST: Returns = Returns::Type(L);

pub(super) const TABLE: &[Builtin] = &[
    fixed("len", &[A], 1, Returns::Type(Type::Int), len).taking(
        None,
        |found| {
            found.is_array()
                || matches!(found, Type::Any | Type::Text | Type::Map | Type::TextMap | Type::Table | Type::Groups)
        },
        ("invalid argument for len (type ", ")"),
    ),
    fixed("first", &[A], 1, Returns::Element, |_, a| Ok(end(argument(a, 0), 0))),
    fixed("last", &[A], 1, Returns::Element, |_, a| Ok(end(argument(a, 0), -1))),
    fixed("take", &[A, A], 2, Returns::Same, take)
        .taking(Some(0), |found| found.is_any() || found.is_array(), ("cannot take from ", ""))
        .taking(
            Some(1),
            |found| matches!(found, Type::Any | Type::Int | Type::Duration | Type::Month | Type::Weekday),
            ("cannot take ", " elements"),
        ),
    fixed("reverse", &[A], 1, LIST, |budget, a| {
        let items = list_of(a, "reverse")?;
        budget.memory(items.len())?;
        Value::list(items.iter().rev().cloned().collect())
    })
    .of_array("cannot reverse "),
    fixed("uniq", &[A], 1, LIST, uniq).of_array("cannot uniq "),
    open("concat", &[A], LIST, |budget, a| {
        let mut out = Vec::new();
        for (at, _) in a.iter().enumerate() {
            let items = list_of(a.get(at..).unwrap_or_default(), "concat")?;
            budget.memory(items.len())?;
            out.extend(items.iter().cloned());
        }
        if out.is_empty() { Ok(Value::absent_list()) } else { Value::list(out) }
    })
    .of_array("cannot concat "),
    fixed("flatten", &[A], 1, LIST, |budget, a| {
        list_of(a, "flatten")?;
        let mut out = Vec::new();
        budget.walk(argument(a, 0))?;
        leaves(argument(a, 0), &mut out);
        budget.memory(out.len())?;
        Value::list(out)
    })
    .of_array("cannot flatten "),
    fixed("sort", &[L, Type::Text], 1, LIST, |budget, a| {
        let descending = match a.get(1) {
            Some(order) => is_descending(order)?,
            None => false,
        };
        // What is no list sorts to none at all.
        let Some(items) = argument(a, 0).as_list() else { return Ok(Value::absent_list()) };
        budget.memory(items.len())?;
        let mut items = items.to_vec();
        sort(&mut items, |item| item, descending, budget)?;
        Value::list(items)
    })
    .last_form(1, "[]int"),
    fixed("get", &[A, A], 2, Returns::Member, get),
];

/// Whether an order is `desc`; anything else but `asc` is refused.
pub(in super::super) fn is_descending(order: &Value) -> Result<bool, Problem> {
    match &**operate::text(order)? {
        "asc" => Ok(false),
        "desc" => Ok(true),
        other => Err(Problem::function(format!("invalid order {other}, expected asc or desc"))),
    }
}

/// The element there, nil if there is none or nothing to index.
fn end(base: &Value, at: i64) -> Value {
    match base {
        Value::List(_) | Value::Bytes(_) | Value::Text(_) => {
            operate::index(base, &Value::Int(at)).unwrap_or(Value::Null)
        }
        _ => Value::Null,
    }
}

fn len(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let found = argument(a, 0);
    let length = match found {
        Value::List(_) => found.as_list().map_or(0, <[_]>::len),
        Value::Map(map) => map.entries().len(),
        Value::Table(table) => table.entries.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Text(text) => {
            budget.walk(found)?;
            text.chars().count()
        }
        _ => return Err(super::invalid("len", found)),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn take(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let items = list_of(a, "take from")?;
    let refused = |found: &Value| Problem::function(format!("cannot take {} elements", super::class(found)));
    let count = match argument(a, 1) {
        Value::Duration(nanos) => *nanos,
        Value::Month(number) | Value::Weekday(number) => i64::from(*number),
        Value::Uint(_) => return Err(refused(argument(a, 1))),
        found => found.as_int().ok_or_else(|| refused(found))?,
    };
    let negative = || Problem::function(format!("cannot take {count} elements"));
    let count = usize::try_from(count).map_err(|_| negative())?;
    let taken = items.get(..count.min(items.len())).unwrap_or_default();
    budget.steps(taken.len() as u64)?;
    if argument(a, 0).is_absent_list() {
        return Ok(Value::absent_list());
    }
    if let Value::Bytes(bytes) = argument(a, 0) {
        return Ok(Value::Bytes(bytes.get(..taken.len()).unwrap_or_default().into()));
    }
    Value::list(taken.to_vec())
}

fn uniq(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let items = list_of(a, "uniq")?;
    let mut out: Vec<Value> = Vec::new();
    let mut texts = std::collections::BTreeSet::new();
    for item in &*items {
        let known = match Key::of(item) {
            // Texts equal only texts, so a set finds them.
            Some(key @ Key::Text(_)) => {
                budget.walk(item)?;
                !texts.insert(key)
            }
            _ => {
                budget.steps((out.len() as u64).saturating_mul(item.size().weight))?;
                out.contains(item)
            }
        };
        if !known {
            out.push(item.clone());
        }
    }
    Value::list(out)
}

fn leaves(value: &Value, out: &mut Vec<Value>) {
    match elements(value) {
        Some(items) => items.iter().for_each(|item| leaves(item, out)),
        None => out.push(value.clone()),
    }
}

fn get(_: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let (base, key) = (argument(a, 0), argument(a, 1));
    match base {
        Value::Null => Ok(Value::Null),
        Value::List(_) | Value::Bytes(_) => match operate::index(base, key) {
            Err(Problem::IndexRange { .. }) => Ok(Value::Null),
            other => other,
        },
        Value::Host(object) => Ok(object.field(text_of(a, 1)?).unwrap_or(Value::Null)),
        Value::Map(_) | Value::Table(_) => operate::index(base, key),
        Value::Text(_) => match operate::index(base, key) {
            Err(Problem::IndexRange { .. }) => Ok(Value::Null),
            other => other,
        },
        _ => Ok(Value::Null),
    }
}
