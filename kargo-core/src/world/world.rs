//! The world of one project: what there is, and how it gets in and out.

use std::sync::Arc;

use super::{
    decisions::Decisions,
    freight_entry::{FreightEntry, FreightState},
    keyed::{Ask, KeyedIndex, KeyedMap},
    order::{Orders, marks},
    place::{Itself, Place, PlaceState},
    queue::{Queues, Standing},
    settings::{Gate, Settings},
    shared::Map,
    stage_view::StageView,
    subscribers::Subscribers,
    table::Table,
};
use crate::{
    Manifests,
    manifest::Written,
    model::{
        ClusterPromotionTask, Diagnostics, DiscoveredArtifacts, Freight, FreightName, FreightRequest, Junction, Kind,
        Noun as _, Object, Project, ProjectConfig, ProjectName, Promotion, PromotionName, PromotionTask, Stage,
        StageName, StagePolicy, StageStatus, Target, Warehouse, WarehouseName, WarehousePolicy, label,
    },
    pipeline::Nouns,
    report::StepSpecs,
};

/// The nouns of one project with their status: what decisions read.
///
/// ```
/// use kargo_core::{Manifests, World};
///
/// let manifests = Manifests::parse("shop.yaml", "
/// apiVersion: kargo.akuity.io/v1alpha1
/// kind: Stage
/// metadata: { name: prod, namespace: shop }
/// spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }] }
/// ").unwrap();
/// let world = World::from_manifests(&manifests)?;
/// assert!(world.stage("prod").is_ok());
/// assert_eq!(world.stage("prdo").unwrap_err().to_string(), "there is no Stage \"prdo\"; did you mean \"prod\"?");
/// # Ok::<(), kargo_core::Diagnostics>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct World {
    pub(super) project: ProjectName,
    pub(super) warehouses: Table<Warehouse, WarehouseName>,
    pub(super) warehouse_policies: Table<WarehousePolicy>,
    pub(super) junctions: Table<Junction>,
    pub(super) stages: Table<Stage, StageName>,
    pub(super) stage_policies: Table<StagePolicy, StageName>,
    /// The windows of StagePolicies that have any.
    pub(super) own_windows: Map<StageName, Arc<[Gate]>>,
    pub(super) places: KeyedMap<Place, Arc<PlaceState>>,
    pub(super) freight: Table<FreightEntry, FreightName>,
    pub(super) orders: Orders,
    pub(super) promotions: Table<Promotion, PromotionName>,
    pub(super) queues: Queues,
    pub(super) tasks: Table<PromotionTask>,
    pub(super) cluster_tasks: Table<ClusterPromotionTask>,
    pub(super) targets: Table<Target>,
    /// Kept to be read back; no decision reads it.
    pub(super) project_noun: Option<Arc<Project>>,
    pub(super) project_config: Option<Arc<ProjectConfig>>,
    pub(super) settings: Arc<Settings>,
    pub(super) decisions: Decisions,
    pub(super) subscribers: Subscribers,
    /// Names of freight by alias; two may have the same for a while.
    pub(super) aliases: KeyedIndex<Box<str>, FreightName>,
    pub(super) step_specs: Arc<StepSpecs>,
    /// Where objects were read.
    pub(super) written: Map<(Kind, Box<str>), Written>,
    pub(super) clock_suspect: bool,
}

impl World {
    /// An empty world of a project, in which the built-in step kinds are known.
    #[must_use]
    pub fn new(project: impl Into<ProjectName>) -> Self {
        Self { project: project.into(), step_specs: Arc::new(StepSpecs::built_in()), ..Self::default() }
    }

    /// The world of the only project of some manifests.
    ///
    /// # Errors
    ///
    /// K0210 if the manifests are of several projects.
    pub fn from_manifests(manifests: &Manifests) -> Result<Self, Diagnostics> {
        Ok(Self::of_project(manifests, Nouns::only_project(manifests)?))
    }

