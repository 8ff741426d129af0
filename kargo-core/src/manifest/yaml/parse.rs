//! One piece of YAML text into nodes: anchors and merge keys expanded, limits kept, every key once.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as Marked, Tag};

use super::split::Piece;
use crate::{
    manifest::{
        limits,
        node::{Content, Field, Node, Scalar, Style},
        scalar::{self, Plain},
        sink::Sink,
    },
    model::{Code, Diagnostic, Path, Span},
};

/// Reads the documents of a piece. Mistakes go to the sink; a document with a mistake of syntax ends there.
pub(crate) fn parse(piece: &Piece<'_>, sink: &mut Sink<'_>) -> Vec<Node> {
    let options = granit_parser::options! {
        // A little more than ours, so that it is we who say which limit was exceeded.
        flow_nesting_limit: limits::DEPTH + 8,
        block_nesting_limit: limits::DEPTH + 8,
        emit_comments: false,
        // YAML allows keys of 1,024 characters; a longer one is not worth an unreadable error.
        simple_key_max_lookahead: 16_384,
    };
    let mut parser = Parser::new_from_str_with_options(piece.text, options);
    let mut documents = Vec::new();
    let mut builder = Builder::new(piece.first_line);
    while let Some(event) = parser.next_event() {
        let step = match event {
            Ok((event, span)) => builder.event(event, span, sink),
            Err(error) => Err(syntax(&error, builder.line_offset)),
        };
        match step {
            Ok(Some(document)) => {
                documents.push(document);
                builder = Builder::new(piece.first_line);
            }
            Ok(None) => {}
            Err(stop) => {
                let Stop { diagnostic, span, label } = *stop;
                sink.add(diagnostic, span, Path::root(), label);
                break;
            }
        }
    }
    documents
}

/// A mistake after which the rest of a piece cannot be read.
struct Stop {
    diagnostic: Diagnostic,
    span: Span,
    label: String,
}

impl Stop {
    fn new(diagnostic: Diagnostic, span: Span, label: impl Into<String>) -> Box<Self> {
        Box::new(Self { diagnostic, span, label: label.into() })
    }
}

struct Builder {
    line_offset: u32,
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: BTreeMap<usize, Anchored>,
    values: usize,
    expansions: usize,
    bytes: usize,
}

struct Anchored {
    node: Node,
    weight: Weight,
}

/// What it costs to repeat a value.
#[derive(Clone, Copy, Default)]
struct Weight {
    values: usize,
    expansions: usize,
    bytes: usize,
}

struct Frame {
    span: Span,
    anchor: usize,
    /// Counters when the collection began; the difference at its end is its weight.
    before: Weight,
    kind: Open,
}

enum Open {
    List(Vec<Node>),
    Map { fields: Vec<Field>, seen: BTreeSet<Box<str>>, merges: Vec<Node>, key: Option<Key> },
}

enum Key {
    Name(Box<str>, Span),
    Merge,
}

impl Builder {
    fn new(line_offset: u32) -> Self {
        Self {
            line_offset,
            stack: Vec::new(),
            root: None,
            anchors: BTreeMap::new(),
            values: 0,
            expansions: 0,
            bytes: 0,
        }
    }

    fn event(&mut self, event: Event<'_>, at: Marked, sink: &mut Sink<'_>) -> Result<Option<Node>, Box<Stop>> {
        let span = span_of(&at, self.line_offset);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = scalar_style(style, tag.as_deref(), &text, span)?;
                if self.takes_key() {
                    self.key(&text, style == Style::Plain, span, sink)?;
                    if anchor > 0 {
                        let name: Box<str> = text.into();
                        let weight = Weight { values: 1, expansions: 0, bytes: name.len() };
                        let node = Node { span, content: Content::Scalar(Scalar { text: name, style }) };
                        self.remember(anchor, node, weight);
                    }
                    return Ok(None);
                }
                self.values += 1;
                self.bytes += text.len();
                let weight = Weight { values: 1, expansions: 0, bytes: text.len() };
                let node = Node { span, content: Content::Scalar(Scalar { text: text.into(), style }) };
                self.finish(node, anchor, weight)?;
            }
            Event::SequenceStart(_, anchor, _) => self.open(Open::List(Vec::new()), anchor, span)?,
            Event::MappingStart(_, anchor, _) => {
                let map = Open::Map { fields: Vec::new(), seen: BTreeSet::new(), merges: Vec::new(), key: None };
                self.open(map, anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(anchor) => self.alias(anchor, span, sink)?,
            Event::DocumentEnd => return Ok(self.root.take()),
            _ => {}
        }
        Ok(None)
    }

