//! The images that one subscription selects.

use std::sync::{Arc, PoisonError};

use futures::stream::{FuturesUnordered, StreamExt as _};

use super::{Look, Promise, TagMoved, look::Pointed};
use crate::{
    model::DiscoveredImage,
    port::{ImageRepo, PortClass, PortError},
    select::image::{Ask, Config, ImageOutcome, ImageRules, ImageSelection, Manifest},
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

enum Answer {
    Pointed(Pointed),
    Manifest(Arc<Manifest>),
    Config(Config),
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
        let mut listing = rules.listing();
        let listed = if rules.needs_listing() { Some(self.list(repo).await?) } else { None };
        if let Some(tags) = &listed {
            listing.offer(tags.iter().cloned());
        }
        let known = self.known(repo).await;
        let before = &known.before;
        let (sample, checked) = before.sample(promise);
        let mut selection = listing.listed();
        let (mut look, mut told, mut learnt) = (ImageLook::default(), 0, Vec::new());
        let mut open = FuturesUnordered::new();
        let most = self.shared.limits.concurrent_per_look.max(1);
        loop {
            let room = most.saturating_sub(open.len());
            for ask in selection.asks(room, |tag| before.seen(tag, promise, &sample)) {
                open.push(async {
                    let answer = self.answer(repo, &ask).await;
                    (ask, answer)
                });
            }
            tell(&selection, &mut told, &mut found);
            let Some((ask, answer)) = open.next().await else { break };
            match answer {
                Ok(answer) => {
                    if let (Ask::Tag(tag) | Ask::Head(tag), Answer::Pointed(pointed)) = (&ask, &answer) {
                        learnt.push((tag.clone(), pointed.digest.clone()));
                    }
                    take(&mut selection, &ask, answer);
                }
                Err(error) => match error.class() {
                    PortClass::NotFound => {
                        selection.missing(&ask);
                        look.failures.push((ask, error));
                    }
                    PortClass::Rejected => {
                        selection.failed(&ask);
                        look.failures.push((ask, error));
                    }
                    _ => return Err(error),
                },
            }
        }
        tell(&selection, &mut told, &mut found);
        {
            let mut after = known.after.lock().unwrap_or_else(PoisonError::into_inner);
            after.checked = after.checked.max(checked);
            for (tag, now) in learnt {
                if let Some(was) = before.digests.get(&tag).filter(|was| **was != now)
                    && promise != Promise::None
                {
                    after.broken = true;
                    look.moved.push(TagMoved { tag: tag.clone(), was: was.clone(), now: now.clone() });
                }
                after.digests.insert(tag, now);
            }
            if let Some(tags) = &listed {
                after.digests.retain(|tag, _| tags.contains(tag));
            }
        }
        self.keep_known(repo, &known).await;
        look.outcome = selection.finish();
        Ok(look)
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

fn tell(selection: &ImageSelection, told: &mut usize, found: &mut impl FnMut(&DiscoveredImage)) {
    let settled = selection.settled();
    for image in selection.images().take(settled).skip(*told) {
        found(image);
    }
    *told = settled.max(*told);
}
