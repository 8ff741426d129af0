//! Freight alone and beside its Warehouse (resources 8, 16.1, 17.5, 23).

use kargo_core::model::Code;

use super::mistake::{error, fine, object, read, values, warehouse, warning};

fn freight(body: &str) -> String {
    format!("apiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: {{ namespace: p }}\n{body}\n")
}

/// Freight of Warehouse `w`, which has these subscriptions.
fn of(subscriptions: &str, artifacts: &str) -> String {
    let freight = freight(&format!("origin: {{ kind: Warehouse, name: w }}\n{artifacts}"));
    format!("{}---\n{freight}", warehouse(subscriptions))
}

#[test]
fn resources_17_5_freight_has_an_artifact() {
    for list in [
        "commits: [{ repoURL: r }]",
        "images: [{ repoURL: r }]",
        "charts: [{ repoURL: r }]",
        "artifacts: [{ subscriptionName: s, version: v }]",
    ] {
        let text = freight(&format!("origin: {{ kind: Warehouse, name: z }}\n«images: []¦{list}»"));
        error(Code::Missing, "resources 17.5", "", &format!("‸{text}"));
    }
    fine(&freight("origin: { kind: Junction, name: z }"));
}

#[test]
fn resources_8_origins() {
    let text = freight("origin: { kind: ◌, name: w }\nimages: [{ repoURL: r }]");
    values(Code::NotAllowed, "resources 8.1", "origin.kind", &text, &["Stage", "warehouse", "\"\""], &["Warehouse"]);
}

#[test]
fn resources_16_2_aliases_are_label_values() {
    let long = "a".repeat(64);
    let wrong = ["-a", "a b", "a/b", "é", long.as_str()];
    let text = freight("alias: ◌\norigin: { kind: Warehouse, name: z }\nimages: [{ repoURL: r }]");
    values(Code::Format, "resources 8", "alias", &text, &wrong, &["sunny-otter", "A_b.c", "\"\""]);
}

#[test]
fn resources_8_2_other_artifacts() {
    let text = |rest: &str| freight(&format!("origin: {{ kind: Warehouse, name: z }}\nartifacts: [{{ {rest} }}]"));
    error(Code::Range, "resources 8.2", "artifacts[0].version", &text("subscriptionName: s, version: «\"\"¦v»"));
    error(
        Code::Range,
        "resources 8.2",
        "artifacts[0].subscriptionName",
        &text("subscriptionName: «\"\"¦s», version: v"),
    );
    error(
        Code::Range,
        "resources 8.2",
        "artifacts[0].artifactType",
        &text("subscriptionName: s, version: v, artifactType: «\"\"¦t»"),
    );
    error(
        Code::WrongType,
        "resources 8.2",
        "artifacts[0].metadata",
        &text("subscriptionName: s, version: v, metadata: «[1]¦{ a: [1] }»"),
    );
}

#[test]
fn resources_8_3_status() {
    let text = |status: &str| {
        freight(&format!("origin: {{ kind: Warehouse, name: z }}\nimages: [{{ repoURL: r }}]\nstatus: {{ {status} }}"))
    };
    error(Code::Range, "resources 8.3", "status.metadata[\"\"]", &text("metadata: { «\"\"¦a»: ‸1 }"));
    error(
        Code::Format,
        "resources 8.3",
        "status.verifiedIn.dev.longestSoak",
        &text("verifiedIn: { dev: { longestSoak: «1d¦24h0m0s» } }"),
    );
    error(
        Code::Format,
        "resources 8.3",
        "status.currentlyIn.dev.since",
        &text("currentlyIn: { dev: { since: «yesterday¦2026-01-02T03:04:05+02:00» } }"),
    );
}

#[test]
fn resources_8_5_collections_are_keyed_by_origin() {
    let stage = |key: &str| {
        object(
            "Stage",
            "s",
            &format!(
                "spec: {{ requestedFreight: [{{ origin: {{ kind: Warehouse, name: w }}, sources: {{ direct: true }} }}] }}\n\
                 status: {{ freightHistory: [{{ id: a, items: {{ {key}: {{ name: f }} }} }}] }}"
            ),
        )
    };
    for wrong in ["w", "Stage/w", "Warehouse/", "Warehouse/a/b"] {
        let path = format!("status.freightHistory[0].items.{wrong}");
        error(Code::Format, "resources 8.5", &path, &stage(&format!("«{wrong}¦Warehouse/w»")));
    }
}

