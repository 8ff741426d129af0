//! The second half of a selection: what to ask of the registry, until the best images are known (discovery 2.3).

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, VecDeque},
};

use super::{
    Config, Detail, ImageRules, Manifest,
    describe::{Described, Description, Document, Documents, Wanted, describe},
    rules::Choice,
};
use crate::{
    model::{Digest, DiscoveredImage, Tag, Timestamp},
    select::best::Best,
};

/// A question for the registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Ask {
    /// The digest and the manifest of a tag: one `GET` answers both. Answered by [`ImageSelection::manifest_is`], then
    /// [`ImageSelection::tag_is`]; the latter alone will do, and costs another question.
    Tag(Tag),
    /// The digest of a tag: a `HEAD`. Answered by [`ImageSelection::tag_is`].
    Head(Tag),
    /// A manifest. Answered by [`ImageSelection::manifest_is`].
    Manifest(Digest),
    /// The config of an image. Answered by [`ImageSelection::config_is`].
    Config(Digest),
}

/// What is known of a tag from earlier looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Never,
    /// It pointed at this digest, whose documents are probably at hand; whether it still does is asked with a `HEAD`.
    Before(Digest),
    /// It points at this digest and never moves; nothing is asked of the tag.
    Fixed(Digest),
}

/// Why a tag was passed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// It has no image for the wanted platform. An image that is not in an index never has (discovery 2.6).
    #[error("it has no image for the wanted platform")]
    Platform,
    /// It points at something that is no image.
    #[error("it points at {media_type:?}, which is neither an image nor an index of images")]
    NoImage {
        /// The media type.
        media_type: String,
    },
    /// It points at an index of which no entry is an image.
    #[error("it points at an index without images")]
    EmptyIndex,
    /// Indexes stand in each other too deep, or in a circle.
    #[error("indexes stand in each other too deep")]
    Nested,
    /// What was asked for does not exist.
    #[error("{} does not exist", thing(.0))]
    Missing(Ask),
    /// The question could not be answered.
    #[error("{} could not be read", thing(.0))]
    Failed(Ask),
}

impl SkipReason {
    /// Whether something is wrong with the tag: everything but a platform that it does not have.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Platform)
    }
}

fn thing(ask: &Ask) -> String {
    match ask {
        Ask::Tag(tag) | Ask::Head(tag) => format!("tag {tag}"),
        Ask::Manifest(digest) => format!("manifest {digest}"),
        Ask::Config(digest) => format!("config {digest}"),
    }
}

/// A tag that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedImage {
    /// The tag.
    pub tag: Tag,
    /// Why.
    pub reason: SkipReason,
}

/// How a selection ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageOutcome {
    /// The images, best first.
    pub images: Vec<DiscoveredImage>,
    /// Tags that were candidates and were passed over, in the order in which that was found out.
    pub skipped: Vec<SkippedImage>,
}

/// Says what to ask of the registry, takes the answers, and knows the images.
///
/// At no time is more asked than walking the tags one by one, best first, would ask: a further candidate is begun only when
/// one was passed over. One that fails is reported, and the next best takes its place; the reference fails as a whole.
#[derive(Clone, Debug)]
pub struct ImageSelection {
    rules: ImageRules,
    order: Order,
    candidates: Candidates,
    begun: Vec<Candidate>,
    by_tag: BTreeMap<Tag, usize>,
    /// The candidates that are neither found nor passed over.
    open: BTreeSet<usize>,
    documents: Documents,
    broken: BTreeMap<Document, SkipReason>,
    /// Who waits for which document, each of which was asked for.
    waiting: BTreeMap<Document, Vec<usize>>,
    queue: VecDeque<Ask>,
    found: BTreeMap<Rank, DiscoveredImage>,
    skipped: Vec<SkippedImage>,
}

/// By what images rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// By the order of their names, which is that in which they are begun.
    Name,
    /// By their dates.
    Date,
}

/// Where candidates come from.
#[derive(Clone, Debug)]
pub(super) enum Candidates {
    Best(Best),
    /// All of these; the last is begun first.
    All(Vec<Tag>),
}

/// The greatest is the best.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Name(Reverse<usize>),
    /// An image without a date is older than all others; ties go by the bytes of the tag.
    Date(Option<Timestamp>, Tag),
}

#[derive(Clone, Debug)]
struct Candidate {
    tag: Tag,
    digest: Digest,
    given: Option<Timestamp>,
    /// How many documents it waits for; `None` while its digest is not known.
    lacks: Option<usize>,
}

