//! What a registry wants of whoever logs in: `WWW-Authenticate` (RFC 9110 11.6.1).

use std::collections::BTreeMap;

use kargo_core::port::{PortClass, PortError};
use kargo_http::Answer;
use url::Url;

/// How to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// Not at all.
    Open,
    /// With user and password at each request.
    Basic,
    /// With a token from a service.
    Bearer(Bearer),
}

/// Where tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    /// The token service.
    pub(crate) realm: Url,
    /// Whom the token is for.
    pub(crate) service: Option<String>,
    /// What the token should be good for, where the registry says so.
    pub(crate) scope: Option<String>,
}

/// One challenge: its scheme and parameters, both in lower case.
#[derive(Debug, Default, PartialEq, Eq)]
struct Challenge {
    scheme: String,
    parameters: BTreeMap<String, String>,
}

/// How the registry at `base` wants to be logged in to, from the challenges of a 401.
pub(crate) fn login(answer: &Answer, base: &Url) -> Result<Login, PortError> {
    let challenges: Vec<_> = answer.header_values("www-authenticate").flat_map(challenges).collect();
    let of = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme == scheme);
    if let Some(challenge) = of("bearer") {
        return bearer(challenge, base).map(Login::Bearer).map_err(|why| answer.rejected(why));
    }
    if of("basic").is_some() {
        return Ok(Login::Basic);
    }
    Err(match challenges.first() {
        None => answer.error(PortClass::Unauthorized, "HTTP 401, and it is not told how to log in"),
        Some(other) => answer.error(
            PortClass::Unsupported,
            format!("the registry wants the authentication scheme {:?}; known are Basic and Bearer", other.scheme),
        ),
    })
}

fn bearer(challenge: &Challenge, base: &Url) -> Result<Bearer, String> {
    let field = |name: &str| challenge.parameters.get(name).filter(|value| !value.is_empty()).cloned();
    let realm = field("realm").ok_or("the challenge names no token service (realm)")?;
    let mut realm = base.join(&realm).map_err(|error| format!("the token service (realm) is no URL: {error}"))?;
    match (base.scheme(), realm.scheme()) {
        (_, "https") | ("http", "http") => {}
        // Whoever can read what goes to the service could log in to the registry.
        (_, "http") => return Err(format!("the token service {:?} is reached by plain HTTP", realm.host_str())),
        (_, scheme) => return Err(format!("the token service (realm) has the scheme {scheme:?}")),
    }
    // A user in the address would become a credential that nobody gave.
    if realm.set_username("").is_err() || realm.set_password(None).is_err() {
        return Err("the token service (realm) has no host".to_owned());
    }
    realm.set_fragment(None);
    Ok(Bearer { realm, service: field("service"), scope: field("scope") })
}

/// The challenges of one header.
fn challenges(text: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=', '"']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            // Something that is neither a name nor space: passed over, so that the rest is read.
            let mut chars = rest.chars();
            if chars.next().is_none() {
                return found;
            }
            rest = chars.as_str();
            continue;
        }
        let name = name.to_ascii_lowercase();
        match after.trim_start_matches([' ', '\t']).strip_prefix('=') {
            Some(value) => {
                let (value, after) = value_of(value.trim_start_matches([' ', '\t']));
                if let Some(challenge) = found.last_mut() {
                    challenge.parameters.entry(name).or_insert(value);
                }
                rest = after;
            }
            None => {
                found.push(Challenge { scheme: name, parameters: BTreeMap::new() });
                rest = after;
            }
        }
    }
}

/// A value, quoted or not, and what comes behind it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find([' ', '\t', ',']).unwrap_or(text.len()));
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next() {
            None | Some('"') => return (value, chars.as_str()),
            Some('\\') => value.extend(chars.next()),
            Some(c) => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use kargo_http::Asked;

    use super::*;

    fn read(base: &str, headers: &[&str]) -> Result<Login, PortError> {
        let mut answer = Answer::new(Asked::of("ghcr.io", "GET /v2/"), 401);
        for header in headers {
            answer = answer.with_header("WWW-Authenticate", *header);
        }
        login(&answer, &Url::parse(base).unwrap())
    }

    fn expected(realm: &str, service: Option<&str>, scope: Option<&str>) -> Login {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Login::Bearer(Bearer { realm: Url::parse(realm).unwrap(), service: text(service), scope: text(scope) })
    }

    #[test]
    fn challenges_are_read_in_all_their_forms() {
        let base = "https://ghcr.io/";
        for (headers, login) in [
            (
                &[r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull""#][..],
                expected("https://ghcr.io/token", Some("ghcr.io"), Some("repository:a/b:pull")),
            ),
            (&["bearer Realm = https://x.dev/t , SERVICE=x"], expected("https://x.dev/t", Some("x"), None)),
            (&[r#"Bearer realm="/token?a=\"b\",c""#], expected("https://ghcr.io/token?a=\"b\",c", None, None)),
            (&[r#"Basic realm="x, Bearer realm=\"y\"""#], Login::Basic),
            (&[r#"Negotiate, Basic realm="x""#], Login::Basic),
            (&[r#"Basic realm="x""#, r#"Bearer realm="https://x.dev/t""#], expected("https://x.dev/t", None, None)),
            (&[r#"Basic realm="x", Bearer realm="https://x.dev/t""#], expected("https://x.dev/t", None, None)),
            (&[r#"Bearer realm="https://me:pw@x.dev/t#f""#], expected("https://x.dev/t", None, None)),
        ] {
            assert_eq!(read(base, headers).unwrap(), login, "{headers:?}");
        }
    }

    #[test]
    fn bad_challenges_have_their_class() {
        for (base, header, class, part) in [
            ("https://h/", "", PortClass::Unauthorized, "not told how"),
            ("https://h/", "Negotiate YII=", PortClass::Unsupported, "\"negotiate\""),
            ("https://h/", "Bearer", PortClass::Rejected, "names no token service"),
            ("https://h/", "Bearer realm=\"\"", PortClass::Rejected, "names no token service"),
            ("https://h/", "Bearer realm=\"http://h/t\"", PortClass::Rejected, "plain HTTP"),
            ("https://h/", "Bearer realm=\"file:///etc/passwd\"", PortClass::Rejected, "scheme \"file\""),
            ("https://h/", "Bearer realm=\"https://\"", PortClass::Rejected, "is no URL"),
            ("https://h/", "===\"\"\"", PortClass::Unauthorized, "not told how"),
        ] {
            let error = read(base, &[header]).unwrap_err();
            assert_eq!(error.class(), class, "{header}: {error}");
            assert!(error.to_string().contains(part), "{header}: {error}");
        }
        assert!(read("http://h/", &["Bearer realm=\"http://h/t\""]).is_ok());
    }
}
