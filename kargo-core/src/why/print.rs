//! How a tree of reasons is printed.

use std::fmt::{self, Write as _};

use super::{Answer, Headline, Mark, Need, Node, Reason, Remedy, Why, instant, span};

/// The column at which places in texts are written.
const SPOT_COLUMN: usize = 69;
/// The column at which events of the log are named.
const EVENT_COLUMN: usize = 81;
/// The column at which commands are written.
const COMMAND_COLUMN: usize = 52;

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.headline {
            Headline::Missing => {
                let reasons = self.nodes.iter().map(|node| node.reason.to_string()).collect::<Vec<_>>().join("; ");
                return write!(f, "no: {reasons}");
            }
            Headline::Text { text } => f.write_str(text)?,
            Headline::Holding { stage, called, since, .. } => {
                match called.as_slice() {
                    [] => write!(f, "{stage} holds nothing")?,
                    called => write!(f, "{stage} holds {}", called.join(" + "))?,
                }
                since.map_or(Ok(()), |since| write!(f, " since {}", instant(since)))?;
                f.write_str(", because")?;
            }
            Headline::Unmoved { stage, since, length } => {
                match since {
                    Some(since) => write!(f, "{stage} has not moved since {}", instant(*since))?,
                    None => write!(f, "{stage} has never moved")?,
                }
                length.map_or(Ok(()), |length| write!(f, " ({})", span(length)))?;
                f.write_str(", because")?;
            }
            Headline::Admission { stage, freight, called, origin } => {
                let short = freight.get(..7).unwrap_or(freight);
                let answer = match self.answer {
                    Answer::Yes => "YES",
                    Answer::NotYet => "NOT YET",
                    Answer::No => "NO",
                };
                write!(f, "{stage} <- {called} ({short}, {origin}): {answer}")?;
            }
        }
        branches(f, &self.nodes)?;
        match self.earliest() {
            Some(earliest) => write!(f, "\nearliest: {earliest}"),
            None => Ok(()),
        }
    }
}

/// Prints trees of reasons, each line on a line of its own.
fn branches(f: &mut fmt::Formatter<'_>, nodes: &[Node]) -> fmt::Result {
    let mut lines = String::new();
    write_all(&mut lines, nodes, "")?;
    f.write_str(&lines)
}

impl Why {
    /// The reasons alone, each on a line of its own that begins with a line break; for texts with another beginning.
    #[must_use]
    pub fn tree(&self) -> impl fmt::Display {
        Tree(self)
    }

    /// What has to come before it becomes a yes, in words.
    fn earliest(&self) -> Option<String> {
        let needs = self.needs.as_deref().filter(|needs| !needs.is_empty())?;
        let wait = needs.iter().find_map(|need| if let Need::Wait { until } = need { Some(*until) } else { None });
        let facts: Vec<_> =
            needs.iter().filter(|need| !matches!(need, Need::Wait { .. })).map(ToString::to_string).collect();
        Some(match (facts.is_empty(), wait) {
            (true, wait) => instant(wait?),
            (false, None) => format!("after {}", facts.join(" and ")),
            (false, Some(wait)) => format!("after {}, and not before {}", facts.join(" and "), instant(wait)),
        })
    }
}

struct Tree<'w>(&'w Why);

impl fmt::Display for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        branches(f, &self.0.nodes)
    }
}

fn write_all(out: &mut String, nodes: &[Node], prefix: &str) -> fmt::Result {
    let width = nodes.iter().filter_map(|node| node.label.as_ref()).map(|label| label.chars().count()).max();
    let groups = group(nodes);
    for (index, group) in groups.iter().enumerate() {
        let is_last = index + 1 == groups.len();
        let mut line = format!("{prefix}{}", if is_last { "└─ " } else { "├─ " });
        let Some(first) = group.first() else { continue };
        line.push_str(match first.mark {
            Mark::Holds => "✓ ",
            Mark::Fails => "✗ ",
            Mark::Note => "",
        });
        match (&first.label, width) {
            (Some(label), _) if first.mark == Mark::Note => write!(line, "{label} ")?,
            (Some(label), Some(width)) => write!(line, "{label:<width$}  ")?,
            _ => {}
        }
        line.push_str(&group.iter().map(|node| node.reason.to_string()).collect::<Vec<_>>().join(" · "));
        if let Some(spot) = &first.spot {
            let gap = SPOT_COLUMN.saturating_sub(line.chars().count()).max(2);
            write!(line, "{:gap$}{spot}", "")?;
        }
        if let Some(event) = first.event {
            let gap = EVENT_COLUMN.saturating_sub(line.chars().count()).max(2);
            write!(line, "{:gap$}#{}", "", grouped(event.position))?;
        }
        write!(out, "\n{line}")?;
        let below = format!("{prefix}{}", if is_last { "   " } else { "│  " });
        for node in *group {
            write_all(out, &node.below, &below)?;
            // Under the text: what has no mark begins sooner.
            let indent = if node.mark == Mark::Note { "" } else { "   " };
            write_remedies(out, &node.remedies, &format!("{below}{indent}"))?;
        }
    }
    Ok(())
}

fn write_remedies(out: &mut String, remedies: &[Remedy], prefix: &str) -> fmt::Result {
    for remedy in remedies {
        let line = format!("{prefix}→ {}", remedy.text);
        match &remedy.command {
            Some(command) => {
                let gap = COMMAND_COLUMN.saturating_sub(line.chars().count()).max(2);
                write!(out, "\n{line}{:gap$}({command})", "")?;
            }
            None => write!(out, "\n{line}")?,
        }
    }
    Ok(())
}

/// What is in order and has nothing more to say stands on one line with its neighbours of that kind.
fn group(nodes: &[Node]) -> Vec<&[Node]> {
    nodes.chunk_by(|a, b| is_brief(a) && is_brief(b)).collect()
}

/// A number with a comma between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn is_brief(node: &Node) -> bool {
    let plain = node.below.is_empty() && node.remedies.is_empty() && node.spot.is_none() && node.label.is_none();
    let plain = plain && node.event.is_none();
    plain && node.mark == Mark::Holds && matches!(node.reason, Reason::NotRejected | Reason::NotPaused)
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (48_190, "48,190"), (1_204_000, "1,204,000")] {
            assert_eq!(grouped(number), text);
        }
    }
}
