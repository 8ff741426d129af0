//! Every check of an invariant can fail: handed a world or a log in which its rule is broken, it says so.

use std::{collections::BTreeSet, sync::Arc};

use kargo_core::{
    Engine, Event, Genesis, Origin, Recorded, Timestamp, World,
    model::{
        AutoPromotionHold, CurrentStage, Duration, FreightName, Health, HealthState, Kind, Object, PromotionPhase,
        StepStatus, VerificationInfo, VerificationPhase, VerifiedStage, label,
    },
    promotion::{End, PhaseEvent, RunEvent, StepEvent},
    report::Wait,
    world::{Held, Place, PlaceState, Visit},
};
use kargo_testkit::{
    invariant::{ALL, Batch, Check, Looked, Moment},
    sim::Run,
};

use crate::shop::{At, day, forgetful_day, last};

/// What a check is handed.
enum Case {
    Batch { before: World, events: Vec<Recorded>, after: World, checked: Option<(Vec<Health>, Health)> },
    Moment(At),
    World(World),
    Log(Vec<Recorded>, World),
}

/// What each check with this number says of a case.
fn look(number: u8, case: &Case, now: Timestamp) -> Vec<Looked> {
    let checks = ALL.iter().filter(|invariant| invariant.number == number);
    let look = |check: Check| match (check, case) {
        (Check::Batch(check), Case::Batch { before, events, after, checked }) => {
            let mut batch = Batch::of(before, events, after);
            batch.checked = checked.as_ref();
            Some(check(&batch))
        }
        (Check::Event(check), Case::Moment(at)) => {
            Some(check(&Moment { world: &at.before, recorded: &at.recorded, after: &at.after, now, log: &at.log }))
        }
        (Check::World(check), Case::World(world)) => Some(check(world, now)),
        (Check::Log(check), Case::Log(log, world)) => Some(check(log, world)),
        _ => None,
    };
    checks.filter_map(|invariant| look(invariant.check)).collect()
}

/// A case that is sound and looked at, and what breaks it.
struct Plant<'r> {
    run: &'r Run,
    now: Timestamp,
    done: BTreeSet<u8>,
}

impl Plant<'_> {
    /// The case is sound before, and breaks the invariant after.
    fn breaks(&mut self, number: u8, mut case: Case, plant: impl FnOnce(&mut Case)) {
        let sound = look(number, &case, self.now);
        assert!(!sound.is_empty(), "{number}: no check looks at such a case");
        assert!(sound.iter().all(Result::is_ok), "{number}: {sound:?}");
        plant(&mut case);
        let broken = look(number, &case, self.now);
        assert!(broken.iter().any(Result::is_err), "{number} does not see its violation: {broken:?}");
        self.done.insert(number);
    }

    fn moment(&mut self, number: u8, like: impl Fn(&Event) -> bool, plant: impl FnOnce(&mut At)) {
        let case = Case::Moment(last(self.run, like));
        self.breaks(number, case, |case| {
            if let Case::Moment(at) = case {
                plant(at);
            }
        });
    }

    /// The batch of the last such event alone.
    fn batch(&mut self, number: u8, like: impl Fn(&Event) -> bool, plant: impl FnOnce(&mut World)) {
        let at = last(self.run, like);
        let case = Case::Batch { before: at.before, events: vec![at.recorded], after: at.after, checked: None };
        self.breaks(number, case, |case| {
            if let Case::Batch { after, .. } = case {
                plant(after);
            }
        });
    }

    fn world(&mut self, number: u8, plant: impl FnOnce(&mut World)) {
        let case = Case::World(self.run.engine().world().clone());
        self.breaks(number, case, |case| {
            if let Case::World(world) = case {
                plant(world);
            }
        });
    }

    fn log(&mut self, number: u8, plant: impl FnOnce(&mut Vec<Recorded>, &mut World)) {
        let case = Case::Log(self.run.log().to_vec(), self.run.engine().world().clone());
        self.breaks(number, case, |case| {
            if let Case::Log(log, world) = case {
                plant(log, world);
            }
        });
    }
}

fn settled(event: &Event) -> bool {
    matches!(event, Event::PromotionSettled { holds_freight: Some(_), place, .. } if &*place.stage == "uat")
}

fn created(event: &Event) -> bool {
    matches!(event, Event::PromotionCreated { promotion, .. } if !promotion.metadata.annotations.contains_key(label::CREATE_ACTOR) && &*promotion.spec.stage == "uat")
}

fn created_for_prod(event: &Event) -> bool {
    matches!(event, Event::PromotionCreated { promotion, .. } if !promotion.metadata.annotations.contains_key(label::CREATE_ACTOR) && &*promotion.spec.stage == "prod")
}

