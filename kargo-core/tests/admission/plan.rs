//! A small world in plain numbers, from which a real one is built. Times are minutes or milliseconds after one midnight.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kargo_core::{
    Origin, StageName, Timestamp, World,
    model::{
        Approval, ApprovalSpec, ApprovedStage, AvailabilityStrategy, ClusterConfig, CurrentStage, Duration, Freight,
        FreightName, FreightRequest, ObjectMeta, Pause, PauseSpec, PolicySelector, ProjectConfig, PromotionStep,
        PromotionTemplate, PromotionWindow, Rejection, RejectionSpec, Stage, StagePolicy, VerifiedStage, WindowKind,
    },
};

pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 24 * 60;

/// Whose approvals a policy may count, and the people who approve.
pub const PATTERNS: [&str; 5] = ["email:ana@acme.example", "glob:team-*", "regex:^ops", "regex:(", "bob"];
pub const ACTORS: [&str; 13] = [
    "",
    "email:ana@acme.example",
    "bob",
    "guest-1",
    "guest-2",
    "guest-3",
    "team-1",
    "team-2",
    "team-3",
    "ops-1",
    "ops-2",
    "ops-3",
    "guest-4",
];

#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub stages: Vec<StagePlan>,
    pub freight: Vec<FreightPlan>,
    pub rejections: BTreeMap<String, RejectionPlan>,
    pub pauses: BTreeMap<String, PausePlan>,
    pub approvals: Vec<ApprovalPlan>,
    pub windows: BTreeMap<String, WindowPlan>,
    /// In milliseconds.
    pub now: i64,
}

#[derive(Clone, Debug, Default)]
pub struct StagePlan {
    pub requests: Vec<RequestPlan>,
    /// Written in its policy.
    pub more_requests: Vec<RequestPlan>,
    pub has_steps: bool,
    pub required: u32,
    /// Indexes of patterns.
    pub actors: Vec<usize>,
}

#[derive(Clone, Debug, Default)]
pub struct RequestPlan {
    pub origin: usize,
    pub direct: bool,
    /// Indexes of Stages; one of them may not exist.
    pub upstreams: Vec<usize>,
    pub needs_all: Option<bool>,
    /// In minutes.
    pub soak: Option<i64>,
}

#[derive(Clone, Debug, Default)]
pub struct FreightPlan {
    pub origin: usize,
    /// In minutes.
    pub found: Option<i64>,
    /// By the indexes of Stages.
    pub visits: BTreeMap<usize, VisitPlan>,
}

#[derive(Clone, Debug, Default)]
pub struct VisitPlan {
    /// Since when, in milliseconds, if that is known.
    pub current: Option<Option<i64>>,
    /// With the longest stay that ended, in minutes.
    pub verified: Option<Option<i64>>,
    /// When it was verified for the first time, in milliseconds, if that is known.
    pub verified_at: Option<i64>,
    pub withdrawn: bool,
    pub approved: bool,
}

#[derive(Clone, Debug)]
pub struct RejectionPlan {
    pub freight: usize,
    pub stages: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct PausePlan {
    pub stage: Option<usize>,
    /// In minutes.
    pub until: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct ApprovalPlan {
    pub freight: usize,
    pub stage: usize,
    pub actor: &'static str,
}

#[derive(Clone, Debug)]
pub struct WindowPlan {
    pub denies: bool,
    pub level: Level,
    pub span: Span,
}

/// Where a window is written, and the Stage that it is about, if it is about one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    Project(Option<usize>),
    Cluster(Option<usize>),
    Own(usize),
}

/// In minutes.
#[derive(Clone, Copy, Debug)]
pub enum Span {
    Unreadable,
    Always,
    From(i64),
    Until(i64),
    Once(i64, i64),
    Daily { start: i64, length: i64, count: Option<i64> },
}

/// The instant so many milliseconds after midnight.
pub fn instant(millis: i64) -> Timestamp {
    let midnight: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
    midnight + TimeDelta::milliseconds(millis)
}

pub fn stage_name(index: usize) -> StageName {
    format!("stage-{index}").into()
}

pub fn freight_name(index: usize) -> FreightName {
    format!("{:040x}", index + 1).into()
}

pub fn origin(index: usize) -> Origin {
    Origin::warehouse(format!("warehouse-{index}"))
}

impl Plan {
    pub fn build(&self) -> World {
        let mut world = World::new("shop");
        for (index, stage) in self.stages.iter().enumerate() {
            world.put(stage.noun(index));
            world.put(self.policy(index, stage));
        }
        for (index, freight) in self.freight.iter().enumerate() {
            world.put(freight.noun(index));
            world.edit_freight(&freight_name(index), |state| {
                for (stage, _) in freight.visits.iter().filter(|(_, visit)| visit.withdrawn) {
                    state.visits.edit(&stage_name(*stage), |visit| visit.withdrawn = true);
                }
            });
        }
        for (name, rejection) in &self.rejections {
            let stages = rejection.stages.iter().map(|stage| stage_name(*stage)).collect();
            let spec = RejectionSpec { freight: freight_name(rejection.freight), stages, actor: None, reason: None };
            world.put(Rejection { metadata: ObjectMeta::named(name), spec });
        }
        for (name, pause) in &self.pauses {
            let until = pause.until.map(|until| instant(until * MINUTE));
            let spec = PauseSpec { stage: pause.stage.map(stage_name), until, actor: None, reason: None };
            world.put(Pause { metadata: ObjectMeta::named(name), spec });
        }
        for (index, approval) in self.approvals.iter().enumerate() {
            let actor = Some(approval.actor.to_owned()).filter(|actor| !actor.is_empty());
            let (freight, stage) = (freight_name(approval.freight), stage_name(approval.stage));
            let spec = ApprovalSpec { freight, stage, actor, reason: None };
            world.put(Approval { metadata: ObjectMeta::named(format!("approval-{index}")), spec });
        }
        let mut project = ProjectConfig { metadata: ObjectMeta::named("shop"), ..ProjectConfig::default() };
        project.spec.promotion_windows = self.windows_at(|level| matches!(level, Level::Project(_)));
        world.put(project);
        let mut cluster = ClusterConfig { metadata: ObjectMeta::named("cluster"), ..ClusterConfig::default() };
        cluster.spec.promotion_windows = self.windows_at(|level| matches!(level, Level::Cluster(_)));
        world.put(cluster);
        world
    }

