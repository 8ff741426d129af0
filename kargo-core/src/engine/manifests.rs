//! Everything as manifests again, with its status.

use super::Engine;
use crate::{
    model::{Object, StageName},
    policy,
    world::PromotionView,
};

impl Engine {
    /// All objects as Kargo's manifests have them, with their status as of now: definitions and decisions, freight,
    /// promotions.
    ///
    /// ```
    /// # use kargo_core::{Engine, Genesis, Manifests, command::Apply};
    /// # let now = "2026-11-24T12:00:00Z".parse().unwrap();
    /// let mut engine = Engine::new(Genesis::new("shop", 7));
    /// let text = "
    /// apiVersion: kargo.akuity.io/v1alpha1
    /// kind: Warehouse
    /// metadata: { name: cart, namespace: shop }
    /// spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart } }] }
    /// ---
    /// apiVersion: kargo.akuity.io/v1alpha1
    /// kind: Stage
    /// metadata: { name: prod, namespace: shop }
    /// spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }] }
    /// ";
    /// drop(engine.command(now, Apply::manifests(&Manifests::parse("shop.yaml", text)?))?);
    /// let stage = engine.manifests().find(|object| object.name() == "prod").unwrap();
    /// assert!(stage.to_yaml()?.contains("freightSummary: N/A"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn manifests(&self) -> impl Iterator<Item = Object> {
        let now = self.state.judged_at(self.state.now);
        let world = self.world();
        let definitions = world.definitions().map(move |object| match object {
            Object::Stage(mut noun) => {
                let name = StageName::from(noun.metadata.name.as_str());
                if let Ok(stage) = world.stage(&name) {
                    noun.status = policy::status(stage, now);
                }
                Object::Stage(noun)
            }
            other => other,
        });
        let freight = world.all_freight().map(|freight| {
            let mut noun = freight.to_definition();
            noun.status = freight.status();
            Object::from(noun)
        });
        let promotions = world.promotions().map(|promotion| Object::from(self.written(promotion)));
        definitions.chain(freight).chain(promotions)
    }

    /// A promotion with all that is known of its run, where it has not ended.
    fn written(&self, promotion: PromotionView<'_>) -> crate::model::Promotion {
        let run = self.state.runs.get(promotion.name());
        run.map_or_else(|| promotion.noun().clone(), |run| promotion.with_run(run))
    }
}
