//! The table at the end of a run: what was measured, the figure, the budget.

use std::{fmt::Write as _, fs, path::PathBuf, time::Duration};

use serde_json::Value;

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The benchmark's id, as given to criterion: `group/name`.
    pub id: &'static str,
    /// What it measures.
    pub what: &'static str,
    /// What it may take; `None` where there is no budget.
    pub budget: Option<Duration>,
}

/// The table of what the last run measured: the median of each benchmark beside its budget. Benchmarks that did not run are
/// left out.
#[must_use]
pub fn render(rows: &[Row]) -> String {
    let mut out = String::from("| what | median | budget | used |\n| --- | --: | --: | --: |\n");
    for row in rows {
        let Some(median) = median(row.id) else { continue };
        let (budget, used) = match row.budget {
            Some(budget) => {
                (format!("{budget:.1?}"), format!("{:.0} %", 100.0 * median.as_secs_f64() / budget.as_secs_f64()))
            }
            None => ("-".to_owned(), "-".to_owned()),
        };
        let _infallible = writeln!(out, "| {} | {median:.3?} | {budget} | {used} |", row.what);
    }
    out
}

/// The median that criterion wrote for a benchmark, if it ran.
fn median(id: &str) -> Option<Duration> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    let file = target.join("criterion").join(id).join("new/estimates.json");
    let estimates: Value = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
    Some(Duration::from_secs_f64(estimates["median"]["point_estimate"].as_f64()? / 1e9))
}

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}
