//! The stage graph of one project: build, check, traverse, compare, draw.
//!
//! It is made of Warehouses, Junctions and Stages, and of what Stages and Junctions request (resources 9.1; architecture 6).
//! petgraph does the storing and some of the walking; nothing of it shows.

mod artifact;
mod build;
mod check;
mod cycle;
mod diff;
mod draft;
pub mod draw;
mod expressions;
mod flow;
mod freight;
mod graph;
mod id;
mod index;
mod nouns;
mod order;
mod policy;
mod query;
#[cfg(test)]
mod sample;
mod selector;
mod set;
mod source;
mod subject;
mod text;
mod view;

pub use artifact::ArtifactKind;
pub use diff::{
    Change, Diff, EdgeChange, EdgeTerms, NodeChange, NodeName, NodeTerms, RequestChange, RequestTerms, diff,
};
pub use freight::check_freight;
pub use graph::{Pipeline, Size};
pub use id::{NodeId, NodeKind, RequestId};
pub use nouns::Nouns;
pub use query::Query;
pub use set::NodeSet;
pub use view::{EdgeView, NodeView, RequestView};
