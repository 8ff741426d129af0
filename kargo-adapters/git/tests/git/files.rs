//! Histories over `file:`: first-parent lines, pages, paths, and what happens when refs move.

use kargo_core::port::{Fetch, Page, RefQuery};
use kargo_git::{GitError, Remote};

use crate::support::{Repository, fetch_of, query, reader};

#[tokio::test]
async fn discovery_3_5_commits_come_newest_first_in_pages_along_the_first_parents() {
    let origin = Repository::with_commits(7);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let what = fetch_of(&git, &remote, &["main"], false).await;
    let tip = what.branches.get("main").unwrap().to_string();
    git.fetch(&remote, &what).await.unwrap();
    let mut subjects = Vec::new();
    let mut sizes = Vec::new();
    let mut page = Page::first();
    loop {
        let found = git.commits(&remote, &query(&tip, 3).page(page)).await.unwrap();
        sizes.push(found.commits.len());
        subjects.extend(found.commits.into_iter().map(|commit| commit.subject));
        let Some(next) = found.next else { break };
        page = Page::at(next);
    }
    assert_eq!(sizes, [3, 3, 1]);
    assert_eq!(subjects, ["commit 7", "commit 6", "commit 5", "commit 4", "commit 3", "commit 2", "commit 1"]);
}

#[tokio::test]
async fn discovery_3_6_what_is_recorded_of_a_commit() {
    let origin = Repository::new();
    let id = origin.commit(&[("a", "1")], "Fix the\nsecond line of the subject\n\nand a body");
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    let commit = git.commit(&remote, &id.parse().unwrap(), false).await.unwrap();
    assert_eq!(commit.id.as_str(), id);
    assert_eq!(commit.author, "A U Thor <a@example.com>");
    assert_eq!(commit.committer, "C O Mitter <c@example.com>");
    // As the reference records it: the first paragraph on one line.
    assert_eq!(commit.subject, "Fix the second line of the subject");
    assert_eq!(commit.committed.to_rfc3339(), origin.git(&["log", "-1", "--format=%cI"]));
    assert_eq!(commit.paths, None);
}

