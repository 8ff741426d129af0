//! Normal form of container image repositories.
use super::go_url::GoUrl;
use super::sanitize::{lower_case, sanitize};
use crate::model::pattern;

/// One spelling for an image repository: lower case, without tag and digest, Docker Hub's many names left out.
///
/// Rules: resources 16.3 (`NI`), discovery 6.3. The text before the first `/` is a registry only if it is `localhost`
/// or contains `.` or `:`; everything else lies on Docker Hub, where one leading `library/` is dropped. What is not an
/// image reference comes back as given, not even in lower case.
///
/// ```
/// use kargo_core::model::url::normalize_image;
///
/// assert_eq!(normalize_image("docker.io/library/busybox:1.36"), "busybox");
/// assert_eq!(normalize_image("GHCR.io/Example/App"), "ghcr.io/example/app");
/// assert_eq!(normalize_image("Not an image"), "Not an image");
/// ```
#[must_use]
pub fn normalize_image(url: &str) -> String {
    let clean = lower_case(&sanitize(url));
    match Repository::of_tagged(&clean).or_else(|| Repository::of_digested(&clean)) {
        Some(repository) => repository.short_name(),
        None => url.to_owned(),
    }
}

/// Where an image lives.
struct Repository<'a> {
    /// Empty if not given: Docker Hub.
    registry: &'a str,
    path: &'a str,
}

impl<'a> Repository<'a> {
    /// Reads `<name>[:<tag>]`. A colon with a slash behind it belongs to a port.
    fn of_tagged(text: &'a str) -> Option<Self> {
        match text.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => {
                if pattern::is_image_tag(tag) {
                    Self::of_name(name)
                } else {
                    None
                }
            }
            _ => Self::of_name(text),
        }
    }

    /// Reads `<name>[:<tag>]@sha256:<64 hexadecimal digits>`.
    fn of_digested(text: &'a str) -> Option<Self> {
        let (tagged, digest) = text.split_once('@')?;
        let hex = digest.strip_prefix("sha256:")?;
        let is_digest = hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_digest { Self::of_tagged(tagged) } else { None }
    }

    fn of_name(name: &'a str) -> Option<Self> {
        let (registry, path) = match name.split_once('/') {
            Some((first, rest)) if first == "localhost" || first.contains(['.', ':']) => (first, rest),
            _ => ("", name),
        };
        let is_path = (2..=255).contains(&path.len())
            && path.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/'));
        (is_path && is_bare_authority(registry)).then_some(Self { registry, path })
    }

    fn short_name(&self) -> String {
        match self.registry {
            "" | "docker.io" | "index.docker.io" | "registry-1.docker.io" => {
                self.path.strip_prefix("library/").unwrap_or(self.path).to_owned()
            }
            registry => format!("{registry}/{}", self.path),
        }
    }
}

/// Whether the text is host and port, with nothing around and nothing escaped. The empty text is.
fn is_bare_authority(text: &str) -> bool {
    is_ordinary_authority(text) || is_parsed_authority(text)
}

/// The usual case, where nothing needs to be parsed.
fn is_ordinary_authority(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_host = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
    !host.is_empty() && is_host && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) || text.is_empty()
}