    fn takes_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { kind: Open::Map { key: None, .. }, .. }))
    }

    fn open(&mut self, kind: Open, anchor: usize, span: Span) -> Result<(), Box<Stop>> {
        if self.takes_key() {
            let diagnostic =
                Diagnostic::error(Code::WrongType, "a key of an object must be text").by_rule("resources 2");
            return Err(Stop::new(diagnostic, span, "a list or an object stands for a key"));
        }
        if self.stack.len() >= limits::DEPTH {
            return Err(limit(span, format!("values nest deeper than {} levels", limits::DEPTH)));
        }
        self.values += 1;
        self.stack.push(Frame { span, anchor, before: self.counters(), kind });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Box<Stop>> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let now = self.counters();
        let weight = Weight {
            values: now.values - frame.before.values + 1,
            expansions: now.expansions - frame.before.expansions,
            bytes: now.bytes - frame.before.bytes,
        };
        let span = Span { end_line: end.end_line, end_column: end.end_column, ..frame.span };
        let content = match frame.kind {
            Open::List(items) => Content::List(items),
            Open::Map { mut fields, mut seen, merges, .. } => {
                for merged in merges {
                    let Content::Map(others) = merged.content else { continue };
                    // A key of the object itself, or of an earlier merge, wins.
                    fields.extend(others.into_iter().filter(|field| seen.insert(field.key.clone())));
                }
                Content::Map(fields)
            }
        };
        self.finish(Node { span, content }, frame.anchor, weight)
    }

    /// Puts a finished value where it belongs.
    fn finish(&mut self, node: Node, anchor: usize, weight: Weight) -> Result<(), Box<Stop>> {
        if self.values > limits::VALUES {
            return Err(limit(node.span, format!("the document has more than {} values", limits::VALUES)));
        }
        if anchor > 0 {
            self.remember(anchor, node.clone(), weight);
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut frame.kind {
            Open::List(items) => items.push(node),
            Open::Map { fields, merges, key, .. } => match key.take() {
                Some(Key::Name(name, key_span)) => fields.push(Field { key: name, key_span, value: node }),
                Some(Key::Merge) => merge(node, merges)?,
                None => {}
            },
        }
        Ok(())
    }

    fn remember(&mut self, anchor: usize, node: Node, weight: Weight) {
        self.anchors.insert(anchor, Anchored { node, weight });
    }

    fn key(&mut self, text: &str, unquoted: bool, span: Span, sink: &mut Sink<'_>) -> Result<(), Box<Stop>> {
        let name: Cow<'_, str> = match scalar::resolve(text) {
            _ if !unquoted => text.into(),
            Plain::Null => {
                let diagnostic =
                    Diagnostic::error(Code::WrongType, "a key of an object must be text").by_rule("resources 2");
                return Err(Stop::new(diagnostic, span, "nothing stands for a key"));
            }
            Plain::Bool(flag) => flag.to_string().into(),
            Plain::Number(number) => number.to_string().into(),
            Plain::NotFinite | Plain::Text => text.into(),
        };
        let Some(Frame { kind: Open::Map { seen, key, .. }, .. }) = self.stack.last_mut() else { return Ok(()) };
        if unquoted && text == "<<" {
            *key = Some(Key::Merge);
            return Ok(());
        }
        if !seen.insert(name.as_ref().into()) {
            let diagnostic = Diagnostic::error(Code::DuplicateKey, format!("the key {name:?} is written twice"))
                .by_rule("resources 2")
                .help("keep one of the two");
            sink.add(diagnostic, span, Path::root(), "here again, in the same object");
            // Later fields are read all the same; the first value stays the one that a look-up finds.
        }
        *key = Some(Key::Name(name.into(), span));
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span, sink: &mut Sink<'_>) -> Result<(), Box<Stop>> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            let diagnostic =
                Diagnostic::error(Code::Syntax, "an alias stands inside the value it repeats").by_rule("resources 2");
            return Err(Stop::new(diagnostic, span, "this value would contain itself"));
        };
        let weight = anchored.weight;
        self.expansions += 1 + weight.expansions;
        self.values += weight.values;
        self.bytes += weight.bytes;
        if self.expansions > limits::ALIAS_EXPANSIONS {
            let message = format!("aliases expand more than {} times", limits::ALIAS_EXPANSIONS);
            return Err(limit(span, message));
        }
        if self.values > limits::VALUES || self.bytes > limits::DOCUMENT_BYTES {
            return Err(limit(span, "aliases repeat more than a document may hold".to_owned()));
        }
        let node = anchored.node.clone();
        if self.takes_key() {
            return match node.content {
                Content::Scalar(scalar) => self.key(&scalar.text, scalar.style == Style::Plain, span, sink),
                _ => {
                    let diagnostic =
                        Diagnostic::error(Code::WrongType, "a key of an object must be text").by_rule("resources 2");
                    Err(Stop::new(diagnostic, span, "a list or an object stands for a key"))
                }
            };
        }
        self.finish(Node { span, ..node }, 0, weight)
    }

    fn counters(&self) -> Weight {
        Weight { values: self.values, expansions: self.expansions, bytes: self.bytes }
    }
}

