//! Tokens: what asks for them, and what comes back. Two flows: GET with user and password, and OAuth 2 with an identity token.

use std::time::Duration;

use base64::Engine as _;
use kargo_core::port::{PortClass, PortError};
use kargo_http::{
    Answer,
    reqwest::{
        Method, Request,
        header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    },
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::Bearer;
use crate::Credential;

/// How long a token is good for that does not say so (Docker's token authentication).
const USUAL_LIFE: Duration = Duration::from_secs(60);

/// A token, and how long it is good for.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) value: SecretString,
    pub(crate) lifetime: Duration,
}

#[derive(Deserialize)]
struct Raw {
    token: Option<SecretString>,
    access_token: Option<SecretString>,
    expires_in: Option<Value>,
}

/// Asks the token service for a token for a scope.
pub(crate) fn token_request(bearer: &Bearer, scope: &str, credential: &Credential) -> Result<Request, PortError> {
    let service = bearer.service.iter().map(|service| ("service", service.as_str()));
    // Several scopes stand in one text, and are asked for one by one.
    let scopes = || scope.split_whitespace().map(|scope| ("scope", scope));
    let Credential::IdentityToken(identity) = credential else {
        let mut url = bearer.realm.clone();
        url.query_pairs_mut().extend_pairs(service).extend_pairs(scopes());
        let mut request = Request::new(Method::GET, url);
        if let Some(value) = basic(credential)? {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        return Ok(request);
    };
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .extend_pairs(service)
        .append_pair("client_id", "kargo-core")
        .append_pair("scope", scope)
        .append_pair("refresh_token", identity.expose_secret())
        .finish();
    let mut request = Request::new(Method::POST, bearer.realm.clone());
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    *request.body_mut() = Some(form.into());
    Ok(request)
}

/// `Authorization` with user and password, if the credential is of that kind.
pub(crate) fn basic(credential: &Credential) -> Result<Option<HeaderValue>, PortError> {
    let Credential::Basic { username, password } = credential else { return Ok(None) };
    if username.contains(':') || username.chars().any(char::is_control) {
        return Err(PortError::misconfigured("a user name with a colon or a control character cannot be sent"));
    }
    let both = SecretString::from(format!("{username}:{}", password.expose_secret()));
    let encoded = base64::engine::general_purpose::STANDARD.encode(both.expose_secret());
    authorization("Basic", &SecretString::from(encoded)).map(Some)
}

/// `Authorization` with a token.
pub(crate) fn bearer(token: &SecretString) -> Result<HeaderValue, PortError> {
    authorization("Bearer", token)
}

fn authorization(scheme: &str, secret: &SecretString) -> Result<HeaderValue, PortError> {
    let text = SecretString::from(format!("{scheme} {}", secret.expose_secret()));
    let mut value = HeaderValue::from_str(text.expose_secret())
        .map_err(|_| PortError::misconfigured("a token with a line break or a control character cannot be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Reads the token service's answer.
///
/// # Errors
///
/// As its status says; but a service that is not there is `Misconfigured`: only the registry itself can tell that an artifact
/// is not found.
pub(crate) fn token_for(answer: Answer) -> Result<Token, PortError> {
    let kept = answer.clone();
    let raw = answer.into_json::<Raw>().and_then(kargo_core::port::Reply::into_value).map_err(|error| {
        match error.class() {
            PortClass::NotFound => {
                kept.error(PortClass::Misconfigured, format!("the token service is not there: {}", error.cause_text()))
            }
            // What the parser found may be a part of the token.
            PortClass::Rejected if kept.meaning().is_ok() => kept.rejected("the token service's answer cannot be read"),
            _ => error,
        }
    })?;
    let value = [raw.token, raw.access_token].into_iter().flatten().find(|token| !token.expose_secret().is_empty());
    let value = value.ok_or_else(|| kept.rejected("the token service's answer holds no token"))?;
    bearer(&value).map_err(|_| kept.rejected("the token service's answer holds no token that can be sent"))?;
    let seconds = raw.expires_in.as_ref().and_then(Value::as_f64).filter(|seconds| *seconds > 0.0);
    let lifetime = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(USUAL_LIFE);
    Ok(Token { value, lifetime })
}

#[cfg(test)]
mod tests {
    use kargo_http::Asked;
    use url::Url;

    use super::*;

    fn service() -> Bearer {
        let realm = Url::parse("https://auth.example/token?x=1").unwrap();
        Bearer { realm, service: Some("registry.example".to_owned()), scope: None }
    }

    const SCOPE: &str = "repository:acme/cart:pull";

    #[test]
    fn the_get_flow_asks_with_user_and_password_or_nobody() {
        let asked = "https://auth.example/token?x=1&service=registry.example&scope=repository%3Aacme%2Fcart%3Apull";
        let request = token_request(&service(), SCOPE, &Credential::Anonymous).unwrap();
        assert_eq!((request.method(), request.url().as_str()), (&Method::GET, asked));
        assert!(!request.headers().contains_key(AUTHORIZATION));
        let request = token_request(&service(), SCOPE, &Credential::basic("eve", "hunter2")).unwrap();
        assert_eq!(request.url().as_str(), asked);
        assert_eq!(request.headers()[AUTHORIZATION], "Basic ZXZlOmh1bnRlcjI=");
        assert!(!format!("{request:?}").contains("ZXZl"), "{request:?}");
        let two = token_request(&service(), "a:b:pull c:d:pull", &Credential::Anonymous).unwrap();
        assert!(two.url().as_str().ends_with("scope=a%3Ab%3Apull&scope=c%3Ad%3Apull"), "{}", two.url());
    }

    #[test]
    fn the_oauth_flow_keeps_the_identity_token_out_of_the_address() {
        let identity = Credential::IdentityToken(SecretString::from("hunter2&x"));
        let request = token_request(&service(), SCOPE, &identity).unwrap();
        assert_eq!((request.method(), request.url().as_str()), (&Method::POST, "https://auth.example/token?x=1"));
        let body = request.body().and_then(|body| body.as_bytes()).unwrap();
        assert_eq!(
            std::str::from_utf8(body).unwrap(),
            "grant_type=refresh_token&service=registry.example&client_id=kargo-core\
             &scope=repository%3Aacme%2Fcart%3Apull&refresh_token=hunter2%26x"
        );
    }

    #[test]
    fn what_cannot_be_sent_is_misconfigured() {
        for credential in [Credential::basic("a:b", "c"), Credential::basic("a\nb", "c")] {
            assert_eq!(basic(&credential).unwrap_err().class(), PortClass::Misconfigured);
        }
        assert_eq!(bearer(&SecretString::from("a\r\nb")).unwrap_err().class(), PortClass::Misconfigured);
    }

    fn read(status: u16, body: &str) -> Result<(String, u64), PortError> {
        let answer = Answer::new(Asked::of("auth.example", "GET /token"), status).with_body(body.into());
        token_for(answer).map(|token| (token.value.expose_secret().to_owned(), token.lifetime.as_secs()))
    }

    #[test]
    fn tokens_are_read_under_both_names_with_their_life() {
        for (body, seconds) in [
            (r#"{"token":"t"}"#, 60),
            (r#"{"token":"","access_token":"t","expires_in":300}"#, 300),
            (r#"{"token":"t","access_token":"u","expires_in":0}"#, 60),
            (r#"{"token":"t","expires_in":"soon","issued_at":"2026-01-01T00:00:00Z"}"#, 60),
            (r#"{"token":"t","expires_in":1e300}"#, 60),
        ] {
            assert_eq!(read(200, body), Ok(("t".to_owned(), seconds)), "{body}");
        }
    }

    #[test]
    fn bad_answers_of_the_service_have_their_class_and_show_no_token() {
        for (status, body, class) in [
            (200, "{}", PortClass::Rejected),
            (200, "{\"token\":\"\"}", PortClass::Rejected),
            (200, "{\"token\":\"a\\nb\"}", PortClass::Rejected),
            (200, "\"hunter2\"", PortClass::Rejected),
            (200, "<html>", PortClass::Rejected),
            (401, "", PortClass::Unauthorized),
            (403, "", PortClass::Unauthorized),
            (404, "", PortClass::Misconfigured),
            (503, "", PortClass::Retryable { after: None }),
            (429, "", PortClass::RateLimited { until: None }),
        ] {
            let error = read(status, body).unwrap_err();
            assert_eq!((error.class(), error.host()), (class, Some("auth.example")), "{status} {body}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
