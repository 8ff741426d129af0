//! Steps that render and edit manifests (steps 1.17, 1.18, 1.23, 1.24).

use super::super::{Outside, StepSpec, TouchTemplate, What};

pub(super) fn specs() -> Vec<StepSpec> {
    vec![
        // Steps 1.17. Only the building of dependencies asks anybody; which ones says the chart.
        StepSpec::new("helm-template")
            .reads_outside("renders a Helm chart")
            .writes_tree()
            .outside_when(Outside::None, "config.buildDependencies == nil or config.buildDependencies == false")
            .touches(reads("config.path"))
            .touches(reads("config.valuesFiles"))
            .touches(writes("config.outPath"))
            .touches(charts("config.buildDependencies == nil or config.buildDependencies == false ? nil : '*'")),
        // Steps 1.18. All dependencies of the chart are fetched, those that are configured at their new version.
        StepSpec::new("helm-update-chart")
            .reads_outside("updates the dependencies of a Helm chart")
            .writes_tree()
            .touches(writes("config.path"))
            .touches(charts("item.name").of("item.repository").each("config.charts"))
            .touches(charts("'*'")),
        // Steps 1.23. What it inflates says the kustomization.
        StepSpec::new("kustomize-build")
            .reads_outside("renders a kustomization")
            .writes_tree()
            .touches(reads("config.path"))
            .touches(writes("config.outPath"))
            .touches(charts("'*'")),
        // Steps 1.24. The Freight and the Warehouses that it may ask for are not outside.
        StepSpec::new("kustomize-set-image")
            .does("sets the images of a kustomization")
            .writes_tree()
            .touches(writes("config.path")),
    ]
}

fn reads(path: &str) -> TouchTemplate {
    TouchTemplate::reads(What::Path, path)
}

fn writes(path: &str) -> TouchTemplate {
    TouchTemplate::writes(What::Path, path)
}

fn charts(name: &str) -> TouchTemplate {
    TouchTemplate::reads(What::Chart, name)
}
