//! The kinds of objects, and what is common to all of them (resources 1; rules 11).

use std::fmt;

use super::{
    Approval, ClusterConfig, ClusterPromotionTask, EXTENSION_API_VERSION, Freight, Junction, KARGO_API_VERSION,
    ObjectMeta, Pause, Project, ProjectConfig, Promotion, PromotionRequest, PromotionTask, Rejection, Stage,
    StagePolicy, Target, Warehouse, WarehousePolicy,
};

/// What every object is: of a kind, with metadata.
pub trait Noun {
    /// The object's kind.
    const KIND: Kind;

    /// Name, project, labels, annotations.
    fn metadata(&self) -> &ObjectMeta;

    /// The object's name.
    fn name(&self) -> &str {
        &self.metadata().name
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $api:ident, $scope:ident;)+) => {
        /// A kind of object.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $kind,)+
        }

        impl Kind {
            /// Every kind: Kargo's eleven, then ours.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// The kind's spelling in manifests.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($kind),)+
                }
            }

            /// Group and version of the kind.
            #[must_use]
            pub const fn api_version(self) -> &'static str {
                match self {
                    $(Self::$kind => $api,)+
                }
            }

            /// Whether objects of the kind belong to no project.
            #[must_use]
            pub const fn is_cluster_scoped(self) -> bool {
                match self {
                    $(Self::$kind => matches!(Scope::$scope, Scope::Cluster),)+
                }
            }
        }

        /// An object of any kind.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Object {
            $($(#[$doc])* $kind(Box<$kind>),)+
        }

        impl Object {
            /// The object's kind.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)+
                }
            }

            /// Name, project, labels, annotations.
            #[must_use]
            pub fn metadata(&self) -> &ObjectMeta {
                match self {
                    $(Self::$kind(object) => &object.metadata,)+
                }
            }

            /// The same, to change it.
            pub fn metadata_mut(&mut self) -> &mut ObjectMeta {
                match self {
                    $(Self::$kind(object) => &mut object.metadata,)+
                }
            }
        }

        $(
            impl Noun for $kind {
                const KIND: Kind = Kind::$kind;

                fn metadata(&self) -> &ObjectMeta {
                    &self.metadata
                }
            }

            impl From<$kind> for Object {
                fn from(object: $kind) -> Self {
                    Self::$kind(Box::new(object))
                }
            }

            impl AsObject for $kind {
                fn of(object: &Object) -> Option<&Self> {
                    match object {
                        Object::$kind(noun) => Some(noun),
                        _ => None,
                    }
                }
            }
        )+

        impl serde::Serialize for Object {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$kind(object) => document(&**object).serialize(serializer),)+
                }
            }
        }

        impl Object {
            /// Reads an object of a known kind from its JSON form. Fields that the kind does not have are ignored.
            ///
            /// # Errors
            ///
            /// When a field has the wrong shape.
            pub fn from_json(kind: Kind, value: serde_json::Value) -> Result<Self, serde_json::Error> {
                match kind {
                    $(Kind::$kind => serde_json::from_value(value).map(Self::$kind),)+
                }
            }
        }
    };
}

enum Scope {
    Cluster,
    Project,
}

kinds! {
    /// Makes a namespace a project.
    Project: KARGO_API_VERSION, Cluster;
    /// Configuration of one project.
    ProjectConfig: KARGO_API_VERSION, Project;
    /// Configuration of a whole cluster.
    ClusterConfig: KARGO_API_VERSION, Cluster;
    /// Finds artifacts.
    Warehouse: KARGO_API_VERSION, Project;
    /// Artifacts that move together.
    Freight: KARGO_API_VERSION, Project;
    /// A place that freight is promoted to.
    Stage: KARGO_API_VERSION, Project;
    /// One run of a Stage's steps.
    Promotion: KARGO_API_VERSION, Project;
    /// Steps that Stages of a project share.
    PromotionTask: KARGO_API_VERSION, Project;
    /// Steps that Stages of all projects share.
    ClusterPromotionTask: KARGO_API_VERSION, Cluster;
    /// A wish to promote to every Target of a Stage.
    PromotionRequest: KARGO_API_VERSION, Project;
    /// A place of its own within a target-aware Stage.
    Target: KARGO_API_VERSION, Project;
    /// Ours: bundles freight of several origins.
    Junction: EXTENSION_API_VERSION, Project;
    /// Ours: what a Stage of Kargo's has no field for.
    StagePolicy: EXTENSION_API_VERSION, Project;
    /// Ours: what a Warehouse of Kargo's has no field for.
    WarehousePolicy: EXTENSION_API_VERSION, Project;
    /// Ours: nothing starts.
    Pause: EXTENSION_API_VERSION, Project;
    /// Ours: freight that nobody may promote.
    Rejection: EXTENSION_API_VERSION, Project;
    /// Ours: freight that may go without being verified.
    Approval: EXTENSION_API_VERSION, Project;
}

