//! Discovery of whole Warehouses over the pretended world (discovery 1.3 to 1.7, requirements A and D9, law 2).
#![cfg(feature = "driver")]
#![expect(clippy::unwrap_used, reason = "the pretended world is as the test made it")]

use std::{collections::BTreeMap, sync::Arc};

use kargo_core::{
    discover::{Calls, Discovery, FoundIn, LookError, SubscriptionLook, WarehouseLook},
    freight::creation::{Artifact, Creation, Decision, derive, windows},
    model::{DiscoveredArtifacts, Freight, Warehouse, WarehousePolicy},
    port::{ChartRepo, Clock as _, GitRepo, PortClass, PortError, Ports},
    select::{FoundArtifact, has_same_windows, news},
};
use kargo_testkit::fake::{Breakage, FakeCharts, FakeGit, FakeImage, FakeRegistry, MemoryCache, VirtualClock};
use proptest::prelude::*;
use serde_json::{Value, json};

struct World {
    clock: VirtualClock,
    images: Arc<FakeRegistry>,
    git: Arc<FakeGit>,
    charts: Arc<FakeCharts>,
    discovery: Discovery,
}

impl World {
    fn new() -> Self {
        let clock = VirtualClock::default();
        let images = Arc::new(FakeRegistry::new(&clock));
        images.set_page_size(100);
        let (git, charts) = (Arc::new(FakeGit::new(&clock)), Arc::new(FakeCharts::new(&clock)));
        let ports = Ports::new(Arc::new(clock.clone()))
            .images(images.clone())
            .git(git.clone())
            .charts(charts.clone())
            .cache(Arc::new(MemoryCache::default()));
        let discovery = Discovery::new(&ports);
        Self { clock, images, git, charts, discovery }
    }

    /// With a commit, two images and a chart.
    fn stocked() -> Self {
        let world = Self::new();
        world.push("apps", "one", "a");
        world.image("acme/cart", "1.0.0");
        world.image("acme/cart", "1.1.0");
        world.chart("1.0.0");
        world
    }

    fn push(&self, repo: &str, subject: &str, path: &str) {
        self.git.commit(&GitRepo::parse(&format!("https://git.corp/{repo}")).unwrap(), "main", subject, &[path]);
    }

    fn image(&self, repo: &str, tag: &str) {
        self.images.put(&FakeImage::new(repo, tag).built_at("2026-01-01T00:00:00Z"));
    }

    fn chart(&self, version: &str) {
        self.charts.put(&ChartRepo::parse("https://charts.corp").unwrap(), "cart", version);
    }

    /// What a round found, and what of it was told as settled.
    fn round(&self, warehouses: &[(&Warehouse, Option<&WarehousePolicy>)]) -> (Vec<WarehouseLook>, Vec<FoundIn>) {
        let mut told = Vec::new();
        let settled = |found: FoundIn| told.extend(Some(found).filter(|found| found.is_settled));
        let looks = self.clock.run(self.discovery.look().warehouses(warehouses, settled));
        (looks, told)
    }

    fn look(&self, warehouse: &Warehouse) -> WarehouseLook {
        self.clock.run(self.discovery.look().warehouse(warehouse, None, |_| {}))
    }

    /// A look, whose result becomes the status.
    fn settle(&self, warehouse: &mut Warehouse) -> WarehouseLook {
        let look = self.look(warehouse);
        warehouse.status.discovered_artifacts = Some(look.artifacts.clone());
        warehouse.status.observed_generation = warehouse.metadata.generation;
        look
    }
}

fn warehouse(subscriptions: &Value) -> Warehouse {
    serde_json::from_value(json!({
        "metadata": { "name": "cart", "namespace": "shop", "generation": 1 },
        "spec": { "subscriptions": subscriptions },
    }))
    .unwrap()
}

fn policy(subscriptions: &Value) -> WarehousePolicy {
    serde_json::from_value(json!({ "metadata": { "name": "cart" }, "spec": { "subscriptions": subscriptions } }))
        .unwrap()
}

