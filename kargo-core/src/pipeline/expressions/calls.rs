//! Calls of functions that do not exist or that refuse what is written, and comparisons that always have one result.

use super::{
    finding::Finding,
    names::{shape_of, word},
    scope::{Scope, Shape},
    uses::{FunctionCall, Uses},
};
use crate::{
    expr::{
        Functions, Node, NodeId, Program, builtin_names,
        kargo::{self, Group},
    },
    model::Code,
};

/// Reports functions that do not exist, and empty names where one is needed. Ranges count from the beginning of the
/// expression.
pub(super) fn check(program: &Program, uses: &Uses, functions: &Functions, place: &str, out: &mut Vec<Finding>) {
    for call in &uses.calls {
        if call.builtin || functions.has(&call.name) {
            empty_name(program, call, out);
        } else if !builtin_names().any(|name| name == &*call.name) {
            out.push(unknown(program, call, functions, place));
        }
    }
}

fn unknown(program: &Program, call: &FunctionCall, functions: &Functions, place: &str) -> Finding {
    let name = &call.name;
    let range = word(program, call.id);
    let known = kargo::signatures().iter().find(|signature| signature.name == &**name);
    let message = match known {
        Some(_) => format!("{name}() does not exist in {place}"),
        None => format!("there is no function {name}()"),
    };
    let finding = Finding::failing(call.certain, Code::ExprFunction, range, message).rule("promotion-engine 5");
    match known.map(|signature| signature.group) {
        Some(Group::Status) => {
            finding.label("not known here").help("only `if` and `config` of steps know how steps went")
        }
        Some(_) => finding.label("not known here"),
        None => {
            let names = functions.names().map(str::to_owned).chain(builtin_names().map(str::to_owned));
            let near =
                crate::model::nearest(name, names.collect::<Vec<_>>().iter().map(String::as_str)).map(str::to_owned);
            match near {
                Some(near) => finding.label("no such function").help(format!("did you mean {near}()?")),
                None => finding.label("no such function"),
            }
        }
    }
}

fn empty_name(program: &Program, call: &FunctionCall, out: &mut Vec<Finding>) {
    let refused = match &*call.name {
        "warehouse" => "name must not be empty",
        "status" => "argument must not be empty",
        "freightMetadata" | "freightStatus" => "freight ref name must not be empty",
        "stageMetadata" => "stage name must not be empty",
        _ => return,
    };
    let Some(first) = call.arguments.first() else { return };
    if matches!(program.ast().node(*first), Node::Text(text) if text.is_empty()) {
        let message = format!("{}(): {refused}", call.name);
        let range = word(program, *first);
        out.push(Finding::failing(call.certain, Code::ExprCall, range, message).rule("promotion-engine 5"));
    }
}

/// Reports `status()` of steps that cannot be seen.
pub(super) fn statuses(program: &Program, uses: &Uses, scope: &Scope, out: &mut Vec<Finding>) {
    let Some(known) = &scope.statuses else { return };
    for call in uses.calls.iter().filter(|call| &*call.name == "status") {
        let Some(first) = call.arguments.first().copied() else { continue };
        let Node::Text(alias) = program.ast().node(first) else { continue };
        if alias.is_empty() || known.get(alias).is_some() {
            continue;
        }
        let missing = known.missing;
        let reason = if alias.contains("::") { "the steps inside of a task cannot be asked" } else { missing.reason };
        let message = format!("status({alias:?}) is always the empty text: {reason}");
        out.push(Finding::warning(Code::ExprAlias, word(program, first), message).rule("promotion-engine 1.10").among(
            missing.what,
            alias,
            known.names(),
        ));
    }
}

/// What a call can answer, if these are few.
fn answers(name: &str) -> Option<&'static [&'static str]> {
    match name {
        "status" => Some(&["Succeeded", "Skipped", "Running", "Aborted", "Failed", "Errored", ""]),
        "semverDiff" => Some(&["Major", "Minor", "Patch", "Metadata", "None", "Incomparable"]),
        _ => None,
    }
}

/// Reports comparisons that always have the same result.
pub(super) fn comparisons(program: &Program, uses: &Uses, scope: &Scope, out: &mut Vec<Finding>) {
    for (id, left, right) in &uses.comparisons {
        for (value, other) in [(*left, *right), (*right, *left)] {
            if let Some(finding) = comparison(program, uses, scope, *id, value, other) {
                out.push(finding);
                break;
            }
        }
    }
}

fn comparison(
    program: &Program,
    uses: &Uses,
    scope: &Scope,
    id: NodeId,
    value: NodeId,
    other: NodeId,
) -> Option<Finding> {
    let ast = program.ast();
    let literal = ast.node(other);
    let always = |message: String| {
        Finding::warning(Code::ExprConstant, word(program, id), message)
            .label("always the same result")
            .rule("promotion-engine 6.5")
    };
    if let Node::Call { name, .. } = ast.node(value) {
        let Node::Text(text) = literal else { return None };
        let known = answers(name)?;
        if known.contains(&&**text) {
            return None;
        }
        let names = known.iter().filter(|name| !name.is_empty()).map(|name| (*name).to_owned());
        return Some(always(format!("{name}() is never {text:?}")).among("answer", text, names));
    }
    let chain = uses
        .chains
        .iter()
        .find(|chain| chain.links.last().map_or(chain.id, |link| link.id) == unwrap(program, value))?;
    let kind = match shape_of(chain, scope)? {
        Shape::Text => "a text",
        Shape::Bool => "a truth value",
        Shape::Number => "a number",
        _ => return None,
    };
    let found = match literal {
        Node::Text(_) => "a text",
        Node::Bool(_) => "a truth value",
        Node::Int(_) | Node::Float(_) => "a number",
        _ => return None,
    };
    if kind == found {
        return None;
    }
    let shown = program.source().get(program.extent(value)).unwrap_or_default();
    let written = program.source().get(program.extent(other)).unwrap_or_default();
    let finding = always(format!("{shown} is {kind}, which is never equal to {found}"));
    let bare = written.trim_matches(['"', '\'', '`']);
    Some(match (kind, found) {
        ("a truth value", "a text") if matches!(bare, "true" | "false") => {
            finding.help(format!("write {bare} without quotes"))
        }
        ("a text", _) => finding.help(format!("write \"{written}\", with quotes")),
        _ => finding,
    })
}

fn unwrap(program: &Program, mut id: NodeId) -> NodeId {
    while let Node::Chain(inner) = program.ast().node(id) {
        id = *inner;
    }
    id
}
