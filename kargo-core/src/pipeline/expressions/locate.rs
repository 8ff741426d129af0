//! Where bytes of a value's text stand in the document that it was read from.

use std::ops::Range;

use crate::{
    manifest::{Entry, SourceText},
    model::{Location, Path, Span},
};

/// Where a part of a text is to be shown.
pub(super) enum Shown {
    /// There.
    Exact(Location),
    /// At the beginning of the text, whose form does not tell where its parts stand; or nowhere, as no document was read.
    Whole(Option<Location>),
}

/// A piece of the text that stands in one line of the document.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    /// Bytes of the text.
    range: Range<usize>,
    line: u32,
    column: u32,
}

/// Text values of a document and where their bytes stand.
pub(super) struct Locator<'a> {
    whole: Option<Location>,
    source: Option<&'a SourceText>,
    text: &'a str,
    pieces: Vec<Piece>,
}

impl<'a> Locator<'a> {
    /// The text at a path of an object.
    pub(super) fn new(entry: Option<&'a Entry>, path: &Path, text: &'a str) -> Self {
        let found = entry.and_then(|entry| entry.source_of(path));
        Self {
            whole: entry.and_then(|entry| entry.locate(path)),
            source: found.map(|(source, _)| source),
            text,
            pieces: found.map_or_else(Vec::new, |(source, span)| pieces(source, span, text)),
        }
    }

    /// Where a part of the text is shown; one that goes over the end of a line is marked to the end of that line.
    pub(super) fn show(&self, range: Range<usize>) -> Shown {
        match (self.source, self.span(range)) {
            (Some(source), Some(span)) => Shown::Exact(source.locate(span)),
            _ => Shown::Whole(self.whole.clone()),
        }
    }

    /// Where a part of the text stands.
    pub(super) fn span(&self, range: Range<usize>) -> Option<Span> {
        let holds = |piece: &&Piece| piece.range.contains(&range.start) || piece.range.end == range.start;
        let piece = self.pieces.iter().find(holds)?;
        let before = self.text.get(piece.range.start..range.start)?;
        let within = self.text.get(range.start..range.end.clamp(range.start, piece.range.end))?;
        Some(Span::on_line(piece.line, piece.column + count(before), count(within).max(1)))
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// The rest of a line from a column on, without its end.
fn rest(source: &SourceText, line: u32, column: u32) -> &str {
    let line = source.line(line).trim_end_matches(['\r', '\n']);
    let skip = (column as usize).saturating_sub(1);
    line.char_indices().nth(skip).and_then(|(at, _)| line.get(at..)).unwrap_or_default()
}

/// Nothing unless each byte of the text is found as it is.
fn pieces(source: &SourceText, span: Span, text: &str) -> Vec<Piece> {
    let head = rest(source, span.line, span.column);
    match head.chars().next() {
        Some('|' | '>') => block(source, span.line, text),
        // Only without escapes do the bytes between the quotes equal those of the text.
        Some(quote @ ('"' | '\'')) => {
            let inner = head.get(1..).unwrap_or_default();
            let fits = inner.strip_prefix(text).is_some_and(|after| after.starts_with(quote));
            one(fits, text, span.line, span.column + 1)
        }
        _ if head.starts_with(text) => one(true, text, span.line, span.column),
        // A block's span may begin with its first line; so does a text over several lines without quotes.
        _ => block(source, span.line.saturating_sub(1), text),
    }
}

fn one(fits: bool, text: &str, line: u32, column: u32) -> Vec<Piece> {
    if fits { vec![Piece { range: 0..text.len(), line, column }] } else { Vec::new() }
}

/// The lines of a block: as they are, or folded with a blank between two of them.
fn block(source: &SourceText, header: u32, text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut indent = None;
    let mut at = 0;
    let mut line = header + 1;
    while let Some(left) = text.get(at..).filter(|left| !left.is_empty()) {
        let raw = source.line(line);
        if raw.is_empty() {
            return Vec::new();
        }
        let raw = raw.trim_end_matches(['\r', '\n']);
        let blank = raw.trim_start_matches(' ').is_empty();
        let column = match indent {
            Some(column) => column,
            None if blank => 0,
            None => *indent.insert(raw.len() - raw.trim_start_matches(' ').len()),
        };
        let content = raw.get(column..).unwrap_or_default();
        if !left.starts_with(content) {
            return Vec::new();
        }
        let start = u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1);
        pieces.push(Piece { range: at..at + content.len(), line, column: start });
        at += content.len();
        match text.as_bytes().get(at) {
            Some(b'\n' | b' ') => at += 1,
            // Of blank lines between folded ones one has no byte of its own.
            Some(_) if !blank => return Vec::new(),
            _ => {}
        }
        line += 1;
    }
    pieces
}

#[cfg(feature = "yaml")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Manifests, model::Stage};

    /// What is marked for the first `x.y` of a variable's value.
    fn marked(value: &str) -> Option<String> {
        let text = format!(
            "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {{ name: a, namespace: shop }}\nspec:\n  \
             requestedFreight: [{{ origin: {{ kind: Warehouse, name: w }}, sources: {{ direct: true }} }}]\n  vars:\n  \
             - name: v\n    value: {value}\n"
        );
        let manifests = Manifests::parse("a.yaml", &text).unwrap();
        let (stage, entry) = manifests.all::<Stage>().next().unwrap();
        let text_of = stage.spec.vars[0].value.clone().unwrap();
        let path = Path::of(&["spec", "vars"]).index(0).key("value");
        let locator = Locator::new(Some(entry), &path, &text_of);
        let at = text_of.find("x.y").unwrap();
        let span = locator.span(at..at + 3)?;
        let line = text.lines().nth(span.line as usize - 1).unwrap();
        assert_eq!(span.end_line, span.line);
        Some(line.chars().skip(span.column as usize - 1).take((span.end_column - span.column) as usize).collect())
    }

    #[test]
    fn rules_17_columns_inside_of_scalars() {
        for value in [
            "a ${{ x.y }}",
            "\"${{ x.y }}\"",
            "'é ${{ x.y }}'",
            "|\n      a\n      ${{ x.y }}",
            "|-\n      ${{\n        1 + x.y\n      }}\n\n      b",
            ">\n      a b\n      c ${{ x.y }}\n\n      d",
            "|2-\n        ${{ x.y }}",
        ] {
            assert_eq!(marked(value).as_deref(), Some("x.y"), "{value}");
        }
        for value in ["\"\\\"${{ x.y }}\"", "'it''s ${{ x.y }}'", "\"a\n      ${{ x.y }}\"", "a\n      ${{ x.y }}"] {
            assert_eq!(marked(value), None, "{value}");
        }
    }
}
