//! The configuration file: which credential it has for a repository.

use std::collections::BTreeMap;

use base64::Engine as _;
use kargo_core::port::{ImageRepo, PortError};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::Credential;

/// Docker Hub as `docker login` writes it, and as helpers want to be asked for it.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// The file, without what is not about credentials.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct File {
    auths: Option<BTreeMap<String, Entry>>,
    cred_helpers: Option<BTreeMap<String, String>>,
    creds_store: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<SecretString>,
    username: Option<String>,
    password: Option<SecretString>,
    identitytoken: Option<SecretString>,
    registrytoken: Option<SecretString>,
}

/// What the file says of a repository.
#[derive(Clone, Debug)]
pub(super) enum Found {
    Nothing,
    /// A credential that stands in the file, with its name.
    Inline(String, Credential),
    /// A helper has it. The credential of the file, if there is one, is for when the helper has none.
    Helper {
        helper: String,
        server: String,
        otherwise: Credential,
    },
}

impl File {
    /// Reads a file's contents. Errors show nothing of it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, PortError> {
        serde_json::from_slice(bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            PortError::misconfigured(format!("the Docker configuration cannot be read: line {line}, column {column}"))
        })
    }

    /// What it says of a repository: a helper for its host, else the store for all, else what stands there.
    pub(super) fn find(&self, repo: &ImageRepo) -> Result<Found, PortError> {
        let inline = self.inline(repo)?;
        let helpers = self.cred_helpers.as_ref().into_iter().flatten();
        let helper = best(helpers, repo).map(|(_, helper)| helper).or(self.creds_store.as_ref());
        match helper.filter(|helper| !helper.is_empty()) {
            Some(helper) => {
                let is_hub = repo.host() == "docker.io";
                let server = if is_hub { DOCKER_HUB.to_owned() } else { repo.host().to_owned() };
                let otherwise = inline.map(|(_, credential)| credential).unwrap_or_default();
                Ok(Found::Helper { helper: helper.clone(), server, otherwise })
            }
            None => Ok(inline.map_or(Found::Nothing, |(name, credential)| Found::Inline(name, credential))),
        }
    }

    fn inline(&self, repo: &ImageRepo) -> Result<Option<(String, Credential)>, PortError> {
        let Some((path, entry)) = best(self.auths.as_ref().into_iter().flatten(), repo) else { return Ok(None) };
        let credential = entry
            .credential()
            .map_err(|why| PortError::misconfigured(format!("the Docker configuration: {why}")).at(repo.host()))?;
        let name = match &credential {
            Credential::Anonymous => return Ok(None),
            Credential::Basic { username, .. } => username.clone(),
            _ => "docker-config".to_owned(),
        };
        // Entries for parts of a host are credentials of their own.
        Ok(Some((if path.is_empty() { name } else { format!("{name} for {path}") }, credential)))
    }
}

impl Entry {
    fn credential(&self) -> Result<Credential, &'static str> {
        let some = |secret: &Option<SecretString>| secret.clone().filter(|text| !text.expose_secret().is_empty());
        if let Some(token) = some(&self.registrytoken) {
            return Ok(Credential::RegistryToken(token));
        }
        if let Some(token) = some(&self.identitytoken) {
            return Ok(Credential::IdentityToken(token));
        }
        if let Some(auth) = some(&self.auth) {
            return decoded(&auth);
        }
        Ok(match (&self.username, some(&self.password)) {
            (Some(username), Some(password)) => Credential::Basic { username: username.clone(), password },
            _ => Credential::Anonymous,
        })
    }
}

/// `user:password` in base64.
fn decoded(auth: &SecretString) -> Result<Credential, &'static str> {
    let text = auth.expose_secret().trim();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| "`auth` is not base64")?;
    let text = SecretString::from(String::from_utf8(bytes).map_err(|_| "`auth` is not text")?);
    // Some programs write a zero byte at the end.
    let plain = text.expose_secret().trim_end_matches('\0');
    let (username, password) = plain.split_once(':').ok_or("`auth` has no colon between user and password")?;
    Ok(Credential::basic(username, password))
}

