//! Nodes into JSON of exactly the fields that a kind has: every mistake of structure is reported, defaults are filled in,
//! what means "absent" (null, empty optional text) is left out.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    node::{Content, Node, Scalar, Style},
    scalar::{self, Plain},
    schema::{self, Field, Fill, Items, Need, Schema, Shape},
    sink::Sink,
    text,
};
use crate::model::{Code, Diagnostic, Duration, Origin, Path, Severity, Span, nearest, pattern, time};

/// Turns nodes into JSON by schema.
pub(crate) struct Decoder<'a, 'b> {
    pub(crate) sink: &'a mut Sink<'b>,
    /// How bad a field is that the schema does not have: ours are refused, Kargo's are dropped (rules 11).
    pub(crate) unknown: Severity,
    /// Types of generic subscriptions that somebody handles.
    pub(crate) subscription_types: &'a BTreeSet<String>,
}

impl Decoder<'_, '_> {
    /// An object of one schema. `skip` names keys that are not the schema's business.
    pub(crate) fn object(&mut self, node: &Node, schema: &Schema, path: &Path, skip: &[&str]) -> Map<String, Value> {
        let mut out = Map::new();
        for field in node.fields() {
            let Some(known) = schema.fields.iter().find(|known| *known.name == *field.key) else {
                if !skip.contains(&&*field.key) {
                    self.unknown_field(&field.key, field.key_span, schema, path);
                }
                continue;
            };
            // A key written twice was reported; the first value counts.
            if out.contains_key(known.name) {
                continue;
            }
            if let Some(value) = self.field(&field.value, known, &path.key(known.name), schema) {
                out.insert(known.name.to_owned(), value);
            }
        }
        for known in schema.fields {
            match known.need {
                Need::Required if node.get(known.name).is_none_or(Node::is_null) => {
                    self.missing(known.name, node.span, schema, path);
                }
                Need::Filled(fill) if !out.contains_key(known.name) => {
                    out.insert(known.name.to_owned(), filled(fill));
                }
                _ => {}
            }
        }
        out
    }

    /// The value of a field; `None` where it is absent or wrong.
    fn field(&mut self, node: &Node, field: &Field, path: &Path, schema: &Schema) -> Option<Value> {
        if node.is_null() {
            return None;
        }
        let value = self.value(node, &field.shape, path, schema.rule)?;
        let optional = !matches!(field.need, Need::Required);
        let empty_text = value.as_str().is_some_and(str::is_empty);
        (!(optional && empty_text)).then_some(value)
    }

    fn value(&mut self, node: &Node, shape: &Shape, path: &Path, rule: &'static str) -> Option<Value> {
        match shape {
            Shape::Text(form) => {
                let text = self.text(node, path, rule)?;
                if let Err(mistake) = text::check(text, *form) {
                    self.sink.add(mistake.diagnostic(path).by_rule(rule), node.span, path.clone(), mistake.label());
                    return None;
                }
                Some(Value::String(text.to_owned()))
            }
            Shape::Bool => match node.as_bool() {
                Some(flag) => Some(Value::Bool(flag)),
                None => self.wrong_type(node, path, rule, "true or false", bool_advice(node)),
            },
            Shape::Int(least, most) => self.int(node, *least, *most, path, rule),
            Shape::Time => {
                let text = self.text(node, path, rule)?;
                if time::from_manifest(text).is_ok() {
                    return Some(Value::String(text.to_owned()));
                }
                self.format(node.span, path, rule, "is not an instant", "an RFC 3339 time such as 2026-11-24T14:02:00Z")
            }
            Shape::Duration => self.duration(node, path, rule, false),
            Shape::ShortDuration => self.duration(node, path, rule, true),
            Shape::Json => Some(self.json(node, path)),
            Shape::JsonObject => match node.content {
                Content::Map(_) => Some(self.json(node, path)),
                _ => self.wrong_type(node, path, rule, "an object", None),
            },
            Shape::Object(schema) => match node.content {
                Content::Map(_) => Some(Value::Object(self.object(node, schema, path, &[]))),
                _ => self.wrong_type(node, path, schema.rule, "an object", None),
            },
            Shape::List(item, items) => self.list(node, item, items, path, rule),
            Shape::Map(item) => self.map(node, item, path, rule, |_| true),
            Shape::ByOrigin(item) => self.map(node, item, path, rule, |key| key.parse::<Origin>().is_ok()),
            Shape::Subscription => self.subscription(node, path),
        }
    }

