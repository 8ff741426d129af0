//! What it means when there is no answer.

use std::{error::Error, io};

use kargo_core::port::{PortClass, PortError};

use crate::{Asked, asked::host_of, redirect::NotFollowed};

/// What a failure of the client means, without the address, which may hold a secret; the host is named where it is known.
///
/// | what failed | class |
/// | --- | --- |
/// | connecting, looking up a name, silence, an answer that breaks off | `Retryable` |
/// | TLS: a certificate that is not trusted, a peer that does not speak it; a proxy that refuses | `Misconfigured` |
/// | redirects: too many, or from `https` to `http`; a body that cannot be unpacked | `Rejected` |
/// | the request itself: a URL that is none | `Misconfigured` |
#[must_use]
pub fn failed(error: reqwest::Error) -> PortError {
    let host = error.url().map(host_of);
    let (class, why) = meaning(error);
    let error = PortError::new(class, why);
    match host {
        Some(host) => error.at(&host),
        None => error,
    }
}

/// The same with what was asked.
pub(crate) fn failure(error: reqwest::Error, asked: &Asked) -> PortError {
    let (class, why) = meaning(error);
    PortError::new(class, why).at(asked.host()).asking(asked.what())
}

fn meaning(error: reqwest::Error) -> (PortClass, String) {
    let error = error.without_url();
    let (class, what) = if error.is_timeout() {
        let what = if error.is_connect() { "connecting took too long" } else { "no answer in time" };
        return (RETRYABLE, what.to_owned());
    } else if error.is_redirect() {
        let why = links(&error).find_map(|link| link.downcast_ref::<NotFollowed>());
        return (PortClass::Rejected, why.map_or_else(|| "redirect not followed".to_owned(), ToString::to_string));
    } else if let Some(tls) = links(&error).find_map(|link| link.downcast_ref::<rustls::Error>()) {
        tls_failure(tls)
    } else if error.is_builder() {
        (PortClass::Misconfigured, "the request cannot be made")
    } else if error.is_connect() {
        match text(&error) {
            text if text.contains("proxy") || text.contains("tunnel") => {
                (PortClass::Misconfigured, "the proxy refuses; check the proxy settings")
            }
            _ if error.is_dns() => (RETRYABLE, "the host's name cannot be looked up"),
            _ => (RETRYABLE, "cannot connect"),
        }
    } else if error.is_decode() && links(&error).any(is_garbage) {
        (PortClass::Rejected, "the answer cannot be unpacked")
    } else if error.is_body() || error.is_decode() {
        (RETRYABLE, "the answer broke off")
    } else {
        (RETRYABLE, "the request failed")
    };
    (class, format!("{what}: {}", text(&error)))
}

const RETRYABLE: PortClass = PortClass::Retryable { after: None };

fn tls_failure(error: &rustls::Error) -> (PortClass, &'static str) {
    match error {
        rustls::Error::InvalidCertificate(_) => {
            (PortClass::Misconfigured, "the certificate is not trusted; add the CA that signed it")
        }
        rustls::Error::InvalidMessage(_) => {
            (PortClass::Misconfigured, "the peer does not speak TLS; is it plain HTTP?")
        }
        _ => (PortClass::Misconfigured, "TLS failed"),
    }
}

/// Data that cannot be unpacked, as opposed to a connection that broke while it came.
fn is_garbage(link: &(dyn Error + 'static)) -> bool {
    let kind = link.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput))
}

/// An error and all behind it. What an I/O error wraps is not its source, but what stands here.
fn links<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |link: &&'a (dyn Error + 'static)| {
        let link: &'a (dyn Error + 'static) = *link;
        let wrapped = link.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| link.source())
    })
    .take(32)
}

/// The texts of all links but the first, which says only that something failed.
fn text(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for link in links(error).skip(1) {
        let text = link.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    if parts.is_empty() { error.to_string() } else { parts.join(": ") }
}
