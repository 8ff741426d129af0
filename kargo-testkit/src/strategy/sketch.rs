//! A pipeline as a drawing: what stands where and takes freight from whom, before it becomes objects.

use std::collections::BTreeMap;

use kargo_core::model::{Origin, OriginKind};

/// Choices, taken one after the other. When they run out every choice is the first, so a shorter tape is a simpler
/// pipeline, and so is a tape of smaller numbers.
#[derive(Clone, Debug)]
pub(super) struct Tape {
    choices: std::vec::IntoIter<u8>,
}

impl Tape {
    pub(super) fn new(choices: Vec<u8>) -> Self {
        Self { choices: choices.into_iter() }
    }

    /// A number below `bound`, 0 where there is nothing to choose.
    pub(super) fn next(&mut self, bound: usize) -> usize {
        usize::from(self.choices.next().unwrap_or_default()).checked_rem(bound).unwrap_or_default()
    }

    /// Whether something happens that happens once in `times`.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.next(times) + 1 == times
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.next(all.len()))
    }

    /// One of several texts, `""` if there is none.
    pub(super) fn word(&mut self, words: &[&'static str]) -> &'static str {
        self.pick(words).copied().unwrap_or_default()
    }
}

/// A Stage or a Junction.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) is_junction: bool,
    /// A Stage without steps.
    pub(super) control_flow: bool,
    /// Carries the label that selects origins.
    pub(super) labelled: bool,
    pub(super) wants: Vec<Want>,
}

/// A request of a Stage or a slot of a Junction.
#[derive(Clone, Debug)]
pub(super) struct Want {
    /// The origin; several where a selector stands for them.
    pub(super) origins: Vec<Origin>,
    pub(super) by_selector: bool,
    pub(super) direct: bool,
    /// Upstream Stages, by position.
    pub(super) from: Vec<usize>,
}

impl Want {
    /// Freight straight from its origin.
    pub(super) fn direct(origin: &Origin) -> Self {
        Self { origins: vec![origin.clone()], by_selector: false, direct: true, from: Vec::new() }
    }

    /// Freight that these Stages let pass.
    pub(super) fn from(origin: &Origin, from: &[usize]) -> Self {
        Self { origins: vec![origin.clone()], by_selector: false, direct: from.is_empty(), from: from.to_vec() }
    }
}

/// A Warehouse.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) name: String,
    /// Carries the label that selects origins.
    pub(super) labelled: bool,
}

/// Warehouses, Stages and Junctions; every node takes freight only from nodes before it.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    pub(super) tape: Tape,
    pub(super) sources: Vec<Source>,
    pub(super) nodes: Vec<Node>,
}

impl Sketch {
    pub(super) fn new(tape: Tape) -> Self {
        Self { tape, sources: Vec::new(), nodes: Vec::new() }
    }

    /// Adds a Warehouse.
    pub(super) fn source(&mut self, labelled: bool) -> Origin {
        let word = self.tape.word(&["app", "cart", "web", "z", "a"]);
        let name = format!("{word}-{}", self.sources.len());
        self.sources.push(Source { name: name.clone(), labelled });
        Origin::warehouse(name)
    }

    /// Adds this many Warehouses.
    pub(super) fn sources(&mut self, count: usize) -> Vec<Origin> {
        (0..count).map(|_| self.source(false)).collect()
    }

    /// Adds a Stage.
    pub(super) fn stage(&mut self, wants: Vec<Want>) -> usize {
        // Names do not sort as the Stages stand, so that nothing may rely on it.
        let word = self.tape.word(&["stage", "dev", "uat", "prod", "zone", "a"]);
        let name = format!("{word}-{}", self.nodes.len());
        self.nodes.push(Node { name, is_junction: false, control_flow: false, labelled: false, wants });
        self.nodes.len() - 1
    }

    /// Adds a Junction. It may share its name with a Warehouse: the two are different origins all the same.
    pub(super) fn junction(&mut self, wants: Vec<Want>, labelled: bool) -> Origin {
        let number = self.nodes.len();
        let twin = self.sources.get(number).filter(|_| self.tape.once_in(4)).map(|source| source.name.clone());
        let name = twin.unwrap_or_else(|| format!("train-{number}"));
        self.nodes.push(Node { name: name.clone(), is_junction: true, control_flow: false, labelled, wants });
        Origin::junction(name)
    }

    /// The Stages that hold freight of an origin at some time.
    pub(super) fn holders(&self, origin: &Origin) -> Vec<usize> {
        let holds = |node: &Node| !node.is_junction && node.wants.iter().any(|want| want.origins.contains(origin));
        self.nodes.iter().enumerate().filter(|(_, node)| holds(node)).map(|(at, _)| at).collect()
    }

    /// The Junction that is an origin.
    pub(super) fn junction_of(&self, origin: &Origin) -> Option<usize> {
        let is = |node: &Node| node.is_junction && node.name == origin.name;
        if origin.kind == OriginKind::Junction { self.nodes.iter().position(is) } else { None }
    }

    /// For each node, how many nodes the longest way from a Warehouse to it has, itself included.
    pub(super) fn depths(&self) -> Vec<usize> {
        let mut depths: Vec<usize> = Vec::new();
        for node in &self.nodes {
            let upstream = node.wants.iter().flat_map(|want| want.from.iter().copied());
            let junctions =
                node.wants.iter().flat_map(|want| &want.origins).filter_map(|origin| self.junction_of(origin));
            let above = upstream.chain(junctions).filter_map(|at| depths.get(at).copied()).max();
            depths.push(above.unwrap_or_default() + 1);
        }
        depths
    }

    /// How many nodes stand side by side at most, at the same depth.
    pub(super) fn width(&self) -> usize {
        let mut counts = BTreeMap::<usize, usize>::new();
        for depth in self.depths() {
            *counts.entry(depth).or_default() += 1;
        }
        counts.into_values().max().unwrap_or_default()
    }

    /// How deep bundles are nested: 1 for bundles of Warehouses' freight, 0 without Junctions.
    pub(super) fn nesting(&self) -> usize {
        let mut nesting: Vec<usize> = Vec::new();
        for node in &self.nodes {
            let members =
                node.wants.iter().flat_map(|want| &want.origins).filter_map(|origin| self.junction_of(origin));
            let inner = members.filter_map(|at| nesting.get(at).copied()).max().unwrap_or_default();
            nesting.push(if node.is_junction { inner + 1 } else { 0 });
        }
        nesting.into_iter().max().unwrap_or_default()
    }
}
