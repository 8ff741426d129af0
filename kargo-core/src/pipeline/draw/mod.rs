//! Pictures of a stage graph: Mermaid, DOT and SVG.

mod derive;
mod dot;
mod from_pipeline;
mod layout;
mod mermaid;
mod picture;
#[cfg(test)]
mod samples;
mod state;
mod status;
mod svg;
mod text;

pub use picture::{Line, LineStyle, Picture, Shape, ShapeKind};
pub use state::PictureState;
pub use status::Status;
