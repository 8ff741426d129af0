//! Approvals that a Stage's policy asks for, beside freight being eligible (extension `approvals`).

use std::collections::BTreeSet;

use crate::{
    select::NamePattern,
    why::{Node, Reason},
    world::{FreightView, StageView},
};

/// How many more people have to approve the freight for the Stage; 0 if its policy asks for none or has enough.
#[must_use]
pub fn approvals_missing(stage: StageView<'_>, freight: FreightView<'_>) -> u32 {
    let required = required(stage);
    if required == 0 {
        return 0;
    }
    required.saturating_sub(u32::try_from(given(stage, freight).len()).unwrap_or(u32::MAX))
}

/// Who approved it, of those whose approval counts: different people with a name.
fn given<'w>(stage: StageView<'w>, freight: FreightView<'w>) -> BTreeSet<&'w str> {
    let policy = stage.policy().map(|policy| &policy.spec.approvals);
    let patterns: Vec<_> = policy.into_iter().flat_map(|policy| &policy.actors).collect();
    let counts = |actor: &&str| {
        // A pattern that nobody can read matches nobody.
        let matches = |pattern: &&String| NamePattern::parse(pattern).is_ok_and(|pattern| pattern.matches(actor));
        patterns.is_empty() || patterns.iter().any(matches)
    };
    let approvals = freight.world().approvals_of(freight.name(), stage.name());
    let actors = approvals.filter_map(|approval| approval.spec.actor.as_deref());
    actors.filter(|actor| !actor.is_empty()).filter(counts).collect()
}

fn required(stage: StageView<'_>) -> u32 {
    stage.policy().map_or(0, |policy| policy.spec.approvals.required)
}

/// What is to say; nothing where no approvals are asked for.
pub(super) fn node(stage: StageView<'_>, freight: FreightView<'_>) -> Option<Node> {
    let required = required(stage);
    if required == 0 {
        return None;
    }
    if approvals_missing(stage, freight) == 0 {
        return Some(Node::holds(Reason::ApprovalsGiven { required }));
    }
    let given = given(stage, freight).into_iter().map(str::to_owned).collect();
    let command = format!("approve {} for {}", freight.called(), stage.name());
    Some(Node::fails(Reason::ApprovalsMissing { required, given }).command("somebody else approves it", command))
}
