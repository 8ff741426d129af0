//! Freight that a Warehouse makes by itself (discovery 1.5, 1.6, 1.7, 1.9).

use kargo_core::{
    freight::{
        alias,
        creation::{Creation, Decision, Idle, Stock},
        freight_id,
    },
    model::{DiscoveredArtifacts, Freight, FreightName, Warehouse},
};
use serde_json::{Value, json};

use super::{NONE, found, now, policy, warehouse};

fn automatic(criteria: Option<&str>) -> Warehouse {
    let mut spec = json!({"subscriptions": []});
    if let Some(criteria) = criteria {
        spec["freightCreationCriteria"] = json!({"expression": criteria});
    }
    warehouse(spec)
}

fn one_of_each() -> Value {
    json!({
        "git": [{"repoURL": "https://GitHub.com/acme/env.git", "subscriptionName": "env", "commits": [
            {"id": "c1", "branch": "main", "tag": "v1", "subject": "fix", "author": "Eve", "committer": "Bot",
             "creatorDate": "2026-05-01T10:00:00Z"},
            {"id": "c0"},
        ]}],
        "images": [{"repoURL": "docker.io/library/busybox", "platform": "linux/amd64", "references": [
            {"tag": "1.36", "digest": "sha256:ab", "annotations": {"k": "v"}, "createdAt": "2026-05-02T00:00:00Z"},
            {"tag": "1.35", "digest": "sha256:cd"},
        ]}],
        "charts": [{"repoURL": "https://charts.example.com", "name": "web", "semverConstraint": "^2", "versions": ["2.0.0"],
            "subscriptionName": "chart"}],
        "results": [{"name": "model", "artifactReferences": [
            {"artifactType": "gguf", "subscriptionName": "model", "version": "7", "metadata": {"size": 1}}]}],
    })
}

fn decide(warehouse: &Warehouse, discovered: &DiscoveredArtifacts, stock: &dyn Stock) -> Decision {
    Creation::new(warehouse, None).decide(Some(discovered), stock, b"seed", now())
}

fn created(decision: Decision) -> Freight {
    let Decision::Create(created) = decision else { panic!("{decision}") };
    created.freight
}

#[test]
fn discovery_1_9_fields_of_freight() {
    let freight = created(decide(&automatic(None), &found(one_of_each()), &NONE));
    let id = freight_id(&freight.origin, &freight);
    let expected_alias = alias(&[b"seed", id.as_bytes()].concat(), 0);
    let written = serde_json::to_value(&freight).unwrap();
    assert_eq!(
        written,
        json!({
            "metadata": {"name": id.as_str(), "namespace": "acme", "labels": {"kargo.akuity.io/alias": expected_alias}},
            "alias": expected_alias,
            "discoveredAt": "2026-11-24T14:02:00Z",
            "origin": {"kind": "Warehouse", "name": "shop"},
            "commits": [{"repoURL": "https://GitHub.com/acme/env.git", "id": "c1", "branch": "main", "tag": "v1",
                "message": "fix", "author": "Eve", "committer": "Bot", "subscriptionName": "env"}],
            "images": [{"repoURL": "docker.io/library/busybox", "tag": "1.36", "digest": "sha256:ab", "annotations": {"k": "v"}}],
            "charts": [{"repoURL": "https://charts.example.com", "name": "web", "version": "2.0.0", "subscriptionName": "chart"}],
            "artifacts": [{"artifactType": "gguf", "subscriptionName": "model", "version": "7", "metadata": {"size": 1}}],
            "status": {},
        })
    );
}

