//! What failed out there, and what that means for whoever asked.

use std::{error::Error, fmt};

use super::{NotBefore, cause};
use crate::model::{Duration, Timestamp};

/// What a failure of a port means. The class decides what happens next; the text is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortClass {
    /// It may work if tried again: the network, a server that is overloaded or broken for the moment.
    Retryable {
        /// Not before, if the peer said so.
        after: Option<NotBefore>,
    },
    /// The peer wants fewer requests. Nothing more is sent on the same account before that moment.
    RateLimited {
        /// Not before, if the peer said so.
        until: Option<NotBefore>,
    },
    /// The peer answered, and the thing is not there. Never guessed from silence.
    NotFound,
    /// The credential is missing, wrong, or not enough. Not tried again until the credential or the manifest changes.
    Unauthorized,
    /// The peer answered, but refused the request, or its answer breaks the protocol: bad JSON, too big, a digest that does
    /// not match. Trying the same again is pointless.
    Rejected,
    /// Our side is set up wrongly: a URL that is none, a certificate that is not trusted, a proxy that wants a password.
    Misconfigured,
    /// The peer or the adapter cannot do this at all; whoever asked takes another way, if there is one.
    Unsupported,
    /// A defect in the adapter or in what called it.
    Bug,
}

impl PortClass {
    /// Whether the same request may succeed later with nothing changed.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Retryable { .. } | Self::RateLimited { .. })
    }

    /// The earliest moment for another try, if the peer named one.
    #[must_use]
    pub fn not_before(self) -> Option<NotBefore> {
        match self {
            Self::Retryable { after } => after,
            Self::RateLimited { until } => until,
            _ => None,
        }
    }

    /// What happens next, or what a person can do: half a sentence.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Retryable { .. } => "it is tried again",
            Self::RateLimited { .. } => "nothing is sent until the limit is over",
            Self::NotFound => "check the name, and whether it was deleted",
            Self::Unauthorized => "not tried again until the credential or the manifest changes",
            Self::Rejected => "not tried again until the other side changes",
            Self::Misconfigured => "correct the configuration",
            Self::Unsupported => "use what the other side can do",
            Self::Bug => "report it to the adapter's author",
        }
    }
}

/// "Retryable", "RateLimited", ...
impl fmt::Display for PortClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Retryable { .. } => "Retryable",
            Self::RateLimited { .. } => "RateLimited",
            Self::NotFound => "NotFound",
            Self::Unauthorized => "Unauthorized",
            Self::Rejected => "Rejected",
            Self::Misconfigured => "Misconfigured",
            Self::Unsupported => "Unsupported",
            Self::Bug => "Bug",
        })
    }
}

/// A port could not do what it was asked for. One error for all ports; [`class`](Self::class) says what it means.
///
/// Texts from elsewhere (causes, answers, URLs) are put on one line, cut, and stripped of what looks like a credential,
/// whoever made them.
///
/// ```
/// use kargo_core::report::{PortClass, PortError};
/// let error = PortError::unauthorized("HTTP 403").at("ghcr.io").asking("GET /v2/acme/cart/tags/list");
/// assert_eq!(error.to_string(), "ghcr.io: GET /v2/acme/cart/tags/list: Unauthorized: HTTP 403");
/// assert_eq!(error.class(), PortClass::Unauthorized);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{facts}")]
pub struct PortError {
    /// Boxed: errors are rare, and results are everywhere.
    facts: Box<Facts>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Facts {
    class: PortClass,
    host: Option<String>,
    asked: Option<String>,
    status: Option<u16>,
    cause: String,
}

impl PortError {
    /// A failure of a class, because of an error or a text.
    pub fn new(class: PortClass, why: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let why: Box<dyn Error + Send + Sync> = why.into();
        let cause = cause::of_error(&*why);
        Self { facts: Box::new(Facts { class, host: None, asked: None, status: None, cause }) }
    }

    /// Of class [`Retryable`](PortClass::Retryable), at a moment that the caller chooses.
    pub fn retryable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(PortClass::Retryable { after: None }, cause)
    }

    /// Of class [`RateLimited`](PortClass::RateLimited), for a time that the peer did not tell.
    pub fn rate_limited(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(PortClass::RateLimited { until: None }, cause)
    }

    /// Of class [`NotFound`](PortClass::NotFound).
    pub fn not_found(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(PortClass::NotFound, cause)
    }

    /// Of class [`Unauthorized`](PortClass::Unauthorized).
    pub fn unauthorized(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(PortClass::Unauthorized, cause)
    }

    /// Of class [`Rejected`](PortClass::Rejected).
    pub fn rejected(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(PortClass::Rejected, cause)
    }

