//! What fakes count in: the classes of the cost table.

pub use kargo_core::discover::{CallClass, Calls};
