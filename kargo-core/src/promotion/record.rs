//! A run without its plan, as snapshots and checkpoints hold it: the plan stands in the promotion.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    machine::Phase,
    outputs::Outputs,
    plan::Plan,
    run::{RareOfRun, Run, StepRecord},
};
use crate::{
    expr::Value,
    model::{FreightCollection, Timestamp, skip::is_default},
    report::Checkouts,
};

/// What is known of a run, without its plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunRecord {
    phase: Phase,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    steps: Vec<StepRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<(Arc<str>, Value)>,
    first_open: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    collection: Option<Box<FreightCollection>>,
    begun: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    checkouts: Checkouts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rare: Option<Box<RareOfRun>>,
}

impl Run {
    /// What is known of it, without its plan.
    #[must_use]
    pub fn to_record(&self) -> RunRecord {
        RunRecord {
            phase: self.phase,
            message: self.message.clone(),
            started_at: self.started_at,
            finished_at: self.finished_at,
            steps: self.steps.to_vec(),
            outputs: self.outputs.iter().map(|(alias, output)| (Arc::clone(alias), output.clone())).collect(),
            first_open: self.first_open,
            collection: self.collection.as_deref().cloned().map(Box::new),
            begun: self.begun,
            checkouts: (*self.checkouts).clone(),
            rare: self.rare.clone(),
        }
    }
}

impl RunRecord {
    /// The run of this plan; none if the plan has another number of steps.
    #[must_use]
    pub fn into_run(self, plan: Arc<Plan>) -> Option<Run> {
        if plan.steps().len() != self.steps.len() {
            return None;
        }
        let mut outputs = Outputs::default();
        for (alias, output) in self.outputs {
            outputs.insert(&alias, output);
        }
        Some(Run {
            phase: self.phase,
            message: self.message,
            started_at: self.started_at,
            finished_at: self.finished_at,
            steps: self.steps.into(),
            outputs,
            first_open: self.first_open,
            collection: self.collection.map(|collection| Arc::new(*collection)),
            begun: self.begun,
            checkouts: Arc::new(self.checkouts),
            rare: self.rare,
            plan,
        })
    }
}
