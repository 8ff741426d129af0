//! What does not work (yet), and what to do instead.
//!
//! * **Images and charts are discovered over ports that the host implements**: of the adapters, only git's can read yet.
//! * **Nothing runs by itself yet.** Promotions are made and carried out step by step by whoever asks
//!   ([`promotion::next`](crate::promotion::next)); eligibility, queues, automation and the engine come next.
//! * **The checks of expressions follow literals alone**: `imageFrom(vars.image)` is not looked at, and what stands in a
//!   quoted text with escapes is marked at the text's beginning.
//! * **Promotion windows are read, not evaluated.** Times and rules that cannot be one are warned of by their shape alone.
//! * **Only the newest API version.** Kargo has one, `v1alpha1`; kinds of another version are kept aside with a warning.
//! * **Comments are not kept.** Reading and writing a manifest keeps every field, not its layout.
//! * **The YAML tag `!!binary` is text as written**, not decoded.
//! * **Keys of free-form JSON come out in byte order**, as Kubernetes itself writes them.
//! * **A subscription of a type that is not built in** is refused, as Kargo's open edition does;
//!   [`Reader::subscription_type`](crate::manifest::Reader::subscription_type) registers others.
