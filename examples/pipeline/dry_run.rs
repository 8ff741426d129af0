//! `pipeline dry-run`: what a promotion would do, without doing anything.

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use kargo_adapters::local;
use kargo_core::{
    FreightRef, Timestamp, World,
    freight::ulid_at,
    manifest::Reader,
    model::time::from_manifest,
    promotion::{Proposal, dry_run, dry_run_of, propose},
};

use crate::output;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files and directories with the pipeline and its freight.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The project, where the documents are of several.
    #[arg(long)]
    project: Option<String>,
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
    /// The instant of the promotion (RFC 3339); now unless said otherwise.
    #[arg(long)]
    now: Option<String>,
    /// Write JSON instead of text.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let reading = local::load(Reader::new(), &arguments.paths);
    let manifests = reading.manifests;
    if reading.diagnostics.has_errors() {
        output::error(&reading.diagnostics);
        return output::exit(true);
    }
    match dry(arguments, &manifests) {
        Ok(text) => {
            output::line(text);
            output::exit(false)
        }
        Err(message) => {
            output::error(message);
            output::exit(true)
        }
    }
}

fn dry(arguments: &Arguments, manifests: &kargo_core::Manifests) -> Result<String, String> {
    let world = match &arguments.project {
        Some(project) => World::of_project(manifests, project),
        None => World::from_manifests(manifests).map_err(|found| found.to_string())?,
    };
    let now = match &arguments.now {
        Some(text) => from_manifest(text).map_err(|error| format!("--now: {error}"))?,
        None => clock(),
    };
    let dry = match &arguments.promotion {
        Some(name) => dry_run(&world, name, now).map_err(|error| error.to_string())?,
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
            let promotion = propose(&world, &proposal, now).map_err(|error| error.to_string())?;
            dry_run_of(&world, &promotion, now)
        }
    };
    if arguments.json { serde_json::to_string(&dry).map_err(|error| error.to_string()) } else { Ok(dry.to_string()) }
}

/// The machine's clock, to the millisecond; the epoch if it is before that.
pub(crate) fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).ok().and_then(Timestamp::from_timestamp_millis).unwrap_or_default()
}
