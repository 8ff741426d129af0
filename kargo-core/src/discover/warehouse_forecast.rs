//! What looks at whole Warehouses will cost.

use super::{Forecast, LookError, PlannedLook, RoundForecast};

/// What a round over whole Warehouses costs at most.
///
/// See [`Discovery::forecast_warehouses`](super::Discovery::forecast_warehouses).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct WarehousesForecast {
    /// The whole round, by account: what several subscriptions ask is counted once.
    pub round: RoundForecast,
    /// Each subscription as if it were alone, in the order of the Warehouses and of their specs.
    pub subscriptions: Vec<SubscriptionForecast>,
    /// What the Warehouses will ask again and again, each at its interval: for [`check_load`](super::check_load). What several
    /// subscriptions of one Warehouse ask is counted once; Warehouses come at times of their own.
    pub looks: Vec<PlannedLook>,
}

/// What a look at one subscription of a Warehouse costs at most.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SubscriptionForecast {
    /// The Warehouse, by its index among those that were asked for.
    pub warehouse: usize,
    /// The subscription, by its index in the spec.
    pub subscription: usize,
    /// The forecast, or why nothing will be looked for.
    pub forecast: Result<Forecast, LookError>,
}

impl WarehousesForecast {
    /// What a subscription costs, by the index of its Warehouse and its own; `None` where it cannot be looked at, or is not there.
    #[must_use]
    pub fn forecast(&self, warehouse: usize, subscription: usize) -> Option<&Forecast> {
        let mut all = self.subscriptions.iter();
        all.find(|of| (of.warehouse, of.subscription) == (warehouse, subscription))?.forecast.as_ref().ok()
    }

    /// The subscriptions that cannot be looked at: the index of the Warehouse, that in its spec, and why.
    pub fn errors(&self) -> impl Iterator<Item = (usize, usize, &LookError)> {
        self.subscriptions.iter().filter_map(|of| Some((of.warehouse, of.subscription, of.forecast.as_ref().err()?)))
    }
}
