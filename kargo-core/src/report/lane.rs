//! Lanes: what only one effect at a time may be under way in (rules 4).

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{formula::Formula, host};
use crate::expr::{Env, ExprError};

/// Something outside that only one effect at a time may act on.
///
/// A lane is a text: a kind and a name. Those of the built-in steps are
///
/// | lane | what it is |
/// | --- | --- |
/// | `branch/<repository> <branch>` | a branch, the repository in its normal form |
/// | `tag/<repository> <tag>` | a tag |
/// | `pull-request/<repository>#<number>`, `#from <source> to <target>` | a pull request; by its branches before it has a number |
/// | `repository/<repository>` | a repository with all its branches, tags and pull requests |
/// | `application/<namespace>/<name>` | an Argo CD Application |
/// | `image/<repository>`, `chart/<repository> <name>` | a repository of a registry, a chart in one |
/// | `url/<URL>` | what is behind a URL, without its query |
/// | `host/<host>` | all that lies at a host: whatever is named by a URL or an image reference |
///
/// In a lane `*` stands for any text: `application/argocd/*` is every Application of a namespace, `host/*` all that lies at
/// any host, `*` everything. Which lanes meet says [`Lane::conflicts_with`]. The HTTPS and the SSH spelling of one repository
/// are two ([`normalize_git`](crate::model::url::normalize_git)): who uses both shares the host's own protection only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lane(Arc<str>);

/// How lanes of a kind of one's own follow from a step's configuration: an expression that yields a text, a list of texts,
/// or nil for none.
///
/// The expression sees what those of a [`TouchTemplate`](super::TouchTemplate) see. Where it cannot be evaluated, because
/// something in it is sealed or of the wrong type, the lane becomes the whole host of the URL or image reference that
/// [`LaneTemplate::at`] yields, and where that is not known either, everything (rules 19).
///
/// ```
/// use kargo_core::{expr::Value, report::{Checkouts, Lane, LaneTemplate, StepSpec}};
///
/// let spec = StepSpec::new("change-ticket")
///     .acts_outside("opens a ticket")
///     .lane(LaneTemplate::from("'desk/' + config.url + ' ' + config.queue").at("config.url"));
/// let lanes = |json| spec.lanes_of(&Value::from_json(&json).unwrap(), &Checkouts::new());
///
/// let known = serde_json::json!({ "url": "https://desk.acme.example", "queue": "changes" });
/// assert_eq!(lanes(known)?, [Lane::new("desk/https://desk.acme.example changes")]);
/// let half = serde_json::json!({ "url": "https://desk.acme.example" });
/// assert_eq!(lanes(half)?, [Lane::host("desk.acme.example")]);
/// assert_eq!(lanes(serde_json::json!({}))?, [Lane::everything()]);
/// # Ok::<(), kargo_core::report::SpecError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LaneTemplate {
    lane: Formula,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Formula>,
}

/// Texts with wildcards longer than this many bytes are not compared but taken to meet: comparing costs the product.
const COMPARED: usize = 4 << 10;

impl Lane {
    /// A lane by its name.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// All that lies at a host.
    #[must_use]
    pub fn host(host: &str) -> Self {
        Self::new(format!("host/{host}"))
    }

    /// All that lies at any host.
    #[must_use]
    pub fn any_host() -> Self {
        Self::new("host/*")
    }

