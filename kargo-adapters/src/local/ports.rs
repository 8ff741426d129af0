//! The outside world of a program on one machine.

use std::{path::Path, sync::Arc};

use kargo_core::port::{PortError, Ports};
use kargo_helm::{HelmCharts, HelmSettings, NoCredentials};
use kargo_journal::{FileCache, OpenError};
use kargo_oci::{DockerConfig, OciRegistry, OciSettings};
use kargo_tokio::TokioClock;

use super::git::UsersGit;

/// Why the outside world cannot be wired.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortsError {
    /// The artifact cache cannot be opened: another process has it, or the operating system refuses.
    #[error(transparent)]
    Cache(#[from] OpenError),
    /// There is no client for HTTP, or the configuration of docker cannot be read.
    #[error(transparent)]
    Http(#[from] PortError),
}

/// The outside world as this machine has it, kept below a directory, which is made where it is not there:
///
/// | what | how |
/// | --- | --- |
/// | images, charts in registries | the OCI distribution API, with what `docker login` left |
/// | charts in classic repositories | over HTTPS, with what the address says |
/// | git repositories | the user's `git` with the user's credentials; local copies in `git` |
/// | what was learnt about artifacts | `artifacts.redb`; see [`FileCache`] |
/// | time | this machine's clocks |
///
/// Nothing is asked of anybody yet. Adapters of one's own go beside these: `ports(dir)?.images_at(host, ..)`. Futures of what is
/// wired must run on a tokio runtime with I/O and time enabled; wiring needs none.
///
/// ```
/// use kargo_core::port::ImageRepo;
///
/// # fn main() -> Result<(), kargo_adapters::Exit> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let ports = kargo_adapters::local::ports(folder.join("var/kargo"))?;
/// assert!(ports.serves_images(&ImageRepo::parse("ghcr.io/acme/cart")?));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`PortsError`]. A git that is missing is told by the first git repository that is asked for.
pub fn ports(folder: impl AsRef<Path>) -> Result<Ports, PortsError> {
    let folder = folder.as_ref();
    let registry = Arc::new(OciRegistry::new(OciSettings::default(), DockerConfig::load()?)?);
    let charts = HelmCharts::new(HelmSettings::default(), NoCredentials)?.registry(registry.clone());
    let cache = FileCache::open(folder)?;
    Ok(Ports::new(Arc::new(TokioClock::new()))
        .images(registry)
        .charts(Arc::new(charts))
        .git(Arc::new(UsersGit::new(folder.join("git"))))
        .cache(Arc::new(cache)))
}
