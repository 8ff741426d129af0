//! What the project and the cluster configure about Stages, compiled once: promotion policies and windows.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    calendar::{Schedule, Window},
    model::{ClusterConfig, PromotionPolicy, PromotionWindow, Stage},
    select::Selector,
};

/// Promotion policies and windows, ready to be asked. What cannot be read is kept as the reason, for validation does not stop
/// a world from being looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) policies: Vec<(PromotionPolicy, Result<Selector, String>)>,
    pub(super) windows: Vec<Gate>,
    pub(super) cluster_windows: Vec<Gate>,
    /// Where those of the cluster are written.
    pub(super) cluster_config: Option<Arc<ClusterConfig>>,
}

/// A window, and which Stages it concerns.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    stages: Option<Result<Selector, String>>,
    projects: Option<Result<Selector, String>>,
    window: Result<Arc<Window>, UnreadableWindow>,
}

/// The windows that concern a Stage.
#[derive(Clone, Debug)]
pub struct Windows {
    /// Open or closed, and until when.
    pub schedule: Schedule<Arc<Window>>,
    /// Windows that cannot be read. A gate that nobody can read is closed: a freeze with a typing mistake must not let
    /// anything through.
    pub unreadable: Vec<UnreadableWindow>,
}

/// A window that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableWindow {
    /// Its name.
    pub name: String,
    /// Why, and what to write instead.
    pub problem: String,
}

impl Settings {
    pub(super) fn set_policies(&mut self, policies: &[PromotionPolicy]) {
        let compiled = |policy: &PromotionPolicy| {
            (policy.clone(), Selector::new(&policy.stage_selector).map_err(|error| error.to_string()))
        };
        self.policies = policies.iter().map(compiled).collect();
    }

    /// The windows of configs that concern a Stage.
    pub(super) fn gates_of<'a>(&'a self, stage: &'a Stage, project: &'a str) -> impl Iterator<Item = &'a Gate> {
        let of_project = self.windows.iter();
        let of_cluster = self.cluster_windows.iter().filter(move |gate| {
            // Projects have no labels here: theirs are on an object of the cluster.
            covers(gate.projects.as_ref(), project, &BTreeMap::new())
        });
        of_project
            .chain(of_cluster)
            .filter(|gate| covers(gate.stages.as_ref(), &stage.metadata.name, &stage.metadata.labels))
    }
}

impl Gate {
    pub(super) fn new(window: &PromotionWindow) -> Self {
        let selector =
            |selector: Option<&_>| selector.map(|selector| Selector::new(selector).map_err(|error| error.to_string()));
        Self {
            stages: selector(window.stage_selector.as_ref()),
            projects: selector(window.project_selector.as_ref()),
            window: Window::new(window)
                .map(Arc::new)
                .map_err(|error| UnreadableWindow { name: window.name.clone(), problem: error.to_string() }),
        }
    }
}

/// Without a selector everything is covered; one that cannot be read covers everything too, for a gate that nobody can read
/// is better noticed than passed.
fn covers(selector: Option<&Result<Selector, String>>, name: &str, labels: &BTreeMap<String, String>) -> bool {
    match selector {
        None | Some(Err(_)) => true,
        Some(Ok(selector)) => selector.matches(name, labels).unwrap_or(true),
    }
}

impl<'a> FromIterator<&'a Gate> for Windows {
    fn from_iter<I: IntoIterator<Item = &'a Gate>>(gates: I) -> Self {
        let mut windows = Vec::new();
        let mut unreadable = Vec::new();
        for gate in gates {
            match &gate.window {
                Ok(window) => windows.push(Arc::clone(window)),
                Err(unreadable_one) => unreadable.push(unreadable_one.clone()),
            }
        }
        Self { schedule: Schedule::new(windows), unreadable }
    }
}
