//! Kargo's URL rules: one spelling per repository, for comparison, identity and credentials; never for connecting.
//!
//! Rules: resources 16.3, discovery 6. What cannot be normalised comes back exactly as it was given. The reference
//! leans on Go's URL reader, so the private modules here reproduce as much of that reader as the results depend on.
mod chart;
mod git;
mod go_authority;
mod go_url;
mod image;
mod path_join;
mod percent;
mod sanitize;

pub use chart::{chart_key, normalize_chart};
pub(crate) use git::has_normal_git;
pub use git::normalize_git;
pub use image::normalize_image;
pub use sanitize::sanitize;
