//! The calls of a host's functions that can be made before a program runs (rules 2).

use std::sync::Arc;

use super::{
    ast::{Ast, CallForm, Node, NodeId},
    compile::compile,
    functions::Functions,
    program::Program,
};

/// A call whose arguments depend on the environment alone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClosedCall {
    /// The function.
    pub function: String,
    /// What yields its arguments; errors point into the source of the whole.
    pub arguments: Vec<Program>,
}

impl Program {
    /// The calls of functions of these names that stand in it, inner ones first, whose arguments use neither `#` nor a `let` from outside
    /// of them. A caller can evaluate these ahead and record the answers; not all of them need be reached by a run.
    ///
    /// ```
    /// use kargo_core::expr::{Functions, Program, Type, Value};
    ///
    /// let mut functions = Functions::new();
    /// functions.add("freightStatus", &[Type::Text], 1, Type::Any, |_| Ok(Value::Null));
    /// let program = Program::compile("ctx.ok ? freightStatus(ctx.freight) : map(xs, freightStatus(#))", &functions)?;
    /// let calls = program.calls(&["freightStatus"], &functions);
    /// assert_eq!(calls.len(), 1);
    /// assert_eq!(calls[0].arguments[0].ast().to_string(), "ctx.freight");
    /// # Ok::<(), kargo_core::expr::ExprError>(())
    /// ```
    #[must_use]
    pub fn calls(&self, names: &[&str], functions: &Functions) -> Vec<ClosedCall> {
        let ast = self.ast();
        let mut found = Vec::new();
        let mut walk = Walk::new(ast, ast.root());
        while let Some((id, _)) = walk.next() {
            let Node::Call { name, arguments, form } = ast.node(id) else { continue };
            let wanted = *form != CallForm::Builtin && names.contains(&&**name) && functions.has(name);
            if !wanted || !arguments.iter().all(|argument| is_closed(ast, *argument, &walk.names)) {
                continue;
            }
            let arguments = arguments.iter().map(|argument| self.part(*argument, functions));
            // The parts of what has been compiled compile as well.
            if let Some(arguments) = arguments.collect() {
                found.push((id, ClosedCall { function: name.to_string(), arguments }));
            }
        }
        // Numbers of nodes grow with the text, and from the inside out.
        found.sort_by_key(|(id, _)| *id);
        found.into_iter().map(|(_, call)| call).collect()
    }

    /// The program of one node alone: an operand of the outermost operator, say. Errors point into the source of the whole.
    ///
    /// `None` if there is no such node. What stands inside of a predicate or a `let` loses the meaning of `#` and of the name.
    ///
    /// ```
    /// use kargo_core::expr::{Functions, Node, Program, Value};
    ///
    /// let functions = Functions::new();
    /// let program = Program::compile("2 + 3 == 5", &functions)?;
    /// let Node::Binary { left, .. } = *program.ast().node(program.ast().root()) else { panic!("an operator") };
    /// let part = program.part(left, &functions).unwrap();
    /// assert_eq!(part.ast().to_string(), "2 + 3");
    /// assert_eq!(part.run(&Default::default(), Default::default())?, Value::from(5));
    /// # Ok::<(), kargo_core::expr::ExprError>(())
    /// ```
    #[must_use]
    pub fn part(&self, root: NodeId, functions: &Functions) -> Option<Self> {
        let count = root as usize + 1;
        let nodes = self.ast.nodes.get(..count)?.to_vec();
        let places = self.ast.places.get(..count)?.to_vec();
        let links = self.ast.links.range(..=root).map(|(id, places)| (*id, places.clone())).collect();
        compile(&self.source, Ast { nodes, places, links, root }, functions).ok()
    }
}

fn is_closed(ast: &Ast, root: NodeId, outside: &[Arc<str>]) -> bool {
    let mut walk = Walk::new(ast, root);
    while let Some((id, predicates)) = walk.next() {
        match ast.node(id) {
            Node::Pointer(_) if predicates == 0 => return false,
            Node::Name(name) if outside.contains(name) && !walk.names.contains(name) => return false,
            _ => {}
        }
    }
    true
}

enum Task {
    /// A node, and how many predicates it stands in.
    Visit(NodeId, usize),
    Bind(Arc<str>),
    Unbind,
}

/// All nodes below one, with the names of `let` that hold where each stands.
struct Walk<'a> {
    ast: &'a Ast,
    names: Vec<Arc<str>>,
    tasks: Vec<Task>,
}

impl<'a> Walk<'a> {
    fn new(ast: &'a Ast, root: NodeId) -> Self {
        Self { ast, names: Vec::new(), tasks: vec![Task::Visit(root, 0)] }
    }

    fn next(&mut self) -> Option<(NodeId, usize)> {
        loop {
            match self.tasks.pop()? {
                Task::Bind(name) => self.names.push(name),
                Task::Unbind => {
                    self.names.pop();
                }
                Task::Visit(id, predicates) => {
                    match self.ast.node(id) {
                        Node::Let { name, value, body } => self.tasks.extend([
                            Task::Unbind,
                            Task::Visit(*body, predicates),
                            Task::Bind(Arc::clone(name)),
                            Task::Visit(*value, predicates),
                        ]),
                        Node::Predicate { body, .. } => self.tasks.push(Task::Visit(*body, predicates + 1)),
                        node => self.tasks.extend(node.children().into_iter().map(|id| Task::Visit(id, predicates))),
                    }
                    return Some((id, predicates));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Type, Value};

    fn calls(source: &str) -> Vec<String> {
        let mut functions = Functions::new();
        for name in ["ask", "other"] {
            functions.add(name, &[Type::Any, Type::Any], 0, Type::Any, |_| Ok(Value::Null));
        }
        let calls = Program::compile(source, &functions).unwrap().calls(&["ask", "len"], &functions);
        let text = |call: ClosedCall| {
            let arguments: Vec<_> = call.arguments.iter().map(|argument| argument.ast().to_string()).collect();
            format!("{}({})", call.function, arguments.join(", "))
        };
        calls.into_iter().map(text).collect()
    }

    /// Rules 2: what can be asked ahead.
    #[test]
    fn calls_with_closed_arguments() {
        for (source, want) in [
            ("ask('a') + len(ask(b.c))", r#"ask("a"); ask(b.c)"#),
            ("ask(ask(x), ask(2))", "ask(x); ask(2); ask(ask(x), ask(2))"),
            ("x | ask(1)", "ask(x, 1)"),
            ("map(xs, ask(#))", ""),
            ("map(xs, ask(y))", "ask(y)"),
            ("map(xs, ask(map(y, # + .z)))", "ask(map(y, # + #.z))"),
            ("let v = ask(1); ask(v)", "ask(1)"),
            ("ask((let v = w; v))", "ask(let v = w; v)"),
            ("(let v = 1; v) + ask(v)", "ask(v)"),
            ("other(1)", ""),
            ("a?.b.f(ask(2))", "ask(2)"),
        ] {
            assert_eq!(calls(source).join("; "), want, "{source}");
        }
    }
}
