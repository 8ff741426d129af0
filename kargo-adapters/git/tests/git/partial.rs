//! Copies without file contents, and servers that do not serve them.

use kargo_git::Remote;

use crate::support::{Mood, Repository, Server, fetch_of, query, reader, reader_with};

/// How many objects of a kind a copy has.
fn count(copy: &std::path::Path, kind: &str) -> usize {
    let output = std::process::Command::new("git")
        .args(["cat-file", "--batch-check=%(objecttype)", "--batch-all-objects"])
        .env("GIT_DIR", copy)
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().filter(|line| *line == kind).count()
}

#[tokio::test]
async fn contents_stay_with_a_server_that_can_leave_them_out() {
    let origin = Repository::with_commits(5);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let server = Server::start(origin.root(), Mood::Open).await;
    let (git, remote) = (reader().await, Remote::new(&server.url("repo")).unwrap());
    let what = fetch_of(&git, &remote, &["main"], false).await;
    git.fetch(&remote, &what).await.unwrap();
    assert_eq!((count(&git.copy(), "blob"), count(&git.copy(), "commit")), (0, 5));
    // A later fetch builds on it, and paths need no contents.
    origin.git(&["reset", "--quiet", "--hard"]);
    let tip = origin.commit(&[("dir1/file", "changed\n")], "six");
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    server.seen();
    let page = git.commits(&remote, &query(&tip, 10).paths(true)).await.unwrap();
    assert_eq!(page.commits.len(), 6);
    assert_eq!(page.commits.first().unwrap().paths.as_deref(), Some(&["dir1/file".to_owned()][..]));
    assert_eq!(server.seen(), []);
    assert_eq!(count(&git.copy(), "blob"), 0);
}

#[tokio::test]
async fn a_server_that_refuses_the_filter_is_read_whole() {
    let origin = Repository::with_commits(5);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    origin.git(&["config", "uploadpackfilter.allow", "false"]);
    let server = Server::start(origin.root(), Mood::Open).await;
    let (git, remote) = (reader().await, Remote::new(&server.url("repo")).unwrap());
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    assert_eq!(count(&git.copy(), "blob"), 5);
    // It is remembered: the next fetch does not try the filter again.
    origin.git(&["reset", "--quiet", "--hard"]);
    let tip = origin.commit(&[("x", "1")], "six");
    let what = fetch_of(&git, &remote, &["main"], false).await;
    server.seen();
    git.fetch(&remote, &what).await.unwrap();
    let fetches = server.seen().len();
    assert!(fetches <= 4, "{fetches}");
    assert_eq!(git.commits(&remote, &query(&tip, 10).paths(true)).await.unwrap().commits.len(), 6);
}

#[tokio::test]
async fn a_server_that_knows_no_filter_is_read_whole() {
    let origin = Repository::with_commits(3);
    let server = Server::start(origin.root(), Mood::Open).await;
    let (git, remote) = (reader().await, Remote::new(&server.url("repo")).unwrap());
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    assert_eq!(count(&git.copy(), "blob"), 3);
}

#[tokio::test]
async fn a_copy_has_contents_when_nobody_asks_to_leave_them_out() {
    let origin = Repository::with_commits(3);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let remote = Remote::new(&origin.url()).unwrap();
    for (blobless, blobs) in [(false, 3), (true, 0)] {
        let git = reader_with(|settings| settings.blobless(false)).await;
        let mut what = fetch_of(&git, &remote, &["main"], false).await;
        what.blobless = blobless;
        git.fetch(&remote, &what).await.unwrap();
        assert_eq!(count(&git.copy(), "blob"), blobs);
    }
}
