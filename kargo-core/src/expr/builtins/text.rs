//! Functions of texts.

use super::{
    super::{budget::Budget, error::Problem, limits, types::Type, value::Value},
    Builtin, Returns, argument, fixed, int_of, text_of,
};

const T: Type = Type::Text;
const TEXT: Returns = Returns::Type(T);
const TEXTS: Returns = Returns::Type(Type::List(&T));
const BOOL: Returns = Returns::Type(Type::Bool);
const INT: Returns = Returns::Type(Type::Int);

pub(super) const TABLE: &[Builtin] = &[
    fixed("trim", &[T, T], 1, TEXT, trim).last_form(2, "string"),
    fixed("trimPrefix", &[T, T], 1, TEXT, |budget, a| {
        let text = text_of(a, 0)?;
        let part = if a.len() > 1 { text_of(a, 1)? } else { " " };
        made(budget, text.strip_prefix(part).unwrap_or(text))
    })
    .last_form(1, "string"),
    fixed("trimSuffix", &[T, T], 1, TEXT, |budget, a| {
        let text = text_of(a, 0)?;
        let part = if a.len() > 1 { text_of(a, 1)? } else { " " };
        made(budget, text.strip_suffix(part).unwrap_or(text))
    })
    .last_form(1, "string"),
    fixed("upper", &[T], 1, TEXT, |budget, a| made(budget, &text_of(a, 0)?.chars().map(upper).collect::<String>())),
    fixed("lower", &[T], 1, TEXT, |budget, a| made(budget, &text_of(a, 0)?.chars().map(lower).collect::<String>())),
    fixed("split", &[T, T, Type::Int], 2, TEXTS, |budget, a| split(budget, a, false)).last_form(3, "string"),
    fixed("splitAfter", &[T, T, Type::Int], 2, TEXTS, |budget, a| split(budget, a, true)).last_form(3, "string"),
    fixed("replace", &[T, T, T, Type::Int], 3, TEXT, replace).last_form(3, "string"),
    fixed("repeat", &[T, Type::Int], 2, TEXT, repeat),
    fixed("indexOf", &[T, T], 2, INT, |budget, a| {
        budget.walk(argument(a, 0))?;
        Ok(offset(text_of(a, 0)?.find(text_of(a, 1)?)))
    }),
    fixed("lastIndexOf", &[T, T], 2, INT, |budget, a| {
        budget.walk(argument(a, 0))?;
        Ok(offset(text_of(a, 0)?.rfind(text_of(a, 1)?)))
    }),
    fixed("hasPrefix", &[T, T], 2, BOOL, |_, a| Ok(Value::Bool(text_of(a, 0)?.starts_with(text_of(a, 1)?)))),
    fixed("hasSuffix", &[T, T], 2, BOOL, |_, a| Ok(Value::Bool(text_of(a, 0)?.ends_with(text_of(a, 1)?)))),
    fixed("join", &[Type::List(&Type::Any), T], 1, TEXT, join).last_form(1, "[]string"),
];

fn made(budget: &mut Budget, text: &str) -> Result<Value, Problem> {
    budget.text(text.len())?;
    Ok(Value::text(text))
}

fn offset(found: Option<usize>) -> Value {
    Value::Int(found.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))
}

/// The capital letter, if one character is it.
fn upper(c: char) -> char {
    let mut all = c.to_uppercase();
    if all.len() == 1 { all.next().unwrap_or(c) } else { c }
}

/// The small letter, if one character is it.
fn lower(c: char) -> char {
    let mut all = c.to_lowercase();
    match c {
        'İ' => 'i',
        _ if all.len() == 1 => all.next().unwrap_or(c),
        _ => c,
    }
}

fn trim(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let text = text_of(a, 0)?;
    if a.len() < 2 {
        return made(budget, text.trim());
    }
    let set = text_of(a, 1)?;
    budget.steps((text.len() as u64).saturating_mul(set.len() as u64) / 8)?;
    made(budget, text.trim_matches(|c| set.contains(c)))
}

/// Ends of the parts of `text`, each without its separator and with it.
fn cuts(text: &str, separator: &str, limit: usize) -> Vec<(usize, usize)> {
    if separator.is_empty() {
        let mut ends: Vec<_> = text.char_indices().skip(1).map(|(at, _)| (at, at)).collect();
        ends.truncate(limit.saturating_sub(1));
        return ends;
    }
    let found = text.match_indices(separator).map(|(at, part)| (at, at + part.len()));
    found.take(limit.saturating_sub(1)).collect()
}

fn split(budget: &mut Budget, a: &[Value], after: bool) -> Result<Value, Problem> {
    let (text, separator) = (text_of(a, 0)?, text_of(a, 1)?);
    let limit = match if a.len() > 2 { int_of(a, 2)? } else { -1 } {
        0 => return Ok(Value::absent_list()),
        n => usize::try_from(n).unwrap_or(usize::MAX),
    };
    budget.text(text.len())?;
    if separator.is_empty() && text.is_empty() {
        return Value::list(Vec::new());
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for (end, next) in cuts(text, separator, limit) {
        budget.text(32)?;
        parts.push(Value::text(text.get(start..if after { next } else { end }).unwrap_or_default()));
        start = next;
    }
    parts.push(Value::text(text.get(start..).unwrap_or_default()));
    Value::list(parts)
}

fn replace(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let (text, old, new) = (text_of(a, 0)?, text_of(a, 1)?, text_of(a, 2)?);
    let limit = usize::try_from(if a.len() > 3 { int_of(a, 3)? } else { -1 }).unwrap_or(usize::MAX);
    budget.walk(argument(a, 0))?;
    let count = text.matches(old).take(limit).count();
    budget.text(text.len().saturating_add(count.saturating_mul(new.len())))?;
    Ok(Value::text(text.replacen(old, new, count)))
}

fn repeat(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let text = text_of(a, 0)?;
    let count = int_of(a, 1)?;
    let Ok(times) = usize::try_from(count) else {
        let sentence = format!("invalid argument for repeat (expected positive integer, got {count})");
        return Err(Problem::function(sentence));
    };
    if count > limits::MAX_REPEAT {
        return Err(Problem::Memory);
    }
    let size = text.len().saturating_mul(times);
    budget.memory(size)?;
    budget.text(size)?;
    Ok(Value::text(text.repeat(times)))
}

fn join(budget: &mut Budget, a: &[Value]) -> Result<Value, Problem> {
    let list = argument(a, 0);
    let Some(items) = list.as_list() else {
        return Err(Problem::function(format!("cannot join {}", list.type_name())));
    };
    let separator = if a.len() > 1 { text_of(a, 1)? } else { "" };
    let mut parts: Vec<&str> = Vec::with_capacity(items.len());
    for (at, _) in items.iter().enumerate() {
        let part = text_of(items, at)?;
        budget.text(part.len().saturating_add(separator.len()))?;
        parts.push(part);
    }
    Ok(Value::text(parts.join(separator)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 8.4 (33): one character becomes one character.
    #[test]
    fn cases() {
        assert_eq!((upper('ß'), upper('ü'), lower('Σ'), lower('İ')), ('ß', 'Ü', 'σ', 'i'));
    }
}