fn is_parsed_authority(text: &str) -> bool {
    let reference = format!("//{text}");
    GoUrl::parse(&reference).is_some_and(|url| url.host() == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_ordinary_authority, is_parsed_authority, normalize_image};

    proptest! {
        #[test]
        fn an_ordinary_authority_is_one(text in "([a-zA-Z0-9.-]{0,4}|[a-z%_@é/?#.-]{0,4})(:[0-9]{0,3}|:[a-z0-9])?") {
            prop_assert!(!is_ordinary_authority(&text) || is_parsed_authority(&text));
        }
    }

    const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[track_caller]
    fn check(rows: &[(&str, &str)]) {
        for (input, expected) in rows {
            assert_eq!(normalize_image(input), *expected, "{input:?}");
        }
    }

    #[test]
    fn discovery_6_3_table() {
        check(&[
            ("busybox", "busybox"),
            ("library/busybox", "busybox"),
            ("docker.io/busybox", "busybox"),
            ("docker.io/library/busybox", "busybox"),
            ("index.docker.io/library/busybox", "busybox"),
            ("registry-1.docker.io/library/busybox", "busybox"),
            ("docker.io/example/repo", "example/repo"),
            ("example/repo:1.2.3", "example/repo"),
            ("GHCR.io/Example/Repo", "ghcr.io/example/repo"),
            (&format!("ghcr.io/example/repo@sha256:{HEX}"), "ghcr.io/example/repo"),
            ("localhost:5000/app", "localhost:5000/app"),
            ("myhost/app", "myhost/app"),
            ("ghcr.io/example/image:", "ghcr.io/example/image:"),
            ("invalid url", "invalid url"),
        ]);
    }

    #[test]
    fn resources_16_3_image_examples() {
        check(&[("docker.io/library/busybox", "busybox"), ("ghcr.io/A/B:1", "ghcr.io/a/b")]);
    }

    #[test]
    fn resources_16_3_tags_and_digests_are_dropped_when_valid() {
        check(&[
            ("localhost/app:1", "localhost/app"),
            ("localhost:5000/app:v1_2.3-x", "localhost:5000/app"),
            (&format!("ghcr.io/xx:a@sha256:{HEX}"), "ghcr.io/xx"),
            (&format!("XX@SHA256:{}", HEX.to_uppercase()), "xx"),
            (&format!("xx:{}", "t".repeat(128)), "xx"),
        ]);
        for unreadable in [
            format!("XX:{}", "t".repeat(129)),
            "XX:a+b".to_owned(),
            "XX:é".to_owned(),
            "XX@sha256:00".to_owned(),
            format!("XX@sha512:{HEX}"),
            format!("XX@sha256:{HEX}0"),
            format!("XX@sha256:{}g", &HEX[1..]),
            format!("XX:@sha256:{HEX}"),
            format!("XX@@sha256:{HEX}"),
        ] {
            check(&[(&unreadable, &unreadable)]);
        }
    }

    #[test]
    fn resources_16_3_registries_are_bare_authorities() {
        check(&[
            ("docker.io:443/xx", "docker.io:443/xx"),
            ("[::1]:5000/XX", "[::1]:5000/xx"),
            ("É.io/xx", "é.io/xx"),
            (".io//x", ".io//x"),
            ("A.io:/xx", "a.io:/xx"),
            // Not a host, so the text comes back with its capitals.
            ("U@h.io/xx", "U@h.io/xx"),
            ("A?b.c/xx", "A?b.c/xx"),
            ("A#b.c/xx", "A#b.c/xx"),
            ("A%C3%A9.io/xx", "A%C3%A9.io/xx"),
            ("A.io:http/xx", "A.io:http/xx"),
            ("A b.io/xx", "A b.io/xx"),
        ]);
    }

    #[test]
    fn discovery_6_3_repository_length_and_characters() {
        let longest = "r".repeat(255);
        let too_long = format!("A.io/{longest}r");
        check(&[
            ("A", "A"),
            ("ghcr.io/A", "ghcr.io/A"),
            ("AB", "ab"),
            (&format!("A.io/{longest}"), &format!("a.io/{longest}")),
            (&too_long, &too_long),
            ("A+b", "A+b"),
            ("É/xx", "É/xx"),
            ("", ""),
            ("  BusyBox\u{200b} ", "busybox"),
        ]);
    }

    #[test]
    fn one_library_is_dropped_so_normalising_twice_may_drop_two() {
        check(&[
            ("library/library/xx", "library/xx"),
            ("library/xx", "xx"),
            ("docker.io/library", "library"),
            ("library/", ""),
            ("ghcr.io/library/xx", "ghcr.io/library/xx"),
        ]);
    }
}
