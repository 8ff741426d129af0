//! Nouns into YAML text, in Kargo's spelling and field order.

use serde::Serialize;

/// Writes a value as one YAML document. Texts that a reader of any YAML version could take for something else are quoted.
///
/// # Errors
///
/// When the value has no YAML form; objects of [`model`](crate::model) always have one.
pub(crate) fn to_yaml<T: Serialize>(value: &T) -> Result<String, serde_saphyr::ser::Error> {
    // Lines are never folded: a person who looks for a text in the file finds it.
    let options = serde_saphyr::ser_options! { compact_list_indent: true, folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(value, options)
}
