//! What was asked of whom, for the text of errors.

use std::fmt;

use reqwest::{Method, Url};

/// A request as errors and logs name it: host, method, path and query. The core leaves out of it what may be secret.
///
/// ```
/// use kargo_http::{Asked, reqwest::{Method, Url}};
/// let asked = Asked::new(&Method::HEAD, &Url::parse("https://localhost:5000/v2/cart/manifests/1.4.2")?);
/// assert_eq!((asked.host(), asked.what()), ("localhost:5000", "HEAD /v2/cart/manifests/1.4.2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    host: String,
    what: String,
}

impl Asked {
    /// A request for an address. User, password and fragment are left out.
    #[must_use]
    pub fn new(method: &Method, url: &Url) -> Self {
        let mut what = format!("{method} {}", url.path());
        if let Some(query) = url.query() {
            what.push('?');
            what.push_str(query);
        }
        Self { host: host_of(url), what }
    }

    /// A request of which only the host and a few words are known.
    pub fn of(host: impl Into<String>, what: impl Into<String>) -> Self {
        Self { host: host.into(), what: what.into() }
    }

    /// The host, with its port where that is not the usual one.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Method, path and query.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.host, self.what)
    }
}

/// The host of an address, with its port where that is not the usual one.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architecture_2_law_10_neither_user_nor_password_is_named() {
        for (url, host, what) in [
            ("https://eve:hunter2@ghcr.io:443/v2/?n=1#x", "ghcr.io", "GET /v2/?n=1"),
            ("http://[::1]:5000/v2/", "[::1]:5000", "GET /v2/"),
        ] {
            let asked = Asked::new(&Method::GET, &Url::parse(url).unwrap());
            assert_eq!((asked.host(), asked.what()), (host, what));
        }
    }
}
