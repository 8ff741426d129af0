//! `pipeline plan`: what a command would lead to, on a project as it was found; nothing is done.

use std::process::ExitCode;

use kargo_core::{
    Engine, Genesis,
    command::{Approve, Command, Import, Pause, Promote, Reject, Resume, Reverify, Rollback},
    engine::Plan,
    manifest::Entry,
    model::Object,
};
use serde_json::json;

use crate::{
    input::{BAD_INPUT, Project, Scene},
    output,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: Project,
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
    arguments.project.ask(BAD_INPUT, |scene| plan(arguments, scene))
}

fn plan(arguments: &Arguments, scene: &Scene) -> Result<ExitCode, String> {
    let Scene { manifests, world, now } = scene;
    let (project, now) = (world.project(), *now);
    let of_project = |object: &&Object| manifests.project_of(object).is_none_or(|of| of == &**project);
    let objects = manifests.entries().map(Entry::object).filter(of_project).cloned();
    let mut engine = Engine::new(Genesis::new(project.clone(), 0));
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