    fn policy(&self, index: usize, stage: &StagePlan) -> StagePolicy {
        let mut policy = StagePolicy { metadata: ObjectMeta::named(&*stage_name(index)), ..StagePolicy::default() };
        policy.spec.requested_freight = stage.more_requests.iter().map(RequestPlan::noun).collect();
        policy.spec.windows = self.windows_at(|level| level == Level::Own(index));
        policy.spec.approvals.required = stage.required;
        policy.spec.approvals.actors = stage.actors.iter().map(|index| PATTERNS[*index].to_owned()).collect();
        policy
    }

    fn windows_at(&self, is_there: impl Fn(Level) -> bool) -> Vec<PromotionWindow> {
        let there = self.windows.iter().filter(|(_, window)| is_there(window.level));
        there.map(|(name, window)| window.noun(name)).collect()
    }
}

impl StagePlan {
    fn noun(&self, index: usize) -> Stage {
        let mut stage = Stage { metadata: ObjectMeta::named(&*stage_name(index)), ..Stage::default() };
        stage.spec.requested_freight = self.requests.iter().map(RequestPlan::noun).collect();
        if self.has_steps {
            let mut template = PromotionTemplate::default();
            template.spec.steps = vec![PromotionStep::default()];
            stage.spec.promotion_template = Some(template);
        }
        stage
    }
}

impl RequestPlan {
    fn noun(&self) -> FreightRequest {
        let mut request = FreightRequest { origin: origin(self.origin), ..FreightRequest::default() };
        request.sources.direct = self.direct;
        request.sources.stages = self.upstreams.iter().map(|index| stage_name(*index)).collect();
        request.sources.required_soak_time = self.soak.map(|minutes| Duration::from_secs(minutes * 60));
        let strategy = |all| if all { AvailabilityStrategy::All } else { AvailabilityStrategy::OneOf };
        request.sources.availability_strategy = self.needs_all.map(strategy);
        request
    }
}

impl FreightPlan {
    fn noun(&self, index: usize) -> Freight {
        let mut freight = Freight {
            metadata: ObjectMeta::named(&*freight_name(index)),
            discovered_at: self.found.map(|minutes| instant(minutes * MINUTE)),
            origin: origin(self.origin),
            ..Freight::default()
        };
        for (stage, visit) in &self.visits {
            let (stage, status) = (stage_name(*stage), &mut freight.status);
            if let Some(since) = visit.current {
                status.currently_in.insert(stage.clone(), CurrentStage { since: since.map(instant) });
            }
            if let Some(longest) = visit.verified {
                let longest = longest.map(|minutes| Duration::from_secs(minutes * 60));
                let verified =
                    VerifiedStage { verified_at: visit.verified_at.map(instant), longest_completed_soak: longest };
                status.verified_in.insert(stage.clone(), verified);
            }
            if visit.approved {
                status.approved_for.insert(stage, ApprovedStage { approved_at: None });
            }
        }
        freight
    }
}

impl WindowPlan {
    fn noun(&self, name: &str) -> PromotionWindow {
        let text = |minutes: i64| Some(instant(minutes * MINUTE).format("%Y%m%dT%H%M%SZ").to_string());
        let (rule, start, end) = match self.span {
            Span::Unreadable => (Some("FREQ=SOMETIMES".to_owned()), text(0), text(60)),
            Span::Always => (None, None, None),
            Span::From(from) => (None, text(from), None),
            Span::Until(until) => (None, None, text(until)),
            Span::Once(from, until) => (None, text(from), text(until)),
            Span::Daily { start, length, count } => {
                let count = count.map(|count| format!(";COUNT={count}")).unwrap_or_default();
                (Some(format!("FREQ=DAILY{count}")), text(start), text(start + length))
            }
        };
        let (Level::Project(only) | Level::Cluster(only)) = self.level else {
            return self.covering(name, None, (rule, start, end));
        };
        self.covering(name, only, (rule, start, end))
    }

    fn covering(
        &self,
        name: &str,
        only: Option<usize>,
        (rrule, dtstart, dtend): (Option<String>, Option<String>, Option<String>),
    ) -> PromotionWindow {
        let selector =
            |index| PolicySelector { name: Some(stage_name(index).to_string()), ..PolicySelector::default() };
        PromotionWindow {
            name: name.to_owned(),
            kind: if self.denies { WindowKind::Deny } else { WindowKind::Allow },
            stage_selector: only.map(selector),
            project_selector: None,
            rrule,
            dtstart,
            dtend,
        }
    }
}
