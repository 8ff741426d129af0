//! Parts of the graph that no line connects: split before the layout, stacked after it.

use super::{
    Plan,
    grid::{Grid, UNIT},
};

/// Room between two parts, in pixels.
const GAP: i64 = 32;

/// Boxes and links that belong together.
#[derive(Default)]
pub(super) struct Part {
    /// Numbers of boxes, ascending.
    pub boxes: Vec<usize>,
    /// Numbers of links, ascending.
    pub links: Vec<usize>,
}

/// The connected parts, ordered by their first boxes.
pub(super) fn split(plan: &Plan, drawable: &[usize]) -> Vec<Part> {
    let mut neighbours = vec![Vec::new(); plan.boxes.len()];
    for &link in drawable {
        let (from, to) = (plan.links[link].from, plan.links[link].to);
        neighbours[from].push(to);
        neighbours[to].push(from);
    }
    let mut part_of: Vec<Option<usize>> = vec![None; plan.boxes.len()];
    let mut count = 0;
    for first in 0..plan.boxes.len() {
        if part_of[first].is_some() {
            continue;
        }
        let mut open = vec![first];
        while let Some(at) = open.pop() {
            if part_of[at].replace(count).is_none() {
                open.extend(neighbours[at].iter().copied().filter(|&next| part_of[next].is_none()));
            }
        }
        count += 1;
    }
    let mut parts: Vec<Part> = Vec::new();
    parts.resize_with(count, Part::default);
    for (at, part) in part_of.iter().enumerate() {
        if let Some(part) = part {
            parts[*part].boxes.push(at);
        }
    }
    for &link in drawable {
        if let Some(part) = part_of[plan.links[link].from] {
            parts[part].links.push(link);
        }
    }
    parts
}

/// Moves each part below the one before.
pub(super) fn stack(parts: &mut [Grid]) {
    let mut top = 0;
    for part in parts {
        let upper = part.cells.iter().map(|cell| cell.y - cell.height * UNIT / 2).min().unwrap_or(0);
        let lower = part.cells.iter().map(|cell| cell.y + cell.height * UNIT / 2).max().unwrap_or(0);
        // Whole pixels, so that what stands level in a part stays so.
        let shift = top - upper.div_euclid(UNIT) * UNIT;
        for cell in &mut part.cells {
            cell.y += shift;
        }
        top = (lower + shift + (GAP + 1) * UNIT).div_euclid(UNIT) * UNIT;
    }
}
