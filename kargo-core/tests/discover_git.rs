//! Git discovery over the pretended host: what it finds, and what that costs (discovery 3, requirements D9).
#![cfg(feature = "driver")]
#![expect(clippy::unwrap_used, reason = "the pretended world is as the test made it")]

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::future::join_all;
use kargo_core::{
    Tag,
    discover::{Discovery, GitLook, GitTarget, Look, LookError},
    model::{CommitSelectionStrategy as Strategy, DiscoveredCommit, GitSubscription},
    port::{
        Access, Account, Clock as _, Commit, CommitPage, CommitQuery, Fetch, GitHost, GitRepo, ObjectId, PortClass,
        PortError, Ports, RefQuery, RemoteRefs, Reply, TagInfo,
    },
    select::git::CommitSkipReason,
};
use kargo_testkit::fake::{Calls, FakeGit, MemoryCache, VirtualClock};
use proptest::prelude::*;

const URL: &str = "https://git.corp/cart";

type Hook = Box<dyn FnOnce(&FakeGit, &Fetch) -> Result<(), PortError> + Send>;

/// The pretended host, with what happens in between.
struct Spy {
    git: FakeGit,
    /// What happens before each fetch.
    fetches: Mutex<VecDeque<Hook>>,
    /// How often the copy was read.
    reads: AtomicUsize,
    /// How often the copy is found empty.
    losses: AtomicUsize,
    asked: Mutex<Vec<Fetch>>,
}

impl fmt::Debug for Spy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spy")
    }
}

impl Spy {
    fn read(&self) -> Result<(), PortError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let lost = self.losses.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if lost.is_ok() { Err(PortError::not_found("the copy is gone")) } else { Ok(()) }
    }
}

#[async_trait]
impl GitHost for Spy {
    async fn refs(&self, repo: &GitRepo, query: &RefQuery) -> Result<Reply<RemoteRefs>, PortError> {
        self.git.refs(repo, query).await
    }

    async fn fetch(&self, repo: &GitRepo, what: &Fetch) -> Result<Reply<()>, PortError> {
        self.asked.lock().unwrap().push(what.clone());
        let hook = self.fetches.lock().unwrap().pop_front();
        if let Some(hook) = hook {
            hook(&self.git, what)?;
        }
        self.git.fetch(repo, what).await
    }

    async fn commits(&self, repo: &GitRepo, query: &CommitQuery) -> Result<Reply<CommitPage>, PortError> {
        self.read()?;
        self.git.commits(repo, query).await
    }

    async fn tags(&self, repo: &GitRepo, names: &[Tag], paths: bool) -> Result<Reply<Vec<TagInfo>>, PortError> {
        self.read()?;
        self.git.tags(repo, names, paths).await
    }

    async fn commit(&self, repo: &GitRepo, id: &ObjectId, paths: bool) -> Result<Reply<Commit>, PortError> {
        self.read()?;
        GitHost::commit(&self.git, repo, id, paths).await
    }

    fn account(&self, repo: &GitRepo) -> Account {
        self.git.account(repo)
    }
}

struct World {
    clock: VirtualClock,
    spy: Arc<Spy>,
    cache: MemoryCache,
    discovery: Discovery,
}

impl World {
    fn new() -> Self {
        let (clock, cache) = (VirtualClock::default(), MemoryCache::default());
        let spy = Arc::new(Spy {
            git: FakeGit::new(&clock),
            fetches: Mutex::default(),
            reads: AtomicUsize::default(),
            losses: AtomicUsize::default(),
            asked: Mutex::default(),
        });
        let discovery = Discovery::new(&ports(&clock, &spy, &cache));
        Self { clock, spy, cache, discovery }
    }

    /// A new process with the same cache.
    fn restart(&mut self) {
        self.discovery = Discovery::new(&ports(&self.clock, &self.spy, &self.cache));
        self.spy.git.peer().expire_sessions();
    }

    fn push(&self, subject: &str, paths: &[&str]) -> ObjectId {
        self.spy.git.commit(&repo(), "main", subject, paths)
    }

    fn tag(&self, name: &str, target: &ObjectId) {
        self.spy.git.tag(&repo(), name, target, None);
    }

