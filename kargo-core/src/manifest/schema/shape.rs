//! How the fields of a kind are described: names, shapes, whether they are required, what is filled in.

/// The fields of an object.
pub(crate) struct Schema {
    /// Where the spec describes it, such as `resources 9.1`.
    pub(crate) rule: &'static str,
    /// The fields, in Kargo's order.
    pub(crate) fields: &'static [Field],
    /// Fields that were once there.
    pub(crate) gone: &'static [Gone],
}

/// One field.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) need: Need,
}

/// Whether a field must be written.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
    /// It may be left out; this is written then.
    Filled(Fill),
}

/// What is written for a field that is left out.
#[derive(Clone, Copy)]
pub(crate) enum Fill {
    Text(&'static str),
    Bool(bool),
    Int(i64),
}

/// A field that was once there and no longer is.
pub(crate) struct Gone {
    pub(crate) name: &'static str,
    pub(crate) advice: &'static str,
}

/// What a value must look like.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    Text(Text),
    Bool,
    /// A whole number between two limits, both included.
    Int(i64, i64),
    /// RFC 3339.
    Time,
    /// Go's duration syntax.
    Duration,
    /// Numbers with s, m or h only (pattern DUR).
    ShortDuration,
    /// Anything, kept verbatim.
    Json,
    /// Any object, kept verbatim.
    JsonObject,
    Object(&'static Schema),
    List(&'static Self, Items),
    /// An object with keys of the user's.
    Map(&'static Self),
    /// An object whose keys are origin keys.
    ByOrigin(&'static Self),
    /// An entry of a Warehouse's subscriptions.
    Subscription,
}

/// What a list must look like beside its elements.
#[derive(Clone, Copy, Default)]
pub(crate) struct Items {
    pub(crate) min: usize,
    pub(crate) max: Option<usize>,
    /// The field whose value is unique in the list; `""` for lists of different texts.
    pub(crate) key: Option<&'static str>,
}

/// What a text must look like (patterns of resources 2).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Text {
    Any,
    /// At least one character.
    NonEmpty,
    /// At most so many bytes.
    AtMost(usize),
    Name,
    NameOfAnyLength,
    Variable,
    GitUrl,
    /// A branch, or nothing, which is the same as leaving the field out.
    BranchOrEmpty,
    ImageUrl,
    ChartUrl,
    ImageTag,
    ImageDigest,
    Reason,
    Email,
    LabelValue,
    OneOf(&'static [&'static str]),
    /// One of these, or nothing, which is the same as leaving the field out.
    OneOfOrEmpty(&'static [&'static str]),
}

pub(crate) const ANY: Shape = Shape::Text(Text::Any);
pub(crate) const NAME: Shape = Shape::Text(Text::Name);
pub(crate) const NON_EMPTY: Shape = Shape::Text(Text::NonEmpty);
pub(crate) const I64: Shape = Shape::Int(i64::MIN, i64::MAX);
pub(crate) const COUNT: Shape = Shape::Int(0, i64::MAX);
pub(crate) const U32: Shape = Shape::Int(0, u32::MAX as i64);
pub(crate) const TEXTS: Shape = list(&ANY);
pub(crate) const TEXT_MAP: Shape = Shape::Map(&ANY);

/// A field that must be written.
pub(crate) const fn must(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, need: Need::Required }
}

/// A field that may be left out.
pub(crate) const fn may(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, need: Need::Optional }
}

/// A field for which something is written where it is left out.
pub(crate) const fn filled(name: &'static str, shape: Shape, fill: Fill) -> Field {
    Field { name, shape, need: Need::Filled(fill) }
}

/// A list of any length.
pub(crate) const fn list(item: &'static Shape) -> Shape {
    Shape::List(item, Items { min: 0, max: None, key: None })
}

/// A list with at least one element.
pub(crate) const fn some(item: &'static Shape) -> Shape {
    Shape::List(item, Items { min: 1, max: None, key: None })
}

/// A list whose elements differ in a field.
pub(crate) const fn keyed(item: &'static Shape, key: &'static str) -> Shape {
    Shape::List(item, Items { min: 0, max: None, key: Some(key) })
}

/// A list of at most so many different texts.
pub(crate) const fn set(item: &'static Shape, max: usize) -> Shape {
    Shape::List(item, Items { min: 0, max: Some(max), key: Some("") })
}

/// The fields of an object, by the section that describes them.
pub(crate) const fn schema(rule: &'static str, fields: &'static [Field]) -> Schema {
    Schema { rule, fields, gone: &[] }
}
