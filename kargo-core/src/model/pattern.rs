//! The text patterns of Kargo's schemas, each as a predicate.
//!
//! The schemas are matched by Go: `\w` and `\d` mean ASCII there, and lengths count characters. Every pattern that has
//! a length limit admits ASCII only, so counting bytes is the same.
use std::sync::LazyLock;

use regex::Regex;

static NAME: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"));
static VARIABLE_NAME: LazyLock<Regex> = LazyLock::new(|| compile(r"^[a-zA-Z_](?-u:\w)*$"));
static DURATION: LazyLock<Regex> = LazyLock::new(|| compile(r"^([0-9]+(\.[0-9]+)?(s|m|h))+$"));
static GIT_URL: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r"(?:^(ssh|https?)://(?:((?-u:[\w-]+))(:(.+))?@)?((?-u:[\w-]+(?:\.[\w-]+)*))(?::((?-u:\d{1,5})))?(/.*)$)",
        r"|(?:^((?-u:[\w-]+))@((?-u:[\w+]+(?:\.[\w-]+)*)):(/?.*))",
    ))
});
static BRANCH: LazyLock<Regex> = LazyLock::new(|| compile(r"^[a-zA-Z0-9]([a-zA-Z0-9._/-]*[a-zA-Z0-9_-])?$"));
static IMAGE_URL: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^(?-u)(\w+([\.-]\w+)*(:[\d]+)?/)?(\w+([\.-]\w+)*)(/\w+([\.-]\w+)*)*$"));
static CHART_URL: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^(((https?)|(oci))://)((?-u:[\w\d\.\-]+))(:(?-u:[\d]+))?(/.*)*$"));
static DNS_LABEL: LazyLock<Regex> = LazyLock::new(|| compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"));
static IMAGE_TAG: LazyLock<Regex> = LazyLock::new(|| compile(r"^(?-u:[\w.\-]+)$"));
static IMAGE_DIGEST: LazyLock<Regex> = LazyLock::new(|| compile(r"^[a-z0-9]+:[a-f0-9]+$"));
static CONDITION_REASON: LazyLock<Regex> = LazyLock::new(|| compile(r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"));
static LABEL_NAME: LazyLock<Regex> = LazyLock::new(|| compile(r"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$"));

/// Whether the text is a resource name: 1 to 253 characters, and [`is_name_without_limit`].
///
/// Pattern NAME (resources 2); the DNS subdomain of Kubernetes.
///
/// ```
/// use kargo_core::model::pattern::is_name;
///
/// assert!(is_name("uat.eu-1"));
/// assert!(!is_name("UAT"));
/// ```
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.len() <= 253 && is_name_without_limit(text)
}

/// Whether the text has the shape of a resource name, at any length (resources 6.1, the deprecated `stage`).
///
/// Pattern NAME (resources 2): `^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`.
#[must_use]
pub fn is_name_without_limit(text: &str) -> bool {
    NAME.is_match(text)
}

/// Whether the text can name a variable of an expression.
///
/// Pattern VARNAME (resources 2): `^[a-zA-Z_]\w*$`, ASCII only.
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    VARIABLE_NAME.is_match(text)
}

/// Whether the text is a duration the schemas accept: hours, minutes and seconds in any order, such as `1h30m`.
///
/// Pattern DUR (resources 2): `^([0-9]+(\.[0-9]+)?(s|m|h))+$`. No sign, no `ms`, no bare `0`.
#[must_use]
pub fn is_duration_text(text: &str) -> bool {
    DURATION.is_match(text)
}

/// Whether the text can be subscribed to as a git repository.
///
/// Pattern GITURL (resources 2):
/// `(?:^(ssh|https?)://(?:([\w-]+)(:(.+))?@)?([\w-]+(?:\.[\w-]+)*)(?::(\d{1,5}))?(/.*)$)|(?:^([\w-]+)@([\w+]+(?:\.[\w-]+)*):(/?.*))`.
/// Schemes in lower case only, and URLs need a path.
///
/// ```
/// use kargo_core::model::pattern::is_git_url;
///
/// assert!(is_git_url("https://github.com/example/repo.git"));
/// assert!(!is_git_url("https://github.com"));
/// ```
#[must_use]
pub fn is_git_url(text: &str) -> bool {
    GIT_URL.is_match(text)
}

/// Whether the text can name a branch to subscribe to: 1 to 255 characters.
///
/// Pattern BRANCH (resources 2): `^[a-zA-Z0-9]([a-zA-Z0-9._\/-]*[a-zA-Z0-9_-])?$`.
#[must_use]
pub fn is_branch(text: &str) -> bool {
    text.len() <= 255 && BRANCH.is_match(text)
}

/// Whether the text can be subscribed to as an image repository: no scheme, no tag, no digest.
///
/// Pattern IMGURL (resources 2): `^(\w+([\.-]\w+)*(:[\d]+)?/)?(\w+([\.-]\w+)*)(/\w+([\.-]\w+)*)*$`. Capitals pass.
#[must_use]
pub fn is_image_url(text: &str) -> bool {
    IMAGE_URL.is_match(text)
}

/// Whether the text can be subscribed to as a chart repository: `http`, `https` or `oci`, in lower case.
///
/// Pattern CHARTURL (resources 2): `^(((https?)|(oci))://)([\w\d\.\-]+)(:[\d]+)?(/.*)*$`.
#[must_use]
pub fn is_chart_url(text: &str) -> bool {
    CHART_URL.is_match(text)
}

/// Whether the text is a DNS label: 1 to 63 characters, without dots.
///
/// Pattern DNSLABEL (resources 2): `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`.
#[must_use]
pub fn is_dns_label(text: &str) -> bool {
    text.len() <= 63 && DNS_LABEL.is_match(text)
}

/// Whether the text can be the tag of a discovered image: 1 to 128 characters of `^[\w.\-\_]+$`, ASCII only.
///
/// Pattern of `status.discoveredArtifacts.images[].references[].tag` (resources 7.2).
#[must_use]
pub fn is_image_tag(text: &str) -> bool {
    text.len() <= 128 && IMAGE_TAG.is_match(text)
}

/// Whether the text can be the digest of a discovered image: `^[a-z0-9]+:[a-f0-9]+$`, of any length.
///
/// Pattern of `status.discoveredArtifacts.images[].references[].digest` (resources 7.2).
#[must_use]
pub fn is_image_digest(text: &str) -> bool {
    IMAGE_DIGEST.is_match(text)
}

/// Whether the text can be the reason of a condition: 1 to 1024 characters.
///
/// Pattern of Condition `reason` (resources 2): `^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$`.
#[must_use]
pub fn is_condition_reason(text: &str) -> bool {
    text.len() <= 1024 && CONDITION_REASON.is_match(text)
}

/// Whether Kubernetes accepts the text as the value of a label: empty, or up to 63 letters, digits, `-`, `_` and `.`
/// with a letter or digit at both ends.
///
/// Freight aliases are label values (resources 8, 16.2).
///
/// ```
/// use kargo_core::model::pattern::is_label_value;
///
/// assert!(is_label_value("wonky-Wombat_2"));
/// assert!(!is_label_value("-wombat"));
/// ```
#[must_use]
pub fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_label_name(text)
}

/// Whether Kubernetes accepts the text as the key of a label: a name like a label value, 1 to 63 characters, with an
/// optional prefix of a DNS subdomain and `/`.
///
/// Keys of LabelSelector follow it (resources 2).
///
/// ```
/// use kargo_core::model::pattern::is_label_key;
///
/// assert!(is_label_key("kargo.akuity.io/stage"));
/// assert!(!is_label_key("/stage"));
/// ```
#[must_use]
pub fn is_label_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_name(prefix) && is_label_name(name),
        None => is_label_name(text),
    }
}

