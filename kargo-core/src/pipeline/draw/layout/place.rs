//! How high each cell stands in its column: near its neighbours, far enough from the cells above and below.

use super::grid::{Cell, Content, Grid, Side, UNIT};

/// Cells that may be moved, over all sweeps.
const BUDGET: usize = 600_000;
/// Lines that leave a box keep this distance, in pixels, where the box is high enough.
const PORT_GAP: i64 = 12;
/// Where they would come closer than this they leave from the middle together.
const LEAST_PORT_GAP: i64 = 4;
/// Upper and lower end of a box, in pixels, that lines do not leave from.
const PORT_MARGIN: i64 = 12;

/// Sets the heights of all cells, and where lines leave boxes.
pub(super) fn set_heights(grid: &mut Grid) {
    set_ports(grid);
    for at in 0..grid.columns.len() {
        let column = &grid.columns[at];
        let rooms = rooms(grid, column);
        let middle = rooms.last().copied().unwrap_or(0) / 2;
        for (&cell, room) in column.clone().iter().zip(rooms) {
            grid.cells[cell].y = room - middle;
        }
    }
    // Sweeps over all columns, there and back; the last ones look to both sides.
    let sweeps = (BUDGET / grid.cells.len().max(1)).clamp(4, 24);
    for sweep in 0..sweeps {
        let both = sweep + 2 + sweeps / 4 >= sweeps;
        for step in 0..grid.columns.len() {
            let (at, side) =
                if sweep % 2 == 0 { (step, Side::Before) } else { (grid.columns.len() - 1 - step, Side::After) };
            settle(grid, at, side, both);
        }
    }
}

/// Lines leave a box in the order of where they lead.
fn set_ports(grid: &mut Grid) {
    let Grid { cells, segments, .. } = grid;
    for cell in cells {
        let room = (cell.height - 2 * PORT_MARGIN).max(0) * UNIT;
        let port = |place: usize, count: usize| {
            let gaps = count.saturating_sub(1).max(1) as i64;
            let gap = (PORT_GAP * UNIT).min(room / gaps);
            let gap = if gap < LEAST_PORT_GAP * UNIT { 0 } else { gap };
            (2 * place as i64 - (count as i64 - 1)) * gap / 2
        };
        for (place, &segment) in cell.before.iter().enumerate() {
            segments[segment].into = port(place, cell.before.len());
        }
        for (place, &segment) in cell.after.iter().enumerate() {
            segments[segment].out = port(place, cell.after.len());
        }
    }
}

/// Moves the cells of one column to where they want to stand, as far as the order and the room of each permit: the sum of
/// weighted squares of what they miss is least.
fn settle(grid: &mut Grid, at: usize, side: Side, both: bool) {
    let column = std::mem::take(&mut grid.columns[at]);
    let rooms = rooms(grid, &column);
    // Without rooms between cells the task is to find the nearest sequence that does not fall. Neighbouring cells that
    // would fall are pooled, and pools stand at their mean (pool adjacent violators).
    let mut pools: Vec<Pool> = Vec::new();
    for (&cell, room) in column.iter().zip(&rooms) {
        let (sum, weight) = wish(grid, cell, side, both);
        let mut pool = Pool::new(sum - weight * i128::from(*room), weight, 1);
        while let Some(last) = pools.pop_if(|last| last.mean > pool.mean) {
            pool = Pool::new(pool.sum + last.sum, pool.weight + last.weight, pool.cells + last.cells);
        }
        pools.push(pool);
    }
    let heights = pools.iter().flat_map(|pool| std::iter::repeat_n(pool.mean, pool.cells));
    for ((&cell, room), height) in column.iter().zip(&rooms).zip(heights) {
        grid.cells[cell].y = height + room;
    }
    grid.columns[at] = column;
}

/// Cells that stand as close as they may.
struct Pool {
    /// Wished heights times their weights.
    sum: i128,
    weight: i128,
    cells: usize,
    /// Where the first of them stands.
    mean: i64,
}

