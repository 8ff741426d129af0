//! What the world may say, and in which words: step reports, wake keys, declarations of step kinds, answers and errors of
//! ports. Declarations alone.
//!
//! Whatever runs a step answers with a [`StepReport`], made from what a runner returns by [`StepReport::of`]. What a kind of
//! step touches, and how it may be repeated, is a [`StepSpec`]; the table of the built-in ones is [`StepSpecs::built_in`].

mod built_in;
mod cause;
mod checkouts;
mod effect_id;
mod evaluate;
mod formula;
mod host;
mod lane;
mod narrowing;
mod not_before;
mod port_error;
mod rate_limit;
mod reply;
mod seen;
mod spec;
mod specs;
mod step_error;
mod step_progress;
mod step_report;
mod touch;
mod touch_template;
mod wait;
mod wake_key;
mod wake_source;
mod work_path;

pub use checkouts::{Checkout, Checkouts};
pub use effect_id::EffectId;
pub use evaluate::SpecError;
pub use lane::{Lane, LaneTemplate};
pub use not_before::NotBefore;
pub use port_error::{PortClass, PortError};
pub use rate_limit::RateLimit;
pub use reply::Reply;
pub use seen::Seen;
pub use spec::{Outside, Repeat, StepSpec, Tree};
pub use specs::StepSpecs;
pub use step_error::StepError;
pub use step_progress::StepProgress;
pub use step_report::{Fact, Pin, StepOutcome, StepReport};
pub use touch::{Access, Touch, What};
pub use touch_template::TouchTemplate;
pub use wait::Wait;
pub use wake_key::{Signal, WakeKey};
pub use wake_source::WakeSource;
