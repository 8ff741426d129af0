//! Functions of maps.

use std::collections::BTreeMap;

use super::{
    super::{
        budget::Budget,
        error::Problem,
        types::Type,
        value::{Key, Value},
    },
    Builtin, Returns, argument, fixed, list_of,
};

const M: Type = Type::Any;
const LIST: Returns = Returns::Type(Type::List(&Type::Any));

pub(super) const TABLE: &[Builtin] = &[
    fixed("keys", &[M], 1, LIST, |budget, a| {
        Value::list(entries(budget, a, "keys")?.into_iter().map(|(key, _)| key).collect())
    })
    .of_map(("cannot get keys from ", "")),
    fixed("values", &[M], 1, LIST, |budget, a| {
        Value::list(entries(budget, a, "values")?.into_iter().map(|(_, value)| value).collect())
    })
    .of_map(("cannot get values from ", "")),
    fixed("toPairs", &[M], 1, LIST, |budget, a| {
        let pairs = entries(budget, a, "pairs")?.into_iter().map(|(key, value)| Value::list(vec![key, value]));
        Value::list(pairs.collect::<Result<_, _>>()?)
    })
    .of_map(("cannot transform ", " to pairs")),
    fixed("fromPairs", &[M], 1, Returns::Type(Type::Table), from_pairs).taking(
        None,
        |found| found.is_any() || found.is_array(),
        ("cannot transform ", " from pairs"),
    ),
];

fn entries(budget: &mut Budget, a: &[Value], what: &str) -> Result<Vec<(Value, Value)>, Problem> {
    let found = argument(a, 0);
    let out: Vec<_> = match found {
        Value::Map(map) => {
            budget.steps(map.entries().len() as u64 * 4)?;
            map.entries().iter().map(|(key, value)| (Value::text(key.as_str()), value.clone())).collect()
        }
        Value::Table(table) => table.entries.values().cloned().collect(),
        _ if what == "pairs" => {
            return Err(Problem::function(format!("cannot transform {} to pairs", super::class(found))));
        }
        _ => return Err(Problem::function(format!("cannot get {what} from {}", super::class(found)))),
    };
    budget.steps(out.len() as u64)?;
    Ok(out)
}

fn from_pairs(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let mut out = BTreeMap::new();
    for pair in &*list_of(a, "create map from")? {
        budget.steps(4)?;
        let Some([key, value]) = pair.as_list() else {
            return Err(Problem::function(format!("invalid pair {pair}: expected an array of a key and a value")));
        };
        let unusable = || Problem::function(format!("runtime error: hash of unhashable type {}", key.type_name()));
        out.insert(Key::of(key).ok_or_else(unusable)?, (key.clone(), value.clone()));
    }
    Value::table(out, false)
}
