//! What is to be drawn, before anybody knows in which format: shapes and the lines between them.

use std::collections::BTreeMap;

use super::{dot, mermaid, status::Status, svg, text};

/// A drawing of a stage graph that can be written as Mermaid, DOT or SVG.
///
/// What comes out depends on the shapes and lines alone, never on the order in which they were added. Texts may hold
/// anything: each format escapes them, and puts them on one line.
///
/// ```
/// use kargo_core::pipeline::draw::{Line, Picture, Shape, ShapeKind};
/// let picture = Picture::new("shop")
///     .with_shape(Shape::new("Warehouse/cart", ShapeKind::Warehouse, "cart"))
///     .with_shape(Shape::new("Stage/uat", ShapeKind::Stage, "uat"))
///     .with_line(Line::new("Warehouse/cart", "Stage/uat"));
/// assert!(picture.to_mermaid().contains("n0 --> n1"));
/// assert!(picture.to_dot().starts_with("digraph"));
/// assert!(picture.to_svg().starts_with("<svg"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    title: String,
    shapes: BTreeMap<String, Shape>,
    lines: Vec<Line>,
}

/// A thing in a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What lines call it; unique in the picture and never shown.
    pub id: String,
    /// What it is.
    pub kind: ShapeKind,
    /// Its name.
    pub title: String,
    /// What else is written into it, one text a line.
    pub details: Vec<String>,
    /// How it is, where that is known.
    pub status: Option<Status>,
}

/// What a [`Shape`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ShapeKind {
    /// Finds artifacts: a cylinder.
    Warehouse,
    /// Bundles freight: a box without corners.
    Junction,
    /// Runs promotions: a rounded box.
    Stage,
    /// A Stage without steps, which freight passes through: a dashed box.
    ControlFlowStage,
}

impl ShapeKind {
    /// Every kind, in the order in which pictures list them.
    pub const ALL: &[Self] = &[Self::Warehouse, Self::Junction, Self::Stage, Self::ControlFlowStage];

    /// What people read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warehouse => "Warehouse",
            Self::Junction => "Junction",
            Self::Stage => "Stage",
            Self::ControlFlowStage => "Control flow",
        }
    }
}

/// An arrow from one shape to another: freight may go that way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The id of the shape it leaves.
    pub from: String,
    /// The id of the shape it points at.
    pub to: String,
    /// What is written on it; empty means nothing.
    pub label: String,
    /// How it is drawn.
    pub style: LineStyle,
}

/// How a [`Line`] is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LineStyle {
    /// Without gaps: the ordinary way.
    #[default]
    Solid,
    /// With gaps: a way that nothing waits for.
    Dashed,
}

impl Shape {
    /// A shape without details and status.
    #[must_use]
    pub fn new(id: impl Into<String>, kind: ShapeKind, title: impl Into<String>) -> Self {
        Self { id: id.into(), kind, title: title.into(), details: Vec::new(), status: None }
    }

    /// The same shape with one more line of text.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    /// The same shape with this status.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// The name on one line; a question mark where there is nothing to show.
    pub(super) fn clean_title(&self) -> String {
        let title = text::one_line(&self.title);
        if title.is_empty() { "?".to_owned() } else { title }
    }

    /// The details, each on one line, without empty ones.
    pub(super) fn clean_details(&self) -> impl Iterator<Item = String> {
        self.details.iter().map(|detail| text::one_line(detail)).filter(|detail| !detail.is_empty())
    }
}

impl Line {
    /// A solid line without a label.
    #[must_use]
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { from: from.into(), to: to.into(), label: String::new(), style: LineStyle::Solid }
    }

    /// The same line with this label.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same line in this style.
    #[must_use]
    pub fn with_style(mut self, style: LineStyle) -> Self {
        self.style = style;
        self
    }

    /// The label on one line.
    pub(super) fn clean_label(&self) -> String {
        text::one_line(&self.label)
    }
}

impl Picture {
    /// A picture with nothing in it. The title, usually the project, is what it says it shows; it may be empty.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// The same picture with one more shape; it replaces one of the same id.
    #[must_use]
    pub fn with_shape(mut self, shape: Shape) -> Self {
        self.add_shape(shape);
        self
    }

    /// The same picture with one more line.
    #[must_use]
    pub fn with_line(mut self, line: Line) -> Self {
        self.add_line(line);
        self
    }

    /// Adds a shape; it replaces one of the same id.
    pub fn add_shape(&mut self, shape: Shape) {
        self.shapes.insert(shape.id.clone(), shape);
    }

