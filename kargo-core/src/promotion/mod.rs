//! The promotion process: from a Stage's template to the steps of a promotion, and what their templates see. Declarations
//! alone.

mod literal;

pub use literal::{LiteralError, literal};
