//! What a program can read of its environment, and an environment cut down to that (rules 2).

use std::{collections::BTreeSet, sync::Arc};

use super::{
    ast::{Ast, Node, NodeId},
    program::Program,
    value::{Env, Map, Value},
};

/// How many links of a path are told apart; what lies deeper is kept whole.
const LINKS: usize = 16;

type Path = Vec<Arc<str>>;

/// The names that programs can read, each with the constant members behind it: `vars.a`, `outputs["x"].y`.
///
/// A program answers the same over [`Reads::prune`] of an environment as over the whole:
///
/// ```
/// use kargo_core::expr::{Functions, Program, Value};
/// use serde_json::json;
///
/// let program = Program::compile("outputs.push.commit + vars[ctx.stage]", &Functions::new())?;
/// let env = Value::from_json(&json!({
///     "ctx": {"stage": "uat", "project": "shop"},
///     "outputs": {"push": {"commit": "9c1d", "branch": "main"}, "clone": {}},
///     "vars": {"uat": "-eu"},
///     "task": {},
/// }))?;
/// let pruned = program.reads().prune(&env.as_map().unwrap().to_env());
/// assert_eq!(
///     Value::map(pruned)?.to_json()?,
///     json!({"ctx": {"stage": "uat"}, "outputs": {"push": {"commit": "9c1d"}}, "vars": {"uat": "-eu"}})
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    everything: bool,
    paths: BTreeSet<Path>,
}

impl Reads {
    /// Adds what another program reads.
    pub fn merge(&mut self, other: &Self) {
        self.everything |= other.everything;
        self.paths.extend(other.paths.iter().cloned());
    }

    /// Whether nothing can be left out, as with `keys($env)`.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether the top-level name is read at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.everything || self.paths.iter().any(|path| path.first().is_some_and(|first| &**first == name))
    }

    /// The paths, each from a top-level name on, in order.
    pub fn paths(&self) -> impl Iterator<Item = &[Arc<str>]> {
        self.paths.iter().map(Vec::as_slice)
    }

    /// The part of `env` that can be read. Maps on the way stay maps of their kind, other values stay whole.
    #[must_use]
    pub fn prune(&self, env: &Env) -> Env {
        if self.everything {
            return env.clone();
        }
        let paths: Vec<&[Arc<str>]> = self.paths().collect();
        pruned(&|name| env.get(name), &paths)
    }
}

/// The entries that the paths, in order, lead to.
fn pruned<'v>(get: &dyn Fn(&str) -> Option<&'v Value>, mut paths: &[&[Arc<str>]]) -> Env {
    let mut out = Env::new();
    while let Some([first, ..]) = paths.first() {
        let count = paths.iter().take_while(|path| path.first() == Some(first)).count();
        let (same, others) = paths.split_at_checked(count).unwrap_or((paths, &[]));
        paths = others;
        let Some(value) = get(first) else { continue };
        let below: Vec<_> = same.iter().map(|path| path.get(1..).unwrap_or_default()).collect();
        let kept = match value {
            Value::Map(map) if !below.iter().any(|path| path.is_empty()) => {
                map.with(pruned(&|name| map.entries().get(name), &below))
            }
            _ => value.clone(),
        };
        out.insert(first.to_string(), kept);
    }
    out
}

impl Map {
    /// A part of this map, of its kind.
    fn with(&self, entries: Env) -> Value {
        let part = if self.is_texts() {
            let texts = entries.iter().filter_map(|(key, value)| Some((key.clone(), value.as_text()?.to_owned())));
            Ok(Value::text_map(texts))
        } else {
            Value::map(entries)
        };
        // A part is no deeper than the whole.
        part.unwrap_or_default()
    }
}

impl Program {
    /// What the program can read of its environment.
    #[must_use]
    pub fn reads(&self) -> Reads {
        Walk { ast: self.ast(), names: Vec::new(), tasks: Vec::new(), found: Reads::default() }.run()
    }
}

enum Task {
    /// A node, and the members that are taken of its value, the last one first.
    Visit(NodeId, Path),
    Bind(Arc<str>),
    Unbind,
}

struct Walk<'a> {
    ast: &'a Ast,
    /// Names of `let`, which hide those of the environment.
    names: Vec<Arc<str>>,
    tasks: Vec<Task>,
    found: Reads,
}

