//! Cells in columns: boxes, labels, and the slots of lines that pass by.

use super::{Plan, parts::Part, rank::Columns, rank::Ranks};

/// Heights are set in units of this part of a pixel, so that means of them stay exact enough.
pub(super) const UNIT: i64 = 16;

/// What takes room in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// The box of this number.
    Box(usize),
    /// The label of the link of this number.
    Label(usize),
    /// A line on its way to a later column.
    Pass,
}

/// Room in a column that belongs to one thing.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// What stands there.
    pub content: Content,
    /// Height of what stands there, in pixels, even.
    pub height: i64,
    /// The middle, in units.
    pub y: i64,
    /// Segments to the column before, from top to bottom.
    pub before: Vec<usize>,
    /// Segments to the column behind, from top to bottom.
    pub after: Vec<usize>,
}

/// The way of a link from one column to the next.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// The cell it leaves.
    pub left: usize,
    /// The cell it enters.
    pub right: usize,
    /// How far below the middle of the left cell it leaves, in units.
    pub out: i64,
    /// How far below the middle of the right cell it enters, in units.
    pub into: i64,
}

/// One connected part of the graph in columns.
pub(super) struct Grid {
    /// Cells by column, from top to bottom.
    pub columns: Vec<Vec<usize>>,
    /// By number.
    pub cells: Vec<Cell>,
    /// By number.
    pub segments: Vec<Segment>,
    /// By link of the part: its number, and the cells it runs through.
    pub chains: Vec<(usize, Vec<usize>)>,
}

impl Grid {
    /// Makes the cells of a part. Within columns they stand as a walk along the links finds them.
    pub(super) fn build(plan: &Plan, ranks: &Ranks, columns: &Columns, part: &Part) -> Self {
        let mut grid =
            Self { columns: vec![Vec::new(); columns.count], cells: vec![], segments: vec![], chains: vec![] };
        let mut column_of = Vec::new();
        let mut cell_of_box = vec![0; plan.boxes.len()];
        for &number in &part.boxes {
            cell_of_box[number] = grid.add(Content::Box(number), plan.boxes[number].height);
            column_of.push(columns.of_rank(ranks.rank[number]));
        }
        for &link in &part.links {
            let (left, right) = ranks.ends(plan, link);
            let last = columns.of_rank(ranks.rank[right]);
            let mut chain = vec![cell_of_box[left]];
            for column in columns.of_rank(ranks.rank[left]) + 1..last {
                let cell = match plan.links[link].label {
                    Some(label) if column + 1 == last => grid.add(Content::Label(link), label.height),
                    _ => grid.add(Content::Pass, 2),
                };
                column_of.push(column);
                chain.push(cell);
            }
            chain.push(cell_of_box[right]);
            for pair in chain.windows(2) {
                grid.connect(pair[0], pair[1]);
            }
            grid.chains.push((link, chain));
        }
        grid.arrange(&column_of);
        grid
    }

    fn add(&mut self, content: Content, height: i64) -> usize {
        let height = height + height.rem_euclid(2);
        self.cells.push(Cell { content, height, y: 0, before: Vec::new(), after: Vec::new() });
        self.cells.len() - 1
    }

    fn connect(&mut self, left: usize, right: usize) {
        let segment = self.segments.len();
        self.segments.push(Segment { left, right, out: 0, into: 0 });
        self.cells[left].after.push(segment);
        self.cells[right].before.push(segment);
    }

    /// Puts cells into their columns in the order of a walk in depth, so that trees are drawn without crossings.
    fn arrange(&mut self, column_of: &[usize]) {
        let mut seen = vec![false; self.cells.len()];
        for first in 0..self.cells.len() {
            if !self.cells[first].before.is_empty() {
                continue;
            }
            let mut open = vec![first];
            while let Some(cell) = open.pop() {
                if std::mem::replace(&mut seen[cell], true) {
                    continue;
                }
                self.columns[column_of[cell]].push(cell);
                open.extend(self.cells[cell].after.iter().rev().map(|&segment| self.segments[segment].right));
            }
        }
    }

    /// The cells that a cell is connected with in the column before or behind.
    pub(super) fn neighbours(&self, cell: usize, side: Side) -> impl Iterator<Item = usize> {
        let segments = match side {
            Side::Before => &self.cells[cell].before,
            Side::After => &self.cells[cell].after,
        };
        segments.iter().map(move |&segment| match side {
            Side::Before => self.segments[segment].left,
            Side::After => self.segments[segment].right,
        })
    }
}

/// A direction to look in from a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// To the left.
    Before,
    /// To the right.
    After,
}
