//! Defects inside one object: names, aliases, conflicts of fields, subscriptions.

use kargo_core::model::{
    ArtifactReference, Chart, ChartSubscription, Freight, FreightRequest, FreightSources, GitCommit, GitSubscription,
    Image, ImageSelectionStrategy, ImageSubscription, Junction, Kind, Object, ObjectMeta, Origin, OtherSubscription,
    PolicySelector, PromotionPolicy, PromotionStep, PromotionTask, PromotionTaskSpec, Source, Stage, Subscription,
    TaskReference, Timestamp, Variable, Warehouse,
};
use serde_json::json;

use super::{
    broken::{Defect, Flaw},
    broken_graph::another_stage,
    sketch::Tape,
};

/// Breaks the pipeline, if the flaw is of this file and there is a place for it.
pub(super) fn inject(flaw: Flaw, objects: &mut Vec<Object>, project: &str, tape: &mut Tape) -> Option<Defect> {
    let meta = |name: &str| ObjectMeta::named(name).in_project(project);
    match flaw {
        Flaw::UnknownTask
        | Flaw::DuplicateAlias
        | Flaw::ReservedAlias
        | Flaw::TaskStepWithConfig
        | Flaw::UsesAndTask => {
            if matches!(flaw, Flaw::TaskStepWithConfig | Flaw::UsesAndTask) {
                let spec = PromotionTaskSpec { vars: Vec::new(), steps: vec![step(None)] };
                objects.push(PromotionTask { metadata: meta("extra"), spec }.into());
            }
            break_steps(flaw, objects, tape)
        }
        Flaw::BadVariable => {
            let stage = stage(objects, tape)?;
            stage.spec.vars.push(Variable { name: "1-bad".to_owned(), value: None });
            Some(Defect::new(flaw, Kind::Stage, &stage.metadata.name, "1-bad"))
        }
        Flaw::BadName => {
            let bad = tape.word(&["Bad_Name", "-bad", "bad.", "bad..name", "bäd"]);
            let origin = Origin::warehouse(warehouse(objects, tape)?.metadata.name.as_str());
            let sources = FreightSources { direct: true, ..FreightSources::default() };
            objects.push(another_stage(meta(bad), FreightRequest { origin, sources }));
            Some(Defect::new(flaw, Kind::Stage, bad, bad))
        }
        Flaw::DuplicateObject => {
            let twin = stage(objects, tape)?.clone();
            let defect = Defect::new(flaw, Kind::Stage, &twin.metadata.name, twin.metadata.name.as_str());
            objects.push(twin.into());
            Some(defect)
        }
        Flaw::UnknownExtension => {
            let stage = stage(objects, tape)?;
            let key = "kargo-core.rs/unknown";
            stage.metadata.annotations.insert(key.to_owned(), "x".to_owned());
            Some(Defect::new(flaw, Kind::Stage, &stage.metadata.name, key))
        }
        Flaw::ConfigName => objects.iter_mut().find_map(|object| match object {
            Object::ProjectConfig(config) => {
                config.metadata.name = "other".to_owned();
                Some(Defect::new(flaw, Kind::ProjectConfig, "other", "other"))
            }
            _ => None,
        }),
        Flaw::DuplicatePolicy => {
            let name = stage(objects, tape)?.metadata.name.clone();
            let mut config = None;
            while policies(objects, &name) < 2 {
                config = Some(policy(objects, &name)?);
            }
            config.map(|config| Defect::new(flaw, Kind::ProjectConfig, &config, name))
        }
        Flaw::WrongIdentity => {
            let freight = freight_of(warehouse(objects, tape)?, meta(&"0".repeat(40)));
            let defect = Defect::new(flaw, Kind::Freight, &freight.metadata.name, freight.metadata.name.as_str());
            objects.push(freight.into());
            Some(defect)
        }
        _ => break_warehouse(flaw, warehouse(objects, tape)?, tape),
    }
}

