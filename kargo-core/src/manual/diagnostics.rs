//! Diagnostics by code.
