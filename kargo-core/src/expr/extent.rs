//! Where a construct begins and ends in its source: worked out from the tokens when a message needs it.

use std::ops::Range;

use super::{
    ast::{Ast, NodeId},
    lexer::tokens,
    program::Program,
    token::Token,
};

impl Program {
    /// The bytes of the source that a node was read from, without parentheses around it.
    ///
    /// ```
    /// use kargo_core::expr::{Functions, Node, Program};
    ///
    /// let program = Program::compile("1 + (a.b(2))[0] * 3", &Functions::new())?;
    /// let Node::Binary { right, .. } = program.ast().node(program.ast().root()) else { unreachable!() };
    /// assert_eq!(&program.source()[program.extent(*right)], "(a.b(2))[0] * 3");
    /// # Ok::<(), kargo_core::expr::ExprError>(())
    /// ```
    #[must_use]
    pub fn extent(&self, id: NodeId) -> Range<usize> {
        extent(self.source(), self.ast(), id)
    }
}

/// The bytes of `source` that a node was read from.
pub(super) fn extent(source: &str, ast: &Ast, id: NodeId) -> Range<usize> {
    let mut least = ast.offset(id);
    let mut most = least;
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        least = least.min(ast.offset(id));
        most = most.max(ast.offset(id));
        open.extend(ast.node(id).children());
    }
    // What has been read once can be read again.
    let Ok(tokens) = tokens(source) else { return least..most };
    let position = |offset: usize| tokens.partition_point(|(_, at)| *at < offset);
    let (mut first, mut last) = (position(least), position(most));
    // Brackets that were opened inside are closed inside, those that were closed inside were opened inside.
    let mut depth = 0_usize;
    let mut at = first;
    while let Some((token, _)) = tokens.get(at) {
        match token {
            Token::Bracket('(' | '[' | '{') => depth += 1,
            Token::Bracket(_) if depth > 0 => depth -= 1,
            Token::Bracket(_) => first = opening(&tokens, first).unwrap_or(first),
            _ => {}
        }
        let operand = matches!(token, Token::Name(_) | Token::Bracket(')' | ']'));
        // A list of no arguments has no node.
        let called = operand && matches!(tokens.get(at + 1), Some((Token::Bracket('('), _)));
        if at >= last && depth == 0 && !called {
            break;
        }
        at += 1;
    }
    last = at;
    let begin = tokens.get(first).map_or(least, |(_, at)| *at);
    let next = tokens.get(last + 1).map_or(source.len(), |(_, at)| *at);
    let end = begin + source.get(begin..next).map_or(0, |text| text.trim_end().len());
    begin..end
}

/// The bracket before `from` that is still open there.
fn opening(tokens: &[(Token, usize)], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, (token, _)) in tokens.iter().enumerate().take(from).rev() {
        match token {
            Token::Bracket(')' | ']' | '}') => depth += 1,
            Token::Bracket(_) if depth == 0 => return Some(at),
            Token::Bracket(_) => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::expr::{Functions, Node, Program};

    /// The operands of the outermost operator.
    fn operands(source: &str) -> [&str; 2] {
        let program = Program::compile(source, &Functions::new()).unwrap();
        let Node::Binary { left, right, .. } = program.ast().node(program.ast().root()) else { panic!("{source}") };
        [*left, *right].map(|id| &source[program.extent(id)])
    }

    #[test]
    fn operands_have_their_brackets_and_no_others() {
        for (source, wanted) in [
            (" a.b  ==  1 ", ["a.b", "1"]),
            ("f(a).B() == [1, [2]]", ["f(a).B()", "[1, [2]]"]),
            ("(a + b) == (c)", ["a + b", "c"]),
            ("(a + b).c == {k: (1)}.k", ["(a + b).c", "{k: (1)}.k"]),
            ("a[1:] == a[:]", ["a[1:]", "a[:]"]),
            ("a?.b == a?.[0]", ["a?.b", "a?.[0]"]),
            ("f() + g()", ["f()", "g()"]),
            ("f()() == now()", ["f()()", "now()"]),
            ("(xs | map(#.y)) == map(xs, {.y})", ["xs | map(#.y)", "map(xs, {.y})"]),
            ("-a == not (b)", ["-a", "not (b)"]),
            ("'x' == \"y\" /* no */", ["'x'", "\"y\" /* no */"]),
        ] {
            if Program::compile(source, &Functions::new()).is_ok() {
                assert_eq!(operands(source), wanted, "{source}");
            }
        }
    }

    #[test]
    fn operands_of_types_that_do_not_fit_are_named() {
        for (source, wanted) in [
            ("(1 + 2) == 'a'", [("1 + 2", "int"), ("'a'", "string")]),
            ("1 < (2) < 'a'", [("2", "int"), ("'a'", "string")]),
        ] {
            let error = Program::compile(source, &Functions::new()).unwrap_err();
            let found: Vec<_> =
                error.operands().iter().map(|operand| (&source[operand.range.clone()], &*operand.kind)).collect();
            assert_eq!(found, wanted, "{source}");
        }
    }
}
