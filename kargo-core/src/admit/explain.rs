//! Why freight may go to a Stage, or may not.

use super::{
    approvals,
    gate::{Gate, admission, answer},
    hold::{hold, is_automatic},
    needs::needs,
    pause, rejection, window,
};
use crate::{
    eligible,
    model::{FreightRef, Timestamp},
    why::{Headline, Node, Reason, Why},
    world::{FreightView, StageView, World},
};

/// May this freight go to this Stage now, and if not, why and what would change that?
///
/// Freight is named by alias, by id, or by the beginning of an id. What does not exist is an answer too. The answer is the one
/// that a command would get at this instant.
///
/// ```
/// use kargo_core::{Manifests, World, admit};
/// # let text = "
/// # apiVersion: kargo.akuity.io/v1alpha1
/// # kind: Stage
/// # metadata: { name: prod, namespace: shop }
/// # spec: { requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }] }
/// # ";
/// let world = World::from_manifests(&Manifests::parse("shop.yaml", text)?)?;
/// let why = admit::explain(&world, "prdo", "modest-marlin", Default::default());
/// assert!(!why.is_yes());
/// assert_eq!(why.to_string(), "no: there is no Stage \"prdo\"; did you mean \"prod\"?");
/// # Ok::<(), kargo_core::Diagnostics>(())
/// ```
#[must_use]
pub fn explain(world: &World, stage: impl AsRef<str>, freight: impl Into<FreightRef>, now: Timestamp) -> Why {
    let stage = match world.stage(stage) {
        Ok(stage) => stage,
        Err(missing) => return Why::missing(Reason::NoSuch(missing)),
    };
    match world.freight(freight) {
        Ok(freight) => of(stage, freight, now),
        Err(missing) => Why::missing(Reason::NoSuch(missing)),
    }
}

/// The same of a Stage and freight that were found.
#[must_use]
pub fn of(stage: StageView<'_>, freight: FreightView<'_>, now: Timestamp) -> Why {
    let gates: Vec<Gate> = admission(stage, freight, now).collect();
    let mut nodes = vec![eligible::explain(stage, freight, now)];
    nodes.extend(approvals::node(stage, freight));
    if gates.contains(&Gate::ControlFlow) {
        nodes.push(Node::fails(Reason::ControlFlow { stage: stage.name().into() }));
    }
    nodes.extend(window::nodes(stage, now));
    let rejections = rejection::rejections(stage, freight);
    let rejections = rejections.map(|rejection| rejection::node(stage, freight, rejection, now));
    nodes.extend(or(rejections, Reason::NotRejected));
    nodes.extend(or(pause::pauses(stage, now).map(pause::node), Reason::NotPaused));
    nodes.extend(of_automation(stage, freight));
    let headline = Headline::Admission {
        stage: stage.name().into(),
        freight: freight.name().clone(),
        called: freight.called().to_owned(),
        origin: freight.origin().clone(),
    };
    let answer = answer(&gates, stage.is_requesting(freight.origin()));
    Why::new(headline, answer, nodes).needing(needs(stage, freight, now))
}

/// These, or that there are none.
fn or(nodes: impl Iterator<Item = Node>, none: Reason) -> Vec<Node> {
    let nodes: Vec<_> = nodes.collect();
    if nodes.is_empty() { vec![Node::holds(none)] } else { nodes }
}

/// What would keep automation from it beside all that.
fn of_automation(stage: StageView<'_>, freight: FreightView<'_>) -> Option<Node> {
    if stage.noun().is_control_flow() || !is_automatic(stage) {
        return None;
    }
    let hold = hold(stage, freight.origin())?;
    Some(
        Node::note(Reason::Held {
            origin: hold.origin,
            freight: hold.freight_name,
            since: hold.created_at,
            by: hold.actor,
            promotion: hold.promotion_name,
        })
        .labelled("automation would also wait:"),
    )
}
