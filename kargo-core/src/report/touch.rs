//! What a step touches: for people, before anything happens.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Lane, host, work_path};
use crate::model::url::{normalize_chart, normalize_git, normalize_image};

/// One thing that a step would touch, and what it would do to it. `Display` is for people:
///
/// ```
/// use kargo_core::report::{Access, Touch, What};
/// let touch = |access, what, name| Touch::new(access, what, Some(name));
///
/// let main = touch(Access::Acts, What::Branch, "main").of("https://github.com/acme/env");
/// assert_eq!(main.to_string(), "acts on branch main of https://github.com/acme/env");
/// assert_eq!(touch(Access::Writes, What::Path, "env/./values.yaml").to_string(), "writes ./env/values.yaml");
/// assert_eq!(touch(Access::Reads, What::Application, "*").of("argocd").to_string(), "reads applications in argocd");
/// assert_eq!(Touch::new(Access::Acts, What::Url, None).to_string(), "acts on a URL that is not known yet");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Touch {
    /// What it does.
    pub access: Access,
    /// To what.
    pub what: What,
    /// Which one. `*` stands for any text, so that `*` alone means all of them, or one that shows only later. Absent if it
    /// is not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Arc<str>>,
    /// What it lies in: the repository of a branch, tag, pull request or chart, the namespace of an Application. Absent
    /// where there is nothing of that kind, and if it is not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Arc<str>>,
}

/// What a step does to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Access {
    /// It looks at it.
    Reads,
    /// It changes it, inside of the promotion or of the project: in the work tree, or in an object of Kargo's.
    Writes,
    /// It changes it, outside.
    Acts,
}

/// What a step may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum What {
    /// A file or a folder of the work tree.
    Path,
    /// A git repository.
    Repository,
    /// A branch, or another ref by its full name.
    Branch,
    /// A tag of a git repository.
    Tag,
    /// A pull request, by its number; one that has none yet as `from <source> to <target>`.
    PullRequest,
    /// An Argo CD Application.
    Application,
    /// An image, or another artifact of a registry, with its tag or digest.
    Image,
    /// A Helm chart.
    Chart,
    /// What is behind a URL.
    Url,
    /// The alias of Freight.
    FreightAlias,
    /// The metadata of Freight.
    FreightMetadata,
    /// The metadata of a Stage.
    StageMetadata,
}

impl What {
    /// In the singular, in the plural, and what it lies in, which must be known to tell it from its namesakes.
    fn words(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Self::Path => ("path", "paths", None),
            Self::Repository => ("repository", "repositories", None),
            Self::Branch => ("branch", "branches", Some("repository")),
            Self::Tag => ("tag", "tags", Some("repository")),
            Self::PullRequest => ("pull request", "pull requests", Some("repository")),
            Self::Application => ("application", "applications", None),
            Self::Image => ("image", "images", None),
            Self::Chart => ("chart", "charts", None),
            Self::Url => ("URL", "URLs", None),
            Self::FreightAlias => ("the alias of freight", "aliases of freight", None),
            Self::FreightMetadata => ("metadata of freight", "metadata of freight", None),
            Self::StageMetadata => ("metadata of stage", "metadata of stages", None),
        }
    }
}

impl Touch {
    /// A thing by its name, which is put into the spelling that is shown; `None` if it is not known.
    #[must_use]
    pub fn new(access: Access, what: What, name: Option<&str>) -> Self {
        let name = name.map(|name| match what {
            What::Path => work_path::clean(name).into(),
            What::Branch => name.strip_prefix("refs/heads/").unwrap_or(name).into(),
            What::Repository => host::without_secrets(name, false).into(),
            What::Url => host::without_secrets(name, true).into(),
            What::Image => name.strip_prefix("oci://").unwrap_or(name).into(),
            _ => name.into(),
        });
        Self { access, what, name, of: None }
    }

    /// What it lies in.
    #[must_use]
    pub fn of(self, of: &str) -> Self {
        Self { of: Some(host::without_secrets(of, false).into()), ..self }
    }

    /// The lane that acting on it takes; none for what is not outside, or only looked at.
    ///
    /// What is not known widens it: to the host of what is known, else to all hosts; an unknown namespace or application
    /// to all of them (rules 19).
    ///
    /// ```
    /// use kargo_core::report::{Access, Lane, Touch, What};
    /// let lane = |touch: Touch| touch.lane().unwrap().to_string();
    /// let branch = |name| Touch::new(Access::Acts, What::Branch, name);
    ///
    /// assert_eq!(lane(branch(Some("main")).of("https://GitHub.com/acme/env.git")), "branch/https://github.com/acme/env main");
    /// assert_eq!(lane(branch(None).of("https://github.com/acme/env")), "host/github.com");
    /// assert_eq!(lane(branch(Some("main"))), "host/*");
    /// assert_eq!(Touch::new(Access::Reads, What::Url, Some("https://x.dev")).lane(), None);
    /// ```
    #[must_use]
    pub fn lane(&self) -> Option<Lane> {
        if self.access != Access::Acts {
            return None;
        }
        let (name, of) = (self.name.as_deref(), self.of.as_deref());
        let at = |of: Option<&str>, lane: &dyn Fn(&str, &str) -> String| match (of, name) {
            (Some(of), Some(name)) => Lane::new(lane(of, name)),
            (Some(of), None) => host_of(of),
            (None, _) => Lane::any_host(),
        };
        Some(match self.what {
            What::Branch => at(of, &|of, name| format!("branch/{} {name}", normalize_git(of))),
            What::Tag => at(of, &|of, name| format!("tag/{} {name}", normalize_git(of))),
            What::PullRequest => at(of, &|of, name| format!("pull-request/{}#{name}", normalize_git(of))),
            What::Chart => at(of, &|of, name| format!("chart/{} {name}", normalize_chart(of))),
            What::Repository => at(name, &|_, name| format!("repository/{}", normalize_git(name))),
            What::Image => at(name, &|_, name| format!("image/{}", normalize_image(name))),
            What::Url => at(name, &|_, name| format!("url/{name}")),
            What::Application => Lane::new(format!("application/{}/{}", of.unwrap_or("*"), name.unwrap_or("*"))),
            What::Path | What::FreightAlias | What::FreightMetadata | What::StageMetadata => return None,
        })
    }
}

