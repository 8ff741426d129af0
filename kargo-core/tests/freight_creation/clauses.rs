//! Criteria taken apart into clauses mean what the whole means (rules 9; discovery 1.8).

use kargo_core::{
    freight::{
        creation::{Creation, CreationCriteria, Decision, Idle},
        search::by_newness,
    },
    model::{DiscoveredArtifacts, FreightCreationCriteria},
};
use proptest::prelude::*;
use serde_json::json;

use super::{NONE, found, now, policy, warehouse};

/// Conditions of all sorts: equations, others, of one artifact and of many, that fail, that are no truth values.
const CLAUSES: [&str; 18] = [
    "imageFrom('a').Tag == imageFrom('b').Tag",
    "imageFrom('b').Tag == commitFrom('https://x/y').ID",
    "commitFrom('https://x/y').ID + '' == chartFrom('oci://c').Version",
    "commitFrom('https://x/y').ID startsWith imageFrom('a').Tag",
    "imageFrom('a').Tag != imageFrom('b').Tag",
    "imageFrom('a').Tag in ['1', '2', 'x-1']",
    "split(imageFrom('a').Tag, '-')[1] == imageFrom('b').Tag",
    "int(imageFrom('a').Tag) <= int(imageFrom('b').Tag)",
    "imageFrom('a').Annotations.k == imageFrom('b').Annotations.k",
    "all(['a', 'b'], imageFrom(#).Tag != '3')",
    "[imageFrom('a').Tag, imageFrom('b').Tag] == ['2', '1']",
    "(imageFrom('a').Tag == '1' || imageFrom('b').Tag == '1' || chartFrom('oci://c').Version == '1')",
    "artifactFrom('m').Metadata.ok",
    "artifactFrom('m').Metadata.ok == (imageFrom('a').Tag == '1')",
    "chartFrom('oci://c') != nil",
    "imageFrom('nope').Tag == '1'",
    "not (imageFrom('a').Tag == '1' && imageFrom('b').Tag == '1')",
    "now().Year() == 2026",
];

fn discoveries() -> impl Strategy<Value = DiscoveredArtifacts> {
    let tags = || prop::collection::vec(prop::sample::select(vec!["1", "2", "3", "x-1"]), 1..4);
    let facts = prop::sample::select(vec![
        json!(true),
        json!(false),
        json!("T"),
        json!("f"),
        json!(1),
        json!("odd"),
        json!(null),
    ]);
    (tags(), tags(), tags(), tags(), prop::collection::vec(facts, 0..3)).prop_map(|(commits, a, b, c, others)| {
        let image = |repo: &str, tags: &[&str]| {
            let references: Vec<_> = tags.iter().map(|tag| json!({"tag": tag, "annotations": {"k": *tag}})).collect();
            json!({"repoURL": repo, "references": references})
        };
        let other: Vec<_> =
            others.iter().map(|ok| json!({"subscriptionName": "m", "version": "1", "metadata": {"ok": ok}})).collect();
        found(json!({
            "git": [{"repoURL": "https://x/y", "commits": commits.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()}],
            "images": [image("a", &a), image("b", &b)],
            "charts": [{"repoURL": "oci://c", "versions": c}],
            "results": [{"name": "m", "artifactReferences": other}],
        }))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// The search, which asks clause by clause, finds the first combination in the order for which the whole is true.
    #[test]
    fn rules_9_the_search_agrees_with_the_whole_expression(
        discovered in discoveries(),
        clauses in prop::collection::vec(prop::sample::select(&CLAUSES[..]), 1..4),
    ) {
        let expression = clauses.join(" && ");
        let criteria = FreightCreationCriteria { expression: Some(expression.clone()) };
        let compiled = CreationCriteria::compile(Some(&criteria)).unwrap();
        let sizes = [
            discovered.git[0].commits.len(),
            discovered.images[0].references.len(),
            discovered.images[1].references.len(),
            discovered.charts[0].versions.len(),
            discovered.results[0].artifact_references.len().max(1),
        ];
        let mut all: Vec<Vec<usize>> = vec![vec![]];
        for size in sizes {
            all = all.iter().flat_map(|short| (0..size).map(move |rank| [&short[..], &[rank]].concat())).collect();
        }
        all.sort_by(|a, b| by_newness(a, b));
        let met = |ranks: &Vec<usize>| compiled.are_met(&discovered, ranks, now());
        let wanted = all.iter().find(|ranks| met(ranks) == Ok(true));

        let mut shop = warehouse(json!({"subscriptions": []}));
        shop.spec.freight_creation_criteria = Some(criteria);
        let join = policy(json!({"join": {}}));
        let decision = Creation::new(&shop, Some(&join)).decide(Some(&discovered), &NONE, b"", now());
        let is_empty = discovered.results[0].artifact_references.is_empty();
        match (&decision, wanted) {
            (Decision::Create(created), Some(ranks)) => {
                prop_assert_eq!(&created.combination.ranks, ranks, "{}", expression);
                let behind = ranks.iter().filter(|rank| **rank > 0).count();
                prop_assert_eq!(created.combination.clashes.len(), behind);
            }
            (Decision::Idle(Idle::NoReferences { .. }), Some(_)) => prop_assert!(is_empty),
            (Decision::Idle(Idle::Criteria(error)), None) => prop_assert_eq!(met(&all[0]), Err(error.clone())),
            (Decision::Idle(Idle::CriteriaNotMet { .. }), None) => prop_assert_eq!(met(&all[0]), Ok(false)),
            (decision, wanted) => prop_assert!(false, "{}: {} instead of {:?}", expression, decision, wanted),
        }
    }
}
