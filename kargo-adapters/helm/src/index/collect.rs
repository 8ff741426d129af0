//! What a reader of an index found.

use std::{collections::BTreeSet, fmt};

use kargo_core::port::ChartIndex;

/// What was read of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The charts with the versions that can be read, as they are written, in the index's order, each once.
    pub index: ChartIndex,
    /// What was left out, the first [`MOST_REPORTED`](Self::MOST_REPORTED).
    pub skipped: Vec<Skipped>,
    /// How many were left out in all.
    pub skipped_count: usize,
}

impl Reading {
    /// How many entries that were left out are told one by one.
    pub const MOST_REPORTED: usize = 100;
}

/// An entry of an index that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// The chart, as the index names it.
    pub chart: String,
    /// Where the entry is: a line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: SkipReason,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chart {:?}, line {}: {}", self.chart, self.line, self.why)
    }
}

/// What is wrong with an entry of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// It has no version, or an empty one.
    #[error("it has no version")]
    NoVersion,
    /// Its version is a list or an object.
    #[error("its version is not text")]
    VersionNotText,
    /// It is no object.
    #[error("it is not an entry")]
    NotAnEntry,
    /// The chart has something else than a list of entries.
    #[error("the chart has no list of versions")]
    NotAList,
    /// The chart has the same version above; it counts once.
    #[error("its version is there already")]
    Repeated,
}

/// Gathers what a reader finds, chart by chart.
#[derive(Debug, Default)]
pub(super) struct Collector {
    reading: Reading,
    chart: String,
    versions: Vec<String>,
    seen: BTreeSet<String>,
}

impl Collector {
    /// What comes next is this chart's. One that is there twice has the versions of both places.
    pub(super) fn chart(&mut self, name: String) {
        self.put_away();
        self.versions = self.reading.index.charts.remove(&name).unwrap_or_default();
        self.seen = self.versions.iter().cloned().collect();
        self.chart = name;
    }

    pub(super) fn version(&mut self, version: &str, line: usize) {
        if version.is_empty() {
            self.skip(line, SkipReason::NoVersion);
        } else if self.seen.insert(version.to_owned()) {
            self.versions.push(version.to_owned());
        } else {
            self.skip(line, SkipReason::Repeated);
        }
    }

    pub(super) fn skip(&mut self, line: usize, why: SkipReason) {
        self.reading.skipped_count += 1;
        if self.reading.skipped.len() < Reading::MOST_REPORTED {
            self.reading.skipped.push(Skipped { chart: self.chart.clone(), line, why });
        }
    }

    pub(super) fn finish(mut self) -> Reading {
        self.put_away();
        self.reading
    }

    /// A chart without versions is as one that is not there.
    fn put_away(&mut self) {
        let versions = std::mem::take(&mut self.versions);
        if !versions.is_empty() {
            self.reading.index.charts.insert(std::mem::take(&mut self.chart), versions);
        }
    }
}

/// The index, after what was left out of it was logged: one line, whatever it was.
pub(crate) fn reported(reading: Reading, host: &str, asked: &str) -> ChartIndex {
    if let Some(first) = reading.skipped.first() {
        tracing::warn!(host, asked, count = reading.skipped_count, %first, "entries of a chart index were left out");
    }
    reading.index
}
