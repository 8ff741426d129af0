//! Sending, and reading what comes back up to a limit.

use kargo_core::port::{PortError, Reply};
use reqwest::{Client, Request, Response};
use serde::de::DeserializeOwned;

use crate::{Answer, Asked, asked::host_of, failure::failure};

/// Longest body that [`reply`] reads, in bytes.
pub const BODY_LIMIT: usize = 16 << 20;

/// How much of an error's body is read, in bytes: its beginning tells what is wrong.
const ERROR_LIMIT: usize = 4_096;

/// What of an answer's status, headers and body makes a value, or an error with its class: JSON up to [`BODY_LIMIT`].
///
/// An answer to a request that [`send`] sent names method and path in its error; of others only the path is known.
///
/// # Errors
///
/// As the table of [`classify`](kargo_core::port::http::classify) says; `Rejected` for a body that is too long, or not JSON of the right shape;
/// `Retryable` for one that breaks off.
pub async fn reply<T: DeserializeOwned>(response: Response) -> Result<Reply<T>, PortError> {
    read(response, BODY_LIMIT).await?.into_json()
}

/// As [`reply`], for any body up to a limit.
///
/// # Errors
///
/// As [`reply`], but for the JSON.
pub async fn bytes(response: Response, limit: usize) -> Result<Reply<Vec<u8>>, PortError> {
    read(response, limit).await?.into_bytes()
}

/// Sends a request. Whatever the status of what comes back, it is an answer.
///
/// # Errors
///
/// When there is no answer, as [`failed`](crate::failed); host and request are named.
pub async fn send(client: &Client, request: Request) -> Result<Response, PortError> {
    let asked = Asked::new(request.method(), request.url());
    match client.execute(request).await {
        Ok(mut response) => {
            tracing::debug!(host = asked.host(), path = path(&asked), status = response.status().as_u16(), "answered");
            response.extensions_mut().insert(asked);
            Ok(response)
        }
        Err(error) => {
            let error = failure(error, &asked);
            tracing::debug!(host = asked.host(), path = path(&asked), class = %error.class(), "not answered");
            Err(error)
        }
    }
}

/// Sends a request and reads the answer: a body up to a limit, or the beginning of an error's.
///
/// # Errors
///
/// As [`send`]; `Rejected` for a body that is too long, and `Retryable` for one that breaks off.
pub async fn exchange(client: &Client, request: Request, limit: usize) -> Result<Answer, PortError> {
    read(send(client, request).await?, limit).await
}

/// Reads an answer.
async fn read(mut response: Response, limit: usize) -> Result<Answer, PortError> {
    let here = host_of(response.url());
    let asked = match response.extensions_mut().remove::<Asked>() {
        Some(asked) => asked,
        None => Asked::of(here.clone(), response.url().path()),
    };
    let status = response.status().as_u16();
    let mut answer = Answer::new(asked.clone(), status);
    if here != asked.host() {
        answer = answer.from_elsewhere(here);
    }
    for (name, value) in response.headers() {
        // What is not text has no meaning to anybody here.
        if let Ok(value) = value.to_str() {
            answer = answer.with_header(name.as_str(), value);
        }
    }
    let is_error = !matches!(status, 200..=299 | 304);
    if is_error {
        return Ok(answer.with_body(beginning(&mut response).await));
    }
    let too_long = || format!("the answer is longer than {limit} bytes");
    // The answer to HEAD tells the length of what it leaves out.
    let is_head = asked.what().starts_with("HEAD ");
    let told = response.content_length().and_then(|length| usize::try_from(length).ok());
    if !is_head && told.is_some_and(|length| length > limit) {
        return Err(answer.rejected(too_long()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(error, &asked))? {
        if body.len() + chunk.len() > limit {
            return Err(answer.rejected(too_long()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(answer.with_body(body))
}

/// The beginning of an error's body, as far as it comes: the status has told already what it is.
async fn beginning(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < ERROR_LIMIT {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(ERROR_LIMIT);
    body
}

/// Method and path for logs, where nobody redacts a query.
fn path(asked: &Asked) -> &str {
    asked.what().split('?').next().unwrap_or_default()
}
