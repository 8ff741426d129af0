//! Identity and bookkeeping of freight: names that follow from content, the records kept about it, and what order it is in.
//!
//! Everything here is a pure function over the nouns of [`model`](crate::model). Time and random bits are arguments.

pub mod collection;
pub mod creation;

pub mod history;
pub mod order;
pub mod search;
pub mod status;

mod alias;
mod id;
pub mod lineage;
mod promotion_name;
mod receiver_path;
mod sums;
mod words;

pub use alias::{alias, unused_alias};
pub use id::{Artifacts, bundle_id, freight_id};
pub use lineage::Member;
pub use promotion_name::{
    analysis_run_name, promotion_name, promotion_request_name, promotion_suffix, ulid_at, verification_id,
};
pub use receiver_path::{receiver_hash, receiver_path};
