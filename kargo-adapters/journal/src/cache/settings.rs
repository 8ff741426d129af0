//! How much a cache keeps.

/// Limits of a [`FileCache`](crate::FileCache). What is above them is forgotten, the entry that was not used for longest first.
///
/// ```
/// use kargo_journal::CacheSettings;
/// let settings = CacheSettings::default();
/// assert_eq!((settings.bytes, settings.entries, settings.value_bytes), (256 << 20, 1_000_000, 4 << 20));
/// let small = CacheSettings { bytes: 16 << 20, ..settings };
/// # let _ = small;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    /// How many bytes all entries may have together (256 MiB), counted as the lengths of key and value and 64 more for each. The
    /// file is larger than that, two to four times: its pages are not full, a change writes new ones before the old are free, and
    /// a file that has grown does not shrink.
    pub bytes: u64,
    /// How many entries there may be (1,000,000).
    pub entries: u64,
    /// How long a value may be, in bytes (4 MiB). A longer one is forgotten at once, and so is what was under its key before.
    pub value_bytes: usize,
    /// How much memory the pages of the file may take, in bytes (16 MiB).
    pub memory_bytes: usize,
}

impl CacheSettings {
    /// How long a key may be, in bytes. An entry with a longer one is forgotten at once.
    pub const LONGEST_KEY: usize = 16 * 1024;
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self { bytes: 256 << 20, entries: 1_000_000, value_bytes: 4 << 20, memory_bytes: 16 << 20 }
    }
}