    fn text<'n>(&mut self, node: &'n Node, path: &Path, rule: &'static str) -> Option<&'n str> {
        if let Some(text) = node.as_text() {
            return Some(text);
        }
        let advice = match &node.content {
            Content::Scalar(Scalar { text, style: Style::Plain }) => {
                let read = scalar::to_json(text).unwrap_or(Value::Null);
                Some(format!("YAML reads {text} as {read}; quote it to keep it as written: {text:?}"))
            }
            _ => None,
        };
        self.wrong_type(node, path, rule, "text", advice);
        None
    }

    fn int(&mut self, node: &Node, least: i64, most: i64, path: &Path, rule: &'static str) -> Option<Value> {
        let number = match &node.content {
            Content::Scalar(Scalar { text, style: Style::Plain }) => match scalar::resolve(text) {
                Plain::Number(number) => Some(number),
                _ => None,
            },
            _ => None,
        };
        let Some(number) = number else {
            let advice = node.as_text().filter(|text| text.parse::<i64>().is_ok());
            let advice = advice.map(|text| format!("write {text} without quotes"));
            return self.wrong_type(node, path, rule, "a whole number", advice);
        };
        if let Some(value) = number.as_i64().filter(|value| (least..=most).contains(value)) {
            return Some(value.into());
        }
        let message = format!("{} is {number}, which is not a whole number from {least} to {most}", name_of(path));
        let diagnostic = Diagnostic::error(Code::Range, message).by_rule(rule);
        self.sink.add(diagnostic, node.span, path.clone(), format!("must be {least} to {most}"));
        None
    }

    fn duration(&mut self, node: &Node, path: &Path, rule: &'static str, short: bool) -> Option<Value> {
        let wanted = if short {
            "numbers with the units s, m or h, such as 90s, 5m or 1h30m"
        } else {
            "a duration such as 90s, 5m or 1h30m"
        };
        if let Some(text) = node.as_text() {
            if (!short || pattern::is_duration_text(text)) && text.parse::<Duration>().is_ok() {
                return Some(Value::String(text.to_owned()));
            }
            return self.format(node.span, path, rule, "is not a duration", wanted);
        }
        self.wrong_type(node, path, rule, wanted, Some("a duration needs a unit: 300s, 5m".to_owned()))
    }

    fn list(&mut self, node: &Node, item: &Shape, items: &Items, path: &Path, rule: &'static str) -> Option<Value> {
        let Content::List(nodes) = &node.content else {
            return self.wrong_type(node, path, rule, "a list", Some("begin each element with `- `".to_owned()));
        };
        if nodes.len() < items.min {
            let message = format!("{} needs at least {} element", name_of(path), items.min);
            let diagnostic = Diagnostic::error(Code::Range, message).by_rule(rule);
            self.sink.add(diagnostic, node.span, path.clone(), "the list is empty");
        }
        if let Some(max) = items.max.filter(|&max| nodes.len() > max) {
            let message = format!("{} has {} elements, at most {max} are allowed", name_of(path), nodes.len());
            self.sink.add(Diagnostic::error(Code::Range, message).by_rule(rule), node.span, path.clone(), "too many");
        }
        let mut out = Vec::with_capacity(nodes.len());
        let mut seen = BTreeSet::new();
        for (index, node) in nodes.iter().enumerate() {
            let path = path.index(index);
            if node.is_null() && !matches!(item, Shape::Json) {
                self.wrong_type(node, &path, rule, "an element", None);
                continue;
            }
            let key = items.key.and_then(|key| if key.is_empty() { Some(node) } else { node.get(key) });
            if let Some((text, span)) = key.and_then(|key| Some((key.as_text()?, key.span)))
                && !seen.insert(text)
            {
                let message = format!("{} lists {text:?} twice", name_of(&path));
                let diagnostic = Diagnostic::error(Code::Duplicate, message).by_rule(rule).help("keep one of the two");
                let place = items.key.filter(|key| !key.is_empty()).map_or_else(|| path.clone(), |key| path.key(key));
                self.sink.add(diagnostic, span, place, "here again");
            }
            if let Some(value) = self.value(node, item, &path, rule) {
                out.push(value);
            }
        }
        Some(Value::Array(out))
    }

