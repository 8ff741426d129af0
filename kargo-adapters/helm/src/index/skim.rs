//! An index as Helm and its like write it, by the lines that matter. YAML in general is read elsewhere; here one shape of it is
//! recognised, at a small part of the cost:
//!
//! ```text
//! entries:
//!   cart:                  <- a chart, deeper than `entries`
//!   - annotations:         <- an entry, there or deeper
//!       category: Shop     <- deeper than the entry's keys: of no interest
//!     version: 1.0.0       <- a key of the entry
//! ```
//!
//! Whatever else is found, nothing is known, and the whole is read as YAML. In block style no continuation of a value begins at
//! the column of its key or left of it, so lines can be told apart by their indentation alone.

use super::{
    Reading,
    collect::{Collector, SkipReason},
};

/// Reads an index of that shape; nothing if it has another.
pub(super) fn skim(text: &str) -> Option<Reading> {
    if has_lone_return(text.as_bytes()) {
        return None;
    }
    let mut skim = Skim::default();
    for (n, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let content = line.trim_start_matches(' ');
        if !content.is_empty() && !content.starts_with('#') {
            skim.line(n + 1, line.len() - content.len(), content)?;
        }
    }
    skim.end_entry();
    skim.seen_entries.then(|| skim.found.finish())
}

/// A return that is no part of a line's end is one of its own in YAML.
fn has_lone_return(bytes: &[u8]) -> bool {
    bytes.contains(&b'\r')
        && bytes.iter().zip(bytes.iter().skip(1).chain([&0])).any(|pair| pair.0 == &b'\r' && pair.1 != &b'\n')
}

#[derive(Default)]
struct Skim {
    found: Collector,
    seen_key: bool,
    seen_entries: bool,
    /// Whether lines belong to `entries`.
    in_entries: bool,
    /// The column of charts, once it is known.
    charts: Option<usize>,
    chart: Chart,
    entry: Option<Entry>,
}

/// What the lines below a chart may be.
#[derive(Default)]
enum Chart {
    /// There is no chart, or one that said already that it has no entries: nothing may be below it.
    #[default]
    Closed,
    /// The first entry, anywhere.
    Open,
    /// Entries with their dashes in this column.
    Dashes(usize),
}

/// The entry that lines belong to.
struct Entry {
    line: usize,
    /// The column of its keys.
    keys: usize,
    version: Option<String>,
    /// Whether the last key was `version`, whose value must not go on in the next line.
    is_version_last: bool,
}

impl Skim {
    fn line(&mut self, n: usize, column: usize, content: &str) -> Option<()> {
        match column {
            0 => self.top(content),
            _ if !self.in_entries => self.seen_key.then_some(()),
            _ => self.below(n, column, content),
        }
    }

    /// A line at the left.
    fn top(&mut self, content: &str) -> Option<()> {
        if content == "---" && !self.seen_key {
            return Some(());
        }
        if content.starts_with("---") || content.starts_with("...") {
            return None;
        }
        if content.starts_with('-') {
            // A list may stand in the column of its key.
            return (self.seen_key && !self.in_entries).then_some(());
        }
        let (name, value) = key(content)?;
        self.end_entry();
        self.chart = Chart::Closed;
        self.seen_key = true;
        self.in_entries = name == "entries";
        if self.in_entries {
            if self.seen_entries || !matches!(value, "" | "{}") {
                return None;
            }
            self.seen_entries = true;
        }
        Some(())
    }

    /// A line of `entries`.
    fn below(&mut self, n: usize, column: usize, content: &str) -> Option<()> {
        let is_item = content.starts_with("- ");
        let charts = *self.charts.get_or_insert(column);
        if column == charts && !content.starts_with('-') {
            let (name, value) = key(content)?;
            self.end_entry();
            self.found.chart(name.to_owned());
            self.chart = match value {
                "" => Chart::Open,
                "[]" | "null" | "~" => Chart::Closed,
                _ => return None,
            };
            return Some(());
        }
        if column < charts {
            return None;
        }
        match self.chart {
            Chart::Open if is_item => {
                self.chart = Chart::Dashes(column);
                self.item(n, column, content)
            }
            Chart::Dashes(dashes) if column == dashes && is_item => self.item(n, column, content),
            Chart::Dashes(_) => self.within(column, content),
            _ => None,
        }
    }

    /// The first line of an entry.
    fn item(&mut self, n: usize, column: usize, content: &str) -> Option<()> {
        self.end_entry();
        let first = content.strip_prefix('-')?;
        let inner = first.trim_start_matches(' ');
        let keys = column + 1 + (first.len() - inner.len());
        self.entry = Some(Entry { line: n, keys, version: None, is_version_last: false });
        self.entry_key(inner)
    }

    /// A later line of an entry.
    fn within(&mut self, column: usize, content: &str) -> Option<()> {
        let entry = self.entry.as_ref()?;
        if column == entry.keys && !content.starts_with('-') {
            return self.entry_key(content);
        }
        (column >= entry.keys && !entry.is_version_last).then_some(())
    }

    fn entry_key(&mut self, content: &str) -> Option<()> {
        let entry = self.entry.as_mut()?;
        let (name, value) = key(content)?;
        entry.is_version_last = name == "version";
        if entry.is_version_last && entry.version.replace(version(value)?.to_owned()).is_some() {
            return None;
        }
        Some(())
    }

    fn end_entry(&mut self) {
        let Some(entry) = self.entry.take() else { return };
        match entry.version {
            Some(version) => self.found.version(&version, entry.line),
            None => self.found.skip(entry.line, SkipReason::NoVersion),
        }
    }
}

/// Key and value of a line such as `name: cart`, where the key is plain and says nothing special.
fn key(content: &str) -> Option<(&str, &str)> {
    let end = content.bytes().position(|b| !(b.is_ascii_alphanumeric() || b"_./-".contains(&b)))?;
    let (name, rest) = content.split_at(end);
    let value = rest.strip_prefix(':')?;
    if name.is_empty() || name.starts_with(['-', '.']) || !(value.is_empty() || value.starts_with(' ')) {
        return None;
    }
    let value = value.trim_matches(' ');
    Some((name, if value.starts_with('#') { "" } else { value }))
}

/// A version that is written in one of the plain ways; empty for one that is not there.
fn version(value: &str) -> Option<&str> {
    let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let inner = quoted.unwrap_or(value);
    let is_usual = inner.bytes().all(|b| b.is_ascii_alphanumeric() || b".+_-".contains(&b));
    match inner {
        "null" | "~" | "Null" | "NULL" if quoted.is_none() => Some(""),
        _ if is_usual && !inner.starts_with(['-', '.', '+']) => Some(inner),
        _ => None,
    }
}