/// The ids of discovery 1.9, from what was discovered.
#[test]
fn discovery_1_9_ids() {
    let nginx =
        json!({"repoURL": "public.ecr.aws/nginx/nginx", "references": [{"tag": "1.27.0", "digest": "sha256:abc"}]});
    let mut my = automatic(None);
    my.metadata.name = "my-warehouse".into();
    let mut w = automatic(None);
    w.metadata.name = "w".into();
    for (warehouse, discovered, id) in [
        (&my, json!({"images": [nginx]}), "9cb63e7cb3ac2465cb4958883fda69a3de9aa09b"),
        (
            &my,
            json!({"images": [nginx], "git": [{"repoURL": "https://github.com/example/repo.git", "commits": [{"id": "deadbeef"}]}]}),
            "b7abb4dea6016f967b85e5e974460517ff8ab5d8",
        ),
        (
            &w,
            json!({
                "charts": [{"repoURL": "https://charts.example.com", "name": "my-chart", "versions": ["1.2.3"]}],
                "git": [{"repoURL": "https://github.com/example/repo", "subscriptionName": "code",
                    "commits": [{"id": "deadbeef", "tag": "v1.0.0"}]}],
            }),
            "5cd8083d7922310f55f57a66a99d73dd7b3bf64c",
        ),
    ] {
        assert_eq!(created(decide(warehouse, &found(discovered), &NONE)).metadata.name, id);
    }
}

/// Law 2; discovery 1.9: only whether the freight exists decides what is new, also after something newer (trap T2) and after the
/// freight was deleted (T31).
#[test]
fn law_2_an_unchanged_discovery_makes_nothing_new() {
    let warehouse = automatic(None);
    let first = found(json!({"images": [{"repoURL": "a", "references": [{"tag": "1"}]}]}));
    let second = found(json!({"images": [{"repoURL": "a", "references": [{"tag": "2"}, {"tag": "1"}]}]}));
    let mut stock = vec![created(decide(&warehouse, &first, &NONE))];
    let later = now() + chrono::TimeDelta::days(1);
    let again = Creation::new(&warehouse, None).decide(Some(&first), &stock, b"other bits", later);
    let Decision::Idle(Idle::Exists { id, .. }) = &again else { panic!("{again}") };
    assert_eq!(**id, *stock[0].metadata.name);
    stock.push(created(decide(&warehouse, &second, &stock)));
    assert!(matches!(decide(&warehouse, &first, &stock), Decision::Idle(Idle::Exists { .. })), "rolled back upstream");
    let deleted = stock.remove(0);
    assert_eq!(created(decide(&warehouse, &first, &stock)).metadata.name, deleted.metadata.name);
}

#[test]
fn resources_16_2_the_alias_is_nobody_elses_and_follows_from_bits_and_id() {
    struct Taken(u32);
    impl Stock for Taken {
        fn has(&self, _: &FreightName) -> bool {
            false
        }
        fn has_alias(&self, alias: &str) -> bool {
            let id = "9cb63e7cb3ac2465cb4958883fda69a3de9aa09b";
            (0..self.0).any(|attempt| kargo_core::freight::alias(format!("seed{id}").as_bytes(), attempt) == alias)
        }
    }
    let nginx = found(json!({"images": [
        {"repoURL": "public.ecr.aws/nginx/nginx", "references": [{"tag": "1.27.0", "digest": "sha256:abc"}]}]}));
    let mut my = automatic(None);
    my.metadata.name = "my-warehouse".into();
    let names: Vec<_> = (0..3).map(|taken| created(decide(&my, &nginx, &Taken(taken))).alias.unwrap()).collect();
    let wanted: Vec<_> =
        (0..3).map(|attempt| alias(b"seed9cb63e7cb3ac2465cb4958883fda69a3de9aa09b", attempt)).collect();
    assert_eq!(names, wanted);
}

