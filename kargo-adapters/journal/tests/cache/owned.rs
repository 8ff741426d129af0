//! Two who want one directory.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use kargo_journal::{FileCache, OpenError};

use super::{get, put};

const FOLDER: &str = "KARGO_JOURNAL_TEST_OWNED";

/// Not a test: opens the cache and waits to be killed.
#[test]
#[ignore = "run by user_code_14_a_second_process_is_told_who_is_first"]
fn owner() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let _cache = FileCache::open(folder).unwrap();
    println!("open");
    loop {
        std::thread::park();
    }
}

#[test]
fn user_code_14_a_second_process_is_told_who_is_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "owned::owner", "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with("open")));
    let error = FileCache::open(folder.path()).unwrap_err();
    let OpenError::Owned { file, owner: Some(owner) } = &error else { panic!("{error}") };
    assert_eq!((owner.process, file), (child.id(), &folder.path().join("artifacts.redb")));
    let text = error.to_string();
    assert!(text.starts_with(&format!("process {} on ", child.id())) && text.contains("stop it, or "), "{text}");
    child.kill().unwrap();
    child.wait().unwrap();
    FileCache::open(folder.path()).unwrap();
}

#[test]
fn this_process_is_told_that_it_is_itself() {
    let folder = tempfile::tempdir().unwrap();
    let cache = FileCache::open(folder.path()).unwrap();
    put(&cache, "a", b"1");
    let error = FileCache::open(folder.path()).unwrap_err();
    assert!(error.to_string().starts_with("this very process ("), "{error}");
    assert_eq!(get(&cache, "a").as_deref(), Some(&b"1"[..]), "whoever is first goes on");
}

#[cfg(unix)]
#[test]
fn files_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("var/kargo");
    let cache = FileCache::open(&inner).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(cache.file()), mode(&inner)), (0o600, 0o700));
}

#[test]
fn a_directory_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = FileCache::open(folder.path().join("file/below")).unwrap_err();
    assert!(matches!(&error, OpenError::Io { doing: "made", .. }), "{error}");
}