fn current(event: &Event) -> bool {
    matches!(event, Event::PromotionCurrent { place, .. } if &*place.stage == "uat")
}

fn begins(event: &Event) -> bool {
    matches!(event, Event::Promotion { happened: RunEvent::Phase(PhaseEvent::Begin { .. }), .. })
}

fn ends(event: &Event) -> bool {
    matches!(event, Event::Promotion { happened: RunEvent::Phase(PhaseEvent::End { .. }), .. })
}

fn counted(event: &Event) -> bool {
    matches!(event, Event::VerdictCounted { stage, credited, .. } if &**stage == "uat" && !credited.is_empty())
}

fn place(world: &mut World, stage: &str, edit: impl FnOnce(&mut PlaceState)) {
    world.edit_place(&Place::stage(stage), edit);
}

fn visit(world: &mut World, freight: &FreightName, stage: &str, edit: impl FnOnce(&mut Visit)) {
    world.edit_freight(freight, |state| state.visits.edit(&stage.into(), edit));
}

fn held(world: &World, stage: &str) -> FreightName {
    world.stage(stage).unwrap().current().unwrap().names().next().unwrap().clone()
}

fn other(world: &World, not: &FreightName) -> FreightName {
    world.all_freight().map(|freight| freight.name().clone()).find(|name| name != not).unwrap()
}

fn edit_promotion(world: &mut World, name: &str, edit: impl FnOnce(&mut kargo_core::model::Promotion)) {
    let mut noun = world.promotion(name).unwrap().noun().clone();
    edit(&mut noun);
    world.put_promotion(noun, 0);
}

fn promotion_of(recorded: &Recorded) -> String {
    match &recorded.event {
        Event::Promotion { promotion, .. }
        | Event::PromotionSettled { promotion, .. }
        | Event::PromotionCurrent { promotion, .. } => promotion.to_string(),
        Event::PromotionCreated { promotion, .. } => promotion.metadata.name.clone(),
        _ => String::new(),
    }
}

fn hold_on(origin: &str) -> Arc<AutoPromotionHold> {
    Arc::new(AutoPromotionHold {
        origin: Origin::warehouse(origin),
        freight_name: "4e1f0c9".into(),
        ..AutoPromotionHold::default()
    })
}

fn automation_off(world: &mut World) {
    world.remove(Kind::ProjectConfig, "shop");
}

fn open(id: &str) -> VerificationInfo {
    VerificationInfo { id: Some(id.into()), phase: Some(VerificationPhase::Running), ..VerificationInfo::default() }
}

fn add_verification(world: &mut World, stage: &str, at: usize) {
    place(world, stage, |state| {
        let held = Arc::make_mut(state.history.first_mut().unwrap());
        let at = at.min(held.verifications.len());
        held.verifications.insert(at, open("0b7c"));
    });
}

#[test]
fn control_13_every_check_can_fail() {
    let run = day();
    let now = run.engine().now();
    let mut plant = Plant { run: &run, now, done: BTreeSet::new() };
    promotions(&mut plant);
    automation(&mut plant);
    places(&mut plant);
    freight(&mut plant);
    gates(&mut plant);
    steps(&mut plant);
    alive(&mut plant);
    let forgetful = forgetful_day();
    let mut other = Plant { run: &forgetful, now: forgetful.engine().now(), done: BTreeSet::new() };
    collections(&mut other);
    plant.done.append(&mut other.done);
    // What compares two answers of the engine, or tries things on forks, is broken by no world: that it would speak is shown
    // beside the checks.
    let beside = [17, 20, 21, 31, 32, 39, 49, 50, 53];
    let all: BTreeSet<u8> =
        ALL.iter().map(|invariant| invariant.number).filter(|number| !beside.contains(number)).collect();
    assert_eq!(plant.done, all);
}

fn collections(plant: &mut Plant<'_>) {
    let of_promotions = |event: &Event| matches!(event, Event::PromotionsCollected { .. });
    plant.moment(46, of_promotions, |at| {
        if let Event::PromotionsCollected { stage, promotions } = &mut at.recorded.event {
            let newest = at.before.stage(&*stage).unwrap().promotions().next_back().unwrap();
            promotions.push(newest.name().into());
        }
    });
    plant.moment(
        47,
        |event| matches!(event, Event::FreightCollected { .. }),
        |at| {
            if let Event::FreightCollected { freight, .. } = &mut at.recorded.event {
                freight.push(held(&at.before, "uat"));
            }
        },
    );
}

