//! A world with one promotion of any length, every step of which has expressions in its configuration.

use kargo_core::{
    World,
    model::{
        Freight, FreightRequest, Image, ImageSubscription, ObjectMeta, Origin, Promotion, PromotionStep, Source, Stage,
        Subscription, Variable, Warehouse,
    },
    report::{StepSpec, StepSpecs},
};
use serde_json::json;

/// The promotion's name.
pub const PROMOTION: &str = "prod.01kdn3v0w10000000000000000.84d9a0d";
const FREIGHT: &str = "84d9a0d81714243ecd236c670da11c7259af9059";
const REPOSITORY: &str = "ghcr.io/acme/cart";

/// A Stage, its Warehouse, freight, and the promotion.
#[must_use]
pub fn world(steps: usize) -> World {
    let mut world = World::new("shop").with_step_specs(StepSpecs::none().with(StepSpec::new("no-op")));
    let meta = |name: &str| ObjectMeta::named(name).in_project("shop");
    let mut warehouse = Warehouse { metadata: meta("cart"), ..Warehouse::default() };
    let image = ImageSubscription { repo_url: REPOSITORY.into(), ..ImageSubscription::default() };
    warehouse.spec.subscriptions = vec![Subscription { name: None, source: Source::Image(image) }];
    world.put(warehouse);
    let mut stage = Stage { metadata: meta("prod"), ..Stage::default() };
    stage.spec.requested_freight =
        vec![FreightRequest { origin: Origin::warehouse("cart"), ..FreightRequest::default() }];
    world.put(stage);
    let image = Image { repo_url: REPOSITORY.into(), tag: "1.4.2".into(), ..Image::default() };
    world.put(Freight {
        metadata: meta(FREIGHT),
        origin: Origin::warehouse("cart"),
        images: vec![image],
        ..Freight::default()
    });
    world.put(promotion(steps));
    world
}

/// The promotion.
#[must_use]
pub fn promotion(steps: usize) -> Promotion {
    let mut promotion = Promotion { metadata: ObjectMeta::named(PROMOTION).in_project("shop"), ..Promotion::default() };
    promotion.spec.stage = "prod".into();
    promotion.spec.freight = Some(FREIGHT.into());
    let variable = |name: &str, value: &str| Variable { name: name.to_owned(), value: Some(value.to_owned()) };
    promotion.spec.vars = vec![variable("repo", REPOSITORY), variable("branch", "stage/${{ ctx.stage }}")];
    promotion.spec.steps = (0..steps).map(step).collect();
    promotion
}

fn step(number: usize) -> PromotionStep {
    let before = number.checked_sub(1).map(|before| format!("${{{{ outputs['step-{}'].commit }}}}", before + 1));
    PromotionStep {
        uses: Some("no-op".to_owned()),
        alias: Some(format!("step-{}", number + 1)),
        config: Some(json!({
            "path": "./env/${{ ctx.stage }}/values.yaml",
            "branch": "${{ vars.branch }}",
            "updates": [{ "key": "image.tag", "value": "${{ quote(imageFrom(vars.repo).Tag) }}" }],
            "after": before.unwrap_or_default(),
        })),
        ..PromotionStep::default()
    }
}