fn all_three() -> Warehouse {
    warehouse(&json!([
        { "image": { "repoURL": "ghcr.io/acme/cart", "constraint": "^1.0.0" } },
        { "git": { "repoURL": "https://git.corp/apps" } },
        { "chart": { "repoURL": "https://charts.corp", "name": "cart" } },
    ]))
}

fn tags(look: &WarehouseLook, at: usize) -> Vec<&str> {
    look.artifacts.images[at].references.iter().map(|image| image.tag.as_str()).collect()
}

#[test]
fn discovery_1_3_the_result_is_the_status_of_the_reference() {
    let world = World::stocked();
    world
        .images
        .put(&FakeImage::new("acme/web", "2.0.0").built_at("2026-01-01T00:00:00Z").for_platforms(&["linux/arm64"]));
    let cart = warehouse(&json!([
        { "image": { "repoURL": "GHCR.io/acme/web", "platform": "linux/arm64" } },
        { "git": { "repoURL": "https://GIT.corp/apps.git", "branch": "main" }, "name": "config" },
        { "chart": { "repoURL": "https://charts.corp/", "name": "cart", "semverConstraint": "^1" } },
        { "image": { "repoURL": "ghcr.io/acme/cart", "constraint": "^1.0.0", "discoveryLimit": 1 }, "name": "cart" },
        { "git": { "repoURL": "https://git.corp/apps2", "commitSelectionStrategy": "Lexical" } },
    ]));
    let apps2 = GitRepo::parse("https://git.corp/apps2").unwrap();
    let tip = world.git.commit(&apps2, "main", "two", &["b"]);
    world.git.tag(&apps2, "v2", &tip, None);
    let look = world.look(&cart);
    assert!(look.is_complete());
    let mut found = serde_json::to_value(&look.artifacts).unwrap();
    let digests: Vec<_> = look.artifacts.images.iter().map(|image| image.references[0].digest.to_string()).collect();
    let head = found["git"][0]["commits"][0]["id"].take();
    assert_eq!(found["git"][0]["observedRefs"]["branchHead"].take(), head);
    found["git"][0]["commits"][0]["id"] = json!("head");
    assert_eq!(
        found,
        json!({
            "discoveredAt": "2026-01-01T00:00:00Z",
            "git": [
                {
                    "repoURL": "https://GIT.corp/apps.git",
                    "subscriptionName": "config",
                    "commits": [{
                        "id": "head",
                        "branch": "main",
                        "subject": "one",
                        "author": "Dana <dana@acme.example>",
                        "committer": "Dana <dana@acme.example>",
                        "creatorDate": "2026-01-01T00:01:00Z",
                    }],
                    "observedRefs": { "branchHead": null },
                },
                {
                    "repoURL": "https://git.corp/apps2",
                    "commits": [{
                        "id": tip.as_str(),
                        "tag": "v2",
                        "subject": "two",
                        "author": "Dana <dana@acme.example>",
                        "committer": "Dana <dana@acme.example>",
                        "creatorDate": "2026-01-01T00:01:00Z",
                    }],
                    "observedRefs": { "tags": [{ "name": "v2", "id": tip.as_str() }] },
                },
            ],
            "images": [
                {
                    "repoURL": "GHCR.io/acme/web",
                    "platform": "linux/arm64",
                    "references": [{ "tag": "2.0.0", "digest": digests[0], "createdAt": "2026-01-01T00:00:00Z" }],
                },
                {
                    "repoURL": "ghcr.io/acme/cart",
                    "subscriptionName": "cart",
                    "references": [{ "tag": "1.1.0", "digest": digests[1], "createdAt": "2026-01-01T00:00:00Z" }],
                },
            ],
            "charts": [{
                "repoURL": "https://charts.corp/",
                "name": "cart",
                "semverConstraint": "^1",
                "versions": ["1.0.0"],
            }],
        })
    );
}

