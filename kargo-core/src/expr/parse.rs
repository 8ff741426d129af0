//! From tokens to the tree (promotion-engine 6.3, 6.4). What is open is kept in a list of frames, not on the stack.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    ast::{Ast, BinaryOp, CallForm, Node, NodeId, UnaryOp},
    builtins,
    error::{ExprError, Problem},
    functions::Functions,
    lexer::tokens,
    limits,
    token::Token,
};

/// Reads `source`; `functions` are those that hide a built-in function.
pub(super) fn parse(source: &str, functions: &Functions) -> Result<Ast, ExprError> {
    if source.len() > limits::MAX_SOURCE {
        let problem = Problem::SourceLength { bytes: source.len(), limit: limits::MAX_SOURCE };
        return Err(ExprError::new(problem, "", 0));
    }
    let tokens = tokens(source)?;
    let mut parser = Parser {
        tokens,
        at: 0,
        functions,
        ast: Ast { nodes: Vec::new(), places: Vec::new(), links: BTreeMap::new(), root: 0 },
        frames: Vec::new(),
        depth: 0,
        predicates: 0,
    };
    parser.run().map_err(|(problem, at)| ExprError::new(problem, source, at))?;
    Ok(parser.ast)
}

impl Ast {
    /// Reads an expression without checking it; `functions` are those that hide built-in ones.
    ///
    /// # Errors
    ///
    /// What is wrong with the text (promotion-engine 6.2 to 6.4), or a limit (rules 19).
    ///
    /// ```
    /// use kargo_core::expr::{Ast, Functions};
    ///
    /// let ast = Ast::parse("not a == b", &Functions::new())?;
    /// assert_eq!(ast.to_string(), "(not a) == b");
    /// # Ok::<(), kargo_core::expr::ExprError>(())
    /// ```
    pub fn parse(source: &str, functions: &Functions) -> Result<Self, ExprError> {
        parse(source, functions)
    }
}

type Located = (Problem, usize);

/// What to do next.
enum Step {
    /// Read a sequence.
    Sequence,
    /// Read an expression whose operators bind at least so tightly.
    Expr(u16),
    /// Read an operand.
    Primary,
    /// Members, indexes and calls may follow this node.
    Postfix(NodeId),
    /// This node is complete; give it to the innermost frame.
    Value(NodeId),
}

/// What is open, and what it has so far.
enum Frame {
    Sequence(Vec<NodeId>),
    Operand { min: u16, coalesced: bool },
    Right { min: u16, op: BinaryOp, left: NodeId, at: usize, negated: bool },
    Ordering { min: u16, op: BinaryOp, places: Vec<usize>, first: NodeId, rest: Vec<(BinaryOp, NodeId)> },
    Unary(UnaryOp, usize),
    Paren,
    List(Vec<NodeId>, usize),
    MapKey(Vec<(NodeId, NodeId)>, usize),
    MapValue(Vec<(NodeId, NodeId)>, NodeId, usize),
    Index { base: NodeId, optional: bool, at: usize },
    SliceEnd { base: NodeId, from: Option<NodeId>, at: usize },
    Arguments { name: Arc<str>, form: CallForm, arguments: Vec<NodeId>, predicate: Option<usize>, at: usize },
    MethodArguments { callee: NodeId, arguments: Vec<NodeId>, chained: bool, at: usize },
    Predicate { braced: bool, at: usize },
    Then { condition: NodeId },
    Else { condition: NodeId, then: Option<NodeId> },
    IfCondition(usize),
    IfThen { condition: NodeId, at: usize },
    IfElse { condition: NodeId, then: NodeId, at: usize, braced: bool },
    LetValue { name: Arc<str>, at: usize },
    LetBody { name: Arc<str>, value: NodeId, at: usize },
}

impl Frame {
    fn counts(&self) -> bool {
        !matches!(self, Self::Sequence(_) | Self::Operand { .. })
    }
}

struct Parser<'a> {
    tokens: Vec<(Token, usize)>,
    at: usize,
    functions: &'a Functions,
    ast: Ast,
    frames: Vec<Frame>,
    depth: usize,
    predicates: usize,
}

