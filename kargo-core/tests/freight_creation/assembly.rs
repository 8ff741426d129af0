//! Freight put together by hand (discovery 1.10).

use kargo_core::{
    freight::creation::{ArtifactProblem, Assembly, AssemblyError, Creation, Decision, check},
    model::{Chart, DiscoveredArtifacts, Freight, FreightIntent, GitCommit, Image, Origin, Warehouse},
};
use serde_json::json;

use super::{NONE, found, now, policy, warehouse};

fn shop() -> Warehouse {
    warehouse(json!({"subscriptions": [
        {"name": "env", "git": {"repoURL": "https://github.com/acme/env.git"}},
        {"image": {"repoURL": "ghcr.io/acme/cart"}},
        {"chart": {"repoURL": "https://charts.example.com", "name": "web"}},
        {"name": "model", "model": {}},
    ]}))
}

fn discovered() -> DiscoveredArtifacts {
    found(json!({
        "git": [{"repoURL": "https://github.com/acme/env.git", "subscriptionName": "env", "commits": [
            {"id": "c1", "branch": "main", "subject": "fix", "author": "Eve", "committer": "Bot"}, {"id": "c0"}]}],
        "images": [{"repoURL": "ghcr.io/acme/cart", "references": [
            {"tag": "1.0.2", "digest": "sha256:2", "annotations": {"k": "v"}}, {"tag": "1.0.1", "digest": "sha256:1"}]}],
        "charts": [{"repoURL": "https://charts.example.com", "name": "web", "versions": ["2.0.0", "1.0.0"]}],
        "results": [{"name": "model", "artifactReferences": [
            {"subscriptionName": "model", "version": "7"}, {"subscriptionName": "model", "version": "6"}]}],
    }))
}

fn image(repo: &str, tag: &str) -> Image {
    Image { repo_url: repo.into(), tag: tag.into(), ..Image::default() }
}

fn commit(repo: &str, id: &str) -> GitCommit {
    GitCommit { repo_url: repo.into(), id: id.into(), ..GitCommit::default() }
}

fn chart(repo: &str, name: &str, version: &str) -> Chart {
    Chart { repo_url: repo.into(), name: Some(name.into()), version: version.into(), ..Chart::default() }
}

fn problems(result: Result<impl std::fmt::Debug, AssemblyError>) -> Vec<String> {
    result.unwrap_err().problems().iter().map(ToString::to_string).collect()
}

/// Discovery 1.10: the newest are preselected. Discovery 10, T4: names of subscriptions are kept, so it is the automatic freight.
#[test]
fn discovery_1_10_preselected_is_what_the_warehouse_would_take() {
    let (shop, discovered) = (shop(), discovered());
    let made = Assembly::new(&shop, Some(&discovered)).finish(&NONE, b"seed", now()).unwrap();
    assert_eq!(made.unseen, []);
    let Decision::Create(automatic) = Creation::new(&shop, None).decide(Some(&discovered), &NONE, b"seed", now())
    else {
        panic!("freight");
    };
    assert_eq!(made.freight, automatic.freight);
    let twice =
        problems(Assembly::new(&shop, Some(&discovered)).finish(std::slice::from_ref(&made.freight), b"", now()));
    assert_eq!(twice, [format!("freight {} is made of the same artifacts", made.freight.metadata.name)]);
}

/// Requirements A2: what was pushed between two looks can be chosen, without asking anybody.
#[test]
fn requirements_a2_any_candidate_of_the_window_can_be_chosen() {
    let (shop, discovered) = (shop(), discovered());
    let chosen = Assembly::new(&shop, Some(&discovered)).rank(0, 1).rank(1, 1).rank(2, 1).rank(3, 1);
    let made = chosen.alias("my-pick").finish(&NONE, b"", now()).unwrap();
    let Freight { commits, images, charts, artifacts, alias, metadata, .. } = &made.freight;
    assert_eq!((&*commits[0].id, commits[0].subscription_name.as_deref()), ("c0", Some("env")));
    assert_eq!((&*images[0].tag, &*images[0].digest), ("1.0.1", "sha256:1"));
    assert_eq!((&*charts[0].version, &*artifacts[0].version), ("1.0.0", "6"));
    assert_eq!((alias.as_deref(), &*metadata.labels["kargo.akuity.io/alias"]), (Some("my-pick"), "my-pick"));
    assert_eq!(made.unseen, []);
}

