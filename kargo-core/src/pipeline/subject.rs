//! Checks of objects that name Stages, Warehouses or tasks, beside the graph: whether what they name exists.

use std::collections::BTreeSet;

use super::{
    NodeKind,
    draft::Draft,
    nouns::{NodeNoun, entries_in},
    text::{Report, Subject},
};
use crate::{
    Manifests,
    manifest::Entry,
    model::{Code, Diagnostic, Kind, Noun, Object, Path, TaskKind},
};

/// Reports tasks that are not among the documents (K0208): what a template refers to may be in the cluster (rules 17).
pub(super) fn check_tasks(draft: &Draft<'_>, manifests: &Manifests, report: &mut Report) {
    // A task with mistakes is a task all the same.
    let of = |wanted: Kind, project: Option<&str>| -> BTreeSet<&str> {
        let read = manifests.entries().map(Entry::object).filter(|object| object.kind() == wanted);
        let read = read.filter(|object| manifests.project_of(object) == project).map(Object::name);
        let broken = manifests.broken().filter(|broken| broken.0 == wanted && broken.1 == project);
        read.chain(broken.map(|(_, _, name)| name)).collect()
    };
    let own = of(Kind::PromotionTask, Some(draft.nouns.project));
    let cluster = of(Kind::ClusterPromotionTask, None);

    for item in &draft.nouns.items {
        let NodeNoun::Stage(stage) = item.noun else { continue };
        let steps = stage.spec.promotion_template.iter().flat_map(|template| &template.spec.steps);
        for (index, step) in steps.enumerate() {
            let Some(task) = &step.task else { continue };
            let (kind, known, others) = match task.kind.unwrap_or_default() {
                TaskKind::PromotionTask => ("PromotionTask", &own, &cluster),
                TaskKind::ClusterPromotionTask => ("ClusterPromotionTask", &cluster, &own),
            };
            if known.contains(task.name.as_str()) {
                continue;
            }
            report.warning(|report| {
                let message = format!(
                    "Stage {} uses {kind} {:?}, which is not among the documents",
                    item.name,
                    task.name.as_str()
                );
                let path =
                    Path::of(&["spec", "promotionTemplate", "spec", "steps"]).index(index).key("task").key("name");
                let diagnostic = Diagnostic::warning(Code::UnknownTask, message).by_rule("rules 17");
                let subject = Subject { kind: Kind::Stage, name: item.name, entry: item.entry };
                let diagnostic = subject.mark(diagnostic, path, format!("no such {kind} here"));
                if others.contains(task.name.as_str()) {
                    let other = if kind == "PromotionTask" { "ClusterPromotionTask" } else { "PromotionTask" };
                    return diagnostic.help(format!("there is a {other} of this name: write `kind: {other}`"));
                }
                diagnostic.help(report.known_names(kind, &task.name, known.iter().copied()))
            });
        }
    }
}

/// Reports objects about Stages or Warehouses that are not among the documents (K0209).
pub(super) fn check_subjects(draft: &Draft<'_>, manifests: &Manifests, report: &mut Report) {
    for entry in entries_in(manifests, draft.nouns.project) {
        let mut about = |kind: NodeKind, name: &str, path: &dyn Fn() -> Path| {
            if draft.find(kind, name).is_none() {
                report.warning(|report| unknown_subject(draft, report, entry, kind, name, path()));
            }
        };
        let stage = || Path::of(&["spec", "stage"]);
        let own_name = || Path::of(&["metadata", "name"]);
        match entry.object() {
            Object::StagePolicy(policy) => about(NodeKind::Stage, policy.name(), &own_name),
            Object::WarehousePolicy(policy) => about(NodeKind::Warehouse, policy.name(), &own_name),
            Object::Pause(pause) => {
                if let Some(name) = &pause.spec.stage {
                    about(NodeKind::Stage, name, &stage);
                }
            }
            Object::Rejection(rejection) => {
                for (index, name) in rejection.spec.stages.iter().enumerate() {
                    about(NodeKind::Stage, name, &|| Path::of(&["spec", "stages"]).index(index));
                }
            }
            Object::Approval(approval) => about(NodeKind::Stage, &approval.spec.stage, &stage),
            Object::Promotion(promotion) => about(NodeKind::Stage, &promotion.spec.stage, &stage),
            Object::PromotionRequest(request) => about(NodeKind::Stage, &request.spec.stage, &stage),
            Object::ProjectConfig(config) => {
                let policies = Path::of(&["spec", "promotionPolicies"]);
                for (index, policy) in config.spec.promotion_policies.iter().enumerate() {
                    // With a prefix it is a pattern, which may mean Stages to come.
                    if let Some(name) = policy.stage_selector.name.as_deref().filter(|name| !name.contains(':')) {
                        about(NodeKind::Stage, name, &|| policies.index(index).key("stageSelector").key("name"));
                    }
                }
            }
            _ => {}
        }
    }
}

fn unknown_subject(
    draft: &Draft<'_>,
    report: &mut Report,
    entry: &Entry,
    kind: NodeKind,
    name: &str,
    path: Path,
) -> Diagnostic {
    let object = entry.object();
    let message = format!("{} {} is about {kind} {name:?}, which does not exist", object.kind(), object.name());
    let diagnostic = Diagnostic::warning(Code::UnknownSubject, message).by_rule("rules 11");
    let subject = Subject { kind: object.kind(), name: object.name(), entry: Some(entry) };
    let diagnostic = subject.mark(diagnostic, path, format!("no such {kind}{}", draft.in_project()));
    diagnostic.help(report.known_names(kind.as_str(), name, draft.names(kind)))
}
