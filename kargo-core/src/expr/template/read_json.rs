//! JSON text to a value by the rules of Go's `encoding/json`: which texts are JSON, and what they mean.

use std::mem;

use crate::expr::{
    error::Problem,
    number::parse_float,
    value::{Env, Value},
};

/// Lists and objects in each other that Go reads.
const MAX_DEPTH: usize = 10_000;

/// The value of a text, if all of it is JSON. Of equal keys the last one counts, half of a surrogate pair reads as the
/// replacement character, and a number out of range makes the text no JSON.
pub(super) fn read_json(text: &str) -> Result<Option<Value>, Problem> {
    let mut reader = Reader { text, at: 0, open: Vec::new(), too_deep: None };
    let value = reader.document();
    match (value, reader.too_deep) {
        (None, _) => Ok(None),
        (Some(_), Some(problem)) => Err(problem),
        (Some(value), None) => Ok(Some(value)),
    }
}

/// A list or an object that is not closed yet.
enum Open {
    List(Vec<Value>),
    Map { entries: Env, key: String },
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Open>,
    /// That a value was deeper than ours may be; whether the text is JSON is still to be found out.
    too_deep: Option<Problem>,
}

/// Loops over a list of what is open instead of calling itself: depth costs no stack.
impl Reader<'_> {
    fn document(&mut self) -> Option<Value> {
        loop {
            let Some(mut value) = self.value()? else { continue };
            // Closes everything that ends here.
            loop {
                self.blanks();
                let Some(innermost) = self.open.last_mut() else {
                    return (self.at == self.text.len()).then_some(value);
                };
                let closer = match innermost {
                    Open::List(items) => {
                        items.push(value);
                        b']'
                    }
                    Open::Map { entries, key } => {
                        entries.insert(mem::take(key), value);
                        b'}'
                    }
                };
                if self.take(b',') {
                    if closer == b'}' {
                        let next = self.key()?;
                        if let Some(Open::Map { key, .. }) = self.open.last_mut() {
                            *key = next;
                        }
                    }
                    break;
                }
                if !self.take(closer) {
                    return None;
                }
                value = self.close();
            }
        }
    }

    /// Reads a value; `Some(None)` if it is a list or object whose first element follows.
    fn value(&mut self) -> Option<Option<Value>> {
        self.blanks();
        let first = *self.text.as_bytes().get(self.at)?;
        let value = match first {
            b'[' | b'{' => {
                self.at += 1;
                if self.open.len() == MAX_DEPTH {
                    return None;
                }
                self.blanks();
                if first == b'[' {
                    self.open.push(Open::List(Vec::new()));
                } else {
                    self.open.push(Open::Map { entries: Env::new(), key: String::new() });
                }
                if self.take(if first == b'[' { b']' } else { b'}' }) {
                    return Some(Some(self.close()));
                }
                if first == b'{' {
                    let first = self.key()?;
                    if let Some(Open::Map { key, .. }) = self.open.last_mut() {
                        *key = first;
                    }
                }
                return Some(None);
            }
            b'"' => Value::from(self.string()?),
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            _ => self.word("null", Value::Null)?,
        };
        Some(Some(value))
    }

    /// Ends the innermost list or object.
    fn close(&mut self) -> Value {
        let closed = match self.open.pop() {
            Some(Open::List(items)) => Value::list(items),
            Some(Open::Map { entries, .. }) => Value::map(entries),
            None => Ok(Value::Null),
        };
        closed.unwrap_or_else(|problem| {
            self.too_deep = Some(problem);
            Value::Null
        })
    }

    fn blanks(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.text.get(self.at..)?.starts_with(word).then(|| self.at += word.len())?;
        Some(value)
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<String> {
        self.blanks();
        let key = self.string()?;
        self.blanks();
        self.take(b':').then_some(key)
    }

    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    fn number(&mut self) -> Option<Value> {
        let from = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        parse_float(self.text.get(from..self.at)?).map(Value::Float)
    }

    fn string(&mut self) -> Option<String> {
        self.take(b'"').then_some(())?;
        let mut out = String::new();
        loop {
            let from = self.at;
            while self.peek().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            out.push_str(self.text.get(from..self.at)?);
            if self.take(b'"') {
                return Some(out);
            }
            self.take(b'\\').then_some(())?;
            let escaped = self.peek()?;
            self.at += 1;
            out.push(match escaped {
                b'"' | b'\\' | b'/' => char::from(escaped),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unit_or_pair()?,
                _ => return None,
            });
        }
    }

    /// What `\u` and four digits stand for, with a second such escape if both make one character.
    fn unit_or_pair(&mut self) -> Option<char> {
        let first = self.unit()?;
        if let Some(c) = char::from_u32(first) {
            return Some(c);
        }
        let back = self.at;
        if first < 0xdc00 && self.take(b'\\') && self.take(b'u') {
            // Digits that are none are refused when the escape is read in its own right.
            if let Some(second @ 0xdc00..0xe000) = self.unit() {
                return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            }
        }
        self.at = back;
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::limits;

    fn text_of(text: &str) -> Option<String> {
        read_json(text).unwrap().map(|value| value.to_json_text().unwrap())
    }

    /// Promotion-engine 4.3 (5): any JSON with blanks around, and nothing but JSON.
    #[test]
    fn what_is_json() {
        for (text, value) in [
            (" [ ] ", "[]"),
            ("{}", "{}"),
            ("{\"a\" : [1 , {\"b\":null}],\"a\":2}", "{\"a\":2}"),
            ("[[[]],{}]", "[[[]],{}]"),
            ("\r\n\ttrue", "true"),
            ("[0,-0,1e2,1E+2,1.5e-1,-1.25]", "[0,-0,100,100,0.15,-1.25]"),
            ("\"\\u00e9\\n\\/\\ud83d\\ude00\"", "\"é\\n/😀\""),
            ("\"\\ud83d\"", "\"\u{fffd}\""),
            ("\"\\ud83dx\\ude00\\ud83d\\u0041\"", "\"\u{fffd}x\u{fffd}\u{fffd}A\""),
            ("\"\\ud83d\\ud83d\\ude00\"", "\"\u{fffd}😀\""),
        ] {
            assert_eq!(text_of(text).as_deref(), Some(value), "{text}");
        }
        for text in [
            "",
            " ",
            "[",
            "]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\":1}}",
            "nul",
            "nulll",
            "True",
            "1 2",
            "01",
            "-",
            "+1",
            ".5",
            "5.",
            "1e",
            "0x1",
            "1_0",
            "1e400",
            "[1e400]",
            "NaN",
            "\"",
            "\"\\\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12g4\"",
            "\"\\u+123\"",
            "\"\\ud83d\\u12\"",
            "\"a\nb\"",
            "'a'",
            "\u{a0}1",
            "[1}",
            "{\"a\":1]",
            "\u{feff}1",
            "// 1",
            "\"é",
            "\"\\ué00é\"",
        ] {
            assert_eq!(text_of(text), None, "{text}");
        }
    }

    /// Promotion-engine 6.9 and rules 19: Go's depth decides what is JSON, ours what is a value.
    #[test]
    fn depth() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let ours = limits::MAX_VALUE_DEPTH as usize;
        assert!(read_json(&nested(ours)).unwrap().is_some());
        for depth in [ours + 1, MAX_DEPTH] {
            assert_eq!(read_json(&nested(depth)), Err(Problem::ValueDepth { limit: limits::MAX_VALUE_DEPTH }));
        }
        assert_eq!(read_json(&nested(MAX_DEPTH + 1)), Ok(None));
        assert_eq!(read_json(&"[".repeat(MAX_DEPTH)), Ok(None), "too deep for us, but no JSON either");
    }
}
