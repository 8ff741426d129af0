//! The nouns of one project with their status, and borrowed views of them; no rules. Declarations alone.
//!
//! A [`World`] is what every decision reads. It is filled from manifests ([`World::from_manifests`]), from nouns one by one
//! ([`World::put`]), or by an engine. What nouns say is kept apart from what happens to them: [`PlaceState`] for a Stage or
//! one of its Targets, [`Visits`] for freight.

mod decisions;
mod freight_entry;
pub(crate) mod keyed;
mod lookup;
mod objects;
mod order;
mod place;
mod queue;
mod settings;
pub(crate) mod shared;
mod stage_view;
mod subscribers;
mod table;
mod view;
mod visit;
#[expect(clippy::module_inception, reason = "the module's one type")]
mod world;

pub use freight_entry::FreightState;
pub use order::{Age, Mark};
pub use place::{Held, Place, PlaceState};
pub use queue::Turn;
pub use settings::{UnreadableWindow, Windows};
pub use stage_view::StageView;
pub use view::{FreightView, PromotionView};
pub use visit::{Visit, Visits};
pub use world::World;