/// The whole host of a repository.
fn host_of(repository: &str) -> Lane {
    let host = host::of_url(&normalize_git(repository)).or_else(|| host::of_url(repository));
    host.map_or_else(Lane::any_host, |host| Lane::host(&host))
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Acts => "acts on",
        })
    }
}

/// In the singular.
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words().0)
    }
}

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, many, container) = self.what.words();
        write!(f, "{} ", self.access)?;
        match (self.what, self.name.as_deref()) {
            (What::Path, Some("")) => f.write_str("the work tree")?,
            (What::Path, Some(path)) => write!(f, "./{path}")?,
            (What::Url, Some(url)) if url != "*" => f.write_str(url)?,
            (_, Some("*")) => f.write_str(many)?,
            (_, Some(name)) => write!(f, "{one} {name}")?,
            (What::FreightAlias | What::FreightMetadata | What::StageMetadata, None) => {
                write!(f, "{one} that is not known yet")?;
            }
            (What::Application | What::Image, None) => write!(f, "an {one} that is not known yet")?,
            (_, None) => write!(f, "a {one} that is not known yet")?,
        }
        match (self.what, self.of.as_deref(), container) {
            (What::Application, Some(namespace), _) => write!(f, " in {namespace}"),
            (_, Some(of), _) => write!(f, " of {of}"),
            (_, None, Some(container)) => write!(f, " of a {container} that is not known yet"),
            (_, None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touches_read_as_sentences() {
        use Access::{Acts, Reads, Writes};
        for (touch, text) in [
            (Touch::new(Writes, What::Path, Some("./")), "writes the work tree"),
            (Touch::new(Writes, What::Path, None), "writes a path that is not known yet"),
            (Touch::new(Acts, What::Branch, Some("*")).of("https://x.dev/a"), "acts on branches of https://x.dev/a"),
            (
                Touch::new(Acts, What::Branch, Some("refs/heads/main")),
                "acts on branch main of a repository that is not known yet",
            ),
            (
                Touch::new(Acts, What::PullRequest, Some("12")).of("https://eve:pw@x.dev/a"),
                "acts on pull request 12 of https://x.dev/a",
            ),
            (Touch::new(Acts, What::Application, Some("cart")), "acts on application cart"),
            (Touch::new(Reads, What::Chart, Some("*")), "reads charts"),
            (Touch::new(Reads, What::Url, Some("https://x.dev/a?token=1")), "reads https://x.dev/a"),
            (Touch::new(Reads, What::Image, Some("oci://ghcr.io/a:1")), "reads image ghcr.io/a:1"),
            (Touch::new(Writes, What::StageMetadata, Some("prod")), "writes metadata of stage prod"),
            (Touch::new(Writes, What::FreightAlias, None), "writes the alias of freight that is not known yet"),
        ] {
            assert_eq!(touch.to_string(), text);
        }
    }

    #[test]
    fn each_thing_outside_has_its_lane() {
        let lane = |what, name, of: Option<&str>| {
            let touch = Touch::new(Access::Acts, what, name);
            let touch = if let Some(of) = of { touch.of(of) } else { touch };
            touch.lane().map(|lane| lane.to_string())
        };
        let repo = Some("https://x.dev/A.git");
        for (found, expected) in [
            (lane(What::Tag, Some("v1"), repo), Some("tag/https://x.dev/a v1")),
            (lane(What::PullRequest, Some("7"), repo), Some("pull-request/https://x.dev/a#7")),
            (lane(What::Chart, Some("web"), Some("oci://ghcr.io/Charts")), Some("chart/ghcr.io/charts web")),
            (lane(What::Repository, repo, None), Some("repository/https://x.dev/a")),
            (lane(What::Image, Some("oci://GHCR.io/Acme:1.2"), None), Some("image/ghcr.io/acme")),
            (lane(What::Image, None, None), Some("host/*")),
            (lane(What::Url, Some("https://x.dev/a?b"), None), Some("url/https://x.dev/a")),
            (lane(What::Application, Some("cart"), None), Some("application/*/cart")),
            (lane(What::Application, None, Some("argocd")), Some("application/argocd/*")),
            (lane(What::Branch, None, Some("git@x.dev:a")), Some("host/x.dev")),
            (lane(What::Branch, None, Some("/srv/git")), Some("host/*")),
            (lane(What::Path, Some("a"), None), None),
            (lane(What::StageMetadata, Some("a"), None), None),
        ] {
            assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn touches_are_data() {
        let touch = Touch::new(Access::Acts, What::Branch, Some("main")).of("https://x.dev/a");
        let json = serde_json::json!({"access": "Acts", "what": "Branch", "name": "main", "of": "https://x.dev/a"});
        assert_eq!(serde_json::to_value(&touch).unwrap(), json);
        assert_eq!(serde_json::from_value::<Touch>(json).unwrap(), touch);
    }
}
