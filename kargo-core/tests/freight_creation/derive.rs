//! Freight like other freight (requirements C14, A2).

use kargo_core::{
    freight::{
        creation::{Artifact, DeriveError, Derived, derive},
        freight_id, order,
    },
    model::{ArtifactReference, Chart, Freight, GitCommit, Image, Origin, Warehouse},
};
use serde_json::json;

use super::{NONE, now, policy, warehouse};

fn shop() -> Warehouse {
    warehouse(json!({"subscriptions": [
        {"name": "env", "git": {"repoURL": "https://github.com/acme/env.git"}},
        {"image": {"repoURL": "ghcr.io/acme/cart"}},
        {"name": "web", "image": {"repoURL": "ghcr.io/acme/web"}},
        {"image": {"repoURL": "ghcr.io/acme/new"}},
        {"chart": {"repoURL": "https://charts.example.com", "name": "web"}},
        {"name": "model", "model": {}},
    ]}))
}

fn image(repo: &str, tag: &str) -> Image {
    Image { repo_url: repo.into(), tag: tag.into(), ..Image::default() }
}

fn base() -> Freight {
    let mut base = Freight {
        alias: Some("modest-marlin".into()),
        discovered_at: Some(now()),
        origin: Origin::warehouse("shop"),
        commits: vec![GitCommit {
            repo_url: "https://github.com/acme/env.git".into(),
            id: "c1".into(),
            ..GitCommit::default()
        }],
        images: vec![image("ghcr.io/acme/cart", "1.4.2"), image("ghcr.io/acme/web", "7.0.0")],
        charts: vec![Chart {
            repo_url: "https://charts.example.com".into(),
            name: Some("web".into()),
            version: "2.0.0".into(),
            ..Chart::default()
        }],
        artifacts: vec![ArtifactReference {
            subscription_name: "model".into(),
            version: "7".into(),
            ..ArtifactReference::default()
        }],
        ..Freight::default()
    };
    base.metadata.name = freight_id(&base.origin, &base).to_string();
    base.metadata.namespace = Some("acme".into());
    base.metadata.annotations.insert("note".into(), "of the base".into());
    base.status.metadata.insert("k".into(), json!(1));
    base
}

fn run(replacements: impl IntoIterator<Item = Artifact>) -> Result<Derived, DeriveError> {
    derive(&base(), replacements, &shop(), None, &[base()], b"seed")
}

#[test]
fn requirements_c14_only_what_is_replaced_changes() {
    let (base, derived) = (base(), run([image("ghcr.io/acme/web", "7.0.1").into()]).unwrap());
    let changes: Vec<String> = derived.changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["image ghcr.io/acme/web:7.0.0 -> image ghcr.io/acme/web:7.0.1"]);
    let freight = derived.freight;
    assert_eq!((&freight.commits, &freight.charts, &freight.artifacts), (&base.commits, &base.charts, &base.artifacts));
    assert_eq!(freight.images[0], base.images[0]);
    // Where it was found by, as discovery would have written.
    assert_eq!(
        freight.images[1],
        Image { subscription_name: Some("web".into()), ..image("ghcr.io/acme/web", "7.0.1") }
    );
    assert_eq!(freight.metadata.name, *freight_id(&base.origin, &freight));
    assert_eq!((freight.metadata.namespace.as_deref(), freight.metadata.annotations.len()), (Some("acme"), 0));
    assert!(freight.alias.is_some() && freight.alias != base.alias && freight.status == Default::default());
    assert_eq!(freight.metadata.labels["kargo.akuity.io/alias"], freight.alias.unwrap());
}

