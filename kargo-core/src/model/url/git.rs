//! Normal form of git repositories.
use std::sync::LazyLock;

use regex::Regex;

use super::go_url::GoUrl;
use super::sanitize::{lower_case, sanitize};
use crate::model::pattern;

/// The form `user@host:path` of copy programs; user and path may be missing.
static SCP: LazyLock<Regex> =
    LazyLock::new(|| pattern::compile(r"^((?:(?-u:[\w-]+)@)?(?-u:[\w-]+(?:\.[\w-]+)*))(?::(.*))?$"));

/// One spelling for a git repository: lower case, without trailing slash and `.git`; web URLs also without user.
///
/// Rules: resources 16.3 (`NG`), discovery 6.2. `user@host:path` and a bare host become `ssh://` URLs, so HTTPS and SSH
/// spellings of one repository never meet. Ports and schemes are kept. What cannot be read, or carries query
/// parameters, comes back as given, not even in lower case.
///
/// Normalising twice may change more than once: only one slash and one `.git` are dropped at a time.
///
/// ```
/// use kargo_core::model::url::normalize_git;
///
/// assert_eq!(normalize_git("https://user:pw@GitHub.com/Example/Repo.git/"), "https://github.com/example/repo");
/// assert_eq!(normalize_git("git@github.com:example/repo.git"), "ssh://git@github.com/example/repo");
/// assert_eq!(normalize_git("https://GitHub.com/a?b=c"), "https://GitHub.com/a?b=c");
/// ```
#[must_use]
pub fn normalize_git(url: &str) -> String {
    if let Some(normal) = normalize_ordinary(url) {
        return normal;
    }
    let clean = lower_case(&sanitize(url));
    let normal = if clean.starts_with("http://") || clean.starts_with("https://") {
        normalize_url(&clean, User::Dropped)
    } else if clean.starts_with("ssh://") {
        normalize_url(&clean, User::Kept)
    } else {
        normalize_scp(&clean)
    };
    normal.unwrap_or_else(|| url.to_owned())
}

/// Whether the normal form of a URL is this one: without making it, in the usual case.
pub(crate) fn has_normal_git(url: &str, normal: &str) -> bool {
    match ordinary(url) {
        Some(ordinary) => {
            ordinary.len() == normal.len()
                && ordinary.bytes().zip(normal.bytes()).all(|(byte, normal)| byte.to_ascii_lowercase() == normal)
        }
        None => normalize_git(url) == normal,
    }
}

/// The usual case, where nothing needs to be parsed: freight of a thousand commits is named in under a millisecond.
fn normalize_ordinary(url: &str) -> Option<String> {
    ordinary(url).map(str::to_ascii_lowercase)
}

/// The normal form but for its capitals, of `https://host/path` of plain characters only.
fn ordinary(url: &str) -> Option<&str> {
    const SCHEME: usize = "https://".len();
    let rest = url.strip_prefix("https://")?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/');
    let host = SCHEME + rest.find('/').unwrap_or(rest.len());
    if host == SCHEME || !rest.bytes().all(plain) {
        return None;
    }
    let mut normal = url;
    for ending in ["/", ".git"] {
        let end = normal.len().saturating_sub(ending.len());
        match normal.split_at_checked(end) {
            Some((shorter, tail)) if end >= host && tail.eq_ignore_ascii_case(ending) => normal = shorter,
            _ => {}
        }
    }
    Some(normal)
}

/// What becomes of user name and password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum User {
    Dropped,
    Kept,
}

fn normalize_url(clean: &str, user: User) -> Option<String> {
    let mut url = GoUrl::parse(clean)?;
    if url.has_query_parameters() {
        return None;
    }
    if user == User::Dropped {
        url.drop_user();
    }
    strip_endings(&mut url);
    Some(url.to_string())
}

fn normalize_scp(clean: &str) -> Option<String> {
    let parts = SCP.captures(clean)?;
    let host = parts.get(1)?.as_str();
    // The path is read as a URL reference of its own; odd paths come out odd, as in the reference.
    let mut path = GoUrl::parse(parts.get(2).map_or("", |path| path.as_str()))?;
    strip_endings(&mut path);
    Some(if path.has_empty_path() { format!("ssh://{host}") } else { format!("ssh://{host}/{path}") })
}

