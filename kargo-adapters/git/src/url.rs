//! Addresses of repositories: what is allowed, and what must never reach a command line.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::GitError;

/// Longer addresses are refused.
const LONGEST: usize = 4096;

/// How a repository is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scheme {
    /// HTTP over TLS.
    Https,
    /// Plain HTTP. Credentials are not sent unless the settings allow it (discovery 8).
    Http,
    /// SSH, also in the form `user@host:path`.
    Ssh,
    /// A directory of this machine.
    File,
}

impl Scheme {
    /// The protocol's name in git's allow-list.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::Ssh => "ssh",
            Self::File => "file",
        }
    }
}

/// The address of a repository (discovery 3.1), without the password that it may have been written with.
///
/// `https://`, `http://`, `ssh://`, `user@host:path` and `file:///` are taken. Everything else is refused, above all
/// `ext::command` and addresses that a program could take for an option.
///
/// ```
/// use kargo_git::{RemoteUrl, Scheme};
/// let url = RemoteUrl::parse("https://me:secret@git.example.com/team/app.git")?;
/// assert_eq!(url.to_string(), "https://git.example.com/team/app.git");
/// assert_eq!(url.scheme(), Scheme::Https);
/// assert!(RemoteUrl::parse("ext::sh -c evil").is_err());
/// assert!(RemoteUrl::parse("--upload-pack=touch x").is_err());
/// # Ok::<(), kargo_git::GitError>(())
/// ```
#[derive(Clone)]
pub struct RemoteUrl {
    text: String,
    scheme: Scheme,
    authority: String,
    user: Option<String>,
    password: Option<SecretString>,
}

/// What is wrong with the address of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlProblem {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It is longer than 4,096 bytes.
    #[error("it is longer than 4096 bytes")]
    TooLong,
    /// It begins with a hyphen and could be taken for an option.
    #[error("it begins with `-`")]
    Hyphen,
    /// It has a control character.
    #[error("it has a control character")]
    Control,
    /// Another protocol than the allowed ones.
    #[error("its protocol is not allowed; write https://, http://, ssh://, user@host:path or file:///")]
    Protocol,
    /// The host is missing or has characters that no host has.
    #[error("its host is missing or malformed")]
    Host,
    /// The user's name is malformed.
    #[error("its user is malformed")]
    User,
    /// An SSH address with a password.
    #[error("SSH takes no password in the address; give a key")]
    SshPassword,
    /// The path is missing or begins with a hyphen.
    #[error("its path is missing or malformed")]
    Path,
}

impl RemoteUrl {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// [`GitError::Url`], which shows the address without its user and password.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        read(text).map_err(|problem| GitError::Url { url: shown(text), problem })
    }

    /// How the repository is reached.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The address that git is given. No HTTP address has a user or a password in it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port as written, empty for `file:`.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The user that the address was written with.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The password that an HTTP address was written with.
    pub(crate) fn password(&self) -> Option<&SecretString> {
        self.password.as_ref()
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for RemoteUrl {
    fn eq(&self, other: &Self) -> bool {
        let password = |url: &Self| url.password.as_ref().map(|p| p.expose_secret().to_owned());
        self.text == other.text && self.user == other.user && password(self) == password(other)
    }
}

impl Eq for RemoteUrl {}

fn read(text: &str) -> Result<RemoteUrl, UrlProblem> {
    if text.is_empty() {
        return Err(UrlProblem::Empty);
    }
    if text.len() > LONGEST {
        return Err(UrlProblem::TooLong);
    }
    if text.starts_with('-') {
        return Err(UrlProblem::Hyphen);
    }
    if text.chars().any(char::is_control) {
        return Err(UrlProblem::Control);
    }
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => http(Scheme::Https, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => http(Scheme::Http, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ssh") => ssh(rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => file(rest),
        Some(_) => Err(UrlProblem::Protocol),
        None => scp(text),
    }
}

fn http(scheme: Scheme, rest: &str) -> Result<RemoteUrl, UrlProblem> {
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (userinfo, host) = split_user(authority);
    if !is_authority(host) {
        return Err(UrlProblem::Host);
    }
    if path.len() < 2 {
        return Err(UrlProblem::Path);
    }
    let (user, password) = match userinfo.map(|info| info.split_once(':').map_or((info, None), |(u, p)| (u, Some(p)))) {
        None => (None, None),
        Some((user, password)) => {
            let decode = |text: &str| percent_decoded(text).ok_or(UrlProblem::User);
            let password = password.map(decode).transpose()?.map(SecretString::from);
            (Some(decode(user)?).filter(|user| !user.is_empty()), password)
        }
    };
    let text = format!("{}://{host}{path}", scheme.as_str());
    Ok(RemoteUrl { text, scheme, authority: host.to_owned(), user, password })
}

fn ssh(rest: &str) -> Result<RemoteUrl, UrlProblem> {
    let at = rest.find('/').ok_or(UrlProblem::Path)?;
    let (authority, path) = rest.split_at(at);
    let (user, host) = split_user(authority);
    if user.is_some_and(|user| user.contains(':')) {
        return Err(UrlProblem::SshPassword);
    }
    if !is_authority(host) {
        return Err(UrlProblem::Host);
    }
    if user.is_some_and(|user| !is_user(user)) {
        return Err(UrlProblem::User);
    }
    if path.len() < 2 || path.starts_with("/-") {
        return Err(UrlProblem::Path);
    }
    let user = user.map(str::to_owned);
    Ok(RemoteUrl {
        text: format!("ssh://{authority}{path}"),
        scheme: Scheme::Ssh,
        authority: host.to_owned(),
        user,
        password: None,
    })
}

/// `[user@]host:path`: the colon comes before any slash, and is not doubled (that would name a remote helper).
fn scp(text: &str) -> Result<RemoteUrl, UrlProblem> {
    let (place, path) = text.split_once(':').ok_or(UrlProblem::Protocol)?;
    if place.contains('/') || path.starts_with(':') {
        return Err(UrlProblem::Protocol);
    }
    let (user, host) = split_user(place);
    if !is_host(host) {
        return Err(UrlProblem::Host);
    }
    if user.is_some_and(|user| !is_user(user)) {
        return Err(UrlProblem::User);
    }
    if path.is_empty() || path.starts_with('-') {
        return Err(UrlProblem::Path);
    }
    Ok(RemoteUrl {
        text: text.to_owned(),
        scheme: Scheme::Ssh,
        authority: host.to_owned(),
        user: user.map(str::to_owned),
        password: None,
    })
}

fn file(rest: &str) -> Result<RemoteUrl, UrlProblem> {
    if !rest.starts_with('/') || rest.len() < 2 {
        return Err(UrlProblem::Path);
    }
    Ok(RemoteUrl {
        text: format!("file://{rest}"),
        scheme: Scheme::File,
        authority: String::new(),
        user: None,
        password: None,
    })
}

/// The part before the last `@`, and the rest.
fn split_user(authority: &str) -> (Option<&str>, &str) {
    authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host))
}

