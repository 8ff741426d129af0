//! The functions that evaluate an argument for each element (promotion-engine 6.7, 6.8): their loops.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{
    ast::BinaryOp,
    budget::Budget,
    error::Problem,
    operate,
    value::{Key, Value},
};

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    All,
    None,
    Any,
    One,
    Filter,
    Map,
    Find,
    FindIndex,
    FindLast,
    FindLastIndex,
    Count,
    Sum,
    GroupBy,
    SortBy,
    Reduce,
}

const NAMES: [(&str, Kind); 15] = [
    ("all", Kind::All),
    ("none", Kind::None),
    ("any", Kind::Any),
    ("one", Kind::One),
    ("filter", Kind::Filter),
    ("map", Kind::Map),
    ("find", Kind::Find),
    ("findIndex", Kind::FindIndex),
    ("findLast", Kind::FindLast),
    ("findLastIndex", Kind::FindLastIndex),
    ("count", Kind::Count),
    ("sum", Kind::Sum),
    ("groupBy", Kind::GroupBy),
    ("sortBy", Kind::SortBy),
    ("reduce", Kind::Reduce),
];

impl Kind {
    /// The function of that name.
    pub(super) fn of(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// The names of all.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// The least and the greatest number of arguments.
    pub(super) fn arguments(self) -> (usize, usize) {
        match self {
            Self::Count | Self::Sum => (1, 2),
            Self::SortBy | Self::Reduce => (2, 3),
            _ => (2, 2),
        }
    }

    /// Whether the predicate must yield a truth value.
    pub(super) fn wants_bool(self) -> bool {
        !matches!(self, Self::Map | Self::Sum | Self::GroupBy | Self::SortBy | Self::Reduce)
    }

    fn backwards(self) -> bool {
        matches!(self, Self::FindLast | Self::FindLastIndex)
    }
}

/// One loop that is under way.
#[derive(Debug)]
pub(super) struct Loop {
    list: Value,
    length: usize,
    backwards: bool,
    /// Elements done.
    done: usize,
    stopped: bool,
    count: i64,
    accumulator: Value,
    out: Vec<Value>,
    groups: BTreeMap<Key, (Value, Vec<Value>)>,
    keys: Vec<Value>,
    descending: bool,
}

impl Loop {
    /// Starts over `list`; `second` is the initial value of `reduce` or the order of `sortBy`.
    pub(super) fn begin(kind: Kind, list: Value, second: Option<Value>) -> Result<Self, Problem> {
        let bytes = |bytes: &[u8]| Value::list(bytes.iter().map(|byte| Value::Uint((*byte).into())).collect());
        // The reference goes over whatever has a length; the elements of maps cannot be looked at.
        let list = match &list {
            Value::Bytes(all) => bytes(all)?,
            Value::Text(text) => bytes(text.as_bytes())?,
            _ => list,
        };
        let length = match &list {
            Value::List(_) => list.as_list().map_or(0, <[_]>::len),
            Value::Map(map) => map.entries().len(),
            Value::Table(table) => table.entries.len(),
            _ => {
                let found = if list.is_null() { "zero".to_owned() } else { list.type_name() };
                return Err(Problem::function(format!("reflect: call of reflect.Value.Len on {found} Value")));
            }
        };
        let mut done = 0;
        let mut accumulator = Value::Null;
        let mut descending = false;
        match (kind, second) {
            (Kind::Reduce, Some(initial)) => accumulator = initial,
            (Kind::Reduce, None) => {
                if length == 0 {
                    return Err(Problem::EmptyReduce);
                }
                accumulator = element_of(&list, 0)?;
                done = 1;
            }
            (Kind::Sum, _) => accumulator = Value::Int(0),
            (Kind::SortBy, Some(order)) => descending = super::builtins::is_descending(&order)?,
            _ => {}
        }
        Ok(Self {
            list,
            length,
            backwards: kind.backwards(),
            done,
            stopped: false,
            count: 0,
            accumulator,
            out: Vec::new(),
            groups: BTreeMap::new(),
            keys: Vec::new(),
            descending,
        })
    }

    pub(super) fn has_next(&self) -> bool {
        !self.stopped && self.done < self.length
    }

    /// The current element's position.
    fn position(&self) -> usize {
        if self.backwards { self.length.saturating_sub(self.done + 1) } else { self.done }
    }

    pub(super) fn index(&self) -> Value {
        Value::Int(i64::try_from(self.position()).unwrap_or(i64::MAX))
    }

