//! What a command would lead to, found out on a fork: nothing is done (requirements F2).

use std::{
    collections::{BTreeSet, VecDeque},
    fmt,
};

use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use serde_json::{Value as Json, json};

use super::{Effect, EffectKind, Engine, Event, Recorded, Refusal, Report, Work};
use crate::{
    command::Command,
    model::{FreightName, Health, HealthState, PromotionName, Timestamp},
    promotion::{DryRun, Prepared, Resolved, StepRecord, dry_run, imagined},
    report::EffectId,
    verification::{Asked, Verdict},
    world::Place,
};

/// More answers than this are not imagined: what would follow after them is left open.
const MOST_ANSWERS: usize = 10_000;

/// What a command would lead to. `Display` is for people, `Serialize` for machines.
///
/// [`events`](Self::events) and the work are exact: the command, given now, appends these events and gives out this work, but
/// for engine time. What the promotions do then, step by step, is as far known as their templates are; what follows after
/// them is what would if all went well, at once.
#[derive(Clone, Debug)]
pub struct Plan {
    command: &'static str,
    by: Option<String>,
    events: Vec<Recorded>,
    start: Vec<Effect>,
    cancel: Vec<EffectId>,
    promotions: Vec<DryRun>,
    waits: Vec<(PromotionName, String)>,
    then: Vec<Then>,
    is_open: bool,
}

/// Freight that would get into a place after the command's own events, if all went well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Then {
    /// The place.
    pub place: Place,
    /// The promotion that would bring it.
    pub promotion: PromotionName,
    /// What it would hold, by alias or else by name.
    pub holds: Vec<String>,
    /// Whether it is a promotion that the command makes, and not one that follows by itself.
    pub is_asked_for: bool,
}

impl Plan {
    /// What would be appended.
    #[must_use]
    pub fn events(&self) -> &[Recorded] {
        &self.events
    }

    /// The work that would begin at once.
    #[must_use]
    pub fn start(&self) -> &[Effect] {
        &self.start
    }

    /// The work that would be stopped.
    #[must_use]
    pub fn cancel(&self) -> &[EffectId] {
        &self.cancel
    }

    /// What the promotions that it makes or lets begin would do, step by step.
    #[must_use]
    pub fn promotions(&self) -> &[DryRun] {
        &self.promotions
    }

    /// Promotions that it makes and that would wait for their turn, and for what.
    #[must_use]
    pub fn waits(&self) -> &[(PromotionName, String)] {
        &self.waits
    }

    /// What would get where, if all went well and nothing took time.
    #[must_use]
    pub fn then(&self) -> &[Then] {
        &self.then
    }

    /// Holds that it would establish or release at once or with its promotions, in words.
    #[must_use]
    pub fn holds(&self) -> Vec<String> {
        let of = |recorded: &Recorded| match &recorded.event {
            Event::HoldReleased { place, origin } => Some(format!("releases the hold on {origin} in {place}")),
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }
}

impl Engine {
    /// What a command would lead to; nothing is done.
    ///
    /// # Errors
    ///
    /// The command would be refused, and says why.
    ///
    /// ```
    /// # use kargo_core::{Engine, Genesis, Manifests, command::{Apply, Pause}};
    /// # let now = "2026-11-24T12:00:00Z".parse().unwrap();
    /// let engine = Engine::new(Genesis::new("shop", 7));
    /// let plan = engine.plan(now, Pause::project().by("email:ana@acme.example"))?;
    /// assert_eq!(plan.events().len(), 2);
    /// assert_eq!(plan.to_string(), "Plan Pause by email:ana@acme.example: 2 events                       nothing has been done");
    /// assert_eq!(engine.position().get(), 0);
    /// # Ok::<(), kargo_core::Refusal>(())
    /// ```
    pub fn plan(&self, now: Timestamp, command: impl Into<Command>) -> Result<Plan, Refusal> {
        let command = command.into();
        let (kind, by) = (command.kind(), command.asked().by.clone());
        let mut fork = self.fork();
        let outcome = fork.command(now, command)?;
        let events = outcome.events().to_vec();
        let Work { start, cancel } = outcome.appended();
        let (mut asked_for, mut begun) = (BTreeSet::new(), Vec::new());
        for recorded in &events {
            match &recorded.event {
                Event::PromotionCreated { promotion, .. } => {
                    let name = PromotionName::from(promotion.metadata.name.as_str());
                    asked_for.insert(name.clone());
                    begun.push(name);
                }
                Event::PromotionCurrent { promotion, .. } if !begun.contains(promotion) => {
                    begun.push(promotion.clone());
                }
                _ => {}
            }
        }
        let promotions = begun.iter().filter_map(|name| dry_run(fork.world(), name, now).ok()).collect();
        let waits = begun.iter().filter_map(|name| fork.waits_for_turn(name, now)).collect();
        let (then, is_open) = fork.imagine(start.clone(), &asked_for, now);
        Ok(Plan { command: kind, by, events, start, cancel, promotions, waits, then, is_open })
    }

    /// A queued promotion, and for what it waits.
    fn waits_for_turn(&self, name: &PromotionName, now: Timestamp) -> Option<(PromotionName, String)> {
        let promotion = self.world().promotion(name).ok()?;
        if promotion.is_over() || promotion.noun().status.started_at.is_some() {
            return None;
        }
        let stage = promotion.stage().ok()?;
        match crate::policy::turn(stage, name, self.state.judged_at(now)) {
            crate::policy::NextTurn::Wait { reason, .. } => Some((name.clone(), reason.to_string())),
            _ => None,
        }
    }

