//! Making a forecast: the selection runs on what the cache knows, and what it would ask beyond is counted.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Assumption, Calls, Candidates, Discovery, Expected, Forecast, ImageCost, ImageDemand, ImageShape, Look, Promise,
    RegistryTraits, Session,
    count::PortKind,
    forecast::{Candidate, Questions},
    listing::{Listed, Tagged, listed_before},
};
use crate::{
    model::{Digest, Tag},
    port::{Account, ImageRepo, PortError},
    select::image::{Ask, ImageRules, ImageSelection, Manifest, Seen},
};

impl Discovery {
    /// What the next look at this subscription costs at most, by what the cache knows. Nobody is asked.
    ///
    /// It prints as `3 calls to ghcr.io (1 list, 1 manifest, 1 blob)` with the assumptions below; add several to a
    /// [`RoundForecast`](super::RoundForecast).
    pub async fn forecast_images(
        &self,
        repo: &ImageRepo,
        rules: &ImageRules,
        promise: Promise,
        expected: &Expected,
    ) -> Forecast {
        let look = self.look();
        let listed =
            if rules.needs_listing() { listed_before(&look.shared, &Tagged::Images(repo.clone())).await } else { None };
        look.foresee_images(repo, rules, promise, listed.as_ref(), expected).await
    }
}

impl Look {
    /// What this look costs at most, by the tag list as it is now: the list is asked for, and the look will not ask for it
    /// again. What it cost is in the forecast.
    ///
    /// # Errors
    ///
    /// Of the listing.
    pub async fn forecast_images(
        &self,
        repo: &ImageRepo,
        rules: &ImageRules,
        promise: Promise,
        expected: &Expected,
    ) -> Result<Forecast, PortError> {
        let session = self.image_session(repo, expected);
        if !rules.needs_listing() {
            return Ok(self.foresee(repo, rules, promise, Some(&Listed::default()), session, expected).await);
        }
        let listed = self.list(repo).await?;
        Ok(self.foresee(repo, rules, promise, Some(&listed), session, expected).await)
    }

    /// By the list of tags as it was at the last look, if it is known.
    pub(super) async fn foresee_images(
        &self,
        repo: &ImageRepo,
        rules: &ImageRules,
        promise: Promise,
        before: Option<&Listed>,
        expected: &Expected,
    ) -> Forecast {
        let session = self.image_session(repo, expected);
        if !rules.needs_listing() {
            return self.foresee(repo, rules, promise, Some(&Listed::default()), session, expected).await;
        }
        let mut forecast = self.foresee(repo, rules, promise, before, session, expected).await;
        if before.is_some() {
            forecast.assumptions.insert(Assumption::ListAsBefore);
        }
        forecast
    }

    /// What the session of a registry will be like.
    fn image_session(&self, repo: &ImageRepo, expected: &Expected) -> Session {
        if expected.repository_logins && !self.shared.answered.contains(repo) {
            return Session::New;
        }
        self.session(PortKind::Images, &self.account(repo), expected)
    }

    /// What the session of a port on an account will be like.
    pub(super) fn session(&self, port: PortKind, account: &Account, expected: &Expected) -> Session {
        match self.shared.sessions.is_open(port, account) {
            false => Session::New,
            true if expected.session_ends => Session::Expired,
            true => Session::Open,
        }
    }

    async fn foresee(
        &self,
        repo: &ImageRepo,
        rules: &ImageRules,
        promise: Promise,
        listed: Option<&Listed>,
        session: Session,
        expected: &Expected,
    ) -> Forecast {
        let (account, demand) = (self.account(repo), ImageDemand::of(rules));
        let mut assumptions: BTreeSet<_> = [Assumption::NoFailures].into();
        if session == Session::Open {
            assumptions.insert(Assumption::SessionLives);
        }
        let (left, moved) = (expected.passed_over, expected.moved);
        let mut rehearsal = Rehearsal { look: self, repo, tags: BTreeMap::new(), shape: None, left, moved };
        let (tags, mut counts) = match listed {
            Some(listed) => {
                rehearsal.run(rules, promise, listed).await;
                let counts = Candidate::count(rehearsal.tags.values());
                (Some(std::mem::take(&mut rehearsal.tags)), counts)
            }
            None => {
                let (tags, pages) = (expected.tags, expected.pages);
                assumptions.insert(Assumption::TagList { tags, pages });
                let wanted =
                    if demand.all { tags } else { tags.min(demand.limit.saturating_add(expected.passed_over)) };
                (None, Candidates { fresh: wanted, ..Candidates::default() })
            }
        };
        let shape = expected.shape.or(rehearsal.shape).unwrap_or(ImageShape::Plain { dated: false });
        let moved = rehearsal.moved.min(counts.known);
        if counts.known > 0 || rehearsal.moved < expected.moved {
            assumptions.insert(Assumption::Moved(expected.moved));
        }
        counts.known -= moved;
        counts.stale = counts.stale.saturating_add(moved);
        let by_tag = expected.by_tag && self.shared.gives_tagged(&account);
        let tells_dates = expected.tells_dates;
        if counts.fresh > 0 || counts.stale > 0 {
            assumptions.insert(Assumption::Shape(shape));
            if by_tag {
                assumptions.insert(Assumption::ByTag);
            }
            if tells_dates {
                assumptions.insert(Assumption::HeadTellsDates);
            }
            if demand.lists && !demand.all {
                assumptions.insert(Assumption::PassedOver(expected.passed_over));
            }
        }
        let pages = listed.map_or(expected.pages, |listed| listed.pages);
        let registry = RegistryTraits { pages, by_tag, tells_dates, hops: expected.hops, shape, session };
        let cost = ImageCost::new(demand.clone(), registry, counts);
        let promised = cost.clone().warm(u64::MAX).calls();
        let steady = match promise {
            Promise::None => cost.clone().warm(0).calls(),
            Promise::Immutable { sample } => Calls { head: u64::from(sample), ..promised },
        };
        let questions = Questions::Images { repo: repo.clone(), has_login: expected.repository_logins, demand, tags };
        Forecast { account, calls: cost.calls(), steady, promised, assumptions, questions }
    }
}

