//! Tests of new promotions, each naming its section.

use chrono::DateTime;
use serde_json::json;

use super::*;
use crate::{
    expr::{Env, Template, TemplateError, Value},
    freight::{collection::collection_id, ulid_at},
    model::{
        ForEachMode, FreightRequest, Loop, Loops, PromotionStep, PromotionTaskSpec, PromotionTemplate,
        PromotionTemplateSpec, StagePolicySpec, StepPolicy, TargetSpec, TaskKind, TaskName, TaskReference,
    },
    promotion::{LoopError, TaskProblem, VariableError},
};

const A: &str = "84d9a0d81714243ecd236c670da11c7259af9059";
const B: &str = "778eda38db6788f9470154adfcc64a364c32af11";

type Shelf = BTreeMap<(TaskKind, TaskName), PromotionTaskSpec>;

fn var(name: &str, value: &str) -> Variable {
    Variable { name: name.into(), value: Some(value.into()) }
}

fn uses(runner: &str) -> PromotionStep {
    PromotionStep { uses: Some(runner.into()), ..PromotionStep::default() }
}

fn reference(alias: &str) -> PromotionStep {
    let task = Some(TaskReference { name: "ship".into(), kind: None });
    PromotionStep { task, alias: Some(alias.into()), ..PromotionStep::default() }
}

fn over(list: &str) -> ForEach {
    ForEach { in_: list.into(), as_: "app".into(), mode: ForEachMode::Sequential, max: 10 }
}

fn freight(name: &str, origin: Origin) -> TargetFreight {
    TargetFreight { name: name.into(), alias: format!("alias-{}", &name[..3]), origin }
}

/// What the tests change before they build.
struct Made {
    stage: Stage,
    policy: Option<StagePolicy>,
    tasks: Shelf,
    freight: Vec<TargetFreight>,
    target: Option<Target>,
    actor: Option<&'static str>,
    rollback: bool,
    intents: BTreeMap<Origin, HoldIntent>,
    request: Option<OwnerReference>,
}

impl Made {
    fn new(steps: &[PromotionStep]) -> Self {
        let mut stage = Stage { metadata: ObjectMeta::named("Prod").in_project("shop"), ..Stage::default() };
        let request = |name: &str| FreightRequest { origin: Origin::warehouse(name), ..FreightRequest::default() };
        stage.spec.requested_freight = vec![request("web"), request("api")];
        stage.spec.vars = vec![var("region", "eu"), var("shared", "stage")];
        let vars = vec![var("shared", "template"), var("apps", "${{ ['a', ctx.targetFreight.alias] }}")];
        stage.spec.promotion_template =
            Some(PromotionTemplate { spec: PromotionTemplateSpec { vars, steps: steps.to_vec() } });
        let ship = PromotionTaskSpec { vars: vec![], steps: vec![uses("git-push")] };
        Self {
            stage,
            policy: None,
            tasks: Shelf::from([((TaskKind::PromotionTask, "ship".into()), ship)]),
            freight: vec![freight(A, Origin::warehouse("web"))],
            target: None,
            actor: None,
            rollback: false,
            intents: BTreeMap::new(),
            request: None,
        }
    }

    fn build(&self) -> Result<Promotion, BuildError> {
        let now = DateTime::from_timestamp(1_795_528_920, 0).unwrap();
        let new = NewPromotion {
            stage: &self.stage,
            policy: self.policy.as_ref(),
            tasks: &self.tasks,
            freight: &self.freight,
            target: self.target.as_ref(),
            actor: self.actor,
            rollback: self.rollback,
            intents: &self.intents,
            ulid: ulid_at(now, 7, None),
            ui_base_url: "https://kargo.acme.example",
            request: self.request.as_ref(),
        };
        build(&new, &Functions::new(), &mut |template, env| template.run(env, now))
    }
}

