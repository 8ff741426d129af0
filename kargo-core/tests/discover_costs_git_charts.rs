//! The rows of the cost table (requirements A) for git repositories and charts: formula, forecast and count are equal.
#![cfg(feature = "driver")]
#![expect(clippy::print_stdout, reason = "the table of what ran is part of the test")]

use std::sync::Arc;

use futures::future::try_join_all;
use kargo_core::{
    discover::{Calls, ChartCost, ChartTarget, Discovery, GitCost, GitTarget, Session},
    model::{ChartSubscription, CommitSelectionStrategy, GitSubscription},
    port::{Access, ChartRepo, GitRepo, Ports},
};
use kargo_testkit::fake::{FakeCharts, FakeGit, MemoryCache, Peer, VirtualClock};

/// What happened since the look before, if there was any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Cold,
    Warm,
    Changed,
    Restarted,
    Expired,
}

const STATES: [(State, &str, Session); 5] = [
    (State::Cold, "cold", Session::New),
    (State::Warm, "warm", Session::Open),
    (State::Changed, "changed", Session::Open),
    (State::Restarted, "after restart", Session::New),
    (State::Expired, "token expired", Session::Expired),
];

fn check(name: &str, formula: &str, expected: &str, forecast: Calls, actual: Calls) {
    println!("{name:<52} {formula:<26} {:>5}  {actual}", actual.work());
    assert_eq!(actual.to_string(), expected, "{name}: {formula}");
    assert_eq!(forecast, actual, "{name}: the forecast is the count");
}

/// Runs looks up to the one that is counted, and says what that cost.
fn counted(state: State, ports: &Ports, peer: &Peer, change: impl FnOnce(), look: impl Fn(&Discovery)) -> Calls {
    let mut discovery = Discovery::new(ports);
    if state != State::Cold {
        look(&discovery);
    }
    match state {
        State::Cold | State::Warm => {}
        State::Changed => change(),
        State::Expired => peer.expire_sessions(),
        State::Restarted => {
            peer.expire_sessions();
            discovery = Discovery::new(ports);
        }
    }
    peer.take_calls();
    look(&discovery);
    peer.take_calls()
}

#[test]
fn requirements_a3_git_costs_one_listing_of_refs_and_a_fetch_of_what_moved() {
    for (subscriptions, repositories) in [(1, 1), (200, 10)] {
        for strategy in [CommitSelectionStrategy::NewestFromBranch, CommitSelectionStrategy::SemVer] {
            for (state, when, session) in STATES {
                let clock = VirtualClock::default();
                let git = Arc::new(FakeGit::new(&clock));
                let ports = Ports::new(Arc::new(clock.clone())).git(git.clone());
                let ports = ports.cache(Arc::new(MemoryCache::default()));
                let urls: Vec<_> = (0..repositories).map(|n| format!("https://git.corp/app{n}")).collect();
                let push = |url: &String, version: &str| {
                    let repo = GitRepo::parse(url).unwrap();
                    let commit = git.commit(&repo, "main", version, &["src/main.rs"]);
                    git.tag(&repo, version, &commit, None);
                };
                urls.iter().for_each(|url| push(url, "1.0.0"));
                let targets: Vec<_> = urls
                    .iter()
                    .cycle()
                    .take(subscriptions)
                    .map(|url| {
                        let subscription = GitSubscription {
                            repo_url: url.clone(),
                            commit_selection_strategy: strategy,
                            ..GitSubscription::default()
                        };
                        GitTarget::new(&subscription, Access::default()).unwrap()
                    })
                    .collect();
                let look = |discovery: &Discovery| {
                    let look = discovery.look();
                    targets.iter().for_each(|target| look.expect_git(target));
                    clock.run(try_join_all(targets.iter().map(|target| look.git(target, |_| {})))).unwrap();
                };
                let change = || urls.iter().take(1).for_each(|url| push(url, "1.1.0"));
                let actual = counted(state, &ports, git.peer(), change, look);
                let changed = match state {
                    State::Cold => repositories,
                    State::Changed => 1,
                    _ => 0,
                };
                let handshake = if session == Session::Open { "" } else { "1 handshake, " };
                let fetch = if changed > 0 { format!(", {changed} fetch") } else { String::new() };
                check(
                    &format!("git {strategy:?}, {subscriptions} subscriptions, {when}"),
                    "R ls-remote + k fetch",
                    &format!("{handshake}{repositories} ls-remote{fetch}"),
                    GitCost { repositories, changed, session }.calls(),
                    actual,
                );
            }
        }
    }
}

#[test]
fn requirements_a3_charts_cost_an_index_or_the_pages_of_a_list() {
    for (url, name, versions, pages) in
        [("https://charts.corp", Some("cart"), 5_u64, 1_u64), ("oci://registry.corp/charts/cart", None, 5, 3)]
    {
        for (state, when, session) in STATES {
            let clock = VirtualClock::default();
            let charts = Arc::new(FakeCharts::new(&clock));
            let ports = Ports::new(Arc::new(clock.clone())).charts(charts.clone());
            let ports = ports.cache(Arc::new(MemoryCache::default()));
            let repo = ChartRepo::parse(url).unwrap();
            let put = |n: u64| charts.put(&repo, "cart", &format!("1.{n}.0"));
            (0..versions).for_each(put);
            let subscription = ChartSubscription {
                repo_url: url.to_owned(),
                name: name.map(str::to_owned),
                ..ChartSubscription::default()
            };
            let target = ChartTarget::new(&subscription, Access::default()).unwrap();
            let look = |discovery: &Discovery| {
                // Two hundred ask, and the answer is shared.
                let look = discovery.look();
                clock.run(try_join_all((0..200).map(|_| look.chart(&target)))).unwrap();
            };
            let actual = counted(state, &ports, charts.peer(), || put(versions), look);
            let handshake = if session == Session::Open { "" } else { "1 handshake, " };
            check(
                &format!("chart {url}, {when}"),
                if name.is_some() { "1" } else { "L" },
                &format!("{handshake}{pages} list"),
                ChartCost { pages, session }.calls(),
                actual,
            );
        }
    }
}
