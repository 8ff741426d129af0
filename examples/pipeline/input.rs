//! What commands take in: manifests; and those that look at a project as it is, the project and the instant.

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use kargo_adapters::local;
use kargo_core::{Manifests, Timestamp, World, manifest::Reader, model::time::from_manifest};

use crate::output;

/// What was asked cannot be answered, where 1 is an answer.
pub(crate) const BAD_INPUT: u8 = 2;

/// A project at an instant.
#[derive(Debug, clap::Args)]
pub(crate) struct Project {
    /// Files and directories with the pipeline and its freight, with their status, such as a kubectl export.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The project, where the documents are of several.
    #[arg(long)]
    project: Option<String>,
    /// The instant (RFC 3339); now unless said otherwise.
    #[arg(long)]
    now: Option<String>,
}

/// A project that was read.
pub(crate) struct Scene {
    pub(crate) manifests: Manifests,
    pub(crate) world: World,
    pub(crate) now: Timestamp,
}

impl Project {
    /// Reads the project and answers a question about it; what is wrong is written, and the exit code is then `bad`.
    pub(crate) fn ask(&self, bad: u8, answer: impl FnOnce(&Scene) -> Result<ExitCode, String>) -> ExitCode {
        let Some(manifests) = manifests(&self.paths) else { return ExitCode::from(bad) };
        self.scene(manifests).and_then(|scene| answer(&scene)).unwrap_or_else(|message| {
            output::error(message);
            ExitCode::from(bad)
        })
    }

    fn scene(&self, manifests: Manifests) -> Result<Scene, String> {
        let world = match &self.project {
            Some(project) => World::of_project(&manifests, project),
            None => World::from_manifests(&manifests).map_err(|found| found.to_string())?,
        };
        let now = match &self.now {
            Some(text) => from_manifest(text).map_err(|error| format!("--now: {error}"))?,
            None => clock(),
        };
        Ok(Scene { manifests, world, now })
    }
}

/// The manifests of files and directories; none if something is wrong with them, which is written.
pub(crate) fn manifests(paths: &[PathBuf]) -> Option<Manifests> {
    let reading = local::load(Reader::new(), paths);
    if reading.diagnostics.has_errors() {
        output::error(&reading.diagnostics);
        return None;
    }
    Some(reading.manifests)
}

/// The machine's clock, to the millisecond; the epoch if it is before that.
pub(crate) fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).ok().and_then(Timestamp::from_timestamp_millis).unwrap_or_default()
}
