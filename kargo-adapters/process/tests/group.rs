//! What a group started ends with it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, process::Stdio, time::Duration};

use kargo_process::Group;
use tokio::process::Command;

/// A shell whose child writes a line every so often, and which waits for it.
async fn started(beats: &Path) -> Group {
    let mut command = Command::new("sh");
    let script = "(while :; do echo beat >> \"$0\"; sleep 0.02; done) & wait";
    command.args(["-c", script]).arg(beats).stdin(Stdio::null()).stdout(Stdio::null());
    let group = Group::spawn(command).unwrap();
    while std::fs::read_to_string(beats).unwrap_or_default().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    group
}

/// Whether nobody writes any more, after a moment for a line that was under way.
async fn is_silent(beats: &Path) -> bool {
    tokio::time::sleep(Duration::from_millis(100)).await;
    let length = || std::fs::metadata(beats).unwrap().len();
    let before = length();
    tokio::time::sleep(Duration::from_millis(300)).await;
    before == length()
}

#[tokio::test]
async fn crates_git_rules_a_dropped_group_takes_its_children_along() {
    let directory = tempfile::tempdir().unwrap();
    let beats = directory.path().join("beats");
    let group = started(&beats).await;
    assert!(!is_silent(&beats).await, "it runs until then");
    drop(group);
    assert!(is_silent(&beats).await);
}

#[tokio::test]
async fn crates_git_rules_a_killed_group_ends_and_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let beats = directory.path().join("beats");
    let mut group = started(&beats).await;
    group.kill();
    let status = group.child().wait().await.unwrap();
    assert!(!status.success() && is_silent(&beats).await);
    // Its number may be somebody else's by now.
    group.kill();
}
