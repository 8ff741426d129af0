//! How a shape is, and the colours that say so.

/// How a Stage is, in one word: the most urgent thing that is to be said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Status {
    /// A promotion runs.
    Promoting,
    /// What it deployed is not well.
    Unhealthy,
    /// The last promotion, or the last verification of what it holds, did not succeed.
    Failed,
    /// Nothing may start.
    Paused,
    /// What it deployed is on its way to being well.
    Progressing,
    /// What it holds is being verified.
    Verifying,
    /// What it holds is verified.
    Verified,
    /// What it deployed is well.
    Healthy,
    /// Nobody knows.
    Unknown,
}

impl Status {
    /// Every status, the most urgent first.
    pub const ALL: &[Self] = &[
        Self::Promoting,
        Self::Unhealthy,
        Self::Failed,
        Self::Paused,
        Self::Progressing,
        Self::Verifying,
        Self::Verified,
        Self::Healthy,
        Self::Unknown,
    ];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Promoting => "Promoting",
            Self::Unhealthy => "Unhealthy",
            Self::Failed => "Failed",
            Self::Paused => "Paused",
            Self::Progressing => "Progressing",
            Self::Verifying => "Verifying",
            Self::Verified => "Verified",
            Self::Healthy => "Healthy",
            Self::Unknown => "Unknown",
        }
    }

    /// The colours of a shape with this status.
    pub(super) const fn colours(self) -> Colours {
        let (fill, border, text) = match self {
            Self::Promoting => ("#ddf4ff", "#0969da", "#0550ae"),
            Self::Unhealthy => ("#ffebe9", "#cf222e", "#a40e26"),
            Self::Failed => ("#ffe7d6", "#bc4c00", "#8a3600"),
            Self::Paused => ("#fff5d6", "#9a6700", "#704a00"),
            Self::Progressing => ("#dcf5f4", "#1b7c83", "#0b5457"),
            Self::Verifying => ("#e8eaff", "#4f5bd5", "#343c9c"),
            Self::Verified => ("#d2f4dc", "#1a7f37", "#0b5224"),
            Self::Healthy => ("#eefbf1", "#2c974b", "#116329"),
            Self::Unknown => ("#f0f1f3", "#6e7781", "#4b535d"),
        };
        Colours { fill, border, text }
    }
}

/// Colours of a shape, as `#rrggbb`.
#[derive(Clone, Copy)]
pub(super) struct Colours {
    /// Behind the texts.
    pub fill: &'static str,
    /// Around it.
    pub border: &'static str,
    /// The word that names the status.
    pub text: &'static str,
}

/// Names of shapes, and whatever must be read first.
pub(super) const INK: &str = "#1f2328";
/// Details of shapes and labels of lines.
pub(super) const SOFT_INK: &str = "#424a53";
/// What is only an aid: kinds of shapes.
pub(super) const FAINT_INK: &str = "#57606a";
/// Lines.
pub(super) const LINE: &str = "#6e7781";
/// The paper, and boxes without status.
pub(super) const PAPER: &str = "#ffffff";
/// Fill and border of what has no status.
pub(super) const PLAIN: Colours = Colours { fill: PAPER, border: "#6e7781", text: FAINT_INK };

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of a colour, as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn texts_can_be_read_on_every_fill() {
        for colours in Status::ALL.iter().map(|status| status.colours()).chain([PLAIN]) {
            for ink in [INK, SOFT_INK, FAINT_INK, colours.text] {
                assert!(contrast(ink, colours.fill) >= 4.5, "{ink} on {}", colours.fill);
            }
            assert!(contrast(colours.border, PAPER) >= 3.0, "border {}", colours.border);
        }
    }

    #[test]
    fn every_status_looks_different() {
        for (at, a) in Status::ALL.iter().enumerate() {
            for b in &Status::ALL[at + 1..] {
                assert_ne!(a.colours().border, b.colours().border);
                assert_ne!(a.colours().fill, b.colours().fill);
                assert_ne!(a.as_str(), b.as_str());
            }
        }
    }
}
