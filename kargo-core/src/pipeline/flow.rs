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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use crate::{
        model::{AvailabilityStrategy, FreightSources, Origin},
        pipeline::sample::{Shop, shops},
    };

    #[test]
    fn k0207_rules_17_what_is_downstream_of_an_approval_is_told() {
        let shop = Shop::new().warehouse("cart").stage("uat", &[("cart", "")]).stage("prod", &[("cart", "uat")]);
        let found = shop.found();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            found[0],
            concat!(
                "warning[K0207] Stage/prod spec.requestedFreight[0].sources: ",
                "no freight can reach Stage prod without an approval | ",
                "Warehouse/cart does not reach uat without an approval | ",
                "help: give the request of Warehouse/cart in uat a source that it can come from"
            )
        );
        assert!(found[1].starts_with("warning[K0206] Stage/uat"));
    }

    #[test]
    fn k0207_all_needs_every_upstream_and_one_of_needs_one() {
        let shop = Shop::new()
            .warehouse("cart")
            .stage("manual", &[("cart", "")])
            .stage("uat", &[("cart", "direct")])
            .stage("any", &[("cart", "manual+uat")])
            .stage("both", &[("cart", "manual+uat all")]);
        let unreachable: Vec<_> = shop.found().into_iter().filter(|line| line.contains("K0207")).collect();
        assert_eq!(unreachable.len(), 1, "{unreachable:?}");
        assert!(unreachable[0].starts_with("warning[K0207] Stage/both "));
        let pipeline = shop.pipeline();
        assert!(pipeline.stage("any").unwrap().is_reachable());
        assert!(!pipeline.stage("manual").unwrap().is_reachable());
    }

    #[test]
    fn k0207_a_junction_with_an_unfillable_required_slot_never_releases() {
        let shop = Shop::new()
            .warehouse("cart")
            .warehouse("web")
            .stage("manual", &[("cart", "")])
            .junction("train", &[("cart", "manual"), ("web", "direct")])
            .stage("prod", &[("Junction/train", "direct")]);
        let found = shop.found();
        assert_eq!(
            found[0],
            concat!(
                "warning[K0207] Junction/train spec.requestedFreight[0].sources: ",
                "Junction train can never release: no freight of Warehouse/cart can reach it | ",
                "Warehouse/cart does not reach manual without an approval | ",
                "help: give the request of Warehouse/cart in manual a source that it can come from"
            )
        );
        assert_eq!(
            found[2],
            concat!(
                "warning[K0207] Stage/prod spec.requestedFreight[0].sources: ",
                "no freight can reach Stage prod without an approval | Junction/train can never release | ",
                "help: let something fill every required slot of Junction/train"
            )
        );
        // Optional, the slot does no harm.
        let shop = Shop::new()
            .warehouse("cart")
            .warehouse("web")
            .stage("manual", &[("cart", "")])
            .junction("train", &[("cart", "manual optional"), ("web", "direct")])
            .stage("prod", &[("Junction/train", "direct")]);
        assert!(shop.pipeline().stage("prod").unwrap().is_reachable());
    }

    /// What can get where without approvals, computed by adding facts until nothing is new.
    fn oracle(shop: &Shop) -> BTreeSet<(String, Origin)> {
        let mut wishes: BTreeMap<String, Vec<(Origin, FreightSources, bool)>> = BTreeMap::new();
        for stage in &shop.stages {
            let own = stage.spec.requested_freight.iter().map(|r| (r.origin.clone(), r.sources.clone(), true));
            wishes.insert(format!("Stage/{}", stage.metadata.name), own.collect());
        }
        for junction in &shop.junctions {
            let own = junction.spec.requested_freight.iter();
            let own = own.filter_map(|s| Some((s.origin.clone()?, s.sources.clone(), s.required)));
            wishes.insert(format!("Junction/{}", junction.metadata.name), own.collect());
        }
        let mut facts: BTreeSet<(String, Origin)> = BTreeSet::new();
        loop {
            let produces = |origin: &Origin| {
                wishes.get(&origin.to_string()).is_none_or(|slots| {
                    let has =
                        |slot: &(Origin, FreightSources, bool)| facts.contains(&(origin.to_string(), slot.0.clone()));
                    slots.iter().any(has) && slots.iter().all(|slot| !slot.2 || has(slot))
                })
            };
            let mut new = facts.clone();
            for (node, own) in &wishes {
                for (origin, sources, _) in own {
                    let mut held =
                        sources.stages.iter().map(|up| facts.contains(&(format!("Stage/{up}"), origin.clone())));
                    let comes = match sources.availability() {
                        AvailabilityStrategy::All => !sources.stages.is_empty() && held.all(|held| held),
                        AvailabilityStrategy::OneOf => held.any(|held| held),
                    };
                    if comes || (sources.direct && produces(origin)) {
                        new.insert((node.clone(), origin.clone()));
                    }
                }
            }
            if new == facts {
                return facts;
            }
            facts = new;
        }
    }

    proptest! {
        #[test]
        fn what_is_satisfiable_is_the_least_set_of_facts(shop in shops()) {
            let pipeline = shop.pipeline();
            let found: BTreeSet<_> = pipeline
                .requests()
                .filter(|request| request.is_satisfiable())
                .filter_map(|request| Some((request.node().to_string(), request.origin().as_origin()?)))
                .collect();
            prop_assert_eq!(found, oracle(&shop));
        }
    }
}
