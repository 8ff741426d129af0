//! The legend: what outlines and colours mean, of those that occur.

use super::{boxes::write_outline, xml::Writer};
use crate::pipeline::draw::{
    layout::{Rect, Size},
    picture::{ShapeKind, Sorted},
    status::{SOFT_INK, Status},
    text::{self, Face},
};

const FACE: Face = Face { size: 11, bold: false };
const ROW: i64 = 24;
const SAMPLE: Size = Size { width: 24, height: 14 };

/// A sample with its meaning, and where it stands in the legend.
struct Entry {
    kind: ShapeKind,
    status: Option<Status>,
    x: i64,
    y: i64,
}

impl Entry {
    fn meaning(&self) -> &'static str {
        self.status.map_or(self.kind.as_str(), Status::as_str)
    }

    fn width(&self) -> i64 {
        SAMPLE.width + 6 + text::width(self.meaning(), FACE) + 16
    }
}

/// A legend, laid out.
pub(super) struct Legend {
    entries: Vec<Entry>,
    /// The room it needs; none where there is nothing to explain.
    pub size: Size,
}

impl Legend {
    /// Kinds, and below them statuses, in rows of at most `width` pixels, or of one entry. Pictures without state need no
    /// legend: their boxes say what they are.
    pub(super) fn of(picture: &Sorted<'_>, width: i64) -> Self {
        let mut legend = Self { entries: Vec::new(), size: Size::default() };
        let statuses: Vec<Status> = picture.statuses().collect();
        if statuses.is_empty() {
            return legend;
        }
        legend.add_row(picture.kinds().map(|kind| (kind, None)), width);
        legend.add_row(statuses.into_iter().map(|status| (ShapeKind::Stage, Some(status))), width);
        legend
    }

    fn add_row(&mut self, samples: impl Iterator<Item = (ShapeKind, Option<Status>)>, width: i64) {
        let mut x = 0;
        for (kind, status) in samples {
            let mut entry = Entry { kind, status, x, y: self.size.height };
            if x > 0 && x + entry.width() > width {
                self.size.height += ROW;
                (entry.x, entry.y) = (0, self.size.height);
            }
            x = entry.x + entry.width();
            self.size.width = self.size.width.max(x);
            self.entries.push(entry);
        }
        self.size.height += ROW;
    }

    /// Writes the legend with its upper left corner there.
    pub(super) fn write(&self, out: &mut Writer, left: i64, top: i64) {
        if self.entries.is_empty() {
            return;
        }
        out.open("g", &[("font-size", &FACE.size), ("fill", &SOFT_INK)]);
        for entry in &self.entries {
            let (x, y) = (left + entry.x, top + entry.y);
            let Size { width, height } = SAMPLE;
            write_outline(out, entry.kind, entry.status, Rect { x, y, width, height });
            out.text("text", &[("x", &(x + width + 6)), ("y", &(y + 11))], entry.meaning());
        }
        out.close();
    }
}
