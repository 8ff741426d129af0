//! What a step may put out: JSON and seals, of a bounded size (promotion-engine 8.2, trap 21; rules 2, 12 and 18).

use std::borrow::Cow;

use super::run::Run;
use crate::{
    expr::{Problem, Value},
    report::{StepOutcome, StepReport},
};

/// Bytes of JSON that the output of one step may have (rules 12).
pub const MAX_OUTPUT: usize = 256 << 10;
/// Bytes of JSON that the outputs of all steps of a promotion may have together (rules 12).
pub const MAX_OUTPUTS: usize = 1 << 20;

/// The report as it is taken: its output is what JSON and seals can hold, so that it reads the same after it was stored. One
/// that cannot be kept makes the step Errored for good.
pub(super) fn accept<'r>(run: &Run, step: usize, report: &'r StepReport) -> Cow<'r, StepReport> {
    let output = match &report.output {
        Value::Null | Value::Sealed(_) => return Cow::Borrowed(report),
        Value::Map(_) => normal(&report.output)
            .map_err(|problem| format!("its output cannot be kept: {problem}"))
            .and_then(|output| sized(run, step, &output).map(|()| output)),
        other => Err(format!("its output is no object but {}", other.type_name())),
    };
    Cow::Owned(match output {
        Ok(output) => StepReport { output, ..report.clone() },
        Err(problem) => StepReport {
            outcome: StepOutcome::Errored { terminal: true, retry_after: None },
            message: Some(problem),
            ..StepReport::default()
        },
    })
}

/// The value as it reads after it was written: whole numbers are floats, maps of texts are maps, seals stay.
fn normal(value: &Value) -> Result<Value, Problem> {
    match value {
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Sealed(_) => Ok(value.clone()),
        Value::List(_) => {
            let items = value.as_list().unwrap_or_default().iter().map(normal);
            Value::list(items.collect::<Result<_, _>>()?)
        }
        Value::Map(map) => {
            let entries = map.entries().iter().map(|(key, item)| Ok((key.clone(), normal(item)?)));
            Value::map(entries.collect::<Result<_, Problem>>()?)
        }
        other => Value::from_json(&other.to_json()?),
    }
}

fn sized(run: &Run, step: usize, output: &Value) -> Result<(), String> {
    const WAY_OUT: &str = "write it to a file of the work tree and put out the path";
    let own = bytes(output);
    if own > MAX_OUTPUT {
        return Err(format!("its output has {own} bytes, more than the {MAX_OUTPUT} of a step; {WAY_OUT}"));
    }
    let alias = run.plan.steps().get(step).map(|planned| &**planned.alias());
    let others = run.outputs.iter().filter(|(of, _)| Some(&***of) != alias).map(|(_, output)| bytes(output));
    let all = own.saturating_add(others.sum());
    if all > MAX_OUTPUTS {
        let problem = "with its output the promotion's have";
        return Err(format!("{problem} {all} bytes, more than the {MAX_OUTPUTS} of a promotion; {WAY_OUT}"));
    }
    Ok(())
}

/// What cannot be written is too big.
fn bytes(output: &Value) -> usize {
    output.to_sealed_json().map_or(usize::MAX, |json| json.to_string().len())
}
