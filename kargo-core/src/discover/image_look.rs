//! The images that one subscription selects.

use std::sync::{Arc, PoisonError};

use futures::stream::{FuturesUnordered, StreamExt as _};

use super::{Look, Promise, TagMoved, look::Known, look::Pointed};
use crate::{
    model::{Digest, DiscoveredImage, Tag},
    port::{ImageRepo, PortClass, PortError},
    select::image::{Ask, Config, ImageOutcome, ImageRules, ImageSelection, Manifest, Seen},
};

/// What a look found for one image subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageLook {
    /// The images, best first, and the tags that were passed over.
    pub outcome: ImageOutcome,
    /// Why documents of tags that were passed over could not be read, beside each question.
    pub failures: Vec<(Ask, PortError)>,
    /// Tags that moved although they were promised not to.
    pub moved: Vec<TagMoved>,
}

/// An image, told while the look goes on (requirements A10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// The best so far: it can be used, but what is still being asked for may come before it. Where dates decide, nothing
    /// else can be said before every tag was looked at.
    Provisional(&'a DiscoveredImage),
    /// The next best: nothing can come before it any more.
    Settled(&'a DiscoveredImage),
}

enum Answer {
    Pointed(Pointed),
    Manifest(Arc<Manifest>),
    Config(Config),
}

/// What questions taught, beside their answers.
#[derive(Default)]
pub(super) struct Learnt {
    digests: Vec<(Tag, Digest)>,
    unread: Vec<Tag>,
    pub(super) failures: Vec<(Ask, PortError)>,
}

impl Look {
    /// The images that a subscription selects. `found` is told each as soon as nothing can come before it any more, best first.
    ///
    /// What is broken or gone is reported and passed over; it never hides what is next best. What could not be asked
    /// (a network that stays down, a refused credential, a limit that lasts) ends the look with that error: to pass
    /// over a tag for it would take an older image for the newest.
    ///
    /// # Errors
    ///
    /// Of the listing, or of a question that could not be asked.
    pub async fn images(
        &self,
        repo: &ImageRepo,
        rules: &ImageRules,
        promise: Promise,
        mut found: impl FnMut(&DiscoveredImage) + Send,
    ) -> Result<ImageLook, PortError> {
        let settled = |told: Found<'_>| {
            if let Found::Settled(image) = told {
                found(image);
            }
        };
        self.images_as_found(repo, rules, promise, settled).await
    }

    /// As [`images`](Self::images), and `found` is told what can be used already, too, though something better may come.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn images_as_found(
        &self,
        repo: &ImageRepo,
        rules: &ImageRules,
        promise: Promise,
        mut found: impl FnMut(Found<'_>) + Send,
    ) -> Result<ImageLook, PortError> {
        let mut listing = rules.listing();
        let listed = if rules.needs_listing() { Some(self.list(repo).await?) } else { None };
        if let Some(listed) = &listed {
            listing.offer(listed.tags.iter().cloned());
        }
        let known = self.known(repo).await;
        let (sample, checked) = known.before.sample(promise);
        let mut selection = listing.listed();
        let (mut learnt, mut told) = (Learnt::default(), Told::default());
        let seen = |tag: &Tag| known.before.seen(tag, promise, &sample);
        self.ask_all(repo, &mut selection, seen, &mut learnt, |selection| told.tell(selection, &mut found)).await?;
        let mut look = ImageLook { failures: std::mem::take(&mut learnt.failures), ..ImageLook::default() };
        {
            let mut after = known.after.lock().unwrap_or_else(PoisonError::into_inner);
            after.checked = after.checked.max(checked);
        }
        look.moved = learnt.into_known(&known, promise);
        if let Some(listed) = &listed {
            known.after.lock().unwrap_or_else(PoisonError::into_inner).keep(&listed.tags);
        }
        self.keep_known(repo, &known).await;
        look.outcome = selection.finish();
        Ok(look)
    }

    /// Asks what a selection wants to know until it is done.
    pub(super) async fn ask_all(
        &self,
        repo: &ImageRepo,
        selection: &mut ImageSelection,
        seen: impl Fn(&Tag) -> Seen,
        learnt: &mut Learnt,
        mut tell: impl FnMut(&ImageSelection),
    ) -> Result<(), PortError> {
        let mut open = FuturesUnordered::new();
        let most = self.shared.limits.concurrent_per_look.max(1);
        loop {
            let room = most.saturating_sub(open.len());
            for ask in selection.asks(room, &seen) {
                open.push(async {
                    let answer = self.answer(repo, &ask).await;
                    (ask, answer)
                });
            }
            tell(selection);
            let Some((ask, answer)) = open.next().await else { return Ok(()) };
            match answer {
                Ok(answer) => {
                    if let (Ask::Tag(tag) | Ask::Head(tag), Answer::Pointed(pointed)) = (&ask, &answer) {
                        learnt.digests.push((tag.clone(), pointed.digest.clone()));
                    }
                    take(selection, &ask, answer);
                }
                Err(error) => {
                    match error.class() {
                        PortClass::NotFound => selection.missing(&ask),
                        PortClass::Rejected => {
                            selection.failed(&ask);
                            if let Ask::Tag(tag) = &ask {
                                learnt.unread.push(tag.clone());
                            }
                        }
                        _ => return Err(error),
                    }
                    learnt.failures.push((ask, error));
                }
            }
        }
    }

    async fn answer(&self, repo: &ImageRepo, ask: &Ask) -> Result<Answer, PortError> {
        match ask {
            Ask::Tag(tag) => self.tagged(repo, tag).await.map(Answer::Pointed),
            Ask::Head(tag) => self.head(repo, tag).await.map(Answer::Pointed),
            Ask::Manifest(digest) => self.manifest(repo, digest).await.map(Answer::Manifest),
            Ask::Config(digest) => self.config(repo, digest).await.map(Answer::Config),
        }
    }
}

