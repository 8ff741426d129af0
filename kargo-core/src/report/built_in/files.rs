//! Steps that read and edit files of the work tree, and nothing else (steps 1.4, 1.5, 1.7, 1.21, 1.22, 1.29 to 1.36).

use super::super::{StepSpec, TouchTemplate, What};

pub(super) fn specs() -> Vec<StepSpec> {
    vec![
        // Steps 1.4.
        writer("copy", "copies files", "config.outPath").touches(reads("config.inPath")),
        // Steps 1.5.
        writer("delete", "deletes files", "given(config.path) ?? config.paths"),
        // Steps 1.7.
        writer("file-write", "writes a file", "config.path"),
        // Steps 1.21, 1.31, 1.34.
        parser("json-parse", "reads values from a JSON file"),
        parser("toml-parse", "reads values from a TOML file"),
        parser("yaml-parse", "reads values from a YAML file"),
        // Steps 1.22, 1.32, 1.36.
        writer("json-update", "sets values in a JSON file", "config.path"),
        writer("toml-update", "sets values in a TOML file", "config.path"),
        writer("yaml-update", "sets values in a YAML file", "config.path"),
        // Steps 1.29.
        writer("tar", "packs files into an archive", "config.outPath").touches(reads("config.inPath")),
        // Steps 1.30.
        writer("untar", "unpacks an archive", "config.outPath").touches(reads("config.inPath")),
        // Steps 1.33.
        writer("yaml-merge", "merges YAML files", "config.outFile").touches(reads("config.inFiles")),
    ]
}

fn writer(name: &str, summary: &str, written: &str) -> StepSpec {
    StepSpec::new(name).does(summary).writes_tree().touches(TouchTemplate::writes(What::Path, written))
}

fn parser(name: &str, summary: &str) -> StepSpec {
    StepSpec::new(name).does(summary).reads_tree().touches(reads("config.path"))
}

fn reads(path: &str) -> TouchTemplate {
    TouchTemplate::reads(What::Path, path)
}
