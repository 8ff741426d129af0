//! Objects back into YAML, in Kargo's spelling and field order.

use std::fmt;

use serde::Serialize;

use super::{Manifests, yaml};
use crate::model::{Noun, Object, document};

/// A value that has no YAML form. Objects of [`model`](crate::model) always have one, unless a program put a number into
/// free-form JSON that YAML cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteError(String);

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the object cannot be written as YAML: {}", self.0)
    }
}

impl std::error::Error for WriteError {}

fn write(value: &impl Serialize) -> Result<String, WriteError> {
    yaml::to_yaml(value).map_err(|error| WriteError(error.to_string()))
}

impl Object {
    /// The object as one YAML document.
    ///
    /// ```
    /// use kargo_core::model::{Object, ObjectMeta, Target};
    /// let target = Target { metadata: ObjectMeta::named("eu-1").in_project("shop"), ..Target::default() };
    /// let yaml = Object::from(target).to_yaml()?;
    /// assert!(yaml.starts_with("apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata:\n  name: eu-1\n"));
    /// # Ok::<(), kargo_core::manifest::WriteError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When free-form JSON in the object has no YAML form.
    pub fn to_yaml(&self) -> Result<String, WriteError> {
        write(self)
    }
}

/// A noun as one YAML document.
///
/// # Errors
///
/// When free-form JSON in the noun has no YAML form.
pub fn to_yaml<T: Noun + Serialize>(noun: &T) -> Result<String, WriteError> {
    write(&document(noun))
}

impl Manifests {
    /// All objects as YAML documents, separated by `---`.
    ///
    /// # Errors
    ///
    /// When free-form JSON in an object has no YAML form.
    pub fn to_yaml(&self) -> Result<String, WriteError> {
        let mut out = String::new();
        for entry in self.entries() {
            if !out.is_empty() {
                out.push_str("---\n");
            }
            out.push_str(&entry.object().to_yaml()?);
        }
        Ok(out)
    }
}
