//! The outside world, as traits: one for each kind of peer, with its contract. Declarations alone.
//!
//! An adapter does one thing at a time and says what came back: a [`Reply`], or a [`PortError`] whose [`PortClass`] says what
//! it means. Retries, budgets, caches, single flight and every choice live above the ports, once for all adapters.
//! [`http`] has the reading of statuses and headers that every adapter over HTTP shares.

mod access;
mod artifact_cache;
mod chart_repo;
mod chart_repository;
mod clock;
mod digest;
mod git_commit;
mod git_host;
mod git_path;
mod git_refs;
mod git_repo;
mod health_probe;
pub mod http;
mod image_config;
mod image_manifest;
mod image_registry;
mod image_repo;
mod journal;
mod lease;
mod object_id;
mod page;
mod ports;
mod router;
mod routes;
mod verifier;

pub use access::{Access, Account};
pub use artifact_cache::{ArtifactCache, CacheKey};
pub use chart_repo::ChartRepo;
pub use chart_repository::{ChartIndex, ChartRepository};
pub use clock::{Clock, Monotonic};
pub use digest::{digest_of, is_digest, verify_digest};
pub use git_commit::{Commit, CommitPage, CommitQuery, TagAnnotation, TagInfo};
pub use git_host::GitHost;
pub use git_path::quote_path;
pub use git_refs::{Fetch, RefQuery, RemoteRefs, TagRef};
pub use git_repo::GitRepo;
pub use health_probe::HealthProbe;
pub use image_config::ImageConfig;
pub use image_manifest::{ImageIndex, ImageManifest, IndexEntry, PlainImage, Platform};
pub use image_registry::{Head, ImageRegistry, TagPage, Tagged};
pub use image_repo::{ImageRepo, RepoError};
pub use journal::{Appended, Journal, LogPage, Saved, StoredSnapshot};
pub use lease::{Acquired, Holder, Kept, Lease};
pub use object_id::{ObjectId, ObjectIdError};
pub use page::Page;
pub use ports::Ports;
pub use verifier::Verifier;

pub use crate::report::{NotBefore, PortClass, PortError, RateLimit, Reply};
pub use crate::report::{StepError, StepProgress, StepSpec, WakeKey};
pub use crate::verification::{RunHandle, RunReference, Verdict, VerifyRun};
