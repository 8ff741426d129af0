//! From the drawing of a pipeline to its objects. What a drawing leaves open (steps, policies, soak) is chosen here.

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::model::{
    ChartSubscription, ClusterPromotionTask, Duration, GitSubscription, ImageSubscription, IntentPolicy, LabelSelector,
    Object, ObjectMeta, Origin, OriginKind, PolicySelector, Project, ProjectConfig, ProjectConfigSpec, PromotionPolicy,
    PromotionStep, PromotionTask, PromotionTaskSpec, Source, Subscription, SubscriptionPolicy, Target, TargetSpec,
    Variable, Warehouse, WarehousePolicy, WarehousePolicySpec, WarehouseSpec,
};
use serde_json::json;

use super::{
    pipeline::{Feature, GeneratedPipeline, PipelineFacts, Shape},
    render_node::{junction, stage},
    sketch::{Sketch, Source as Drawn, Tape},
};

/// The label by which origins are selected.
pub(super) const TRAIN: (&str, &str) = ("train", "weekly");
/// The label that Targets carry, with the name of their Stage.
pub(super) const TARGET_OF: &str = "target-of";
/// The name of the PromotionTask and of the ClusterPromotionTask that steps may refer to.
pub(super) const TASK: &str = "ship";

/// What is being rendered: the project's name, the choices left, and what was used so far.
pub(super) struct Rendering {
    pub(super) project: &'static str,
    pub(super) tape: Tape,
    pub(super) features: BTreeSet<Feature>,
    pub(super) objects: Vec<Object>,
}

impl Rendering {
    pub(super) fn meta(&self, name: &str) -> ObjectMeta {
        ObjectMeta::named(name).in_project(self.project)
    }

    /// Whether a feature is used, once in so many times; remembers that it is.
    pub(super) fn uses(&mut self, feature: Feature, once_in: usize) -> bool {
        let used = self.tape.once_in(once_in);
        if used {
            self.features.insert(feature);
        }
        used
    }
}

pub(super) fn render(shape: Shape, mut sketch: Sketch) -> GeneratedPipeline {
    let (depth, width) = (sketch.depths().into_iter().max().unwrap_or_default(), sketch.width());
    let mut to = Rendering {
        project: sketch.tape.word(&["shop", "kargo-demo", "a", "1-10"]),
        tape: sketch.tape.clone(),
        features: BTreeSet::new(),
        objects: Vec::new(),
    };
    to.objects.push(Project { metadata: ObjectMeta::named(to.project), ..Project::default() }.into());
    for source in &sketch.sources {
        warehouse(&mut to, source);
    }
    for (at, node) in sketch.nodes.iter().enumerate() {
        if node.is_junction { junction(&mut to, &sketch, node) } else { stage(&mut to, &sketch, at, node) }
    }
    config(&mut to, &sketch);
    tasks(&mut to);
    targets(&mut to);
    let turn = to.tape.next(to.objects.len());
    to.objects.rotate_left(turn);

    let junctions = sketch.nodes.iter().filter(|node| node.is_junction).count();
    let facts = PipelineFacts {
        shape,
        stages: sketch.nodes.len() - junctions,
        junctions,
        origins: sketch.sources.len(),
        depth,
        width,
        nesting: sketch.nesting(),
        features: to.features,
    };
    GeneratedPipeline { objects: to.objects, project: to.project.to_owned(), facts }
}

