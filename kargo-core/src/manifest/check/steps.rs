//! Rules of steps: what they may carry where, and their aliases (resources 10.2, 17.4 and 17.6; rules 15).

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

use super::{Cursor, Sink};
use crate::model::{Code, Diagnostic, pattern};

/// Where steps are written, which decides what they may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A Stage's template: runners and references to tasks.
    Template,
    /// A task: runners.
    Task,
    /// A promotion: runners; aliases are not checked.
    Promotion,
}

static RESERVED: LazyLock<Regex> = LazyLock::new(|| pattern::compile(r"^(?:step|task)-[0-9]+$"));

/// Checks a list of steps.
pub(super) fn check(steps: &Cursor<'_>, place: Place, sink: &mut Sink<'_>) {
    let mut aliases: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, step) in steps.each().enumerate() {
        what(&step, place, sink);
        if place != Place::Promotion {
            alias(&step, index, &mut aliases, sink);
        }
    }
}

fn what(step: &Cursor<'_>, place: Place, sink: &mut Sink<'_>) {
    let (uses, task) = (step.at("uses"), step.at("task"));
    match (uses.filled_text().is_some() || uses.exists(), task.exists(), place) {
        (true, true, Place::Template) => {
            let diagnostic = Diagnostic::error(Code::Conflict, "a step has both uses and task")
                .by_rule("resources 17.6")
                .help("write two steps");
            step.report_key(sink, "task", diagnostic, "exactly one of the two");
        }
        (false, false, Place::Template) => {
            let diagnostic =
                Diagnostic::error(Code::Conflict, "a step has neither uses nor task").by_rule("resources 17.6");
            step.report(sink, diagnostic, "write uses: <runner> or task: { name: <task> }");
        }
        (false, _, Place::Task) | (_, true, Place::Task) => {
            let diagnostic = Diagnostic::error(Code::Conflict, "a task's step must have uses and must not have task")
                .by_rule("resources 11")
                .help("tasks do not nest; refer to both tasks from the Stage");
            let place = if task.exists() { &task } else { step };
            place.report(sink, diagnostic, "write uses: <runner>");
        }
        (false, _, Place::Promotion) | (_, true, Place::Promotion) => {
            let diagnostic =
                Diagnostic::error(Code::Conflict, "a promotion's step must have uses and must not have task")
                    .by_rule("promotion-engine 3.2")
                    .help("a promotion carries the steps of its tasks, not references to them");
            let place = if task.exists() { &task } else { step };
            place.report(sink, diagnostic, "write uses: <runner>");
        }
        (false, true, Place::Template) => reference(step, sink),
        (true, false, _) => {
            if step.at("forEach").exists() {
                let diagnostic = Diagnostic::error(Code::Conflict, "forEach repeats tasks, not single steps")
                    .by_rule("rules 15")
                    .help("put the step into a PromotionTask and refer to it");
                step.report_key(sink, "forEach", diagnostic, "only beside task");
            }
        }
    }
}

/// What a reference to a task must not carry.
fn reference(step: &Cursor<'_>, sink: &mut Sink<'_>) {
    for key in ["if", "config", "continueOnError", "retry", "onUnknown"] {
        // An empty condition is none; the others count by their presence (resources 23, trap 15).
        if !step.at(key).exists() || (key == "if" && step.at(key).filled_text().is_none()) {
            continue;
        }
        let diagnostic = Diagnostic::error(Code::Conflict, format!("a reference to a task cannot have {key}"))
            .by_rule("resources 17.6")
            .help(match key {
                "if" => "put the condition on the task's steps, fed by a variable",
                "config" => "pass values to the task with vars",
                _ => "put it on the task's steps",
            });
        step.report_key(sink, key, diagnostic, "not beside task");
    }
    let max = step.at("forEach").at("in");
    if max.exists() && max.filled_text().is_none() {
        let diagnostic = Diagnostic::error(Code::Missing, "forEach.in is empty").by_rule("rules 15");
        max.report(sink, diagnostic, "write an expression that gives a list");
    }
}

fn alias<'n>(step: &Cursor<'n>, index: usize, aliases: &mut BTreeMap<&'n str, usize>, sink: &mut Sink<'_>) {
    let field = step.at("as");
    let Some(text) = field.text().map(str::trim).filter(|text| !text.is_empty()) else { return };
    if RESERVED.is_match(text) {
        let diagnostic = Diagnostic::error(Code::ReservedAlias, format!("the step alias {text:?} is reserved"))
            .by_rule("resources 17.4")
            .help("steps without an alias are called so; choose a word of your own");
        field.report(sink, diagnostic, "step-<n> and task-<n> are reserved");
        return;
    }
    if let Some(first) = aliases.get(text) {
        let diagnostic = Diagnostic::error(Code::Duplicate, format!("two steps have the alias {text:?}"))
            .by_rule("resources 17.4")
            .note(format!("the first is step {}", first + 1));
        field.report(sink, diagnostic, "here again");
        return;
    }
    aliases.insert(text, index);
}
