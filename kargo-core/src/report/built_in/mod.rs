//! The step kinds that Kargo has (steps 1; promotion-engine 7.4), a file for each group. Declarations alone.
//!
//! All have error threshold 1 and no timeout unless their row says otherwise (steps 0.2). What they touch follows steps 1,
//! how they repeat rules 1. The expressions are those of [`TouchTemplate`](super::TouchTemplate).

mod argocd;
mod control;
mod files;
mod forge;
mod git;
mod registry;
mod render;
mod web;

#[cfg(test)]
mod tests;

use super::StepSpec;

/// All 35.
pub(super) fn specs() -> Vec<StepSpec> {
    [
        argocd::specs(),
        control::specs(),
        files::specs(),
        forge::specs(),
        git::specs(),
        registry::specs(),
        render::specs(),
        web::specs(),
    ]
    .concat()
}
