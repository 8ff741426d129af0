//! The order of cells within columns: as few crossings as a bounded number of sweeps finds.

use super::grid::{Grid, Side};

/// Cells that may be looked at, over all sweeps, before the best order found so far is taken.
const BUDGET: usize = 600_000;

/// Reorders the cells of each column.
pub(super) fn reduce_crossings(grid: &mut Grid) {
    let cost = grid.cells.len() + grid.segments.len();
    let sweeps = (BUDGET / cost.max(1)).clamp(2, 24);
    let swap = cost <= BUDGET / 100;
    let mut places = Places::of(grid);
    let mut best = grid.columns.clone();
    let mut fewest = places.crossings(grid);
    let mut in_vain = 0;
    for sweep in 0..sweeps {
        if fewest == 0 || in_vain == 6 {
            break;
        }
        let side = if sweep % 2 == 0 { Side::Before } else { Side::After };
        places.sweep(grid, side, sweep % 4 >= 2);
        if swap {
            places.swap_neighbours(grid);
        }
        let crossings = places.crossings(grid);
        in_vain += 1;
        if crossings < fewest {
            fewest = crossings;
            best.clone_from(&grid.columns);
            in_vain = 0;
        }
    }
    grid.columns = best;
    sort_segments(grid);
}

/// Where each cell stands in its column.
struct Places(Vec<usize>);

impl Places {
    fn of(grid: &Grid) -> Self {
        let mut places = Self(vec![0; grid.cells.len()]);
        for column in &grid.columns {
            places.update(column);
        }
        places
    }

    fn update(&mut self, column: &[usize]) {
        for (place, &cell) in column.iter().enumerate() {
            self.0[cell] = place;
        }
    }

    /// Sorts each column by the mean place of its cells' neighbours on one side, column after column. Cells without
    /// neighbours there keep their places. Equal cells keep their order, or turn it round.
    fn sweep(&mut self, grid: &mut Grid, side: Side, turn: bool) {
        let count = grid.columns.len();
        for step in 0..count {
            let at = if side == Side::Before { step } else { count - 1 - step };
            let mut column = std::mem::take(&mut grid.columns[at]);
            let mut keyed: Vec<(u128, usize)> = Vec::new();
            let mut slots = Vec::new();
            for (slot, &cell) in column.iter().enumerate() {
                // The mean, with enough digits behind the point.
                let (sum, number) = grid
                    .neighbours(cell, side)
                    .fold((0_u128, 0), |(sum, number), next| (sum + ((self.0[next] as u128) << 32), number + 1));
                if let Some(mean) = sum.checked_div(number) {
                    keyed.push((mean, cell));
                    slots.push(slot);
                }
            }
            if turn {
                keyed.reverse();
            }
            keyed.sort_by_key(|&(mean, _)| mean);
            for (slot, (_, cell)) in slots.into_iter().zip(keyed) {
                column[slot] = cell;
            }
            self.update(&column);
            grid.columns[at] = column;
        }
    }

    /// Swaps neighbours of a column wherever that saves crossings, in at most three rounds.
    fn swap_neighbours(&mut self, grid: &mut Grid) {
        for _ in 0..3 {
            let mut swapped = false;
            for at in 0..grid.columns.len() {
                for upper in 1..grid.columns[at].len() {
                    let (a, b) = (grid.columns[at][upper - 1], grid.columns[at][upper]);
                    let (mut kept, mut turned) = (0, 0);
                    for side in [Side::Before, Side::After] {
                        let (a, b) = (self.sorted(grid, a, side), self.sorted(grid, b, side));
                        kept += pairs_above(&b, &a);
                        turned += pairs_above(&a, &b);
                    }
                    if turned < kept {
                        grid.columns[at].swap(upper - 1, upper);
                        self.0.swap(a, b);
                        swapped = true;
                    }
                }
            }
            if !swapped {
                break;
            }
        }
    }

    /// The places of a cell's neighbours on one side, ascending.
    fn sorted(&self, grid: &Grid, cell: usize, side: Side) -> Vec<usize> {
        let mut places: Vec<usize> = grid.neighbours(cell, side).map(|next| self.0[next]).collect();
        places.sort_unstable();
        places
    }

