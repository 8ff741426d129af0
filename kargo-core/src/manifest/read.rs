//! Named texts into manifests: every document read, checked and filled in, every mistake gathered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Aside, Entry, Manifests, SourceText, check,
    cursor::Cursor,
    decode::Decoder,
    defaults, limits,
    node::{Content, Node},
    schema, set,
    sink::Sink,
    yaml,
};
use crate::model::{
    Code, Diagnostic, Diagnostics, EXTENSION_GROUP, KARGO_GROUP, Kind, Object, Path, Severity, Span, nearest,
};

/// What was read, and everything that is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The objects without mistakes.
    pub manifests: Manifests,
    /// All mistakes and warnings, in the order of the texts.
    pub diagnostics: Diagnostics,
}

impl Reading {
    /// The manifests, or everything that is wrong. Warnings alone do not stand in the way; they stay with the manifests.
    ///
    /// # Errors
    ///
    /// When at least one mistake must be mended.
    pub fn into_result(self) -> Result<Manifests, Diagnostics> {
        if self.diagnostics.has_errors() { Err(self.diagnostics) } else { Ok(self.manifests) }
    }
}

/// Reads manifests from named texts.
///
/// All texts given to one reader are one set: they may refer to one another, and no object may stand in it twice.
///
/// ```
/// use kargo_core::manifest::Reader;
///
/// let mut reader = Reader::new();
/// reader.text("stage.yaml", "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: { name: dev }\nspec: {}\n");
/// let reading = reader.finish();
/// assert_eq!(reading.diagnostics.iter().next().unwrap().code().as_str(), "K0107"); // requestedFreight is missing
/// ```
#[derive(Debug, Default)]
pub struct Reader {
    reading: Reading,
    subscription_types: BTreeSet<String>,
    alone: bool,
    bytes: usize,
    documents: usize,
}

impl Reader {
    /// A reader of an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts generic subscriptions of this type, which Kargo's open edition refuses (resources 7.1): for programs that
    /// bring a subscriber of their own.
    #[must_use]
    pub fn subscription_type(mut self, name: impl Into<String>) -> Self {
        self.subscription_types.insert(name.into());
        self
    }

    /// Checks each document alone: texts that are alternatives to one another may define the same object.
    #[must_use]
    pub fn each_alone(mut self) -> Self {
        self.alone = true;
        self
    }

    /// Reads one text: any number of YAML documents, each one object or a list of objects.
    pub fn text(&mut self, name: &str, text: &str) {
        let source = SourceText::new(name, text);
        let mut sink = Sink::new(&source);
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > limits::SET_BYTES {
            let message = format!("all texts together are longer than {} MiB", limits::SET_BYTES >> 20);
            over_limit(&mut sink, message);
        } else {
            self.documents(&source, &mut sink);
        }
        self.reading.diagnostics.extend(sink.finish());
    }

    /// Takes a mistake that was found before there was a text, such as a file that cannot be read.
    pub fn mistake(&mut self, diagnostic: Diagnostic) {
        self.reading.diagnostics.push(diagnostic);
    }

    /// What was read, after the checks that look at all of it.
    #[must_use]
    pub fn finish(mut self) -> Reading {
        self.reading.manifests.settle_project();
        if !self.alone {
            set::check(&self.reading.manifests, &mut self.reading.diagnostics);
        }
        if self.documents == 0 && !self.reading.diagnostics.has_errors() {
            let diagnostic = Diagnostic::warning(Code::Nothing, "there is no document in what was read")
                .help("a document has apiVersion, kind and metadata");
            self.reading.diagnostics.push(diagnostic);
        }
        self.reading.diagnostics.sort();
        self.reading.manifests.warnings = self.reading.diagnostics.warnings().cloned().collect();
        self.reading
    }

