//! Reading what `git log -z` prints: fields and paths between NUL bytes, which nothing in them can contain.

use chrono::{DateTime, FixedOffset};
use kargo_core::port::{Commit, ObjectId, quote_path};

/// The fields of a commit, each ended by NUL. Git ends the last one itself.
pub(crate) const FORMAT: &str = "--format=tformat:%H%x00%P%x00%an <%ae>%x00%cn <%ce>%x00%cd%x00%s";

/// How many fields there are.
const FIELDS: usize = 6;

/// A commit with its parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) commit: Commit,
    pub(crate) first_parent: Option<ObjectId>,
}

/// Puts the records of `git log -z --name-status` together.
///
/// After the fields of a commit come, for each changed path, its status and its name; the first status has a line feed
/// before it. A status is one letter, a hash is not, so no path can be taken for a commit.
#[derive(Debug)]
pub(crate) struct LogReader {
    paths: bool,
    fields: Vec<String>,
    /// The next record is a path.
    path_follows: bool,
    pub(crate) entries: Vec<Entry>,
}

impl LogReader {
    /// For a log with or without changed paths.
    pub(crate) fn new(paths: bool) -> Self {
        Self { paths, fields: Vec::new(), path_follows: false, entries: Vec::new() }
    }

    /// Takes the next record.
    pub(crate) fn record(&mut self, record: &[u8]) -> Result<(), String> {
        if self.path_follows {
            self.path_follows = false;
            let paths = self.entries.last_mut().and_then(|entry| entry.commit.paths.as_mut());
            paths.ok_or("a path without a commit")?.push(quote_path(record));
            return Ok(());
        }
        if self.fields.is_empty() {
            let status = record.strip_prefix(b"\n").unwrap_or(record);
            if self.paths && matches!(status, [letter] if letter.is_ascii_uppercase()) {
                self.path_follows = true;
                return Ok(());
            }
        }
        self.fields.push(String::from_utf8_lossy(record).into_owned());
        if self.fields.len() == FIELDS {
            let entry = entry(&self.fields, self.paths)?;
            self.entries.push(entry);
            self.fields.clear();
        }
        Ok(())
    }

    /// The commits; an error if the last one is not whole.
    pub(crate) fn finish(self) -> Result<Vec<Entry>, String> {
        if self.fields.is_empty() && !self.path_follows {
            Ok(self.entries)
        } else {
            Err("the last commit is cut off".to_owned())
        }
    }
}

fn entry(fields: &[String], paths: bool) -> Result<Entry, String> {
    let [id, parents, author, committer, date, subject] = fields else { return Err("fields are missing".to_owned()) };
    let first_parent = match parents.split(' ').next() {
        None | Some("") => None,
        Some(parent) => Some(object_id(parent)?),
    };
    let commit = Commit {
        id: object_id(id)?,
        committed: raw_date(date),
        author: author.clone(),
        committer: committer.clone(),
        subject: subject.clone(),
        paths: paths.then(Vec::new),
    };
    Ok(Entry { commit, first_parent })
}

fn object_id(text: &str) -> Result<ObjectId, String> {
    text.parse()
        .map_err(|_| format!("`{}` where a hash belongs", text.chars().take(80).collect::<String>().escape_debug()))
}

/// Reads git's raw dates, `1700000000 +0130`. Commits can carry any nonsense for a date; like git, this then takes 1970.
pub(crate) fn raw_date(text: &str) -> DateTime<FixedOffset> {
    let (seconds, zone) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let instant = seconds.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).unwrap_or_default();
    let offset = offset(zone.trim()).and_then(FixedOffset::east_opt);
    let utc = FixedOffset::east_opt(0);
    match offset.or(utc) {
        Some(offset) => instant.with_timezone(&offset),
        None => instant.fixed_offset(),
    }
}

/// Seconds east of Greenwich of `+0130`.
fn offset(zone: &str) -> Option<i32> {
    let number: i32 = zone.parse().ok()?;
    let seconds = (number.abs() / 100).checked_mul(3600)?.checked_add((number.abs() % 100) * 60)?;
    Some(if number < 0 { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn read(records: &[&str], paths: bool) -> Result<Vec<Entry>, String> {
        let mut reader = LogReader::new(paths);
        for record in records {
            reader.record(record.as_bytes())?;
        }
        reader.finish()
    }

    #[test]
    fn discovery_3_7_paths_that_look_like_commits_are_paths() {
        let empty = [A, B, "a <a@b>", "c <c@d>", "1700000000 +0130", "subject"];
        let rest = [B, "", "", "", "0 +0000", ""];
        let records: Vec<&str> = empty.into_iter().chain(["\nA", A, "M", "M", "D", "\n"]).chain(rest).collect();
        let entries = read(&records, true).unwrap();
        let [first, second] = entries.as_slice() else { panic!("{entries:?}") };
        let paths = first.commit.paths.as_deref().unwrap();
        assert_eq!(paths, [A, "M", r#""\n""#]);
        assert_eq!(first.first_parent.as_ref().unwrap().as_str(), B);
        assert_eq!(first.commit.committed.to_rfc3339(), "2023-11-14T23:43:20+01:30");
        assert_eq!((second.first_parent.is_none(), second.commit.paths.as_deref()), (true, Some(&[][..])));
    }

    #[test]
    fn broken_logs_are_refused() {
        assert!(read(&["x", "", "", "", "", ""], false).is_err());
        assert!(read(&[A, "zz", "", "", "", ""], false).is_err());
        assert!(read(&[A, ""], false).is_err());
        assert!(read(&[A, "", "", "", "", "", "\nA"], true).is_err());
        assert!(read(&["\nA", "x"], true).is_err());
        assert_eq!(read(&[], true), Ok(Vec::new()));
    }

    #[test]
    fn dates_never_fail() {
        for (text, shown) in [
            ("0 +0000", "1970-01-01T00:00:00+00:00"),
            ("1700000000 -0800", "2023-11-14T14:13:20-08:00"),
            ("1700000000", "2023-11-14T22:13:20+00:00"),
            ("18446744073709551615 +0000", "1970-01-01T00:00:00+00:00"),
            ("1700000000 +9999", "2023-11-14T22:13:20+00:00"),
            ("1700000000 +2147483647", "2023-11-14T22:13:20+00:00"),
            ("", "1970-01-01T00:00:00+00:00"),
            ("x y", "1970-01-01T00:00:00+00:00"),
        ] {
            assert_eq!(raw_date(text).to_rfc3339(), shown, "{text}");
        }
    }
}
