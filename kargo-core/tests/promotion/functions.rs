//! What functions answer in a promotion: artifacts, metadata, status (promotion-engine 5.2 and 5.3; rules 9 and 13).

use std::collections::BTreeMap;

use kargo_core::{
    Manifests,
    freight::{Member, lineage},
    model::{
        ArtifactReference, Chart, Freight, FreightCollection, FreightReference, FreightRequest, GitCommit, Image,
        ObjectMeta, Origin, label,
    },
    report::StepProgress,
};
use serde_json::{Value as Json, json};

use crate::host::{FREIGHT, Host};

const GIT: &str = "https://github.com/Acme/Env.git";
const IMAGE: &str = "ghcr.io/acme/cart";
const OCI: &str = "oci://ghcr.io/acme/charts/cart";
const CHARTS: &str = "https://charts.acme.example";
const NIL: &str = "<nil>";

fn freight(name: &str, origin: Origin, tag: &str) -> Freight {
    let image = |url: &str, tag: &str| Image { repo_url: url.into(), tag: tag.into(), ..Image::default() };
    let chart = |url: &str, name: Option<&str>, version: &str| Chart {
        repo_url: url.into(),
        name: name.map(str::to_owned),
        version: version.into(),
        ..Chart::default()
    };
    Freight {
        metadata: ObjectMeta::named(name).in_project("shop"),
        origin,
        commits: vec![GitCommit { repo_url: GIT.into(), id: format!("{tag}c0ffee"), ..GitCommit::default() }],
        images: vec![image(IMAGE, tag), image(IMAGE, "second"), image("ghcr.io/acme/other", "9.9.9")],
        charts: vec![
            chart(OCI, None, "2.0.0"),
            chart(CHARTS, Some("cart"), "3.0.0"),
            chart(CHARTS, Some("pay"), "3.1.0"),
        ],
        artifacts: vec![ArtifactReference {
            subscription_name: "model".into(),
            version: "v7".into(),
            metadata: Some(json!({"size": 5})),
            ..ArtifactReference::default()
        }],
        ..Freight::default()
    }
}

fn warehouse(name: &str, subscriptions: &str) -> Manifests {
    let text = format!(
        "{{apiVersion: kargo.akuity.io/v1alpha1, kind: Warehouse, metadata: {{name: {name}, namespace: shop}}, spec: {{subscriptions: [{subscriptions}]}}}}"
    );
    let mut reader = kargo_core::manifest::Reader::new().subscription_type("model");
    reader.text("w.yaml", &text);
    let read = reader.finish();
    assert!(!read.diagnostics.has_errors(), "{}", read.diagnostics);
    read.manifests
}

const ALL: &str = "{git: {repoURL: 'https://github.com/acme/env'}}, {image: {repoURL: ghcr.io/acme/cart, constraint: ^1.0.0}}, \
    {chart: {repoURL: 'oci://ghcr.io/acme/charts/cart'}}, {chart: {repoURL: 'https://charts.acme.example', name: cart}}, \
    {chart: {repoURL: 'https://charts.acme.example', name: pay}}, {name: model, model: {}}";

/// A Stage that requests of these Warehouses; the first piece of freight is promoted, the others are held.
fn place(warehouses: &[(&str, &str)], held: &[Freight]) -> Host {
    let mut host = Host::new(json!([{"uses": "a", "as": "x"}]));
    let mut stage = host.stage();
    let request =
        |(name, _): &(&str, &str)| FreightRequest { origin: Origin::warehouse(*name), ..FreightRequest::default() };
    stage.spec.requested_freight = warehouses.iter().map(request).collect();
    let reference = |freight: &Freight| FreightReference {
        name: freight.metadata.name.as_str().into(),
        origin: freight.origin.clone(),
        commits: freight.commits.clone(),
        images: freight.images.clone(),
        charts: freight.charts.clone(),
        artifacts: freight.artifacts.clone(),
    };
    let collection = FreightCollection {
        freight: held.iter().map(|freight| (freight.origin.clone(), reference(freight))).collect(),
        ..FreightCollection::default()
    };
    stage.status.freight_history = vec![collection];
    host = host.with(stage);
    for (name, subscriptions) in warehouses {
        if !subscriptions.is_empty() {
            for entry in warehouse(name, subscriptions).entries() {
                host = host.with(entry.object().clone());
            }
        }
    }
    for freight in held {
        host = host.with(freight.clone());
    }
    host
}

