//! Making forecasts for whole Warehouses, by what the cache knows of each subscription.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Assumption, ChartCost, ChartTarget, Discovery, Expected, Forecast, GitCost, GitTarget, Look, LookError,
    PlannedLook, Promise, Session, SubscriptionForecast, WarehousesForecast,
    count::PortKind,
    forecast::Questions,
    git_memory::recall_all,
    listing::{Listed, Tagged, listed_before},
    prepared::{Prepared, prepare},
    round_forecast::Counted,
};
use crate::{
    model::{Source, Warehouse, WarehousePolicy},
    port::{ImageRepo, PortError},
    select::chart::ChartSource,
};

impl Discovery {
    /// What the next look at these Warehouses in one round ([`Look::warehouses`]) costs at most, by what the cache knows of
    /// their subscriptions. Nobody is asked. As a [`Look`] has it, what two subscriptions ask is counted once.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use kargo_core::{discover::{Discovery, Expected}, model::Warehouse, port::Ports};
    /// use kargo_testkit::fake::VirtualClock;
    ///
    /// let clock = VirtualClock::default();
    /// let discovery = Discovery::new(&Ports::new(Arc::new(clock.clone())));
    /// let cart: Warehouse = serde_json::from_value(serde_json::json!({
    ///     "metadata": { "name": "cart" },
    ///     "spec": { "subscriptions": [
    ///         { "git": { "repoURL": "https://git.corp/cart" } },
    ///         { "git": { "repoURL": "https://git.corp/cart", "branch": "next" } },
    ///     ] },
    /// }))?;
    /// let forecast = clock.run(discovery.forecast_warehouses(&[(&cart, None)], &Expected::default()));
    /// assert_eq!(
    ///     forecast.round.to_string(),
    ///     "2 calls to git.corp (1 handshake, 1 ls-remote, 1 fetch)\n  if no request has to be sent again"
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub async fn forecast_warehouses(
        &self,
        warehouses: &[(&Warehouse, Option<&WarehousePolicy>)],
        expected: &Expected,
    ) -> WarehousesForecast {
        let (mut all, look) = (WarehousesForecast::default(), self.look());
        let mut memo = Memo { look: &look, expected, lists: BTreeMap::new(), images: BTreeMap::new() };
        let projects: BTreeSet<_> = warehouses.iter().map(|(of, _)| of.metadata.namespace.as_deref()).collect();
        let mut told = BTreeSet::new();
        for (index, (warehouse, policy)) in warehouses.iter().enumerate() {
            let name = match warehouse.metadata.namespace.as_deref().filter(|_| projects.len() > 1) {
                Some(project) => format!("{project}/{}", warehouse.metadata.name),
                None => warehouse.metadata.name.to_string(),
            };
            let (mut steady, mut promised, mut planned) = (Counted::default(), Counted::default(), BTreeSet::new());
            let subscriptions = warehouse.spec.subscriptions.iter().zip(prepare(warehouse, *policy));
            for (subscription, (as_written, prepared)) in subscriptions.enumerate() {
                let forecast = memo.foresee(&as_written.source, prepared).await;
                if let Ok((forecast, number)) = &forecast {
                    // Two that are the same ask the same, though nobody may know yet what that is.
                    if number.is_none_or(|number| told.insert(number)) {
                        all.round.add(forecast.clone());
                    }
                    if number.is_none_or(|number| planned.insert(number)) {
                        let mut look = PlannedLook::new(name.as_str(), forecast, warehouse.spec.interval);
                        look.calls = steady.add(forecast, forecast.steady);
                        look.promised = promised.add(forecast, forecast.promised);
                        all.looks.push(look);
                    }
                }
                let forecast = forecast.map(|(forecast, _)| forecast);
                all.subscriptions.push(SubscriptionForecast { warehouse: index, subscription, forecast });
            }
        }
        all
    }
}