impl Pool {
    /// The weight is at least 1.
    fn new(sum: i128, weight: i128, cells: usize) -> Self {
        // A mean of heights lies between them, so it fits.
        let mean = sum.checked_div_euclid(weight).and_then(|mean| i64::try_from(mean).ok()).unwrap_or(0);
        Self { sum, weight, cells, mean }
    }
}

/// Where a cell wants to stand, times the weight of that wish; and the weight.
fn wish(grid: &Grid, cell: usize, side: Side, both: bool) -> (i128, i128) {
    let here = &grid.cells[cell];
    let mut sum = 0;
    let mut weight = 0;
    let mut pull = |there: &Cell, offset: i64| {
        // Long lines are to be straight, first of all where they pass by.
        let pull = match (here.content, there.content) {
            (Content::Box(_), Content::Box(_)) => 2,
            (Content::Box(_), _) | (_, Content::Box(_)) => 3,
            _ => 8,
        };
        sum += i128::from(pull) * i128::from(there.y + offset);
        weight += i128::from(pull);
    };
    if both || side == Side::Before {
        for &at in &here.before {
            let segment = &grid.segments[at];
            pull(&grid.cells[segment.left], segment.out - segment.into);
        }
    }
    if both || side == Side::After {
        for &at in &here.after {
            let segment = &grid.segments[at];
            pull(&grid.cells[segment.right], segment.into - segment.out);
        }
    }
    // Nobody to stand near: stay, but make room for others.
    if weight == 0 { (i128::from(here.y), 1) } else { (sum * 4, weight * 4) }
}

/// How far below the first cell of a column each must stand at least, middle to middle, in units.
fn rooms(grid: &Grid, column: &[usize]) -> Vec<i64> {
    let mut down = 0;
    let mut above: Option<&Cell> = None;
    column
        .iter()
        .map(|&cell| {
            let cell = &grid.cells[cell];
            if let Some(above) = above.replace(cell) {
                down += ((above.height + cell.height) / 2 + gap(above.content, cell.content)) * UNIT;
            }
            down
        })
        .collect()
}

/// Room between two cells of a column, in pixels.
fn gap(above: Content, below: Content) -> i64 {
    match (above, below) {
        (Content::Box(_), Content::Box(_)) => 24,
        (Content::Box(_), _) | (_, Content::Box(_)) => 18,
        (Content::Label(_), Content::Label(_)) => 8,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::draw::layout::{Link, Plan, Size, order, parts, rank};

    fn heights(sizes: &[i64], links: &[(usize, usize)]) -> Vec<i64> {
        let links: Vec<_> = links.iter().map(|&(from, to)| Link { from, to, label: None }).collect();
        let all: Vec<usize> = (0..links.len()).collect();
        let plan = Plan { boxes: sizes.iter().map(|&height| Size { width: 10, height }).collect(), links };
        let ranks = rank::assign(&plan, &all);
        let columns = rank::Columns::of(&plan, &ranks);
        let mut grid = Grid::build(&plan, &ranks, &columns, &parts::split(&plan, &all)[0]);
        order::reduce_crossings(&mut grid);
        set_heights(&mut grid);
        // Cells of boxes come first, in the order of their numbers.
        grid.cells.iter().take(sizes.len()).map(|cell| cell.y).collect()
    }

    #[test]
    fn a_chain_is_level() {
        assert_eq!(heights(&[40, 60, 80, 20], &[(0, 1), (1, 2), (2, 3)]), [0; 4]);
    }

    #[test]
    fn a_parent_stands_in_the_middle_of_its_children() {
        let y = heights(&[20, 20, 20, 20], &[(0, 1), (0, 2), (0, 3)]);
        assert_eq!(y[0], y[2]);
        assert_eq!(y[3] - y[2], y[2] - y[1]);
        assert_eq!(y[2] - y[1], (20 + 24) * UNIT);
    }
}
