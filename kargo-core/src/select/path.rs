//! Which changed paths count: `includePaths` and `excludePaths` (discovery 3.7).

use regex::Regex;

use super::{
    Glob, PatternError, compile_regex,
    name_pattern::Prefixed,
    subscription_error::{SubscriptionError, SubscriptionProblem},
};
use crate::model::GitSubscription;

/// One entry of `includePaths` or `excludePaths`: a directory or file, `glob:` or `regex:`.
///
/// ```
/// use kargo_core::select::PathPattern;
///
/// assert!(PathPattern::parse("apps/cart")?.matches("apps/cart/values.yaml"));
/// assert!(!PathPattern::parse("apps/cart")?.matches("apps/cart2/values.yaml"));
/// assert!(PathPattern::parse("glob:**/*.yaml")?.matches("values.yaml"));
/// assert!(PathPattern::parse("regex:values\\.ya?ml$")?.matches("x/values.yml"));
/// # Ok::<(), kargo_core::select::PatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PathPattern(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Glob(Glob),
    Regex(Regex),
    /// The path, cleaned; `.` is everything.
    Below(String),
}

impl PathPattern {
    /// Reads an entry. Prefixes are case-sensitive; without one, the text is a path.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if the glob or the regular expression is malformed.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let kind = match Prefixed::of(text) {
            Prefixed::Glob(glob) => Kind::Glob(Glob::new(glob).map_err(|error| error.within(text))?),
            Prefixed::Regex(source) => Kind::Regex(compile_regex(source).map_err(|error| error.within(text))?),
            Prefixed::Plain => Kind::Below(clean(text)),
        };
        Ok(Self(kind))
    }

    /// Whether the path counts, spelled as git spells changed paths.
    ///
    /// Below a directory, a path whose remainder has two dots anywhere does not, as in the reference: `a` does not match
    /// `a/b..c`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        match &self.0 {
            Kind::Glob(glob) => glob.matches(path),
            Kind::Regex(regex) => regex.is_match(path),
            Kind::Below(base) if is_clean(path) => is_below(base, path),
            Kind::Below(base) => is_below(base, &clean(path)),
        }
    }
}

/// The path lists of a subscription, compiled.
#[derive(Clone, Debug, Default)]
pub struct PathFilter {
    include: Vec<PathPattern>,
    exclude: Vec<PathPattern>,
}

impl PathFilter {
    /// Compiles the lists of a subscription.
    ///
    /// # Errors
    ///
    /// [`SubscriptionError`] naming the entry that is malformed.
    pub fn new(subscription: &GitSubscription) -> Result<Self, SubscriptionError> {
        Ok(Self {
            include: compiled("includePaths", &subscription.include_paths)?,
            exclude: compiled("excludePaths", &subscription.exclude_paths)?,
        })
    }

    /// Whether both lists are empty, so that changed paths need not be known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// Whether a commit that changed these paths counts: at least one is included, or nothing is listed as included, and is
    /// not excluded. Without a path, it counts only if both lists are empty.
    #[must_use]
    pub fn allows<P: AsRef<str>>(&self, paths: impl IntoIterator<Item = P>) -> bool {
        let found = |patterns: &[PathPattern], path: &str| patterns.iter().any(|pattern| pattern.matches(path));
        self.is_empty()
            || paths.into_iter().any(|path| {
                let path = path.as_ref();
                (self.include.is_empty() || found(&self.include, path)) && !found(&self.exclude, path)
            })
    }
}

fn compiled(field: &str, entries: &[String]) -> Result<Vec<PathPattern>, SubscriptionError> {
    let one = |(at, entry): (usize, &String)| {
        PathPattern::parse(entry)
            .map_err(|error| SubscriptionError::new(format!("{field}[{at}]"), SubscriptionProblem::Pattern(error)))
    };
    entries.iter().enumerate().map(one).collect()
}

/// Whether the cleaned path is the cleaned base or below it, with no two dots in between.
fn is_below(base: &str, path: &str) -> bool {
    let remainder = match base {
        "." if path.starts_with('/') => return false,
        "." => path,
        "/" => match path.strip_prefix('/') {
            Some(remainder) => remainder,
            None => return false,
        },
        _ => match path.strip_prefix(base) {
            Some("") => "",
            Some(rest) => match rest.strip_prefix('/') {
                Some(remainder) => remainder,
                None => return false,
            },
            None => return false,
        },
    };
    !remainder.contains("..")
}

