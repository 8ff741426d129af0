//! What follows from what somebody asks for, and why it is refused.

use super::{Event, Refusal, apply::whole_seconds, draft::Draft, normal::normal};
use crate::{
    admit::has_holds,
    command::{self, Command},
    model::{
        Approval, ApprovalSpec, AutoPromotionHold, Kind, Object, ObjectMeta, Pause, PauseSpec, Rejection, RejectionSpec,
    },
    promotion::Input,
    why::Reason,
    world::{PromotionView, StageView},
};

impl Draft<'_> {
    /// What follows from a command.
    pub(super) fn command(&mut self, command: &Command) -> Result<(), Refusal> {
        let named = command.asked().by.as_deref().is_some_and(|actor| !actor.is_empty() && actor != "unknown");
        if self.state.suspect_since.is_some() && !named && !matches!(command, Command::AcceptClock(_)) {
            return Err(Refusal::because(command.kind(), Reason::ClockSuspect));
        }
        match command {
            Command::Apply(apply) => self.take_over(apply),
            Command::Import(import) => self.import(import),
            Command::Delete(delete) => self.take_away(delete),
            Command::Promote(promote) => self.promote(promote, command.asked()),
            Command::Rollback(rollback) => self.roll_back(rollback, command.asked()),
            Command::Assemble(assemble) => self.assemble(assemble),
            Command::Derive(derive) => self.derive(derive),
            Command::SetAlias(alias) => self.rename(alias),
            Command::Refresh(refresh) => self.look_again(refresh),
            Command::Approve(approve) => self.approve(approve, command.asked()),
            Command::Reject(reject) => self.reject(reject, command.asked()),
            Command::Unreject(unreject) => self.unreject(unreject),
            Command::Pause(pause) => self.pause(pause, command.asked()),
            Command::Resume(resume) => self.resume(resume),
            Command::Hold(hold) => self.hold(hold, command.asked()),
            Command::ReleaseHold(release) => self.release(release),
            Command::Abort(abort) => self.abort(abort, command.asked()),
            Command::Reverify(reverify) => self.reverify(reverify, command.asked()),
            Command::AbortVerification(abort) => self.abort_verification(abort, command.asked()),
            Command::AcceptClock(_) => {
                if self.state.suspect_since.is_some() {
                    self.push(Event::ClockAccepted);
                }
                Ok(())
            }
        }
    }

    /// Definitions that are new or different; what is the same leaves no trace.
    fn take_over(&mut self, apply: &command::Apply) -> Result<(), Refusal> {
        let project = self.state.world.project().clone();
        let mut changed = Vec::new();
        for object in &apply.objects {
            let what = || format!("apply {}/{}", object.kind(), object.name());
            if let Some(namespace) = object.metadata().namespace.as_deref().filter(|of| **of != *project) {
                let text = format!("it belongs to project {namespace:?}, and this engine is of {project:?}");
                return Err(Refusal::because(what(), Reason::Fact { text }));
            }
            if !is_definition(object.kind()) {
                let kind = object.kind();
                let text = format!("a {kind} is no definition: it comes about by commands and reports");
                return Err(Refusal::because(what(), Reason::Fact { text }));
            }
            let object = without_status(normal(object.clone()));
            let known = self.state.world.definition(object.kind(), object.name()).map(without_status);
            if known.as_ref() != Some(&object) {
                changed.push(object);
            }
        }
        for object in changed {
            self.push(Event::Defined { object });
        }
        Ok(())
    }

    fn take_away(&mut self, delete: &command::Delete) -> Result<(), Refusal> {
        let (kind, name) = (delete.kind, delete.name.as_str());
        if kind == Kind::Freight {
            return self.discard(name);
        }
        if self.state.world.definition(kind, name).is_none() {
            let text = format!("there is no {kind} {name:?}");
            return Err(Refusal::because(format!("delete {kind}/{name}"), Reason::Fact { text }));
        }
        if kind == Kind::Stage
            && let Some(open) = self.state.world.stage(name).ok().and_then(|stage| stage.open_promotions().next())
        {
            let (promotion, phase) = (open.name().into(), open.phase().clone());
            return Err(Refusal::because(format!("delete Stage/{name}"), Reason::UnderWay { promotion, phase }));
        }
        self.push(Event::Removed { kind, name: name.to_owned() });
        Ok(())
    }

    /// Freight is deleted that no Stage holds and no promotion is to bring anywhere (control 6.5 and 8.5).
    fn discard(&mut self, freight: &str) -> Result<(), Refusal> {
        let refuse = |reason| Refusal::because(format!("delete Freight/{freight}"), reason);
        let world = &self.state.world;
        let view = world.freight(freight).map_err(|missing| refuse(Reason::NoSuch(missing)))?;
        let held: Vec<&str> =
            view.visits().iter().filter(|(_, visit)| visit.current.is_some()).map(|(stage, _)| &**stage).collect();
        if !held.is_empty() {
            let text = format!("it is in {}: promote something else there first", held.join(", "));
            return Err(refuse(Reason::Fact { text }));
        }
        let is_for = |promotion: &PromotionView<'_>| promotion.freight().values().any(|name| name == view.name());
        let takers = world.subscribers_of_origin(view.origin()).filter_map(|stage| world.stage(stage).ok());
        if let Some(open) = takers.flat_map(StageView::open_promotions).find(is_for) {
            return Err(refuse(Reason::UnderWay { promotion: open.name().into(), phase: open.phase().clone() }));
        }
        let name = view.name().to_string();
        self.push(Event::Removed { kind: Kind::Freight, name });
        Ok(())
    }

    fn approve(&mut self, approve: &command::Approve, asked: &command::Asked) -> Result<(), Refusal> {
        let what = || format!("approve {} for {}", approve.freight, approve.stage);
        let world = &self.state.world;
        let missing = |missing| Refusal::because(what(), Reason::NoSuch(missing));
        let freight = world.freight(approve.freight.clone()).map_err(missing)?;
        let stage = world.stage(&approve.stage).map_err(missing)?;
        if !stage.is_requesting(freight.origin()) {
            let (stage_name, origin) = (stage.name().into(), freight.origin().clone());
            let requested = stage.requests().map(|request| request.origin.clone()).collect();
            return Err(Refusal::because(what(), Reason::NotRequested { stage: stage_name, origin, requested }));
        }
        // Said again by the same person it changes nothing; somebody else's counts beside it.
        let by_status = freight.visit(stage.name()).is_some_and(|visit| visit.approved.is_some());
        let is_of = |approval: &Approval| approval.spec.actor == asked.by;
        if (asked.by.is_none() && by_status) || world.approvals_of(freight.name(), stage.name()).any(is_of) {
            return Ok(());
        }
        let owner = format!("{}/{}", freight.name(), stage.name());
        let spec = ApprovalSpec {
            freight: freight.name().clone(),
            stage: stage.name().into(),
            actor: asked.by.clone(),
            reason: asked.because.clone(),
        };
        let known =
            |name: &str| world.approvals_of(&spec.freight, &spec.stage).any(|known| known.metadata.name == *name);
        let approval = Box::new(Approval { metadata: self.metadata("approval", &owner, known), spec: spec.clone() });
        self.push(Event::Approved { approval });
        Ok(())
    }

    fn reject(&mut self, reject: &command::Reject, asked: &command::Asked) -> Result<(), Refusal> {
        let what = || format!("reject {}", reject.freight);
        let missing = |missing| Refusal::because(what(), Reason::NoSuch(missing));
        let freight = self.state.world.freight(reject.freight.clone()).map_err(missing)?.name().clone();
        for stage in &reject.stages {
            self.state.world.stage(stage).map_err(missing)?;
        }
        let spec = RejectionSpec {
            freight: freight.clone(),
            stages: reject.stages.clone(),
            actor: asked.by.clone(),
            reason: asked.because.clone(),
        };
        if self.state.world.rejections_of(&freight).any(|known| known.spec.stages == spec.stages) {
            return Ok(());
        }
        let rejection = Box::new(Rejection {
            metadata: self.metadata("rejection", &freight, |name| self.state.world.rejection(name).is_some()),
            spec,
        });
        self.push(Event::Rejected { rejection });
        Ok(())
    }

    fn unreject(&mut self, unreject: &command::Unreject) -> Result<(), Refusal> {
        let what = || format!("un-reject {}", unreject.freight);
        let missing = |missing| Refusal::because(what(), Reason::NoSuch(missing));
        let freight = self.state.world.freight(unreject.freight.clone()).map_err(missing)?.name().clone();
        let names: Vec<String> =
            self.state.world.rejections_of(&freight).map(|rejection| rejection.metadata.name.clone()).collect();
        for rejection in names {
            self.push(Event::Unrejected { rejection });
        }
        Ok(())
    }

    fn pause(&mut self, pause: &command::Pause, asked: &command::Asked) -> Result<(), Refusal> {
        if let Some(stage) = &pause.stage {
            let missing = |missing| Refusal::because(format!("pause {stage}"), Reason::NoSuch(missing));
            self.state.world.stage(stage).map_err(missing)?;
        }
        let spec = PauseSpec {
            stage: pause.stage.clone(),
            until: pause.until,
            actor: asked.by.clone(),
            reason: asked.because.clone(),
        };
        let owner = pause.stage.as_deref().unwrap_or_default().to_owned();
        let noun = normal(Pause {
            metadata: self.metadata("pause", &owner, |name| self.state.world.pause(name).is_some()),
            spec,
        });
        if self.state.world.pauses().any(|known| known.spec == noun.spec) {
            return Ok(());
        }
        self.push(Event::Paused { pause: Box::new(noun) });
        Ok(())
    }

    fn resume(&mut self, resume: &command::Resume) -> Result<(), Refusal> {
        if let Some(stage) = &resume.stage {
            let missing = |missing| Refusal::because(format!("resume {stage}"), Reason::NoSuch(missing));
            self.state.world.stage(stage).map_err(missing)?;
        }
        let pauses = self.state.world.pauses().filter(|pause| pause.spec.stage == resume.stage);
        let names: Vec<String> = pauses.map(|pause| pause.metadata.name.clone()).collect();
        for pause in names {
            self.push(Event::Resumed { pause });
        }
        Ok(())
    }

    fn hold(&mut self, hold: &command::Hold, asked: &command::Asked) -> Result<(), Refusal> {
        let refuse = |reason| Refusal::because(format!("hold {} in {}", hold.origin, hold.stage), reason);
        let stage = self.state.world.stage(&hold.stage).map_err(|missing| refuse(Reason::NoSuch(missing)))?;
        if !stage.is_requesting(&hold.origin) {
            let requested = stage.requests().map(|request| request.origin.clone()).collect();
            let (stage, origin) = (stage.name().into(), hold.origin.clone());
            return Err(refuse(Reason::NotRequested { stage, origin, requested }));
        }
        if !has_holds(stage) {
            return Err(refuse(Reason::AutomationOff { stage: stage.name().into() }));
        }
        let Some(held) = stage.current().and_then(|held| held.of(&hold.origin)) else {
            let text = format!("{} holds nothing of it yet: promote what is to stay", stage.name());
            return Err(refuse(Reason::Fact { text }));
        };
        if stage.state().is_some_and(|state| state.hold(&hold.origin).is_some()) {
            return Ok(());
        }
        let place = crate::world::Place::stage(stage.name());
        let hold = normal(AutoPromotionHold {
            freight_name: held.name.clone(),
            origin: hold.origin.clone(),
            promotion_name: None,
            actor: asked.by.clone(),
            created_at: Some(whole_seconds(self.now)),
        });
        self.push(Event::HoldEstablished { place, hold: Box::new(hold) });
        Ok(())
    }

    /// What there is to discover is looked at now, without an event (rules 1).
    fn look_again(&mut self, refresh: &command::Refresh) -> Result<(), Refusal> {
        match &refresh.warehouse {
            Some(name) => {
                let missing = |missing| Refusal::because(format!("refresh {name}"), Reason::NoSuch(missing));
                self.state.world.warehouse(name).map_err(missing)?;
                self.seen.looks.insert(name.clone());
            }
            None => {
                let all = self.state.world.warehouses().map(|warehouse| warehouse.metadata.name.as_str().into());
                self.seen.looks.extend(all.collect::<Vec<_>>());
            }
        }
        Ok(())
    }

    fn release(&mut self, release: &command::ReleaseHold) -> Result<(), Refusal> {
        let what = || format!("release the hold on {} in {}", release.origin, release.stage);
        let missing = |missing| Refusal::because(what(), Reason::NoSuch(missing));
        let stage = self.state.world.stage(&release.stage).map_err(missing)?;
        if stage.holds().any(|hold| hold.origin == release.origin) {
            let place = crate::world::Place::stage(stage.name());
            self.push(Event::HoldReleased { place, origin: release.origin.clone() });
        }
        Ok(())
    }

    fn abort(&mut self, abort: &command::Abort, asked: &command::Asked) -> Result<(), Refusal> {
        let missing = |missing| Refusal::because(format!("abort {}", abort.promotion), Reason::NoSuch(missing));
        if self.state.world.promotion(&abort.promotion).map_err(missing)?.is_over() {
            return Ok(());
        }
        self.drive(&abort.promotion, &Input::Abort { actor: asked.by.clone().unwrap_or_default() }, None);
        Ok(())
    }

    /// Metadata of a decision that is kept as an object: its name follows from what it is about and from when, so that nothing
    /// that happens elsewhere changes it (law 8). Of several at one instant each has a name that is free.
    fn metadata(&self, kind: &str, owner: &str, is_taken: impl Fn(&str) -> bool) -> ObjectMeta {
        let owner = format!("{owner} {}", self.now.timestamp_millis());
        let name = |counter| format!("{kind}-{:016x}", self.state.genesis.bits(kind, &owner, counter) >> 64);
        let free = (0..u64::MAX).map(name).find(|name| !is_taken(name)).unwrap_or_default();
        ObjectMeta::named(free).in_project(self.state.world.project().to_string())
    }
}

/// Kinds that people define; the others come about by what happens.
fn is_definition(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Warehouse
            | Kind::WarehousePolicy
            | Kind::Junction
            | Kind::Stage
            | Kind::StagePolicy
            | Kind::PromotionTask
            | Kind::ClusterPromotionTask
            | Kind::Target
            | Kind::Project
            | Kind::ProjectConfig
            | Kind::ClusterConfig
    )
}

/// What somebody wrote of status is not a definition.
fn without_status(object: Object) -> Object {
    match object {
        Object::Stage(mut stage) => {
            stage.status = Default::default();
            (*stage).into()
        }
        Object::Warehouse(mut warehouse) => {
            warehouse.status = Default::default();
            (*warehouse).into()
        }
        Object::Junction(mut junction) => {
            junction.status = Default::default();
            (*junction).into()
        }
        Object::ProjectConfig(mut config) => {
            config.status = Default::default();
            (*config).into()
        }
        Object::ClusterConfig(mut config) => {
            config.status = Default::default();
            (*config).into()
        }
        other => other,
    }
}
