//! The objects that Kargo's functions answer with, made of the nouns of the model (promotion-engine 5.3).

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::types::{ARTIFACT, ORIGIN, ORIGIN_KIND};
use crate::{
    expr::{Entries, HostObject, Problem, Value},
    model::{ArtifactReference, Chart, GitCommit, Image, Origin},
};

/// A field: its name in expressions, its name in JSON, what it holds.
pub(super) type Field = (&'static str, &'static str, Value);

/// An object with fields and no methods.
#[derive(Debug)]
pub(super) struct Record {
    /// As messages print the type.
    pub(super) type_name: &'static str,
    /// As `type(x)` prints it.
    pub(super) kind_name: &'static str,
    /// In the order of the type.
    pub(super) fields: Vec<Field>,
    /// Whether JSON leaves out what is empty.
    pub(super) terse: bool,
}

impl HostObject for Record {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn kind_name(&self) -> &str {
        self.kind_name
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields.iter().find(|(field, ..)| *field == name).map(|(_, _, value)| value.clone())
    }

    fn call(&self, _: &str, _: &[Value]) -> Option<Result<Value, Problem>> {
        None
    }

    fn to_json(&self) -> Json {
        let fields = self.fields.iter().filter(|(_, _, value)| !(self.terse && is_empty(value)));
        // Values of fields are texts and what was made from JSON, which is JSON again.
        fields.map(|(_, name, value)| ((*name).to_owned(), value.to_json().unwrap_or_default())).collect()
    }

    fn to_text(&self) -> String {
        let fields: Vec<_> = self.fields.iter().map(|(_, _, value)| value.to_string()).collect();
        format!("{}{{{}}}", if self.type_name.starts_with('*') { "&" } else { "" }, fields.join(" "))
    }

    fn is_equal(&self, other: &dyn HostObject) -> bool {
        let same = |(name, _, value): &Field| other.field(name).as_ref() == Some(value);
        self.type_name == other.type_name() && self.fields.iter().all(same)
    }
}

/// The kind of an origin.
#[derive(Debug)]
struct OriginKindText(&'static str);

impl HostObject for OriginKindText {
    fn type_name(&self) -> &str {
        ORIGIN_KIND.name
    }

    fn kind_name(&self) -> &str {
        "github.com/akuity/kargo/api/v1alpha1.FreightOriginKind"
    }

    fn field(&self, _: &str) -> Option<Value> {
        None
    }

    fn call(&self, _: &str, _: &[Value]) -> Option<Result<Value, Problem>> {
        None
    }

    fn to_json(&self) -> Json {
        self.0.into()
    }

    fn to_text(&self) -> String {
        self.0.to_owned()
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_text().is_some_and(str::is_empty) || value.as_map().is_some_and(Entries::is_empty)
}

pub(super) fn optional(text: Option<&str>) -> Value {
    Value::text(text.unwrap_or_default())
}

pub(super) fn origin(origin: &Origin) -> Record {
    let kind = Value::Host(std::sync::Arc::new(OriginKindText(origin.kind.as_str())));
    Record {
        type_name: ORIGIN.name,
        kind_name: "github.com/akuity/kargo/api/v1alpha1.FreightOrigin",
        fields: vec![("Kind", "kind", kind), ("Name", "name", Value::text(origin.name.as_str()))],
        terse: false,
    }
}

pub(super) fn commit(commit: &GitCommit) -> Record {
    Record {
        type_name: "*v1alpha1.GitCommit",
        kind_name: "unknown",
        fields: vec![
            ("RepoURL", "repoURL", Value::text(commit.repo_url.as_str())),
            ("ID", "id", Value::text(commit.id.as_str())),
            ("Branch", "branch", optional(commit.branch.as_deref())),
            ("Tag", "tag", optional(commit.tag.as_ref().map(AsRef::as_ref))),
            ("Message", "message", optional(commit.message.as_deref())),
            ("Author", "author", optional(commit.author.as_deref())),
            ("Committer", "committer", optional(commit.committer.as_deref())),
            ("SubscriptionName", "subscriptionName", optional(commit.subscription_name.as_deref())),
        ],
        terse: true,
    }
}

pub(super) fn image(image: &Image) -> Record {
    Record {
        type_name: "*v1alpha1.Image",
        kind_name: "unknown",
        fields: vec![
            ("RepoURL", "repoURL", Value::text(image.repo_url.as_str())),
            ("Tag", "tag", Value::text(image.tag.as_str())),
            ("Digest", "digest", Value::text(image.digest.as_str())),
            ("Annotations", "annotations", Value::text_map(image.annotations.clone())),
            ("SubscriptionName", "subscriptionName", optional(image.subscription_name.as_deref())),
        ],
        terse: true,
    }
}

pub(super) fn chart(chart: &Chart) -> Record {
    Record {
        type_name: "*v1alpha1.Chart",
        kind_name: "unknown",
        fields: vec![
            ("RepoURL", "repoURL", Value::text(chart.repo_url.as_str())),
            ("Name", "name", optional(chart.name.as_deref())),
            ("Version", "version", Value::text(chart.version.as_str())),
            ("SubscriptionName", "subscriptionName", optional(chart.subscription_name.as_deref())),
        ],
        terse: true,
    }
}

/// Fails where the metadata is no object.
pub(super) fn artifact(artifact: &ArtifactReference) -> Result<Record, Problem> {
    let metadata = match &artifact.metadata {
        None | Some(Json::Null) => Value::map(BTreeMap::new())?,
        Some(metadata @ Json::Object(_)) => Value::from_json(metadata)?,
        Some(_) => {
            let name = &artifact.subscription_name;
            let sentence = format!("error unmarshaling metadata for artifact from subscription {name}: not an object");
            return Err(Problem::function(sentence));
        }
    };
    Ok(Record {
        type_name: ARTIFACT.name,
        kind_name: "github.com/akuity/kargo/pkg/expressions/function.expressionFriendlyArtifactReference",
        fields: vec![
            ("ArtifactType", "ArtifactType", optional(artifact.artifact_type.as_deref())),
            ("SubscriptionName", "SubscriptionName", Value::text(artifact.subscription_name.as_str())),
            ("Version", "Version", Value::text(artifact.version.as_str())),
            ("Metadata", "Metadata", metadata),
        ],
        terse: false,
    })
}
