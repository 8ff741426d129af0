//! Contracts of ports as tests that every adapter can run. Declarations alone.
//!
//! A *rig* says how to start a peer and how to put things into it; one macro turns it into named tests:
//! [`registry_conformance!`](crate::registry_conformance), [`git_conformance!`](crate::git_conformance),
//! [`charts_conformance!`](crate::charts_conformance), [`cache_conformance!`](crate::cache_conformance),
//! [`clock_conformance!`](crate::clock_conformance), [`verifier_conformance!`](crate::verifier_conformance),
//! [`health_conformance!`](crate::health_conformance), [`journal_conformance!`](crate::journal_conformance). Some tests need more of a rig than others (to move a tag, to answer 429).
//! A rig that does it says so in the macro, `can: [move_tag, limit]`; without that, those tests are reported as ignored.
//!
//! `tokio1:` runs each test in `#[tokio::test]` (the crate under test brings tokio 1), `block_on:` without a runtime.
//! `tokio1_real:` does so only where [`has_real_servers`] says that the servers which the rig starts are there.

mod cache;
mod charts;
mod clock;
mod cost;
mod git;
mod health;
mod images;
mod journal;
mod macros;
mod part;
mod registry;
mod verifier;

pub use cache::{CacheRig, cache_checks};
pub use charts::{ChartsRig, charts_checks};
pub use clock::{ClockRig, clock_checks};
pub use cost::{
    CostFeatures, CostImages, CostLogins, CostNumbers, CostResult, CostRig, CostRow, CostState, FakeCostRig, cost_rows,
};
pub use git::{GitRig, git_checks};
pub use health::{HealthRig, health_checks};
pub use journal::{JournalRig, journal_checks};
pub use part::{Cannot, block_on, has_real_servers};
pub use registry::{RegistryRig, registry_checks};
pub use verifier::{VerifierRig, verifier_checks};