    fn documents(&mut self, source: &SourceText, sink: &mut Sink<'_>) {
        if let Some(at) = source.text().find('\0') {
            let line = source.line_of(at);
            let diagnostic = Diagnostic::error(Code::NotText, "this is binary, not text").by_rule("resources 2");
            sink.add(diagnostic, Span::on_line(line, 1, 1), Path::root(), "a byte of value 0 in this line");
            return;
        }
        for piece in yaml::split(source.text()) {
            if piece.text.len() > limits::DOCUMENT_BYTES {
                let message = format!("the document is longer than {} MiB", limits::DOCUMENT_BYTES >> 20);
                let diagnostic = Diagnostic::error(Code::Limit, message).by_rule("rules 19");
                let span = Span::on_line(piece.first_line + 1, 1, 1);
                sink.add(diagnostic, span, Path::root(), "it begins here");
                continue;
            }
            for yaml::Parsed { node, flawed } in yaml::parse(&piece, sink) {
                if !node.is_null() {
                    self.document(node, flawed, source, sink, None);
                }
            }
        }
    }

    /// One document: an object, or a list of objects. In a flawed one the parser found a key twice.
    fn document(
        &mut self,
        mut node: Node,
        flawed: bool,
        source: &SourceText,
        sink: &mut Sink<'_>,
        of: Option<(&str, &str)>,
    ) {
        self.documents += 1;
        sink.about(None);
        let text = |key: &str| node.get(key).and_then(Node::as_text).map(str::to_owned);
        let api_version = text("apiVersion").or_else(|| of.map(|(api_version, _)| api_version.to_owned()));
        let kind = text("kind").or_else(|| of.map(|(_, kind)| kind.to_owned()));
        let (Some(api_version), Some(kind)) = (api_version, kind) else {
            self.not_an_object(&node, source, sink);
            return;
        };
        let list = kind == "List"
            || (kind.ends_with("List") && matches!(node.get("items"), Some(Node { content: Content::List(_), .. })));
        if list {
            let items = take_items(&mut node);
            let singular = kind.strip_suffix("List").filter(|singular| !singular.is_empty());
            for item in items {
                self.document(item, flawed, source, sink, singular.map(|kind| (api_version.as_str(), kind)));
            }
            return;
        }
        match Kind::of(&api_version, &kind) {
            Some(kind) => self.object(kind, node, flawed, source, sink),
            None => self.foreign(&api_version, &kind, &node, source, sink),
        }
    }

    fn object(&mut self, kind: Kind, mut node: Node, flawed: bool, source: &SourceText, sink: &mut Sink<'_>) {
        let meta =
            |key: &str| node.get("metadata").and_then(|meta| meta.get(key)).and_then(Node::as_text).map(str::to_owned);
        let (name, namespace) = (meta("name").unwrap_or_default(), meta("namespace"));
        sink.about(Some((kind, name.clone())));
        let before = sink.errors();
        if kind == Kind::Warehouse {
            spell_subscriptions(&mut node, sink);
        }
        let unknown = if kind.is_extension() { Severity::Error } else { Severity::Warning };
        let mut decoder = Decoder { sink, unknown, subscription_types: &self.subscription_types };
        let mut document = decoder.object(&node, schema::of(kind), &Path::root(), &["apiVersion", "kind"]);
        check::document(kind, &Cursor::root(&node), sink);
        let read = if sink.errors() > before || (flawed && node.has_key_twice()) {
            None
        } else {
            defaults::rewrite(kind, &mut document);
            match Object::from_json(kind, Value::Object(document)) {
                Ok(object) => Some(object),
                Err(error) => {
                    // The schema admits nothing that the nouns do not; say so instead of losing the document.
                    let diagnostic = Diagnostic::error(Code::WrongType, format!("the {kind} cannot be read: {error}"));
                    sink.add(diagnostic, node.span, Path::root(), "in this document");
                    None
                }
            }
        };
        match read {
            Some(mut object) => {
                let given = object.name().to_owned();
                defaults::mirror(&mut object);
                if !given.is_empty() && given != object.name() {
                    renamed(&object, &node, sink);
                }
                let entry = Entry::new(object, Some((source.clone(), node.into_places())));
                self.reading.manifests.entries.push(entry);
            }
            None => {
                self.reading.manifests.broken.insert((kind, namespace, name));
            }
        }
    }

