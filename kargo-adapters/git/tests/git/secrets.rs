//! Where secrets are, and where they are not.

use std::os::unix::fs::PermissionsExt;

use kargo_core::port::RefQuery;
use kargo_git::{Credentials, GitError, Remote};

use crate::support::{Mood, Repository, Server, fetch_of, reader_with};

#[tokio::test]
async fn no_secret_is_in_an_argument_or_on_disk_or_in_an_error() {
    let origin = Repository::with_commits(2);
    let server = Server::start(origin.root(), Mood::Locked("Basic bWU6czNjcmV0LXBhc3M=".to_owned())).await;
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("arguments");
    let wrapper = home.path().join("git");
    // Writes down its arguments, and those of every process of the same group a moment later.
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >> '{0}'\n(sleep 0.1; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -a s3[c]ret >> '{0}') </dev/null >/dev/null 2>&1 &\nexec git \"$@\"\n",
        log.display()
    );
    std::fs::write(&wrapper, script).unwrap();
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let git = reader_with(|settings| settings.program(&wrapper)).await;
    let url = server.url("repo").replace("http://", "http://me:s3cret-pass@");
    let remote = Remote::new(&url).unwrap();
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    server.set(Mood::Says("500 s3cret-pass", "s3cret-pass"));
    let error = git.ls_remote(&remote, &RefQuery::default().and_head()).await.unwrap_err();
    assert!(!format!("{error} {error:?} {remote:?}").contains("s3cret"), "{error:?}");
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let arguments = std::fs::read_to_string(&log).unwrap();
    assert!(arguments.contains("ls-remote") && arguments.contains("fetch"), "{arguments}");
    assert!(!arguments.contains("s3cret"), "{arguments}");
    let found = std::process::Command::new("grep").args(["-r", "-a", "s3cret"]).arg(git.cache.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
}

#[tokio::test]
async fn nothing_of_the_caller_s_environment_reaches_git() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("environment");
    let wrapper = home.path().join("git");
    std::fs::write(&wrapper, format!("#!/bin/sh\nenv >> '{}'\nexec git \"$@\"\n", log.display())).unwrap();
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let git = reader_with(|settings| settings.program(&wrapper)).await;
    let origin = Repository::with_commits(1);
    let remote = Remote::new(&origin.url()).unwrap();
    std::fs::remove_file(&log).unwrap();
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    let environment = std::fs::read_to_string(&log).unwrap();
    for line in environment.lines() {
        let name = line.split('=').next().unwrap();
        let known =
            ["PATH", "LC_ALL", "TZ", "HOME", "PWD", "OLDPWD", "SHLVL", "_", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE"];
        let proxy = name.to_lowercase().ends_with("_proxy") || name.starts_with("SSL_CERT_");
        assert!(name.starts_with("GIT_") || known.contains(&name) || proxy, "{line}");
    }
    assert!(!environment.contains("CARGO_"), "{environment}");
    let scratch = git.cache.path().join("scratch").display().to_string();
    assert!(environment.contains(&format!("HOME={}", git.cache.path().canonicalize().unwrap().display())), "{scratch}");
    // Private directories are gone; one is left, with the program that answers questions.
    assert_eq!(std::fs::read_dir(git.cache.path().join("scratch")).unwrap().count(), 1);
}

#[tokio::test]
async fn ambient_credentials_see_the_user_s_configuration_and_no_terminal() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("environment");
    let wrapper = home.path().join("git");
    std::fs::write(&wrapper, format!("#!/bin/sh\nenv > '{}'\nexec git \"$@\"\n", log.display())).unwrap();
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let git = reader_with(|settings| settings.program(&wrapper)).await;
    let origin = Repository::with_commits(1);
    let remote = Remote::new(&origin.url()).unwrap().with(Credentials::Ambient);
    git.ls_remote(&remote, &RefQuery::default().and_head()).await.unwrap();
    let environment = std::fs::read_to_string(&log).unwrap();
    let value = |name: &str| environment.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
    assert_eq!(value("HOME").map(str::to_owned), std::env::var("HOME").ok());
    assert_eq!((value("GIT_CONFIG_NOSYSTEM"), value("GIT_CONFIG_GLOBAL")), (None, None));
    assert_eq!((value("GIT_TERMINAL_PROMPT"), value("SSH_ASKPASS_REQUIRE")), (Some("0"), Some("force")));
    assert_eq!(value("GIT_ALLOW_PROTOCOL"), Some("https:http:ssh:file"));
}

#[tokio::test]
async fn credentials_of_the_wrong_kind_are_refused_before_git_runs() {
    let git = reader_with(|settings| settings).await;
    let key = || Credentials::SshKey { key: "k".into(), hosts: kargo_git::KnownHosts::Unchecked };
    for (url, credentials) in [
        ("https://git.invalid/r", key()),
        ("ssh://git@git.invalid/r", Credentials::basic("me", "p")),
        ("git@git.invalid:r", Credentials::Bearer { account: "a".to_owned(), token: "t".into() }),
    ] {
        let remote = Remote::new(url).unwrap().with(credentials);
        let error = git.ls_remote(&remote, &RefQuery::default().and_head()).await.unwrap_err();
        assert!(matches!(error, GitError::Credentials { .. }), "{error}");
    }
}
