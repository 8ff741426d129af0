//! The contract of [`GitHost`].

use std::sync::Arc;

use async_trait::async_trait;
use kargo_core::port::{GitHost, GitRepo, ObjectId};

use super::Cannot;

/// How to make history in a repository, so that an adapter can be asked for it.
#[async_trait]
pub trait GitRig: Sized + Send + Sync {
    /// An empty repository of its own for one test; its default branch is `main`.
    async fn start() -> Self;

    /// The adapter under test.
    fn host(&self) -> Arc<dyn GitHost>;

    /// The repository.
    fn repo(&self) -> GitRepo;

    /// A repository beside it that does not exist.
    fn missing(&self) -> GitRepo;

    /// A new commit at the end of a branch, by `Dana <dana@acme.example>`, that changes these files, and pushes it. A branch that is not there
    /// begins with it, without parent. Files are raw paths below the root.
    async fn commit(&self, branch: &str, subject: &str, files: &[&str]) -> ObjectId;

    /// A tag at a commit, annotated by `Priya <priya@acme.example>` if there is a message, pushed.
    async fn tag(&self, name: &str, target: &ObjectId, message: Option<&str>);

    /// A merge commit: the first parent is the end of the branch, the second another commit, which brought these files.
    async fn merge(
        &self,
        _branch: &str,
        _other: &ObjectId,
        _subject: &str,
        _files: &[&str],
    ) -> Result<ObjectId, Cannot> {
        Err(Cannot)
    }

    /// Sets a branch to a commit that was pushed before, by force.
    async fn force(&self, _branch: &str, _id: &ObjectId) -> Result<(), Cannot> {
        Err(Cannot)
    }

    /// From now on the remote does not answer, or does again.
    async fn hang(&self, _hangs: bool) -> Result<(), Cannot> {
        Err(Cannot)
    }
}

/// The checks, one for each test. Each panics with the sentence of the contract that is broken.
pub mod git_checks {
    use std::{collections::BTreeSet, num::NonZeroU32};

    use futures::future::join_all;
    use kargo_core::{
        Tag,
        port::{Commit, CommitQuery, Fetch, ObjectId, Page, PortClass, RefQuery, RemoteRefs, TagInfo},
    };

    use super::GitRig;
    use crate::conformance::part::{assert_class, broken, partly, value};

    fn all() -> RefQuery {
        RefQuery::default().branch("main").branch("next").and_head().and_tags()
    }

    async fn refs<R: GitRig>(rig: &R) -> RemoteRefs {
        value("GitHost::refs", rig.host().refs(&rig.repo(), &all()).await)
    }

    fn everything(refs: &RemoteRefs) -> Fetch {
        let mut fetch = Fetch::default();
        fetch.branches = refs.branches.clone();
        fetch.tags = refs.tags.iter().map(|(name, tag)| (name.clone(), tag.object.clone())).collect();
        fetch
    }

    async fn fetched<R: GitRig>(rig: &R) -> RemoteRefs {
        let refs = refs(rig).await;
        value("GitHost::fetch", rig.host().fetch(&rig.repo(), &everything(&refs)).await);
        refs
    }

