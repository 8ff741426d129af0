//! One text with expressions: reads it, asks every check, and reports each mistake once, with those whom it concerns.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use super::{
    calls, errors,
    finding::Finding,
    locate::{Locator, Shown},
    names,
    outcome::{self, Wanted},
    scope::Scope,
    uses::Uses,
};
use crate::{
    expr::{
        Functions, Program, Template, TemplateError,
        kargo::{self, Group},
    },
    model::{Code, Diagnostic, Path, Severity},
    pipeline::text::{Report, Subject},
};

/// How many users of a shared text are named.
const USERS: usize = 5;

/// A place where expressions are evaluated, which decides what functions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Variables of promotions and of steps, and arguments of analyses.
    Variable,
    /// `if` and `config` of steps.
    Step,
    /// A Warehouse's criteria.
    CreationCriteria,
    /// A filter of commits.
    CommitFilter,
    /// A Junction's criteria.
    JunctionCriteria,
    /// A Junction's alias.
    JunctionAlias,
}

impl Place {
    const ALL: [Self; 6] = [
        Self::Variable,
        Self::Step,
        Self::CreationCriteria,
        Self::CommitFilter,
        Self::JunctionCriteria,
        Self::JunctionAlias,
    ];

    fn groups(self) -> &'static [Group] {
        match self {
            Self::Variable => Group::VARIABLES,
            Self::Step => Group::STEP,
            Self::CreationCriteria => Group::CREATION_CRITERIA,
            Self::CommitFilter => &[],
            Self::JunctionCriteria => Group::JUNCTION_CRITERIA,
            Self::JunctionAlias => &[Group::Freight, Group::Slots, Group::Utility, Group::Formatting],
        }
    }

    /// As in "does not exist in ...".
    fn name(self) -> &'static str {
        match self {
            Self::Variable => "variables and arguments",
            Self::Step => "steps",
            Self::CreationCriteria => "a Warehouse's criteria",
            Self::CommitFilter => "filters of commits",
            Self::JunctionCriteria => "a Junction's criteria",
            Self::JunctionAlias => "a Junction's alias",
        }
    }
}

/// The functions of each place, declared once.
pub(super) struct Tools {
    functions: Vec<(Place, Functions)>,
    none: Functions,
}

impl Tools {
    pub(super) fn new() -> Self {
        let declared = |place: Place| {
            let mut functions = Functions::new();
            kargo::declare(&mut functions, place.groups());
            (place, functions)
        };
        Self { functions: Place::ALL.map(declared).into(), none: Functions::new() }
    }

    pub(super) fn functions(&self, place: Place) -> &Functions {
        self.functions.iter().find(|(known, _)| *known == place).map_or(&self.none, |(_, functions)| functions)
    }
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// With expressions in `${{ }}`.
    Template,
    /// One expression.
    Bare,
    /// One expression, with `${{ }}` around it or without.
    Either,
}

/// A text with expressions, and in which scopes it is evaluated.
pub(super) struct Site<'s> {
    pub(super) subject: Subject<'s>,
    pub(super) path: Path,
    pub(super) text: &'s str,
    pub(super) place: Place,
    pub(super) form: Form,
    pub(super) wanted: Wanted,
    pub(super) scopes: &'s [Arc<Scope>],
    /// For a shared text: how its users come to it, such as `PromotionTask ship, step 3`.
    pub(super) through: Option<String>,
}

/// An expression of a text: the bytes before it, and what has been read.
struct Part<'p> {
    offset: usize,
    program: &'p Program,
    uses: Uses,
}

