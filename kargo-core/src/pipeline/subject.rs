//! Checks of objects that name Stages, Warehouses or tasks, beside the graph: whether what they name exists.

use std::collections::BTreeSet;

use super::{
    NodeKind,
    draft::Draft,
    nouns::NodeNoun,
    text::{Report, Subject},
};
use crate::{
    Manifests,
    manifest::Entry,
    model::{Code, Diagnostic, Kind, Noun, Object, Path, PromotionRequest, TaskKind},
};

/// Reports tasks that are not among the documents (K0208): what a template refers to may be in the cluster (rules 17).
pub(super) fn check_tasks(draft: &Draft<'_>, manifests: &Manifests, report: &mut Report) {
    let read = |wanted: Kind| manifests.entries().map(Entry::object).filter(move |object| object.kind() == wanted);
    // A task with mistakes is a task all the same.
    let broken = |wanted: Kind, project: Option<&str>| {
        let broken = manifests.broken().filter(|broken| broken.0 == wanted && broken.1 == project);
        broken.map(|(_, _, name)| name).collect::<Vec<_>>()
    };
    let project = Some(draft.nouns.project);
    let own = read(Kind::PromotionTask).filter(|task| manifests.project_of(task) == project).map(Object::name);
    let own: BTreeSet<&str> = own.chain(broken(Kind::PromotionTask, project)).collect();
    let cluster = read(Kind::ClusterPromotionTask).map(Object::name);
    let cluster: BTreeSet<&str> = cluster.chain(broken(Kind::ClusterPromotionTask, None)).collect();

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
pub(super) fn check_subjects(draft: &Draft<'_>, report: &mut Report) {
    let targets: BTreeSet<&str> = draft
        .nouns
        .others
        .iter()
        .filter(|entry| entry.object().kind() == Kind::Target)
        .map(|entry| entry.object().name())
        .collect();
    for &entry in &draft.nouns.others {
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
            Object::PromotionRequest(request) => {
                about(NodeKind::Stage, &request.spec.stage, &stage);
                check_targets(draft, entry, request, &targets, report);
            }
            Object::ProjectConfig(config) => {
                let policies = Path::of(&["spec", "promotionPolicies"]);
                for (index, policy) in config.spec.promotion_policies.iter().enumerate() {
                    // With a prefix it is a pattern: see `policy`.
                    if let Some(name) = policy.stage_selector.name.as_deref().filter(|name| !name.contains(':')) {
                        about(NodeKind::Stage, name, &|| policies.index(index).key("stageSelector").key("name"));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Reports Targets of a request that are not among the documents (resources 17.9); they may be in the cluster (rules 17).
fn check_targets(
    draft: &Draft<'_>,
    entry: &Entry,
    request: &PromotionRequest,
    known: &BTreeSet<&str>,
    report: &mut Report,
) {
    for (index, target) in request.spec.targets.iter().enumerate() {
        if known.contains(&*target.name) {
            continue;
        }
        report.warning(|report| {
            let message = format!(
                "PromotionRequest {} is for Target {:?}, which is not among the documents",
                request.metadata.name, &*target.name
            );
            let diagnostic = Diagnostic::warning(Code::UnknownSubject, message).by_rule("resources 17.9");
            let subject = Subject { kind: Kind::PromotionRequest, name: &request.metadata.name, entry: Some(entry) };
            let path = Path::of(&["spec", "targets"]).index(index).key("name");
            let diagnostic = subject.mark(diagnostic, path, format!("no such Target{}", draft.in_project()));
            diagnostic.help(report.known_names("Target", &target.name, known.iter().copied()))
        });
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

#[cfg(test)]
mod tests {
    use crate::{
        model::{
            Approval, ClusterPromotionTask, ObjectMeta, Pause, PolicySelector, ProjectConfig, Promotion,
            PromotionPolicy, PromotionRequest, PromotionStep, PromotionTask, Rejection, Target, TargetReference,
            TaskKind, TaskReference, WarehousePolicy,
        },
        pipeline::sample::{Shop, meta},
    };

    fn shop() -> Shop {
        Shop::new().warehouse("cart").stage("uat", &[("cart", "direct")])
    }

    fn task(name: &str, kind: Option<TaskKind>) -> PromotionStep {
        PromotionStep { task: Some(TaskReference { name: name.into(), kind }), ..PromotionStep::default() }
    }

    #[test]
    fn k0208_a_task_that_is_not_among_the_documents() {
        let ship = PromotionTask { metadata: meta("ship"), ..PromotionTask::default() };
        let roll = ClusterPromotionTask { metadata: ObjectMeta::named("roll"), ..ClusterPromotionTask::default() };
        let cluster = Some(TaskKind::ClusterPromotionTask);
        let steps = vec![
            task("ship", None),
            task("shipp", None),
            task("roll", None),
            task("roll", cluster),
            task("ship", cluster),
            task("other", cluster),
        ];
        let found = shop().with_steps(steps).with(ship).with(roll).found();
        let place =
            |index: usize| format!("warning[K0208] Stage/uat spec.promotionTemplate.spec.steps[{index}].task.name: ");
        let mut expected = [
            (1, "PromotionTask \"shipp\"", "no such PromotionTask here | help: did you mean \"ship\"? (PromotionTasks here: ship)"),
            (2, "PromotionTask \"roll\"", "no such PromotionTask here | help: there is a ClusterPromotionTask of this name: write `kind: ClusterPromotionTask`"),
            (4, "ClusterPromotionTask \"ship\"", "no such ClusterPromotionTask here | help: there is a PromotionTask of this name: write `kind: PromotionTask`"),
            (5, "ClusterPromotionTask \"other\"", "no such ClusterPromotionTask here | help: ClusterPromotionTasks here: roll"),
        ]
        .map(|(index, what, rest)| format!("{}Stage uat uses {what}, which is not among the documents | {rest}", place(index)));
        expected.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn k0209_objects_about_stages_and_warehouses_that_do_not_exist() {
        let mut pause = Pause { metadata: meta("p"), ..Pause::default() };
        pause.spec.stage = Some("uta".into());
        let mut rejection = Rejection { metadata: meta("r"), ..Rejection::default() };
        rejection.spec.stages = vec!["uat".into(), "uta".into()];
        let mut approval = Approval { metadata: meta("a"), ..Approval::default() };
        approval.spec.stage = "uta".into();
        let mut promotion = Promotion { metadata: meta("uta.01"), ..Promotion::default() };
        promotion.spec.stage = "uta".into();
        let mut request = PromotionRequest { metadata: meta("uta.02"), ..PromotionRequest::default() };
        request.spec.stage = "uta".into();
        let mut config = ProjectConfig { metadata: meta("shop"), ..ProjectConfig::default() };
        let policy = |name: &str| PromotionPolicy {
            stage_selector: PolicySelector { name: Some(name.into()), ..PolicySelector::default() },
            ..PromotionPolicy::default()
        };
        config.spec.promotion_policies = vec![policy("uat"), policy("glob:u*"), policy("uta")];
        let warehouse = WarehousePolicy { metadata: meta("catr"), ..WarehousePolicy::default() };
        let stage_help = "no such Stage in project shop | help: did you mean \"uat\"? (Stages here: uat)";
        let about = |object: &str, path: &str, spoken: &str| {
            format!(
                "warning[K0209] {object} {path}: {spoken} is about Stage \"uta\", which does not exist | {stage_help}"
            )
        };
        let found = shop()
            .policy("uta", &[])
            .with(pause)
            .with(rejection)
            .with(approval)
            .with(promotion)
            .with(request)
            .with(config)
            .with(warehouse)
            .found();
        assert_eq!(found, [
            about("Approval/a", "spec.stage", "Approval a"),
            about("Pause/p", "spec.stage", "Pause p"),
            about("ProjectConfig/shop", "spec.promotionPolicies[2].stageSelector.name", "ProjectConfig shop"),
            about("Promotion/uta.01", "spec.stage", "Promotion uta.01"),
            about("PromotionRequest/uta.02", "spec.stage", "PromotionRequest uta.02"),
            about("Rejection/r", "spec.stages[1]", "Rejection r"),
            about("StagePolicy/uta", "metadata.name", "StagePolicy uta"),
            concat!(
                "warning[K0209] WarehousePolicy/catr metadata.name: WarehousePolicy catr is about Warehouse \"catr\", ",
                "which does not exist | no such Warehouse in project shop | ",
                "help: did you mean \"cart\"? (Warehouses here: cart)"
            )
            .to_owned(),
        ]);
    }

    #[test]
    fn resources_17_9_targets_of_a_request_exist() {
        let mut request = PromotionRequest { metadata: meta("uat.02"), ..PromotionRequest::default() };
        request.spec.stage = "uat".into();
        request.spec.targets = ["eu", "sue"].map(|name| TargetReference { name: name.into() }).to_vec();
        let target = |name: &str| Target { metadata: meta(name), ..Target::default() };
        let found = shop().with(request).with(target("eu")).with(target("use")).found();
        assert_eq!(
            found,
            [concat!(
                "warning[K0209] PromotionRequest/uat.02 spec.targets[1].name: PromotionRequest uat.02 is for Target \"sue\", ",
                "which is not among the documents | no such Target in project shop | ",
                "help: did you mean \"use\"? (Targets here: eu, use)"
            )]
        );
    }

    #[test]
    fn a_pause_of_the_whole_project_is_about_no_stage() {
        let pause = Pause { metadata: meta("p"), ..Pause::default() };
        assert_eq!(shop().with(pause).found(), [""; 0]);
    }
}
