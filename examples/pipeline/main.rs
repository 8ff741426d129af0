//! `pipeline`: a command-line tool over the library.
//!
//! ```text
//! pipeline validate PATH...                                check manifests; every mistake with file, line and column
//! pipeline graph PATH... --format mermaid|dot|svg          draw the stage graph
//! pipeline freight-id < freight.yaml                       the id of each piece of freight, one a line
//! pipeline eval < lines.jsonl                              values of expressions and templates, one a line
//! pipeline constraint < rows.jsonl                       what versions and constraints mean, one row a line
//! pipeline discover PATH... [--forecast]                    what Warehouses find out there, and at what cost
//! pipeline dry-run PATH... --stage S --freight F           what a promotion would do, nothing being done
//! pipeline explain PATH... --stage S [--freight F]         may the freight go there, and if not, why; or what may
//! pipeline plan PATH... --stage S --freight F              what a command would lead to, nothing being done
//! ```
//!
//! Exit codes: 0 nothing must be mended, 1 something must, 2 the command line cannot be read. Of `explain` and
//! `plan`: 0 yes, 1 no or not yet, 2 what was asked cannot be answered.

mod constraint;
mod discover;
mod dry_run;
mod eval;
mod explain;
mod freight_id;
mod graph;
mod input;
mod lines;
mod output;
mod plan;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks Kargo manifests, draws their graph, computes ids of freight, evaluates templates.
#[derive(Debug, Parser)]
#[command(name = "pipeline", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check manifests: every mistake with file, line and column.
    Validate(validate::Arguments),
    /// Draw the stage graph.
    Graph(graph::Arguments),
    /// Read freight manifests on standard input, write the id of each, one a line.
    FreightId,
    /// Evaluate expressions and templates: one JSON object a line on standard input, one answer a line.
    ///
    /// A line is {"expr": "1 + n", "env": {"n": 2}} or {"template": "v${{ n }}", "env": {"n": 2}}; a template may be any
    /// JSON value. "now" (RFC 3339) sets the clock. The answer is {"value": ...} or {"error": "..."}.
    Eval,
    /// Read versions, compare them, and check them against constraints: one JSON object a line, the same with "got" out.
    ///
    /// A line is {"op": "check", "constraint": "^1.2", "version": "1.3.0"}, {"op": "parse", "version": "v1", "strict": false}
    /// or {"op": "cmp", "a": "1.0.0", "b": "1.0.0-rc.1"}. "got" is true or false, the parts of the version, or -1, 0, 1; for
    /// what cannot be read it is {"constraint_error": true} or {"error": true}, and "reason" says why.
    Constraint,
    /// Look for artifacts as the Warehouses say, in the real world: what is found, what freight comes of it, what it cost.
    Discover(discover::Arguments),
    /// Show what a promotion would do: its steps, their configurations as far as known, what they touch.
    DryRun(dry_run::Arguments),
    /// May this freight go to this Stage now, and if not, why, and what would change that? Without freight: what may.
    Explain(explain::Arguments),
    /// Show what a command would lead to on a project with its status: events, work, promotions step by step, what follows.
    Plan(plan::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Graph(arguments) => graph::run(&arguments),
        Command::FreightId => freight_id::run(),
        Command::Eval => eval::run(),
        Command::Constraint => constraint::run(),
        Command::Discover(arguments) => discover::run(&arguments),
        Command::DryRun(arguments) => dry_run::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
    }
}
