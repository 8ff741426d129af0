//! The expression language of `${{ }}`: reading, checking and running expressions. Declarations alone.
//!
//! Kargo's expressions are those of the Go library `expr-lang/expr`. A [`Program`] is one expression, read and checked
//! once; it runs any number of times over an [`Env`], deterministically, within the bounds of [`limits`].
//!
//! ```
//! use std::collections::BTreeMap;
//! use kargo_core::expr::{Functions, Program, Value};
//!
//! let program = Program::compile(r#"tags | filter(# startsWith "v") | last()"#, &Functions::new())?;
//! let tags = Value::from_json(&serde_json::json!(["v1", "v2", "x"])).unwrap();
//! let value = program.run(&BTreeMap::from([("tags".to_owned(), tags)]), Default::default())?;
//! assert_eq!(value, Value::from("v2"));
//! # Ok::<(), kargo_core::expr::ExprError>(())
//! ```

mod ast;
mod budget;
mod builtins;
mod calls;
mod check;
mod code;
mod compile;
mod entries;
mod error;
mod extent;
mod fold;
pub mod format;
mod functions;
mod journal;
mod json;
pub mod kargo;
mod lexer;
pub mod limits;
mod number;
mod operate;
mod parse;
mod parse_float;
mod pattern;
mod power;
mod predicate;
mod print;
mod program;
mod reads;
mod run;
mod sealed;
pub mod semver;
mod template;
mod time;
mod token;
mod types;
mod value;

pub use ast::{Ast, BinaryOp, CallForm, Node, NodeId, UnaryOp};
pub use builtins::builtin_names;
pub use calls::ClosedCall;
pub use entries::Entries;
pub use error::{ExprError, Operand, Place, Problem};
pub use functions::{Call, Function, Functions, Host, HostObject, HostType, Method};
pub use program::Program;
pub use reads::Reads;
pub use sealed::{Answer, Sealed, Unresolved};
pub use template::{Document, Embedded, Template, TemplateError};
pub use time::{Time, Zone};
pub use types::Type;
pub use value::{Env, List, Map, Table, Value};
