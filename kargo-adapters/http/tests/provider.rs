//! The TLS provider of a program stays its own. Alone in its process: a provider is installed once for all.

use kargo_http::HttpSettings;
use rustls::crypto::{CryptoProvider, ring};

#[test]
fn crates_trap_1_a_provider_that_the_program_installed_stays() {
    let mut mine = ring::default_provider();
    mine.cipher_suites.truncate(1);
    mine.install_default().unwrap();
    HttpSettings::default().client().unwrap();
    assert_eq!(CryptoProvider::get_default().unwrap().cipher_suites.len(), 1);
}
