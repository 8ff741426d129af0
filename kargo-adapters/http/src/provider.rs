//! The TLS provider of this process.

use kargo_core::port::PortError;
use rustls::crypto::CryptoProvider;

/// Makes sure that there is one. What the program installed stays.
pub(crate) fn ensure() -> Result<(), PortError> {
    if CryptoProvider::get_default().is_none() {
        bring()?;
    }
    Ok(())
}

#[cfg(feature = "ring")]
fn bring() -> Result<(), PortError> {
    // Whoever was faster has installed one, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(())
}

#[cfg(not(feature = "ring"))]
fn bring() -> Result<(), PortError> {
    Err(PortError::misconfigured(
        "no TLS provider is installed: enable the feature `ring` of kargo-http, or call `install_default` of one of rustls's",
    ))
}
