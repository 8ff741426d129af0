//! Pipelines with exactly one defect, and what a check must say of it.

use kargo_core::model::{Code, Kind, Object, Severity};
use proptest::{prelude::*, sample::select};

use super::{
    broken_document, broken_graph,
    pipeline::{GeneratedPipeline, PipelineSize, Shape, choices, valid_pipeline_sized},
    sketch::Tape,
};

macro_rules! flaws {
    ($($(#[$doc:meta])* $flaw:ident => $code:ident $severity:ident;)+) => {
        /// A way in which a pipeline can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Flaw {
            $($(#[$doc])* $flaw,)+
        }

        impl Flaw {
            /// Every flaw.
            pub const ALL: &[Self] = &[$(Self::$flaw,)+];

            /// The code under which the flaw must be reported.
            #[must_use]
            pub const fn code(self) -> Code {
                match self {
                    $(Self::$flaw => Code::$code,)+
                }
            }

            /// Whether it must be mended, or works but hardly as meant (rules 17).
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$flaw => Severity::$severity,)+
                }
            }
        }
    };
}

flaws! {
    /// A Stage takes freight from a Stage that does not exist, beside others that do.
    UnknownUpstream => UnknownUpstream Error;
    /// A slot takes freight from a Stage that does not exist, beside its other sources.
    UnknownUpstreamOfSlot => UnknownUpstream Error;
    /// A Stage requests freight of a Warehouse that does not exist, beside its other requests.
    UnknownOrigin => UnknownOrigin Error;
    /// A Junction has a slot for a Warehouse that does not exist, beside its other slots.
    UnknownOriginOfSlot => UnknownOrigin Error;
    /// Stages wait for one another.
    Cycle => Cycle Error;
    /// A Junction waits for a Stage or a Junction that waits for its bundles.
    JunctionCycle => Cycle Error;
    /// A Stage takes freight from itself.
    SelfReference => Cycle Error;
    /// A Stage takes freight from a Stage that does not request that origin, beside others that do.
    NeverHolds => NeverHolds Error;
    /// A Stage requests an origin twice.
    DuplicateOrigin => DuplicateOrigin Error;
    /// A Junction has two slots for an origin.
    DuplicateSlot => DuplicateOrigin Error;
    /// A request has no sources at all.
    ApprovalOnly => ApprovalOnly Warning;
    /// The only upstream of a Stage takes the freight by approval only, which is a defect too: see [`Defect::also`].
    Unreachable => Unreachable Warning;
    /// A step refers to a task that is not there.
    UnknownTask => UnknownTask Warning;
    /// A StagePolicy or a WarehousePolicy is about nothing.
    UnknownSubject => UnknownSubject Warning;
    /// A slot follows a control-flow Stage, which holds nothing.
    FollowsControlFlow => UpstreamKind Error;
    /// A slot selects origins by a label that none has.
    EmptySlotSelection => EmptySelection Warning;
    /// A promotion policy is for Stages that do not exist.
    EmptyPolicySelection => EmptySelection Warning;
    /// MatchUpstream with two upstream Stages.
    MatchUpstreamWithTwo => Conflict Error;
    /// MatchUpstream with freight straight from its origin.
    MatchUpstreamDirect => Conflict Error;
    /// Two steps have one alias, but for blanks around it.
    DuplicateAlias => Duplicate Error;
    /// A step has an alias that only Kargo gives.
    ReservedAlias => ReservedAlias Error;
    /// A step that stands for a task has a configuration.
    TaskStepWithConfig => Conflict Error;
    /// A step has a runner and a task.
    UsesAndTask => Conflict Error;
    /// A variable's name is none.
    BadVariable => Format Error;
    /// A Stage's name is none.
    BadName => Format Error;
    /// An object is there twice.
    DuplicateObject => DuplicateObject Error;
    /// An annotation of ours that does not exist.
    UnknownExtension => UnknownExtension Error;
    /// A version constraint that is none.
    BadConstraint => Constraint Error;
    /// A regular expression that is none.
    BadPattern => Pattern Error;
    /// A platform without an architecture.
    BadPlatform => Platform Error;
    /// Strategy Digest without the tag to follow.
    MissingDigestTag => DigestTag Error;
    /// Two subscriptions to one repository, spelled differently.
    DuplicateSubscription => Overlap Error;
    /// Two subscriptions of one name.
    DuplicateSubscriptionName => Duplicate Error;
    /// More artifacts are to be kept than may be.
    LimitOutOfRange => Range Error;
    /// A field that discovery refuses.
    RemovedField => Removed Error;
    /// A chart in a chart repository without a name.
    ChartWithoutName => Missing Error;
    /// A subscription of a type that nobody handles.
    UnknownSubscriptionType => UnknownType Error;
    /// A repository addressed over SSH.
    DeprecatedUrl => Deprecated Warning;
    /// The name of a ProjectConfig is not its namespace.
    ConfigName => ObjectName Error;
    /// Two promotion policies are for one exact name.
    DuplicatePolicy => Duplicate Error;
    /// Freight whose name is not its id.
    WrongIdentity => Identity Warning;
}

