//! Freight that a Warehouse makes by itself of what was discovered (discovery 1.5, 1.6, 1.9; rules 9).

use super::{
    alias,
    clash::clashes,
    clauses::Clauses,
    criteria::{CreationCriteria, CriteriaError},
    decision::{Combination, Created, Decision, Idle},
    lookup::Found,
    stock::Stock,
    window::Window,
};
use crate::{
    freight::search::{self, DEFAULT_BUDGET},
    model::{
        DiscoveredArtifacts, Freight, FreightCreationPolicy, FreightIntent, ObjectMeta, Origin, Timestamp, Warehouse,
        WarehousePolicySpec,
    },
};

/// How a Warehouse makes freight: read once, decided any number of times.
///
/// ```
/// use kargo_core::freight::creation::{Creation, Decision};
/// use kargo_core::model::{DiscoveredArtifacts, Freight, ObjectMeta, Warehouse};
///
/// let warehouse = Warehouse { metadata: ObjectMeta::named("cart").in_project("shop"), ..Warehouse::default() };
/// let creation = Creation::new(&warehouse, None);
/// let found: DiscoveredArtifacts = serde_json::from_value(serde_json::json!({"images": [
///     {"repoURL": "ghcr.io/acme/cart", "references": [{"tag": "1.4.2", "digest": "sha256:abc"}]},
/// ]}))?;
/// let mut there: Vec<Freight> = Vec::new();
/// let Decision::Create(created) = creation.decide(Some(&found), &there, b"seed", Default::default()) else {
///     panic!("new freight");
/// };
/// there.push(created.freight);
/// let again = creation.decide(Some(&found), &there, b"seed", Default::default());
/// assert_eq!(again.to_string(), format!("no freight: {} is made of the same artifacts", there[0].metadata.name));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Creation {
    origin: Origin,
    project: Option<String>,
    policy: FreightCreationPolicy,
    criteria: Result<CreationCriteria, CriteriaError>,
    /// The budget, if combinations are searched.
    search: Option<u64>,
    intent: FreightIntent,
}

impl Creation {
    /// For a Warehouse, with what its WarehousePolicy adds.
    #[must_use]
    pub fn new(warehouse: &Warehouse, policy: Option<&WarehousePolicySpec>) -> Self {
        let spec = &warehouse.spec;
        let join = policy.and_then(|policy| policy.join.as_ref());
        Self {
            origin: Origin::warehouse(warehouse.metadata.name.as_str()),
            project: warehouse.metadata.namespace.clone(),
            policy: spec.freight_creation_policy,
            criteria: CreationCriteria::compile(spec.freight_creation_criteria.as_ref()),
            search: join.map(|join| join.budget.unwrap_or(DEFAULT_BUDGET)),
            intent: policy.map_or(FreightIntent::Auto, |policy| policy.intent.discovered),
        }
    }

    /// Decides what comes of a discovery, in the reference's order: what is missing, whether people decide, the criteria, and
    /// whether the freight exists.
    ///
    /// With a join search the newest combination that meets the criteria is taken (rules 9), else the newest of each or
    /// none. The same discovery with its freight in `stock` gives [`Idle::Exists`], and nothing new (law 2). `bits` decide,
    /// with the freight's id, its alias; `now` becomes its time of discovery.
    #[must_use]
    pub fn decide(
        &self,
        found: Option<&DiscoveredArtifacts>,
        stock: &(impl Stock + ?Sized),
        bits: &[u8],
        now: Timestamp,
    ) -> Decision {
        match self.freight(found, stock, bits, now) {
            Ok(created) => Decision::Create(Box::new(created)),
            Err(idle) => Decision::Idle(idle),
        }
    }

