//! A small project to ask: Stages of one or two origins, freight, promotions and policies, each put in by one line.

use std::collections::BTreeMap;

use kargo_core::{
    Manifests, Timestamp, World,
    model::{
        ApprovedStage, CurrentStage, Freight, Health, HealthState, Object, ObjectMeta, Origin, Promotion,
        PromotionPhase, PromotionPolicy, PromotionReference, Stage, StageName, StageStatus, VerificationInfo,
        VerificationPhase, VerifiedStage, label,
    },
    policy::{self, Evaluation, NextTurn},
    world::{Held, StageView, Visit},
};

/// The instant from which minutes are counted.
pub fn minute(minutes: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    noon.checked_add_signed(chrono::TimeDelta::minutes(minutes)).unwrap()
}

/// The origin of most freight here.
pub fn cart() -> Origin {
    Origin::warehouse("cart")
}

/// The other origin.
pub fn menu() -> Origin {
    Origin::warehouse("menu")
}

/// A world at an instant.
#[derive(Clone, Debug)]
pub struct Shop {
    pub world: World,
    pub now: Timestamp,
}

pub const DIRECT: &str = "{origin: {kind: Warehouse, name: cart}, sources: {direct: true}}";
pub const MENU: &str = "{origin: {kind: Warehouse, name: menu}, sources: {direct: true}}";
pub const ALL_ON: &str = "[{stageSelector: {}, autoPromotionEnabled: true}]";

impl Shop {
    /// One Stage, `prod`, that takes freight of `cart` straight from its Warehouse, automatically; noon.
    pub fn new() -> Self {
        Self { world: World::new("shop"), now: minute(0) }.stage("prod", DIRECT).policies(ALL_ON)
    }

    pub fn at(mut self, minutes: i64) -> Self {
        self.now = minute(minutes);
        self
    }

    pub fn put(mut self, object: impl Into<Object>) -> Self {
        self.world.put(object);
        self
    }

    pub fn yaml(mut self, api: &str, kind: &str, name: &str, spec: &str) -> Self {
        let text = format!(
            "{{apiVersion: {api}/v1alpha1, kind: {kind}, metadata: {{name: {name}, namespace: shop}}, spec: {spec}}}"
        );
        for entry in Manifests::parse("t.yaml", &text).unwrap().entries() {
            self.world.put(entry.object().clone());
        }
        self
    }

    /// A Stage with these requests and one step; its status is kept.
    pub fn stage(self, name: &str, requests: &str) -> Self {
        let status = self.world.stage(name).map(|stage| stage.noun().status.clone()).unwrap_or_default();
        let spec = format!(
            "{{requestedFreight: [{requests}], promotionTemplate: {{spec: {{steps: [{{uses: git-clear, config: {{path: out}}}}]}}}}}}"
        );
        self.yaml("kargo.akuity.io", "Stage", name, &spec).status(name, |new| *new = status)
    }

    /// The Stage without steps.
    pub fn control_flow(mut self, name: &str) -> Self {
        let mut stage = self.noun(name);
        stage.spec.promotion_template = None;
        self.world.put(stage);
        self
    }

    pub fn policies(self, policies: &str) -> Self {
        self.yaml("kargo.akuity.io", "ProjectConfig", "shop", &format!("{{promotionPolicies: {policies}}}"))
    }

    /// A first policy whose pattern cannot be read, before these. Readers of manifests refuse such a pattern.
    pub fn unreadable_before(mut self, policies: &str) -> Self {
        self = self.policies(policies);
        let mut config = self.world.project_config().unwrap().clone();
        let mut broken = PromotionPolicy { auto_promotion_enabled: true, ..PromotionPolicy::default() };
        broken.stage_selector.name = Some("regex:(".to_owned());
        config.spec.promotion_policies.insert(0, broken);
        self.put(config)
    }

    pub fn off(self) -> Self {
        self.policies("[]")
    }

    /// A StagePolicy, Pause, Rejection or Approval.
    pub fn ours(self, kind: &str, name: &str, spec: &str) -> Self {
        self.yaml("kargo-core.rs", kind, name, spec)
    }

    /// Freight of `cart`, found at a minute.
    pub fn freight(self, name: &str, found: i64) -> Self {
        self.freight_of(cart(), name, found)
    }

    pub fn freight_of(self, origin: Origin, name: &str, found: i64) -> Self {
        let mut metadata = ObjectMeta::named(name).in_project("shop");
        metadata.creation_timestamp = Some(minute(found));
        self.put(Freight { metadata, origin, ..Freight::default() })
    }

