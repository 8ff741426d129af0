//! What is refused before an expression runs (promotion-engine 6.6): the types of operators and members.

use super::{
    ast::{BinaryOp, UnaryOp},
    error::Problem,
    predicate::Kind,
    time::time_method_type,
    types::Type,
};

fn mismatch(op: BinaryOp, left: Type, right: Type) -> Problem {
    Problem::Mismatch { operator: op.text(), left: left.to_string(), right: right.to_string() }
}

/// Both are such, or unknown.
fn both(left: Type, right: Type, test: impl Fn(Type) -> bool) -> bool {
    (left.is_any() || test(left)) && (right.is_any() || test(right))
}

/// The type of a binary operator's result.
pub(super) fn binary(op: BinaryOp, left: Type, right: Type) -> Result<Type, Problem> {
    use Type as T;
    let any = left.is_any() || right.is_any();
    let refused = || mismatch(op, left, right);
    // Arithmetic of whole numbers gives an `int`, whatever their signs.
    let signed = |kind: Type| if kind == T::Uint { T::Int } else { kind };
    let pair = (signed(left), signed(right));
    match op {
        BinaryOp::Or | BinaryOp::And => both(left, right, |t| t == T::Bool).then_some(T::Bool),
        BinaryOp::Equal | BinaryOp::NotEqual => left.comparable(right).then_some(T::Bool),
        BinaryOp::Less | BinaryOp::Greater | BinaryOp::LessEqual | BinaryOp::GreaterEqual => {
            let classes: [fn(Type) -> bool; 4] =
                [Type::is_number, |t| t == T::Text, |t| t == T::Time, |t| t == T::Duration];
            classes.iter().any(|class| both(left, right, class)).then_some(T::Bool)
        }
        BinaryOp::In => return contained(left, right),
        BinaryOp::Matches => {
            let fits = both(left, right, |t| t == T::Text) || pair == (T::Bytes, T::Text);
            fits.then_some(T::Bool)
        }
        BinaryOp::Contains | BinaryOp::StartsWith | BinaryOp::EndsWith => {
            both(left, right, |t| t == T::Text).then_some(T::Bool)
        }
        BinaryOp::Range => both(left, right, Type::is_whole).then_some(T::List(&T::Int)),
        BinaryOp::Add => match pair {
            (T::Int, T::Int) => Some(T::Int),
            (a, b) if a.is_number() && b.is_number() => Some(T::Float),
            (T::Text, T::Text) => Some(T::Text),
            (T::Time, T::Duration) | (T::Duration, T::Time) => Some(T::Time),
            (T::Duration, T::Duration) => Some(T::Duration),
            (a, b) if any => {
                let known = if a.is_any() { b } else { a };
                let fits = known.is_any() || known.is_number() || matches!(known, T::Text | T::Time | T::Duration);
                fits.then_some(T::Any)
            }
            _ => None,
        },
        BinaryOp::Subtract => match pair {
            (T::Int, T::Int) => Some(T::Int),
            (a, b) if a.is_number() && b.is_number() => Some(T::Float),
            (T::Time, T::Time) | (T::Duration, T::Duration) => Some(T::Duration),
            (T::Time, T::Duration) => Some(T::Time),
            (a, b) if any => {
                let known = if a.is_any() { b } else { a };
                let fits = known.is_any() || known.is_number() || matches!(known, T::Time | T::Duration);
                fits.then_some(T::Any)
            }
            _ => None,
        },
        BinaryOp::Multiply => match pair {
            (T::Int, T::Int) => Some(T::Int),
            (a, b) if a.is_number() && b.is_number() => Some(T::Float),
            (T::Duration, T::Duration | T::Int) | (T::Int, T::Duration) => Some(T::Duration),
            (T::Duration, T::Float) | (T::Float, T::Duration) => Some(T::Float),
            (a, b) if any => {
                let known = if a.is_any() { b } else { a };
                (known.is_any() || known.is_number() || known == T::Duration).then_some(T::Any)
            }
            _ => None,
        },
        BinaryOp::Divide | BinaryOp::Power => both(left, right, Type::is_number).then_some(T::Float),
        BinaryOp::Modulo => both(left, right, Type::is_whole).then_some(T::Int),
        BinaryOp::Coalesce => Some(match (left, right) {
            (T::Nil, other) | (other, T::Nil) => other,
            (a, b) if a == b => a,
            _ => T::Any,
        }),
    }
    .ok_or_else(refused)
}