    /// A round over all of these, each expected first.
    fn round(&self, targets: &[GitTarget]) -> Vec<Result<GitLook, PortError>> {
        let look = self.discovery.look();
        targets.iter().for_each(|target| look.expect_git(target));
        self.clock.run(join_all(targets.iter().map(|target| look.git(target, |_| {}))))
    }

    fn look(&self, subscription: &GitSubscription) -> GitLook {
        self.round(&[target(subscription)]).remove(0).unwrap()
    }

    fn calls(&self) -> (u64, u64) {
        let calls = self.spy.git.peer().take_calls();
        assert_eq!(Calls { handshake: 0, ls_remote: 0, fetch: 0, ..calls }, Calls::default(), "nothing else is asked");
        (calls.ls_remote, calls.fetch)
    }
}

fn ports(clock: &VirtualClock, spy: &Arc<Spy>, cache: &MemoryCache) -> Ports {
    Ports::new(Arc::new(clock.clone())).git(spy.clone()).cache(Arc::new(cache.clone()))
}

fn repo() -> GitRepo {
    GitRepo::parse(URL).unwrap()
}

fn subscription(strategy: Strategy) -> GitSubscription {
    GitSubscription { repo_url: URL.into(), commit_selection_strategy: strategy, ..GitSubscription::default() }
}

fn main_branch() -> GitSubscription {
    GitSubscription { branch: Some("main".into()), ..subscription(Strategy::NewestFromBranch) }
}

fn below(path: &str) -> GitSubscription {
    GitSubscription { include_paths: vec![path.into()], ..main_branch() }
}

fn target(subscription: &GitSubscription) -> GitTarget {
    GitTarget::new(subscription, Access::default()).unwrap()
}

/// All but how it was found.
fn result(look: &GitLook) -> GitLook {
    let mut look = look.clone();
    look.unchanged = false;
    look
}

fn subjects(look: &GitLook) -> Vec<&str> {
    look.outcome.commits.iter().filter_map(|commit| commit.subject.as_deref()).collect()
}

fn tags(look: &GitLook) -> Vec<&str> {
    look.outcome.commits.iter().filter_map(|commit| commit.tag.as_ref().map(Tag::as_str)).collect()
}

#[test]
fn discovery_3_the_four_strategies() {
    let world = World::new();
    let (one, two) = (world.push("one", &["a"]), world.push("two", &["b"]));
    for (name, target) in [("v1.9.0", &one), ("v1.10.0", &one), ("v2.0.0-rc.1", &two), ("nightly", &one)] {
        world.tag(name, target);
    }
    world.spy.git.tag(&repo(), "annotated", &one, Some("first"));
    let semver = GitSubscription { semver_constraint: Some("^1".into()), ..subscription(Strategy::SemVer) };
    let looks: Vec<_> = [
        main_branch(),
        subscription(Strategy::NewestFromBranch),
        semver,
        subscription(Strategy::Lexical),
        GitSubscription { discovery_limit: 2, ..subscription(Strategy::NewestTag) },
    ]
    .iter()
    .map(|subscription| world.look(subscription))
    .collect();
    assert_eq!(subjects(&looks[0]), ["two", "one"]);
    let newest = DiscoveredCommit {
        id: Some(two.to_string()),
        branch: Some("main".into()),
        tag: None,
        subject: Some("two".into()),
        author: Some("Dana <dana@acme.example>".into()),
        committer: Some("Dana <dana@acme.example>".into()),
        creator_date: "2026-01-01T00:02:00Z".parse().ok(),
    };
    assert_eq!(looks[0].outcome.commits[0], newest);
    assert_eq!(
        looks[1].outcome.commits[0],
        DiscoveredCommit { branch: None, ..newest },
        "discovery 3.6: as it is given"
    );
    assert_eq!(tags(&looks[2]), ["v1.10.0", "v1.9.0"]);
    assert_eq!(tags(&looks[3]), ["v2.0.0-rc.1", "v1.9.0", "v1.10.0", "nightly", "annotated"]);
    assert_eq!(tags(&looks[4]), ["annotated", "v2.0.0-rc.1"], "an annotated tag is as old as itself");
    assert_eq!(looks[4].outcome.commits[0].id.as_deref(), Some(one.as_str()), "the commit, not the tag's object");
    let observed = looks[2].observed.clone().unwrap();
    let names: Vec<_> = observed.tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!((observed.branch_head, names), (None, vec!["v1.10.0", "v1.9.0"]));
    assert_eq!(looks[0].observed.clone().unwrap().branch_head.as_deref(), Some(two.as_str()));
}

