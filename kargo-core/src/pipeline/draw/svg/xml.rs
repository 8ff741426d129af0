//! XML, as far as pictures need it.

use std::fmt::{Display, Write as _};

/// Escapes a text for an element or a quoted attribute, and drops what XML 1.0 does not permit.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Elements, one a line.
#[derive(Default)]
pub(super) struct Writer {
    out: String,
    open: Vec<&'static str>,
}

impl Writer {
    /// Opens an element, to be closed by [`close`](Self::close).
    pub(super) fn open(&mut self, name: &'static str, attributes: &[(&str, &dyn Display)]) {
        self.indent();
        self.tag(name, attributes);
        self.out += ">\n";
        self.open.push(name);
    }

    /// Closes the element that was opened last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.out += "</";
            self.out += name;
            self.out += ">\n";
        }
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &'static str, attributes: &[(&str, &dyn Display)]) {
        self.indent();
        self.tag(name, attributes);
        self.out += "/>\n";
    }

    /// An element with a text.
    pub(super) fn text(&mut self, name: &'static str, attributes: &[(&str, &dyn Display)], text: &str) {
        self.indent();
        self.tag(name, attributes);
        self.out.push('>');
        self.out += &escape(text);
        self.out += "</";
        self.out += name;
        self.out += ">\n";
    }

    /// What was written; open elements are closed.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &dyn Display)]) {
        self.out.push('<');
        self.out += name;
        for (key, value) in attributes {
            let mut text = String::new();
            // Writing into a String does not fail.
            let _ = write!(text, "{value}");
            self.out += &format!(" {key}=\"{}\"", escape(&text));
        }
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.open.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_from_texts_and_attributes() {
        assert_eq!(
            escape("<a b=\"c\" d='e'>&\u{0}\u{1b}\u{ffff}\n🚀"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp; 🚀"
        );
        let mut writer = Writer::default();
        writer.open("g", &[("id", &"\"/><script>")]);
        writer.text("text", &[], "</text>");
        writer.empty("rect", &[("x", &1)]);
        assert_eq!(
            writer.finish(),
            "<g id=\"&quot;/&gt;&lt;script&gt;\">\n  <text>&lt;/text&gt;</text>\n  <rect x=\"1\"/>\n</g>\n"
        );
    }
}
