//! What a Stage waits for: why it does not move.

use std::collections::BTreeMap;

use super::{automation::Wish, evaluate::evaluate, rollback::WayBack, turn::NextTurn, wake::soaking};
use crate::{
    model::{Origin, Timestamp},
    promotion::ProposeError,
    why::{Answer, Headline, Node, Reason, Why, instant},
    world::{StageView, World},
};

/// What a Stage waits for now: the next promotion of its queue, and what automation makes of each origin.
#[must_use]
pub fn explain(world: &World, stage: impl AsRef<str>, now: Timestamp) -> Why {
    evaluate(world, stage, now).why().clone()
}

/// What was decided before automation says what it wants.
pub(super) struct Decided<'a> {
    /// Promotions that cannot start any more.
    pub(super) refused: &'a [NextTurn],
    /// What is next.
    pub(super) turn: &'a NextTurn,
    /// What the Stage goes back to by itself.
    pub(super) back: Option<&'a WayBack<'a>>,
}

/// What was decided, as a tree. `unmade` are the promotions that automation wants and that cannot be made.
pub(super) fn tree(
    stage: StageView<'_>,
    now: Timestamp,
    decided: &Decided<'_>,
    wishes: &[Wish<'_>],
    unmade: &BTreeMap<Origin, ProposeError>,
) -> Why {
    let Decided { refused, turn, back } = *decided;
    let mut nodes = Vec::new();
    let starts = matches!(turn, NextTurn::Start { .. });
    let mut moves = starts;
    if !starts && let Some(current) = stage.current_promotion() {
        moves = true;
        nodes.push(Node::holds(Reason::Occupied { promotion: current.into() }));
    }
    nodes.extend(refused.iter().chain([turn]).filter_map(of_turn));
    if let Some(back) = back {
        moves |= back.blocked.is_none();
        nodes.push(of_rollback(back));
    }
    for wish in wishes {
        let problem = unmade.get(wish.origin).map(|problem| {
            let text = format!("no promotion can be made: {problem}");
            Reason::Fact { text }
        });
        let blocked = wish.blocked.clone().or(problem);
        moves |= blocked.is_none();
        nodes.push(of_wish(stage, now, wish, blocked));
    }
    let answer = if moves { Answer::Yes } else { Answer::NotYet };
    let verb = if moves { "moves" } else { "does not move" };
    Why::new(Headline::Text { text: format!("{} {verb}, because", stage.name()) }, answer, nodes)
}

fn of_turn(turn: &NextTurn) -> Option<Node> {
    Some(match turn {
        // What has the place is said already.
        NextTurn::Nothing | NextTurn::Wait { reason: Reason::Occupied { .. }, .. } => return None,
        NextTurn::Start { promotion, supersedes_verification } => {
            let node = Node::holds(Reason::Fact { text: format!("promotion {promotion} starts now") });
            if *supersedes_verification {
                node.over(vec![Node::note(Reason::Fact { text: "the verification under way is stopped".to_owned() })])
            } else {
                node
            }
        }
        NextTurn::Wait { promotion, reason, .. } => {
            let node = Node::fails(Reason::Fact { text: format!("promotion {promotion} waits") });
            node.over(vec![note(reason.clone())])
        }
        NextTurn::Refuse { promotion, why } => {
            let node = Node::fails(Reason::Fact { text: format!("promotion {promotion} cannot start any more") });
            node.over(why.nodes().to_vec())
        }
    })
}

fn of_rollback(back: &WayBack<'_>) -> Node {
    let called: Vec<_> = back.freight.iter().map(|freight| freight.called()).collect();
    let reason = Reason::Fact { text: format!("it goes back to {}, for {}", called.join(" + "), back.setback) };
    match &back.blocked {
        None => Node::holds(reason),
        Some(blocked) => Node::fails(reason).over(vec![note(blocked.clone())]),
    }
}

fn of_wish(stage: StageView<'_>, now: Timestamp, wish: &Wish<'_>, blocked: Option<Reason>) -> Node {
    let origin = wish.origin.clone();
    let reason = match wish.candidate {
        Some(freight) => Reason::Candidate { origin, freight: freight.called().to_owned() },
        None => Reason::Fact { text: origin.to_string() },
    };
    let Some(blocked) = blocked else { return Node::holds(reason) };
    let mut below = note(blocked);
    if matches!(below.reason, Reason::NothingEligible { .. }) {
        let soaks = soaking(stage, now).filter(|(freight, _)| freight.origin() == wish.origin);
        if let Some((freight, at)) = soaks.min_by_key(|(_, at)| *at) {
            below = below.remedy(format!("{} has soaked long enough {}", freight.called(), instant(at)));
        }
    }
    Node::fails(reason).over(vec![below])
}

/// What is in the way, and when that ends by itself, where its own text does not say so.
fn note(reason: Reason) -> Node {
    let ends = match &reason {
        Reason::Paused { until, .. } => until.map(|at| format!("ends {}", instant(at))),
        Reason::WindowClosed { opens, .. } => opens.map(|at| format!("opens {}", instant(at))),
        _ => None,
    };
    let node = Node::note(reason);
    match ends {
        Some(ends) => node.remedy(ends),
        None => node,
    }
}
