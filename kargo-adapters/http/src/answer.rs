//! An answer that was read: plain data, with its meaning.

use std::fmt;

use kargo_core::port::{
    PortClass, PortError, Reply,
    http::{Call, classify},
};
use serde::de::DeserializeOwned;

use crate::Asked;

/// An answer with its body, whatever its status.
///
/// ```
/// use kargo_core::port::PortClass;
/// use kargo_http::{Answer, Asked};
/// let asked = Asked::of("ghcr.io", "GET /v2/acme/cart/tags/list");
/// let answer = Answer::new(asked.clone(), 200).with_header("ETag", "\"a1\"").with_body(b"[1, 2]".to_vec());
/// let reply = answer.into_json::<Vec<u8>>()?;
/// assert_eq!((reply.etag(), reply.value()), (Some("\"a1\""), Some(&vec![1, 2])));
///
/// let error = Answer::new(asked, 401).meaning().unwrap_err();
/// assert_eq!(error.to_string(), "ghcr.io: GET /v2/acme/cart/tags/list: Unauthorized: HTTP 401");
/// # Ok::<(), kargo_core::port::PortError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    asked: Asked,
    /// The host that answered in the end, where a redirect led elsewhere.
    elsewhere: Option<String>,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    /// An answer with a status, and nothing else yet.
    #[must_use]
    pub fn new(asked: Asked, status: u16) -> Self {
        Self { asked, elsewhere: None, status, headers: Vec::new(), body: Vec::new() }
    }

    /// With one more field.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With this body.
    #[must_use]
    pub fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// From this host, to which a redirect led.
    #[must_use]
    pub fn from_elsewhere(mut self, host: impl Into<String>) -> Self {
        self.elsewhere = Some(host.into());
        self
    }

    /// What was asked of whom, before any redirect.
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Whether another host answered than was asked.
    #[must_use]
    pub fn is_from_elsewhere(&self) -> bool {
        self.elsewhere.is_some()
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first field of a name, whatever its capitals, without space around it.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header_values(name).next()
    }

    /// All fields of a name, in the order they came.
    pub fn header_values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The body; of an error, its beginning.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// What the status and the headers mean ([`classify`]); the reply has no value yet.
    ///
    /// # Errors
    ///
    /// As the table of [`classify`] says.
    pub fn meaning(&self) -> Result<Reply<()>, PortError> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let call = Call { host: self.asked.host(), asked: self.asked.what() };
        classify(self.status, &headers, &self.body, call).map_err(|error| match &self.elsewhere {
            None => error,
            Some(_) => self.error(error.class(), error.cause_text()).with_status(self.status),
        })
    }

    /// The body of an answer that is none of an error; nothing for 304.
    ///
    /// # Errors
    ///
    /// As [`meaning`](Self::meaning).
    pub fn into_bytes(self) -> Result<Reply<Vec<u8>>, PortError> {
        Ok(self.meaning()?.map(|()| self.body))
    }

    /// The body of an answer that is none of an error, read as JSON; nothing for 304.
    ///
    /// # Errors
    ///
    /// As [`meaning`](Self::meaning), and `Rejected` for a body that is not what it should be.
    pub fn into_json<T: DeserializeOwned>(self) -> Result<Reply<T>, PortError> {
        self.meaning()?.try_map(|()| {
            serde_json::from_slice(&self.body).map_err(|error| {
                let kind = self.header("content-type").unwrap_or("no content type");
                self.rejected(format!("the answer ({kind}) cannot be read: {error}"))
            })
        })
    }

    /// That this answer breaks the protocol, with host and request.
    #[must_use]
    pub fn rejected(&self, why: impl fmt::Display) -> PortError {
        self.error(PortClass::Rejected, why)
    }

    /// An error of this class about this answer, with host and request.
    #[must_use]
    pub fn error(&self, class: PortClass, why: impl fmt::Display) -> PortError {
        let why = match &self.elsewhere {
            Some(host) => format!("{why} (after a redirect to {host})"),
            None => why.to_string(),
        };
        PortError::new(class, why).at(self.asked.host()).asking(self.asked.what())
    }
}

/// Without contents: they may hold a token.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Answer")
            .field("host", &self.asked.host())
            .field("status", &self.status)
            .field("headers", &names)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Answer {
        Answer::new(Asked::of("ghcr.io", "GET /v2/"), status)
    }

    #[test]
    fn user_code_5_a_body_that_is_not_what_it_should_be_is_rejected() {
        let page = answer(200).with_header("Content-Type", "text/html").with_body(b"<html>".to_vec());
        let error = page.into_json::<Vec<u8>>().unwrap_err();
        assert_eq!(error.class(), PortClass::Rejected);
        assert!(error.to_string().starts_with("ghcr.io: GET /v2/: Rejected: the answer (text/html)"), "{error}");
    }

    #[test]
    fn unchanged_has_no_body() {
        let reply = answer(304).with_header("ETag", "\"a1\"").into_json::<Vec<u8>>().unwrap();
        assert!(reply.is_unchanged());
        assert_eq!(reply.etag(), Some("\"a1\""));
    }

    #[test]
    fn a_redirect_elsewhere_is_told() {
        let error = answer(403).from_elsewhere("s3.example").meaning().unwrap_err();
        assert_eq!(error.to_string(), "ghcr.io: GET /v2/: Unauthorized: HTTP 403 (after a redirect to s3.example)");
        assert_eq!(error.status(), Some(403));
    }

    #[test]
    fn architecture_2_law_10_debug_shows_no_contents() {
        let token = answer(200).with_header("Set-Cookie", "hunter2").with_body(b"{\"token\": \"hunter2\"}".to_vec());
        let text = format!("{token:?}");
        assert!(!text.contains("hunter2") && text.contains("Set-Cookie"), "{text}");
    }
}