/// Discovery 1.10: the server does not ask whether a revision was ever discovered.
#[test]
fn discovery_1_10_what_was_not_discovered_is_taken_with_a_warning() {
    let (shop, discovered) = (shop(), discovered());
    let taken = Assembly::new(&shop, Some(&discovered))
        .take(image("ghcr.io/acme/cart", "0.9.0"))
        .take(commit("https://GitHub.com/Acme/env", "c0"))
        .take(chart("https://charts.example.com", "web", "2.0.0"));
    let made = taken.finish(&NONE, b"", now()).unwrap();
    let unseen: Vec<String> = made.unseen.iter().map(ToString::to_string).collect();
    assert_eq!(unseen, ["image ghcr.io/acme/cart:0.9.0 is not among the 2 discovered"]);
    assert_eq!(made.freight.commits[0].subscription_name.as_deref(), Some("env"));
    // Without any discovery everything is unseen, and must be given.
    let given = Assembly::new(&shop, None)
        .take(image("ghcr.io/acme/cart", "1"))
        .take(commit("https://github.com/acme/env", "c"))
        .take(chart("https://charts.example.com", "web", "1"));
    assert_eq!(given.finish(&NONE, b"", now()).unwrap().unseen.len(), 3);
}

/// Discovery 1.10, cloning: the entries of other freight; the digest tells a moved tag.
#[test]
fn discovery_1_10_cloning_takes_what_the_template_has() {
    let (shop, discovered) = (shop(), discovered());
    let template = Freight {
        images: vec![image("ghcr.io/acme/cart", "1.0.1"), image("ghcr.io/acme/gone", "1")],
        charts: vec![chart("https://charts.example.com", "web", "1.0.0")],
        ..Freight::default()
    };
    let made = Assembly::new(&shop, Some(&discovered)).like(&template).finish(&NONE, b"", now()).unwrap();
    assert_eq!((&*made.freight.images[0].tag, &*made.freight.charts[0].version), ("1.0.1", "1.0.0"));
    assert_eq!((made.freight.images.len(), &*made.freight.commits[0].id), (1, "c1"));
    assert_eq!(made.unseen.len(), 1, "1.0.1 has another digest");
}

