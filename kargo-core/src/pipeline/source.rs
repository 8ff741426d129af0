//! Checks of each request alone: whether its upstream Stages can hold what it asks for, and whether it has sources at all.

use super::{
    NodeId, NodeKind,
    draft::{Draft, request_path},
    graph::Request,
    text::{self, Report},
};
use crate::model::{Code, Diagnostic, Fill};

/// Reports K0204, K0206 and K0211.
pub(super) fn check(draft: &Draft<'_>, report: &mut Report) {
    for (request, &loose) in draft.requests.iter().zip(&draft.loose) {
        let upstreams = draft.upstreams_of(request);
        for &upstream in upstreams {
            let holds = draft.vague[upstream.index()] || draft.request_between(upstream, request.origin).is_some();
            if !holds {
                report.error(|_| never_holds(draft, request, upstream));
            }
        }
        if upstreams.is_empty() && !request.direct && !loose {
            report.warning(|_| approval_only(draft, request));
        }
        if request.selection == Fill::MatchUpstream && !loose {
            check_match(draft, report, request);
        }
    }
}

fn never_holds(draft: &Draft<'_>, request: &Request, upstream: NodeId) -> Diagnostic {
    let (spoken, origin) = (draft.spoken(request.node), draft.key(request.origin));
    let name = &*draft.node(upstream).name;
    let message = format!("{spoken} takes freight of {origin} from Stage {name:?}, which does not request it");
    let help = format!("let Stage {name} request {origin}, or take it from a Stage that does");
    let diagnostic = Diagnostic::error(Code::NeverHolds, message).by_rule("resources 19.2").help(help);
    let label = format!("never holds freight of {origin}");
    let mut diagnostic =
        draft.subject(request.node, request.list).mark(diagnostic, draft.upstream_path(request, upstream), label);
    for carrier in carriers(draft, upstream, request.origin) {
        diagnostic = diagnostic.note(format!(
            "Stage {name} requests {}, whose bundles carry {origin}; but a bundle is freight of the Junction alone",
            draft.key(carrier)
        ));
    }
    diagnostic
}

/// The Junctions that a Stage requests and that bundle an origin directly.
fn carriers(draft: &Draft<'_>, stage: NodeId, origin: NodeId) -> Vec<NodeId> {
    let own = draft.node(stage).requests.clone();
    let own = draft.requests.get(own.start as usize..own.end as usize).unwrap_or_default();
    let bundles = |junction: NodeId| {
        draft.node(junction).kind == NodeKind::Junction && draft.request_between(junction, origin).is_some()
    };
    own.iter().map(|request| request.origin).filter(|&requested| bundles(requested)).collect()
}

fn approval_only(draft: &Draft<'_>, request: &Request) -> Diagnostic {
    let (spoken, origin) = (draft.spoken(request.node), draft.key(request.origin));
    let slot = draft.node(request.node).kind == NodeKind::Junction;
    let message = if slot {
        format!("the slot of {spoken} for freight of {origin} has no source, so nothing can fill it")
    } else {
        format!("{spoken} requests freight of {origin} without a source, so it comes by approval only")
    };
    let diagnostic = Diagnostic::warning(Code::ApprovalOnly, message)
        .by_rule("rules 7")
        .help("write `direct: true` to take it straight from its origin, or the upstream Stages as `stages`");
    let path = request_path(request.index as usize).key("sources");
    draft.subject(request.node, request.list).mark(diagnostic, path, "neither direct nor from a Stage")
}

/// `MatchUpstream` looks at what one upstream Stage holds, and a control-flow Stage holds nothing. A slot then stays empty for
/// ever (rules 8); a Stage is only never promoted to automatically (control 1.6).
fn check_match(draft: &Draft<'_>, report: &mut Report, request: &Request) {
    let upstreams = draft.upstreams_of(request);
    let slot = draft.node(request.node).kind == NodeKind::Junction;
    let list = request_path(request.index as usize).key("sources");
    let (problem, path, label) = match upstreams {
        [upstream] if !request.direct => {
            if !draft.node(*upstream).control_flow {
                return;
            }
            let name = &*draft.node(*upstream).name;
            let problem = format!("Stage {name:?}, a control-flow Stage, which holds nothing");
            (problem, draft.upstream_path(request, *upstream), "has no steps".to_owned())
        }
        // That a Stage's request has exactly one upstream is checked where documents are (resources 17.6).
        _ if !slot => return,
        [_] => ("one Stage and is direct too".to_owned(), list.key("direct"), "a second source".to_owned()),
        [] => ("no Stage".to_owned(), list, "no Stage to match".to_owned()),
        several => {
            let names = text::list(several.iter().map(|&id| &*draft.node(id).name));
            (format!("{} Stages: {names}", several.len()), list.key("stages"), "more than one".to_owned())
        }
    };
    let spoken = draft.spoken(request.node);
    let make = || {
        let message = format!("{spoken} matches what its upstream holds, but its upstream is {problem}");
        let diagnostic = Diagnostic::error(Code::UpstreamKind, message)
            .by_rule("rules 8")
            .help("with MatchUpstream, name exactly one upstream Stage that has steps, and no other source");
        draft.subject(request.node, request.list).mark(diagnostic, path, label)
    };
    if slot { report.error(|_| make()) } else { report.warning(|_| make()) }
}

