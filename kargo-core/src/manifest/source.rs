//! A named text and where its lines begin, so that a span can be shown.

use std::sync::Arc;

use crate::model::{Location, Snippet, Span};

/// A named text, such as a file, shared by everything that was read from it.
#[derive(Clone, Debug)]
pub struct SourceText {
    name: Arc<str>,
    text: Arc<str>,
    line_starts: Arc<[usize]>,
}

impl SourceText {
    /// A text under a name. A byte order mark at its start is not part of it.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text: text.into(), line_starts: starts }
    }

    /// The text's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte order mark.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A line, counted from 1, with its line end.
    #[must_use]
    pub fn line(&self, line: u32) -> &str {
        let at = |index: usize| self.line_starts.get(index).copied().unwrap_or(self.text.len());
        let index = (line as usize).saturating_sub(1);
        self.text.get(at(index)..at(index + 1)).unwrap_or("")
    }

    /// A span of this text, ready to be shown.
    #[must_use]
    pub fn locate(&self, span: Span) -> Location {
        Location { file: self.name.clone(), span, snippet: Snippet::of(self.line(span.line), span.column) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_one_and_a_mark_is_no_text() {
        let source = SourceText::new("a.yaml", "\u{feff}one\r\ntwo\nthree");
        assert_eq!(source.line(1), "one\r\n");
        assert_eq!(source.line(3), "three");
        assert_eq!(source.line(4), "");
        assert_eq!(source.locate(Span::on_line(2, 1, 3)).snippet.text(), "two");
    }
}
