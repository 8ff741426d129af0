//! Which column each box stands in.

use std::collections::{BTreeSet, VecDeque};

use super::Plan;

/// The column of each box, counted in steps of the graph.
pub(super) struct Ranks {
    /// By box.
    pub rank: Vec<usize>,
    /// By link: whether it closes a cycle and is laid out the other way round.
    pub reversed: Vec<bool>,
}

impl Ranks {
    /// The boxes of a link, the left one first.
    pub(super) fn ends(&self, plan: &Plan, link: usize) -> (usize, usize) {
        let ends = &plan.links[link];
        if self.reversed[link] { (ends.to, ends.from) } else { (ends.from, ends.to) }
    }
}

/// Each box as far to the left as what leads to it permits, but boxes to which nothing leads next to where they lead.
pub(super) fn assign(plan: &Plan, drawable: &[usize]) -> Ranks {
    let mut ranks = Ranks { rank: vec![0; plan.boxes.len()], reversed: vec![false; plan.links.len()] };
    let mut leaving = vec![Vec::new(); plan.boxes.len()];
    let mut arriving = vec![Vec::new(); plan.boxes.len()];
    for &link in drawable {
        leaving[plan.links[link].from].push(link);
        arriving[plan.links[link].to].push(link);
    }

    let mut waits: Vec<usize> = arriving.iter().map(Vec::len).collect();
    let mut done = vec![false; plan.boxes.len()];
    let mut ready: VecDeque<usize> = (0..waits.len()).filter(|&at| waits[at] == 0).collect();
    let mut unplaced = 0..waits.len();
    loop {
        let next = ready.pop_front().or_else(|| {
            // Only cycles are left: the first box goes ahead, and what leads to it is turned round.
            let stuck = unplaced.find(|&at| !done[at])?;
            for &link in arriving[stuck].iter().filter(|&&link| !done[plan.links[link].from]) {
                ranks.reversed[link] = true;
            }
            Some(stuck)
        });
        let Some(at) = next else { break };
        if std::mem::replace(&mut done[at], true) {
            continue;
        }
        // Links that were turned round lead from here to boxes that are placed later.
        let turned =
            arriving[at].iter().filter(|&&link| ranks.reversed[link]).map(|&link| (link, plan.links[link].from));
        let ahead: Vec<(usize, usize)> = leaving[at]
            .iter()
            .filter(|&&link| !ranks.reversed[link])
            .map(|&link| (link, plan.links[link].to))
            .chain(turned)
            .collect();
        for (link, to) in ahead {
            ranks.rank[to] = ranks.rank[to].max(ranks.rank[at] + 1);
            if !ranks.reversed[link] {
                waits[to] -= 1;
                if waits[to] == 0 {
                    ready.push_back(to);
                }
            }
        }
    }
    pull_sources(plan, drawable, &mut ranks);
    ranks
}

/// Moves boxes to which nothing leads to the right, so that their lines are short.
fn pull_sources(plan: &Plan, drawable: &[usize], ranks: &mut Ranks) {
    let mut fed = vec![false; plan.boxes.len()];
    let mut nearest: Vec<Option<usize>> = vec![None; plan.boxes.len()];
    for &link in drawable {
        let (left, right) = ranks.ends(plan, link);
        fed[right] = true;
        let there = ranks.rank[right];
        nearest[left] = Some(nearest[left].map_or(there, |before| before.min(there)));
    }
    for (at, nearest) in nearest.into_iter().enumerate() {
        if let Some(nearest) = nearest.filter(|_| !fed[at]) {
            ranks.rank[at] = nearest.saturating_sub(1);
        }
    }
}

/// The columns there are: one for each rank, and one before a rank for the labels of lines that end there.
pub(super) struct Columns {
    /// By rank: the column of its boxes.
    of_rank: Vec<usize>,
    /// How many there are.
    pub count: usize,
}

impl Columns {
    pub(super) fn of(plan: &Plan, ranks: &Ranks) -> Self {
        let labelled: BTreeSet<usize> = (0..plan.links.len())
            .filter(|&link| plan.links[link].label.is_some())
            .filter(|&link| plan.links[link].from.max(plan.links[link].to) < plan.boxes.len())
            .map(|link| ranks.rank[ranks.ends(plan, link).1])
            .collect();
        let last = ranks.rank.iter().max().copied();
        let mut count = 0;
        let mut of_rank = Vec::new();
        for rank in 0..last.map_or(0, |last| last + 1) {
            count += usize::from(rank > 0 && labelled.contains(&rank));
            of_rank.push(count);
            count += 1;
        }
        Self { of_rank, count }
    }

    /// The column of boxes of this rank. Labels of lines that end there stand in the one before.
    pub(super) fn of_rank(&self, rank: usize) -> usize {
        self.of_rank[rank]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::draw::layout::{Link, Size};

    fn plan(boxes: usize, links: &[(usize, usize)]) -> Plan {
        let links = links.iter().map(|&(from, to)| Link { from, to, label: None }).collect();
        Plan { boxes: vec![Size::default(); boxes], links }
    }

    fn ranks(plan: &Plan) -> Ranks {
        let all: Vec<usize> = (0..plan.links.len()).collect();
        assign(plan, &all)
    }

    #[test]
    fn a_box_stands_behind_the_longest_way_to_it() {
        let plan = plan(5, &[(0, 1), (1, 2), (0, 2), (2, 3), (0, 3)]);
        assert_eq!(ranks(&plan).rank, [0, 1, 2, 3, 0]);
    }

    #[test]
    fn a_source_stands_next_to_where_it_leads() {
        let plan = plan(4, &[(0, 1), (1, 2), (3, 2)]);
        assert_eq!(ranks(&plan).rank, [0, 1, 2, 1]);
    }

    #[test]
    fn cycles_are_opened_and_every_link_goes_to_the_right() {
        for links in [&[(0, 1), (1, 0)][..], &[(0, 1), (1, 2), (2, 0), (3, 1)], &[(3, 2), (2, 1), (1, 3), (1, 0)]] {
            let plan = plan(4, links);
            let ranks = ranks(&plan);
            assert!(ranks.reversed.contains(&true));
            for link in 0..links.len() {
                let (left, right) = ranks.ends(&plan, link);
                assert!(ranks.rank[left] < ranks.rank[right], "{links:?} {:?}", ranks.rank);
            }
        }
    }

    #[test]
    fn only_labels_need_columns_of_their_own() {
        let mut plan = plan(3, &[(0, 1), (1, 2)]);
        assert_eq!(Columns::of(&plan, &ranks(&plan)).count, 3);
        plan.links[1].label = Some(Size { width: 10, height: 10 });
        let columns = Columns::of(&plan, &ranks(&plan));
        assert_eq!((columns.count, columns.of_rank), (4, vec![0, 1, 3]));
    }
}
