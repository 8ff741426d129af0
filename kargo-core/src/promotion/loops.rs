//! Loops over tasks: which loop a reference has, what its members are called, and what is wrong with it (rules 15).

use crate::{
    expr::TemplateError,
    model::{ForEach, STEP_SEPARATOR, Variable, pattern},
};

use super::{
    literal::{LiteralError, literal},
    variables::VariableError,
};

/// Bytes of JSON text that one element of a loop's list may have. Every step of a member carries its element.
pub const MAX_ELEMENT: usize = 4 << 10;

/// Why a loop cannot be unrolled (rules 15).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoopError {
    /// A loop in two places.
    #[error("forEach is written on the step and in the StagePolicy; leave one of them out")]
    Twice,
    /// An alias that would give the members' steps names of three parts.
    #[error("a step with forEach cannot have {STEP_SEPARATOR:?} in its alias; choose another")]
    Alias,
    /// `as` is no name of a variable.
    #[error("forEach.as is {name:?}, which cannot name a variable; write letters, digits and _")]
    Variable {
        /// What stands there.
        name: String,
    },
    /// `max` beyond what loops may have.
    #[error("forEach.max is {max}; write 1 to {limit}", limit = ForEach::MAX)]
    Max {
        /// What stands there.
        max: u32,
    },
    /// The list, or a variable it reads, needs what is not there when a promotion is created.
    #[error(
        "forEach.in cannot use {name}{via}: the list is made once, when the promotion is created, from ctx, target and \
         variables of the promotion alone",
        via = variable.as_ref().map(|variable| format!(" (in variable {variable:?})")).unwrap_or_default()
    )]
    Unavailable {
        /// The function or name, such as `secret()` or `outputs`.
        name: String,
        /// The variable through which it is used, if it is not used in the list itself.
        variable: Option<String>,
    },
    /// The list has no value.
    #[error("forEach.in: {error}")]
    List {
        /// Why.
        error: TemplateError,
    },
    /// A variable that the list reads has no value.
    #[error("forEach.in: {error}")]
    ListVariable {
        /// Why.
        error: Box<VariableError>,
    },
    /// The list is something else.
    #[error("forEach.in is no list, it is of type {found}; write [\"a\", \"b\"] or a variable that holds such a list")]
    NotAList {
        /// The type of its value.
        found: String,
    },
    /// More elements than `max`.
    #[error("forEach.in has {count} elements, more than the {max} allowed; forEach.max may be up to {limit}", limit = ForEach::MAX)]
    TooMany {
        /// How many.
        count: usize,
        /// How many may be.
        max: usize,
    },
    /// An element of more than [`MAX_ELEMENT`] bytes.
    #[error(
        "element {index} of forEach.in has {bytes} bytes, more than the {MAX_ELEMENT} allowed; loop over names and look the rest up"
    )]
    TooBig {
        /// Its position, from 0.
        index: usize,
        /// Its bytes as JSON.
        bytes: usize,
    },
    /// An element that no variable can hold.
    #[error("element {index} of forEach.in: {problem}")]
    Element {
        /// Its position, from 0.
        index: usize,
        /// Why.
        problem: LiteralError,
    },
    /// A member of the loop has the alias of something else.
    #[error("member {member:?} of the loop has the alias of another step; rename one of them")]
    Collision {
        /// The alias of the member.
        member: String,
    },
}

/// The loop of a reference: its own, or the StagePolicy's.
pub(super) fn effective<'a>(
    own: Option<&'a ForEach>,
    policy: Option<&'a ForEach>,
    alias: &str,
) -> Result<Option<&'a ForEach>, LoopError> {
    if own.is_some() && policy.is_some() {
        return Err(LoopError::Twice);
    }
    let Some(for_each) = own.or(policy) else { return Ok(None) };
    if alias.contains(STEP_SEPARATOR) {
        return Err(LoopError::Alias);
    }
    if !pattern::is_variable_name(&for_each.as_) {
        return Err(LoopError::Variable { name: for_each.as_.clone() });
    }
    max(for_each)?;
    Ok(Some(for_each))
}