/// The value of an expression as JSON text, or its message without the place.
fn value(host: &Host, expression: &str) -> String {
    let template = format!("${{% {expression} %}}");
    let mut host = host.clone().steps(json!([{"uses": "a", "as": "x", "config": {"v": template}}]));
    let mut found = None;
    host.drive(|run| {
        found = Some(run.config.to_json().unwrap()["v"].clone());
        Ok(StepProgress::done(Json::Null))
    });
    match found {
        Some(Json::Null) => NIL.to_owned(),
        Some(Json::String(text)) => text,
        Some(json) => json.to_string(),
        None => {
            let message = host.message();
            let message = message.strip_prefix("failed to build step context: failed to get step config: ").unwrap();
            let end = message.find(" (1:").unwrap_or(message.len());
            message[..end].to_owned()
        }
    }
}

fn cart() -> Host {
    place(&[("cart", ALL)], &[freight(FREIGHT, Origin::warehouse("cart"), "1.4.2")])
}

#[test]
fn promotion_engine_5_3_one_origin() {
    let host = cart();
    let no_chart = |name: &str, url: &str| format!("chart {name}from repo {url} not found in referenced Freight");
    for (expression, wanted) in [
        // The first of the list.
        ("imageFrom('ghcr.io/acme/cart').Tag", "1.4.2".to_owned()),
        ("imageFrom('ghcr.io/acme/cart', warehouse('cart')).Tag", "1.4.2".into()),
        // Commits by their normalised URL, on both sides.
        ("quote(commitFrom('https://github.com/acme/env').ID)", "1.4.2c0ffee".into()),
        ("quote(commitFrom(' https://bob@GitHub.com/acme/env.git/ ', warehouse('cart')).ID)", "1.4.2c0ffee".into()),
        ("commitFrom('https://github.com/acme/env').RepoURL", GIT.into()),
        // Images and charts as they are spelled.
        ("imageFrom('GHCR.io/acme/cart')", NIL.into()),
        ("imageFrom('ghcr.io/acme/cart ', warehouse('cart'))", NIL.into()),
        // What is in the freight but in no subscription is found with an origin alone.
        ("imageFrom('ghcr.io/acme/other')", NIL.into()),
        ("quote(imageFrom('ghcr.io/acme/other', warehouse('cart')).Tag)", "9.9.9".into()),
        ("commitFrom('https://github.com/acme/nope')", NIL.into()),
        ("commitFrom('https://github.com/acme/nope', warehouse('cart'))", NIL.into()),
        ("imageFrom('ghcr.io/acme/cart', warehouse('other'))", NIL.into()),
        ("quote(chartFrom('oci://ghcr.io/acme/charts/cart').Version)", "2.0.0".into()),
        ("quote(chartFrom('https://charts.acme.example', 'cart').Version)", "3.0.0".into()),
        ("quote(chartFrom('https://charts.acme.example', 'pay').Version)", "3.1.0".into()),
        ("quote(chartFrom('https://charts.acme.example', 'pay', warehouse('cart')).Version)", "3.1.0".into()),
        ("quote(chartFrom('oci://ghcr.io/acme/charts/cart', warehouse('cart')).Version)", "2.0.0".into()),
        ("chartFrom('https://charts.acme.example')", no_chart("", CHARTS)),
        ("chartFrom('https://charts.acme.example', 'nope')", no_chart("\"nope\" ", CHARTS)),
        ("chartFrom('oci://GHCR.io/acme/charts/cart')", no_chart("", "oci://GHCR.io/acme/charts/cart")),
        ("chartFrom('https://charts.acme.example', warehouse('cart'))", NIL.into()),
        ("chartFrom('https://charts.acme.example', 'nope', warehouse('cart'))", NIL.into()),
        ("chartFrom('https://charts.acme.example', 'cart', warehouse('other'))", NIL.into()),
        ("artifactFrom('model').Version", "v7".into()),
        ("artifactFrom('model', warehouse('cart')).Metadata.size", "5".into()),
        ("artifactFrom('nope')", NIL.into()),
        ("artifactFrom('nope', warehouse('cart'))", NIL.into()),
        ("warehouse('cart')", r#"{"kind":"Warehouse","name":"cart"}"#.into()),
        ("imageFrom('ghcr.io/acme/nope') == nil", "true".into()),
        ("imageFrom('ghcr.io/acme/nope')?.Tag", NIL.into()),
        ("imageFrom('ghcr.io/acme/nope').Tag", "cannot fetch Tag from <nil>".into()),
        ("imageFrom('ghcr.io/acme/cart').tag", "type v1alpha1.Image has no field tag".into()),
        ("warehouse('')", "name must not be empty".into()),
    ] {
        assert_eq!(value(&host, expression), wanted, "{expression}");
    }
}

#[test]
fn promotion_engine_5_3_wrong_arguments() {
    let host = cart();
    for (expression, wanted) in [
        ("imageFrom('u', ['x', outputs][0])", "second argument must be FreightOrigin, got string"),
        (
            "imageFrom('u', [imageFrom('ghcr.io/acme/cart'), outputs][0])",
            "second argument must be FreightOrigin, got *v1alpha1.Image",
        ),
        (
            "imageFrom('u', [chartFrom('oci://ghcr.io/acme/charts/cart'), outputs][0])",
            "second argument must be FreightOrigin, got *v1alpha1.Chart",
        ),
        ("commitFrom('u', [1.5, outputs][0])", "second argument must be FreightOrigin, got float64"),
        ("commitFrom('u', [nil, outputs][0])", "second argument must be FreightOrigin, got <nil>"),
        (
            "artifactFrom('u', [{kind: 'Warehouse', name: 'cart'}, outputs][0])",
            "second argument must be FreightOrigin, got map[string]interface {}",
        ),
        ("chartFrom('u', [true, outputs][0])", "second argument must be string or FreightOrigin, got bool"),
        ("chartFrom('u', 'n', ['x', outputs][0])", "third argument must be FreightOrigin, got string"),
        (
            "chartFrom('u', '', warehouse('cart'))",
            "when using three arguments, second argument must be string, got string",
        ),
        (
            "chartFrom('u', [warehouse('cart'), outputs][0], warehouse('cart'))",
            "when using three arguments, second argument must be string, got v1alpha1.FreightOrigin",
        ),
        ("imageFrom(outputs)", "first argument must be string, got map[string]interface {}"),
        ("imageFrom()", "not enough arguments to call imageFrom"),
    ] {
        assert_eq!(value(&host, expression), wanted, "{expression}");
    }
}

/// Promotion-engine 5.3: a second subscription that matches, in the same Warehouse or another, is one too many.
#[test]
fn promotion_engine_5_3_ambiguity() {
    const MANY: &str = "multiple requested Freight could potentially provide a";
    let carts =
        [freight(FREIGHT, Origin::warehouse("cart"), "1.4.2"), freight("beef", Origin::warehouse("pay"), "7.0.0")];
    let two = place(&[("pay", ALL), ("cart", ALL)], &carts);
    let mut same = place(&[("cart", ALL)], &carts[..1]);
    let mut cart = same.world.warehouse("cart").unwrap().clone();
    cart.spec.subscriptions.extend(cart.spec.subscriptions.clone());
    same = same.with(cart);
    for host in [&two, &same] {
        for (expression, wanted) in [
            (
                "commitFrom('https://github.com/Acme/env.git')",
                format!(
                    "{MANY} commit from repo https://github.com/acme/env; please update promotion steps to disambiguate"
                ),
            ),
            (
                "imageFrom('ghcr.io/acme/cart')",
                format!(
                    "{MANY} container image from repository {IMAGE}: please provide a Freight origin to disambiguate"
                ),
            ),
            (
                "chartFrom('https://charts.acme.example', 'cart')",
                format!("{MANY} chart from repository {CHARTS}: please provide a Freight origin to disambiguate"),
            ),
            (
                "artifactFrom('model')",
                format!(
                    "error finding artifact from subscription model: {MANY} \"model\" artifact; please update promotion steps to disambiguate"
                ),
            ),
            ("quote(imageFrom('ghcr.io/acme/cart', warehouse('cart')).Tag)", "1.4.2".to_owned()),
            // What only one provides needs no origin.
            ("imageFrom('ghcr.io/acme/other')", NIL.to_owned()),
        ] {
            assert_eq!(value(host, expression), wanted, "{expression}");
        }
    }
    assert_eq!(value(&two, "quote(imageFrom('ghcr.io/acme/cart', warehouse('pay')).Tag)"), "7.0.0");
}

/// Promotion-engine 5.3: a requested Warehouse that is gone is an error, whatever the others have.
#[test]
fn promotion_engine_5_3_missing_warehouses() {
    let host = place(&[("cart", ALL), ("gone", "")], &[freight(FREIGHT, Origin::warehouse("cart"), "1.4.2")]);
    let missing = "Warehouse \"gone\" not found in namespace \"shop\"";
    for (expression, wanted) in [
        ("imageFrom('ghcr.io/acme/cart')", missing.to_owned()),
        ("commitFrom('https://github.com/acme/env')", missing.to_owned()),
        ("chartFrom('https://charts.acme.example')", missing.to_owned()),
        ("artifactFrom('model')", format!("error finding artifact from subscription model: {missing}")),
        ("imageFrom('ghcr.io/acme/cart', warehouse('cart')).Tag", "1.4.2".to_owned()),
    ] {
        assert_eq!(value(&host, expression), wanted, "{expression}");
    }
}

/// Rules 9: artifacts of the leaves of a bundle are found with the origin of the leaf and without one; two leaves that bring
/// the same are told apart by origin.
#[test]
fn rules_9_bundles() {
    let reference = |freight: &Freight| FreightReference {
        name: freight.metadata.name.as_str().into(),
        origin: freight.origin.clone(),
        images: freight.images.clone(),
        artifacts: freight.artifacts.clone(),
        ..FreightReference::default()
    };
    let leaf = |name: &str, tag: &str| Member {
        freight: reference(&freight(name, Origin::warehouse(name), tag)),
        members: vec![],
    };
    let bundle_of = |members: &[Member]| {
        let mut bundle = Freight {
            metadata: ObjectMeta::named(FREIGHT).in_project("shop"),
            origin: Origin::junction("train"),
            ..Freight::default()
        };
        lineage::set_members(&mut bundle, members);
        bundle
    };
    let image = "{image: {repoURL: ghcr.io/acme/cart, constraint: ^1.0.0}}";
    let model = "{name: model, model: {}}";
    let place = |members: &[Member]| {
        let mut host = place(&[("cart", image), ("pay", model)], &[bundle_of(members)]);
        let mut stage = host.stage();
        stage.spec.requested_freight =
            vec![FreightRequest { origin: Origin::junction("train"), ..FreightRequest::default() }];
        host = host.with(stage);
        host
    };
    let nested = Member {
        freight: FreightReference {
            name: "inner".into(),
            origin: Origin::junction("inner"),
            ..FreightReference::default()
        },
        members: vec![leaf("pay", "7.0.0")],
    };
    let host = place(&[leaf("cart", "1.4.2"), nested]);
    for (expression, wanted) in [
        ("imageFrom('ghcr.io/acme/cart').Tag", "1.4.2"),
        ("imageFrom('ghcr.io/acme/cart', warehouse('cart')).Tag", "1.4.2"),
        ("quote(imageFrom('ghcr.io/acme/cart', warehouse('pay')).Tag)", "7.0.0"),
        ("artifactFrom('model').Version", "v7"),
        ("imageFrom('ghcr.io/acme/cart', warehouse('other'))", NIL),
        ("imageFrom('ghcr.io/acme/nope')", NIL),
    ] {
        assert_eq!(value(&host, expression), wanted, "{expression}");
    }
    // Both leaves' Warehouses subscribe.
    let mut host = host;
    for entry in warehouse("pay", image).entries() {
        host = host.with(entry.object().clone());
    }
    assert!(value(&host, "imageFrom('ghcr.io/acme/cart')").starts_with("multiple requested Freight"));
    assert_eq!(value(&host, "quote(imageFrom('ghcr.io/acme/cart', warehouse('pay')).Tag)"), "7.0.0");
}

/// Resources 20.4: what is promoted replaces what was held of its origin; the rest is kept while it is requested.
#[test]
fn resources_20_4_what_is_held_and_what_is_promoted() {
    let image = "{image: {repoURL: ghcr.io/acme/cart, constraint: ^1.0.0}}";
    let old = freight("0ld", Origin::warehouse("cart"), "1.0.0");
    let pay = freight("beef", Origin::warehouse("pay"), "7.0.0");
    let new = freight(FREIGHT, Origin::warehouse("cart"), "1.4.2");
    let tag = |host: &Host, name: &str| value(host, &format!("quote(imageFrom('{IMAGE}', warehouse('{name}'))?.Tag)"));
    let host = place(&[("cart", image), ("pay", image)], &[old.clone(), pay.clone()]).with(new.clone());
    assert_eq!((tag(&host, "cart").as_str(), tag(&host, "pay").as_str()), ("1.4.2", "7.0.0"));
    // Of one origin alone: nothing is inherited.
    let host = place(&[("cart", image)], &[old, pay]).with(new);
    assert_eq!((tag(&host, "cart").as_str(), tag(&host, "pay").as_str()), ("1.4.2", "null"));
}

#[test]
fn promotion_engine_5_2_metadata_and_status() {
    let mut named = freight(FREIGHT, Origin::warehouse("cart"), "1.4.2");
    named.status.metadata = BTreeMap::from([("jira".into(), json!({"id": 7})), ("none".into(), Json::Null)]);
    named.alias = Some("modest-marlin".into());
    let bare = freight("bare", Origin::warehouse("cart"), "1.0.0");
    let mut host = place(&[("cart", ALL)], &[named]).with(bare);
    let mut stage = host.stage();
    stage.status.metadata = BTreeMap::from([("color".into(), json!("blue"))]);
    host = host.with(stage);
    let mut dev = host.stage();
    dev.metadata.name = "dev".into();
    dev.status.metadata.clear();
    host = host.with(dev);
    for (expression, wanted) in [
        ("freightMetadata(ctx.targetFreight.name)", r#"{"jira":{"id":7},"none":null}"#),
        ("freightMetadata(ctx.targetFreight.name).jira.id", "7"),
        ("freightMetadata(ctx.targetFreight.name).nope", NIL),
        ("freightMetadata('bare')", NIL),
        ("freightMetadata('bare')?.key ?? 'default'", "default"),
        ("freightMetadata('bare').key", "cannot fetch key from <nil>"),
        ("freightMetadata('absent')", NIL),
        ("freightMetadata('')", "freight ref name must not be empty"),
        ("freightMetadata([1.0, outputs][0])", "first argument must be string, got float64"),
        ("freightMetadata('a', 'b')", "too many arguments to call freightMetadata"),
        ("freightStatus('absent')", NIL),
        ("freightStatus('')", "freight ref name must not be empty"),
        ("freightStatus(ctx.targetFreight.name).metadata.jira.id", "7"),
        ("freightStatus('bare') == nil", "false"),
        ("freightStatus('bare').verifiedIn", NIL),
        ("stageMetadata('prod').color", "blue"),
        ("stageMetadata('prod').nope", NIL),
        ("stageMetadata('dev')", NIL),
        ("stageMetadata('absent')", NIL),
        ("stageMetadata('')", "stage name must not be empty"),
    ] {
        assert_eq!(value(&host, expression), wanted, "{expression}");
    }
}

/// Rules 13: the freight of several origins, in the order in which the Stage requests them.
#[test]
fn rules_13_freight_of_several_origins() {
    let all = ["zebra", "cart", "mango"].map(|name| freight(&format!("{name}-1"), Origin::warehouse(name), "1.0.0"));
    let map = json!({"Warehouse/zebra": "zebra-1", "Warehouse/cart": "cart-1", "Warehouse/mango": "mango-1"});
    let mut host =
        place(&[("zebra", ""), ("mango", ""), ("cart", "")], &all).annotation(label::EXT_FREIGHT, &map.to_string());
    let mut promotion = host.promotion();
    promotion.spec.freight = Some("zebra-1".into());
    host = host.with(promotion);
    assert_eq!(value(&host, "ctx.targetFreight.name"), "zebra-1");
    assert_eq!(value(&host, "map(ctx.targetFreights, .name)"), r#"["zebra-1","mango-1","cart-1"]"#);
    assert_eq!(value(&host, "map(ctx.targetFreights, .origin.name)"), r#"["zebra","mango","cart"]"#);
    host.drive_done();
    let status = host.promotion().status;
    assert_eq!(status.freight.unwrap().name.as_str(), "zebra-1");
    assert_eq!(status.freight_collection.unwrap().freight.len(), 3);
    let mut host = host.steps(json!([]));
    let mut promotion = host.promotion();
    promotion.status = Default::default();
    promotion.metadata.annotations.insert(
        label::EXT_FREIGHT.into(),
        json!({"Warehouse/zebra": "zebra-1", "Warehouse/mango": "gone"}).to_string(),
    );
    host = host.with(promotion);
    host.drive_done();
    assert_eq!(host.message(), "Freight \"gone\" not found in namespace \"shop\"");
}