/// A Warehouse of an image, perhaps with a repository and a chart beside it.
fn warehouse(to: &mut Rendering, drawn: &Drawn) {
    let name = &drawn.name;
    let mut sources = vec![Source::Image(ImageSubscription {
        repo_url: format!("ghcr.io/acme/{name}"),
        constraint: Some("^1.0.0".to_owned()),
        strict_semvers: Some(true),
        discovery_limit: Subscription::DEFAULT_DISCOVERY_LIMIT,
        ..ImageSubscription::default()
    })];
    if to.tape.once_in(2) {
        sources.push(Source::Git(GitSubscription {
            repo_url: format!("https://github.com/acme/{name}.git"),
            branch: Some("main".to_owned()),
            strict_semvers: Some(true),
            discovery_limit: Subscription::DEFAULT_DISCOVERY_LIMIT,
            ..GitSubscription::default()
        }));
    }
    if to.tape.once_in(3) {
        sources.push(Source::Chart(ChartSubscription {
            repo_url: format!("oci://ghcr.io/acme/charts/{name}"),
            semver_constraint: Some(">=1.2.3 <2.0.0".to_owned()),
            discovery_limit: Subscription::DEFAULT_DISCOVERY_LIMIT,
            ..ChartSubscription::default()
        }));
    }
    let named = to.tape.once_in(2);
    let subscriptions = sources
        .into_iter()
        .enumerate()
        .map(|(at, source)| Subscription { name: named.then(|| format!("part-{at}")), source });
    let mut metadata = to.meta(name);
    if drawn.labelled {
        metadata.labels.insert(TRAIN.0.to_owned(), TRAIN.1.to_owned());
    }
    let spec = WarehouseSpec { subscriptions: subscriptions.collect(), ..WarehouseSpec::default() };
    to.objects.push(Warehouse { metadata, spec, ..Warehouse::default() }.into());
    if to.uses(Feature::WarehousePolicy, 4) {
        let subscription = if named { "part-0".to_owned() } else { format!("ghcr.io/acme/{name}") };
        let policy = SubscriptionPolicy { subscription, immutable_tags: true, sample: None };
        let spec = WarehousePolicySpec {
            subscriptions: vec![policy],
            join: None,
            debounce: None,
            intent: IntentPolicy::default(),
        };
        to.objects.push(WarehousePolicy { metadata: to.meta(name), spec }.into());
    }
}

/// The project's configuration: who is promoted automatically.
fn config(to: &mut Rendering, sketch: &Sketch) {
    let mut policies = Vec::new();
    for node in sketch.nodes.iter().filter(|node| !node.is_junction && !node.control_flow) {
        if to.uses(Feature::AutoPromotion, 2) {
            policies.push(policy(&node.name));
        }
    }
    if to.tape.once_in(4) {
        policies.push(policy("glob:*"));
    }
    let spec = ProjectConfigSpec { promotion_policies: policies, ..ProjectConfigSpec::default() };
    to.objects.push(ProjectConfig { metadata: to.meta(to.project), spec, ..ProjectConfig::default() }.into());
}

fn policy(name: &str) -> PromotionPolicy {
    let stage_selector = PolicySelector { name: Some(name.to_owned()), ..PolicySelector::default() };
    PromotionPolicy { stage_selector, auto_promotion_enabled: true, auto_rollback: None }
}

/// The tasks that steps refer to.
fn tasks(to: &mut Rendering) {
    let step = PromotionStep {
        uses: Some("git-push".to_owned()),
        alias: Some("push".to_owned()),
        config: Some(json!({"path": "./out", "message": "to ${{ ctx.stage }}"})),
        ..PromotionStep::default()
    };
    let var = Variable { name: "image".to_owned(), value: Some("ghcr.io/acme/app".to_owned()) };
    let spec = PromotionTaskSpec { vars: vec![var], steps: vec![step] };
    if to.features.contains(&Feature::Task) {
        to.objects.push(PromotionTask { metadata: to.meta(TASK), spec: spec.clone() }.into());
    }
    if to.features.contains(&Feature::ClusterTask) {
        to.objects.push(ClusterPromotionTask { metadata: ObjectMeta::named(TASK), spec }.into());
    }
}

/// Two Targets for each target-aware Stage.
fn targets(to: &mut Rendering) {
    let stages: Vec<String> = to
        .objects
        .iter()
        .filter_map(|object| object.as_noun::<kargo_core::model::Stage>())
        .filter(|stage| stage.is_target_aware())
        .map(|stage| stage.metadata.name.clone())
        .collect();
    for stage in stages {
        for place in ["eu", "us"] {
            let mut metadata = to.meta(&format!("{stage}-{place}"));
            metadata.labels.insert(TARGET_OF.to_owned(), stage.clone());
            let spec = TargetSpec { params: BTreeMap::from([("region".to_owned(), json!(place))]) };
            to.objects.push(Target { metadata, spec, ..Target::default() }.into());
        }
    }
}

/// A selector of one label.
pub(super) fn by_label(key: &str, value: &str) -> LabelSelector {
    LabelSelector { match_labels: BTreeMap::from([(key.to_owned(), value.to_owned())]), match_expressions: Vec::new() }
}

/// A span in hours.
pub(super) fn hours(hours: i64) -> Duration {
    Duration::from_secs(hours.saturating_mul(3600))
}

/// Whether freight of an origin is a bundle.
pub(super) fn is_bundle(origin: &Origin) -> bool {
    origin.kind == OriginKind::Junction
}
