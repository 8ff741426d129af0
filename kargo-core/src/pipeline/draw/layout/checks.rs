//! Checks of whole layouts: nothing overlaps, and no line runs through a box or a label that is not its own.

use proptest::prelude::*;

use super::{Layout, Link, Plan, Point, Rect, Size, lay_out};

/// Points per curve when lines are checked.
const STEPS: i32 = 16;

type Spot = (f64, f64);

/// The way of a link as short straight pieces, as it is drawn.
fn pieces(points: &[Point]) -> Vec<(Spot, Spot)> {
    let mut pieces = Vec::new();
    for (at, pair) in points.windows(2).enumerate() {
        let (x0, y0) = (pair[0].x as f64, pair[0].y as f64);
        let (x1, y1) = (pair[1].x as f64, pair[1].y as f64);
        if at % 2 == 1 {
            pieces.push(((x0, y0), (x1, y1)));
            continue;
        }
        let middle = f64::midpoint(x0, x1);
        let spot = |step: i32| {
            let t = f64::from(step) / f64::from(STEPS);
            let s = 1.0 - t;
            let x = s * s * s * x0 + 3.0 * s * s * t * middle + 3.0 * s * t * t * middle + t * t * t * x1;
            let y = s * s * (s + 3.0 * t) * y0 + t * t * (t + 3.0 * s) * y1;
            (x, y)
        };
        pieces.extend((0..STEPS).map(|step| (spot(step), spot(step + 1))));
    }
    pieces
}

