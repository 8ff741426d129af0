//! What is known of one image by the documents at hand, and which are missing to know the rest (discovery 2.6 to 2.8).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ConfigSource, Manifest, Platform, SkipReason,
    created::claimed,
    document::{Config, IndexEntry},
};
use crate::model::{Digest, Timestamp};

/// How deep indexes may stand in each other.
const MAX_DEPTH: usize = 8;

/// The documents at hand, by digest.
#[derive(Clone, Debug, Default)]
pub(super) struct Documents {
    pub(super) manifests: BTreeMap<Digest, Manifest>,
    pub(super) configs: BTreeMap<Digest, Config>,
}

/// A document, by what it must be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Document {
    Manifest(Digest),
    Config(Digest),
}

/// What is wanted of an image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) platform: Option<&'a Platform>,
    pub(super) date: bool,
    /// The date that the registry gave with the digest; it stands in for configs.
    pub(super) given: Option<Timestamp>,
}

/// An image as it is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Description {
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) created: Option<Timestamp>,
}

/// How far a description got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Described {
    Done(Description),
    /// These must be had before one can say more.
    Missing(BTreeSet<Document>),
    No(SkipReason),
}

/// Describes the image of a digest.
///
/// Nothing is missed that no rule needs: where an annotation claims the date, no config is; where a platform is wanted, only
/// its entry is.
pub(super) fn describe(root: &Digest, wanted: Wanted<'_>, documents: &Documents) -> Described {
    let Some(manifest) = documents.manifests.get(root) else {
        return Described::Missing([Document::Manifest(root.clone())].into());
    };
    let mut dates = Dates { documents, given: wanted.given, missing: BTreeSet::new(), known: BTreeMap::new() };
    let made = match manifest {
        Manifest::Other { media_type } => Err(SkipReason::NoImage { media_type: media_type.clone() }),
        Manifest::Image { .. } if wanted.platform.is_some() => Err(SkipReason::Platform),
        Manifest::Image { annotations, .. } => Ok((annotations.clone(), None)),
        Manifest::Index { annotations, entries } => {
            of_index(annotations, entries, wanted.platform).map(|(annotations, entries)| (annotations, Some(entries)))
        }
    };
    let (annotations, entries) = match made {
        Ok(made) => made,
        Err(reason) => return Described::No(reason),
    };
    let created = match (&entries, manifest) {
        _ if !wanted.date => Ok(None),
        (Some(entries), Manifest::Index { annotations, .. }) => dates.of_entries(annotations, entries, 0),
        _ => dates.of_manifest(root, 0),
    };
    match created {
        Err(reason) => Described::No(reason),
        Ok(_) if !dates.missing.is_empty() => Described::Missing(dates.missing),
        Ok(created) => Described::Done(Description { annotations, created }),
    }
}

/// The annotations that are recorded, and the entries that count.
fn of_index<'a>(
    annotations: &BTreeMap<String, String>,
    entries: &'a [IndexEntry],
    wanted: Option<&Platform>,
) -> Result<(BTreeMap<String, String>, Vec<&'a IndexEntry>), SkipReason> {
    let mut images = entries.iter().filter(|entry| entry.image_platform().is_some()).peekable();
    if images.peek().is_none() {
        return Err(SkipReason::EmptyIndex);
    }
    let Some(wanted) = wanted else { return Ok((annotations.clone(), images.collect())) };
    let matching: Vec<_> = images.filter(|entry| entry.platform.as_ref() == Some(wanted)).collect();
    let entry = matching.first().ok_or(SkipReason::Platform)?;
    let mut annotations = annotations.clone();
    annotations.extend(entry.annotations.clone());
    Ok((annotations, matching))
}

/// The dates of manifests; each is worked out once, however many entries point at it.
struct Dates<'a> {
    documents: &'a Documents,
    given: Option<Timestamp>,
    missing: BTreeSet<Document>,
    /// `None` while it is being worked out.
    known: BTreeMap<Digest, Option<Option<Timestamp>>>,
}

impl Dates<'_> {
    fn of_manifest(&mut self, digest: &Digest, depth: usize) -> Result<Option<Timestamp>, SkipReason> {
        match self.known.get(digest) {
            Some(Some(date)) => return Ok(*date),
            Some(None) => return Err(SkipReason::Nested),
            None if depth > MAX_DEPTH => return Err(SkipReason::Nested),
            None => {}
        }
        let documents = self.documents;
        let Some(manifest) = documents.manifests.get(digest) else {
            self.missing.insert(Document::Manifest(digest.clone()));
            return Ok(None);
        };
        self.known.insert(digest.clone(), None);
        let date = match manifest {
            Manifest::Other { media_type } => return Err(SkipReason::NoImage { media_type: media_type.clone() }),
            Manifest::Image { annotations, config } => {
                claimed(annotations).or(self.given).or_else(|| self.of_config(config))
            }
            Manifest::Index { annotations, entries } => {
                let (_, entries) = of_index(annotations, entries, None)?;
                self.of_entries(annotations, &entries, depth)?
            }
        };
        self.known.insert(digest.clone(), Some(date));
        Ok(date)
    }

    fn of_entries(
        &mut self,
        annotations: &BTreeMap<String, String>,
        entries: &[&IndexEntry],
        depth: usize,
    ) -> Result<Option<Timestamp>, SkipReason> {
        if let Some(date) = claimed(annotations).or(self.given) {
            return Ok(Some(date));
        }
        let mut latest = None;
        for entry in entries {
            let date = match claimed(&entry.annotations) {
                Some(date) => Some(date),
                None => self.of_manifest(&entry.digest, depth + 1)?,
            };
            latest = latest.max(date);
        }
        Ok(latest)
    }

    fn of_config(&mut self, config: &ConfigSource) -> Option<Timestamp> {
        let config = match config {
            ConfigSource::Inline(config) => Some(config),
            ConfigSource::Blob(digest) => {
                let config = self.documents.configs.get(digest);
                if config.is_none() {
                    self.missing.insert(Document::Config(digest.clone()));
                }
                config
            }
        };
        config.and_then(|config| config.created)
    }
}

#[cfg(test)]
mod tests;