/// Discovery 1.6 and 1.7: each outcome with Kargo's words, in the order in which they are looked for.
#[test]
fn discovery_1_7_every_outcome_and_its_conditions() {
    let image = |references: Value| json!([{"repoURL": "ghcr.io/acme/cart", "references": references}]);
    let some = image(json!([{"tag": "1"}]));
    let manual =
        warehouse(json!({"freightCreationPolicy": "Manual", "freightCreationCriteria": {"expression": "1 +"}}));
    let plain = automatic(None);
    let cases = [
        (
            &plain,
            json!({}),
            "no freight: nothing was discovered yet",
            ["-MissingArtifacts", "-MissingArtifacts", "", ""],
        ),
        (
            &manual,
            json!({"git": [{"repoURL": "https://x/y", "commits": []}], "images": image(json!([]))}),
            "no freight: no commit of https://x/y was found",
            ["-MissingCommits", "-NoCommitsDiscovered", "", ""],
        ),
        (
            &plain,
            json!({"images": image(json!([])), "charts": [{"repoURL": "oci://x", "versions": []}]}),
            "no freight: no image of ghcr.io/acme/cart was found",
            ["-MissingImageReferences", "-NoImageReferencesDiscovered", "", ""],
        ),
        (
            &plain,
            json!({"charts": [{"repoURL": "https://x", "name": "web", "versions": []}], "results": [{"name": "m", "artifactReferences": []}]}),
            "no freight: no version of chart web of https://x was found",
            ["-MissingChartVersions", "-NoChartVersionsDiscovered", "", ""],
        ),
        (
            &manual,
            json!({"images": some}),
            "no freight: freightCreationPolicy is Manual",
            ["+ArtifactsDiscovered", "+ReconciliationSucceeded", "", ""],
        ),
        (
            &automatic(Some("imageFrom('nope').Tag == '1'")),
            json!({"images": some}),
            "no freight: freightCreationCriteria failed: cannot fetch Tag from <nil> (1:19)\n | imageFrom('nope').Tag == '1'\n | ..................^",
            ["-CriteriaEvaluationFailed", "-CriteriaEvaluationFailed", "", ""],
        ),
        (
            &automatic(Some("1 +")),
            json!({"images": some}),
            "no freight: freightCreationCriteria cannot be read: unexpected token EOF (1:3)\n | 1 +\n | ..^",
            ["-CriteriaEvaluationFailed", "-CriteriaEvaluationFailed", "", ""],
        ),
        (
            &automatic(Some("imageFrom('ghcr.io/acme/cart').Tag == '2' && 1 == 1")),
            json!({"images": some}),
            "no freight: freightCreationCriteria are not met by the newest of each\n  image ghcr.io/acme/cart:1 never meets imageFrom(\"ghcr.io/acme/cart\").Tag == \"2\"",
            ["+ArtifactsDiscovered", "+ReconciliationSucceeded", "-CriteriaNotSatisfied", ""],
        ),
        (
            // Nothing of the kinds that criteria are about: they are not even read.
            &automatic(Some("1 +")),
            json!({"results": [{"name": "m", "artifactReferences": []}]}),
            "no freight: subscription m found nothing",
            ["-FreightBuildFailure", "-FreightBuildFailure", "+CriteriaSatisfied", ""],
        ),
    ];
    for (warehouse, discovered, text, conditions) in cases {
        let decision = decide(warehouse, &found(discovered), &NONE);
        assert_eq!((decision.to_string(), words(&decision)), (text.to_owned(), conditions.map(str::to_owned)));
    }
    let none = Creation::new(&plain, None).decide(None, &NONE, b"", now());
    assert_eq!(none, Decision::Idle(Idle::MissingArtifacts));

    let discovered = found(json!({"images": some}));
    let new = decide(&plain, &discovered, &NONE);
    let well = ["+ArtifactsDiscovered", "+ReconciliationSucceeded", "+CriteriaSatisfied"];
    assert_eq!(words(&new), [well[0], well[1], well[2], "+NewFreight"]);
    let text = new.to_string();
    let freight = created(new);
    assert_eq!(text, format!("new freight {} ({})", freight.metadata.name, freight.alias.clone().unwrap()));
    let old = decide(&plain, &discovered, &[freight]);
    assert_eq!(words(&old), [well[0], well[1], well[2], "-AlreadyExists"]);
}

/// Ready, Healthy, FreightCreationCriteriaSatisfied, FreightCreated.
fn words(decision: &Decision) -> [String; 4] {
    let conditions = decision.conditions();
    [Some(conditions.ready), Some(conditions.healthy), conditions.criteria_satisfied, conditions.freight_created].map(
        |condition| {
            let show = |condition: kargo_core::freight::creation::ConditionReason| {
                format!("{}{}", if condition.is_true { '+' } else { '-' }, condition.reason)
            };
            condition.map(show).unwrap_or_default()
        },
    )
}

#[test]
fn rules_11_freight_says_what_it_is_meant_for() {
    let discovered = found(json!({"images": [{"repoURL": "a", "references": [{"tag": "1"}]}]}));
    for (intent, written) in [("Auto", None), ("Manual", Some("Manual")), ("Hotfix", Some("Hotfix"))] {
        let policy = policy(json!({"intent": {"discovered": intent}}));
        let decision = Creation::new(&automatic(None), Some(&policy)).decide(Some(&discovered), &NONE, b"", now());
        let freight = created(decision);
        assert_eq!(freight.metadata.annotations.get("kargo-core.rs/intent").map(String::as_str), written);
    }
}

