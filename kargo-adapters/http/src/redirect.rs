//! Which redirects are followed.

use reqwest::redirect::Policy;

/// Why a redirect was not followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotFollowed {
    #[error("more than {0} redirects one after another")]
    TooMany(usize),
    #[error("a redirect from https to http")]
    ToPlainHttp,
}

/// At most so many one after another, and never from `https` to `http`. What is secret goes to no other host: the client takes
/// `Authorization` and cookies off when host, port or scheme change.
pub(crate) fn policy(most: usize) -> Policy {
    Policy::custom(move |attempt| {
        let from_https = attempt.previous().last().is_some_and(|url| url.scheme() == "https");
        if attempt.previous().len() > most {
            attempt.error(NotFollowed::TooMany(most))
        } else if from_https && attempt.url().scheme() == "http" {
            attempt.error(NotFollowed::ToPlainHttp)
        } else {
            attempt.follow()
        }
    })
}
