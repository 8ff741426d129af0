//! Addresses of git, image and chart repositories (patterns GITURL, IMGURL and CHARTURL of resources 2).

use proptest::{option, prelude::*};

use super::scalar::{list, one_of};

/// Git repositories over HTTP(S), with and without user, port and `.git`.
pub fn git_https() -> BoxedStrategy<String> {
    let user = option::weighted(0.1, one_of(&["jo@", "jo:secret@"])).prop_map(Option::unwrap_or_default);
    let suffix = one_of(&["", ".git", ".git/", "/"]);
    (one_of(&["https://", "http://"]), user, host(), port(), path(), suffix)
        .prop_map(|(scheme, user, host, port, path, suffix)| format!("{scheme}{user}{host}{port}/{path}{suffix}"))
        .boxed()
}

/// Git repositories in every form, the deprecated `ssh://` and `user@host:path` too.
pub fn git_url() -> BoxedStrategy<String> {
    prop_oneof![
        6 => git_https(),
        1 => (host(), port(), path()).prop_map(|(host, port, path)| format!("ssh://git@{host}{port}/{path}.git")),
        1 => (host(), path()).prop_map(|(host, path)| format!("git@{host}:{path}.git")),
    ]
    .boxed()
}

/// Image repositories, without scheme and tag; some of Docker Hub, some with a port.
pub fn image_url() -> BoxedStrategy<String> {
    prop_oneof![
        2 => path(),
        4 => (host(), path()).prop_map(|(host, path)| format!("{host}/{path}")),
        1 => path().prop_map(|path| format!("localhost:5000/{path}")),
    ]
    .boxed()
}

/// Chart repositories, which hold charts by name.
pub fn chart_repository() -> BoxedStrategy<String> {
    (one_of(&["https://", "http://"]), host(), port(), path())
        .prop_map(|(scheme, host, port, path)| format!("{scheme}{host}{port}/{path}"))
        .boxed()
}

/// Charts in registries.
pub fn oci_chart() -> BoxedStrategy<String> {
    (host(), path()).prop_map(|(host, path)| format!("oci://{host}/{path}")).boxed()
}

/// Branches (pattern BRANCH).
pub fn branch() -> BoxedStrategy<String> {
    one_of(&["main", "release/1.10", "1.10", "yes", "null", "0x1F", "feature/a_b-c", "v2.x", "7"])
}

/// Changes the last segment of an address so that addresses with different numbers are different, however they are
/// normalised. Number 0 changes nothing.
pub(super) fn number(url: &mut String, index: usize) {
    if index > 0 {
        let end = url.trim_end_matches('/').len();
        let at = url.get(..end).and_then(|url| url.rfind(['/', ':'])).map_or(0, |at| at + 1);
        url.insert_str(at, &format!("{index}-"));
    }
}

fn host() -> BoxedStrategy<String> {
    one_of(&["github.com", "ghcr.io", "GitHub.com", "git.acme.io", "charts.acme-corp.io", "10.0.0.7"])
}

fn port() -> BoxedStrategy<String> {
    prop_oneof![6 => Just(String::new()), 1 => one_of(&[":8443", ":443"])].boxed()
}

/// Segments begin with a letter, so that [`number`] can tell addresses apart.
fn path() -> BoxedStrategy<String> {
    let segment = || one_of(&["acme", "cart", "library", "web", "Acme", "a.b", "web_front-end", "x"]);
    (list(segment(), 2), segment())
        .prop_map(|(mut path, last)| {
            path.push(last);
            path.join("/")
        })
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_change_the_last_segment() {
        for (url, numbered) in [
            ("https://github.com/acme/cart.git/", "https://github.com/acme/2-cart.git/"),
            ("git@github.com:cart.git", "git@github.com:2-cart.git"),
            ("localhost:5000/cart", "localhost:5000/2-cart"),
            ("cart", "2-cart"),
        ] {
            let mut changed = url.to_owned();
            number(&mut changed, 0);
            assert_eq!(changed, url);
            number(&mut changed, 2);
            assert_eq!(changed, numbered);
        }
    }
}
