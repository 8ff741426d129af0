//! A place in a text that moves on character by character: what the readers of small languages share.

/// A text, and how much of it has been read.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    /// Bytes before the next character.
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    /// At the beginning of `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What has been read since the place `start`.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The next character; it stays unread.
    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Reads the next character.
    pub(crate) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads `wanted` if it comes next, and tells whether.
    pub(crate) fn take(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// Reads as long as `keep` holds.
    pub(crate) fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_moves_by_whole_characters() {
        let mut cursor = Cursor::new("aé12b");
        assert_eq!((cursor.next(), cursor.next(), cursor.at), (Some('a'), Some('é'), 3));
        assert!(!cursor.take("2") && cursor.take("1"));
        assert_eq!((cursor.take_while(char::is_numeric), cursor.since(1)), ("2", "é12"));
        assert_eq!((cursor.peek(), cursor.rest(), cursor.next(), cursor.next()), (Some('b'), "b", Some('b'), None));
        cursor.at = 99;
        assert_eq!((cursor.rest(), cursor.next()), ("", None));
    }
}
