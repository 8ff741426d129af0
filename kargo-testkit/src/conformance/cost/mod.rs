//! The cost table of requirements A: its rows, and how to run them against a registry, pretended or real. Declarations alone.
//!
//! A rig says which features its registry has; [`CostRow::run`] puts what the row needs, takes the looks, and brings what
//! they cost by formula, by forecast, and by count. The three have to be equal. A row whose features the registry does not
//! have is left out, and a test says so.
//!
//! ```
//! use std::sync::Arc;
//! use kargo_core::{discover::Calls, port::{Clock, ImageRegistry}};
//! use kargo_testkit::{FakeImage, conformance::{Cannot, CostFeatures, CostRig, block_on, cost_rows}};
//! use kargo_testkit::fake::{FakeRegistry, VirtualClock};
//!
//! struct Rig(Arc<FakeRegistry>, VirtualClock);
//!
//! #[async_trait::async_trait]
//! impl CostRig for Rig {
//!     async fn start(features: &CostFeatures) -> Result<Self, Cannot> {
//!         let clock = VirtualClock::default();
//!         let registry = FakeRegistry::new(&clock);
//!         registry.set_page_size(100);
//!         // This registry has its ways; other rows than those with just these features are left out.
//!         let ours = CostFeatures { list_etags: true, ..CostFeatures::default() };
//!         if *features == ours { Ok(Rig(Arc::new(registry), clock)) } else { Err(Cannot) }
//!     }
//!     fn registry(&self) -> Arc<dyn ImageRegistry> { self.0.clone() }
//!     fn clock(&self) -> Arc<dyn Clock> { Arc::new(self.1.clone()) }
//!     fn page_size(&self) -> u64 { 100 }
//!     async fn put(&self, image: FakeImage) { self.0.put(&image); }
//!     async fn take_calls(&self) -> Calls { self.0.peer().take_calls() }
//! }
//!
//! let mut ran = 0;
//! for row in cost_rows(40) {
//!     if let Ok(result) = block_on(row.run::<Rig>()) {
//!         assert!(result.is_exact(), "{result}");
//!         ran += 1;
//!     }
//! }
//! assert!(ran > 10);
//! ```

mod row;
mod rows;
mod run;

pub use row::{CostFeatures, CostImages, CostNumbers, CostRow, CostState};
pub use rows::cost_rows;
pub use run::{CostResult, CostRig};