    /// The world of one of the projects of some manifests, cluster-scoped objects included.
    #[must_use]
    pub fn of_project(manifests: &Manifests, project: &str) -> Self {
        let mut world = Self::new(project);
        for entry in manifests.entries() {
            if manifests.project_of(entry.object()).is_none_or(|of| of == project) {
                world.put(entry.object().clone());
                if let Some(written) = entry.written() {
                    world.written.insert((entry.object().kind(), entry.object().name().into()), written.clone());
                }
            }
        }
        world
    }

    /// Puts a noun in, in the place of the one of its kind and name, with its status. Whose project it says it is of is not
    /// asked; nouns of kinds that no decision reads are left out.
    pub fn put(&mut self, object: impl Into<Object>) {
        let object = object.into();
        self.forget_written(object.kind(), object.name());
        match object {
            Object::Warehouse(noun) => self.warehouses.put(*noun),
            Object::WarehousePolicy(noun) => self.warehouse_policies.put(*noun),
            Object::Junction(noun) => self.junctions.put(*noun),
            Object::Stage(noun) => drop(self.put_stage(*noun)),
            Object::StagePolicy(noun) => self.put_stage_policy(*noun),
            Object::Freight(noun) => self.put_freight(*noun),
            Object::Promotion(noun) => self.put_promotion(*noun, 0),
            Object::PromotionTask(noun) => self.tasks.put(*noun),
            Object::ClusterPromotionTask(noun) => self.cluster_tasks.put(*noun),
            Object::Target(noun) => self.targets.put(*noun),
            Object::Project(noun) => self.project_noun = Some(Arc::new(*noun)),
            Object::ProjectConfig(noun) => {
                let settings = Arc::make_mut(&mut self.settings);
                settings.set_policies(&noun.spec.promotion_policies);
                settings.windows = noun.spec.promotion_windows.iter().map(Gate::new).collect();
                self.project_config = Some(Arc::new(*noun));
            }
            Object::ClusterConfig(noun) => {
                let settings = Arc::make_mut(&mut self.settings);
                settings.cluster_windows = noun.spec.promotion_windows.iter().map(Gate::new).collect();
                settings.cluster_config = Some(Arc::new(*noun));
            }
            Object::Pause(noun) => self.decisions.put_pause(*noun),
            Object::Rejection(noun) => self.decisions.put_rejection(*noun),
            Object::Approval(noun) => self.decisions.put_approval(*noun),
            _ => {}
        }
    }

    /// Takes over a definition: like [`put`](Self::put), but what a Stage's status says is ignored, and what is there stays.
    pub fn define(&mut self, object: impl Into<Object>) {
        let mut stage = match object.into() {
            Object::Stage(stage) => stage,
            Object::Warehouse(mut warehouse) => {
                warehouse.status =
                    self.warehouses.get(warehouse.name()).map(|known| known.status.clone()).unwrap_or_default();
                return self.warehouses.put(*warehouse);
            }
            other => return self.put(other),
        };
        let state = self.places.get(&Ask::of(&Itself(stage.name()))).cloned().unwrap_or_default();
        stage.status = StageStatus::default();
        let place = self.put_stage(*stage);
        self.places.insert(place.into(), state);
    }

