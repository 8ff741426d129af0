//! What goes wrong with a store, and what that means to whoever asked.

use std::io::{self, ErrorKind};

use kargo_core::report::PortError;

use super::Damage;

/// A store could not do what it was asked for.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The disk refused; opened again, the store may go on.
    Io(io::Error),
    /// The library below is in a state that it has to be opened again for.
    Reopen(String),
    /// Somebody else has the file.
    Locked,
    /// The file is of no use as it is.
    Damaged(Damage),
}

impl Trouble {
    pub(super) fn unreadable(detail: impl Into<String>) -> Self {
        Self::Damaged(Damage::Unreadable { detail: detail.into() })
    }

    /// What it means at the port: `Retryable` for what passes by itself, `Rejected` for what does not.
    pub(super) fn port_error(&self) -> PortError {
        match self {
            Self::Io(error) if passes(error.kind()) => PortError::retryable(error.to_string()),
            Self::Io(error) => PortError::rejected(error.to_string()),
            Self::Reopen(why) => PortError::retryable(why.clone()),
            Self::Locked => PortError::retryable("another process has the file"),
            Self::Damaged(damage) => PortError::rejected(damage.to_string()),
        }
    }
}

/// Whether waiting helps.
fn passes(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::ResourceBusy
            | ErrorKind::OutOfMemory
            | ErrorKind::Interrupted
            | ErrorKind::WouldBlock
            | ErrorKind::TimedOut
            | ErrorKind::StaleNetworkFileHandle
    )
}

impl<E: Into<redb::Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        match error.into() {
            // Neither is a refusal of the disk: something stands there, and it is not what was written.
            redb::Error::Io(error) if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof) => {
                Self::unreadable(error.to_string())
            }
            redb::Error::Io(error) => Self::Io(error),
            redb::Error::DatabaseAlreadyOpen => Self::Locked,
            error @ (redb::Error::Corrupted(_)
            | redb::Error::UpgradeRequired(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TableIsMultimap(_)
            | redb::Error::TableIsNotMultimap(_)
            | redb::Error::TypeDefinitionChanged { .. }) => Self::unreadable(error.to_string()),
            error => Self::Reopen(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use kargo_core::report::PortClass;

    use super::*;

    #[test]
    fn a_full_disk_passes_and_a_forbidden_one_does_not() {
        let class = |kind| Trouble::Io(io::Error::from(kind)).port_error().class();
        assert_eq!(class(ErrorKind::StorageFull), PortClass::Retryable { after: None });
        assert_eq!(class(ErrorKind::PermissionDenied), PortClass::Rejected);
        assert_eq!(Trouble::unreadable("x").port_error().class(), PortClass::Rejected);
    }

    #[test]
    fn what_is_cut_off_is_damage_and_not_a_disk_that_refuses() {
        let cut = redb::StorageError::Io(io::Error::from(ErrorKind::UnexpectedEof));
        assert!(matches!(Trouble::from(cut), Trouble::Damaged(Damage::Unreadable { .. })));
        let full = redb::StorageError::Io(io::Error::from(ErrorKind::StorageFull));
        assert!(matches!(Trouble::from(full), Trouble::Io(_)));
    }
}
