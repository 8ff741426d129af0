//! Names that are not there: members of what is always nil, variables, fields and outputs that do not exist.

use super::{
    finding::Finding,
    scope::{Fields, Scope, Shape},
    uses::{Chain, Link},
};
use crate::{
    expr::{NodeId, Program},
    model::Code,
};

/// Reports what is wrong with the names of an expression in one scope. Ranges count from the beginning of the expression.
pub(super) fn check(program: &Program, chains: &[Chain], scope: &Scope, out: &mut Vec<Finding>) {
    for chain in chains {
        one(program, chain, scope, out);
    }
}

/// What is known of a name with its members, if nothing is wrong with it.
pub(super) fn shape_of<'s>(chain: &Chain, scope: &'s Scope) -> Option<&'s Shape> {
    let mut shape = scope.names.get(&*chain.root)?;
    for link in &chain.links {
        let Shape::Fields(fields) = shape else { return None };
        shape = fields.get(link.name.as_deref()?)?;
    }
    Some(shape)
}

fn one(program: &Program, chain: &Chain, scope: &Scope, out: &mut Vec<Finding>) {
    let mut said = chain.root.to_string();
    let Some(mut shape) = scope.names.get(&*chain.root) else {
        out.push(unknown_name(program, chain, scope));
        return;
    };
    let mut at = chain.id;
    for (position, link) in chain.links.iter().enumerate() {
        match shape {
            Shape::Any => return,
            Shape::Nil(_) | Shape::NilHere(_) if link.optional => return,
            Shape::Nil(reason) | Shape::NilHere(reason) => {
                let message = format!("{said} is always nil, so its member cannot be taken: {reason}");
                let certain = chain.certain && matches!(shape, Shape::Nil(_));
                let finding = Finding::failing(certain, Code::ExprNil, word(program, at), message);
                out.push(finding.label("always nil").rule("promotion-engine 4.6"));
                return;
            }
            Shape::Text | Shape::Bool | Shape::Number => {
                // The bytes of a text can be had by number.
                if let Some(name) = &link.name {
                    let kind = match shape {
                        Shape::Text => "text",
                        Shape::Bool => "truth value",
                        _ => "number",
                    };
                    let message = format!("{said} is a {kind}, which has no member {name}");
                    out.push(Finding::failing(chain.certain, Code::ExprNil, word(program, link.said_by), message));
                }
                return;
            }
            Shape::Fields(fields) => {
                let Some(name) = &link.name else { return };
                let Some(below) = fields.get(name) else {
                    out.push(unknown_field(program, chain, position, &said, fields, name));
                    return;
                };
                said = format!("{said}.{name}");
                shape = below;
                at = link.said_by;
            }
        }
    }
}

/// Whether the member after a position is taken of nil, which fails.
fn goes_on(chain: &Chain, position: usize) -> bool {
    chain.links.get(position).is_some_and(|link| !link.optional)
}

/// A name that exists and is not promised (promotion-engine 4.6).
const HIDDEN: &str = "stepMetas";

fn unknown_name(program: &Program, chain: &Chain, scope: &Scope) -> Finding {
    let root = &chain.root;
    let range = word(program, chain.id);
    let names = scope.names.iter().filter(|(name, shape)| !matches!(shape, Shape::Nil(_)) && **name != HIDDEN);
    let names = names.map(|(name, _)| (*name).to_owned());
    let finding = if goes_on(chain, 0) {
        let message = format!("{root} is not known here, so it is nil and its member cannot be taken");
        Finding::failing(chain.certain, Code::ExprNil, range, message).label("always nil")
    } else {
        Finding::warning(Code::ExprName, range, format!("{root} is not known here, so it is nil")).label("not known")
    };
    finding.rule("promotion-engine 4.6").among("name", root, names)
}

fn unknown_field(
    program: &Program,
    chain: &Chain,
    position: usize,
    said: &str,
    fields: &Fields,
    name: &str,
) -> Finding {
    let link = chain.links.get(position);
    let range = word(program, link.map_or(chain.id, |link: &Link| link.said_by));
    let missing = fields.missing;
    let shown = if is_word(name) { format!("{said}.{name}") } else { format!("{said}[{name:?}]") };
    let finding = if missing.certain && goes_on(chain, position + 1) {
        let message = format!("{shown} is always nil, so its member cannot be taken: {}", missing.reason);
        let code = if missing.code == Code::ExprAlias { Code::ExprAlias } else { Code::ExprNil };
        Finding::failing(chain.certain, code, range, message).label("always nil")
    } else {
        Finding::warning(missing.code, range, format!("{shown} is nil: {}", missing.reason))
    };
    finding.rule("promotion-engine 4.6").among(missing.what, name, fields.names())
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The bytes of a node's decisive word.
pub(super) fn word(program: &Program, id: NodeId) -> std::ops::Range<usize> {
    word_at(program.source(), program.ast().offset(id))
}

/// The word or operator at an offset.
pub(super) fn word_at(source: &str, offset: usize) -> std::ops::Range<usize> {
    let rest = source.get(offset..).unwrap_or_default();
    let in_word = |c: char| c == '_' || c == '$' || c.is_alphanumeric();
    let in_operator = |c: char| "=!<>&|?*".contains(c);
    let length = match rest.chars().next() {
        Some(c) if in_word(c) => rest.find(|c| !in_word(c)).unwrap_or(rest.len()),
        Some(quote @ ('"' | '\'' | '`')) => {
            rest.get(1..).and_then(|inner| inner.find(quote)).map_or(rest.len(), |end| end + 2)
        }
        Some(c) if in_operator(c) => rest.find(|c| !in_operator(c)).unwrap_or(rest.len()),
        Some(c) => c.len_utf8(),
        None => 0,
    };
    offset..offset + length
}
