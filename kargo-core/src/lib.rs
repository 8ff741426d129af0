//! An embeddable continuous-promotion engine: Kargo's model, pure and deterministic.

pub mod freight;
pub mod manifest;
pub mod manual;
pub mod model;
pub mod pipeline;
pub mod select;

pub use manifest::Manifests;
pub use model::{Diagnostic, Diagnostics, Digest, FreightRef, NoSuch, Origin, StageName, Tag, Timestamp};
pub use pipeline::Pipeline;
