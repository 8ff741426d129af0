//! `pipeline validate`: checks manifests and prints what is wrong.

use std::{path::PathBuf, process::ExitCode};

use kargo_adapters::local;
use kargo_core::{
    Diagnostics, Manifests, Pipeline,
    manifest::Reader,
    model::{Code, Severity},
};
use serde_json::json;

use crate::output;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files and directories; all of them together are one set of documents.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write one JSON object a line instead of text.
    #[arg(long)]
    json: bool,
    /// Take fields that the schema does not know for errors.
    #[arg(long)]
    strict: bool,
    /// Make a class of mistakes fatal.
    #[arg(long, value_name = "CLASS")]
    deny: Vec<Denied>,
    /// Check each document alone, without the graph.
    #[arg(long)]
    documents_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Denied {
    /// Everything that works, but hardly as meant.
    Warnings,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut reader = Reader::new();
    if arguments.documents_only {
        reader = reader.each_alone();
    }
    let reading = local::load(reader, &arguments.paths);
    let (manifests, mut found) = (reading.manifests, reading.diagnostics);
    let projects: Vec<String> = manifests.projects().into_iter().map(str::to_owned).collect();
    let mut pipelines = Vec::new();
    if !arguments.documents_only {
        for project in &projects {
            let (pipeline, diagnostics) = Pipeline::check(&manifests, project);
            found.extend(diagnostics);
            pipelines.extend(pipeline);
        }
    }
    found.sort();
    found.dedup();
    let deny_warnings = arguments.deny.contains(&Denied::Warnings);
    let found = found.map(|diagnostic| {
        let unknown_field = arguments.strict && diagnostic.code() == Code::UnknownField;
        if unknown_field || deny_warnings { diagnostic.with_severity(Severity::Error) } else { diagnostic }
    });
    if arguments.json {
        print_json(&manifests, &found)
    } else {
        print_text(&manifests, &found, &pipelines)
    }
    output::exit(found.has_errors())
}

fn print_json(manifests: &Manifests, found: &Diagnostics) {
    for diagnostic in found {
        output::line(json!(diagnostic));
    }
    for aside in manifests.aside() {
        let place = json!({ "apiVersion": aside.api_version, "kind": aside.kind, "name": aside.name, "file": aside.file,
            "line": aside.span.line, "column": aside.span.column });
        output::line(json!({ "aside": place }));
    }
}

fn print_text(manifests: &Manifests, found: &Diagnostics, pipelines: &[Pipeline]) {
    if !found.is_empty() {
        output::line(format_args!("{found}\n"));
    }
    if !manifests.aside().is_empty() {
        output::line(format_args!("kept aside ({}):", output::count(manifests.aside().len(), "document")));
        for aside in manifests.aside() {
            output::line(format_args!("  {aside}"));
        }
        output::line("");
    }
    for pipeline in pipelines {
        let project = if pipeline.project().is_empty() { "(no namespace)" } else { pipeline.project().as_str() };
        output::line(format_args!(
            "{project}: {}, {}, {}, {}",
            output::count(pipeline.warehouses().len(), "warehouse"),
            output::count(pipeline.junctions().len(), "junction"),
            output::count(pipeline.stages().len(), "stage"),
            output::count(pipeline.requests().len(), "request"),
        ));
    }
    let objects = output::count(manifests.entries().len(), "object");
    let errors = output::count(found.errors().count(), "error");
    let warnings = output::count(found.warnings().count(), "warning");
    output::line(format_args!("{objects} read: {errors}, {warnings}"));
}
