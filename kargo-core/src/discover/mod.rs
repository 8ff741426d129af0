//! Asking the outside world as little as possible: what subscriptions select, over the ports. Declarations alone.
//!
//! A [`Discovery`] lives as long as the process: it has the ports, the budgets of accounts, and what was learnt before. A
//! [`Look`] is one round over any number of subscriptions; what two of them ask is asked once. What was learnt is in the
//! [`ArtifactCache`](crate::port::ArtifactCache), so that the first look of a new process costs what the next of the old
//! one would have.
//!
//! # The plan of a round
//!
//! Most questions can be shared when they come: a list of tags, an index, a digest is the same for all who want it. A
//! conversation with a git remote is not: which refs are listed and what is fetched depends on all subscriptions of the
//! repository. So a round knows them before it talks. [`Look::warehouses`] says what all of its Warehouses want
//! ([`Look::expect_git`] for each git subscription), and then lets them run side by side; the first that comes to a
//! repository lists its refs and fetches what moved for all of them: one conversation of each kind, however many share it
//! (requirements D9). Whoever looks for single targets does the same: first `expect_git` for all, then [`Look::git`] for each.
//! The plan changes what a round costs, never what it finds: one who was not expected shares what fits, and else talks
//! for itself.
//!
//! ```
//! use std::sync::Arc;
//! use kargo_core::{discover::Discovery, model::Warehouse, port::{GitRepo, Ports}};
//! use kargo_testkit::fake::{FakeGit, MemoryCache, VirtualClock};
//!
//! let clock = VirtualClock::default();
//! let git = Arc::new(FakeGit::new(&clock));
//! git.commit(&GitRepo::parse("https://git.corp/cart")?, "main", "fix coupons", &["src/coupon.rs"]);
//! let ports = Ports::new(Arc::new(clock.clone())).git(git).cache(Arc::new(MemoryCache::default()));
//! let discovery = Discovery::new(&ports);
//!
//! let cart: Warehouse = serde_json::from_value(serde_json::json!({
//!     "metadata": { "name": "cart", "namespace": "shop" },
//!     "spec": { "subscriptions": [{ "git": { "repoURL": "https://git.corp/cart" } }] },
//! }))?;
//! let look = discovery.look();
//! let found = clock.run(look.warehouse(&cart, None, |_| {}));
//! assert_eq!(found.artifacts.git[0].commits[0].subject.as_deref(), Some("fix coupons"));
//! let calls: Vec<_> = look.calls().iter().map(|(account, calls)| format!("{account}: {calls}")).collect();
//! assert_eq!(calls, ["git.corp as shop: 1 ls-remote, 1 fetch"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assumption;
mod budget;
mod calls;
mod chart_look;
mod cost;
mod count;
mod discovery;
mod forecast;
mod foresee;
mod foresee_warehouses;
mod git_look;
mod git_memory;
mod git_round;
mod git_target;
mod image_look;
mod limits;
mod listing;
mod load;
mod look;
mod look_error;
mod memo;
mod memory;
mod prepared;
mod promise;
mod ref_name;
mod refused;
mod round_forecast;
mod tag_look;
mod warehouse_forecast;
mod warehouse_found;
mod warehouse_look;
mod window;

pub use assumption::Assumption;
pub use calls::{CallClass, Calls};
pub use chart_look::ChartTarget;
pub use cost::{Candidates, ChartCost, GitCost, ImageCost, ImageDemand, ImageShape, RegistryTraits, Session};
pub use discovery::Discovery;
pub use forecast::{Expected, Forecast};
pub use git_look::GitLook;
pub use git_target::GitTarget;
pub use image_look::{Found, ImageLook};
pub use limits::{AccountLimits, Rate};
pub use load::{Budget, LoadAdvice, LoadWarning, PlannedLook, check_load};
pub use look::Look;
pub use look_error::LookError;
pub use promise::{Promise, TagMoved};
pub use ref_name::RefNameError;
pub use round_forecast::RoundForecast;
pub use tag_look::{TagEffect, TagLook};
pub use warehouse_forecast::{SubscriptionForecast, WarehousesForecast};
pub use warehouse_found::{SubscriptionLook, WarehouseLook};
pub use warehouse_look::FoundIn;