#[test]
fn discovery_3_3_nothing_moved_is_one_listing_also_after_a_restart() {
    let mut world = World::new();
    let one = world.push("one", &["app/a"]);
    world.tag("v1.0.0", &one);
    let all = [main_branch(), below("app"), subscription(Strategy::NewestFromBranch), subscription(Strategy::SemVer)];
    let targets: Vec<_> = all.iter().map(target).collect();
    let first = world.round(&targets);
    assert_eq!(world.calls(), (1, 1), "one conversation of each kind for all four");
    for restarted in [false, true] {
        if restarted {
            world.restart();
        }
        world.spy.reads.store(0, Ordering::Relaxed);
        let again = world.round(&targets);
        assert_eq!(world.calls(), (1, 0));
        assert_eq!(world.spy.reads.load(Ordering::Relaxed), 0, "the copy is not even read");
        for (before, now) in first.iter().zip(again) {
            let now = now.unwrap();
            assert!(now.unchanged);
            assert_eq!(result(&now), result(before.as_ref().unwrap()));
        }
    }
    world.tag("nightly", &one);
    let again = world.round(&targets);
    assert_eq!(world.calls(), (1, 0), "a tag that nobody wants is no change");
    assert!(again.iter().all(|look| look.as_ref().unwrap().unchanged));
    world.tag("v1.1.0", &one);
    let again = world.round(&targets);
    assert_eq!(world.calls(), (1, 1));
    assert_eq!(again.iter().filter(|look| look.as_ref().unwrap().unchanged).count(), 3);
    assert_eq!(world.spy.asked.lock().unwrap().last().unwrap().branches.len(), 0, "only what moved is fetched");
}

#[test]
fn discovery_3_3_beyond_a_thousand_tags_nothing_is_recorded_but_the_short_cut_holds() {
    let world = World::new();
    let one = world.push("one", &["a"]);
    (0..1001).for_each(|n| world.tag(&format!("v1.{n}.0"), &one));
    let look = world.look(&subscription(Strategy::SemVer));
    assert_eq!((look.observed, look.outcome.commits.len()), (None, 20));
    assert_eq!(world.calls(), (1, 1));
    assert!(world.look(&subscription(Strategy::SemVer)).unchanged);
    assert_eq!(world.calls(), (1, 0), "the reference clones again each time");
}

#[test]
fn requirements_d9_one_push_to_one_path_of_57() {
    let world = World::new();
    let all: Vec<_> = (0..57).map(|n| target(&below(&format!("apps/{n}")))).collect();
    for n in 0..57 {
        world.push(&format!("begin {n}"), &[&format!("apps/{n}/x")]);
    }
    let before = world.round(&all);
    assert_eq!(world.calls(), (1, 1));
    world.push("fix 7", &["apps/7/y"]);
    world.spy.reads.store(0, Ordering::Relaxed);
    let after = world.round(&all);
    assert_eq!(world.calls(), (1, 1), "one listing, one fetch");
    assert_eq!(world.spy.reads.load(Ordering::Relaxed), 1, "and the new commits are read once for all");
    let changed: Vec<_> =
        (0..57).filter(|n| before[*n].as_ref().unwrap().outcome != after[*n].as_ref().unwrap().outcome).collect();
    assert_eq!(changed, [7], "one evaluation has an effect");
    assert_eq!(subjects(after[7].as_ref().unwrap()), ["fix 7", "begin 7"]);
}

#[test]
fn discovery_3_5_a_push_is_judged_and_not_all_history_again() {
    let world = World::new();
    for n in 0..3000 {
        world.push(&format!("{n}"), &[if n == 5 { "app/x" } else { "docs/x" }]);
    }
    assert_eq!(subjects(&world.look(&below("app"))), ["5"]);
    let cold = world.spy.reads.swap(0, Ordering::Relaxed);
    assert!(cold > 5, "a filter that few pass walks all history: {cold}");
    world.push("new", &["app/y"]);
    assert_eq!(subjects(&world.look(&below("app"))), ["new", "5"]);
    assert_eq!(world.spy.reads.load(Ordering::Relaxed), 1, "trap T14 is paid once");
}