fn text_map<const N: usize>(entries: [(&str, &str); N]) -> BTreeMap<String, String> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[test]
fn resources_17_8_what_admission_puts_on() {
    let promotion = Made::new(&[uses("git-clone"), reference("t")]).build().unwrap();
    let ulid = ulid_at(DateTime::from_timestamp(1_795_528_920, 0).unwrap(), 7, None).to_string().to_lowercase();
    let metadata = ObjectMeta {
        labels: text_map([(label::STAGE, "Prod")]),
        annotations: text_map([(label::STAGE, "Prod")]),
        ..ObjectMeta::named(format!("prod.{ulid}.84d9a0d")).in_project("shop")
    };
    let vars = ["region", "shared", "shared", "apps"];
    assert_eq!(promotion.metadata, metadata);
    assert_eq!(promotion.status, PromotionStatus::default());
    assert_eq!((&*promotion.spec.stage, promotion.spec.freight.as_deref()), ("Prod", Some(A)));
    assert_eq!((promotion.spec.origin, promotion.spec.target), (None, None));
    assert_eq!(promotion.spec.vars.iter().map(|var| var.name.as_str()).collect::<Vec<_>>(), vars);
    assert_eq!(promotion.spec.vars[2], var("shared", "template"), "the template's come after the Stage's");
    let steps: Vec<_> = promotion.spec.steps.iter().map(|step| (step.alias.as_deref(), step.uses.as_deref())).collect();
    assert_eq!(steps, [(Some("step-1"), Some("git-clone")), (Some("t::step-1"), Some("git-push"))]);
}

