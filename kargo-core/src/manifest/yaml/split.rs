//! Cutting a text into documents at its `---` lines, so that a mistake in one document hides none in the next.

use crate::manifest::source::lines;

/// A piece of a text that holds one document (or several, separated by `...` alone), and its first line, from 0.
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
    pub(crate) first_line: u32,
}

/// The pieces of a text. A line that begins with `---` and a blank always begins a document: YAML allows it inside no
/// scalar. Directives (`%YAML 1.2`) before such a line stay with it; pieces of comments and blanks alone are left out.
pub(crate) fn split(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut first_line) = (0, 0);
    let mut holds_content = false;
    let mut offset = 0;
    let mut ended = false;
    for (number, line) in lines(text).enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        if is_marker(line) {
            if holds_content {
                pieces.push(Piece { text: text.get(start..offset).unwrap_or(""), first_line });
            }
            // Directives belong to the document that follows them.
            if holds_content || !is_directive(text.get(start..offset).unwrap_or("")) {
                (start, first_line) = (offset, number);
            }
            holds_content = !is_blank(line.get(3..).unwrap_or(""));
        } else if line.starts_with('%') && ended && holds_content {
            // A directive behind `...` belongs to the next document.
            pieces.push(Piece { text: text.get(start..offset).unwrap_or(""), first_line });
            (start, first_line) = (offset, number);
            holds_content = false;
        } else if !is_blank(line) && !line.starts_with('%') {
            holds_content = true;
        }
        ended = line.trim_end() == "..." || (ended && is_blank(line));
        offset += line.len();
    }
    if holds_content {
        pieces.push(Piece { text: text.get(start..).unwrap_or(""), first_line });
    }
    pieces
}

fn is_marker(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

fn is_directive(piece: &str) -> bool {
    lines(piece).any(|line| line.starts_with('%'))
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line == "..."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(u32, &str)> {
        split(text).into_iter().map(|piece| (piece.first_line, piece.text)).collect()
    }

    #[test]
    fn documents_end_at_markers_only() {
        assert_eq!(pieces("a: 1\n---\nb: 2\n"), [(0, "a: 1\n"), (1, "---\nb: 2\n")]);
        assert_eq!(pieces("---\r\na: 1\r\n--- \r\nb: 2"), [(0, "---\r\na: 1\r\n"), (2, "--- \r\nb: 2")]);
        assert_eq!(pieces("--- a\n---b\n"), [(0, "--- a\n---b\n")]);
        assert_eq!(pieces("a: |\n  x\n ---\n"), [(0, "a: |\n  x\n ---\n")]);
        assert_eq!(pieces("%YAML 1.2\n---\na: 1\n"), [(0, "%YAML 1.2\n---\na: 1\n")]);
        assert_eq!(
            pieces("a: 1\n...\n# c\n%YAML 1.2\n---\nb: 2\n"),
            [(0, "a: 1\n...\n# c\n"), (3, "%YAML 1.2\n---\nb: 2\n")]
        );
        assert_eq!(pieces("a: 1\r---\rb: 2\r"), [(0, "a: 1\r"), (1, "---\rb: 2\r")]);
        assert_eq!(pieces(""), []);
        assert_eq!(pieces("# only\n---\n\n---\n# that\n...\n"), []);
        assert_eq!(pieces("# head\n---\na: 1\n"), [(1, "---\na: 1\n")]);
    }
}
