//! What is wrong with an expression, and where: the error that every step of this module returns.

use std::{fmt, ops::Range};

use super::sealed::Unresolved;

/// Where in a source something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Bytes before it.
    pub offset: usize,
    /// Lines count from 1.
    pub line: usize,
    /// Columns count code points from 1.
    pub column: usize,
}

/// Why an expression was refused or failed.
///
/// The sentences are those that the users of Kargo know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The text ends or goes on where it must not.
    #[error("unexpected token {found}")]
    UnexpectedToken {
        /// The token, as `Identifier("x")` or `EOF`.
        found: String,
    },
    /// A character that begins nothing.
    #[error("unrecognized character: {found:?}")]
    UnknownCharacter {
        /// The character.
        found: char,
    },
    /// A `/*` without `*/`.
    #[error("unclosed comment")]
    UnclosedComment,
    /// A text literal without its closing quote on the line.
    #[error("literal not terminated")]
    UnclosedText,
    /// A backslash before something that cannot be escaped.
    #[error("invalid char escape")]
    Escape,
    /// A number with letters in it.
    #[error("bad number syntax: {text:?}")]
    NumberSyntax {
        /// What was read.
        text: String,
    },
    /// A number outside of its type.
    #[error("number {text} is out of range")]
    NumberRange {
        /// What was read.
        text: String,
    },
    /// `a ?? b + c`.
    #[error("Operator ({operator}) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.")]
    CoalesceMix {
        /// The operator after `??`.
        operator: &'static str,
    },
    /// `filter(xs, a; b)`.
    #[error("wrap predicate with brackets {{ and }}")]
    BarePredicate,
    /// A source above [`limits::MAX_SOURCE`](super::limits::MAX_SOURCE).
    #[error("expression of {bytes} bytes is longer than the {limit} allowed")]
    SourceLength {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// More than [`limits::MAX_NODES`](super::limits::MAX_NODES).
    #[error("compilation failed: expression exceeds maximum allowed nodes")]
    Nodes,
    /// Deeper than [`limits::MAX_DEPTH`](super::limits::MAX_DEPTH).
    #[error("expression is nested deeper than {limit} levels")]
    Depth {
        /// The limit.
        limit: usize,
    },
    /// A `let` whose name is taken.
    #[error("cannot redeclare {what} {name}")]
    Redeclared {
        /// `builtin`, `function` or `variable`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// `#name` other than those of the predicate it stands in.
    #[error("unknown pointer #{name}")]
    UnknownPointer {
        /// The name.
        name: String,
    },
    /// Operands of types known to disagree.
    #[error("invalid operation: {operator} (mismatched types {left} and {right})")]
    Mismatch {
        /// The operator.
        operator: &'static str,
        /// Type of the left operand.
        left: String,
        /// Type of the right operand.
        right: String,
    },
    /// A prefix operator before a type it does not take.
    #[error("invalid operation: {operator} (mismatched type {operand})")]
    UnaryMismatch {
        /// The operator.
        operator: &'static str,
        /// Type of the operand.
        operand: String,
    },
    /// A condition that is no truth value.
    #[error("non-bool expression (type {found}) used as condition")]
    Condition {
        /// Its type.
        found: String,
    },
    /// A left side that `in` cannot find in such a collection.
    #[error("cannot use {found} as type {wanted} in {place}")]
    InOperand {
        /// Type of the left side.
        found: String,
        /// Type of what the collection has.
        wanted: String,
        /// `array` or `map key`.
        place: &'static str,
    },
    /// `in` on the right of which no collection stands.
    #[error("operator \"in\" not defined on {found}")]
    InUndefined {
        /// Type of the right side.
        found: String,
    },
    /// A member that a type is known not to have.
    #[error("type {base} has no {what} {name}")]
    NoMember {
        /// The type.
        base: String,
        /// `field` or `method`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// An index on a type that has none, or of a type that is none.
    #[error("type {base}[{index}] is undefined")]
    NoIndex {
        /// The type before the bracket.
        base: String,
        /// The type of the index.
        index: String,
    },
    /// A call with too few arguments.
    #[error("not enough arguments to call {name}")]
    TooFewArguments {
        /// The function.
        name: String,
    },
    /// A call with too many arguments.
    #[error("too many arguments to call {name}")]
    TooManyArguments {
        /// The function.
        name: String,
    },
    /// An argument of a type known to be wrong.
    #[error("cannot use {found} as argument (type {wanted}) to call {name} ")]
    Argument {
        /// Its type.
        found: String,
        /// The type that the function takes.
        wanted: String,
        /// The function.
        name: String,
    },
    /// A predicate that is known to yield no truth value.
    #[error("predicate should return boolean (got {found})")]
    Predicate {
        /// What it yields.
        found: String,
    },
    /// A function without a predicate over something known to be no array.
    #[error("builtin {name} takes only array (got {found})")]
    NotArray {
        /// The function.
        name: String,
        /// Type of the argument.
        found: String,
    },
    /// A regular expression that RE2 does not read.
    #[error("error parsing regexp: {reason}")]
    Pattern {
        /// What the reader of patterns says.
        reason: String,
    },
    /// A member of nothing, or of what has no members.
    #[error("cannot fetch {key} from {base}")]
    Fetch {
        /// The key.
        key: String,
        /// Type of the base.
        base: String,
    },
    /// An index outside of an array.
    #[error("index out of range: {index} (array length is {length})")]
    IndexRange {
        /// The index.
        index: i64,
        /// Elements of the array.
        length: usize,
    },
    /// Operands that an operator does not take.
    #[error("invalid operation: {left} {operator} {right}")]
    Operands {
        /// The operator.
        operator: &'static str,
        /// Type of the left operand.
        left: String,
        /// Type of the right operand.
        right: String,
    },
    /// An operand that a prefix operator does not take.
    #[error("invalid operation: {operator} {operand}")]
    Operand {
        /// The operator.
        operator: &'static str,
        /// Type of the operand.
        operand: String,
    },
    /// A value of one type where another is needed.
    #[error("interface conversion: interface {{}} is {found}, not {wanted}")]
    Conversion {
        /// Its type.
        found: String,
        /// The type needed.
        wanted: &'static str,
    },
    /// `x % 0`.
    #[error("runtime error: integer divide by zero")]
    DivideByZero,
    /// A slice of something that is neither array nor string.
    #[error("cannot slice {found}")]
    Slice {
        /// Its type.
        found: String,
    },
    /// A call of a name or member that is no function.
    #[error("invalid operation: cannot call {found}")]
    NotCallable {
        /// What stands there.
        found: String,
    },
    /// The count of memory units has reached its limit.
    #[error("memory budget exceeded")]
    Memory,
    /// The count of steps has reached its limit.
    #[error("step budget exceeded: the expression does more than {limit} steps")]
    Steps {
        /// The limit.
        limit: u64,
    },
    /// Lists and maps that stand in each other too deep.
    #[error("value is nested deeper than {limit} levels")]
    ValueDepth {
        /// The limit.
        limit: u32,
    },
    /// `reduce` of nothing from nothing.
    #[error("reduce of empty array with no initial value")]
    EmptyReduce,
    /// Something is needed that is not known here (rules 2).
    #[error("{needs} is not resolved yet")]
    Unresolved {
        /// What.
        needs: Unresolved,
    },
    /// A mark of the journal's form that holds something else.
    #[error("malformed sealed value: {reason}")]
    SealedForm {
        /// What is wrong with it.
        reason: String,
    },
    /// What a function says is wrong with its arguments.
    #[error("{message}")]
    Function {
        /// Its sentence.
        message: String,
    },
}

impl Problem {
    /// A function's own sentence.
    pub fn function(message: impl Into<String>) -> Self {
        Self::Function { message: message.into() }
    }
}

/// A problem, its place, and the line it stands on.
///
/// `Display` prints the shape of promotion-engine 4.7:
///
/// ```
/// use kargo_core::expr::{Functions, Program};
///
/// let error = Program::compile("1 + nope.x", &Functions::new())?
///     .run(&Default::default(), Default::default())
///     .unwrap_err();
/// assert_eq!(error.to_string(), "cannot fetch x from <nil> (1:10)\n | 1 + nope.x\n | .........^");
/// # Ok::<(), kargo_core::expr::ExprError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    problem: Problem,
    place: Place,
    line: Box<str>,
    operands: Option<Box<[Operand; 2]>>,
}

/// An operand whose type is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The bytes of the source that it stands in.
    pub range: Range<usize>,
    /// Its type, as messages print it.
    pub kind: String,
}

