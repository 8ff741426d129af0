//! The host that a URL or an image reference names.

/// The host of a URL with a scheme, in lower case, without port and user; `None` where there is none.
pub(super) fn of_url(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', ' ']).next().unwrap_or_default();
    without_port(authority.rsplit('@').next().unwrap_or_default())
}

/// The registry of an image reference: what stands before the first slash if it looks like a host, else Docker Hub
/// (resources 16.3).
pub(super) fn of_image(reference: &str) -> Option<String> {
    match reference.split_once('/') {
        Some((registry, _)) if registry == "localhost" || registry.contains(['.', ':']) => without_port(registry),
        _ => Some("docker.io".to_owned()),
    }
}

fn without_port(authority: &str) -> Option<String> {
    let host = match authority.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// A URL without the user in it, and, where the rest is not part of what it names, without query and fragment.
pub(super) fn without_secrets(url: &str, is_page: bool) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let rest = if is_page { rest.split(['?', '#']).next().unwrap_or_default() } else { rest };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    // `ssh://git@host` needs its user, which is no secret.
    let user = authority.split_once('@').map(|(user, _)| user).filter(|user| scheme == "ssh" && !user.contains(':'));
    match user {
        Some(user) => format!("{scheme}://{user}@{host}{path}"),
        None => format!("{scheme}://{host}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (url, host) in [
            ("https://GitHub.com/acme/env", Some("github.com")),
            ("https://eve:pw@git.corp:8443/x", Some("git.corp")),
            ("ssh://git@[::1]:22/x", Some("::1")),
            ("https://git.corp", Some("git.corp")),
            ("file:///srv/x", None),
            ("acme/env", None),
        ] {
            assert_eq!(of_url(url).as_deref(), host, "{url}");
        }
        for (image, host) in [
            ("ghcr.io/acme/cart", "ghcr.io"),
            ("localhost/x", "localhost"),
            ("registry:5000/x", "registry"),
            ("acme/cart", "docker.io"),
            ("busybox", "docker.io"),
        ] {
            assert_eq!(of_image(image).as_deref(), Some(host), "{image}");
        }
    }

    #[test]
    fn users_and_queries_are_left_out() {
        assert_eq!(without_secrets("https://eve:pw@x.dev/a?b#c", true), "https://x.dev/a");
        assert_eq!(without_secrets("https://eve@x.dev/a?b", false), "https://x.dev/a?b");
        assert_eq!(without_secrets("ssh://git@x.dev/a", false), "ssh://git@x.dev/a");
        assert_eq!(without_secrets("ssh://git:pw@x.dev/a", false), "ssh://x.dev/a");
        assert_eq!(without_secrets("git@x.dev:a", false), "git@x.dev:a");
    }
}
