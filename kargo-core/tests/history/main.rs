//! What people hear of a project, why it is as it is, where time went, what stalls: notices, history, attribution, stalls
//! (requirements E5, F4; control 10; users-ask 2.3).
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests; KARGO_SOAK is asked of the environment, and how often each kind occurred is printed"
)]

mod attribution;
mod chains;
mod host;
mod notices;
mod random;
mod rare;
mod stalls;
mod texts;