/// A selection that is answered from the cache alone.
struct Rehearsal<'a> {
    look: &'a Look,
    repo: &'a ImageRepo,
    tags: BTreeMap<Tag, Candidate>,
    /// The most expensive shape among the images that are known.
    shape: Option<ImageShape>,
    /// How many more candidates are taken to be of no use.
    left: u64,
    /// How many more known tags are taken to have moved.
    moved: u64,
}

impl Rehearsal<'_> {
    async fn run(&mut self, rules: &ImageRules, promise: Promise, listed: &Listed) {
        let known = self.look.known(self.repo).await;
        let before = &known.before;
        let (sample, _) = before.sample(promise);
        let mut listing = rules.listing();
        listing.offer(listed.tags.iter().cloned());
        let mut selection = listing.listed();
        // One at a time, so that a question about a document belongs to the tag before it.
        let mut last: Option<Tag> = None;
        loop {
            let mut begun = None;
            let asks = selection.asks(1, |tag| {
                let seen = before.seen(tag, promise, &sample);
                if let Seen::Fixed(_) = &seen {
                    begun = Some(tag.clone());
                }
                seen
            });
            let Some(ask) = asks.into_iter().next() else { return };
            match &ask {
                Ask::Tag(tag) => {
                    self.tags.insert(tag.clone(), Candidate::Fresh);
                    self.unknown(&mut selection, &ask);
                }
                Ask::Head(tag) => {
                    last = Some(tag.clone());
                    match before.digests.get(tag) {
                        // What would be of use may have moved to something that is not, so that the next is begun, too.
                        Some(digest)
                            if self.moved > 0 && self.left > 0 && self.is_of_use(&selection, tag, digest).await =>
                        {
                            self.moved -= 1;
                            self.tags.insert(tag.clone(), Candidate::Stale);
                            self.unknown(&mut selection, &ask);
                        }
                        Some(digest) => {
                            self.tags.insert(tag.clone(), Candidate::Known);
                            selection.tag_is(tag, digest.clone(), None);
                        }
                        None => {
                            let unread = before.unread.contains(tag);
                            self.tags.insert(tag.clone(), if unread { Candidate::Stale } else { Candidate::Fresh });
                            self.unknown(&mut selection, &ask);
                        }
                    }
                }
                Ask::Manifest(_) | Ask::Config(_) => {
                    last = begun.or(last);
                    self.document(&mut selection, &ask, last.as_ref()).await;
                }
            }
        }
    }

    /// What cannot be known stays open, or is taken to be of no use, so that the next is begun, too.
    fn unknown(&mut self, selection: &mut ImageSelection, ask: &Ask) {
        if self.left > 0 {
            self.left -= 1;
            selection.missing(ask);
        }
    }

    async fn document(&mut self, selection: &mut ImageSelection, ask: &Ask, tag: Option<&Tag>) {
        let mut shape = self.shape;
        let is_known = self.answer(selection, ask, &mut shape).await;
        self.shape = shape;
        if !is_known {
            if let Some(tag) = tag {
                self.tags.insert(tag.clone(), Candidate::Stale);
            }
            self.unknown(selection, ask);
        }
    }

    /// Answers a question about a document from the cache; whether that knows it. The dearest shape stays.
    async fn answer(&self, selection: &mut ImageSelection, ask: &Ask, shape: &mut Option<ImageShape>) -> bool {
        let cached = match ask {
            Ask::Manifest(digest) => {
                let cached = self.look.cached_manifest(self.repo, digest).await;
                cached.map(|known| {
                    known.map(|manifest| {
                        *shape = (*shape).into_iter().chain(shape_of(&manifest)).max_by_key(ImageShape::price);
                        selection.manifest_is(digest, manifest);
                    })
                })
            }
            Ask::Config(digest) => {
                let cached = self.look.cached_config(self.repo, digest).await;
                cached.map(|known| known.map(|config| selection.config_is(digest, config)))
            }
            Ask::Tag(_) | Ask::Head(_) => None,
        };
        if let Some(Err(_)) = &cached {
            selection.failed(ask);
        }
        cached.is_some()
    }

    /// Whether a tag is selected, by what the cache knows, if it still points at this digest.
    async fn is_of_use(&self, selection: &ImageSelection, tag: &Tag, digest: &Digest) -> bool {
        let mut probe = selection.clone();
        probe.tag_is(tag, digest.clone(), None);
        // Questions about its documents come before the next tag.
        while let Some(ask) = probe.asks(1, |_| Seen::Never).into_iter().next() {
            if !self.answer(&mut probe, &ask, &mut None).await {
                break;
            }
        }
        probe.images().any(|image| image.tag == *tag)
    }
}

fn shape_of(manifest: &Manifest) -> Option<ImageShape> {
    let dated = manifest.tells_date();
    match manifest {
        Manifest::Image { .. } => Some(ImageShape::Plain { dated }),
        Manifest::Index { entries, .. } => {
            let platforms = entries.iter().filter(|entry| entry.image_platform().is_some()).count() as u64;
            Some(ImageShape::Index { platforms, dated })
        }
        Manifest::Other { .. } => None,
    }
}
