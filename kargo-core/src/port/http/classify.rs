//! What a status means.

use serde_json::Value;

use super::{headers::Headers, limits::limits, retry_after::retry_after};
use crate::model::Duration;
use crate::report::{NotBefore, PortClass, PortError, RateLimit, Reply};

/// How long GitHub asks to wait when its second limit strikes without saying for how long.
const SECONDARY_LIMIT: Duration = Duration::from_secs(60);

/// What was asked, for the text of an error.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The host, with its port where that is not the usual one.
    pub host: &'a str,
    /// Method and path, such as `GET /v2/acme/cart/tags/list`.
    pub asked: &'a str,
}

/// What an answer means: a [`Reply`] without value yet (or "unchanged", for 304), or a [`PortError`] with its class.
///
/// `headers` are all fields in the order they came, names in any capitals. `body` is the beginning of an error's body, for
/// its text, and may be empty; for answers that are no errors it is not looked at.
///
/// | status | becomes |
/// | --- | --- |
/// | 2xx | a reply |
/// | 304 | the reply "unchanged" |
/// | 401, and 403 without signs of a limit | `Unauthorized` |
/// | 429, and 403 with signs of a limit: nothing remaining, `Retry-After`, or GitHub's and the registries' words | `RateLimited` |
/// | 404, 410 | `NotFound` |
/// | 405, 406, 415, 501, 505 | `Unsupported` |
/// | 407, 511 | `Misconfigured` |
/// | 408, 425, 499, other 5xx | `Retryable` |
/// | everything else, redirects that were not followed among them | `Rejected` |
///
/// A moment is read from `Retry-After` (seconds or a date), else, where nothing remains, from the quota's reset. Where the
/// answer has a `Date`, moments become spans from it, so that the peer's clock need not agree with ours.
///
/// ```
/// use kargo_core::{model::Duration, port::{NotBefore, PortClass, http}};
///
/// let call = http::Call { host: "ghcr.io", asked: "HEAD /v2/acme/cart/manifests/1.4.2" };
/// let ok = http::classify(200, &[("ETag", "\"a1\""), ("ratelimit-remaining", "76;w=21600")], b"", call)?;
/// assert_eq!((ok.etag(), ok.rate_limit().remaining), (Some("\"a1\""), Some(76)));
///
/// let busy = http::classify(429, &[("Retry-After", "30")], b"", call).unwrap_err();
/// let until = Some(NotBefore::After(Duration::from_secs(30)));
/// assert_eq!(busy.class(), PortClass::RateLimited { until });
/// # Ok::<(), kargo_core::port::PortError>(())
/// ```
///
/// # Errors
///
/// As the table says; never of class `Bug`.
pub fn classify(status: u16, headers: &[(&str, &str)], body: &[u8], call: Call<'_>) -> Result<Reply<()>, PortError> {
    let headers = Headers(headers);
    let (limit, after) = (limits(headers), retry_after(headers));
    if matches!(status, 200..=299 | 304) {
        let reply = if status == 304 { Reply::unchanged() } else { Reply::new(()) };
        let reply = reply.with_rate_limit(limit);
        let reply = if let Some(etag) = headers.get("etag") { reply.with_etag(etag) } else { reply };
        return Ok(if let Some(after) = after { reply.with_retry_after(after) } else { reply });
    }
    let said = Said::of(body);
    let class = class_of(status, &limit, after, &said);
    let cause = match said.message {
        Some(message) => format!("HTTP {status}: {message}"),
        None if (300..=399).contains(&status) => format!("HTTP {status}: a redirect that was not followed"),
        None => format!("HTTP {status}"),
    };
    Err(PortError::new(class, cause).at(call.host).asking(call.asked).with_status(status))
}

fn class_of(status: u16, limit: &RateLimit, after: Option<NotBefore>, said: &Said) -> PortClass {
    let until = after.or(limit.reset.filter(|_| limit.is_spent()));
    match status {
        429 => PortClass::RateLimited { until },
        403 if limit.is_spent() || after.is_some() => PortClass::RateLimited { until },
        403 if said.is_limit => PortClass::RateLimited { until: until.or(Some(NotBefore::After(SECONDARY_LIMIT))) },
        401 | 403 => PortClass::Unauthorized,
        404 | 410 => PortClass::NotFound,
        405 | 406 | 415 | 501 | 505 => PortClass::Unsupported,
        407 | 511 => PortClass::Misconfigured,
        408 | 425 | 499 | 500..=599 => PortClass::Retryable { after },
        _ => PortClass::Rejected,
    }
}

/// What an error's body tells.
struct Said {
    message: Option<String>,
    is_limit: bool,
}

impl Said {
    /// Longest part of a body that is looked at, in bytes.
    const LIMIT: usize = 4_096;

    /// Reads the errors of registries (`{"errors": [{"code", "message"}]}`) and of GitHub and its like (`{"message"}`);
    /// from other bodies nothing is told: they are pages for people.
    fn of(body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body.get(..Self::LIMIT).unwrap_or(body)).unwrap_or_default();
        let first = json.get("errors").and_then(|errors| errors.get(0));
        let text = |value: Option<&Value>, name: &str| Some(value?.get(name)?.as_str()?.to_owned());
        let (code, message) = (text(first, "code"), text(first, "message").or_else(|| text(Some(&json), "message")));
        let has_words = |message: &String| message.to_ascii_lowercase().contains("rate limit");
        let is_limit = code.as_deref() == Some("TOOMANYREQUESTS") || message.as_ref().is_some_and(has_words);
        let message = match (code, message) {
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
            (code, message) => code.or(message),
        };
        Self { message, is_limit }
    }
}

#[cfg(test)]
mod tests;
