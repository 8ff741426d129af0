//! What git's words on standard error mean. The locale is C, so the words are git's own.

use crate::GitError;

/// The kind of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Unauthorized,
    NoRepository,
    /// A ref that was asked for and is not there.
    MissingRef(String),
    /// An object that the server will not or cannot send.
    MissingObject,
    RateLimited,
    Unreachable,
    Untrusted,
    Unsupported,
    FilterRefused,
    /// This machine's fault.
    Local,
    /// The words of a damaged local copy.
    Damaged,
    Unknown,
}

/// Phrases and what they mean, looked for in this order in what git itself said, lower case.
const PHRASES: &[(&str, Class)] = &[
    ("no space left on device", Class::Local),
    ("disk quota exceeded", Class::Local),
    ("read-only file system", Class::Local),
    ("too many open files", Class::Local),
    ("cannot allocate memory", Class::Local),
    ("out of memory", Class::Local),
    ("unable to create temporary file", Class::Local),
    ("returned error: 429", Class::RateLimited),
    ("rate limit", Class::RateLimited),
    ("too many requests", Class::RateLimited),
    ("authentication failed for", Class::Unauthorized),
    ("could not read username", Class::Unauthorized),
    ("could not read password", Class::Unauthorized),
    ("returned error: 401", Class::Unauthorized),
    ("returned error: 403", Class::Unauthorized),
    ("permission denied (publickey", Class::Unauthorized),
    ("permission denied, please try again", Class::Unauthorized),
    ("error in libcrypto", Class::Unauthorized),
    ("invalid format", Class::Unauthorized),
    ("host key verification failed", Class::Untrusted),
    ("remote host identification has changed", Class::Untrusted),
    ("ssl certificate problem", Class::Untrusted),
    ("certificate verification failed", Class::Untrusted),
    ("certificate subject name", Class::Untrusted),
    ("does not match target host name", Class::Untrusted),
    ("error setting certificate", Class::Untrusted),
    ("dubious ownership", Class::Untrusted),
    ("not allowed", Class::Untrusted),
    ("unable to update url base from redirection", Class::Untrusted),
    ("filter '", Class::FilterRefused),
    ("filtering not", Class::FilterRefused),
    ("does not support filter", Class::FilterRefused),
    ("not our ref", Class::MissingObject),
    ("does not allow request for unadvertised object", Class::MissingObject),
    ("unadvertised object", Class::MissingObject),
    ("returned error: 404", Class::NoRepository),
    ("repository not found", Class::NoRepository),
    ("does not appear to be a git repository", Class::NoRepository),
    ("is this a git repository?", Class::NoRepository),
    ("project you were looking for could not be found", Class::NoRepository),
    ("returned error: 408", Class::Unreachable),
    ("returned error: 5", Class::Unreachable),
    ("could not resolve", Class::Unreachable),
    ("couldn't connect", Class::Unreachable),
    ("failed to connect", Class::Unreachable),
    ("connection refused", Class::Unreachable),
    ("connection reset", Class::Unreachable),
    ("connection timed out", Class::Unreachable),
    ("connection closed", Class::Unreachable),
    ("operation timed out", Class::Unreachable),
    ("operation too slow", Class::Unreachable),
    ("network is unreachable", Class::Unreachable),
    ("no route to host", Class::Unreachable),
    ("empty reply from server", Class::Unreachable),
    ("unexpected disconnect", Class::Unreachable),
    ("the remote end hung up", Class::Unreachable),
    ("early eof", Class::Unreachable),
    ("transfer closed", Class::Unreachable),
    ("recv failure", Class::Unreachable),
    ("send failure", Class::Unreachable),
    ("unable to access", Class::Unreachable),
    ("rpc failed", Class::Unreachable),
    ("dumb http transport does not support", Class::Unsupported),
    ("is not a git command", Class::Unsupported),
    ("mismatched algorithms", Class::Unsupported),
    ("unsupported object format", Class::Unsupported),
    ("not a git repository", Class::Damaged),
    ("is corrupt", Class::Damaged),
    ("bad object", Class::Damaged),
    ("unable to read", Class::Damaged),
    ("missing blob", Class::Damaged),
    ("bad config", Class::Damaged),
    ("file exists", Class::Damaged),
    ("cannot lock ref", Class::Damaged),
    ("packfile", Class::Damaged),
    ("could not read from remote repository", Class::Unreachable),
];

