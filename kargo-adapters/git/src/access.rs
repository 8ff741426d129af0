//! How one git command gets at a remote: its private directory, its environment, its configuration. Secrets go through the
//! environment or a file only this user can read, never through an argument or an address.

use std::ffi::OsString;
use std::fs::{OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use crate::credentials::{Credentials, KnownHosts};
use crate::error::CredentialsProblem;
use crate::url::Scheme;
use crate::{GitError, GitSettings, Remote};

/// Answers git's questions for user and password, but only for the host that the credentials are meant for: a redirect to
/// another host gets nothing.
const ASKPASS: &str = r#"#!/bin/sh
case "$1" in
"Username for '$KARGO_GIT_SCHEME://$KARGO_GIT_HOST': ") printf '%s\n' "$KARGO_GIT_USERNAME" ;;
"Password for '$KARGO_GIT_SCHEME://"*"@$KARGO_GIT_HOST': ") printf '%s\n' "$KARGO_GIT_PASSWORD" ;;
*) exit 1 ;;
esac
"#;

/// Variables of this process that git may see.
const PASSED: [&str; 9] = [
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Where a command on a remote tells what it does, in its private directory.
const TRACE: &str = "trace";

/// No command runs as long as this.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Further variables for credentials of the user's own.
const AMBIENT: [&str; 8] = [
    "HOME",
    "USER",
    "LOGNAME",
    "SSH_AUTH_SOCK",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "GNUPGHOME",
];

/// Everything that one command needs besides its arguments. The directory goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Access {
    directory: TempDir,
    environment: Vec<(OsString, OsString)>,
    secrets: Vec<SecretString>,
}

/// What to prepare.
pub(crate) struct Plan<'a> {
    pub(crate) settings: &'a GitSettings,
    pub(crate) ssh: Option<&'a Path>,
    /// The program that [`write_askpass`] wrote.
    pub(crate) askpass: &'a Path,
    pub(crate) path: Option<OsString>,
    pub(crate) remote: Option<&'a Remote>,
}