/// Drops one slash from the end of the path, then one `.git`.
fn strip_endings(url: &mut GoUrl<'_>) {
    url.strip_path_suffix("/");
    url.strip_path_suffix(".git");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{User, normalize_git, normalize_ordinary, normalize_url};
    use crate::model::url::{chart_key, normalize_chart, normalize_image, sanitize};

    #[track_caller]
    fn check(rows: &[(&str, &str)]) {
        for (input, expected) in rows {
            assert_eq!(normalize_git(input), *expected, "{input:?}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_is_known_without_making_it(
            urls in proptest::collection::vec("(https?://|ssh://|git@|)(User@)?[hH](:1|)[:/]?(a|A|é|%2F| )?(\\.gIt|/)?(/|\\?q=1)?", 2),
        ) {
            for (one, other) in [(0, 0), (0, 1), (1, 0)] {
                let normal = normalize_git(&urls[other]);
                prop_assert_eq!(super::has_normal_git(&urls[one], &normal), normalize_git(&urls[one]) == normal);
            }
        }
    }

    #[test]
    fn discovery_6_2_table() {
        check(&[
            ("https://github.com/example/repo", "https://github.com/example/repo"),
            ("https://github.com/example/repo/", "https://github.com/example/repo"),
            ("https://github.com/example/repo.git", "https://github.com/example/repo"),
            ("https://github.com/example/repo.git/", "https://github.com/example/repo"),
            ("https://GitHub.com/Example/Repo.GIT", "https://github.com/example/repo"),
            ("https://foo:bar@github.com/example/repo.git", "https://github.com/example/repo"),
            ("https://localhost:8443/example/repo.git", "https://localhost:8443/example/repo"),
            ("https://github.com:443/example/repo", "https://github.com:443/example/repo"),
            ("http://github.com/example/repo", "http://github.com/example/repo"),
            ("https://github.com/", "https://github.com"),
            ("https://github.com/example/repo//", "https://github.com/example/repo/"),
            ("http://github.com/Example/repo?foo=bar", "http://github.com/Example/repo?foo=bar"),
            ("https://not a url", "https://not a url"),
            ("ssh://git@github.com/example/repo.git", "ssh://git@github.com/example/repo"),
            ("ssh://github.com/example/repo", "ssh://github.com/example/repo"),
            ("ssh://git@localhost:2222/example/repo/", "ssh://git@localhost:2222/example/repo"),
            ("git@github.com:example/repo.git", "ssh://git@github.com/example/repo"),
            ("git@github.com:/example/repo.git", "ssh://git@github.com//example/repo"),
            ("github.com:example/repo", "ssh://github.com/example/repo"),
            ("git.example.com", "ssh://git.example.com"),
            ("github.com/example/repo", "github.com/example/repo"),
            ("localhost:8443/example/repo", "ssh://localhost/8443/example/repo"),
            ("\u{feff} https://github.com/example/repo ", "https://github.com/example/repo"),
        ]);
    }

    #[test]
    fn resources_16_3_git_examples() {
        check(&[
            ("HTTPS://foo:bar@GitHub.com/Ex/Repo.git/", "https://github.com/ex/repo"),
            ("git@github.com:ex/repo.git", "ssh://git@github.com/ex/repo"),
            ("https://github.com/", "https://github.com"),
        ]);
    }

    #[test]
    fn resources_16_1_commit_urls_of_the_worked_examples() {
        check(&[
            ("https://github.com/Example/kargo-demo.git", "https://github.com/example/kargo-demo"),
            ("https://user:pw@github.com/example/app.git/", "https://github.com/example/app"),
        ]);
    }

    // The rows below record what the reference answers where the spec leaves room.

    #[test]
    fn resources_16_3_escapes_of_an_unchanged_path_are_kept_and_those_of_a_shortened_one_are_redone() {
        check(&[
            ("https://h/a%2Fb", "https://h/a%2fb"),
            ("https://h/a%2Fb/", "https://h/a/b"),
            ("https://h/a'b(c)[d]", "https://h/a'b(c)[d]"),
            ("https://h/a'b(c)[d]/", "https://h/a%27b%28c%29%5Bd%5D"),
            ("https://h/a b", "https://h/a%20b"),
            ("https://h/%FF.git", "https://h/%FF"),
            ("https://é.example/x", "https://%C3%A9.example/x"),
            ("https://h/İ", "https://h/i"),
            ("https://h/ΑΣ", "https://h/%CE%B1%CF%83"),
            // A capital of Unicode 16.0 whose small letter is old: dropped, not lowered.
            ("https://h/x\u{a7cb}", "https://h/x"),
        ]);
    }

    #[test]
    fn resources_16_3_unreadable_urls_come_back_as_given() {
        for url in [
            "",
            "https://H/%zz",
            "https://H:80a/x",
            "https://A:b:1/x",
            "https://[::1/X",
            "https://[1.2.3.4]/X",
            "https://A[::1]/x",
            "https://Ü@h/x",
            "https://H/x?=",
            "https://H/x?a;b&c",
            "https://H/x#%",
            "ssh://Not a url",
            "ssh://GitHub.com/example/repo?foo=bar",
            "Not even remotely a url",
            "Host:1:2",
            "Host::x",
            "Host:%zz",
            "Hôst:x",
            "/Local/path",
        ] {
            check(&[(url, url)]);
        }
    }

    #[test]
    fn resources_16_3_rare_parts_of_urls() {
        check(&[
            ("https://H:/X", "https://h:/x"),
            ("https://[::1]:8080/X.git", "https://[::1]:8080/x"),
            ("https://[FE80::1%25EN0]/x", "https://[fe80::1%25en0]/x"),
            ("https://h/x.git#Frag ment", "https://h/x#frag%20ment"),
            ("https://h/x.git#", "https://h/x"),
            ("https://h/x.git?", "https://h/x?"),
            ("https://h/x?A;b", "https://h/x?a;b"),
            ("https://h/x?%ZZ", "https://h/x?%zz"),
            ("https:///X", "https:///x"),
            ("https://u@/", "https:"),
            ("ssh://A:b:1/x", "ssh://a:b:1/x"),
            ("ssh://u:a:b@h/x", "ssh://u:a%3Ab@h/x"),
            ("ssh://u@v@h/x", "ssh://u%40v@h/x"),
            ("ssh://git.example.com/", "ssh://git.example.com"),
        ]);
    }

    #[test]
    fn resources_16_3_scp_paths_are_read_as_url_references() {
        check(&[
            ("git@git.example.com", "ssh://git@git.example.com"),
            ("Host:", "ssh://host"),
            ("host:.git", "ssh://host"),
            ("host:/.git", "ssh://host//"),
            ("host:foo:bar", "ssh://host"),
            ("host:foo:/bar", "ssh://host/foo:/bar"),
            ("host:p?x=1", "ssh://host/p?x=1"),
            ("host:?x", "ssh://host"),
            ("host:x#y", "ssh://host/x#y"),
            ("host:*/", "ssh://host/*"),
            ("host:a%3ab/", "ssh://host/./a:b"),
            ("host://u@h/x", "ssh://host///u@h/x"),
            ("host:///x", "ssh://host////x"),
            ("ftp://example.com/x", "ssh://ftp///example.com/x"),
        ]);
    }

    #[test]
    fn normalising_twice_changes_more_where_the_first_result_still_has_something_to_drop() {
        for (input, once, twice) in [
            ("https://h/x.git.git", "https://h/x.git", "https://h/x"),
            ("https://h/x//", "https://h/x/", "https://h/x"),
            // Escapes are written with capitals, which the second pass lowers.
            ("https://h/é", "https://h/%C3%A9", "https://h/%c3%a9"),
            ("https://u@/", "https:", "ssh://https"),
        ] {
            assert_eq!(normalize_git(input), once);
            assert_eq!(normalize_git(once), twice);
        }
    }

    fn without_files() -> ProptestConfig {
        ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
    }

    proptest! {
        #![proptest_config(without_files())]

        #[test]
        fn no_text_makes_normalisation_panic(text in any::<String>(), name in any::<String>()) {
            let _ = (normalize_git(&text), normalize_image(&text), chart_key(&text, &name));
        }

        #[test]
        fn no_url_like_text_makes_normalisation_panic(
            text in r"(https?://|ssh://|oci://|[a-z]{1,3}@|)[a-z0-9é%@:/.?#&;=\[\]~* -]{0,24}"
        ) {
            let _ = (normalize_git(&text), normalize_chart(&text));
        }

        #[test]
        fn what_comes_back_is_the_input_or_has_no_capitals_outside_escapes(text in r"[A-Za-z0-9@:/.%-]{0,24}") {
            let normal = normalize_git(&text);
            let capitals = normal.replace(|letter: char| matches!(letter, 'A'..='F'), "");
            prop_assert!(normal == text || !capitals.bytes().any(|byte| byte.is_ascii_uppercase()));
        }

        #[test]
        fn an_ordinary_web_url_is_normalised_for_good(
            user in "([a-z]{1,4}(:[a-z]{1,4})?@)?",
            host in r"[A-Za-z]{1,8}(\.[a-z]{1,4}){0,2}(:[0-9]{1,5})?",
            path in r"(/[A-Za-z0-9_-]{1,8}){1,3}",
            ending in r"(\.git)?/?",
        ) {
            let normal = normalize_git(&format!("https://{user}{host}{path}{ending}"));
            prop_assert_eq!(&normal, &format!("https://{host}{path}").to_lowercase());
            prop_assert_eq!(normalize_git(&normal), normal);
        }

        #[test]
        fn surrounding_noise_never_matters_to_a_readable_url(path in "[a-z]{1,8}", noise in r"[\t\n \u{200b}\u{feff}]{0,4}") {
            let url = format!("https://github.com/example/{path}");
            prop_assert_eq!(sanitize(&format!("{noise}{url}{noise}")), url.clone());
            prop_assert_eq!(normalize_git(&format!("{noise}{url}{noise}")), url);
        }
    }

    proptest! {
        #[test]
        fn the_short_way_leads_to_the_same_place(url in "https://[a-zA-Z0-9._-]{0,12}(/[a-zA-Z0-9._-]{0,8}){0,4}(/|\\.git|\\.GIT/)?") {
            if let Some(normal) = normalize_ordinary(&url) {
                prop_assert_eq!(Some(normal), normalize_url(&url.to_lowercase(), User::Dropped));
            }
        }
    }
}
