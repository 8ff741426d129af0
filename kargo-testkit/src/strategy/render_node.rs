//! From the drawing of a Stage or a Junction to its objects.

use kargo_core::model::{
    AutoPromotionOptions, AvailabilityStrategy, Fill, ForEach, ForEachMode, FreightRequest, FreightSources, Junction,
    JunctionSpec, Origin, Overlap, PromotionStep, PromotionTemplate, PromotionTemplateSpec, QueuePolicy, Release,
    ReleaseCriteria, ReleasePolicy, SelectionPolicy, Slot, Stage, StagePolicy, StagePolicySpec, StageSpec,
    StageTargets, TaskKind, TaskReference, Variable,
};
use serde_json::json;

use super::{
    pipeline::Feature,
    render::{Rendering, TARGET_OF, TASK, TRAIN, by_label, hours, is_bundle},
    sketch::{Node, Sketch, Want},
};

/// Adds a Stage, and perhaps its policy.
pub(super) fn stage(to: &mut Rendering, sketch: &Sketch, at: usize, node: &Node) {
    let mut requests = Vec::new();
    for want in &node.wants {
        for origin in &want.origins {
            requests.push(FreightRequest { origin: origin.clone(), sources: stage_sources(to, sketch, want) });
        }
    }
    if requests.len() > 1 {
        to.features.insert(Feature::SeveralRequests);
    }
    let (own, in_policy) = split_requests(to, requests);
    let promotion_template = if node.control_flow {
        to.features.insert(Feature::ControlFlow);
        None
    } else {
        let spec = PromotionTemplateSpec { vars: Vec::new(), steps: steps(to) };
        Some(PromotionTemplate { spec })
    };
    let target_aware = !node.control_flow && to.uses(Feature::Targets, 12);
    let targets = target_aware.then(|| StageTargets { selectors: vec![by_label(TARGET_OF, &node.name)] });
    let mut metadata = to.meta(&node.name);
    metadata.labels.insert("tier".to_owned(), if at == 0 { "first" } else { "later" }.to_owned());
    let spec = StageSpec { requested_freight: own, promotion_template, targets, ..StageSpec::default() };
    to.objects.push(Stage { metadata, spec, ..Stage::default() }.into());

    if to.tape.once_in(4) || !in_policy.is_empty() {
        to.features.insert(Feature::StagePolicy);
        let queue = if to.tape.once_in(2) { QueuePolicy::Latest } else { QueuePolicy::All };
        let spec = StagePolicySpec { requested_freight: in_policy, queue, ..StagePolicySpec::default() };
        to.objects.push(StagePolicy { metadata: to.meta(&node.name), spec }.into());
    }
}

/// Requests of bundles go into the Stage's policy sometimes, where the Stage requests something else besides.
fn split_requests(to: &mut Rendering, requests: Vec<FreightRequest>) -> (Vec<FreightRequest>, Vec<FreightRequest>) {
    let (bundles, mut own): (Vec<_>, Vec<_>) = requests.into_iter().partition(|request| is_bundle(&request.origin));
    if bundles.is_empty() {
        return (own, Vec::new());
    }
    if !own.is_empty() && to.uses(Feature::JunctionInPolicy, 2) {
        return (own, bundles);
    }
    to.features.insert(Feature::JunctionInline);
    own.extend(bundles);
    (own, Vec::new())
}

fn stage_sources(to: &mut Rendering, sketch: &Sketch, want: &Want) -> FreightSources {
    let mut sources = sources(to, sketch, want);
    if want.from.len() > 1 && to.uses(Feature::AllUpstreams, 2) {
        sources.availability_strategy = Some(AvailabilityStrategy::All);
    }
    if follows_one(sketch, want) && to.uses(Feature::MatchUpstream, 4) {
        sources.auto_promotion_options =
            Some(AutoPromotionOptions { selection_policy: SelectionPolicy::MatchUpstream });
    }
    sources
}

/// What Stages and slots have in common.
fn sources(to: &mut Rendering, sketch: &Sketch, want: &Want) -> FreightSources {
    let stages = want.from.iter().filter_map(|at| sketch.nodes.get(*at)).map(|node| node.name.as_str().into());
    let stages: Vec<_> = stages.collect();
    if want.direct && !stages.is_empty() {
        to.features.insert(Feature::DirectAndUpstream);
    }
    let soaks = !stages.is_empty() && to.uses(Feature::Soak, 4);
    FreightSources {
        direct: want.direct,
        stages,
        required_soak_time: soaks.then(|| hours(1)),
        availability_strategy: None,
        auto_promotion_options: None,
    }
}