impl Kind {
    /// The kind with this group, version and spelling.
    #[must_use]
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == kind && known.api_version() == api_version)
    }

    /// Whether the kind is one that Kargo does not have.
    #[must_use]
    pub fn is_extension(self) -> bool {
        self.api_version() == EXTENSION_API_VERSION
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A noun that an [`Object`] may be.
pub trait AsObject: Noun + Sized {
    /// The noun, if the object is one of this kind.
    fn of(object: &Object) -> Option<&Self>;
}

impl Object {
    /// The object's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.metadata().name
    }

    /// The project the object belongs to, if it says so.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.metadata().namespace.as_deref()
    }

    /// The object as one kind of noun, if it is of that kind.
    ///
    /// ```
    /// use kargo_core::model::{Object, Stage, Warehouse};
    /// let object = Object::from(Stage::default());
    /// assert!(object.as_noun::<Stage>().is_some());
    /// assert!(object.as_noun::<Warehouse>().is_none());
    /// ```
    #[must_use]
    pub fn as_noun<T: AsObject>(&self) -> Option<&T> {
        T::of(self)
    }
}

impl serde::Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let found = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| serde::de::Error::custom(format!("there is no kind {text:?}")))
    }
}

/// An object as it was written: of a kind that its `apiVersion` and `kind` name.
impl<'de> serde::Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let value = serde_json::Value::deserialize(deserializer)?;
        let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        let (api, name) = (text("apiVersion"), text("kind"));
        let kind = Kind::of(api, name).ok_or_else(|| D::Error::custom(format!("there is no kind {api} {name}")))?;
        Self::from_json(kind, value).map_err(D::Error::custom)
    }
}

/// A noun as a whole document: with its group, version and kind before its own fields.
pub fn document<T: Noun + serde::Serialize>(noun: &T) -> impl serde::Serialize {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Document<'a, T> {
        api_version: &'static str,
        kind: &'static str,
        #[serde(flatten)]
        noun: &'a T,
    }
    Document { api_version: T::KIND.api_version(), kind: T::KIND.as_str(), noun }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_1_kinds_and_scopes() {
        assert_eq!(Kind::ALL.iter().filter(|kind| !kind.is_extension()).count(), 11);
        let cluster: Vec<_> = Kind::ALL.iter().filter(|kind| kind.is_cluster_scoped()).map(|k| k.as_str()).collect();
        assert_eq!(cluster, ["Project", "ClusterConfig", "ClusterPromotionTask"]);
        assert_eq!(Kind::of("kargo.akuity.io/v1alpha1", "Stage"), Some(Kind::Stage));
        assert_eq!(Kind::of("kargo-core.rs/v1alpha1", "Stage"), None);
        assert_eq!(Kind::of("kargo-core.rs/v1alpha1", "Junction"), Some(Kind::Junction));
        assert_eq!(Kind::of("v1", "Stage"), None);
    }

    #[test]
    fn resources_2_a_document_begins_with_its_kind() {
        let json = serde_json::to_string(&Object::from(Stage::default())).unwrap();
        assert!(json.starts_with(r#"{"apiVersion":"kargo.akuity.io/v1alpha1","kind":"Stage","metadata":{}"#), "{json}");
        assert!(json.ends_with(r#""status":{}}"#), "{json}");
    }
}