    /// A document that is no object of any kind. Fields with neither `apiVersion` nor `kind` are somebody else's file, such
    /// as the values of a chart: they are kept aside.
    fn not_an_object(&mut self, node: &Node, source: &SourceText, sink: &mut Sink<'_>) {
        let span = Span { end_line: node.span.line, end_column: node.span.column + 1, ..node.span };
        let is_map = matches!(node.content, Content::Map(_));
        let missing: Vec<&str> =
            ["apiVersion", "kind"].into_iter().filter(|key| node.get(key).and_then(Node::as_text).is_none()).collect();
        let somebody_elses = is_map && node.get("apiVersion").is_none() && node.get("kind").is_none();
        let message = match (somebody_elses, is_map) {
            (true, _) => "the document is not a Kubernetes object, and kept aside".to_owned(),
            (false, true) => "the document is not a Kubernetes object".to_owned(),
            (false, false) => format!("the document is {}, not an object", node.describe()),
        };
        let severity = if somebody_elses { Severity::Warning } else { Severity::Error };
        let diagnostic = Diagnostic::error(Code::NotAnObject, message).by_rule("resources 1").with_severity(severity);
        let verb = if missing.len() == 1 { "is" } else { "are" };
        sink.add(diagnostic, span, Path::root(), format!("{} {verb} missing", missing.join(" and ")));
        if somebody_elses {
            self.reading.manifests.aside.push(Aside {
                api_version: String::new(),
                kind: String::new(),
                name: None,
                file: source.name().to_owned(),
                span,
            });
        }
    }

    /// A kind that is not ours to read is kept aside; one of our own groups that does not exist is a mistake.
    fn foreign(&mut self, api_version: &str, kind: &str, node: &Node, source: &SourceText, sink: &mut Sink<'_>) {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let span = node.get("kind").map_or(node.span, |kind| kind.span);
        let ours = group == EXTENSION_GROUP;
        if ours || group == KARGO_GROUP {
            let known = Kind::ALL.iter().filter(|kind| kind.is_extension() == ours);
            let by_kind = known.clone().find(|known| known.as_str() == kind);
            let message = match by_kind {
                Some(known) => format!("{kind} has no version {api_version}, only {}", known.api_version()),
                None => format!("there is no kind {kind:?} in {api_version}"),
            };
            // A newer Kargo may have kinds that we do not know; ours are refused (rules 11).
            let mut diagnostic = if ours {
                Diagnostic::error(Code::UnknownExtension, message).by_rule("rules 11")
            } else {
                Diagnostic::warning(Code::UnknownField, message).by_rule("resources 1")
            };
            let names = || known.clone().map(|kind| kind.as_str());
            diagnostic = match nearest(kind, names()) {
                Some(near) => diagnostic.help(format!("did you mean {near}?")),
                None => diagnostic.help(format!("kinds here: {}", names().collect::<Vec<_>>().join(", "))),
            };
            sink.add(diagnostic, span, Path::of(&["kind"]), "kept aside");
        } else if let Some(kargo) = Kind::ALL.iter().find(|known| known.as_str() == kind && group.contains("kargo")) {
            let diagnostic =
                Diagnostic::warning(Code::UnknownField, format!("{api_version} is not the group of {kind}"))
                    .by_rule("resources 1")
                    .help(format!("did you mean {}?", kargo.api_version()));
            let span = node.get("apiVersion").map_or(span, |node| node.span);
            sink.add(diagnostic, span, Path::of(&["apiVersion"]), "kept aside");
        }
        let name = node.get("metadata").and_then(|meta| meta.get("name")).and_then(Node::as_text);
        self.reading.manifests.aside.push(Aside {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            name: name.map(str::to_owned),
            file: source.name().to_owned(),
            span,
        });
    }
}