    /// How many pairs of segments cross.
    fn crossings(&self, grid: &Grid) -> u64 {
        let behind = grid.columns.iter().skip(1).map(Vec::len).chain([0]);
        grid.columns
            .iter()
            .zip(behind)
            .map(|(column, behind)| {
                let mut tree = Counts(vec![0; behind + 1]);
                let mut crossings = 0;
                let mut met = 0;
                for &cell in column {
                    let ends = self.sorted(grid, cell, Side::After);
                    crossings += ends.iter().map(|&end| met - tree.up_to(end)).sum::<u64>();
                    met += ends.len() as u64;
                    ends.into_iter().for_each(|end| tree.add(end));
                }
                crossings
            })
            .sum()
    }
}

/// How many pairs of a place of `upper` and one of `lower` have the first above the second; both ascend.
fn pairs_above(upper: &[usize], lower: &[usize]) -> usize {
    lower.iter().map(|&place| upper.partition_point(|&above| above < place)).sum()
}

/// Counts of places, summed in logarithmic time.
struct Counts(Vec<u64>);

impl Counts {
    fn add(&mut self, place: usize) {
        let mut at = place + 1;
        while let Some(count) = self.0.get_mut(at) {
            *count += 1;
            at += at & at.wrapping_neg();
        }
    }

    /// How many were added at this place or above it.
    fn up_to(&self, place: usize) -> u64 {
        let mut at = place + 1;
        let mut sum = 0;
        while at > 0 {
            sum += self.0.get(at).copied().unwrap_or(0);
            at &= at - 1;
        }
        sum
    }
}

/// Orders the segments of each cell from top to bottom.
fn sort_segments(grid: &mut Grid) {
    let places = Places::of(grid);
    let Grid { cells, segments, .. } = grid;
    for cell in cells {
        cell.before.sort_by_key(|&segment| (places.0[segments[segment].left], segment));
        cell.after.sort_by_key(|&segment| (places.0[segments[segment].right], segment));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::draw::layout::{Link, Plan, Size, parts, rank};

    fn grid(boxes: usize, links: &[(usize, usize)]) -> Grid {
        let links: Vec<_> = links.iter().map(|&(from, to)| Link { from, to, label: None }).collect();
        let all: Vec<usize> = (0..links.len()).collect();
        let plan = Plan { boxes: vec![Size { width: 10, height: 10 }; boxes], links };
        let ranks = rank::assign(&plan, &all);
        let columns = rank::Columns::of(&plan, &ranks);
        Grid::build(&plan, &ranks, &columns, &parts::split(&plan, &all)[0])
    }

    fn slow_crossings(grid: &Grid) -> u64 {
        let places = Places::of(grid);
        let column_of = |cell: usize| grid.columns.iter().position(|column| column.contains(&cell));
        let mut count = 0;
        for a in &grid.segments {
            for b in &grid.segments {
                let above = places.0[a.left] < places.0[b.left] && places.0[a.right] > places.0[b.right];
                count += u64::from(above && column_of(a.left) == column_of(b.left));
            }
        }
        count
    }

    #[test]
    fn crossings_are_counted_right_and_never_become_more() {
        let mut links = Vec::new();
        let mut seed = 7_u64;
        for _ in 0..60 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (a, b) = ((seed >> 33) as usize % 20, (seed >> 45) as usize % 20);
            if a != b {
                links.push((a.min(b), a.max(b)));
            }
        }
        let mut grid = grid(20, &links);
        let before = Places::of(&grid).crossings(&grid);
        assert_eq!(before, slow_crossings(&grid));
        reduce_crossings(&mut grid);
        let after = Places::of(&grid).crossings(&grid);
        assert_eq!(after, slow_crossings(&grid));
        assert!(after < before, "{after} of {before}");
    }

    #[test]
    fn what_can_be_drawn_without_crossings_is() {
        // Pairs whose order is turned on the right, joined in front; and a tree.
        let turned = [(0, 1), (0, 2), (0, 3), (1, 6), (2, 5), (3, 4)];
        let tree: Vec<(usize, usize)> = (1..63).map(|at| ((at - 1) / 2, at)).collect();
        for (boxes, links) in [(7, &turned[..]), (63, &tree)] {
            let mut grid = grid(boxes, links);
            reduce_crossings(&mut grid);
            assert_eq!(Places::of(&grid).crossings(&grid), 0);
        }
    }
}
