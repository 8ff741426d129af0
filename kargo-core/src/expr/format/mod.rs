//! `quote`, `unsafeQuote`, `asYAML` and `asJSON`, and the writers they need (promotion-engine 4.4). Declarations alone.

mod add;
mod key_order;
mod quote;
mod unicode;
mod yaml;
mod yaml_meaning;
mod yaml_scalar;

pub use add::add_to;