    /// Adds a line. Lines whose ends are not both in the picture, and lines from a shape to itself, are not drawn; equal
    /// lines are drawn once.
    pub fn add_line(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// What the picture says it shows.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The shapes, in byte order of their ids.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.shapes.values()
    }

    /// The lines, in the order in which they were added.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter()
    }

    /// The picture as a [Mermaid](https://mermaid.js.org) flow chart from left to right, for Markdown that renders it.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        mermaid::write(&self.sorted())
    }

    /// The picture in the DOT language, for Graphviz.
    #[must_use]
    pub fn to_dot(&self) -> String {
        dot::write(&self.sorted())
    }

    /// The picture as one `<svg>` element that refers to nothing outside itself and runs nothing.
    ///
    /// Columns are steps of promotion from left to right. Boxes, and the labels of lines, overlap nothing, and no line
    /// runs through a box. Names that are too long for a box are cut; the whole name is in the element's `<title>`.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::write(&self.sorted())
    }

    /// The picture in the one order that every format uses.
    fn sorted(&self) -> Sorted<'_> {
        let mut shapes: Vec<&Shape> = self.shapes.values().collect();
        // Control-flow Stages stand among the other Stages.
        shapes.sort_by_key(|shape| (shape.kind.min(ShapeKind::Stage), shape.title.as_str(), shape.id.as_str()));
        let places: BTreeMap<&str, usize> =
            shapes.iter().enumerate().map(|(place, shape)| (shape.id.as_str(), place)).collect();
        let mut lines: Vec<SortedLine<'_>> = self
            .lines
            .iter()
            .filter_map(|line| {
                let (from, to) = (*places.get(line.from.as_str())?, *places.get(line.to.as_str())?);
                (from != to).then_some(SortedLine { from, to, line })
            })
            .collect();
        lines.sort();
        lines.dedup();
        Sorted { title: text::one_line(&self.title), shapes, lines }
    }
}

/// A picture whose shapes have numbers, which is all that its formats may depend on.
pub(super) struct Sorted<'a> {
    /// What the picture shows, on one line.
    pub title: String,
    /// The shapes; their places are their numbers.
    pub shapes: Vec<&'a Shape>,
    /// The lines that can be drawn.
    pub lines: Vec<SortedLine<'a>>,
}

/// A line between numbered shapes.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SortedLine<'a> {
    /// The number of the shape it leaves.
    pub from: usize,
    /// The number of the shape it points at.
    pub to: usize,
    /// Label and style.
    pub line: &'a Line,
}

impl Sorted<'_> {
    /// The statuses that occur, in their own order.
    pub(super) fn statuses(&self) -> impl Iterator<Item = Status> {
        Status::ALL.iter().copied().filter(|status| self.shapes.iter().any(|shape| shape.status == Some(*status)))
    }

    /// The kinds that occur, in their own order.
    pub(super) fn kinds(&self) -> impl Iterator<Item = ShapeKind> {
        ShapeKind::ALL.iter().copied().filter(|kind| self.shapes.iter().any(|shape| shape.kind == *kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_cannot_be_drawn_are_left_out_and_equal_ones_drawn_once() {
        let picture = Picture::new("shop")
            .with_shape(Shape::new("a", ShapeKind::Warehouse, "a"))
            .with_shape(Shape::new("b", ShapeKind::Stage, "b"))
            .with_line(Line::new("a", "b"))
            .with_line(Line::new("a", "b"))
            .with_line(Line::new("a", "b").with_label("1h"))
            .with_line(Line::new("b", "b"))
            .with_line(Line::new("b", "gone"));
        let drawn: Vec<_> =
            picture.sorted().lines.iter().map(|line| (line.from, line.to, line.line.label.clone())).collect();
        assert_eq!(drawn, [(0, 1, String::new()), (0, 1, "1h".to_owned())]);
    }

    #[test]
    fn shapes_come_by_kind_and_then_by_name() {
        let picture = Picture::new("")
            .with_shape(Shape::new("Stage/a", ShapeKind::Stage, "a"))
            .with_shape(Shape::new("Stage/b", ShapeKind::ControlFlowStage, "b"))
            .with_shape(Shape::new("Stage/c", ShapeKind::Stage, "c"))
            .with_shape(Shape::new("Junction/z", ShapeKind::Junction, "z"))
            .with_shape(Shape::new("Warehouse/z", ShapeKind::Warehouse, "z"));
        let order: Vec<_> = picture.sorted().shapes.iter().map(|shape| shape.id.as_str()).collect();
        assert_eq!(order, ["Warehouse/z", "Junction/z", "Stage/a", "Stage/b", "Stage/c"]);
    }
}
