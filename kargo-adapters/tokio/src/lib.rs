//! What [`kargo_core`] needs of a runtime, from [tokio](https://docs.rs/tokio/1): today [`TokioClock`], the real clock.
//!
//! Futures must run on a tokio runtime with time enabled.

mod clock;

pub use clock::TokioClock;
