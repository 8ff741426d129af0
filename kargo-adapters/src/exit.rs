//! The error of `main`.

use std::{error::Error, fmt};

use kargo_core::{Diagnostics, port::PortError};

/// What `main` returns when it fails. Any error becomes one with `?`, and its `Debug`, which is what Rust shows for it, is the
/// report for people: what went wrong, why, and what to do (user-code 1, 14).
///
/// ```
/// use kargo_adapters::Exit;
///
/// fn run() -> Result<(), Exit> {
///     let port: u16 = "80a".parse()?;
///     # let _ = port;
///     Ok(())
/// }
/// assert_eq!(format!("Error: {:?}", run().unwrap_err()), "Error: invalid digit found in string");
/// ```
pub struct Exit(Box<dyn Error + Send + Sync>);

impl Exit {
    /// The error that it was.
    #[must_use]
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

/// For every error. `Exit` is none itself, so that this can be.
impl<E: Error + Send + Sync + 'static> From<E> for Exit {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

/// The report. One of several lines begins on a line of its own, for Rust has written `Error: ` already.
impl fmt::Debug for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.to_string();
        if report.contains('\n') { write!(f, "\n{report}") } else { f.write_str(&report) }
    }
}

/// The error, then the causes that it does not name itself, then what comes next, where that is known.
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.to_string();
        f.write_str(first.trim_end())?;
        if self.0.is::<Diagnostics>() {
            return Ok(());
        }
        let mut told = first;
        let mut advice = advice(&*self.0);
        let mut next = self.0.source();
        for _ in 0..MOST_CAUSES {
            let Some(cause) = next else { break };
            next = cause.source();
            let text = cause.to_string();
            advice = advice.or_else(|| self::advice(cause));
            if !told.contains(&text) {
                write!(f, "\n   = cause: {}", text.trim_end())?;
                told = text;
            }
        }
        match advice {
            Some(advice) => write!(f, "\n   = next: {advice}"),
            None => Ok(()),
        }
    }
}

/// A chain of causes that does not end is cut off here.
const MOST_CAUSES: usize = 16;

fn advice(error: &(dyn Error + 'static)) -> Option<&'static str> {
    #[cfg(feature = "local")]
    if let Some(crate::local::PortsError::Http(error)) = error.downcast_ref() {
        return Some(error.class().advice());
    }
    Some(error.downcast_ref::<PortError>()?.class().advice())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the pipeline cannot start")]
    struct Outer(#[source] PortError);

    fn shown(error: impl Error + Send + Sync + 'static) -> String {
        format!("Error: {:?}", Exit::from(error))
    }

    #[test]
    fn user_code_14_what_went_wrong_why_and_what_next() {
        let refused = PortError::unauthorized("HTTP 403").at("ghcr.io").asking("GET /v2/acme/cart/tags/list");
        assert_eq!(
            shown(refused.clone()),
            "Error: \nghcr.io: GET /v2/acme/cart/tags/list: Unauthorized: HTTP 403\n   = next: not tried again until the \
             credential or the manifest changes"
        );
        assert_eq!(
            shown(Outer(refused)),
            "Error: \nthe pipeline cannot start\n   = cause: ghcr.io: GET /v2/acme/cart/tags/list: Unauthorized: HTTP 403\n   \
             = next: not tried again until the credential or the manifest changes"
        );
        assert_eq!(shown(io::Error::other("the disk is gone")), "Error: the disk is gone");
    }

    #[cfg(feature = "local")]
    #[test]
    fn what_keeps_the_world_from_being_wired_says_what_next() {
        let error = crate::local::PortsError::from(PortError::misconfigured("there is no TLS provider"));
        let shown = shown(error);
        assert!(shown.ends_with("there is no TLS provider\n   = next: correct the configuration"), "{shown}");
    }

    #[test]
    fn the_error_is_still_there() {
        let exit = Exit::from(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(exit.error().downcast_ref::<io::Error>().map(io::Error::kind), Some(io::ErrorKind::NotFound));
    }
}
