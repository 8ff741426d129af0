//! One small pipeline, written with blanks, and answers written as lines.

use kargo_core::{
    Manifests, Timestamp, Why, World, admit,
    why::{Answer, Need},
};

/// The freight of the scene.
pub const FREIGHT: &str = "4e1f0c9d81714243ecd236c670da11c7259af905";

const TEXT: &str = "
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: { name: cart, namespace: shop }
spec: { subscriptions: [{ image: { repoURL: ghcr.io/acme/cart, constraint: ^1.0.0 } }] }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: uat, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
  promotionTemplate: { spec: { steps: [{ uses: argocd-update, config: { apps: [{ name: cart }] } }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: perf, namespace: shop }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { direct: true } }]
  promotionTemplate: { spec: { steps: [{ uses: argocd-update, config: { apps: [{ name: cart }] } }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: { name: prod, namespace: shop, labels: { tier: live } }
spec:
  requestedFreight: [{ origin: { kind: Warehouse, name: cart }, sources: { SOURCES } }]
  promotionTemplate: { spec: { steps: [{ uses: argocd-update, config: { apps: [{ name: cart }] } }] } }
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata: { name: 4e1f0c9d81714243ecd236c670da11c7259af905, namespace: shop, uid: 0bd0a9d4-7bc6-4e0e-b8a5-7f0a3c2b1d9e }
alias: modest-marlin
origin: { kind: Warehouse, name: cart }
images: [{ repoURL: ghcr.io/acme/cart, tag: 1.0.4 }]
status: { STATUS }
";

/// A document of the scene: its kind, its group, its name, what is in it.
pub fn ours(kind: &str, name: &str, spec: &str) -> String {
    format!(
        "\n---\napiVersion: kargo-core.rs/v1alpha1\nkind: {kind}\nmetadata: {{ name: {name}, namespace: shop }}\nspec: {{ {spec} }}\n"
    )
}

/// The project's configuration with these windows.
pub fn windows(list: &str) -> String {
    format!(
        "\n---\napiVersion: kargo.akuity.io/v1alpha1\nkind: ProjectConfig\nmetadata: {{ name: shop, namespace: shop }}\nspec: {{ promotionWindows: [{list}] }}\n"
    )
}

/// The pipeline: Stage `prod` with these sources, the freight with this status, and more documents.
pub fn world(sources: &str, status: &str, more: &str) -> World {
    let text = TEXT.replace("SOURCES", sources).replace("STATUS", status) + more;
    let manifests = Manifests::parse("shop.yaml", &text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    World::from_manifests(&manifests).unwrap()
}

/// The instant of this time on the day of the scene.
pub fn at(time: &str) -> Timestamp {
    let text = if time.contains('-') { time.to_owned() } else { format!("2026-11-20T{time}Z") };
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// May the freight go to `prod` at a time?
pub fn asked(world: &World, time: &str) -> Why {
    let why = admit::explain(world, "prod", "modest-marlin", at(time));
    let (stage, freight) = (world.stage("prod").unwrap(), world.freight("modest-marlin").unwrap());
    assert_eq!(why.is_yes(), admit::is_admitted(stage, freight, at(time)), "{why}");
    why
}

/// An answer on one line: what it is, what is in the way, what would help.
pub fn line(why: &Why) -> String {
    let answer = match why.answer() {
        Answer::Yes => "yes",
        Answer::NotYet => "not yet",
        Answer::No => "no",
    };
    let obstacles: Vec<_> = why.obstacles().map(ToString::to_string).collect();
    let needs: Vec<_> = why.needs().iter().map(Need::to_string).collect();
    [answer.to_owned(), obstacles.join("; "), needs.join(" + ")].join(" | ")
}

/// All lines of the tree below its head, without what aligns them.
pub fn tree(why: &Why) -> Vec<String> {
    let words = |line: &str| {
        let line = line.trim_start_matches(['│', '├', '└', '─', ' ']);
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    why.to_string().lines().skip(1).map(words).collect()
}

/// Rows of sources, status, more documents, time, and the line that is expected.
pub fn table(rows: &[(&str, &str, &str, &str, &str)]) {
    for (sources, status, more, time, expected) in rows {
        let world = world(sources, status, more);
        assert_eq!(line(&asked(&world, time)), *expected, "{sources} | {status} | {more} | {time}");
    }
}
