//! `pipeline dry-run`: what a promotion would do, without doing anything.

use std::process::ExitCode;

use kargo_core::{
    FreightRef, Timestamp, World,
    freight::ulid_at,
    promotion::{Proposal, dry_run, dry_run_of, propose},
};

use crate::{input::Project, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: Project,
    /// The Stage to promote to.
    #[arg(long, required_unless_present = "promotion", conflicts_with = "promotion")]
    stage: Option<String>,
    /// The freight, by alias, id, or the beginning of an id; once for each origin.
    #[arg(long, required_unless_present = "promotion", conflicts_with = "promotion")]
    freight: Vec<String>,
    /// The Target of the Stage.
    #[arg(long, conflicts_with = "promotion")]
    target: Option<String>,
    /// Who promotes, such as email:ana@acme.example.
    #[arg(long, conflicts_with = "promotion")]
    actor: Option<String>,
    /// Instead: a Promotion among the documents, from its first step.
    #[arg(long)]
    promotion: Option<String>,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    arguments.project.ask(output::MISTAKES, |scene| {
        output::line(dry(arguments, &scene.world, scene.now)?);
        Ok(output::exit(false))
    })
}

fn dry(arguments: &Arguments, world: &World, now: Timestamp) -> Result<String, String> {
    let dry = match &arguments.promotion {
        Some(name) => dry_run(world, name, now).map_err(|error| error.to_string())?,
        None => {
            let freight = arguments.freight.iter().map(|name| FreightRef::from(name.as_str()));
            let stage = arguments.stage.as_deref().unwrap_or_default();
            let mut proposal = Proposal::new(stage, freight, ulid_at(now, 0, None));
            if let Some(target) = &arguments.target {
                proposal = proposal.target(target.as_str());
            }
            if let Some(actor) = &arguments.actor {
                proposal = proposal.by(actor);
            }
            let promotion = propose(world, &proposal, now).map_err(|error| error.to_string())?;
            dry_run_of(world, &promotion, now)
        }
    };
    if arguments.json { serde_json::to_string(&dry).map_err(|error| error.to_string()) } else { Ok(dry.to_string()) }
}
