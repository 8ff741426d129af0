//! Whether a pipeline stays one: what taking over definitions would break in the graph (rules 17).

use std::collections::{BTreeMap, BTreeSet};

use super::{Refusal, state::State};
use crate::{
    model::{
        Code, Diagnostic, Diagnostics, FreightRequest, Junction, Noun, Object, OriginKind, Severity, Stage,
        StagePolicy, Warehouse,
    },
    pipeline::{Nouns, Pipeline},
    why::{Answer, Headline, Node, Reason, Why},
    world::{StageView, World},
};

/// What is wrong with a graph that was not wrong with it before.
pub(super) struct Broken {
    errors: Vec<Diagnostic>,
    pub(super) warnings: Diagnostics,
}

impl Broken {
    /// Nothing is taken over of a set with which something would be wrong from then on.
    pub(super) fn refuse(&self) -> Result<(), Refusal> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let nodes = self.errors.iter().map(|error| {
            let object = error.object().map(|object| format!("{object}: ")).unwrap_or_default();
            Node::fails(Reason::Fact { text: format!("{object}{} [{}]", error.message(), error.code()) })
        });
        let text = "apply: nothing was taken over, for the pipeline would be broken".to_owned();
        let why = Why::new(Headline::Text { text: text.clone() }, Answer::No, nodes.collect());
        Err(Refusal::new(text, why))
    }
}

impl State {
    /// What these definitions would break, in all that they concern: the Stages themselves, those behind them, and all that
    /// those take freight from. What was broken before is not held against them.
    pub(super) fn broken_by(&self, changed: &[Object]) -> Broken {
        let after = Definitions::new(&self.world, changed);
        let concerned = after.concerned();
        let mut broken = Broken { errors: Vec::new(), warnings: Diagnostics::new() };
        if concerned.is_empty() {
            return broken;
        }
        let found = after.check(&concerned);
        if found.is_empty() {
            return broken;
        }
        let known = Definitions::new(&self.world, &[]).check(&concerned);
        for diagnostic in found.iter().filter(|new| known.iter().all(|known| known != *new)).cloned() {
            // Freight that nobody brings may still be let through by an approval.
            if diagnostic.severity() == Severity::Error && diagnostic.code() != Code::NeverHolds {
                broken.errors.push(diagnostic);
            } else {
                broken.warnings.push(diagnostic);
            }
        }
        broken
    }
}

/// Definitions as they are, with others in their places.
struct Definitions<'a> {
    world: &'a World,
    warehouses: BTreeMap<&'a str, &'a Warehouse>,
    junctions: BTreeMap<&'a str, &'a Junction>,
    stages: BTreeMap<&'a str, &'a Stage>,
    policies: BTreeMap<&'a str, &'a StagePolicy>,
}

impl<'a> Definitions<'a> {
    fn new(world: &'a World, changed: &'a [Object]) -> Self {
        let junctions = world.junctions().map(|noun| (noun.name(), noun)).collect();
        let (warehouses, stages, policies) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut all = Self { world, warehouses, junctions, stages, policies };
        for object in changed {
            match object {
                Object::Warehouse(noun) => drop(all.warehouses.insert(noun.name(), noun)),
                Object::Junction(noun) => drop(all.junctions.insert(noun.name(), noun)),
                Object::Stage(noun) => drop(all.stages.insert(noun.name(), noun)),
                Object::StagePolicy(noun) => drop(all.policies.insert(noun.name(), noun)),
                _ => {}
            }
        }
        all
    }

    fn warehouse(&self, name: &str) -> Option<&'a Warehouse> {
        self.warehouses.get(name).copied().or_else(|| self.world.warehouse(name).ok())
    }

    fn stage(&self, name: &str) -> Option<&'a Stage> {
        self.stages.get(name).copied().or_else(|| self.world.stage(name).ok().map(StageView::noun))
    }

    fn policy(&self, name: &str) -> Option<&'a StagePolicy> {
        self.policies.get(name).copied().or_else(|| self.world.stage(name).ok().and_then(StageView::policy))
    }

    fn requests(&self, name: &str) -> impl Iterator<Item = &'a FreightRequest> {
        let own = self.stage(name).into_iter().flat_map(|noun| &noun.spec.requested_freight);
        own.chain(self.policy(name).into_iter().flat_map(|noun| &noun.spec.requested_freight))
    }

    /// The names of Stages that a change is about.
    fn concerned(&self) -> BTreeSet<String> {
        let changed: Vec<&str> = self.stages.keys().chain(self.policies.keys()).copied().collect();
        let behind = changed.iter().flat_map(|name| self.world.subscribers_of_stage(name));
        let mut open: Vec<String> = behind.map(ToString::to_string).collect();
        open.extend(changed.iter().map(|name| (*name).to_owned()));
        if !self.junctions.is_empty() {
            // A slot may take freight of whatever has a label: all is concerned.
            open.extend(self.world.stages().map(|stage| stage.name().to_owned()));
        }
        let mut concerned = BTreeSet::new();
        while let Some(name) = open.pop() {
            let upstreams = self.requests(&name).flat_map(|request| &request.sources.stages);
            open.extend(upstreams.map(ToString::to_string).filter(|name| !concerned.contains(name)));
            concerned.insert(name);
        }
        concerned
    }

    /// What is wrong with the graph of these Stages.
    fn check(&self, names: &BTreeSet<String>) -> Diagnostics {
        let stages = names.iter().filter_map(|name| self.stage(name));
        let policies = names.iter().filter_map(|name| self.policy(name));
        let requests = names.iter().flat_map(|name| self.requests(name));
        let of_warehouses = requests.filter(|request| request.origin.kind == OriginKind::Warehouse);
        let mut origins: BTreeSet<&str> = of_warehouses.map(|request| request.origin.name.as_str()).collect();
        if !self.junctions.is_empty() {
            origins.extend(self.world.warehouses().map(Noun::name));
            origins.extend(self.warehouses.keys());
        }
        let warehouses = origins.into_iter().filter_map(|name| self.warehouse(name));
        let nouns = Nouns::new(self.world.project()).stages(stages).stage_policies(policies).warehouses(warehouses);
        let nouns = nouns.junctions(self.junctions.values().copied());
        match Pipeline::from_nouns(&nouns) {
            Ok(pipeline) => pipeline.warnings().clone(),
            Err(found) => found,
        }
    }
}
