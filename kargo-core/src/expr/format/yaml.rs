//! Values as YAML, as Go's `yaml.v3` lays them out: blocks indented by four, lists in lists by two.

use super::{
    key_order,
    yaml_scalar::{Look, Style, escape, is_break},
};
use crate::expr::{
    error::Problem,
    limits, number,
    time::duration_text,
    value::{Key, Table, Value},
};

/// The value as a YAML document with a line end (promotion-engine 4.4).
///
/// # Errors
///
/// [`Problem::Memory`] and [`Problem::Steps`] for values that are too large.
pub(super) fn to_yaml(value: &Value) -> Result<String, Problem> {
    if value.size().weight > limits::STEPS {
        return Err(Problem::Steps { limit: limits::STEPS });
    }
    let mut writer = Writer { out: String::new(), column: 0, fresh: true, gap: true };
    writer.node(value, Place::Root)?;
    writer.line(0);
    Ok(writer.out)
}

/// Indentation of one level.
const STEP: usize = 4;
/// The longest key, in bytes, that stands before its colon on one line.
const SIMPLE_KEY: usize = 128;

/// What a value stands in; the number is the indentation of that.
#[derive(Clone, Copy)]
enum Place {
    Root,
    Item(usize),
    Entry(usize),
    SimpleKey,
}

impl Place {
    /// The indentation of what stands here.
    fn indent(self) -> usize {
        match self {
            Self::Root | Self::SimpleKey => 0,
            Self::Item(outer) => outer + 2,
            Self::Entry(outer) => (outer / STEP + 1) * STEP,
        }
    }

    /// The indentation of the lines of a text.
    fn text_indent(self) -> usize {
        if matches!(self, Self::Root) { STEP } else { self.indent() }
    }
}

struct Writer {
    out: String,
    /// Characters since the beginning of the line.
    column: usize,
    /// Whether the line has nothing yet but blanks and the marks `-`, `?` and `:`.
    fresh: bool,
    /// Whether what comes next needs no blank before it.
    gap: bool,
}

impl Writer {
    /// Goes to where the next thing at an indentation begins, on this line if nothing stands there.
    fn line(&mut self, indent: usize) {
        if !self.fresh || self.column > indent || self.column == indent && !self.gap {
            self.end_line('\n');
        }
        while self.column < indent {
            self.push(' ');
        }
        self.gap = true;
    }

    fn end_line(&mut self, end: char) {
        self.out.push(end);
        self.column = 0;
        self.fresh = true;
    }