    /// Of class [`Misconfigured`](PortClass::Misconfigured).
    pub fn misconfigured(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(PortClass::Misconfigured, cause)
    }

    /// Of class [`Unsupported`](PortClass::Unsupported).
    pub fn unsupported(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(PortClass::Unsupported, cause)
    }

    /// Of class [`Bug`](PortClass::Bug).
    pub fn bug(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(PortClass::Bug, cause)
    }

    /// At this host (with its port where that is not the usual one). The first to say so is right: it stood nearest.
    #[must_use]
    pub fn at(mut self, host: &str) -> Self {
        if self.facts.host.is_none() {
            let host = host.rsplit('@').next().unwrap_or_default();
            self.facts.host = Some(cause::of_text(host)).filter(|host| !host.is_empty());
        }
        self
    }

    /// When this was asked for, such as `GET /v2/acme/cart/tags/list`. The first to say so is right.
    #[must_use]
    pub fn asking(mut self, what: &str) -> Self {
        if self.facts.asked.is_none() {
            self.facts.asked = Some(cause::of_text(what));
        }
        self
    }

    /// With this HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.facts.status = Some(status);
        self
    }

    /// Not again before this much time has passed; for what is retryable or limited.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        self.not_before(NotBefore::After(span))
    }

    /// Not again before this instant; for what is retryable or limited.
    #[must_use]
    pub fn until(self, instant: Timestamp) -> Self {
        self.not_before(NotBefore::At(instant))
    }

    /// Not again before; for what is retryable or limited.
    #[must_use]
    pub fn not_before(mut self, when: NotBefore) -> Self {
        match &mut self.facts.class {
            PortClass::Retryable { after: pause } | PortClass::RateLimited { until: pause } => *pause = Some(when),
            _ => {}
        }
        self
    }

    /// What the failure means.
    #[must_use]
    pub fn class(&self) -> PortClass {
        self.facts.class
    }

    /// The host that was asked, where known.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.facts.host.as_deref()
    }

    /// What was asked for, where known.
    #[must_use]
    pub fn asked(&self) -> Option<&str> {
        self.facts.asked.as_deref()
    }

    /// The HTTP status, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.facts.status
    }

    /// The cause alone, on one line and without secrets.
    #[must_use]
    pub fn cause_text(&self) -> &str {
        &self.facts.cause
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.host, &self.asked].into_iter().flatten() {
            write!(f, "{part}: ")?;
        }
        write!(f, "{}", self.class)?;
        if let Some(when) = self.class.not_before() {
            write!(f, " (again {when})")?;
        }
        write!(f, ": {}", self.cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_constructor_and_a_way_out() {
        let rows = [
            (PortError::retryable("x"), "Retryable", true),
            (PortError::rate_limited("x"), "RateLimited", true),
            (PortError::not_found("x"), "NotFound", false),
            (PortError::unauthorized("x"), "Unauthorized", false),
            (PortError::rejected("x"), "Rejected", false),
            (PortError::misconfigured("x"), "Misconfigured", false),
            (PortError::unsupported("x"), "Unsupported", false),
            (PortError::bug("x"), "Bug", false),
        ];
        for (error, name, retryable) in rows {
            assert_eq!(error.to_string(), format!("{name}: x"));
            assert_eq!(error.class().is_retryable(), retryable, "{name}");
            assert!(!error.class().advice().is_empty());
        }
    }

    #[test]
    fn a_moment_is_kept_only_where_it_means_something() {
        let soon = PortError::rate_limited("HTTP 429").after(Duration::from_secs(30));
        assert_eq!(soon.class().not_before(), Some(NotBefore::After(Duration::from_secs(30))));
        assert_eq!(soon.to_string(), "RateLimited (again in 30s): HTTP 429");
        assert_eq!(PortError::not_found("x").after(Duration::from_secs(30)), PortError::not_found("x"));
    }

    #[test]
    fn architecture_2_law_10_no_credential_is_printed() {
        let error = PortError::retryable(std::io::Error::other("https://eve:hunter2@ghcr.io/v2/ reset"))
            .at("eve:hunter2@ghcr.io")
            .asking("GET https://eve:hunter2@ghcr.io/token?password=hunter2");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("hunter2") && text.contains("ghcr.io"), "{text}");
        }
    }

    #[test]
    fn the_nearest_context_stays() {
        let error = PortError::not_found("HTTP 404").at("a.dev").asking("GET /x").at("b.dev").asking("list");
        assert_eq!((error.host(), error.asked()), (Some("a.dev"), Some("GET /x")));
    }
}
