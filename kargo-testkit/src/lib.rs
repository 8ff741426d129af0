//! Strategies and checks with which users prove their own pipelines, and adapters their own ports.
//!
//! [`fake`] pretends to be the world behind the ports; [`conformance`] checks that an adapter keeps a port's contract. [`sim`]
//! runs an engine through days of a pretended world in which things go wrong, from one seed; [`invariant`] says what must hold
//! whatever happens.
//!
//! With feature `proptest1` (the number is the major version of [proptest](https://docs.rs/proptest/1) whose types are
//! exposed) the module `strategy` makes:
//!
//! - objects of every kind, valid for admission, with every field there sometimes and absent sometimes:
//!   `any_object`, `object_of`, and an `any_…` for each kind and part;
//! - whole pipelines that nothing is wrong with, of many shapes and any size: `any_pipeline`, `valid_pipeline`;
//! - pipelines with exactly one defect, and what a check must say of it: `broken_pipeline`, `broken_by`.
//!
//! Everything shrinks towards short, plain and small.
//!
#![cfg_attr(feature = "proptest1", doc = "```")]
#![cfg_attr(not(feature = "proptest1"), doc = "```ignore")]
//! use kargo_core::{Manifests, model::{Kind, Object, Stage}};
//! use kargo_testkit::strategy::{any_pipeline, broken_pipeline, object_of};
//! use proptest::prelude::*;
//!
//! proptest! {
//!     # #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]
//!     fn json_brings_stages_back(stage in object_of(Kind::Stage)) {
//!         let json = serde_json::to_value(&stage)?;
//!         prop_assert_eq!(Object::from_json(Kind::Stage, json)?, stage);
//!     }
//!
//!     fn a_pipeline_is_one_project(pipeline in any_pipeline()) {
//!         let manifests = Manifests::from_objects(pipeline.objects);
//!         prop_assert_eq!(manifests.projects().into_iter().collect::<Vec<_>>(), [pipeline.project.as_str()]);
//!         prop_assert_eq!(manifests.all::<Stage>().count(), pipeline.facts.stages);
//!     }
//!
//!     fn the_broken_object_is_there((pipeline, defect) in broken_pipeline()) {
//!         prop_assert!(pipeline.objects.iter().any(|object| defect.concerns(object.kind(), object.name())));
//!     }
//! }
//!
//! json_brings_stages_back();
//! a_pipeline_is_one_project();
//! the_broken_object_is_there();
#![doc = "```"]

pub mod conformance;
pub mod fake;
pub mod invariant;
pub mod sim;
#[cfg(feature = "proptest1")]
pub mod strategy;

pub use fake::FakeImage;
