//! The boxes: what is written into them, how large that makes them, and their outlines.

use super::xml::Writer;
use crate::pipeline::draw::{
    layout::{Rect, Size},
    picture::{Shape, ShapeKind},
    status::{FAINT_INK, INK, PLAIN, SOFT_INK, Status},
    text::{self, Face},
};

const KIND: Face = Face { size: 10, bold: false };
const STATUS: Face = Face { size: 11, bold: true };
const NAME: Face = Face { size: 14, bold: true };
const DETAIL: Face = Face { size: 12, bold: false };
/// Room between the letters of the kind, in tenths of a pixel.
const KIND_SPACING: i64 = 8;
const NAME_LINE: i64 = 18;
const DETAIL_LINE: i64 = 16;
const PADDING: i64 = 14;
/// Widest text in a box, in pixels.
const WIDEST: i64 = 208;
/// Narrowest text in a box, so that boxes look alike.
const NARROWEST: i64 = 84;
/// Most lines of details in a box.
const MOST_DETAILS: usize = 8;
/// Height of the cap of a cylinder.
const CAP: i64 = 6;

/// A box whose texts have been wrapped and cut.
pub(super) struct Content<'a> {
    shape: &'a Shape,
    kind: String,
    name: Vec<String>,
    details: Vec<String>,
    /// What the box says in full.
    full: String,
}

impl<'a> Content<'a> {
    pub(super) fn of(shape: &'a Shape) -> Self {
        let name = shape.clean_title();
        let all: Vec<String> = shape.clean_details().collect();
        let shown = if all.len() > MOST_DETAILS { MOST_DETAILS - 1 } else { all.len() };
        let more = (shown < all.len()).then(|| format!("+ {} more", all.len() - shown));
        let details = all.iter().take(shown).map(|detail| text::clip(detail, DETAIL, WIDEST)).chain(more).collect();
        let mut full = format!("{} {name}", shape.kind.as_str());
        if let Some(status) = shape.status {
            full += &format!(", {}", status.as_str());
        }
        for detail in &all {
            full += &format!(", {detail}");
        }
        let kind = shape.kind.as_str().to_uppercase();
        Self { shape, kind, name: text::wrap(&name, NAME, WIDEST, 2), details, full }
    }

    /// The size that the texts need.
    pub(super) fn size(&self) -> Size {
        let kind = text::width(&self.kind, KIND) + self.kind.chars().count() as i64 * KIND_SPACING / 10;
        let status = self.shape.status.map_or(0, |status| 26 + text::width(status.as_str(), STATUS));
        let names = self.name.iter().map(|line| text::width(line, NAME));
        let details = self.details.iter().map(|line| text::width(line, DETAIL));
        let widest = names.chain(details).fold(NARROWEST.max(kind + status), i64::max);
        let details = self.details.len() as i64 * DETAIL_LINE;
        let height = 42 + (self.name.len() as i64 - 1) * NAME_LINE + 12 + details + i64::from(details > 0) * 2;
        Size { width: widest + 2 * PADDING, height: height + 2 * self.inset() }
    }

    /// What the outline takes from the upper and the lower end.
    fn inset(&self) -> i64 {
        if self.shape.kind == ShapeKind::Warehouse { CAP } else { 0 }
    }

    /// Writes the box into a rectangle that is at least as large as [`size`](Self::size).
    pub(super) fn write(&self, out: &mut Writer, rect: Rect) {
        out.open("g", &[]);
        out.text("title", &[], &self.full);
        write_outline(out, self.shape.kind, self.shape.status, rect);
        let x = rect.x + PADDING;
        let mut y = rect.y + self.inset() + 19;
        let spacing = format!("{}.{}", KIND_SPACING / 10, KIND_SPACING % 10);
        let size = KIND.size;
        out.text(
            "text",
            &[("x", &x), ("y", &y), ("font-size", &size), ("letter-spacing", &spacing), ("fill", &FAINT_INK)],
            &self.kind,
        );
        if let Some(status) = self.shape.status {
            // The dot at the edge, the word before it: their distance does not depend on the reader's type face.
            let right = rect.right() - PADDING;
            let fill = status.colours().text;
            out.text(
                "text",
                &[
                    ("x", &(right - 13)),
                    ("y", &y),
                    ("font-size", &STATUS.size),
                    ("font-weight", &"bold"),
                    ("text-anchor", &"end"),
                    ("fill", &fill),
                ],
                status.as_str(),
            );
            let border = status.colours().border;
            out.empty("circle", &[("cx", &(right - 4)), ("cy", &(y - 4)), ("r", &4), ("fill", &border)]);
        }
        y += 20;
        for line in &self.name {
            out.text(
                "text",
                &[("x", &x), ("y", &y), ("font-size", &NAME.size), ("font-weight", &"bold"), ("fill", &INK)],
                line,
            );
            y += NAME_LINE;
        }
        y += 1;
        for line in &self.details {
            out.text("text", &[("x", &x), ("y", &y), ("font-size", &DETAIL.size), ("fill", &SOFT_INK)], line);
            y += DETAIL_LINE;
        }
        out.close();
    }
}

/// Writes the outline of a shape.
pub(super) fn write_outline(out: &mut Writer, kind: ShapeKind, status: Option<Status>, rect: Rect) {
    let colours = status.map_or(PLAIN, Status::colours);
    let stroke = if status.is_some() { "2" } else { "1.5" };
    let Rect { x, y, width, height } = rect;
    let (right, bottom) = (rect.right(), rect.bottom());
    match kind {
        ShapeKind::Warehouse => {
            let cap = CAP.min(height / 5);
            let (top, base, radius) = (y + cap, bottom - cap, width / 2);
            let (wide, left) = (2 * radius, right - 2 * radius);
            // Two half ellipses, joined by the sides; then the lower rim of the lid.
            let body = format!("M{left} {top}a{radius} {cap} 0 0 1 {wide} 0V{base}a{radius} {cap} 0 0 1 -{wide} 0z");
            out.empty(
                "path",
                &[("d", &body), ("fill", &colours.fill), ("stroke", &colours.border), ("stroke-width", &stroke)],
            );
            let lid = format!("M{left} {top}a{radius} {cap} 0 0 0 {wide} 0");
            out.empty("path", &[("d", &lid), ("fill", &"none"), ("stroke", &colours.border), ("stroke-width", &"1")]);
        }
        ShapeKind::Junction => {
            let cut = 10.min(height / 3);
            let outline = format!(
                "M{} {y}H{}L{right} {}V{}L{} {bottom}H{}L{x} {}V{}z",
                x + cut,
                right - cut,
                y + cut,
                bottom - cut,
                right - cut,
                x + cut,
                bottom - cut,
                y + cut
            );
            out.empty(
                "path",
                &[("d", &outline), ("fill", &colours.fill), ("stroke", &colours.border), ("stroke-width", &stroke)],
            );
        }
        ShapeKind::Stage | ShapeKind::ControlFlowStage => {
            let radius = 9.min(height / 3);
            let dashes = if kind == ShapeKind::Stage { "none" } else { "6 4" };
            out.empty(
                "rect",
                &[
                    ("x", &x),
                    ("y", &y),
                    ("width", &width),
                    ("height", &height),
                    ("rx", &radius),
                    ("fill", &colours.fill),
                    ("stroke", &colours.border),
                    ("stroke-width", &stroke),
                    ("stroke-dasharray", &dashes),
                ],
            );
        }
    }
}