#[test]
fn discovery_3_8_an_expression_judges_everything_again_after_a_push() {
    let world = World::new();
    world.push("one", &["a"]);
    world.push("two", &["a"]);
    let recent =
        GitSubscription { expression_filter: Some("now() - commitDate < duration('1h')".into()), ..main_branch() };
    assert_eq!(subjects(&world.look(&recent)), ["two", "one"]);
    world.clock.advance(std::time::Duration::from_secs(2 * 3600));
    assert_eq!(subjects(&world.look(&recent)), ["two", "one"], "discovery T16: not while nothing moved");
    world.push("three", &["a"]);
    assert_eq!(subjects(&world.look(&recent)), [""; 0], "all of them are older than an hour by now");
}

#[test]
fn discovery_3_7_merges_count_what_they_bring_in() {
    let world = World::new();
    let git = &world.spy.git;
    world.push("begin", &["docs/a"]);
    let side = git.commit(&repo(), "side", "on the side", &["app/a"]);
    git.merge(&repo(), "main", &side, "merge", &["app/a"]);
    world.push("end", &["docs/b"]);
    assert_eq!(subjects(&world.look(&below("app"))), ["merge"], "the first-parent line alone");
    let not_docs = GitSubscription { exclude_paths: vec!["docs".into()], ..main_branch() };
    assert_eq!(subjects(&world.look(&not_docs)), ["merge"]);
    let named = GitSubscription { expression_filter: Some("subject startsWith 'e'".into()), ..main_branch() };
    assert_eq!(subjects(&world.look(&named)), ["end"]);
    let since = GitSubscription { since: "2026-01-01T00:03:00Z".parse().ok(), ..main_branch() };
    assert_eq!(subjects(&world.look(&since)), ["end", "merge"], "discovery 3.5");
    let few = GitSubscription { discovery_limit: 1, ..main_branch() };
    assert_eq!(subjects(&world.look(&few)), ["end"]);
}

#[test]
fn discovery_3_9_contents_are_left_out_where_anybody_says_so() {
    let world = World::new();
    world.push("one", &["a"]);
    let blobless = GitSubscription { blobless: true, ..below("a") };
    world.round(&[target(&main_branch()), target(&below("b"))]);
    world.push("two", &["a"]);
    world.round(&[target(&main_branch()), target(&blobless)]);
    let asked: Vec<_> = world.spy.asked.lock().unwrap().iter().map(|fetch| fetch.blobless).collect();
    assert_eq!(asked, [false, true]);
    assert!(world.look(&below("a")).unchanged, "how it is fetched changes nothing of the result");
}

/// A force push that makes what was listed unreachable.
fn force_push(name: &'static str) -> Hook {
    Box::new(move |git, _| {
        let base = git.commit(&repo(), "base", "base", &["a"]);
        git.set_branch(&repo(), "main", &base);
        git.commit(&repo(), "main", name, &["a"]);
        Ok(())
    })
}

#[test]
fn discovery_3_3_a_force_push_before_the_fetch_begins_again() {
    let world = World::new();
    world.push("lost", &["a"]);
    world.spy.fetches.lock().unwrap().extend([force_push("lost too"), force_push("kept")]);
    let both = world.round(&[target(&main_branch()), target(&below("a"))]);
    assert_eq!(world.calls(), (3, 3));
    for look in &both {
        assert_eq!(subjects(look.as_ref().unwrap())[0], "kept");
    }
    world.push("next", &["a"]);
    world.spy.fetches.lock().unwrap().extend(["a", "b", "c", "d"].map(force_push));
    let errors = world.round(&[target(&main_branch())]);
    assert_eq!(errors[0].as_ref().unwrap_err().class(), PortClass::NotFound);
    assert_eq!(world.calls(), (3, 3), "three times, and then it is an error");
    world.spy.fetches.lock().unwrap().clear();
    assert_eq!(subjects(&world.look(&main_branch()))[0], "c", "the next round finds what is there by then");
}

#[test]
fn a_copy_that_is_lost_while_it_is_read_is_made_again() {
    let world = World::new();
    world.push("one", &["a"]);
    world.spy.losses.store(2, Ordering::Relaxed);
    assert_eq!(subjects(&world.look(&main_branch())), ["one"]);
    assert_eq!(world.calls().0, 3);
    world.push("two", &["a"]);
    world.spy.losses.store(9, Ordering::Relaxed);
    assert_eq!(world.round(&[target(&main_branch())])[0].as_ref().unwrap_err().class(), PortClass::NotFound);
    assert_eq!(world.calls().0, 3, "three times, and then it is an error");
}