fn is_user(user: &str) -> bool {
    !user.is_empty()
        && !user.starts_with('-')
        && user.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+~%".contains(&b))
}

/// A host with or without a port.
fn is_authority(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('[') {
        let Some((address, port)) = inner.split_once(']') else { return false };
        return address.contains(':')
            && address.bytes().all(|b| b.is_ascii_hexdigit() || b":.".contains(&b))
            && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    match text.split_once(':') {
        Some((host, port)) => is_host(host) && is_port(port),
        None => is_host(text),
    }
}

fn is_host(host: &str) -> bool {
    !host.is_empty() && !host.starts_with('-') && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

fn is_port(port: &str) -> bool {
    port.parse::<u16>().is_ok_and(|number| number != 0) && port.bytes().all(|b| b.is_ascii_digit())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

/// A refused address as an error shows it: short, printable, without what stands before an `@`.
fn shown(text: &str) -> String {
    let printable: String = text.chars().map(|c| if c.is_control() { '?' } else { c }).take(200).collect();
    match printable.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host)),
        None => printable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Option<UrlProblem> {
        match RemoteUrl::parse(text) {
            Err(GitError::Url { problem, .. }) => Some(problem),
            _ => None,
        }
    }

    #[test]
    fn discovery_3_1_forms_are_taken() {
        for (text, scheme, shown) in [
            ("https://github.com/example/repo", Scheme::Https, "https://github.com/example/repo"),
            ("HTTPS://u@h:8443/r.git", Scheme::Https, "https://h:8443/r.git"),
            ("http://[::1]:80/r", Scheme::Http, "http://[::1]:80/r"),
            ("ssh://git@host:2222/a/b.git", Scheme::Ssh, "ssh://git@host:2222/a/b.git"),
            ("git@github.com:example/repo.git", Scheme::Ssh, "git@github.com:example/repo.git"),
            ("github.com:example/repo", Scheme::Ssh, "github.com:example/repo"),
            ("file:///srv/with space/a.git", Scheme::File, "file:///srv/with space/a.git"),
        ] {
            let url = RemoteUrl::parse(text).unwrap();
            assert_eq!((url.scheme(), url.as_str()), (scheme, shown), "{text}");
        }
    }

    #[test]
    fn users_and_passwords_leave_the_address() {
        let url = RemoteUrl::parse("https://me%40corp:p%3Aw@host/r").unwrap();
        assert_eq!(url.user(), Some("me@corp"));
        assert_eq!(url.password().unwrap().expose_secret(), "p:w");
        assert_eq!(format!("{url} {url:?}"), "https://host/r https://host/r");
        let error = RemoteUrl::parse("https://me:hunter2@/r").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }

    #[test]
    fn hostile_addresses_are_refused() {
        for (text, expected) in [
            ("", UrlProblem::Empty),
            ("-oProxyCommand=evil", UrlProblem::Hyphen),
            ("--upload-pack=evil", UrlProblem::Hyphen),
            ("ext::sh -c evil", UrlProblem::Protocol),
            ("fd::3", UrlProblem::Protocol),
            ("git://host/r", UrlProblem::Protocol),
            ("ftp://host/r", UrlProblem::Protocol),
            ("/srv/repo", UrlProblem::Protocol),
            ("../repo", UrlProblem::Protocol),
            ("ssh://-oProxyCommand=evil/r", UrlProblem::Host),
            ("ssh://-u@host/r", UrlProblem::User),
            ("-x@host:r", UrlProblem::Hyphen),
            ("a@-host:r", UrlProblem::Host),
            ("ssh://u:p@host/r", UrlProblem::SshPassword),
            ("host:-r", UrlProblem::Path),
            ("ssh://host/-r", UrlProblem::Path),
            ("https://host", UrlProblem::Path),
            ("https:///r", UrlProblem::Host),
            ("https://ho st/r", UrlProblem::Host),
            ("https://host:0/r", UrlProblem::Host),
            ("https://host:99999/r", UrlProblem::Host),
            ("https://host:+1/r", UrlProblem::Host),
            ("https://a%zz@host/r", UrlProblem::User),
            ("https://a%0a@host/r", UrlProblem::User),
            ("https://host/r\nx", UrlProblem::Control),
            ("file://host/r", UrlProblem::Path),
        ] {
            assert_eq!(problem(text), Some(expected), "{text:?}");
        }
        assert_eq!(problem(&format!("https://h/{}", "x".repeat(5000))), Some(UrlProblem::TooLong));
    }
}
