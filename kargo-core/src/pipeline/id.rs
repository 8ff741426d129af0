//! Ids and kinds of what is in a pipeline: small numbers that are cheap to copy and compare.

use std::fmt;

use serde::Serialize;

use crate::model::{Kind, OriginKind};

/// A Warehouse, Junction or Stage of one [`Pipeline`](super::Pipeline).
///
/// Ids are ordered as nodes are: by kind (Warehouse, Junction, Stage), then by name. They mean nothing in another pipeline,
/// not even in one that was built again from changed manifests; keep names instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    pub(super) fn new(index: usize) -> Self {
        Self(number(index))
    }

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One request of one [`Pipeline`](super::Pipeline): one origin that one Stage asks for, or one slot of a Junction.
///
/// Ids are ordered by the requesting node, then by the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(u32);

impl RequestId {
    pub(super) fn new(index: usize) -> Self {
        Self(number(index))
    }

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A position as a stored number. A pipeline of four billion nodes fits no memory, so the bound is never met.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// What a node of a pipeline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum NodeKind {
    /// Finds artifacts: an origin of freight.
    Warehouse,
    /// Bundles freight: requests it as a Stage does, and is an origin of bundles.
    Junction,
    /// A place that freight is promoted to.
    Stage,
}

impl NodeKind {
    /// Every kind, in the order of nodes.
    pub const ALL: &[Self] = &[Self::Warehouse, Self::Junction, Self::Stage];

    /// The kind's spelling in manifests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warehouse => "Warehouse",
            Self::Junction => "Junction",
            Self::Stage => "Stage",
        }
    }

    /// The kind among all kinds of objects.
    pub(super) const fn object_kind(self) -> Kind {
        match self {
            Self::Warehouse => Kind::Warehouse,
            Self::Junction => Kind::Junction,
            Self::Stage => Kind::Stage,
        }
    }

    /// The kind as an origin of freight; a Stage is none.
    pub(super) const fn origin_kind(self) -> Option<OriginKind> {
        match self {
            Self::Warehouse => Some(OriginKind::Warehouse),
            Self::Junction => Some(OriginKind::Junction),
            Self::Stage => None,
        }
    }
}

impl From<OriginKind> for NodeKind {
    fn from(kind: OriginKind) -> Self {
        match kind {
            OriginKind::Warehouse => Self::Warehouse,
            OriginKind::Junction => Self::Junction,
        }
    }
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