/// Discovery 1.10, checks 1 to 5, each by itself.
#[test]
fn discovery_1_10_every_refusal() {
    let shop = shop();
    let whole = || Freight {
        origin: Origin::warehouse("shop"),
        commits: vec![commit("https://github.com/Acme/env", "c")],
        images: vec![image("ghcr.io/acme/cart", "1")],
        charts: vec![chart("https://charts.example.com", "web", "1")],
        ..Freight::default()
    };
    let check = |freight: &Freight| -> Vec<String> {
        let there = [Freight { alias: Some("taken".into()), ..Freight::default() }];
        check(freight, Some(&shop), &there).iter().map(ToString::to_string).collect()
    };
    assert_eq!(check(&whole()), [""; 0]);
    // 1
    let nothing = Freight { origin: Origin::warehouse("shop"), ..Freight::default() };
    assert_eq!(
        check(&nothing),
        [
            "freight needs at least one commit, image, chart or other artifact",
            "nothing is chosen for the git repository https://github.com/acme/env of Warehouse \"shop\"",
            "nothing is chosen for the image repository ghcr.io/acme/cart of Warehouse \"shop\"",
            "nothing is chosen for the chart https:/charts.example.com/web of Warehouse \"shop\"",
        ]
    );
    // 2
    let alias = |alias: &str| check(&Freight { alias: Some(alias.into()), ..whole() });
    assert_eq!(alias("taken"), ["alias \"taken\" belongs to other freight: choose another, or none to get one"]);
    assert!(alias("-x")[0].starts_with("alias \"-x\" cannot be a label"));
    assert_eq!((alias("free"), alias("")), (vec![], vec![]));
    // 3
    for origin in [Origin::warehouse("gone"), Origin::junction("shop")] {
        assert_eq!(check(&Freight { origin: origin.clone(), ..whole() }), [format!("there is no {origin}")]);
    }
    let gone = kargo_core::freight::creation::check(&whole(), None, &NONE);
    assert_eq!(gone, [ArtifactProblem::NoWarehouse { origin: "Warehouse/shop".into() }]);
    // 4: git by normal form, images as they are written, charts by path.
    let mut other = whole();
    other.commits[0].repo_url = "git@github.com:acme/env.git".into();
    other.images[0].repo_url = "GHCR.io/acme/cart".into();
    other.charts[0].name = Some("api".into());
    let found = check(&other);
    assert_eq!(
        found[..3],
        [
            "Warehouse \"shop\" does not subscribe to commit c of git@github.com:acme/env.git",
            "Warehouse \"shop\" does not subscribe to image GHCR.io/acme/cart:1; its subscription spells it ghcr.io/acme/cart",
            "Warehouse \"shop\" does not subscribe to chart api 1 of https://charts.example.com",
        ]
    );
    assert_eq!(found.len(), 6, "and each subscription is without its artifact: {found:?}");
    // 5
    let mut twice = whole();
    twice.images.push(image("ghcr.io/acme/cart", "2"));
    twice.commits.push(commit("https://github.com/acme/env.git", "d"));
    twice.charts.clear();
    assert_eq!(
        check(&twice),
        [
            "2 artifacts are chosen for the git repository https://github.com/acme/env of Warehouse \"shop\": choose one",
            "2 artifacts are chosen for the image repository ghcr.io/acme/cart of Warehouse \"shop\": choose one",
            "nothing is chosen for the chart https:/charts.example.com/web of Warehouse \"shop\"",
        ]
    );
    // Artifacts of other kinds are not checked at all.
    let mut generic = whole();
    generic.artifacts.push(serde_json::from_value(json!({"subscriptionName": "nobody", "version": "1"})).unwrap());
    assert_eq!(check(&generic), [""; 0]);
}

#[test]
fn discovery_1_10_all_problems_are_told_at_once() {
    let (shop, discovered) = (shop(), discovered());
    let there = [Freight { alias: Some("taken".into()), ..Freight::default() }];
    let wrong = Assembly::new(&shop, Some(&discovered))
        .rank(1, 2)
        .rank(9, 0)
        .take(image("docker.io/acme/pay", "1"))
        .alias("taken");
    let error = wrong.finish(&there, b"", now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the freight cannot be created\n  \
         there is no candidate 2 of window 1, which has 2, counted from 0\n  \
         there is no candidate 0 of window 9, which has 0, counted from 0\n  \
         alias \"taken\" belongs to other freight: choose another, or none to get one\n  \
         Warehouse \"shop\" does not subscribe to image docker.io/acme/pay:1"
    );
}

#[test]
fn rules_11_assembled_freight_says_what_it_is_meant_for() {
    let (shop, discovered) = (shop(), discovered());
    let base = || Assembly::new(&shop, Some(&discovered));
    let of_policy = |value| policy(value);
    for (assembly, written) in [
        // As in Kargo, unless the Warehouse has a policy, which says Manual unless it says otherwise.
        (base(), None),
        (base().policy(&of_policy(json!({}))), Some("Manual")),
        (base().policy(&of_policy(json!({"intent": {"assembled": "Auto"}}))), None),
        (base().intent(FreightIntent::Hotfix), Some("Hotfix")),
    ] {
        let freight = assembly.finish(&NONE, b"", now()).unwrap().freight;
        assert_eq!(freight.metadata.annotations.get("kargo-core.rs/intent").map(String::as_str), written);
    }
}