/// Takes the object, or the objects of the list, that a `<<` key names.
fn merge(node: Node, merges: &mut Vec<Node>) -> Result<(), Box<Stop>> {
    let span = node.span;
    let wrong = || {
        let diagnostic = Diagnostic::error(Code::WrongType, "the merge key << takes an object or a list of objects")
            .by_rule("resources 2");
        Stop::new(diagnostic, span, "neither")
    };
    match node.content {
        Content::Map(_) => merges.push(node),
        Content::List(items) if items.iter().all(|item| matches!(item.content, Content::Map(_))) => {
            merges.extend(items)
        }
        _ => return Err(wrong()),
    }
    Ok(())
}

/// Whether a scalar's text decides its type, after its tag is taken into account.
fn scalar_style(style: ScalarStyle, tag: Option<&Tag>, text: &str, span: Span) -> Result<Style, Box<Stop>> {
    let plain = matches!(style, ScalarStyle::Plain);
    let Some(kind) = tag.and_then(|tag| tag.core_suffix()) else {
        // A tag of somebody's own (`!custom 3`) makes a scalar text.
        return Ok(if plain && tag.is_none() { Style::Plain } else { Style::Text });
    };
    let resolved = scalar::resolve(text);
    let fits = match kind {
        "null" => resolved == Plain::Null,
        "bool" => matches!(resolved, Plain::Bool(_)),
        "int" => matches!(&resolved, Plain::Number(number) if number.is_i64() || number.is_u64()),
        "float" => matches!(resolved, Plain::Number(_) | Plain::NotFinite),
        "binary" => false,
        _ => return Ok(Style::Text),
    };
    if fits {
        return Ok(Style::Plain);
    }
    let diagnostic = Diagnostic::error(Code::WrongType, format!("the value does not fit its tag !!{kind}"))
        .by_rule("resources 2")
        .help("leave the tag out, or quote the value to make it text");
    Err(Stop::new(diagnostic, span, "this value"))
}

fn limit(span: Span, message: String) -> Box<Stop> {
    let diagnostic = Diagnostic::error(Code::Limit, message)
        .by_rule("rules 19")
        .help("no pipeline needs that; write the values out, or split the document");
    Stop::new(diagnostic, span, "the limit is reached here")
}

fn syntax(error: &ScanError, line_offset: u32) -> Box<Stop> {
    let marker = error.marker();
    let line = u32::try_from(marker.line().max(1)).unwrap_or(u32::MAX).saturating_add(line_offset);
    let column = u32::try_from(marker.col()).unwrap_or(u32::MAX).saturating_add(1);
    let span = Span::on_line(line, column, 1);
    let diagnostic = match error.kind() {
        ErrorKind::RecursionLimitExceeded => {
            return limit(span, format!("values nest deeper than {} levels", limits::DEPTH));
        }
        ErrorKind::UnknownAnchor => Diagnostic::error(Code::Syntax, "an alias names an anchor that does not exist")
            .help("write &name before the value that *name repeats, earlier in the same document"),
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation => {
            Diagnostic::error(Code::Syntax, "YAML is indented with spaces, not with tabs")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            Diagnostic::error(Code::Syntax, format!("the text is not YAML: nothing begins with {character:?}"))
                .help("quote the value: 'text'")
        }
        _ => Diagnostic::error(Code::Syntax, format!("the text is not YAML: {}", error.info())),
    };
    Stop::new(
        diagnostic.by_rule("resources 2"),
        span,
        "the reader stops here; the rest of this document is not checked",
    )
}

/// Our span of a parser's: lines of the whole text, columns from 1.
fn span_of(at: &Marked, line_offset: u32) -> Span {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    let line = number(at.start.line().max(1)).saturating_add(line_offset);
    let end_line = number(at.end.line().max(1)).saturating_add(line_offset);
    Span { line, column: number(at.start.col()) + 1, end_line, end_column: number(at.end.col()) + 1 }
}
