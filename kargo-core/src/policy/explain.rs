//! What a Stage waits for: why it does not move.

use super::{
    automation::{Wish, automation},
    turn::{NextTurn, next_turn},
};
use crate::{
    model::Timestamp,
    why::{Answer, Headline, Node, Reason, Why},
    world::{StageView, World},
};

/// What a Stage waits for now: the next promotion of its queue, and what automation makes of each origin.
#[must_use]
pub fn explain(world: &World, stage: impl AsRef<str>, now: Timestamp) -> Why {
    match world.stage(stage) {
        Ok(stage) => of(stage, now),
        Err(missing) => Why::missing(Reason::NoSuch(missing)),
    }
}

pub(super) fn of(stage: StageView<'_>, now: Timestamp) -> Why {
    let mut nodes = Vec::new();
    if let Some(current) = stage.current_promotion() {
        nodes.push(Node::note(Reason::Occupied { promotion: current.into() }));
    }
    let mut moves = false;
    match next_turn(stage, now) {
        NextTurn::Nothing => {}
        NextTurn::Start { promotion, .. } => {
            moves = true;
            nodes.push(Node::holds(Reason::Fact { text: format!("promotion {promotion} starts now") }));
        }
        NextTurn::Wait { promotion, reason, .. } => {
            let node = Node::fails(Reason::Fact { text: format!("promotion {promotion} waits") });
            nodes.push(node.over(vec![Node::note(reason)]));
        }
        NextTurn::Refuse { promotion, why } => {
            let node = Node::fails(Reason::Fact { text: format!("promotion {promotion} cannot start any more") });
            nodes.push(node.over(why.nodes().to_vec()));
        }
    }
    for Wish { origin, candidate, blocked } in automation(stage, now) {
        let mut below = Vec::new();
        if let Some(freight) = candidate {
            let (origin, freight) = (origin.clone(), freight.called().to_owned());
            below.push(Node::note(Reason::Candidate { origin, freight }));
        }
        let text = origin.to_string();
        match blocked {
            Some(reason) => {
                below.push(Node::note(reason));
                nodes.push(Node::fails(Reason::Fact { text }).over(below));
            }
            None => {
                moves = true;
                nodes.push(Node::holds(Reason::Fact { text }).over(below));
            }
        }
    }
    let answer = if moves { Answer::Yes } else { Answer::NotYet };
    let verb = if moves { "moves now" } else { "does not move" };
    Why::new(Headline::Text { text: format!("{} {verb}, because", stage.name()) }, answer, nodes)
}
