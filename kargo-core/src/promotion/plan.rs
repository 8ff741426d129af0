//! What a promotion carries out: its variables and steps, read once, and the loops they stand in.

use std::{ops::Range, sync::Arc};

use super::{functions, variables::Variables};
use crate::{
    expr::{Document, Reads, Template, TemplateError, Value},
    model::{Duration, ForEachMode, Loop, Loops, OnUnknown, PromotionStep, StepRetry, Variable},
    report::{Checkouts, Outside, Repeat, StepSpec, StepSpecs},
};

/// The steps of a promotion, read once. Many runs share one plan.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) vars: Variables,
    steps: Vec<PlannedStep>,
    loops: Loops,
    /// Nothing yet: what every run knows at its beginning.
    pub(super) checkouts: Arc<Checkouts>,
}

/// One step: its templates read, its kind looked up.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    alias: Arc<str>,
    /// Where the short alias begins, after `<task>::`.
    short: usize,
    namespace: Option<Arc<str>>,
    uses: Arc<str>,
    pub(super) condition: Option<Template>,
    pub(super) vars: Variables,
    pub(super) config: Result<Document, TemplateError>,
    /// Whether there is a configuration at all; without one, variables are not evaluated (promotion-engine 2).
    pub(super) has_config: bool,
    continue_on_error: bool,
    retry: StepRetry,
    on_unknown: OnUnknown,
    spec: Option<Arc<StepSpec>>,
    /// The names that the step's templates read.
    pub(super) reads: Reads,
    /// The aliases whose outputs they read; `None` if that is not certain.
    outputs_read: Option<Vec<Arc<str>>>,
}

/// The steps that a step in a parallel member of a loop does not see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Siblings {
    all: Range<usize>,
    own: Range<usize>,
}

impl Siblings {
    pub(super) fn contains(&self, index: usize) -> bool {
        self.all.contains(&index) && !self.own.contains(&index)
    }
}

impl Plan {
    /// Reads the variables and steps of a promotion. Kinds are those known now: a run is pinned to what they declare
    /// (architecture 5).
    ///
    /// Reading never fails: what is wrong with a template is the error of the step when it is reached, as in Kargo.
    #[must_use]
    pub fn new(vars: &[Variable], steps: &[PromotionStep], loops: Loops, specs: &StepSpecs) -> Self {
        let vars = Variables::new(vars, functions::for_variables());
        let steps = steps.iter().enumerate().map(|(index, step)| PlannedStep::new(step, index, specs)).collect();
        Self { vars, steps, loops, checkouts: Arc::default() }
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[PlannedStep] {
        &self.steps
    }

    /// The loops among them.
    #[must_use]
    pub fn loops(&self) -> &Loops {
        &self.loops
    }

    /// What the step with this index does not see (rules 15).
    pub(super) fn siblings(&self, index: usize) -> Siblings {
        match self.loops.at(index) {
            Some((found, member)) if found.mode == ForEachMode::Parallel => {
                Siblings { all: found.range(), own: found.ranges().nth(member).unwrap_or_default() }
            }
            _ => Siblings::default(),
        }
    }

    /// Where the branches of the step list begin that can go on at the same time, once everything before `from` is over:
    /// `from` alone, or the members of the parallel loop that it stands in.
    pub(super) fn branches(&self, from: usize) -> Vec<Range<usize>> {
        match self.loops.at(from) {
            Some((found, _)) if found.mode == ForEachMode::Parallel => found.ranges().collect(),
            _ => std::iter::once(from..self.steps.len()).collect(),
        }
    }

    /// Whether a parallel loop begins with the step with this index.
    pub(super) fn begins_parallel(&self, step: usize) -> bool {
        let parallel = |found: &Loop| found.mode == ForEachMode::Parallel && found.first == step && found.members > 0;
        self.loops.iter().any(parallel)
    }
}

impl PlannedStep {
    fn new(step: &PromotionStep, index: usize, specs: &StepSpecs) -> Self {
        let alias = step.effective_alias(index);
        let namespace = namespace(&alias).map(Arc::from);
        let short = namespace.as_ref().map_or(0, |namespace: &Arc<str>| namespace.len() + SEPARATOR.len());
        let condition = step.if_.as_deref().filter(|text| !text.is_empty());
        let condition = condition.map(|text| Template::new(text, functions::for_steps()));
        let vars = Variables::new(&step.vars, functions::for_variables());
        let json = step.config.clone().unwrap_or_default();
        let config = Document::config(&json, functions::for_steps());
        let in_config = config.as_ref().map(Document::templates).unwrap_or_default();
        let templates = vars.iter().map(|(_, template)| template);
        let templates = templates.chain(&condition).chain(in_config.into_iter().map(|(_, template)| template));
        let reads = reads_of(templates);
        let outputs_read = outputs_of(&reads);
        let uses = step.uses.as_deref().unwrap_or_default();
        Self {
            alias: alias.into(),
            short,
            namespace,
            uses: uses.into(),
            condition,
            vars,
            config,
            has_config: step.config.is_some(),
            continue_on_error: step.continue_on_error.unwrap_or(false),
            retry: step.retry.clone().unwrap_or_default(),
            on_unknown: step.on_unknown.unwrap_or_default(),
            spec: specs.shared(uses),
            reads,
            outputs_read,
        }
    }

    /// The alias: key of its output, and of its record.
    #[must_use]
    pub fn alias(&self) -> &Arc<str> {
        &self.alias
    }