impl ImageSelection {
    pub(super) fn new(rules: ImageRules, candidates: Candidates, order: Order) -> Self {
        Self {
            rules,
            order,
            candidates,
            begun: Vec::new(),
            by_tag: BTreeMap::new(),
            open: BTreeSet::new(),
            documents: Documents::default(),
            broken: BTreeMap::new(),
            waiting: BTreeMap::new(),
            queue: VecDeque::new(),
            found: BTreeMap::new(),
            skipped: Vec::new(),
        }
    }

    /// Up to `room` questions that can be asked now. Each is returned once, and must be answered by one of the methods below.
    ///
    /// `seen` says what is known of a tag; for `NewestBuild`, tags that were never seen come first. None are returned when all
    /// that can be asked was: then answers are due, or [`is_done`](Self::is_done) holds.
    pub fn asks(&mut self, room: usize, mut seen: impl FnMut(&Tag) -> Seen) -> Vec<Ask> {
        if self.begun.is_empty()
            && let Candidates::All(all) = &mut self.candidates
        {
            let (news, olds): (Vec<_>, Vec<_>) = all.drain(..).partition(|tag| seen(tag) == Seen::Never);
            all.extend(olds);
            all.extend(news);
        }
        let mut asks = Vec::new();
        while asks.len() < room {
            match self.queue.pop_front() {
                Some(ask) => asks.push(ask),
                None if self.begin(&mut seen) => {}
                None => break,
            }
        }
        asks
    }

    /// A tag points at this digest. `created` is the date that the registry gave with it, if it gives dates: it spares the
    /// config.
    pub fn tag_is(&mut self, tag: &Tag, digest: Digest, created: Option<Timestamp>) {
        let Some(&at) = self.by_tag.get(tag) else { return };
        if let Some(candidate) = self.begun.get_mut(at)
            && candidate.lacks.is_none()
            && self.open.contains(&at)
        {
            candidate.digest = digest;
            candidate.given = created;
            self.read(at);
        }
    }

    /// The manifest of this digest.
    pub fn manifest_is(&mut self, digest: &Digest, manifest: Manifest) {
        self.documents.manifests.insert(digest.clone(), manifest);
        self.arrived(&Document::Manifest(digest.clone()));
    }

    /// The config of this digest.
    pub fn config_is(&mut self, digest: &Digest, config: Config) {
        self.documents.configs.insert(digest.clone(), config);
        self.arrived(&Document::Config(digest.clone()));
    }

    /// What was asked for does not exist. Under `Digest`, a missing tag is no failure (discovery 2.3).
    pub fn missing(&mut self, ask: &Ask) {
        if let (Choice::Tag(_), Ask::Tag(tag) | Ask::Head(tag)) = (&self.rules.choice, ask) {
            if let Some(at) = self.by_tag.get(tag) {
                self.open.remove(at);
            }
            return;
        }
        self.gone(ask, &SkipReason::Missing(ask.clone()));
    }

    /// The question could not be answered: every candidate that needs it is passed over.
    pub fn failed(&mut self, ask: &Ask) {
        self.gone(ask, &SkipReason::Failed(ask.clone()));
    }

    /// The images known so far, best first, no more than the limit.
    pub fn images(&self) -> impl Iterator<Item = &DiscoveredImage> {
        self.found.values().rev()
    }

    /// How many of the first [`images`](Self::images) are final: nothing that is still open can come before them.
    #[must_use]
    pub fn settled(&self) -> usize {
        match (self.order, self.open.first()) {
            (Order::Name, Some(first)) => self.found.range(Rank::Name(Reverse(*first))..).count(),
            (Order::Name, None) => self.found.len(),
            (Order::Date, _) if self.is_done() => self.found.len(),
            (Order::Date, _) => 0,
        }
    }

