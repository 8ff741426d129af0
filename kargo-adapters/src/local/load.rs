//! Reading manifest files into one set.

use std::path::Path;

use kargo_core::{
    Diagnostic, Diagnostics, Manifests,
    manifest::{Reader, Reading},
    model::Code,
};

use super::files::{self, FileError};

/// Every manifest at or below a path, in path order, as one set.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # std::fs::write(folder.path().join("dev.yaml"), "apiVersion: kargo.akuity.io/v1alpha1\nkind: Target\nmetadata: { name: eu, namespace: shop }\n")?;
/// let manifests = kargo_adapters::local::manifests(folder.path())?;
/// assert_eq!(manifests.projects().into_iter().collect::<Vec<_>>(), ["shop"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Everything that must be mended, with file, line and column; files that cannot be read are among it.
pub fn manifests(path: impl AsRef<Path>) -> Result<Manifests, Diagnostics> {
    load(Reader::new(), [path.as_ref()]).into_result()
}

/// Gives every file at or below the paths to a reader; all of them together are one set. A file that is reached by two
/// paths is read once.
pub fn load<P: AsRef<Path>>(mut reader: Reader, paths: impl IntoIterator<Item = P>) -> Reading {
    let mut seen = std::collections::BTreeSet::new();
    for path in paths {
        let path = path.as_ref();
        match files::files(path) {
            Err(error) => reader.mistake(unreadable(&error)),
            Ok(found) => {
                for file in found {
                    // Where the file system cannot say what a path stands for, the path stands for itself.
                    if !seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())) {
                        continue;
                    }
                    match files::read(&file) {
                        Ok(text) => reader.text(&file.display().to_string(), &text),
                        Err(error) => reader.mistake(unreadable(&error)),
                    }
                }
            }
        }
    }
    reader.finish()
}

fn unreadable(error: &FileError) -> Diagnostic {
    let code = match error {
        FileError::TooDeep { .. } | FileError::TooMany | FileError::TooLong { .. } => Code::Limit,
        _ => Code::NotText,
    };
    let mut diagnostic = Diagnostic::error(code, error.to_string()).by_rule("resources 2");
    if let FileError::Io { source, .. } = error {
        diagnostic = diagnostic.note(source.to_string());
    }
    diagnostic
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const STAGE: &str = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: { name: dev, namespace: shop }\n\
        spec: { requestedFreight: [{ origin: { kind: Warehouse, name: w }, sources: { direct: true } }] }\n";

    #[test]
    fn files_that_are_not_text_hide_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.yaml"), [0xff, 0xfe, 0x00]).unwrap();
        fs::write(folder.path().join("b.yaml"), "kind: [").unwrap();
        fs::write(folder.path().join("c.yaml"), STAGE).unwrap();
        let reading = load(Reader::new(), [folder.path(), &folder.path().join("nowhere")]);
        let codes: Vec<_> = reading.diagnostics.errors().map(Diagnostic::code).collect();
        assert_eq!(codes, [Code::Syntax, Code::NotText, Code::NotText]);
        assert_eq!(reading.manifests.entries().len(), 1);
    }

    #[test]
    fn a_file_reached_twice_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.yaml");
        fs::write(&file, STAGE).unwrap();
        let reading = load(Reader::new(), [folder.path(), &file]);
        assert!(reading.diagnostics.is_empty(), "{}", reading.diagnostics);
    }
}