    pub fn intended(mut self, name: &str, intent: &str) -> Self {
        let mut freight = self.world.freight_named(name).unwrap().to_noun();
        freight.metadata.annotations.insert(label::EXT_INTENT.to_owned(), intent.to_owned());
        self.world.put(freight);
        self
    }

    fn visit(mut self, freight: &str, stage: &str, edit: impl FnOnce(&mut Visit)) -> Self {
        self.world.edit_freight(&freight.into(), |state| state.visits.edit(&StageName::from(stage), edit));
        self
    }

    /// The freight entered the Stage.
    pub fn entered(self, freight: &str, stage: &str, at: i64) -> Self {
        self.visit(freight, stage, |visit| visit.current = Some(CurrentStage { since: Some(minute(at)) }))
    }

    pub fn verified(self, freight: &str, stage: &str, at: i64) -> Self {
        let verified = VerifiedStage { verified_at: Some(minute(at)), ..VerifiedStage::default() };
        self.visit(freight, stage, |visit| visit.verified = Some(verified))
    }

    pub fn withdrawn(self, freight: &str, stage: &str) -> Self {
        self.visit(freight, stage, |visit| visit.withdrawn = true)
    }

    pub fn approved(self, freight: &str, stage: &str) -> Self {
        let approved = ApprovedStage { approved_at: Some(minute(0)) };
        self.visit(freight, stage, |visit| visit.approved = Some(approved))
    }

    pub fn promotion(self, promotion: Promo) -> Self {
        self.put(promotion.0)
    }

    pub fn status(mut self, stage: &str, edit: impl FnOnce(&mut StageStatus)) -> Self {
        let mut noun = self.noun(stage);
        edit(&mut noun.status);
        self.world.put(noun);
        self
    }

    /// The Stage holds this freight.
    pub fn holding(self, stage: &str, freight: &[&str]) -> Self {
        let references = freight.iter().map(|name| self.world.freight_named(name).unwrap().reference().clone());
        let collection = Held::new(references).to_collection();
        self.status(stage, |status| status.freight_history.insert(0, collection))
    }

    /// A verification of what the Stage holds.
    pub fn verification(self, stage: &str, phase: &str) -> Self {
        let info = VerificationInfo { phase: Some(VerificationPhase::from(phase)), ..VerificationInfo::default() };
        self.status(stage, |status| status.freight_history[0].verification_history.insert(0, info))
    }

    pub fn health(self, stage: &str, health: Option<&str>) -> Self {
        let health = health.map(|text| Health { status: Some(HealthState::from(text)), ..Health::default() });
        self.status(stage, |status| status.health = health)
    }

    pub fn current_promotion(self, stage: &str, name: &str) -> Self {
        let current = PromotionReference { name: name.into(), ..PromotionReference::default() };
        self.status(stage, |status| status.current_promotion = Some(current))
    }

    /// The promotion is the last of which the Stage's status knows.
    pub fn last_promotion(self, stage: &str, name: &str) -> Self {
        let noun = self.world.promotion(name).unwrap().noun().clone();
        let (finished_at, status) = (noun.status.finished_at, Some(noun.status));
        let last = PromotionReference { name: name.into(), finished_at, status, ..PromotionReference::default() };
        self.status(stage, |status| status.last_promotion = Some(last))
    }

    pub fn noun(&self, stage: &str) -> Stage {
        self.world.stage(stage).unwrap().noun().clone()
    }

    pub fn view(&self, stage: &str) -> StageView<'_> {
        self.world.stage(stage).unwrap()
    }

    /// What automation makes of each origin, in words: `f1: goes`, `f1: why not`, `-: why nothing`.
    pub fn wishes(&self, stage: &str) -> String {
        let wishes = policy::automation(self.view(stage), self.now);
        let of = |wish: policy::Wish<'_>| {
            let blocked = wish.blocked.map_or_else(|| "goes".to_owned(), |reason| reason.to_string());
            format!("{}: {blocked}", wish.candidate.map_or("-", |freight| freight.name()))
        };
        wishes.into_iter().map(of).collect::<Vec<_>>().join("; ")
    }

    /// What comes next in the queue, in words.
    pub fn turn(&self, stage: &str) -> String {
        words(&policy::next_turn(self.view(stage), self.now))
    }

    pub fn evaluate(&self, stage: &str) -> Evaluation {
        policy::evaluate(&self.world, stage, self.now)
    }

    /// With everything written that an evaluation asks for.
    pub fn written(mut self, stage: &str, evaluation: &Evaluation) -> Self {
        for promotion in evaluation.create.iter().chain(&evaluation.end) {
            self.world.put(promotion.clone());
        }
        if let Some(status) = evaluation.status_patch() {
            let status = status.clone();
            self = self.status(stage, |old| *old = status);
        }
        self
    }

    /// The holds of a status, durable then effective, as `origin=freight`.
    pub fn holds(&self, stage: &str) -> (String, String) {
        let status = self.evaluate(stage).status;
        let text = |holds: BTreeMap<_, kargo_core::model::AutoPromotionHold>| {
            let each = holds.into_values().map(|hold| format!("{}={}", hold.origin.name, hold.freight_name));
            each.collect::<Vec<_>>().join(" ")
        };
        (text(status.auto_promotion_holds), text(status.effective_auto_promotion_holds))
    }

    /// What the Stage holds after an evaluation, as names.
    pub fn held(&self, stage: &str) -> String {
        let history = self.evaluate(stage).status.freight_history;
        let names = history.first().map(|held| held.freight.values().map(|of| of.name.to_string()).collect::<Vec<_>>());
        names.unwrap_or_default().join(" ")
    }
}

