//! Strategies for [proptest] 1: objects of every kind, whole pipelines that are valid, and pipelines with one known defect.

pub mod artifact;
pub mod config;
pub mod decision;
pub mod discovered;
pub mod freight;
pub mod json;
pub mod junction;
pub mod meta;
pub mod policy;
pub mod project;
pub mod promotion;
pub mod request;
pub mod scalar;
pub mod stage;
pub mod stage_status;
pub mod step;
pub mod subscription;
pub mod text;
pub mod url;
pub mod warehouse;

mod broken;
mod broken_document;
mod broken_graph;
mod object;
mod pipeline;
mod render;
mod render_node;
mod shapes;
mod sketch;

pub use broken::{Defect, Flaw, broken_by, broken_pipeline};
pub use object::{any_object, object_of};
pub use pipeline::{
    Feature, GeneratedPipeline, PipelineFacts, PipelineSize, Shape, any_pipeline, any_pipeline_sized, valid_pipeline,
    valid_pipeline_sized,
};
