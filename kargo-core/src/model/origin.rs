//! Where freight comes from: a Warehouse, or a Junction that bundled it (resources 8.1; rules 11).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The kind of thing that produces freight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OriginKind {
    /// A Warehouse, which finds artifacts.
    #[default]
    Warehouse,
    /// A Junction, which bundles freight of other origins. Kargo has no such kind.
    Junction,
}

impl OriginKind {
    /// The kind's spelling in manifests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warehouse => "Warehouse",
            Self::Junction => "Junction",
        }
    }
}

impl fmt::Display for OriginKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The producer of a piece of freight. Its text form, the *origin key* `<kind>/<name>`, is what Kargo uses as map key
/// and annotation value.
///
/// ```
/// use kargo_core::Origin;
/// let cart = Origin::warehouse("cart");
/// assert_eq!(cart.to_string(), "Warehouse/cart");
/// assert_eq!("Junction/train".parse::<Origin>()?, Origin::junction("train"));
/// # Ok::<(), kargo_core::model::OriginError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// What produces the freight.
    pub kind: OriginKind,
    /// The producer's name in the same project.
    pub name: String,
}

impl Origin {
    /// Freight of this Warehouse.
    #[must_use]
    pub fn warehouse(name: impl Into<String>) -> Self {
        Self { kind: OriginKind::Warehouse, name: name.into() }
    }

    /// Freight of this Junction: bundles.
    #[must_use]
    pub fn junction(name: impl Into<String>) -> Self {
        Self { kind: OriginKind::Junction, name: name.into() }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// Why a text is not an origin key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// There is no `/`, or more than one, or nothing after it.
    #[error("{0:?} is not an origin: write <kind>/<name>, such as Warehouse/cart")]
    Syntax(String),
    /// The part before the `/` is no origin kind.
    #[error("{0:?} has an unknown kind: an origin is a Warehouse or a Junction")]
    Kind(String),
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(key: &str) -> Result<Self, OriginError> {
        let syntax = || OriginError::Syntax(key.to_owned());
        let (kind, name) = key.split_once('/').ok_or_else(syntax)?;
        if name.is_empty() || name.contains('/') {
            return Err(syntax());
        }
        match kind {
            "Warehouse" => Ok(Self::warehouse(name)),
            "Junction" => Ok(Self::junction(name)),
            _ => Err(OriginError::Kind(key.to_owned())),
        }
    }
}

/// Maps keyed by origin are written with the origin's key, as Kargo writes them.
pub(crate) mod keyed {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap as _};

    use super::Origin;

    pub(crate) fn serialize<S: Serializer, V: Serialize>(
        map: &BTreeMap<Origin, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        // In the byte order of the keys, which is also the order of the parsed origins' texts.
        let sorted: BTreeMap<String, &V> = map.iter().map(|(origin, value)| (origin.to_string(), value)).collect();
        let mut out = serializer.serialize_map(Some(sorted.len()))?;
        for (key, value) in sorted {
            out.serialize_entry(&key, value)?;
        }
        out.end()
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Origin, V>, D::Error> {
        BTreeMap::<String, V>::deserialize(deserializer)?
            .into_iter()
            .map(|(key, value)| Ok((key.parse().map_err(D::Error::custom)?, value)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_8_1_origin_keys() {
        assert_eq!("Warehouse/my-warehouse".parse::<Origin>(), Ok(Origin::warehouse("my-warehouse")));
        for key in ["", "cart", "Warehouse/", "Warehouse/a/b", "/"] {
            assert_eq!(key.parse::<Origin>(), Err(OriginError::Syntax(key.into())), "{key}");
        }
        for key in ["warehouse/cart", "/cart", "Stage/cart"] {
            assert_eq!(key.parse::<Origin>(), Err(OriginError::Kind(key.into())), "{key}");
        }
    }
}
