//! The expressions of tasks: each text is checked once, in the scopes of all who use it (promotion-engine 3).

use std::{collections::BTreeMap, sync::Arc};

use super::{
    aliases::{Earlier, OUTPUTS, TASK_OUTPUTS},
    freight::Requested,
    outcome::Wanted,
    scope::{self, Fields, Missing, Scope, Shape},
    site::{Form, Place, Site, Tools},
    stage::{NO_TARGET, texts},
    variables,
};
use crate::{
    Manifests,
    manifest::Entry,
    model::{
        ClusterPromotionTask, Kind, Path, PromotionStep, PromotionTask, PromotionTaskSpec, TaskKind, TaskReference,
        Variable,
    },
    pipeline::{
        draft::Draft,
        text::{Report, Subject},
    },
};

/// A reference to a task.
pub(super) struct User {
    pub(super) stage: Arc<str>,
    /// How far the Stage is from the Warehouses, so that upstream Stages are named first.
    pub(super) depth: u32,
    /// Whether the Stage has targets.
    pub(super) target: bool,
    pub(super) vars: Arc<Fields>,
    /// Names of the variables that the reference passes.
    pub(super) reference: Vec<String>,
    /// Names of the variables that hold the element of a loop.
    pub(super) element: Vec<String>,
    pub(super) alias: String,
    pub(super) repeated: bool,
    /// What the Stage's steps before it put out.
    pub(super) outputs: Fields,
    pub(super) freight: Arc<Requested>,
}

struct Task<'a> {
    subject: Subject<'a>,
    spec: &'a PromotionTaskSpec,
    users: Vec<User>,
}

/// The tasks of a project and of the cluster.
pub(super) struct Tasks<'a> {
    tasks: BTreeMap<TaskKind, BTreeMap<&'a str, Task<'a>>>,
}

impl<'a> Tasks<'a> {
    /// Those among the documents; of several with one name the first.
    pub(super) fn new(draft: &Draft<'a>, manifests: &'a Manifests) -> Self {
        let mut tasks: BTreeMap<TaskKind, BTreeMap<&str, Task<'_>>> = BTreeMap::new();
        let mut add = |kind, name: &'a str, spec, entry: &'a Entry, object: Kind| {
            let subject = Subject { kind: object, name, entry: Some(entry) };
            tasks.entry(kind).or_default().entry(name).or_insert(Task { subject, spec, users: Vec::new() });
        };
        for (task, entry) in manifests.all::<PromotionTask>() {
            if manifests.project_of(entry.object()) == Some(draft.nouns.project) {
                add(TaskKind::PromotionTask, &task.metadata.name, &task.spec, entry, Kind::PromotionTask);
            }
        }
        for (task, entry) in manifests.all::<ClusterPromotionTask>() {
            add(TaskKind::ClusterPromotionTask, &task.metadata.name, &task.spec, entry, Kind::ClusterPromotionTask);
        }
        Self { tasks }
    }

    fn find(&self, reference: &TaskReference) -> Option<&Task<'a>> {
        self.tasks.get(&reference.kind.unwrap_or_default())?.get(reference.name.as_str())
    }

    /// The inputs of a task, if it is among the documents.
    pub(super) fn inputs(&self, reference: &TaskReference) -> &'a [Variable] {
        self.find(reference).map_or(&[], |task| &task.spec.vars)
    }

    /// Notes a use; answers with the task's steps, if it is among the documents.
    pub(super) fn add_user(&mut self, reference: &TaskReference, user: User) -> Option<&'a [PromotionStep]> {
        let task = self.tasks.get_mut(&reference.kind.unwrap_or_default())?.get_mut(reference.name.as_str())?;
        task.users.push(user);
        Some(&task.spec.steps)
    }

    /// Checks every task in the scopes of its users. A task that nobody here uses is checked for what it is whoever uses it.
    pub(super) fn check(&mut self, tools: &Tools, report: &mut Report) {
        for task in self.tasks.values_mut().flat_map(BTreeMap::values_mut) {
            task.users.sort_by_key(|user| user.depth);
            task.check(tools, report);
        }
    }
}

/// Others than those among the documents may use a task, so that nothing about its users is certain.
const fn unsure(missing: Missing) -> Missing {
    Missing { certain: false, ..missing }
}

