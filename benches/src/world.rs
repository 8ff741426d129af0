//! Warehouses, Stages and freight of any size, the same on every run.

use kargo_core::model::{
    Freight, FreightRequest, FreightSources, GitCommit, Image, ObjectMeta, Origin, Stage, StageSpec, Warehouse,
};

/// How many Warehouses a world of Stages has; every Stage requests the freight of each.
pub const WAREHOUSES: usize = 3;
/// How many Stages stand beside one another in each layer.
pub const LAYER: usize = 1_000;

/// The Warehouses of a world.
#[must_use]
pub fn warehouses() -> Vec<Warehouse> {
    (0..WAREHOUSES)
        .map(|number| Warehouse {
            metadata: ObjectMeta::named(format!("warehouse-{number}")).in_project("bench"),
            ..Warehouse::default()
        })
        .collect()
}

/// Stages in layers: each requests freight of every Warehouse, in the first layer directly, later from one Stage of the layer
/// before; so there are three requests and three edges for each Stage.
#[must_use]
pub fn stages(count: usize) -> Vec<Stage> {
    (0..count).map(stage).collect()
}

fn stage(number: usize) -> Stage {
    let requested_freight = (0..WAREHOUSES)
        .map(|warehouse| {
            let sources = if number < LAYER {
                FreightSources { direct: true, ..FreightSources::default() }
            } else {
                let layer = number / LAYER - 1;
                let upstream = layer * LAYER + (number * 7 + warehouse * 13) % LAYER;
                FreightSources { stages: vec![name(upstream).into()], ..FreightSources::default() }
            };
            FreightRequest { origin: Origin::warehouse(format!("warehouse-{warehouse}")), sources }
        })
        .collect();
    Stage {
        metadata: ObjectMeta::named(name(number)).in_project("bench"),
        spec: StageSpec { requested_freight, ..StageSpec::default() },
        ..Stage::default()
    }
}

fn name(number: usize) -> String {
    format!("stage-{number:06}")
}

/// Stage manifests as people write them, with four steps each.
#[must_use]
pub fn stage_manifests(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let source = if number == 0 { "direct: true".to_owned() } else { format!("stages: [{}]", name(number - 1)) };
        text.push_str(&format!(
            "---\napiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata:\n  name: {name}\n  namespace: bench\n  labels:\n    \
             tier: \"{tier}\"\nspec:\n  vars:\n  - name: gitRepo\n    value: https://github.com/acme/env.git\n  requestedFreight:\n  - \
             origin:\n      kind: Warehouse\n      name: warehouse-0\n    sources:\n      {source}\n      requiredSoakTime: 1h30m\n  \
             promotionTemplate:\n    spec:\n      steps:\n      - uses: git-clone\n        config:\n          repoURL: ${{{{ vars.gitRepo \
             }}}}\n          checkout:\n          - branch: main\n            path: ./src\n      - uses: yaml-update\n        as: update\n        \
             config:\n          path: ./src/values.yaml\n          updates:\n          - key: image.tag\n            value: ${{{{ \
             imageFrom('ghcr.io/acme/cart').Tag }}}}\n      - uses: git-commit\n        config:\n          path: ./src\n          message: \
             ${{{{ outputs.update.commitMessage }}}}\n      - uses: git-push\n        config:\n          path: ./src\n",
            name = name(number),
            tier = number % 3,
        ));
    }
    text
}

/// Freight with this many artifacts, half of them images and half commits.
#[must_use]
pub fn freight(artifacts: usize) -> Freight {
    let digest = |number: usize| format!("sha256:{number:064x}");
    Freight {
        origin: Origin::warehouse("everything"),
        images: (0..artifacts / 2)
            .map(|number| Image {
                repo_url: format!("ghcr.io/acme/service-{number:04}"),
                tag: format!("1.{number}.0").into(),
                digest: digest(number).into(),
                ..Image::default()
            })
            .collect(),
        commits: (artifacts / 2..artifacts)
            .map(|number| GitCommit {
                repo_url: format!("https://github.com/acme/service-{number:04}.git"),
                id: format!("{number:040x}"),
                ..GitCommit::default()
            })
            .collect(),
        ..Freight::default()
    }
}