impl Access {
    /// Prepares a command. Without a remote, no protocol is allowed at all.
    pub(crate) fn prepare(plan: &Plan<'_>) -> Result<Self, GitError> {
        let scratch = plan.settings.cache.join("scratch");
        std::fs::create_dir_all(&scratch).map_err(|error| GitError::local("creating", &scratch, &error))?;
        let directory = tempfile::Builder::new()
            .prefix("git-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&scratch)
            .map_err(|error| GitError::local("creating a directory in", &scratch, &error))?;
        let mut builder =
            Builder { directory: directory.path().to_owned(), environment: Vec::new(), config: Vec::new() };
        builder.base(plan, &scratch);
        let mut secrets = Vec::new();
        if let Some(remote) = plan.remote {
            let credentials = remote.credentials();
            builder.remote(plan, remote, &credentials)?;
            builder.set("GIT_TRACE2_EVENT", directory.path().join(TRACE));
            secrets = credentials.secrets().into_iter().cloned().collect();
        } else {
            builder.set("GIT_ALLOW_PROTOCOL", "");
            builder.set("GIT_NO_LAZY_FETCH", "1");
        }
        let environment = builder.finish();
        Ok(Self { directory, environment, secrets })
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn environment(&self) -> &[(OsString, OsString)] {
        &self.environment
    }

    /// Whether git and the server agreed on a version of git's protocol. Over plain files on a web server, git takes any page for a
    /// list of refs, and one without lines for an empty list.
    pub(crate) fn talked_git(&self) -> bool {
        let trace = std::fs::read(self.directory.path().join(TRACE)).unwrap_or_default();
        let needle = b"\"negotiated-version\"";
        trace.windows(needle.len()).any(|part| part == needle)
    }

    /// A text without the secrets that this command was given.
    pub(crate) fn redacted(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            let secret = secret.expose_secret();
            if !secret.is_empty() && text.contains(secret) {
                text = text.replace(secret, "***");
            }
        }
        text
    }
}

/// Removes private directories that processes which were killed have left behind, perhaps with a key in them.
pub(crate) fn sweep(scratch: &Path) {
    for entry in std::fs::read_dir(scratch).into_iter().flatten().flatten() {
        let private = entry.file_name().to_string_lossy().starts_with("git-");
        let age = entry.metadata().and_then(|data| data.modified()).ok().and_then(|when| when.elapsed().ok());
        if private && age.is_some_and(|age| age > ABANDONED) {
            // Another process may do the same at the same time.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Writes the program that answers git's questions; it holds no secret. It is written once, long before it runs: a file that
/// was open for writing a moment ago may be refused as busy.
pub(crate) fn write_askpass(directory: &Path) -> Result<PathBuf, GitError> {
    let script = directory.join("askpass");
    private_file(&script, ASKPASS, 0o700)?;
    Ok(script)
}

struct Builder {
    directory: PathBuf,
    environment: Vec<(OsString, OsString)>,
    config: Vec<(String, OsString)>,
}

impl Builder {
    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.environment.push((name.into(), value.into()));
    }

    fn pass(&mut self, names: &[&str]) {
        for name in names {
            if let Some(value) = std::env::var_os(name) {
                self.set(name, value);
            }
        }
    }

    fn configure(&mut self, key: &str, value: impl Into<OsString>) {
        self.config.push((key.to_owned(), value.into()));
    }

    fn base(&mut self, plan: &Plan<'_>, scratch: &Path) {
        let ambient = plan.remote.is_some_and(|remote| matches!(remote.credentials(), Credentials::Ambient));
        if let Some(path) = &plan.path {
            self.set("PATH", path.clone());
        }
        for (name, value) in [
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_ATTR_NOSYSTEM", "1"),
        ] {
            self.set(name, value);
        }
        self.set("GIT_CEILING_DIRECTORIES", scratch);
        self.pass(&PASSED);
        if ambient {
            self.pass(&AMBIENT);
        } else {
            self.set("HOME", self.directory.clone());
            self.set("GIT_CONFIG_NOSYSTEM", "1");
            self.set("GIT_CONFIG_GLOBAL", "/dev/null");
            self.configure("credential.helper", "");
        }
        // No question may ever reach a terminal.
        self.set("SSH_ASKPASS", "/bin/false");
        self.set("SSH_ASKPASS_REQUIRE", "force");
        for (key, value) in [
            ("core.hooksPath", "/dev/null"),
            ("core.fsmonitor", "false"),
            // A copy that a power cut damages is made anew; waiting for the disk at each of 41,000 refs costs more.
            ("core.fsync", "none"),
            ("gc.auto", "0"),
            ("gc.autoDetach", "false"),
            ("maintenance.auto", "false"),
            ("fetch.recurseSubmodules", "false"),
            ("fetch.writeCommitGraph", "false"),
            ("fetch.unpackLimit", "1"),
            ("log.showRoot", "true"),
            ("log.showSignature", "false"),
            ("log.mailmap", "false"),
            ("i18n.logOutputEncoding", "UTF-8"),
            ("http.followRedirects", "initial"),
            ("http.lowSpeedLimit", "1024"),
            ("http.lowSpeedTime", "30"),
            ("protocol.version", "2"),
        ] {
            self.configure(key, value);
        }
    }

    fn remote(&mut self, plan: &Plan<'_>, remote: &Remote, credentials: &Credentials) -> Result<(), GitError> {
        let scheme = remote.url().scheme();
        let refuse = |problem| Err(GitError::Credentials { remote: remote.url().to_string(), problem });
        let allowed = match (scheme, credentials) {
            // The user's own configuration may rewrite addresses.
            (_, Credentials::Ambient) => "https:http:ssh:file",
            (Scheme::Http, _) => "http:https",
            (scheme, _) => scheme.as_str(),
        };
        self.set("GIT_ALLOW_PROTOCOL", allowed);
        if matches!(scheme, Scheme::Https | Scheme::Http) {
            if remote.skips_tls_verify() {
                self.configure("http.sslVerify", "false");
            }
            if let Some(file) = &plan.settings.ca_file {
                self.configure("http.sslCAInfo", file.clone());
            }
        }
        let over_http = scheme == Scheme::Http && !plan.settings.credentials_over_http;
        match (scheme, credentials) {
            (Scheme::File, _) | (_, Credentials::Ambient) => {}
            (Scheme::Https | Scheme::Http, Credentials::Anonymous) => {}
            (Scheme::Https | Scheme::Http, Credentials::Basic { .. } | Credentials::Bearer { .. }) if over_http => {
                return refuse(CredentialsProblem::PlainHttp);
            }
            (Scheme::Https | Scheme::Http, Credentials::Basic { username, password }) => {
                if username.chars().chain(password.expose_secret().chars()).any(char::is_control) {
                    return refuse(CredentialsProblem::LineBreak);
                }
                self.set("GIT_ASKPASS", plan.askpass);
                self.set("KARGO_GIT_SCHEME", scheme.as_str());
                self.set("KARGO_GIT_HOST", remote.url().authority());
                self.set("KARGO_GIT_USERNAME", username);
                self.set("KARGO_GIT_PASSWORD", password.expose_secret());
            }
            (Scheme::Https | Scheme::Http, Credentials::Bearer { token, .. }) => {
                if token.expose_secret().chars().any(char::is_control) {
                    return refuse(CredentialsProblem::LineBreak);
                }
                let origin = format!("{}://{}/", scheme.as_str(), remote.url().authority());
                let header = format!("Authorization: Bearer {}", token.expose_secret());
                self.configure(&format!("http.{origin}.extraHeader"), header);
                self.configure("http.followRedirects", "false");
            }
            (Scheme::Ssh, Credentials::Anonymous) => self.ssh(plan, None)?,
            (Scheme::Ssh, Credentials::SshKey { key, hosts }) => self.ssh(plan, Some((key, hosts)))?,
            (Scheme::Https | Scheme::Http, Credentials::SshKey { .. }) | (Scheme::Ssh, _) => {
                return refuse(CredentialsProblem::OtherScheme);
            }
        }
        Ok(())
    }

    fn ssh(&mut self, plan: &Plan<'_>, key: Option<(&SecretString, &KnownHosts)>) -> Result<(), GitError> {
        let program = plan.ssh.unwrap_or_else(|| Path::new("ssh"));
        let mut words: Vec<OsString> = vec![program.into(), "-F".into(), "/dev/null".into()];
        let mut option = |text: &str| {
            words.push("-o".into());
            words.push(text.into());
        };
        for text in [
            "BatchMode=yes",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "GlobalKnownHostsFile=/dev/null",
            "UpdateHostKeys=no",
            "ConnectTimeout=30",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=4",
            "LogLevel=ERROR",
        ] {
            option(text);
        }
        if let Some((_, KnownHosts::Lines(_))) = key {
            option("StrictHostKeyChecking=yes");
        } else {
            option("StrictHostKeyChecking=no");
        }
        let known = self.directory.join("known_hosts");
        if let Some((key, hosts)) = key {
            if let KnownHosts::Lines(lines) = hosts {
                private_file(&known, &with_line_ends(lines), 0o600)?;
            }
            let file = self.directory.join("key");
            private_file(&file, &with_line_ends(key.expose_secret()), 0o600)?;
            words.push("-i".into());
            words.push(file.into());
        }
        // The name of the file stands between quotation marks: ssh splits this option's value at spaces.
        let mut file = OsString::from("UserKnownHostsFile=\"");
        file.push(&known);
        file.push("\"");
        words.push("-o".into());
        words.push(file);
        let mut command = OsString::new();
        for word in &words {
            if !command.is_empty() {
                command.push(" ");
            }
            command.push(shell_quoted(word));
        }
        self.set("GIT_SSH_COMMAND", command);
        self.set("GIT_SSH_VARIANT", "ssh");
        Ok(())
    }

    fn finish(mut self) -> Vec<(OsString, OsString)> {
        self.set("GIT_CONFIG_COUNT", self.config.len().to_string());
        for (at, (key, value)) in std::mem::take(&mut self.config).into_iter().enumerate() {
            self.set(&format!("GIT_CONFIG_KEY_{at}"), key);
            self.set(&format!("GIT_CONFIG_VALUE_{at}"), value);
        }
        self.environment
    }
}

/// A new file that only this user can read.
fn private_file(path: &Path, text: &str, mode: u32) -> Result<(), GitError> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())
    };
    write().map_err(|error| GitError::local("writing", path, &error))
}