    fn push(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    /// Writes `-`, `?` or `:` before a block that may begin on the same line.
    fn mark(&mut self, mark: char) {
        if !self.gap {
            self.push(' ');
        }
        self.push(mark);
        self.gap = false;
    }

    /// Writes text that ends what may begin on this line.
    fn word(&mut self, text: &str) {
        if !self.gap {
            self.push(' ');
        }
        self.out.push_str(text);
        self.column += text.chars().count();
        self.gap = false;
        self.fresh = false;
    }

    fn node(&mut self, value: &Value, place: Place) -> Result<(), Problem> {
        if self.out.len() as u64 > limits::TEXT {
            return Err(Problem::Memory);
        }
        match value {
            Value::Text(text) => self.text(text, place),
            Value::List(_) => return self.list(value.as_list().unwrap_or_default(), place),
            Value::Bytes(bytes) => {
                let items: Vec<_> = bytes.iter().map(|byte| Value::Uint((*byte).into())).collect();
                return self.list(&items, place);
            }
            Value::Map(map) => {
                let mut entries: Vec<_> = map.entries().iter().map(|(key, value)| (key.as_str(), value)).collect();
                key_order::sort(&mut entries, &|(a, _), (b, _)| key_order::text_is_less(a, b));
                let entries: Vec<_> = entries.into_iter().map(|(key, value)| (Value::text(key), value)).collect();
                return self.map(&entries, place);
            }
            Value::Table(table) => return self.map(&entries_of(table), place),
            Value::Zone(_) => self.word("{}"),
            Value::Host(object) => {
                if let Some(fields) = object.yaml_fields() {
                    let entries: Vec<_> = fields.iter().map(|(name, value)| (Value::text(*name), value)).collect();
                    return self.map(&entries, place);
                }
                return self.node(&Value::from_json(&object.to_json())?, place);
            }
            Value::Duration(nanos) => self.text(&duration_text(*nanos), place),
            Value::Time(time) => self.word(&time.rfc3339()),
            Value::Float(value) => self.word(&float(*value)),
            Value::Int(value) => self.word(&value.to_string()),
            Value::Uint(value) => self.word(&value.to_string()),
            Value::Month(value) | Value::Weekday(value) => self.word(&value.to_string()),
            Value::Bool(value) => self.word(if *value { "true" } else { "false" }),
            Value::Null => self.word("null"),
            Value::Sealed(_) => return value.require(),
        }
        Ok(())
    }

    fn list(&mut self, items: &[Value], place: Place) -> Result<(), Problem> {
        if items.is_empty() {
            self.word("[]");
            return Ok(());
        }
        let indent = place.indent();
        for item in items {
            self.line(indent);
            self.mark('-');
            self.node(item, Place::Item(indent))?;
        }
        Ok(())
    }

    fn map(&mut self, entries: &[(Value, &Value)], place: Place) -> Result<(), Problem> {
        if entries.is_empty() {
            self.word("{}");
            return Ok(());
        }
        let indent = place.indent();
        for (key, value) in entries {
            self.line(indent);
            let simple = key.as_text().is_none_or(|text| text.len() <= SIMPLE_KEY && !Look::of(text).lines);
            if simple {
                self.node(key, Place::SimpleKey)?;
                self.push(':');
            } else {
                self.mark('?');
                self.node(key, Place::Entry(indent))?;
                self.line(indent);
                self.mark(':');
            }
            self.node(value, Place::Entry(indent))?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str, place: Place) {
        let look = Look::of(text);
        match look.style(text, matches!(place, Place::SimpleKey)) {
            Style::Plain => self.word(text),
            Style::Single if !look.lines => self.word(&format!("'{}'", text.replace('\'', "''"))),
            Style::Single => self.single_lines(text, place.text_indent()),
            Style::Double => {
                let mut quoted = String::from('"');
                escape(text, &mut quoted);
                quoted.push('"');
                self.word(&quoted);
            }
            Style::Literal => self.literal(text, place.text_indent()),
        }
    }

    /// A text in single quotes with line ends other than `\n` in it.
    fn single_lines(&mut self, text: &str, indent: usize) {
        self.word("'");
        let mut after_break = false;
        for c in text.chars() {
            if is_break(c) {
                self.end_line(c);
                after_break = true;
                continue;
            }
            if after_break && c != ' ' {
                self.line(indent);
                after_break = false;
            }
            if c == '\'' {
                self.push('\'');
            }
            self.push(c);
            self.fresh &= c == ' ';
        }
        self.gap = true;
        self.word("'");
    }

    /// A block of lines.
    fn literal(&mut self, text: &str, indent: usize) {
        let mut head = String::from('|');
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            head.push_str(&STEP.to_string());
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next()) {
            (false, _) => head.push('-'),
            (true, Some(before)) if !is_break(before) => {}
            (true, _) => head.push('+'),
        }
        self.word(&head);
        self.end_line('\n');
        self.gap = true;
        let mut at_start = true;
        for c in text.chars() {
            if is_break(c) {
                self.end_line(c);
                at_start = true;
                continue;
            }
            if at_start {
                self.line(indent);
                at_start = false;
            }
            self.push(c);
            self.fresh = false;
        }
    }
}

/// Infinities have words of their own; finite numbers are as `string(x)` has them.
fn float(value: f64) -> String {
    if value.is_nan() {
        ".nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        number::general(value)
    }
}

/// The entries of a table: truth values and numbers by value, then what is nothing, then texts, then times.
fn entries_of(table: &Table) -> Vec<(Value, &Value)> {
    let mut entries: Vec<_> = table.entries.iter().map(|(key, (shown, value))| (key, shown, value)).collect();
    key_order::sort(&mut entries, &|(a, ..), (b, ..)| key_is_less(a, b));
    entries.into_iter().map(|(_, shown, value)| (shown.clone(), value)).collect()
}

fn key_is_less(a: &Key, b: &Key) -> bool {
    if let (Some((x, kind_x)), Some((y, kind_y))) = (size_and_kind(a), size_and_kind(b)) {
        // Numbers of one kind that are too near for floats compare as they are.
        return if x == y { kind_x < kind_y || kind_x == kind_y && a < b } else { x < y };
    }
    if let (Key::Text(a), Key::Text(b)) = (a, b) {
        return key_order::text_is_less(a, b);
    }
    let rank = |key: &Key| match key {
        Key::Null => 1,
        Key::Text(_) => 2,
        Key::Time(..) => 3,
        _ => 0,
    };
    rank(a) < rank(b)
}

/// A truth value or number, and the rank of its type among equals.
#[expect(clippy::cast_precision_loss, reason = "the reference compares keys as floats first")]
fn size_and_kind(key: &Key) -> Option<(f64, u8)> {
    Some(match key {
        Key::Bool(value) => (f64::from(u8::from(*value)), 0),
        Key::Int(value) => (*value as f64, 1),
        Key::Month(value) | Key::Weekday(value) => (f64::from(*value), 1),
        Key::Duration(value) => (*value as f64, 2),
        Key::Uint(value) => (*value as f64, 3),
        Key::Float(bits) => (f64::from_bits(*bits), 4),
        Key::Null | Key::Text(_) | Key::Time(..) => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn yaml(json: &serde_json::Value) -> String {
        to_yaml(&Value::from_json(json).unwrap()).unwrap()
    }

    /// Promotion-engine 4.4: blocks, and lists in maps indented by four.
    #[test]
    fn layout() {
        assert_eq!(
            yaml(&json!({"a": [1, [2, [3]], {"b": 1, "c": [4], "d": {}}], "e": {"f": {"g": []}}, "h": null})),
            "a:\n    - 1\n    - - 2\n      - - 3\n    - b: 1\n      c:\n        - 4\n      d: {}\ne:\n    f:\n        g: []\nh: null\n"
        );
        assert_eq!(yaml(&json!([])), "[]\n");
        assert_eq!(yaml(&json!({})), "{}\n");
        assert_eq!(yaml(&json!([[], {}, [{"a": {"b": 1}}]])), "- []\n- {}\n- - a:\n        b: 1\n");
    }

    #[test]
    fn scalars() {
        assert_eq!(
            yaml(&json!([1.0, 1.5, 1e6, 1e21, -0.0001, 1e-5, true, null, "1", "x"])),
            "- 1\n- 1.5\n- 1e+06\n- 1e+21\n- -0.0001\n- 1e-05\n- true\n- null\n- \"1\"\n- x\n"
        );
        assert_eq!(to_yaml(&Value::from(9_007_199_254_740_993)).unwrap(), "9007199254740993\n");
        assert_eq!(to_yaml(&Value::Bytes(vec![1, 255].into())).unwrap(), "- 1\n- 255\n");
        assert_eq!(to_yaml(&Value::Duration(3_600_000_000_000)).unwrap(), "1h0m0s\n");
    }

    /// Blocks of lines, their hints, and the same as keys.
    #[test]
    fn lines() {
        assert_eq!(yaml(&json!("a\nb")), "|-\n    a\n    b\n");
        assert_eq!(
            yaml(&json!({"k": "a\n\n b\n", "l": "\na\n\n", "m": 1})),
            "k: |\n    a\n\n     b\nl: |4+\n\n    a\n\nm: 1\n"
        );
        assert_eq!(yaml(&json!(["a\n", ["b\nc"]])), "- |\n  a\n- - |-\n    b\n    c\n");
        assert_eq!(yaml(&json!({"a\nb": {"c": 1}})), "? |-\n    a\n    b\n:   c: 1\n");
        let long = "k".repeat(129);
        assert_eq!(yaml(&json!({long.as_str(): [1]})), format!("? {long}\n:   - 1\n"));
        assert_eq!(yaml(&json!({"a\u{2028}b'": "x\u{2029}y"})), "? 'a\u{2028}    b'''\n: 'x\u{2029}    y'\n");
    }

    #[test]
    fn keys() {
        assert_eq!(
            yaml(&json!({"b": 1, "a10": 1, "a2": 1, "": 1, "yes": 1, "a: b": 1})),
            "\"\": 1\n'a: b': 1\na2: 1\na10: 1\nb: 1\n\"yes\": 1\n"
        );
    }

    /// A short expression can have a value whose text has no end.
    #[test]
    fn size_is_bounded() {
        let doubled = |times: u32| {
            let mut value = Value::from("x".repeat(1000));
            for _ in 0..times {
                value = Value::list(vec![value.clone(), value]).unwrap();
            }
            to_yaml(&value)
        };
        assert!(doubled(10).is_ok());
        assert_eq!(doubled(18), Err(Problem::Memory));
        assert_eq!(doubled(20), Err(Problem::Steps { limit: limits::STEPS }));
    }
}
