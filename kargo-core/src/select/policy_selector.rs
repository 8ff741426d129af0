//! Which Stages (or projects) a policy's selector covers (resources 6.2).

use std::collections::BTreeMap;

use super::{NamePattern, PatternError};
use crate::model::{LabelSelector, PolicySelector, UnknownOperator};

/// A [`PolicySelector`] whose pattern is compiled: read once, asked often.
///
/// ```
/// use kargo_core::{model::PolicySelector, select::Selector};
/// use std::collections::BTreeMap;
///
/// let production = PolicySelector { name: Some("glob:prod-*".into()), ..PolicySelector::default() };
/// let production = Selector::new(&production)?;
/// assert!(production.matches("prod-eu", &BTreeMap::new())?);
/// assert!(!production.matches("dev", &BTreeMap::new())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Selector {
    name: Option<NamePattern>,
    labels: LabelSelector,
}

impl Selector {
    /// Compiles a selector.
    ///
    /// # Errors
    ///
    /// When its pattern of names cannot be read.
    pub fn new(selector: &PolicySelector) -> Result<Self, PatternError> {
        let name = selector.name.as_deref().filter(|name| !name.is_empty()).map(NamePattern::parse).transpose()?;
        let labels = LabelSelector {
            match_labels: selector.match_labels.clone(),
            match_expressions: selector.match_expressions.clone(),
        };
        Ok(Self { name, labels })
    }

    /// Whether the selector covers something of this name and these labels: the name must match if one is given, and so must
    /// the labels. A selector of neither covers everything.
    ///
    /// # Errors
    ///
    /// When a label operator does not exist.
    pub fn matches(&self, name: &str, labels: &BTreeMap<String, String>) -> Result<bool, UnknownOperator> {
        let by_name = self.name.as_ref().is_none_or(|pattern| pattern.matches(name));
        Ok(self.labels.matches(labels)? && by_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_6_2_name_and_labels_must_both_match() {
        let labels = BTreeMap::from([("tier".to_owned(), "prod".to_owned())]);
        for (name, label, expected) in [
            (None, None, true),
            (Some(""), None, true),
            (Some("eu"), None, true),
            (Some("us"), None, false),
            (Some("glob:e*"), None, true),
            (Some("regex:u"), None, true),
            (Some("regexp:^u$"), None, false),
            (None, Some("prod"), true),
            (None, Some("dev"), false),
            (Some("eu"), Some("dev"), false),
            (Some("us"), Some("prod"), false),
            (Some("eu"), Some("prod"), true),
        ] {
            let selector = PolicySelector {
                name: name.map(str::to_owned),
                match_labels: label.map(|value| ("tier".to_owned(), value.to_owned())).into_iter().collect(),
                ..PolicySelector::default()
            };
            assert_eq!(Selector::new(&selector).unwrap().matches("eu", &labels), Ok(expected), "{selector:?}");
        }
        let unreadable = PolicySelector { name: Some("regex:(".into()), ..PolicySelector::default() };
        assert!(Selector::new(&unreadable).is_err());
    }
}
