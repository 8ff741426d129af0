//! What somebody may ask of an engine: builders, each with who asks and why. Declarations alone.

mod abort;
mod apply;
#[expect(clippy::module_inception, reason = "the module's one type")]
mod command;
mod freight;
mod judge;
mod pause;
mod promote;

pub use abort::{Abort, AbortVerification, Reverify};
pub use apply::{Apply, Delete, Import};
pub use command::{Asked, Command};
pub use freight::{Assemble, Derive, Refresh, SetAlias};
pub use judge::{Approve, Reject, Unreject};
pub use pause::{AcceptClock, Hold, Pause, ReleaseHold, Resume};
pub use promote::{Promote, PromoteFrom, Rollback, To, What};
