//! Header fields by name.

/// The fields of an answer, as they came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headers<'a>(pub(super) &'a [(&'a str, &'a str)]);

impl<'a> Headers<'a> {
    /// The first field of this name, whatever its capitals, without space around it; `None` for an empty one.
    pub(super) fn get(self, name: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }
}
