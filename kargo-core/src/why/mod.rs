//! Yes, no or not yet, as a tree of typed reasons with what would change them. Declarations alone.
//!
//! A [`Why`] is what every question about a decision is answered with, and what a refusal contains. It prints as a tree for
//! people, serialises, and says in code what it hangs on: [`Why::opens_at`], [`Why::needs`], [`Why::reasons`].

mod need;
mod node;
mod print;
mod reason;
mod text;
#[expect(clippy::module_inception, reason = "the module's one type")]
mod why;

pub use need::Need;
pub use node::{Mark, Node, Remedy, Spot, Told};
pub use reason::Reason;
pub use text::{instant, span};
pub use why::{Answer, Headline, Why};