/// Whether a straight piece runs through the inside of a rectangle (its edges are no part of it).
fn runs_through((a, b): (Spot, Spot), rect: Rect) -> bool {
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (from, to, low, high) in [(a.0, b.0, rect.x, rect.right()), (a.1, b.1, rect.y, rect.bottom())]
        .map(|(f, t, l, h)| (f, t, l as f64, h as f64))
    {
        if (to - from).abs() < 1e-9 {
            if from <= low || from >= high {
                return false;
            }
            continue;
        }
        let (first, second) = ((low - from) / (to - from), (high - from) / (to - from));
        enter = enter.max(first.min(second));
        leave = leave.min(first.max(second));
    }
    leave - enter > 1e-9
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

/// What is wrong with a layout of a graph without cycles.
fn check(plan: &Plan, layout: &Layout) -> Result<(), String> {
    let labels: Vec<(usize, Rect)> =
        layout.routes.iter().enumerate().filter_map(|(at, route)| Some((at, route.label?))).collect();
    let boxes: Vec<Rect> = layout.boxes.clone();
    for (at, rect) in boxes.iter().enumerate() {
        if rect.width < plan.boxes[at].width || rect.height < plan.boxes[at].height {
            return Err(format!("box {at} is too small: {rect:?}"));
        }
    }
    let all: Vec<Rect> = boxes.iter().copied().chain(labels.iter().map(|(_, rect)| *rect)).collect();
    for (at, a) in all.iter().enumerate() {
        if a.x < 0 || a.y < 0 || a.right() > layout.size.width || a.bottom() > layout.size.height {
            return Err(format!("{a:?} is outside of {:?}", layout.size));
        }
        if let Some(b) = all[at + 1..].iter().find(|b| overlap(*a, **b)) {
            return Err(format!("{a:?} overlaps {b:?}"));
        }
    }
    for (at, (link, route)) in plan.links.iter().zip(&layout.routes).enumerate() {
        if route.label.is_some() != link.label.is_some() {
            return Err(format!("link {at} has lost or found its label"));
        }
        let (Some(first), Some(last)) = (route.points.first(), route.points.last()) else {
            return Err(format!("link {at} is not drawn"));
        };
        let (from, to) = (boxes[link.from], boxes[link.to]);
        let beside = |point: &Point, rect: Rect| point.y > rect.y && point.y < rect.bottom();
        if first.x != from.right() || !beside(first, from) || last.x != to.x || !beside(last, to) {
            return Err(format!("link {at} from {from:?} to {to:?} runs from {first:?} to {last:?}"));
        }
        if route.points.windows(2).any(|pair| pair[0].x > pair[1].x) {
            return Err(format!("link {at} turns back: {:?}", route.points));
        }
        if let Some(pair) = route.points.windows(2).skip(1).step_by(2).find(|pair| pair[0].y != pair[1].y) {
            return Err(format!("link {at} is not level in a column: {pair:?}"));
        }
        if route.points.iter().any(|point| point.y < 0 || point.y > layout.size.height) {
            return Err(format!("link {at} leaves the picture"));
        }
        let pieces = pieces(&route.points);
        let (top, bottom) = route
            .points
            .iter()
            .fold((i64::MAX, i64::MIN), |(top, bottom), point| (top.min(point.y), bottom.max(point.y)));
        let near =
            |rect: &Rect| rect.x <= last.x && rect.right() >= first.x && rect.y <= bottom && rect.bottom() >= top;
        // Its own boxes, too, are only touched.
        for rect in boxes.iter().filter(|rect| near(rect)) {
            if pieces.iter().any(|piece| runs_through(*piece, *rect)) {
                return Err(format!("link {at} runs through {rect:?}"));
            }
        }
        for (owner, rect) in &labels {
            if (near(rect) && pieces.iter().any(|piece| runs_through(*piece, *rect))) != (*owner == at) {
                return Err(format!("link {at} and the label of link {owner} at {rect:?}"));
            }
        }
    }
    Ok(())
}

/// A plan whose boxes and labels have sizes of several kinds.
fn plan(boxes: usize, links: impl IntoIterator<Item = (usize, usize)>) -> Plan {
    let size = |at: usize| Size { width: 100 + (at as i64 * 37) % 90, height: 51 + (at as i64 * 13) % 60 };
    let links = links
        .into_iter()
        .enumerate()
        .map(|(at, (from, to))| {
            let label = (at % 3 == 0).then_some(Size { width: 30 + (at as i64 * 7) % 80, height: 18 });
            Link { from, to, label }
        })
        .collect();
    Plan { boxes: (0..boxes).map(size).collect(), links }
}

fn fan_out(boxes: usize) -> Plan {
    plan(boxes, (1..boxes).map(|to| (0, to)))
}

fn chain(boxes: usize) -> Plan {
    plan(boxes, (1..boxes).map(|to| (to - 1, to)))
}

fn binary_tree(boxes: usize) -> Plan {
    plan(boxes, (1..boxes).map(|to| ((to - 1) / 2, to)))
}

fn layered(boxes: usize) -> Plan {
    let wide = 10;
    let links = (wide..boxes).flat_map(|to| {
        let before = (to / wide - 1) * wide;
        [(before + to % wide, to), (before + (to * 7 + 3) % wide, to)]
    });
    let mut links: Vec<_> = links.collect();
    links.dedup();
    plan(boxes, links)
}

fn dense(boxes: usize) -> Plan {
    plan(
        boxes,
        (0..boxes).flat_map(|from| (1..=4).map(move |step| (from, from + step * step))).filter(|&(_, to)| to < boxes),
    )
}

fn alone(boxes: usize) -> Plan {
    plan(boxes, (0..boxes / 2).map(|at| (at * 2, at * 2 + 1)).filter(|(from, _)| from % 4 == 0))
}

#[test]
fn nothing_overlaps_in_small_graphs() {
    let graphs: [(usize, &[(usize, usize)]); 10] = [
        (0, &[]),
        (1, &[]),
        (3, &[]),
        (2, &[(0, 1)]),
        (2, &[(0, 1), (0, 1), (0, 1)]),
        (4, &[(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)]),
        (5, &[(0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (0, 3), (1, 4)]),
        (6, &[(0, 3), (0, 4), (0, 5), (1, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 5)]),
        (5, &[(0, 1), (2, 3)]),
        (4, &[(0, 2), (1, 2), (2, 3), (0, 3)]),
    ];
    for (boxes, links) in graphs {
        let plan = plan(boxes, links.iter().copied());
        check(&plan, &lay_out(&plan)).unwrap_or_else(|wrong| panic!("{links:?}: {wrong}"));
    }
}

#[test]
fn nothing_overlaps_at_100_and_300_stages() {
    for boxes in [100, 300] {
        for (name, plan) in [
            ("fan out", fan_out(boxes)),
            ("chain", chain(boxes)),
            ("binary tree", binary_tree(boxes)),
            ("layered", layered(boxes)),
            ("dense", dense(boxes)),
            ("alone", alone(boxes)),
        ] {
            let layout = lay_out(&plan);
            check(&plan, &layout).unwrap_or_else(|wrong| panic!("{name} of {boxes}: {wrong}"));
            assert_eq!(layout, lay_out(&plan), "{name}");
        }
    }
}

#[test]
fn very_large_graphs_are_laid_out_with_fewer_sweeps() {
    for plan in [fan_out(2500), binary_tree(2500), layered(2500)] {
        let layout = lay_out(&plan);
        assert!(layout.routes.iter().all(|route| route.points.len() >= 2));
        let mut columns: Vec<Rect> = layout.boxes.clone();
        columns.sort_by_key(|rect| (rect.x, rect.y));
        for pair in columns.windows(2) {
            assert!(!overlap(pair[0], pair[1]), "{pair:?}");
        }
    }
}

#[test]
fn a_chain_is_a_straight_line_and_a_tree_has_no_crossings() {
    let layout = lay_out(&chain(20));
    let middle = |rect: &Rect| rect.y + rect.height / 2;
    assert!(layout.boxes.iter().all(|rect| middle(rect) == middle(&layout.boxes[0])));
    assert!(layout.routes.iter().flat_map(|route| &route.points).all(|point| point.y == middle(&layout.boxes[0])));

    let layout = lay_out(&binary_tree(63));
    for (at, a) in layout.routes.iter().enumerate() {
        for b in &layout.routes[at + 1..] {
            let ends = |points: &[Point]| (points[0], points[points.len() - 1]);
            let ((a0, a1), (b0, b1)) = (ends(&a.points), ends(&b.points));
            let crossing = a0.x == b0.x && a1.x == b1.x && (a0.y - b0.y).signum() * (a1.y - b1.y).signum() < 0;
            assert!(!crossing, "{a:?} {b:?}");
        }
    }
}

#[test]
fn cycles_loops_and_unknown_boxes_are_survived() {
    let graph = plan(3, [(0, 1), (1, 2), (2, 0), (1, 1), (0, 9), (7, 8)]);
    let layout = lay_out(&graph);
    let drawn: Vec<bool> = layout.routes.iter().map(|route| !route.points.is_empty()).collect();
    assert_eq!(drawn, [true, true, true, false, false, false]);
    let back = &layout.routes[2].points;
    assert!(back[0].x > back[back.len() - 1].x, "{back:?}");
    assert_eq!((back[0].x, back[back.len() - 1].x), (layout.boxes[2].x, layout.boxes[0].right()));
}

#[test]
fn the_checks_find_what_is_wrong() {
    let plan = plan(3, [(0, 1), (1, 2)]);
    let good = lay_out(&plan);
    assert_eq!(check(&plan, &good), Ok(()));
    let broken = |change: &dyn Fn(&mut Layout)| {
        let mut layout = good.clone();
        change(&mut layout);
        check(&plan, &layout).is_err()
    };
    assert!(broken(&|layout| layout.boxes[2] = layout.boxes[1]));
    assert!(broken(&|layout| layout.routes[1].points = vec![]));
    assert!(broken(&|layout| layout.routes[0].label = None));
    assert!(broken(&|layout| layout.routes[0].label = Some(layout.boxes[0])));
    assert!(broken(&|layout| layout.boxes[1].y += 500));
    // A line through the box in the middle.
    let through = Point { x: good.boxes[2].x, ..good.routes[0].points[0] };
    assert!(broken(&|layout| layout.routes[0].points = vec![layout.routes[0].points[0], through]));
}

fn any_plan() -> impl Strategy<Value = Plan> {
    (1_usize..=40).prop_flat_map(|count| {
        let boxes = prop::collection::vec((40_i64..220, 30_i64..120), count);
        let link = (0..count, 0..count, prop::option::weighted(0.4, (10_i64..160, 12_i64..25)));
        let links = prop::collection::vec(link, 0..=count * 2);
        let names = Just((0..count).collect::<Vec<usize>>()).prop_shuffle();
        (boxes, links, names).prop_map(|(boxes, links, names)| {
            let size = |(width, height)| Size { width, height };
            let links = links
                .into_iter()
                .filter(|(a, b, _)| a != b)
                .map(|(a, b, label)| Link { from: names[a.min(b)], to: names[a.max(b)], label: label.map(size) })
                .collect();
            Plan { boxes: boxes.into_iter().map(size).collect(), links }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_in_any_graph(plan in any_plan()) {
        let layout = lay_out(&plan);
        if let Err(wrong) = check(&plan, &layout) {
            return Err(TestCaseError::fail(wrong));
        }
        prop_assert_eq!(&layout, &lay_out(&plan));
    }
}
