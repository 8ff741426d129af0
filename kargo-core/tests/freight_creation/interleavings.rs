//! Images tagged with commits arrive in any order (requirements D5, D6, F7; users-ask 1119, 4959).

use std::collections::{BTreeMap, BTreeSet};

use kargo_core::{
    freight::{
        creation::{Creation, Decision, Idle},
        search::by_newness,
    },
    model::{DiscoveredArtifacts, DiscoveredCommit, DiscoveredImage, Freight, GitDiscovery, ImageDiscovery},
};
use serde_json::json;

use super::{now, policy, warehouse};

const REPO: &str = "https://github.com/acme/shop";
const IMAGES: [&str; 3] = ["ghcr.io/acme/cart", "ghcr.io/acme/web", "ghcr.io/acme/pay"];
const HISTORIES: u64 = 10_000;

/// A generator of numbers that are the same on each run (SplitMix64).
struct Bits(u64);

impl Bits {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

fn creation() -> Creation {
    let clauses: Vec<String> =
        IMAGES.iter().map(|image| format!("imageFrom('{image}').Tag == commitFrom('{REPO}').ID")).collect();
    let warehouse =
        warehouse(json!({"subscriptions": [], "freightCreationCriteria": {"expression": clauses.join(" && ")}}));
    Creation::new(&warehouse, Some(&policy(json!({"join": {}}))))
}

fn commit(at: usize) -> String {
    format!("{at:07x}")
}

/// What a discovery with windows of this size sees of what was pushed so far.
struct Seen {
    window: usize,
    /// Newest first: commits by when they were made, images by when they were built.
    commits: Vec<usize>,
    images: [Vec<usize>; 3],
}

impl Seen {
    fn new(window: usize) -> Self {
        Self { window, commits: Vec::new(), images: Default::default() }
    }

    fn push(&mut self, event: Event) {
        match event {
            Event::Commit(at) => self.commits.insert(0, at),
            Event::Image(image, at) => self.images[image].insert(0, at),
        }
    }

    fn discovered(&self) -> DiscoveredArtifacts {
        let commits = self.commits.iter().take(self.window);
        let git = GitDiscovery {
            repo_url: REPO.into(),
            commits: commits
                .map(|at| DiscoveredCommit { id: Some(commit(*at)), ..DiscoveredCommit::default() })
                .collect(),
            ..GitDiscovery::default()
        };
        let image = |(repo, tags): (&&str, &Vec<usize>)| ImageDiscovery {
            repo_url: (*repo).into(),
            references: tags
                .iter()
                .take(self.window)
                .map(|at| DiscoveredImage {
                    tag: commit(*at).into(),
                    digest: format!("sha256:{at}").into(),
                    ..DiscoveredImage::default()
                })
                .collect(),
            ..ImageDiscovery::default()
        };
        DiscoveredArtifacts {
            git: vec![git],
            images: IMAGES.iter().zip(&self.images).map(image).collect(),
            ..DiscoveredArtifacts::default()
        }
    }

