//! One session: how a registry wants to be logged in to, who we are there, and the tokens it takes.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kargo_core::{
    Timestamp,
    port::{Monotonic, PortClass, PortError},
};
use kargo_http::{
    Answer, exchange,
    reqwest::{Client, header::HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::single::Single;
use crate::{
    Credential, CredentialProvider, CredentialQuery, Issued,
    api::{Bearer, Login, basic, bearer, login, ping, token_for, token_request},
    clock::Time,
};

/// Longest answer to a ping and to a request for a token, in bytes.
const ANSWER_LIMIT: usize = 1 << 20;

/// A credential or token is renewed this long before it ends, or when a tenth of its life is left, whichever comes later.
const MARGIN: Duration = Duration::from_secs(30);

/// What the ping told.
#[derive(Clone, Debug)]
pub(super) struct Hello {
    /// Where the API is.
    pub(super) base: Url,
    login: Login,
}

/// The credential as it is now.
#[derive(Clone, Debug)]
struct Held {
    serial: u64,
    credential: Credential,
    expires: Option<Timestamp>,
}

/// A token as it is now.
#[derive(Clone, Debug)]
struct HeldToken {
    serial: u64,
    value: SecretString,
    until: Monotonic,
}

/// What a request is sent with. The serial tells apart what was refused from what came after.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    pub(super) header: Option<HeaderValue>,
    serial: u64,
    /// Whether it was got for this very call: renewing it is then pointless.
    pub(super) is_fresh: bool,
}

/// A session with one registry and credential.
#[derive(Debug)]
pub(super) struct Session {
    client: Client,
    bases: Vec<Url>,
    hello: Single<Hello>,
    /// How to log in, where a 401 told otherwise than the ping.
    corrected: Mutex<Option<Login>>,
    credential: Single<Held>,
    tokens: Mutex<BTreeMap<String, Arc<Scope>>>,
    serial: AtomicU64,
}

/// The token for one repository.
#[derive(Default)]
struct Scope {
    token: Single<HeldToken>,
    /// What the registry said the token should be good for.
    said: Mutex<Option<String>>,
}

impl Scope {
    /// What a token has to be good for.
    fn wanted(&self, who: Who<'_>) -> String {
        lock(&self.said).clone().unwrap_or_else(|| format!("repository:{}:pull", who.query.repo.path()))
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("said", &self.said).finish_non_exhaustive()
    }
}

/// Who asks, and with whose clock.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) query: CredentialQuery<'a>,
    pub(super) is_named: bool,
    pub(super) provider: &'a dyn CredentialProvider,
    pub(super) time: &'a Time,
}