#[test]
fn what_one_wants_in_vain_does_not_concern_the_others() {
    let world = World::new();
    let one = world.push("one", &["a"]);
    world.tag("v1.0.0", &one);
    let gone = GitSubscription { branch: Some("gone".into()), ..main_branch() };
    let targets = [target(&gone), target(&main_branch()), target(&subscription(Strategy::SemVer))];
    let looks = world.round(&targets);
    let error = looks[0].as_ref().unwrap_err();
    assert_eq!(
        error.to_string(),
        "git.corp: refs/heads/gone of https://git.corp/cart: NotFound: there is no branch \"gone\""
    );
    assert_eq!(subjects(looks[1].as_ref().unwrap()), ["one"]);
    assert_eq!(tags(looks[2].as_ref().unwrap()), ["v1.0.0"]);
    assert_eq!(world.calls(), (1, 1));

    // A tag that the remote will not hand out spoils the fetch of whoever wants it.
    world.tag("v1.1.0", &one);
    world.push("two", &["a"]);
    let refuse = || -> Hook {
        Box::new(|_, fetch| {
            let wants = fetch.tags.contains_key("v1.1.0");
            if wants { Err(PortError::rejected("bad object")) } else { Ok(()) }
        })
    };
    world.spy.fetches.lock().unwrap().extend([refuse(), refuse(), refuse(), refuse()]);
    let looks = world.round(&targets);
    assert_eq!(subjects(looks[1].as_ref().unwrap()), ["two", "one"]);
    assert_eq!(looks[2].as_ref().unwrap_err().class(), PortClass::Rejected);
}

#[test]
fn hostile_ref_names_are_kept_away() {
    let world = World::new();
    let one = world.push("one", &["a"]);
    for name in ["v1", "a..b", "--upload-pack=x", "x.lock", "a b"] {
        world.tag(name, &one);
    }
    let look = world.look(&subscription(Strategy::Lexical));
    assert_eq!(tags(&look), ["v1"]);
    let refused: Vec<_> = look.refused.iter().map(Tag::as_str).collect();
    assert_eq!(refused, ["--upload-pack=x", "a b", "a..b", "x.lock"]);
    assert_eq!(world.spy.asked.lock().unwrap()[0].tags.len(), 1, "they are not fetched");
    assert!(world.look(&subscription(Strategy::Lexical)).unchanged, "and do not make every look a first one");
    for name in ["--upload-pack=x", "*", "a..b", "HEAD"] {
        let hostile = GitSubscription { branch: Some(name.into()), ..main_branch() };
        let error = GitTarget::new(&hostile, Access::default()).unwrap_err();
        assert!(matches!(&error, LookError::Branch(error) if error.name() == name), "{error}");
    }
}

#[test]
fn what_cannot_be_judged_is_told_at_every_look() {
    let world = World::new();
    world.push("one", &["a"]);
    world.push("two", &["a"]);
    let failing =
        GitSubscription { expression_filter: Some("subject == 'two' ? nope.x : true".into()), ..main_branch() };
    let first = world.look(&failing);
    assert_eq!(subjects(&first), ["one"]);
    assert!(matches!(first.outcome.skipped[0].reason, CommitSkipReason::Expression(_)));
    let again = world.look(&failing);
    assert!(again.unchanged);
    assert_eq!(again.outcome.skipped[0].id, first.outcome.skipped[0].id);
    assert_eq!(again.outcome.skipped[0].reason.to_string(), first.outcome.skipped[0].reason.to_string());
}