#[test]
fn discovery_1_5_one_that_fails_keeps_its_result_and_stops_nobody() {
    let world = World::stocked();
    let mut cart = all_three();
    assert!(world.settle(&mut cart).is_complete());
    world.push("apps", "two", "a");
    world.image("acme/cart", "1.2.0");
    world.chart("1.1.0");
    world.git.peer().fail([PortError::unauthorized("HTTP 403")]);
    let look = world.look(&cart);
    let errors: Vec<_> = look.port_errors().map(|(index, error)| (index, error.class())).collect();
    assert_eq!(errors, [(1, PortClass::Unauthorized)]);
    let before = cart.status.discovered_artifacts.clone().unwrap();
    assert_eq!(look.artifacts.git, before.git, "as it was");
    assert_eq!(tags(&look, 0), ["1.2.0", "1.1.0", "1.0.0"]);
    assert_eq!(look.artifacts.charts[0].versions, ["1.1.0", "1.0.0"]);
    let new: Vec<_> = news(Some(&before), &look.artifacts).into_iter().map(|new| new.artifact).collect();
    assert_eq!(new.len(), 2);
    assert_eq!(new[1], FoundArtifact::Chart("1.1.0".into()));
    let look = world.look(&cart);
    assert!(look.is_complete());
    assert_eq!(look.artifacts.git[0].commits[0].subject.as_deref(), Some("two"), "the next look finds what was missed");
}

#[test]
fn discovery_1_5_what_was_found_for_another_spec_is_not_kept() {
    let world = World::stocked();
    let mut cart = all_three();
    world.settle(&mut cart);
    cart.metadata.generation = Some(2);
    for peer in [world.git.peer(), world.images.peer(), world.charts.peer()] {
        peer.fail([PortError::unauthorized("HTTP 403")]);
    }
    world.clock.advance(std::time::Duration::from_secs(60));
    let look = world.look(&cart);
    assert_eq!(look.errors().count(), 3);
    let artifacts = &look.artifacts;
    assert!(artifacts.git[0].commits.is_empty() && artifacts.images[0].references.is_empty());
    assert_eq!(
        artifacts.charts[0].name.as_deref(),
        Some("cart"),
        "an empty result, so that no freight is made without it"
    );
    assert!(artifacts.charts[0].versions.is_empty());
    let before = cart.status.discovered_artifacts.as_ref().unwrap();
    assert_eq!(artifacts.discovered_at, before.discovered_at, "nothing was found out");
    assert_eq!(world.look(&all_three()).artifacts.discovered_at, "2026-01-01T00:01:00Z".parse().ok());
}

#[test]
fn what_is_wrong_with_one_subscription_or_artifact_is_named() {
    let world = World::stocked();
    world.image("acme/cart", "1.2.0");
    world.images.put_broken(&FakeImage::new("acme/cart", "1.2.0"), Breakage::NotJson);
    let cart = warehouse(&json!([
        { "image": { "repoURL": "ghcr.io/acme/cart", "constraint": "latest" } },
        { "image": { "repoURL": "ghcr.io//cart" } },
        { "git": { "repoURL": "ftp://git.corp/apps" } },
        { "git": { "repoURL": "https://git.corp/apps", "branch": "a..b" } },
        { "chart": { "repoURL": "https://charts.corp" } },
        { "model": { "config": {} }, "name": "weights" },
        { "image": { "repoURL": "ghcr.io/acme/cart", "constraint": "^1.0.0" } },
    ]));
    let look = world.look(&cart);
    let kinds: Vec<_> = look
        .errors()
        .map(|(index, error)| match error {
            LookError::Subscription(error) => (index, error.field().to_owned()),
            LookError::Repo(_) => (index, "repo".to_owned()),
            LookError::Branch(_) => (index, "branch".to_owned()),
            LookError::Kind { kind } => (index, kind.clone()),
            other => (index, other.to_string()),
        })
        .collect();
    let expected = [(0, "constraint"), (1, "repo"), (2, "repo"), (3, "branch"), (4, "name"), (5, "model")];
    assert_eq!(kinds, expected.map(|(index, kind)| (index, kind.to_owned())));
    assert_eq!(tags(&look, 2), ["1.1.0", "1.0.0"], "a broken image is passed over");
    assert!(matches!(&look.subscriptions[6], Ok(SubscriptionLook::Image(look)) if look.failures.len() == 1));
    assert_eq!(look.artifacts.results[0].subscription_name, "weights");
}