/// The class of a failure, from the end of standard error.
pub(crate) fn classify(stderr: &str) -> Class {
    // What a server sends to be shown is not git's word; "remote error" is git's, about what the server refused.
    let own: Vec<String> = stderr.lines().filter(|line| !line.starts_with("remote: ")).map(str::to_lowercase).collect();
    for line in stderr.lines() {
        let lower = line.to_lowercase();
        if let Some(at) = lower.find("couldn't find remote ref ") {
            let name = line.get(at + "couldn't find remote ref ".len()..).unwrap_or_default().trim();
            return Class::MissingRef(name.to_owned());
        }
    }
    if own.iter().any(|line| line.starts_with("fatal: repository '") && line.ends_with("' not found")) {
        return Class::NoRepository;
    }
    let meant = PHRASES.iter().find(|(phrase, _)| own.iter().any(|line| line.contains(phrase)));
    meant.map_or(Class::Unknown, |(_, class)| class.clone())
}

impl Class {
    /// The error that a caller sees.
    pub(crate) fn into_error(self, remote: String, doing: &'static str, detail: String) -> GitError {
        match self {
            Self::Unauthorized => GitError::Unauthorized { remote, detail },
            Self::NoRepository => GitError::NoRepository { remote, detail },
            Self::MissingRef(name) => GitError::NotThere { remote, what: format!("ref {name}") },
            Self::RateLimited => GitError::RateLimited { remote, detail },
            Self::Unreachable => GitError::Unreachable { remote, detail },
            Self::Untrusted => GitError::Untrusted { remote, detail },
            Self::Unsupported | Self::FilterRefused => GitError::Unsupported { remote, detail },
            Self::Damaged => GitError::Damaged { remote, detail },
            Self::MissingObject | Self::Local | Self::Unknown => GitError::Failed { remote, doing, detail },
        }
    }
}

/// The end of standard error as an error shows it: printable, without progress, hints and users in addresses.
pub(crate) fn shown(stderr: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in stderr.split(['\n', '\r']) {
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = line.trim();
        let dull = line.is_empty() || line.starts_with("hint:") || line == "and the repository exists.";
        if !dull && !line.starts_with("Please make sure you have the correct access rights") {
            lines.push(without_user(line));
        }
    }
    let from = lines.len().saturating_sub(5);
    let text = lines.split_off(from).join("; ");
    if text.is_empty() {
        return "it said nothing".to_owned();
    }
    match text.char_indices().nth(600) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// `scheme://user:password@host` becomes `scheme://***@host`.
fn without_user(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(|c: char| c == '/' || c == '\'' || c == '"' || c.is_whitespace()).unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => {
                out.push_str("***@");
                out.push_str(host);
            }
            None => out.push_str(authority),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_git_have_their_class() {
        for (text, class) in [
            ("fatal: Authentication failed for 'https://h/r/'", Class::Unauthorized),
            ("fatal: could not read Username for 'https://h': terminal prompts disabled", Class::Unauthorized),
            (
                "git@h: Permission denied (publickey,password).\nfatal: Could not read from remote repository.",
                Class::Unauthorized,
            ),
            ("fatal: repository 'https://h/r/' not found", Class::NoRepository),
            (
                "fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.",
                Class::NoRepository,
            ),
            ("fatal: couldn't find remote ref refs/heads/gone", Class::MissingRef("refs/heads/gone".to_owned())),
            ("fatal: unable to access 'https://h/r/': The requested URL returned error: 429", Class::RateLimited),
            ("fatal: unable to access 'https://h/r/': The requested URL returned error: 503", Class::Unreachable),
            ("fatal: unable to access 'https://h/r/': Could not resolve host: h", Class::Unreachable),
            ("fatal: unable to access 'https://h/r/': SSL certificate problem: self-signed", Class::Untrusted),
            ("Host key verification failed.\nfatal: Could not read from remote repository.", Class::Untrusted),
            ("ssh: connect to host h port 22: Connection refused", Class::Unreachable),
            ("fatal: remote error: filter 'blob:none' not supported", Class::FilterRefused),
            ("fatal: remote error: upload-pack: not our ref 0123", Class::MissingObject),
            ("error: cannot create pack: No space left on device\nfatal: the remote end hung up", Class::Local),
            ("fatal: bad object HEAD", Class::Damaged),
            ("fatal: something new", Class::Unknown),
            // A server cannot talk itself into another class with text to be shown.
            ("remote: rate limit\nfatal: Authentication failed for 'https://h/r/'", Class::Unauthorized),
        ] {
            assert_eq!(classify(text), class, "{text}");
        }
    }

    #[test]
    fn shown_text_is_short_printable_and_without_users() {
        let text =
            shown("Receiving:  1%\rReceiving: 99%\nhint: x\nfatal: no https://me:pw@h/r and ssh://git@h/x\x1b[31m\n");
        assert!(text.ends_with("fatal: no https://***@h/r and ssh://***@h/x [31m"), "{text}");
        assert!(!text.contains("hint"));
        assert_eq!(shown(" \n"), "it said nothing");
        assert!(shown(&"x".repeat(5000)).len() < 700);
    }
}
