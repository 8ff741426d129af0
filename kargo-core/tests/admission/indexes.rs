//! A world that was changed is the world that is built anew from what is left: every index says the same.

use std::collections::BTreeMap;

use kargo_core::{
    World,
    model::{
        Approval, ApprovedStage, ClusterConfig, CurrentStage, Freight, FreightRequest, FreightStatus, Kind, Object,
        ObjectMeta, Origin, Pause, ProjectConfig, Promotion, PromotionPhase, PromotionWindow, Rejection, Stage,
        StageName, StagePolicy, VerifiedStage, WindowKind,
    },
    world::{Mark, Place, PromotionView, Visits},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::{plan::instant, random::runner};

const NAMES: usize = 3;

#[derive(Clone, Debug)]
enum Edit {
    Put(Box<Object>, u64),
    Remove(Kind, String),
    /// Another status for a piece of freight, in place.
    Freight(String, FreightStatus),
}

fn name(prefix: &'static str) -> impl Strategy<Value = String> {
    (0..NAMES).prop_map(move |index| format!("{prefix}{index}"))
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![Just(Origin::warehouse("w0")), Just(Origin::warehouse("w1")), Just(Origin::junction("w0"))]
}

fn request() -> impl Strategy<Value = FreightRequest> {
    (origin(), vec(name("s"), 0..3)).prop_map(|(origin, stages)| {
        let mut request = FreightRequest { origin, ..FreightRequest::default() };
        request.sources.stages = stages.into_iter().map(StageName::from).collect();
        request
    })
}

fn windows() -> impl Strategy<Value = Vec<PromotionWindow>> {
    vec((name("win"), any::<bool>(), select(&["", "20261120T000000Z", "nonsense"])), 0..3).prop_map(|windows| {
        let window = |(name, denies, start): (String, bool, &str)| PromotionWindow {
            name,
            kind: if denies { WindowKind::Deny } else { WindowKind::Allow },
            stage_selector: None,
            project_selector: None,
            rrule: None,
            dtstart: Some(start.to_owned()),
            dtend: None,
        };
        windows.into_iter().map(window).collect()
    })
}

prop_compose! {
    fn status()(
        currently in vec(name("s"), 0..2),
        verified in vec(name("s"), 0..3),
        approved in vec(name("s"), 0..2),
    ) -> FreightStatus {
        let mut status = FreightStatus::default();
        status.currently_in.extend(currently.into_iter().map(|stage| (stage.into(), CurrentStage::default())));
        status.verified_in.extend(verified.into_iter().map(|stage| (stage.into(), VerifiedStage::default())));
        status.approved_for.extend(approved.into_iter().map(|stage| (stage.into(), ApprovedStage::default())));
        status
    }
}

prop_compose! {
    fn freight()(
        name in name("f"),
        alias in option::of(select(&["", "a0", "a1", "f0"])),
        found in option::of(0..3_i64),
        origin in origin(),
        status in status(),
    ) -> Object {
        let (metadata, alias) = (ObjectMeta::named(name), alias.map(str::to_owned));
        Freight { metadata, alias, discovered_at: found.map(instant), origin, status, ..Freight::default() }.into()
    }
}

prop_compose! {
    fn promotion()(
        name in name("p"),
        stage in name("s"),
        freight in option::of(name("f")),
        phase in option::of(select(&[PromotionPhase::Pending, PromotionPhase::Running, PromotionPhase::Succeeded, PromotionPhase::Aborted])),
    ) -> Object {
        let mut promotion = Promotion { metadata: ObjectMeta::named(name), ..Promotion::default() };
        promotion.spec.stage = stage.into();
        promotion.spec.freight = freight.map(Into::into);
        promotion.status.phase = phase;
        promotion.into()
    }
}

fn stage() -> impl Strategy<Value = Object> {
    (name("s"), vec(request(), 0..3)).prop_map(|(name, requests)| {
        let mut stage = Stage { metadata: ObjectMeta::named(name), ..Stage::default() };
        stage.spec.requested_freight = requests;
        stage.into()
    })
}

fn policy() -> impl Strategy<Value = Object> {
    (name("s"), vec(request(), 0..2), windows()).prop_map(|(name, requests, windows)| {
        let mut policy = StagePolicy { metadata: ObjectMeta::named(name), ..StagePolicy::default() };
        (policy.spec.requested_freight, policy.spec.windows) = (requests, windows);
        policy.into()
    })
}

fn decision() -> impl Strategy<Value = Object> {
    prop_oneof![
        (name("x"), option::of(name("s"))).prop_map(|(name, stage)| {
            let mut pause = Pause { metadata: ObjectMeta::named(name), ..Pause::default() };
            pause.spec.stage = stage.map(Into::into);
            Object::from(pause)
        }),
        (name("x"), name("f")).prop_map(|(name, freight)| {
            let mut rejection = Rejection { metadata: ObjectMeta::named(name), ..Rejection::default() };
            rejection.spec.freight = freight.into();
            Object::from(rejection)
        }),
        (name("x"), name("f"), name("s")).prop_map(|(name, freight, stage)| {
            let mut approval = Approval { metadata: ObjectMeta::named(name), ..Approval::default() };
            (approval.spec.freight, approval.spec.stage) = (freight.into(), stage.into());
            Object::from(approval)
        }),
    ]
}

fn config() -> impl Strategy<Value = Object> {
    prop_oneof![
        windows().prop_map(|windows| {
            let mut config = ProjectConfig { metadata: ObjectMeta::named("shop"), ..ProjectConfig::default() };
            config.spec.promotion_windows = windows;
            Object::from(config)
        }),
        windows().prop_map(|windows| {
            let mut config = ClusterConfig { metadata: ObjectMeta::named("cluster"), ..ClusterConfig::default() };
            config.spec.promotion_windows = windows;
            Object::from(config)
        }),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let put = |object: Object, number: u64| Edit::Put(Box::new(object), number);
    let removed = [
        (Kind::Stage, "s"),
        (Kind::StagePolicy, "s"),
        (Kind::Freight, "f"),
        (Kind::Promotion, "p"),
        (Kind::Pause, "x"),
        (Kind::Rejection, "x"),
        (Kind::Approval, "x"),
    ];
    prop_oneof![
        3 => stage().prop_map(move |object| put(object, 0)),
        2 => policy().prop_map(move |object| put(object, 0)),
        4 => freight().prop_map(move |object| put(object, 0)),
        3 => (promotion(), 0..4_u64).prop_map(move |(object, number)| put(object, number)),
        3 => decision().prop_map(move |object| put(object, 0)),
        1 => config().prop_map(move |object| put(object, 0)),
        4 => (select(removed.to_vec()), 0..NAMES).prop_map(|((kind, prefix), index)| Edit::Remove(kind, format!("{prefix}{index}"))),
        1 => select(&[(Kind::ProjectConfig, "shop"), (Kind::ClusterConfig, "cluster")]).prop_map(|(kind, name)| Edit::Remove(kind, name.to_owned())),
        4 => (name("f"), status()).prop_map(|(name, status)| Edit::Freight(name, status)),
    ]
}

/// What is left after all edits, each with the number it was counted by.
#[derive(Debug, Default)]
struct Left(BTreeMap<(Kind, String), (Object, u64)>);

impl Left {
    fn make(&mut self, world: &mut World, edit: &Edit) {
        match edit {
            Edit::Put(object, number) => {
                let key = (object.kind(), object.name().to_owned());
                let known = self.0.get(&key).map_or(0, |(_, number)| *number);
                let number = if *number == 0 { known } else { *number };
                put(world, object, number);
                self.0.insert(key, ((**object).clone(), number));
            }
            Edit::Remove(kind, name) => {
                world.remove(*kind, name);
                self.0.remove(&(*kind, name.clone()));
            }
            Edit::Freight(name, status) => {
                world.edit_freight(&name.as_str().into(), |state| state.visits = Visits::from(status));
                if let Some((Object::Freight(freight), _)) = self.0.get_mut(&(Kind::Freight, name.clone())) {
                    freight.status = status.clone();
                }
            }
        }
    }

    fn world(&self) -> World {
        let mut world = World::new("shop");
        self.0.values().for_each(|(object, number)| put(&mut world, object, *number));
        world
    }
}

fn put(world: &mut World, object: &Object, number: u64) {
    match object {
        Object::Promotion(promotion) => world.put_promotion((**promotion).clone(), number),
        object => world.put(object.clone()),
    }
}

/// Everything that is found through an index, as text.
fn seen(world: &World) -> Vec<String> {
    let mut seen = Vec::new();
    let origins = [Origin::warehouse("w0"), Origin::warehouse("w1"), Origin::junction("w0")];
    let stages: Vec<StageName> = (0..NAMES).map(|index| format!("s{index}").into()).collect();
    for origin in &origins {
        let of: Vec<_> = world.freight_of(origin, None).map(|freight| freight.name().clone()).collect();
        let subscribers: Vec<_> = world.subscribers_of_origin(origin).collect();
        seen.push(format!("{origin}: {of:?} to {subscribers:?}"));
        for (stage, mark) in
            stages.iter().flat_map(|stage| [Mark::Verified, Mark::Approved, Mark::Current].map(|mark| (stage, mark)))
        {
            let marked: Vec<_> =
                world.freight_marked(mark, stage, origin, None).map(|freight| freight.name().clone()).collect();
            seen.push(format!("{origin} {mark:?} {stage}: {marked:?}"));
        }
    }
    for stage in &stages {
        let subscribers: Vec<_> = world.subscribers_of_stage(stage).collect();
        let approved: Vec<_> = world.approved_for(stage).map(|freight| freight.name().clone()).collect();
        seen.push(format!("{stage}: feeds {subscribers:?}, approved {approved:?}"));
        let Ok(view) = world.stage(stage) else { continue };
        let open: Vec<_> = view.open_promotions().map(PromotionView::name).collect();
        let windows = view.windows();
        let pauses: Vec<_> = view.pauses().map(|pause| &pause.metadata.name).collect();
        seen.push(format!("{stage}: open {open:?}, {:?}, {:?}, {pauses:?}", windows.schedule, windows.unreadable));
        for index in 0..NAMES {
            let freight = format!("f{index}").into();
            let of: Vec<_> = view.promotions_of(&freight).map(PromotionView::name).collect();
            let approvals: Vec<_> =
                world.approvals_of(&freight, stage).map(|approval| &approval.metadata.name).collect();
            seen.push(format!("{stage} of {freight}: {of:?}, {approvals:?}"));
        }
    }
    for index in 0..NAMES {
        let rejections: Vec<_> =
            world.rejections_of(&format!("f{index}")).map(|rejection| &rejection.metadata.name).collect();
        let number = world.promotion_number(&format!("p{index}").into());
        seen.push(format!("{index}: {rejections:?}, {number}"));
    }
    for reference in ["", "a0", "a1", "f0", "f1", "f2"] {
        let found = world.freight(reference).map(|freight| (freight.name(), freight.status()));
        seen.push(format!("{reference}: {found:?}"));
    }
    seen
}

#[test]
fn indexes_say_what_a_new_world_says() {
    let test = |edits: Vec<Edit>| {
        let (mut world, mut left) = (World::new("shop"), Left::default());
        for edit in &edits {
            left.make(&mut world, edit);
            // A copy that was taken before is not changed by what follows.
            let (before, copy) = (seen(&world), world.clone());
            let mut other = world.clone();
            Left::default().make(&mut other, &Edit::Remove(Kind::Freight, "f0".to_owned()));
            Left::default().make(&mut other, &Edit::Remove(Kind::Stage, "s0".to_owned()));
            prop_assert_eq!(seen(&copy), before);
        }
        prop_assert_eq!(seen(&world), seen(&left.world()));
        Ok(())
    };
    runner(256).run(&vec(edit(), 0..25), test).unwrap();
}

/// Of a Stage that is taken out, what is there goes with it; what has the name of another's beginning stays.
#[test]
fn a_stage_takes_what_is_there_with_it() {
    let mut world = World::new("shop");
    let stage = |name: &str| Stage { metadata: ObjectMeta::named(name), ..Stage::default() };
    world.put(stage("prod"));
    world.put(stage("prod-eu"));
    for (name, target) in [("prod", None), ("prod", Some("a")), ("prod-eu", None)] {
        let place = Place { stage: name.into(), target: target.map(Into::into) };
        world.edit_place(&place, |state| state.current_promotion = Some("p".into()));
    }
    let current = |world: &World, name: &str| world.stage(name).unwrap().current_promotion().map(str::to_owned);
    assert_eq!(current(&world, "prod").as_deref(), Some("p"));
    world.remove(Kind::Stage, "prod");
    assert!(world.stage("prod").is_err());
    world.edit_place(&Place::stage("prod"), |state| state.current_promotion = Some("q".into()));
    world.put(stage("prod"));
    assert_eq!(current(&world, "prod"), None);
    assert_eq!(current(&world, "prod-eu").as_deref(), Some("p"));
}
