//! From cells to pixels: how wide columns are, how far apart, and where lines run.

use super::{
    Layout, Plan, Point, Rect, Route, Size,
    grid::{Content, Grid, UNIT},
    rank::{Columns, Ranks},
};

/// Least room between two columns, in pixels.
const LEAST_GAP: i64 = 44;
/// Least room between two columns one of which holds labels.
const LEAST_LABEL_GAP: i64 = 24;
/// Most room between two columns.
const MOST_GAP: i64 = 140;
/// Room on each side of a label within its column.
const LABEL_MARGIN: i64 = 4;

/// A column in pixels.
#[derive(Clone, Copy, Default)]
struct Extent {
    left: i64,
    right: i64,
}

/// Draws the parts, which have been stacked.
pub(super) fn draw(plan: &Plan, ranks: &Ranks, columns: &Columns, parts: &[Grid]) -> Layout {
    let extents = extents(plan, columns, parts);
    let mut layout = Layout {
        size: Size { width: extents.last().map_or(0, |last| last.right), height: 0 },
        boxes: vec![Rect::default(); plan.boxes.len()],
        routes: vec![Route::default(); plan.links.len()],
    };
    for part in parts {
        draw_part(plan, ranks, &extents, part, &mut layout);
    }
    layout
}

fn draw_part(plan: &Plan, ranks: &Ranks, extents: &[Extent], part: &Grid, layout: &mut Layout) {
    let mut extent_of = vec![Extent::default(); part.cells.len()];
    for (column, &extent) in part.columns.iter().zip(extents) {
        for &cell in column {
            extent_of[cell] = extent;
            let Extent { left, right } = extent;
            let Content::Box(number) = part.cells[cell].content else { continue };
            let height = part.cells[cell].height;
            let rect = Rect { x: left, y: pixels(part.cells[cell].y) - height / 2, width: right - left, height };
            layout.boxes[number] = rect;
            layout.size.height = layout.size.height.max(rect.bottom());
        }
    }
    // Segments were made chain by chain.
    let mut segments = part.segments.iter();
    for (link, chain) in &part.chains {
        let route = &mut layout.routes[*link];
        for segment in segments.by_ref().take(chain.len() - 1) {
            let (left, right) = (&part.cells[segment.left], &part.cells[segment.right]);
            route.points.push(Point { x: extent_of[segment.left].right, y: pixels(left.y) + pixels(segment.out) });
            route.points.push(Point { x: extent_of[segment.right].left, y: pixels(right.y) + pixels(segment.into) });
        }
        if ranks.reversed[*link] {
            route.points.reverse();
        }
        for &cell in chain {
            let (Content::Label(_), Some(size)) = (part.cells[cell].content, plan.links[*link].label) else { continue };
            let Extent { left, right } = extent_of[cell];
            let (y, height) = (pixels(part.cells[cell].y), part.cells[cell].height);
            let label = Rect { x: (left + right - size.width) / 2, y: y - height / 2, width: size.width, height };
            layout.size.height = layout.size.height.max(label.bottom());
            route.label = Some(label);
        }
        let lowest = route.points.iter().map(|point| point.y + 2).max().unwrap_or(0);
        layout.size.height = layout.size.height.max(lowest);
    }
}

/// Whole pixels. Cells whose distance is a whole number of pixels keep it.
fn pixels(units: i64) -> i64 {
    (units + UNIT / 2).div_euclid(UNIT)
}

/// Where the columns are. The steeper the lines between two columns, the farther apart they are.
fn extents(plan: &Plan, columns: &Columns, parts: &[Grid]) -> Vec<Extent> {
    let mut widths = vec![0; columns.count];
    let mut labels = vec![false; columns.count];
    let mut steepest = vec![0; columns.count];
    for part in parts {
        for (at, column) in part.columns.iter().enumerate() {
            for &cell in column {
                let width = match part.cells[cell].content {
                    Content::Box(number) => plan.boxes[number].width,
                    Content::Label(link) => plan.links[link].label.map_or(0, |label| label.width + 2 * LABEL_MARGIN),
                    Content::Pass => 0,
                };
                widths[at] = width.max(widths[at]);
                labels[at] |= matches!(part.cells[cell].content, Content::Label(_));
                for &segment in &part.cells[cell].after {
                    let segment = &part.segments[segment];
                    let (left, right) = (&part.cells[segment.left], &part.cells[segment.right]);
                    let rise = (left.y + segment.out - right.y - segment.into).abs();
                    steepest[at] = rise.max(steepest[at]);
                }
            }
        }
    }
    let mut left = 0;
    (0..columns.count)
        .map(|at| {
            let extent = Extent { left, right: left + widths[at] };
            let beside_labels = labels[at] || labels.get(at + 1).copied().unwrap_or(false);
            let least = if beside_labels { LEAST_LABEL_GAP } else { LEAST_GAP };
            left = extent.right + (least + pixels(steepest[at]) / 6).min(MOST_GAP);
            extent
        })
        .collect()
}
