//! Where the expressions of a template are (promotion-engine 4.1).

use std::ops::Range;

/// What stands in a template, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it is.
    Literal(Range<usize>),
    /// The text between an opener and its closer.
    Expression(Range<usize>),
    /// An opener without its closer; the last piece.
    Unclosed {
        /// Bytes before the opener.
        offset: usize,
        /// The closer.
        closer: &'static str,
    },
}

/// Whether the text has an opener, so that it is a template at all.
pub(super) fn is_template(text: &str) -> bool {
    next_opener(text, 0).is_some()
}

/// The pieces of a template. The first closer ends an expression, whatever stands around it; an expression of no
/// characters ends the template, and what follows is text.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    let literal = |range: Range<usize>, pieces: &mut Vec<Piece>| {
        if !range.is_empty() {
            pieces.push(Piece::Literal(range));
        }
    };
    while let Some((opener, closer)) = next_opener(text, at) {
        literal(at..opener, &mut pieces);
        let begin = opener + OPENER;
        let Some(length) = text.get(begin..).and_then(|rest| rest.find(closer)) else {
            pieces.push(Piece::Unclosed { offset: opener, closer });
            return pieces;
        };
        at = begin + length + closer.len();
        if length == 0 {
            break;
        }
        pieces.push(Piece::Expression(begin..begin + length));
    }
    literal(at..text.len(), &mut pieces);
    pieces
}

/// Bytes of an opener.
const OPENER: usize = 3;

/// The leftmost opener from `from` on, and its closer.
fn next_opener(text: &str, from: usize) -> Option<(usize, &'static str)> {
    let rest = text.get(from..)?;
    rest.match_indices("${").find_map(|(at, _)| {
        let closer = match rest.as_bytes().get(at + 2)? {
            b'{' => "}}",
            b'%' => "%}",
            _ => return None,
        };
        Some((from + at, closer))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |piece| match piece {
            Piece::Literal(range) => text[range].to_owned(),
            Piece::Expression(range) => format!("<{}>", &text[range]),
            Piece::Unclosed { offset, closer } => format!("{offset} lacks {closer}"),
        };
        pieces(text).into_iter().map(show).collect()
    }

    /// Promotion-engine 4.1 (2, 3): both pairs, the first closer, neighbours.
    #[test]
    fn expressions_end_at_the_first_closer() {
        assert_eq!(shown("a${{ 1 }}b${% {{}} %}"), ["a", "< 1 >", "b", "< {{}} >"]);
        assert_eq!(shown("${{ \"}}\" }}"), ["< \">", "\" }}"]);
        assert_eq!(shown("${{ {a: 1}}}"), ["< {a: 1>", "}"]);
        assert_eq!(shown("$${{1}}${{2}}"), ["$", "<1>", "<2>"]);
        assert_eq!(shown("${% \"${{ x }}\" %}"), ["< \"${{ x }}\" >"]);
        assert_eq!(shown("é${{ \"é\" }}é"), ["é", "< \"é\" >", "é"]);
        assert_eq!(shown("${{%}${%}}%}"), ["<%}${%>", "%}"]);
        assert_eq!(shown(""), [""; 0]);
    }

    /// Promotion-engine 4.1 (2): no closer.
    #[test]
    fn an_opener_needs_its_closer() {
        assert_eq!(shown("a ${{ 1 }} ${{ 2 %}"), ["a ", "< 1 >", " ", "11 lacks }}"]);
        assert_eq!(shown("${%"), ["0 lacks %}"]);
    }

    /// Promotion-engine 4.1 (4) and 8.1 (2).
    #[test]
    fn an_empty_expression_ends_the_template() {
        assert_eq!(shown("a${{}}b ${{ 1 }}"), ["a", "b ${{ 1 }}"]);
        assert_eq!(shown("${%%}${{"), ["${{"]);
        assert_eq!(shown("${{ }}"), ["< >"]);
        assert!(is_template("${{}}"));
        assert!(!is_template("$ {{ 1 }} ${x} ${"));
    }
}
