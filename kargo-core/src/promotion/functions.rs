//! Which functions the templates of a promotion can call (promotion-engine 5).

use std::sync::LazyLock;

use crate::expr::{Functions, format, kargo, semver};

/// The functions of variables (promotion-engine 2).
#[must_use]
pub fn for_variables() -> &'static Functions {
    static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| of(kargo::Group::VARIABLES));
    &FUNCTIONS
}

/// The functions of `if` and `config`: those of variables, and how the steps went (promotion-engine 1.10).
#[must_use]
pub fn for_steps() -> &'static Functions {
    static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| of(kargo::Group::STEP));
    &FUNCTIONS
}

fn of(groups: &[kargo::Group]) -> Functions {
    let mut functions = Functions::new();
    kargo::declare(&mut functions, groups);
    semver::add_to(&mut functions);
    format::add_to(&mut functions);
    functions
}
