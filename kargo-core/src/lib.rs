//! An embeddable continuous-promotion engine: Kargo's model, pure and deterministic.
pub mod model;
pub mod select;
