//! What people decided and what is kept as objects: pauses, rejections, approvals; found by what they are about.

use std::sync::Arc;

use super::{shared::Index, table::Table};
use crate::model::{Approval, FreightName, Noun, Object, Pause, Rejection, StageName};

/// Decisions of people.
#[derive(Clone, Debug, Default)]
pub(super) struct Decisions {
    pauses: Table<Pause>,
    rejections: Table<Rejection>,
    approvals: Table<Approval>,
    /// Names of rejections by freight.
    rejected: Index<FreightName, Arc<str>>,
    /// Freight and names of approvals by Stage.
    approved: Index<StageName, (FreightName, Arc<str>)>,
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
        self.rejected.insert(rejection.spec.freight.clone(), name);
        self.rejections.put(rejection);
    }

    pub(super) fn remove_rejection(&mut self, name: &str) -> Option<Arc<Rejection>> {
        let rejection = self.rejections.remove(name)?;
        self.rejected.remove(&rejection.spec.freight, &name.into());
        Some(rejection)
    }

    pub(super) fn put_approval(&mut self, approval: Approval) {
        self.remove_approval(approval.name());
        let (name, spec) = (approval.name().into(), &approval.spec);
        self.approved.insert(spec.stage.clone(), (spec.freight.clone(), name));
        self.approvals.put(approval);
    }

    pub(super) fn remove_approval(&mut self, name: &str) -> Option<Arc<Approval>> {
        let approval = self.approvals.remove(name)?;
        self.approved.remove(&approval.spec.stage, &(approval.spec.freight.clone(), name.into()));
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
        self.rejected.of(freight).filter_map(|name| self.rejections.get(name))
    }

    /// The freight that approvals are about, for a Stage, each once.
    pub(super) fn approved_for(&self, stage: &str) -> impl Iterator<Item = &FreightName> {
        let mut last = None;
        let names = self.approved.of(stage).map(|(freight, _)| freight);
        names.filter(move |freight| last.replace(*freight) != Some(*freight))
    }

    pub(super) fn approvals_of(&self, freight: &str, stage: &str) -> impl Iterator<Item = &Approval> {
        let first = (FreightName::from(freight), Arc::from(""));
        let names = self.approved.from(stage, &first).take_while(move |(of, _)| *of == first.0);
        names.filter_map(|(_, name)| self.approvals.get(name))
    }
}
