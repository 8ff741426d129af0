//! Images and charts in OCI registries, and in OCI layouts on disk, for [`kargo_core`]: read only, with the fewest requests.
//!
//! [`OciRegistry`] serves the core's ports [`ImageRegistry`](kargo_core::port::ImageRegistry) and, for charts in registries,
//! [`ChartRepository`](kargo_core::port::ChartRepository). It asks a [`CredentialProvider`] who we are: [`DockerConfig`] for what
//! `docker login` left, [`StaticCredentials`] for a table, or one's own for cloud tokens that rotate.
//!
//! # What it costs
//!
//! * **One session.** For each registry and credential there is one `GET /v2/`, which tells how to log in, and where tokens are used, one
//!   request for a token for each repository. All calls share them, those that run side by side, too. A token is renewed
//!   shortly before it ends; one that the registry refuses earlier is renewed once, and then the answer is `Unauthorized`.
//! * **One request** for each call otherwise. A tag is asked for by HEAD; only where that tells no digest, the manifest is read
//!   instead. The list of tags is revalidated where the registry gives ETags.
//!
//! # What it guarantees
//!
//! * **What a digest names is what comes.** Manifests and configurations are checked against their digest.
//! * **No secret elsewhere.** Credentials go to the registry and to the token service that it names, which has to be reached by TLS
//!   if the registry is. The next page of a list is never asked from another host. A redirect to another host loses
//!   the credentials.
//! * **No secret in sight.** None is in an error, a `Debug` text or a log.
//! * **Nothing hostile gets through.** Names that could leave their place in a URL or a directory are refused; whatever is read has a limit.
//! * **Bounded helpers.** A credential helper has limits on time and output, and is killed with all that it started when its
//!   time is over or its future is dropped.
//!
//! # Addresses
//!
//! `docker.io` is served by `registry-1.docker.io`. Registries are reached by HTTPS, unless [`OciSettings::plain_http`] says
//! otherwise of a host; only at this machine's own addresses (`localhost`, `127.0.0.1`, `[::1]`) plain HTTP is tried when HTTPS
//! fails. (The reference tries it at private addresses, too; a neighbour could use that to read a password.)
//!
//! A **layout on disk** has the address of a host that [`OciSettings::layouts`] gives a directory: with
//! `layouts("disk.local", "/srv/images")`, `disk.local/acme/cart` is the layout `/srv/images/acme/cart`. Its tags are the entries of `index.json`
//! with an `org.opencontainers.image.ref.name`. Other directories cannot be read, whatever a manifest says.
//!
//! # What it does not do
//!
//! It does not write, retry, sleep, choose a platform or keep artifacts: that is done above the ports. Futures must run on a tokio runtime with
//! I/O and time enabled. Credential helpers need a Unix system.
//!
//! # Example
//!
//! ```no_run
//! use kargo_core::port::{ImageRegistry, ImageRepo, Page, PortError};
//! use kargo_oci::{DockerConfig, OciRegistry, OciSettings};
//!
//! # async fn example() -> Result<(), PortError> {
//! let registry = OciRegistry::new(OciSettings::default(), DockerConfig::load()?)?;
//! let cart = ImageRepo::parse("ghcr.io/acme/cart").map_err(PortError::misconfigured)?;
//! let mut page = Page::first();
//! loop {
//!     let tags = ImageRegistry::tags(&registry, &cart, page).await?.into_value()?;
//!     println!("{:?}", tags.tags);
//!     let Some(next) = tags.next else { break };
//!     page = Page::at(next);
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod api;
mod clock;
mod credential;
mod docker;
mod layout;
mod process;
mod registry;
mod session;
mod settings;

pub use credential::{
    Credential, CredentialKind, CredentialProvider, CredentialQuery, Issued, NoCredentials, StaticCredentials,
};
pub use docker::DockerConfig;
pub use registry::OciRegistry;
pub use settings::OciSettings;
