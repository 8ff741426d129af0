//! The lines: curves between columns, level within them, an arrow head at the end, a label on paper.

use super::xml::Writer;
use crate::pipeline::draw::{
    layout::{Point, Route, Size},
    picture::{Line, LineStyle},
    status::{LINE, PAPER, SOFT_INK},
    text::{self, Face},
};

const LABEL: Face = Face { size: 11, bold: false };
/// Widest label, in pixels.
const WIDEST: i64 = 190;
const LABEL_HEIGHT: i64 = 18;
const LABEL_PADDING: i64 = 5;
/// Length of an arrow head.
const HEAD: i64 = 8;

/// The label of a line, cut; `None` for a line without.
fn label(line: &Line) -> Option<String> {
    let label = line.clean_label();
    (!label.is_empty()).then(|| text::clip(&label, LABEL, WIDEST))
}

/// The room that the label of a line needs.
pub(super) fn label_size(line: &Line) -> Option<Size> {
    label(line).map(|label| Size { width: text::width(&label, LABEL) + 2 * LABEL_PADDING, height: LABEL_HEIGHT })
}

/// Writes a line and its arrow head.
pub(super) fn write_line(out: &mut Writer, line: &Line, route: &Route) {
    let Some((&start, &end)) = route.points.first().zip(route.points.last()) else { return };
    // The head points the way the line goes; the line ends inside the head.
    let back = if end.x < start.x { HEAD } else { -HEAD };
    let dashes = match line.style {
        LineStyle::Solid => "none",
        LineStyle::Dashed => "6 4",
    };
    let way = path(&route.points, back / 2);
    out.empty("path", &[("d", &way), ("fill", &"none"), ("stroke-dasharray", &dashes)]);
    let head = format!("M{} {}l{back} -4v8z", end.x, end.y);
    out.empty("path", &[("d", &head), ("fill", &LINE), ("stroke", &"none")]);
}

/// The path through the points of a route that ends `short` before the last. Level stretches are joined.
fn path(points: &[Point], short: i64) -> String {
    let mut out = String::new();
    let mut level_to = None;
    let last = points.len().saturating_sub(1);
    for (at, point) in points.iter().enumerate() {
        let x = if at == last { point.x + short } else { point.x };
        let Some(before) = at.checked_sub(1).and_then(|before| points.get(before)) else {
            out = format!("M{x} {}", point.y);
            continue;
        };
        if before.y == point.y {
            level_to = Some(x);
            continue;
        }
        out.extend(level_to.take().map(|level| format!("H{level}")));
        let middle = (before.x + point.x) / 2;
        out += &format!("C{middle} {} {middle} {} {x} {}", before.y, point.y, point.y);
    }
    out.extend(level_to.map(|level| format!("H{level}")));
    out
}

/// Writes the label of a line.
pub(super) fn write_label(out: &mut Writer, line: &Line, route: &Route) {
    let (Some(rect), Some(label)) = (route.label, label(line)) else { return };
    out.open("g", &[]);
    out.text("title", &[], &line.clean_label());
    out.empty(
        "rect",
        &[
            ("x", &rect.x),
            ("y", &rect.y),
            ("width", &rect.width),
            ("height", &rect.height),
            ("rx", &4),
            ("fill", &PAPER),
        ],
    );
    out.text(
        "text",
        &[
            ("x", &(rect.x + rect.width / 2)),
            ("y", &(rect.y + 13)),
            ("font-size", &LABEL.size),
            ("text-anchor", &"middle"),
            ("fill", &SOFT_INK),
        ],
        &label,
    );
    out.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_curve_between_columns_and_run_level_within() {
        let points = [(0, 10), (40, 30), (60, 30), (100, 30), (120, 30), (160, 0)].map(|(x, y)| Point { x, y });
        assert_eq!(path(&points, -4), "M0 10C20 10 20 30 40 30H120C140 30 140 0 156 0");
        assert_eq!(path(&[], 0), "");
    }
}