#[test]
fn requirements_c14_artifacts_of_each_kind_by_their_subscription() {
    let replacements: [Artifact; 4] = [
        // Another spelling of the same repository.
        GitCommit { repo_url: "https://GitHub.com/acme/Env".into(), id: "c2".into(), ..GitCommit::default() }.into(),
        image("ghcr.io/acme/cart", "1.4.3").into(),
        Chart {
            repo_url: "https://Charts.example.com".into(),
            name: Some("web".into()),
            version: "2.0.1".into(),
            ..Chart::default()
        }
        .into(),
        ArtifactReference { subscription_name: "model".into(), version: "8".into(), ..ArtifactReference::default() }
            .into(),
    ];
    let derived = run(replacements).unwrap();
    assert_eq!(derived.changes.len(), 4);
    assert_eq!(
        derived.changes[0].to_string(),
        "commit c1 of https://github.com/acme/env.git -> commit c2 of https://GitHub.com/acme/Env"
    );
    assert_eq!(derived.freight.artifacts[0].version, "8");
}

/// Rules 7, trap 20: derived freight ranks directly after the one it came from, not as the newest.
#[test]
fn rules_7_derived_freight_ranks_directly_after_its_base() {
    let derived = run([image("ghcr.io/acme/web", "7.0.1").into()]).unwrap().freight;
    let newer = Freight { discovered_at: Some(now() + chrono::TimeDelta::seconds(1)), ..base() };
    assert!(order::by_age(&base(), &derived).is_lt() && order::by_age(&derived, &newer).is_lt());
}

#[test]
fn requirements_c14_what_is_refused() {
    let cart = |tag: &str| Artifact::from(image("ghcr.io/acme/cart", tag));
    let told = |result: Result<Derived, DeriveError>| result.unwrap_err().to_string();
    assert_eq!(
        told(run([image("ghcr.io/acme/pay", "1").into()])),
        "Warehouse \"shop\" does not subscribe to image ghcr.io/acme/pay:1"
    );
    assert_eq!(
        told(run([image("GHCR.io/acme/cart", "1").into()])),
        "Warehouse \"shop\" does not subscribe to image GHCR.io/acme/cart:1; its subscription spells it ghcr.io/acme/cart"
    );
    let other = ArtifactReference { subscription_name: "nobody".into(), ..ArtifactReference::default() };
    assert!(matches!(run([other.into()]), Err(DeriveError::NotSubscribed { .. })));
    assert_eq!(
        told(run([image("ghcr.io/acme/new", "1").into()])),
        "there is nothing to replace by image ghcr.io/acme/new:1: the freight has no artifact of that subscription"
    );
    assert_eq!(
        told(run([cart("1"), cart("2")])),
        "it is not clear what image ghcr.io/acme/cart:2 replaces, or what replaces it: there are 2 for its image repository ghcr.io/acme/cart"
    );
    let mut twice = base();
    twice.images.extend([image("ghcr.io/acme/cart", "1"), image("ghcr.io/acme/cart", "2")]);
    let unclear = derive(&twice, [cart("3")], &shop(), None, &NONE, b"").unwrap_err();
    assert!(matches!(unclear, DeriveError::Ambiguous { count: 3, .. }), "{unclear}");
    assert_eq!(run([]), Err(DeriveError::Unchanged));
    assert_eq!(run([cart("1.4.2")]), Err(DeriveError::Unchanged));

    let derived = run([cart("1.4.3")]).unwrap().freight;
    let again = derive(&base(), [cart("1.4.3")], &shop(), None, &[base(), derived.clone()], b"").unwrap_err();
    assert_eq!(again, DeriveError::Exists { id: derived.metadata.name.as_str().into() });
    let elsewhere = Freight { origin: Origin::warehouse("pay"), ..base() };
    assert_eq!(
        told(derive(&elsewhere, [cart("1")], &shop(), None, &NONE, b"")),
        "the freight is of Warehouse/pay, not of Warehouse \"shop\""
    );
    let bundle = Freight { origin: Origin::junction("shop"), ..base() };
    assert!(matches!(derive(&bundle, [cart("1")], &shop(), None, &NONE, b""), Err(DeriveError::Bundle { .. })));
}

#[test]
fn rules_11_derived_freight_is_meant_for_what_assembled_freight_is() {
    let manual = policy(json!({}));
    let derived = derive(&base(), [image("ghcr.io/acme/web", "8").into()], &shop(), Some(&manual), &NONE, b"").unwrap();
    assert_eq!(derived.freight.metadata.annotations["kargo-core.rs/intent"], "Manual");
}
