//! From the tree to code, and on the way the checks before a run. What is to do is kept in a list, not on the stack.

use std::sync::Arc;

use super::{
    ast::{Ast, BinaryOp, CallForm, Node, NodeId, UnaryOp},
    builtins, check,
    code::{Label, Op},
    error::{ExprError, Operand, Problem},
    extent::extent,
    fold,
    functions::Functions,
    pattern,
    predicate::Kind,
    program::Program,
    types::Type,
    value::Value,
};

/// Checks the tree and makes its code.
pub(super) fn compile(source: &str, ast: Ast, functions: &Functions) -> Result<Program, ExprError> {
    let count = ast.nodes.len();
    let mut compiler = Compiler {
        source,
        ast: &ast,
        functions,
        tasks: vec![Task::Visit(ast.root)],
        types: vec![Type::Any; count],
        constant: vec![false; count],
        code: Vec::new(),
        places: Vec::new(),
        labels: Vec::new(),
        names: Vec::new(),
        slots: 0,
        chains: Vec::new(),
        scopes: Vec::new(),
        blamed: None,
        operands: None,
    };
    while let Some(task) = compiler.tasks.pop() {
        if let Err((problem, at)) = compiler.step(task) {
            let operand = |(id, kind)| Operand { range: extent(source, &ast, id), kind };
            let operands = compiler.operands.map(|both| both.map(operand));
            return Err(ExprError::new(problem, source, at).with_operands(operands));
        }
    }
    let Compiler { mut code, places, labels, slots, types, .. } = compiler;
    for op in &mut code {
        if let Op::Jump(label)
        | Op::JumpIfFalse(label)
        | Op::JumpIfFalseKeep(label)
        | Op::JumpIfTrueKeep(label)
        | Op::JumpUnlessNilKeep(label)
        | Op::JumpIfNilKeep(label)
        | Op::Next(label) = op
        {
            *label = labels.get(*label).copied().unwrap_or(usize::MAX);
        }
    }
    let result = types.get(ast.root as usize).copied().unwrap_or(Type::Any);
    Ok(Program { source: source.to_owned(), code, places, variables: slots, result, ast })
}

type Located = (Problem, usize);

enum Task {
    Visit(NodeId),
    Emit(Op, usize),
    Place(Label),
    /// The children's code is there.
    Done(NodeId),
    /// Drops code that was made only to be checked.
    Rewind(usize),
    Condition(NodeId),
    OpenName {
        id: NodeId,
        name: Arc<str>,
        value: NodeId,
    },
    CloseName,
    OpenScope {
        list: NodeId,
        call: NodeId,
        kind: Kind,
        second: Option<NodeId>,
    },
    CloseScope {
        call: NodeId,
        body: NodeId,
        kind: Kind,
    },
    CloseChain,
    /// The type of a node is that of another.
    Same(NodeId, NodeId),
}

struct Scope {
    /// What is gone over.
    list: Type,
    element: Type,
    kind: Kind,
    end: Label,
    start: Label,
}

struct Compiler<'a> {
    source: &'a str,
    ast: &'a Ast,
    functions: &'a Functions,
    tasks: Vec<Task>,
    types: Vec<Type>,
    /// Nodes whose code is one constant.
    constant: Vec<bool>,
    code: Vec<Op>,
    places: Vec<usize>,
    labels: Vec<usize>,
    names: Vec<(Arc<str>, usize, Type)>,
    slots: usize,
    chains: Vec<Label>,
    scopes: Vec<Scope>,
    /// The place of the argument that is to blame, if one is.
    blamed: Option<usize>,
    /// The operands whose types do not fit, if that is the problem.
    operands: Option<[(NodeId, String); 2]>,
}

