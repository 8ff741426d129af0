//! Whole pipelines that nothing is wrong with.

use std::{collections::BTreeSet, ops::RangeInclusive};

use kargo_core::model::Object;
use proptest::{collection::vec, prelude::*, sample::select};

use super::{render::render, shapes::draw, sketch::Tape};

/// How the Stages and Junctions of a pipeline stand to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Shape {
    /// One Stage behind the other.
    Linear,
    /// Many Stages behind one, and some behind those.
    FanOut,
    /// One Stage behind many.
    FanIn,
    /// Stages side by side between two others, again and again.
    Diamond,
    /// A row, and beside it a control-flow Stage through which freight reaches the last Stage at once.
    Hotfix,
    /// Stages of one origin each, then Stages that hold freight of all of them.
    SeveralOrigins,
    /// Control-flow Stages between others.
    ControlFlow,
    /// Junctions with Stages between, each bundling the bundles of the one before.
    JunctionSeries,
    /// Junctions that bundle the bundles of Junctions at once.
    JunctionNested,
    /// A Junction that finds its origins by label.
    OriginSelector,
    /// Everything together, at random.
    Mixed,
}

impl Shape {
    /// Every shape.
    pub const ALL: &[Self] = &[
        Self::Linear,
        Self::FanOut,
        Self::FanIn,
        Self::Diamond,
        Self::Hotfix,
        Self::SeveralOrigins,
        Self::ControlFlow,
        Self::JunctionSeries,
        Self::JunctionNested,
        Self::OriginSelector,
        Self::Mixed,
    ];
}

/// How large pipelines become. A shape that needs more than the size allows takes the fewest it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineSize {
    /// How many Stages.
    pub stages: RangeInclusive<usize>,
    /// How many Warehouses; shapes of one origin have one.
    pub origins: RangeInclusive<usize>,
}

impl Default for PipelineSize {
    /// 2 to 12 Stages, 1 to 4 Warehouses.
    fn default() -> Self {
        Self { stages: 2..=12, origins: 1..=4 }
    }
}

/// Something that a pipeline uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Feature {
    /// A control-flow Stage.
    ControlFlow,
    /// A Stage that requests freight of several origins.
    SeveralRequests,
    /// A Junction.
    Junction,
    /// A Junction that shares its name with a Warehouse.
    SharedName,
    /// A slot for every origin with a label.
    OriginSelector,
    /// A Stage that requests a Junction's bundles in its own spec.
    JunctionInline,
    /// A Stage that requests a Junction's bundles in its StagePolicy.
    JunctionInPolicy,
    /// A slot that a release does not wait for.
    OptionalSlot,
    /// A slot filled by people.
    ManualSlot,
    /// A slot filled with what its only upstream holds.
    MatchUpstreamSlot,
    /// A release with criteria.
    ReleaseCriteria,
    /// A Stage that automation keeps equal to its only upstream.
    MatchUpstream,
    /// Freight that all of several upstreams must have verified.
    AllUpstreams,
    /// Freight straight from its origin as well as from Stages.
    DirectAndUpstream,
    /// Soak time.
    Soak,
    /// Automatic promotion.
    AutoPromotion,
    /// A PromotionTask.
    Task,
    /// A ClusterPromotionTask.
    ClusterTask,
    /// A task repeated for each element of a list.
    ForEach,
    /// A StagePolicy.
    StagePolicy,
    /// A WarehousePolicy.
    WarehousePolicy,
    /// A target-aware Stage with Targets.
    Targets,
}

impl Feature {
    /// Every feature.
    pub const ALL: &[Self] = &[
        Self::ControlFlow,
        Self::SeveralRequests,
        Self::Junction,
        Self::SharedName,
        Self::OriginSelector,
        Self::JunctionInline,
        Self::JunctionInPolicy,
        Self::OptionalSlot,
        Self::ManualSlot,
        Self::MatchUpstreamSlot,
        Self::ReleaseCriteria,
        Self::MatchUpstream,
        Self::AllUpstreams,
        Self::DirectAndUpstream,
        Self::Soak,
        Self::AutoPromotion,
        Self::Task,
        Self::ClusterTask,
        Self::ForEach,
        Self::StagePolicy,
        Self::WarehousePolicy,
        Self::Targets,
    ];
}

/// What is true of a generated pipeline by the way it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipelineFacts {
    /// Its shape.
    pub shape: Shape,
    /// How many Stages it has.
    pub stages: usize,
    /// How many Junctions.
    pub junctions: usize,
    /// How many Warehouses.
    pub origins: usize,
    /// How many Stages and Junctions the longest way from a Warehouse has.
    pub depth: usize,
    /// How many Stages and Junctions stand at the same depth at most.
    pub width: usize,
    /// How deep bundles are nested: 1 for bundles of Warehouses' freight alone, 0 without Junctions.
    pub nesting: usize,
    /// What it uses.
    pub features: BTreeSet<Feature>,
}

/// The objects of one project, in any order, and facts about them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GeneratedPipeline {
    /// One Project and everything in it, and the cluster's tasks it refers to.
    pub objects: Vec<Object>,
    /// The project's name.
    pub project: String,
    /// What is true of it.
    pub facts: PipelineFacts,
}

/// A pipeline of any shape and the default size.
///
/// It has no circles, every upstream exists and requests the origin, no origin is requested twice, freight can reach
/// every Stage, and whatever is referred to is among the objects. Nothing about it deserves a warning.
pub fn any_pipeline() -> BoxedStrategy<GeneratedPipeline> {
    any_pipeline_sized(PipelineSize::default())
}

/// A pipeline of any shape and of this size.
pub fn any_pipeline_sized(size: PipelineSize) -> BoxedStrategy<GeneratedPipeline> {
    pipelines(select(Shape::ALL).boxed(), size)
}

/// A pipeline of this shape and the default size.
pub fn valid_pipeline(shape: Shape) -> BoxedStrategy<GeneratedPipeline> {
    valid_pipeline_sized(shape, PipelineSize::default())
}

/// A pipeline of this shape and size.
pub fn valid_pipeline_sized(shape: Shape, size: PipelineSize) -> BoxedStrategy<GeneratedPipeline> {
    pipelines(Just(shape).boxed(), size)
}

/// Choices for a whole pipeline. Shrinking takes choices away, which makes what is left plainer.
pub(super) fn choices() -> BoxedStrategy<Vec<u8>> {
    vec(any::<u8>(), 0..=400).boxed()
}

fn pipelines(shape: BoxedStrategy<Shape>, size: PipelineSize) -> BoxedStrategy<GeneratedPipeline> {
    (shape, size.stages, size.origins, choices())
        .prop_map(|(shape, stages, origins, choices)| render(shape, draw(shape, stages, origins, Tape::new(choices))))
        .boxed()
}