impl Manifests {
    /// Reads one named text.
    ///
    /// ```
    /// use kargo_core::Manifests;
    /// let wrong = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: { name: Eu-1 }\n";
    /// let diagnostics = Manifests::parse("targets.yaml", wrong).unwrap_err();
    /// assert!(diagnostics.to_string().contains("did you mean \"eu-1\"?"));
    /// ```
    ///
    /// # Errors
    ///
    /// Everything that must be mended, with file, line and column.
    pub fn parse(name: &str, text: &str) -> Result<Self, Diagnostics> {
        let mut reader = Reader::new();
        reader.text(name, text);
        reader.finish().into_result()
    }
}

fn over_limit(sink: &mut Sink<'_>, message: String) {
    let diagnostic = Diagnostic::error(Code::Limit, message).by_rule("rules 19");
    sink.add(diagnostic, Span::on_line(1, 1, 1), Path::root(), "this text was not read");
}

/// Freight is named by its id, whatever name is given (resources 16.1 and 17.5).
fn renamed(object: &Object, node: &Node, sink: &mut Sink<'_>) {
    let diagnostic = Diagnostic::warning(Code::Identity, "the freight's name is not the id of its artifacts")
        .by_rule("resources 16.1")
        .note("Kargo replaces whatever name is given")
        .help(format!("write {}", object.name()));
    let name = node.get("metadata").and_then(|meta| meta.get("name")).unwrap_or(node);
    sink.add(diagnostic, name.span, Path::of(&["metadata", "name"]), "replaced at creation");
}

/// Takes the elements out of a list of objects.
fn take_items(node: &mut Node) -> Vec<Node> {
    let Content::Map(fields) = &mut node.content else { return Vec::new() };
    let items = fields.iter_mut().find(|field| &*field.key == "items");
    match items.map(|field| &mut field.value.content) {
        Some(Content::List(items)) => std::mem::take(items),
        _ => Vec::new(),
    }
}

/// Writes the field names of built-in subscriptions in their own spelling: Kargo reads them without regard to case
/// (resources 7.1).
fn spell_subscriptions(node: &mut Node, sink: &mut Sink<'_>) {
    let spec = field_mut(node, "spec").and_then(|spec| field_mut(spec, "subscriptions"));
    let Some(Node { content: Content::List(entries), .. }) = spec else { return };
    for (index, entry) in entries.iter_mut().enumerate() {
        let Content::Map(fields) = &mut entry.content else { continue };
        for field in fields {
            let path = Path::of(&["spec", "subscriptions"]).index(index).key(&field.key);
            let schema = match &*field.key {
                "git" => &schema::GIT_SUBSCRIPTION,
                "image" => &schema::IMAGE_SUBSCRIPTION,
                "chart" => &schema::CHART_SUBSCRIPTION,
                _ => continue,
            };
            let Content::Map(body) = &mut field.value.content else { continue };
            let mut spellings: BTreeMap<&str, Box<str>> = BTreeMap::new();
            for field in body {
                let Some(known) = schema.fields.iter().find(|known| known.name.eq_ignore_ascii_case(&field.key)) else {
                    continue;
                };
                let spelling = std::mem::replace(&mut field.key, known.name.into());
                // The same spelling twice was reported by the parser.
                if let Some(first) = spellings.insert(known.name, spelling.clone())
                    && first != spelling
                {
                    let message = format!("{first:?} and {spelling:?} are the same field");
                    let diagnostic = Diagnostic::error(Code::DuplicateKey, message)
                        .by_rule("resources 7.1")
                        .help("Kargo reads the names of these fields without regard to case; keep one of the two");
                    sink.add(diagnostic, field.key_span, path.key(known.name), "here again");
                }
            }
        }
    }
}

fn field_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    match &mut node.content {
        Content::Map(fields) => fields.iter_mut().find(|field| &*field.key == key).map(|field| &mut field.value),
        _ => None,
    }
}