    fn freight(
        &self,
        found: Option<&DiscoveredArtifacts>,
        stock: &(impl Stock + ?Sized),
        bits: &[u8],
        now: Timestamp,
    ) -> Result<Created, Idle> {
        let found = found.ok_or(Idle::MissingArtifacts)?;
        let prepared = Found::new(found);
        validate(&prepared.windows)?;
        if self.policy == FreightCreationPolicy::Manual {
            return Err(Idle::Manual);
        }
        let combination = self.combination(found, &prepared, now)?;
        let mut freight = Freight {
            metadata: ObjectMeta { namespace: self.project.clone(), ..ObjectMeta::default() },
            discovered_at: Some(now),
            origin: self.origin.clone(),
            ..Freight::default()
        };
        for (window, rank) in prepared.windows.iter().zip(&combination.ranks) {
            match (window.artifact(*rank), window) {
                (Some(artifact), _) => artifact.add_to(&mut freight),
                (None, Window::Others(result)) => {
                    return Err(Idle::NoReferences { subscription: result.subscription_name.clone() });
                }
                // The others are not empty: that was checked.
                (None, _) => return Err(Idle::MissingArtifacts),
            }
        }
        alias::intend(&mut freight, self.intent);
        let id = alias::name(&mut freight, stock, bits);
        if stock.has(&id) {
            return Err(Idle::Exists { id, combination });
        }
        Ok(Created { freight, combination })
    }

    /// The candidates to take.
    fn combination(
        &self,
        found: &DiscoveredArtifacts,
        prepared: &Found<'_>,
        now: Timestamp,
    ) -> Result<Combination, Idle> {
        let newest = Combination { ranks: vec![0; prepared.windows.len()], ..Combination::default() };
        let criteria = match &self.criteria {
            Ok(criteria) if criteria.applies_to(found) => criteria,
            Ok(_) => return Ok(newest),
            // Where criteria are not asked, it does not matter that they cannot be read.
            Err(_) if found.git.is_empty() && found.images.is_empty() && found.charts.is_empty() => return Ok(newest),
            Err(error) => return Err(Idle::Criteria(error.clone())),
        };
        let outcome = criteria.run(prepared, &newest.ranks, now);
        if outcome == Ok(true) {
            return Ok(newest);
        }
        let clauses = Clauses::new(criteria, prepared, now);
        let Some(budget) = self.search else {
            return Err(match outcome {
                Err(error) => Idle::Criteria(error),
                Ok(_) => {
                    let conflicts = search::unmet(&clauses, DEFAULT_BUDGET);
                    let clashes = clashes(&clauses, &conflicts, &newest.ranks);
                    Idle::CriteriaNotMet { searched: false, cut_off: false, clashes }
                }
            });
        };
        let searched = search::search(&clauses, budget);
        let base = searched.choice.as_deref().unwrap_or(&newest.ranks);
        let clashes = clashes(&clauses, &searched.conflicts, base);
        let Some(ranks) = searched.choice else {
            return Err(match outcome {
                Err(error) => Idle::Criteria(error),
                Ok(_) => Idle::CriteriaNotMet { searched: true, cut_off: searched.cut_off, clashes },
            });
        };
        // The clauses were asked one by one; the whole has the last word.
        match criteria.run(prepared, &ranks, now) {
            Ok(true) => {
                Ok(Combination { ranks, cut_off: searched.cut_off, evaluations: searched.evaluations, clashes })
            }
            Ok(false) => Err(Idle::CriteriaNotMet { searched: true, cut_off: searched.cut_off, clashes }),
            Err(error) => Err(Idle::Criteria(error)),
        }
    }
}

/// Whether each result has something, in the order of discovery 1.6. Of other kinds only freight's making tells.
fn validate(windows: &[Window<'_>]) -> Result<(), Idle> {
    if windows.is_empty() {
        return Err(Idle::MissingArtifacts);
    }
    match windows.iter().find(|window| window.is_empty() && !matches!(window, Window::Others(_))) {
        Some(Window::Commits(result)) => Err(Idle::NoCommits { repo_url: result.repo_url.clone() }),
        Some(Window::Images(result)) => Err(Idle::NoImages { repo_url: result.repo_url.clone() }),
        Some(Window::Charts(result)) => {
            Err(Idle::NoChartVersions { repo_url: result.repo_url.clone(), name: result.name.clone() })
        }
        _ => Ok(()),
    }
}
