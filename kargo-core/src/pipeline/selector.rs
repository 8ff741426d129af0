//! Which origins a Junction's selector means, without looking at every Warehouse for each selector.

use std::collections::BTreeMap;

use super::{
    NodeId, NodeKind,
    nouns::{Item, NodeNoun},
};
use crate::model::{LabelSelector, UnknownOperator};

/// The Warehouses and Junctions by their labels.
pub(super) struct Labels<'a> {
    origins: BTreeMap<NodeId, &'a BTreeMap<String, String>>,
    by_label: BTreeMap<(&'a str, &'a str), Vec<NodeId>>,
    any_unknown: bool,
}

impl<'a> Labels<'a> {
    /// The labels of the items that are Warehouses or Junctions; an item's position is its id.
    pub(super) fn new(items: &[Item<'a>]) -> Self {
        let mut labels = Self { origins: BTreeMap::new(), by_label: BTreeMap::new(), any_unknown: false };
        // Without Junctions nothing selects.
        if !items.iter().any(|item| item.kind == NodeKind::Junction) {
            return labels;
        }
        for (index, item) in items.iter().enumerate().filter(|(_, item)| item.kind != NodeKind::Stage) {
            labels.any_unknown |= matches!(item.noun, NodeNoun::Broken);
            if let Some(metadata) = item.metadata() {
                let id = NodeId::new(index);
                labels.origins.insert(id, &metadata.labels);
                for (key, value) in &metadata.labels {
                    labels.by_label.entry((key, value)).or_default().push(id);
                }
            }
        }
        labels
    }

    /// Whether the labels of a Warehouse or Junction are not known, because it had mistakes.
    pub(super) fn any_unknown(&self) -> bool {
        self.any_unknown
    }

    /// The Warehouses and Junctions that a selector matches, in order.
    pub(super) fn select(&self, selector: &LabelSelector) -> Result<Vec<NodeId>, UnknownOperator> {
        // An operator that does not exist is found also where no labels are looked at.
        selector.matches(&BTreeMap::new())?;
        let fewest = selector
            .match_labels
            .iter()
            .map(|(key, value)| self.by_label.get(&(key.as_str(), value.as_str())).map_or(&[][..], Vec::as_slice))
            .min_by_key(|ids| ids.len());
        let mut selected = Vec::new();
        match fewest {
            Some(ids) => {
                for id in ids {
                    if self.matches(selector, *id)? {
                        selected.push(*id);
                    }
                }
            }
            None => {
                for &id in self.origins.keys() {
                    if self.matches(selector, id)? {
                        selected.push(id);
                    }
                }
            }
        }
        Ok(selected)
    }

    fn matches(&self, selector: &LabelSelector, id: NodeId) -> Result<bool, UnknownOperator> {
        self.origins.get(&id).map_or(Ok(false), |labels| selector.matches(labels))
    }
}