#[test]
fn resources_17_8_and_15_what_depends_on_the_stage_and_the_request() {
    let mut made = Made::new(&[uses("a")]);
    made.stage.metadata.name = "s".repeat(70);
    made.stage.metadata.uid = Some("u1".into());
    made.stage.spec.shard = Some("east".into());
    made.actor = Some("email:ana@acme.example");
    made.rollback = true;
    let metadata = made.build().unwrap().metadata;
    let name = made.stage.metadata.name.clone();
    let short = short::label_value_of(&name);
    assert_ne!(short, name);
    assert_eq!(metadata.labels, text_map([(label::STAGE, &short), (label::SHARD, "east")]));
    let annotations =
        [(label::STAGE, &*name), (label::CREATE_ACTOR, "email:ana@acme.example"), (label::ROLLBACK, "true")];
    assert_eq!(metadata.annotations, text_map(annotations));
    let owner = OwnerReference {
        api_version: "kargo.akuity.io/v1alpha1".into(),
        kind: "Stage".into(),
        name,
        uid: "u1".into(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    };
    assert_eq!(metadata.owner_references, std::slice::from_ref(&owner));
    let request = OwnerReference { kind: "PromotionRequest".into(), ..owner };
    made.request = Some(request.clone());
    assert_eq!(made.build().unwrap().metadata.owner_references, [request]);
    made.stage.spec.shard = Some(String::new());
    assert!(!made.build().unwrap().metadata.labels.contains_key(label::SHARD));
}

#[test]
fn resources_16_4_a_target_is_named() {
    let mut made = Made::new(&[PromotionStep { for_each: Some(over("target.params.apps")), ..reference("roll") }]);
    let params = BTreeMap::from([("apps".to_owned(), json!(["x"]))]);
    made.target =
        Some(Target { metadata: ObjectMeta::named("eu-1"), spec: TargetSpec { params }, ..Target::default() });
    let promotion = made.build().unwrap();
    assert!(promotion.metadata.name.starts_with("prod.eu-1."), "{}", promotion.metadata.name);
    assert_eq!(promotion.spec.target.as_deref(), Some("eu-1"));
    assert_eq!(promotion.spec.steps[0].vars, [var("app", "x")]);
}

/// Rules 13: the first requested origin's freight is the promotion's, the map and the intents are in annotations of ours.
#[test]
fn rules_13_several_origins() {
    let mut made = Made::new(&[uses("a")]);
    let (web, api, train) = (Origin::warehouse("web"), Origin::warehouse("api"), Origin::junction("train"));
    made.freight = vec![freight(B, api.clone()), freight(A, web.clone())];
    let promotion = made.build().unwrap();
    assert_eq!(promotion.spec.freight.as_deref(), Some(A));
    assert!(promotion.metadata.name.ends_with(&collection_id([A, B])[..7]));
    let map = format!(r#"{{"Warehouse/api":"{B}","Warehouse/web":"{A}"}}"#);
    assert_eq!(promotion.metadata.annotations[label::EXT_FREIGHT], map);
    assert!(!promotion.metadata.annotations.contains_key(label::EXT_HOLDS));

    // A policy's requests come after the Stage's own.
    let request = FreightRequest { origin: train.clone(), ..FreightRequest::default() };
    let spec = StagePolicySpec { requested_freight: vec![request], ..StagePolicySpec::default() };
    made.policy = Some(StagePolicy { spec, ..StagePolicy::default() });
    made.freight = vec![freight(A, train.clone()), freight(B, api.clone())];
    made.intents = BTreeMap::from([(train, HoldIntent::Hold), (api.clone(), HoldIntent::Resume)]);
    let promotion = made.build().unwrap();
    assert_eq!(promotion.spec.freight.as_deref(), Some(B));
    let holds = r#"{"Junction/train":"Hold","Warehouse/api":"Resume"}"#;
    assert_eq!(promotion.metadata.annotations[label::EXT_HOLDS], holds);
    assert!(!promotion.metadata.annotations.contains_key(label::AUTO_PROMOTION_HOLD));

    // One origin: Kargo's own annotations.
    for (intent, key) in
        [(HoldIntent::Hold, label::AUTO_PROMOTION_HOLD), (HoldIntent::Resume, label::AUTO_PROMOTION_RESUME)]
    {
        made.freight = vec![freight(B, api.clone())];
        made.intents = BTreeMap::from([(api.clone(), intent)]);
        let annotations = made.build().unwrap().metadata.annotations;
        assert_eq!(annotations, text_map([(label::STAGE, "Prod"), (key, "Warehouse/api")]));
    }
}

#[test]
fn rules_13_which_freight_may_be_promoted_together() {
    let (web, api) = (Origin::warehouse("web"), Origin::warehouse("api"));
    let other = Origin::junction("web");
    for (freight, error) in [
        (vec![], BuildError::NoFreight),
        (vec![freight(A, other.clone())], BuildError::NotRequested { stage: "Prod".into(), origin: other }),
        (vec![freight(A, web.clone()), freight(B, web.clone())], BuildError::TwoOfOneOrigin { origin: web.clone() }),
    ] {
        let made = Made { freight, ..Made::new(&[uses("a")]) };
        assert_eq!(made.build(), Err(error));
    }
    let intents = BTreeMap::from([(api.clone(), HoldIntent::Hold)]);
    assert_eq!(Made { intents, ..Made::new(&[uses("a")]) }.build(), Err(BuildError::Intent { origin: api }));
    let nameless = TargetFreight { origin: web, ..TargetFreight::default() };
    assert_eq!(Made { freight: vec![nameless], ..Made::new(&[uses("a")]) }.build(), Err(BuildError::NoName));
}

#[test]
fn promotion_engine_3_2_a_template_without_steps_is_refused() {
    let error = "Stage \"Prod\" in namespace \"shop\" defines no promotion steps";
    let mut made = Made::new(&[]);
    assert_eq!(made.build().unwrap_err().to_string(), error);
    made.stage.spec.promotion_template = None;
    assert_eq!(made.build().unwrap_err().to_string(), error);
    let empty = PromotionStep { for_each: Some(over("[]")), ..reference("roll") };
    assert_eq!(Made::new(&[empty]).build(), Err(BuildError::NothingToDo));
}

#[test]
fn promotion_engine_3_3_errors_are_wrapped() {
    let mut made = Made::new(&[reference("t")]);
    made.tasks.values_mut().for_each(|task| task.vars = vec![Variable { name: "v".into(), value: None }]);
    let error = "failed to inflate Promotion steps: inflate task steps for task \"ship\" (\"t\"): missing value for variable \"v\"";
    assert_eq!(made.build().unwrap_err().to_string(), error);
}

/// Rules 15: the list comes from `ctx` and variables of the promotion; the record of the loop goes with the promotion.
#[test]
fn rules_15_loops_are_unrolled_at_creation() {
    let mut made = Made::new(&[uses("a"), reference("roll")]);
    let step = StepPolicy { for_each: Some(over("concat(vars.apps, [vars.region, ctx.stage])")), on_unknown: None };
    let spec = StagePolicySpec { steps: BTreeMap::from([("roll".into(), step)]), ..StagePolicySpec::default() };
    made.policy = Some(StagePolicy { spec, ..StagePolicy::default() });
    let promotion = made.build().unwrap();
    let elements: Vec<_> =
        promotion.spec.steps[1..].iter().map(|step| step.vars[0].value.as_deref().unwrap()).collect();
    assert_eq!(elements, ["a", "alias-84d", "eu", "Prod"]);
    let loops: Loops = promotion.metadata.annotations[label::EXT_LOOPS].parse().unwrap();
    assert_eq!(loops.get("roll").map(Loop::range), Some(1..5));
    let aliases: Vec<_> = promotion.spec.steps.iter().map(|step| step.alias.as_deref().unwrap()).collect();
    assert_eq!(loops.check(&aliases), Ok(()));
}

#[test]
fn rules_15_a_list_that_needs_a_secret_is_refused_by_name() {
    let mut made = Made::new(&[PromotionStep { for_each: Some(over("vars.token")), ..reference("roll") }]);
    made.stage.spec.vars.push(var("token", "${{ [secret('s').token] }}"));
    let error = made.build().unwrap_err();
    let BuildError::Inflate(InflateError::Task { problem: TaskProblem::Loop(problem), .. }) = &error else {
        panic!("{error}")
    };
    assert_eq!(*problem, LoopError::Unavailable { name: "secret()".into(), variable: Some("token".into()) });
    assert!(error.to_string().contains("cannot use secret() (in variable \"token\")"), "{error}");
}

/// Every evaluation goes through the one function, and its error comes out.
#[test]
fn promotion_engine_2_what_cannot_be_evaluated() {
    let made = Made::new(&[PromotionStep { for_each: Some(over("vars.region")), ..reference("roll") }]);
    let new = NewPromotion {
        stage: &made.stage,
        policy: None,
        tasks: &made.tasks,
        freight: &made.freight,
        target: None,
        actor: None,
        rollback: false,
        intents: &made.intents,
        ulid: Ulid::from_parts(1, 1),
        ui_base_url: "",
        request: None,
    };
    let refused = TemplateError::Unclosed { offset: 1, closer: "}}" };
    let error =
        build(&new, &Functions::new(), &mut |_: &Template, _: &Env| -> Result<Value, _> { Err(refused.clone()) });
    let variable = LoopError::ListVariable { error: Box::new(VariableError { name: "region".into(), error: refused }) };
    let inflate = InflateError::Task { task: "ship".into(), alias: "roll".into(), problem: variable.into() };
    assert_eq!(error, Err(BuildError::Inflate(inflate)));
}

/// Promotion-engine 3.2: what is edited afterwards does not reach the promotion, which holds copies.
#[test]
fn promotion_engine_3_2_later_edits_do_not_matter() {
    let mut made =
        Made::new(&[reference("t"), PromotionStep { for_each: Some(over("vars.apps")), ..reference("roll") }]);
    let promotion = made.build().unwrap();
    let text = serde_json::to_string(&promotion.spec).unwrap();
    assert!(!text.contains("\"task\"") && !text.contains("forEach"), "nothing refers to what can be edited: {text}");
    made.tasks.values_mut().for_each(|task| task.steps.push(uses("fail")));
    made.stage.spec.vars.push(var("region", "us"));
    assert_eq!(serde_json::to_string(&promotion.spec).unwrap(), text);
    assert_ne!(made.build().unwrap().spec, promotion.spec, "a new one has the edits");
}
