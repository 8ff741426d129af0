//! What a failure of git means to whoever asked through the port.

use kargo_core::report::PortError;

use crate::GitError;

impl From<GitError> for PortError {
    /// The class that says what may help; texts are git's, without secrets.
    fn from(error: GitError) -> Self {
        match &error {
            GitError::Unauthorized { detail, .. } | GitError::NoRepository { detail, .. } => {
                let status = status_in(detail);
                let converted = match &error {
                    GitError::Unauthorized { .. } => Self::unauthorized(error),
                    _ => Self::not_found(error),
                };
                with_status(converted, status)
            }
            GitError::NotThere { .. } => Self::not_found(error),
            GitError::RateLimited { detail, .. } => {
                let status = status_in(detail);
                with_status(Self::rate_limited(error), status)
            }
            GitError::Unreachable { detail, .. } => {
                let status = status_in(detail);
                with_status(Self::retryable(error), status)
            }
            // A damaged copy is thrown away, so another try begins with a new one.
            GitError::TimedOut { .. } | GitError::Busy { .. } | GitError::Damaged { .. } | GitError::Failed { .. } => {
                Self::retryable(error)
            }
            GitError::TooMuch { .. } | GitError::Unreadable { .. } => Self::rejected(error),
            GitError::Unsupported { .. } => Self::unsupported(error),
            GitError::NoGit { .. }
            | GitError::TooOld { .. }
            | GitError::Url { .. }
            | GitError::RefName { .. }
            | GitError::Credentials { .. }
            | GitError::Untrusted { .. }
            | GitError::Local { .. } => Self::misconfigured(error),
        }
    }
}

fn with_status(error: PortError, status: Option<u16>) -> PortError {
    match status {
        Some(status) => error.with_status(status),
        None => error,
    }
}

/// The HTTP status in git's words.
fn status_in(detail: &str) -> Option<u16> {
    let (_, after) = detail.split_once("returned error: ")?;
    after.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use kargo_core::report::PortClass;

    use super::*;

    #[test]
    fn classes_and_statuses() {
        let remote = || "https://h/r".to_owned();
        let detail = |status: &str| format!("fatal: unable to access 'x': The requested URL returned error: {status}");
        for (error, class, status) in [
            (GitError::Unauthorized { remote: remote(), detail: detail("403") }, PortClass::Unauthorized, Some(403)),
            (GitError::NoRepository { remote: remote(), detail: "not found".to_owned() }, PortClass::NotFound, None),
            (
                GitError::RateLimited { remote: remote(), detail: detail("429") },
                PortClass::RateLimited { until: None },
                Some(429),
            ),
            (
                GitError::Unreachable { remote: remote(), detail: detail("503") },
                PortClass::Retryable { after: None },
                Some(503),
            ),
            (GitError::Damaged { remote: remote(), detail: String::new() }, PortClass::Retryable { after: None }, None),
            (GitError::Untrusted { remote: remote(), detail: String::new() }, PortClass::Misconfigured, None),
        ] {
            let text = error.to_string();
            let converted = PortError::from(error);
            assert_eq!((converted.class(), converted.status()), (class, status), "{text}");
        }
    }
}