impl Flaw {
    /// The shapes that have a place for the flaw.
    fn shapes(self) -> &'static [Shape] {
        match self {
            Self::UnknownUpstreamOfSlot | Self::UnknownOriginOfSlot | Self::DuplicateSlot | Self::JunctionCycle => {
                &[Shape::JunctionSeries, Shape::JunctionNested]
            }
            Self::FollowsControlFlow => &[Shape::Hotfix, Shape::ControlFlow],
            Self::MatchUpstreamWithTwo => &[Shape::FanIn, Shape::Diamond, Shape::Hotfix],
            Self::Cycle => &[
                Shape::Linear,
                Shape::FanOut,
                Shape::FanIn,
                Shape::Diamond,
                Shape::Hotfix,
                Shape::SeveralOrigins,
                Shape::ControlFlow,
            ],
            _ => Shape::ALL,
        }
    }
}

/// What was broken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Defect {
    /// In which way the pipeline is wrong.
    pub flaw: Flaw,
    /// The object that is wrong; for circles all that wait for one another, in their order, and any of them may be the
    /// one that is named.
    pub objects: Vec<(Kind, String)>,
    /// The wrong value or name, such as that of the upstream Stage that does not exist.
    pub culprit: String,
    /// Another defect without which this one cannot be: its code and object.
    pub also: Option<(Code, Kind, String)>,
}

impl Defect {
    pub(super) fn new(flaw: Flaw, kind: Kind, name: &str, culprit: impl Into<String>) -> Self {
        Self { flaw, objects: vec![(kind, name.to_owned())], culprit: culprit.into(), also: None }
    }

    /// The code that must be reported.
    #[must_use]
    pub fn code(&self) -> Code {
        self.flaw.code()
    }

    /// Whether it must be mended.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.flaw.severity()
    }

    /// Whether a report may name this object.
    #[must_use]
    pub fn concerns(&self, kind: Kind, name: &str) -> bool {
        self.objects.iter().any(|(known, known_name)| *known == kind && known_name == name)
    }

    /// Code and object of the other defect that comes with this one, where there is one.
    #[must_use]
    pub fn also(&self) -> Option<(Code, Kind, &str)> {
        self.also.as_ref().map(|(code, kind, name)| (*code, *kind, name.as_str()))
    }
}

/// A pipeline that is valid but for one defect, of any flaw.
pub fn broken_pipeline() -> BoxedStrategy<(GeneratedPipeline, Defect)> {
    select(Flaw::ALL).prop_flat_map(broken_by).boxed()
}

/// A pipeline that is valid but for one defect of this flaw. The facts are those of the pipeline before it was broken.
pub fn broken_by(flaw: Flaw) -> BoxedStrategy<(GeneratedPipeline, Defect)> {
    let size = PipelineSize { stages: 2..=8, ..PipelineSize::default() };
    let pipeline = select(flaw.shapes()).prop_flat_map(move |shape| valid_pipeline_sized(shape, size.clone()));
    (pipeline, choices())
        .prop_filter_map("the pipeline has no place for the flaw", move |(mut pipeline, choices)| {
            let defect = inject(flaw, &mut pipeline.objects, &pipeline.project, &mut Tape::new(choices))?;
            Some((pipeline, defect))
        })
        .boxed()
}

fn inject(flaw: Flaw, objects: &mut Vec<Object>, project: &str, tape: &mut Tape) -> Option<Defect> {
    broken_graph::inject(flaw, objects, project, tape).or_else(|| broken_document::inject(flaw, objects, project, tape))
}
