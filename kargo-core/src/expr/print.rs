//! From the tree back to text: one that reads back as an equal tree.

use std::fmt::{self, Write as _};

use super::ast::{Ast, BinaryOp, CallForm, Node, NodeId, UnaryOp};

/// What is left to write, the last first.
enum Task {
    Text(&'static str),
    Owned(String),
    /// A node where a full expression may stand.
    Full(NodeId),
    /// A node where a sequence may stand.
    Sequence(NodeId),
    /// A node that must be one operand.
    Operand(NodeId),
    /// A node before `.` or `[`.
    Base(NodeId),
    /// The left operand of an operator.
    Left(NodeId, BinaryOp),
}

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tasks = vec![Task::Sequence(self.root)];
        while let Some(task) = tasks.pop() {
            let (id, parens) = match task {
                Task::Text(text) => {
                    f.write_str(text)?;
                    continue;
                }
                Task::Owned(text) => {
                    f.write_str(&text)?;
                    continue;
                }
                Task::Sequence(id) => (id, false),
                Task::Full(id) => (id, matches!(self.node(id), Node::Sequence(_))),
                Task::Operand(id) => (id, compound(self.node(id))),
                Task::Base(id) => {
                    let bare = matches!(self.node(id), Node::Nil | Node::Bool(_) | Node::Int(_) | Node::Float(_));
                    (id, compound(self.node(id)) || bare)
                }
                Task::Left(id, op) => (id, !self.fits_left(id, op)),
            };
            let mut parts = Vec::new();
            self.parts(id, &mut parts);
            if parens {
                parts.insert(0, Task::Text("("));
                parts.push(Task::Text(")"));
            }
            tasks.extend(parts.into_iter().rev());
        }
        Ok(())
    }
}

/// Whether a node needs parentheses to be one operand.
fn compound(node: &Node) -> bool {
    matches!(
        node,
        Node::Unary(..)
            | Node::Binary { .. }
            | Node::Chained { .. }
            | Node::Ternary { .. }
            | Node::If { .. }
            | Node::Let { .. }
            | Node::Sequence(_)
            | Node::Call { form: CallForm::Piped, .. }
    )
}

impl Ast {
    /// Whether a node may stand left of an operator, or of a pipe, without parentheses.
    fn fits_left(&self, id: NodeId, op: BinaryOp) -> bool {
        match self.node(id) {
            Node::Binary { op: inner, .. } => {
                let mixed = *inner == BinaryOp::Coalesce || op == BinaryOp::Coalesce;
                let chains = inner.is_ordering() && op.is_ordering();
                *inner == op && !chains && op != BinaryOp::Power || !mixed && inner.precedence() > op.precedence()
            }
            node => !compound(node),
        }
    }

