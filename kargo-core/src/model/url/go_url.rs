//! A URL reference read and written as Go's `net/url` does, as far as normalisation depends on it.
use core::fmt;

use super::go_authority::Authority;
use super::percent::{Part, decode, encode, is_encoded, is_well_formed};

/// A URL reference in parts.
///
/// The text must have been sanitised: Go refuses control characters, this reader does not look for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GoUrl<'a> {
    scheme: &'a str,
    authority: Option<Authority>,
    path: Path<'a>,
    /// What follows `?`; an empty one is written back.
    query: Option<&'a str>,
    /// What follows `#`, as given; an empty one is not written back.
    fragment: &'a str,
}

/// The part after scheme and authority.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Path<'a> {
    /// Not a path at all, as in `mailto:someone`: kept as given.
    Opaque(&'a str),
    /// A path as given, with the bytes it stands for.
    Given { text: &'a str, bytes: Vec<u8> },
    /// A path changed since it was read: the bytes alone.
    Changed(Vec<u8>),
}

impl<'a> GoUrl<'a> {
    /// Reads a URL reference; `None` where Go reports an error.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        if !is_well_formed(fragment) {
            return None;
        }
        let (scheme, rest) = split_scheme(text)?;
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        if !rest.starts_with('/') {
            if !scheme.is_empty() {
                return Some(Self { scheme, authority: None, path: Path::Opaque(rest), query, fragment });
            }
            // A colon here would read as the end of a scheme.
            if has_colon_in_first_segment(rest) {
                return None;
            }
        }
        let (authority, path) = match rest.strip_prefix("//") {
            Some(after) if !scheme.is_empty() || !after.starts_with('/') => {
                let (authority, path) = after.split_at_checked(after.find('/').unwrap_or(after.len()))?;
                (Some(Authority::parse(scheme, authority)?), path)
            }
            _ => (None, rest),
        };
        let path = Path::Given { text: path, bytes: decode(path, Part::Path)? };
        Some(Self { scheme, authority, path, query, fragment })
    }

    /// Host and port with escapes resolved; empty without an authority.
    pub(super) fn host(&self) -> &[u8] {
        self.authority.as_ref().map_or(&[], |authority| &authority.host)
    }

    /// Whether the query holds at least one parameter that can be read; `?`, `?&` and `?a;b` hold none.
    pub(super) fn has_query_parameters(&self) -> bool {
        self.query.unwrap_or_default().split('&').any(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            !pair.is_empty() && !pair.contains(';') && is_well_formed(key) && is_well_formed(value)
        })
    }

    /// Whether there is no path. An opaque URL has none.
    pub(super) fn has_empty_path(&self) -> bool {
        self.path.bytes().is_empty()
    }

    /// Forgets user name and password.
    pub(super) fn drop_user(&mut self) {
        if let Some(authority) = &mut self.authority {
            authority.user = None;
        }
    }

    /// Removes the suffix from the end of the path, once. A changed path loses the spelling it was given in: it is
    /// written with the escapes it needs and no others.
    pub(super) fn strip_path_suffix(&mut self, suffix: &str) {
        if let Some(shorter) = self.path.bytes().strip_suffix(suffix.as_bytes()) {
            self.path = Path::Changed(shorter.to_vec());
        }
    }
}

impl Path<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Opaque(_) => &[],
            Self::Given { bytes, .. } | Self::Changed(bytes) => bytes,
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Opaque(text) => (*text).to_owned(),
            Self::Given { text, .. } if is_encoded(text, Part::Path) => (*text).to_owned(),
            // A lone asterisk is a request target of its own and never escaped.
            Self::Changed(bytes) if bytes == b"*" => "*".to_owned(),
            Self::Given { bytes, .. } | Self::Changed(bytes) => encode(bytes, Part::Path),
        }
    }
}

