//! Pipelines of one Warehouse and two Stages each, both automatic, one step each.

use std::time::Duration;

use kargo_core::{
    Origin, Timestamp,
    model::{
        FreightRequest, FreightSources, Object, ObjectMeta, PolicySelector, ProjectConfig, ProjectConfigSpec,
        PromotionPolicy, PromotionStep, PromotionTemplate, PromotionTemplateSpec, Stage, StageSpec, Warehouse,
    },
};

/// The project.
pub const PROJECT: &str = "shop";

/// When it begins.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn stage(name: &str, warehouse: &str, upstream: Option<&str>) -> Stage {
    let sources = FreightSources {
        direct: upstream.is_none(),
        stages: upstream.into_iter().map(Into::into).collect(),
        ..FreightSources::default()
    };
    let push = PromotionStep { uses: Some("git-push".into()), ..PromotionStep::default() };
    let template = PromotionTemplateSpec { steps: vec![push], vars: Vec::new() };
    Stage {
        metadata: ObjectMeta::named(name).in_project(PROJECT),
        spec: StageSpec {
            requested_freight: vec![FreightRequest { origin: Origin::warehouse(warehouse), sources }],
            promotion_template: Some(PromotionTemplate { spec: template }),
            ..StageSpec::default()
        },
        ..Stage::default()
    }
}

/// The two Stages of a pipeline.
#[must_use]
pub fn stages(number: usize) -> [Stage; 2] {
    let (warehouse, dev) = (format!("w{number}"), format!("dev{number}"));
    [stage(&dev, &warehouse, None), stage(&format!("prod{number}"), &warehouse, Some(&dev))]
}

/// So many pipelines, and the policy that promotes by itself.
#[must_use]
pub fn objects(pipelines: usize) -> Vec<Object> {
    let policy = PromotionPolicy {
        stage_selector: PolicySelector::default(),
        auto_promotion_enabled: true,
        auto_rollback: None,
    };
    let spec = ProjectConfigSpec { promotion_policies: vec![policy], ..ProjectConfigSpec::default() };
    let config =
        ProjectConfig { metadata: ObjectMeta::named(PROJECT).in_project(PROJECT), spec, ..ProjectConfig::default() };
    let mut objects: Vec<Object> = vec![config.into()];
    for number in 0..pipelines {
        let metadata = ObjectMeta::named(format!("w{number}")).in_project(PROJECT);
        objects.push(Warehouse { metadata, ..Warehouse::default() }.into());
        objects.extend(stages(number).map(Into::into));
    }
    objects
}
