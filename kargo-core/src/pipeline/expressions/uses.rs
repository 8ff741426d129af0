//! What an expression does with names and functions, and whether each run gets there.

use std::sync::Arc;

use crate::expr::{Ast, BinaryOp, CallForm, Node, NodeId};

/// A name of the environment and the members taken of it.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) root: Arc<str>,
    pub(super) id: NodeId,
    pub(super) links: Vec<Link>,
    /// Whether each run evaluates it.
    pub(super) certain: bool,
}

/// One member.
#[derive(Debug)]
pub(super) struct Link {
    /// `None` where the name is only known in a run.
    pub(super) name: Option<Arc<str>>,
    pub(super) id: NodeId,
    /// The node that says the name.
    pub(super) said_by: NodeId,
    /// After `?.`
    pub(super) optional: bool,
}

/// A call of a function.
#[derive(Debug)]
pub(super) struct FunctionCall {
    pub(super) name: Arc<str>,
    pub(super) id: NodeId,
    pub(super) arguments: Vec<NodeId>,
    /// Whether it was written with `::`.
    pub(super) builtin: bool,
    /// Whether each run evaluates it.
    pub(super) certain: bool,
    /// Whether the expression says what happens if the answer is nil: `?.`, `??`, or a comparison to nil.
    pub(super) guarded: bool,
}

/// What an expression does.
#[derive(Debug, Default)]
pub(super) struct Uses {
    pub(super) chains: Vec<Chain>,
    pub(super) calls: Vec<FunctionCall>,
    /// The operands of each `==` and `!=`.
    pub(super) comparisons: Vec<(NodeId, NodeId, NodeId)>,
}

enum Task {
    /// A node, and whether each run evaluates it.
    Visit(NodeId, bool),
    Bind(Arc<str>),
    Unbind,
}

impl Uses {
    /// All of an expression.
    pub(super) fn of(ast: &Ast) -> Self {
        let mut uses = Self::default();
        let mut bound: Vec<Arc<str>> = Vec::new();
        let mut tasks = vec![Task::Visit(ast.root(), true)];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Bind(name) => bound.push(name),
                Task::Unbind => {
                    bound.pop();
                }
                Task::Visit(id, certain) => uses.visit(ast, id, certain, &bound, &mut tasks),
            }
        }
        uses.guard(ast);
        uses
    }

    /// Finds the calls whose answer may be nil by intent, and those that ask the same.
    fn guard(&mut self, ast: &Ast) {
        let bare = |mut id: NodeId| {
            while let Node::Chain(inner) = ast.node(id) {
                id = *inner;
            }
            id
        };
        let is_nil = |id: NodeId| matches!(ast.node(id), Node::Nil);
        let mut guarded = Vec::new();
        for node in ast.nodes() {
            match node {
                Node::Member { base, optional: true, .. } | Node::Index { base, optional: true, .. } => {
                    guarded.push(bare(*base));
                }
                Node::Binary { op: BinaryOp::Coalesce, left, .. } => guarded.push(bare(*left)),
                Node::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual, left, right, .. } => {
                    guarded.extend(is_nil(*right).then_some(*left));
                    guarded.extend(is_nil(*left).then_some(*right));
                }
                _ => {}
            }
        }
        let question = |call: &FunctionCall| {
            let arguments: Vec<Node> = call.arguments.iter().map(|id| ast.node(*id).clone()).collect();
            (Arc::clone(&call.name), arguments)
        };
        let asked: Vec<_> = self.calls.iter().filter(|call| guarded.contains(&call.id)).map(question).collect();
        for call in &mut self.calls {
            call.guarded = asked.contains(&question(call));
        }
    }

    fn visit(&mut self, ast: &Ast, id: NodeId, certain: bool, bound: &[Arc<str>], tasks: &mut Vec<Task>) {
        match ast.node(id) {
            Node::Name(_) | Node::Member { .. } | Node::Index { .. } | Node::Chain(_) => {
                self.chain(ast, id, certain, bound, tasks);
            }
            Node::Method { callee, arguments } => {
                self.chain(ast, *callee, certain, bound, tasks);
                // A nil before `?.` leaves out the arguments.
                let certain = certain && !is_optional(ast, *callee);
                tasks.extend(arguments.iter().map(|id| Task::Visit(*id, certain)));
            }
            Node::Call { name, arguments, form } => {
                let builtin = *form == CallForm::Builtin;
                let call = FunctionCall {
                    name: Arc::clone(name),
                    id,
                    arguments: arguments.clone(),
                    builtin,
                    certain,
                    guarded: false,
                };
                self.calls.push(call);
                tasks.extend(arguments.iter().map(|id| Task::Visit(*id, certain)));
            }
            Node::Binary { op: BinaryOp::And | BinaryOp::Or, left, right, .. } => {
                // With a literal on one side the other is not evaluated at all (promotion-engine 6.6).
                let left_certain = certain && !has_literal_truth(ast, *right);
                tasks.extend([Task::Visit(*left, left_certain), Task::Visit(*right, false)]);
            }
            Node::Binary { op: BinaryOp::Coalesce, left, right, .. } => {
                tasks.extend([Task::Visit(*left, certain), Task::Visit(*right, false)]);
            }
            Node::Binary { op, left, right, .. } => {
                if matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) {
                    self.comparisons.push((id, *left, *right));
                }
                tasks.extend([Task::Visit(*left, certain), Task::Visit(*right, certain)]);
            }
            Node::Chained { first, rest } => {
                let all = [*first].into_iter().chain(rest.iter().map(|(_, id)| *id));
                tasks.extend(all.enumerate().map(|(at, id)| Task::Visit(id, certain && at < 2)));
            }
            Node::Predicate { body, .. } => tasks.push(Task::Visit(*body, false)),
            Node::Ternary { condition, then, otherwise } => {
                tasks.push(Task::Visit(*condition, certain));
                tasks.extend(then.iter().chain([otherwise]).map(|id| Task::Visit(*id, false)));
            }
            Node::If { condition, then, otherwise } => tasks.extend([
                Task::Visit(*condition, certain),
                Task::Visit(*then, false),
                Task::Visit(*otherwise, false),
            ]),
            Node::Let { name, value, body } => tasks.extend([
                Task::Unbind,
                Task::Visit(*body, certain),
                Task::Bind(Arc::clone(name)),
                Task::Visit(*value, certain),
            ]),
            node => tasks.extend(node.children().into_iter().map(|id| Task::Visit(id, certain))),
        }
    }

    /// Members from the outermost down to what they are taken of.
    fn chain(&mut self, ast: &Ast, mut id: NodeId, certain: bool, bound: &[Arc<str>], tasks: &mut Vec<Task>) {
        let mut links = Vec::new();
        let guarded = certain && !is_optional(ast, id);
        loop {
            match ast.node(id) {
                Node::Chain(inner) => id = *inner,
                Node::Member { base, name, optional } => {
                    links.push(Link { name: Some(Arc::clone(name)), id, said_by: id, optional: *optional });
                    id = *base;
                }
                Node::Index { base, index, optional } => {
                    let name = if let Node::Text(text) = ast.node(*index) { Some(Arc::clone(text)) } else { None };
                    if name.is_none() {
                        tasks.push(Task::Visit(*index, guarded));
                    }
                    links.push(Link { name, id, said_by: *index, optional: *optional });
                    id = *base;
                }
                _ => break,
            }
        }
        links.reverse();
        let Node::Name(name) = ast.node(id) else {
            if !matches!(ast.node(id), Node::Pointer(_)) {
                tasks.push(Task::Visit(id, certain));
            }
            return;
        };
        if bound.contains(name) {
            return;
        }
        let mut chain = Chain { root: Arc::clone(name), id, links, certain };
        if &**name == "$env" {
            let Some(first) = (!chain.links.is_empty()).then(|| chain.links.remove(0)) else { return };
            let Some(root) = first.name else { return };
            (chain.root, chain.id) = (root, first.said_by);
        }
        self.chains.push(chain);
    }
}