impl fmt::Display for GoUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.scheme.is_empty() {
            write!(f, "{}:", self.scheme.to_ascii_lowercase())?;
        }
        let path = self.path.written();
        if let Some(authority) = &self.authority {
            let named = !authority.host.is_empty() || authority.user.is_some();
            // `https://` alone is written `https:`.
            if named || (!self.scheme.is_empty() && !path.is_empty()) {
                write!(f, "//{authority}")?;
            }
        } else if self.scheme.is_empty() && has_colon_in_first_segment(&path) {
            f.write_str("./")?;
        }
        f.write_str(&path)?;
        if let Some(query) = self.query {
            write!(f, "?{query}")?;
        }
        if self.fragment.is_empty() {
            return Ok(());
        }
        if is_encoded(self.fragment, Part::Fragment) {
            write!(f, "#{}", self.fragment)
        } else {
            let bytes = decode(self.fragment, Part::Fragment).unwrap_or_default();
            write!(f, "#{}", encode(&bytes, Part::Fragment))
        }
    }
}

/// Scheme and rest. The scheme is empty if there is none; `None` for a text that starts with the colon.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let Some((scheme, rest)) = text.split_once(':') else { return Some(("", text)) };
    let mut bytes = scheme.bytes();
    let first = bytes.next()?;
    let is_scheme = first.is_ascii_alphabetic()
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    Some(if is_scheme { (scheme, rest) } else { ("", text) })
}

fn has_colon_in_first_segment(path: &str) -> bool {
    path.split('/').next().is_some_and(|segment| segment.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::GoUrl;

    fn rewritten(text: &str) -> Option<String> {
        GoUrl::parse(text).map(|url| url.to_string())
    }

    #[test]
    fn writes_back_what_it_read() {
        for text in [
            "",
            "*",
            "a",
            "/a",
            "a/b:c",
            "a?",
            "?a",
            "a?b?c",
            "a#b",
            "//h",
            "//h/a",
            "//u@h/a",
            "///a",
            "////a",
            "x:",
            "x:a",
            "x:a:b?c#d",
            "x:/a",
            "x:///a",
            "x://h",
            "x://u:p@h:1/a/?b#c",
            "/a%2fb",
            "/a'b(c)[d]!*",
            "#?",
            "mailto:a%zz",
        ] {
            assert_eq!(rewritten(text).as_deref(), Some(text), "{text}");
        }
    }

    #[test]
    fn writes_some_references_in_another_way() {
        for (text, expected) in [
            ("X:a", "x:a"),
            ("a#", "a"),
            ("//", ""),
            ("x://", "x:"),
            ("x://?a", "x:?a"),
            ("/é", "/%C3%A9"),
            ("/a b[]", "/a%20b%5B%5D"),
            ("#é[]", "#%C3%A9%5B%5D"),
            ("#[]", "#[]"),
        ] {
            assert_eq!(rewritten(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_go_refuses() {
        for text in [":", ":a", "1:2", "a_b:c", "127.0.0.1:80/a", "/%", "#%", "//h:x", "x://a b", "x://%zz"] {
            assert_eq!(rewritten(text), None, "{text}");
        }
    }

    #[test]
    fn a_changed_path_is_spelled_anew() {
        for (text, expected) in [
            ("x://h/a%2fb/", "x://h/a/b"),
            ("x://h/a%2fb", "x://h/a%2fb"),
            ("x://h/'(%41)/", "x://h/%27%28A%29"),
            ("x://h/", "x://h"),
            ("x:///", "x:"),
            ("*/", "*"),
            ("a%3ab/", "./a:b"),
            ("x:a/", "x:a/"),
        ] {
            let mut url = GoUrl::parse(text).expect(text);
            url.strip_path_suffix("/");
            assert_eq!(url.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn only_readable_query_parameters_count() {
        for (text, expected) in [
            ("a", false),
            ("a?", false),
            ("a?&&", false),
            ("a?b;c", false),
            ("a?b;c&d", true),
            ("a?%zz", false),
            ("a?b=%zz", false),
            ("a?=", true),
            ("a?b", true),
            ("x:a?b=c", true),
            ("a#?b", false),
        ] {
            assert_eq!(GoUrl::parse(text).expect(text).has_query_parameters(), expected, "{text}");
        }
    }

    #[test]
    fn tells_host_and_path_apart() {
        let url = GoUrl::parse("//h%c3%a9:1/a").expect("readable");
        assert_eq!(url.host(), "hé:1".as_bytes());
        assert!(!url.has_empty_path());
        let opaque = GoUrl::parse("x:a").expect("readable");
        assert_eq!(opaque.host(), b"");
        assert!(opaque.has_empty_path());
    }
}
