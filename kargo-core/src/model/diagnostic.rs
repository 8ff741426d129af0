//! What is wrong with a text: codes, places, rules and ways out, collected and printed as compilers do.

use std::{borrow::Cow, fmt, fmt::Write as _};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct as _};

use super::{Kind, Location, Path, Span};

macro_rules! codes {
    ($($variant:ident = $code:literal $summary:literal;)+) => {
        /// A stable number for each kind of mistake, with a section in [`manual::diagnostics`](crate::manual::diagnostics).
        ///
        /// `K01..` documents, `K02..` graph, `K03..` selection, `K04..` expressions (rules 17).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!($code, ": ", $summary)] $variant,)+
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as printed, such as `K0201`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// What the code stands for, in few words.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Self::$variant => $summary,)+
                }
            }
        }
    };
}

codes! {
    Syntax = "K0101" "the text is not YAML";
    NotText = "K0102" "the file cannot be read as text";
    Limit = "K0103" "a limit was exceeded";
    DuplicateKey = "K0104" "a key is written twice";
    NotAnObject = "K0105" "the document is not a Kubernetes object";
    WrongType = "K0106" "a value has the wrong type";
    Missing = "K0107" "a required field is missing";
    UnknownField = "K0108" "the schema has no such field";
    NotAllowed = "K0109" "a value is not one of those allowed";
    Format = "K0110" "a text does not have the required form";
    Range = "K0111" "a value is out of range";
    Conflict = "K0112" "fields exclude or need one another";
    Duplicate = "K0113" "an entry occurs twice";
    Deprecated = "K0114" "a field is deprecated";
    Removed = "K0115" "a field was removed and stops discovery";
    ObjectName = "K0116" "the object's name is fixed by a rule";
    DuplicateObject = "K0117" "an object is defined twice";
    ReservedAlias = "K0118" "a step alias is reserved";
    UnknownExtension = "K0119" "an extension is not known";
    UnknownType = "K0120" "no subscriber handles this subscription type";
    Identity = "K0121" "a name does not equal the computed id";
    Nothing = "K0122" "there is nothing to read";
    TooMany = "K0123" "more mistakes were found than are listed";
    UnknownUpstream = "K0201" "an upstream Stage does not exist";
    UnknownOrigin = "K0202" "an origin does not exist";
    Cycle = "K0203" "Stages or Junctions wait for one another in a circle";
    NeverHolds = "K0204" "an upstream Stage can never hold the requested origin";
    DuplicateOrigin = "K0205" "an origin is requested twice";
    ApprovalOnly = "K0206" "only an approval can satisfy a request";
    Unreachable = "K0207" "no freight can reach the Stage";
    UnknownTask = "K0208" "a task is not among the documents";
    UnknownSubject = "K0209" "an object is about something that is not among the documents";
    ManyProjects = "K0210" "the documents belong to several projects";
    UpstreamKind = "K0211" "an upstream Stage is of the wrong kind";
    EmptySelection = "K0212" "a selector matches nothing";
    Constraint = "K0301" "a version constraint cannot be read";
    Pattern = "K0302" "a pattern cannot be read";
    Platform = "K0303" "a platform cannot be read";
    DigestTag = "K0304" "the strategy Digest needs a tag";
    Overlap = "K0305" "a repository is subscribed to twice";
    RawMatch = "K0306" "artifacts do not fit the Warehouse's subscriptions";
    ExprSyntax = "K0401" "an expression cannot be read";
    ExprFunction = "K0402" "a function does not exist here";
    ExprType = "K0403" "types in an expression never fit";
    ExprCall = "K0404" "a function never takes these arguments";
    ExprNil = "K0405" "a member is taken of what never has one";
    ExprResult = "K0406" "a result is never of the kind that is needed";
    ExprUnresolved = "K0407" "a loop's list needs what is not known yet";
    ExprName = "K0408" "a name is not known";
    ExprAlias = "K0409" "no earlier step has this alias";
    ExprArtifact = "K0410" "an artifact is not among the requested freight";
    ExprAmbiguous = "K0411" "several subscriptions bring the artifact";
    ExprConstant = "K0412" "a comparison always has the same result";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How bad a mistake is (rules 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Kargo would refuse the object, or fail on every run.
    Error,
    /// It works, but hardly as meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// Another place on the line of a mistake that helps to understand it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Where.
    pub span: Span,
    /// What stands there.
    pub label: String,
}

/// One mistake: what, where, by which rule, and what would be right.
#[derive(Clone, PartialEq, Eq)]
pub struct Diagnostic {
    code: Code,
    severity: Severity,
    message: String,
    location: Option<Location>,
    label: String,
    marks: Vec<Mark>,
    object: Option<String>,
    path: Path,
    rule: &'static str,
    help: Vec<String>,
    notes: Vec<String>,
}

impl Diagnostic {
    /// A mistake that must be mended.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into())
    }

    /// Something that works, but hardly as meant.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message.into())
    }

    fn new(code: Code, severity: Severity, message: String) -> Self {
        Self {
            code,
            severity,
            message,
            location: None,
            label: String::new(),
            marks: Vec::new(),
            object: None,
            path: Path::root(),
            rule: "",
            help: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Says where, and what stands at the mark.
    #[must_use]
    pub fn at(mut self, location: Option<Location>, label: impl Into<String>) -> Self {
        self.location = location;
        self.label = label.into();
        self
    }

    /// Marks another place of the same line too.
    #[must_use]
    pub fn mark(mut self, span: Span, label: impl Into<String>) -> Self {
        self.marks.push(Mark { span, label: label.into() });
        self
    }

    /// Says in which object and at which path.
    #[must_use]
    pub fn in_object(mut self, kind: Kind, name: &str, path: Path) -> Self {
        self.object = Some(format!("{kind}/{name}"));
        self.path = path;
        self
    }

    /// Says at which path of a document that is no object we know.
    #[must_use]
    pub fn on_path(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// Says by which rule, such as `resources 17.6`.
    #[must_use]
    pub fn by_rule(mut self, rule: &'static str) -> Self {
        self.rule = rule;
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a fact that explains.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same mistake with another severity.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it is; `None` for objects that were not read from text.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }

    /// What stands at the mark.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Other places on the same line.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The object, as `<kind>/<name>`.
    #[must_use]
    pub fn object(&self) -> Option<&str> {
        self.object.as_deref()
    }

    /// The path in the document.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The rule, such as `resources 17.6`.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// Ways out.
    #[must_use]
    pub fn helps(&self) -> &[String] {
        &self.help
    }

    /// Facts that explain.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The lines below the text: all marks with the label of the last of them, then the other labels, the last first.
    fn underlines(&self, at: &Location) -> Vec<String> {
        let shift = usize::from(at.snippet.is_clipped());
        let room = at.snippet.text().chars().count();
        let drawn = |span: &Span, sign: &str| {
            let offset = at.snippet.offset_of(span.column);
            let wanted =
                if span.end_line > span.line { room } else { span.end_column.saturating_sub(span.column) as usize };
            (offset + shift, sign.repeat(wanted.min(room.saturating_sub(offset)).max(1)))
        };
        let others = self.marks.iter().filter(|mark| {
            mark.span.line == at.span.line && mark.span.end_line == mark.span.line && {
                let offset = at.snippet.offset_of(mark.span.column);
                // What was cut off is not marked.
                offset < room && at.snippet.offset_of(mark.span.column + 1) > offset
            }
        });
        let mut all: Vec<(usize, String, &str)> = vec![];
        let (offset, signs) = drawn(&at.span, "^");
        all.push((offset, signs, &self.label));
        for mark in others {
            let (offset, signs) = drawn(&mark.span, "-");
            all.push((offset, signs, &mark.label));
        }
        all.sort();
        let mut first = String::new();
        let mut width = 0;
        for (offset, signs, _) in &all {
            if *offset >= width {
                first.push_str(&" ".repeat(offset - width));
                first.push_str(signs);
                width = offset + signs.chars().count();
            }
        }
        let mut rest = all.iter().rev().filter(|(_, _, label)| !label.is_empty()).peekable();
        if let Some((_, _, label)) = rest.next_if(|(offset, ..)| all.last().is_some_and(|last| last.0 == *offset)) {
            first.push(' ');
            first.push_str(label);
        }
        let below = rest.map(|(offset, _, label)| format!("{}{label}", " ".repeat(*offset)));
        std::iter::once(first).chain(below).collect()
    }

    fn is_at_the_same_place(&self, other: &Self) -> bool {
        match (&self.location, &other.location) {
            (Some(a), Some(b)) => a.file == b.file && a.span.line == b.span.line && a.span.column == b.span.column,
            (None, None) => self.object == other.object && self.path == other.path && self.message == other.message,
            _ => false,
        }
    }

    fn sort_key(&self) -> (u8, &str, u32, u32, Severity, Code) {
        match &self.location {
            Some(at) => (0, &at.file, at.span.line, at.span.column, self.severity, self.code),
            // What was left out is said at the end.
            None if self.code == Code::TooMany => (2, "", 0, 0, self.severity, self.code),
            None => (1, self.object.as_deref().unwrap_or_default(), 0, 0, self.severity, self.code),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)?;
        let mut margin = 1;
        if let Some(at) = &self.location {
            let line = at.span.line.to_string();
            margin = line.len();
            write!(f, "\n{:margin$}--> {}:{}:{}", "", at.file, at.span.line, at.span.column)?;
            write!(f, "\n{:margin$} |", "")?;
            let before = if at.snippet.is_clipped() { "…" } else { "" };
            write!(f, "\n{line} | {before}{}", at.snippet.text())?;
            for line in self.underlines(at) {
                write!(f, "\n{:margin$} | {line}", "")?;
            }
        } else if let Some(object) = &self.object {
            write!(f, "\n{:margin$}--> {object}", "")?;
            let path = self.path.to_string();
            if !path.is_empty() {
                write!(f, " {path}")?;
            }
        }
        for help in &self.help {
            write!(f, "\n{:margin$} = help: {help}", "")?;
        }
        for note in &self.notes {
            write!(f, "\n{:margin$} = note: {note}", "")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let marked = usize::from(!self.marks.is_empty());
        let mut out = serializer.serialize_struct("Diagnostic", 13 + marked)?;
        out.serialize_field("code", &self.code)?;
        out.serialize_field("severity", &self.severity)?;
        out.serialize_field("message", &self.message)?;
        let span = self.location.as_ref().map(|at| at.span);
        out.serialize_field("file", &self.location.as_ref().map(|at| &*at.file))?;
        out.serialize_field("line", &span.map(|span| span.line))?;
        out.serialize_field("column", &span.map(|span| span.column))?;
        out.serialize_field("endLine", &span.map(|span| span.end_line))?;
        out.serialize_field("endColumn", &span.map(|span| span.end_column))?;
        out.serialize_field("object", &self.object)?;
        out.serialize_field("path", &self.path)?;
        out.serialize_field("rule", self.rule)?;
        out.serialize_field("label", &self.label)?;
        if marked > 0 {
            out.serialize_field("marks", &self.marks)?;
        }
        out.serialize_field("help", &self.help)?;
        out.serialize_field("notes", &self.notes)?;
        out.end()
    }
}

/// Everything that is wrong with some texts, in their order.
///
/// It is an error, a list, and serde. `Display` and `Debug` print the report: plain text, one block per mistake.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Nothing wrong.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds the mistakes of another list.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(others);
    }

    /// Puts the mistakes in the order of their places: by text, line, column; those without a place last.
    pub fn sort(&mut self) {
        self.0.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    }

    /// Leaves out mistakes that stand directly after an equal one, as they do after [`sort`](Self::sort) when two checks
    /// found the same: one code at one place.
    pub fn dedup(&mut self) {
        self.0.dedup_by(|later, first| later.code == first.code && later.is_at_the_same_place(first));
    }

    /// The mistakes.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// The mistakes that must be mended.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// What works, but hardly as meant.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning)
    }

    /// Whether something must be mended.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many mistakes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The same list with each mistake changed.
    #[must_use]
    pub fn map(self, change: impl FnMut(Diagnostic) -> Diagnostic) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, diagnostic) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("\n\n")?;
            }
            fmt::Display::fmt(diagnostic, f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('\n')?;
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Diagnostics {}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

/// A look-up of a name that does not exist, with the nearest one that does; or of one that several things have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", looked_up(.what, .name, .nearest.as_deref(), .candidates))]
#[non_exhaustive]
pub struct NoSuch {
    /// What was looked for, such as `Stage`.
    pub what: Cow<'static, str>,
    /// The name that does not exist.
    pub name: String,
    /// The nearest name that does.
    pub nearest: Option<String>,
    /// What may be meant, where it is not one thing alone: in full, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
}

/// How many of the things that may be meant are named.
const NAMED: usize = 5;

impl NoSuch {
    /// A failed look-up among these names.
    #[must_use]
    pub fn new<'a>(what: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let nearest = super::nearest(name, known).map(str::to_owned);
        Self { what: what.into(), name: name.to_owned(), nearest, candidates: Vec::new() }
    }

    /// A look-up that found several of these names where one was meant.
    #[must_use]
    pub fn ambiguous<'a>(what: &'static str, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        let candidates = candidates.into_iter().map(str::to_owned).collect();
        Self { what: what.into(), name: name.to_owned(), nearest: None, candidates }
    }
}