impl Walk<'_> {
    fn run(mut self) -> Reads {
        self.tasks.push(Task::Visit(self.ast.root(), Path::new()));
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Visit(id, members) => self.visit(id, members),
                Task::Bind(name) => self.names.push(name),
                Task::Unbind => {
                    self.names.pop();
                }
            }
        }
        self.found
    }

    fn whole(&mut self, ids: impl IntoIterator<Item = NodeId>) {
        self.tasks.extend(ids.into_iter().map(|id| Task::Visit(id, Path::new())));
    }

    /// The same members are taken of either value.
    fn either(&mut self, ids: [NodeId; 2], members: &[Arc<str>]) {
        let [one, other] = ids;
        let shared = members.get(members.len().saturating_sub(LINKS)..).unwrap_or_default().to_vec();
        self.tasks.extend([Task::Visit(one, shared.clone()), Task::Visit(other, shared)]);
    }

    fn visit(&mut self, id: NodeId, mut members: Path) {
        let ast = self.ast;
        match ast.node(id) {
            Node::Name(name) => self.name(name, &members),
            Node::Member { base, name, .. } => {
                members.push(Arc::clone(name));
                self.tasks.push(Task::Visit(*base, members));
            }
            Node::Index { base, index, .. } => {
                if let Node::Text(name) = ast.node(*index) {
                    members.push(Arc::clone(name));
                    self.tasks.push(Task::Visit(*base, members));
                } else {
                    self.whole([*base, *index]);
                }
            }
            Node::Chain(inner) => self.tasks.push(Task::Visit(*inner, members)),
            Node::Method { callee, arguments } => {
                if let Node::Member { base, .. } = ast.node(*callee) {
                    self.whole([*base]);
                }
                self.whole(arguments.iter().copied());
            }
            Node::Ternary { condition, then: Some(then), otherwise } | Node::If { condition, then, otherwise } => {
                self.whole([*condition]);
                self.either([*then, *otherwise], &members);
            }
            Node::Binary { op: super::ast::BinaryOp::Coalesce, left, right, .. } => {
                self.either([*left, *right], &members)
            }
            Node::Let { name, value, body } => {
                let body = Task::Visit(*body, members);
                self.tasks.extend([Task::Unbind, body, Task::Bind(Arc::clone(name))]);
                self.whole([*value]);
            }
            node => self.whole(node.children()),
        }
    }

    fn name(&mut self, name: &Arc<str>, members: &[Arc<str>]) {
        if self.names.contains(name) {
            return;
        }
        let mut path: Path = if &**name == "$env" { Path::new() } else { vec![Arc::clone(name)] };
        path.extend(members.iter().rev().cloned());
        path.truncate(LINKS);
        if path.is_empty() {
            self.found.everything = true;
        } else {
            self.found.paths.insert(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Functions;

    fn reads(source: &str) -> Vec<String> {
        let reads = Program::compile(source, &Functions::new()).unwrap().reads();
        let mut out: Vec<_> = reads.paths().map(|path| path.join("/")).collect();
        out.extend(reads.is_everything().then(|| "*".to_owned()));
        out
    }

    /// Rules 2: the longest constant chains, the whole of what is used otherwise.
    #[test]
    fn constant_chains_are_followed() {
        for (source, want) in [
            ("1 + 2", ""),
            ("vars.a", "vars/a"),
            ("outputs['x'].y?.z", "outputs/x/y/z"),
            ("outputs[n].y", "n outputs"),
            ("vars.a.b[0].c", "vars/a/b"),
            ("'k' in vars and vars.a", "vars vars/a"),
            ("let v = vars.a; v.b + w", "vars/a w"),
            ("(let vars = 1; vars) + vars.b", "vars/b"),
            ("(c ? vars : outputs).x", "c outputs/x vars/x"),
            ("(vars.a ?? vars.b).c", "vars/a/c vars/b/c"),
            ("map(xs, {let n = #; n.a + y.b + .c})", "xs y/b"),
            ("$env.a.b", "a/b"),
            ("$env['odd key']", "odd key"),
            ("keys($env)", "*"),
            ("vars.a.Format(x.y)", "vars/a x/y"),
            ("{vars: 1, (k): w}.vars", "k w"),
            ("x | len() | max(y.z)", "x y/z"),
            ("a < b.c < d", "a b/c d"),
        ] {
            assert_eq!(reads(source).join(" "), want, "{source}");
        }
    }

    #[test]
    fn long_chains_are_cut() {
        let long = format!("a{}", ".b".repeat(4_000));
        assert_eq!(reads(&long), [format!("a{}", "/b".repeat(LINKS - 1))]);
    }

    #[test]
    fn two_programs_read_what_each_reads() {
        let mut both = Program::compile("vars.a", &Functions::new()).unwrap().reads();
        both.merge(&Program::compile("vars.b + ctx", &Functions::new()).unwrap().reads());
        let env = Value::from_json(&serde_json::json!({"vars": {"a": 1, "b": 2, "c": 3}, "task": 4})).unwrap();
        let Value::Map(env) = env else { panic!("a map") };
        assert_eq!(Value::map(both.prune(&env.entries().to_env())).unwrap().to_string(), "map[vars:map[a:1 b:2]]");
        assert!(both.has("ctx") && !both.has("task"));
    }

    /// A missing name of a text map stays the empty text.
    #[test]
    fn text_maps_stay_such() {
        let env = Env::from([("labels".to_owned(), Value::text_map([("a".to_owned(), "b".to_owned())]))]);
        let program = Program::compile("labels.nope + labels.a", &Functions::new()).unwrap();
        let value = program.run(&program.reads().prune(&env), chrono::DateTime::default());
        assert_eq!(value.unwrap(), Value::from("b"));
    }
}