fn promotions(plant: &mut Plant<'_>) {
    plant.batch(1, begins, |world| {
        place(world, "uat", |state| state.current_promotion = None);
        place(world, "prod", |state| state.current_promotion = None);
    });
    {
        let at = last(plant.run, ends);
        let name = promotion_of(&at.recorded);
        let case = Case::Batch { before: at.after.clone(), events: vec![at.recorded], after: at.after, checked: None };
        plant.breaks(2, case, |case| {
            if let Case::Batch { after, .. } = case {
                edit_promotion(after, &name, |noun| noun.status.phase = Some(PromotionPhase::Failed));
            }
        });
    }
    plant.moment(3, ends, |at| {
        let name = promotion_of(&at.recorded);
        edit_promotion(&mut at.before, &name, |noun| noun.status.phase = Some(PromotionPhase::Pending));
    });
    plant.log(4, |log, world| {
        let name = promotion_of(log.iter().find(|recorded| begins(&recorded.event)).unwrap());
        edit_promotion(world, &name, |noun| noun.status.started_at = None);
    });
    let at = last(plant.run, ends);
    let name = promotion_of(&at.recorded);
    plant.batch(5, ends, |world| edit_promotion(world, &name, |noun| noun.status.finished_at = None));
    plant.batch(6, ends, |world| edit_promotion(world, &name, |noun| noun.status.started_at = None));
}

fn automation(plant: &mut Plant<'_>) {
    let now = plant.now;
    plant.moment(7, created_for_prod, |at| {
        for freight in at.before.all_freight().map(|freight| freight.name().clone()).collect::<Vec<_>>() {
            visit(&mut at.before, &freight, "uat", |visit| visit.verified = None);
        }
    });
    plant.moment(22, created, |at| automation_off(&mut at.before));
    plant.moment(23, created, |at| place(&mut at.before, "uat", |state| state.holds.push(hold_on("cart"))));
    let wanted = |at: &At| match &at.recorded.event {
        Event::PromotionCreated { promotion, .. } => promotion.spec.freight.clone().unwrap(),
        _ => FreightName::default(),
    };
    plant.moment(24, created, |at| {
        let reference = Arc::clone(at.before.freight_named(&wanted(at)).unwrap().reference());
        place(&mut at.before, "uat", |state| state.history.insert(0, Arc::new(Held::new([reference]))));
    });
    plant.moment(25, created, |at| {
        if let Event::PromotionCreated { promotion, .. } = &at.recorded.event {
            let mut twin = (**promotion).clone();
            twin.metadata.name.push_str("-twin");
            at.before.put_promotion(twin, 1_000);
        }
    });
    plant.moment(26, created, |at| {
        if let Event::PromotionCreated { promotion, .. } = &at.recorded.event {
            let mut twin = (**promotion).clone();
            twin.metadata.name.push_str("-twin");
            twin.status.phase = Some(PromotionPhase::Failed);
            twin.status.finished_at = Some(now);
            at.before.put_promotion(twin, 1_000);
        }
    });
    plant.moment(27, created, |at| {
        if let Event::PromotionCreated { promotion, .. } = &mut at.recorded.event {
            promotion.metadata.annotations.insert(label::AUTO_PROMOTION_HOLD.to_owned(), "Warehouse/cart".to_owned());
        }
    });
    plant.moment(54, created_for_prod, |at| {
        let freight = wanted(at);
        visit(&mut at.before, &freight, "uat", |visit| visit.current = None);
    });
    plant.batch(28, settled, automation_off);
    plant.batch(29, settled, |world| place(world, "uat", |state| state.holds.push(hold_on("web"))));
    plant.moment(30, settled, |at| {
        let name = promotion_of(&at.recorded);
        edit_promotion(&mut at.before, &name, |noun| noun.status.phase = Some(PromotionPhase::Aborted));
        if let Event::PromotionSettled { holds, .. } = &mut at.recorded.event {
            holds.push(Origin::warehouse("cart"));
        }
    });
}

