//! The machine that runs code: one loop, one list of values, no recursion.

use super::{
    budget::Budget,
    code::Op,
    error::{ExprError, Problem},
    functions::{Call, Host},
    operate,
    predicate::{Kind, Loop},
    program::Program,
    value::{Env, Value},
};
use crate::model::Timestamp;

/// One run of one program.
pub(super) struct Machine<'a> {
    program: &'a Program,
    env: &'a Env,
    host: &'a dyn Host,
    budget: Budget,
    stack: Vec<Value>,
    variables: Vec<Value>,
    loops: Vec<Loop>,
    at: usize,
}

impl<'a> Machine<'a> {
    pub(super) fn new(program: &'a Program, env: &'a Env, now: Timestamp, host: &'a dyn Host) -> Self {
        Self {
            program,
            env,
            host,
            budget: Budget::new(now),
            stack: Vec::with_capacity(8),
            variables: vec![Value::Null; program.variables],
            loops: Vec::new(),
            at: 0,
        }
    }

    pub(super) fn run(mut self) -> Result<Value, ExprError> {
        let program = self.program;
        while let Some(op) = program.code.get(self.at) {
            let here = self.at;
            self.at += 1;
            let done = self.budget.steps(1).and_then(|()| self.step(op));
            if let Err(problem) = done {
                let offset = program.places.get(here).copied().unwrap_or(0);
                return Err(ExprError::new(problem, &program.source, offset));
            }
        }
        Ok(self.pop())
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or(Value::Null)
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    fn top(&self) -> &Value {
        self.stack.last().unwrap_or(&Value::Null)
    }

    /// The topmost value, for something that looks at it.
    fn known(&mut self) -> Result<Value, Problem> {
        let value = self.pop();
        value.require().map(|()| value)
    }

    /// The topmost value stays; what it holds does not matter.
    fn top_known(&self) -> Result<&Value, Problem> {
        let value = self.top();
        value.require_top().map(|()| value)
    }

    fn pop_many(&mut self, count: usize) -> Vec<Value> {
        self.stack.split_off(self.stack.len().saturating_sub(count))
    }

    fn step(&mut self, op: &'a Op) -> Result<(), Problem> {
        match op {
            Op::Const(value) => self.push(value.clone()),
            Op::Env(name) => {
                let value = self.env.get(&**name).cloned().unwrap_or(Value::Null);
                self.push(value);
            }
            Op::EnvMap => {
                self.budget.steps(self.env.len() as u64 * 8)?;
                self.push(Value::map(self.env.clone())?);
            }
            Op::Var(slot) => {
                let value = self.variables.get(*slot).cloned().unwrap_or(Value::Null);
                self.push(value);
            }
            Op::Store(slot) => {
                let value = self.pop();
                if let Some(place) = self.variables.get_mut(*slot) {
                    *place = value;
                }
            }
            Op::Pop => {
                self.pop();
            }
            Op::Not => {
                let value = self.known()?;
                let value = operate::truth(&value)?;
                self.push(Value::Bool(!value));
            }
            Op::Minus => {
                let value = operate::minus(&self.known()?)?;
                self.push(value);
            }
            Op::Binary(op) => {
                let right = self.pop();
                let left = self.known()?;
                right.require()?;
                let value = operate::binary(*op, &left, &right, &mut self.budget)?;
                self.push(value);
            }
            Op::EqualAs(kind) => {
                let right = self.pop();
                let left = self.known()?;
                right.require()?;
                self.budget.steps(left.size().weight.min(right.size().weight))?;
                self.push(Value::Bool(operate::equal_as(*kind, &left, &right)?));
            }
            Op::Compare(op) => {
                let right = self.pop();
                let left = self.known()?;
                right.require()?;
                let value = operate::order(*op, &left, &right)?;
                self.push(right);
                self.push(Value::Bool(value));
            }
            Op::Nip => {
                let value = self.pop();
                self.pop();
                self.push(value);
            }
            Op::Matches(regex) => {
                let value = self.known()?;
                self.budget.walk(&value)?;
                self.push(Value::Bool(operate::matches(regex, &value)?));
            }
            Op::InTexts(texts) => {
                let value = self.known()?;
                let found = match &value {
                    Value::Null => texts.contains(""),
                    value => texts.contains(&**operate::text(value)?),
                };
                self.push(Value::Bool(found));
            }
            Op::Jump(to) => self.at = *to,
            Op::JumpIfFalse(to) => {
                if !operate::truth(&self.known()?)? {
                    self.at = *to;
                }
            }
            Op::JumpIfFalseKeep(to) => {
                if !operate::truth(self.top_known()?)? {
                    self.at = *to;
                }
            }
            Op::JumpIfTrueKeep(to) => {
                if operate::truth(self.top_known()?)? {
                    self.at = *to;
                }
            }
            Op::JumpUnlessNilKeep(to) => {
                if !self.top_known()?.is_null() {
                    self.at = *to;
                }
            }
            Op::JumpIfNilKeep(to) => {
                if self.top_known()?.is_null() {
                    self.at = *to;
                }
            }
            Op::Member(name) => {
                let base = self.pop();
                base.require_top()?;
                let value = operate::member(&base, name)?;
                self.push(value);
            }
            Op::Index => {
                let index = self.pop();
                let base = self.pop();
                base.require_top()?;
                index.require()?;
                let value = operate::index(&base, &index)?;
                self.push(value);
            }
            Op::Slice { from, to } => {
                let to = if *to { Some(self.pop()) } else { None };
                let from = if *from { Some(self.pop()) } else { None };
                let base = self.known()?;
                [&from, &to].into_iter().flatten().try_for_each(Value::require)?;
                let value = operate::slice(&base, from.as_ref(), to.as_ref(), &mut self.budget)?;
                self.push(value);
            }
            Op::List(count) => {
                self.budget.memory(*count)?;
                let items = self.pop_many(*count);
                self.push(Value::list(items)?);
            }
            Op::Map(count) => {
                self.budget.memory(*count)?;
                let mut entries = Env::new();
                let mut items = self.pop_many(count * 2).into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    key.require()?;
                    entries.entry(operate::text(&key)?.to_string()).or_insert(value);
                }
                self.push(Value::map(entries)?);
            }
            Op::Builtin(builtin, count) => {
                let start = self.stack.len().saturating_sub(*count);
                let arguments = self.stack.get(start..).unwrap_or_default();
                require_all(arguments)?;
                let value = (builtin.body)(&mut self.budget, arguments)?;
                self.stack.truncate(start);
                self.push(value);
            }
            Op::Call(function, count) => {
                let start = self.stack.len().saturating_sub(*count);
                let arguments = self.stack.get(start..).unwrap_or_default();
                require_all(arguments)?;
                let call = Call { arguments, now: self.budget.now, host: self.host };
                let value = (function.body)(&call)?;
                self.stack.truncate(start);
                self.push(value);
            }
            Op::Method(name, count) => {
                let arguments = self.pop_many(*count);
                let base = self.known()?;
                require_all(&arguments)?;
                let value = operate::method(&base, name, &arguments)?;
                self.push(value);
            }
            Op::CallValue => return Err(Problem::NotCallable { found: "nil".to_owned() }),
            Op::Begin(kind, two) => {
                let second = if *two { Some(self.pop()) } else { None };
                let list = self.known()?;
                if let (Kind::SortBy, Some(order)) = (kind, &second) {
                    order.require()?;
                }
                self.loops.push(Loop::begin(*kind, list, second)?);
            }
            Op::Next(end) => {
                if !self.loops.last().is_some_and(Loop::has_next) {
                    self.at = *end;
                }
            }
            Op::Take(kind) => {
                let value = if matches!(kind, Kind::Map | Kind::Reduce) { self.pop() } else { self.known()? };
                if let Some(innermost) = self.loops.last_mut() {
                    innermost.take(*kind, value, &mut self.budget)?;
                }
            }
            Op::Finish(kind) => {
                if let Some(innermost) = self.loops.pop() {
                    let value = innermost.finish(*kind, &mut self.budget)?;
                    self.push(value);
                }
            }
            Op::Element | Op::Position | Op::Accumulator => {
                let Some(innermost) = self.loops.last() else { return Ok(()) };
                let value = match op {
                    Op::Element => innermost.element()?,
                    Op::Position => innermost.index(),
                    _ => innermost.accumulator(),
                };
                self.push(value);
            }
        }
        Ok(())
    }
}

fn require_all(values: &[Value]) -> Result<(), Problem> {
    values.iter().try_for_each(Value::require)
}
