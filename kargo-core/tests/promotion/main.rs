//! The promotion process through its public face: a promotion is stored as Kargo stores it, asked what to do next, and told
//! what happened (promotion-engine 1 to 3; rules 1 to 5, 14, 15).
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "the worlds are made here; how many comes from the environment"
)]

mod abort;
mod conditions;
mod driver;
mod functions;
mod host;
mod live;
mod loops;
mod messages;
mod outputs;
mod passes;
mod properties;
mod resume;
mod secrets;
mod transitions;
mod tree;
mod variables;
mod waiting;
