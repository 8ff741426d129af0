//! Local copies: shared, kept apart, repaired.

use std::time::Duration;

use kargo_git::{Credentials, Git, GitError, GitSettings, GitVersion, Remote};

use crate::support::{Mood, Repository, Server, fetch_of, query, reader, reader_with};

#[tokio::test]
async fn many_who_want_the_same_make_one_fetch() {
    let origin = Repository::with_commits(3);
    let server = Server::start(origin.root(), Mood::Open).await;
    let (git, remote) = (reader().await, Remote::new(&server.url("repo")).unwrap());
    let what = fetch_of(&git, &remote, &["main"], false).await;
    server.seen();
    let all: Vec<_> = (0..20)
        .map(|_| {
            let (git, remote, what) = (git.git.clone(), remote.clone(), what.clone());
            tokio::spawn(async move { git.fetch(&remote, &what).await })
        })
        .collect();
    for one in all {
        one.await.unwrap().unwrap();
    }
    let posts = server.seen().iter().filter(|(line, _)| line.starts_with("GET")).count();
    assert_eq!(posts, 1, "one greeting, so one fetch");
}

#[tokio::test]
async fn processes_share_a_cache() {
    let origin = Repository::with_commits(3);
    let server = Server::start(origin.root(), Mood::Open).await;
    let cache = tempfile::tempdir().unwrap();
    let settings = || GitSettings::new(cache.path()).oldest(GitVersion::FLOOR);
    // Two readers know nothing of each other, as two processes.
    let (one, two) = (Git::new(settings()).await.unwrap(), Git::new(settings()).await.unwrap());
    let remote = Remote::new(&server.url("repo")).unwrap();
    let what = fetch_of(&one, &remote, &["main"], false).await;
    server.seen();
    let (first, second) = tokio::join!(one.fetch(&remote, &what), two.fetch(&remote, &what));
    assert_eq!((first, second), (Ok(()), Ok(())));
    assert_eq!(server.seen().iter().filter(|(line, _)| line.starts_with("GET")).count(), 1);
    // And after a restart the copy is still there.
    drop((one, two));
    let three = Git::new(settings()).await.unwrap();
    three.fetch(&remote, &what).await.unwrap();
    assert_eq!(server.seen(), []);
}

#[tokio::test]
async fn credentials_do_not_share_copies() {
    let origin = Repository::with_commits(1);
    let server = Server::start(origin.root(), Mood::Open).await;
    let git = reader().await;
    let remote = Remote::new(&server.url("repo")).unwrap();
    let what = fetch_of(&git, &remote, &["main"], false).await;
    let tip = what.branches.get("main").unwrap().clone();
    git.fetch(&remote.clone().with(Credentials::basic("owner", "x")), &what).await.unwrap();
    let error = git.commit(&remote, &tip, false).await.unwrap_err();
    assert!(matches!(error, GitError::NotThere { .. }), "{error}");
    assert!(git.commit(&remote.with(Credentials::basic("owner", "renewed")), &tip, false).await.is_ok());
}

#[tokio::test]
async fn a_damaged_copy_is_made_anew() {
    let origin = Repository::with_commits(4);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let what = fetch_of(&git, &remote, &["main"], false).await;
    let tip = what.branches.get("main").unwrap().to_string();
    git.fetch(&remote, &what).await.unwrap();
    let copy = git.copy();
    let pack = || {
        let packs = std::fs::read_dir(copy.join("objects/pack")).unwrap();
        packs.map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some_and(|e| e == "pack")).unwrap()
    };
    let harms: [&dyn Fn(); 5] = [
        &|| std::fs::remove_file(copy.join("HEAD")).unwrap(),
        &|| std::fs::write(copy.join("config"), "[core\nnonsense").unwrap(),
        &|| std::fs::remove_dir_all(copy.join("refs")).unwrap(),
        &|| std::fs::remove_file(pack()).unwrap(),
        &|| {
            let pack = pack();
            let mut bytes = std::fs::read(&pack).unwrap();
            bytes.iter_mut().skip(12).for_each(|byte| *byte = !*byte);
            std::fs::remove_file(&pack).unwrap();
            std::fs::write(&pack, bytes).unwrap();
        },
    ];
    for (number, harm) in harms.iter().enumerate() {
        harm();
        // Reading may be the one who notices; then it is for the next fetch to repair.
        let read = git.commits(&remote, &query(&tip, 9).paths(true)).await;
        assert!(matches!(read, Err(GitError::NotThere { .. } | GitError::Damaged { .. })), "{number}: {read:?}");
        git.fetch(&remote, &what).await.unwrap();
        let page = git.commits(&remote, &query(&tip, 9).paths(true)).await.unwrap();
        assert_eq!(page.commits.len(), 4, "{number}");
    }
}