    /// Everything.
    #[must_use]
    pub fn everything() -> Self {
        Self::new("*")
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two lanes may be about the same thing, so that an effect of one waits for an effect of the other.
    ///
    /// They are if some text is meant by both, if one is a host (`host/…`) and the other lies there, or if one is a
    /// repository and the other is in it.
    ///
    /// ```
    /// use kargo_core::report::Lane;
    /// let main = Lane::new("branch/https://github.com/acme/env main");
    /// assert!(main.conflicts_with(&main));
    /// assert!(main.conflicts_with(&Lane::new("branch/https://github.com/acme/env *")));
    /// assert!(main.conflicts_with(&Lane::new("repository/https://github.com/acme/env")));
    /// assert!(main.conflicts_with(&Lane::host("github.com")) && main.conflicts_with(&Lane::any_host()));
    /// assert!(!main.conflicts_with(&Lane::new("branch/https://github.com/acme/env uat")));
    /// assert!(!main.conflicts_with(&Lane::host("gitlab.com")));
    /// assert!(!main.conflicts_with(&Lane::new("application/argocd/*")));
    /// ```
    #[must_use]
    pub fn conflicts_with(&self, other: &Self) -> bool {
        meet(&self.0, &other.0) || self.contains(other) || other.contains(self)
    }

    /// Whether this is a host or a repository that the other lies in.
    fn contains(&self, other: &Self) -> bool {
        match self.0.split_once('/') {
            Some(("host", host)) => other.host_of().is_some_and(|found| meet(host, &found)),
            Some(("repository", repository)) => other.repository_of().is_some_and(|found| meet(repository, found)),
            _ => false,
        }
    }

    fn host_of(&self) -> Option<String> {
        let (kind, name) = self.0.split_once('/')?;
        match kind {
            _ if name.contains("://") => host::of_url(name),
            "image" | "chart" => host::of_image(name),
            _ => None,
        }
    }

    fn repository_of(&self) -> Option<&str> {
        let (kind, name) = self.0.split_once('/')?;
        let end = match kind {
            // Neither branches nor tags have blanks in them.
            "branch" | "tag" => name.rfind(' '),
            "pull-request" => name.rfind('#'),
            _ => None,
        };
        name.get(..end?)
    }
}

/// Whether some text is meant by both, where `*` stands for any text.
fn meet(left: &str, right: &str) -> bool {
    if !left.contains('*') && !right.contains('*') {
        return left == right;
    }
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len().max(right.len()) > COMPARED {
        return true;
    }
    // Whether the rest of `left` from here on meets the rests of `right`, from its end to its beginning.
    let rest_of_nothing = |right: &[u8]| {
        let mut row = vec![true];
        for byte in right.iter().rev() {
            row.push(*byte == b'*' && row.last() == Some(&true));
        }
        row
    };
    let mut below = rest_of_nothing(right);
    for &from_left in left.iter().rev() {
        let mut row = vec![from_left == b'*' && below.first() == Some(&true)];
        for (&from_right, both) in right.iter().rev().zip(below.windows(2)) {
            let &[without_either, without_left] = both else { break };
            let without_right = row.last() == Some(&true);
            row.push(if from_left == b'*' || from_right == b'*' {
                without_left || without_right
            } else {
                from_left == from_right && without_either
            });
        }
        below = row;
    }
    below.last() == Some(&true)
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LaneTemplate {
    /// With an expression for the URL or the image reference at whose host the lanes lie, for when they are not known.
    #[must_use]
    pub fn at(self, expression: &str) -> Self {
        Self { at: Some(expression.into()), ..self }
    }

    /// The expression.
    #[must_use]
    pub fn expression(&self) -> &str {
        self.lane.text()
    }

    pub(super) fn formulas(&self) -> impl Iterator<Item = &Formula> {
        std::iter::once(&self.lane).chain(&self.at)
    }

    pub(super) fn lanes(&self, env: &Env) -> Result<Vec<Lane>, &ExprError> {
        if let Some(value) = self.lane.run(env)? {
            if value.is_null() {
                return Ok(Vec::new());
            }
            let texts = value.as_list().unwrap_or(std::slice::from_ref(&value));
            let lanes = texts.iter().map(|text| text.as_text().map(Lane::new)).collect();
            if let Some(lanes) = lanes {
                return Ok(lanes);
            }
        }
        let at = match &self.at {
            Some(at) => at.run(env)?,
            None => None,
        };
        let at = at.as_ref().and_then(crate::expr::Value::as_text);
        let host = at.and_then(|at| if at.contains("://") { host::of_url(at) } else { host::of_image(at) });
        Ok(vec![host.map_or_else(Lane::everything, |host| Lane::host(&host))])
    }
}

impl From<&str> for LaneTemplate {
    fn from(expression: &str) -> Self {
        Self { lane: expression.into(), at: None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_with_wildcards_meet_where_one_text_is_meant_by_both() {
        for (left, right, expected) in [
            ("*", "", true),
            ("*", "anything", true),
            ("a*", "ab*", true),
            ("a*c", "ab*", true),
            ("a*", "*b", true),
            ("*/cart", "argocd/*", true),
            ("*/cart", "argocd/cart", true),
            ("*/cart", "argocd/web", false),
            ("argocd/*", "gitops/*", false),
            ("a*b", "a", false),
            ("ab", "ab", true),
            ("ab", "a", false),
            ("", "", true),
        ] {
            assert_eq!(meet(left, right), expected, "{left} {right}");
            assert_eq!(meet(right, left), expected, "{right} {left}");
        }
        assert!(meet("*", &"x".repeat(COMPARED + 1)));
    }

    #[test]
    fn a_host_holds_what_is_named_by_urls_and_references() {
        let host = Lane::host("ghcr.io");
        for (lane, inside) in [
            ("image/ghcr.io/acme/cart", true),
            ("url/https://ghcr.io:443/x", true),
            ("desk/https://ghcr.io changes", true),
            ("branch/ssh://git@ghcr.io/acme/env main", true),
            ("chart/ghcr.io/charts/web web", true),
            ("image/acme/cart", false),
            ("application/ghcr.io/x", false),
            ("url/https://ghcr.io.example/x", false),
            ("host/ghcr.io", true),
            ("host/*", true),
        ] {
            assert_eq!(host.conflicts_with(&Lane::new(lane)), inside, "{lane}");
            assert_eq!(Lane::new(lane).conflicts_with(&host), inside, "{lane}");
        }
        assert!(Lane::everything().conflicts_with(&Lane::new("mine/x")));
        assert!(!Lane::any_host().conflicts_with(&Lane::new("mine/x")));
    }

    #[test]
    fn a_repository_holds_its_pull_requests_and_tags() {
        let repository = Lane::new("repository/https://x.dev/a");
        for (lane, inside) in [
            ("pull-request/https://x.dev/a#12", true),
            ("tag/https://x.dev/a v1", true),
            ("tag/https://x.dev/ab v1", false),
            ("repository/https://x.dev/b", false),
        ] {
            assert_eq!(repository.conflicts_with(&Lane::new(lane)), inside, "{lane}");
        }
    }

    /// All texts of up to four letters that a pattern means.
    fn meant(pattern: &str) -> std::collections::BTreeSet<String> {
        let mut all = vec![String::new()];
        for from in 0..4 {
            let longer: Vec<_> =
                all.iter().filter(|text| text.len() == from).flat_map(|t| [format!("{t}a"), format!("{t}b")]).collect();
            all.extend(longer);
        }
        let regex = regex::Regex::new(&format!("^{}$", pattern.replace('*', ".*"))).unwrap();
        all.retain(|text| regex.is_match(text));
        all.into_iter().collect()
    }

    proptest! {
        /// Two patterns of up to two letters each have a common text of up to four letters, or none.
        #[test]
        fn meeting_is_having_a_text_in_common(left in "\\*?[ab]?\\*?[ab]?\\*?", right in "\\*?[ab]?\\*?[ab]?\\*?") {
            let (on_left, on_right) = (meant(&left), meant(&right));
            let common = on_left.iter().any(|text| on_right.contains(text));
            prop_assert_eq!(meet(&left, &right), common);
        }

        #[test]
        fn conflicts_are_mutual(
            left in "(host|branch|repository|image)/[a*]{0,2}(://)?[a.*]{0,3} ?[a#]?",
            right in "(host|branch|repository|image)/[a*]{0,2}(://)?[a.*]{0,3} ?[a#]?",
        ) {
            let (left, right) = (Lane::new(left), Lane::new(right));
            prop_assert_eq!(left.conflicts_with(&right), right.conflicts_with(&left));
            prop_assert!(left.conflicts_with(&left));
        }
    }
}