    fn map(
        &mut self,
        node: &Node,
        item: &Shape,
        path: &Path,
        rule: &'static str,
        fits: impl Fn(&str) -> bool,
    ) -> Option<Value> {
        let Content::Map(fields) = &node.content else {
            return self.wrong_type(node, path, rule, "an object", None);
        };
        let mut out = Map::new();
        for field in fields {
            let path = path.key(&field.key);
            if !fits(&field.key) {
                self.format(field.key_span, &path, rule, "is not an origin", "a key such as Warehouse/cart");
                continue;
            }
            if field.value.is_null() && !matches!(item, Shape::Json) {
                let advice = matches!(item, Shape::Text(_)).then(|| "write \"\" for an empty text".to_owned());
                self.wrong_type(&field.value, &path, rule, "a value", advice);
                continue;
            }
            if let Some(value) = self.value(&field.value, item, &path, rule) {
                out.entry(field.key.to_string()).or_insert(value);
            }
        }
        Some(Value::Object(out))
    }

    /// An entry of a Warehouse's subscriptions: exactly one type key beside `name` (resources 7.1).
    fn subscription(&mut self, node: &Node, path: &Path) -> Option<Value> {
        const RULE: &str = "resources 7.1";
        let Content::Map(fields) = &node.content else {
            return self.wrong_type(node, path, RULE, "an object with one of the keys git, image, chart", None);
        };
        let mut out = Map::new();
        let mut type_keys = Vec::new();
        let mut nameless = Some(node.span);
        for field in fields {
            if &*field.key == "name" {
                nameless = (field.value.is_null() || field.value.as_text() == Some("")).then_some(field.key_span);
                if !field.value.is_null()
                    && let Some(name) = self.text(&field.value, &path.key("name"), RULE)
                    && !name.is_empty()
                {
                    out.insert("name".to_owned(), name.into());
                }
                continue;
            }
            type_keys.push(field);
        }
        let [field] = type_keys.as_slice() else {
            let (message, label) = match type_keys.as_slice() {
                [] => ("a subscription has no type".to_owned(), "neither git nor image nor chart"),
                [first, second, ..] => (
                    format!("a subscription has several types: {} and {}", first.key, second.key),
                    "one subscription, one type",
                ),
                [_] => return None,
            };
            let diagnostic = Diagnostic::error(Code::Conflict, message)
                .by_rule(RULE)
                .help("write one list element for each subscription: `- image: { repoURL: ... }`");
            self.sink.add(diagnostic, node.span, path.clone(), label);
            return None;
        };
        let schema = match &*field.key {
            "git" => &schema::GIT_SUBSCRIPTION,
            "image" => &schema::IMAGE_SUBSCRIPTION,
            "chart" => &schema::CHART_SUBSCRIPTION,
            other => {
                if !self.subscription_types.contains(other) {
                    self.unknown_type(other, field.key_span, &path.key(other));
                    return None;
                }
                if let Some(span) = nameless {
                    let message = format!("a subscription of type {other:?} needs a name");
                    let diagnostic = Diagnostic::error(Code::Missing, message).by_rule(RULE);
                    self.sink.add(diagnostic, span, path.key("name"), "write name: <name> beside the type");
                }
                &schema::OTHER_SUBSCRIPTION
            }
        };
        let path = path.key(&field.key);
        if !matches!(field.value.content, Content::Map(_)) {
            return self.wrong_type(&field.value, &path, RULE, "an object", None);
        }
        let mut body = self.object(&field.value, schema, &path, &[]);
        if body.get("discoveryLimit").and_then(Value::as_i64) == Some(0) {
            // Zero means the default (resources 23, trap 31).
            body.insert("discoveryLimit".to_owned(), 20.into());
        }
        if !matches!(&*field.key, "git" | "image" | "chart") {
            body.insert("subscriptionType".to_owned(), Value::String(field.key.to_string()));
        }
        out.insert(field.key.to_string(), Value::Object(body));
        Some(Value::Object(out))
    }

