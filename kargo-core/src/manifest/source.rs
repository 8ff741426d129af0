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
        let mut end = 0;
        let ends = lines(text).filter(|line| line.ends_with(['\n', '\r'])).map(|line| {
            end += line.len();
            end
        });
        let line_starts = std::iter::once(0).chain(ends).collect();
        Self { name: name.into(), text: text.into(), line_starts }
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

    /// The line, counted from 1, that a byte of the text is on.
    #[cfg(feature = "yaml")]
    pub(crate) fn line_of(&self, offset: usize) -> u32 {
        u32::try_from(self.line_starts.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }

    /// A span of this text, ready to be shown.
    #[must_use]
    pub fn locate(&self, span: Span) -> Location {
        Location { file: self.name.clone(), span, snippet: Snippet::of(self.line(span.line), span.column) }
    }
}

/// The lines of a text with their ends. As in YAML, a line ends with `\n`, with `\r\n`, or with `\r` alone.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').flat_map(|line| {
        let body = line.strip_suffix('\n').map_or(line, |body| body.strip_suffix('\r').unwrap_or(body));
        let mut offset = 0;
        std::iter::from_fn(move || {
            let rest = line.get(offset..).filter(|rest| !rest.is_empty())?;
            let length = body.get(offset..).and_then(|rest| rest.find('\r')).map_or(rest.len(), |at| at + 1);
            offset += length;
            rest.get(..length)
        })
    })
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
        #[cfg(feature = "yaml")]
        assert_eq!([0, 4, 5, 8, 9, 99].map(|at| source.line_of(at)), [1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn a_line_may_end_with_a_carriage_return_alone() {
        assert_eq!(
            lines("a\rb\r\nc\r\r\n\n\rd\r").collect::<Vec<_>>(),
            ["a\r", "b\r\n", "c\r", "\r\n", "\n", "\r", "d\r"]
        );
        assert_eq!(lines("").count(), 0);
        let source = SourceText::new("a.yaml", "one\rtwo\r\nthree");
        assert_eq!((source.line(2), source.line(3)), ("two\r\n", "three"));
    }
}
