//! The state of a picture from manifests that have status.

use std::collections::BTreeMap;

use super::{PictureState, Status, state::NodeState};
use crate::{
    Manifests,
    manifest::Entry,
    model::{
        FreightCollection, FreightName, FreightReference, HealthState, Junction, Object, Pause, Promotion,
        PromotionPhase, Stage, StageStatus, VerificationPhase,
    },
};

impl PictureState {
    /// What the objects of a project say in their status (resources 9.3), and which Pauses there are (rules 11).
    ///
    /// A Stage's [`Status`] is the most urgent of: the promotion that runs; health; how the last promotion ended; Pauses;
    /// what the latest verification of the current collection said, a later one counting before an earlier one (rules 6).
    /// Stages without steps, and Stages that say nothing, have no status. Each Stage lists the freight it holds, by alias
    /// where the Freight is among the manifests. A Pause counts as long as the object is there.
    ///
    /// ```
    /// use kargo_core::{Manifests, model::{Health, HealthState, ObjectMeta, PromotionStep, PromotionTemplate, Stage}};
    /// use kargo_core::pipeline::draw::{PictureState, Status};
    /// let mut uat = Stage { metadata: ObjectMeta::named("uat").in_project("shop"), ..Stage::default() };
    /// let mut template = PromotionTemplate::default();
    /// template.spec.steps.push(PromotionStep::default());
    /// uat.spec.promotion_template = Some(template);
    /// uat.status.health = Some(Health { status: Some(HealthState::Healthy), ..Health::default() });
    /// let state = PictureState::from_manifests(&Manifests::from_objects([uat.into()]), "shop");
    /// assert_eq!(state.status_of("uat"), Some(Status::Healthy));
    /// ```
    #[must_use]
    pub fn from_manifests(manifests: &Manifests, project: &str) -> Self {
        let facts = Facts::of(manifests, project);
        let mut state = Self::new();
        for object in objects(manifests, project) {
            match object {
                Object::Stage(stage) => {
                    let said = facts.stage(stage);
                    if said != NodeState::default() {
                        state.stages.entry(object.name().to_owned()).or_insert(said);
                    }
                }
                Object::Junction(junction) => {
                    let details = facts.junction(junction);
                    if !details.is_empty() {
                        let origin = crate::Origin::junction(object.name());
                        state.origins.entry(origin).or_insert(NodeState { status: None, details });
                    }
                }
                _ => {}
            }
        }
        state
    }
}

fn objects<'a>(manifests: &'a Manifests, project: &str) -> impl Iterator<Item = &'a Object> {
    manifests.entries().map(Entry::object).filter(move |object| manifests.project_of(object) == Some(project))
}

/// What a Stage's status refers to.
#[derive(Default)]
struct Facts<'a> {
    aliases: BTreeMap<&'a str, &'a str>,
    promotions: BTreeMap<&'a str, &'a Promotion>,
    pauses: Vec<&'a Pause>,
}

impl<'a> Facts<'a> {
    fn of(manifests: &'a Manifests, project: &str) -> Self {
        let mut facts = Self::default();
        for object in objects(manifests, project) {
            match object {
                Object::Freight(freight) => {
                    if let Some(alias) = freight.alias.as_deref().filter(|alias| !alias.is_empty()) {
                        facts.aliases.insert(object.name(), alias);
                    }
                }
                Object::Promotion(promotion) => {
                    facts.promotions.insert(object.name(), promotion);
                }
                Object::Pause(pause) => facts.pauses.push(pause),
                _ => {}
            }
        }
        facts
    }

    fn stage(&self, stage: &Stage) -> NodeState {
        let status = &stage.status;
        let silent = *status == StageStatus::default();
        let mut said = NodeState::default();
        let mut say = |urgency: Option<Status>, detail: Option<String>| {
            said.status = said.status.into_iter().chain(urgency).min();
            said.details.extend(detail);
        };

        let current = status.freight_history.first().filter(|collection| !collection.freight.is_empty());
        if let Some(current) = current {
            self.holds(current).into_iter().for_each(|line| say(None, Some(line)));
        } else if !silent && !stage.is_control_flow() {
            say(None, Some("no freight".to_owned()));
        }
        if let Some(pause) = self.pause_of(&stage.metadata.name) {
            let reason = pause.spec.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            say(Some(Status::Paused), Some(format!("paused{reason}")));
        }
        if silent || stage.is_control_flow() {
            return said;
        }
        if let Some(detail) = self.promoting(status) {
            say(Some(Status::Promoting), Some(detail));
        }
        if let Some(last) = &status.last_promotion {
            let ended = last.status.as_ref();
            if let Some(phase @ (PromotionPhase::Failed | PromotionPhase::Errored)) =
                ended.and_then(|s| s.phase.as_ref())
            {
                let message = ended.and_then(|status| status.message.as_deref());
                say(Some(Status::Failed), Some(with_message(format!("promotion {phase}"), message)));
            }
        }
        let (health, issue) = health(status);
        say(Some(health), issue);
        let (verdict, detail) = current.map_or((None, None), |current| verification(status, current));
        say(verdict, detail);
        if status.promotion_window_status.as_ref().is_some_and(|window| window.closed) {
            say(None, Some("promotion window closed".to_owned()));
        }
        said
    }

