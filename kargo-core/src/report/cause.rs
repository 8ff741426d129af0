//! Texts of causes: what is taken into an error's text from elsewhere, without the secrets that may be in it.

use std::{borrow::Cow, error::Error, sync::LazyLock};

use regex::{Captures, Regex};

/// Longest cause that is kept, in bytes.
const LIMIT: usize = 600;

/// Names of query parameters whose values are shown; of all others only the name is.
const SHOWN: &[&str] = &["after", "last", "n", "page", "per_page", "ref", "scope", "service"];

/// The text of an error and of those behind it, on one line, without what looks like a secret.
pub(super) fn of_error(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let more = source.to_string();
        // Some errors already tell their source.
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = source.source();
        if text.len() > 8 * LIMIT {
            break;
        }
    }
    of_text(&text)
}

/// The text on one line, cut, and without what looks like a secret.
pub(super) fn of_text(text: &str) -> String {
    let Some(rules) = &*RULES else { return "(not shown)".to_owned() };
    // Redacting before cutting: half a secret must not escape the rules.
    let text = text.get(..text.floor_char_boundary(16 * LIMIT)).unwrap_or_default();
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut clean = rules.apply(one_line.trim());
    if clean.len() > LIMIT {
        clean.truncate(clean.floor_char_boundary(LIMIT));
        clean.push('…');
    }
    clean
}

struct Rules {
    user_of_url: Regex,
    query: Regex,
    scheme: Regex,
    assigned: Regex,
    known: Regex,
}

static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| {
    Some(Rules {
        user_of_url: Regex::new(r#"(?i)\b([a-z][a-z0-9+.-]*://)[^/?#\s"'<>]*@"#).ok()?,
        query: Regex::new(r#"([?&])([^=&\s"'<>#]+)=([^&\s"'<>#)]*)"#).ok()?,
        scheme: Regex::new(r"(?i)\b(bearer|basic|token)(\s+)([A-Za-z0-9+/=._~-]{8,})").ok()?,
        assigned: Regex::new(
            r#"(?i)((?:password|passwd|secret|token|api[_-]?key|authorization)(?:=|"\s*:\s*"))([^\s"',;&]+)"#,
        )
        .ok()?,
        known: Regex::new(
            r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|eyJ[\w-]{6,}\.[\w-]+\.[\w-]*|AKIA[0-9A-Z]{16})",
        )
        .ok()?,
    })
});

impl Rules {
    fn apply(&self, text: &str) -> String {
        let text = self.user_of_url.replace_all(text, "$1");
        let text = self.query.replace_all(&text, |found: &Captures<'_>| {
            let shown = found.get(2).is_some_and(|name| SHOWN.contains(&name.as_str()));
            let value = if shown { group(found, 3) } else { "***" };
            format!("{}{}={value}", group(found, 1), group(found, 2))
        });
        let text = self.scheme.replace_all(&text, |found: &Captures<'_>| {
            let word = group(found, 3);
            // "Basic authentication" names no secret; an encoded one has digits or capitals in it.
            let looks_encoded = word.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'=');
            let word = if looks_encoded { "***" } else { word };
            format!("{}{}{word}", group(found, 1), group(found, 2))
        });
        let text = self.assigned.replace_all(&text, "$1***");
        let text: Cow<'_, str> = self.known.replace_all(&text, "***");
        text.into_owned()
    }
}

fn group<'a>(found: &'a Captures<'_>, index: usize) -> &'a str {
    found.get(index).map_or("", |part| part.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out() {
        for (text, shown) in [
            ("GET https://eve:pa@ss@ghcr.io/v2/", "GET https://ghcr.io/v2/"),
            ("clone https://ghp_0123456789abcdef0123@github.com/a/b", "clone https://github.com/a/b"),
            ("GET /v2/a/tags/list?n=100&last=1.0", "GET /v2/a/tags/list?n=100&last=1.0"),
            ("https://s3.dev/x?X-Amz-Signature=ab12&n=1", "https://s3.dev/x?X-Amz-Signature=***&n=1"),
            ("sent Authorization: Bearer eyJhbGciOi.abc.def9", "sent Authorization: Bearer ***"),
            ("Basic dXNlcjpwYXNz refused", "Basic *** refused"),
            ("Basic authentication refused", "Basic authentication refused"),
            ("password=hunter2, try again", "password=***, try again"),
            ("{\"token\": \"abc\"}", "{\"token\": \"***\"}"),
            ("leaked glpat-0123456789abcdefgh here", "leaked *** here"),
            ("invalid token: expired", "invalid token: expired"),
        ] {
            assert_eq!(of_text(text), shown, "{text}");
        }
    }

    #[test]
    fn one_line_and_not_endless() {
        assert_eq!(of_text(" a\r\nb\u{1b}[31m \0"), "a  b [31m");
        let long = of_text(&"é".repeat(10_000));
        assert!(long.len() <= LIMIT + '…'.len_utf8() && long.ends_with('…'), "{}", long.len());
    }

    #[test]
    fn the_sources_of_an_error_are_told_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("sending failed")]
        struct Outer(#[source] Inner);
        #[derive(Debug, thiserror::Error)]
        #[error("connection to https://a:b@x.dev refused")]
        struct Inner;
        assert_eq!(of_error(&Outer(Inner)), "sending failed: connection to https://x.dev refused");
    }
}
