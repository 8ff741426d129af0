//! The words of the language: tokens, and how an error names them.

use std::fmt;

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Int(i64, String),
    Float(f64, String),
    Text(String),
    Bytes(Vec<u8>),
    /// An operator, punctuation or reserved word.
    Op(&'static str),
    Bracket(char),
    End,
}

/// Words that are operators.
pub(super) const WORDS: [&str; 11] =
    ["not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let", "if", "else"];

/// Punctuation, the longest first.
pub(super) const MARKS: [&str; 29] = [
    "...", "**", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "::", "..", "?", "|", "#", "+", "-", "*", "/", "%",
    "^", "<", ">", "!", ",", ";", ":", ".", "=",
];

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "Identifier({name:?})"),
            Self::Int(_, text) | Self::Float(_, text) => write!(f, "Number({text:?})"),
            Self::Text(text) => write!(f, "String({text:?})"),
            Self::Bytes(bytes) => write!(f, "Bytes({:?})", String::from_utf8_lossy(bytes)),
            Self::Op(text) => write!(f, "Operator({text:?})"),
            Self::Bracket(bracket) => write!(f, "Bracket({:?})", bracket.to_string()),
            Self::End => f.write_str("EOF"),
        }
    }
}
