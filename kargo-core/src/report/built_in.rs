//! The step kinds that Kargo has (steps 1; promotion-engine 7.4).

use super::StepSpec;

/// All 35.
pub(super) fn specs() -> Vec<StepSpec> {
    Vec::new()
}
