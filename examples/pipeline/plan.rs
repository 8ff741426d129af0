//! `pipeline plan`: what a command would lead to, on a project as it was found; nothing is done.

use std::{path::PathBuf, process::ExitCode};

use kargo_adapters::local;
use kargo_core::{
    Engine, Genesis, Manifests, World,
    command::{Approve, Command, Import, Pause, Promote, Reject, Resume, Reverify, Rollback},
    engine::Plan,
    manifest::Reader,
    model::time::from_manifest,
};
use serde_json::json;

use crate::{dry_run::clock, output};

/// What was asked cannot be answered.
const BAD_INPUT: u8 = 2;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files and directories with the project and its status, such as a kubectl export.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The project, where the documents are of several.
    #[arg(long)]
    project: Option<String>,
    /// What would be asked for.
    #[arg(long = "command", value_enum, default_value_t = Asked::Promote)]
    asked: Asked,
    /// The Stage.
    #[arg(long)]
    stage: String,
    /// The freight, by alias, id, or the beginning of an id; of several origins each.
    #[arg(long)]
    freight: Vec<String>,
    /// All that this Stage holds, instead of freight that is named.
    #[arg(long, conflicts_with = "freight")]
    all_of: Option<String>,
    /// Who would ask.
    #[arg(long, default_value = "email:you@example.org")]
    by: String,
    /// The instant (RFC 3339); now unless said otherwise.
    #[arg(long)]
    now: Option<String>,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Asked {
    Promote,
    Rollback,
    Approve,
    Reject,
    Pause,
    Resume,
    Reverify,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let reading = local::load(Reader::new(), &arguments.paths);
    if reading.diagnostics.has_errors() {
        output::error(&reading.diagnostics);
        return ExitCode::from(BAD_INPUT);
    }
    match plan(arguments, &reading.manifests) {
        Ok(code) => code,
        Err(message) => {
            output::error(message);
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn plan(arguments: &Arguments, manifests: &Manifests) -> Result<ExitCode, String> {
    let project = match &arguments.project {
        Some(project) => project.clone(),
        None => World::from_manifests(manifests).map_err(|found| found.to_string())?.project().to_string(),
    };
    let now = match &arguments.now {
        Some(text) => from_manifest(text).map_err(|error| format!("--now: {error}"))?,
        None => clock(),
    };
    let of_project = |object: &&kargo_core::model::Object| manifests.project_of(object).is_none_or(|of| of == project);
    let objects = manifests.entries().map(kargo_core::manifest::Entry::object).filter(of_project).cloned();
    let mut engine = Engine::new(Genesis::new(project.as_str(), 0));
    drop(engine.command(now, Import::objects(objects)).map_err(|refusal| refusal.to_string())?);
    match engine.plan(now, command(arguments)?) {
        Ok(plan) => tell(arguments, &plan),
        Err(refusal) if arguments.json => {
            output::line(json!({ "refused": refusal.what(), "why": refusal.why() }));
            Ok(output::exit(true))
        }
        Err(refusal) => {
            output::line(refusal);
            Ok(output::exit(true))
        }
    }
}

fn tell(arguments: &Arguments, plan: &Plan) -> Result<ExitCode, String> {
    if arguments.json {
        output::line(serde_json::to_string(plan).map_err(|error| error.to_string())?);
    } else {
        output::line(plan);
    }
    Ok(ExitCode::SUCCESS)
}

/// What is asked for, as the engine takes it.
fn command(arguments: &Arguments) -> Result<Command, String> {
    let (stage, by) = (arguments.stage.as_str(), arguments.by.as_str());
    let freight = || arguments.freight.iter().map(String::as_str);
    let only = || match arguments.freight.as_slice() {
        [only] => Ok(only.as_str()),
        _ => Err("name one piece of freight: --freight FREIGHT".to_owned()),
    };
    Ok(match arguments.asked {
        Asked::Promote => {
            let promote = freight().fold(Promote::to(stage), Promote::freight);
            arguments.all_of.iter().fold(promote, |promote, from| promote.all_of(from.as_str())).by(by).into()
        }
        Asked::Rollback => freight().fold(Rollback::of(stage), Rollback::to).by(by).into(),
        Asked::Approve => Approve::new(only()?, stage).by(by).into(),
        Asked::Reject => Reject::new(only()?).in_stage(stage).by(by).into(),
        Asked::Pause => Pause::stage(stage).by(by).into(),
        Asked::Resume => Resume::stage(stage).by(by).into(),
        Asked::Reverify => Reverify::stage(stage).by(by).into(),
    })
}