impl Site<'_> {
    /// Checks and reports.
    pub(super) fn check(&self, tools: &Tools, report: &mut Report) {
        self.check_with(tools, report, |_, _, _| {});
    }

    /// As [`check`](Self::check), with a further check of each expression; its ranges count from the beginning of the
    /// expression.
    pub(super) fn check_with(
        &self,
        tools: &Tools,
        report: &mut Report,
        further: impl Fn(&Program, &Uses, &mut Vec<Finding>),
    ) {
        let has_opener = self.text.contains("${{") || self.text.contains("${%");
        if self.form == Form::Bare || self.form == Form::Either && !has_opener {
            self.bare(tools, report, further);
        } else if has_opener || self.wanted == Wanted::Truth {
            self.template(tools, report, further);
        }
    }

    fn template(&self, tools: &Tools, report: &mut Report, further: impl Fn(&Program, &Uses, &mut Vec<Finding>)) {
        let template = Template::new(self.text, tools.functions(self.place));
        let mut common: Vec<Finding> = Vec::new();
        for problem in template.problems() {
            match problem {
                TemplateError::Unclosed { offset, closer } => {
                    let message = format!("unclosed expression: expected {closer:?} but reached end of template");
                    let finding = Finding::error(Code::ExprSyntax, offset..offset + 3, message);
                    let finding = finding.rule("promotion-engine 4.1").label("opened here");
                    common.push(finding.help(format!("close the expression with {closer}")));
                }
                TemplateError::Expression { offset, error } => {
                    let source = template.expressions().find(|part| part.offset() == offset);
                    let end = self.text.len();
                    let source = source.and_then(|_| self.text.get(offset..end)).unwrap_or_default();
                    let closer = ["}}", "%}"].map(|closer| source.find(closer).unwrap_or(source.len()));
                    let opened_with = self.text.get(offset.saturating_sub(1)..offset);
                    let length = if opened_with == Some("%") { closer[1] } else { closer[0] };
                    let source = source.get(..length).unwrap_or_default();
                    common.push(shifted(errors::of(&error, source, self.place.groups()), offset));
                }
                _ => {}
            }
        }
        common.extend(outcome::of_template(&template, self.wanted));
        let parts: Vec<_> = template
            .expressions()
            .filter_map(|part| {
                let program = part.program().ok()?;
                Some(Part { offset: part.offset(), program, uses: Uses::of(program.ast()) })
            })
            .collect();
        self.finish(tools, &parts, common, report, further);
    }

    fn bare(&self, tools: &Tools, report: &mut Report, further: impl Fn(&Program, &Uses, &mut Vec<Finding>)) {
        match Program::compile(self.text, tools.functions(self.place)) {
            Err(error) => {
                let mut finding = errors::of(&error, self.text, self.place.groups());
                if self.text.contains("${{") || self.text.contains("${%") {
                    finding = finding.help("write the expression alone, without ${{ }}");
                }
                self.report([(finding, Vec::new())], report);
            }
            Ok(program) => {
                let common = outcome::of_expression(&program, self.wanted);
                let parts = [Part { offset: 0, uses: Uses::of(program.ast()), program: &program }];
                self.finish(tools, &parts, common, report, further);
            }
        }
    }

    fn finish(
        &self,
        tools: &Tools,
        parts: &[Part<'_>],
        common: impl IntoIterator<Item = Finding>,
        report: &mut Report,
        further: impl Fn(&Program, &Uses, &mut Vec<Finding>),
    ) {
        let mut common: Vec<_> = common.into_iter().collect();
        for part in parts {
            let mut found = Vec::new();
            calls::check(part.program, &part.uses, tools.functions(self.place), self.place.name(), &mut found);
            further(part.program, &part.uses, &mut found);
            common.extend(found.into_iter().map(|finding| shifted(finding, part.offset)));
        }
        let mut all: Vec<(Finding, Vec<usize>)> =
            common.into_iter().map(|finding| (finding, (0..self.scopes.len()).collect())).collect();
        // The same mistake in several uses is one.
        let mut by_place: BTreeMap<(usize, Code, String), usize> = BTreeMap::new();
        for (user, scope) in self.scopes.iter().enumerate() {
            for part in parts {
                for finding in in_scope(part, scope) {
                    let key = (finding.range.start, finding.code, finding.message.clone());
                    match by_place.get(&key).and_then(|at| all.get_mut(*at)) {
                        Some((_, users)) => {
                            if users.last() != Some(&user) {
                                users.push(user);
                            }
                        }
                        None => {
                            by_place.insert(key, all.len());
                            all.push((finding, vec![user]));
                        }
                    }
                }
            }
        }
        self.report(all, report);
    }

    fn report(&self, found: impl IntoIterator<Item = (Finding, Vec<usize>)>, report: &mut Report) {
        let mut locator = None;
        for (finding, users) in found {
            let locator = &*locator.get_or_insert_with(|| Locator::new(self.subject.entry, &self.path, self.text));
            match finding.severity {
                Severity::Error => report.error(|report| self.diagnostic(finding, &users, locator, report)),
                Severity::Warning => report.warning(|report| self.diagnostic(finding, &users, locator, report)),
            }
        }
    }

    fn diagnostic(&self, finding: Finding, users: &[usize], locator: &Locator<'_>, report: &mut Report) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(finding.code, finding.message).by_rule(finding.rule);
        let mut whereabouts = None;
        diagnostic = match locator.show(finding.range.clone()) {
            Shown::Exact(location) => {
                let mut diagnostic = diagnostic.at(Some(location), finding.label);
                for (range, label) in finding.marks {
                    if let Some(span) = locator.span(range) {
                        diagnostic = diagnostic.mark(span, label);
                    }
                }
                diagnostic
            }
            Shown::Whole(location) => {
                whereabouts = Some(self.excerpt(&finding.range));
                diagnostic.at(location, finding.label)
            }
        };
        diagnostic = diagnostic.in_object(self.subject.kind, self.subject.name, self.path.clone());
        if let Some(known) = finding.known.as_ref().filter(|known| !known.names.is_empty()) {
            let names = known.names.iter().map(String::as_str);
            diagnostic = diagnostic.help(report.known_names(known.what, &known.unknown, names));
        }
        for help in finding.help {
            diagnostic = diagnostic.help(help);
        }
        for note in whereabouts.into_iter().chain(self.users(users)) {
            diagnostic = diagnostic.note(note);
        }
        diagnostic
    }

    /// Where in the text a mistake stands, in words.
    fn excerpt(&self, range: &Range<usize>) -> String {
        const AROUND: usize = 30;
        let before: Vec<char> = self.text.get(..range.start).unwrap_or_default().chars().rev().take(AROUND).collect();
        let before: String = before.into_iter().rev().collect();
        let line = self.text.get(..range.start).map_or(1, |text| text.matches('\n').count() + 1);
        let after: String = self.text.get(range.start..).unwrap_or_default().chars().take(AROUND).collect();
        let blank = |text: String| text.replace(|c: char| c.is_control(), " ");
        format!("at the mark in line {line} of the text: {}»{}«", blank(before), blank(after))
    }

    /// `used by Stage uat and Stage prod through PromotionTask ship, step 3`.
    fn users(&self, users: &[usize]) -> Option<String> {
        let through = self.through.as_deref()?;
        let names = users.iter().filter_map(|user| self.scopes.get(*user)?.user.as_deref());
        let mut names: Vec<_> = names.collect();
        names.dedup();
        let more = names.len().saturating_sub(USERS);
        names.truncate(USERS);
        let (last, others) = names.split_last()?;
        let list = match (others, more) {
            ([], 0) => (*last).to_owned(),
            (_, 0) => format!("{} and {last}", others.join(", ")),
            _ => format!("{} and {more} more", names.join(", ")),
        };
        Some(format!("used by {list} through {through}"))
    }
}

fn in_scope(part: &Part<'_>, scope: &Scope) -> Vec<Finding> {
    let mut found = Vec::new();
    names::check(part.program, &part.uses.chains, scope, &mut found);
    calls::statuses(part.program, &part.uses, scope, &mut found);
    calls::comparisons(part.program, &part.uses, scope, &mut found);
    if let Some(freight) = &scope.freight {
        for call in part.uses.calls.iter().filter(|call| !call.builtin) {
            freight.check(part.program, call, &mut found);
        }
    }
    found.into_iter().map(|finding| shifted(finding, part.offset)).collect()
}

fn shifted(mut finding: Finding, by: usize) -> Finding {
    let shift = |range: Range<usize>| range.start + by..range.end + by;
    finding.range = shift(finding.range);
    finding.marks = finding.marks.into_iter().map(|(range, label)| (shift(range), label)).collect();
    finding
}
