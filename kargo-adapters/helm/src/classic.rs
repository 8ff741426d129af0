//! The index of a classic repository over HTTP.

use std::sync::{Arc, OnceLock};

use kargo_core::{
    port::{Account, ChartIndex, ChartRepo, PortClass, digest_of},
    report::{PortError, Reply},
};
use kargo_http::{
    Answer, exchange, failed,
    reqwest::{Client, Request, Url, header::IF_NONE_MATCH},
};
use secrecy::ExposeSecret as _;

use crate::{
    CredentialSource, Credentials, HelmSettings,
    index::{self, read_index},
};

/// Longer ones are read on a thread for work that blocks, in bytes.
const SHORT: usize = 256 << 10;
/// What our own mark for a body without ETag begins with; a peer's is in quotes.
const OWN_MARK: &str = "body sha256:";

/// Classic repositories, with connections that are kept open.
#[derive(Debug)]
pub(crate) struct Classic {
    settings: HelmSettings,
    client: Client,
    /// The client that checks no certificate; made when the first subscription asks for that.
    careless: OnceLock<Client>,
    credentials: Arc<dyn CredentialSource>,
}

impl Classic {
    pub(crate) fn new(settings: HelmSettings, credentials: Arc<dyn CredentialSource>) -> Result<Self, PortError> {
        let client = settings.http.client()?;
        Ok(Self { settings, client, careless: OnceLock::new(), credentials })
    }

    pub(crate) fn settings(&self) -> &HelmSettings {
        &self.settings
    }

    pub(crate) async fn index(
        &self,
        repo: &ChartRepo,
        url: Url,
        known: Option<&str>,
    ) -> Result<Reply<ChartIndex>, PortError> {
        let withheld = self.withholds(&url);
        let credentials = if withheld { Credentials::Anonymous } else { self.credentials.credentials(repo).await? };
        let client = self.client(repo)?;
        let request = request(client, url, credentials, withheld, known).map_err(|error| error.at(repo.host()))?;
        let answer = exchange(client, request, self.settings.index_bytes).await?;
        if answer.status() == 401 && withheld && self.has_credentials(repo) {
            let why = "HTTP 401; there is a credential, but none is sent over plain http: use https, or allow it";
            return Err(answer.error(PortClass::Unauthorized, why).with_status(401));
        }
        read(answer, known).await
    }

    pub(crate) fn account(&self, repo: &ChartRepo) -> Account {
        let url = repo.index_url().and_then(|url| Url::parse(&url).ok());
        let url = url.filter(|url| !self.withholds(url));
        let name = url.as_ref().and_then(|url| {
            let written = Some(url.username()).filter(|user| !user.is_empty()).map(|user| format!("user {user}"));
            self.credentials.name(repo).or(written)
        });
        match name {
            Some(name) => Account::new(repo.host(), name),
            None => Account::anonymous(repo.host()),
        }
    }

    fn has_credentials(&self, repo: &ChartRepo) -> bool {
        let written =
            repo.index_url().and_then(|url| Url::parse(&url).ok()).is_some_and(|url| !url.username().is_empty());
        written || self.credentials.name(repo).is_some()
    }

    /// Whether no credential may be sent there.
    fn withholds(&self, url: &Url) -> bool {
        url.scheme() != "https" && !self.settings.credentials_over_http
    }

    fn client(&self, repo: &ChartRepo) -> Result<&Client, PortError> {
        if !repo.access().skip_tls_verify {
            return Ok(&self.client);
        }
        if let Some(client) = self.careless.get() {
            return Ok(client);
        }
        let client = self.settings.http.clone().skipping_tls_verify(true).client()?;
        Ok(self.careless.get_or_init(|| client))
    }
}

/// `GET index.yaml`, only if it changed; on behalf of the credential, or else of the user that the address names.
fn request(
    client: &Client,
    mut url: Url,
    credentials: Credentials,
    withheld: bool,
    known: Option<&str>,
) -> Result<Request, PortError> {
    // The client would take them from the address by itself, whatever we want.
    let written = (url.username().to_owned(), url.password().map(str::to_owned));
    if !written.0.is_empty() || written.1.is_some() {
        // Refused only by addresses that have no host, and those have no user either.
        let _ = (url.set_username(""), url.set_password(None));
    }
    let builder = client.get(url);
    let builder = match credentials {
        Credentials::Basic { username, password } => builder.basic_auth(username, Some(password.expose_secret())),
        Credentials::Bearer { token } => builder.bearer_auth(token.expose_secret()),
        Credentials::Anonymous if withheld || written.0.is_empty() => builder,
        Credentials::Anonymous => builder.basic_auth(written.0, written.1),
    };
    let builder = match known.filter(|known| !known.starts_with(OWN_MARK)) {
        Some(known) => builder.header(IF_NONE_MATCH, known),
        None => builder,
    };
    builder.build().map_err(failed)
}