#[test]
fn requirements_a_200_warehouses_over_10_repositories_are_10_listings() {
    let world = World::new();
    (0..10).for_each(|n| world.image(&format!("acme/{n}"), "1.0.0"));
    let all: Vec<_> =
        (0..200).map(|n| warehouse(&json!([{ "image": { "repoURL": format!("ghcr.io/acme/{}", n % 10) } }]))).collect();
    let asks: Vec<_> = all.iter().map(|warehouse| (warehouse, None)).collect();
    let (looks, _) = world.round(&asks);
    assert!(looks.iter().all(|look| look.is_complete() && tags(look, 0) == ["1.0.0"]));
    let calls = world.images.peer().take_calls();
    assert_eq!((calls.list, calls.manifest, calls.blob), (10, 10, 10));
}

#[test]
fn requirements_d9_57_warehouses_on_one_repository_are_one_conversation() {
    let world = World::new();
    for n in 0..57 {
        world.push("mono", &format!("begin {n}"), &format!("apps/{n}/x"));
    }
    let mono = GitRepo::parse("https://git.corp/mono").unwrap();
    let tip = world.git.commit(&mono, "next", "begin", &["x"]);
    let mut all: Vec<_> = (0..55)
        .map(|n| {
            let paths = [format!("apps/{n}")];
            warehouse(&json!([{ "git": { "repoURL": "https://git.corp/mono", "includePaths": paths } }]))
        })
        .collect();
    all.push(warehouse(&json!([{ "git": { "repoURL": "https://git.corp/mono", "branch": "next" } }])));
    all.push(warehouse(
        &json!([{ "git": { "repoURL": "https://git.corp/mono", "commitSelectionStrategy": "SemVer" } }]),
    ));
    let asks: Vec<_> = all.iter().map(|warehouse| (warehouse, None)).collect();
    let before = world.round(&asks).0;
    world.git.peer().take_calls();
    world.push("mono", "fix", "apps/31/y");
    world.git.commit(&mono, "next", "go on", &["x"]);
    world.git.tag(&mono, "v1.0.0", &tip, None);
    let after = world.round(&asks).0;
    let calls = world.git.peer().take_calls();
    assert_eq!((calls.ls_remote, calls.fetch), (1, 1));
    let news: BTreeMap<_, _> = before
        .iter()
        .zip(&after)
        .map(|(before, after)| news(Some(&before.artifacts), &after.artifacts).len())
        .enumerate()
        .filter(|(_, news)| *news > 0)
        .collect();
    assert_eq!(news, BTreeMap::from([(31, 1), (55, 1), (56, 1)]), "one evaluation of each change has an effect");
}

#[test]
fn law_2_an_unchanged_look_has_no_news_and_costs_the_least() {
    let world = World::stocked();
    let mut cart = all_three();
    let first = world.settle(&mut cart);
    assert_eq!(news(None, &first.artifacts).len(), 4, "all of a first look is new");
    let look = world.discovery.look();
    let again = world.clock.run(look.warehouse(&cart, None, |_| {}));
    assert_eq!(news(Some(&first.artifacts), &again.artifacts), []);
    assert!(has_same_windows(&first.artifacts, &again.artifacts));
    let calls: Vec<_> = look.calls().into_iter().map(|(account, calls)| format!("{account}: {calls}")).collect();
    assert_eq!(
        calls,
        ["charts.corp as shop: 1 list", "ghcr.io as shop: 1 list, 2 HEAD", "git.corp as shop: 1 ls-remote"]
    );
    world.push("apps", "two", "a");
    let now = world.look(&cart);
    let new = news(Some(&first.artifacts), &now.artifacts);
    let told = world.round(&[(&cart, None)]).1;
    let told: Vec<_> = told.into_iter().filter(|found| found.is_new).map(|found| found.artifact).collect();
    assert_eq!(told, [new[0].artifact.clone()], "what is streamed says so, too");
    assert!(matches!(&new[..], [new] if new.repo_url == "https://git.corp/apps" && new.rank == 0));
}

