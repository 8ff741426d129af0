//! Instants in zones, durations, and what an expression can do with them (promotion-engine 6.8).

mod duration;
mod layout;
mod members;
mod read;
mod value;

pub(super) use duration::{duration_text, parse_duration};
pub(super) use members::{between, duration_method, month_or_weekday_method, time_method, time_method_type};
pub(super) use read::{parse_any, parse_layout};
pub use value::{Time, Zone};
pub(super) use value::{month_name, weekday_name};
