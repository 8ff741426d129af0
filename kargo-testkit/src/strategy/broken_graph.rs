//! Defects between objects: upstreams, origins, circles, reachability.

use kargo_core::model::{
    AutoPromotionOptions, Code, Fill, FreightRequest, FreightSources, Junction, JunctionSpec, Kind, Object, ObjectMeta,
    Origin, OriginKind, SelectionPolicy, Slot, Stage, StagePolicy, StageSpec, Warehouse, WarehousePolicy,
};

use super::{
    broken::{Defect, Flaw},
    broken_document::{junction, policy, request, stage, stages, warehouse},
    render::by_label,
    sketch::Tape,
};

/// Breaks the pipeline, if the flaw is of this file and there is a place for it.
pub(super) fn inject(flaw: Flaw, objects: &mut Vec<Object>, project: &str, tape: &mut Tape) -> Option<Defect> {
    let meta = |name: &str| ObjectMeta::named(name).in_project(project);
    match flaw {
        Flaw::UnknownUpstream => {
            let stage = stage(objects, tape)?;
            relaxed(request(stage, tape)?).stages.push("nowhere".into());
            Some(Defect::new(flaw, Kind::Stage, &stage.metadata.name, "nowhere"))
        }
        Flaw::UnknownUpstreamOfSlot => {
            let junction = junction(objects, tape)?;
            let slot = junction.spec.requested_freight.first_mut()?;
            slot.fill = Fill::NewestFreight;
            slot.sources.stages.push("nowhere".into());
            Some(Defect::new(flaw, Kind::Junction, &junction.metadata.name, "nowhere"))
        }
        Flaw::UnknownOrigin => {
            let stage = stage(objects, tape)?;
            stage.spec.requested_freight.push(straight(Origin::warehouse("nowhere")));
            Some(Defect::new(flaw, Kind::Stage, &stage.metadata.name, "Warehouse/nowhere"))
        }
        Flaw::UnknownOriginOfSlot => {
            let junction = junction(objects, tape)?;
            junction.spec.requested_freight.push(slot(Origin::warehouse("nowhere"), direct()));
            Some(Defect::new(flaw, Kind::Junction, &junction.metadata.name, "Warehouse/nowhere"))
        }
        Flaw::Cycle => cycle(objects, tape),
        Flaw::JunctionCycle => junction_cycle(objects, tape),
        Flaw::SelfReference => {
            let stage = stage(objects, tape)?;
            let name = stage.metadata.name.clone();
            relaxed(request(stage, tape)?).stages.push(name.as_str().into());
            Some(Defect::new(flaw, Kind::Stage, &name, &name))
        }
        Flaw::NeverHolds => {
            let defect = {
                let stage = stage(objects, tape)?;
                relaxed(request(stage, tape)?).stages.push("aside".into());
                Defect::new(flaw, Kind::Stage, &stage.metadata.name, "aside")
            };
            let origin = another_warehouse(objects, meta("aside"))?;
            objects.push(another_stage(meta("aside"), straight(origin)));
            Some(defect)
        }
        Flaw::DuplicateOrigin => {
            let stage = stage(objects, tape)?;
            let twin = request(stage, tape)?.clone();
            let culprit = twin.origin.to_string();
            stage.spec.requested_freight.push(twin);
            Some(Defect::new(flaw, Kind::Stage, &stage.metadata.name, culprit))
        }
        Flaw::DuplicateSlot => {
            let junction = junction(objects, tape)?;
            let twin = junction.spec.requested_freight.iter().find(|slot| slot.origin.is_some())?.clone();
            let culprit = twin.origin.as_ref().map(ToString::to_string).unwrap_or_default();
            junction.spec.requested_freight.push(twin);
            Some(Defect::new(flaw, Kind::Junction, &junction.metadata.name, culprit))
        }
        Flaw::ApprovalOnly => {
            let origin = another_warehouse(objects, meta("by-hand"))?;
            let stage = stage(objects, tape)?;
            stage.spec.requested_freight.push(FreightRequest { origin, sources: FreightSources::default() });
            Some(Defect::new(flaw, Kind::Stage, &stage.metadata.name, "Warehouse/by-hand"))
        }
        Flaw::Unreachable => {
            let origin = another_warehouse(objects, meta("by-hand"))?;
            let upstream = stage(objects, tape)?;
            let name = upstream.metadata.name.clone();
            let by_hand = FreightRequest { origin: origin.clone(), sources: FreightSources::default() };
            upstream.spec.requested_freight.push(by_hand);
            objects.push(another_stage(meta("behind"), FreightRequest { origin, sources: from(&name) }));
            let defect = Defect::new(flaw, Kind::Stage, "behind", &name);
            Some(Defect { also: Some((Code::ApprovalOnly, Kind::Stage, name)), ..defect })
        }
        Flaw::UnknownSubject => {
            if tape.once_in(2) {
                objects.push(WarehousePolicy { metadata: meta("nobody"), ..WarehousePolicy::default() }.into());
                return Some(Defect::new(flaw, Kind::WarehousePolicy, "nobody", "nobody"));
            }
            objects.push(StagePolicy { metadata: meta("nobody"), ..StagePolicy::default() }.into());
            Some(Defect::new(flaw, Kind::StagePolicy, "nobody", "nobody"))
        }
        Flaw::FollowsControlFlow => {
            let mut passing = stages(objects).into_iter().filter(|stage| stage.is_control_flow());
            let stage = passing.next()?;
            let name = stage.metadata.name.clone();
            let origin = stage.spec.requested_freight.first()?.origin.clone();
            let following = Slot { fill: Fill::MatchUpstream, ..slot(origin, from(&name)) };
            objects.push(another_junction(meta("following"), vec![following]));
            Some(Defect::new(flaw, Kind::Junction, "following", name))
        }
        Flaw::EmptySlotSelection => {
            let origin = Origin::warehouse(warehouse(objects, tape)?.metadata.name.as_str());
            let selector = Some(by_label("train", "never"));
            let hollow = Slot { origin: None, origin_selector: selector, sources: direct(), ..Slot::default() };
            objects.push(another_junction(meta("hollow"), vec![slot(origin, direct()), hollow]));
            Some(Defect::new(flaw, Kind::Junction, "hollow", "train=never"))
        }
        Flaw::EmptyPolicySelection => policy(objects, "glob:nothing-*")
            .map(|config| Defect::new(flaw, Kind::ProjectConfig, &config, "glob:nothing-*")),
        Flaw::MatchUpstreamWithTwo => {
            let many = |request: &FreightRequest| request.sources.stages.len() > 1;
            let stage = stages(objects).into_iter().find(|stage| stage.spec.requested_freight.iter().any(many))?;
            let request = stage.spec.requested_freight.iter_mut().find(|request| many(request))?;
            request.sources.direct = false;
            request.sources.auto_promotion_options = Some(match_upstream());
            Some(Defect::new(flaw, Kind::Stage, &stage.metadata.name, "MatchUpstream"))
        }
        Flaw::MatchUpstreamDirect => {
            let straight = |request: &FreightRequest| request.sources.direct;
            let stage = stages(objects).into_iter().find(|stage| stage.spec.requested_freight.iter().any(straight))?;
            let request = stage.spec.requested_freight.iter_mut().find(|request| straight(request))?;
            request.sources.auto_promotion_options = Some(match_upstream());
            Some(Defect::new(flaw, Kind::Stage, &stage.metadata.name, "MatchUpstream"))
        }
        _ => None,
    }
}

