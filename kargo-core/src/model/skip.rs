//! When a field is left out on writing: as Go's `omitempty` does, where it has its zero value.

/// Whether a value is its type's default: zero, false, an empty text.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