    /// The alias of the task it stands in, if it stands in one.
    #[must_use]
    pub fn namespace(&self) -> Option<&Arc<str>> {
        self.namespace.as_ref()
    }

    /// The alias within its task.
    #[must_use]
    pub fn short_alias(&self) -> &str {
        self.alias.get(self.short..).unwrap_or_default()
    }

    /// The runner's name.
    #[must_use]
    pub fn uses(&self) -> &Arc<str> {
        &self.uses
    }

    /// What its kind declares; `None` for a kind that is not known.
    #[must_use]
    pub fn spec(&self) -> Option<&Arc<StepSpec>> {
        self.spec.as_ref()
    }

    /// Whether it says itself when it runs.
    #[must_use]
    pub fn has_condition(&self) -> bool {
        self.condition.is_some()
    }

    /// Whether its failure neither counts nor shows.
    #[must_use]
    pub fn continue_on_error(&self) -> bool {
        self.continue_on_error
    }

    /// What to do when a crash leaves open whether it acted (rules 1).
    #[must_use]
    pub fn on_unknown(&self) -> OnUnknown {
        self.on_unknown
    }

    /// How many consecutive errors end it: what the step says, else its kind, else one (promotion-engine 1.5).
    #[must_use]
    pub fn error_threshold(&self) -> u32 {
        match self.retry.error_threshold {
            0 => self.spec.as_ref().map_or(1, |spec| spec.error_threshold()),
            threshold => threshold,
        }
    }

    /// How long it may take: what the step says, else its kind; `None` for no limit, which an explicit zero asks for
    /// (promotion-engine 1.5).
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        let declared = || self.spec.as_ref().and_then(|spec| spec.timeout());
        self.retry.timeout.or_else(declared).filter(|timeout| *timeout > Duration::ZERO)
    }

    /// Whether a step with this configuration may neither be repeated nor looked after (rules 1).
    pub(super) fn is_unknowable(&self, config: &Value) -> bool {
        let Some(spec) = &self.spec else { return false };
        let outside = spec.outside_of(config).unwrap_or_else(|_| spec.outside());
        let repeat = spec.repeat_of(config).unwrap_or_else(|_| spec.repeat());
        outside == Outside::Acts && repeat == Repeat::Unknowable
    }

    /// The aliases whose outputs its templates read; `None` if that is not certain.
    pub(super) fn outputs_read(&self) -> Option<&[Arc<str>]> {
        self.outputs_read.as_deref()
    }

    /// Whether its output becomes part of its task's (promotion-engine 1.6).
    pub(super) fn propagates(&self) -> bool {
        self.spec.as_ref().is_some_and(|spec| spec.is_propagating())
    }
}

const SEPARATOR: &str = "::";

/// The task that an alias names, if splitting on `::` gives exactly two parts (promotion-engine 1.6).
pub(super) fn namespace(alias: &str) -> Option<&str> {
    let (namespace, rest) = alias.split_once(SEPARATOR)?;
    (!rest.contains(SEPARATOR)).then_some(namespace)
}

fn reads_of<'a>(templates: impl Iterator<Item = &'a Template>) -> Reads {
    let mut reads = Reads::default();
    for expression in templates.flat_map(Template::expressions) {
        if let Ok(program) = expression.program() {
            reads.merge(&program.reads());
        }
    }
    reads
}

/// The aliases below `outputs`; `None` if all of it may be read.
fn outputs_of(reads: &Reads) -> Option<Vec<Arc<str>>> {
    if reads.is_everything() {
        return None;
    }
    let paths = reads.paths().filter(|path| path.first().is_some_and(|name| &**name == "outputs"));
    let mut aliases = paths.map(|path| path.get(1).cloned()).collect::<Option<Vec<_>>>()?;
    aliases.sort();
    aliases.dedup();
    Some(aliases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(json: serde_json::Value) -> PlannedStep {
        let step: PromotionStep = serde_json::from_value(json).unwrap();
        PlannedStep::new(
            &step,
            0,
            &StepSpecs::none().with(StepSpec::new("slow").times_out_after(Duration::from_secs(300)).gives_up_after(3)),
        )
    }

    #[test]
    fn promotion_engine_1_5_thresholds_and_timeouts() {
        for (json, threshold, timeout) in [
            (serde_json::json!({"uses": "plain"}), 1, None),
            (serde_json::json!({"uses": "slow"}), 3, Some(300)),
            (serde_json::json!({"uses": "slow", "retry": {"errorThreshold": 0, "timeout": "0s"}}), 3, None),
            (serde_json::json!({"uses": "slow", "retry": {"errorThreshold": 5, "timeout": "1m"}}), 5, Some(60)),
            (serde_json::json!({"uses": "plain", "retry": {"timeout": "-1s"}}), 1, None),
        ] {
            let step = step(json.clone());
            assert_eq!(step.error_threshold(), threshold, "{json}");
            assert_eq!(step.timeout(), timeout.map(Duration::from_secs), "{json}");
        }
    }

    #[test]
    fn promotion_engine_1_6_an_alias_has_a_namespace_if_it_has_exactly_two_parts() {
        for (alias, namespace_, short) in [
            ("a", None, "a"),
            ("t::a", Some("t"), "a"),
            ("t::u::a", None, "t::u::a"),
            ("::a", Some(""), "a"),
            ("t::", Some("t"), ""),
        ] {
            let step = step(serde_json::json!({"uses": "x", "as": alias}));
            assert_eq!(namespace(alias), namespace_, "{alias}");
            assert_eq!(step.short_alias(), short, "{alias}");
        }
    }
}