/// Compiles a pattern that is part of this crate.
#[expect(clippy::expect_used, reason = "patterns are constants and tests compile each of them; no input gets here")]
pub(crate) fn compile(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("a constant pattern compiles")
}

fn is_label_name(text: &str) -> bool {
    text.len() <= 63 && LABEL_NAME.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(predicate: fn(&str) -> bool, accepted: &[&str], refused: &[&str]) {
        for text in accepted {
            assert!(predicate(text), "{text:?} should be accepted");
        }
        for text in refused {
            assert!(!predicate(text), "{text:?} should be refused");
        }
    }

    #[test]
    fn resources_2_name() {
        let refused = ["", "A", "-a", "a-", "a.", ".a", "a..b", "a.-b", "a_b", "a/b", "é", "a\n", "a b", "٣"];
        check(is_name, &["a", "0", "a-b", "a--b", "a.b-c.9", &"a".repeat(253)], &refused);
        check(is_name_without_limit, &["a.b", &"a".repeat(254)], &refused);
        assert!(!is_name(&"a".repeat(254)));
    }

    #[test]
    fn resources_2_variable_name() {
        check(is_variable_name, &["a", "_", "aB_9", &"v".repeat(500)], &["", "9a", "a-b", "a.b", "é", "aé", "a\n"]);
    }

    #[test]
    fn resources_2_duration() {
        check(
            is_duration_text,
            &["5m", "5m0s", "1h0m0s", "1.5h", "0s", "30s5m1h", "1s1s"],
            &["", "0", "5", "300ms", "-5m", "+5m", ".5h", "5.h", "5 m", "5M", "1d", "٣s", "5m\n"],
        );
    }

    #[test]
    fn resources_2_git_url() {
        check(
            is_git_url,
            &[
                "https://github.com/example/repo.git",
                "http://h/",
                "https://u@h/x",
                "https://u:p@w:d@h/x y",
                "ssh://git@localhost:2222/x",
                "https://h:99999/x",
                "git@github.com:example/repo.git",
                "git@github.com:",
                "git@a+b.c:/x",
                "https://h/é",
                // The second form is not anchored at its end.
                "git@h:x\ny",
            ],
            &[
                "",
                "https://github.com",
                "HTTPS://github.com/x",
                "ftp://h/x",
                "https://h:123456/x",
                "https://h:/x",
                "https://hé/x",
                "https://.h/x",
                "https://[::1]/x",
                "https://h/x\ny",
                "h:x",
                "é@h:x",
                "git@h.a+b:x",
                " https://h/x",
                "github.com/example/repo",
            ],
        );
    }

    #[test]
    fn resources_2_branch() {
        check(
            is_branch,
            &["main", "a", "release/1.0", "a_", "a-", "a//b", "0.x", &"b".repeat(255)],
            &["", "-a", "_a", "/a", "a/", "a.", ".a", "a b", "a@b", "é", "aé", &"b".repeat(256)],
        );
    }

    #[test]
    fn resources_2_image_url() {
        check(
            is_image_url,
            &["busybox", "Library/Busybox", "ghcr.io/a/b", "localhost:5000/a", "a_b/c__d", "a-b.c/d", "a.b"],
            &["", "a:1", "a@sha256:0", "https://a/b", "a//b", "/a", "a/", "a--b", "a..b", "-a", "é", "h:x/a", "a b"],
        );
    }

    #[test]
    fn resources_2_chart_url() {
        check(
            is_chart_url,
            &[
                "oci://ghcr.io/a/b",
                "https://charts.example.com",
                "http://h:8080/",
                "https://h/x?y#z é",
                "oci://-",
                "https://h//x",
            ],
            &["", "OCI://a", "oci://", "ftp://h", "https://u@h/x", "https://h:/x", "https://h?x", "https://é", "a/b"],
        );
    }

    #[test]
    fn resources_2_dns_label() {
        check(is_dns_label, &["a", "a-b", "0", &"a".repeat(63)], &["", "a.b", "A", "-a", "a-", "é", &"a".repeat(64)]);
    }

    #[test]
    fn resources_7_2_tag_and_digest_of_discovered_images() {
        check(
            is_image_tag,
            &["1.2.3", "_", "-", "v1.0_A", &"t".repeat(128)],
            &["", "a+b", "a:b", "é", "٣", "a ", &"t".repeat(129)],
        );
        check(
            is_image_digest,
            &["sha256:0af", "x:0", &format!("sha256:{}", "a".repeat(64))],
            &["", "sha256:", ":0", "sha256:G0", "SHA256:00", "sha256:0A", "sha256:0:0", "sha-256:0"],
        );
    }

    #[test]
    fn resources_2_condition_reason() {
        check(
            is_condition_reason,
            &["A", "FreightCreated", "a_", "a,b:c", &"R".repeat(1024)],
            &["", "9a", "_a", "a:", "a,", "a b", "a-b", "é", &"R".repeat(1025)],
        );
    }

    #[test]
    fn resources_16_2_label_value() {
        check(
            is_label_value,
            &["", "a", "A.b_c-9", "0", &"v".repeat(63)],
            &["-a", "a-", ".a", "a_", "a/b", "a b", "é", "a\n", &"v".repeat(64)],
        );
    }

    #[test]
    fn resources_2_label_selector_keys() {
        let longest = format!("{}/{}", "p".repeat(253), "n".repeat(63));
        check(
            is_label_key,
            &["a", "A.b_c-9", "kargo.akuity.io/stage", &longest],
            &[
                "",
                "/",
                "a/",
                "/a",
                "a/b/c",
                "Prefix/a",
                "p_q/a",
                "-a",
                "a/-b",
                "é",
                &format!("p{longest}"),
                &format!("{longest}n"),
            ],
        );
    }

    #[test]
    fn every_pattern_compiles() {
        let patterns = [
            &NAME,
            &VARIABLE_NAME,
            &DURATION,
            &GIT_URL,
            &BRANCH,
            &IMAGE_URL,
            &CHART_URL,
            &DNS_LABEL,
            &IMAGE_TAG,
            &IMAGE_DIGEST,
            &CONDITION_REASON,
            &LABEL_NAME,
        ];
        for pattern in patterns {
            assert!(!LazyLock::force(pattern).as_str().is_empty());
        }
    }
}