    fn junction(&self, junction: &Junction) -> Vec<String> {
        let status = &junction.status;
        let release = status.releases.first().map(|release| self.called(&release.freight));
        let slots = match status.slots.len() {
            0 => None,
            1 => Some("1 slot filled".to_owned()),
            number => Some(format!("{number} slots filled")),
        };
        release.into_iter().chain(slots).collect()
    }

    /// The freight of a collection, a line for each origin.
    fn holds(&self, collection: &FreightCollection) -> Vec<String> {
        let several = collection.freight.len() > 1;
        let line = |origin: &crate::Origin, freight: &FreightReference| {
            let prefix = if several { format!("{}: ", origin.name) } else { String::new() };
            let version = only_version(freight).map(|version| format!(" {version}")).unwrap_or_default();
            format!("{prefix}{}{version}", self.called(&freight.name))
        };
        collection.freight.iter().map(|(origin, freight)| line(origin, freight)).collect()
    }

    /// The alias of freight, or the beginning of its id.
    fn called(&self, freight: &FreightName) -> String {
        self.aliases.get(freight.as_str()).map_or_else(|| short(freight), |alias| (*alias).to_owned())
    }

    fn promoting(&self, status: &StageStatus) -> Option<String> {
        let current = status.current_promotion.as_ref()?;
        let freight = current.freight.as_ref().map(|freight| self.called(&freight.name));
        let what = freight.unwrap_or_else(|| current.name.to_string());
        let step = self.promotions.get(current.name.as_str()).and_then(|promotion| {
            let steps = i64::try_from(promotion.spec.steps.len()).ok().filter(|&steps| steps > 0)?;
            let step = promotion.status.current_step.saturating_add(1).clamp(1, steps);
            promotion.status.started_at.map(|_| format!(", step {step} of {steps}"))
        });
        Some(format!("promoting {what}{}", step.unwrap_or_default()))
    }

    fn pause_of(&self, stage: &str) -> Option<&'a Pause> {
        let of = |pause: &Pause| pause.spec.stage.as_ref().is_none_or(|paused| *paused == stage);
        self.pauses.iter().copied().find(|pause| of(pause))
    }
}

/// Health in a word, and the first issue where there is one.
fn health(status: &StageStatus) -> (Status, Option<String>) {
    let Some(health) = &status.health else { return (Status::Unknown, None) };
    let state = match health.status {
        Some(HealthState::Healthy | HealthState::NotApplicable) => Status::Healthy,
        Some(HealthState::Progressing) => Status::Progressing,
        Some(HealthState::Unhealthy) => Status::Unhealthy,
        Some(HealthState::Unknown | HealthState::Other(_)) | None => Status::Unknown,
    };
    // Unknown health hides behind a verdict, so it is told in words too.
    let unknown = (state == Status::Unknown).then(|| "health unknown".to_owned());
    (state, health.issues.first().cloned().or(unknown))
}

/// What verification said of the current collection. The history is newest first (resources 8.5).
fn verification(status: &StageStatus, current: &FreightCollection) -> (Option<Status>, Option<String>) {
    let Some(latest) = current.verification_history.first() else {
        // Where nothing is to be verified the condition alone says so (resources 21).
        let verified =
            status.conditions.iter().any(|condition| condition.type_ == "Verified" && condition.status == "True");
        return (verified.then_some(Status::Verified), None);
    };
    match &latest.phase {
        Some(VerificationPhase::Pending | VerificationPhase::Running) => (Some(Status::Verifying), None),
        Some(VerificationPhase::Successful) => (Some(Status::Verified), None),
        Some(phase @ (VerificationPhase::Failed | VerificationPhase::Error | VerificationPhase::Inconclusive)) => {
            (Some(Status::Failed), Some(with_message(format!("verification {phase}"), latest.message.as_deref())))
        }
        Some(phase @ (VerificationPhase::Aborted | VerificationPhase::Other(_))) => {
            (None, Some(format!("verification {phase}")))
        }
        None => (None, None),
    }
}

fn with_message(text: String, message: Option<&str>) -> String {
    match message {
        Some(message) if !message.is_empty() => format!("{text}: {message}"),
        _ => text,
    }
}

