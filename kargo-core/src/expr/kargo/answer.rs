//! What a function answered, in a form that can be written down and replayed.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::object::{self, Record};
use crate::{
    expr::{Problem, Value},
    model::{ArtifactReference, Chart, GitCommit, Image, Origin},
};

/// The answer of one of Kargo's functions, made of the model's nouns: what is recorded, and what an expression gets.
///
/// ```
/// use kargo_core::{expr::kargo::Answer, model::Image};
///
/// let found = Answer::Image(Image { repo_url: "ghcr.io/acme/cart".into(), tag: "v1".into(), ..Image::default() });
/// let written = serde_json::to_string(&found)?;
/// assert_eq!(written, r#"{"image":{"repoURL":"ghcr.io/acme/cart","tag":"v1"}}"#);
/// assert_eq!(serde_json::from_str::<Answer>(&written)?.value()?, found.value()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Answer {
    /// Plain JSON, also `nil`; numbers become floats.
    Json(Json),
    /// Texts by name; a missing one is empty (promotion-engine 5.1).
    Texts(BTreeMap<String, String>),
    /// An origin.
    Origin(Origin),
    /// A commit.
    Commit(GitCommit),
    /// An image.
    Image(Image),
    /// A chart.
    Chart(Chart),
    /// An artifact of another kind.
    Artifact(ArtifactReference),
    /// That there is no answer, and why.
    Failure(String),
}

impl Answer {
    /// `nil`: there is none.
    #[must_use]
    pub fn none() -> Self {
        Self::Json(Json::Null)
    }

    /// The value that an expression sees.
    ///
    /// # Errors
    ///
    /// JSON nested too deep, and metadata of an artifact that is no object.
    pub fn value(&self) -> Result<Value, Problem> {
        let host = |record: Record| Ok(Value::Host(Arc::new(record)));
        match self {
            Self::Json(json) => Value::from_json(json),
            Self::Texts(texts) => Ok(Value::text_map(texts.clone())),
            Self::Origin(origin) => host(object::origin(origin)),
            Self::Commit(commit) => host(object::commit(commit)),
            Self::Image(image) => host(object::image(image)),
            Self::Chart(chart) => host(object::chart(chart)),
            Self::Artifact(artifact) => host(object::artifact(artifact)?),
            Self::Failure(message) => Err(Problem::function(message.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expr::{Functions, Program};

    fn image(tag: &str) -> Answer {
        let annotations = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        Answer::Image(Image { repo_url: "u".into(), tag: tag.into(), annotations, ..Image::default() })
    }

    fn answers() -> Vec<(&'static str, Answer)> {
        vec![
            ("i", image("v1")),
            ("same", image("v1")),
            ("other", image("v2")),
            ("w", Answer::Origin(Origin::warehouse("x"))),
            ("c", Answer::Commit(GitCommit { repo_url: "u".into(), id: "abc".into(), ..GitCommit::default() })),
            ("h", Answer::Chart(Chart { repo_url: "u".into(), version: "1.2.3".into(), ..Chart::default() })),
            (
                "g",
                Answer::Artifact(ArtifactReference {
                    version: "1".into(),
                    metadata: Some(json!({"x": 1})),
                    ..ArtifactReference::default()
                }),
            ),
            ("s", Answer::Texts(BTreeMap::from([("k".to_owned(), "v".to_owned())]))),
            ("none", Answer::none()),
        ]
    }

    fn run(source: &str) -> Result<Json, String> {
        let env = answers().into_iter().map(|(name, answer)| (name.to_owned(), answer.value().unwrap())).collect();
        let program = Program::compile(source, &Functions::new()).unwrap();
        let value = program.run(&env, crate::Timestamp::default()).map_err(|error| error.problem().to_string())?;
        value.to_json().map_err(|problem| problem.to_string())
    }

    #[test]
    fn promotion_engine_5_3_fields_emission_and_equality_are_the_references() {
        for (source, wanted) in [
            ("i", json!({"repoURL": "u", "tag": "v1", "annotations": {"a": "b"}})),
            ("w", json!({"kind": "Warehouse", "name": "x"})),
            ("c", json!({"repoURL": "u", "id": "abc"})),
            ("h", json!({"repoURL": "u", "version": "1.2.3"})),
            ("g", json!({"ArtifactType": "", "SubscriptionName": "", "Version": "1", "Metadata": {"x": 1}})),
            ("i.Tag", json!("v1")),
            ("i.Digest", json!("")),
            ("i.Annotations.zz", json!("")),
            ("i['Tag']", json!("v1")),
            ("'Tag' in i", json!(true)),
            ("'tag' in i", json!(false)),
            ("i == same", json!(true)),
            ("i == other", json!(false)),
            ("i == c", json!(false)),
            ("i == nil", json!(false)),
            ("none == nil", json!(true)),
            ("g == g", json!(true)),
            ("i in [other, same]", json!(true)),
            ("w.Kind", json!("Warehouse")),
            ("w.Kind == 'Warehouse'", json!(false)),
            ("w.Kind == w.Kind", json!(true)),
            ("string(w.Kind) == 'Warehouse'", json!(true)),
            ("string(i)", json!("&{u v1  map[a:b] }")),
            ("string(c)", json!("&{u abc      }")),
            ("string(w)", json!("{Warehouse x}")),
            ("string(g)", json!("{  1 map[x:1]}")),
            ("type(i)", json!("unknown")),
            ("type(w)", json!("github.com/akuity/kargo/api/v1alpha1.FreightOrigin")),
            ("g.Metadata.x + 1", json!(2)),
            ("g.Metadata.y", json!(null)),
        ] {
            assert_eq!(run(source), Ok(wanted), "{source}");
        }
        for (source, wanted) in [
            ("i.tag", "cannot fetch tag from *v1alpha1.Image"),
            ("none.Tag", "cannot fetch Tag from <nil>"),
            ("w.Kind + 'x'", "invalid operation: v1alpha1.FreightOriginKind + string"),
            ("w + 'x'", "invalid operation: v1alpha1.FreightOrigin + string"),
        ] {
            assert_eq!(run(source), Err(wanted.to_owned()), "{source}");
        }
    }

    #[test]
    fn promotion_engine_5_3_answers_come_back_from_their_json() {
        for (_, answer) in answers() {
            let written = serde_json::to_string(&answer).unwrap();
            let read: Answer = serde_json::from_str(&written).unwrap();
            assert_eq!(read, answer);
            assert_eq!(read.value().unwrap(), answer.value().unwrap(), "{written}");
        }
    }

    #[test]
    fn promotion_engine_5_3_metadata_must_be_an_object() {
        let with = |metadata| ArtifactReference { metadata: Some(metadata), ..ArtifactReference::default() };
        let error = Answer::Artifact(with(json!([1]))).value().unwrap_err();
        assert!(error.to_string().starts_with("error unmarshaling metadata for artifact"), "{error}");
        assert!(Answer::Artifact(with(json!(null))).value().is_ok());
    }
}