#[cfg(test)]
mod tests {
    use crate::pipeline::sample::Shop;

    fn shop() -> Shop {
        Shop::new().warehouse("cart").warehouse("web").stage("uat", &[("cart", "direct")])
    }

    #[test]
    fn k0204_an_upstream_that_never_holds_the_origin() {
        let found = shop().stage("prod", &[("web", "uat")]).found();
        assert_eq!(
            found[0],
            concat!(
                "error[K0204] Stage/prod spec.requestedFreight[0].sources.stages[0]: ",
                "Stage prod takes freight of Warehouse/web from Stage \"uat\", which does not request it | ",
                "never holds freight of Warehouse/web | ",
                "help: let Stage uat request Warehouse/web, or take it from a Stage that does"
            )
        );
        assert_eq!(found.len(), 1, "{found:?}");
        let found = shop().junction("train", &[("web", "uat")]).found();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("error[K0204] Junction/train spec.requestedFreight[0].sources.stages[0]: "));
    }

    #[test]
    fn k0204_a_bundle_is_not_freight_of_its_members() {
        let shop = shop().junction("train", &[("cart", "uat"), ("web", "direct")]);
        let found = shop.stage("sit", &[("Junction/train", "direct")]).stage("prod", &[("cart", "uat+sit")]).found();
        assert_eq!(
            found,
            [concat!(
                "error[K0204] Stage/prod spec.requestedFreight[0].sources.stages[1]: ",
                "Stage prod takes freight of Warehouse/cart from Stage \"sit\", which does not request it | ",
                "never holds freight of Warehouse/cart | ",
                "help: let Stage sit request Warehouse/cart, or take it from a Stage that does | ",
                "note: Stage sit requests Junction/train, whose bundles carry Warehouse/cart; ",
                "but a bundle is freight of the Junction alone"
            )]
        );
    }

    #[test]
    fn k0206_rules_7_trap_9_a_request_without_sources_is_by_approval_only() {
        let found = shop().stage("prod", &[("cart", "uat"), ("web", "")]).found();
        assert_eq!(
            found,
            [concat!(
                "warning[K0206] Stage/prod spec.requestedFreight[1].sources: ",
                "Stage prod requests freight of Warehouse/web without a source, so it comes by approval only | ",
                "neither direct nor from a Stage | ",
                "help: write `direct: true` to take it straight from its origin, or the upstream Stages as `stages`"
            )]
        );
        // Also with strategy All, which Kargo takes for satisfied.
        assert_eq!(shop().stage("prod", &[("cart", "uat"), ("web", "all")]).found().len(), 1);
        let found = shop().junction("train", &[("cart", "uat"), ("web", "optional")]).found();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(concat!(
            "warning[K0206] Junction/train spec.requestedFreight[1].sources: ",
            "the slot of Junction train for freight of Warehouse/web has no source, so nothing can fill it"
        )));
    }

    #[test]
    fn k0211_rules_8_a_matching_slot_has_one_regular_upstream() {
        let shop = shop().stage("perf", &[("cart", "direct")]).passage("gate", &[("cart", "uat")]);
        let rest = " | help: with MatchUpstream, name exactly one upstream Stage that has steps, and no other source";
        let start = "Junction train matches what its upstream holds, but its upstream is";
        for (sources, path, problem, label) in [
            ("gate match", ".stages[0]", "Stage \"gate\", a control-flow Stage, which holds nothing", "has no steps"),
            ("perf+uat match", ".stages", "2 Stages: perf, uat", "more than one"),
            ("uat direct match", ".direct", "one Stage and is direct too", "a second source"),
            ("direct match", "", "no Stage", "no Stage to match"),
        ] {
            let found = shop.clone().junction("train", &[("cart", sources)]).found();
            let place = format!("error[K0211] Junction/train spec.requestedFreight[0].sources{path}");
            assert_eq!(found, [format!("{place}: {start} {problem} | {label}{rest}")], "{sources}");
        }
        assert_eq!(shop.junction("train", &[("cart", "uat match")]).found(), [""; 0]);
    }

    #[test]
    fn k0211_control_1_6_a_stage_that_matches_a_control_flow_stage_is_warned() {
        let shop = shop().passage("gate", &[("cart", "uat")]);
        let found = shop.clone().stage("prod", &[("cart", "gate match")]).found();
        assert_eq!(
            found,
            [concat!(
                "warning[K0211] Stage/prod spec.requestedFreight[0].sources.stages[0]: ",
                "Stage prod matches what its upstream holds, but its upstream is Stage \"gate\", a control-flow Stage, ",
                "which holds nothing | has no steps | ",
                "help: with MatchUpstream, name exactly one upstream Stage that has steps, and no other source"
            )]
        );
        assert_eq!(shop.stage("prod", &[("cart", "uat match")]).found(), [""; 0]);
    }
}