/// Whether freight comes from exactly one Stage, and that Stage holds freight, as control-flow Stages do not.
fn follows_one(sketch: &Sketch, want: &Want) -> bool {
    let [only] = want.from.as_slice() else { return false };
    !want.direct && sketch.nodes.get(*only).is_some_and(|node| !node.control_flow)
}

fn steps(to: &mut Rendering) -> Vec<PromotionStep> {
    let mut steps = vec![PromotionStep {
        uses: Some("git-clone".to_owned()),
        alias: to.tape.once_in(2).then(|| "clone".to_owned()),
        config: Some(json!({"repoURL": "https://github.com/acme/deploy.git"})),
        ..PromotionStep::default()
    }];
    if to.uses(Feature::Task, 6) {
        steps.push(task(to, TaskKind::PromotionTask));
    }
    if to.uses(Feature::ClusterTask, 6) {
        steps.push(task(to, TaskKind::ClusterPromotionTask));
    }
    steps
}

fn task(to: &mut Rendering, kind: TaskKind) -> PromotionStep {
    let for_each = to.uses(Feature::ForEach, 4).then(|| ForEach {
        in_: "${{ ['eu', 'us'] }}".to_owned(),
        as_: "region".to_owned(),
        mode: ForEachMode::Parallel,
        max: 10,
    });
    let says_kind = kind != TaskKind::default() || to.tape.once_in(2);
    PromotionStep {
        task: Some(TaskReference { name: TASK.into(), kind: says_kind.then_some(kind) }),
        vars: vec![Variable { name: "image".to_owned(), value: Some("ghcr.io/acme/web".to_owned()) }],
        for_each,
        ..PromotionStep::default()
    }
}

/// Adds a Junction.
pub(super) fn junction(to: &mut Rendering, sketch: &Sketch, node: &Node) {
    to.features.insert(Feature::Junction);
    let is_named = |object: &kargo_core::model::Object| {
        object.as_noun::<kargo_core::model::Warehouse>().is_some_and(|warehouse| warehouse.metadata.name == node.name)
    };
    if to.objects.iter().any(is_named) {
        to.features.insert(Feature::SharedName);
    }
    let requested_freight = node.wants.iter().enumerate().map(|(at, want)| slot(to, sketch, at, want)).collect();
    let criteria =
        to.uses(Feature::ReleaseCriteria, 6).then(|| ReleaseCriteria { expression: "true".to_owned(), budget: None });
    let release = Release {
        policy: if to.tape.once_in(4) { ReleasePolicy::Manual } else { ReleasePolicy::Automatic },
        settle: to.tape.once_in(3).then(|| hours(1)),
        at_most: to.tape.once_in(3).then(|| hours(2)),
        criteria,
        overlap: Overlap::Reject,
    };
    let alias = to.tape.once_in(2).then(|| format!("{}-${{{{ ctx.sequence }}}}", node.name));
    let mut metadata = to.meta(&node.name);
    if node.labelled {
        metadata.labels.insert(TRAIN.0.to_owned(), TRAIN.1.to_owned());
    }
    let spec = JunctionSpec { requested_freight, release, alias };
    to.objects.push(Junction { metadata, spec, ..Junction::default() }.into());
}

/// The first slot is always required: a bundle has at least one member.
fn slot(to: &mut Rendering, sketch: &Sketch, at: usize, want: &Want) -> Slot {
    if want.by_selector {
        to.features.insert(Feature::OriginSelector);
    }
    let origin: Option<Origin> = want.origins.first().filter(|_| !want.by_selector).cloned();
    let fill = if !want.by_selector && follows_one(sketch, want) && to.uses(Feature::MatchUpstreamSlot, 4) {
        Fill::MatchUpstream
    } else if to.uses(Feature::ManualSlot, 6) {
        Fill::Manual
    } else {
        Fill::NewestFreight
    };
    let required = at == 0 || !to.uses(Feature::OptionalSlot, 3);
    Slot {
        origin,
        origin_selector: want.by_selector.then(|| by_label(TRAIN.0, TRAIN.1)),
        sources: sources(to, sketch, want),
        fill,
        required,
    }
}