fn looked_up(what: &str, name: &str, nearest: Option<&str>, candidates: &[String]) -> String {
    match nearest {
        _ if !candidates.is_empty() => {
            let more = if candidates.len() > NAMED { ", or another" } else { "" };
            let named = candidates.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(" or ");
            format!("which {what} {name:?} is meant is not certain: {named}{more}; write its full name")
        }
        Some(nearest) => format!("there is no {what} {name:?}; did you mean {nearest:?}?"),
        None => format!("there is no {what} {name:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Snippet, Span};

    fn at(line: &str, number: u32, column: u32, length: u32) -> Option<Location> {
        Some(Location {
            file: Arc::from("deploy/shop.yaml"),
            span: Span::on_line(number, column, length),
            snippet: Snippet::of(line, column),
        })
    }

    #[test]
    fn user_code_14_reads_like_a_compiler() {
        let diagnostic = Diagnostic::error(
            Code::UnknownUpstream,
            "Stage prod takes freight from Stage \"uta\", which does not exist",
        )
        .at(at("    sources: { stages: [uta], requiredSoakTime: 1h }", 25, 25, 3), "no such Stage in project shop")
        .help("did you mean \"uat\"? (Stages here: prod, uat)");
        insta::assert_snapshot!(diagnostic, @r#"
        error[K0201]: Stage prod takes freight from Stage "uta", which does not exist
          --> deploy/shop.yaml:25:25
           |
        25 |     sources: { stages: [uta], requiredSoakTime: 1h }
           |                         ^^^ no such Stage in project shop
           = help: did you mean "uat"? (Stages here: prod, uat)
        "#);
    }

    #[test]
    fn mistakes_come_in_the_order_of_the_text() {
        let mut all: Diagnostics = [(9, 1), (2, 7), (2, 3)]
            .into_iter()
            .map(|(line, column)| Diagnostic::error(Code::Missing, "x").at(at("x", line, column, 1), ""))
            .collect();
        all.push(Diagnostic::warning(Code::Nothing, "y"));
        all.sort();
        let places: Vec<_> = all.iter().filter_map(|d| d.location().map(|l| (l.span.line, l.span.column))).collect();
        assert_eq!(places, [(2, 3), (2, 7), (9, 1)]);
        assert_eq!(all.iter().last().map(Diagnostic::code), Some(Code::Nothing));
    }

    #[test]
    fn codes_are_unique_and_sorted() {
        let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(codes, sorted);
    }

    #[test]
    fn a_failed_look_up_suggests() {
        assert_eq!(
            NoSuch::new("Stage", "prdo", ["dev", "prod"]).to_string(),
            "there is no Stage \"prdo\"; did you mean \"prod\"?"
        );
        assert_eq!(NoSuch::new("Stage", "x", []).to_string(), "there is no Stage \"x\"");
        assert_eq!(
            NoSuch::ambiguous("Freight", "84d9a0d", ["84d9a0d8", "84d9a0df"]).to_string(),
            "which Freight \"84d9a0d\" is meant is not certain: 84d9a0d8 or 84d9a0df; write its full name"
        );
        let seven = ["a", "b", "c", "d", "e", "f", "g"];
        assert_eq!(
            NoSuch::ambiguous("Freight", "x", seven).to_string(),
            "which Freight \"x\" is meant is not certain: a or b or c or d or e, or another; write its full name"
        );
    }
}