#[test]
fn requirements_a8_the_promise_is_the_policys_or_the_subscriptions() {
    let sources = json!([
        { "image": { "repoURL": "ghcr.io/acme/a" }, "name": "a" },
        { "image": { "repoURL": "ghcr.io/acme/b" } },
        { "image": { "repoURL": "ghcr.io/acme/c", "cacheByTag": true } },
        { "image": { "repoURL": "ghcr.io/acme/d" } },
        { "image": { "repoURL": "ghcr.io/acme/e", "imageSelectionStrategy": "Digest", "constraint": "1.1.0" } },
    ]);
    let promises = policy(&json!([
        { "subscription": "a", "immutableTags": true, "sample": 0 },
        { "subscription": "ghcr.io/acme/b", "immutableTags": true },
        { "subscription": "ghcr.io/acme/d", "sample": 5 },
        { "subscription": "ghcr.io/acme/e", "immutableTags": true, "sample": 0 },
    ]));
    let world = World::new();
    let repos = ["acme/a", "acme/b", "acme/c", "acme/d", "acme/e"];
    for repo in repos {
        ["1.0.0", "1.1.0", "1.2.0"].iter().for_each(|tag| world.image(repo, tag));
    }
    let cart = warehouse(&sources);
    world.round(&[(&cart, Some(&promises))]);
    world.images.peer().take_calls();
    let before = world.images.peer().log().len();
    world.round(&[(&cart, Some(&promises))]);
    let log = world.images.peer().log().split_off(before);
    let heads = |repo: &str| {
        log.iter().filter(|request| request.what.starts_with("HEAD") && request.what.contains(repo)).count()
    };
    assert_eq!(repos.map(heads), [0, 1, 1, 3, 1], "{log:?}");
    // Each look checks one tag: three find every move.
    for repo in ["acme/b", "acme/c", "acme/e"] {
        world.images.put(&FakeImage::new(repo, "1.1.0").built_at("2026-02-02T00:00:00Z"));
    }
    let mut moved = Vec::new();
    for _ in 0..3 {
        let looks = world.round(&[(&cart, Some(&promises))]).0;
        moved.extend(looks[0].moved().map(|(index, moved)| (index, moved.tag.to_string())));
    }
    moved.sort();
    moved.dedup();
    assert_eq!(moved, [(1, "1.1.0".to_owned()), (2, "1.1.0".to_owned())], "the tag of Digest is meant to move");
}

#[test]
fn requirements_a10_artifacts_are_told_best_first_while_others_are_still_looked_for() {
    let world = World::stocked();
    world.images.peer().set_service_time(std::time::Duration::from_secs(5));
    let cart = all_three();
    let (looks, told) = world.round(&[(&cart, None), (&cart, None)]);
    for (warehouse, look) in looks.iter().enumerate() {
        let of = |subscription: usize| -> Vec<FoundArtifact> {
            let mine = told.iter().filter(|found| (found.warehouse, found.subscription) == (warehouse, subscription));
            mine.map(|found| found.artifact.clone()).collect()
        };
        let artifacts = &look.artifacts;
        let images: Vec<_> = artifacts.images[0].references.iter().cloned().map(FoundArtifact::Image).collect();
        let commits: Vec<_> = artifacts.git[0].commits.iter().cloned().map(FoundArtifact::Commit).collect();
        assert_eq!([of(0), of(1), of(2)], [images, commits, vec![FoundArtifact::Chart("1.0.0".into())]]);
    }
    let first_image = told.iter().position(|found| found.subscription == 0).unwrap();
    assert_eq!(first_image, 4, "who answers at once is told at once");
}