/// Whether [`clean`] would change nothing, at a glance.
fn is_clean(path: &str) -> bool {
    !path.is_empty() && !path.ends_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// The path without empty parts, `.`, and `..` as far as they can be worked out on the text.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".to_owned(),
        (false, path) => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn discovery_3_7_one_selector() {
        for (selector, path, expected) in [
            ("apps/guestbook", "apps/guestbook/kustomization.yaml", true),
            ("apps/guestbook", "apps/guestbook2/x", false),
            ("apps/guestbook/README.md", "apps/guestbook/README.md", true),
            ("path1/", "path1/values.yaml", true),
            ("glob:*.yaml", "a.yaml", true),
            ("glob:*.yaml", "charts/a.yaml", false),
            ("glob:**/*.yaml", "a.yaml", true),
            ("glob:charts/**", "charts/a/b.yaml", true),
            ("glob:charts/*/values.{yaml,yml}", "charts/a/values.yml", true),
            (r"regex:values\.ya?ml$", "x/values.yaml", true),
            ("regex:no", "docs/note.md", true),
            ("regexp:^docs/", "docs/note.md", true),
            ("Regex:no", "docs/note.md", false),
            // The last form of the section, "consequences".
            ("configs", "configs", true),
            ("configs", "configs/a/b", true),
            ("configs", "configurations/x", false),
            ("configs/", "configs/x", true),
            (".", "x/y", true),
            ("", "x/y", true),
            ("./a", "a/b", true),
            ("a/../b//c", "b/c/d", true),
            ("/", "x", false),
            ("/a", "a/b", false),
            ("..", "x", false),
            ("../a", "a/x", false),
            ("*/x.tpl", "a/x.tpl", false),
            ("*/x.tpl", "*/x.tpl", true),
            ("configs", "configs/a..b.yaml", false),
            (".", "a..b", false),
            ("a..b", "a..b/c", true),
            ("dir", "\"dir/\\303\\251.yaml\"", false),
            ("glob:*dir/*", "\"dir/\\303\\251.yaml\"", true),
        ] {
            let pattern = PathPattern::parse(selector).unwrap();
            assert_eq!(pattern.matches(path), expected, "{selector} {path}");
        }
    }

    fn filter(include: &[&str], exclude: &[&str]) -> Result<PathFilter, SubscriptionError> {
        PathFilter::new(&GitSubscription {
            include_paths: include.iter().map(ToString::to_string).collect(),
            exclude_paths: exclude.iter().map(ToString::to_string).collect(),
            ..GitSubscription::default()
        })
    }

    #[test]
    fn discovery_3_7_lists_are_tested_path_by_path() {
        for (include, exclude, paths, expected) in [
            (&[][..], &[][..], &["a"][..], true),
            (&[], &[], &[], true),
            (&["a"], &[], &[], false),
            (&[], &["a"], &[], false),
            (&["a"], &[], &["b", "a/x"], true),
            (&["a"], &[], &["b"], false),
            (&["a", "b"], &[], &["b"], true),
            (&[], &["docs"], &["docs/x"], false),
            (&[], &["docs"], &["docs/x", "a"], true),
            (&["a"], &["a/docs"], &["a/docs/x"], false),
            (&["a"], &["a/docs"], &["a/docs/x", "b"], false),
            (&["a"], &["a/docs"], &["a/docs/x", "a/y"], true),
        ] {
            assert_eq!(filter(include, exclude).unwrap().allows(paths), expected, "{include:?} {exclude:?} {paths:?}");
        }
    }

    #[test]
    fn discovery_3_7_malformed_entries_are_named() {
        assert_eq!(filter(&["a", "glob:["], &[]).unwrap_err().field(), "includePaths[1]");
        assert_eq!(filter(&[], &["regex:("]).unwrap_err().field(), "excludePaths[0]");
    }

    proptest! {
        #[test]
        fn what_looks_clean_is(path in "[a./]{0,8}") {
            let cleaned = clean(&path);
            prop_assert_eq!(clean(&cleaned), cleaned.clone());
            prop_assert!(!is_clean(&path) || cleaned == path);
        }

        #[test]
        fn a_directory_matches_what_stands_below_it(base in "[a-c]{1,2}(/[a-c]{1,2}){0,2}", name in "[a-c]{1,3}", dots in "(\\./|/){0,2}") {
            let pattern = PathPattern::parse(format!("{dots}{base}/{dots}").trim_start_matches('/')).unwrap();
            let below = format!("{base}/{name}");
            prop_assert!(pattern.matches(&below));
            let beside = format!("{base}{name}");
            prop_assert!(!pattern.matches(&beside));
        }
    }
}
