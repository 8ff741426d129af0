//! Whether the result of an expression can ever be of the kind that its place needs (promotion-engine 1.11, 4.3).

use super::finding::Finding;
use crate::{
    expr::{CallForm, Env, Node, NodeId, Program, Template, Type, Value, kargo::loose_truth},
    model::{Code, Timestamp},
};

/// What a place needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Anything,
    /// `if`: a truth value after coercion (promotion-engine 1.11).
    Truth,
    /// Criteria and filters: anything that prints as a truth value (discovery 1.8).
    LooseTruth,
    /// An argument of an analysis: a text after coercion.
    Text,
    /// A loop's list (rules 15).
    List,
}

impl Wanted {
    fn what(self) -> &'static str {
        match self {
            Self::Anything => "anything",
            Self::Truth | Self::LooseTruth => "a truth value",
            Self::Text => "a text",
            Self::List => "a list",
        }
    }

    fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Anything => true,
            Self::Truth => value.as_bool().is_some(),
            Self::LooseTruth => loose_truth(value).is_some(),
            Self::Text => value.as_text().is_some(),
            Self::List => value.as_list().is_some(),
        }
    }

    /// Whether a value of this type, written as text and read again, can be what is needed.
    fn may_be(self, kind: Type) -> bool {
        match kind {
            Type::Any | Type::Text => true,
            Type::Bool => matches!(self, Self::Anything | Self::Truth | Self::LooseTruth),
            Type::List(_) => matches!(self, Self::Anything | Self::List),
            Type::Int | Type::Uint | Type::Float => matches!(self, Self::Anything | Self::LooseTruth),
            // Written in quotes, which are taken off again.
            Type::Bytes | Type::Time => matches!(self, Self::Anything | Self::Text),
            Type::Host(host) => {
                self == Self::Anything
                    || self == Self::Text && (host.name == "semver.Version" || host.name.ends_with("FreightOriginKind"))
            }
            _ => self == Self::Anything,
        }
    }
}

/// The mistake of a template whose result is never what is needed.
pub(super) fn of_template(template: &Template, wanted: Wanted) -> Option<Finding> {
    if wanted == Wanted::Anything {
        return None;
    }
    let all = 0..template.source().len();
    let never = |found: &str, range| {
        let message = format!("this is never {}, but {found}", wanted.what());
        Finding::error(Code::ExprResult, range, message).rule(match wanted {
            Wanted::Truth => "promotion-engine 1.11",
            Wanted::List => "rules 15",
            _ => "rules 17",
        })
    };
    if template.is_plain() {
        if wanted != Wanted::Truth {
            return None;
        }
        return Some(
            never("a text", all).label("no expression").help(format!("write ${{{{ {} }}}}", template.source().trim())),
        );
    }
    let programs: Option<Vec<_>> =
        template.expressions().map(|part| Some((part.offset(), part.program().ok()?))).collect();
    let programs = programs?;
    if programs.iter().all(|(_, program)| is_constant(program)) {
        // The same in each run, failures included.
        let found = match template.run(&Env::new(), Timestamp::default()) {
            Ok(value) if wanted.accepts(&value) => return None,
            Ok(value) => described(&value),
            Err(_) => return None,
        };
        return Some(never(&found, all));
    }
    let outside = outside(template, &programs);
    if wanted == Wanted::Truth && outside.chars().any(|c| !"truefalsTRUEFALS \t\r\n".contains(c)) {
        let finding = never("a text", all).label("text and expressions make a text");
        return Some(finding.help("put the whole condition into one ${{ }}"));
    }
    let [(offset, program)] = programs.as_slice() else { return None };
    if !outside.trim_end_matches('\n').is_empty() {
        return None;
    }
    let root = program.ast().root();
    let range = program.extent(root);
    let range = offset + range.start..offset + range.end;
    if let Some(function) = formatting(program, root) {
        let text = wanted == Wanted::Text;
        return (!text).then(|| never(&format!("the text that {function}() makes"), range));
    }
    let kind = program.result();
    (!wanted.may_be(kind)).then(|| never(&described_type(kind), range))
}

/// The mistake of an expression without delimiters whose result is never what is needed.
pub(super) fn of_expression(program: &Program, wanted: Wanted) -> Option<Finding> {
    let range = program.extent(program.ast().root());
    let never = |found: &str| {
        let message = format!("this is never {}, but {found}", wanted.what());
        Some(Finding::error(Code::ExprResult, range.clone(), message).rule("discovery 1.8"))
    };
    if is_constant(program) {
        return match program.run(&Env::new(), Timestamp::default()) {
            Ok(value) if !wanted.accepts(&value) => never(&described(&value)),
            _ => None,
        };
    }
    let kind = program.result();
    let possible = match wanted {
        Wanted::LooseTruth => !matches!(
            kind,
            Type::Nil | Type::Map | Type::TextMap | Type::Table | Type::List(_) | Type::Time | Type::Duration
        ),
        Wanted::List => matches!(kind, Type::Any | Type::List(_)),
        _ => true,
    };
    if possible { None } else { never(&described_type(kind)) }
}

fn outside(template: &Template, programs: &[(usize, &Program)]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (offset, program) in programs {
        out.push_str(template.source().get(at..offset.saturating_sub(3)).unwrap_or_default());
        at = offset + program.source().len() + 2;
    }
    out.push_str(template.source().get(at..).unwrap_or_default());
    out
}

/// Whether the result depends on nothing.
fn is_constant(program: &Program) -> bool {
    program.ast().nodes().all(|node| !matches!(node, Node::Name(_) | Node::Call { .. } | Node::Method { .. }))
}

/// The function that wraps the whole result into quotes.
fn formatting(program: &Program, root: NodeId) -> Option<&str> {
    match program.ast().node(root) {
        Node::Call { name, form, .. } if *form != CallForm::Builtin => {
            ["quote", "unsafeQuote", "asJSON", "asYAML"].contains(&&**name).then_some(name)
        }
        _ => None,
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "nil".to_owned(),
        Value::Text(text) => format!("the text {text:?}"),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "an object".to_owned(),
        Value::Bool(_) => "a truth value".to_owned(),
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => format!("the number {value}"),
        other => other.type_name(),
    }
}

fn described_type(kind: Type) -> String {
    match kind {
        Type::Nil => "nil".to_owned(),
        Type::Bool => "a truth value".to_owned(),
        Type::Int | Type::Uint | Type::Float => "a number".to_owned(),
        Type::Text | Type::Bytes => "a text".to_owned(),
        Type::List(_) => "a list".to_owned(),
        Type::Map | Type::TextMap | Type::Table => "an object".to_owned(),
        other => format!("of type {other}"),
    }
}
