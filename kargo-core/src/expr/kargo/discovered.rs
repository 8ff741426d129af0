//! What creation criteria see of artifacts that were discovered (discovery 1.8).

use std::sync::Arc;

use super::{
    object::{Record, optional},
    types::{CHART, DISCOVERED_COMMIT, DISCOVERED_IMAGE},
};
use crate::{
    expr::{Time, Value, Zone},
    model::{DiscoveredCommit, DiscoveredImage, Timestamp},
};

/// What `commitFrom` finds among what was discovered.
///
/// ```
/// use kargo_core::{expr::{Functions, Program, Value, kargo::discovered_commit}, model::DiscoveredCommit};
///
/// let commit = DiscoveredCommit { id: Some("9c1d77e".into()), ..DiscoveredCommit::default() };
/// let env = [("c".to_owned(), discovered_commit(&commit))].into();
/// let value = Program::compile("c.ID", &Functions::new())?.run(&env, Default::default())?;
/// assert_eq!(value, Value::text("9c1d77e"));
/// # Ok::<(), kargo_core::expr::ExprError>(())
/// ```
#[must_use]
pub fn discovered_commit(commit: &DiscoveredCommit) -> Value {
    value(Record {
        type_name: DISCOVERED_COMMIT.name,
        kind_name: "github.com/akuity/kargo/api/v1alpha1.DiscoveredCommit",
        fields: vec![
            ("ID", "id", optional(commit.id.as_deref())),
            ("Branch", "branch", optional(commit.branch.as_deref())),
            ("Tag", "tag", optional(commit.tag.as_deref())),
            ("Subject", "subject", optional(commit.subject.as_deref())),
            ("Author", "author", optional(commit.author.as_deref())),
            ("Committer", "committer", optional(commit.committer.as_deref())),
            ("CreatorDate", "creatorDate", instant(commit.creator_date)),
        ],
        terse: true,
    })
}

/// What `imageFrom` finds among what was discovered. It does not say of which repository it is.
#[must_use]
pub fn discovered_image(image: &DiscoveredImage) -> Value {
    value(Record {
        type_name: DISCOVERED_IMAGE.name,
        kind_name: "github.com/akuity/kargo/api/v1alpha1.DiscoveredImageReference",
        fields: vec![
            ("Tag", "tag", Value::text(image.tag.as_str())),
            ("Digest", "digest", Value::text(image.digest.as_str())),
            ("Annotations", "annotations", Value::text_map(image.annotations.clone())),
            ("CreatedAt", "createdAt", instant(image.created_at)),
        ],
        terse: true,
    })
}

/// What `chartFrom` finds among what was discovered; the URL is the normal form, whatever the subscription writes.
#[must_use]
pub fn discovered_chart(normal_url: &str, name: Option<&str>, version: &str) -> Value {
    value(Record {
        type_name: CHART.name,
        kind_name: "github.com/akuity/kargo/api/v1alpha1.Chart",
        fields: vec![
            ("RepoURL", "repoURL", Value::text(normal_url)),
            ("Name", "name", optional(name)),
            ("Version", "version", Value::text(version)),
            ("SubscriptionName", "subscriptionName", optional(None)),
        ],
        terse: true,
    })
}

fn value(record: Record) -> Value {
    Value::Host(Arc::new(record))
}

fn instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |instant| Value::Time(Arc::new(Time { instant, zone: Zone::UTC })))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::expr::{Functions, Program};

    #[test]
    fn discovery_1_8_fields_of_what_was_discovered() {
        let commit = DiscoveredCommit {
            id: Some("abc".into()),
            subject: Some("fix".into()),
            creator_date: "2026-05-01T10:00:00Z".parse().ok(),
            ..DiscoveredCommit::default()
        };
        let annotations = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        let image = DiscoveredImage { tag: "v1".into(), annotations, ..DiscoveredImage::default() };
        let env = BTreeMap::from([
            ("c".to_owned(), discovered_commit(&commit)),
            ("i".to_owned(), discovered_image(&image)),
            ("h".to_owned(), discovered_chart("ghcr.io/acme/web", None, "1.2.3")),
        ]);
        let run = |source: &str| {
            let value = Program::compile(source, &Functions::new()).unwrap().run(&env, Timestamp::default());
            value.map(|value| value.to_json().unwrap()).map_err(|error| error.problem().to_string())
        };
        for (source, wanted) in [
            ("c", json!({"id": "abc", "subject": "fix", "creatorDate": "2026-05-01T10:00:00Z"})),
            ("c.ID + c.Subject + c.Tag", json!("abcfix")),
            ("c.CreatorDate.Year()", json!(2026)),
            ("i.Tag", json!("v1")),
            ("i.Annotations.a + i.Annotations.nope", json!("b")),
            ("i.CreatedAt == nil", json!(true)),
            ("h.RepoURL + h.Name + h.Version", json!("ghcr.io/acme/web1.2.3")),
        ] {
            assert_eq!(run(source), Ok(wanted), "{source}");
        }
        // Although the reference's manual lists one.
        assert_eq!(run("i.RepoURL"), Err("cannot fetch RepoURL from v1alpha1.DiscoveredImageReference".to_owned()));
    }
}
