//! Selectors: by labels, as Kubernetes has them, and by name or labels, as policies have them (resources 2 and 6.2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Selects objects by their labels. All requirements must hold; a selector without any matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// Labels that must have exactly these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// Further requirements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<LabelRequirement>,
}

/// One requirement of a [`LabelSelector`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelRequirement {
    /// The label's key.
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`. Kubernetes' schema takes any text here.
    pub operator: String,
    /// The values that `In` and `NotIn` compare with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// A requirement whose operator does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("label operator {operator:?} does not exist: use In, NotIn, Exists or DoesNotExist")]
pub struct UnknownOperator {
    /// The operator as written.
    pub operator: String,
}

impl LabelSelector {
    /// Whether labels satisfy every requirement.
    ///
    /// # Errors
    ///
    /// When an operator does not exist (resources 2: it fails when evaluated).
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> Result<bool, UnknownOperator> {
        let mut all = self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value));
        for requirement in &self.match_expressions {
            all &= requirement.matches(labels)?;
        }
        Ok(all)
    }
}

impl LabelRequirement {
    /// Whether labels satisfy this requirement. As in Kubernetes, an absent label satisfies `NotIn`.
    ///
    /// # Errors
    ///
    /// When the operator does not exist.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> Result<bool, UnknownOperator> {
        let value = labels.get(&self.key);
        match self.operator.as_str() {
            "In" => Ok(value.is_some_and(|value| self.values.contains(value))),
            "NotIn" => Ok(value.is_none_or(|value| !self.values.contains(value))),
            "Exists" => Ok(value.is_some()),
            "DoesNotExist" => Ok(value.is_none()),
            _ => Err(UnknownOperator { operator: self.operator.clone() }),
        }
    }
}

/// Selects Stages (or projects) by name, by labels, or by both (resources 6.2).
///
/// `name` is an exact name, `glob:<pattern>`, or `regex:<re>` (also `regexp:`); see
/// [`NamePattern`](crate::select::NamePattern). An empty selector matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicySelector {
    /// A name or a pattern of names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Labels that must have exactly these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// Further requirements on labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<LabelRequirement>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_2_label_selectors_and_all_requirements() {
        let labels = BTreeMap::from([("tier".to_owned(), "prod".to_owned())]);
        let with = |key: &str, operator: &str, values: &[&str]| LabelSelector {
            match_labels: BTreeMap::new(),
            match_expressions: vec![LabelRequirement {
                key: key.into(),
                operator: operator.into(),
                values: values.iter().map(|&v| v.into()).collect(),
            }],
        };
        for (selector, matches) in [
            (LabelSelector::default(), true),
            (with("tier", "In", &["dev", "prod"]), true),
            (with("tier", "In", &["dev"]), false),
            (with("region", "In", &["eu"]), false),
            (with("tier", "NotIn", &["prod"]), false),
            (with("region", "NotIn", &["eu"]), true),
            (with("tier", "Exists", &[]), true),
            (with("region", "DoesNotExist", &[]), true),
        ] {
            assert_eq!(selector.matches(&labels), Ok(matches), "{selector:?}");
        }
        assert!(with("tier", "Like", &[]).matches(&labels).is_err());
    }
}