const PAIR: &str = "imageFrom('a').Tag == imageFrom('b').Tag";

fn pairs(a: &[&str], b: &[&str]) -> DiscoveredArtifacts {
    let references = |tags: &[&str]| tags.iter().map(|tag| json!({"tag": tag})).collect::<Vec<_>>();
    found(
        json!({"images": [{"repoURL": "a", "references": references(a)}, {"repoURL": "b", "references": references(b)}]}),
    )
}

/// Rules 9, 11: without a join search only the newest of each will do; with it the newest that fit, and the reason.
#[test]
fn rules_9_the_newest_that_fit() {
    let warehouse = automatic(Some(PAIR));
    let discovered = pairs(&["3", "2", "1"], &["2", "1"]);
    let idle = decide(&warehouse, &discovered, &NONE);
    assert_eq!(
        idle.to_string(),
        "no freight: freightCreationCriteria are not met by the newest of each\n  image a:3: no image of b with tag 3 among 2 candidates"
    );
    let join = policy(json!({"join": {}}));
    let decision = Creation::new(&warehouse, Some(&join)).decide(Some(&discovered), &NONE, b"", now());
    let Decision::Create(made) = &decision else { panic!("{decision}") };
    assert_eq!(made.combination.ranks, [1, 0]);
    assert!(!made.combination.cut_off && made.combination.evaluations > 0);
    let text = decision.to_string();
    assert_eq!(text.lines().nth(1), Some("  image a:3: no image of b with tag 3 among 2 candidates"));
    // Criteria that the newest meet are not searched, and without criteria there is nothing to search.
    for (warehouse, discovered) in [(&warehouse, pairs(&["2", "1"], &["2"])), (&automatic(None), pairs(&["2"], &["1"]))]
    {
        let decision = Creation::new(warehouse, Some(&join)).decide(Some(&discovered), &NONE, b"", now());
        let Decision::Create(made) = decision else { panic!("{decision}") };
        assert_eq!((made.combination.ranks, made.combination.evaluations), (vec![0, 0], 0));
    }
}

#[test]
fn rules_9_nothing_fits_or_the_search_is_cut_off() {
    let warehouse = automatic(Some(PAIR));
    let decide = |budget: u64, discovered: &DiscoveredArtifacts| {
        let join = policy(json!({"join": {"budget": budget}}));
        Creation::new(&warehouse, Some(&join)).decide(Some(discovered), &NONE, b"", now())
    };
    let nothing = decide(100, &pairs(&["3"], &["2", "1"]));
    assert_eq!(
        nothing.to_string(),
        "no freight: no combination meets freightCreationCriteria\n  image a:3: no image of b with tag 3 among 2 candidates"
    );
    let tags: Vec<String> = (0..50).map(|tag| tag.to_string()).collect();
    let newer: Vec<&str> = tags.iter().map(String::as_str).collect();
    let cut = decide(10, &pairs(&newer, &["49"]));
    assert!(matches!(cut, Decision::Idle(Idle::CriteriaNotMet { searched: true, cut_off: true, .. })), "{cut}");
    assert!(matches!(decide(1_000, &pairs(&newer, &["49"])), Decision::Create(_)));
}

/// Discovery 1.8 and rules 9: an odd candidate neither hides what fits, nor is it taken; where nothing fits and the newest fail,
/// the Warehouse is ill as in the reference.
#[test]
fn rules_9_candidates_that_criteria_fail_on_are_passed_over() {
    let warehouse = automatic(Some("split(imageFrom('a').Tag, '-')[1] == imageFrom('b').Tag"));
    let join = policy(json!({"join": {}}));
    let creation = Creation::new(&warehouse, Some(&join));
    let decision = creation.decide(Some(&pairs(&["odd", "v-1"], &["1"])), &NONE, b"", now());
    let Decision::Create(made) = &decision else { panic!("{decision}") };
    assert_eq!(made.combination.ranks, [1, 0]);
    let ill = creation.decide(Some(&pairs(&["odd", "v-2"], &["1"])), &NONE, b"", now());
    assert!(matches!(&ill, Decision::Idle(Idle::Criteria(_))), "{ill}");
    assert!(ill.to_string().contains("index out of range"), "{ill}");
    let other = creation.decide(Some(&pairs(&["v-2", "odd"], &["1"])), &NONE, b"", now());
    assert!(matches!(&other, Decision::Idle(Idle::CriteriaNotMet { .. })), "{other}");
}

