//! How pipelines of each shape are drawn.

use kargo_core::model::Origin;

use super::{
    pipeline::Shape,
    sketch::{Sketch, Tape, Want},
};

/// Draws a pipeline of this shape with about so many Stages and Warehouses; a shape that needs more takes the fewest it
/// can.
pub(super) fn draw(shape: Shape, stages: usize, origins: usize, tape: Tape) -> Sketch {
    let mut sketch = Sketch::new(tape);
    match shape {
        Shape::Linear => linear(&mut sketch, stages.max(1)),
        Shape::FanOut => fan_out(&mut sketch, stages.max(3)),
        Shape::FanIn => fan_in(&mut sketch, stages.max(3)),
        Shape::Diamond => diamond(&mut sketch, stages.max(4)),
        Shape::Hotfix => hotfix(&mut sketch, stages.max(3)),
        Shape::SeveralOrigins => several_origins(&mut sketch, stages.max(2), origins.max(2)),
        Shape::ControlFlow => control_flow(&mut sketch, stages.max(3)),
        Shape::JunctionSeries => junction_series(&mut sketch, stages.max(3), origins),
        Shape::JunctionNested => junction_nested(&mut sketch, stages.max(1), origins.max(2)),
        Shape::OriginSelector => origin_selector(&mut sketch, stages.max(2), origins.max(1)),
        Shape::Mixed => mixed(&mut sketch, stages.max(1), origins.max(1)),
    }
    sketch
}

/// Adds a row of Stages behind one, or behind the origin itself.
fn row(sketch: &mut Sketch, origin: &Origin, mut behind: Option<usize>, stages: usize) -> Option<usize> {
    for _ in 0..stages {
        let from: Vec<usize> = behind.into_iter().collect();
        behind = Some(sketch.stage(vec![Want::from(origin, &from)]));
    }
    behind
}

fn linear(sketch: &mut Sketch, stages: usize) {
    let origin = sketch.source(false);
    row(sketch, &origin, None, stages);
}

fn fan_out(sketch: &mut Sketch, stages: usize) {
    let origin = sketch.source(false);
    let root = sketch.stage(vec![Want::direct(&origin)]);
    for _ in 1..stages {
        let behind = if sketch.tape.once_in(5) { sketch.tape.next(sketch.nodes.len()) } else { root };
        sketch.stage(vec![Want::from(&origin, &[behind])]);
    }
}

fn fan_in(sketch: &mut Sketch, stages: usize) {
    let origin = sketch.source(false);
    let roots: Vec<usize> = (1..stages).map(|_| sketch.stage(vec![Want::direct(&origin)])).collect();
    sketch.stage(vec![Want::from(&origin, &roots)]);
}

fn diamond(sketch: &mut Sketch, stages: usize) {
    let origin = sketch.source(false);
    let mut top = sketch.stage(vec![Want::direct(&origin)]);
    let mut left = stages - 1;
    while left >= 3 {
        let wide = 2 + sketch.tape.next(left - 2);
        let middle: Vec<usize> = (0..wide).map(|_| sketch.stage(vec![Want::from(&origin, &[top])])).collect();
        top = sketch.stage(vec![Want::from(&origin, &middle)]);
        left -= wide + 1;
    }
    row(sketch, &origin, Some(top), left);
}

/// A row to production, and a control-flow Stage beside it from which production takes freight too.
fn hotfix(sketch: &mut Sketch, stages: usize) {
    let origin = sketch.source(false);
    let tested = row(sketch, &origin, None, stages - 2);
    let beside = sketch.stage(vec![Want::direct(&origin)]);
    if let Some(node) = sketch.nodes.get_mut(beside) {
        node.control_flow = true;
    }
    let both: Vec<usize> = tested.into_iter().chain([beside]).collect();
    sketch.stage(vec![Want::from(&origin, &both)]);
}

/// Stages of one origin each, then Stages that hold freight of all.
fn several_origins(sketch: &mut Sketch, stages: usize, origins: usize) {
    let origins = sketch.sources(origins);
    let alone = origins.len().min(stages - 1);
    let firsts: Vec<usize> =
        origins.iter().take(alone).map(|origin| sketch.stage(vec![Want::direct(origin)])).collect();
    let mut behind = None;
    for _ in alone..stages {
        let wants = origins.iter().enumerate().map(|(at, origin)| {
            let from: Vec<usize> = behind.or_else(|| firsts.get(at).copied()).into_iter().collect();
            Want::from(origin, &from)
        });
        behind = Some(sketch.stage(wants.collect()));
    }
}

