//! Where mistakes of one text are gathered, up to a limit.

use super::{SourceText, limits};
use crate::model::{Code, Diagnostic, Diagnostics, Kind, Path, Severity, Span};

/// Gathers the mistakes of one text. One mistake more than the limit is counted, not kept, so that a text of nothing but
/// mistakes costs bounded memory.
pub(crate) struct Sink<'a> {
    pub(crate) source: &'a SourceText,
    found: Diagnostics,
    kept_back: usize,
    kept_back_errors: usize,
    subject: Option<(Kind, String)>,
    errors: usize,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(source: &'a SourceText) -> Self {
        Self { source, found: Diagnostics::new(), kept_back: 0, kept_back_errors: 0, subject: None, errors: 0 }
    }

    /// Says which object the next mistakes are about.
    pub(crate) fn about(&mut self, subject: Option<(Kind, String)>) {
        self.subject = subject;
    }

    /// How many errors there were so far, kept or not.
    pub(crate) fn errors(&self) -> usize {
        self.errors
    }

    /// Adds a mistake at a place.
    pub(crate) fn add(&mut self, diagnostic: Diagnostic, span: Span, path: Path, label: impl Into<String>) {
        let is_error = diagnostic.severity() == Severity::Error;
        self.errors += usize::from(is_error);
        if self.found.len() >= limits::DIAGNOSTICS {
            self.kept_back += 1;
            self.kept_back_errors += usize::from(is_error);
            return;
        }
        let diagnostic = diagnostic.at(Some(self.source.locate(span)), label);
        self.found.push(match &self.subject {
            Some((kind, name)) => diagnostic.in_object(*kind, name, path),
            None => diagnostic.on_path(path),
        });
    }

    /// The mistakes found, with one more that counts those kept back.
    pub(crate) fn finish(mut self) -> Diagnostics {
        if self.kept_back > 0 {
            let message = format!("{} more mistakes in {} are not listed", self.kept_back, self.source.name());
            let more = Diagnostic::warning(Code::TooMany, message).by_rule("rules 19");
            let severity = if self.kept_back_errors > 0 { Severity::Error } else { Severity::Warning };
            self.found.push(more.with_severity(severity).help("mend those listed and check again"));
        }
        self.found
    }
}
