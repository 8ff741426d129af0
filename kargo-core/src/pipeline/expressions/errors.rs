//! From what the reader of expressions refuses to what people are told.

use super::{finding::Finding, names::word_at};
use crate::{
    expr::{
        ExprError, Problem,
        kargo::{self, Group},
    },
    model::{Code, nearest},
};

/// The mistake that keeps an expression from being read. The range counts from the beginning of the expression.
pub(super) fn of(error: &ExprError, source: &str, groups: &[Group]) -> Finding {
    let problem = error.problem();
    let message = problem.to_string().trim_end().to_owned();
    let code = code(problem);
    let rule = if code == Code::ExprSyntax { "promotion-engine 6.3" } else { "promotion-engine 6.6" };
    let mut finding = Finding::error(code, word_at(source, error.place().offset), message).rule(rule);
    for operand in error.operands() {
        finding.marks.push((operand.range.clone(), operand.kind.clone()));
    }
    match problem {
        Problem::Mismatch { left, right, .. } => match unquoted(error, source, left, right) {
            Some(help) => finding.help(help),
            None => finding,
        },
        Problem::NoMember { base, what, name } => match members(base, name) {
            Some(help) => finding.help(help),
            None => finding.label(format!("no such {what}")),
        },
        Problem::TooFewArguments { name } | Problem::TooManyArguments { name } | Problem::Argument { name, .. } => {
            match kargo::find(name, groups) {
                Some(signature) => finding.help(format!("it is called as {}", signature.usage)),
                None => finding,
            }
        }
        Problem::UnexpectedToken { found }
            if found == "EOF" && source.matches('{').count() > source.matches('}').count() =>
        {
            finding.help("the first }} ends an expression: write ${% ... %} around one that has }} in it")
        }
        _ => finding,
    }
}

fn code(problem: &Problem) -> Code {
    match problem {
        Problem::UnexpectedToken { .. }
        | Problem::UnknownCharacter { .. }
        | Problem::UnclosedComment
        | Problem::UnclosedText
        | Problem::Escape
        | Problem::NumberSyntax { .. }
        | Problem::NumberRange { .. }
        | Problem::CoalesceMix { .. }
        | Problem::BarePredicate
        | Problem::SourceLength { .. }
        | Problem::Nodes
        | Problem::Depth { .. }
        | Problem::Redeclared { .. }
        | Problem::UnknownPointer { .. }
        | Problem::Pattern { .. } => Code::ExprSyntax,
        Problem::TooFewArguments { .. }
        | Problem::TooManyArguments { .. }
        | Problem::Argument { .. }
        | Problem::NotArray { .. } => Code::ExprCall,
        _ => Code::ExprType,
    }
}

/// What to do about a number or truth value that is compared to a text in quotes.
fn unquoted(error: &ExprError, source: &str, left: &str, right: &str) -> Option<String> {
    let [one, other] = error.operands() else { return None };
    let (text, kind) = match (left, right) {
        ("string", kind) => (one, kind),
        (kind, "string") => (other, kind),
        _ => return None,
    };
    let written = source.get(text.range.clone())?;
    let inner = written.strip_prefix(['"', '\'', '`'])?.strip_suffix(['"', '\'', '`'])?;
    let fits = match kind {
        "int" | "uint64" | "float64" => inner.parse::<f64>().is_ok_and(f64::is_finite),
        "bool" => matches!(inner, "true" | "false"),
        _ => false,
    };
    fits.then(|| format!("write {inner} without quotes"))
}

/// The nearest member of a type of Kargo's, and what members there are.
fn members(base: &str, name: &str) -> Option<String> {
    let of_type = kargo::types().iter().find(|known| known.name == base)?;
    let names: Vec<String> = of_type
        .fields
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .chain(of_type.methods.iter().map(|method| format!("{}()", method.name)))
        .collect();
    let list = names.join(", ");
    let bare = names.iter().map(|name| name.trim_end_matches("()"));
    let near = bare.clone().find(|known| known.eq_ignore_ascii_case(name)).or_else(|| nearest(name, bare));
    Some(match near {
        Some(near) => format!("did you mean {near}? (there are {list})"),
        None => format!("there are {list}"),
    })
}