    fn parts(&self, id: NodeId, out: &mut Vec<Task>) {
        match self.node(id) {
            Node::Nil => out.push(Task::Text("nil")),
            Node::Bool(value) => out.push(Task::Text(if *value { "true" } else { "false" })),
            Node::Int(value) => out.push(Task::Owned(value.to_string())),
            Node::Float(value) => out.push(Task::Owned(format!("{value:?}"))),
            Node::Text(text) => out.push(Task::Owned(quoted(text))),
            Node::Bytes(bytes) => {
                let body: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
                out.push(Task::Owned(format!("b\"{body}\"")));
            }
            Node::Name(name) => out.push(Task::Owned(name.to_string())),
            Node::Pointer(name) => out.push(Task::Owned(format!("#{name}"))),
            Node::Unary(op, operand) => {
                out.push(Task::Text(if *op == UnaryOp::Not { "not " } else { op.text() }));
                out.push(Task::Operand(*operand));
            }
            Node::Binary { op, left, right, negated } => {
                out.push(Task::Left(*left, *op));
                out.push(Task::Text(if *negated { " not " } else { " " }));
                out.push(Task::Text(op.text()));
                out.push(Task::Text(" "));
                out.push(Task::Operand(*right));
            }
            Node::Chained { first, rest } => {
                out.push(Task::Operand(*first));
                for (op, operand) in rest {
                    out.push(Task::Owned(format!(" {} ", op.text())));
                    out.push(Task::Operand(*operand));
                }
            }
            Node::Member { base, name, optional } => {
                out.push(Task::Base(*base));
                out.push(Task::Owned(format!("{}{name}", if *optional { "?." } else { "." })));
            }
            Node::Index { base, index, optional } => {
                out.push(Task::Base(*base));
                out.push(Task::Text(if *optional { "?.[" } else { "[" }));
                out.push(Task::Full(*index));
                out.push(Task::Text("]"));
            }
            Node::Slice { base, from, to } => {
                out.push(Task::Base(*base));
                out.push(Task::Text("["));
                out.extend(from.map(Task::Operand));
                // The blank keeps the colon apart from an end that begins with `::`.
                out.push(Task::Text(if to.is_some() { ": " } else { ":" }));
                out.extend(to.map(Task::Operand));
                out.push(Task::Text("]"));
            }
            Node::Chain(inner) => out.push(Task::Sequence(*inner)),
            Node::Call { name, arguments, form } => {
                let mut rest = arguments.as_slice();
                match (form, arguments.split_first()) {
                    (CallForm::Piped, Some((first, others))) => {
                        out.push(if matches!(self.node(*first), Node::Call { .. }) {
                            Task::Sequence(*first)
                        } else {
                            Task::Operand(*first)
                        });
                        out.push(Task::Text(" | "));
                        rest = others;
                    }
                    (CallForm::Builtin, _) => out.push(Task::Text("::")),
                    _ => {}
                }
                out.push(Task::Owned(format!("{name}(")));
                arguments_of(rest, out);
            }
            Node::Method { callee, arguments } => {
                out.push(Task::Sequence(*callee));
                out.push(Task::Text("("));
                arguments_of(arguments, out);
            }
            Node::Predicate { body, braced: true } => {
                out.push(Task::Text("{"));
                out.push(Task::Sequence(*body));
                out.push(Task::Text("}"));
            }
            Node::Predicate { body, braced: false } => {
                // A brace would open a block.
                let map = self.begins_with_map(*body);
                out.extend(map.then_some(Task::Text("(")));
                out.push(Task::Full(*body));
                out.extend(map.then_some(Task::Text(")")));
            }
            Node::Ternary { condition, then, otherwise } => {
                out.push(Task::Operand(*condition));
                out.push(Task::Text(if then.is_some() { " ? " } else { " ?: " }));
                if let Some(then) = then {
                    out.push(Task::Operand(*then));
                    out.push(Task::Text(" : "));
                }
                out.push(Task::Full(*otherwise));
            }
            Node::If { condition, then, otherwise } => {
                out.push(Task::Text("if "));
                out.push(Task::Operand(*condition));
                out.push(Task::Text(" {"));
                out.push(Task::Sequence(*then));
                out.push(Task::Text("} else {"));
                out.push(Task::Sequence(*otherwise));
                out.push(Task::Text("}"));
            }
            Node::Let { name, value, body } => {
                out.push(Task::Owned(format!("let {name} = ")));
                out.push(Task::Operand(*value));
                out.push(Task::Text("; "));
                out.push(Task::Sequence(*body));
            }
            Node::Sequence(items) => {
                for (at, item) in items.iter().enumerate() {
                    out.extend((at > 0).then_some(Task::Text("; ")));
                    // Only the last may be a `let`, which takes the rest of the sequence.
                    let last = at + 1 == items.len();
                    out.push(if last { Task::Full(*item) } else { Task::Operand(*item) });
                }
            }
            Node::List(items) => {
                out.push(Task::Text("["));
                for (at, item) in items.iter().enumerate() {
                    out.extend((at > 0).then_some(Task::Text(", ")));
                    out.push(Task::Full(*item));
                }
                out.push(Task::Text("]"));
            }
            Node::Map(pairs) => {
                out.push(Task::Text("{"));
                for (at, (key, value)) in pairs.iter().enumerate() {
                    out.extend((at > 0).then_some(Task::Text(", ")));
                    if matches!(self.node(*key), Node::Text(_)) {
                        out.push(Task::Full(*key));
                    } else {
                        out.push(Task::Text("("));
                        out.push(Task::Full(*key));
                        out.push(Task::Text(")"));
                    }
                    out.push(Task::Text(": "));
                    out.push(Task::Full(*value));
                }
                out.push(Task::Text("}"));
            }
        }
    }

    /// Whether the text of a node begins with `{`.
    fn begins_with_map(&self, mut id: NodeId) -> bool {
        loop {
            id = match self.node(id) {
                Node::Map(_) => return true,
                Node::Binary { left: next, .. }
                | Node::Chained { first: next, .. }
                | Node::Member { base: next, .. }
                | Node::Index { base: next, .. }
                | Node::Slice { base: next, .. }
                | Node::Chain(next)
                | Node::Ternary { condition: next, .. }
                | Node::Method { callee: next, .. } => *next,
                Node::Call { arguments, form: CallForm::Piped, .. } => match arguments.first() {
                    Some(first) => *first,
                    None => return false,
                },
                _ => return false,
            };
        }
    }
}

fn arguments_of(arguments: &[NodeId], out: &mut Vec<Task>) {
    for (at, argument) in arguments.iter().enumerate() {
        out.extend((at > 0).then_some(Task::Text(", ")));
        out.push(Task::Full(*argument));
    }
    out.push(Task::Text(")"));
}

/// A text literal.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
