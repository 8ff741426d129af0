//! `pipeline explain`: may this freight go to this Stage, and if not, why; or which freight may.

use std::process::ExitCode;

use kargo_core::{
    FreightRef, Timestamp, World, admit, eligible,
    world::{Age, FreightView, StageView},
};
use serde_json::json;

use crate::{
    input::{BAD_INPUT, Project},
    output,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    project: Project,
    /// The Stage.
    #[arg(long)]
    stage: String,
    /// The freight, by alias, id, or the beginning of an id. Without it all that is eligible for the Stage is listed.
    #[arg(long, conflicts_with_all = ["limit", "after"])]
    freight: Option<String>,
    /// List so many at most.
    #[arg(long)]
    limit: Option<usize>,
    /// List only what comes after this freight: the next page.
    #[arg(long, value_name = "FREIGHT")]
    after: Option<String>,
    /// Write JSON instead of text: an object, or of a list one on each line.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    arguments.project.ask(BAD_INPUT, |scene| explain(arguments, &scene.world, scene.now))
}

fn explain(arguments: &Arguments, world: &World, now: Timestamp) -> Result<ExitCode, String> {
    let Some(freight) = &arguments.freight else { return list(arguments, world, now) };
    let why = admit::explain(world, &arguments.stage, freight.as_str(), now);
    if arguments.json {
        output::line(serde_json::to_string(&why).map_err(|error| error.to_string())?);
    } else {
        output::line(&why);
    }
    Ok(output::exit(!why.is_yes()))
}

/// Writes what is eligible for the Stage, of all origins that it requests together, newest first.
fn list(arguments: &Arguments, world: &World, now: Timestamp) -> Result<ExitCode, String> {
    let stage = world.stage(&arguments.stage).map_err(|missing| missing.to_string())?;
    let after = arguments.after.as_ref().map(|name| world.freight(FreightRef::from(name.as_str())));
    let below = after.transpose().map_err(|missing| format!("--after: {missing}"))?.map(FreightView::age);
    for freight in eligible(stage, below.as_ref(), now).take(arguments.limit.unwrap_or(usize::MAX)) {
        let is_there = freight.visit(stage.name()).is_some_and(|visit| visit.current.is_some());
        let found = freight.age().at;
        if arguments.json {
            output::line(json!({
                "name": freight.name(),
                "alias": freight.alias(),
                "origin": freight.origin().to_string(),
                "discoveredAt": found,
                "isThere": is_there,
                "mayGo": admit::is_admitted(stage, freight, now),
            }));
        } else {
            let found = found.map_or_else(|| "-".to_owned(), kargo_core::why::instant);
            let there = if is_there { "  it is there" } else { "" };
            output::line(format_args!(
                "{}  {}  {}  {found}{there}",
                freight.called(),
                freight.short(),
                freight.origin()
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The listings of all requested origins as one; each is in order and looks no further than it is asked to.
fn eligible<'w>(stage: StageView<'w>, below: Option<&Age>, now: Timestamp) -> impl Iterator<Item = FreightView<'w>> {
    let mut origins: Vec<_> = stage.requests().map(|request| &request.origin).collect();
    origins.sort();
    origins.dedup();
    let mut lists: Vec<_> =
        origins.into_iter().map(|origin| eligible::list(stage, origin, below, now).peekable()).collect();
    std::iter::from_fn(move || {
        let newest = lists.iter_mut().filter_map(|list| Some((list.peek()?.age(), list))).max_by(|a, b| a.0.cmp(&b.0));
        newest?.1.next()
    })
}