#[tokio::test]
async fn what_a_killed_fetch_left_behind_is_no_obstacle() {
    let origin = Repository::with_commits(2);
    let server = Server::start(origin.root(), Mood::Open).await;
    let (git, remote) = (reader().await, Remote::new(&server.url("repo")).unwrap());
    let what = fetch_of(&git, &remote, &["main"], false).await;
    git.fetch(&remote, &what).await.unwrap();
    origin.git(&["reset", "--quiet", "--hard"]);
    let tip = origin.commit(&[("x", "1")], "three");
    let what = fetch_of(&git, &remote, &["main"], false).await;
    server.set(Mood::StallsFetch);
    let fetch = git.fetch(&remote, &what);
    assert!(tokio::time::timeout(Duration::from_millis(700), fetch).await.is_err());
    // Such locks stay when a git is killed in the moment in which it writes.
    std::fs::create_dir_all(git.copy().join("refs/heads")).unwrap();
    for name in ["refs/heads/main.lock", "packed-refs.lock", "config.lock"] {
        std::fs::write(git.copy().join(name), "").unwrap();
    }
    server.set(Mood::Open);
    git.fetch(&remote, &what).await.unwrap();
    assert_eq!(git.commits(&remote, &query(&tip, 9)).await.unwrap().commits.len(), 3);
}

#[tokio::test]
async fn another_process_at_work_is_waited_for_only_so_long() {
    let origin = Repository::with_commits(1);
    let server = Server::start(origin.root(), Mood::StallsFetch).await;
    let cache = tempfile::tempdir().unwrap();
    let settings = || {
        let settings = GitSettings::new(cache.path()).oldest(GitVersion::FLOOR);
        settings.waiting_limit(Duration::from_millis(200))
    };
    let (one, two) = (Git::new(settings()).await.unwrap(), Git::new(settings()).await.unwrap());
    let remote = Remote::new(&server.url("repo")).unwrap();
    let what = fetch_of(&one, &remote, &["main"], false).await;
    let held = tokio::spawn({
        let (remote, what) = (remote.clone(), what.clone());
        async move { one.fetch(&remote, &what).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let error = two.fetch(&remote, &what).await.unwrap_err();
    assert!(matches!(error, GitError::Busy { .. }), "{error}");
    held.abort();
    let _ = held.await;
    server.set(Mood::Open);
    two.fetch(&remote, &what).await.unwrap();
}

#[tokio::test]
async fn many_packs_are_put_together() {
    let origin = Repository::with_commits(1);
    origin.git(&["reset", "--quiet", "--hard"]);
    let (git, remote) = (reader_with(|settings| settings).await, Remote::new(&origin.url()).unwrap());
    let mut tip = String::new();
    for n in 0..45 {
        tip = origin.commit(&[("x", &n.to_string())], "more");
        git.fetch(&remote, &fetch_of(&git, &remote, &["main"], false).await).await.unwrap();
    }
    let packs = std::fs::read_dir(git.copy().join("objects/pack")).unwrap();
    let packs = packs.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "pack")).count();
    assert!(packs <= 41, "{packs}");
    assert_eq!(git.commits(&remote, &query(&tip, 100).paths(true)).await.unwrap().commits.len(), 46);
}
