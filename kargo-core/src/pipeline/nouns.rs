//! What a pipeline is made of: borrowed nouns of one project, picked from manifests or given by a program.

use super::NodeKind;
use crate::{
    Manifests,
    manifest::Entry,
    model::{Code, Diagnostic, Diagnostics, Junction, Kind, Noun, Object, ObjectMeta, Stage, StagePolicy, Warehouse},
};

/// Warehouses, Junctions, Stages and StagePolicies of one project, borrowed.
///
/// For programs that hold nouns without [`Manifests`], such as a controller with a cache. The nouns are not asked which
/// project they belong to. Of two nouns of one kind and name the first counts.
#[derive(Clone, Default)]
pub struct Nouns<'a> {
    pub(super) project: &'a str,
    pub(super) items: Vec<Item<'a>>,
    pub(super) policies: Vec<(&'a StagePolicy, Option<&'a Entry>)>,
    /// Entries of the project's other objects, for checks of what they are about.
    pub(super) others: Vec<&'a Entry>,
    /// Names of StagePolicies that stood in the texts but had mistakes.
    pub(super) broken_policies: Vec<&'a str>,
}

/// A Warehouse, Junction or Stage and where it was read.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) kind: NodeKind,
    pub(super) name: &'a str,
    pub(super) noun: NodeNoun<'a>,
    pub(super) entry: Option<&'a Entry>,
}

/// The object behind a node.
#[derive(Clone, Copy)]
pub(super) enum NodeNoun<'a> {
    Warehouse(&'a Warehouse),
    Junction(&'a Junction),
    Stage(&'a Stage),
    /// It stood in the texts but had mistakes.
    Broken,
}

impl<'a> Nouns<'a> {
    /// No nouns of this project.
    #[must_use]
    pub fn new(project: &'a str) -> Self {
        Self { project, ..Self::default() }
    }

    /// With these Warehouses too.
    #[must_use]
    pub fn warehouses(mut self, warehouses: impl IntoIterator<Item = &'a Warehouse>) -> Self {
        self.items.extend(warehouses.into_iter().map(|noun| Item::new(noun, NodeNoun::Warehouse(noun), None)));
        self
    }

    /// With these Junctions too.
    #[must_use]
    pub fn junctions(mut self, junctions: impl IntoIterator<Item = &'a Junction>) -> Self {
        self.items.extend(junctions.into_iter().map(|noun| Item::new(noun, NodeNoun::Junction(noun), None)));
        self
    }

    /// With these Stages too.
    #[must_use]
    pub fn stages(mut self, stages: impl IntoIterator<Item = &'a Stage>) -> Self {
        self.items.extend(stages.into_iter().map(|noun| Item::new(noun, NodeNoun::Stage(noun), None)));
        self
    }

    /// With these policies too, which add requests to the Stages of their names (rules 11).
    #[must_use]
    pub fn stage_policies(mut self, policies: impl IntoIterator<Item = &'a StagePolicy>) -> Self {
        self.policies.extend(policies.into_iter().map(|policy| (policy, None)));
        self
    }

    /// The nouns of one project of some manifests.
    pub(super) fn of_project(manifests: &'a Manifests, project: &'a str) -> Self {
        let mut nouns = Self::new(project);
        let of_project = |entry: &&Entry| manifests.project_of(entry.object()) == Some(project);
        for entry in manifests.entries().filter(of_project) {
            let at = Some(entry);
            match entry.object() {
                Object::Warehouse(noun) => nouns.items.push(Item::new(&**noun, NodeNoun::Warehouse(noun), at)),
                Object::Junction(noun) => nouns.items.push(Item::new(&**noun, NodeNoun::Junction(noun), at)),
                Object::Stage(noun) => nouns.items.push(Item::new(&**noun, NodeNoun::Stage(noun), at)),
                Object::StagePolicy(policy) => {
                    nouns.policies.push((policy, at));
                    nouns.others.push(entry);
                }
                _ => nouns.others.push(entry),
            }
        }
        for (kind, _, name) in manifests.broken().filter(|broken| broken.1 == Some(project)) {
            let kind = match kind {
                Kind::Warehouse => NodeKind::Warehouse,
                Kind::Junction => NodeKind::Junction,
                Kind::Stage => NodeKind::Stage,
                Kind::StagePolicy => {
                    nouns.broken_policies.push(name);
                    continue;
                }
                _ => continue,
            };
            nouns.items.push(Item { kind, name, noun: NodeNoun::Broken, entry: None });
        }
        nouns
    }

    /// Whether nothing can become a node.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The only project of some manifests.
    ///
    /// # Errors
    ///
    /// K0210 if there are several.
    pub(crate) fn only_project(manifests: &'a Manifests) -> Result<&'a str, Diagnostics> {
        let projects = manifests.projects();
        let mut names = projects.iter().copied();
        let Some(first) = names.next() else { return Ok("") };
        if projects.len() == 1 {
            return Ok(first);
        }
        // Objects without namespace belong to no project where several are named.
        let named = names.next().filter(|_| first.is_empty()).unwrap_or(first);
        let shown =
            super::text::list(projects.iter().map(|name| if name.is_empty() { "(no namespace)" } else { name }));
        let message = format!("the documents belong to {} projects: {shown}", projects.len());
        let mut diagnostic = Diagnostic::error(Code::ManyProjects, message).by_rule("resources 1").help(format!(
            "a pipeline is of one project: choose it, as with `Pipeline::of_project(&manifests, {named:?})`"
        ));
        if first.is_empty() {
            diagnostic = diagnostic.note("an object without namespace belongs to the only project that others name");
        }
        Err([diagnostic].into_iter().collect())
    }

    /// Brings the nouns into the order of nodes, each name once.
    pub(super) fn into_ordered(mut self) -> Self {
        if !self.items.is_sorted_by(|a, b| (a.kind, a.name) < (b.kind, b.name)) {
            let keys =
                self.items.iter().zip(0_usize..).map(|(item, at)| (item.kind, beginning(item.name), item.name, at));
            let mut keys: Vec<_> = keys.collect();
            keys.sort_unstable();
            keys.dedup_by(|later, first| (later.0, later.2) == (first.0, first.2));
            self.items = keys.into_iter().map(|(_, _, _, at)| self.items[at]).collect();
        }
        self
    }
}

/// The first bytes of a name as a number that orders as they do, so that most comparisons need not look the name up.
fn beginning(name: &str) -> u128 {
    let mut bytes = [0; 16];
    for (byte, of_name) in bytes.iter_mut().zip(name.bytes()) {
        *byte = of_name;
    }
    u128::from_be_bytes(bytes)
}

impl<'a> Item<'a> {
    fn new<T: Noun>(object: &'a T, noun: NodeNoun<'a>, entry: Option<&'a Entry>) -> Self {
        let kind = match noun {
            NodeNoun::Warehouse(_) => NodeKind::Warehouse,
            NodeNoun::Junction(_) => NodeKind::Junction,
            NodeNoun::Stage(_) | NodeNoun::Broken => NodeKind::Stage,
        };
        Self { kind, name: object.name(), noun, entry }
    }

    /// The object's metadata; `None` if it had mistakes.
    pub(super) fn metadata(&self) -> Option<&'a ObjectMeta> {
        match self.noun {
            NodeNoun::Warehouse(noun) => Some(&noun.metadata),
            NodeNoun::Junction(noun) => Some(&noun.metadata),
            NodeNoun::Stage(noun) => Some(&noun.metadata),
            NodeNoun::Broken => None,
        }
    }
}
