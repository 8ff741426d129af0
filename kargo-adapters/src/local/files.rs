//! Finding the manifest files below paths, in a stable order.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kargo_core::manifest::limits;

/// How many directories may lie inside one another below a path that is read.
const DEEPEST: usize = 64;
/// How many files one set may have.
const MOST_FILES: usize = 100_000;

/// Why files cannot be found or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system refused.
    #[error("{path} cannot be read")]
    Io {
        /// The file or directory.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// Directories nest too deep, as they do where a link leads back to a directory above it.
    #[error("{path} lies more than {DEEPEST} directories deep")]
    TooDeep {
        /// The directory.
        path: String,
    },
    /// There are too many files.
    #[error("there are more than {MOST_FILES} manifest files below the paths given")]
    TooMany,
    /// A file is longer than a whole set may be.
    #[error("{path} has {bytes} bytes; a set may have {}", limits::SET_BYTES)]
    TooLong {
        /// The file.
        path: String,
        /// Its length.
        bytes: u64,
    },
    /// A file is not UTF-8 text.
    #[error("{path} is not UTF-8 text (byte {at})")]
    NotText {
        /// The file.
        path: String,
        /// Where it stops being text.
        at: usize,
    },
}

impl FileError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.display().to_string(), source }
    }
}

/// The manifest files at a path: the path itself if it is a file, whatever its name; every `*.yaml`, `*.yml` and `*.json`
/// below it if it is a directory, in byte order of their paths. Names that begin with a dot are left out.
///
/// # Errors
///
/// When something cannot be read, or when a limit is exceeded.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut found = Vec::new();
    let meta = fs::metadata(path).map_err(|error| FileError::io(path, error))?;
    if !meta.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut waiting = vec![(path.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        if depth > DEEPEST {
            return Err(FileError::TooDeep { path: folder.display().to_string() });
        }
        let entries = fs::read_dir(&folder).map_err(|error| FileError::io(&folder, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| FileError::io(&folder, error))?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            let meta = fs::metadata(&path).map_err(|error| FileError::io(&path, error))?;
            if meta.is_dir() {
                waiting.push((path, depth + 1));
            } else if is_manifest(&path) {
                found.push(path);
                if found.len() > MOST_FILES {
                    return Err(FileError::TooMany);
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

/// The text of a file, if it is one and not longer than a set may be.
pub(super) fn read(path: &Path) -> Result<String, FileError> {
    let meta = fs::metadata(path).map_err(|error| FileError::io(path, error))?;
    if meta.len() > limits::SET_BYTES as u64 {
        return Err(FileError::TooLong { path: path.display().to_string(), bytes: meta.len() });
    }
    let bytes = fs::read(path).map_err(|error| FileError::io(path, error))?;
    String::from_utf8(bytes)
        .map_err(|error| FileError::NotText { path: path.display().to_string(), at: error.utf8_error().valid_up_to() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_in_path_order_and_hidden_ones_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.yaml", "a/z.yml", "a/b/c.json", "a.yaml", ".hidden.yaml", ".git/x.yaml", "notes.txt"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let found = files(folder.path()).unwrap();
        let names: Vec<_> = found.iter().map(|p| p.strip_prefix(folder.path()).unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a/b/c.json", "a/z.yml", "a.yaml", "b.yaml"]);
        assert_eq!(files(&folder.path().join("notes.txt")).unwrap().len(), 1);
        assert!(matches!(files(&folder.path().join("nowhere")), Err(FileError::Io { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_directory_above_ends() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        assert!(files(folder.path()).is_err());
    }
}