    pub(super) fn element(&self) -> Result<Value, Problem> {
        element_of(&self.list, self.position())
    }

    pub(super) fn accumulator(&self) -> Value {
        self.accumulator.clone()
    }

    /// Takes what the predicate yields for the current element, and goes on to the next.
    pub(super) fn take(&mut self, kind: Kind, value: Value, budget: &mut Budget) -> Result<(), Problem> {
        let hit = if kind.wants_bool() { operate::truth(&value)? } else { false };
        match kind {
            Kind::All => self.stopped = !hit,
            Kind::None | Kind::Any => self.stopped = hit,
            Kind::One | Kind::Count => {}
            Kind::Filter if hit => self.out.push(self.element()?),
            Kind::Filter => {}
            Kind::Map => self.out.push(value),
            Kind::Find | Kind::FindLast if hit => {
                self.accumulator = self.element()?;
                self.stopped = true;
            }
            Kind::FindIndex | Kind::FindLastIndex if hit => {
                self.accumulator = self.index();
                self.stopped = true;
            }
            Kind::Find | Kind::FindLast | Kind::FindIndex | Kind::FindLastIndex => {}
            Kind::Sum => self.accumulator = operate::binary(BinaryOp::Add, &value, &self.accumulator, budget)?,
            Kind::Reduce => self.accumulator = value,
            Kind::GroupBy => {
                let found = value.type_name();
                let key = Key::of(&value)
                    .ok_or_else(|| Problem::function(format!("runtime error: hash of unhashable type {found}")))?;
                let element = self.element()?;
                budget.memory(1)?;
                self.groups.entry(key).or_insert_with(|| (value, Vec::new())).1.push(element);
            }
            Kind::SortBy => {
                let element = self.element()?;
                self.out.push(element);
                self.keys.push(value);
            }
        }
        self.count += i64::from(hit);
        self.done += 1;
        Ok(())
    }

    /// The function's result.
    pub(super) fn finish(self, kind: Kind, budget: &mut Budget) -> Result<Value, Problem> {
        Ok(match kind {
            Kind::All | Kind::None => Value::Bool(!self.stopped),
            Kind::Any => Value::Bool(self.stopped),
            Kind::One => Value::Bool(self.count == 1),
            Kind::Count => Value::Int(self.count),
            Kind::Filter | Kind::Map => {
                budget.memory(self.out.len())?;
                Value::list(self.out)?
            }
            Kind::SortBy => {
                budget.memory(self.out.len())?;
                let mut pairs: Vec<_> = self.keys.into_iter().zip(self.out).collect();
                sort(&mut pairs, |(key, _)| key, self.descending, budget)?;
                Value::list(pairs.into_iter().map(|(_, item)| item).collect())?
            }
            Kind::GroupBy => {
                let mut out = BTreeMap::new();
                for (key, (value, items)) in self.groups {
                    out.insert(key, (value, Value::list(items)?));
                }
                Value::table(out, true)?
            }
            _ => self.accumulator,
        })
    }
}

fn element_of(list: &Value, position: usize) -> Result<Value, Problem> {
    match list.as_list() {
        Some(items) => Ok(items.get(position).cloned().unwrap_or(Value::Null)),
        None => Err(Problem::function("reflect: call of reflect.Value.Index on map Value")),
    }
}

/// Sorts by keys that must all be numbers, texts, times or durations.
pub(super) fn sort<T>(
    items: &mut [T],
    key: impl Fn(&T) -> &Value,
    descending: bool,
    budget: &mut Budget,
) -> Result<(), Problem> {
    let mut weight = 1;
    if let [first, rest @ ..] = &*items {
        for item in rest {
            operate::order(BinaryOp::Less, key(item), key(first))?;
        }
        // One alone is never compared.
        for item in items.iter() {
            weight = key(item).size().weight.max(weight);
        }
    }
    let length = items.len() as u64;
    budget.steps(length.saturating_mul(u64::from(length.checked_ilog2().unwrap_or(0)) + 1).saturating_mul(weight))?;
    items.sort_by(|a, b| {
        let order = total(key(a), key(b));
        if descending { order.reverse() } else { order }
    });
    Ok(())
}

/// A total order over values of one class.
fn total(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.instant.cmp(&b.instant),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        _ => {
            let (x, y) = (a.as_number().unwrap_or(0.0) + 0.0, b.as_number().unwrap_or(0.0) + 0.0);
            x.total_cmp(&y)
        }
    }
}
