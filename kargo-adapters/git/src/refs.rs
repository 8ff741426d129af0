//! What refs a remote has, without fetching anything (discovery 3.3).

use std::ffi::OsString;

use kargo_core::model::Tag;
use kargo_core::port::{ObjectId, RefQuery, RemoteRefs, TagRef};

use crate::client::Call;
use crate::{Git, GitError, RefName, Remote};

impl Git {
    /// Lists refs of a remote: one network operation, no local copy.
    ///
    /// What is not there is left out, and so are tags whose names break git's own rules or are not UTF-8.
    ///
    /// # Errors
    ///
    /// [`GitError`]: a branch's name is malformed, the remote is not a repository, refuses access, cannot be reached, or lists
    /// more than the settings allow.
    pub async fn ls_remote(&self, remote: &Remote, query: &RefQuery) -> Result<RemoteRefs, GitError> {
        for branch in &query.branches {
            RefName::branch(branch)?;
        }
        let patterns = query.patterns();
        if patterns.is_empty() {
            return Ok(RemoteRefs::default());
        }
        let mut arguments: Vec<OsString> = vec!["ls-remote".into(), "--quiet".into()];
        // With these the server sends only what is below them; with HEAD it has to send everything.
        if !query.head {
            if !query.branches.is_empty() {
                arguments.push("--heads".into());
            }
            if query.tags {
                arguments.push("--tags".into());
            }
        }
        arguments.extend(["--end-of-options".into(), remote.url().as_str().into()]);
        arguments.extend(patterns.into_iter().map(OsString::from));
        let mut listing = Listing { query, found: RemoteRefs::default() };
        let call = Call {
            doing: "listing the refs of",
            remote,
            online: true,
            arguments,
            input: Vec::new(),
            delimiter: b'\n',
            time: self.settings().listing,
            records: self.settings().max_refs,
            distrusts_silence: true,
        };
        self.call(call, |line| listing.line(line)).await?;
        Ok(listing.found)
    }
}

/// Reads the lines of `git ls-remote`.
struct Listing<'a> {
    query: &'a RefQuery,
    found: RemoteRefs,
}

impl Listing<'_> {
    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        let malformed = || {
            let start = line.get(..line.len().min(100)).unwrap_or(line);
            format!("`{}` is no line of a listing", String::from_utf8_lossy(start).escape_debug())
        };
        let at = line.iter().position(|b| *b == b'\t').ok_or_else(malformed)?;
        let (left, right) = line.split_at(at);
        let id: ObjectId = std::str::from_utf8(left).ok().and_then(|text| text.parse().ok()).ok_or_else(malformed)?;
        // A name that is not UTF-8 cannot be asked for, so it is nothing that anybody could want.
        let Ok(name) = std::str::from_utf8(right.get(1..).unwrap_or_default()) else { return Ok(()) };
        if name == "HEAD" {
            if self.query.head {
                self.found.head = Some(id);
            }
        } else if let Some(branch) = name.strip_prefix("refs/heads/") {
            // A pattern matches the end of a name: `refs/heads/x/refs/heads/main` comes along with `refs/heads/main`.
            if self.query.branches.contains(branch) {
                self.found.branches.insert(branch.to_owned(), id);
            }
        } else if let Some(tag) = name.strip_prefix("refs/tags/").filter(|_| self.query.tags) {
            self.tag(tag, id);
        }
        Ok(())
    }

    fn tag(&mut self, name: &str, id: ObjectId) {
        if let Some(name) = name.strip_suffix("^{}") {
            if let Some(tag) = self.found.tags.get_mut(name) {
                tag.peeled = Some(id);
            }
        } else if RefName::tag(name).is_ok() {
            self.found.tags.insert(Tag::from(name), TagRef { object: id, peeled: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn read(query: &RefQuery, lines: &[&[u8]]) -> Result<RemoteRefs, String> {
        let mut listing = Listing { query, found: RemoteRefs::default() };
        for line in lines {
            listing.line(line)?;
        }
        Ok(listing.found)
    }

    #[test]
    fn discovery_3_3_annotated_tags_keep_both_ids() {
        let lines = [format!("{A}\trefs/tags/v1"), format!("{B}\trefs/tags/v1^{{}}"), format!("{B}\trefs/tags/v2")];
        let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        let found = read(&RefQuery::default().and_tags(), &lines).unwrap();
        let tag = |name: &str| found.tags.get(name).unwrap();
        assert_eq!((tag("v1").object.as_str(), tag("v1").target().as_str()), (A, B));
        assert_eq!((tag("v2").object.as_str(), tag("v2").target().as_str()), (B, B));
    }

    #[test]
    fn only_what_was_asked_for_is_taken() {
        let lines = [
            format!("{A}\tHEAD"),
            format!("{B}\trefs/heads/x/refs/heads/main"),
            format!("{A}\trefs/heads/main"),
            format!("{B}\trefs/heads/x/HEAD"),
            format!("{B}\trefs/tags/v1"),
        ];
        let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        let found = read(&RefQuery::default().branch("main"), &lines).unwrap();
        assert_eq!((found.head.is_none(), found.branches.len(), found.tags.len()), (true, 1, 0));
        assert_eq!(found.branches.get("main").unwrap().as_str(), A);
        let found = read(&RefQuery::default().and_head(), &lines).unwrap();
        assert_eq!((found.head.unwrap().as_str(), found.branches.len()), (A, 0));
    }

    #[test]
    fn hostile_lines_are_skipped_or_refused() {
        let bad = format!("{A}\trefs/tags/-\x01x");
        let not_utf8 = [A.as_bytes(), b"\trefs/tags/\xff"].concat();
        let query = RefQuery::default().and_tags();
        assert!(read(&query, &[bad.as_bytes(), &not_utf8]).unwrap().tags.is_empty());
        assert!(read(&query, &[b"<html>"]).is_err());
        assert!(read(&query, &[b"zzz\trefs/tags/a"]).is_err());
    }
}
