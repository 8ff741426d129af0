//! The nouns of one project with their status, and borrowed views of them; no rules. Declarations alone.
//!
//! A [`World`] is what every decision reads. It is filled from manifests ([`World::from_manifests`]), from nouns one by one
//! ([`World::put`]), or by an engine.

mod lookup;
mod table;
mod view;
#[expect(clippy::module_inception, reason = "the module's one type")]
mod world;

pub use view::{FreightView, PromotionView, StageView};
pub use world::World;
