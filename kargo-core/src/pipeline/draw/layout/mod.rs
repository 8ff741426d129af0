//! Where boxes, lines and labels go: a layered layout from left to right, of sizes alone.
//!
//! Boxes stand in columns, each to the right of everything that leads to it. A line that passes columns has a slot of its
//! own in each of them, and so has a label; slots of a column never overlap, and between two columns there is nothing but
//! lines. So no line runs through a box or a label, whatever the graph.
//!
//! Numbers of boxes, links and cells are made here and index the lists that were made with them.

#[cfg(test)]
mod checks;
mod geometry;
mod grid;
mod order;
mod parts;
mod place;
mod rank;
mod route;

pub(super) use geometry::{Point, Rect, Size};

/// What is to be laid out.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Sizes of the boxes; their places are their numbers.
    pub boxes: Vec<Size>,
    /// Lines between boxes.
    pub links: Vec<Link>,
}

/// A line from one box to another.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// The number of the box it leaves.
    pub from: usize,
    /// The number of the box it points at.
    pub to: usize,
    /// The size of what is written on it.
    pub label: Option<Size>,
}

/// Where everything is, in pixels, from the upper left corner of all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// The size of all of it.
    pub size: Size,
    /// The boxes, by number: at least as wide as asked for, and as wide as all boxes of the column.
    pub boxes: Vec<Rect>,
    /// The lines, by place in the plan.
    pub routes: Vec<Route>,
}

/// The way of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    /// From the box it leaves to the box it points at. The ways from even to odd places cross the gap between two columns,
    /// those from odd to even places run level through a column. Empty for a link that cannot be drawn: one that leads to
    /// its own box, or to a box that does not exist.
    pub points: Vec<Point>,
    /// Where its label stands.
    pub label: Option<Rect>,
}

/// Lays out boxes and links. Links may form cycles: some of them then point to the left.
pub(super) fn lay_out(plan: &Plan) -> Layout {
    let drawable: Vec<usize> = (0..plan.links.len())
        .filter(|&at| {
            let link = &plan.links[at];
            link.from != link.to && link.from < plan.boxes.len() && link.to < plan.boxes.len()
        })
        .collect();
    let ranks = rank::assign(plan, &drawable);
    let columns = rank::Columns::of(plan, &ranks);
    let mut parts: Vec<grid::Grid> = parts::split(plan, &drawable)
        .into_iter()
        .map(|part| {
            let mut grid = grid::Grid::build(plan, &ranks, &columns, &part);
            order::reduce_crossings(&mut grid);
            place::set_heights(&mut grid);
            grid
        })
        .collect();
    parts::stack(&mut parts);
    route::draw(plan, &ranks, &columns, &parts)
}
