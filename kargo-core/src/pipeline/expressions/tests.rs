//! What the check says of small manifests; and that what it calls an error fails in each run.

#[cfg(feature = "yaml")]
mod objects;
mod property;
#[cfg(feature = "yaml")]
mod table;
