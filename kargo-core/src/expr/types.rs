//! What is known of a value before an expression runs.

use std::fmt;

use super::functions::HostType;

/// The type of a value, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// Unknown.
    Any,
    /// `nil`
    Nil,
    /// A truth value.
    Bool,
    /// A whole number.
    Int,
    /// A whole number that cannot be negative.
    Uint,
    /// A float.
    Float,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
    /// A list with elements of a type.
    List(&'static Self),
    /// Values by name.
    Map,
    /// Texts by name; a missing one is empty.
    TextMap,
    /// Values by scalar.
    Table,
    /// Lists by scalar.
    Groups,
    /// An instant.
    Time,
    /// Nanoseconds.
    Duration,
    /// A time zone.
    Zone,
    /// The month of a time.
    Month,
    /// The day of the week of a time.
    Weekday,
    /// Something of the host's.
    Host(&'static HostType),
}

impl Type {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_any(self) -> bool {
        self == Self::Any
    }

    /// Whether it is a number.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Uint | Self::Float)
    }

    /// Whether it is a whole number.
    #[must_use]
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Int | Self::Uint)
    }

    /// Whether it has elements by position.
    #[must_use]
    pub fn is_array(self) -> bool {
        matches!(self, Self::List(_) | Self::Bytes)
    }

    /// The name where the reference speaks of arguments, given or wanted: there it sees pointers.
    pub(super) fn as_argument(self) -> String {
        if self.is_pointer() { format!("*{self}") } else { self.to_string() }
    }

    /// Whether the reference has it as a pointer, which nil can be.
    fn is_pointer(self) -> bool {
        self == Self::Zone || matches!(self, Self::Host(host) if host.by_reference)
    }

    /// A list of such elements; of elements unknown unless they are plain.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(match self {
            Self::Bool => &Self::Bool,
            Self::Int => &Self::Int,
            Self::Float => &Self::Float,
            Self::Text => &Self::Text,
            Self::Uint => &Self::Uint,
            Self::Map => &Self::Map,
            Self::TextMap => &Self::TextMap,
            Self::Time => &Self::Time,
            Self::Duration => &Self::Duration,
            Self::List(_) => &Self::List(&Self::Any),
            _ => &Self::Any,
        })
    }

    /// Whether values of both can be compared for being equal.
    #[must_use]
    pub fn comparable(self, other: Self) -> bool {
        let open = |t| matches!(t, Self::Any | Self::Nil);
        open(self)
            || open(other)
            || self.is_number() && other.is_number()
            || matches!((self, other), (Self::List(_) | Self::Bytes, Self::List(_) | Self::Bytes))
            || matches!((self, other), (Self::Host(a), Self::Host(b)) if a.name == b.name)
            || self == other
    }

    /// Whether a value of this type, if known, can be given for a parameter of type `wanted`.
    #[must_use]
    pub fn fits(self, wanted: Self) -> bool {
        wanted.is_any()
            || self.is_any()
            || self == wanted
            || self.is_whole() && matches!(wanted, Self::Int | Self::Uint | Self::Float)
            || matches!((self, wanted), (Self::List(_), Self::List(_)))
            || self == Self::Nil && wanted.is_pointer()
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any | Self::Nil => f.write_str("unknown"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Uint => f.write_str("uint64"),
            Self::Float => f.write_str("float64"),
            Self::Text => f.write_str("string"),
            Self::Bytes => f.write_str("[]uint8"),
            Self::List(_) => f.write_str("[]interface {}"),
            Self::Map => f.write_str("map[string]interface {}"),
            Self::TextMap => f.write_str("map[string]string"),
            Self::Table => f.write_str("map[interface {}]interface {}"),
            Self::Groups => f.write_str("map[interface {}][]interface {}"),
            Self::Time => f.write_str("time.Time"),
            Self::Duration => f.write_str("time.Duration"),
            Self::Zone => f.write_str("time.Location"),
            Self::Month => f.write_str("time.Month"),
            Self::Weekday => f.write_str("time.Weekday"),
            Self::Host(host) => f.write_str(host.name),
        }
    }
}