#[test]
fn requirements_a10_where_dates_decide_the_best_so_far_is_told_after_one_batch() {
    let world = World::new();
    // The newest by name is the oldest.
    for n in 0..40 {
        let image = FakeImage::new("acme/cart", &format!("1.{n}.0"));
        world.images.put(&image.built_at(&format!("2026-01-01T00:{:02}:00Z", 40 - n)));
    }
    let second = std::time::Duration::from_secs(1);
    world.images.peer().set_service_time(second);
    let cart = warehouse(&json!([
        { "image": { "repoURL": "ghcr.io/acme/cart", "imageSelectionStrategy": "NewestBuild", "discoveryLimit": 3 } }
    ]));
    let mut told = Vec::new();
    let begun = world.clock.monotonic();
    let look = world.clock.run(world.discovery.look().warehouse(&cart, None, |found| {
        told.push((world.clock.monotonic().since(begun), found));
    }));
    assert_eq!(tags(&look, 0), ["1.0.0", "1.1.0", "1.2.0"]);
    let (first, found) = &told[0];
    assert!(!found.is_settled && found.is_new, "{found:?}");
    assert_eq!(*first, second * 3, "a list, a manifest, a blob");
    let (settled, provisional): (Vec<_>, Vec<_>) = told.iter().partition(|(_, found)| found.is_settled);
    let images: Vec<_> = look.artifacts.images[0].references.iter().cloned().map(FoundArtifact::Image).collect();
    let built = |(_, found): &&(std::time::Duration, FoundIn)| match &found.artifact {
        FoundArtifact::Image(image) => image.created_at,
        other => panic!("{other:?}"),
    };
    assert!(provisional.iter().map(built).is_sorted_by(|one, next| one < next), "each is better than the one before");
    assert_eq!(settled.iter().map(|(_, found)| found.artifact.clone()).collect::<Vec<_>>(), images);
    assert!(
        settled.iter().all(|(at, _)| *at >= second * 10),
        "40 images, eight at a time, two requests each: {settled:?}"
    );
}

#[test]
fn requirements_a2_both_that_came_between_two_polls_are_candidates_and_the_older_costs_nothing() {
    let world = World::stocked();
    let mut cart = all_three();
    world.settle(&mut cart);
    for (version, subject) in [("1.2.0", "two"), ("1.3.0", "three")] {
        world.image("acme/cart", version);
        world.push("apps", subject, "a");
        world.chart(version);
    }
    world.settle(&mut cart);
    let found = cart.status.discovered_artifacts.clone().unwrap();
    let stock: [Freight; 0] = [];
    let decision = Creation::new(&cart, None).decide(Some(&found), &stock, b"", world.clock.now());
    let Decision::Create(newest) = decision else { panic!("{decision}") };
    let stock = [newest.freight.clone()];
    for peer in [world.git.peer(), world.images.peer(), world.charts.peer()] {
        peer.take_calls();
    }
    let windows = windows(&found);
    let pair = |rank| -> Vec<Artifact> { windows.iter().map(|window| window.artifact(rank).unwrap()).collect() };
    let said = |artifacts: &[Artifact]| artifacts.iter().map(revision).collect::<Vec<_>>();
    assert_eq!(said(&pair(0)), ["three", "1.3.0", "1.3.0"]);
    assert_eq!(said(&pair(1)), ["two", "1.2.0", "1.2.0"], "none that came between two polls is missed");
    // Each alone, and all together.
    for older in pair(1).into_iter().map(|one| vec![one]).chain([pair(1)]) {
        let derived = derive(&newest.freight, older.clone(), &cart, None, &stock, b"").unwrap();
        let changed: Vec<_> = derived.changes.iter().map(|change| change.after.clone()).collect();
        assert_eq!(said(&changed), said(&older));
        assert_ne!(derived.freight.metadata.name, newest.freight.metadata.name);
    }
    let asked = [world.git.peer(), world.images.peer(), world.charts.peer()].map(kargo_testkit::fake::Peer::take_calls);
    assert_eq!(asked, [Calls::default(); 3], "the window has all that freight is made of");
}

