//! Bounds on processes: time, output, number; and that none is left behind.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kargo_core::port::RefQuery;
use kargo_git::{Git, GitError, GitSettings, GitVersion, Remote};

use crate::support::{Mood, Repository, Server, fetch_of, reader_with};

/// The processes that were started below a cache directory: all of them have a home there.
fn processes(cache: &Path) -> BTreeSet<u32> {
    let needle = cache.display().to_string().into_bytes();
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if environment.windows(needle.len()).any(|part| part == needle) {
            found.insert(pid);
        }
    }
    found
}

/// Waits until there are some, and until they stay the same for a moment.
async fn appear(cache: &Path, at_least: usize) -> BTreeSet<u32> {
    for _ in 0..100 {
        let found = processes(cache);
        if found.len() >= at_least {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?} instead of {at_least} processes", processes(cache));
}

/// Waits until all of them are gone, even as zombies. They were killed before; dying takes a moment.
async fn vanish(pids: &BTreeSet<u32>) {
    let alive = || pids.iter().filter(|pid| PathBuf::from(format!("/proc/{pid}")).exists()).count();
    for _ in 0..100 {
        if alive() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} of {pids:?} are still there", alive());
}

/// A program that says it is git, and otherwise does something else.
fn pretender(home: &Path, version: &str, rest: &str) -> PathBuf {
    let path = home.join("git");
    let script = format!("#!/bin/sh\nif [ \"$1\" = version ]; then echo '{version}'; exit; fi\n{rest}\n");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// A reader that runs such a program.
async fn pretending(rest: &str) -> (Git, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let program = pretender(home.path(), "git version 2.50.0", rest);
    // A file that was open for writing a moment ago can be busy while another thread starts a process.
    for _ in 0..50 {
        let settings = GitSettings::new(home.path().join("cache")).program(&program);
        let settings = settings.listing_limit(Duration::from_secs(2)).max_bytes(1_000_000).max_refs(1000);
        match Git::new(settings).await {
            Err(GitError::NoGit { kind: std::io::ErrorKind::ExecutableFileBusy, .. }) => {}
            other => return (other.unwrap(), home),
        }
    }
    panic!("still busy");
}

fn everything() -> RefQuery {
    RefQuery::default().and_head().and_tags()
}

fn nowhere() -> Remote {
    Remote::new("https://git.invalid/repo").unwrap()
}

#[tokio::test]
async fn a_dropped_future_leaves_no_process() {
    let origin = Repository::with_commits(1);
    let server = Server::start(origin.root(), Mood::Silent).await;
    let git = reader_with(|settings| settings).await;
    let remote = Remote::new(&server.url("repo")).unwrap();
    let listing = tokio::spawn({
        let (git, remote) = (git.git.clone(), remote.clone());
        async move { git.ls_remote(&remote, &everything()).await }
    });
    // git, and its helper for HTTP.
    let pids = appear(git.cache.path(), 2).await;
    listing.abort();
    let _ = listing.await;
    vanish(&pids).await;

    server.set(Mood::StallsFetch);
    let what = fetch_of(&git, &remote, &["main"], false).await;
    let fetch = tokio::spawn({
        let (git, remote) = (git.git.clone(), remote.clone());
        async move { git.fetch(&remote, &what).await }
    });
    let mut pids = BTreeSet::new();
    for _ in 0..20 {
        pids.extend(appear(git.cache.path(), 1).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    fetch.abort();
    let _ = fetch.await;
    vanish(&pids).await;
    vanish(&processes(git.cache.path())).await;
}

#[tokio::test]
async fn time_over_leaves_no_process() {
    let origin = Repository::with_commits(1);
    let server = Server::start(origin.root(), Mood::Silent).await;
    let limit = Duration::from_millis(600);
    let git = reader_with(|settings| settings.listing_limit(limit).fetch_limit(limit)).await;
    let remote = Remote::new(&server.url("repo")).unwrap();
    let begun = Instant::now();
    let error = git.ls_remote(&remote, &everything()).await.unwrap_err();
    assert!(matches!(error, GitError::TimedOut { limit: said, .. } if said == limit), "{error}");
    assert!(begun.elapsed() >= limit && begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    vanish(&processes(git.cache.path())).await;

    server.set(Mood::StallsFetch);
    let settings_limit = reader_with(|settings| settings.fetch_limit(limit)).await;
    let what = fetch_of(&settings_limit, &remote, &["main"], false).await;
    let error = settings_limit.fetch(&remote, &what).await.unwrap_err();
    assert!(matches!(error, GitError::TimedOut { doing: "fetching from", .. }), "{error}");
    vanish(&processes(settings_limit.cache.path())).await;
}

#[tokio::test]
async fn children_that_ignore_signals_and_hold_the_pipes_die_too() {
    let (git, home) = pretending("trap '' TERM HUP INT\nsleep 1000 &\n(trap '' TERM; sleep 1001) &\nwait").await;
    let listing = tokio::spawn({
        let git = git.clone();
        async move { git.ls_remote(&nowhere(), &everything()).await }
    });
    let pids = appear(home.path(), 3).await;
    let error = listing.await.unwrap().unwrap_err();
    assert!(matches!(error, GitError::TimedOut { .. }), "{error}");
    vanish(&pids).await;
    // The parent ends at once, its child keeps the output open.
    let (git, home) = pretending("sleep 1000 &\nexit 0").await;
    let error = git.ls_remote(&nowhere(), &everything()).await.unwrap_err();
    assert!(matches!(error, GitError::TimedOut { .. }), "{error}");
    vanish(&processes(home.path())).await;
}

#[tokio::test]
async fn output_without_end_is_stopped() {
    let id = "a".repeat(40);
    let rows = [
        (format!("yes \"$(printf '{id}\\trefs/tags/v1')\""), "records"),
        ("cat /dev/zero".to_owned(), "bytes"),
        (format!("head -c 500 /dev/zero; printf '{id}\\tHEAD\\n'"), ""),
    ];
    for (script, unit) in rows {
        let (git, home) = pretending(&script).await;
        let begun = Instant::now();
        let error = git.ls_remote(&nowhere(), &everything()).await.unwrap_err();
        match &error {
            GitError::TooMuch { unit: said, .. } => assert!(said.starts_with(unit), "{error}"),
            GitError::Unreadable { .. } => assert_eq!(unit, "", "{error}"),
            other => panic!("{script}: {other}"),
        }
        assert!(begun.elapsed() < Duration::from_secs(2), "{script}");
        vanish(&processes(home.path())).await;
    }
}

#[tokio::test]
async fn a_flood_of_errors_is_cut() {
    let (git, _home) =
        pretending("head -c 50000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo 'fatal: the end' >&2; exit 128").await;
    let error = git.ls_remote(&nowhere(), &everything()).await.unwrap_err();
    let GitError::Failed { detail, .. } = &error else { panic!("{error}") };
    assert!(detail.len() < 1000, "{}", detail.len());
}

#[tokio::test]
async fn no_more_run_at_once_than_allowed() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("log");
    let script = format!(
        "echo in >> '{0}'; sleep 0.2; echo out >> '{0}'; printf '{1}\\tHEAD\\n'",
        log.display(),
        "a".repeat(40)
    );
    let program = pretender(home.path(), "git version 2.50.0", &script);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let settings = GitSettings::new(home.path().join("cache")).program(program).max_processes(2);
    let git = Git::new(settings).await.unwrap();
    let all: Vec<_> = (0..7)
        .map(|_| {
            let git = git.clone();
            tokio::spawn(async move { git.ls_remote(&nowhere(), &everything()).await })
        })
        .collect();
    for one in all {
        one.await.unwrap().unwrap();
    }
    let (mut now, mut most) = (0, 0);
    for line in std::fs::read_to_string(&log).unwrap().lines() {
        now += if line == "in" { 1 } else { -1 };
        most = most.max(now);
    }
    assert_eq!(most, 2);
}

#[tokio::test]
async fn the_git_program_is_checked_once_and_clearly() {
    let home = tempfile::tempdir().unwrap();
    let settings = |program: &Path| GitSettings::new(home.path().join("cache")).program(program);
    let error = Git::new(settings(&home.path().join("missing"))).await.unwrap_err();
    assert!(matches!(error, GitError::NoGit { .. }), "{error}");
    for (version, good) in [
        ("git version 2.35.9", false),
        ("git version 2.36.0", true),
        ("git version 2.39.5", true),
        ("git version 3.0.1", true),
        ("hub 2.14", false),
        ("", false),
    ] {
        let program = pretender(home.path(), version, "exit 1");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let made = Git::new(settings(&program)).await;
        match made {
            Ok(git) => assert!(good && git.version() >= GitVersion::OLDEST, "{version}"),
            Err(error) => {
                assert!(!good && matches!(error, GitError::TooOld { .. }), "{version}: {error}");
                assert!(error.to_string().contains("2.36.0 or later is needed"), "{error}");
            }
        }
    }
}
