//! What the adapters of [`kargo_core`] that speak HTTP share: a client that is safe to point at strangers, and answers with a
//! meaning. An adapter adds what its peer's protocol is, and nothing of this.
//!
//! * [`reply`] is all that most adapters need: it reads an answer, and makes of it a value or a
//!   [`PortError`](kargo_core::port::PortError) with its class. [`bytes`] does so for what is not JSON, with a limit of its own.
//! * [`HttpSettings`] makes the client: time-outs, redirects, trust, proxy. [`send`] sends with it, and names host and request
//!   in every error.
//! * [`exchange`] and [`Answer`] are for protocols in which an answer that is an error has more to say than that, such as the
//!   challenge of a 401. An [`Answer`] is plain data: what reads it needs no network in its tests.
//!
//! # What it guarantees
//!
//! * **One meaning.** Statuses, `Retry-After`, ETags and quotas are read by the core's
//!   [`classify`](kargo_core::port::http::classify), for all adapters alike.
//! * **Bounded.** Connecting, silence and the whole request have limits of time; a body is read up to a limit and no further,
//!   also where it is sent packed.
//! * **No secret in sight.** Errors and logs name host, path and status; of a query only the names that say where in a list one
//!   is. Where an address redirects to does not appear but for its host.
//! * **No secret elsewhere.** A redirect to another host, port or scheme loses `Authorization` and cookies, and one from
//!   `https` to `http` is not followed.
//! * **No panic for want of a TLS provider.** The provider that the program installed is used. Where it installed none, feature
//!   `ring` (on by default) brings one; without it, making the client is an error that says so.
//!
//! # What it does not do
//!
//! It does not retry, sleep, cache or count: that is done above the ports.
//!
//! # Example
//!
//! ```
//! use kargo_core::port::{PortError, Reply};
//! use kargo_http::{HttpSettings, reply, reqwest, send};
//!
//! #[derive(serde::Deserialize)]
//! struct Names { names: Vec<String> }
//!
//! async fn names(client: &reqwest::Client) -> Result<Reply<Vec<String>>, PortError> {
//!     let request = client.get("https://depot.acme.example/v3/cart/names").build().map_err(kargo_http::failed)?;
//!     let answer: Reply<Names> = reply(send(client, request).await?).await?;
//!     Ok(answer.map(|names| names.names))
//! }
//! let client = HttpSettings::default().client()?;
//! # let _ = names(&client);
//! # Ok::<(), PortError>(())
//! ```

mod answer;
mod asked;
mod exchange;
mod failure;
mod provider;
mod redirect;
mod settings;

pub use answer::Answer;
pub use asked::Asked;
pub use exchange::{BODY_LIMIT, bytes, exchange, reply, send};
pub use failure::failed;
pub use settings::HttpSettings;

/// The client library whose types appear here.
pub use reqwest;
