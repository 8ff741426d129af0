//! What people decided and what is kept as objects: pauses, rejections, approvals; found by what they are about.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::table::Table;
use crate::model::{Approval, FreightName, Noun, Object, Pause, Rejection, StageName};

/// Decisions of people.
#[derive(Clone, Debug, Default)]
pub(super) struct Decisions {
    pauses: Table<Pause>,
    rejections: Table<Rejection>,
    approvals: Table<Approval>,
    /// Names of rejections by freight.
    rejected: BTreeMap<FreightName, BTreeSet<Arc<str>>>,
    /// Names of approvals by Stage and freight.
    approved: BTreeMap<StageName, BTreeMap<FreightName, BTreeSet<Arc<str>>>>,
}

impl Decisions {
    pub(super) fn put_pause(&mut self, pause: Pause) {
        self.pauses.put(pause);
    }

    pub(super) fn remove_pause(&mut self, name: &str) -> Option<Arc<Pause>> {
        self.pauses.remove(name)
    }

    pub(super) fn put_rejection(&mut self, rejection: Rejection) {
        self.remove_rejection(rejection.name());
        let name = rejection.name().into();
        self.rejected.entry(rejection.spec.freight.clone()).or_default().insert(name);
        self.rejections.put(rejection);
    }

    pub(super) fn remove_rejection(&mut self, name: &str) -> Option<Arc<Rejection>> {
        let rejection = self.rejections.remove(name)?;
        take(&mut self.rejected, &rejection.spec.freight, name);
        Some(rejection)
    }

    pub(super) fn put_approval(&mut self, approval: Approval) {
        self.remove_approval(approval.name());
        let (name, spec) = (approval.name().into(), &approval.spec);
        let of_stage = self.approved.entry(spec.stage.clone()).or_default();
        of_stage.entry(spec.freight.clone()).or_default().insert(name);
        self.approvals.put(approval);
    }

    pub(super) fn remove_approval(&mut self, name: &str) -> Option<Arc<Approval>> {
        let approval = self.approvals.remove(name)?;
        if let Some(of_stage) = self.approved.get_mut(&approval.spec.stage) {
            take(of_stage, &approval.spec.freight, name);
        }
        Some(approval)
    }

    /// All pauses, rejections and approvals, each by name.
    pub(super) fn all(&self) -> impl Iterator<Item = Object> {
        let pauses = self.pauses.iter().cloned().map(Object::from);
        let rejections = self.rejections.iter().cloned().map(Object::from);
        let approvals = self.approvals.iter().cloned().map(Object::from);
        pauses.chain(rejections).chain(approvals)
    }

    pub(super) fn pause(&self, name: &str) -> Option<&Pause> {
        self.pauses.get(name)
    }

    pub(super) fn rejection(&self, name: &str) -> Option<&Rejection> {
        self.rejections.get(name)
    }

    pub(super) fn pauses(&self) -> impl Iterator<Item = &Pause> {
        self.pauses.iter()
    }

    pub(super) fn rejections_of(&self, freight: &str) -> impl Iterator<Item = &Rejection> {
        self.rejected.get(freight).into_iter().flatten().filter_map(|name| self.rejections.get(name))
    }

    /// The freight that approvals are about, for a Stage.
    pub(super) fn approved_for(&self, stage: &str) -> impl Iterator<Item = &FreightName> {
        self.approved.get(stage).into_iter().flat_map(BTreeMap::keys)
    }

    pub(super) fn approvals_of(&self, freight: &str, stage: &str) -> impl Iterator<Item = &Approval> {
        let names = self.approved.get(stage).and_then(|of_stage| of_stage.get(freight));
        names.into_iter().flatten().filter_map(|name| self.approvals.get(name))
    }
}

fn take<K: Ord>(names: &mut BTreeMap<K, BTreeSet<Arc<str>>>, key: &K, name: &str) {
    if let Some(set) = names.get_mut(key) {
        set.remove(name);
        if set.is_empty() {
            names.remove(key);
        }
    }
}