impl Parser<'_> {
    fn token(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(usize::MAX, |(_, at)| *at)
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn is(&self, token: &Token) -> bool {
        self.token() == token
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.is(token);
        if found {
            self.advance();
        }
        found
    }

    fn unexpected(&self) -> Located {
        (Problem::UnexpectedToken { found: self.token().to_string() }, self.place())
    }

    fn expect(&mut self, token: &Token) -> Result<(), Located> {
        if self.take(token) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn name(&mut self) -> Result<Arc<str>, Located> {
        let Token::Name(name) = self.token() else { return Err(self.unexpected()) };
        let name = name.as_str().into();
        self.advance();
        Ok(name)
    }

    fn add(&mut self, node: Node, at: usize) -> Result<NodeId, Located> {
        if self.ast.nodes.len() >= limits::MAX_NODES {
            return Err((Problem::Nodes, at));
        }
        let id = u32::try_from(self.ast.nodes.len()).map_err(|_| (Problem::Nodes, at))?;
        self.ast.nodes.push(node);
        self.ast.places.push(at);
        Ok(id)
    }

    fn open(&mut self, frame: Frame) -> Result<(), Located> {
        if frame.counts() {
            self.depth += 1;
            if self.depth > limits::MAX_DEPTH {
                return Err((Problem::Depth { limit: limits::MAX_DEPTH }, self.place()));
            }
        }
        self.frames.push(frame);
        Ok(())
    }

    fn run(&mut self) -> Result<(), Located> {
        let mut step = Step::Sequence;
        loop {
            step = match step {
                Step::Sequence => {
                    self.open(Frame::Sequence(Vec::new()))?;
                    Step::Expr(0)
                }
                Step::Expr(min) => self.expr(min)?,
                Step::Primary => self.primary()?,
                Step::Postfix(node) => self.postfix(node)?,
                Step::Value(node) => {
                    let Some(frame) = self.frames.pop() else {
                        self.ast.root = node;
                        return if self.is(&Token::End) { Ok(()) } else { Err(self.unexpected()) };
                    };
                    if frame.counts() {
                        self.depth -= 1;
                    }
                    self.value(frame, node)?
                }
            };
        }
    }

    fn expr(&mut self, min: u16) -> Result<Step, Located> {
        let at = self.place();
        if min == 0 && self.take(&Token::Op("let")) {
            let at = self.place();
            let name = self.name()?;
            self.expect(&Token::Op("="))?;
            self.open(Frame::LetValue { name, at })?;
            return Ok(Step::Expr(0));
        }
        if min == 0 && self.take(&Token::Op("if")) {
            self.open(Frame::IfCondition(at))?;
            return Ok(Step::Expr(0));
        }
        self.open(Frame::Operand { min, coalesced: false })?;
        Ok(Step::Primary)
    }

    fn primary(&mut self) -> Result<Step, Located> {
        let at = self.place();
        let token = self.token().clone();
        self.advance();
        let unary = match token {
            Token::Op("not" | "!") => Some((UnaryOp::Not, 50)),
            Token::Op("-") => Some((UnaryOp::Minus, 90)),
            Token::Op("+") => Some((UnaryOp::Plus, 90)),
            _ => None,
        };
        if let Some((op, precedence)) = unary {
            self.open(Frame::Unary(op, at))?;
            return Ok(Step::Expr(precedence));
        }
        Ok(match token {
            Token::Bracket('(') => {
                self.open(Frame::Paren)?;
                Step::Sequence
            }
            Token::Op("#") if self.predicates > 0 => {
                let name = if matches!(self.token(), Token::Name(_)) { self.name()? } else { "".into() };
                Step::Postfix(self.add(Node::Pointer(name), at)?)
            }
            Token::Op(".") if self.predicates > 0 => {
                self.at -= 1;
                Step::Postfix(self.add(Node::Pointer("".into()), at)?)
            }
            Token::Op("::") => {
                let at = self.place();
                let name = self.name()?;
                self.call(name, CallForm::Builtin, Vec::new(), at)?
            }
            Token::Name(name) => match name.as_str() {
                "true" | "false" => Step::Value(self.add(Node::Bool(name == "true"), at)?),
                "nil" => Step::Value(self.add(Node::Nil, at)?),
                _ if self.is(&Token::Bracket('(')) => self.call(name.into(), CallForm::Plain, Vec::new(), at)?,
                _ => Step::Postfix(self.add(Node::Name(name.into()), at)?),
            },
            Token::Int(value, _) => Step::Value(self.add(Node::Int(value), at)?),
            Token::Float(value, _) => Step::Value(self.add(Node::Float(value), at)?),
            Token::Text(text) => Step::Postfix(self.add(Node::Text(text.into()), at)?),
            Token::Bytes(bytes) => Step::Postfix(self.add(Node::Bytes(bytes.into()), at)?),
            Token::Bracket('[') if self.take(&Token::Bracket(']')) => {
                Step::Postfix(self.add(Node::List(Vec::new()), at)?)
            }
            Token::Bracket('[') => {
                self.open(Frame::List(Vec::new(), at))?;
                Step::Expr(0)
            }
            Token::Bracket('{') => self.map_key(Vec::new(), at)?,
            _ => {
                self.at -= 1;
                return Err(self.unexpected());
            }
        })
    }

    /// After `{` or `,`: the end, or the next key.
    fn map_key(&mut self, pairs: Vec<(NodeId, NodeId)>, at: usize) -> Result<Step, Located> {
        if self.take(&Token::Bracket('}')) {
            return Ok(Step::Postfix(self.add(Node::Map(pairs), at)?));
        }
        let place = self.place();
        let key: Arc<str> = match self.token() {
            Token::Name(text) | Token::Text(text) | Token::Int(_, text) | Token::Float(_, text) => text.as_str().into(),
            Token::Bracket('(') => {
                self.open(Frame::MapKey(pairs, at))?;
                return Ok(Step::Expr(0));
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        let key = self.add(Node::Text(key), place)?;
        self.expect(&Token::Op(":"))?;
        self.open(Frame::MapValue(pairs, key, at))?;
        Ok(Step::Expr(0))
    }

    /// At the `(` of a call.
    fn call(&mut self, name: Arc<str>, form: CallForm, given: Vec<NodeId>, at: usize) -> Result<Step, Located> {
        self.expect(&Token::Bracket('('))?;
        let builtin = form == CallForm::Builtin || !self.functions.has(&name);
        let predicate = if builtin { builtins::predicate_position(&name) } else { None };
        self.next_argument(Frame::Arguments { name, form, arguments: given, predicate, at }, true)
    }

    /// Before an argument or the closing parenthesis.
    fn next_argument(&mut self, frame: Frame, first: bool) -> Result<Step, Located> {
        if !first && !self.is(&Token::Bracket(')')) {
            self.expect(&Token::Op(","))?;
        }
        if self.take(&Token::Bracket(')')) {
            return Ok(match frame {
                Frame::Arguments { name, form, arguments, at, .. } => {
                    let node = self.add(Node::Call { name, arguments, form }, at)?;
                    if form == CallForm::Piped { Step::Value(node) } else { Step::Postfix(node) }
                }
                Frame::MethodArguments { callee, arguments, chained, at } => {
                    let node = self.add(Node::Method { callee, arguments }, at)?;
                    Step::Postfix(if chained { self.add(Node::Chain(node), at)? } else { node })
                }
                _ => return Err(self.unexpected()),
            });
        }
        let predicate =
            matches!(&frame, Frame::Arguments { arguments, predicate, .. } if *predicate == Some(arguments.len()));
        self.open(frame)?;
        if !predicate {
            return Ok(Step::Expr(0));
        }
        let at = self.place();
        let braced = self.take(&Token::Bracket('{'));
        self.predicates += 1;
        self.open(Frame::Predicate { braced, at })?;
        Ok(if braced { Step::Sequence } else { Step::Expr(0) })
    }

    fn postfix(&mut self, node: NodeId) -> Result<Step, Located> {
        let at = self.place();
        let optional = self.is(&Token::Op("?."));
        if optional || self.is(&Token::Op(".")) {
            self.advance();
            let at = self.place();
            if optional && self.take(&Token::Bracket('[')) {
                self.open(Frame::Index { base: node, optional, at })?;
                return Ok(Step::Expr(0));
            }
            let name: Arc<str> = match self.token() {
                Token::Name(name) => name.as_str().into(),
                Token::Op(word) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => (*word).into(),
                _ => return Err(self.unexpected()),
            };
            self.advance();
            // A link continues the chain before it, also through parentheses.
            let (base, chained) = match self.ast.node(node) {
                Node::Chain(inner) => (*inner, true),
                _ => (node, false),
            };
            let mut member = self.add(Node::Member { base, name, optional }, at)?;
            if self.take(&Token::Bracket('(')) {
                let chained = chained || optional;
                let frame = Frame::MethodArguments { callee: member, arguments: Vec::new(), chained, at };
                return self.next_argument(frame, true);
            }
            if chained || optional {
                member = self.add(Node::Chain(member), at)?;
            }
            return Ok(Step::Postfix(member));
        }
        if !self.take(&Token::Bracket('[')) {
            return Ok(Step::Value(node));
        }
        if self.take(&Token::Op(":")) {
            return self.slice_end(node, None, at);
        }
        self.open(Frame::Index { base: node, optional: false, at })?;
        Ok(Step::Expr(0))
    }

    fn slice_end(&mut self, base: NodeId, from: Option<NodeId>, at: usize) -> Result<Step, Located> {
        if self.take(&Token::Bracket(']')) {
            return Ok(Step::Postfix(self.add(Node::Slice { base, from, to: None }, at)?));
        }
        self.open(Frame::SliceEnd { base, from, at })?;
        Ok(Step::Expr(0))
    }

    fn value(&mut self, frame: Frame, node: NodeId) -> Result<Step, Located> {
        match frame {
            Frame::Sequence(mut items) => {
                items.push(node);
                if self.take(&Token::Op(";")) && !self.is(&Token::End) {
                    self.open(Frame::Sequence(items))?;
                    return Ok(Step::Expr(0));
                }
                if let [only] = items.as_slice() {
                    return Ok(Step::Value(*only));
                }
                let at = items.first().map_or(0, |first| self.ast.offset(*first));
                Ok(Step::Value(self.add(Node::Sequence(items), at)?))
            }
            Frame::Operand { min, coalesced } => self.operators(min, coalesced, node),
            Frame::Right { min, op, left, at, negated } => {
                let node = self.add(Node::Binary { op, left, right: node, negated }, at)?;
                self.operators(min, op == BinaryOp::Coalesce, node)
            }
            Frame::Ordering { min, op, mut places, first, mut rest } => {
                rest.push((op, node));
                if let Token::Op(text) = *self.token()
                    && let Some(op) = BinaryOp::read(text).filter(|op| op.is_ordering())
                {
                    places.push(self.place());
                    self.advance();
                    self.open(Frame::Ordering { min, op, places, first, rest })?;
                    return Ok(Step::Expr(op.precedence() + 1));
                }
                let chained = rest.len() > 1;
                let node = match rest.as_slice() {
                    [(op, right)] => Node::Binary { op: *op, left: first, right: *right, negated: false },
                    _ => Node::Chained { first, rest },
                };
                let node = self.add(node, places.first().copied().unwrap_or(0))?;
                if chained {
                    self.ast.links.insert(node, places);
                }
                self.operators(min, false, node)
            }
            Frame::Unary(op, at) => Ok(Step::Postfix(self.add(Node::Unary(op, node), at)?)),
            Frame::Paren => {
                self.expect(&Token::Bracket(')'))?;
                Ok(Step::Postfix(node))
            }
            Frame::List(mut items, at) => {
                items.push(node);
                let more = self.take(&Token::Op(","));
                if self.take(&Token::Bracket(']')) {
                    return Ok(Step::Postfix(self.add(Node::List(items), at)?));
                }
                if !more {
                    return Err(self.unexpected());
                }
                self.open(Frame::List(items, at))?;
                Ok(Step::Expr(0))
            }
            Frame::MapKey(pairs, at) => {
                self.expect(&Token::Op(":"))?;
                self.open(Frame::MapValue(pairs, node, at))?;
                Ok(Step::Expr(0))
            }
            Frame::MapValue(mut pairs, key, at) => {
                pairs.push((key, node));
                if !self.take(&Token::Op(",")) && !self.is(&Token::Bracket('}')) {
                    return Err(self.unexpected());
                }
                self.map_key(pairs, at)
            }
            Frame::Index { base, optional: false, at } if self.take(&Token::Op(":")) => {
                self.slice_end(base, Some(node), at)
            }
            Frame::Index { base, optional, at } => {
                self.expect(&Token::Bracket(']'))?;
                let (base, chained) = match self.ast.node(base) {
                    Node::Chain(inner) if optional => (*inner, true),
                    _ => (base, false),
                };
                let mut id = self.add(Node::Index { base, index: node, optional }, at)?;
                if chained || optional {
                    id = self.add(Node::Chain(id), at)?;
                }
                Ok(Step::Postfix(id))
            }
            Frame::SliceEnd { base, from, at } => {
                self.expect(&Token::Bracket(']'))?;
                Ok(Step::Postfix(self.add(Node::Slice { base, from, to: Some(node) }, at)?))
            }
            Frame::Arguments { name, form, mut arguments, predicate, at } => {
                arguments.push(node);
                self.next_argument(Frame::Arguments { name, form, arguments, predicate, at }, false)
            }
            Frame::MethodArguments { callee, mut arguments, chained, at } => {
                arguments.push(node);
                self.next_argument(Frame::MethodArguments { callee, arguments, chained, at }, false)
            }
            Frame::Predicate { braced, at } => {
                self.predicates -= 1;
                if braced {
                    self.expect(&Token::Bracket('}'))?;
                } else if self.is(&Token::Op(";")) {
                    return Err((Problem::BarePredicate, self.place()));
                }
                Ok(Step::Value(self.add(Node::Predicate { body: node, braced }, at)?))
            }
            Frame::Then { condition } => {
                self.expect(&Token::Op(":"))?;
                self.open(Frame::Else { condition, then: Some(node) })?;
                Ok(Step::Expr(0))
            }
            Frame::Else { condition, then } => {
                // The reference places a ternary at what follows it.
                Ok(Step::Value(self.add(Node::Ternary { condition, then, otherwise: node }, self.place())?))
            }
            Frame::IfCondition(at) => {
                self.expect(&Token::Bracket('{'))?;
                self.open(Frame::IfThen { condition: node, at })?;
                Ok(Step::Sequence)
            }
            Frame::IfThen { condition, at } => {
                self.expect(&Token::Bracket('}'))?;
                self.expect(&Token::Op("else"))?;
                let braced = !self.is(&Token::Op("if"));
                if braced {
                    self.expect(&Token::Bracket('{'))?;
                }
                self.open(Frame::IfElse { condition, then: node, at, braced })?;
                Ok(if braced { Step::Sequence } else { Step::Expr(0) })
            }
            Frame::IfElse { condition, then, at, braced } => {
                if braced {
                    self.expect(&Token::Bracket('}'))?;
                }
                Ok(Step::Value(self.add(Node::If { condition, then, otherwise: node }, at)?))
            }
            Frame::LetValue { name, at } => {
                self.expect(&Token::Op(";"))?;
                self.open(Frame::LetBody { name, value: node, at })?;
                Ok(Step::Sequence)
            }
            Frame::LetBody { name, value, at } => Ok(Step::Value(self.add(Node::Let { name, value, body: node }, at)?)),
        }
    }

    /// After a complete operand: what operator follows, if any.
    fn operators(&mut self, min: u16, coalesced: bool, left: NodeId) -> Result<Step, Located> {
        let Token::Op(mut text) = *self.token() else { return Ok(Step::Value(left)) };
        let mut at = self.place();
        let mut negated = false;
        if text == "not" {
            let Some((Token::Op(next), place)) = self.tokens.get(self.at + 1) else { return Err(self.unexpected()) };
            if !BinaryOp::read(next).is_some_and(BinaryOp::takes_not) {
                return Err(self.unexpected());
            }
            if BinaryOp::read(next).is_some_and(|op| op.precedence() < min) {
                return Ok(Step::Value(left));
            }
            (text, at, negated) = (next, *place, true);
            self.advance();
        }
        if text == "|" && min == 0 {
            self.advance();
            let at = self.place();
            let name = self.name()?;
            self.frames.push(Frame::Operand { min, coalesced: false });
            return self.call(name, CallForm::Piped, vec![left], at);
        }
        if text == "?" && min == 0 {
            self.advance();
            if self.take(&Token::Op(":")) {
                self.open(Frame::Else { condition: left, then: None })?;
            } else {
                self.open(Frame::Then { condition: left })?;
            }
            return Ok(Step::Expr(0));
        }
        let Some(op) = BinaryOp::read(text).filter(|op| op.precedence() >= min) else { return Ok(Step::Value(left)) };
        self.advance();
        if coalesced && op != BinaryOp::Coalesce {
            return Err((Problem::CoalesceMix { operator: text }, at));
        }
        let right = if op == BinaryOp::Power { op.precedence() } else { op.precedence() + 1 };
        self.open(if op.is_ordering() {
            Frame::Ordering { min, op, places: vec![at], first: left, rest: Vec::new() }
        } else {
            Frame::Right { min, op, left, at, negated }
        })?;
        Ok(Step::Expr(right))
    }
}