impl Learnt {
    /// Adds it to what is known of the repository's tags; which of them moved although they were promised not to.
    pub(super) fn into_known(self, known: &Known, promise: Promise) -> Vec<TagMoved> {
        let mut after = known.after.lock().unwrap_or_else(PoisonError::into_inner);
        for tag in &self.unread {
            after.cannot_read(tag);
        }
        let digests = self.digests.into_iter();
        digests.filter_map(|(tag, now)| after.learn(&known.before, tag, now, promise)).collect()
    }
}

fn take(selection: &mut ImageSelection, ask: &Ask, answer: Answer) {
    match (ask, answer) {
        (Ask::Tag(tag) | Ask::Head(tag), Answer::Pointed(pointed)) => {
            if let Some(manifest) = pointed.manifest {
                selection.manifest_is(&pointed.digest, (*manifest).clone());
            }
            selection.tag_is(tag, pointed.digest, pointed.created);
        }
        (Ask::Manifest(digest), Answer::Manifest(manifest)) => selection.manifest_is(digest, (*manifest).clone()),
        (Ask::Config(digest), Answer::Config(config)) => selection.config_is(digest, config),
        // Each question has the answer of its kind: `answer` is a match over the question.
        _ => selection.failed(ask),
    }
}

/// What was told already.
#[derive(Default)]
struct Told {
    settled: usize,
    best: Option<DiscoveredImage>,
}

impl Told {
    fn tell(&mut self, selection: &ImageSelection, found: &mut impl FnMut(Found<'_>)) {
        let settled = selection.settled();
        for image in selection.images().take(settled).skip(self.settled) {
            found(Found::Settled(image));
        }
        self.settled = settled.max(self.settled);
        let best = selection.images().next().filter(|_| settled == 0);
        if let Some(best) = best.filter(|best| self.best.as_ref() != Some(*best)) {
            found(Found::Provisional(best));
            self.best = Some(best.clone());
        }
    }
}
