//! The cost table of requirements A: its rows, and how to run them against a registry, pretended or real. Declarations alone.
//!
//! A rig says which features its registry has; [`CostRow::run`] puts what the row needs, takes the looks, and brings what
//! they cost by formula, by forecast, and by count. The three have to be equal. A row whose features the registry does not
//! have is left out, and a test says so.
//!
//! ```
//! use kargo_testkit::conformance::{FakeCostRig, block_on, cost_rows};
//!
//! for row in cost_rows(40) {
//!     let result = block_on(row.run::<FakeCostRig>()).expect("the pretended registry has all features");
//!     assert!(result.is_exact(), "{result}");
//! }
//! ```

mod fake;
mod row;
mod rows;
mod run;

pub use fake::FakeCostRig;
pub use row::{CostFeatures, CostImages, CostLogins, CostNumbers, CostRow, CostState};
pub use rows::cost_rows;
pub use run::{CostResult, CostRig};