fn break_steps(flaw: Flaw, objects: &mut [Object], tape: &mut Tape) -> Option<Defect> {
    let mut regular: Vec<&mut Stage> = stages(objects).into_iter().filter(|stage| !stage.is_control_flow()).collect();
    let at = tape.next(regular.len());
    let stage = regular.get_mut(at)?;
    let steps = &mut stage.spec.promotion_template.as_mut()?.spec.steps;
    let task = |name: &str| Some(TaskReference { name: name.into(), kind: None });
    let culprit = match flaw {
        Flaw::DuplicateAlias => {
            steps.push(step(Some("twin")));
            steps.push(step(Some(tape.word(&["twin", " twin", "twin\t"]))));
            "twin"
        }
        Flaw::ReservedAlias => {
            let alias = tape.word(&["step-7", "task-1", "step-007", " step-2 "]);
            steps.push(step(Some(alias)));
            alias
        }
        Flaw::TaskStepWithConfig => {
            let config = Some(json!({"a": 1}));
            steps.push(PromotionStep { task: task("extra"), config, ..PromotionStep::default() });
            "config"
        }
        Flaw::UsesAndTask => {
            steps.push(PromotionStep { task: task("extra"), ..step(None) });
            "task"
        }
        _ => {
            steps.push(PromotionStep { task: task("missing"), ..PromotionStep::default() });
            "missing"
        }
    };
    Some(Defect::new(flaw, Kind::Stage, &stage.metadata.name, culprit))
}

fn break_warehouse(flaw: Flaw, warehouse: &mut Warehouse, tape: &mut Tape) -> Option<Defect> {
    let name = warehouse.metadata.name.clone();
    let subscriptions = &mut warehouse.spec.subscriptions;
    let image = subscriptions.iter_mut().find_map(|subscription| match &mut subscription.source {
        Source::Image(image) => Some(image),
        _ => None,
    })?;
    let limit = Subscription::DEFAULT_DISCOVERY_LIMIT;
    let mut add = Vec::new();
    let culprit = match flaw {
        Flaw::BadConstraint => {
            let bad = tape.word(&["latest", "not a version", "main"]);
            image.constraint = Some(bad.to_owned());
            bad.to_owned()
        }
        Flaw::BadPattern => {
            image.allow_tags_regexes.push("(".to_owned());
            "(".to_owned()
        }
        Flaw::BadPlatform => {
            image.platform = Some("linux".to_owned());
            "linux".to_owned()
        }
        Flaw::MissingDigestTag => {
            image.image_selection_strategy = ImageSelectionStrategy::Digest;
            image.constraint = None;
            "constraint".to_owned()
        }
        Flaw::LimitOutOfRange => {
            image.discovery_limit = [101, -1, 1000][tape.next(3)];
            image.discovery_limit.to_string()
        }
        Flaw::RemovedField => {
            image.allow_tags = Some("^v".to_owned());
            "allowTags".to_owned()
        }
        Flaw::DuplicateSubscription => {
            let repo_url =
                if tape.once_in(2) { image.repo_url.replace("acme", "ACME") } else { image.repo_url.clone() };
            add.push((None, Source::Image(ImageSubscription { repo_url: repo_url.clone(), ..image.clone() })));
            repo_url
        }
        Flaw::DuplicateSubscriptionName => {
            for repo in ["one", "two"] {
                let repo_url = format!("ghcr.io/acme/{name}/{repo}");
                add.push((Some("twin"), Source::Image(ImageSubscription { repo_url, ..image.clone() })));
            }
            "twin".to_owned()
        }
        Flaw::ChartWithoutName => {
            let repo_url = "https://charts.acme.io/stable".to_owned();
            let chart = ChartSubscription {
                repo_url: repo_url.clone(),
                discovery_limit: limit,
                ..ChartSubscription::default()
            };
            add.push((None, Source::Chart(chart)));
            repo_url
        }
        Flaw::UnknownSubscriptionType => {
            let subscription_type = "model".to_owned();
            add.push((
                Some("weights"),
                Source::Other(OtherSubscription { subscription_type, config: None, discovery_limit: limit }),
            ));
            "model".to_owned()
        }
        Flaw::DeprecatedUrl => {
            let repo_url =
                tape.word(&["ssh://git@git.acme.io/acme/old.git", "git@git.acme.io:acme/old.git"]).to_owned();
            let git = GitSubscription {
                repo_url: repo_url.clone(),
                strict_semvers: Some(true),
                discovery_limit: limit,
                ..GitSubscription::default()
            };
            add.push((None, Source::Git(git)));
            repo_url
        }
        _ => return None,
    };
    subscriptions.extend(add.into_iter().map(|(name, source)| Subscription { name: name.map(str::to_owned), source }));
    Some(Defect::new(flaw, Kind::Warehouse, &name, culprit))
}