/// Diamonds and rows with control-flow Stages inside, the second Stage always.
fn control_flow(sketch: &mut Sketch, stages: usize) {
    if sketch.tape.once_in(2) && stages >= 4 {
        diamond(sketch, stages)
    } else {
        linear(sketch, stages)
    }
    let last = sketch.nodes.len() - 1;
    for (at, node) in sketch.nodes.iter_mut().enumerate() {
        let inside = at > 0 && at < last;
        node.control_flow = inside && (sketch.tape.once_in(2) || at == 1);
    }
}

/// Junctions behind Stages behind Junctions: each bundle holds the one before.
fn junction_series(sketch: &mut Sketch, stages: usize, origins: usize) {
    let first = sketch.source(false);
    let mut others = sketch.sources(origins.saturating_sub(1)).into_iter();
    let mut origin = first.clone();
    let mut behind = sketch.stage(vec![Want::direct(&first)]);
    for number in 1..stages {
        if number > 2 && sketch.tape.once_in(2) {
            behind = sketch.stage(vec![Want::from(&origin, &[behind])]);
            continue;
        }
        let mut slots = vec![Want::from(&origin, &[behind])];
        slots.extend(others.next().map(|other| Want::direct(&other)));
        origin = sketch.junction(slots, false);
        behind = sketch.stage(vec![Want::direct(&origin)]);
    }
}

/// Junctions that collect the bundles of Junctions without a Stage between, then a row of Stages.
fn junction_nested(sketch: &mut Sketch, stages: usize, origins: usize) {
    let mut sources = sketch.sources(origins).into_iter();
    let mut inner: Vec<Origin> = Vec::new();
    for source in sources.by_ref().take(2) {
        inner.push(sketch.junction(vec![Want::direct(&source)], false));
    }
    let mut outer = sketch.junction(inner.iter().map(Want::direct).collect(), false);
    for _ in 0..sketch.tape.next(3) {
        let mut slots = vec![Want::direct(&outer)];
        slots.extend(sources.next().map(|source| Want::direct(&source)));
        outer = sketch.junction(slots, false);
    }
    row(sketch, &outer, None, stages);
}

/// A Junction whose slots are found by a label, on Warehouses and perhaps on a Junction.
fn origin_selector(sketch: &mut Sketch, stages: usize, origins: usize) {
    let mut labelled: Vec<Origin> = (0..origins).map(|_| sketch.source(true)).collect();
    let plain = sketch.source(false);
    if sketch.tape.once_in(3) {
        let inside = sketch.source(false);
        labelled.push(sketch.junction(vec![Want::direct(&inside)], true));
    }
    let first = sketch.stage(labelled.iter().map(Want::direct).collect());
    let straight = sketch.tape.once_in(3);
    let from = if straight { Vec::new() } else { vec![first] };
    let mut slots = vec![Want { origins: labelled, by_selector: true, direct: straight, from }];
    if sketch.tape.once_in(2) {
        slots.push(Want::direct(&plain));
    }
    let bundle = sketch.junction(slots, false);
    row(sketch, &bundle, None, stages - 1);
}

/// Anything: each node takes freight of any origins so far, straight or from any Stages that hold it.
fn mixed(sketch: &mut Sketch, stages: usize, origins: usize) {
    let mut origins = sketch.sources(origins);
    for _ in 0..stages {
        if sketch.tape.once_in(4) {
            let wants = any_wants(sketch, &origins);
            origins.push(sketch.junction(wants, false));
        }
        let wants = any_wants(sketch, &origins);
        let stage = sketch.stage(wants);
        let control_flow = sketch.tape.once_in(5);
        if let Some(node) = sketch.nodes.get_mut(stage) {
            node.control_flow = control_flow;
        }
    }
}

fn any_wants(sketch: &mut Sketch, origins: &[Origin]) -> Vec<Want> {
    let mut wants: Vec<Want> = Vec::new();
    for _ in 0..=sketch.tape.next(3) {
        let Some(origin) = sketch.tape.pick(origins) else { continue };
        if wants.iter().any(|want| want.origins.contains(origin)) {
            continue;
        }
        let holders = sketch.holders(origin);
        let mut from = Vec::new();
        if !sketch.tape.once_in(4) {
            for _ in 0..=sketch.tape.next(3) {
                // The latest first, so that pipelines become long.
                let back = sketch.tape.next(holders.len()) + 1;
                from.extend(holders.len().checked_sub(back).and_then(|at| holders.get(at).copied()));
            }
        }
        from.sort_unstable();
        from.dedup();
        let both = sketch.tape.once_in(6);
        let want = Want::from(origin, &from);
        wants.push(Want { direct: want.direct || both, ..want });
    }
    wants
}
