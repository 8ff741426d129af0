//! The syntax tree: nodes in one table, children before their parents, so that no walk needs the machine's stack.

use std::sync::Arc;

/// A node of an [`Ast`].
pub type NodeId = u32;

/// An operator between two operands (promotion-engine 6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    In,
    Matches,
    Contains,
    StartsWith,
    EndsWith,
    Range,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
    Coalesce,
}

impl BinaryOp {
    /// The operator that `text` writes.
    pub(super) fn read(text: &str) -> Option<Self> {
        Some(match text {
            "or" | "||" => Self::Or,
            "and" | "&&" => Self::And,
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            ">" => Self::Greater,
            "<=" => Self::LessEqual,
            ">=" => Self::GreaterEqual,
            "in" => Self::In,
            "matches" => Self::Matches,
            "contains" => Self::Contains,
            "startsWith" => Self::StartsWith,
            "endsWith" => Self::EndsWith,
            ".." => Self::Range,
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Modulo,
            "**" | "^" => Self::Power,
            "??" => Self::Coalesce,
            _ => return None,
        })
    }

    /// How it is printed.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::Greater => ">",
            Self::LessEqual => "<=",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Matches => "matches",
            Self::Contains => "contains",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Range => "..",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Power => "**",
            Self::Coalesce => "??",
        }
    }

    /// How tightly it binds.
    #[must_use]
    pub fn precedence(self) -> u16 {
        match self {
            Self::Or => 10,
            Self::And => 15,
            Self::Range => 25,
            Self::Add | Self::Subtract => 30,
            Self::Multiply | Self::Divide | Self::Modulo => 60,
            Self::Power => 100,
            Self::Coalesce => 500,
            _ => 20,
        }
    }

    /// `< > <= >=`, which chain.
    #[must_use]
    pub fn is_ordering(self) -> bool {
        matches!(self, Self::Less | Self::Greater | Self::LessEqual | Self::GreaterEqual)
    }

    /// Whether `not` may stand before it.
    pub(super) fn takes_not(self) -> bool {
        matches!(self, Self::In | Self::Matches | Self::Contains | Self::StartsWith | Self::EndsWith)
    }
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum UnaryOp {
    Not,
    Minus,
    Plus,
}

impl UnaryOp {
    /// How it is printed.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Not => "not",
            Self::Minus => "-",
            Self::Plus => "+",
        }
    }
}

/// How a call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallForm {
    /// `f(a)`
    Plain,
    /// `a | f()`: the first argument stands before the pipe.
    Piped,
    /// `::f(a)`: the built-in function, whatever the host has declared.
    Builtin,
}