/// Freight with one artifact for each subscription of a Warehouse.
fn freight_of(warehouse: &Warehouse, metadata: ObjectMeta) -> Freight {
    let mut freight = Freight {
        metadata,
        discovered_at: Some(Timestamp::default()),
        origin: Origin::warehouse(warehouse.metadata.name.as_str()),
        ..Freight::default()
    };
    for Subscription { name, source } in &warehouse.spec.subscriptions {
        let subscription_name = name.clone();
        match source {
            Source::Git(git) => freight.commits.push(GitCommit {
                repo_url: git.repo_url.clone(),
                id: "4d2c1f0b9a8e7d6c5b4a39281706f5e4d3c2b1a0".to_owned(),
                subscription_name,
                ..GitCommit::default()
            }),
            Source::Image(image) => freight.images.push(Image {
                repo_url: image.repo_url.clone(),
                tag: "1.2.3".into(),
                digest: format!("sha256:{}", "a1".repeat(32)).into(),
                subscription_name,
                ..Image::default()
            }),
            Source::Chart(chart) => freight.charts.push(Chart {
                repo_url: chart.repo_url.clone(),
                name: chart.name.clone(),
                version: "1.2.3".to_owned(),
                subscription_name,
            }),
            _ => freight.artifacts.push(ArtifactReference {
                subscription_name: subscription_name.unwrap_or_default(),
                version: "1".to_owned(),
                ..ArtifactReference::default()
            }),
        }
    }
    freight
}

fn step(alias: Option<&str>) -> PromotionStep {
    PromotionStep { uses: Some("http".to_owned()), alias: alias.map(str::to_owned), ..PromotionStep::default() }
}

/// Adds a promotion policy for a name or pattern; the name of the ProjectConfig it was added to.
pub(super) fn policy(objects: &mut [Object], name: &str) -> Option<String> {
    objects.iter_mut().find_map(|object| match object {
        Object::ProjectConfig(config) => {
            let stage_selector = PolicySelector { name: Some(name.to_owned()), ..PolicySelector::default() };
            let policy = PromotionPolicy { stage_selector, auto_promotion_enabled: true, auto_rollback: None };
            config.spec.promotion_policies.push(policy);
            Some(config.metadata.name.clone())
        }
        _ => None,
    })
}

/// How many promotion policies are for exactly this name.
fn policies(objects: &[Object], name: &str) -> usize {
    let configs = objects.iter().filter_map(|object| object.as_noun::<kargo_core::model::ProjectConfig>());
    let policies = configs.flat_map(|config| &config.spec.promotion_policies);
    policies.filter(|policy| policy.stage_selector.name.as_deref() == Some(name)).count()
}

/// The Stages, to change them.
pub(super) fn stages(objects: &mut [Object]) -> Vec<&mut Stage> {
    objects
        .iter_mut()
        .filter_map(|object| match object {
            Object::Stage(stage) => Some(&mut **stage),
            _ => None,
        })
        .collect()
}

/// One of the Stages.
pub(super) fn stage<'a>(objects: &'a mut [Object], tape: &mut Tape) -> Option<&'a mut Stage> {
    one_of(stages(objects), tape)
}

/// One of the requests in a Stage's own spec.
pub(super) fn request<'a>(stage: &'a mut Stage, tape: &mut Tape) -> Option<&'a mut FreightRequest> {
    one_of(stage.spec.requested_freight.iter_mut().collect(), tape)
}

/// One of the Warehouses.
pub(super) fn warehouse<'a>(objects: &'a mut [Object], tape: &mut Tape) -> Option<&'a mut Warehouse> {
    let all = objects.iter_mut().filter_map(|object| match object {
        Object::Warehouse(warehouse) => Some(&mut **warehouse),
        _ => None,
    });
    one_of(all.collect(), tape)
}

/// One of the Junctions.
pub(super) fn junction<'a>(objects: &'a mut [Object], tape: &mut Tape) -> Option<&'a mut Junction> {
    let all = objects.iter_mut().filter_map(|object| match object {
        Object::Junction(junction) => Some(&mut **junction),
        _ => None,
    });
    one_of(all.collect(), tape)
}

fn one_of<T>(all: Vec<T>, tape: &mut Tape) -> Option<T> {
    let at = tape.next(all.len());
    all.into_iter().nth(at)
}
