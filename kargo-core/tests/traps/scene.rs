//! A shop of few words: documents in one line each, freight by its tag, and short answers of what is where.

use kargo_core::{
    Manifests, Origin, Refusal, Report,
    command::{Apply, Promote},
    model::{FreightName, Health, HealthCheckStep, HealthState},
    report::StepProgress,
    world::{Held, Place, PromotionView},
};
use serde_json::json;

use crate::host::{Answer, Host};

pub(crate) const ANA: &str = "email:ana@acme.example";

/// Freight of `cart`, straight from its Warehouse.
pub(crate) const DIRECT: &str = "{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }";
/// Freight of `menu`, straight from its Warehouse.
pub(crate) const MENU: &str = "{ origin: { kind: Warehouse, name: menu }, sources: { direct: true } }";
/// One step, that acts outside under its key.
pub(crate) const PUSH: &str = "promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }";
/// The same, and a verification.
pub(crate) const VERIFIED: &str = "promotionTemplate: { spec: { steps: [{ uses: git-push, as: push }] } }, verification: { analysisTemplates: [{ name: smoke }] }";
/// Automation everywhere.
pub(crate) const ON: &str = "{ stageSelector: {}, autoPromotionEnabled: true }";

/// Freight of `cart` from other Stages.
pub(crate) fn from(sources: &str) -> String {
    format!("{{ origin: {{ kind: Warehouse, name: cart }}, sources: {{ {sources} }} }}")
}

pub(crate) fn warehouse(name: &str) -> String {
    kargo("Warehouse", name, "subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }]")
}

pub(crate) fn stage(name: &str, requests: &str, rest: &str) -> String {
    kargo("Stage", name, &format!("requestedFreight: [{requests}], {rest}"))
}

/// A Stage whose template has these steps.
pub(crate) fn stepping(name: &str, requests: &str, steps: &str) -> String {
    stage(name, requests, &format!("promotionTemplate: {{ spec: {{ steps: [{steps}] }} }}"))
}

/// The project's configuration with these promotion policies.
pub(crate) fn policies(policies: &str) -> String {
    kargo("ProjectConfig", "shop", &format!("promotionPolicies: [{policies}]"))
}

pub(crate) fn kargo(kind: &str, name: &str, spec: &str) -> String {
    document("kargo.akuity.io", kind, name, spec)
}

/// A document of a kind that Kargo does not have.
pub(crate) fn ours(kind: &str, name: &str, spec: &str) -> String {
    document("kargo-core.rs", kind, name, spec)
}

fn document(group: &str, kind: &str, name: &str, spec: &str) -> String {
    format!(
        "\n---\napiVersion: {group}/v1alpha1\nkind: {kind}\nmetadata: {{ name: {name}, namespace: shop }}\nspec: {{ {spec} }}\n"
    )
}

/// A host of Warehouse `cart` and these documents.
pub(crate) fn shop(documents: &[String]) -> Host {
    Host::new(&format!("{}{}", warehouse("cart"), documents.concat()))
}

/// The usual one: `uat` takes everything, by itself.
pub(crate) fn automatic() -> Host {
    shop(&[stage("uat", DIRECT, PUSH), policies(ON)])
}

/// The same without automation.
pub(crate) fn by_hand() -> Host {
    shop(&[stage("uat", DIRECT, PUSH)])
}

pub(crate) fn apply(host: &mut Host, document: &str) -> usize {
    host.command(Apply::manifests(&Manifests::parse("edit.yaml", document).unwrap()).by("admin")).unwrap()
}

/// The name of the freight with this tag.
pub(crate) fn named(host: &Host, tag: &str) -> FreightName {
    let mut all = host.engine.world().all_freight();
    all.find(|freight| &*freight.reference().images[0].tag == tag).unwrap().name().clone()
}

pub(crate) fn promote(host: &mut Host, stage: &str, tag: &str) -> Result<usize, Refusal> {
    let freight = named(host, tag);
    host.command(Promote::to(stage).freight(&*freight).by(ANA))
}

/// The name of the newest promotion of a Stage.
pub(crate) fn newest(host: &Host, stage: &str) -> String {
    host.engine.world().stage(stage).unwrap().promotions().next_back().unwrap().name().to_owned()
}

/// The promotions of a Stage in the order in which they were made: tag and phase.
pub(crate) fn promotions(host: &Host, stage: &str) -> String {
    let world = host.engine.world();
    let tag = |promotion: PromotionView<'_>| {
        let name = promotion.noun().spec.freight.clone().unwrap();
        world.freight_named(&name).unwrap().reference().images[0].tag.clone()
    };
    let stage = world.stage(stage).unwrap();
    let each = stage.promotions().map(|promotion| format!("{} {}", tag(promotion), promotion.phase()));
    each.collect::<Vec<_>>().join(", ")
}

/// What a Stage holds, by origin: tags.
pub(crate) fn held(host: &Host, stage: &str) -> String {
    let world = host.engine.world();
    let current = world.stage(stage).unwrap().current();
    let names = current.into_iter().flat_map(Held::names);
    let tags = names.map(|name| world.freight_named(name).unwrap().reference().images[0].tag.to_string());
    tags.collect::<Vec<_>>().join(" + ")
}

/// The tags on which automation of a Stage is held.
pub(crate) fn holds(host: &Host, stage: &str) -> String {
    let world = host.engine.world();
    let tag = |name: &str| world.freight_named(name).unwrap().reference().images[0].tag.to_string();
    let stage = world.stage(stage).unwrap();
    stage.holds().map(|hold| tag(&hold.freight_name)).collect::<Vec<_>>().join(", ")
}

/// Whether freight counts as verified in a Stage.
pub(crate) fn is_verified(host: &Host, stage: &str, tag: &str) -> bool {
    let freight = host.engine.world().freight_named(&named(host, tag)).unwrap();
    freight.visit(stage).and_then(|visit| visit.verified()).is_some()
}

/// The phases of the verifications of what a Stage holds, newest first.
pub(crate) fn verifications(host: &Host, stage: &str) -> String {
    let current = host.engine.world().stage(stage).unwrap().current();
    let all = current.into_iter().flat_map(|held| &held.verifications);
    all.map(|info| info.phase.as_ref().unwrap().to_string()).collect::<Vec<_>>().join(", ")
}

pub(crate) fn cart() -> Origin {
    Origin::warehouse("cart")
}

/// A success that leaves a check of health.
pub(crate) fn checked(name: &str) -> Answer {
    let check = HealthCheckStep { uses: "argocd-update".into(), config: Some(json!({"apps": [{"name": name}]})) };
    Ok(StepProgress::done(json!({})).health(check))
}

pub(crate) fn health(host: &mut Host, stage: &str, state: HealthState) -> usize {
    let health = Health { status: Some(state), ..Health::default() };
    host.report(Report::health(Place::stage(stage), health))
}