/// One construct.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Node {
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// `12`
    Int(i64),
    /// `1.5`
    Float(f64),
    /// `"text"`
    Text(Arc<str>),
    /// `b"bytes"`
    Bytes(Arc<[u8]>),
    /// A name of the environment or of a `let`.
    Name(Arc<str>),
    /// `#`, `#index`, `#acc`: the text after `#`.
    Pointer(Arc<str>),
    /// An operator before its operand.
    Unary(UnaryOp, NodeId),
    /// An operator between its operands; `negated` for `not in` and the like.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// The left operand.
        left: NodeId,
        /// The right operand.
        right: NodeId,
        /// Whether `not` stands before the operator.
        negated: bool,
    },
    /// `a < b <= c`: a conjunction.
    Chained {
        /// The leftmost operand.
        first: NodeId,
        /// The rest, at least two.
        rest: Vec<(BinaryOp, NodeId)>,
    },
    /// `base.name`, `base?.name`
    Member {
        /// What has the member.
        base: NodeId,
        /// The name.
        name: Arc<str>,
        /// `?.`
        optional: bool,
    },
    /// `base[index]`, `base?.[index]`
    Index {
        /// What is indexed.
        base: NodeId,
        /// The index.
        index: NodeId,
        /// `?.`
        optional: bool,
    },
    /// `base[from:to]`
    Slice {
        /// What is cut.
        base: NodeId,
        /// The first element, 0 if absent.
        from: Option<NodeId>,
        /// The element after the last.
        to: Option<NodeId>,
    },
    /// Where a nil before a `?.` inside comes out.
    Chain(NodeId),
    /// A call of a function.
    Call {
        /// Its name.
        name: Arc<str>,
        /// Its arguments, also the one before a pipe.
        arguments: Vec<NodeId>,
        /// How it is written.
        form: CallForm,
    },
    /// `base.name(arguments)`; `callee` is a [`Node::Member`].
    Method {
        /// What is called.
        callee: NodeId,
        /// Its arguments.
        arguments: Vec<NodeId>,
    },
    /// An argument that is evaluated once for each element.
    Predicate {
        /// What is evaluated.
        body: NodeId,
        /// Whether braces stand around it.
        braced: bool,
    },
    /// `c ? a : b`; without `then` the short form `c ?: b`.
    Ternary {
        /// The condition.
        condition: NodeId,
        /// The value if true.
        then: Option<NodeId>,
        /// The value if false.
        otherwise: NodeId,
    },
    /// `if c { a } else { b }`
    If {
        /// The condition.
        condition: NodeId,
        /// The value if true.
        then: NodeId,
        /// The value if false; another `If` for `else if`.
        otherwise: NodeId,
    },
    /// `let name = value; body`
    Let {
        /// The name.
        name: Arc<str>,
        /// Its value.
        value: NodeId,
        /// Where it holds.
        body: NodeId,
    },
    /// `a; b`: the last one's value.
    Sequence(Vec<NodeId>),
    /// `[a, b]`
    List(Vec<NodeId>),
    /// `{a: b}`; keys are expressions.
    Map(Vec<(NodeId, NodeId)>),
}

impl Node {
    /// The nodes directly below, in the order of evaluation.
    #[must_use]
    pub fn children(&self) -> Vec<NodeId> {
        match self {
            Self::Unary(_, inner) | Self::Chain(inner) | Self::Predicate { body: inner, .. } => vec![*inner],
            Self::Member { base, .. } => vec![*base],
            Self::Binary { left, right, .. } => vec![*left, *right],
            Self::Chained { first, rest } => {
                [*first].into_iter().chain(rest.iter().map(|(_, operand)| *operand)).collect()
            }
            Self::Index { base, index, .. } => vec![*base, *index],
            Self::Slice { base, from, to } => [Some(*base), *from, *to].into_iter().flatten().collect(),
            Self::Call { arguments, .. } => arguments.clone(),
            Self::Method { callee, arguments } => [callee].into_iter().chain(arguments).copied().collect(),
            Self::Ternary { condition, then, otherwise } => {
                [Some(*condition), *then, Some(*otherwise)].into_iter().flatten().collect()
            }
            Self::If { condition, then, otherwise } => vec![*condition, *then, *otherwise],
            Self::Let { value, body, .. } => vec![*value, *body],
            Self::Sequence(items) | Self::List(items) => items.clone(),
            Self::Map(pairs) => pairs.iter().flat_map(|(key, value)| [*key, *value]).collect(),
            Self::Nil
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Bytes(_)
            | Self::Name(_)
            | Self::Pointer(_) => Vec::new(),
        }
    }
}

/// The tree of one expression.
///
/// `Display` writes a text that reads back as an equal tree. Equality does not look at places.
#[derive(Clone, Debug)]
pub struct Ast {
    pub(super) nodes: Vec<Node>,
    /// Bytes before each node's decisive token.
    pub(super) places: Vec<usize>,
    pub(super) root: NodeId,
}

impl Ast {
    /// The outermost node.
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// The node with that number.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id as usize).unwrap_or(&Node::Nil)
    }

    /// Bytes before the node's decisive token: an operator, a name, a bracket.
    #[must_use]
    pub fn offset(&self, id: NodeId) -> usize {
        self.places.get(id as usize).copied().unwrap_or(0)
    }

    /// All nodes, children before parents.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }
}

impl PartialEq for Ast {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root && self.nodes == other.nodes
    }
}
