//! Variables: what is known of them, and which cannot be known when a promotion is created (promotion-engine 2; rules 15).

use std::{collections::BTreeSet, sync::Arc};

use super::{
    scope::{Fields, Missing, Shape},
    site::{Place, Tools},
    uses::Uses,
};
use crate::{
    expr::Template,
    model::{Code, Variable},
};

/// Of variables; whoever creates a promotion may bring more.
pub(super) const VARIABLES: Missing = Missing {
    code: Code::ExprName,
    what: "variable",
    reason: "no variable of this name is defined before",
    certain: false,
};

/// Functions whose answers are not known before the moment of use (rules 2).
pub(super) const RESOLVED_LATE: [&str; 4] = ["secret", "sharedSecret", "configMap", "sharedConfigMap"];

/// The variables so far.
pub(super) fn none() -> Fields {
    Fields::new(VARIABLES)
}

/// Variables on top of others.
pub(super) fn above(below: &Arc<Fields>) -> Fields {
    Fields { below: Some(Arc::clone(below)), ..Fields::new(below.missing) }
}

/// Adds a variable.
pub(super) fn add(fields: &mut Fields, variable: &Variable) {
    fields.add(variable.name.as_str(), Shape::Any);
}

/// The names of those variables that depend on what is not known when a promotion is created.
pub(super) fn late<'a>(tools: &Tools, variables: impl Iterator<Item = &'a Variable>) -> BTreeSet<String> {
    let mut late = BTreeSet::new();
    for variable in variables {
        let Some(value) = variable.value.as_deref() else { continue };
        let template = Template::new(value, tools.functions(Place::Variable));
        let is_late = template.expressions().filter_map(|part| part.program().ok()).any(|program| {
            let uses = Uses::of(program.ast());
            uses.calls.iter().any(|call| RESOLVED_LATE.contains(&&*call.name))
                || uses.chains.iter().any(|chain| {
                    let first = chain.links.first().and_then(|link| link.name.as_deref());
                    &*chain.root == "vars" && first.is_some_and(|name| late.contains(name))
                })
        });
        // A later definition hides the earlier one.
        if is_late {
            late.insert(variable.name.clone());
        } else {
            late.remove(&variable.name);
        }
    }
    late
}
