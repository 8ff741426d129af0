//! Files in which [`kargo_core`] keeps what must survive a restart. Today that is the artifact cache.
//!
//! [`FileCache`] serves the core's port [`ArtifactCache`](kargo_core::port::ArtifactCache): what was learnt about artifacts, by
//! digest, in one file of a directory (requirements A4).
//!
//! # What it guarantees
//!
//! * **It survives.** When a `put` has returned, its entries are on the disk. A process that is killed at any moment, and a disk
//!   that loses or tears what was not synchronised, leave a file that is read.
//! * **It is bounded.** In entries and bytes; what was not used for longest goes first. See [`CacheSettings`].
//! * **One owner.** A second process that opens the same directory is told who has it: [`OpenError::Owned`].
//! * **It mends itself.** A file that cannot be read, or that another version of this library wrote in another format, is set
//!   aside and begun anew, for it is only a cache; [`FileCache::set_aside`] tells.
//! * **It never blocks a runtime.** Reads and writes happen on a thread of the cache's own; any executor can wait for them.

mod cache;
mod owner;

pub use cache::{CacheSettings, Damage, FileCache, OpenError, SetAside, Usage};
pub use owner::Owner;
