//! Child processes that leave nothing behind, for adapters that run commands: a [`Group`] is a child with all it started.
//!
//! What a command is given, how long it may take and how much it may say differ from adapter to adapter, and are theirs.

mod group;

pub use group::Group;