impl ExprError {
    /// `offset` bytes into `source`; the end of the source is its last character.
    pub(super) fn new(problem: Problem, source: &str, offset: usize) -> Self {
        let last = source.char_indices().next_back().map_or(0, |(at, _)| at);
        let mut offset = offset.min(last);
        while !source.is_char_boundary(offset) {
            offset -= 1;
        }
        let (before, after) = source.split_at(offset);
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let end = after.find('\n').map_or(source.len(), |at| offset + at);
        let place = Place {
            offset,
            line: before.matches('\n').count() + 1,
            column: before.get(begin..).map_or(0, |text| text.chars().count()) + 1,
        };
        let line = source.get(begin..end).unwrap_or_default().into();
        Self { problem, place, line, operands: None }
    }

    /// With the operands that are to blame, if some are.
    pub(super) fn with_operands(self, operands: Option<[Operand; 2]>) -> Self {
        Self { operands: operands.map(Box::new), ..self }
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The two operands, if their types do not fit one another.
    #[must_use]
    pub fn operands(&self) -> &[Operand] {
        self.operands.as_deref().map_or(&[], <[_; 2]>::as_slice)
    }

    /// Where.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line.is_empty() {
            return write!(f, "{}", self.problem);
        }
        let Place { line, column, .. } = self.place;
        let dots = ".".repeat(column - 1);
        write!(f, "{} ({line}:{column})\n | {}\n | {dots}^", self.problem, self.line.replace('\t', " "))
    }
}

impl std::error::Error for ExprError {}
