//! A host that keeps one promotion in a world, and runs its steps as a test says.

use std::collections::BTreeMap;

use kargo_core::{
    Manifests, Timestamp, World,
    model::{
        Freight, FreightRequest, Image, Object, ObjectMeta, Origin, Promotion, PromotionPhase, PromotionStep, Stage,
        StepExecutionMetadata, Variable,
    },
    promotion::{Input, Next, Preparation, Prepared, Reference, ResolveError, Resolved, StepRun, Waits, next, take},
    report::{StepError, StepProgress, StepReport, StepSpec, StepSpecs},
};
use serde_json::{Value as Json, json};

/// The answer of a step.
pub type Answer = Result<StepProgress, StepError>;

/// One promotion in a world, with a clock that the test moves.
#[derive(Clone)]
pub struct Host {
    pub world: World,
    pub now: Timestamp,
    pub ran: Vec<String>,
    /// Secrets and config maps, by `function/name`.
    pub outside: BTreeMap<String, BTreeMap<String, String>>,
    /// What was fetched of them, in order.
    pub fetched: Vec<String>,
}

pub const FREIGHT: &str = "84d9a0d81714243ecd236c670da11c7259af9059";
/// What must not be found anywhere.
pub const SECRET: &str = "t0p-s3cret-value";
pub const NAME: &str = "prod.01kdn3v0w10000000000000000.84d9a0d";

impl Host {
    /// A promotion with these steps, written as JSON.
    pub fn new(steps: Json) -> Self {
        let mut promotion = Promotion { metadata: ObjectMeta::named(NAME).in_project("shop"), ..Promotion::default() };
        promotion.spec.stage = "prod".into();
        promotion.spec.freight = Some(FREIGHT.into());
        promotion.spec.steps = read_steps(steps);
        let mut stage = Stage { metadata: ObjectMeta::named("prod").in_project("shop"), ..Stage::default() };
        stage.spec.requested_freight =
            vec![FreightRequest { origin: Origin::warehouse("cart"), ..FreightRequest::default() }];
        stage.status.current_promotion =
            Some(kargo_core::model::PromotionReference { name: NAME.into(), ..Default::default() });
        let image = Image { repo_url: "ghcr.io/acme/cart".into(), tag: "1.4.2".into(), ..Image::default() };
        let freight = Freight {
            metadata: ObjectMeta::named(FREIGHT).in_project("shop"),
            alias: Some("modest-marlin".into()),
            origin: Origin::warehouse("cart"),
            images: vec![image],
            ..Freight::default()
        };
        let warehouse = Manifests::parse(
            "w.yaml",
            "{apiVersion: kargo.akuity.io/v1alpha1, kind: Warehouse, metadata: {name: cart, namespace: shop}, spec: {subscriptions: [{image: {repoURL: ghcr.io/acme/cart, constraint: ^1.0.0}}]}}",
        )
        .unwrap();
        let mut world = World::of_project(&warehouse, "shop").with_step_specs(specs());
        world.put(stage);
        world.put(freight);
        world.put(promotion);
        let text = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        let outside = BTreeMap::from([
            ("secret/reg".to_owned(), text("token", SECRET)),
            ("configMap/cfg".to_owned(), text("region", "eu-1")),
        ]);
        let fetched = Vec::new();
        Self { world, now: at("2026-11-24T12:00:00Z"), ran: Vec::new(), outside, fetched }
    }

    /// With a change to the promotion, the Stage or anything else before it begins.
    pub fn with<T: Into<Object>>(mut self, object: T) -> Self {
        self.world.put(object);
        self
    }

    /// With other steps.
    pub fn steps(self, steps: Json) -> Self {
        let mut promotion = self.promotion();
        promotion.spec.steps = read_steps(steps);
        self.with(promotion)
    }

    /// With variables of the promotion.
    pub fn vars(self, vars: &[(&str, &str)]) -> Self {
        let mut promotion = self.promotion();
        let of = |(name, value): &(&str, &str)| Variable { name: (*name).into(), value: Some((*value).into()) };
        promotion.spec.vars = vars.iter().map(of).collect();
        self.with(promotion)
    }