/// A Stage takes freight from one that stands behind it. What it had stays, so that nothing else goes wrong.
fn cycle(objects: &mut [Object], tape: &mut Tape) -> Option<Defect> {
    let ends: Vec<(String, Origin)> = stages(objects)
        .into_iter()
        .flat_map(|stage| {
            stage
                .spec
                .requested_freight
                .iter()
                .map(|request| (stage.metadata.name.clone(), request.clone()))
                .collect::<Vec<_>>()
        })
        .filter(|(_, request)| !request.sources.stages.is_empty())
        .map(|(name, request)| (name, request.origin))
        .collect();
    let (last, origin) = tape.pick(&ends)?.clone();
    let mut through = vec![last.clone()];
    loop {
        let here = through.last()?.clone();
        let above = request_of(objects, &here, &origin)?.sources.stages.clone();
        match tape.pick(&above) {
            // Some circles are short, others go all the way up.
            Some(up) if through.len() < 2 || !tape.once_in(3) => through.push(up.as_str().to_owned()),
            _ => break,
        }
    }
    let first = through.last()?.clone();
    relaxed(request_of(objects, &first, &origin)?).stages.push(last.as_str().into());
    let objects = through.into_iter().map(|name| (Kind::Stage, name)).collect();
    Some(Defect { objects, ..Defect::new(Flaw::Cycle, Kind::Stage, &first, last) })
}

