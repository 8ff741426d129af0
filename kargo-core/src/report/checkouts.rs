//! Which repository lies where in the work tree, as far as the steps before say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::work_path;
use crate::expr::{Entries, Value};

/// What the `git-clone` steps of a promotion have checked out, and the promotion's name.
///
/// Later git steps name a path of the work tree and no repository (steps 1.9, 1.13): the repository is that of the clone
/// whose checkout path is, or contains, theirs. A declaration sees it as `checkout`.
///
/// ```
/// use kargo_core::{expr::Value, report::Checkouts};
///
/// let clone = Value::from_json(&serde_json::json!({
///     "repoURL": "https://github.com/acme/env",
///     "checkout": [{ "path": "./out", "branch": "main" }],
/// }))?;
/// let mut checkouts = Checkouts::of_promotion("prod.01kdn9.modest");
/// checkouts.note(&clone);
/// let checkout = checkouts.of_path("out/apps").unwrap();
/// assert_eq!((checkout.repo_url(), checkout.branch()), (Some("https://github.com/acme/env"), Some("main")));
/// assert!(checkouts.of_path("src").is_none());
/// # Ok::<(), kargo_core::expr::Problem>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Checkouts {
    promotion: Option<String>,
    by_path: BTreeMap<String, Checkout>,
    /// There is one at a path that is not known.
    somewhere: bool,
}

/// One work tree of a clone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Checkout {
    repo_url: Value,
    branch: Value,
}

impl Checkouts {
    /// None, of a promotion without a name.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// None yet, of this promotion.
    #[must_use]
    pub fn of_promotion(name: impl Into<String>) -> Self {
        Self { promotion: Some(name.into()), ..Self::default() }
    }

    /// The promotion's name, if it has one.
    #[must_use]
    pub fn promotion(&self) -> Option<&str> {
        self.promotion.as_deref()
    }

    /// Notes what a `git-clone` step with this evaluated configuration checks out (steps 1.9). Of two at one path the later
    /// one counts.
    pub fn note(&mut self, config: &Value) {
        let Some(config) = config.as_map() else {
            self.somewhere = true;
            return;
        };
        let field = |map: &Entries, name: &str| map.get(name).cloned().unwrap_or_default();
        let repo_url = field(config, "repoURL");
        let checkout = field(config, "checkout");
        let Some(items) = checkout.as_list() else {
            self.somewhere |= !checkout.is_null();
            return;
        };
        for item in items {
            let Some((path, item)) = item.as_map().and_then(|item| Some((item.get("path")?.as_text()?, item))) else {
                self.somewhere = true;
                continue;
            };
            let checkout = Checkout { repo_url: repo_url.clone(), branch: field(item, "branch") };
            self.by_path.insert(work_path::clean(path), checkout);
        }
    }

    /// The checkout that a path lies in; the innermost, where they stand in each other. `None` where there is none, and
    /// where it could be another one at a path that is not known.
    #[must_use]
    pub fn of_path(&self, path: &str) -> Option<&Checkout> {
        let path = work_path::clean(path);
        if self.somewhere {
            return self.by_path.get(&path);
        }
        let around = self.by_path.iter().filter(|(folder, _)| work_path::is_within(&path, folder));
        around.max_by_key(|(folder, _)| folder.len()).map(|(_, checkout)| checkout)
    }
}

impl Checkout {
    /// The repository's URL as written; `None` where it is not known.
    #[must_use]
    pub fn repo_url(&self) -> Option<&str> {
        self.repo_url.as_text()
    }

    /// The branch, if the clone names one and it is known.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.branch.as_text().filter(|branch| !branch.is_empty())
    }

    /// `{repoURL, branch}`, with what is not known as it is.
    pub(super) fn to_value(&self) -> Value {
        let entries = [("repoURL", &self.repo_url), ("branch", &self.branch)];
        let map = entries.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        Value::map(map).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(configs: &[serde_json::Value]) -> Checkouts {
        let mut checkouts = Checkouts::new();
        for config in configs {
            checkouts.note(&Value::from_json(config).unwrap());
        }
        checkouts
    }

    fn repo(checkouts: &Checkouts, path: &str) -> Option<String> {
        checkouts.of_path(path).and_then(Checkout::repo_url).map(ToOwned::to_owned)
    }

    #[test]
    fn steps_1_9_a_path_belongs_to_the_innermost_checkout_around_it() {
        let checkouts = noted(&[
            serde_json::json!({"repoURL": "a", "checkout": [{"path": "./src"}, {"path": "/out/"}]}),
            serde_json::json!({"repoURL": "b", "checkout": [{"path": "src/vendor", "branch": "main"}]}),
        ]);
        assert_eq!(repo(&checkouts, "src/x/../y").as_deref(), Some("a"));
        assert_eq!(repo(&checkouts, "./src/vendor/lib").as_deref(), Some("b"));
        assert_eq!(repo(&checkouts, "out").as_deref(), Some("a"));
        assert_eq!(repo(&checkouts, "srcs"), None);
        assert_eq!(checkouts.of_path("src").unwrap().branch(), None);
    }

    #[test]
    fn the_later_of_two_at_one_path_counts() {
        let checkouts = noted(&[
            serde_json::json!({"repoURL": "a", "checkout": [{"path": "src"}]}),
            serde_json::json!({"repoURL": "b", "checkout": [{"path": "./src"}]}),
        ]);
        assert_eq!(repo(&checkouts, "src").as_deref(), Some("b"));
    }

    /// Rules 19: what may be any repository is not taken for one of them.
    #[test]
    fn a_checkout_at_an_unknown_path_makes_all_others_doubtful() {
        for unknown in [serde_json::json!({"path": 7}), serde_json::json!("src")] {
            let checkouts = noted(&[
                serde_json::json!({"repoURL": "a", "checkout": [{"path": "src"}]}),
                serde_json::json!({"repoURL": "b", "checkout": [unknown]}),
            ]);
            assert_eq!(repo(&checkouts, "src").as_deref(), Some("a"));
            assert_eq!(repo(&checkouts, "src/x"), None);
        }
        assert!(noted(&[serde_json::json!({"checkout": "x"})]).somewhere);
        assert!(noted(&[serde_json::json!("x")]).somewhere);
        assert!(!noted(&[serde_json::json!({})]).somewhere);
    }
}
