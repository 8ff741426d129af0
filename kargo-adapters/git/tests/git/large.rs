//! Sizes that real repositories have. Figures are printed, not asserted.

use std::fmt::Write;
use std::time::Instant;

use kargo_core::model::Tag;
use kargo_core::port::{Page, RefQuery};
use kargo_git::Remote;

use crate::support::{Mood, Repository, Server, fetch_of, query, reader};

const TAGS: usize = 41_000;

#[tokio::test]
async fn forty_one_thousand_refs() {
    let origin = Repository::with_commits(1000);
    let mut script = String::new();
    for n in 0..TAGS {
        let target = format!("refs/heads/main~{}", n % 1000);
        if n % 2 == 0 {
            writeln!(script, "reset refs/tags/v{n}.0.0\nfrom {target}\n").unwrap();
        } else {
            writeln!(script, "tag v{n}.0.0\nfrom {target}\ntagger T <t@example.com> 1700000000 +0000\ndata 7\nrelease")
                .unwrap();
        }
    }
    origin.git_with(&["fast-import", "--quiet", "--force"], script.as_bytes());
    origin.git(&["pack-refs", "--all"]);
    let server = Server::start(origin.root(), Mood::Open).await;
    let (git, remote) = (reader().await, Remote::new(&server.url("repo")).unwrap());

    let begun = Instant::now();
    let refs = git.ls_remote(&remote, &RefQuery::default().and_tags()).await.unwrap();
    println!("{TAGS} tags listed in {:?}", begun.elapsed());
    assert_eq!(refs.tags.len(), TAGS);
    assert_eq!(refs.tags.values().filter(|tag| tag.peeled.is_some()).count(), TAGS / 2);

    let begun = Instant::now();
    let refs = git.ls_remote(&remote, &RefQuery::default().branch("main")).await.unwrap();
    println!("one branch among them listed in {:?}", begun.elapsed());
    assert_eq!(refs.branches.len(), 1);

    let mut few = fetch_of(&git, &remote, &["main"], true).await;
    let names: Vec<Tag> = few.tags.keys().cloned().collect();
    let all = few.clone();
    few.tags.retain(|name, _| name.ends_with("7.0.0") && name.len() == 8);
    let begun = Instant::now();
    git.fetch(&remote, &few).await.unwrap();
    println!("{} tags fetched in {:?}", few.tags.len(), begun.elapsed());
    let some: Vec<Tag> = few.tags.keys().cloned().collect();
    let begun = Instant::now();
    assert_eq!(git.tags(&remote, &some, true).await.unwrap().len(), some.len());
    println!("{} tags read with paths in {:?}", some.len(), begun.elapsed());

    let begun = Instant::now();
    git.fetch(&remote, &all).await.unwrap();
    println!("{TAGS} tags fetched in {:?}", begun.elapsed());
    let begun = Instant::now();
    git.fetch(&remote, &all).await.unwrap();
    println!("{TAGS} tags found to be there in {:?}", begun.elapsed());
    let begun = Instant::now();
    assert_eq!(git.tags(&remote, &names, false).await.unwrap().len(), TAGS);
    println!("{TAGS} tags read in {:?}", begun.elapsed());
}

#[tokio::test]
async fn two_thousand_commits_with_paths() {
    let origin = Repository::with_commits(2000);
    let server = Server::start(origin.root(), Mood::Open).await;
    let (git, remote) = (reader().await, Remote::new(&server.url("repo")).unwrap());
    let what = fetch_of(&git, &remote, &["main"], false).await;
    let begun = Instant::now();
    git.fetch(&remote, &what).await.unwrap();
    println!("2,000 commits fetched in {:?}", begun.elapsed());
    let tip = what.branches.get("main").unwrap().to_string();
    for paths in [false, true] {
        for size in [2000, 100] {
            let begun = Instant::now();
            let (mut count, mut changed, mut page) = (0, 0, Page::first());
            loop {
                let found = git.commits(&remote, &query(&tip, size).paths(paths).page(page)).await.unwrap();
                count += found.commits.len();
                changed += found.commits.iter().filter_map(|commit| commit.paths.as_ref()).map(Vec::len).sum::<usize>();
                let Some(next) = found.next else { break };
                page = Page::at(next);
            }
            println!("2,000 commits in pages of {size}, paths: {paths}: {:?}", begun.elapsed());
            assert_eq!((count, changed), (2000, if paths { 2000 } else { 0 }));
        }
    }
}