/// The version of freight that is made of one artifact.
fn only_version(freight: &FreightReference) -> Option<String> {
    let images = freight.images.iter().map(|image| {
        if image.tag.is_empty() { image.digest.chars().take(19).collect() } else { image.tag.to_string() }
    });
    let charts = freight.charts.iter().map(|chart| chart.version.clone());
    let commits =
        freight.commits.iter().map(|commit| commit.tag.as_ref().map_or_else(|| short(&commit.id), ToString::to_string));
    let others = freight.artifacts.iter().map(|artifact| artifact.version.clone());
    let mut versions = images.chain(charts).chain(commits).chain(others);
    let first = versions.next().filter(|version| !version.is_empty())?;
    versions.next().is_none().then_some(first)
}

/// The beginning of an id, as people quote it.
fn short(id: &str) -> String {
    id.chars().take(7).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Origin,
        model::{
            Condition, Freight, Health, Image, ObjectMeta, PauseSpec, PromotionReference, PromotionStatus,
            PromotionStep, PromotionTemplate, ReleaseRecord, SlotStatus, VerificationInfo,
        },
    };

    const MARLIN: &str = "84d9a0d81714243ecd236c670da11c7259af9059";

    fn stage(change: impl FnOnce(&mut StageStatus)) -> Stage {
        let mut stage = Stage { metadata: ObjectMeta::named("uat").in_project("shop"), ..Stage::default() };
        let mut template = PromotionTemplate::default();
        template.spec.steps.push(PromotionStep::default());
        stage.spec.promotion_template = Some(template);
        change(&mut stage.status);
        stage
    }

    fn reference(name: &str, tag: &str) -> FreightReference {
        let image = Image { tag: tag.into(), ..Image::default() };
        FreightReference { name: name.into(), images: vec![image], ..FreightReference::default() }
    }

    fn holding(phases: &[VerificationPhase]) -> FreightCollection {
        let info = |phase: &VerificationPhase| VerificationInfo {
            phase: Some(phase.clone()),
            message: Some("p99 too high".into()),
            ..VerificationInfo::default()
        };
        FreightCollection {
            freight: [(Origin::warehouse("cart"), reference(MARLIN, "1.4.2"))].into(),
            verification_history: phases.iter().map(info).collect(),
            ..FreightCollection::default()
        }
    }

    fn is(state: HealthState) -> Option<Health> {
        Some(Health { status: Some(state), ..Health::default() })
    }

    /// Status and details of the Stage, with other objects beside it.
    fn said(stage: Stage, others: Vec<Object>) -> (Option<Status>, Vec<String>) {
        let manifests = Manifests::from_objects(others.into_iter().chain([stage.into()]));
        let state = PictureState::from_manifests(&manifests, "shop");
        (state.status_of("uat"), state.details_of("uat").map(str::to_owned).collect())
    }

    #[test]
    fn resources_9_3_the_most_urgent_fact_is_the_status() {
        use VerificationPhase::{Aborted, Error, Failed, Inconclusive, Pending, Running, Successful};
        let healthy = || is(HealthState::Healthy);
        let verdicts = |phases: &[VerificationPhase]| {
            said(stage(|s| (s.health, s.freight_history) = (healthy(), vec![holding(phases)])), vec![]).0
        };
        assert_eq!(verdicts(&[]), Some(Status::Healthy));
        assert_eq!(verdicts(&[Successful]), Some(Status::Verified));
        // The latest verdict counts (rules 6).
        assert_eq!(verdicts(&[Failed, Successful]), Some(Status::Failed));
        assert_eq!(verdicts(&[Successful, Failed]), Some(Status::Verified));
        assert_eq!(verdicts(&[Running, Successful]), Some(Status::Verifying));
        assert_eq!(verdicts(&[Pending]), Some(Status::Verifying));
        assert_eq!(verdicts(&[Error]), Some(Status::Failed));
        assert_eq!(verdicts(&[Inconclusive]), Some(Status::Failed));
        assert_eq!(verdicts(&[Aborted]), Some(Status::Healthy));

        let health = |state: HealthState| {
            said(stage(|s| (s.health, s.freight_history) = (is(state), vec![holding(&[Successful])])), vec![]).0
        };
        assert_eq!(health(HealthState::Unhealthy), Some(Status::Unhealthy));
        assert_eq!(health(HealthState::Progressing), Some(Status::Progressing));
        assert_eq!(health(HealthState::Unknown), Some(Status::Verified));
        let (_, details) = said(stage(|s| s.health = is(HealthState::Unknown)), vec![]);
        assert_eq!(details, ["no freight", "health unknown"]);

        let promoting = |s: &mut StageStatus| {
            s.health = is(HealthState::Unhealthy);
            s.current_promotion = Some(PromotionReference::default());
        };
        assert_eq!(said(stage(promoting), vec![]).0, Some(Status::Promoting));
    }

    #[test]
    fn resources_21_a_condition_says_verified_where_nothing_is_verified() {
        let condition = Condition { type_: "Verified".into(), status: "True".into(), ..Condition::default() };
        let (status, _) =
            said(stage(|s| (s.conditions, s.freight_history) = (vec![condition], vec![holding(&[])])), vec![]);
        assert_eq!(status, Some(Status::Verified));
    }

    #[test]
    fn details_name_freight_by_alias_and_what_is_wrong() {
        let freight = Freight {
            metadata: ObjectMeta::named(MARLIN).in_project("shop"),
            alias: Some("modest-marlin".into()),
            ..Freight::default()
        };
        let mut promotion =
            Promotion { metadata: ObjectMeta::named("uat.1").in_project("shop"), ..Promotion::default() };
        promotion.spec.steps = vec![PromotionStep::default(); 5];
        promotion.status = PromotionStatus {
            current_step: 2,
            started_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            ..PromotionStatus::default()
        };
        let full = stage(|s| {
            s.freight_history = vec![holding(&[VerificationPhase::Failed])];
            s.current_promotion = Some(PromotionReference {
                name: "uat.1".into(),
                freight: Some(reference("0123456789", "2")),
                ..PromotionReference::default()
            });
            let failed = PromotionStatus {
                phase: Some(PromotionPhase::Failed),
                message: Some("no".into()),
                ..PromotionStatus::default()
            };
            s.last_promotion = Some(PromotionReference { status: Some(failed), ..PromotionReference::default() });
            let unwell =
                Health { status: Some(HealthState::Unhealthy), issues: vec!["0 of 3".into()], ..Health::default() };
            s.health = Some(unwell);
        });
        let (status, details) = said(full.clone(), vec![freight.into(), promotion.into()]);
        assert_eq!(status, Some(Status::Promoting));
        let expected = [
            "modest-marlin 1.4.2",
            "promoting 0123456, step 3 of 5",
            "promotion Failed: no",
            "0 of 3",
            "verification Failed: p99 too high",
        ];
        assert_eq!(details, expected);
        // Without the Freight its id is quoted.
        assert_eq!(said(full, vec![]).1[0], "84d9a0d 1.4.2");
    }

    #[test]
    fn several_origins_are_named() {
        let mut collection = holding(&[]);
        collection.freight.insert(Origin::warehouse("web"), reference("abcdef0123", "9"));
        let (_, details) = said(stage(|s| s.freight_history = vec![collection]), vec![]);
        assert_eq!(details, ["cart: 84d9a0d 1.4.2", "web: abcdef0 9"]);
    }

    #[test]
    fn stages_that_say_nothing_have_no_status_and_empty_ones_hold_nothing() {
        assert_eq!(said(stage(|_| {}), vec![]), (None, vec![]));
        let empty = stage(|s| s.observed_generation = Some(1));
        assert_eq!(said(empty, vec![]), (Some(Status::Unknown), vec!["no freight".to_owned()]));
        let mut passing = stage(|s| s.observed_generation = Some(1));
        passing.spec.promotion_template = None;
        assert_eq!(said(passing, vec![]), (None, vec![]));
    }

    #[test]
    fn rules_11_a_pause_is_of_one_stage_or_of_all() {
        let pause = |stage: Option<&str>, project: &str| -> Object {
            let spec =
                PauseSpec { stage: stage.map(Into::into), reason: Some("frozen".into()), ..PauseSpec::default() };
            Pause { metadata: ObjectMeta::named("p").in_project(project), spec }.into()
        };
        let paused = (Some(Status::Paused), vec!["paused: frozen".to_owned()]);
        assert_eq!(said(stage(|_| {}), vec![pause(Some("uat"), "shop")]), paused);
        assert_eq!(said(stage(|_| {}), vec![pause(None, "shop")]), paused);
        assert_eq!(said(stage(|_| {}), vec![pause(Some("prod"), "shop")]), (None, vec![]));
        assert_eq!(said(stage(|_| {}), vec![pause(None, "other")]), (None, vec![]));
        let unwell = stage(|s| s.health = is(HealthState::Unhealthy));
        assert_eq!(said(unwell, vec![pause(None, "shop")]).0, Some(Status::Unhealthy));
    }

    #[test]
    fn a_junction_says_what_it_released_last() {
        let mut train = Junction { metadata: ObjectMeta::named("train").in_project("shop"), ..Junction::default() };
        train.status.releases = vec![ReleaseRecord { freight: "0123456789".into(), ..ReleaseRecord::default() }];
        train.status.slots.insert(Origin::warehouse("cart"), SlotStatus::default());
        let state = PictureState::from_manifests(&Manifests::from_objects([train.into()]), "shop");
        assert_eq!(state, PictureState::new().origin(Origin::junction("train"), ["0123456", "1 slot filled"]));
    }
}
