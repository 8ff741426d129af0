//! The built-in functions (promotion-engine 6.8): the table of all, by group, and how to find one.

mod convert;
mod list;
mod map;
mod number;
mod text;
mod when;

use super::{budget::Budget, error::Problem, predicate::Kind, types::Type, value::Value};

pub(super) use convert::base64_text;
pub(super) use list::is_descending;

type Body = fn(&mut Budget, &[Value]) -> Result<Value, Problem>;

/// A built-in function.
#[derive(Debug)]
pub(super) struct Builtin {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [Type],
    pub(super) required: usize,
    /// Whether the last parameter can be given any number of times.
    pub(super) variadic: bool,
    pub(super) returns: Returns,
    pub(super) body: Body,
}

/// What is known of a function's result, and of arguments beyond their types.
#[derive(Clone, Copy, Debug)]
pub(super) enum Returns {
    Type(Type),
    /// The type of the first argument.
    Same,
    /// The type of the first argument, which is a list.
    List,
    /// What the first argument has at the second.
    Member,
    /// An element of the first argument, which must be a list.
    Element,
    /// A number made of numbers and lists of them.
    Numbers(Type),
}

const fn fixed(
    name: &'static str,
    parameters: &'static [Type],
    required: usize,
    returns: Returns,
    body: Body,
) -> Builtin {
    Builtin { name, parameters, required, variadic: false, returns, body }
}

const fn open(name: &'static str, parameters: &'static [Type], returns: Returns, body: Body) -> Builtin {
    Builtin { name, parameters, required: 1, variadic: true, returns, body }
}

const GROUPS: [&[Builtin]; 6] = [text::TABLE, list::TABLE, map::TABLE, number::TABLE, convert::TABLE, when::TABLE];

/// The function of that name, unless it takes a predicate.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    static ALL: [&[Builtin]; 6] = GROUPS;
    ALL.iter().flat_map(|group| group.iter()).find(|builtin| builtin.name == name)
}

/// The names of all built-in functions.
///
/// ```
/// assert!(kargo_core::expr::builtin_names().any(|name| name == "filter"));
/// ```
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    static ALL: [&[Builtin]; 6] = GROUPS;
    ALL.iter().flat_map(|group| group.iter()).map(|builtin| builtin.name).chain(Kind::names())
}

/// Which argument of the function is a predicate.
pub(super) fn predicate_position(name: &str) -> Option<usize> {
    Kind::of(name).map(|_| 1)
}

/// The type of a call's result; refuses what the types of parameters do not say.
pub(super) fn check(builtin: &Builtin, arguments: &[Type]) -> Result<Type, Problem> {
    let first = arguments.first().copied().unwrap_or(Type::Any);
    match builtin.returns {
        Returns::Type(kind) => Ok(kind),
        Returns::Same => Ok(first),
        Returns::List => Ok(if first.is_any() { first.list() } else { first }),
        Returns::Member => match first {
            Type::List(element) => Ok(*element),
            Type::Any | Type::Map | Type::Table | Type::Bytes => Ok(Type::Any),
            Type::TextMap => Ok(Type::Text),
            _ => Err(Problem::function(format!("type {first} does not support indexing"))),
        },
        Returns::Element => match first {
            Type::List(element) => Ok(*element),
            Type::Any | Type::Bytes => Ok(Type::Any),
            _ => Err(Problem::function(format!("cannot get {} element from {first}", builtin.name))),
        },
        Returns::Numbers(kind) => {
            let fits = |t: &Type| match t {
                Type::List(element) => {
                    matches!(element, Type::Any | Type::Int | Type::Uint | Type::Float | Type::List(_))
                }
                other => other.is_any() || other.is_number(),
            };
            match arguments.iter().find(|argument| !fits(argument)) {
                Some(found) => Err(invalid_type(builtin.name, &found.to_string())),
                None => Ok(kind),
            }
        }
    }
}

fn invalid_type(name: &str, found: &str) -> Problem {
    Problem::function(format!("invalid argument for {name} (type {found})"))
}

/// An argument of a type that the function does not take.
fn invalid(name: &str, found: &Value) -> Problem {
    invalid_type(name, &found.type_name())
}

/// The argument, nil if absent.
fn argument(arguments: &[Value], at: usize) -> &Value {
    arguments.get(at).unwrap_or(&Value::Null)
}

/// The argument as a text.
fn text_of(arguments: &[Value], at: usize) -> Result<&str, Problem> {
    super::operate::text(argument(arguments, at)).map(|text| &**text)
}

/// The argument as a whole number.
fn int_of(arguments: &[Value], at: usize) -> Result<i64, Problem> {
    let found = argument(arguments, at);
    match found {
        Value::Float(value) => Ok(super::number::truncate(*value)),
        _ => found.as_int().ok_or_else(|| Problem::function(format!("invalid operation: int({})", found.type_name()))),
    }
}

/// The argument as a list.
fn list_of<'a>(arguments: &'a [Value], what: &str) -> Result<&'a [Value], Problem> {
    let found = argument(arguments, 0);
    found.as_list().ok_or_else(|| Problem::function(format!("cannot {what} {}", found.type_name())))
}
