//! What selection reads of commits and tags, and what is recorded of them (discovery 3.4 to 3.6).

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use crate::{
    expr::{Env, Time, Value, Zone},
    model::{DiscoveredCommit, Tag},
};

/// A date with the zone in which git wrote it.
pub type CommitDate = DateTime<FixedOffset>;

/// The longest subject that is recorded whole, in bytes.
const MAX_SUBJECT: usize = 80;

/// A commit of a branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitFacts {
    /// Its hash.
    pub id: String,
    /// When it was committed, in the zone it says.
    pub committed: CommitDate,
    /// Who wrote it: `Name <email>`.
    pub author: String,
    /// Who committed it: `Name <email>`.
    pub committer: String,
    /// The first line of its message.
    pub subject: String,
    /// The paths it changed, if they are known already.
    pub paths: Option<Vec<String>>,
}

/// A tag, and the commit it points at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagFacts {
    /// Its name.
    pub tag: Tag,
    /// The hash of the commit, also where the tag is an object of its own.
    pub id: String,
    /// When an annotated tag was made, else when the commit was committed; in the zone it says.
    pub created: CommitDate,
    /// Who wrote the commit: `Name <email>`.
    pub author: String,
    /// Who committed it: `Name <email>`.
    pub committer: String,
    /// The first line of the commit's message.
    pub subject: String,
    /// Who made an annotated tag: `Name <email>`; else empty.
    pub tagger: String,
    /// The first line of an annotated tag's message; else empty.
    pub annotation: String,
    /// The paths the commit changed, if they are known already.
    pub paths: Option<Vec<String>>,
}

/// A commit or tag that may be selected.
pub(super) trait Facts {
    fn paths(&self) -> Option<&[String]>;
    /// What an expression sees (discovery 3.8).
    fn env(&self) -> Env;
    /// What is recorded (discovery 3.6).
    fn record(&self, branch: Option<&str>) -> DiscoveredCommit;
}

impl Facts for CommitFacts {
    fn paths(&self) -> Option<&[String]> {
        self.paths.as_deref()
    }

    fn env(&self) -> Env {
        env(
            &[("id", &self.id), ("author", &self.author), ("committer", &self.committer), ("subject", &self.subject)],
            ("commitDate", self.committed),
        )
    }

    fn record(&self, branch: Option<&str>) -> DiscoveredCommit {
        DiscoveredCommit {
            id: Some(self.id.clone()),
            branch: branch.map(str::to_owned),
            tag: None,
            subject: text(&shortened(&self.subject)),
            author: text(&self.author),
            committer: text(&self.committer),
            creator_date: Some(self.committed.to_utc()),
        }
    }
}

impl Facts for TagFacts {
    fn paths(&self) -> Option<&[String]> {
        self.paths.as_deref()
    }

    fn env(&self) -> Env {
        env(
            &[
                ("id", &self.id),
                ("tag", &self.tag),
                ("author", &self.author),
                ("committer", &self.committer),
                ("subject", &self.subject),
                ("tagger", &self.tagger),
                ("annotation", &self.annotation),
            ],
            ("creatorDate", self.created),
        )
    }

    fn record(&self, _: Option<&str>) -> DiscoveredCommit {
        DiscoveredCommit {
            id: Some(self.id.clone()),
            branch: None,
            tag: Some(self.tag.clone()),
            subject: text(&shortened(&self.subject)),
            author: text(&self.author),
            committer: text(&self.committer),
            creator_date: Some(self.created.to_utc()),
        }
    }
}

fn env(texts: &[(&str, &str)], (name, date): (&str, CommitDate)) -> Env {
    let mut env: Env = texts.iter().map(|(name, text)| ((*name).to_owned(), Value::text(*text))).collect();
    let time = Time { instant: date.to_utc(), zone: Zone::at_offset(*date.offset()) };
    env.insert(name.to_owned(), Value::Time(Arc::new(time)));
    env
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// The subject up to 80 bytes, else its first 77 and three dots. The cut moves back to the beginning of a character.
fn shortened(subject: &str) -> String {
    if subject.len() <= MAX_SUBJECT {
        return subject.to_owned();
    }
    let cut = subject.floor_char_boundary(MAX_SUBJECT - "...".len());
    format!("{}...", subject.get(..cut).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_3_6_what_is_recorded() {
        let date: CommitDate = "2026-05-01T10:00:00+02:00".parse().unwrap();
        let commit = CommitFacts {
            id: "c1".into(),
            committed: date,
            author: "A <a@x>".into(),
            committer: "C <c@x>".into(),
            subject: "s".into(),
            paths: None,
        };
        let recorded = DiscoveredCommit {
            id: Some("c1".into()),
            branch: Some("main".into()),
            tag: None,
            subject: Some("s".into()),
            author: Some("A <a@x>".into()),
            committer: Some("C <c@x>".into()),
            creator_date: "2026-05-01T08:00:00Z".parse().ok(),
        };
        assert_eq!(commit.record(Some("main")), recorded);
        assert_eq!(commit.record(None).branch, None, "empty when none was given");
        let tag = TagFacts {
            tag: "v1".into(),
            id: "c1".into(),
            created: date,
            author: "A <a@x>".into(),
            committer: "C <c@x>".into(),
            subject: "s".into(),
            tagger: "T <t@x>".into(),
            annotation: "n".into(),
            paths: None,
        };
        assert_eq!(tag.record(None), DiscoveredCommit { branch: None, tag: Some("v1".into()), ..recorded });
    }

    #[test]
    fn discovery_3_6_long_subjects() {
        for (subject, expected) in [
            ("a".repeat(80), "a".repeat(80)),
            ("a".repeat(81), format!("{}...", "a".repeat(77))),
            // A character of three bytes, of which the reference keeps one.
            (format!("{}{}", "a".repeat(76), "€".repeat(3)), format!("{}...", "a".repeat(76))),
        ] {
            assert_eq!(shortened(&subject), expected);
        }
    }
}
