//! The types of the objects that Kargo's functions answer with: their names in messages, fields and methods
//! (promotion-engine 5.3, 5.4).

use crate::expr::{HostType, Method, Type};

const TEXT: Type = Type::Text;

/// The kind of an origin: a named text, which is never equal to a plain one.
pub static ORIGIN_KIND: HostType =
    HostType { name: "v1alpha1.FreightOriginKind", by_reference: false, fields: &[], methods: &[] };

/// What `warehouse(name)` is.
pub static ORIGIN: HostType = HostType {
    name: "v1alpha1.FreightOrigin",
    by_reference: false,
    fields: &[("Kind", Type::Host(&ORIGIN_KIND)), ("Name", TEXT)],
    methods: &[],
};

/// What `commitFrom` finds in freight.
pub static COMMIT: HostType = HostType {
    name: "v1alpha1.GitCommit",
    by_reference: false,
    fields: &[
        ("RepoURL", TEXT),
        ("ID", TEXT),
        ("Branch", TEXT),
        ("Tag", TEXT),
        ("Message", TEXT),
        ("Author", TEXT),
        ("Committer", TEXT),
        ("SubscriptionName", TEXT),
    ],
    methods: &[],
};

/// What `imageFrom` finds in freight.
pub static IMAGE: HostType = HostType {
    name: "v1alpha1.Image",
    by_reference: false,
    fields: &[
        ("RepoURL", TEXT),
        ("Tag", TEXT),
        ("Digest", TEXT),
        ("Annotations", Type::TextMap),
        ("SubscriptionName", TEXT),
    ],
    methods: &[],
};

/// What `chartFrom` finds, in freight and among what was discovered.
pub static CHART: HostType = HostType {
    name: "v1alpha1.Chart",
    by_reference: false,
    fields: &[("RepoURL", TEXT), ("Name", TEXT), ("Version", TEXT), ("SubscriptionName", TEXT)],
    methods: &[],
};

/// What `artifactFrom` finds, in freight and among what was discovered.
pub static ARTIFACT: HostType = HostType {
    name: "function.expressionFriendlyArtifactReference",
    by_reference: false,
    fields: &[("ArtifactType", TEXT), ("SubscriptionName", TEXT), ("Version", TEXT), ("Metadata", Type::Map)],
    methods: &[],
};

/// What `commitFrom` finds among what was discovered.
pub static DISCOVERED_COMMIT: HostType = HostType {
    name: "v1alpha1.DiscoveredCommit",
    by_reference: false,
    fields: &[
        ("ID", TEXT),
        ("Branch", TEXT),
        ("Tag", TEXT),
        ("Subject", TEXT),
        ("Author", TEXT),
        ("Committer", TEXT),
        ("CreatorDate", Type::Any),
    ],
    methods: &[],
};

/// What `imageFrom` finds among what was discovered.
pub static DISCOVERED_IMAGE: HostType = HostType {
    name: "v1alpha1.DiscoveredImageReference",
    by_reference: false,
    fields: &[("Tag", TEXT), ("Digest", TEXT), ("Annotations", Type::TextMap), ("CreatedAt", Type::Any)],
    methods: &[],
};

/// A version that another was raised to.
pub static VERSION: HostType = HostType {
    name: "semver.Version",
    by_reference: false,
    fields: &[],
    methods: &[
        method("Major", &[], Type::Uint),
        method("Minor", &[], Type::Uint),
        method("Patch", &[], Type::Uint),
        method("Prerelease", &[], TEXT),
        method("Metadata", &[], TEXT),
        method("String", &[], TEXT),
        method("IncMajor", &[], Type::Host(&VERSION)),
        method("IncMinor", &[], Type::Host(&VERSION)),
        method("IncPatch", &[], Type::Host(&VERSION)),
        method("SetPrerelease", &[TEXT], Type::Host(&VERSION)),
        method("SetMetadata", &[TEXT], Type::Host(&VERSION)),
    ],
};

/// What `semverParse` gives.
pub static VERSION_REF: HostType = HostType {
    name: "semver.Version",
    by_reference: true,
    fields: &[],
    methods: &[
        method("Major", &[], Type::Uint),
        method("Minor", &[], Type::Uint),
        method("Patch", &[], Type::Uint),
        method("Prerelease", &[], TEXT),
        method("Metadata", &[], TEXT),
        method("String", &[], TEXT),
        method("IncMajor", &[], Type::Host(&VERSION)),
        method("IncMinor", &[], Type::Host(&VERSION)),
        method("IncPatch", &[], Type::Host(&VERSION)),
        method("SetPrerelease", &[TEXT], Type::Host(&VERSION)),
        method("SetMetadata", &[TEXT], Type::Host(&VERSION)),
        method("Original", &[], TEXT),
        method("Compare", &[Type::Host(&VERSION_REF)], Type::Int),
        method("LessThan", &[Type::Host(&VERSION_REF)], Type::Bool),
        method("LessThanEqual", &[Type::Host(&VERSION_REF)], Type::Bool),
        method("GreaterThan", &[Type::Host(&VERSION_REF)], Type::Bool),
        method("GreaterThanEqual", &[Type::Host(&VERSION_REF)], Type::Bool),
        method("Equal", &[Type::Host(&VERSION_REF)], Type::Bool),
    ],
};

/// All of them.
#[must_use]
pub fn types() -> &'static [&'static HostType] {
    static ALL: &[&HostType] = &[
        &ORIGIN_KIND,
        &ORIGIN,
        &COMMIT,
        &IMAGE,
        &CHART,
        &ARTIFACT,
        &DISCOVERED_COMMIT,
        &DISCOVERED_IMAGE,
        &VERSION_REF,
        &VERSION,
    ];
    ALL
}

const fn method(name: &'static str, parameters: &'static [Type], returns: Type) -> Method {
    Method { name, parameters, returns }
}
