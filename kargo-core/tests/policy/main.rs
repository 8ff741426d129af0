//! What happens by itself in a Stage: candidates, automation, holds, the queue, its gates, what ended promotions leave, and
//! `evaluate`, which puts it together (control 2, 3.3, 3.7; rules 6, 7, 13, 16, 19).
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "the worlds are made here; how many comes from the environment"
)]

mod automation;
mod candidates;
mod collect;
mod cost;
mod digest;
mod evaluation;
mod gates;
mod guards;
mod holds;
mod properties;
mod queue;
mod random;
mod selection;
mod shop;
mod texts;
mod wakes;
mod world;