    /// With one annotation more on the promotion.
    pub fn annotation(self, key: &str, value: &str) -> Self {
        let mut promotion = self.promotion();
        promotion.metadata.annotations.insert(key.to_owned(), value.to_owned());
        self.with(promotion)
    }

    pub fn stage(&self) -> Stage {
        self.world.stage("prod").unwrap().noun().clone()
    }

    /// What decides for this promotion as it is stored.
    pub fn next(&self) -> Next {
        next(&self.world, NAME, self.now).unwrap()
    }

    /// Status of each step that was looked at, in order, as in `a Succeeded, b Skipped`.
    pub fn statuses(&self) -> String {
        let records = self.promotion().status.step_execution_metadata;
        let of = |record: StepExecutionMetadata| {
            let status = record.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
            format!("{} {status}", record.alias.unwrap_or_default())
        };
        records.into_iter().map(of).collect::<Vec<_>>().join(", ")
    }

    /// The message of a step's record.
    pub fn said(&self, alias: &str) -> String {
        self.record(alias).and_then(|record| record.message).unwrap_or_default()
    }

    /// Goes on for a while of the test's clock.
    pub fn after(&mut self, seconds: i64) {
        self.now += chrono::TimeDelta::seconds(seconds);
    }

    pub fn promotion(&self) -> Promotion {
        self.world.promotion(NAME).unwrap().noun().clone()
    }

    pub fn phase(&self) -> PromotionPhase {
        self.promotion().status.phase.unwrap_or(PromotionPhase::Pending)
    }

    pub fn message(&self) -> String {
        self.promotion().status.message.unwrap_or_default()
    }

    pub fn record(&self, alias: &str) -> Option<StepExecutionMetadata> {
        self.promotion()
            .status
            .step_execution_metadata
            .into_iter()
            .find(|record| record.alias.as_deref() == Some(alias))
    }

    pub fn status(&self, alias: &str) -> String {
        let status = self.record(alias).and_then(|record| record.status);
        status.map_or_else(|| "-".to_owned(), |status| status.to_string())
    }

    pub fn output(&self, alias: &str) -> Json {
        self.promotion().status.state.map_or(Json::Null, |state| state.get(alias).cloned().unwrap_or(json!("no key")))
    }

    /// Goes on until it waits or ends; `run` answers for each attempt.
    pub fn drive(&mut self, mut run: impl FnMut(&StepRun) -> Answer) -> Vec<Waits> {
        self.drive_reports(|step| run(step).into())
    }

    /// As [`drive`](Self::drive), with reports.
    pub fn drive_reports(&mut self, mut run: impl FnMut(&StepRun) -> StepReport) -> Vec<Waits> {
        for _ in 0..1_000 {
            match next(&self.world, NAME, self.now).unwrap() {
                Next::Prepare { promotion, preparation } => {
                    self.world.put(*promotion);
                    let prepared = self.prepare(&preparation);
                    self.tell(&preparation.report(prepared));
                }
                Next::Run { promotion, run: step } => {
                    self.world.put(*promotion);
                    self.ran.push(step.alias.to_string());
                    let report = run(&step);
                    self.tell(&Input::Returned { step: step.step, report, heard: Vec::new() });
                }
                Next::Wait { promotion, waits } => {
                    self.world.put(*promotion);
                    return waits;
                }
                Next::Finish(status) => {
                    let mut promotion = self.promotion();
                    promotion.status = *status;
                    self.world.put(promotion);
                    return Vec::new();
                }
                other => panic!("{other:?}"),
            }
        }
        panic!("it goes on for ever")
    }

    /// Resolves what a step refers to.
    pub fn prepare(&mut self, preparation: &Preparation) -> Prepared {
        let mut resolved = Resolved::default();
        loop {
            match preparation.decide(&resolved) {
                Ok(prepared) => return prepared,
                Err(reference) => {
                    let entries = self.fetch(&reference);
                    resolved.insert(reference, entries);
                }
            }
        }
    }

