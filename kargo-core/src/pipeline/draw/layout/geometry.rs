//! Points and rectangles, in pixels; `y` grows downwards.

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Point {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
}

/// How large something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Size {
    /// From left to right.
    pub width: i64,
    /// From top to bottom.
    pub height: i64,
}

/// Where something is that has a size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Rect {
    /// The left edge.
    pub x: i64,
    /// The upper edge.
    pub y: i64,
    /// From left to right.
    pub width: i64,
    /// From top to bottom.
    pub height: i64,
}

impl Rect {
    /// The right edge.
    pub(in super::super) fn right(self) -> i64 {
        self.x + self.width
    }

    /// The lower edge.
    pub(in super::super) fn bottom(self) -> i64 {
        self.y + self.height
    }
}
