//! Nouns as their manifests have them: whole seconds, defaults filled in. What is in events is normal, so that an engine that
//! reads them back knows the same as the one that wrote them.

use serde::{Serialize, de::DeserializeOwned};

/// The noun as it is after it was written and read.
pub(super) fn normal<T: Serialize + DeserializeOwned>(noun: T) -> T {
    let written = serde_json::to_value(&noun).ok();
    written.and_then(|written| serde_json::from_value(written).ok()).unwrap_or(noun)
}