/// Requirements D6, users-ask 1119: what is waited for is named, whichever way the clause puts it.
#[test]
fn requirements_d6_the_missing_artifact_is_named() {
    let discovered = found(json!({
        "git": [{"repoURL": "https://github.com/acme/shop", "commits": [{"id": "abc123"}, {"id": "older1"}]}],
        "images": [{"repoURL": "ghcr.io/acme/cart", "references": [{"tag": "older1"}, {"tag": "oldest"}]}],
        "charts": [{"repoURL": "oci://ghcr.io/acme/charts/web", "versions": ["0.1.0-older1"]}],
    }));
    let join = policy(json!({"join": {}}));
    let commit = "commitFrom('https://github.com/acme/shop')";
    let image = "imageFrom('ghcr.io/acme/cart')";
    let chart = "chartFrom('oci://ghcr.io/acme/charts/web')";
    let skipped = "  commit abc123 of https://github.com/acme/shop";
    for (criteria, reason) in [
        (
            format!("{commit}.ID == {image}.Tag"),
            format!("{skipped}: no image of ghcr.io/acme/cart with tag abc123 among 2 candidates"),
        ),
        (
            format!("{image}.Tag == {commit}.ID"),
            format!("{skipped}: no image of ghcr.io/acme/cart with tag abc123 among 2 candidates"),
        ),
        (
            format!("'0.1.0-' + {commit}.ID == {chart}.Version"),
            format!(
                "{skipped}: no version of chart oci://ghcr.io/acme/charts/web with version 0.1.0-abc123 among 1 candidate"
            ),
        ),
        (
            format!("{commit}.ID startsWith {image}.Tag"),
            format!(
                "{skipped}: no image of ghcr.io/acme/cart among 2 candidates meets commitFrom(\"https://github.com/acme/shop\").ID startsWith imageFrom(\"ghcr.io/acme/cart\").Tag"
            ),
        ),
        (
            format!("{commit}.ID != 'abc123'"),
            format!("{skipped} never meets commitFrom(\"https://github.com/acme/shop\").ID != \"abc123\""),
        ),
    ] {
        let warehouse = automatic(Some(&criteria));
        let decision = Creation::new(&warehouse, Some(&join)).decide(Some(&discovered), &NONE, b"", now());
        let Decision::Create(made) = &decision else { panic!("{criteria}: {decision}") };
        assert_eq!(made.combination.ranks, [1, 0, 0], "{criteria}");
        assert_eq!(decision.to_string().lines().nth(1), Some(&*reason), "{criteria}");
    }
}

/// User-code 9: what is newer and clashes with what was taken is named with it.
#[test]
fn rules_9_the_clashing_choice_is_named() {
    let warehouse = automatic(Some("split(imageFrom('api').Tag, '.')[0] == split(imageFrom('web').Tag, '.')[0]"));
    let references = |tags: &[&str]| tags.iter().map(|tag| json!({"tag": tag})).collect::<Vec<_>>();
    let discovered = found(json!({"images": [
        {"repoURL": "api", "references": references(&["1.9.2", "1.9.1", "1.9.0", "2.0.0"])},
        {"repoURL": "web", "references": references(&["2.0.0", "1.9.0"])},
    ]}));
    let join = policy(json!({"join": {}}));
    let decision = Creation::new(&warehouse, Some(&join)).decide(Some(&discovered), &NONE, b"", now());
    assert_eq!(
        decision.to_string().lines().nth(1),
        Some(
            "  image web:2.0.0 does not go with image api:1.9.2: split(imageFrom(\"api\").Tag, \".\")[0] == split(imageFrom(\"web\").Tag, \".\")[0]"
        )
    );
}
