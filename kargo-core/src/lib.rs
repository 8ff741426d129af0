//! An embeddable continuous-promotion engine: Kargo's model, pure and deterministic.
//!
//! This crate reads the manifests of [Kargo](https://kargo.io), checks them as Kargo's admission does and further than it,
//! computes the ids of freight exactly, and knows the graph of stages: what may go where, what is unreachable, what a change
//! changes, what it looks like. It builds promotions and carries them out step by step: expressions, retries, waits, secrets
//! that are opened only at the moment of use. It does no I/O: texts and values come in, values and explanations come out.
//!
//! # Tour
//!
//! | I want | look at |
//! | --- | --- |
//! | read YAML and learn everything that is wrong | [`Manifests::parse`], [`manifest::Reader`], [`Diagnostics`] |
//! | the nouns: Stages, Warehouses, Freight, ... | [`model`] |
//! | write an object back | [`manifest::to_yaml`], [`model::Object::to_yaml`] |
//! | the id of freight, of a collection, of a bundle | [`freight`] |
//! | new freight of what was discovered: by itself, by hand, derived; the newest combination that fits | [`freight::creation`], [`freight::search`] |
//! | versions, constraints, name patterns | [`select`] |
//! | when promotion windows are open, across daylight saving | [`calendar`] |
//! | Kargo's expression language and `${{ }}` templates, compiled once, run many times | [`expr`] |
//! | the graph: check, order, closures, differences, pictures | [`Pipeline`], [`pipeline`] |
//! | the nouns of a project with their status | [`World`] |
//! | may this freight go there now, and if not, why and what would change it | [`admit::explain`], [`eligible`], [`Why`] |
//! | make a promotion, see what it would do, carry it out | [`promotion`]: [`propose`](promotion::propose), [`dry_run`](promotion::dry_run), [`next`](promotion::next) |
//! | whether what a place holds is good: verification, verdicts, health | [`verification`] |
//! | what happens by itself in a Stage, what it waits for | [`policy::evaluate`], [`policy::explain`] |
//! | one project's state machine: commands, reports and time in, events and work out | [`Engine`], [`command`], [`engine`] |
//! | what a command would lead to, before it is given | [`Engine::plan`] |
//! | what happened, in lines for people; why a Stage holds what it holds, or has not moved | [`engine::Notices`], [`History`] |
//! | what makes no progress, and why | [`Engine::stalls`] |
//! | not to fold the whole log; to begin with a project as it was found | [`engine::Snapshot`], [`command::Import`] |
//! | what a step says, what wakes it, what its kind declares | [`report`] |
//! | the outside world as traits, to write an adapter | [`port`] |
//! | what subscriptions and whole Warehouses select, asked as little as possible | `discover` |
//! | what is new between two discoveries | [`select::news`] |
//! | the words and the laws | [`manual::concepts`], [`manual::architecture`] |
//! | what a code means | [`manual::diagnostics`] |
//!
//! ```
//! use kargo_core::{Manifests, Pipeline};
//!
//! let text = "
//! apiVersion: kargo.akuity.io/v1alpha1
//! kind: Warehouse
//! metadata: { name: cart, namespace: shop }
//! spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: latest } }] }
//! ";
//! let wrong = Manifests::parse("shop.yaml", text).unwrap_err();
//! assert_eq!(wrong.to_string(), "\
//! error[K0301]: \"latest\" is not a version range
//!  --> shop.yaml:5:76
//!   |
//! 5 | spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: latest } }] }
//!   |                                                                            ^^^^^^ strategy SemVer (the default) needs a range such as ^1.0.0
//!   = help: to follow the moving tag `latest`: imageSelectionStrategy: Digest, constraint: latest
//!   = help: to take the newest build of any tag: imageSelectionStrategy: NewestBuild");
//! ```
//!
//! # Features
//!
//! * **`driver`** (default): what runs over the ports. Without it the decisions and the ports themselves remain.
//! * **`yaml`** (default): reading and writing YAML. Without it the nouns, ids and the graph remain.

pub mod admit;
pub mod calendar;
pub mod command;
#[cfg(feature = "driver")]
pub mod discover;
pub mod eligible;
pub mod engine;
pub mod expr;
pub mod freight;
pub mod manifest;
pub mod manual;
pub mod model;
pub mod pipeline;
pub mod policy;
pub mod port;
pub mod promotion;
pub mod report;
pub mod select;
pub mod verification;
pub mod why;
pub mod world;

pub use command::{Promote, Rollback};
pub use engine::{
    Effect, EffectKind, Engine, Event, Genesis, History, Notice, Outcome, Position, Recorded, Refusal, Report, Snapshot,
};
pub use manifest::Manifests;
pub use model::{Diagnostic, Diagnostics, Digest, FreightRef, NoSuch, Origin, StageName, Tag, Timestamp};
pub use pipeline::Pipeline;
pub use why::{Reason, Why};
pub use world::World;
