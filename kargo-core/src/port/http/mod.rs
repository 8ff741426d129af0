//! How answers over HTTP become a [`Reply`](crate::report::Reply) or a [`PortError`](crate::report::PortError): one function, for
//! every adapter. Declarations alone.

mod classify;
mod headers;
mod limits;
mod retry_after;

pub use classify::{Call, classify};
