//! Tags of the local copy, with what is behind them (discovery 3.4).

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

use chrono::{DateTime, FixedOffset};
use kargo_core::model::Tag;
use kargo_core::port::{Commit, ObjectId, TagAnnotation, TagInfo};

use crate::client::Call;
use crate::log::raw_date;
use crate::mirror::in_copy;
use crate::{Git, GitError, RefName, Remote};

/// The fields of a tag, each ended by NUL.
const FORMAT: &str = "--format=%(refname)%00%(objectname)%00%(objecttype)%00%(creatordate:raw)%00%(taggername)%00%(taggeremail)%00%(contents:subject)%00";

/// How many fields there are.
const FIELDS: usize = 7;

/// For more tags than this, all are read: their names would fill the command line.
const MANY: usize = 200;

impl Git {
    /// What is behind these tags, in the order of the names. Tags that were not fetched, and those that do not lead to a
    /// commit, are left out. Talks to nobody.
    ///
    /// # Errors
    ///
    /// [`GitError`] when the local copy cannot be read.
    pub async fn tags(&self, remote: &Remote, names: &[Tag], paths: bool) -> Result<Vec<TagInfo>, GitError> {
        let mirror = self.mirror(remote);
        if !mirror.path.is_dir() {
            return Ok(Vec::new());
        }
        let wanted: BTreeSet<&str> = names.iter().map(Tag::as_str).filter(|name| RefName::tag(name).is_ok()).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let read = self.read_tags(remote, &mirror.path, &wanted).await?;
        let targets = self.peel(remote, &mirror.path, &read).await?;
        let ids: BTreeSet<&ObjectId> = targets.values().collect();
        let ids: Vec<&ObjectId> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.commits_named(remote, &mirror.path, &ids, paths).await?;
        let Some(entries) = entries else {
            // A ref leads to each of them, so the copy is damaged.
            let first = ids.first().copied();
            return match first {
                Some(id) => Err(self.unreadable(remote, id).await?),
                None => Ok(Vec::new()),
            };
        };
        let commits: BTreeMap<ObjectId, Commit> =
            entries.into_iter().map(|entry| (entry.commit.id.clone(), entry.commit)).collect();
        let info = |name: &Tag| {
            let row = read.get(name.as_str())?;
            let commit = commits.get(targets.get(&row.object)?)?.clone();
            let (created, annotation) = match &row.annotation {
                Some((created, annotation)) => (*created, Some(annotation.clone())),
                None => (commit.committed, None),
            };
            Some(TagInfo { name: name.clone(), commit, created, annotation })
        };
        Ok(names.iter().filter_map(info).collect())
    }

    async fn read_tags(
        &self,
        remote: &Remote,
        path: &Path,
        wanted: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, Row>, GitError> {
        let mut arguments = in_copy(path);
        arguments.extend(["for-each-ref".into(), FORMAT.into()]);
        if wanted.len() > MANY {
            arguments.push("refs/tags".into());
        } else {
            arguments.extend(wanted.iter().map(|name| OsString::from(format!("refs/tags/{name}"))));
        }
        let call = Call {
            doing: "reading the local copy of",
            remote,
            online: false,
            arguments,
            input: Vec::new(),
            delimiter: 0,
            time: self.settings().reading,
            records: self.settings().max_refs.saturating_mul(FIELDS as u64 + 1),
            distrusts_silence: false,
        };
        let mut rows = BTreeMap::new();
        let mut fields: Vec<String> = Vec::new();
        self.call(call, |record| {
            let text = String::from_utf8_lossy(record);
            // Each row ends with a line feed, which is thus the first byte of the next.
            let text = if fields.is_empty() { text.strip_prefix('\n').unwrap_or(&text) } else { &text };
            if fields.is_empty() && text.is_empty() {
                return Ok(());
            }
            fields.push(text.to_owned());
            if fields.len() == FIELDS {
                if let Some((name, row)) = row(&fields)?
                    && wanted.contains(name.as_str())
                {
                    rows.insert(name, row);
                }
                fields.clear();
            }
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// The commits at the end of chains of tags. What ends elsewhere is left out.
    async fn peel(
        &self,
        remote: &Remote,
        path: &Path,
        rows: &BTreeMap<String, Row>,
    ) -> Result<BTreeMap<ObjectId, ObjectId>, GitError> {
        let objects: Vec<&ObjectId> =
            rows.values().map(|row| &row.object).collect::<BTreeSet<_>>().into_iter().collect();
        if objects.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut arguments = in_copy(path);
        arguments.extend(["cat-file".into(), "--batch-check=%(objectname) %(objecttype)".into()]);
        // Without a commit, what is printed is what was asked for and the word "missing": one line for each in any case.
        let input: String = objects.iter().map(|id| format!("{id}^{{commit}}\n")).collect();
        let lines = self.lines(remote, arguments, input.into_bytes()).await?.unwrap_or_default();
        let commit = |line: &String| line.strip_suffix(" commit").and_then(|id| id.parse().ok());
        Ok(objects.into_iter().zip(&lines).filter_map(|(object, line)| Some((object.clone(), commit(line)?))).collect())
    }
}

/// A tag of the local copy.
#[derive(Debug)]
struct Row {
    object: ObjectId,
    annotation: Option<(DateTime<FixedOffset>, TagAnnotation)>,
}

fn row(fields: &[String]) -> Result<Option<(String, Row)>, String> {
    let [name, object, kind, created, tagger, email, subject] = fields else {
        return Err("fields are missing".to_owned());
    };
    let Some(name) = name.strip_prefix("refs/tags/") else {
        return Err(format!("`{}` is no tag", name.escape_debug()));
    };
    let object = object.parse().map_err(|_| format!("`{}` where a hash belongs", object.escape_debug()))?;
    let annotation = (kind == "tag").then(|| {
        let tagger = format!("{tagger} {email}").trim().to_owned();
        (raw_date(created), TagAnnotation { tagger, subject: subject.clone() })
    });
    Ok(Some((name.to_owned(), Row { object, annotation })))
}