    async fn line<R: GitRig>(rig: &R, tip: &ObjectId, limit: u32, paths: bool) -> Vec<Commit> {
        let limit = NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN);
        let (mut commits, mut page) = (Vec::new(), Page::first());
        loop {
            let query = CommitQuery::from_tip(tip.clone(), limit).paths(paths).page(page);
            let answer = value("GitHost::commits", rig.host().commits(&rig.repo(), &query).await);
            assert!(
                answer.commits.len() <= limit.get() as usize,
                "contract (GitHost::commits): a page has at most `limit`"
            );
            commits.extend(answer.commits);
            assert!(commits.len() < 10_000, "contract (GitHost::commits): the walk ends");
            match answer.next {
                Some(next) => page = Page::at(next),
                None => return commits,
            }
        }
    }

    fn subjects(commits: &[Commit]) -> Vec<&str> {
        commits.iter().map(|commit| commit.subject.as_str()).collect()
    }

    /// Branches, the default branch, tags; and nothing that was not asked for has to come.
    pub async fn refs_are_those_that_were_asked_for<R: GitRig>() {
        let rig = R::start().await;
        let one = rig.commit("main", "one", &["a"]).await;
        let two = rig.commit("next", "two", &["b"]).await;
        rig.tag("v1.0.0", &one, None).await;
        let refs = refs(&rig).await;
        assert_eq!(refs.head.as_ref(), Some(&one), "contract (GitHost::refs): HEAD is the end of the default branch");
        assert_eq!((refs.branches.get("main"), refs.branches.get("next")), (Some(&one), Some(&two)));
        assert_eq!(refs.tags.get("v1.0.0").map(|tag| &tag.object), Some(&one));
        let only = rig.host().refs(&rig.repo(), &RefQuery::default().branch("next")).await;
        let only = value("GitHost::refs", only);
        assert_eq!(only.branches.get("next"), Some(&two));
        assert!(only.tags.is_empty(), "contract (GitHost::refs): tags cost much, and come only if asked for");
    }

    /// No error, no entry.
    pub async fn refs_that_are_not_there_are_left_out<R: GitRig>() {
        let rig = R::start().await;
        rig.commit("main", "one", &["a"]).await;
        let query = RefQuery::default().branch("mai").branch("never-pushed");
        let refs = value("GitHost::refs", rig.host().refs(&rig.repo(), &query).await);
        let known: Vec<_> = refs.branches.keys().filter(|name| query.branches.contains(*name)).collect();
        assert!(known.is_empty(), "contract (GitHost::refs): a branch is named in full; got {known:?}");
    }

    /// `NotFound`, with host and request.
    pub async fn a_repository_that_is_not_there_is_not_found<R: GitRig>() {
        let rig = R::start().await;
        let (host, missing) = (rig.host(), rig.missing());
        assert_class("GitHost::refs", host.refs(&missing, &all()).await, "NotFound");
        let id = rig.commit("main", "one", &["a"]).await;
        let mut fetch = Fetch::default();
        fetch.branches.insert("main".to_owned(), id);
        assert_class("GitHost::fetch", host.fetch(&missing, &fetch).await, "NotFound");
    }

    /// Newest first, each once.
    pub async fn commits_come_newest_first_each_once_across_pages<R: GitRig>() {
        let rig = R::start().await;
        let names: Vec<_> = (0..7).map(|n| format!("commit {n}")).collect();
        for name in &names {
            rig.commit("main", name, &[name]).await;
        }
        let refs = fetched(&rig).await;
        let mut expected: Vec<_> = names.iter().map(String::as_str).collect();
        expected.reverse();
        for limit in [1, 2, 3, 7, 100] {
            let commits = line(&rig, &refs.branches["main"], limit, false).await;
            assert_eq!(subjects(&commits), expected, "contract (GitHost::commits): pages of {limit}");
        }
    }

    /// Subject, people, time.
    pub async fn a_commit_tells_its_subject_people_and_time<R: GitRig>() {
        let rig = R::start().await;
        let subject = format!("fix: coupons, é and \"quotes\" {}", "x".repeat(100));
        let id = rig.commit("main", &subject, &["a"]).await;
        fetched(&rig).await;
        let commit = value("GitHost::commit", rig.host().commit(&rig.repo(), &id, false).await);
        assert_eq!(commit.subject, subject, "contract (Commit::subject): the first line, whole");
        assert_eq!(
            (commit.author.as_str(), commit.committer.as_str()),
            ("Dana <dana@acme.example>", "Dana <dana@acme.example>")
        );
        assert_eq!((commit.id, commit.paths), (id, None));
        assert!(commit.committed.timestamp() > 0);
    }

    /// Changed paths as git spells them.
    pub async fn paths_are_told_when_asked_in_gits_spelling<R: GitRig>() {
        let rig = R::start().await;
        rig.commit("main", "root", &["a", "charts/cart/values.yaml"]).await;
        rig.commit("main", "special", &["dir/é.yaml", "b c"]).await;
        let refs = fetched(&rig).await;
        let commits = line(&rig, &refs.branches["main"], 10, true).await;
        let paths: Vec<BTreeSet<String>> =
            commits.iter().map(|commit| commit.paths.clone().unwrap_or_default().into_iter().collect()).collect();
        let expected = [vec![r#""dir/\303\251.yaml""#, "b c"], vec!["a", "charts/cart/values.yaml"]];
        let expected = expected.map(|paths| paths.into_iter().map(str::to_owned).collect::<BTreeSet<_>>());
        assert_eq!(
            paths, expected,
            "contract (Commit::paths): a root commit changes every file; special bytes are quoted"
        );
    }

    /// A copy knows what was fetched.
    pub async fn what_was_not_fetched_is_not_found<R: GitRig>() {
        let rig = R::start().await;
        rig.commit("main", "one", &["a"]).await;
        fetched(&rig).await;
        let never: Result<ObjectId, _> = "0123456789012345678901234567890123456789".parse();
        let Ok(never) = never else { return };
        let query = CommitQuery::from_tip(never.clone(), NonZeroU32::MIN);
        assert_class("GitHost::commits", rig.host().commits(&rig.repo(), &query).await, "NotFound");
        assert_class("GitHost::commit", rig.host().commit(&rig.repo(), &never, false).await, "NotFound");
    }

    /// The copy follows.
    pub async fn a_second_fetch_brings_what_is_new<R: GitRig>() {
        let rig = R::start().await;
        rig.commit("main", "one", &["a"]).await;
        fetched(&rig).await;
        rig.commit("main", "two", &["a"]).await;
        rig.commit("next", "three", &["a"]).await;
        let refs = fetched(&rig).await;
        assert_eq!(subjects(&line(&rig, &refs.branches["main"], 10, false).await), ["two", "one"]);
        assert_eq!(subjects(&line(&rig, &refs.branches["next"], 10, false).await), ["three"]);
        fetched(&rig).await;
    }

    /// What is pushed meanwhile does not mix in.
    pub async fn what_was_seen_is_what_is_read<R: GitRig>() {
        let rig = R::start().await;
        rig.commit("main", "one", &["a"]).await;
        let seen = refs(&rig).await;
        rig.commit("main", "two", &["a"]).await;
        value("GitHost::fetch", rig.host().fetch(&rig.repo(), &everything(&seen)).await);
        let commits = line(&rig, &seen.branches["main"], 10, false).await;
        assert_eq!(subjects(&commits), ["one"], "contract (GitHost): ids, not names, connect the calls");
    }

    /// As git's `--since`.
    pub async fn since_ends_the_line<R: GitRig>() {
        let rig = R::start().await;
        let tip = rig.commit("main", "one", &["a"]).await;
        fetched(&rig).await;
        let made = value("GitHost::commit", rig.host().commit(&rig.repo(), &tip, false).await).committed.to_utc();
        let hour = kargo_core::model::Duration::from_secs(3_600).to_delta();
        for (since, count) in [(made - hour, 1), (made, 1), (made + hour, 0)] {
            let query = CommitQuery::from_tip(tip.clone(), NonZeroU32::MIN).since(Some(since));
            let page = value("GitHost::commits", rig.host().commits(&rig.repo(), &query).await);
            assert_eq!(page.commits.len(), count, "contract (CommitQuery::since): from {since}, committed {made}");
        }
    }

    /// Both kinds of tags.
    pub async fn tags_light_and_annotated<R: GitRig>() {
        let rig = R::start().await;
        let one = rig.commit("main", "one", &["a"]).await;
        let two = rig.commit("main", "two", &["b"]).await;
        rig.tag("v1", &one, None).await;
        rig.tag("v2", &two, Some("second release")).await;
        let refs = fetched(&rig).await;
        assert_ne!(refs.tags["v2"].object, two, "contract (TagRef::object): an annotated tag's own id");
        let names: Vec<Tag> = refs.tags.keys().cloned().collect();
        let tags = value("GitHost::tags", rig.host().tags(&rig.repo(), &names, true).await);
        let [light, annotated]: [TagInfo; 2] = match tags.try_into() {
            Ok(both) => both,
            Err(other) => broken(&format!("(GitHost::tags): both tags; got {other:?}")),
        };
        assert_eq!((&light.commit.id, &light.annotation, light.created), (&one, &None, light.commit.committed));
        assert_eq!(annotated.commit.id, two, "contract (TagInfo::commit): the commit that it points at in the end");
        let says = annotated.annotation.map(|says| (says.tagger, says.subject));
        assert_eq!(says, Some(("Priya <priya@acme.example>".to_owned(), "second release".to_owned())));
        assert_eq!(annotated.commit.paths, Some(vec!["b".to_owned()]));
    }

    /// The order of the question.
    pub async fn tags_come_in_the_order_of_their_names_without_the_unknown<R: GitRig>() {
        let rig = R::start().await;
        let one = rig.commit("main", "one", &["a"]).await;
        for name in ["a", "b", "c"] {
            rig.tag(name, &one, None).await;
        }
        fetched(&rig).await;
        let names = ["c", "never", "a"].map(Tag::from);
        let tags = value("GitHost::tags", rig.host().tags(&rig.repo(), &names, false).await);
        assert_eq!(tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["c", "a"]);
    }

    /// Fetches take turns, reading goes on.
    pub async fn calls_side_by_side_do_not_disturb_each_other<R: GitRig>() {
        let rig = R::start().await;
        let tip = rig.commit("main", "one", &["a"]).await;
        let refs = refs(&rig).await;
        let (host, repo, fetch) = (rig.host(), rig.repo(), everything(&refs));
        for answer in join_all((0..4).map(|_| host.fetch(&repo, &fetch))).await {
            value("GitHost::fetch, side by side", answer);
        }
        for answer in join_all((0..8).map(|_| host.commit(&repo, &tip, true))).await {
            assert_eq!(value("GitHost::commit", answer).id, tip);
        }
    }

    /// Dropping a future midway is harmless.
    pub async fn dropping_the_future_midway_is_harmless<R: GitRig>() {
        let rig = R::start().await;
        let (host, repo) = (rig.host(), rig.repo());
        for polls in [1, 2, 3, 5, 10, 100] {
            let tip = rig.commit("main", "more", &["a"]).await;
            partly(host.refs(&repo, &all()), polls).await;
            let refs = refs(&rig).await;
            partly(host.fetch(&repo, &everything(&refs)), polls).await;
            fetched(&rig).await;
            let query = CommitQuery::from_tip(tip.clone(), NonZeroU32::MIN);
            partly(host.commits(&repo, &query), polls).await;
            assert_eq!(line(&rig, &tip, 100, false).await.first().map(|commit| &commit.id), Some(&tip));
        }
    }

    /// An account is a name that stays.
    pub async fn the_account_of_a_repository_stays<R: GitRig>() {
        let rig = R::start().await;
        rig.commit("main", "one", &["a"]).await;
        let account = rig.host().account(&rig.repo());
        assert_eq!(
            account.host(),
            rig.repo().host(),
            "contract (GitHost::account): it is an account at the repository's host"
        );
        fetched(&rig).await;
        assert_eq!(rig.host().account(&rig.repo()), account);
    }

    /// What the rig can and what the macro was told agree.
    pub async fn what_the_rig_can_is_declared<R: GitRig>(told: &[&str]) {
        let rig = R::start().await;
        let one = rig.commit("main", "one", &["a"]).await;
        let other = rig.commit("next", "other", &["b"]).await;
        let can = [
            ("merge", rig.merge("main", &other, "merge", &["b"]).await.is_ok()),
            ("force", rig.force("main", &one).await.is_ok()),
            ("hang", rig.hang(false).await.is_ok()),
        ];
        let can: BTreeSet<_> = can.into_iter().filter(|(_, can)| *can).map(|(name, _)| name).collect();
        assert_eq!(
            can,
            told.iter().copied().collect(),
            "the rig can the left; write that into the macro's `can: [...]`"
        );
    }

    /// Only the first-parent line; a merge changed what it brought in.
    pub async fn a_merge_counts_against_its_first_parent<R: GitRig>() {
        let rig = R::start().await;
        rig.commit("main", "one", &["a"]).await;
        let other = rig.commit("next", "other", &["b"]).await;
        assert!(rig.merge("main", &other, "merge next", &["b"]).await.is_ok());
        let refs = fetched(&rig).await;
        let commits = line(&rig, &refs.branches["main"], 10, true).await;
        assert_eq!(subjects(&commits), ["merge next", "one"], "contract (GitHost::commits): the first-parent line");
        assert_eq!(commits[0].paths, Some(vec!["b".to_owned()]), "contract (Commit::paths): against the first parent");
    }

    /// A branch that goes back.
    pub async fn a_forced_branch_is_followed<R: GitRig>() {
        let rig = R::start().await;
        let one = rig.commit("main", "one", &["a"]).await;
        rig.commit("main", "lost", &["a"]).await;
        let old = refs(&rig).await;
        assert_eq!(rig.force("main", &one).await, Ok(()));
        if let Err(error) = rig.host().fetch(&rig.repo(), &everything(&old)).await {
            assert_eq!(
                error.class(),
                PortClass::NotFound,
                "contract (GitHost::fetch): what was forced away is NotFound: {error}"
            );
        }
        let refs = fetched(&rig).await;
        assert_eq!(subjects(&line(&rig, &refs.branches["main"], 10, false).await), ["one"]);
    }

    /// Giving up on what never answers.
    pub async fn giving_up_on_a_silent_peer_is_harmless<R: GitRig>() {
        let rig = R::start().await;
        let tip = rig.commit("main", "one", &["a"]).await;
        assert_eq!(rig.hang(true).await, Ok(()));
        for _ in 0..3 {
            let ended = partly(rig.host().refs(&rig.repo(), &all()), 50).await;
            assert!(!ended, "contract (GitHost): silence is not an answer");
        }
        assert_eq!(rig.hang(false).await, Ok(()));
        assert_eq!(fetched(&rig).await.branches.get("main"), Some(&tip));
    }
}