    /// Lets all work that is owed succeed at once, and tells what gets where; and whether something is left that is not told.
    fn imagine(
        &mut self,
        start: Vec<Effect>,
        asked_for: &BTreeSet<PromotionName>,
        now: Timestamp,
    ) -> (Vec<Then>, bool) {
        let mut then = Vec::new();
        let mut open = VecDeque::from(start);
        for _ in 0..MOST_ANSWERS {
            let Some(effect) = open.pop_front() else { return (then, false) };
            let Some(report) = self.success_of(&effect, now) else { continue };
            let outcome = self.report(now, report);
            for recorded in outcome.events() {
                if let Event::PromotionSettled { place, promotion, holds_freight: Some(held), .. } = &recorded.event {
                    let is_asked_for = asked_for.contains(promotion);
                    let holds = held.iter().map(|name| self.called(name)).collect();
                    then.push(Then { place: place.clone(), promotion: promotion.clone(), holds, is_asked_for });
                }
            }
            open.extend(outcome.appended().start);
        }
        (then, !open.is_empty())
    }

    fn called(&self, name: &FreightName) -> String {
        self.world().freight_named(name).map_or_else(|| name.to_string(), |freight| freight.called().to_owned())
    }

    /// What to report if this goes well; nothing for looks at what there is to discover.
    fn success_of(&self, effect: &Effect, now: Timestamp) -> Option<Report> {
        Some(match &effect.kind {
            EffectKind::Prepare(prepare) => {
                let record = self.state.runs.get(&prepare.promotion)?.steps().get(prepare.step);
                let problem = record.and_then(StepRecord::asked).and_then(crate::promotion::Asked::problem);
                prepare.report(match problem {
                    Some(message) => Prepared::Misconfigure { message },
                    None => Prepared::Run { resolved: Resolved::default() },
                })
            }
            EffectKind::RunStep(run) => run.report(imagined(run, now)),
            EffectKind::Discover(_) => return None,
            EffectKind::ObserveHealth(observe) => {
                observe.report(Ok(Health { status: Some(HealthState::Healthy), ..Health::default() }))
            }
            EffectKind::Verify(verify) => {
                let phase = if verify.asked == Asked::Stop { "Aborted" } else { "Successful" };
                verify.report(Ok(Verdict::new(phase)))
            }
        })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let events =
            if self.events.len() == 1 { "1 event".to_owned() } else { format!("{} events", self.events.len()) };
        let head = format!("Plan {}{by}: {events}", self.command);
        write!(f, "{head:<68} nothing has been done")?;
        for effect in &self.start {
            write!(f, "\n  at once: {}", brief(effect))?;
        }
        for effect in &self.cancel {
            write!(f, "\n  is stopped: {effect}")?;
        }
        for hold in self.holds() {
            write!(f, "\n  {hold}")?;
        }
        for promotion in &self.promotions {
            let text = promotion.to_string();
            let text = text.replacen("nothing has been done", "", 1);
            for line in text.lines() {
                write!(f, "\n  {}", line.trim_end())?;
            }
        }
        for (promotion, reason) in &self.waits {
            write!(f, "\n  {promotion} waits: {reason}")?;
        }
        for then in &self.then {
            let how = if then.is_asked_for { "" } else { ", by itself" };
            write!(f, "\n  if all goes well {} holds {}{how}", then.place, then.holds.join(" + "))?;
        }
        if self.is_open { f.write_str("\n  and more would follow than is told here") } else { Ok(()) }
    }
}

/// A piece of work in a line.
fn brief(effect: &Effect) -> String {
    match &effect.kind {
        EffectKind::Prepare(prepare) => {
            format!("resolve what step {} of {} refers to", prepare.alias, prepare.promotion)
        }
        EffectKind::RunStep(run) => format!("run step {} ({}) of {}", run.alias, run.uses, run.promotion),
        EffectKind::Discover(discover) => format!("look what there is for Warehouse {}", discover.warehouse),
        EffectKind::ObserveHealth(observe) => format!("look how healthy {} is", observe.place),
        EffectKind::Verify(verify) => match verify.asked {
            Asked::Start => format!("start the verification of {}", verify.place),
            Asked::Look => format!("look after the verification of {}", verify.place),
            Asked::Stop => format!("stop the verification of {}", verify.place),
        },
    }
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = |recorded: &Recorded| {
            json!({
                "position": recorded.position,
                "cause": recorded.cause,
                "event": serde_json::to_value(&recorded.event).unwrap_or(Json::Null),
            })
        };
        let work = |effect: &Effect| json!({ "id": effect.id, "what": brief(effect) });
        let mut plan = serializer.serialize_struct("Plan", 8)?;
        plan.serialize_field("command", self.command)?;
        plan.serialize_field("by", &self.by)?;
        plan.serialize_field("events", &self.events.iter().map(event).collect::<Vec<_>>())?;
        plan.serialize_field("start", &self.start.iter().map(work).collect::<Vec<_>>())?;
        plan.serialize_field("cancel", &self.cancel)?;
        plan.serialize_field("promotions", &self.promotions)?;
        plan.serialize_field("waits", &self.waits)?;
        plan.serialize_field("then", &self.then)?;
        plan.end()
    }
}