    /// The complete sets in the windows, each with its ranks, the newest first.
    fn complete(&self) -> Vec<(Vec<usize>, usize)> {
        let rank = |list: &[usize], wanted: usize| list.iter().take(self.window).position(|at| *at == wanted);
        let mut sets: Vec<_> = self
            .commits
            .iter()
            .filter_map(|at| {
                let lists = [&self.commits].into_iter().chain(&self.images);
                Some((lists.map(|list| rank(list, *at)).collect::<Option<Vec<_>>>()?, *at))
            })
            .collect();
        sets.sort_by(|a, b| by_newness(&a.0, &b.0));
        sets
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Commit(usize),
    Image(usize, usize),
}

/// Commits in their order, the images of each some time later; some images are never built.
fn history(bits: &mut Bits) -> Vec<Event> {
    let commits = 2 + bits.below(2);
    let mut events: Vec<(usize, Event)> = Vec::new();
    for at in 0..commits {
        let pushed = at * 4;
        events.push((pushed, Event::Commit(at)));
        for image in 0..3 {
            if bits.below(8) > 0 {
                events.push((pushed + 1 + bits.below(16), Event::Image(image, at)));
            }
        }
    }
    events.sort_by_key(|(time, _)| *time);
    events.into_iter().map(|(_, event)| event).collect()
}

#[test]
fn requirements_d5_commits_and_images_in_any_order() {
    let (creation, mut bits) = (creation(), Bits(0x6b3f_90c2_a41d_77e5));
    let (mut complete_sets, mut blocked, mut waited) = (0_u32, 0_u32, 0_u32);
    for history_at in 0..HISTORIES {
        let mut seen = Seen::new(2 + bits.below(3));
        let mut stock: Vec<Freight> = Vec::new();
        let mut made: BTreeMap<String, usize> = BTreeMap::new();
        for event in history(&mut bits) {
            seen.push(event);
            let discovered = seen.discovered();
            // D6: what is remembered between two looks is the windows, and they are bounded.
            assert!(discovered.git[0].commits.len() <= seen.window);
            assert!(discovered.images.iter().all(|result| result.references.len() <= seen.window));
            let decision = creation.decide(Some(&discovered), &stock, b"", now());
            let complete = seen.complete();
            match (&decision, complete.first()) {
                (Decision::Create(created), Some((ranks, at))) => {
                    let freight = &created.freight;
                    // No mismatched freight, and it is the newest complete set.
                    let tags: BTreeSet<&str> = freight.images.iter().map(|image| &*image.tag).collect();
                    assert_eq!((tags, &freight.commits[0].id), (BTreeSet::from([&*commit(*at)]), &commit(*at)));
                    assert_eq!((&created.combination.ranks, created.combination.cut_off), (ranks, false));
                    // Exactly one for each set.
                    *made.entry(freight.commits[0].id.clone()).or_default() += 1;
                    blocked += u32::from(ranks[0] > 0);
                    stock.push(freight.clone());
                }
                (Decision::Idle(Idle::Exists { combination, .. }), Some((ranks, at))) => {
                    assert_eq!(&combination.ranks, ranks);
                    assert!(made.contains_key(&commit(*at)));
                }
                (Decision::Idle(Idle::CriteriaNotMet { cut_off: false, clashes, .. }), None) => {
                    waited += 1;
                    // D6: it is said which images are missing for the newest commit.
                    let newest = seen.commits[0];
                    let missing: Vec<String> = clashes.iter().map(ToString::to_string).collect();
                    for (image, tags) in IMAGES.iter().zip(&seen.images) {
                        let is_there = tags.iter().take(seen.window).any(|at| *at == newest);
                        let sentence = format!("no image of {image} with tag {} among", commit(newest));
                        assert_eq!(missing.iter().any(|line| line.contains(&sentence)), !is_there, "{missing:?}");
                    }
                }
                (Decision::Idle(Idle::NoCommits { .. } | Idle::NoImages { .. }), None) => {}
                (decision, complete) => panic!("history {history_at}: {decision} with {complete:?}"),
            }
        }
        assert!(made.values().all(|count| *count == 1));
        complete_sets += u32::try_from(made.len()).unwrap();
    }
    // The histories are of all kinds: sets behind incomplete newer commits, and times without any.
    assert!(complete_sets > 5_000 && blocked > 1_000 && waited > 5_000, "{complete_sets} {blocked} {waited}");
}

/// Requirements D5, as it is written: a commit, then its images one after another.
#[test]
fn requirements_d5_one_freight_when_the_last_image_is_there() {
    let creation = creation();
    let mut seen = Seen::new(20);
    let mut stock: Vec<Freight> = Vec::new();
    let mut said = Vec::new();
    let events = |at| [Event::Commit(at), Event::Image(0, at), Event::Image(1, at), Event::Image(2, at)];
    for event in events(1).into_iter().chain(events(2)) {
        seen.push(event);
        let decision = creation.decide(Some(&seen.discovered()), &stock, b"", now());
        said.push(decision.to_string().lines().last().unwrap_or_default().to_owned());
        if let Decision::Create(created) = decision {
            stock.push(created.freight);
        }
    }
    let ids: Vec<&str> = stock.iter().map(|freight| &*freight.commits[0].id).collect();
    assert_eq!(ids, ["0000001", "0000002"]);
    // Nothing yet, made, still the older one while the newer is incomplete, made.
    assert_eq!(said[0], "no freight: no image of ghcr.io/acme/cart was found");
    assert_eq!(said[2], "no freight: no image of ghcr.io/acme/pay was found");
    assert!(said[3].starts_with("new freight "), "{}", said[3]);
    assert_eq!(
        said[4],
        format!("  commit 0000002 of {REPO}: no image of ghcr.io/acme/cart with tag 0000002 among 1 candidate")
    );
    assert!(said[7].starts_with("new freight "), "{}", said[7]);
}