    /// Takes a noun out. Of a Stage, what is there goes with it.
    pub fn remove(&mut self, kind: Kind, name: &str) {
        self.forget_written(kind, name);
        match kind {
            Kind::Warehouse => drop(self.warehouses.remove(name)),
            Kind::WarehousePolicy => drop(self.warehouse_policies.remove(name)),
            Kind::Junction => drop(self.junctions.remove(name)),
            Kind::Stage => self.remove_stage(name),
            Kind::StagePolicy => self.remove_stage_policy(name),
            Kind::Freight => self.remove_freight(name),
            Kind::Promotion => drop(self.remove_promotion(name)),
            Kind::PromotionTask => drop(self.tasks.remove(name)),
            Kind::ClusterPromotionTask => drop(self.cluster_tasks.remove(name)),
            Kind::Target => drop(self.targets.remove(name)),
            Kind::Project => self.project_noun = None,
            Kind::ProjectConfig => {
                let settings = Arc::make_mut(&mut self.settings);
                (settings.policies, settings.windows) = (Vec::new(), Vec::new());
                self.project_config = None;
            }
            Kind::ClusterConfig => {
                let settings = Arc::make_mut(&mut self.settings);
                (settings.cluster_windows, settings.cluster_config) = (Vec::new(), None);
            }
            Kind::Pause => drop(self.decisions.remove_pause(name)),
            Kind::Rejection => drop(self.decisions.remove_rejection(name)),
            Kind::Approval => drop(self.decisions.remove_approval(name)),
            _ => {}
        }
    }

    /// A Warehouse has these artifacts to choose from now. Says whether there is such a Warehouse.
    pub fn set_discovered(&mut self, warehouse: &str, artifacts: DiscoveredArtifacts) -> bool {
        let known = self.warehouses.get_mut(warehouse);
        known.map(|warehouse| warehouse.status.discovered_artifacts = Some(artifacts)).is_some()
    }

    /// Puts a promotion in, as the `number`th that was made; 0 if nobody counts, or if it keeps its number.
    pub fn put_promotion(&mut self, promotion: Promotion, number: u64) {
        match self.promotions.get(promotion.name()) {
            Some(known) if number == 0 && Standing::of(known) == Standing::of(&promotion) => {}
            known => {
                if let Some(known) = known {
                    self.queues.remove(known);
                }
                self.queues.insert(&promotion, number);
            }
        }
        self.promotions.put(promotion);
    }

    /// Changes a promotion, and the queues it stands in. Of one that does not exist nothing changes.
    pub fn edit_promotion(&mut self, name: &str, edit: impl FnOnce(&mut Promotion)) {
        let Some(promotion) = self.promotions.get_mut(name) else { return };
        let before = Standing::of(promotion);
        edit(promotion);
        if Standing::of(promotion) != before {
            self.queues.move_from(&before, promotion);
        }
    }

    /// Takes a promotion out.
    pub fn remove_promotion(&mut self, name: &str) -> Option<Arc<Promotion>> {
        let promotion = self.promotions.remove(name)?;
        self.queues.forget(&promotion);
        Some(promotion)
    }

    /// Changes what is in a place. Of a place that does not exist nothing changes.
    pub fn edit_place(&mut self, place: &Place, edit: impl FnOnce(&mut PlaceState)) {
        if self.stages.get(&place.stage).is_some() {
            edit(Arc::make_mut(self.places.entry(place.clone().into()).or_default()));
        }
    }

    /// Changes what happens to a piece of freight, and the orders it is found by. Of freight that does not exist nothing
    /// changes.
    pub fn edit_freight(&mut self, name: &FreightName, edit: impl FnOnce(&mut FreightState)) {
        let Some(entry) = self.freight.get_mut(name) else { return };
        let before = marks(&entry.state.visits);
        edit(&mut entry.state);
        self.orders.change(&entry.age(), &entry.reference.origin, &before, &entry.state.visits);
    }

    /// Gives freight another alias, or none.
    pub fn set_alias(&mut self, name: &FreightName, alias: Option<String>) {
        let Some(entry) = self.freight.get(name) else { return };
        // Kargo's status does not say all that is known of freight.
        let known = entry.state.clone();
        let mut freight = Freight { status: known.to_status(), ..entry.to_noun(&self.project) };
        match &alias {
            Some(alias) => freight.metadata.labels.insert(label::ALIAS.to_owned(), alias.clone()),
            None => freight.metadata.labels.remove(label::ALIAS),
        };
        freight.alias = alias;
        self.put_freight(freight);
        self.edit_freight(name, |state| *state = known);
    }

