//! What people decided and what is kept as objects: pauses, rejections, approvals; found by what they are about.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::table::Table;
use crate::model::{Approval, FreightName, Noun, Pause, Rejection, StageName};

/// Decisions of people.
#[derive(Clone, Debug, Default)]
pub(super) struct Decisions {
    pauses: Table<Pause>,
    rejections: Table<Rejection>,
    approvals: Table<Approval>,
    /// Names of rejections by freight.
    rejected: BTreeMap<FreightName, BTreeSet<Arc<str>>>,
    /// Names of approvals by freight and Stage.
    approved: BTreeMap<(FreightName, StageName), BTreeSet<Arc<str>>>,
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
        self.approved.entry((spec.freight.clone(), spec.stage.clone())).or_default().insert(name);
        self.approvals.put(approval);
    }

    pub(super) fn remove_approval(&mut self, name: &str) -> Option<Arc<Approval>> {
        let approval = self.approvals.remove(name)?;
        take(&mut self.approved, &(approval.spec.freight.clone(), approval.spec.stage.clone()), name);
        Some(approval)
    }

    pub(super) fn pauses(&self) -> impl Iterator<Item = &Pause> {
        self.pauses.iter()
    }

    pub(super) fn rejections_of(&self, freight: &str) -> impl Iterator<Item = &Rejection> {
        self.rejected.get(freight).into_iter().flatten().filter_map(|name| self.rejections.get(name))
    }

    pub(super) fn approvals_of(&self, freight: &FreightName, stage: &StageName) -> impl Iterator<Item = &Approval> {
        let names = self.approved.get(&(freight.clone(), stage.clone()));
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