#[test]
fn one_that_was_not_expected_shares_what_fits() {
    let world = World::new();
    world.push("one", &["a"]);
    world.spy.git.commit(&repo(), "next", "two", &["b"]);
    let look = world.discovery.look();
    let one =
        |look: &Look, subscription: &GitSubscription| world.clock.run(look.git(&target(subscription), |_| {})).unwrap();
    assert_eq!(subjects(&one(&look, &main_branch())), ["one"]);
    assert_eq!(subjects(&one(&look, &below("a"))), ["one"]);
    assert_eq!(subjects(&one(&look, &main_branch())), ["one"]);
    assert_eq!(world.calls(), (1, 1), "the same branch");
    let next = GitSubscription { branch: Some("next".into()), ..main_branch() };
    assert_eq!(subjects(&one(&look, &next)), ["two"]);
    assert_eq!(world.calls(), (1, 1), "another one takes another conversation");
    let lists: Vec<_> = look.calls().into_iter().map(|(account, calls)| format!("{account}: {calls}")).collect();
    assert_eq!(lists, ["git.corp: 2 ls-remote, 2 fetch"]);
}

#[test]
fn spellings_of_a_repository_share_and_accounts_do_not() {
    let world = World::new();
    world.push("one", &["a"]);
    let spelled = GitSubscription { repo_url: "https://GIT.corp/cart.git".into(), ..below("a") };
    let looks = world.round(&[target(&main_branch()), target(&spelled)]);
    assert!(looks.iter().all(|look| subjects(look.as_ref().unwrap()) == ["one"]));
    assert_eq!(world.calls(), (1, 1));
    let of = |project: &str| GitTarget::new(&main_branch(), Access::of_project(project)).unwrap();
    world.round(&[of("shop"), of("bank")]);
    assert_eq!(world.calls(), (2, 2), "each sees what its credential may see");
    let user = GitSubscription { repo_url: "https://eve@git.corp/cart".into(), ..main_branch() };
    world.round(&[target(&user), target(&below("b"))]);
    assert_eq!(world.calls().0, 2, "a user in the URL may see something else");
}

#[test]
fn an_error_is_one_for_all_and_nothing_is_lost_by_it() {
    let world = World::new();
    world.push("one", &["a"]);
    let targets = [target(&main_branch()), target(&below("a"))];
    world.spy.git.peer().fail([PortError::unauthorized("HTTP 403")]);
    let errors = world.round(&targets);
    assert!(errors.iter().all(|error| error.as_ref().unwrap_err().class() == PortClass::Unauthorized));
    assert_eq!(world.calls(), (1, 0));
    assert!(world.round(&targets).iter().all(|look| subjects(look.as_ref().unwrap()) == ["one"]));
    world.calls();
    world.push("two", &["a"]);
    world.spy.git.peer().fail([PortError::retryable("reset"), PortError::retryable("reset")]);
    assert_eq!(subjects(&world.look(&main_branch())), ["two", "one"], "what may pass is tried again");
    assert_eq!(world.calls(), (3, 1));
    let missing = GitSubscription { repo_url: "https://git.corp/none".into(), ..main_branch() };
    assert_eq!(world.round(&[target(&missing)])[0].as_ref().unwrap_err().class(), PortClass::NotFound);
    world.cache.set_broken(true);
    assert_eq!(subjects(&world.look(&main_branch())), ["two", "one"], "a broken cache costs conversations, no result");
    assert!(world.clock.now().timestamp() > 0);
}

#[test]
fn requirements_a10_commits_are_told_best_first() {
    let world = World::new();
    for n in 0..200 {
        world.push(&format!("{n}"), &[if n % 9 == 0 { "app/x" } else { "docs" }]);
    }
    let (look, told) = (world.discovery.look(), Mutex::new(Vec::new()));
    let target = target(&below("app"));
    let found = world.clock.run(look.git(&target, |commit| told.lock().unwrap().push(commit.clone()))).unwrap();
    assert_eq!(*told.lock().unwrap(), found.outcome.commits);
    assert_eq!(found.outcome.commits.len(), 20);
    // What was found before is told as well.
    world.push("last", &["app/z"]);
    told.lock().unwrap().clear();
    let look = world.discovery.look();
    let found = world.clock.run(look.git(&target, |commit| told.lock().unwrap().push(commit.clone()))).unwrap();
    assert_eq!(*told.lock().unwrap(), found.outcome.commits);
    assert_eq!(subjects(&found)[..2], ["last", "198"]);
}

/// What happens to the repository between two rounds.
#[derive(Clone, Debug)]
enum Change {
    Push { branch: usize, path: usize },
    Merge { path: usize },
    Rewind { back: usize },
    Tag { name: usize, annotated: bool },
    Untag { name: usize },
    Nothing,
}

