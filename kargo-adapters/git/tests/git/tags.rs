//! Tags with what is behind them.

use kargo_core::model::Tag;
use kargo_core::port::RefQuery;
use kargo_git::Remote;

use crate::support::{Repository, fetch_of, reader};

#[tokio::test]
async fn discovery_3_4_annotated_and_lightweight_tags() {
    let origin = Repository::new();
    let one = origin.commit(&[("a", "1")], "one");
    origin.git(&["tag", "light"]);
    origin.git(&["tag", "-m", "The release\n\nwith notes", "annotated"]);
    let made = origin.git(&["log", "-1", "--format=%ct"]);
    let two = origin.commit(&[("b", "1")], "two");
    origin.git(&["tag", "-m", "nested", "outer", "annotated"]);
    origin.git(&["tag", "-m", "a file", "blob", &format!("{two}:a")]);
    origin.git(&["tag", "tree", &format!("{two}^{{tree}}")]);

    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let refs = git.ls_remote(&remote, &RefQuery::default().and_tags()).await.unwrap();
    assert_eq!(refs.tags.len(), 5);
    assert_eq!(refs.tags.get("outer").unwrap().target().as_str(), one);
    assert_eq!(refs.tags.get("light").unwrap().object.as_str(), one);
    assert_ne!(refs.tags.get("annotated").unwrap().object.as_str(), one);

    git.fetch(&remote, &fetch_of(&git, &remote, &[], true).await).await.unwrap();
    let names: Vec<Tag> =
        ["outer", "missing", "light", "blob", "annotated", "tree", "-x", "a b"].into_iter().map(Tag::from).collect();
    let tags = git.tags(&remote, &names, true).await.unwrap();
    let seen: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(seen, ["outer", "light", "annotated"]);
    for tag in &tags {
        assert_eq!(tag.commit.id.as_str(), one);
        assert_eq!(tag.commit.paths.as_deref(), Some(&["a".to_owned()][..]));
    }
    let [outer, light, annotated] = tags.as_slice() else { panic!("{tags:?}") };
    assert_eq!(light.annotation, None);
    assert_eq!(light.created, light.commit.committed);
    let annotation = annotated.annotation.as_ref().unwrap();
    assert_eq!(annotation.tagger, "C O Mitter <c@example.com>");
    assert_eq!(annotation.subject, "The release");
    assert!(annotated.created.timestamp() > made.parse().unwrap());
    assert!(outer.created > annotated.created);
    assert_eq!(outer.annotation.as_ref().unwrap().subject, "nested");
}

#[tokio::test]
async fn only_the_tags_asked_for_are_fetched() {
    let origin = Repository::with_commits(2);
    origin.git(&["tag", "v1", "main~1"]);
    origin.git(&["tag", "v2", "main"]);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    let mut what = fetch_of(&git, &remote, &[], true).await;
    what.tags.remove("v2");
    git.fetch(&remote, &what).await.unwrap();
    let tags = git.tags(&remote, &["v2".into(), "v1".into()], false).await.unwrap();
    let seen: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(seen, ["v1"]);
}

#[tokio::test]
async fn a_moved_tag_is_brought_anew() {
    let origin = Repository::with_commits(2);
    origin.git(&["tag", "v1", "main~1"]);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    git.fetch(&remote, &fetch_of(&git, &remote, &[], true).await).await.unwrap();
    origin.git(&["tag", "--force", "v1", "main"]);
    let what = fetch_of(&git, &remote, &[], true).await;
    git.fetch(&remote, &what).await.unwrap();
    let tags = git.tags(&remote, &["v1".into()], false).await.unwrap();
    assert_eq!(tags.first().unwrap().commit.subject, "commit 2");
    // Seen, then moved before the fetch: the caller begins again.
    origin.git(&["tag", "v2", "main~1"]);
    let what = fetch_of(&git, &remote, &[], true).await;
    origin.git(&["tag", "--force", "v2", "main"]);
    let error = git.fetch(&remote, &what).await.unwrap_err();
    assert!(matches!(error, kargo_git::GitError::NotThere { .. }), "{error}");
}

#[tokio::test]
async fn a_tag_without_tagger_and_a_directory_in_place_of_a_tag() {
    let origin = Repository::with_commits(1);
    let head = origin.git(&["rev-parse", "main"]);
    let old = format!("object {head}\ntype commit\ntag v0\n\nno tagger\n");
    let object = origin.git_with(&["hash-object", "-t", "tag", "-w", "--stdin", "--literally"], old.as_bytes());
    origin.git(&["update-ref", "refs/tags/v0", &object]);
    let (git, remote) = (reader().await, Remote::new(&origin.url()).unwrap());
    git.fetch(&remote, &fetch_of(&git, &remote, &[], true).await).await.unwrap();
    let tags = git.tags(&remote, &["v0".into()], false).await.unwrap();
    let annotation = tags.first().unwrap().annotation.clone().unwrap();
    assert_eq!((annotation.tagger.as_str(), annotation.subject.as_str()), ("", "no tagger"));
    // `v0` cannot be a file and a directory at once: the copy is made anew.
    origin.git(&["update-ref", "-d", "refs/tags/v0"]);
    origin.git(&["tag", "v0/1", "main"]);
    git.fetch(&remote, &fetch_of(&git, &remote, &[], true).await).await.unwrap();
    assert_eq!(git.tags(&remote, &["v0/1".into(), "v0".into()], false).await.unwrap().len(), 1);
}
