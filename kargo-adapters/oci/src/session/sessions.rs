//! The sessions there are, and calls through them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use kargo_core::port::{Account, ImageRepo, PortError};
use kargo_http::{
    Answer, exchange,
    reqwest::{
        Request,
        header::{AUTHORIZATION, HeaderValue},
    },
};
use url::Url;

use super::{
    clients::{Clients, skips},
    login::{Session, Who},
};
use crate::{CredentialProvider, CredentialQuery, OciSettings, address, clock::Time};

/// What tells sessions apart: the host, the name of the credential, and whether certificates are checked. What one project may see is not
/// told another, since their credentials have different names.
type Key = (String, Option<String>, bool);

/// All sessions of one adapter.
#[derive(Debug)]
pub(crate) struct Sessions {
    settings: OciSettings,
    provider: Arc<dyn CredentialProvider>,
    time: Time,
    clients: Clients,
    open: Mutex<BTreeMap<Key, Arc<Session>>>,
}

/// A session, for calls about one repository.
pub(crate) struct Caller<'a> {
    session: Arc<Session>,
    who: Who<'a>,
    base: Url,
}

impl Sessions {
    pub(crate) fn new(settings: OciSettings, provider: Arc<dyn CredentialProvider>, time: Time) -> Self {
        Self { settings, provider, time, clients: Clients::default(), open: Mutex::default() }
    }

    pub(crate) fn settings(&self) -> &OciSettings {
        &self.settings
    }

    /// The same without any session, with another clock.
    pub(crate) fn with_time(&self, time: Time) -> Self {
        Self::new(self.settings.clone(), self.provider.clone(), time)
    }

    /// The account: the host with the name of the credential.
    pub(crate) fn account(&self, query: CredentialQuery<'_>) -> Account {
        match self.provider.name(query) {
            Some(name) => Account::new(query.repo.host(), name),
            None => Account::anonymous(query.repo.host()),
        }
    }

    /// The session for a repository; it begins now if there is none.
    pub(crate) async fn caller<'a>(&'a self, query: CredentialQuery<'a>) -> Result<Caller<'a>, PortError> {
        let name = self.provider.name(query);
        let is_named = name.is_some();
        let session = self.session(query.repo, name)?;
        let who = Who { query, is_named, provider: &*self.provider, time: &self.time };
        let base = session.hello().await?.base;
        Ok(Caller { session, who, base })
    }

    fn session(&self, repo: &ImageRepo, name: Option<String>) -> Result<Arc<Session>, PortError> {
        let key = (repo.host().to_owned(), name, skips(repo, &self.settings));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = open.get(&key) {
            return Ok(session.clone());
        }
        let client = self.clients.of(repo, &self.settings)?;
        let session = Arc::new(Session::new(client, address::bases(repo, &self.settings)?));
        open.insert(key, session.clone());
        Ok(session)
    }
}

impl Caller<'_> {
    /// Where the registry's API is.
    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// Sends a request with what the registry wants of us; once more with a new token or credential if it is refused.
    pub(crate) async fn ask(&self, request: Request, limit: usize) -> Result<Answer, PortError> {
        let again = request.try_clone();
        let pass = self.session.pass(self.who, None).await?;
        let answer = self.send(request, pass.header.clone(), limit).await?;
        let (401, Some(again)) = (answer.status(), again) else { return Ok(answer) };
        // Another host's refusal says nothing of our session.
        if answer.is_from_elsewhere() {
            return Ok(answer);
        }
        // What was got for this very call has not expired since, and nobody has no other credential; unless the registry says
        // for the first time what it wants.
        let is_final = pass.is_fresh || (pass.header.is_none() && !self.who.is_named);
        if !self.session.correct(self.who, &answer).await? && is_final {
            return Ok(answer);
        }
        let renewed = self.session.pass(self.who, Some(&pass)).await?;
        if renewed.header.is_none() || renewed.header == pass.header {
            return Ok(answer);
        }
        self.send(again, renewed.header, limit).await
    }

    async fn send(&self, mut request: Request, header: Option<HeaderValue>, limit: usize) -> Result<Answer, PortError> {
        if let Some(header) = header {
            request.headers_mut().insert(AUTHORIZATION, header);
        }
        exchange(self.session.client(), request, limit).await
    }
}