/// The entry for a repository: of its host, with the longest path that leads to it; and that path.
fn best<'a, T>(entries: impl Iterator<Item = (&'a String, &'a T)>, repo: &ImageRepo) -> Option<(String, &'a T)> {
    let mut found: Option<(String, &'a T)> = None;
    for (key, entry) in entries {
        let (host, path) = place(key);
        let rest = repo.path().strip_prefix(path);
        let leads = path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let is_longer = found.as_ref().is_none_or(|(known, _)| path.len() > known.len());
        if host == repo.host() && leads && is_longer {
            found = Some((path.to_owned(), entry));
        }
    }
    found
}

/// Host and path of a key: `ghcr.io`, `https://index.docker.io/v1/`, `quay.io/acme`.
fn place(key: &str) -> (String, &str) {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = match host.to_ascii_lowercase() {
        hub if hub == "index.docker.io" || hub == "registry-1.docker.io" => "docker.io".to_owned(),
        host => host,
    };
    let path = path.trim_matches('/');
    (host, if matches!(path, "v1" | "v2") { "" } else { path })
}

#[cfg(test)]
mod tests {
    use kargo_core::port::PortClass;

    use super::*;

    fn find(json: &str, repo: &str) -> String {
        let found = File::parse(json.as_bytes()).unwrap().find(&ImageRepo::parse(repo).unwrap()).unwrap();
        match found {
            Found::Inline(name, Credential::Basic { username, password }) => {
                format!("{name}: {username}/{}", password.expose_secret())
            }
            Found::Inline(name, other) => format!("{name}: {other:?}"),
            Found::Helper { helper, server, otherwise } => format!("{helper} {server} {otherwise:?}"),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn entries_are_found_however_their_host_is_written() {
        let json = r#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "ZXZlOmh1bnRlcjI="},
            "https://GHCR.io": {"username": "bot", "password": "x:y"},
            "quay.io": {"identitytoken": "t", "auth": "PHRva2VuPjo="},
            "quay.io/acme": {"registrytoken": "r"},
            "quay.io/ac": {"auth": "YTpi"},
            "localhost:5000": {"auth": "YTpiAAA="},
            "empty.example": {},
            "null.example": {"auth": null, "username": null}
        }, "HttpHeaders": {"User-Agent": "x"}, "credsStore": ""}"#;
        for (repo, found) in [
            ("busybox", "eve: eve/hunter2"),
            ("ghcr.io/acme/cart", "bot: bot/x:y"),
            ("quay.io/other/cart", "docker-config: IdentityToken(***)"),
            ("quay.io/acme/cart", "docker-config for acme: RegistryToken(***)"),
            ("quay.io/ac", "a for ac: a/b"),
            ("localhost:5000/x", "a: a/b"),
            ("localhost:5001/x", "nothing"),
            ("empty.example/x", "nothing"),
            ("null.example/x", "nothing"),
        ] {
            assert_eq!(find(json, repo), found, "{repo}");
        }
    }

    #[test]
    fn helpers_go_before_what_stands_in_the_file() {
        let json = r#"{"auths": {"ghcr.io": {"auth": "YTpi"}, "docker.io": {}},
            "credHelpers": {"ghcr.io": "gh", "public.ecr.aws": "ecr-login"}, "credsStore": "pass"}"#;
        assert_eq!(find(json, "ghcr.io/a/b"), "gh ghcr.io Basic(\"a\", ***)");
        assert_eq!(find(json, "public.ecr.aws/a/b"), "ecr-login public.ecr.aws Anonymous");
        assert_eq!(find(json, "busybox"), "pass https://index.docker.io/v1/ Anonymous");
    }

    #[test]
    fn architecture_2_law_10_a_bad_file_is_misconfigured_and_not_shown() {
        let repo = ImageRepo::parse("ghcr.io/a/b").unwrap();
        for (json, part) in [
            ("{\"auths\": \"hunter2\"}", "line 1"),
            ("hunter2", "line 1"),
            ("{\"auths\": {\"ghcr.io\": {\"auth\": \"hunter2!\"}}}", "not base64"),
            ("{\"auths\": {\"ghcr.io\": {\"auth\": \"aHVudGVyMg==\"}}}", "no colon"),
            ("{\"auths\": {\"ghcr.io\": {\"auth\": \"/////w==\"}}}", "not text"),
        ] {
            let error = File::parse(json.as_bytes()).and_then(|file| file.find(&repo).map(|_| ())).unwrap_err();
            assert_eq!(error.class(), PortClass::Misconfigured, "{json}");
            assert!(error.to_string().contains(part) && !error.to_string().contains("hunter2"), "{error}");
        }
        for json in ["{}", "{\"auths\": null, \"credHelpers\": null}"] {
            assert_eq!(find(json, "ghcr.io/a/b"), "nothing");
        }
    }
}
