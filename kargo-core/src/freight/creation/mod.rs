//! New freight: made by itself of what was discovered, put together by hand, or derived from other freight (discovery 1.5 to
//! 1.10). Declarations alone.
//!
//! [`Creation`] decides for a Warehouse whether what was discovered becomes freight, and of which candidates; [`Assembly`]
//! makes freight of candidates that somebody chose; [`derive()`] makes freight like other freight with some artifacts replaced.
//! Nothing here changes anything: what comes back is the freight to be created, or why there is none.

mod alias;
mod artifact;
mod assembly;
mod checks;
mod clash;
mod clauses;
mod conditions;
mod criteria;
mod decision;
mod derive;
mod lookup;
mod stock;
mod warehouse;
mod window;

pub use artifact::Artifact;
pub use assembly::{Assembled, Assembly, AssemblyError, Unseen};
pub use checks::{ArtifactProblem, check};
pub use clash::{Candidate, Clash, Missing};
pub use conditions::{ConditionReason, Conditions};
pub use criteria::{CreationCriteria, CriteriaError};
pub use decision::{Combination, Created, Decision, Idle};
pub use derive::{Change, DeriveError, Derived, derive};
pub use stock::Stock;
pub use warehouse::Creation;
pub use window::{Window, windows};
