//! Leaving out of a failing history whatever can be left out.

use super::{Run, Sim, script::Act};

/// No more runs than this are tried.
const MOST_RUNS: usize = 120;

/// A shorter history in which the same rule is violated, and its run.
pub(crate) fn shrink(sim: &Sim, run: Run) -> (Vec<Act>, Run) {
    let Some(wanted) = run.violations().first().map(|violation| violation.name.clone()) else {
        return (sim.script().to_vec(), run);
    };
    let mut script = sim.script().to_vec();
    let mut best = run;
    let mut part = script.len().div_ceil(2).max(1);
    let mut tried = 0;
    while tried < MOST_RUNS {
        let mut from = 0;
        let before = script.len();
        while from < script.len() && tried < MOST_RUNS {
            let mut shorter = script.clone();
            shorter.drain(from..(from + part).min(script.len()));
            tried += 1;
            let run = sim.with_script(shorter.clone()).run();
            if run.violations().iter().any(|violation| violation.name == wanted) {
                (script, best) = (shorter, run);
            } else {
                from += part;
            }
        }
        if part == 1 && script.len() == before {
            break;
        }
        part = part.div_ceil(2).max(1);
    }
    (script, best)
}