impl Task<'_> {
    fn check(&self, tools: &Tools, report: &mut Report) {
        let bases = self.bases();
        let mut own = variables::none();
        for (index, input) in self.spec.vars.iter().enumerate() {
            if let Some(text) = input.value.as_deref().filter(|text| text.contains("${")) {
                // Evaluated in each step, so that it may see outputs of the steps before that one.
                let scopes = scopes(&bases, &own, &Shape::Any, None);
                let path = Path::of(&["spec", "vars"]).index(index).key("value");
                let through = format!("{} {}", self.subject.kind, self.subject.name);
                self.site(path, text, Place::Variable, Wanted::Anything, &scopes, through).check(tools, report);
            }
            variables::add(&mut own, input);
        }
        let mut earlier = Earlier::new(TASK_OUTPUTS);
        for (index, step) in self.spec.steps.iter().enumerate() {
            let path = Path::of(&["spec", "steps"]).index(index);
            let alias = step.effective_alias(index);
            let through = format!("{} {}, step {}", self.subject.kind, self.subject.name, index + 1);
            let mut task = Fields::new(Missing { what: "field", reason: "a task has outputs alone", ..TASK_OUTPUTS });
            task.add("outputs", earlier.outputs());
            let task = task.shape();
            let mut seen = own.clone();
            for (index, variable) in step.vars.iter().enumerate() {
                if let Some(text) = variable.value.as_deref().filter(|text| text.contains("${")) {
                    let scopes = scopes(&bases, &seen, &task, Some((&earlier, &alias)));
                    let path = path.key("vars").index(index).key("value");
                    let site = self.site(path, text, Place::Variable, Wanted::Anything, &scopes, through.clone());
                    site.check(tools, report);
                }
                variables::add(&mut seen, variable);
            }
            let scopes = scopes(&bases, &seen, &task, Some((&earlier, &alias)));
            if let Some(text) = step.if_.as_deref().filter(|text| !text.is_empty()) {
                let site = self.site(path.key("if"), text, Place::Step, Wanted::Truth, &scopes, through.clone());
                site.check(tools, report);
            }
            for (path, text) in texts(step.config.as_ref(), &path.key("config")) {
                self.site(path, text, Place::Step, Wanted::Anything, &scopes, through.clone()).check(tools, report);
            }
            earlier.add(&alias);
        }
    }

    fn site<'s>(
        &'s self,
        path: Path,
        text: &'s str,
        place: Place,
        wanted: Wanted,
        scopes: &'s [Arc<Scope>],
        through: String,
    ) -> Site<'s> {
        let through = Some(through);
        Site { subject: self.subject, path, text, place, form: Form::Template, wanted, scopes, through }
    }

    /// For each user, what does not depend on the step, and the variables below those of the task.
    fn bases(&self) -> Vec<(Scope, Option<Arc<Fields>>)> {
        let base = || Scope::new().with("ctx", scope::context()).with("stepMetas", Shape::Any);
        if self.users.is_empty() {
            let scope = base().with("target", Shape::Any).with("outputs", Shape::Any);
            return vec![(scope, None)];
        }
        let of_user = |user: &User| {
            let target = if user.target { scope::target() } else { Shape::NilHere(NO_TARGET) };
            let mut outputs = user.outputs.clone();
            outputs.missing = unsure(OUTPUTS);
            outputs.open.push(format!("{}{}", user.alias, if user.repeated { "-" } else { "::" }));
            let mut scope = base().with("target", target).with("outputs", outputs.shape());
            scope.freight = Some(Arc::clone(&user.freight));
            scope.user = Some(Arc::clone(&user.stage));
            let mut vars = variables::above(&user.vars);
            for name in user.reference.iter().chain(&user.element) {
                vars.add(name.as_str(), Shape::Any);
            }
            (scope, Some(Arc::new(vars)))
        };
        self.users.iter().map(of_user).collect()
    }
}

fn scopes(
    bases: &[(Scope, Option<Arc<Fields>>)],
    own: &Fields,
    task: &Shape,
    step: Option<(&Earlier, &str)>,
) -> Vec<Arc<Scope>> {
    let of_user = |(base, below): &(Scope, Option<Arc<Fields>>)| {
        let vars = match below {
            Some(below) => Fields { below: Some(Arc::clone(below)), ..own.clone() }.shape(),
            None => Shape::Any,
        };
        let mut scope = base.clone().with("vars", vars).with("task", task.clone());
        match step {
            Some((earlier, alias)) => scope.statuses = Some(earlier.statuses_with(alias)),
            // The variable is evaluated in several steps.
            None => scope.names.extend([("outputs", Shape::Any)]),
        }
        Arc::new(scope)
    };
    bases.iter().map(of_user).collect()
}
