//! What does not work (yet), and what to do instead.
//!
//! * **Expressions in manifests are not checked.** The language is there ([`expr`](crate::expr)), but `${{ }}` in steps, variables
//!   and criteria is kept as text.
//! * **Promotion windows are read, not evaluated.** Times and rules that cannot be one are warned of by their shape alone.
//! * **Only the newest API version.** Kargo has one, `v1alpha1`; kinds of another version are kept aside with a warning.
//! * **Comments are not kept.** Reading and writing a manifest keeps every field, not its layout.
//! * **The YAML tag `!!binary` is text as written**, not decoded.
//! * **Keys of free-form JSON come out in byte order**, as Kubernetes itself writes them.
//! * **A subscription of a type that is not built in** is refused, as Kargo's open edition does;
//!   [`Reader::subscription_type`](crate::manifest::Reader::subscription_type) registers others.
