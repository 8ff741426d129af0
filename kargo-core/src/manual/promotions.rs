//! How a promotion is made and carried out.
//!
//! # Made once
//!
//! [`propose`](crate::promotion::propose) looks up Stage, policy, tasks and freight, and makes a Promotion whose steps are
//! copies: references to tasks are expanded, loops unrolled, aliases filled in. Whoever edits a task afterwards does not
//! reach it. Templates stay text; they are read into a [`Plan`](crate::promotion::Plan), which runs share.
//!
//! # Carried out by events
//!
//! A [`Run`](crate::promotion::Run) is a plan and how far it is. [`decide`](crate::promotion::decide()) says what follows from
//! an [`Input`](crate::promotion::Input) (a step returned, a signal came, time passed) as a list of
//! [`RunEvent`](crate::promotion::RunEvent)s, to their fixed point; it changes nothing.
//! [`Run::apply`](crate::promotion::Run::apply) changes the run, and never evaluates anything, so that a replay of the
//! events leads to the same run without the world they were decided in. Where a step goes from where is one total function,
//! [`StepState::next`](crate::promotion::StepState::next), and its table in the documentation is tested against it.
//!
//! What is owed to the outside is a projection: [`moves`](crate::promotion::moves()). A step that is under way keeps one effect
//! id through all its attempts, looks and wake-ups, and an attempt whose lane another one occupies comes after that one.
//!
//! # Waiting
//!
//! Only a step that says so waits, for keys made from its evaluated configuration, each with the version it has seen. A
//! signal wakes it if it is newer or cannot be compared; signals that came while an attempt was under way count too. Timeouts,
//! back-offs and instants are exact: ask for the earliest and come back then. Nothing runs, and nothing is stored, while
//! nothing changes. Only where no wake source is heard that would tell of a change is a wait looked after, ever more seldom.
//!
//! # Secrets
//!
//! `secret()` and `configMap()` have no answer in the core. A template that needs one becomes a
//! [`Sealed`](crate::expr::Sealed) value: its text, the names it reads, the instant, and what the world answered. A step whose
//! condition or configuration is sealed is first *prepared*: a [`Preparation`](crate::promotion::Preparation) says what to
//! fetch, one reference after the other, and whether the step then runs. The configuration that is handed to a runner is
//! still sealed, and is opened at the moment of use. An output that is made from a sealed value is stored sealed.
//! Data cannot forge a seal: keys that look like one are escaped where they are written.
//!
//! # A promotion as a Kargo object
//!
//! For a controller whose only state is in the cluster, [`next`](crate::promotion::next()) answers what to do for a stored
//! Promotion, and [`take`](crate::promotion::take()) what becomes of it. What Kargo's records cannot hold stands in annotation
//! `kargo-core.rs/steps`.
//!
//! ```
//! use kargo_core::{Manifests, World, freight::ulid_at, promotion::{self, Next, Proposal}, report::StepProgress};
//! use serde_json::json;
//!
//! let manifests = Manifests::parse("shop.yaml", "
//! apiVersion: kargo.akuity.io/v1alpha1
//! kind: Stage
//! metadata: { name: uat, namespace: shop }
//! spec:
//!   requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
//!   promotionTemplate: { spec: { steps: [{ uses: http, config: { url: \"https://acme.example/${{ ctx.stage }}\" } }] } }
//! ---
//! apiVersion: kargo.akuity.io/v1alpha1
//! kind: Freight
//! metadata: { name: 092ae8c022561a129fa1764684a66fda9bc87494, namespace: shop }
//! alias: modest-marlin
//! origin: { kind: Warehouse, name: cart }
//! images: [{ repoURL: ghcr.io/acme/cart, tag: 1.4.2 }]
//! ")?;
//! let mut world = World::from_manifests(&manifests)?;
//! let now = Default::default();
//! let wanted = Proposal::new("uat", ["modest-marlin"], ulid_at(now, 7, None)).by("email:ana@acme.example");
//! let promotion = promotion::propose(&world, &wanted, now)?;
//! let name = promotion.metadata.name.clone();
//! println!("{}", promotion::dry_run_of(&world, &promotion, now));
//!
//! // The Stage says that it is this promotion's turn.
//! let mut uat = world.stage("uat")?.noun().clone();
//! uat.status.current_promotion = Some(kargo_core::model::PromotionReference { name: name.as_str().into(), ..Default::default() });
//! world.put(uat);
//! world.put(promotion);
//! loop {
//!     match promotion::next(&world, &name, now)? {
//!         Next::Run { promotion, run } => {
//!             world.put(*promotion);                                          // stored before anything runs
//!             assert_eq!(run.config.to_json()?, json!({ "url": "https://acme.example/uat" }));
//!             let answer = Ok(StepProgress::done(json!({ "status": 200 })));  // the host's own work
//!             world.put(promotion::take(&world, &name, now, &run.report(answer))?);
//!         }
//!         Next::Finish(status) => {
//!             assert_eq!(status.phase.unwrap().as_str(), "Succeeded");
//!             break;
//!         }
//!         other => panic!("{other:?}"),
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