/// What tells an artifact from others of its subscription, for people.
fn revision(artifact: &Artifact) -> String {
    match artifact {
        Artifact::Commit(commit) => commit.message.clone().unwrap_or_default(),
        Artifact::Image(image) => image.tag.to_string(),
        Artifact::Chart(chart) => chart.version.clone(),
        other => other.to_string(),
    }
}

#[test]
fn architecture_5_a_host_without_a_port_concerns_its_subscription_alone() {
    let world = World::stocked();
    let ports = Ports::new(Arc::new(world.clock.clone())).images(world.images.clone());
    let look = world.clock.run(Discovery::new(&ports).look().warehouse(&all_three(), None, |_| {}));
    let errors: Vec<_> = look.port_errors().map(|(index, error)| (index, error.class())).collect();
    assert_eq!(errors, [(1, PortClass::Misconfigured), (2, PortClass::Misconfigured)]);
    assert_eq!(tags(&look, 0), ["1.1.0", "1.0.0"]);
    assert_eq!(world.clock.run(Discovery::new(&ports).look().warehouses(&[], |_| {})), []);
}

fn without_time(artifacts: &DiscoveredArtifacts) -> DiscoveredArtifacts {
    DiscoveredArtifacts { discovered_at: None, ..artifacts.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The order of Warehouses, and what else is in the round, changes nothing of what each finds (law 8).
    #[test]
    fn any_order_of_warehouses_finds_the_same(
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
        rounds in proptest::collection::vec(proptest::collection::vec((0..3_usize, 0..9_usize), 0..4), 1..4),
    ) {
        let world = World::stocked();
        let paths = ["a", "b", "c"];
        let all: Vec<_> = (0..6).map(|n| warehouse(&json!([
            { "git": { "repoURL": "https://git.corp/apps", "includePaths": [paths[n % 3]] } },
            { "image": { "repoURL": "ghcr.io/acme/cart", "discoveryLimit": 1 + n } },
            { "chart": { "repoURL": "https://charts.corp", "name": "cart", "discoveryLimit": 1 + n } },
        ]))).collect();
        let mut all = all;
        for changes in rounds {
            for (kind, n) in changes {
                match kind {
                    0 => world.push("apps", "change", paths[n % 3]),
                    1 => world.image("acme/cart", &format!("1.{n}.1")),
                    _ => world.chart(&format!("1.{n}.1")),
                }
            }
            world.git.peer().take_calls();
            world.charts.peer().take_calls();
            let asks: Vec<_> = order.iter().map(|n| (&all[*n], None)).collect();
            let (looks, told) = world.round(&asks);
            let (git, charts) = (world.git.peer().take_calls(), world.charts.peer().take_calls());
            prop_assert!(git.ls_remote == 1 && git.fetch <= 1 && charts.list == 1, "{git}, {charts}");
            for (n, look) in order.iter().zip(&looks) {
                prop_assert!(look.is_complete());
                let alone = world.look(&all[*n]);
                prop_assert_eq!(without_time(&look.artifacts), without_time(&alone.artifacts));
                prop_assert_eq!(news(Some(&look.artifacts), &alone.artifacts), vec![]);
            }
            // What is told to be new is what is new.
            for (at, (n, look)) in order.iter().zip(looks).enumerate() {
                let told = told.iter().filter(|found| found.warehouse == at && found.is_new).count();
                let status = &mut all[*n].status;
                prop_assert_eq!(told, news(status.discovered_artifacts.as_ref(), &look.artifacts).len());
                status.discovered_artifacts = Some(look.artifacts);
            }
        }
    }
}
