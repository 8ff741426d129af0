//! Places in texts: spans of lines and columns, paths inside documents, and the piece of text shown for a place.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

/// A stretch of one text. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    /// Line of the first character.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

impl Span {
    /// A stretch of one line.
    #[must_use]
    pub const fn on_line(line: u32, column: u32, length: u32) -> Self {
        Self { line, column, end_line: line, end_column: column + length }
    }
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A field of an object.
    Key(Box<str>),
    /// An element of a list, from 0.
    Index(usize),
}

/// The way from a document's root to a value: `spec.requestedFreight[0].sources.stages[1]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Segment>);

impl Path {
    /// The document itself.
    #[must_use]
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// A path through fields: `Path::of(&["spec", "interval"])`.
    #[must_use]
    pub fn of(keys: &[&str]) -> Self {
        Self(keys.iter().map(|&key| Segment::Key(key.into())).collect())
    }

    /// The field below.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let mut path = self.clone();
        path.0.push(Segment::Key(key.into()));
        path
    }

    /// The element below.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut path = self.clone();
        path.0.push(Segment::Index(index));
        path
    }

    /// The steps, from the root.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }
}

impl From<Vec<Segment>> for Path {
    fn from(segments: Vec<Segment>) -> Self {
        Self(segments)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if is_plain(key) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    f.write_str(key)?;
                }
                Segment::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '$'))
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A place in a named text, with the line that is shown for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The text's name, such as a file's path.
    pub file: Arc<str>,
    /// Where in the text.
    pub span: Span,
    /// The line that the span begins on.
    pub snippet: Snippet,
}

/// A line of a text, clipped around what is marked in it so that a line of any length can be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    text: Box<str>,
    /// Characters cut off before the text.
    skipped: u32,
}

impl Snippet {
    /// How many characters of a line are shown at most.
    pub const WIDTH: usize = 160;
    /// How many characters before the mark are shown at least, when a line is clipped.
    const BEFORE: usize = 40;

    /// The part of `line` to show for a mark at `column` (from 1). Control characters become spaces, so that what is
    /// below lines up and a terminal is safe.
    #[must_use]
    pub fn of(line: &str, column: u32) -> Self {
        let line = line.trim_end_matches(['\r', '\n']);
        let column = column.saturating_sub(1) as usize;
        let longer = line.chars().nth(Self::WIDTH).is_some();
        let skip = if longer { column.saturating_sub(Self::BEFORE) } else { 0 };
        let text: String = line
            .chars()
            .skip(skip)
            .take(Self::WIDTH)
            .map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c })
            .collect();
        Self { text: text.into(), skipped: u32::try_from(skip).unwrap_or(u32::MAX) }
    }

    /// The text to show.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The column, from 0, at which a column of the line stands in the shown text.
    #[must_use]
    pub fn offset_of(&self, column: u32) -> usize {
        (column.saturating_sub(1)).saturating_sub(self.skipped) as usize
    }

    /// Whether something was cut off before the text.
    #[must_use]
    pub fn is_clipped(&self) -> bool {
        self.skipped > 0
    }
}

/// Characters that take no room or turn the writing direction, which would move the mark or hide text.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_field_access() {
        let path = Path::of(&["spec", "requestedFreight"]).index(0).key("sources").key("stages").index(1);
        assert_eq!(path.to_string(), "spec.requestedFreight[0].sources.stages[1]");
        assert_eq!(Path::of(&["metadata", "annotations"]).key("a b").to_string(), "metadata.annotations[\"a b\"]");
        assert_eq!(Path::root().to_string(), "");
    }

    #[test]
    fn a_long_line_is_clipped_around_the_mark() {
        let line = "x".repeat(10_000);
        let snippet = Snippet::of(&line, 5_001);
        assert_eq!(snippet.text().chars().count(), Snippet::WIDTH);
        assert_eq!(snippet.offset_of(5_001), 40);
        let short = Snippet::of("\ta: b\r\n", 2);
        assert_eq!((short.text(), short.offset_of(2)), (" a: b", 1));
    }
}
