//! `pipeline graph`: draws the stage graph.

use std::{path::PathBuf, process::ExitCode};

use kargo_core::{Pipeline, pipeline::draw::PictureState};

use crate::{input, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files and directories; all of them together are one set of documents.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The kind of picture.
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
    /// The project to draw, where the documents hold several.
    #[arg(long)]
    project: Option<String>,
    /// Colour Stages by the status in the documents.
    #[arg(long)]
    state: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// Text for Markdown files and pull requests.
    Mermaid,
    /// Text for Graphviz.
    Dot,
    /// A picture for browsers.
    Svg,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let Some(manifests) = input::manifests(&arguments.paths) else { return output::exit(true) };
    let pipeline = match &arguments.project {
        Some(project) => Pipeline::of_project(&manifests, project),
        None => Pipeline::from_manifests(&manifests),
    };
    let pipeline = match pipeline {
        Ok(pipeline) => pipeline,
        Err(found) => {
            output::error(&found);
            return output::exit(true);
        }
    };
    let state = if arguments.state {
        PictureState::from_manifests(&manifests, pipeline.project())
    } else {
        PictureState::default()
    };
    let picture = pipeline.picture(&state);
    output::raw(&match arguments.format {
        Format::Mermaid => picture.to_mermaid(),
        Format::Dot => picture.to_dot(),
        Format::Svg => picture.to_svg(),
    });
    ExitCode::SUCCESS
}
