//! Names, commits and servers that mean harm.

use kargo_core::port::{Fetch, RefQuery};
use kargo_git::{GitError, Remote};

use crate::support::{Repository, fetch_of, query, reader};

#[tokio::test]
async fn hostile_names_never_reach_git() {
    let origin = Repository::with_commits(1);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let proof = origin.root().join("pwned");
    let id: kargo_core::port::ObjectId = origin.git(&["rev-parse", "main"]).parse().unwrap();
    for name in [
        &format!("--upload-pack=touch {}", proof.display()),
        "-x",
        "main:refs/heads/other",
        "main\nrefs/heads/other",
        "../../../etc/passwd",
        "*",
        "a..b",
        "",
        "HEAD~1",
        "refs/heads/x y",
    ] {
        let error = git.ls_remote(&remote, &RefQuery::default().branch(name)).await.unwrap_err();
        assert!(matches!(error, GitError::RefName { .. }), "{name}: {error}");
        let mut what = Fetch::default();
        what.branches.insert(name.to_owned(), id.clone());
        assert!(matches!(git.fetch(&remote, &what).await, Err(GitError::RefName { .. })), "{name}");
        let mut what = Fetch::default();
        what.tags.insert(name.into(), id.clone());
        assert!(matches!(git.fetch(&remote, &what).await, Err(GitError::RefName { .. })), "{name}");
    }
    assert!(!proof.exists());
}

#[tokio::test]
async fn strange_but_lawful_names_work() {
    let origin = Repository::with_commits(1);
    let names = [
        "$(touch x)".replace(' ', "_"),
        "a'b\"c;d&e|f".to_owned(),
        "é/ü".to_owned(),
        "%00".to_owned(),
        "x/-y".to_owned(),
    ];
    for name in &names {
        origin.git(&["update-ref", &format!("refs/heads/{name}"), "main"]);
        origin.git(&["update-ref", &format!("refs/tags/{name}"), "main"]);
    }
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let what = fetch_of(&git, &remote, &names, true).await;
    assert_eq!((what.branches.len(), what.tags.len()), (names.len(), names.len()));
    git.fetch(&remote, &what).await.unwrap();
    let tags: Vec<_> = names.iter().map(|name| (*name).into()).collect();
    assert_eq!(git.tags(&remote, &tags, false).await.unwrap().len(), names.len());
}

#[tokio::test]
async fn a_branch_whose_name_ends_like_another_is_not_taken_for_it() {
    let origin = Repository::with_commits(2);
    origin.git(&["update-ref", "refs/heads/x/refs/heads/main", "main~1"]);
    origin.git(&["update-ref", "refs/heads/HEAD", "main~1"]);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let refs = git.ls_remote(&remote, &RefQuery::default().branch("main").and_head()).await.unwrap();
    let main = origin.git(&["rev-parse", "main"]);
    assert_eq!(refs.branches.len(), 1);
    assert_eq!(refs.branches.get("main").unwrap().as_str(), main);
    assert_eq!(refs.head.unwrap().as_str(), main);
}

#[tokio::test]
async fn commits_with_odd_texts_and_dates_are_read() {
    let origin = Repository::with_commits(1);
    let tree = origin.git(&["rev-parse", "main^{tree}"]);
    let parent = origin.git(&["rev-parse", "main"]);
    let mut raw = format!("tree {tree}\nparent {parent}\n").into_bytes();
    raw.extend_from_slice(b"author \x01\x1b[31m \xff <> 99999999999999999999 +9999\n");
    raw.extend_from_slice(b"committer C <c> -5 nonsense\n\n\xfe\xff subject\x02\n");
    let id = origin.git_with(&["hash-object", "-t", "commit", "-w", "--stdin", "--literally"], &raw);
    origin.git(&["update-ref", "refs/heads/main", &id]);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    let page = git.commits(&remote, &query(&id, 5).paths(true)).await.unwrap();
    assert_eq!(page.commits.len(), 2);
    let commit = page.commits.first().unwrap();
    assert!(commit.subject.contains("subject"), "{commit:?}");
    assert!(commit.author.contains('\u{fffd}'), "{commit:?}");
    assert_eq!(commit.committed.timestamp(), 0);
    assert_eq!(commit.paths.as_deref(), Some(&[][..]));
}

#[tokio::test]
async fn hooks_and_configuration_of_a_served_repository_do_nothing() {
    let origin = Repository::with_commits(1);
    let proof = origin.root().join("pwned");
    let hook = format!("#!/bin/sh\ntouch '{}'\n", proof.display());
    for name in ["post-checkout", "reference-transaction", "pre-receive", "update", "fsmonitor-watchman"] {
        let file = origin.path().join(".git/hooks").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &hook).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let touch = format!("touch '{}'", proof.display());
    for key in ["core.sshCommand", "uploadpack.packObjectsHook", "core.fsmonitor", "core.pager"] {
        origin.git(&["config", key, &touch]);
    }
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    git.fetch(&remote, &fetch_of(&git, &remote, &["main"], true).await).await.unwrap();
    assert!(!proof.exists());
}
