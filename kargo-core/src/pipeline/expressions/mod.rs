//! The check of a pipeline's expressions before anything runs (rules 17). Declarations, and the walk over all objects.

mod aliases;
mod calls;
mod errors;
mod finding;
mod freight;
mod junction;
mod locate;
mod names;
mod outcome;
mod scope;
mod site;
mod stage;
mod task;
mod uses;
mod variables;
mod warehouse;

#[cfg(test)]
mod tests;

use super::{draft::Draft, nouns::NodeNoun, text::Report};
use crate::Manifests;

/// Reports mistakes of expressions (K0401 to K0412).
pub(super) fn check(draft: &Draft<'_>, manifests: &Manifests, report: &mut Report) {
    let tools = site::Tools::new();
    let mut tasks = task::Tasks::new(draft, manifests);
    for (index, item) in draft.nouns.items.iter().enumerate() {
        match item.noun {
            NodeNoun::Stage(stage) => stage::check(&tools, draft, index, stage, &mut tasks, report),
            NodeNoun::Warehouse(warehouse) => warehouse::check(&tools, item, warehouse, report),
            NodeNoun::Junction(junction) => junction::check(&tools, draft, index, junction, report),
            NodeNoun::Broken => {}
        }
    }
    tasks.check(&tools, report);
}
