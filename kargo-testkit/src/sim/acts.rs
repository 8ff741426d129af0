//! What people and the world do by themselves: an act of a script, done in the world as it is.

use kargo_core::{
    Manifests, Origin, Report, Timestamp,
    command::{
        Abort, AbortVerification, AcceptClock, Apply, Approve, Assemble, Command, Delete, Hold, Pause, Promote,
        Refresh, Reject, ReleaseHold, Resume, Reverify, Rollback, SetAlias, Unreject,
    },
    model::{FreightIntent, Kind, Object, Source},
    report::{EffectId, Signal, WakeKey},
    world::Place,
};

use super::{
    dice::Dice,
    live::{Input, Live},
    pipeline::Shape,
    script::{Act, What},
};

/// People, one of whom does not say who it is.
const ACTORS: [&str; 3] = ["email:ana@acme.example", "email:bob@acme.example", ""];

/// The world in which acts are done.
pub(crate) struct Stagecraft<'a> {
    pub(crate) live: &'a mut Live,
    /// The shape from which definitions are written anew; none if the pipeline is somebody's own.
    pub(crate) shape: Option<&'a Shape>,
    /// The definitions at the start.
    pub(crate) manifests: &'a [Object],
}

impl Stagecraft<'_> {
    pub(crate) fn act(&mut self, act: &Act) {
        let mut dice = Dice::new(act.salt);
        let dice = &mut dice;
        match act.what {
            What::Trouble(trouble) => self.live.trouble(trouble),
            What::Push => self.push(dice),
            What::Told => self.told(dice),
            What::Redefine => self.redefine(dice, Kind::Stage),
            What::RedefinePolicy => self.redefine(dice, Kind::StagePolicy),
            What::RedefineProject => self.redefine(dice, Kind::ProjectConfig),
            What::RedefineWarehouse => self.redefine(dice, Kind::Warehouse),
            What::Signal | What::Health | What::TreeLost | What::StrangeReport => self.world_says(act.what, dice),
            // Where no Stage is left there is nobody to ask anything of.
            _ if self.stages().is_empty() => self.redefine(dice, Kind::Stage),
            _ => {
                for command in self.command(act.what, dice) {
                    self.submit(command);
                }
            }
        }
    }

    fn submit(&mut self, command: Command) {
        let what = format!("{} by {}", command.kind(), command.asked().by.as_deref().unwrap_or("nobody"));
        let accepts = matches!(command, Command::AcceptClock(_));
        match self.live.feed(Input::Command(command)) {
            Ok(events) => {
                if events > 0 {
                    self.live.line(what, None);
                }
                if accepts {
                    self.live.accept();
                }
            }
            Err(refusal) => {
                let text = refusal.to_string();
                let first = text.lines().take(2).collect::<Vec<_>>().join(" ");
                self.live.line(format!("{what}: {first}"), None);
            }
        }
    }

    fn stages(&self) -> Vec<String> {
        self.live.engine.world().stages().map(|stage| stage.name().to_owned()).collect()
    }

    fn warehouses(&self) -> Vec<String> {
        self.live.engine.world().warehouses().map(|warehouse| warehouse.metadata.name.clone()).collect()
    }

    fn some<T: Clone + Default>(dice: &mut Dice, of: &[T]) -> T {
        dice.pick(of).cloned().unwrap_or_default()
    }

    /// Freight that there is, the newer the likelier.
    fn freight(&self, dice: &mut Dice) -> String {
        let mut all: Vec<_> =
            self.live.engine.world().all_freight().map(|freight| (freight.age(), freight.name().to_string())).collect();
        all.sort();
        let back = dice.index(all.len().max(1)).min(dice.index(all.len().max(1)));
        all.iter().rev().nth(back).map(|(_, name)| name.clone()).unwrap_or_else(|| "none".to_owned())
    }

    /// A repository of a Warehouse, as its first subscription names it.
    pub(crate) fn repository_of(live: &Live, warehouse: &str) -> Option<String> {
        let warehouse = live.engine.world().warehouse(warehouse).ok()?;
        warehouse.spec.subscriptions.iter().find_map(|subscription| match &subscription.source {
            Source::Image(image) => Some(image.repo_url.clone()),
            _ => None,
        })
    }

    fn push(&mut self, dice: &mut Dice) {
        let warehouse = Self::some(dice, &self.warehouses());
        let Some(repository) = Self::repository_of(self.live, &warehouse) else { return };
        let tag = self.live.outside.push(&repository, self.live.now);
        self.live.line(format!("{repository}:{tag} is there"), None);
        if dice.percent(60) {
            let found = self.live.outside.page(&repository, 0);
            drop(self.live.feed(Input::Report(Report::discovered(warehouse.as_str(), found))));
        }
    }

    fn told(&mut self, dice: &mut Dice) {
        let warehouse = Self::some(dice, &self.warehouses());
        let Some(repository) = Self::repository_of(self.live, &warehouse) else { return };
        let stale = usize::from(dice.one_in(3)) * (1 + dice.index(4));
        let found = self.live.outside.page(&repository, stale);
        drop(self.live.feed(Input::Report(Report::discovered(warehouse.as_str(), found))));
    }

    fn command(&self, what: What, dice: &mut Dice) -> Vec<Command> {
        let stages = self.stages();
        let stage = Self::some(dice, &stages);
        let world = self.live.engine.world();
        let actor = *dice.pick(&ACTORS).unwrap_or(&"");
        let origin = Origin::warehouse(Self::some(dice, &self.warehouses()).as_str());
        let now = self.live.time();
        macro_rules! by {
            ($command:expr) => {{
                let command = $command;
                let command = if actor.is_empty() { command } else { command.by(actor) };
                let command = if dice.one_in(2) { command.because("release notes are out") } else { command };
                Command::from(command)
            }};
        }
        let one = match what {
            What::PromoteFreight => by!(Promote::to(stage.as_str()).freight(self.freight(dice).as_str())),
            What::PromoteNewest => by!(Promote::to(stage.as_str()).newest(origin)),
            What::PromoteHeld => by!(Promote::to(stage.as_str()).all_of(Self::some(dice, &stages).as_str())),
            What::PromoteEverywhere => {
                let from = Promote::from(stage.as_str()).everywhere();
                by!(if dice.one_in(2) { from.each() } else { from })
            }
            What::Assemble => {
                let like = self.freight(dice);
                let warehouse = world
                    .freight(like.as_str())
                    .map_or_else(|_| "none".to_owned(), |freight| freight.origin().name.to_string());
                if dice.one_in(2) {
                    by!(Assemble::from_warehouse(warehouse.as_str()).like(like.as_str()).intent(FreightIntent::Hotfix))
                } else {
                    by!(Assemble::from_warehouse(warehouse.as_str()))
                }
            }
            What::SetAlias => {
                let freight = self.freight(dice);
                by!(SetAlias::of(freight.as_str(), format!("train-{}", dice.roll(20))))
            }
            What::Refresh => {
                let warehouse = Self::some(dice, &self.warehouses());
                by!(if dice.one_in(3) { Refresh::all() } else { Refresh::warehouse(warehouse.as_str()) })
            }
            What::Hold => by!(Hold::new(stage.as_str(), origin)),
            What::Rollback if dice.one_in(2) => by!(Rollback::of(stage.as_str())),
            What::Rollback => {
                let earlier = world.stage(&stage).ok().and_then(|stage| {
                    let held = stage.history().nth(1 + dice.index(3))?;
                    held.names().next().map(ToString::to_string)
                });
                by!(Promote::to(stage.as_str())
                    .freight(earlier.unwrap_or_else(|| self.freight(dice)).as_str())
                    .rollback())
            }
            What::PromoteSeveral => {
                let wanted: Vec<Origin> = world
                    .stage(&stage)
                    .map(|stage| stage.requests().map(|request| request.origin.clone()).collect())
                    .unwrap_or_default();
                let all = wanted.into_iter().fold(Promote::to(stage.as_str()), Promote::newest);
                by!(all)
            }
            What::Approve => {
                let freight = self.freight(dice);
                by!(Approve::new(freight.as_str(), stage.as_str()))
            }
            What::Reject => {
                let reject = Reject::new(self.freight(dice).as_str());
                let reject = if dice.one_in(3) { reject } else { reject.in_stage(stage.as_str()) };
                by!(reject)
            }
            What::Unreject => {
                let mut rejected =
                    world.all_freight().filter(|freight| world.rejections_of(freight.name()).next().is_some());
                let freight = rejected.next().map_or_else(|| "none".to_owned(), |freight| freight.name().to_string());
                by!(Unreject::new(freight.as_str()))
            }
            What::PauseStage | What::PauseProject => {
                let pause = if what == What::PauseStage { Pause::stage(stage.as_str()) } else { Pause::project() };
                let minutes = i64::try_from(5 + dice.roll(60)).unwrap_or_default();
                let pause = if dice.one_in(3) { pause } else { pause.until(now + chrono::TimeDelta::minutes(minutes)) };
                by!(pause)
            }
            What::ResumeStage => {
                let paused = world.pauses().find_map(|pause| pause.spec.stage.clone());
                by!(Resume::stage(paused.map_or(stage, |paused| paused.to_string()).as_str()))
            }
            What::ResumeProject => by!(Resume::project()),
            What::ReleaseHold => {
                let held = world.stages().find_map(|stage| {
                    let hold = stage.holds().next()?;
                    Some((stage.name().to_owned(), hold.origin.clone()))
                });
                let (stage, origin) = held.unwrap_or((stage, origin));
                by!(ReleaseHold::new(stage.as_str(), origin))
            }
            What::Abort => {
                let open: Vec<String> = world
                    .promotions()
                    .filter(|promotion| !promotion.is_over() || dice.one_in(60))
                    .map(|promotion| promotion.name().to_owned())
                    .collect();
                by!(Abort::promotion(Self::some(dice, &open).as_str()))
            }
            What::Reverify => by!(Reverify::stage(stage.as_str())),
            What::AbortVerification => by!(AbortVerification::stage(stage.as_str())),
            What::AcceptClock => by!(AcceptClock::default()),
            What::DeleteStage => by!(Delete::new(Kind::Stage, stage.as_str())),
            What::DeleteOther => {
                let policy = dice.one_in(2);
                if policy {
                    by!(Delete::new(Kind::StagePolicy, stage.as_str()))
                } else {
                    by!(Delete::new(Kind::Warehouse, Self::some(dice, &self.warehouses()).as_str()))
                }
            }
            What::Nonsense => return vec![self.nonsense(dice, &stage, now)],
            _ => return Vec::new(),
        };
        vec![one]
    }

    fn nonsense(&self, dice: &mut Dice, stage: &str, now: Timestamp) -> Command {
        match dice.roll(8) {
            0 => Promote::to("prdo").freight(self.freight(dice).as_str()).by(ACTORS[0]).into(),
            1 => Promote::to(stage).freight("swift-nobody").by(ACTORS[0]).into(),
            2 => Promote::to(stage).newest(Origin::warehouse("nowhere")).by(ACTORS[0]).into(),
            3 => Promote::to(stage).by(ACTORS[0]).into(),
            4 => Abort::promotion("no.such.promotion").by(ACTORS[0]).into(),
            5 => Pause::stage("prdo").until(now).by(ACTORS[0]).into(),
            6 => Delete::new(Kind::Stage, "prdo").by(ACTORS[0]).into(),
            _ => {
                // An object of another project.
                let mut objects: Vec<Object> = self.manifests.iter().take(1).cloned().collect();
                for object in &mut objects {
                    object.metadata_mut().namespace = Some("elsewhere".to_owned());
                }
                Apply::objects(objects).by(ACTORS[1]).into()
            }
        }
    }

    /// Writes a definition anew: another one where there is a shape to draw from, else the one at the start.
    fn redefine(&mut self, dice: &mut Dice, kind: Kind) {
        let Some(shape) = self.shape else {
            let of_kind: Vec<Object> = self.manifests.iter().filter(|object| object.kind() == kind).cloned().collect();
            let again: Vec<Object> = dice.pick(&of_kind).cloned().into_iter().collect();
            return self.submit(Apply::objects(again).by(ACTORS[0]).into());
        };
        let number = dice.number();
        let text = match kind {
            Kind::Stage => shape.stage(dice.pick(&shape.stages).copied().unwrap_or_default(), number),
            Kind::StagePolicy => shape.policy(dice.pick(&shape.stages).copied().unwrap_or_default(), number),
            Kind::Warehouse => shape.warehouse(dice.pick(&shape.warehouses).copied().unwrap_or_default(), number),
            _ => shape.project(number),
        };
        match Manifests::parse("redefined.yaml", &text) {
            Ok(manifests) => {
                let mut objects: Vec<Object> = manifests.entries().map(|entry| entry.object().clone()).collect();
                if dice.one_in(14) {
                    spoil(&mut objects);
                }
                let apply = Apply::objects(objects).at_revision(format!("{:07x}", number >> 40)).by(ACTORS[0]);
                self.submit(apply.into());
            }
            Err(error) => self.live.violated("random pipelines are valid", error.to_string()),
        }
    }

    fn world_says(&mut self, what: What, dice: &mut Dice) {
        let stage = Self::some(dice, &self.stages());
        let report = match what {
            What::Signal => {
                let key = WakeKey::custom("ticket", format!("{stage}-{}", dice.roll(3)));
                Report::of_signal(Signal::of(key))
            }
            What::Health => {
                let health = self.live.outside.health(&stage, 7, self.live.now);
                Report::health(Place::stage(stage.as_str()), health)
            }
            What::TreeLost => {
                let open: Vec<String> = self
                    .live
                    .engine
                    .world()
                    .promotions()
                    .filter(|one| !one.is_over())
                    .map(|one| one.name().to_owned())
                    .collect();
                let checkpoint = dice.one_in(3).then_some(0);
                return self.live.lose_tree(&Self::some(dice, &open), checkpoint);
            }
            _ => {
                let verdict = kargo_core::verification::Verdict::new("Successful");
                let id = EffectId::of(&["strange"]);
                if dice.one_in(2) {
                    Report::verdict(id.as_str(), verdict)
                } else {
                    Report::tree_lost("no.such.promotion", None)
                }
            }
        };
        drop(self.live.feed(Input::Report(report)));
    }
}

/// A policy that nobody can read, as a store that does not check would give it.
fn spoil(objects: &mut [Object]) {
    for object in objects {
        if let Object::ProjectConfig(config) = object {
            let first = config.spec.promotion_policies.first_mut();
            if let Some(policy) = first {
                policy.stage_selector.name = Some("regex:(".to_owned());
            }
        }
    }
}
