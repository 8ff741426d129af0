//! Names of things, as cheap-to-clone texts that cannot be mixed up with one another.

use std::{borrow::Borrow, fmt, ops::Deref, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! text_type {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self(Arc::from(""))
            }
        }

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self(Arc::from(text.as_str()))
            }
        }

        impl From<&$name> for $name {
            fn from(name: &$name) -> Self {
                name.clone()
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }
    )+};
}

text_type! {
    /// The name of a project, which is also the namespace of everything in it (resources 1).
    ///
    /// ```
    /// use kargo_core::model::ProjectName;
    /// let shop: ProjectName = "shop".into();
    /// assert_eq!(shop, "shop");
    /// ```
    ProjectName;
    /// The name of a Stage.
    StageName;
    /// The name of a Warehouse.
    WarehouseName;
    /// The name of a Junction.
    JunctionName;
    /// The name of a piece of Freight: its 40-digit content id (resources 16.1).
    FreightName;
    /// The name of a Promotion (resources 16.4).
    PromotionName;
    /// The name of a Target (resources 13).
    TargetName;
    /// The name of a PromotionTask or ClusterPromotionTask (resources 11).
    TaskName;
    /// A tag of an image or of a git repository, exactly as its owner wrote it.
    Tag;
    /// A content digest such as `sha256:…` (resources 7.2).
    Digest;
    /// How a person refers to freight: by alias, by full id, or by the beginning of an id (7 digits or more).
    ///
    /// Which of these it is depends on the freight that exists, so a reference is only text until it is looked up.
    ///
    /// ```
    /// use kargo_core::FreightRef;
    /// let by_alias: FreightRef = "modest-marlin".into();
    /// assert!(!by_alias.may_be_id());
    /// assert!(FreightRef::from("84d9a0d").may_be_id());
    /// ```
    FreightRef;
}

impl FreightRef {
    /// The shortest beginning of an id that is taken for one, in hex digits.
    pub const MIN_PREFIX: usize = 7;

    /// Whether the text can be an id or the beginning of one: 7 to 40 lower-case hex digits. An alias may look so too,
    /// so a look-up asks for aliases first.
    #[must_use]
    pub fn may_be_id(&self) -> bool {
        (Self::MIN_PREFIX..=40).contains(&self.0.len())
            && self.0.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }
}

impl From<&FreightName> for FreightRef {
    fn from(name: &FreightName) -> Self {
        Self(name.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_an_id_only_when_it_can_be_one() {
        for (text, id) in [
            ("84d9a0d", true),
            ("84d9a0", false),
            ("84D9A0D", false),
            ("84d9a0d81714243ecd236c670da11c7259af9059", true),
            ("84d9a0d81714243ecd236c670da11c7259af90590", false),
            ("modest-marlin", false),
            ("", false),
        ] {
            assert_eq!(FreightRef::from(text).may_be_id(), id, "{text}");
        }
    }

    #[test]
    fn names_compare_with_plain_text_and_pass_through_serde() {
        let name = StageName::from("prod");
        assert_eq!(name, "prod");
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"prod\"");
        assert_eq!(serde_json::from_str::<StageName>("\"prod\"").unwrap(), name);
        assert_eq!(format!("{name:>6}|{name:?}"), "  prod|\"prod\"");
    }
}