/// Unix line ends, and one at the end: OpenSSH takes a key for damaged otherwise.
fn with_line_ends(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// One word of a shell command, whatever is in it.
fn shell_quoted(word: &OsString) -> OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let mut quoted = vec![b'\''];
    for byte in word.as_bytes() {
        if *byte == b'\'' {
            quoted.extend_from_slice(b"'\\''");
        } else {
            quoted.push(*byte);
        }
    }
    quoted.push(b'\'');
    OsString::from_vec(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_quoted(&"a b".into()), "'a b'");
        assert_eq!(shell_quoted(&"it's $(x)".into()), "'it'\\''s $(x)'");
    }

    #[test]
    fn only_old_private_directories_are_swept() {
        let scratch = tempfile::tempdir().unwrap();
        let make = |name: &str, hours: u64| {
            let path = scratch.path().join(name);
            std::fs::create_dir(&path).unwrap();
            let when = std::fs::File::open(&path).unwrap().metadata().unwrap().modified().unwrap();
            let when = when - Duration::from_secs(hours * 3600);
            std::fs::File::open(&path).unwrap().set_modified(when).unwrap();
            path
        };
        let (old, young, home) = (make("git-a", 25), make("git-b", 23), make("home-c", 1000));
        sweep(scratch.path());
        assert_eq!((old.exists(), young.exists(), home.exists()), (false, true, true));
    }

    #[test]
    fn keys_end_with_a_line_end() {
        assert_eq!(with_line_ends("a\r\nb"), "a\nb\n");
        assert_eq!(with_line_ends("a\n"), "a\n");
    }
}