fn contained(left: Type, right: Type) -> Result<Type, Problem> {
    let operand =
        |wanted: Type, place| Problem::InOperand { found: left.to_string(), wanted: wanted.to_string(), place };
    match right {
        Type::Any | Type::Table | Type::Groups => Ok(Type::Bool),
        // A field or none.
        Type::Time | Type::Zone | Type::Host(_) if matches!(left, Type::Any | Type::Text) => Ok(Type::Bool),
        Type::Map | Type::TextMap if matches!(left, Type::Any | Type::Text) => Ok(Type::Bool),
        Type::Map | Type::TextMap => Err(operand(Type::Text, "map key")),
        Type::List(element) if left.comparable(*element) => Ok(Type::Bool),
        Type::List(element) => Err(operand(*element, "array")),
        Type::Bytes if left.comparable(Type::Int) => Ok(Type::Bool),
        Type::Bytes => Err(Problem::InOperand { found: left.to_string(), wanted: "uint8".to_owned(), place: "array" }),
        Type::Text if left.is_any() => Ok(Type::Bool),
        _ => Err(mismatch(BinaryOp::In, left, right)),
    }
}

/// The type of a prefix operator's result.
pub(super) fn unary(op: UnaryOp, operand: Type) -> Result<Type, Problem> {
    let fits = match op {
        UnaryOp::Not => operand == Type::Bool,
        UnaryOp::Minus | UnaryOp::Plus => operand.is_number(),
    };
    if fits || operand.is_any() {
        return Ok(if op == UnaryOp::Not { Type::Bool } else { operand });
    }
    Err(Problem::UnaryMismatch { operator: op.text(), operand: operand.to_string() })
}

/// Refuses a condition that is known to be no truth value.
pub(super) fn condition(found: Type) -> Result<(), Problem> {
    if matches!(found, Type::Any | Type::Bool) { Ok(()) } else { Err(Problem::Condition { found: found.to_string() }) }
}

/// The type of one of two values.
pub(super) fn either(left: Type, right: Type) -> Type {
    match (left, right) {
        (Type::Nil, other) | (other, Type::Nil) => other,
        (Type::List(_), Type::List(_)) if left != right => Type::List(&Type::Any),
        _ if left == right => left,
        _ => Type::Any,
    }
}

/// The type of `base.name`.
pub(super) fn member(base: Type, name: &str) -> Result<Type, Problem> {
    match base {
        Type::Any | Type::Map | Type::Table => Ok(Type::Any),
        Type::Groups => Ok(Type::List(&Type::Any)),
        Type::TextMap => Ok(Type::Text),
        Type::Nil => Err(no_member_of("nil", "field", name)),
        Type::Host(host) => {
            let field = host.fields.iter().find(|(field, _)| *field == name);
            field.map(|(_, t)| *t).ok_or_else(|| no_member(base, "field", name))
        }
        Type::List(_) | Type::Bytes => {
            Err(Problem::function("array elements can only be selected using an integer (got string)"))
        }
        _ => Err(no_member(base, "field", name)),
    }
}

fn no_member(base: Type, what: &'static str, name: &str) -> Problem {
    no_member_of(&base.to_string(), what, name)
}

fn no_member_of(base: &str, what: &'static str, name: &str) -> Problem {
    Problem::NoMember { base: base.to_owned(), what, name: name.to_owned() }
}

/// The type of `base[index]`; `name` is the index where it is written as a text.
pub(super) fn index(base: Type, index: Type, name: Option<&str>) -> Result<Type, Problem> {
    match base {
        Type::Any | Type::Nil | Type::Table => Ok(Type::Any),
        Type::Groups => Ok(Type::List(&Type::Any)),
        Type::Map if matches!(index, Type::Any | Type::Text) => Ok(Type::Any),
        Type::TextMap if matches!(index, Type::Any | Type::Text) => Ok(Type::Text),
        Type::Map | Type::TextMap => {
            let sentence = format!("cannot use {index} to get an element from {base}");
            Err(Problem::function(sentence))
        }
        Type::List(element) if index.is_any() || index.is_whole() => Ok(*element),
        Type::Bytes if index.is_any() || index.is_whole() => Ok(Type::Int),
        Type::List(_) | Type::Bytes => {
            let sentence = format!("array elements can only be selected using an integer (got {index})");
            Err(Problem::function(sentence))
        }
        _ => match name {
            Some(name) => member(base, name),
            None => Err(Problem::NoIndex { base: base.to_string(), index: index.to_string() }),
        },
    }
}

