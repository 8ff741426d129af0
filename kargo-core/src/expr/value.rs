//! What an expression computes with: values, and the sizes by which their walks are bounded.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{
    Entries,
    error::Problem,
    functions::HostObject,
    limits,
    sealed::Sealed,
    time::{Time, Zone},
};

/// The names an expression sees, with their values.
pub type Env = BTreeMap<String, Value>;

/// A value. Clones are cheap: they share.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Value {
    /// `nil`
    #[default]
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number that cannot be negative, as hosts give, and the bytes of texts.
    Uint(u64),
    /// A number. All numbers of JSON are.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// Values in order.
    List(Arc<List>),
    /// Values by name.
    Map(Arc<Map>),
    /// Values by scalar, from `groupBy` and `fromPairs`; no JSON.
    Table(Arc<Table>),
    /// An instant and the zone it is shown in.
    Time(Arc<Time>),
    /// Nanoseconds.
    Duration(i64),
    /// A time zone.
    Zone(Zone),
    /// 1 to 12.
    Month(u8),
    /// 0 (Sunday) to 6.
    Weekday(u8),
    /// Something of the host's.
    Host(Arc<dyn HostObject>),
    /// Something that is not known here (rules 2).
    Sealed(Arc<Sealed>),
}

/// The elements of a [`Value::List`].
#[derive(Debug)]
pub struct List {
    items: Vec<Value>,
    /// Of no elements and equal to nil: what was never made, such as a group that is not there.
    absent: bool,
    size: Size,
}

/// The entries of a [`Value::Map`].
#[derive(Debug)]
pub struct Map {
    entries: Entries,
    texts: bool,
    size: Size,
}

/// The entries of a [`Value::Table`].
#[derive(Debug)]
pub struct Table {
    pub(super) entries: BTreeMap<Key, (Value, Value)>,
    /// Whether all values are lists, so that a missing one is a list that is absent.
    pub(super) groups: bool,
    pub(super) size: Size,
}

/// How much there is to walk in a value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    /// Lists and maps in each other.
    pub(super) depth: u32,
    /// Values and bytes of text, shared ones as often as they are met.
    pub(super) weight: u64,
    /// Whether a sealed value is in it.
    pub(super) sealed: bool,
}

impl Size {
    fn of<'a>(items: impl Iterator<Item = &'a Value>) -> Result<Self, Problem> {
        let mut size = Self { depth: 0, weight: 1, sealed: false };
        for item in items {
            let inner = item.size();
            size.depth = size.depth.max(inner.depth);
            size.weight = size.weight.saturating_add(inner.weight);
            size.sealed |= inner.sealed;
        }
        size.depth += 1;
        if size.depth > limits::MAX_VALUE_DEPTH {
            return Err(Problem::ValueDepth { limit: limits::MAX_VALUE_DEPTH });
        }
        Ok(size)
    }
}

/// A scalar as a key; equal keys have the same type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(u64),
    Text(Arc<str>),
    Time(i64, u32),
    Duration(i64),
    Month(u8),
    Weekday(u8),
}

