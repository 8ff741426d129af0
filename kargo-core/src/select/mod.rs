//! Which artifacts: version constraints and name patterns.
