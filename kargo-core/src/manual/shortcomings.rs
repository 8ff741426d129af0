//! What does not work (yet), and what to do instead.
//!
//! * **What is looked for is shared within a round**, however many subscriptions ask; two rounds at the same time each ask for
//!   themselves, but for the copies of git repositories. Let one round look for all Warehouses that are due.
//! * **Rates and limits count what the ports are asked**: what an adapter does by itself (handshakes, redirects, the answers that
//!   make up one listing of refs) comes on top.
//! * **Subscriptions of other types are not looked for**; what their Warehouse's status has of them stays.
//! * **Nothing runs by itself yet.** Promotions are made and carried out step by step by whoever asks
//!   ([`promotion::next`](crate::promotion::next)); eligibility, queues, automation and the engine come next.
//! * **The checks of expressions follow literals alone**: `imageFrom(vars.image)` is not looked at, and what stands in a
//!   quoted text with escapes is marked at the text's beginning.
//! * **Promotion windows hold nothing back yet.** [`calendar`](crate::calendar) says when they are open; who asks it comes with the
//!   engine.
//! * **Only the newest API version.** Kargo has one, `v1alpha1`; kinds of another version are kept aside with a warning.
//! * **Comments are not kept.** Reading and writing a manifest keeps every field, not its layout.
//! * **The YAML tag `!!binary` is text as written**, not decoded.
//! * **Keys of free-form JSON come out in byte order**, as Kubernetes itself writes them.
//! * **A subscription of a type that is not built in** is refused, as Kargo's open edition does;
//!   [`Reader::subscription_type`](crate::manifest::Reader::subscription_type) registers others.
