//! The built-in functions (promotion-engine 6.8): the table of all, by group, and how to find one.

mod convert;
mod list;
mod map;
mod number;
mod text;
mod when;

use std::{borrow::Cow, cmp::Ordering};

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
    /// What of known type it takes, beyond what the parameters say.
    takes: [Option<Takes>; 2],
    /// Of a function with several forms, the one that the reference tries last: how many arguments it has, and how the
    /// first one's type is called. Its complaint is the one that is told.
    last_form: Option<(usize, &'static str)>,
}

/// Types of arguments, and the sentence about all others.
#[derive(Clone, Copy, Debug)]
struct Takes {
    fits: fn(Type) -> bool,
    /// What stands before the type in the sentence, and after it.
    sentence: (&'static str, &'static str),
    /// Which argument is meant; all of them if none.
    argument: Option<usize>,
}

impl Builtin {
    /// The same, with the argument at `argument` of types that fit.
    const fn taking(
        self,
        argument: Option<usize>,
        fits: fn(Type) -> bool,
        sentence: (&'static str, &'static str),
    ) -> Self {
        let takes = Some(Takes { fits, sentence, argument });
        let [first, _] = self.takes;
        Self { takes: if first.is_none() { [takes, None] } else { [first, takes] }, ..self }
    }

    /// The same, with a last form.
    const fn last_form(self, arguments: usize, first: &'static str) -> Self {
        Self { last_form: Some((arguments, first)), ..self }
    }

    /// The complaint of the last form about arguments, of which the one at `blamed` is of a wrong type.
    pub(super) fn as_last_form(
        &self,
        (problem, blamed): (Problem, Option<usize>),
        arguments: &[Type],
    ) -> (Problem, Option<usize>) {
        let (Some((wanted, first)), Some(at)) = (self.last_form, blamed) else { return (problem, blamed) };
        let name = self.name.to_owned();
        match (arguments.len().cmp(&wanted), arguments.get(at)) {
            (Ordering::Less, _) => (Problem::TooFewArguments { name }, None),
            (Ordering::Greater, _) => (Problem::TooManyArguments { name }, None),
            (Ordering::Equal, Some(found)) if at == 0 => (super::check::argument(*found, first, self.name), blamed),
            (Ordering::Equal, _) => (problem, blamed),
        }
    }

    /// Which argument [`check`] is about, if not the call as a whole.
    pub(super) fn blames(&self, arguments: &[Type]) -> Option<usize> {
        let indexed = |first: &Type| first.is_array() || matches!(first, Type::Map | Type::TextMap);
        matches!(self.returns, Returns::Member).then_some(usize::from(arguments.first().is_some_and(indexed)))
    }

    /// The same, with arguments that are arrays.
    const fn of_array(self, before: &'static str) -> Self {
        self.taking(None, |found| found.is_any() || found.is_array(), (before, ""))
    }

    /// The same, with arguments that are maps.
    const fn of_map(self, sentence: (&'static str, &'static str)) -> Self {
        self.taking(
            None,
            |found| matches!(found, Type::Any | Type::Map | Type::TextMap | Type::Table | Type::Groups),
            sentence,
        )
    }

    /// The same, with arguments that are numbers.
    const fn of_number(self, before: &'static str) -> Self {
        self.taking(None, |found| found.is_any() || found.is_number(), (before, ")"))
    }
}

/// What is known of a function's result, and of arguments beyond their types.
#[derive(Clone, Copy, Debug)]
pub(super) enum Returns {
    Type(Type),
    /// The type of the first argument.
    Same,
    /// What the first argument has at the second.
    Member,
    /// An element of the first argument, which must be a list.
    Element,
    /// A number made of numbers and lists of them.
    Numbers,
}

const fn fixed(
    name: &'static str,
    parameters: &'static [Type],
    required: usize,
    returns: Returns,
    body: Body,
) -> Builtin {
    Builtin { name, parameters, required, variadic: false, returns, body, takes: [None, None], last_form: None }
}

const fn open(name: &'static str, parameters: &'static [Type], returns: Returns, body: Body) -> Builtin {
    Builtin { name, parameters, required: 1, variadic: true, returns, body, takes: [None, None], last_form: None }
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
    for Takes { fits, sentence: (before, after), argument } in builtin.takes.iter().flatten() {
        let mut meant = arguments.iter().enumerate().filter(|(at, _)| argument.is_none_or(|argument| argument == *at));
        if let Some((_, found)) = meant.find(|(_, found)| !fits(**found)) {
            return Err(Problem::function(format!("{before}{}{after}", refused(*found))));
        }
    }
    match builtin.returns {
        Returns::Type(kind) => Ok(kind),
        Returns::Same => Ok(first),
        Returns::Member => member(first, arguments.get(1).copied().unwrap_or(Type::Any)),
        // Elements of literal arrays are unknown to the reference here.
        Returns::Element if first.is_any() || first.is_array() => Ok(Type::Any),
        Returns::Element => {
            Err(Problem::function(format!("cannot get {} element from {}", builtin.name, refused(first))))
        }
        Returns::Numbers => {
            for found in arguments {
                match found {
                    Type::Any | Type::List(_) | Type::Bytes => return Ok(Type::Any),
                    Type::Int | Type::Uint | Type::Float | Type::Duration | Type::Month | Type::Weekday => {}
                    _ => return Err(invalid_type(builtin.name, &refused(*found))),
                }
            }
            Ok(first)
        }
    }
}

/// The type of what `get` finds.
fn member(base: Type, index: Type) -> Result<Type, Problem> {
    match base {
        Type::List(_) | Type::Bytes if !index.is_any() && !index.is_whole() => {
            Err(Problem::function(format!("non-integer slice index {index}")))
        }
        Type::List(element) => Ok(*element),
        Type::Map | Type::TextMap => super::check::index(base, index, None),
        Type::Groups => Ok(Type::List(&Type::Any)),
        Type::Any | Type::Table | Type::Bytes => Ok(Type::Any),
        _ => Err(Problem::function(format!("type {} does not support indexing", base.as_argument()))),
    }
}

/// The name of a type that a function does not take. Of nil, there is none for the reference to print.
fn refused(found: Type) -> String {
    if found == Type::Nil { "%!s(<nil>)".to_owned() } else { found.as_argument() }
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

/// The elements of an array.
fn elements(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::Bytes(bytes) => Some(bytes.iter().map(|byte| Value::Uint((*byte).into())).collect()),
        _ => value.as_list().map(Cow::Borrowed),
    }
}

/// The argument as a list.
fn list_of<'a>(arguments: &'a [Value], what: &str) -> Result<Cow<'a, [Value]>, Problem> {
    let found = argument(arguments, 0);
    elements(found).ok_or_else(|| Problem::function(format!("cannot {what} {}", class(found))))
}

/// What a value is below the name of its type.
fn class(value: &Value) -> String {
    match value {
        Value::Null => "invalid".to_owned(),
        Value::Map(_) | Value::Table(_) => "map".to_owned(),
        Value::Time(_) => "struct".to_owned(),
        Value::Duration(_) => "int64".to_owned(),
        Value::Month(_) | Value::Weekday(_) => "int".to_owned(),
        Value::Zone(_) => "ptr".to_owned(),
        _ => value.type_name(),
    }
}
