//! The instructions that an expression becomes: a machine with a stack of values.

use std::{collections::BTreeSet, sync::Arc};

use regex::Regex;

use super::{ast::BinaryOp, builtins::Builtin, functions::Function, predicate::Kind, types::Type, value::Value};

/// A place in the code, by number until the code is complete.
pub(super) type Label = usize;

/// One instruction.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Const(Value),
    /// A name of the environment.
    Env(Arc<str>),
    /// The whole environment.
    EnvMap,
    Var(usize),
    Store(usize),
    Pop,
    Not,
    Minus,
    Binary(BinaryOp),
    /// `==` of operands that are known to be of the type.
    EqualAs(Type),
    /// Compares the two topmost, leaves the upper one and the answer above it.
    Compare(BinaryOp),
    /// Removes the value below the topmost.
    Nip,
    Matches(Arc<Regex>),
    /// `in` a list of literal texts.
    InTexts(Arc<BTreeSet<String>>),
    Jump(Label),
    JumpIfFalse(Label),
    JumpIfFalseKeep(Label),
    JumpIfTrueKeep(Label),
    JumpUnlessNilKeep(Label),
    JumpIfNilKeep(Label),
    Member(Arc<str>),
    Index,
    Slice {
        from: bool,
        to: bool,
    },
    List(usize),
    Map(usize),
    Builtin(&'static Builtin, usize),
    Call(Arc<Function>, usize),
    Method(Arc<str>, usize),
    /// A call of a name that is no function.
    CallValue,
    /// Starts a predicate's loop over the list on the stack, below the second argument if there is one.
    Begin(Kind, bool),
    Next(Label),
    Take(Kind),
    Finish(Kind),
    Element,
    Position,
    Accumulator,
}