/// Whether a `?.` stands in a chain.
fn is_optional(ast: &Ast, mut id: NodeId) -> bool {
    loop {
        match ast.node(id) {
            Node::Member { optional: true, .. } | Node::Index { optional: true, .. } => return true,
            Node::Member { base: next, .. } | Node::Index { base: next, .. } | Node::Chain(next) => id = *next,
            _ => return false,
        }
    }
}

fn has_literal_truth(ast: &Ast, id: NodeId) -> bool {
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        let node = ast.node(id);
        if matches!(node, Node::Bool(_)) {
            return true;
        }
        open.extend(node.children());
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Functions, Program};

    fn shown(source: &str) -> String {
        let program = Program::compile(source, &Functions::new()).unwrap();
        let uses = Uses::of(program.ast());
        let mut out: Vec<_> = uses
            .chains
            .iter()
            .map(|chain| {
                let links: Vec<_> = chain
                    .links
                    .iter()
                    .map(|link| {
                        format!("{}{}", if link.optional { "?" } else { "." }, link.name.as_deref().unwrap_or("*"))
                    })
                    .collect();
                format!("{}{}{}", chain.root, links.concat(), if chain.certain { "" } else { " maybe" })
            })
            .chain(uses.calls.iter().map(|call| format!("{}(){}", call.name, if call.certain { "" } else { " maybe" })))
            .collect();
        out.sort();
        out.join(", ")
    }

    #[test]
    fn promotion_engine_6_5_6_6_what_each_run_evaluates() {
        for (source, wanted) in [
            ("a.b?.c['d'].e", "a.b?c.d.e"),
            ("a[b.c]", "a.*, b.c"),
            ("a?.[b]", "a?*, b maybe"),
            ("(a ?? b.c).d", "a, b.c maybe"),
            ("a.x and b.y", "a.x, b.y maybe"),
            ("a.x and (b.y or true)", "a.x maybe, b.y maybe"),
            ("a ? b : c", "a, b maybe, c maybe"),
            ("if a { b } else { c }", "a, b maybe, c maybe"),
            ("a < b < c", "a, b, c maybe"),
            ("let v = a.b; v.c + w", "a.b, w"),
            ("let v = a.b; let w = v; w.c.d", "a.b"),
            ("map(xs, #.a + .b + c.d)", "c.d maybe, map(), xs"),
            ("$env.a.b + $env['c']", "a.b, c"),
            ("keys($env)", "keys()"),
            ("a.b.Format(c.d)", "a.b.Format, c.d"),
            ("a?.Format(c.d)", "a?Format, c.d maybe"),
            ("f(g(1))", "f(), g()"),
            ("[a.b, {k: c.d}, -e]", "a.b, c.d, e"),
        ] {
            assert_eq!(shown(source), wanted, "{source}");
        }
    }
}