    fn json(&mut self, node: &Node, path: &Path) -> Value {
        let mut bad = Vec::new();
        let value = node.to_json(&mut |span, text| bad.push((span, text.to_owned())));
        for (span, text) in bad {
            let diagnostic =
                Diagnostic::error(Code::WrongType, format!("{text} is a number that JSON has no form for"))
                    .by_rule("resources 2")
                    .help(format!("quote it to make it text: {text:?}"));
            self.sink.add(diagnostic, span, path.clone(), "not finite");
        }
        value
    }

    fn wrong_type(
        &mut self,
        node: &Node,
        path: &Path,
        rule: &'static str,
        wanted: &str,
        advice: Option<String>,
    ) -> Option<Value> {
        let found = node.describe();
        let message = format!("{} must be {wanted}, not {found}", name_of(path));
        let mut diagnostic = Diagnostic::error(Code::WrongType, message).by_rule(rule);
        if let Some(advice) = advice {
            diagnostic = diagnostic.help(advice);
        }
        self.sink.add(diagnostic, node.span, path.clone(), format!("this is {found}"));
        None
    }

    fn format(&mut self, span: Span, path: &Path, rule: &'static str, what: &str, wanted: &str) -> Option<Value> {
        let diagnostic = Diagnostic::error(Code::Format, format!("{} {what}", name_of(path))).by_rule(rule);
        self.sink.add(diagnostic, span, path.clone(), format!("write {wanted}"));
        None
    }

    fn missing(&mut self, name: &str, span: Span, schema: &Schema, path: &Path) {
        let whole = path.key(name);
        let diagnostic = Diagnostic::error(Code::Missing, format!("{whole} is missing")).by_rule(schema.rule);
        // Only the first line of the object is marked, not all of it.
        let span = Span { end_line: span.line, end_column: span.column + 1, ..span };
        self.sink.add(diagnostic, span, whole, format!("this object needs a field {name:?}"));
    }

    fn unknown_field(&mut self, key: &str, span: Span, schema: &Schema, path: &Path) {
        let whole = path.key(key);
        let known = || schema.fields.iter().map(|field| field.name);
        if let Some(gone) = schema.gone.iter().find(|gone| gone.name == key) {
            let diagnostic =
                Diagnostic::warning(Code::Deprecated, format!("{whole} was removed from Kargo and is ignored"))
                    .by_rule("resources 22")
                    .help(gone.advice);
            self.sink.add(diagnostic, span, whole, "no longer there");
            return;
        }
        let (code, verdict) = match self.unknown {
            Severity::Error => (Code::UnknownExtension, "and kinds of ours refuse what they do not know"),
            Severity::Warning => (Code::UnknownField, "and Kargo drops it in silence"),
        };
        let message = format!("there is no field {key:?} here, {verdict}");
        let mut diagnostic = Diagnostic::error(code, message).by_rule(schema.rule).with_severity(self.unknown);
        diagnostic = match nearest(key, known()) {
            Some(near) => diagnostic.help(format!("did you mean {near:?}?")),
            None => diagnostic.help(format!("fields here: {}", list_of(known()))),
        };
        self.sink.add(diagnostic, span, whole, "not known");
    }

    fn unknown_type(&mut self, key: &str, span: Span, path: &Path) {
        let message = format!("no subscriber handles subscriptions of type {key:?}");
        let mut diagnostic = Diagnostic::error(Code::UnknownType, message).by_rule("resources 7.1");
        diagnostic = match nearest(key, ["git", "image", "chart"]) {
            Some(near) => diagnostic.help(format!("did you mean {near:?}?")),
            None => diagnostic.help("types here: git, image, chart; a program may register others with its reader"),
        };
        self.sink.add(diagnostic, span, path.clone(), "not known");
    }
}

/// The names, as a person would list them, at most twenty.
fn list_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    match all.get(..20) {
        Some(first) if all.len() > 20 => format!("{}, and {} more", first.join(", "), all.len() - 20),
        _ => all.join(", "),
    }
}

/// How a value is called in a message: by its path.
fn name_of(path: &Path) -> String {
    let text = path.to_string();
    if text.is_empty() { "the document".to_owned() } else { text }
}

fn bool_advice(node: &Node) -> Option<String> {
    let text = node.as_text()?;
    matches!(text, "true" | "false").then(|| format!("write {text} without quotes"))
}

fn filled(fill: Fill) -> Value {
    match fill {
        Fill::Text(text) => text.into(),
        Fill::Bool(flag) => flag.into(),
        Fill::Int(number) => number.into(),
    }
}
