//! Approvals that a Stage's policy asks for, beside freight being eligible (extension `approvals`).

use std::collections::BTreeSet;

use crate::{
    model::Path,
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
    let patterns: Vec<_> = policy.into_iter().flat_map(|policy| &policy.actors).map(|text| Actors::new(text)).collect();
    let counts = |actor: &&str| patterns.is_empty() || patterns.iter().any(|pattern| pattern.include(actor));
    let approvals = freight.world().approvals_of(freight.name(), stage.name());
    let actors = approvals.filter_map(|approval| approval.spec.actor.as_deref());
    actors.filter(|actor| !actor.is_empty()).filter(counts).collect()
}

/// Whether so many more people can approve it at all: there may be fewer of those whose approval counts.
pub(super) fn can_be_given(stage: StageView<'_>, freight: FreightView<'_>, missing: u32) -> bool {
    let Some(policy) = stage.policy() else { return true };
    let mut named = BTreeSet::new();
    for text in &policy.spec.approvals.actors {
        match Actors::new(text) {
            Actors::One(actor) => drop(named.insert(actor)),
            Actors::Like(_) => return true,
            Actors::Nobody => {}
        }
    }
    let given = given(stage, freight);
    let left = named.into_iter().filter(|actor| !actor.is_empty() && !given.contains(actor)).count();
    policy.spec.approvals.actors.is_empty() || u32::try_from(left).unwrap_or(u32::MAX) >= missing
}

/// Whose approvals count. Actors have colons of their own (resources 15.5), so only the prefixes of patterns are read as such.
enum Actors<'p> {
    One(&'p str),
    Like(NamePattern),
    /// A pattern that nobody can read matches nobody.
    Nobody,
}

impl<'p> Actors<'p> {
    fn new(text: &'p str) -> Self {
        if ["glob:", "regex:", "regexp:"].iter().any(|prefix| text.starts_with(prefix)) {
            NamePattern::parse(text).map_or(Self::Nobody, Self::Like)
        } else {
            Self::One(text)
        }
    }

    fn include(&self, actor: &str) -> bool {
        match self {
            Self::One(one) => *one == actor,
            Self::Like(pattern) => pattern.matches(actor),
            Self::Nobody => false,
        }
    }
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
    let given: Vec<_> = given(stage, freight).into_iter().map(str::to_owned).collect();
    let words = if given.is_empty() { "somebody approves it" } else { "somebody else approves it" };
    let command = format!("approve {} for {}", freight.called(), stage.name());
    let spot = stage.locate_policy(&Path::of(&["spec", "approvals"]));
    Some(Node::fails(Reason::ApprovalsMissing { required, given }).at(spot).command(words, command))
}