const BRANCHES: [&str; 2] = ["main", "next"];
const PATHS: [&str; 3] = ["app/a", "docs/b", "lib/c"];
const NAMES: [&str; 5] = ["v1.0.0", "v1.1.0", "v2.0.0-rc.1", "nightly", "v0.9"];

fn changes() -> impl Strategy2<Value = Vec<Vec<Change>>> {
    let change = prop_oneof![
        4 => (0..2_usize, 0..3_usize).prop_map(|(branch, path)| Change::Push { branch, path }),
        1 => (0..3_usize).prop_map(|path| Change::Merge { path }),
        1 => (0..4_usize).prop_map(|back| Change::Rewind { back }),
        2 => (0..5_usize, any::<bool>()).prop_map(|(name, annotated)| Change::Tag { name, annotated }),
        1 => (0..5_usize).prop_map(|name| Change::Untag { name }),
        1 => Just(Change::Nothing),
    ];
    proptest::collection::vec(proptest::collection::vec(change, 0..6), 1..6)
}

use proptest::strategy::Strategy as Strategy2;

fn apply(git: &FakeGit, line: &mut Vec<ObjectId>, change: &Change) {
    let repo = repo();
    let tip = line.last().unwrap().clone();
    match change {
        Change::Push { branch: 0, path } => line.push(git.commit(&repo, "main", "on main", &[PATHS[*path]])),
        Change::Push { path, .. } => drop(git.commit(&repo, "next", "on next", &[PATHS[*path]])),
        Change::Merge { path } => line.push(git.merge(&repo, "main", &tip, "merge", &[PATHS[*path]])),
        Change::Rewind { back } => {
            let keep = line.len().saturating_sub(*back).max(1);
            line.truncate(keep);
            git.set_branch(&repo, "main", line.last().unwrap());
        }
        Change::Tag { name, annotated } => git.tag(&repo, NAMES[*name], &tip, annotated.then_some("said")),
        Change::Untag { name } => drop(git.remove_tag(&repo, NAMES[*name])),
        Change::Nothing => {}
    }
}

fn all_kinds() -> Vec<GitTarget> {
    let limited =
        |limit: i64, subscription: GitSubscription| GitSubscription { discovery_limit: limit, ..subscription };
    let branch = |name: &str| GitSubscription { branch: Some(name.into()), ..main_branch() };
    let with_paths = GitSubscription { exclude_paths: vec!["docs".into()], ..branch(BRANCHES[1]) };
    [
        limited(3, branch(BRANCHES[0])),
        limited(2, below("app")),
        limited(4, GitSubscription { expression_filter: Some("!(id endsWith '1')".into()), ..below("lib") }),
        limited(2, with_paths),
        subscription(Strategy::NewestFromBranch),
        limited(2, subscription(Strategy::SemVer)),
        subscription(Strategy::Lexical),
        limited(2, GitSubscription { include_paths: vec!["app".into()], ..subscription(Strategy::NewestTag) }),
    ]
    .iter()
    .map(target)
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Rounds one after the other, in any order of the subscriptions, find what a first look would find, for at most one
    /// listing and one fetch each (requirements D9).
    #[test]
    fn requirements_d9_rounds_find_what_first_looks_find(rounds in changes(), order in Just(all_kinds()).prop_shuffle()) {
        let world = World::new();
        let mut line = vec![world.push("begin", &["app/a"])];
        world.spy.git.commit(&repo(), "next", "begin next", &["lib/c"]);
        for changes in rounds {
            changes.iter().for_each(|change| apply(&world.spy.git, &mut line, change));
            world.calls();
            let looks = world.round(&order);
            let (listings, fetches) = world.calls();
            prop_assert_eq!(listings, 1);
            prop_assert!(fetches <= 1, "{} fetches", fetches);
            let fresh = Discovery::new(&ports(&world.clock, &world.spy, &MemoryCache::default()));
            for (target, look) in order.iter().zip(looks) {
                let look = look.unwrap();
                let expected = world.clock.run(fresh.look().git(target, |_| {})).unwrap();
                prop_assert_eq!(result(&look), result(&expected));
            }
            world.calls();
            let again = world.round(&order);
            prop_assert!(again.iter().all(|look| look.as_ref().unwrap().unchanged));
            prop_assert_eq!(world.calls(), (1, 0));
        }
    }
}