    /// Says whether the clock may be wrong: then nothing that waits for an instant goes on (rules 5).
    pub fn set_clock_suspect(&mut self, suspect: bool) {
        self.clock_suspect = suspect;
    }

    /// With these step kinds instead of the built-in ones.
    #[must_use]
    pub fn with_step_specs(mut self, specs: StepSpecs) -> Self {
        self.step_specs = Arc::new(specs);
        self
    }

    /// Puts freight in, in the place of what has its name, with its status.
    pub(crate) fn put_freight(&mut self, freight: Freight) {
        self.remove_freight(freight.name());
        let entry = FreightEntry::new(freight, &self.project);
        let age = entry.age();
        if let Some(alias) = entry.alias.as_deref().filter(|alias| !alias.is_empty()) {
            self.aliases.insert(Box::<str>::from(alias).into(), age.name.clone());
        }
        self.orders.insert(&age, &entry.reference.origin, &entry.state.visits);
        self.freight.put_as(age.name, entry);
    }

    fn forget_written(&mut self, kind: Kind, name: &str) {
        if !self.written.is_empty() {
            self.written.remove(&(kind, Box::from(name)));
        }
    }

    fn remove_freight(&mut self, name: &str) {
        let Some(known) = self.freight.remove(name) else { return };
        let age = known.age();
        self.orders.remove(&age, &known.reference.origin, &known.state.visits);
        if let Some(alias) = &known.alias {
            self.aliases.remove(&Ask::of(&**alias), &age.name);
        }
    }

    /// Puts a Stage in, and says which place it is. All that speaks of it shares its name.
    fn put_stage(&mut self, stage: Stage) -> Place {
        let name = self.stages.name(stage.name()).cloned().unwrap_or_else(|| stage.name().into());
        let place = Place::stage(&name);
        self.places.insert(place.clone().into(), Arc::new(PlaceState::from(&stage.status)));
        self.unsubscribe(&name);
        self.stages.put_as(name.clone(), stage);
        self.subscribe(&name);
        place
    }

    fn remove_stage(&mut self, name: &str) {
        self.unsubscribe(name);
        if self.stages.remove(name).is_some() {
            let there = self.places.range(Ask::of(&Itself(name))..).map(|(place, _)| place.key());
            let there: Vec<Place> = there.take_while(|place| place.stage == *name).cloned().collect();
            for place in there {
                self.places.remove(&Ask::of(&place));
            }
        }
    }

    fn put_stage_policy(&mut self, policy: StagePolicy) {
        let name = policy.name().to_owned();
        self.unsubscribe(&name);
        self.own_windows.remove(name.as_str());
        if !policy.spec.windows.is_empty() {
            self.own_windows.insert(name.as_str().into(), policy.spec.windows.iter().map(Gate::new).collect());
        }
        self.stage_policies.put(policy);
        self.subscribe(&name);
    }

    fn remove_stage_policy(&mut self, name: &str) {
        self.unsubscribe(name);
        self.own_windows.remove(name);
        self.stage_policies.remove(name);
        self.subscribe(name);
    }

    /// Notes what a Stage takes freight from.
    fn subscribe(&mut self, stage: &str) {
        let requests = self.requests_of(stage);
        if let Some(name) = self.stages.name(stage) {
            self.subscribers.insert(name, &requests);
        }
    }

    fn unsubscribe(&mut self, stage: &str) {
        let requests = self.requests_of(stage);
        if let Some(name) = self.stages.name(stage) {
            self.subscribers.remove(name, &requests);
        }
    }

    /// What a Stage requests. One that does not exist requests nothing, and no nearest name is looked for.
    fn requests_of(&self, stage: &str) -> Vec<FreightRequest> {
        let noun = self.stages.get(stage);
        noun.map(|noun| StageView::new(self, noun).requests().cloned().collect()).unwrap_or_default()
    }

    /// The number of a promotion among those that were counted.
    #[must_use]
    pub fn promotion_number(&self, name: &PromotionName) -> u64 {
        self.queues.number(name)
    }
}
