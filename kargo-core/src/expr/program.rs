//! An expression, read and checked, ready to run.

use super::{
    ast::Ast,
    code::Op,
    compile::compile,
    error::ExprError,
    functions::{Functions, Host},
    parse::parse,
    run::Machine,
    types::Type,
    value::{Env, Value},
};
use crate::model::Timestamp;

/// An expression, read and checked once.
///
/// ```
/// use kargo_core::expr::{Functions, Program, Value};
///
/// let program = Program::compile("1 + 2 * 3", &Functions::new())?;
/// assert_eq!(program.run(&Default::default(), Default::default())?, Value::from(7));
/// assert_eq!(program.ast().to_string(), "1 + (2 * 3)");
///
/// let error = Program::compile("1 +", &Functions::new()).unwrap_err();
/// assert_eq!(error.to_string(), "unexpected token EOF (1:3)\n | 1 +\n | ..^");
/// # Ok::<(), kargo_core::expr::ExprError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) source: String,
    pub(super) ast: Ast,
    pub(super) code: Vec<Op>,
    /// Bytes before the source of each instruction.
    pub(super) places: Vec<usize>,
    pub(super) variables: usize,
    pub(super) result: Type,
}

impl Program {
    /// Reads and checks an expression.
    ///
    /// # Errors
    ///
    /// What the text is not, and what it could never do (promotion-engine 6.3, 6.6).
    pub fn compile(source: &str, functions: &Functions) -> Result<Self, ExprError> {
        let ast = parse(source, functions)?;
        compile(source, ast, functions)
    }

    /// Runs it at an instant over the names of `env`; names that are not there are nil.
    ///
    /// # Errors
    ///
    /// What goes wrong with these values (promotion-engine 6.5), or a limit is reached.
    pub fn run(&self, env: &Env, now: Timestamp) -> Result<Value, ExprError> {
        self.run_in(env, now, &())
    }

    /// As [`Program::run`], with somebody who answers the host's functions.
    ///
    /// # Errors
    ///
    /// As for [`Program::run`].
    pub fn run_in(&self, env: &Env, now: Timestamp, host: &dyn Host) -> Result<Value, ExprError> {
        Machine::new(self, env, now, host).run()
    }

    /// The source.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The tree.
    #[must_use]
    pub fn ast(&self) -> &Ast {
        &self.ast
    }

    /// What is known of the result.
    #[must_use]
    pub fn result(&self) -> Type {
        self.result
    }
}
