//! Bytes into an index: by looking at the lines that matter where that can be done, and as YAML where it cannot.

use super::{IndexError, Reading, skim::skim, walk::walk};

/// Reads an `index.yaml` (discovery 4.2): the versions of each chart, and what was left out. JSON is YAML too.
///
/// ```
/// let reading = kargo_helm::read_index(b"
/// apiVersion: v1
/// entries:
///   cart:
///   - { version: 1.1.0, description: the newest }
///   - { version: }
///   - { version: 1.0.0 }
/// ")?;
/// assert_eq!(reading.index.versions("cart"), ["1.1.0", "1.0.0"]);
/// assert_eq!(reading.skipped[0].to_string(), "chart \"cart\", line 6: it has no version");
/// # Ok::<(), kargo_helm::IndexError>(())
/// ```
///
/// # Errors
///
/// When it is no index: [`IndexError`]. Bytes that are no text stand for nothing and are no reason.
pub fn read_index(bytes: &[u8]) -> Result<Reading, IndexError> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim_start().starts_with('<') {
        return Err(IndexError::Page);
    }
    skim(text).map_or_else(|| walk(text), Ok)
}

#[cfg(test)]
mod tests;