fn places(plant: &mut Plant<'_>) {
    plant.batch(8, settled, |world| {
        let reference = Arc::clone(world.freight_named(&other(world, &held(world, "uat"))).unwrap().reference());
        place(world, "uat", |state| state.history.insert(0, Arc::new(Held::new([reference]))));
    });
    plant.log(9, |log, _| log.retain(|recorded| !settled(&recorded.event)));
    plant.batch(10, settled, |world| {
        place(world, "uat", |state| {
            let first = Arc::clone(state.history.first().unwrap());
            state.history.extend(std::iter::repeat_n(first, 11));
        });
    });
    plant.batch(11, settled, |world| {
        let freight = held(world, "uat");
        visit(world, &freight, "uat", |visit| visit.current = None);
    });
    plant.moment(12, begins, |at| {
        let name = promotion_of(&at.recorded);
        let stage = at.before.promotion(&name).unwrap().stage().unwrap().noun().clone();
        let mut stage = stage;
        stage.spec.requested_freight.clear();
        at.before.define(Object::from(stage));
    });
    plant.batch(13, settled, |world| {
        place(world, "uat", |state| Arc::make_mut(state.history.first_mut().unwrap()).id = "0".into());
    });
    plant.moment(14, begins, |at| {
        if let Event::Promotion { happened: RunEvent::Phase(PhaseEvent::Begin { collection, .. }), .. } =
            &mut at.recorded.event
        {
            Arc::make_mut(collection.as_mut().unwrap()).freight.clear();
        }
    });
    plant.world(48, |world| {
        place(world, "uat", |state| {
            let held = Arc::make_mut(state.history.first_mut().unwrap());
            let mut reference = (*held.freight[0]).clone();
            reference.name = "gone".into();
            held.freight = [Arc::new(reference)].into();
        });
    });
    plant.world(55, |world| {
        let freight = held(world, "uat");
        visit(world, &freight, "gate", |visit| visit.current = Some(CurrentStage::default()));
    });
}

fn freight(plant: &mut Plant<'_>) {
    let at = last(plant.run, settled);
    let left = held(&at.before, "uat");
    plant.batch(15, settled, |world| {
        visit(world, &left, "uat", |visit| visit.verified = Some(VerifiedStage::default()))
    });
    {
        // What left before and comes again has soaked before.
        let mut at = last(plant.run, settled);
        let soaked = Some(VerifiedStage {
            verified_at: Some(at.recorded.at),
            longest_completed_soak: Some(Duration::from_secs(600)),
        });
        for world in [&mut at.before, &mut at.after] {
            visit(world, &left, "uat", |visit| visit.verified.clone_from(&soaked));
        }
        let case = Case::Batch { before: at.before, events: vec![at.recorded], after: at.after, checked: None };
        plant.breaks(16, case, |case| {
            if let Case::Batch { after, .. } = case {
                visit(after, &left, "uat", |visit| visit.verified.as_mut().unwrap().longest_completed_soak = None);
            }
        });
    }
    plant.batch(18, counted, |world| {
        let mut noun = world.stage("uat").unwrap().noun().clone();
        noun.spec.requested_freight.clear();
        world.define(Object::from(noun));
    });
    plant.world(19, |world| {
        let freight = world.all_freight().next().unwrap().name().clone();
        visit(world, &freight, "nowhere", |visit| visit.approved = Some(Default::default()));
    });
}

fn gates(plant: &mut Plant<'_>) {
    plant.moment(33, current, |at| add_verification(&mut at.before, "uat", 0));
    let automatic = |event: &Event| current(event) && matches!(event, Event::PromotionCurrent { .. });
    let by_automation = {
        let names: BTreeSet<String> =
            plant.run.log().iter().filter(|recorded| created(&recorded.event)).map(promotion_of).collect();
        move |event: &Event| match event {
            Event::PromotionCurrent { promotion, .. } => automatic(event) && names.contains(&**promotion),
            _ => false,
        }
    };
    plant.moment(34, by_automation, |at| {
        place(&mut at.before, "uat", |state| Arc::make_mut(state.history.first_mut().unwrap()).verifications.clear());
    });
    let begun = |event: &Event| matches!(event, Event::VerificationBegun { .. });
    plant.moment(35, begun, |at| {
        for stage in ["uat", "prod"] {
            place(&mut at.before, stage, |state| state.health = None);
        }
    });
    plant.moment(36, counted, |at| {
        let sick = Health { status: Some(HealthState::Unhealthy), ..Health::default() };
        place(&mut at.before, "uat", |state| state.health = Some(Arc::new(sick)));
    });
    let at = last(plant.run, settled);
    let unverified = |world: &World| {
        world
            .all_freight()
            .map(|freight| freight.name().clone())
            .find(|name| world.stage("uat").unwrap().current().unwrap().includes(name))
            .unwrap()
    };
    let name = unverified(&at.after);
    {
        let mut at = last(plant.run, settled);
        visit(&mut at.before, &name, "prod", |visit| visit.verified = None);
        visit(&mut at.after, &name, "prod", |visit| visit.verified = None);
        let case = Case::Batch { before: at.before, events: vec![at.recorded], after: at.after, checked: None };
        plant.breaks(36, case, |case| {
            if let Case::Batch { after, .. } = case {
                visit(after, &name, "prod", |visit| visit.verified = Some(VerifiedStage::default()));
            }
        });
    }
    plant.moment(37, counted, |at| {
        // Another collection credits it as well, and this verdict takes it away all the same.
        let mut earlier = at.recorded.clone();
        if let Event::VerdictCounted { collection, .. } = &mut earlier.event {
            collection.push_str("-other");
        }
        if let Event::VerdictCounted { credited, withdrawn, .. } = &mut at.recorded.event {
            withdrawn.append(credited);
        }
        let place = at.log.len() - 1;
        earlier.position = kargo_core::Position::new(earlier.position.get() - 1);
        at.log.insert(place, earlier);
    });
    plant.batch(38, settled, |world| {
        place(world, "uat", |state| Arc::make_mut(state.history.get_mut(1).unwrap()).verifications.push(open("a")));
    });
    let at = last(plant.run, settled);
    let of = |state: HealthState| Health { status: Some(state), ..Health::default() };
    let checked = Some((vec![of(HealthState::Healthy), of(HealthState::Unhealthy)], of(HealthState::Unhealthy)));
    let case = Case::Batch { before: at.before, events: vec![at.recorded], after: at.after, checked };
    plant.breaks(40, case, |case| {
        if let Case::Batch { checked: Some((_, all)), .. } = case {
            all.status = Some(HealthState::Healthy);
        }
    });
}

