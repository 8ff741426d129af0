//! Templates: texts with expressions in `${{ }}` or `${% %}`, and JSON values with such texts in them. Declarations alone.

mod coerce;
mod document;
mod error;
mod read_json;
mod scan;
mod single;

pub use document::Document;
pub use error::TemplateError;
pub use single::{Embedded, Template};
