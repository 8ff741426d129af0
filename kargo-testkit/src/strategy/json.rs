//! Arbitrary JSON that every correct writer and reader brings back unchanged.

use proptest::{prelude::*, sample::select};
use serde_json::{Map, Value};

use super::{
    scalar::{list, map, var_name},
    text::{template_text, text},
};

/// The greatest integer below which every integer is a double too.
const EXACT: i64 = (1 << 53) - 1;

/// Any JSON value of bounded depth, null included.
///
/// Integers are exact as doubles, other numbers are finite, not integral, and print with few digits, so that they
/// survive a passage through any language. A value at the top shrinks to `null`.
pub fn json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => prop_oneof![Just(0), Just(EXACT), Just(-EXACT), -9..10_i64, -EXACT..=EXACT].prop_map(Value::from),
        1 => fraction(),
        4 => template_text().prop_map(Value::from),
        1 => Just(Value::from("")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![list(inner.clone(), 3).prop_map(Value::from), map(key(), inner, 3).prop_map(object)].boxed()
    })
    .boxed()
}

/// A JSON object of up to three fields, which hold anything.
pub fn json_object() -> BoxedStrategy<Value> {
    map(key(), json(), 3).prop_map(object).boxed()
}

/// A JSON value that is neither null nor an empty text, which are not told apart from absence where a field is optional.
pub fn json_present() -> BoxedStrategy<Value> {
    json().prop_map(|value| if value.is_null() || value == "" { Value::from(false) } else { value }).boxed()
}

fn fraction() -> BoxedStrategy<Value> {
    let eighths = (-100_000_i32..100_000, 1..8_i32).prop_map(|(whole, part)| f64::from(whole) + f64::from(part) / 8.0);
    prop_oneof![eighths, select(&[0.1, -2.5, 1e-7, 1.5e-9, 3.25][..])].prop_map(Value::from).boxed()
}

fn key() -> BoxedStrategy<String> {
    prop_oneof![3 => var_name(), 1 => text()].boxed()
}

fn object(fields: std::collections::BTreeMap<String, Value>) -> Value {
    Value::Object(fields.into_iter().collect::<Map<_, _>>())
}
