//! Chart repositories for [`kargo_core`]: classic ones, which have an `index.yaml`, over HTTP and from a folder of this machine;
//! charts in registries through another adapter.
//!
//! [`HelmCharts`] serves the core's port [`ChartRepository`](kargo_core::port::ChartRepository). [`read_index`] is the reader
//! below it, for programs that have an index already.
//!
//! # What it guarantees
//!
//! * **Bounded.** An index is read up to [`HelmSettings::index_bytes`], packed or not, and nested or repeated YAML costs nothing
//!   beyond that.
//! * **Quick.** Of an index as Helm and its like write it, only the lines that matter are looked at; others are read as the YAML
//!   that they are. Long ones are read on a thread for work that blocks.
//! * **Tolerant.** One broken entry costs that entry: it is left out and reported, and all others are there. An index that did
//!   not change is not read again.
//! * **No secret in sight or elsewhere.** Credentials go to the host that they are meant for, not over plain HTTP unless
//!   [`HelmSettings::credentials_over_http`] allows it, and into no error, log or `Debug` text.
//!
//! # What it does not do
//!
//! It does not retry, sleep, cache, filter or sort: that is done above the port. It never runs `helm`.

mod charts;
mod classic;
mod credentials;
mod folder;
mod index;
mod settings;

pub use charts::HelmCharts;
pub use credentials::{CredentialSource, Credentials, HostCredentials, NoCredentials};
pub use index::{IndexError, Reading, SkipReason, Skipped, read_index};
pub use settings::HelmSettings;
