//! What a bundle is made of: its members, and theirs, down to the leaves (rules 9; architecture 6).

use serde::{Deserialize, Serialize};

use crate::model::{Freight, FreightReference, label::EXT_MEMBERS};

/// One member of a bundle: freight, with what it is made of, and its own members if it is a bundle too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// Name, origin and artifacts.
    #[serde(flatten)]
    pub freight: FreightReference,
    /// Members, of a bundle.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Self>,
}

/// The direct members of a bundle; none of other freight.
///
/// ```
/// use kargo_core::freight::{lineage, Member};
/// use kargo_core::model::{Freight, FreightReference, ObjectMeta, Origin};
///
/// let cart = FreightReference { name: "84d9a0d".into(), origin: Origin::warehouse("cart"), ..Default::default() };
/// let members = vec![Member { freight: cart, members: vec![] }];
/// let mut bundle = Freight { origin: Origin::junction("train"), ..Freight::default() };
/// lineage::set_members(&mut bundle, &members);
/// assert_eq!(lineage::members(&bundle), Ok(members));
/// ```
///
/// # Errors
///
/// The annotation is no list of members, with what the JSON reader says.
pub fn members(freight: &Freight) -> Result<Vec<Member>, String> {
    match freight.metadata.annotations.get(EXT_MEMBERS) {
        None => Ok(Vec::new()),
        Some(text) => serde_json::from_str(text).map_err(|error| error.to_string()),
    }
}

/// Writes the members of a bundle into its annotation.
pub fn set_members(freight: &mut Freight, members: &[Member]) {
    // Texts and maps with text keys always become JSON.
    let text = serde_json::to_string(members).unwrap_or_default();
    freight.metadata.annotations.insert(EXT_MEMBERS.to_owned(), text);
}

/// The leaves below some members, in order: freight that is no bundle.
#[must_use]
pub fn leaves(members: &[Member]) -> Vec<&FreightReference> {
    let mut found = Vec::new();
    let mut open: Vec<&Member> = members.iter().rev().collect();
    while let Some(member) = open.pop() {
        if member.members.is_empty() {
            found.push(&member.freight);
        }
        open.extend(member.members.iter().rev());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, OriginKind};

    fn member(name: &str, members: Vec<Member>) -> Member {
        let kind = if members.is_empty() { OriginKind::Warehouse } else { OriginKind::Junction };
        let origin = Origin { kind, name: name.to_owned() };
        Member { freight: FreightReference { name: name.into(), origin, ..FreightReference::default() }, members }
    }

    #[test]
    fn rules_9_leaves_are_found_at_any_depth_in_order() {
        let train = vec![
            member("a", vec![]),
            member("inner", vec![member("b", vec![]), member("deeper", vec![member("c", vec![])])]),
            member("d", vec![]),
        ];
        let names: Vec<_> = leaves(&train).into_iter().map(|leaf| leaf.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);

        let mut bundle = Freight::default();
        assert_eq!(members(&bundle), Ok(vec![]));
        set_members(&mut bundle, &train);
        assert_eq!(members(&bundle), Ok(train));
        bundle.metadata.annotations.insert(EXT_MEMBERS.into(), "{".into());
        assert!(members(&bundle).is_err());
    }
}