#[test]
fn resources_16_1_freight_is_named_by_its_id() {
    let text = freight(
        "origin: { kind: Warehouse, name: my-warehouse }\ncommits: [{ repoURL: https://github.com/Example/kargo-demo.git, id: 4d2c1f0b9a8e7d6c5b4a39281706f5e4d3c2b1a0, branch: main }]\nimages: [{ repoURL: public.ecr.aws/nginx/nginx, tag: 1.27.0, digest: 'sha256:a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1' }]",
    );
    let named = text.replace("{ namespace", "{ name: «my-freight¦84d9a0d81714243ecd236c670da11c7259af9059», namespace");
    let found = warning(Code::Identity, "resources 16.1", "metadata.name", &named);
    assert_eq!(found.helps(), ["write 84d9a0d81714243ecd236c670da11c7259af9059"]);
    // What the server knows already keeps its name.
    fine(&text.replace("{ namespace", "{ name: my-freight, uid: \"1\", namespace"));
}

#[test]
fn resources_17_5_artifacts_match_subscriptions() {
    let image = "image: { repoURL: ghcr.io/acme/a }";
    let artifact = |repo: &str| format!("images: [{{ repoURL: ghcr.io/acme/a, tag: '1' }}{repo}]");
    // Of no subscription.
    let text = of(image, &artifact("«, ‸{ repoURL: ghcr.io/acme/b, tag: '1' }¦»"));
    error(Code::RawMatch, "resources 17.5", "images[1]", &text);
    // Two of one subscription.
    let text = of(image, &artifact("«, ‸{ repoURL: ghcr.io/acme/a, tag: '2' }¦»"));
    error(Code::RawMatch, "resources 17.5", "images[1]", &text);
    // None of a subscription.
    let subscriptions = format!("{image}\n«git: {{ repoURL: https://h/x }}¦{{ name: a, model: {{}} }}»");
    let freight_starts = of(&subscriptions, &artifact("")).replace("---\napiVersion", "---\n‸apiVersion");
    error(Code::RawMatch, "resources 17.5", "commits", &freight_starts);
    // Artifacts of other kinds are not compared.
    fine(&of(image, &format!("{}\nartifacts: [{{ subscriptionName: s, version: v }}]", artifact(""))));
    // Freight of a Warehouse that is not among the documents is not compared either.
    fine(&freight("origin: { kind: Warehouse, name: elsewhere }\nimages: [{ repoURL: r }]"));
}

#[test]
fn resources_17_5_keys_of_artifacts() {
    // Git and chart URLs are compared normalized, image URLs as written (trap 31).
    fine(&of("git: { repoURL: https://git.example/a.git }", "commits: [{ repoURL: https://u@GIT.example/a, id: x }]"));
    fine(&of("chart: { repoURL: https://h/x, name: a }", "charts: [{ repoURL: https://H/x, name: a, version: '1' }]"));
    for (subscription, artifacts) in [
        ("image: { repoURL: docker.io/library/nginx }", "images: [{ repoURL: nginx, tag: '1' }]"),
        ("chart: { repoURL: https://h/x, name: a }", "charts: [{ repoURL: https://h/x, name: b, version: '1' }]"),
        ("image: { repoURL: h.io/x }", "charts: [{ repoURL: oci://h.io/x, version: '1' }]"),
    ] {
        let found = read(&of(subscription, artifacts)).diagnostics;
        assert_eq!(found.iter().map(kargo_core::Diagnostic::code).collect::<Vec<_>>(), [Code::RawMatch; 2], "{found}");
    }
    // What was admitted is not judged again.
    let admitted =
        of("image: { repoURL: a }", "images: [{ repoURL: b }]").replace("{ namespace: p }", "{ namespace: p, uid: x }");
    fine(&admitted);
}
