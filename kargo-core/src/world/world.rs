//! The world of one project: what there is, and how it gets in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::table::Table;
use crate::{
    Manifests,
    model::{
        ClusterPromotionTask, Diagnostics, Freight, FreightName, Junction, Object, ProjectConfig, ProjectName,
        Promotion, PromotionTask, Stage, StagePolicy, Target, Warehouse,
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
    pub(super) warehouses: Table<Warehouse>,
    pub(super) junctions: Table<Junction>,
    pub(super) stages: Table<Stage>,
    pub(super) stage_policies: Table<StagePolicy>,
    pub(super) freight: Table<Freight>,
    pub(super) promotions: Table<Promotion>,
    pub(super) tasks: Table<PromotionTask>,
    pub(super) cluster_tasks: Table<ClusterPromotionTask>,
    pub(super) targets: Table<Target>,
    pub(super) project_config: Option<Arc<ProjectConfig>>,
    /// Names of freight by alias; two may have the same for a while.
    pub(super) aliases: BTreeMap<String, BTreeSet<FreightName>>,
    pub(super) step_specs: Arc<StepSpecs>,
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
            }
        }
        world
    }

    /// Puts a noun in, in the place of the one of its kind and name. Whose project it says it is of is not asked; nouns of
    /// kinds that no decision reads are left out.
    pub fn put(&mut self, object: impl Into<Object>) {
        match object.into() {
            Object::Warehouse(noun) => self.warehouses.put(*noun),
            Object::Junction(noun) => self.junctions.put(*noun),
            Object::Stage(noun) => self.stages.put(*noun),
            Object::StagePolicy(noun) => self.stage_policies.put(*noun),
            Object::Freight(noun) => self.put_freight(*noun),
            Object::Promotion(noun) => self.promotions.put(*noun),
            Object::PromotionTask(noun) => self.tasks.put(*noun),
            Object::ClusterPromotionTask(noun) => self.cluster_tasks.put(*noun),
            Object::Target(noun) => self.targets.put(*noun),
            Object::ProjectConfig(noun) => self.project_config = Some(Arc::new(*noun)),
            _ => {}
        }
    }

    /// Takes a promotion out.
    pub fn remove_promotion(&mut self, name: &str) -> Option<Arc<Promotion>> {
        self.promotions.remove(name)
    }

    /// With these step kinds instead of the built-in ones.
    #[must_use]
    pub fn with_step_specs(mut self, specs: StepSpecs) -> Self {
        self.step_specs = Arc::new(specs);
        self
    }

    fn put_freight(&mut self, freight: Freight) {
        let name = FreightName::from(freight.metadata.name.as_str());
        if let Some(alias) = self.freight.get(&name).and_then(|known| known.alias.clone())
            && let Some(names) = self.aliases.get_mut(&alias)
        {
            names.remove(&name);
            if names.is_empty() {
                self.aliases.remove(&alias);
            }
        }
        if let Some(alias) = &freight.alias {
            self.aliases.entry(alias.clone()).or_default().insert(name);
        }
        self.freight.put(freight);
    }
}