/// What was foretold already in one round, so that it is not made twice.
struct Memo<'a> {
    look: &'a Look,
    expected: &'a Expected,
    lists: BTreeMap<ImageRepo, Option<Listed>>,
    /// With a number for each.
    images: BTreeMap<ImageKey, (Forecast, usize)>,
}

/// The repository, all of the subscription, and what is promised.
type ImageKey = (ImageRepo, String, Promise);

impl Memo<'_> {
    /// The forecast, with a number that it shares with all that are the same, for images.
    async fn foresee(
        &mut self,
        source: &Source,
        prepared: Result<Prepared, LookError>,
    ) -> Result<(Forecast, Option<usize>), LookError> {
        match prepared? {
            Prepared::Git(target) => Ok((self.look.foresee_git(&target, self.expected).await, None)),
            Prepared::Chart(target) => Ok((self.look.foresee_chart(&target, self.expected).await, None)),
            Prepared::Image(repo, rules, promise) => {
                let Source::Image(subscription) = source else {
                    return Err(PortError::bug("an image subscription that is none").into());
                };
                let written = serde_json::to_string(subscription).map_err(PortError::bug)?;
                let key = (repo, written, promise);
                if let Some((forecast, number)) = self.images.get(&key) {
                    return Ok((forecast.clone(), Some(*number)));
                }
                let repo = &key.0;
                if rules.needs_listing() && !self.lists.contains_key(repo) {
                    let listed = listed_before(&self.look.shared, &Tagged::Images(repo.clone())).await;
                    self.lists.insert(repo.clone(), listed);
                }
                let listed = self.lists.get(repo).and_then(Option::as_ref);
                let forecast = self.look.foresee_images(repo, &rules, promise, listed, self.expected).await;
                let number = self.images.len();
                self.images.insert(key, (forecast.clone(), number));
                Ok((forecast, Some(number)))
            }
        }
    }
}

impl Look {
    /// One listing of refs, and a fetch where something moved or was never looked at.
    async fn foresee_git(&self, target: &GitTarget, expected: &Expected) -> Forecast {
        let place = self.place(target.repo());
        let account = place.account.clone();
        let memory = recall_all(&*self.shared.cache, &account, std::slice::from_ref(target)).await;
        let seen = memory.contains_key(target.id());
        let session = self.session(PortKind::Git, &account, expected);
        let mut assumptions = usual(session);
        if seen && !expected.pushed {
            assumptions.insert(Assumption::RefsAsBefore);
        }
        let changed = u64::from(!seen || expected.pushed);
        let steady = GitCost { repositories: 1, changed: 0, session: Session::Open }.calls();
        let calls = GitCost { repositories: 1, changed, session }.calls();
        Forecast { account, calls, steady, promised: steady, assumptions, questions: Questions::Git(place) }
    }

    /// An index, or the pages of a list, as many as there were at the last look.
    async fn foresee_chart(&self, target: &ChartTarget, expected: &Expected) -> Forecast {
        let tagged = Tagged::Chart(target.repo().clone());
        let account = tagged.account(&self.shared);
        let session = self.session(PortKind::Charts, &account, expected);
        let mut assumptions = usual(session);
        let pages = match target.rules().source() {
            ChartSource::Index => 1,
            ChartSource::Tags => match listed_before(&self.shared, &tagged).await {
                Some(listed) => {
                    assumptions.insert(Assumption::ListAsBefore);
                    listed.pages
                }
                None => {
                    assumptions.insert(Assumption::ChartPages(expected.pages));
                    expected.pages
                }
            },
        };
        let steady = ChartCost { pages, session: Session::Open }.calls();
        let calls = ChartCost { pages, session }.calls();
        let questions = Questions::Chart(target.repo().clone());
        Forecast { account, calls, steady, promised: steady, assumptions, questions }
    }
}

fn usual(session: Session) -> BTreeSet<Assumption> {
    let lives = (session == Session::Open).then_some(Assumption::SessionLives);
    [Assumption::NoFailures].into_iter().chain(lives).collect()
}