impl Compiler<'_> {
    fn label(&mut self) -> Label {
        self.labels.push(usize::MAX);
        self.labels.len() - 1
    }

    fn emit(&mut self, op: Op, at: usize) {
        self.code.push(op);
        self.places.push(at);
    }

    fn kind(&self, id: NodeId) -> Type {
        self.types.get(id as usize).copied().unwrap_or(Type::Any)
    }

    fn set(&mut self, id: NodeId, kind: Type) {
        if let Some(place) = self.types.get_mut(id as usize) {
            *place = kind;
        }
    }

    fn is_constant(&self, id: NodeId) -> bool {
        self.constant.get(id as usize).copied().unwrap_or(false)
    }

    /// Puts tasks so that the first is done first.
    fn plan(&mut self, tasks: impl IntoIterator<Item = Task, IntoIter: DoubleEndedIterator>) {
        self.tasks.extend(tasks.into_iter().rev());
    }

    fn step(&mut self, task: Task) -> Result<(), Located> {
        match task {
            Task::Visit(id) => return self.visit(id),
            Task::Emit(op, at) => self.emit(op, at),
            Task::Place(label) => {
                let here = self.code.len();
                if let Some(place) = self.labels.get_mut(label) {
                    *place = here;
                }
            }
            Task::Done(id) => {
                return self.done(id).map_err(|problem| (problem, self.blamed.unwrap_or(self.ast.offset(id))));
            }
            Task::Rewind(length) => {
                self.code.truncate(length);
                self.places.truncate(length);
            }
            Task::Condition(id) => {
                check::condition(self.kind(id)).map_err(|problem| (problem, self.ast.offset(id)))?;
            }
            Task::OpenName { id, name, value } => return self.open_name(id, &name, value),
            Task::CloseName => {
                self.names.pop();
            }
            Task::OpenScope { list, call, kind, second } => return self.open_scope(list, call, kind, second),
            Task::CloseScope { call, body, kind } => return self.close_scope(call, body, kind),
            Task::CloseChain => {
                if let Some(label) = self.chains.pop() {
                    self.tasks.push(Task::Place(label));
                }
            }
            Task::Same(id, other) => self.set(id, self.kind(other)),
        }
        Ok(())
    }

    fn literal(&mut self, id: NodeId, value: Value, kind: Type) {
        self.emit(Op::Const(value), self.ast.offset(id));
        self.set(id, kind);
        if let Some(constant) = self.constant.get_mut(id as usize) {
            *constant = true;
        }
    }

    fn visit(&mut self, id: NodeId) -> Result<(), Located> {
        let ast = self.ast;
        let at = ast.offset(id);
        match ast.node(id) {
            Node::Nil => self.literal(id, Value::Null, Type::Nil),
            Node::Bool(value) => self.literal(id, Value::Bool(*value), Type::Bool),
            Node::Int(value) => self.literal(id, Value::Int(*value), Type::Int),
            Node::Float(value) => self.literal(id, Value::Float(*value), Type::Float),
            Node::Text(text) => self.literal(id, Value::Text(Arc::clone(text)), Type::Text),
            Node::Bytes(bytes) => self.literal(id, Value::Bytes(Arc::clone(bytes)), Type::Bytes),
            Node::Name(name) => {
                let found = self.names.iter().rev().find(|(known, ..)| known == name).cloned();
                let op = match found {
                    Some((_, slot, kind)) => {
                        self.set(id, kind);
                        Op::Var(slot)
                    }
                    None if &**name == "$env" => {
                        self.set(id, Type::Any);
                        Op::EnvMap
                    }
                    None => Op::Env(Arc::clone(name)),
                };
                self.emit(op, at);
            }
            Node::Pointer(name) => {
                let unknown = (Problem::UnknownPointer { name: name.to_string() }, at);
                let Some(scope) = self.scopes.last() else { return Err(unknown) };
                let (op, kind) = match (&**name, scope.kind) {
                    ("", _) => (Op::Element, scope.element),
                    ("index", Kind::Map | Kind::Reduce) => (Op::Position, Type::Int),
                    ("acc", Kind::Reduce) => (Op::Accumulator, Type::Any),
                    _ => return Err(unknown),
                };
                self.emit(op, at);
                self.set(id, kind);
            }
            Node::Unary(_, operand) => self.plan([Task::Visit(*operand), Task::Done(id)]),
            Node::Binary { op, left, right, .. } => self.visit_binary(id, *op, *left, *right),
            Node::Chained { first, rest } => {
                let end = self.label();
                let mut tasks = vec![Task::Visit(*first)];
                for (position, (op, operand)) in rest.iter().enumerate() {
                    tasks.push(Task::Visit(*operand));
                    tasks.push(Task::Emit(Op::Compare(*op), ast.link(id, position)));
                    if position + 1 < rest.len() {
                        tasks.push(Task::Emit(Op::JumpIfFalseKeep(end), at));
                        tasks.push(Task::Emit(Op::Pop, at));
                    }
                }
                tasks.extend([Task::Place(end), Task::Emit(Op::Nip, at), Task::Done(id)]);
                self.plan(tasks);
            }
            Node::Member { base, optional, .. } => {
                let link = self.link(*optional, at);
                self.plan([Some(Task::Visit(*base)), link, Some(Task::Done(id))].into_iter().flatten());
            }
            Node::Index { base, index, optional } => {
                let link = self.link(*optional, at);
                let tasks = [Some(Task::Visit(*base)), link, Some(Task::Visit(*index)), Some(Task::Done(id))];
                self.plan(tasks.into_iter().flatten());
            }
            Node::Slice { base, from, to } => {
                let tasks = [Some(*base), *from, *to].into_iter().flatten().map(Task::Visit).chain([Task::Done(id)]);
                self.plan(tasks.collect::<Vec<_>>());
            }
            Node::Chain(inner) => {
                let label = self.label();
                self.chains.push(label);
                self.plan([Task::Visit(*inner), Task::CloseChain, Task::Done(id)]);
            }
            Node::Call { name, arguments, form } => return self.visit_call(id, name, arguments, *form),
            Node::Method { callee, arguments } => {
                let Node::Member { base, optional, .. } = ast.node(*callee) else {
                    return Err((Problem::NotCallable { found: "this".to_owned() }, at));
                };
                let link = self.link(*optional, at);
                let mut tasks = vec![Task::Visit(*base)];
                tasks.extend(link);
                tasks.extend(arguments.iter().map(|argument| Task::Visit(*argument)));
                tasks.push(Task::Done(id));
                self.plan(tasks);
            }
            Node::Predicate { body, .. } => self.plan([Task::Visit(*body), Task::Same(id, *body)]),
            Node::Ternary { condition, then: None, otherwise } => {
                let end = self.label();
                self.plan([
                    Task::Visit(*condition),
                    Task::Condition(*condition),
                    Task::Emit(Op::JumpIfTrueKeep(end), at),
                    Task::Emit(Op::Pop, at),
                    Task::Visit(*otherwise),
                    Task::Place(end),
                    Task::Done(id),
                ]);
            }
            Node::Ternary { condition, then: Some(then), otherwise } | Node::If { condition, then, otherwise } => {
                let (middle, end) = (self.label(), self.label());
                self.plan([
                    Task::Visit(*condition),
                    Task::Condition(*condition),
                    Task::Emit(Op::JumpIfFalse(middle), at),
                    Task::Visit(*then),
                    Task::Emit(Op::Jump(end), at),
                    Task::Place(middle),
                    Task::Visit(*otherwise),
                    Task::Place(end),
                    Task::Done(id),
                ]);
            }
            Node::Let { name, value, body } => self.plan([
                Task::Visit(*value),
                Task::OpenName { id, name: Arc::clone(name), value: *value },
                Task::Visit(*body),
                Task::CloseName,
                Task::Same(id, *body),
            ]),
            Node::Sequence(items) => {
                let mut tasks = Vec::new();
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        tasks.push(Task::Emit(Op::Pop, at));
                    }
                    tasks.push(Task::Visit(*item));
                }
                tasks.extend(items.last().map(|last| Task::Same(id, *last)));
                self.plan(tasks);
            }
            Node::List(items) => {
                let tasks: Vec<_> = items.iter().map(|item| Task::Visit(*item)).chain([Task::Done(id)]).collect();
                self.plan(tasks);
            }
            Node::Map(pairs) => {
                let pairs = pairs.iter().flat_map(|(key, value)| [Task::Visit(*key), Task::Visit(*value)]);
                self.plan(pairs.chain([Task::Done(id)]).collect::<Vec<_>>());
            }
        }
        Ok(())
    }

    fn link(&self, optional: bool, at: usize) -> Option<Task> {
        let label = self.chains.last().filter(|_| optional)?;
        Some(Task::Emit(Op::JumpIfNilKeep(*label), at))
    }

    /// The operators that do not simply evaluate both sides, and what folding makes of them (promotion-engine 6.6).
    fn visit_binary(&mut self, id: NodeId, op: BinaryOp, left: NodeId, right: NodeId) {
        let at = self.ast.offset(id);
        let here = self.code.len();
        let both = [Task::Visit(left), Task::Visit(right), Task::Done(id)];
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let neutral = op == BinaryOp::And;
                let (literal, other) = match (fold::truth(self.ast, left), fold::truth(self.ast, right)) {
                    (_, Some(value)) => (Some((value, right)), left),
                    (Some(value), None) => (Some((value, left)), right),
                    (None, None) => (None, left),
                };
                match literal {
                    Some((value, literal)) if value == neutral => {
                        self.set(literal, Type::Bool);
                        self.plan([Task::Visit(other), Task::Done(id)]);
                    }
                    Some((value, literal)) => {
                        self.set(literal, Type::Bool);
                        let result = Task::Emit(Op::Const(Value::Bool(value)), at);
                        self.plan([Task::Visit(other), Task::Rewind(here), result, Task::Done(id)]);
                    }
                    None => {
                        let end = self.label();
                        let jump = if neutral { Op::JumpIfFalseKeep(end) } else { Op::JumpIfTrueKeep(end) };
                        self.plan([
                            Task::Visit(left),
                            Task::Emit(jump, at),
                            Task::Emit(Op::Pop, at),
                            Task::Visit(right),
                            Task::Place(end),
                            Task::Done(id),
                        ]);
                    }
                }
            }
            BinaryOp::Coalesce => {
                let end = self.label();
                self.plan([
                    Task::Visit(left),
                    Task::Emit(Op::JumpUnlessNilKeep(end), at),
                    Task::Emit(Op::Pop, at),
                    Task::Visit(right),
                    Task::Place(end),
                    Task::Done(id),
                ]);
            }
            _ => self.plan(both),
        }
    }

    fn visit_call(&mut self, id: NodeId, name: &str, arguments: &[NodeId], form: CallForm) -> Result<(), Located> {
        let at = self.ast.offset(id);
        let builtin = form == CallForm::Builtin || !self.functions.has(name);
        let kind = if builtin { Kind::of(name) } else { None };
        let Some(kind) = kind else {
            let tasks: Vec<_> = arguments.iter().map(|item| Task::Visit(*item)).chain([Task::Done(id)]).collect();
            self.plan(tasks);
            return Ok(());
        };
        let (required, most) = kind.arguments();
        if arguments.len() < required {
            return Err((Problem::TooFewArguments { name: name.to_owned() }, at));
        }
        if arguments.len() > most {
            return Err((Problem::TooManyArguments { name: name.to_owned() }, at));
        }
        let Some(list) = arguments.first().copied() else { return Ok(()) };
        // Folding: the sum of a literal list is an addition of its elements.
        if let (Kind::Sum, [_], Node::List(items)) = (kind, arguments, self.ast.node(list))
            && items.len() > 1
            && items.iter().any(|item| !fold::is_literal(self.ast.node(*item)))
        {
            let mut tasks = Vec::new();
            for (position, item) in items.iter().enumerate() {
                tasks.push(Task::Visit(*item));
                if position > 0 {
                    tasks.push(Task::Emit(Op::Binary(BinaryOp::Add), at));
                }
            }
            self.plan(tasks);
            return Ok(());
        }
        let second = arguments.get(2).copied();
        let mut tasks = vec![Task::Visit(list)];
        tasks.extend(second.map(Task::Visit));
        tasks.push(Task::OpenScope { list, call: id, kind, second });
        match arguments.get(1) {
            Some(body) => tasks.extend([Task::Visit(*body), Task::CloseScope { call: id, body: *body, kind }]),
            None => tasks.extend([Task::Emit(Op::Element, at), Task::CloseScope { call: id, body: id, kind }]),
        }
        self.plan(tasks);
        Ok(())
    }

    fn open_scope(&mut self, list: NodeId, call: NodeId, kind: Kind, second: Option<NodeId>) -> Result<(), Located> {
        let found = self.kind(list);
        let element = check::element(kind, found).map_err(|problem| (problem, self.ast.offset(list)))?;
        let (start, end) = (self.label(), self.label());
        let at = self.ast.offset(call);
        self.emit(Op::Begin(kind, second.is_some()), at);
        // The type of a call without a predicate is looked up as that of its body.
        self.set(call, element);
        self.scopes.push(Scope { list: found, element, kind, start, end });
        self.plan([Task::Place(start), Task::Emit(Op::Next(end), at)]);
        Ok(())
    }

    fn close_scope(&mut self, call: NodeId, body: NodeId, kind: Kind) -> Result<(), Located> {
        let Some(scope) = self.scopes.pop() else { return Ok(()) };
        let at = self.ast.offset(call);
        let found = self.kind(body);
        if body != call {
            check::predicate(kind, found).map_err(|problem| (problem, self.ast.offset(body)))?;
        }
        self.set(call, check::gone_over(kind, scope.list, scope.element, found));
        self.plan([
            Task::Emit(Op::Take(kind), at),
            Task::Emit(Op::Jump(scope.start), at),
            Task::Place(scope.end),
            Task::Emit(Op::Finish(kind), at),
        ]);
        Ok(())
    }

    fn open_name(&mut self, id: NodeId, name: &Arc<str>, value: NodeId) -> Result<(), Located> {
        let what = if builtins::find(name).is_some() || Kind::of(name).is_some() {
            Some("builtin")
        } else if self.functions.has(name) {
            Some("function")
        } else if self.names.iter().any(|(known, ..)| known == name) {
            Some("variable")
        } else {
            None
        };
        let at = self.ast.offset(id);
        if let Some(what) = what {
            return Err((Problem::Redeclared { what, name: name.to_string() }, at));
        }
        let slot = self.slots;
        self.slots += 1;
        self.names.push((Arc::clone(name), slot, self.kind(value)));
        self.emit(Op::Store(slot), at);
        Ok(())
    }

    fn done(&mut self, id: NodeId) -> Result<(), Problem> {
        let ast = self.ast;
        let at = ast.offset(id);
        match ast.node(id) {
            Node::Unary(op, operand) => {
                let found = check::unary(*op, self.kind(*operand));
                self.set(id, found.map_err(|problem| self.spelled(problem, at))?);
                match op {
                    UnaryOp::Not => self.emit(Op::Not, at),
                    UnaryOp::Minus => self.emit(Op::Minus, at),
                    UnaryOp::Plus => {}
                }
            }
            Node::Binary { op, left, right, negated } => {
                if let (BinaryOp::Matches, Node::Text(text)) = (op, ast.node(*right)) {
                    pattern::compile(text)?;
                }
                let found = check::binary(*op, self.kind(*left), self.kind(*right));
                self.note_operands(&found, [*left, *right]);
                self.set(id, found.map_err(|problem| self.spelled(problem, at))?);
                self.binary_code(*op, *left, *right, at)?;
                if *negated {
                    self.emit(Op::Not, at);
                }
            }
            Node::Chained { first, rest } => {
                let mut left = *first;
                for (position, (op, right)) in rest.iter().enumerate() {
                    self.blamed = Some(ast.link(id, position));
                    let found = check::binary(*op, self.kind(left), self.kind(*right));
                    self.note_operands(&found, [left, *right]);
                    found?;
                    left = *right;
                }
                self.blamed = None;
                self.set(id, Type::Bool);
            }
            Node::Member { base, name, .. } => {
                self.set(id, check::member(self.kind(*base), name)?);
                self.emit(Op::Member(Arc::clone(name)), at);
            }
            Node::Index { base, index, .. } => {
                let name = if let Node::Text(text) = ast.node(*index) { Some(&**text) } else { None };
                let found = check::index(self.kind(*base), self.kind(*index), name);
                let by_base = matches!(found, Err(Problem::NoIndex { .. } | Problem::NoMember { .. }));
                self.blamed = Some(ast.offset(*index)).filter(|_| !by_base);
                self.set(id, found?);
                self.blamed = None;
                self.emit(Op::Index, at);
            }
            Node::Slice { base, from, to } => {
                let bounds: Vec<_> = [*from, *to].into_iter().flatten().collect();
                let kinds: Vec<_> = bounds.iter().map(|bound| self.kind(*bound)).collect();
                let found = check::slice(self.kind(*base), &kinds);
                let found = self.blame(found, &bounds)?;
                self.set(id, found);
                self.emit(Op::Slice { from: from.is_some(), to: to.is_some() }, at);
            }
            // As the reference has it, which does not ask what a nil link makes of the type.
            Node::Chain(inner) => self.set(id, self.kind(*inner)),
            Node::Call { name, arguments, form } => return self.call_code(id, name, arguments, *form),
            Node::Method { callee, arguments } => {
                let Node::Member { base, name, .. } = ast.node(*callee) else { return Ok(()) };
                let kinds: Vec<_> = arguments.iter().map(|argument| self.kind(*argument)).collect();
                let found = check::method(self.kind(*base), name, &kinds);
                let found = self.blame(found, arguments)?;
                self.set(id, found);
                self.emit(Op::Method(Arc::clone(name), arguments.len()), at);
            }
            Node::Ternary { then, otherwise, .. } => {
                let then = then.map_or(Type::Bool, |then| self.kind(then));
                self.set(id, check::either(then, self.kind(*otherwise)));
            }
            Node::If { then, otherwise, .. } => self.set(id, check::either(self.kind(*then), self.kind(*otherwise))),
            Node::List(items) => return self.list_code(id, items),
            Node::Map(pairs) => {
                for (key, _) in pairs {
                    let kind = self.kind(*key);
                    if !matches!(kind, Type::Any | Type::Text) {
                        return Err(Problem::Conversion { found: kind.to_string(), wanted: "string" });
                    }
                }
                self.emit(Op::Map(pairs.len()), at);
                self.set(id, Type::Map);
            }
            _ => {}
        }
        Ok(())
    }

    /// The problem with the operator as the source writes it: `or`, not `||`.
    fn spelled(&self, problem: Problem, at: usize) -> Problem {
        let here = self.source.get(at..).unwrap_or_default();
        let written = ["or", "and", "^", "!"].into_iter().find(|word| here.starts_with(word));
        match (problem, written) {
            (Problem::Mismatch { left, right, operator: "||" | "&&" | "**" }, Some(operator)) => {
                Problem::Mismatch { operator, left, right }
            }
            (Problem::UnaryMismatch { operand, operator: "not" }, Some(operator)) => {
                Problem::UnaryMismatch { operator, operand }
            }
            (problem, _) => problem,
        }
    }

    /// Remembers the operands whose types do not fit one another.
    fn note_operands(&mut self, found: &Result<Type, Problem>, [left, right]: [NodeId; 2]) {
        if let Err(Problem::Mismatch { left: one, right: other, .. }) = found {
            self.operands = Some([(left, one.clone()), (right, other.clone())]);
        }
    }

    fn binary_code(&mut self, op: BinaryOp, left: NodeId, right: NodeId, at: usize) -> Result<(), Problem> {
        let kind = self.kind(left);
        match (op, self.ast.node(right)) {
            (BinaryOp::Equal | BinaryOp::NotEqual, _)
                if matches!(kind, Type::Int | Type::Text) && kind == self.kind(right) =>
            {
                self.emit(Op::EqualAs(kind), at);
                if op == BinaryOp::NotEqual {
                    self.emit(Op::Not, at);
                }
            }
            (BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce, _) => {}
            (BinaryOp::Matches, Node::Text(text)) => {
                let regex = Arc::new(pattern::compile(text)?);
                self.code.pop();
                self.places.pop();
                self.emit(Op::Matches(regex), at);
            }
            (BinaryOp::In, Node::List(items)) if !items.is_empty() => {
                let texts = items.iter().map(|item| match self.ast.node(*item) {
                    Node::Text(text) => Some(text.to_string()),
                    _ => None,
                });
                match texts.collect::<Option<_>>() {
                    Some(texts) => {
                        self.code.pop();
                        self.places.pop();
                        self.emit(Op::InTexts(Arc::new(texts)), at);
                    }
                    None => self.emit(Op::Binary(op), at),
                }
            }
            _ => self.emit(Op::Binary(op), at),
        }
        Ok(())
    }

    fn blame<T>(&mut self, checked: Result<T, (Problem, Option<usize>)>, arguments: &[NodeId]) -> Result<T, Problem> {
        checked.map_err(|(problem, argument)| {
            let argument = argument.and_then(|at| arguments.get(at));
            self.blamed = argument.map(|id| self.ast.offset(*id));
            problem
        })
    }

    fn list_code(&mut self, id: NodeId, items: &[NodeId]) -> Result<(), Problem> {
        let at = self.ast.offset(id);
        let mut kinds = items.iter().map(|item| self.kind(*item));
        let first = kinds.next().unwrap_or(Type::Any);
        let kind = if kinds.all(|kind| kind == first) { first.list() } else { Type::Any.list() };
        if !items.iter().all(|item| self.is_constant(*item)) {
            self.emit(Op::List(items.len()), at);
            self.set(id, kind);
            return Ok(());
        }
        let start = self.code.len().saturating_sub(items.len());
        self.places.truncate(start);
        let values =
            self.code.drain(start..).filter_map(|op| if let Op::Const(value) = op { Some(value) } else { None });
        let values = Value::list(values.collect())?;
        self.literal(id, values, kind);
        Ok(())
    }

    fn call_code(&mut self, id: NodeId, name: &str, arguments: &[NodeId], form: CallForm) -> Result<(), Problem> {
        let at = self.ast.offset(id);
        let kinds: Vec<_> = arguments.iter().map(|argument| self.kind(*argument)).collect();
        let function = if form == CallForm::Builtin { None } else { self.functions.get(name) };
        if let Some(function) = function {
            let mut checked = Ok(());
            for form in &function.forms {
                checked = check::call(name, &form.parameters, form.required, false, &kinds);
                if checked.is_ok() {
                    break;
                }
            }
            self.blame(checked, arguments)?;
            self.set(id, function.returns);
            self.emit(Op::Call(Arc::new(function.clone()), arguments.len()), at);
            return Ok(());
        }
        let Some(builtin) = builtins::find(name) else {
            self.emit(Op::CallValue, at);
            return Ok(());
        };
        let refused = check::call(name, builtin.parameters, builtin.required, builtin.variadic, &kinds);
        self.blame(refused.map_err(|refused| builtin.as_last_form(refused, &kinds)), arguments)?;
        let found = builtins::check(builtin, &kinds).map_err(|problem| (problem, builtin.blames(&kinds)));
        let found = self.blame(found, arguments)?;
        self.set(id, found);
        self.emit(Op::Builtin(builtin, arguments.len()), at);
        Ok(())
    }
}