impl Session {
    pub(super) fn new(client: Client, bases: Vec<Url>) -> Self {
        Self {
            client,
            bases,
            hello: Single::default(),
            corrected: Mutex::default(),
            credential: Single::default(),
            tokens: Mutex::default(),
            serial: AtomicU64::new(1),
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Where the API is and how to log in: asked once.
    pub(super) async fn hello(&self) -> Result<Hello, PortError> {
        self.hello.get(|_| true, self.ping()).await
    }

    /// What to send with a request. `refused` is what the registry did not take.
    pub(super) async fn pass(&self, who: Who<'_>, refused: Option<&Pass>) -> Result<Pass, PortError> {
        let hello = self.hello().await?;
        let login = lock(&self.corrected).clone().unwrap_or(hello.login);
        let refused = refused.map(|pass| pass.serial);
        match login {
            Login::Open => Ok(Pass { header: None, serial: 0, is_fresh: false }),
            Login::Basic => {
                let next = self.serial.load(Ordering::SeqCst);
                let held = self.credential(who, refused).await?;
                let header = basic(&held.credential).map_err(|error| named(error, who))?;
                Ok(Pass { header, serial: held.serial, is_fresh: held.serial >= next })
            }
            Login::Bearer(service) => self.token(who, &service, refused).await,
        }
    }

    async fn ping(&self) -> Result<Hello, PortError> {
        let mut failed: Option<PortError> = None;
        for base in &self.bases {
            match self.ping_at(base).await {
                Ok(hello) => return Ok(hello),
                // Something answered: that is the registry, or what stands there in its place.
                Err(error) if error.status().is_some() && failed.is_none() => return Err(error),
                // What the better way ended in tells more.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.unwrap_or_else(|| PortError::bug("a registry without address")))
    }

    async fn ping_at(&self, base: &Url) -> Result<Hello, PortError> {
        let answer = exchange(&self.client, ping(base), ANSWER_LIMIT).await?;
        let login = match answer.status() {
            401 if answer.is_from_elsewhere() => answer.meaning().map(|_| Login::Open)?,
            401 => login(&answer, base)?,
            _ => answer.meaning().map(|_| Login::Open).map_err(|error| match error.class() {
                // Only the registry's API can tell that an artifact is not found; here it is the API that is not.
                PortClass::NotFound => {
                    let why = format!("no registry answers here: {}", error.cause_text());
                    answer.error(PortClass::Misconfigured, why).with_status(answer.status())
                }
                _ => error,
            })?,
        };
        let kind = match &login {
            Login::Open => "open",
            Login::Basic => "basic",
            Login::Bearer(_) => "bearer",
        };
        tracing::debug!(registry = base.as_str(), login = kind, "session");
        Ok(Hello { base: base.clone(), login })
    }

    /// Takes over what a 401 says of how to log in; whether that is news.
    pub(super) async fn correct(&self, who: Who<'_>, answer: &Answer) -> Result<bool, PortError> {
        let hello = self.hello().await?;
        let said = match login(answer, &hello.base) {
            Ok(said) => said,
            // Without a challenge, what is known stays.
            Err(error) if error.class() == PortClass::Unauthorized => return Ok(false),
            Err(error) => return Err(error),
        };
        let mut is_news = false;
        if let Login::Bearer(Bearer { scope: Some(wanted), .. }) = &said {
            let scope = self.scope(who);
            is_news = *wanted != scope.wanted(who);
            *lock(&scope.said) = Some(wanted.clone());
        }
        let mut corrected = lock(&self.corrected);
        is_news |= !is_same_way(corrected.as_ref().unwrap_or(&hello.login), &said);
        *corrected = Some(said);
        Ok(is_news)
    }

    fn scope(&self, who: Who<'_>) -> Arc<Scope> {
        lock(&self.tokens).entry(who.query.repo.path().to_owned()).or_default().clone()
    }

    async fn credential(&self, who: Who<'_>, refused: Option<u64>) -> Result<Held, PortError> {
        let is_good =
            |held: &Held| refused != Some(held.serial) && held.expires.is_none_or(|end| left(end, who.time) > MARGIN);
        let make = async {
            let issued = if who.is_named { who.provider.issue(who.query).await } else { Ok(Issued::default()) };
            let issued = issued.map_err(|error| named(error, who))?;
            Ok(Held { serial: self.next(), credential: issued.credential, expires: issued.expires })
        };
        self.credential.get(is_good, make).await
    }

    async fn token(&self, who: Who<'_>, service: &Bearer, refused: Option<u64>) -> Result<Pass, PortError> {
        let next = self.serial.load(Ordering::SeqCst);
        let scope = self.scope(who);
        let is_good = |held: &HeldToken| refused != Some(held.serial) && who.time.monotonic() < held.until;
        let make = async { self.fetch_token(who, service, &scope.wanted(who), refused.is_some()).await };
        let held = scope.token.get(is_good, make).await?;
        let header = bearer(&held.value).map_err(|error| named(error, who))?;
        Ok(Pass { header: Some(header), serial: held.serial, is_fresh: held.serial >= next })
    }

    async fn fetch_token(
        &self,
        who: Who<'_>,
        service: &Bearer,
        scope: &str,
        renews: bool,
    ) -> Result<HeldToken, PortError> {
        let mut held = self.credential(who, None).await?;
        // From these, no token service makes anything new.
        if renews && who.is_named && matches!(held.credential, Credential::RegistryToken(_) | Credential::Anonymous) {
            held = self.credential(who, Some(held.serial)).await?;
        }
        let got = self.exchange_token(who, service, scope, &held).await;
        match got {
            // The credential may have been changed since the provider was asked.
            Err(error) if error.class() == PortClass::Unauthorized && who.is_named => {
                let again = self.credential(who, Some(held.serial)).await?;
                if is_same(&held.credential, &again.credential) {
                    return Err(error);
                }
                self.exchange_token(who, service, scope, &again).await
            }
            got => got,
        }
    }

    async fn exchange_token(
        &self,
        who: Who<'_>,
        service: &Bearer,
        scope: &str,
        held: &Held,
    ) -> Result<HeldToken, PortError> {
        let start = who.time.monotonic();
        let (value, until) = match &held.credential {
            Credential::RegistryToken(token) => {
                let life = held.expires.map_or(Duration::MAX, |end| left(end, who.time).saturating_sub(MARGIN));
                (token.clone(), start + life)
            }
            credential => {
                let request = token_request(service, scope, credential).map_err(|error| named(error, who))?;
                let token = token_for(exchange(&self.client, request, ANSWER_LIMIT).await?)?;
                tracing::debug!(service = service.realm.host_str(), scope, seconds = token.lifetime.as_secs(), "token");
                (token.value, start + (token.lifetime - MARGIN.min(token.lifetime / 10)))
            }
        };
        Ok(HeldToken { serial: self.next(), value, until })
    }

    fn next(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::SeqCst)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long until an instant; nothing if it is over.
fn left(end: Timestamp, time: &Time) -> Duration {
    (end - time.now()).to_std().unwrap_or_default()
}

/// Whether two logins are the same but for the scope.
fn is_same_way(a: &Login, b: &Login) -> bool {
    match (a, b) {
        (Login::Bearer(a), Login::Bearer(b)) => a.realm == b.realm && a.service == b.service,
        (a, b) => a == b,
    }
}

/// Whether two credentials are the same secret.
fn is_same(a: &Credential, b: &Credential) -> bool {
    match (a, b) {
        (Credential::Anonymous, Credential::Anonymous) => true,
        (Credential::Basic { username: u, password: p }, Credential::Basic { username: v, password: q }) => {
            u == v && p.expose_secret() == q.expose_secret()
        }
        (Credential::IdentityToken(t), Credential::IdentityToken(u))
        | (Credential::RegistryToken(t), Credential::RegistryToken(u)) => t.expose_secret() == u.expose_secret(),
        _ => false,
    }
}

/// An error that tells whose credential it is about.
fn named(error: PortError, who: Who<'_>) -> PortError {
    error.at(who.query.repo.host()).asking(&format!("credential for {}", who.query.repo.path()))
}