/// A Junction gets a slot for its own bundles from a Stage, or for the bundles of a Junction that collects its own.
fn junction_cycle(objects: &mut [Object], tape: &mut Tape) -> Option<Defect> {
    let name = junction(objects, tape)?.metadata.name.clone();
    let own = Origin::junction(name.as_str());
    let outer = objects
        .iter()
        .filter_map(|object| object.as_noun::<Junction>())
        .find(|junction| junction.spec.requested_freight.iter().any(|slot| slot.origin.as_ref() == Some(&own)));
    let takes = |stage: &&Stage| {
        stage.spec.requested_freight.iter().any(|request| request.origin == own && request.sources.direct)
    };
    let behind = objects.iter().filter_map(|object| object.as_noun::<Stage>()).find(takes);
    let (more, other) = match (outer, behind) {
        (_, Some(stage)) => (slot(own.clone(), from(&stage.metadata.name)), (Kind::Stage, stage.metadata.name.clone())),
        (Some(outer), None) => {
            let outer = outer.metadata.name.clone();
            (slot(Origin::junction(outer.as_str()), direct()), (Kind::Junction, outer))
        }
        (None, None) => return None,
    };
    let junction = objects.iter_mut().find_map(|object| match object {
        Object::Junction(junction) if junction.metadata.name == name => Some(junction),
        _ => None,
    })?;
    // A release does not wait for the slot, so that freight still gets through and nothing else goes wrong.
    junction.spec.requested_freight.push(Slot { required: false, ..more });
    let defect = Defect::new(Flaw::JunctionCycle, Kind::Junction, &name, &other.1);
    Some(Defect { objects: vec![(Kind::Junction, name), other], ..defect })
}

/// A Stage's request for an origin, in its own spec.
fn request_of<'a>(objects: &'a mut [Object], stage: &str, origin: &Origin) -> Option<&'a mut FreightRequest> {
    let stage = stages(objects).into_iter().find(|known| known.metadata.name == stage)?;
    stage.spec.requested_freight.iter_mut().find(|request| request.origin == *origin)
}

/// The sources of a request that may have any number of upstreams.
fn relaxed(request: &mut FreightRequest) -> &mut FreightSources {
    request.sources.auto_promotion_options = None;
    request.sources.availability_strategy = None;
    &mut request.sources
}

fn direct() -> FreightSources {
    FreightSources { direct: true, ..FreightSources::default() }
}

fn from(stage: &str) -> FreightSources {
    FreightSources { stages: vec![stage.into()], ..FreightSources::default() }
}

fn straight(origin: Origin) -> FreightRequest {
    FreightRequest { origin, sources: direct() }
}

fn slot(origin: Origin, sources: FreightSources) -> Slot {
    Slot { origin: Some(origin), sources, ..Slot::default() }
}

fn match_upstream() -> AutoPromotionOptions {
    AutoPromotionOptions { selection_policy: SelectionPolicy::MatchUpstream }
}

/// Adds a copy of a Warehouse under another name and without labels.
fn another_warehouse(objects: &mut Vec<Object>, metadata: ObjectMeta) -> Option<Origin> {
    let spec = objects.iter().find_map(|object| object.as_noun::<Warehouse>())?.spec.clone();
    let origin = Origin { kind: OriginKind::Warehouse, name: metadata.name.clone() };
    objects.push(Warehouse { metadata, spec, ..Warehouse::default() }.into());
    Some(origin)
}

/// A control-flow Stage with one request.
pub(super) fn another_stage(metadata: ObjectMeta, request: FreightRequest) -> Object {
    let spec = StageSpec { requested_freight: vec![request], ..StageSpec::default() };
    Stage { metadata, spec, ..Stage::default() }.into()
}

fn another_junction(metadata: ObjectMeta, requested_freight: Vec<Slot>) -> Object {
    let spec = JunctionSpec { requested_freight, ..JunctionSpec::default() };
    Junction { metadata, spec, ..Junction::default() }.into()
}
