//! What forecasts take for granted.

use std::fmt;

use super::ImageShape;

/// Something that a forecast takes for granted. If it is wrong, the look may cost more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Assumption {
    /// No request fails and has to be sent again.
    NoFailures,
    /// The adapter's session still lives.
    SessionLives,
    /// The tag list was never seen; it has so many tags that match, on so many pages.
    TagList {
        /// Tags that match.
        tags: u64,
        /// Pages.
        pages: u64,
    },
    /// The list of a chart's tags was never seen; it has so many pages.
    ChartPages(u64),
    /// The tag list is as it was at the last look.
    ListAsBefore,
    /// The refs that matter are as they were at the last look.
    RefsAsBefore,
    /// At most so many of the known tags moved.
    Moved(u64),
    /// At most so many candidates are of no use.
    PassedOver(u64),
    /// Images that were not looked at yet are like this.
    Shape(ImageShape),
    /// The registry gives manifests by tag.
    ByTag,
    /// Its HEAD tells build dates.
    HeadTellsDates,
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFailures => f.write_str("no request has to be sent again"),
            Self::SessionLives => f.write_str("the session still lives"),
            Self::TagList { tags, pages } => write!(f, "{tags} tags match, on {pages} pages: the list was never seen"),
            Self::ChartPages(pages) => write!(f, "a chart's tags are on {pages} pages: the list was never seen"),
            Self::RefsAsBefore => f.write_str("the refs that matter are where they were at the last look"),
            Self::ListAsBefore => f.write_str("the tags are those of the last look"),
            Self::Moved(0) => f.write_str("no known tag moved"),
            Self::Moved(n) => write!(f, "no more than {n} known tags moved"),
            Self::PassedOver(0) => f.write_str("every candidate is of use"),
            Self::PassedOver(n) => write!(f, "no more than {n} candidates are of no use"),
            Self::Shape(shape) => write!(f, "images that were never looked at are {shape}"),
            Self::ByTag => f.write_str("the registry gives manifests by tag"),
            Self::HeadTellsDates => f.write_str("its HEAD tells build dates"),
        }
    }
}

impl fmt::Display for ImageShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dated = match self {
            Self::Plain { dated } => {
                f.write_str("plain")?;
                dated
            }
            Self::Index { platforms, dated } => {
                write!(f, "indexes of {platforms} platforms")?;
                dated
            }
        };
        f.write_str(if *dated { ", annotated with their date" } else { "" })
    }
}