impl Key {
    /// `None` for what cannot be a key.
    pub(super) fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Uint(value) => Self::Uint(*value),
            Value::Float(value) => Self::Float((value + 0.0).to_bits()),
            Value::Text(value) => Self::Text(Arc::clone(value)),
            Value::Time(time) => Self::Time(time.instant.timestamp(), time.instant.timestamp_subsec_nanos()),
            Value::Duration(value) => Self::Duration(*value),
            Value::Month(value) => Self::Month(*value),
            Value::Weekday(value) => Self::Weekday(*value),
            _ => return None,
        })
    }
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A list.
    ///
    /// # Errors
    ///
    /// [`Problem::ValueDepth`] if values stand in each other deeper than [`limits::MAX_VALUE_DEPTH`].
    pub fn list(items: Vec<Self>) -> Result<Self, Problem> {
        let size = Size::of(items.iter())?;
        Ok(Self::List(Arc::new(List { items, absent: false, size })))
    }

    /// A list that equals nil and is emitted as such, yet has a length, 0.
    pub(super) fn absent_list() -> Self {
        let size = Size { depth: 1, weight: 1, sealed: false };
        Self::List(Arc::new(List { items: Vec::new(), absent: true, size }))
    }

    /// A map; a missing name reads as nil.
    ///
    /// # Errors
    ///
    /// As for [`Value::list`].
    pub fn map(entries: Env) -> Result<Self, Problem> {
        let size = Size::of(entries.values())?;
        Ok(Self::Map(Arc::new(Map { entries: entries.into(), texts: false, size })))
    }

    /// A map of texts; a missing name reads as the empty text (promotion-engine 5.1).
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use kargo_core::expr::{Functions, Program, Value};
    ///
    /// let secret = Value::text_map([("user".to_owned(), "eve".to_owned())]);
    /// let env = BTreeMap::from([("s".to_owned(), secret)]);
    /// let value = Program::compile("s.user + s.nope", &Functions::new())?.run(&env, Default::default())?;
    /// assert_eq!(value, Value::text("eve"));
    /// # Ok::<(), kargo_core::expr::ExprError>(())
    /// ```
    pub fn text_map(entries: impl IntoIterator<Item = (String, String)>) -> Self {
        let entries: Env = entries.into_iter().map(|(key, text)| (key, Self::text(text))).collect();
        let size = Size::of(entries.values()).unwrap_or_default();
        Self::Map(Arc::new(Map { entries: entries.into(), texts: true, size }))
    }

    pub(super) fn table(entries: BTreeMap<Key, (Self, Self)>, groups: bool) -> Result<Self, Problem> {
        let size = Size::of(entries.values().map(|(_, value)| value))?;
        Ok(Self::Table(Arc::new(Table { entries, groups, size })))
    }

    pub(super) fn size(&self) -> Size {
        let flat = |weight| Size { depth: 0, weight, sealed: false };
        match self {
            Self::Text(text) => flat(1 + text.len() as u64 / 16),
            Self::Bytes(bytes) => flat(1 + bytes.len() as u64 / 4),
            Self::List(list) => list.size,
            Self::Map(map) => map.size,
            Self::Table(table) => table.size,
            Self::Sealed(sealed) => sealed.size(),
            _ => flat(1),
        }
    }

    /// Whether this is `nil`, or a list that was never made: what `split(s, ",", 0)` or a missing group is.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null) || self.is_absent_list()
    }

    /// Whether it is a list that was never made.
    pub(super) fn is_absent_list(&self) -> bool {
        matches!(self, Self::List(list) if list.absent)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The elements, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(list) = self { Some(&list.items) } else { None }
    }

    /// The entries, if it is a map by name.
    #[must_use]
    pub fn as_map(&self) -> Option<&Entries> {
        if let Self::Map(map) = self { Some(&map.entries) } else { None }
    }

    /// The number, if it is one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "numbers compare as floats do")]
    pub fn as_number(&self) -> Option<f64> {
        Some(match self {
            Self::Int(value) => *value as f64,
            Self::Uint(value) => *value as f64,
            Self::Float(value) => *value,
            _ => return None,
        })
    }

    /// The whole number, if it is one; floats are none.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Uint(value) => Some(value.cast_signed()),
            _ => None,
        }
    }

    /// The type's name in error messages.
    #[must_use]
    pub fn type_name(&self) -> String {
        match self {
            Self::Null => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint64",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::Bytes(_) => "[]uint8",
            Self::List(_) => "[]interface {}",
            Self::Map(map) if map.texts => "map[string]string",
            Self::Map(_) => "map[string]interface {}",
            Self::Table(table) if table.groups => "map[interface {}][]interface {}",
            Self::Table(_) => "map[interface {}]interface {}",
            Self::Time(_) => "time.Time",
            Self::Duration(_) => "time.Duration",
            Self::Zone(_) => "*time.Location",
            Self::Month(_) => "time.Month",
            Self::Weekday(_) => "time.Weekday",
            Self::Host(object) => object.type_name(),
            Self::Sealed(_) => "sealed value",
        }
        .to_owned()
    }
}

impl Map {
    /// The value of `name`; nil, or the empty text of a text map, if there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> Value {
        match self.entries.get(name) {
            Some(value) => value.clone(),
            None if self.texts => Value::text(""),
            None => Value::Null,
        }
    }

    /// Whether it is a map of texts.
    pub(super) fn is_texts(&self) -> bool {
        self.texts
    }

    /// The entries.
    #[must_use]
    pub fn entries(&self) -> &Entries {
        &self.entries
    }
}