#[tokio::test]
async fn discovery_3_7_changed_paths() {
    let origin = Repository::new();
    let root = origin.commit(&[("a", "1"), ("d/é.yaml", "2")], "root");
    origin.git(&["mv", "a", "b"]);
    let rename = origin.commit(&[], "rename");
    origin.git(&["checkout", "--quiet", "-b", "side", &root]);
    origin.commit(&[("side/x", "1")], "side one");
    origin.commit(&[("side/y", "1")], "side two");
    origin.git(&["checkout", "--quiet", "main"]);
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    let merge = origin.git(&["rev-parse", "HEAD"]);
    let empty = origin.commit(&[], "");
    let mode = {
        origin.git(&["update-index", "--chmod=+x", "b"]);
        origin.git(&["commit", "--quiet", "-m", "mode"]);
        origin.git(&["rev-parse", "HEAD"])
    };
    origin.git(&["rm", "--quiet", "--force", "b"]);
    let removed = origin.commit(&[], "removed");

    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    let page = git.commits(&remote, &query(&removed, 10).paths(true)).await.unwrap();
    let seen: Vec<(String, Vec<String>)> =
        page.commits.iter().map(|commit| (commit.id.to_string(), commit.paths.clone().unwrap())).collect();
    let expected = [
        (&removed, vec!["b"]),
        (&mode, vec!["b"]),
        (&empty, vec![]),
        (&merge, vec!["side/x", "side/y"]),
        (&rename, vec!["a", "b"]),
        (&root, vec!["a", r#""d/\303\251.yaml""#]),
    ];
    let expected: Vec<(String, Vec<String>)> =
        expected.into_iter().map(|(id, paths)| (id.clone(), paths.into_iter().map(str::to_owned).collect())).collect();
    assert_eq!(seen, expected);
    // The same as the reference's command says, commit by commit.
    for (id, paths) in &seen {
        let shown = origin.git(&["show", "--pretty=", "--name-status", "--no-renames", "--first-parent", id]);
        let shown: Vec<&str> = shown.lines().filter_map(|line| line.split_once('\t')).map(|(_, path)| path).collect();
        assert_eq!(*paths, shown, "{id}");
    }
    let alone = git.commit(&remote, &merge.parse().unwrap(), true).await.unwrap();
    assert_eq!(alone.paths.unwrap(), ["side/x", "side/y"]);
}

#[tokio::test]
async fn since_ends_the_line_before_the_first_older_commit() {
    let origin = Repository::with_commits(5);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let what = fetch_of(&git, &remote, &["main"], false).await;
    let tip = what.branches.get("main").unwrap().to_string();
    git.fetch(&remote, &what).await.unwrap();
    let third = kargo_core::model::Timestamp::from_timestamp(1_700_000_000 + 3 * 60, 0).unwrap();
    let page = git.commits(&remote, &query(&tip, 10).since(Some(third))).await.unwrap();
    assert_eq!((page.commits.len(), page.next), (3, None));
    let page = git.commits(&remote, &query(&tip, 2).since(Some(third))).await.unwrap();
    let rest =
        git.commits(&remote, &query(&tip, 2).since(Some(third)).page(Page::at(page.next.unwrap()))).await.unwrap();
    assert_eq!((page.commits.len(), rest.commits.len(), rest.next), (2, 1, None));
}

#[tokio::test]
async fn the_default_branch_is_read_without_a_name() {
    let origin = Repository::new();
    origin.git(&["checkout", "--quiet", "-b", "trunk"]);
    let id = origin.commit(&[("a", "1")], "one");
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let refs = git.ls_remote(&remote, &RefQuery::default().and_head().branch("trunk")).await.unwrap();
    assert_eq!(refs.head.as_ref(), refs.branches.get("trunk"));
    let mut what = Fetch::default();
    what.branches.insert("HEAD".to_owned(), refs.head.unwrap());
    git.fetch(&remote, &what).await.unwrap();
    assert_eq!(git.commits(&remote, &query(&id, 1)).await.unwrap().commits.len(), 1);
}

#[tokio::test]
async fn a_branch_that_moved_on_still_has_what_was_seen() {
    let origin = Repository::with_commits(2);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let seen = fetch_of(&git, &remote, &["main"], false).await;
    origin.git(&["reset", "--quiet", "--hard"]);
    let newer = origin.commit(&[("new", "1")], "newer");
    git.fetch(&remote, &seen).await.unwrap();
    let old = seen.branches.get("main").unwrap();
    assert_eq!(git.commits(&remote, &query(old.as_str(), 5)).await.unwrap().commits.len(), 2);
    // Both are there now, so neither asks the remote again: it could not even answer.
    let again = fetch_of(&git, &remote, &["main"], false).await;
    std::fs::rename(origin.path(), origin.root().join("gone")).unwrap();
    git.fetch(&remote, &seen).await.unwrap();
    git.fetch(&remote, &again).await.unwrap();
    assert_eq!(git.commits(&remote, &query(&newer, 5)).await.unwrap().commits.len(), 3);
}

#[tokio::test]
async fn a_force_push_is_followed_and_what_it_threw_away_is_not_there() {
    let origin = Repository::with_commits(3);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let seen = fetch_of(&git, &remote, &["main"], false).await;
    origin.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    let other = origin.commit(&[("other", "1")], "another history");
    let error = git.fetch(&remote, &seen).await.unwrap_err();
    assert!(
        matches!(&error, GitError::NotThere { what, .. } if what.contains("history of refs/heads/main")),
        "{error}"
    );
    let again = fetch_of(&git, &remote, &["main"], false).await;
    git.fetch(&remote, &again).await.unwrap();
    let page = git.commits(&remote, &query(&other, 9)).await.unwrap();
    let subjects: Vec<&str> = page.commits.iter().map(|commit| commit.subject.as_str()).collect();
    assert_eq!(subjects, ["another history", "commit 1"]);
    let old = seen.branches.get("main").unwrap();
    let error = git.commits(&remote, &query(old.as_str(), 1)).await.unwrap_err();
    assert!(matches!(error, GitError::NotThere { .. }), "{error}");
}

#[tokio::test]
async fn a_deleted_branch_is_not_there() {
    let origin = Repository::with_commits(1);
    origin.git(&["branch", "doomed"]);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let seen = fetch_of(&git, &remote, &["doomed"], false).await;
    assert_eq!(seen.branches.len(), 1);
    origin.git(&["branch", "--quiet", "-D", "doomed"]);
    let error = git.fetch(&remote, &seen).await.unwrap_err();
    assert!(matches!(&error, GitError::NotThere { what, .. } if what == "ref refs/heads/doomed"), "{error}");
    assert!(fetch_of(&git, &remote, &["doomed"], false).await.branches.is_empty());
}

#[tokio::test]
async fn an_empty_repository_has_no_refs() {
    let origin = Repository::new();
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let refs = git.ls_remote(&remote, &RefQuery::default().and_head().branch("main").and_tags()).await.unwrap();
    assert_eq!((refs.head, refs.branches.len(), refs.tags.len()), (None, 0, 0));
    assert_eq!(git.fetch(&remote, &Fetch::default()).await, Ok(()));
}

#[tokio::test]
async fn what_is_no_repository_says_so() {
    let home = tempfile::tempdir().unwrap();
    let git = reader().await;
    for path in [home.path().display().to_string(), home.path().join("missing").display().to_string()] {
        let remote = Remote::new(&format!("file://{path}")).unwrap();
        let error = git.ls_remote(&remote, &RefQuery::default().and_head()).await.unwrap_err();
        assert!(matches!(error, GitError::NoRepository { .. }), "{error}");
    }
}

#[tokio::test]
async fn sha256_repositories_are_read() {
    let home = tempfile::tempdir().unwrap();
    let origin = Repository::new();
    std::fs::remove_dir_all(origin.path()).unwrap();
    std::fs::create_dir(origin.path()).unwrap();
    origin.git(&["init", "--quiet", "--object-format=sha256", "--initial-branch=main", "."]);
    let id = origin.commit(&[("a", "1")], "one");
    assert_eq!(id.len(), 64);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    assert_eq!(git.commits(&remote, &query(&id, 1).paths(true)).await.unwrap().commits.len(), 1);
    drop(home);
}

#[tokio::test]
async fn reading_before_fetching_is_not_there() {
    let (git, remote) = (reader().await, Remote::new("file:///nowhere/at/all").unwrap());
    let error = git.commits(&remote, &query(&"a".repeat(40), 1)).await.unwrap_err();
    assert!(matches!(error, GitError::NotThere { .. }), "{error}");
    assert!(git.tags(&remote, &["v1".into()], true).await.unwrap().is_empty());
}