/// What an answer says of the index.
async fn read(answer: Answer, known: Option<&str>) -> Result<Reply<ChartIndex>, PortError> {
    if answer.body().len() <= SHORT {
        return read_now(&answer, known);
    }
    let known = known.map(str::to_owned);
    let asked = answer.asked().clone();
    let task = tokio::task::spawn_blocking(move || read_now(&answer, known.as_deref()));
    // It ends early only where the runtime does.
    let ended = |_| PortError::retryable("the runtime is shutting down").at(asked.host()).asking(asked.what());
    task.await.map_err(ended)?
}

fn read_now(answer: &Answer, known: Option<&str>) -> Result<Reply<ChartIndex>, PortError> {
    let mut reply = answer.meaning()?;
    if reply.is_unchanged() {
        return Ok(reply.map(|()| ChartIndex::default()));
    }
    if reply.etag().is_none() {
        reply = reply.with_etag(mark(answer.body()));
    }
    if known.is_some() && reply.etag() == known {
        return Ok(unchanged(&reply));
    }
    reply.try_map(|()| match read_index(answer.body()) {
        Ok(reading) => Ok(index::reported(reading, answer.asked().host(), answer.asked().what())),
        Err(error) => Err(match answer.header("content-type") {
            Some(kind) => answer.rejected(format!("{error} (content type {kind})")),
            None => answer.rejected(error),
        }),
    })
}

/// "Unchanged", with what the transport said.
fn unchanged(reply: &Reply<()>) -> Reply<ChartIndex> {
    let same = Reply::unchanged().with_rate_limit(*reply.rate_limit());
    let same = if let Some(etag) = reply.etag() { same.with_etag(etag) } else { same };
    if let Some(after) = reply.retry_after() { same.with_retry_after(after) } else { same }
}

/// What tells one body from another where the peer gives no ETag.
pub(crate) fn mark(body: &[u8]) -> String {
    let digest = digest_of(body).to_string();
    format!("{OWN_MARK}{}", digest.strip_prefix("sha256:").unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        HelmSettings::default().http.client().unwrap()
    }

    fn header(url: &str, credentials: Credentials, withheld: bool, name: &str) -> Option<String> {
        let request = request(&client(), Url::parse(url).unwrap(), credentials, withheld, Some("\"a1\"")).unwrap();
        assert_eq!((request.url().username(), request.url().password()), ("", None));
        assert!(request.headers().get_all(name).iter().count() <= 1);
        request.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn discovery_8_whose_credential_is_sent() {
        let robot = || Credentials::basic("robot", "hunter2");
        for (url, credentials, withheld, sent) in [
            ("https://h/", Credentials::Anonymous, false, None),
            ("https://h/", robot(), false, Some("Basic cm9ib3Q6aHVudGVyMg==")),
            ("https://eve:pw@h/", robot(), false, Some("Basic cm9ib3Q6aHVudGVyMg==")),
            ("https://h/", Credentials::bearer("t0"), false, Some("Bearer t0")),
            ("https://eve:pw@h/", Credentials::Anonymous, false, Some("Basic ZXZlOnB3")),
            ("http://eve:pw@h/", Credentials::Anonymous, true, None),
        ] {
            assert_eq!(header(url, credentials, withheld, "authorization").as_deref(), sent, "{url}");
        }
    }

    #[test]
    fn the_known_etag_is_sent_as_it_is_and_our_own_mark_is_not() {
        assert_eq!(header("https://h/", Credentials::Anonymous, false, "if-none-match").as_deref(), Some("\"a1\""));
        let url = Url::parse("https://h/").unwrap();
        let own = request(&client(), url, Credentials::Anonymous, false, Some(&mark(b"x"))).unwrap();
        assert!(own.headers().get("if-none-match").is_none());
    }

    #[test]
    fn a_token_that_is_no_header_is_misconfigured_and_not_shown() {
        let url = Url::parse("https://h/").unwrap();
        let error = request(&client(), url, Credentials::bearer("hunter2\n"), false, None).unwrap_err();
        assert_eq!(error.class(), PortClass::Misconfigured);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
