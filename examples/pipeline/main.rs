//! `pipeline`: a command-line tool over the library.
//!
//! ```text
//! pipeline validate PATH...                                check manifests; every mistake with file, line and column
//! pipeline graph PATH... --format mermaid|dot|svg          draw the stage graph
//! pipeline freight-id < freight.yaml                       the id of each piece of freight, one a line
//! ```
//!
//! Exit codes: 0 nothing must be mended, 1 something must, 2 the command line cannot be read.

mod freight_id;
mod graph;
mod output;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Checks Kargo manifests, draws their graph, computes ids of freight.
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
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Graph(arguments) => graph::run(&arguments),
        Command::FreightId => freight_id::run(),
    }
}
