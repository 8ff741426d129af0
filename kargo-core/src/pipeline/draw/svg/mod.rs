//! The picture as SVG: sizes of boxes from their texts, places from the layout, then elements.

mod boxes;
mod document;
mod legend;
mod lines;
mod xml;

pub(super) use document::write;