    /// Whether nothing is left to ask or to wait for.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let none_left = match &self.candidates {
            Candidates::Best(best) => best.is_empty(),
            Candidates::All(all) => all.is_empty(),
        };
        self.open.is_empty() && (none_left || self.is_full())
    }

    /// The images and what was passed over. What is still open counts as if it had never been offered.
    #[must_use]
    pub fn finish(self) -> ImageOutcome {
        ImageOutcome { images: self.found.into_values().rev().collect(), skipped: self.skipped }
    }

    /// Whether enough candidates are found or open. Dates rank only what all are known of.
    fn is_full(&self) -> bool {
        self.order == Order::Name && self.found.len() + self.open.len() >= self.rules.limit
    }

    /// Begins the next candidate; false if there is none to begin now.
    fn begin(&mut self, seen: &mut impl FnMut(&Tag) -> Seen) -> bool {
        if self.is_full() {
            return false;
        }
        let next = match &mut self.candidates {
            Candidates::Best(best) => best.pop().map(|ranked| ranked.tag),
            Candidates::All(all) => all.pop(),
        };
        let Some(tag) = next else { return false };
        let at = self.begun.len();
        self.open.insert(at);
        self.by_tag.insert(tag.clone(), at);
        self.begun.push(Candidate { tag: tag.clone(), digest: Digest::default(), given: None, lacks: None });
        match seen(&tag) {
            Seen::Fixed(digest) => self.tag_is(&tag, digest, None),
            Seen::Before(_) => self.queue.push_back(Ask::Head(tag)),
            Seen::Never if self.digest_alone() => self.queue.push_back(Ask::Head(tag)),
            Seen::Never => self.queue.push_back(Ask::Tag(tag)),
        }
        true
    }

    fn wants_date(&self) -> bool {
        self.rules.detail == Detail::Full || matches!(self.rules.choice, Choice::Dates(_))
    }

    fn digest_alone(&self) -> bool {
        self.rules.platform.is_none() && !self.wants_date()
    }

    /// Describes a candidate whose digest is known, as far as the documents go, and asks for what is missing.
    fn read(&mut self, at: usize) {
        let Some(candidate) = self.begun.get(at) else { return };
        let given = candidate.given;
        let brief = self.rules.platform.is_none() && self.rules.detail == Detail::Digest;
        let described = if brief && (given.is_some() || !self.wants_date()) {
            Described::Done(Description { created: given, ..Description::default() })
        } else {
            let wanted = Wanted { platform: self.rules.platform.as_ref(), date: self.wants_date(), given };
            describe(&candidate.digest, wanted, &self.documents)
        };
        match described {
            Described::Done(description) => self.found(at, description),
            Described::No(reason) => self.skip(at, reason),
            Described::Missing(documents) => {
                if let Some(reason) = documents.iter().find_map(|document| self.broken.get(document)) {
                    let reason = reason.clone();
                    return self.skip(at, reason);
                }
                if let Some(candidate) = self.begun.get_mut(at) {
                    candidate.lacks = Some(documents.len());
                }
                for document in documents {
                    let waiting = self.waiting.entry(document.clone()).or_default();
                    if waiting.is_empty() {
                        self.queue.push_back(match document {
                            Document::Manifest(digest) => Ask::Manifest(digest),
                            Document::Config(digest) => Ask::Config(digest),
                        });
                    }
                    waiting.push(at);
                }
            }
        }
    }

    fn arrived(&mut self, document: &Document) {
        for at in self.waiting.remove(document).unwrap_or_default() {
            let Some(lacks) = self.begun.get_mut(at).and_then(|candidate| candidate.lacks.as_mut()) else { continue };
            *lacks = lacks.saturating_sub(1);
            if *lacks == 0 && self.open.contains(&at) {
                self.read(at);
            }
        }
    }

    fn gone(&mut self, ask: &Ask, reason: &SkipReason) {
        let document = match ask {
            Ask::Tag(tag) | Ask::Head(tag) => {
                if let Some(&at) = self.by_tag.get(tag) {
                    self.skip(at, reason.clone());
                }
                return;
            }
            Ask::Manifest(digest) => Document::Manifest(digest.clone()),
            Ask::Config(digest) => Document::Config(digest.clone()),
        };
        for at in self.waiting.remove(&document).unwrap_or_default() {
            self.skip(at, reason.clone());
        }
        self.broken.insert(document, reason.clone());
    }

    fn skip(&mut self, at: usize, reason: SkipReason) {
        if self.open.remove(&at)
            && let Some(candidate) = self.begun.get(at)
        {
            self.skipped.push(SkippedImage { tag: candidate.tag.clone(), reason });
        }
    }

    fn found(&mut self, at: usize, description: Description) {
        let Some(candidate) = self.begun.get(at) else { return };
        self.open.remove(&at);
        let Description { annotations, created } = description;
        let rank = match self.order {
            Order::Name => Rank::Name(Reverse(at)),
            Order::Date => Rank::Date(created, candidate.tag.clone()),
        };
        let (tag, digest) = (candidate.tag.clone(), candidate.digest.clone());
        self.found.insert(rank, DiscoveredImage { tag, digest, annotations, created_at: created });
        if self.found.len() > self.rules.limit {
            self.found.pop_first();
        }
    }
}

#[cfg(test)]
mod tests;
