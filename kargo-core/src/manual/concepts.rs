//! The words, and how the things they name belong together.
//!
//! A **Warehouse** subscribes to repositories (images, git, charts) and finds new **artifacts** in them. Artifacts that
//! belong together become a piece of **freight**. Freight never changes: its name is a checksum of what it is made of
//! ([`freight::freight_id`](crate::freight::freight_id)), so the same artifacts always are the same freight.
//!
//! A **Stage** is a place freight is promoted to: dev, test, production. It *requests* freight of some **origins** (a
//! Warehouse or a Junction) from **sources**: directly from the origin, or from other Stages that must have verified it,
//! perhaps for a while (*soak*). A **promotion** is one run of the Stage's steps with one piece of freight; after it, the
//! Stage *holds* the freight, and **verification** may follow. A Stage without steps is *control flow*: freight passes through
//! it and counts as verified.
//!
//! A **Junction** is ours: it collects freight in slots, as a Stage requests it, deploys nothing, and releases **bundles**,
//! which are freight of its own origin. Downstream of it 25 services move as one.
//!
//! Requests are the edges of the **pipeline**, the graph of one project's Warehouses, Junctions and Stages
//! ([`pipeline`](crate::pipeline)). A **project** is a namespace; everything above lives in one.
//!
//! An **origin key** such as `Warehouse/cart` is an origin as text. A **collection** is what a Stage holds: one piece of
//! freight for each origin that it requests.
//!
//! ```
//! use kargo_core::{Manifests, Pipeline};
//!
//! let manifests = Manifests::parse("shop.yaml", "
//! apiVersion: kargo.akuity.io/v1alpha1
//! kind: Warehouse
//! metadata: { name: cart, namespace: shop }
//! spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
//! ---
//! apiVersion: kargo.akuity.io/v1alpha1
//! kind: Stage
//! metadata: { name: uat, namespace: shop }
//! spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }] }
//! ---
//! apiVersion: kargo.akuity.io/v1alpha1
//! kind: Stage
//! metadata: { name: prod, namespace: shop }
//! spec:
//!   requestedFreight:
//!   - origin: { kind: Warehouse, name: cart }
//!     sources: { stages: [uat], requiredSoakTime: 1h }
//! ")?;
//! let pipeline = Pipeline::from_manifests(&manifests)?;
//! let order: Vec<_> = pipeline.topological_order().map(|node| node.name()).collect();
//! assert_eq!(order, ["cart", "uat", "prod"]);
//! assert_eq!(pipeline.stage("uat")?.downstream().resolve().names(), ["prod"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
