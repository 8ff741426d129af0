//! Why a look at one subscription found nothing.

use super::ref_name::RefNameError;
use crate::{
    port::{PortError, RepoError},
    select::SubscriptionError,
};

/// Why a look at one subscription found nothing. What is wrong with single artifacts is not among it: that is in the result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// The subscription cannot be read.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// Its repository is none.
    #[error(transparent)]
    Repo(#[from] RepoError),
    /// Its branch is none that git could have.
    #[error("branch: {0}")]
    Branch(#[from] RefNameError),
    /// Nobody looks for artifacts of this kind (discovery 5).
    #[error("nothing looks for artifacts of the kind {kind:?}: subscribe to git, image or chart")]
    Kind {
        /// The subscription's type key.
        kind: String,
    },
    /// What was asked was not answered.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl LookError {
    /// The port's error, if that is what it is.
    #[must_use]
    pub fn port(&self) -> Option<&PortError> {
        match self {
            Self::Port(error) => Some(error),
            _ => None,
        }
    }
}
