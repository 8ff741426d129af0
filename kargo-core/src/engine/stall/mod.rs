//! What makes no progress, and why: by rule until a known instant, or stalled. Declarations alone.

mod find;
mod limits;
mod promotions;
mod stages;
mod standstill;

pub use limits::StallLimits;
pub use standstill::{Standstill, Still, StillBecause};