pub fn words(turn: &NextTurn) -> String {
    match turn {
        NextTurn::Nothing => "nothing".to_owned(),
        NextTurn::Start { promotion, supersedes_verification: false } => format!("{promotion} starts"),
        NextTurn::Start { promotion, .. } => format!("{promotion} starts, the verification stops"),
        NextTurn::Wait { promotion, reason, .. } => format!("{promotion} waits: {reason}"),
        NextTurn::Refuse { promotion, why } => {
            let reasons: Vec<_> = why.obstacles().map(ToString::to_string).collect();
            format!("{promotion} is refused: {}", reasons.join("; "))
        }
    }
}

/// A promotion in the making.
#[derive(Clone, Debug)]
pub struct Promo(pub Promotion);

/// The `number`th promotion, to `prod`, made at that minute; it is called `p1`, `p2` and so on.
pub fn promo(number: i64, freight: &str) -> Promo {
    let mut promotion =
        Promotion { metadata: ObjectMeta::named(format!("p{number}")).in_project("shop"), ..Promotion::default() };
    promotion.metadata.creation_timestamp = Some(minute(number));
    promotion.spec.stage = "prod".into();
    promotion.spec.freight = Some(freight.into());
    Promo(promotion)
}

impl Promo {
    fn annotated(mut self, key: &str, value: &str) -> Self {
        self.0.metadata.annotations.insert(key.to_owned(), value.to_owned());
        self
    }

    pub fn named(mut self, name: &str) -> Self {
        self.0.metadata.name = name.to_owned();
        self
    }

    pub fn to(mut self, stage: &str) -> Self {
        self.0.spec.stage = stage.into();
        self
    }

    pub fn by(self, actor: &str) -> Self {
        self.annotated(label::CREATE_ACTOR, actor)
    }

    /// Asked for by a person, with a hold of `cart`.
    pub fn hold(self) -> Self {
        self.by("email:ana@acme.example").annotated(label::AUTO_PROMOTION_HOLD, "Warehouse/cart")
    }

    pub fn resume(self) -> Self {
        self.by("email:ana@acme.example").annotated(label::AUTO_PROMOTION_RESUME, "Warehouse/cart")
    }

    pub fn rollback(self) -> Self {
        self.annotated(label::ROLLBACK, "true")
    }

    pub fn ended_by(self, reason: &str) -> Self {
        self.annotated(label::EXT_END, reason)
    }

    /// Of `cart` and `menu` together.
    pub fn with_menu(self, menu: &str) -> Self {
        let cart = self.0.spec.freight.clone().unwrap_or_default();
        self.annotated(
            label::EXT_FREIGHT,
            &format!("{{\"Warehouse/cart\": \"{cart}\", \"Warehouse/menu\": \"{menu}\"}}"),
        )
    }

    pub fn running(mut self) -> Self {
        self.0.status.phase = Some(PromotionPhase::Running);
        self.0.status.started_at = self.0.metadata.creation_timestamp;
        self
    }

    /// Ended at a minute, after it ran.
    pub fn ended(mut self, phase: &str, at: i64) -> Self {
        self = self.running();
        self.0.status.phase = Some(PromotionPhase::from(phase));
        self.0.status.finished_at = Some(minute(at));
        self
    }

    /// Stopped at a minute, before it ran.
    pub fn stopped(mut self, at: i64) -> Self {
        self.0.status.phase = Some(PromotionPhase::Aborted);
        self.0.status.finished_at = Some(minute(at));
        self
    }
}
