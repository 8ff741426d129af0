//! Finding nouns by name. An unknown name is an answer, with the nearest known one.

use super::{Age, FreightView, Mark, PromotionView, StageView, World, keyed::Ask};
use crate::{
    model::{
        Approval, ClusterPromotionTask, FreightName, FreightRef, Junction, Kind, Location, NoSuch, Object, Origin,
        Path, Pause, ProjectConfig, ProjectName, PromotionTask, PromotionTaskSpec, Rejection, StageName, Target,
        TaskKind, Warehouse, WarehousePolicy,
    },
    report::StepSpecs,
};

impl World {
    /// The project.
    #[must_use]
    pub fn project(&self) -> &ProjectName {
        &self.project
    }

    /// A Stage.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub fn stage(&self, name: impl AsRef<str>) -> Result<StageView<'_>, NoSuch> {
        self.stages.find("Stage", name.as_ref()).map(|noun| StageView::new(self, noun))
    }

    /// A Warehouse.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub fn warehouse(&self, name: impl AsRef<str>) -> Result<&Warehouse, NoSuch> {
        self.warehouses.find("Warehouse", name.as_ref())
    }

    /// What is added to a Warehouse, if anything is (rules 11).
    #[must_use]
    pub fn warehouse_policy(&self, name: &str) -> Option<&WarehousePolicy> {
        self.warehouse_policies.get(name)
    }

    /// An object as it was taken over, to be compared with another; none of kinds whose status is kept apart.
    #[must_use]
    pub fn definition(&self, kind: Kind, name: &str) -> Option<Object> {
        Some(match kind {
            Kind::Warehouse => self.warehouses.get(name)?.clone().into(),
            Kind::WarehousePolicy => self.warehouse_policies.get(name)?.clone().into(),
            Kind::Junction => self.junctions.get(name)?.clone().into(),
            Kind::Stage => self.stages.get(name)?.clone().into(),
            Kind::StagePolicy => self.stage_policies.get(name)?.clone().into(),
            Kind::PromotionTask => self.tasks.get(name)?.clone().into(),
            Kind::ClusterPromotionTask => self.cluster_tasks.get(name)?.clone().into(),
            Kind::Target => self.targets.get(name)?.clone().into(),
            Kind::Project => (**self.project_noun.as_ref()?).clone().into(),
            Kind::ProjectConfig => (**self.project_config.as_ref()?).clone().into(),
            Kind::ClusterConfig => (**self.settings.cluster_config.as_ref()?).clone().into(),
            _ => return None,
        })
    }

    /// A Junction.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub fn junction(&self, name: impl AsRef<str>) -> Result<&Junction, NoSuch> {
        self.junctions.find("Junction", name.as_ref())
    }

    /// The Junctions, by name.
    pub fn junctions(&self) -> impl Iterator<Item = &Junction> {
        self.junctions.iter()
    }

    /// Freight by its alias, its id, or the beginning of its id (7 digits or more) if no other begins so.
    ///
    /// # Errors
    ///
    /// There is none, or which one is meant is not certain.
    pub fn freight(&self, reference: impl Into<FreightRef>) -> Result<FreightView<'_>, NoSuch> {
        let reference = reference.into();
        let called: Vec<&str> = self.aliases.of(&Ask::of(reference.as_str())).map(AsRef::as_ref).collect();
        let meant = match called.as_slice() {
            [_] => called,
            _ if self.freight.get(&reference).is_some() => vec![reference.as_str()],
            [] if reference.may_be_id() => self.freight.names_beginning_with(&reference).collect(),
            _ => called,
        };
        match meant.as_slice() {
            [] => {
                let all = self.freight.iter();
                let known = all.flat_map(|entry| entry.alias.as_deref().into_iter().chain([&*entry.reference.name]));
                Err(NoSuch::new("Freight", &reference, known))
            }
            [name] => self.freight_named(name).ok_or_else(|| NoSuch::new("Freight", &reference, [])),
            several => Err(NoSuch::ambiguous("Freight", &reference, several.iter().copied())),
        }
    }

    /// Whether any freight goes by this alias.
    #[must_use]
    pub fn has_freight_called(&self, alias: &str) -> bool {
        self.aliases.of(&Ask::of(alias)).next().is_some()
    }

    /// Freight by its name alone, which is its id.
    #[must_use]
    pub fn freight_named(&self, name: &str) -> Option<FreightView<'_>> {
        self.freight.get(name).map(|noun| FreightView::new(self, noun))
    }

    /// A promotion.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub fn promotion(&self, name: impl AsRef<str>) -> Result<PromotionView<'_>, NoSuch> {
        self.promotions.find("Promotion", name.as_ref()).map(|noun| PromotionView::new(self, noun))
    }

    /// A Target.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub fn target(&self, name: impl AsRef<str>) -> Result<&Target, NoSuch> {
        self.targets.find("Target", name.as_ref())
    }

    /// A task of the project.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub fn task(&self, name: impl AsRef<str>) -> Result<&PromotionTask, NoSuch> {
        self.tasks.find("PromotionTask", name.as_ref())
    }

    /// A task of the cluster.
    ///
    /// # Errors
    ///
    /// There is none of that name.
    pub fn cluster_task(&self, name: impl AsRef<str>) -> Result<&ClusterPromotionTask, NoSuch> {
        self.cluster_tasks.find("ClusterPromotionTask", name.as_ref())
    }

    /// Inputs and steps of a task of either kind.
    ///
    /// # Errors
    ///
    /// There is none of that kind and name.
    pub fn task_spec(&self, kind: TaskKind, name: impl AsRef<str>) -> Result<&PromotionTaskSpec, NoSuch> {
        match kind {
            TaskKind::PromotionTask => self.task(name).map(|task| &task.spec),
            TaskKind::ClusterPromotionTask => self.cluster_task(name).map(|task| &task.spec),
        }
    }

    /// The names of the tasks of a kind, in order.
    #[must_use]
    pub fn task_names(&self, kind: TaskKind) -> Vec<&str> {
        match kind {
            TaskKind::PromotionTask => self.tasks.iter().map(|task| task.metadata.name.as_str()).collect(),
            TaskKind::ClusterPromotionTask => {
                self.cluster_tasks.iter().map(|task| task.metadata.name.as_str()).collect()
            }
        }
    }

    /// The project's configuration, if it has one.
    #[must_use]
    pub fn project_config(&self) -> Option<&ProjectConfig> {
        self.project_config.as_deref()
    }

    /// The step kinds that are known.
    #[must_use]
    pub fn step_specs(&self) -> &StepSpecs {
        &self.step_specs
    }

    /// The Stages, by name.
    pub fn stages(&self) -> impl Iterator<Item = StageView<'_>> {
        self.stages.iter().map(|noun| StageView::new(self, noun))
    }

    /// The Warehouses, by name.
    pub fn warehouses(&self) -> impl Iterator<Item = &Warehouse> {
        self.warehouses.iter()
    }

    /// All freight, by name.
    pub fn all_freight(&self) -> impl Iterator<Item = FreightView<'_>> {
        self.freight.iter().map(|noun| FreightView::new(self, noun))
    }

    /// The promotions, by name.
    pub fn promotions(&self) -> impl Iterator<Item = PromotionView<'_>> {
        self.promotions.iter().map(|noun| PromotionView::new(self, noun))
    }

    /// The freight of an origin, newest first; only what is older than `below`, if given.
    pub fn freight_of<'w>(
        &'w self,
        origin: &Origin,
        below: Option<&Age>,
    ) -> impl DoubleEndedIterator<Item = FreightView<'w>> + use<'w> {
        self.orders.of_origin(origin, below).filter_map(|age| self.freight_named(&age.name))
    }

    /// The freight of an origin that has a mark of a Stage, newest first; only what is older than `below`, if given.
    pub fn freight_marked<'w>(
        &'w self,
        mark: Mark,
        stage: &StageName,
        origin: &Origin,
        below: Option<&Age>,
    ) -> impl DoubleEndedIterator<Item = FreightView<'w>> + use<'w> {
        self.orders.marked(mark, stage, origin, below).filter_map(|age| self.freight_named(&age.name))
    }

    /// The oldest freight of an origin that says of itself that it is in a Stage.
    #[must_use]
    pub fn oldest_held(&self, origin: &Origin) -> Option<FreightView<'_>> {
        self.freight_marked(Mark::Held, &StageName::default(), origin, None).next_back()
    }

    /// The promotions of a piece of freight that have not ended, wherever they go.
    pub fn open_promotions_of(&self, freight: &str) -> impl Iterator<Item = PromotionView<'_>> {
        self.queues.wanting(freight).filter_map(|turn| self.promotion(&*turn.promotion).ok())
    }

    /// The Stages that request freight of an origin, by name.
    pub fn subscribers_of_origin(&self, origin: &Origin) -> impl Iterator<Item = &StageName> {
        self.subscribers.of_origin(origin)
    }

    /// The Stages that take freight from a Stage, by name.
    pub fn subscribers_of_stage(&self, stage: &str) -> impl Iterator<Item = &StageName> {
        self.subscribers.of_stage(stage)
    }

    /// The pauses, by name.
    pub fn pauses(&self) -> impl Iterator<Item = &Pause> {
        self.decisions.pauses()
    }

    /// A pause.
    #[must_use]
    pub fn pause(&self, name: &str) -> Option<&Pause> {
        self.decisions.pause(name)
    }

    /// A rejection.
    #[must_use]
    pub fn rejection(&self, name: &str) -> Option<&Rejection> {
        self.decisions.rejection(name)
    }

    /// The names of all freight that a Stage has anything to do with.
    #[must_use]
    pub fn freight_seen_by(&self, stage: &StageName) -> Vec<FreightName> {
        self.orders.seen_by(stage)
    }

    /// The rejections of a piece of freight, by name.
    pub fn rejections_of(&self, freight: &str) -> impl Iterator<Item = &Rejection> {
        self.decisions.rejections_of(freight)
    }

    /// Approvals of a piece of freight for a Stage that say who and why, by name.
    pub fn approvals_of(&self, freight: &str, stage: &str) -> impl Iterator<Item = &Approval> {
        self.decisions.approvals_of(freight, stage)
    }

    /// The freight that approvals are about, for a Stage, by name.
    pub fn approved_for(&self, stage: &str) -> impl Iterator<Item = FreightView<'_>> {
        self.decisions.approved_for(stage).filter_map(|name| self.freight_named(name))
    }

    /// Whether the clock may be wrong (rules 5).
    #[must_use]
    pub fn is_clock_suspect(&self) -> bool {
        self.clock_suspect
    }

    /// Where a part of an object stands in the text it was read from.
    #[must_use]
    pub fn locate(&self, kind: Kind, name: &str, path: &Path) -> Option<Location> {
        self.written.get(&(kind, name.into())).map(|written| written.locate(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Freight, ObjectMeta};

    fn freight(name: &str, alias: Option<&str>) -> Freight {
        Freight { metadata: ObjectMeta::named(name), alias: alias.map(str::to_owned), ..Freight::default() }
    }

    #[test]
    fn user_code_2_freight_by_alias_by_id_and_by_the_beginning_of_its_id() {
        let (a, b) = ("84d9a0d81714243ecd236c670da11c7259af9059", "84d9a0dffff4243ecd236c670da11c7259af9059");
        let mut world = World::new("shop");
        world.put(freight(a, Some("modest-marlin")));
        world.put(freight(b, Some("84d9a0d")));
        for (reference, found) in [("modest-marlin", a), (a, a), ("84d9a0d8", a), ("84d9a0df", b), ("84d9a0d", b)] {
            assert_eq!(world.freight(reference).unwrap().name(), found, "{reference}");
        }
        let missing = world.freight("modest-merlin").unwrap_err();
        assert_eq!(missing.to_string(), "there is no Freight \"modest-merlin\"; did you mean \"modest-marlin\"?");

        // A new alias takes the place of the old one; what is ambiguous is not guessed.
        world.put(freight(b, None));
        let uncertain =
            |of: &str| format!("which Freight {of:?} is meant is not certain: {a} or {b}; write its full name");
        assert_eq!(world.freight("84d9a0d").unwrap_err().to_string(), uncertain("84d9a0d"));
        world.put(freight(b, Some("modest-marlin")));
        assert_eq!(world.freight("modest-marlin").unwrap_err().to_string(), uncertain("modest-marlin"));
        assert_eq!(world.freight(b).unwrap().name(), b);

        // No alias is none, not one that is empty.
        world.put(freight(b, Some("")));
        assert_eq!(world.freight("modest-marlin").unwrap().name(), a);
        assert_eq!(world.freight("").unwrap_err().to_string(), "there is no Freight \"\"");
    }
}
