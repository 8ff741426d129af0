//! Registries for tests, and what puts images into them. A test binary takes it in with `#[path = "../support/mod.rs"]
//! mod support;`.
//!
//! [`DockerRegistry`] is a real registry in a process of its own, open or with basic or token authentication; its
//! access log tells how many requests of each class it was sent ([`DockerRegistry::calls`]). [`Fake`] does what a real
//! one would not: it hangs, limits, redirects in circles and lies.

mod access_log;
mod docker_registry;
mod fake;
mod fake_answers;
mod token_service;

pub(crate) use access_log::calls_in;
pub(crate) use docker_registry::{DockerRegistry, Mode};
pub(crate) use fake::{Auth, Fake};
pub(crate) use token_service::TokenService;

/// The user and the password of all registries here that want one.
pub(crate) const USER: (&str, &str) = ("eve", "hunter2");

/// Settings that reach a host of loopback without proxy and by plain HTTP.
pub(crate) fn settings(host: &str) -> kargo_oci::OciSettings {
    let mut settings = kargo_oci::OciSettings::default().plain_http(host);
    settings.http.system_proxy = false;
    settings
}

/// The credential that opens the registries here.
pub(crate) fn credential(host: &str) -> kargo_oci::StaticCredentials {
    kargo_oci::StaticCredentials::default().at(host, "test-read", kargo_oci::Credential::basic(USER.0, USER.1))
}
