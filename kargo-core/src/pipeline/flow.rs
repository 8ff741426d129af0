//! Where freight can get by itself, without an approval.

use super::{
    NodeId, NodeKind,
    draft::{Draft, request_path},
    graph::{Request, is_reachable},
    text::{self, Report},
};
use crate::model::{AvailabilityStrategy, Code, Diagnostic};

/// Judges every request, upstream before downstream, and reports the Stages and Junctions that nothing can reach (K0207).
pub(super) fn check(draft: &mut Draft<'_>, order: &[NodeId], report: &mut Report) {
    for &node in order {
        let own = draft.node(node).requests.clone();
        for index in own.clone() {
            let index = index as usize;
            draft.requests[index].satisfiable = is_satisfiable(draft, index);
        }
        let reachable = own.is_empty() || draft.vague[node.index()] || is_reachable(draft.node(node), &draft.requests);
        if !reachable {
            // A node all of whose requests lack sources has been told so already.
            let own = draft.requests.get(own.start as usize..own.end as usize).unwrap_or_default();
            let stuck = own.iter().find(|request| !request.satisfiable && request.required && !is_sourceless(request));
            if let Some(stuck) = stuck {
                report.warning(|_| unreachable(draft, stuck));
            }
        }
    }
}

fn is_sourceless(request: &Request) -> bool {
    !request.direct && request.upstreams.is_empty()
}

/// A request is satisfiable by a direct source whose origin produces freight, or through its upstream Stages: one of them
/// (with strategy `All`, each) can get freight of that origin. What is not known is not held against anybody.
fn is_satisfiable(draft: &Draft<'_>, index: usize) -> bool {
    let request = &draft.requests[index];
    let produces = |origin: NodeId| draft.vague[origin.index()] || is_reachable(draft.node(origin), &draft.requests);
    if draft.loose[index] || (request.direct && produces(request.origin)) {
        return true;
    }
    let can_get = |&upstream: &NodeId| {
        draft.vague[upstream.index()]
            || draft.request_between(upstream, request.origin).is_none_or(|id| draft.requests[id.index()].satisfiable)
    };
    let mut upstreams = draft.upstreams_of(request).iter();
    match request.strategy {
        _ if upstreams.len() == 0 => false,
        AvailabilityStrategy::All => upstreams.all(can_get),
        AvailabilityStrategy::OneOf => upstreams.any(can_get),
    }
}

fn unreachable(draft: &Draft<'_>, stuck: &Request) -> Diagnostic {
    let (spoken, origin) = (draft.spoken(stuck.node), draft.key(stuck.origin));
    let junction = draft.node(stuck.node).kind == NodeKind::Junction;
    let message = if junction {
        format!("{spoken} can never release: no freight of {origin} can reach it")
    } else {
        format!("no freight can reach {spoken} without an approval")
    };
    let closed: Vec<_> = draft
        .upstreams_of(stuck)
        .iter()
        .filter(|&&upstream| {
            let request = draft.request_between(upstream, stuck.origin);
            request.is_some_and(|id| !draft.requests[id.index()].satisfiable)
        })
        .map(|&upstream| &*draft.node(upstream).name)
        .collect();
    let (label, help) = if closed.is_empty() {
        (format!("{origin} can never release"), format!("let something fill every required slot of {origin}"))
    } else {
        let closed = text::list(closed.iter().copied());
        (
            format!("{origin} does not reach {closed} without an approval"),
            format!("give the request of {origin} in {closed} a source that it can come from"),
        )
    };
    let diagnostic = Diagnostic::warning(Code::Unreachable, message).by_rule("rules 17").help(help);
    let path = request_path(stuck.index as usize).key("sources");
    draft.subject(stuck.node, stuck.list).mark(diagnostic, path, label)
}
