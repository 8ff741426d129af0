//! An index as the YAML that it is, event by event: nothing is kept but charts and versions.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, StrInput};

use super::{
    IndexError, Reading,
    collect::{Collector, SkipReason},
};

/// Values may nest so deep.
const DEPTH: usize = 128;
/// Texts that are repeated with `*` are kept up to this length and number.
const ANCHOR_LENGTH: usize = 256;
const ANCHORS: usize = 10_000;
/// What an empty text is.
const NOTHING: &str = "nothing";

/// Reads the first document of a text.
pub(super) fn walk(text: &str) -> Result<Reading, IndexError> {
    let options = granit_parser::options! {
        flow_nesting_limit: DEPTH,
        block_nesting_limit: DEPTH,
        emit_comments: false,
        // A whole index may be one line of JSON.
        simple_key_max_lookahead: 16_384,
    };
    let parser = Parser::new_from_str_with_options(text, options);
    let mut walk = Walk { parser, anchors: BTreeMap::new(), found: Collector::default() };
    walk.root()?;
    Ok(walk.found.finish())
}

struct Walk<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// Texts, and the versions of entries, by the number of their anchor.
    anchors: BTreeMap<usize, String>,
    found: Collector,
}

/// What stands for a version.
enum Version {
    Text(String),
    Nothing,
    NotText,
}

impl<'t> Walk<'t> {
    fn root(&mut self) -> Result<(), IndexError> {
        let found = loop {
            match self.next()?.0 {
                Event::MappingStart(..) => break None,
                Event::SequenceStart(..) => break Some("a list"),
                Event::Scalar(text, ..) if text.is_empty() => break Some(NOTHING),
                Event::Scalar(..) => break Some("text"),
                _ => {}
            }
        };
        if let Some(found) = found {
            return Err(IndexError::NotAnIndex { found });
        }
        let mut is_index = false;
        while let Some(key) = self.key()? {
            is_index |= key == "apiVersion" || key == "entries";
            if key == "entries" {
                self.entries()?;
            } else {
                self.skip_one()?;
            }
        }
        if is_index { Ok(()) } else { Err(IndexError::NotAnIndex { found: "an object without entries" }) }
    }

    fn entries(&mut self) -> Result<(), IndexError> {
        let (event, _) = self.next()?;
        match event {
            Event::MappingStart(..) => {
                while let Some(name) = self.key()? {
                    self.found.chart(name);
                    self.chart()?;
                }
                Ok(())
            }
            Event::Scalar(text, style, ..) if is_null(&text, style) => Ok(()),
            _ => Err(IndexError::NotAnIndex { found: "its entries are not an object" }),
        }
    }

    fn chart(&mut self) -> Result<(), IndexError> {
        let (event, line) = self.next()?;
        match event {
            Event::SequenceStart(..) => loop {
                let (event, line) = self.next()?;
                match event {
                    Event::SequenceEnd => return Ok(()),
                    Event::MappingStart(_, anchor, _) => self.entry(line, anchor)?,
                    Event::Alias(anchor) => match self.anchors.get(&anchor) {
                        Some(version) => self.found.version(version, line),
                        None => self.found.skip(line, SkipReason::NotAnEntry),
                    },
                    event => {
                        self.found.skip(line, SkipReason::NotAnEntry);
                        self.skip(event)?;
                    }
                }
            },
            Event::Scalar(text, style, ..) if is_null(&text, style) => Ok(()),
            event => {
                self.found.skip(line, SkipReason::NotAList);
                self.skip(event)
            }
        }
    }

    fn entry(&mut self, line: usize, anchor: usize) -> Result<(), IndexError> {
        let mut version = Version::Nothing;
        while let Some(key) = self.key()? {
            match (key.as_str(), self.next()?.0) {
                ("version", Event::Scalar(text, style, anchor, _)) => {
                    self.remember(anchor, &text);
                    version = if is_null(&text, style) { Version::Nothing } else { Version::Text(text.into_owned()) };
                }
                ("version" | "<<", Event::Alias(anchor)) => match (self.anchors.get(&anchor), &version) {
                    // What an entry says itself goes before what it takes over from another.
                    (Some(_), Version::Text(_)) if key == "<<" => {}
                    (Some(text), _) => version = Version::Text(text.clone()),
                    (None, _) if key == "version" => version = Version::NotText,
                    (None, _) => {}
                },
                ("version", event) => {
                    version = Version::NotText;
                    self.skip(event)?;
                }
                (_, event) => self.skip(event)?,
            }
        }
        match version {
            Version::Text(text) => {
                self.remember(anchor, &text);
                self.found.version(&text, line);
            }
            Version::Nothing => self.found.skip(line, SkipReason::NoVersion),
            Version::NotText => self.found.skip(line, SkipReason::VersionNotText),
        }
        Ok(())
    }

    /// The next key of an object; nothing at its end. A key that is no text is skipped with its value.
    fn key(&mut self) -> Result<Option<String>, IndexError> {
        loop {
            match self.next()?.0 {
                Event::MappingEnd => return Ok(None),
                Event::Scalar(text, _, anchor, _) => {
                    self.remember(anchor, &text);
                    return Ok(Some(text.into_owned()));
                }
                Event::Alias(anchor) => match self.anchors.get(&anchor) {
                    Some(text) => return Ok(Some(text.clone())),
                    None => self.skip_one()?,
                },
                event => {
                    self.skip(event)?;
                    self.skip_one()?;
                }
            }
        }
    }

    fn skip_one(&mut self) -> Result<(), IndexError> {
        let event = self.next()?.0;
        self.skip(event)
    }

    /// Skips the value that begins with this event.
    fn skip(&mut self, first: Event<'t>) -> Result<(), IndexError> {
        let mut open = 0_usize;
        let mut event = first;
        loop {
            match event {
                Event::SequenceStart(..) | Event::MappingStart(..) => open += 1,
                Event::SequenceEnd | Event::MappingEnd => open = open.saturating_sub(1),
                Event::Scalar(text, _, anchor, _) => self.remember(anchor, &text),
                _ => {}
            }
            if open == 0 {
                return Ok(());
            }
            event = self.next()?.0;
        }
    }

    fn remember(&mut self, anchor: usize, text: &str) {
        if anchor > 0 && text.len() <= ANCHOR_LENGTH && self.anchors.len() < ANCHORS {
            self.anchors.insert(anchor, text.to_owned());
        }
    }

    /// The next event with its line. Whoever asks for one expects that there is one.
    fn next(&mut self) -> Result<(Event<'t>, usize), IndexError> {
        match self.parser.next_event() {
            Some(Ok((Event::StreamEnd, _))) | None => Err(IndexError::NotAnIndex { found: NOTHING }),
            Some(Ok((event, span))) => Ok((event, span.start.line())),
            Some(Err(error)) => Err(IndexError::NotYaml {
                line: error.marker().line().max(1),
                column: error.marker().col() + 1,
                detail: error.info(),
            }),
        }
    }
}

/// Whether a text stands for nothing.
fn is_null(text: &str, style: ScalarStyle) -> bool {
    matches!(style, ScalarStyle::Plain) && matches!(text, "" | "~" | "null" | "Null" | "NULL")
}
