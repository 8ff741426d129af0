//! A look at one tag that a webhook told of (requirements A11).

use super::{Look, Promise, TagMoved, image_look::Learnt, window};
use crate::{
    model::{Digest, DiscoveredImage, Tag},
    port::{ImageRepo, PortError},
    select::image::{Ask, ImageRules, Seen, SkippedImage},
};

/// What a look at one tag found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TagLook {
    /// The images, best first, as another look would find them; as they were, if that cannot be told.
    pub window: Vec<DiscoveredImage>,
    /// What the tag changed.
    pub effect: TagEffect,
    /// Why the tag was passed over, if it was.
    pub skipped: Option<SkippedImage>,
    /// Why documents could not be read, beside each question.
    pub failures: Vec<(Ask, PortError)>,
    /// The tag moved although it was promised not to.
    pub moved: Option<TagMoved>,
}

/// What a tag changed about the candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TagEffect {
    /// The rules do not let it through: nothing was asked.
    NotWanted,
    /// Nothing.
    Unchanged,
    /// The window has changed.
    Changed,
    /// It left a place in a full window, and which image comes next only a whole look can tell.
    NeedsLook,
}

impl Look {
    /// Looks at one tag, as a webhook tells of it, and puts what it points at into the images of the last look at this
    /// subscription. Nothing is listed. A new plain image costs two requests, a known tag one, a tag that the rules do not
    /// let through none; what indexes cost is said by [`ImageCost`](super::ImageCost).
    ///
    /// What is told again, or late, changes nothing: the registry says what the tag is now. A known tag is asked for even if
    /// it is promised not to move, since somebody says that it did.
    ///
    /// # Errors
    ///
    /// Of a question that could not be asked.
    pub async fn image_tag(
        &self,
        repo: &ImageRepo,
        rules: &ImageRules,
        promise: Promise,
        tag: &Tag,
        window: Vec<DiscoveredImage>,
    ) -> Result<TagLook, PortError> {
        if !rules.allows(tag) {
            let effect = TagEffect::NotWanted;
            return Ok(TagLook { window, effect, skipped: None, failures: Vec::new(), moved: None });
        }
        let known = self.known(repo).await;
        let seen = |tag: &Tag| match known.before.digests.get(tag) {
            Some(digest) => Seen::Before(digest.clone()),
            None if known.before.unread.contains(tag) => Seen::Before(Digest::default()),
            None => Seen::Never,
        };
        let (mut learnt, mut listing) = (Learnt::default(), rules.listing());
        listing.offer([tag.clone()]);
        let mut selection = listing.listed();
        self.ask_all(repo, &mut selection, seen, &mut learnt, |_| {}).await?;
        let failures = std::mem::take(&mut learnt.failures);
        let moved = learnt.into_known(&known, promise).into_iter().next();
        self.keep_known(repo, &known).await;
        let outcome = selection.finish();
        let (window, effect) = window::put(rules, window, tag, outcome.images.into_iter().next());
        Ok(TagLook { window, effect, skipped: outcome.skipped.into_iter().next(), failures, moved })
    }
}