    /// What is outside: `secret`, `configMap` and their shared ones, by `function/name`.
    pub fn fetch(&mut self, reference: &Reference) -> BTreeMap<String, String> {
        let key = format!("{}/{}", reference.function, reference.name);
        let found = self.outside.get(&key).cloned().unwrap_or_default();
        self.fetched.push(key);
        found
    }

    /// The configuration as a runner sees it.
    pub fn open(&mut self, run: &StepRun) -> Json {
        let mut resolved = Resolved::default();
        loop {
            match run.open_config(&resolved) {
                Ok(config) => return config.to_json().unwrap(),
                Err(ResolveError::Needs(reference)) => {
                    let entries = self.fetch(&reference);
                    resolved.insert(reference, entries);
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Goes on until a step is handed out, which is stored; nobody answers.
    pub fn drive_until_handed(&mut self, alias: &str) {
        for _ in 0..100 {
            match self.next() {
                Next::Prepare { promotion, preparation } => {
                    self.world.put(*promotion);
                    let prepared = self.prepare(&preparation);
                    self.tell(&preparation.report(prepared));
                }
                Next::Run { promotion, run } => {
                    self.world.put(*promotion);
                    self.ran.push(run.alias.to_string());
                    if &*run.alias == alias {
                        return;
                    }
                    self.tell(&run.report(Ok(StepProgress::done(Json::Null))));
                }
                other => panic!("{other:?}"),
            }
        }
        panic!("it goes on for ever")
    }

    /// Goes on until something has to be resolved, which nobody does.
    pub fn drive_until_prepared(&mut self) -> Preparation {
        for _ in 0..100 {
            match self.next() {
                Next::Prepare { promotion, preparation } => {
                    self.world.put(*promotion);
                    return *preparation;
                }
                Next::Run { promotion, run } => {
                    self.world.put(*promotion);
                    self.tell(&run.report(Ok(StepProgress::done(Json::Null))));
                }
                other => panic!("{other:?}"),
            }
        }
        panic!("it goes on for ever")
    }

    /// All steps answer as `no-op` would.
    pub fn drive_done(&mut self) -> Vec<Waits> {
        self.drive(|_| Ok(StepProgress::done(Json::Null)))
    }

    pub fn tell(&mut self, input: &Input) {
        let promotion = take(&self.world, NAME, self.now, input).unwrap();
        self.world.put(promotion);
    }
}

pub fn at(text: &str) -> Timestamp {
    kargo_core::model::time::from_manifest(text).unwrap()
}

fn read_steps(steps: Json) -> Vec<PromotionStep> {
    let steps: Vec<PromotionStep> = serde_json::from_value(steps).unwrap();
    let named =
        |(index, step): (usize, PromotionStep)| PromotionStep { alias: Some(step.effective_alias(index)), ..step };
    steps.into_iter().enumerate().map(named).collect()
}

fn specs() -> StepSpecs {
    let kinds: BTreeMap<&str, StepSpec> =
        ["a", "b", "c", "wait", "fail"].map(|name| (name, StepSpec::new(name))).into();
    let specs: StepSpecs = kinds.into_values().collect();
    specs
        .with(StepSpec::new("slow").times_out_after(kargo_core::model::Duration::from_secs(300)))
        .with(StepSpec::new("stubborn").gives_up_after(3))
        .with(StepSpec::new("compose-output").propagates_output())
        .with(StepSpec::new("page").acts_outside("pages somebody"))
        .with(StepSpec::new("keyed-page").acts_outside("pages somebody once").keyed())
        .with(
            StepSpec::new("call")
                .acts_outside("calls")
                .outside_when(kargo_core::report::Outside::Reads, "config.method == 'GET'")
                .polls_every(kargo_core::model::Duration::from_secs(30)),
        )
        .with(
            StepSpec::new("clone")
                .writes_tree()
                .acts_outside("creates branches")
                .outside_when(kargo_core::report::Outside::Reads, "config.create != true"),
        )
        .with(StepSpec::new("publish").writes_tree().acts_outside("pushes").keyed())
        .with(StepSpec::new("write").writes_tree())
        .with(StepSpec::new("read").reads_tree())
}