/// The type of `base[from:to]`; the number is that of the bound that is to blame, if one is.
pub(super) fn slice(base: Type, bounds: &[Type]) -> Result<Type, (Problem, Option<usize>)> {
    if !matches!(base, Type::Any | Type::List(_) | Type::Text | Type::Bytes) {
        return Err((Problem::Slice { found: base.as_argument() }, None));
    }
    match bounds.iter().enumerate().find(|(_, bound)| !bound.is_any() && !bound.is_whole()) {
        Some((at, bound)) => Err((Problem::function(format!("non-integer slice index {bound}")), Some(at))),
        None => Ok(base),
    }
}

/// The type of `base.name(arguments)`; as [`call`] if it is refused.
pub(super) fn method(base: Type, name: &str, arguments: &[Type]) -> Result<Type, (Problem, Option<usize>)> {
    let known = match base {
        Type::Any | Type::Nil | Type::Map | Type::Table => return Ok(Type::Any),
        Type::TextMap | Type::Groups | Type::List(_) | Type::Bytes => None,
        Type::Host(host) => host.method(name).map(|method| (method.parameters, method.returns)),
        _ => time_method_type(base, name),
    };
    if let Some((parameters, result)) = known {
        return call(name, parameters, parameters.len(), false, arguments).map(|()| result);
    }
    // What is there but is no method.
    match member(base, name) {
        Ok(Type::Any) => Ok(Type::Any),
        Ok(found) => Err((Problem::function(format!("{found} is not callable")), None)),
        Err(Problem::NoMember { .. }) => Err((no_member(base, "method", name), None)),
        Err(problem) => Err((problem, None)),
    }
}

/// The type of the elements that a function with a predicate goes over.
pub(super) fn element(kind: Kind, list: Type) -> Result<Type, Problem> {
    match list {
        Type::List(element) => Ok(*element),
        Type::Any => Ok(Type::Any),
        Type::Bytes => Ok(Type::Int),
        _ => Err(Problem::NotArray { name: kind.name().to_owned(), found: list.to_string() }),
    }
}

/// Refuses a predicate whose answer is known to be none that the function can use.
pub(super) fn predicate(kind: Kind, found: Type) -> Result<(), Problem> {
    if found == Type::Nil {
        let inputs = if kind == Kind::Reduce { "two" } else { "one" };
        return Err(Problem::function(format!("predicate should has {inputs} input and one output param")));
    }
    if kind.wants_bool() && !matches!(found, Type::Any | Type::Bool) {
        return Err(Problem::Predicate { found: found.to_string() });
    }
    Ok(())
}

/// The type that a function with a predicate makes of a list, its elements and the predicate's answers.
pub(super) fn gone_over(kind: Kind, list: Type, element: Type, answer: Type) -> Type {
    match kind {
        Kind::All | Kind::None | Kind::Any | Kind::One => Type::Bool,
        Kind::Filter => element.list(),
        Kind::SortBy => list,
        Kind::Map => answer.list(),
        Kind::Find | Kind::FindLast => element,
        Kind::Count | Kind::FindIndex | Kind::FindLastIndex => Type::Int,
        Kind::GroupBy => Type::Groups,
        Kind::Sum | Kind::Reduce => answer,
    }
}

/// That what was found cannot be given to the function.
pub(super) fn argument(found: Type, wanted: &str, name: &str) -> Problem {
    if found == Type::Nil {
        return Problem::function(format!("cannot use nil as argument (type {wanted}) to call {name}"));
    }
    Problem::Argument { found: found.as_argument(), wanted: wanted.to_owned(), name: name.to_owned() }
}

/// Refuses arguments by count and by known type; the number is that of the argument, if one is to blame.
pub(super) fn call(
    name: &str,
    parameters: &[Type],
    required: usize,
    variadic: bool,
    arguments: &[Type],
) -> Result<(), (Problem, Option<usize>)> {
    if arguments.len() < required {
        return Err((Problem::TooFewArguments { name: name.to_owned() }, None));
    }
    if arguments.len() > parameters.len() && !variadic {
        return Err((Problem::TooManyArguments { name: name.to_owned() }, None));
    }
    for (at, found) in arguments.iter().enumerate() {
        let Some(wanted) = parameters.get(at).or(parameters.last()) else { continue };
        if !found.fits(*wanted) {
            return Err((argument(*found, &wanted.as_argument(), name), Some(at)));
        }
    }
    Ok(())
}
