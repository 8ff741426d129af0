//! What does not work (yet), and what to do instead.
//!
//! * **What is looked for is shared within a round**, however many subscriptions ask; two rounds at the same time each ask for
//!   themselves, but for the copies of git repositories. Let one round look for all Warehouses that are due.
//! * **Rates and limits count what the ports are asked**: what an adapter does by itself (handshakes, redirects, the answers that
//!   make up one listing of refs) comes on top.
//! * **Subscriptions of other types are not looked for**; what their Warehouse's status has of them stays.
//! * **The engine needs a host.** [`Engine`](crate::Engine) decides; keeping its log, doing its work and calling
//!   [`tick`](crate::Engine::tick) is up to the host until the driver comes. Unless the host
//!   [tells](crate::Engine::tells_starts) when it begins what nobody may repeat, that counts as begun as soon as it may be.
//! * **Names of promotions order those that no engine made.** Where a controller keeps promotions as objects, one whose name sorts
//!   behind those of automation counts as the later one.
//! * **What a Stage held before protects no freight** from being collected, as in Kargo: a way back reaches as far as freight is kept.
//!   Keep more ([`Genesis::retaining`](crate::Genesis::retaining)) where it has to reach further.
//! * **Freight of a Warehouse that was deleted** is not collected before a Warehouse of that name exists again.
//! * **Target-aware Stages** get no promotion requests from the engine, and Junctions no releases. What becomes of a request is not
//!   said by Kargo's open edition, which fails each; ours comes with the waves of StagePolicies.
//! * **No promotion is told to have changed nothing**: steps report no digest of the tree that they leave. Where
//!   `verification.reuse: SameContent` is set the last success on the same freight is used again all the same.
//! * **Applying checks the graph**, not the expressions of what is applied: [`Pipeline::check`](crate::Pipeline::check) does both, on
//!   manifests.
//! * **A Stage without steps behind another one, with a soak**, looks through all that ever passed there whenever it is looked at.
//! * **The checks of expressions follow literals alone**: `imageFrom(vars.image)` is not looked at, and what stands in a
//!   quoted text with escapes is marked at the text's beginning.
//! * **Only the newest API version.** Kargo has one, `v1alpha1`; kinds of another version are kept aside with a warning.
//! * **Comments are not kept.** Reading and writing a manifest keeps every field, not its layout.
//! * **The YAML tag `!!binary` is text as written**, not decoded.
//! * **Keys of free-form JSON come out in byte order**, as Kubernetes itself writes them.
//! * **A subscription of a type that is not built in** is refused, as Kargo's open edition does;
//!   [`Reader::subscription_type`](crate::manifest::Reader::subscription_type) registers others.
