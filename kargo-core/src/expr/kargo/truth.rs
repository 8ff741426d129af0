//! What counts as true where the reference takes more than truth values (discovery 1.8).

use crate::expr::Value;

/// The truth value, or what one of the texts stands for that the reference takes for one; `None` for anything else.
///
/// Creation criteria and filters of commits are read this way (discovery 1.8, 3.8).
///
/// ```
/// use kargo_core::expr::{Value, kargo::loose_truth};
///
/// assert_eq!(loose_truth(&Value::text("T")), Some(true));
/// assert_eq!(loose_truth(&Value::from(0)), Some(false));
/// assert_eq!(loose_truth(&Value::text("yes")), None);
/// ```
#[must_use]
pub fn loose_truth(value: &Value) -> Option<bool> {
    if let Value::Bool(value) = value {
        return Some(*value);
    }
    match value.to_string().as_str() {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