/// By the rules of `==` (promotion-engine 6.5): numbers by value, maps strictly.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        equal(self, other, false)
    }
}

/// Whether two values are equal; `strict` as it is inside of maps, where numbers must have the same type.
fn equal(left: &Value, right: &Value, strict: bool) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Null, Value::List(list)) | (Value::List(list), Value::Null) => list.absent && !strict,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Uint(a), Value::Uint(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            if a.items.len() != b.items.len() {
                return false;
            }
            // Plain loops keep the frames small.
            for (a, b) in a.items.iter().zip(&b.items) {
                if !equal(a, b, strict) {
                    return false;
                }
            }
            true
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.entries.len() != b.entries.len() {
                return false;
            }
            for ((a, x), (b, y)) in a.entries.iter().zip(&b.entries) {
                if a != b || !equal(x, y, true) {
                    return false;
                }
            }
            true
        }
        (Value::Table(a), Value::Table(b)) => {
            if a.entries.len() != b.entries.len() {
                return false;
            }
            for ((a, (_, x)), (b, (_, y))) in a.entries.iter().zip(&b.entries) {
                if a != b || !equal(x, y, true) {
                    return false;
                }
            }
            true
        }
        (Value::Time(a), Value::Time(b)) => a.instant == b.instant,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Zone(a), Value::Zone(b)) => a == b,
        (Value::Month(a), Value::Month(b)) | (Value::Weekday(a), Value::Weekday(b)) => a == b,
        (Value::Host(a), Value::Host(b)) => a.is_equal(b.as_ref()),
        (Value::Sealed(a), Value::Sealed(b)) => a == b,
        _ if strict => false,
        _ => matches!((left.as_number(), right.as_number()), (Some(a), Some(b)) if a == b),
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::text(value)
    }
}

/// As `string(x)` writes it (promotion-engine 6.8).
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_text(self, f)
    }
}

/// Plain loops, so that one level of a value is one small frame on the stack.
fn write_text(value: &Value, out: &mut dyn fmt::Write) -> fmt::Result {
    match value {
        Value::List(list) => {
            let mut before = "[";
            for item in &list.items {
                out.write_str(before)?;
                write_text(item, out)?;
                before = " ";
            }
            out.write_str(if list.items.is_empty() { "[]" } else { "]" })
        }
        Value::Map(map) => {
            let mut before = "map[";
            for (key, item) in &map.entries {
                write_all(&[before, key, ":"], out)?;
                write_text(item, out)?;
                before = " ";
            }
            out.write_str(if map.entries.is_empty() { "map[]" } else { "]" })
        }
        Value::Table(table) => {
            let mut before = "map[";
            for (key, item) in table.entries.values() {
                out.write_str(before)?;
                write_text(key, out)?;
                out.write_str(":")?;
                write_text(item, out)?;
                before = " ";
            }
            out.write_str(if table.entries.is_empty() { "map[]" } else { "]" })
        }
        _ => write_scalar(value, out),
    }
}

fn write_all(texts: &[&str], out: &mut dyn fmt::Write) -> fmt::Result {
    texts.iter().try_for_each(|text| out.write_str(text))
}

fn write_scalar(value: &Value, out: &mut dyn fmt::Write) -> fmt::Result {
    match value {
        Value::Null => out.write_str("<nil>"),
        Value::Bool(value) => write!(out, "{value}"),
        Value::Int(value) => write!(out, "{value}"),
        Value::Uint(value) => write!(out, "{value}"),
        Value::Float(value) => out.write_str(&super::number::general(*value)),
        Value::Text(text) => out.write_str(text),
        Value::Bytes(bytes) => {
            let items: Vec<_> = bytes.iter().map(ToString::to_string).collect();
            write!(out, "[{}]", items.join(" "))
        }
        Value::Time(time) => write!(out, "{time}"),
        Value::Duration(nanos) => out.write_str(&super::time::duration_text(*nanos)),
        Value::Zone(zone) => out.write_str(zone.name()),
        Value::Month(month) => out.write_str(super::time::month_name(*month)),
        Value::Weekday(day) => out.write_str(super::time::weekday_name(*day)),
        Value::Host(object) => out.write_str(&object.to_text()),
        Value::Sealed(sealed) => out.write_str(sealed.template()),
        Value::List(_) | Value::Map(_) | Value::Table(_) => Ok(()),
    }
}
