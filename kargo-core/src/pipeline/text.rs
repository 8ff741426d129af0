//! How mistakes of a pipeline are worded and where they are placed; common to all checks.

use crate::{
    manifest::Entry,
    model::{Code, Diagnostic, Diagnostics, Kind, Path, Severity, nearest},
};

/// How many mistakes are listed at most.
pub(super) const MOST: usize = 1_000;
/// How many names are compared in all to find the nearest to unknown ones: a fraction of a second of work.
const COMPARED: usize = 200_000;
/// How many names a help lists.
const NAMES: usize = 10;

/// The object that a mistake is in.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) entry: Option<&'a Entry>,
}

impl Subject<'_> {
    /// Places a mistake at a value of the object.
    pub(super) fn mark(&self, diagnostic: Diagnostic, path: Path, label: impl Into<String>) -> Diagnostic {
        let location = self.entry.and_then(|entry| entry.locate(&path));
        diagnostic.at(location, label).in_object(self.kind, self.name, path)
    }
}

/// The mistakes found so far, no more of each severity than a person can use.
#[derive(Default)]
pub(super) struct Report {
    found: Diagnostics,
    errors: usize,
    warnings: usize,
    compared: usize,
}

impl Report {
    /// Adds the error that `make` describes; past [`MOST`] it is counted, and not described.
    pub(super) fn error(&mut self, make: impl FnOnce(&mut Self) -> Diagnostic) {
        self.errors += 1;
        if self.errors <= MOST {
            let diagnostic = make(self).with_severity(Severity::Error);
            self.found.push(diagnostic);
        }
    }

    /// Adds the warning that `make` describes; past [`MOST`] it is counted, and not described.
    pub(super) fn warning(&mut self, make: impl FnOnce(&mut Self) -> Diagnostic) {
        self.warnings += 1;
        if self.warnings <= MOST {
            let diagnostic = make(self).with_severity(Severity::Warning);
            self.found.push(diagnostic);
        }
    }

    /// Adds mistakes that another module found.
    pub(super) fn extend(&mut self, others: Diagnostics) {
        for diagnostic in others {
            match diagnostic.severity() {
                Severity::Error => self.error(|_| diagnostic),
                Severity::Warning => self.warning(|_| diagnostic),
            }
        }
    }

    pub(super) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The mistakes in the order of the text; then, if some were left off, K0123 with their number.
    pub(super) fn finish(mut self) -> Diagnostics {
        self.found.sort();
        for (count, severity) in [(self.errors, Severity::Error), (self.warnings, Severity::Warning)] {
            if count > MOST {
                let message = format!("{} more {severity}s were found than the {MOST} that are listed", count - MOST);
                self.found.push(Diagnostic::error(Code::TooMany, message).with_severity(severity));
            }
        }
        self.found
    }

    /// The way out for a name that is not known: the nearest that is, and what names there are.
    pub(super) fn known_names<'a>(
        &mut self,
        what: &str,
        unknown: &str,
        names: impl ExactSizeIterator<Item = &'a str> + Clone,
    ) -> String {
        let known = if names.len() == 0 { "none".to_owned() } else { list(names.clone()) };
        self.compared += names.len();
        let near = if self.compared <= COMPARED { nearest(unknown, names) } else { None };
        match near {
            Some(near) => format!("did you mean \"{near}\"? ({what}s here: {known})"),
            None => format!("{what}s here: {known}"),
        }
    }
}

/// Names with commas, the first few of them.
pub(super) fn list<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMES);
    let mut text = names.take(NAMES).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