/// How many elements the loop may have; none said means [`ForEach::MAX`].
pub(super) fn max(for_each: &ForEach) -> Result<usize, LoopError> {
    match for_each.max {
        0 => Ok(ForEach::MAX as usize),
        max if max <= ForEach::MAX => Ok(max as usize),
        max => Err(LoopError::Max { max }),
    }
}

/// The variables that hold the elements, in order.
pub(super) fn elements(for_each: &ForEach, list: &[serde_json::Value]) -> Result<Vec<Variable>, LoopError> {
    let max = max(for_each)?;
    if list.len() > max {
        return Err(LoopError::TooMany { count: list.len(), max });
    }
    let variable = |(index, element): (usize, &serde_json::Value)| {
        let bytes = element.to_string().len();
        if bytes > MAX_ELEMENT {
            return Err(LoopError::TooBig { index, bytes });
        }
        let value = literal(element).map_err(|problem| LoopError::Element { index, problem })?;
        Ok(Variable { name: for_each.as_.clone(), value: Some(value) })
    };
    list.iter().enumerate().map(variable).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn over(name: &str, max: u32) -> ForEach {
        ForEach { in_: "x".into(), as_: name.into(), max, ..ForEach::default() }
    }

    #[test]
    fn rules_15_a_reference_has_at_most_one_loop() {
        let (one, two) = (over("a", 1), over("b", 2));
        assert_eq!(effective(None, None, "x::y"), Ok(None));
        assert_eq!(effective(Some(&one), None, "x"), Ok(Some(&one)));
        assert_eq!(effective(None, Some(&two), "x"), Ok(Some(&two)));
        assert_eq!(effective(Some(&one), Some(&one), "x"), Err(LoopError::Twice));
    }

    #[test]
    fn rules_15_names_stay_in_two_parts_and_are_names() {
        assert_eq!(effective(Some(&over("a", 1)), None, "x::y"), Err(LoopError::Alias));
        for name in ["", "1a", "a-b", "a b"] {
            assert_eq!(effective(Some(&over(name, 1)), None, "x"), Err(LoopError::Variable { name: name.into() }));
        }
    }

    #[test]
    fn rules_15_how_many_members_a_loop_may_have() {
        assert_eq!(effective(Some(&over("a", 101)), None, "x"), Err(LoopError::Max { max: 101 }));
        let list = vec![json!(1); 100];
        assert_eq!(elements(&over("a", 0), &list).map(|all| all.len()), Ok(100));
        assert_eq!(elements(&over("a", 100), &list).map(|all| all.len()), Ok(100));
        assert_eq!(elements(&over("a", 99), &list), Err(LoopError::TooMany { count: 100, max: 99 }));
        assert_eq!(elements(&over("a", 1), &[]), Ok(vec![]));
    }

    #[test]
    fn rules_15_elements_are_variables() {
        let variable = |value: &str| Variable { name: "a".into(), value: Some(value.into()) };
        let list = [json!("eu"), json!(""), json!({"n": 1})];
        let wanted = vec![variable("eu"), variable(""), variable("${% '{\"n\":1}' %}")];
        assert_eq!(elements(&over("a", 3), &list), Ok(wanted));
        let big = json!("x".repeat(MAX_ELEMENT - 1));
        let error = LoopError::TooBig { index: 1, bytes: MAX_ELEMENT + 1 };
        assert_eq!(elements(&over("a", 3), &[json!(1), big]), Err(error));
        let odd: serde_json::Value = "9007199254740993".parse().unwrap();
        let error = elements(&over("a", 3), &[odd]).unwrap_err().to_string();
        assert!(error.starts_with("element 0 of forEach.in: the number 9007199254740993"), "{error}");
    }
}