fn steps(plant: &mut Plant<'_>) {
    let starts = |event: &Event| {
        matches!(event, Event::Promotion { happened: RunEvent::Step { event: StepEvent::Start { .. }, .. }, .. })
    };
    let finishes = |event: &Event| {
        matches!(event, Event::Promotion { happened: RunEvent::Step { index: 0, event: StepEvent::Finish { .. } }, .. })
    };
    plant.log(41, |log, _| {
        let again = log.iter().rfind(|recorded| starts(&recorded.event)).unwrap().clone();
        log.push(again);
    });
    plant.moment(42, ends, |at| {
        if let Event::Promotion { happened: RunEvent::Phase(PhaseEvent::End { end, .. }), .. } = &mut at.recorded.event
        {
            *end = End::Failed;
        }
    });
    plant.log(43, |log, _| {
        let uat = |recorded: &&mut Recorded| finishes(&recorded.event) && promotion_of(recorded).starts_with("uat.");
        let first = log.iter_mut().find(uat).unwrap();
        if let Event::Promotion { happened: RunEvent::Step { event: StepEvent::Finish { status, .. }, .. }, .. } =
            &mut first.event
        {
            *status = StepStatus::Failed;
        }
    });
    plant.log(44, |log, _| {
        let at = log.iter().position(|recorded| finishes(&recorded.event)).unwrap();
        let mut retry = log[at].clone();
        if let Event::Promotion { happened: RunEvent::Step { event, .. }, .. } = &mut retry.event {
            *event = StepEvent::Retry {
                until: retry.at,
                status: StepStatus::Errored,
                message: "again".to_owned(),
                output: kargo_core::expr::Value::Null,
            };
        }
        log.insert(at, retry);
    });
    plant.log(45, |log, _| {
        let uat = |recorded: &Recorded| finishes(&recorded.event) && promotion_of(recorded).starts_with("uat.");
        let at = log.iter().position(uat).unwrap();
        let mut late = log[at].clone();
        late.at += chrono::TimeDelta::hours(1);
        if let Event::Promotion { happened: RunEvent::Step { event, .. }, .. } = &mut late.event {
            *event = StepEvent::Wait {
                at: late.at,
                wait: Wait::default(),
                message: None,
                output: kargo_core::expr::Value::Null,
            };
        }
        log.insert(at, late);
    });
    plant.log(52, |log, _| {
        let again = log.iter().rfind(|recorded| ends(&recorded.event)).unwrap().clone();
        log.push(again);
    });
}

/// A log that ends in the middle of a batch leaves a promotion that could start and does not.
fn alive(plant: &mut Plant<'_>) {
    let cut = plant.run.log().iter().position(|recorded| created(&recorded.event)).unwrap() + 1;
    let folded = |length: usize| {
        let mut engine = Engine::new(Genesis::new("shop", plant.run.seed()));
        engine.fold(plant.run.log()[..length].iter().cloned()).unwrap();
        engine
    };
    let check = |engine: &Engine| {
        let alive = ALL.iter().find(|invariant| invariant.number == 56).unwrap();
        if let Check::Engine(check) = alive.check { check(engine, engine.now(), 1) } else { Ok(0) }
    };
    assert!(check(&folded(plant.run.log().len())).is_ok());
    assert!(check(&folded(cut)).is_err());
    plant.done.insert(56);
}
