//! Asking the outside world as little as possible: what subscriptions select, over the ports. Declarations alone.
//!
//! A [`Discovery`] lives as long as the process: it has the ports, the budgets of accounts, and what was learnt before. A
//! [`Look`] is one round over any number of subscriptions; what two of them ask is asked once.

mod budget;
mod calls;
mod cost;
mod discovery;
mod forecast;
mod foresee;
mod image_look;
mod limits;
mod listing;
mod load;
mod look;
mod memo;
mod memory;
mod promise;
mod refused;
mod tag_look;
mod window;

pub use calls::{CallClass, Calls};
pub use cost::{Candidates, ChartCost, GitCost, ImageCost, ImageDemand, ImageShape, RegistryTraits, Session};
pub use discovery::Discovery;
pub use forecast::{Assumption, Expected, Forecast, RoundForecast};
pub use image_look::{Found, ImageLook};
pub use limits::AccountLimits;
pub use load::{Budget, LoadAdvice, LoadWarning, PlannedLook, check_load};
pub use look::Look;
pub use promise::{Promise, TagMoved};
pub use tag_look::{TagEffect, TagLook};
