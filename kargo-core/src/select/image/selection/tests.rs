use proptest::prelude::*;

use super::*;
use crate::{
    model::{ImageSelectionStrategy as Strategy, ImageSubscription},
    select::image::{ConfigSource, IndexEntry, Platform},
};

/// A registry in memory.
#[derive(Clone, Debug, Default)]
struct Registry {
    tags: BTreeMap<Tag, Digest>,
    manifests: BTreeMap<Digest, Manifest>,
    configs: BTreeMap<Digest, Config>,
    /// Documents and tags that cannot be read.
    broken: BTreeSet<Ask>,
}

fn year(year: i32) -> Option<Timestamp> {
    format!("{year}-01-01T00:00:00Z").parse().ok()
}

impl Registry {
    fn with(mut self, tag: &str, created: i32) -> Self {
        let (manifest, config): (Digest, Digest) = (format!("m{tag}").into(), format!("c{tag}").into());
        let source = ConfigSource::Blob(config.clone());
        self.tags.insert(tag.into(), manifest.clone());
        self.manifests.insert(manifest, Manifest::Image { annotations: BTreeMap::new(), config: source });
        self.configs.insert(config, Config { created: year(created) });
        self
    }

    fn answer(&self, ask: &Ask, selection: &mut ImageSelection) {
        if self.broken.contains(ask) {
            return selection.failed(ask);
        }
        match ask {
            Ask::Tag(tag) => match self.tags.get(tag) {
                None => selection.missing(ask),
                Some(digest) => {
                    selection.manifest_is(digest, self.manifests[digest].clone());
                    selection.tag_is(tag, digest.clone(), None);
                }
            },
            Ask::Head(tag) => match self.tags.get(tag) {
                None => selection.missing(ask),
                Some(digest) => selection.tag_is(tag, digest.clone(), None),
            },
            Ask::Manifest(digest) => match self.manifests.get(digest) {
                None => selection.missing(ask),
                Some(manifest) => selection.manifest_is(digest, manifest.clone()),
            },
            Ask::Config(digest) => match self.configs.get(digest) {
                None => selection.missing(ask),
                Some(config) => selection.config_is(digest, *config),
            },
        }
    }

    fn begin(&self, rules: &ImageRules) -> ImageSelection {
        let mut listing = rules.listing();
        listing.offer(self.tags.keys().cloned());
        listing.listed()
    }

    /// Runs a selection to its end, one question after another, and says what was asked.
    fn run(&self, rules: &ImageRules, seen: impl Fn(&Tag) -> Seen) -> (ImageOutcome, Vec<Ask>) {
        let mut selection = self.begin(rules);
        let mut asked = Vec::new();
        while let Some(ask) = selection.asks(1, &seen).pop() {
            self.answer(&ask, &mut selection);
            asked.push(ask);
        }
        assert!(selection.is_done());
        (selection.finish(), asked)
    }
}

fn subscription(strategy: Strategy, limit: i64) -> ImageSubscription {
    ImageSubscription { image_selection_strategy: strategy, discovery_limit: limit, ..ImageSubscription::default() }
}

fn rules(strategy: Strategy, limit: i64) -> ImageRules {
    ImageRules::new(&subscription(strategy, limit)).unwrap()
}

fn tags(outcome: &ImageOutcome) -> Vec<&str> {
    outcome.images.iter().map(|image| image.tag.as_str()).collect()
}

fn never(_: &Tag) -> Seen {
    Seen::Never
}

fn sample() -> Registry {
    Registry::default().with("1.0.0", 2026).with("1.2.0", 2024).with("1.10.0", 2025).with("latest", 2023)
}

#[test]
fn discovery_2_3_four_strategies() {
    let digest = ImageSubscription { constraint: Some("latest".into()), ..subscription(Strategy::Digest, 0) };
    for (rules, expected) in [
        (rules(Strategy::SemVer, 0), vec!["1.10.0", "1.2.0", "1.0.0"]),
        (rules(Strategy::SemVer, 2), vec!["1.10.0", "1.2.0"]),
        (rules(Strategy::Lexical, 0), vec!["latest", "1.2.0", "1.10.0", "1.0.0"]),
        (rules(Strategy::NewestBuild, 3), vec!["1.0.0", "1.10.0", "1.2.0"]),
        (ImageRules::new(&digest).unwrap(), vec!["latest"]),
    ] {
        let (outcome, _) = sample().run(&rules, never);
        assert_eq!(tags(&outcome), expected);
        assert_eq!(outcome.skipped, []);
    }
    let (outcome, _) = sample().run(&rules(Strategy::SemVer, 1), never);
    let expected = DiscoveredImage {
        tag: "1.10.0".into(),
        digest: "m1.10.0".into(),
        annotations: BTreeMap::new(),
        created_at: year(2025),
    };
    assert_eq!(outcome.images, [expected]);
}

#[test]
fn discovery_2_3_equal_dates_go_by_tag_and_none_is_the_oldest() {
    let mut registry = Registry::default().with("a", 2024).with("b", 2024).with("c", 2023).with("z", 2024);
    registry.configs.insert("cz".into(), Config::default());
    let (outcome, _) = registry.run(&rules(Strategy::NewestBuild, 0), never);
    assert_eq!(tags(&outcome), ["b", "a", "c", "z"]);
}

#[test]
fn discovery_2_3_a_missing_digest_tag_is_no_failure() {
    let gone = ImageSubscription { constraint: Some("nope".into()), ..subscription(Strategy::Digest, 0) };
    let (outcome, asked) = sample().run(&ImageRules::new(&gone).unwrap(), never);
    assert_eq!((outcome, asked), (ImageOutcome::default(), vec![Ask::Tag("nope".into())]));
}

/// Requirements A: the calls of a cold and a warm look, by row of the table.
#[test]
fn requirements_a_calls_per_image() {
    let registry = sample();
    let semver = rules(Strategy::SemVer, 2);
    let known = |tag: &Tag| Seen::Before(registry.tags[tag].clone());
    let fixed = |tag: &Tag| Seen::Fixed(registry.tags[tag].clone());
    let heads = |asked: &[Ask]| asked.iter().filter(|ask| matches!(ask, Ask::Head(_))).count();
    // Cold: manifest and config of each.
    let (cold, asked) = registry.run(&semver, never);
    assert_eq!((asked.len(), heads(&asked)), (4, 0));
    // Warm: a HEAD each; what is asked by digest is answered by the cache.
    let (warm, asked) = registry.run(&semver, known);
    assert_eq!((asked.len(), heads(&asked)), (6, 2));
    let (fast, asked) = registry.run(&semver, fixed);
    assert_eq!((asked.len(), heads(&asked)), (4, 0));
    assert!(asked.iter().all(|ask| matches!(ask, Ask::Manifest(_) | Ask::Config(_))));
    assert_eq!((&warm, &fast), (&cold, &cold));
    // Digests alone: a HEAD each, nothing by digest.
    let (brief, asked) = registry.run(&semver.detail(Detail::Digest), never);
    assert_eq!((tags(&brief), asked.len(), heads(&asked)), (tags(&cold), 2, 2));
    assert_eq!(brief.images[0].created_at, None);
    // By date, all must be known.
    let (_, asked) = registry.run(&rules(Strategy::NewestBuild, 1), never);
    assert_eq!(asked.len(), 8);
}

#[test]
fn a_date_given_with_the_digest_spares_the_config() {
    for (detail, expected) in [(Detail::Full, 2), (Detail::Digest, 1)] {
        let mut selection = sample().begin(&rules(Strategy::NewestBuild, 1).detail(detail));
        let mut asked = BTreeMap::<_, usize>::new();
        while let Some(ask) = selection.asks(1, never).pop() {
            if let Ask::Tag(tag) = &ask {
                selection.tag_is(tag, sample().tags[tag].clone(), year(if tag == "latest" { 2030 } else { 2020 }));
                *asked.entry(tag.clone()).or_default() += 1;
            } else {
                sample().answer(&ask, &mut selection);
                *asked.entry("manifest".into()).or_default() += 1;
                assert!(matches!(ask, Ask::Manifest(_)));
            }
        }
        let outcome = selection.finish();
        assert_eq!((tags(&outcome), outcome.images[0].created_at), (vec!["latest"], year(2030)));
        assert_eq!(asked.values().sum::<usize>(), expected * 4);
    }
}

#[test]
fn a_failed_candidate_is_reported_and_the_next_best_takes_its_place() {
    let mut registry = sample();
    registry.broken.insert(Ask::Tag("1.10.0".into()));
    registry.configs.remove("c1.2.0");
    let (outcome, asked) = registry.run(&rules(Strategy::SemVer, 1), never);
    assert_eq!(tags(&outcome), ["1.0.0"]);
    let skipped = |tag: &str, reason| SkippedImage { tag: tag.into(), reason };
    let expected = [
        skipped("1.10.0", SkipReason::Failed(Ask::Tag("1.10.0".into()))),
        skipped("1.2.0", SkipReason::Missing(Ask::Config("c1.2.0".into()))),
    ];
    assert_eq!(outcome.skipped, expected);
    assert_eq!(asked.len(), 5);
}

/// Requirements A10: the best is final as soon as nothing better is open.
#[test]
fn results_settle_best_first() {
    let registry = sample();
    let mut selection = registry.begin(&rules(Strategy::SemVer, 3));
    let asks = selection.asks(9, never);
    assert_eq!(asks.len(), 3);
    registry.answer(&asks[1], &mut selection);
    registry.answer(&Ask::Config("c1.2.0".into()), &mut selection);
    assert_eq!((selection.images().count(), selection.settled()), (1, 0), "1.10.0 is still open");
    registry.answer(&asks[0], &mut selection);
    registry.answer(&Ask::Config("c1.10.0".into()), &mut selection);
    assert_eq!(selection.settled(), 2);
    registry.answer(&asks[2], &mut selection);
    registry.answer(&Ask::Config("c1.0.0".into()), &mut selection);
    assert!(selection.is_done());
    assert_eq!(selection.settled(), 3);
}

#[test]
fn tags_never_seen_come_first_by_date() {
    let registry = sample();
    let mut selection = registry.begin(&rules(Strategy::NewestBuild, 1));
    let seen = |tag: &Tag| if tag == "1.2.0" { Seen::Never } else { Seen::Before("x".into()) };
    assert_eq!(selection.asks(2, seen), [Ask::Tag("1.2.0".into()), Ask::Head("latest".into())]);
}

#[test]
fn documents_that_tags_share_are_asked_for_once() {
    let mut registry = sample();
    registry.tags = ["a", "b", "c"].map(|tag| (tag.into(), "m1.0.0".into())).into();
    let known = |_: &Tag| Seen::Fixed("m1.0.0".into());
    let (outcome, asked) = registry.run(&rules(Strategy::Lexical, 0), known);
    assert_eq!((tags(&outcome), asked.len()), (vec!["c", "b", "a"], 2));
    registry.configs.clear();
    let (outcome, asked) = registry.run(&rules(Strategy::Lexical, 0), known);
    assert_eq!(
        (outcome.images.len(), outcome.skipped.len(), asked.len()),
        (0, 3, 2),
        "also what is known to be missing"
    );
}

#[test]
fn answers_to_what_was_not_asked_change_nothing() {
    let registry = sample();
    let mut selection = registry.begin(&rules(Strategy::SemVer, 1));
    selection.tag_is(&"1.10.0".into(), "m1.0.0".into(), None);
    selection.failed(&Ask::Tag("1.10.0".into()));
    assert_eq!(selection.asks(9, never), [Ask::Tag("1.10.0".into())]);
    registry.answer(&Ask::Tag("1.10.0".into()), &mut selection);
    registry.answer(&Ask::Config("c1.10.0".into()), &mut selection);
    selection.tag_is(&"1.10.0".into(), "m1.0.0".into(), None);
    selection.failed(&Ask::Tag("1.10.0".into()));
    assert_eq!(selection.finish().images[0].digest, "m1.10.0");
}

/// The strategies as the reference runs them: everything is fetched and sorted. What cannot be read is left out.
fn oracle(registry: &Registry, subscription: &ImageSubscription) -> Vec<(Tag, Option<Timestamp>)> {
    let rules = ImageRules::new(subscription).unwrap();
    let created = |digest: &Digest| match &registry.manifests[digest] {
        Manifest::Image { config: ConfigSource::Blob(config), .. } if rules.platform.is_none() => {
            registry.configs.get(config).map(|config| config.created)
        }
        Manifest::Index { entries, .. } => {
            let wanted: Vec<_> =
                entries.iter().filter(|entry| rules.platform.is_none() || entry.platform == rules.platform).collect();
            let dates: Option<Vec<_>> = wanted
                .iter()
                .map(|entry| match registry.manifests.get(&entry.digest)? {
                    Manifest::Image { config: ConfigSource::Blob(config), .. } => {
                        registry.configs.get(config).map(|config| config.created)
                    }
                    _ => None,
                })
                .collect();
            dates.and_then(|dates| dates.into_iter().max())
        }
        _ => None,
    };
    let mut all: Vec<_> = registry
        .tags
        .iter()
        .filter(|(tag, _)| rules.allows(tag) && !registry.broken.contains(&Ask::Tag((*tag).clone())))
        .filter_map(|(tag, digest)| Some((tag.clone(), created(digest)?)))
        .collect();
    all.reverse();
    match subscription.image_selection_strategy {
        Strategy::NewestBuild => all.sort_by_key(|(_, created)| Reverse(*created)),
        Strategy::SemVer => all.sort_by(|(left, _), (right, _)| {
            let version = |tag: &Tag| crate::select::Version::parse_loose(tag).unwrap();
            version(right).cmp_precedence(&version(left))
        }),
        _ => {}
    }
    all.truncate(rules.limit);
    all
}

prop_compose! {
    /// Images, indexes of two platforms, and others; dates, tags and configs are few, so that they clash.
    fn registries()(
        images in proptest::collection::btree_map("v?[0-2](\\.[0-2]){0,2}|[ab]", (0_u8..6, 0_usize..6), 0..12),
        dates in proptest::collection::vec(proptest::option::of(2020_i32..2024), 6),
        gone in proptest::collection::btree_set(0_usize..6, 0..2),
        broken in proptest::collection::vec("v?[0-2](\\.[0-2]){0,2}|[ab]", 0..2),
    ) -> Registry {
        let mut registry = Registry::default();
        for (at, date) in dates.iter().enumerate() {
            let config: Digest = format!("c{at}").into();
            let source = ConfigSource::Blob(config.clone());
            let image = Manifest::Image { annotations: BTreeMap::new(), config: source };
            registry.manifests.insert(format!("m{at}").into(), image);
            if !gone.contains(&at) {
                registry.configs.insert(config, Config { created: date.and_then(year) });
            }
            let entry = |platform: &str, at: usize| IndexEntry {
                digest: format!("m{at}").into(),
                platform: Platform::parse(platform).ok(),
                annotations: BTreeMap::new(),
            };
            let entries = vec![entry("linux/amd64", at), entry("linux/arm64", (at + 1) % 6)];
            registry.manifests.insert(format!("i{at}").into(), Manifest::Index { annotations: BTreeMap::new(), entries });
            registry.manifests.insert(format!("o{at}").into(), Manifest::Other { media_type: "x".into() });
        }
        for (tag, (kind, at)) in images {
            let kind = match kind { 0 => 'o', 1..3 => 'm', _ => 'i' };
            registry.tags.insert(tag.into(), format!("{kind}{at}").into());
        }
        registry.broken = broken.into_iter().map(|tag| Ask::Tag(tag.into())).collect();
        registry
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Discovery 2.3, and W3: never more is asked than one by one, whatever the order of answers.
    #[test]
    fn any_order_of_answers_gives_what_a_full_sort_gives(
        registry in registries(),
        strategy in prop::sample::select(vec![Strategy::SemVer, Strategy::Lexical, Strategy::NewestBuild]),
        limit in 1_i64..5,
        platform in any::<bool>(),
        room in 1_usize..9,
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 1..20),
    ) {
        let subscription = ImageSubscription {
            platform: platform.then(|| "linux/arm64".to_owned()),
            strict_semvers: Some(false),
            ..subscription(strategy, limit)
        };
        let rules = ImageRules::new(&subscription).unwrap();
        let mut selection = registry.begin(&rules);
        let mut picks = picks.iter().cycle();
        let (mut outstanding, mut asked) = (Vec::new(), BTreeSet::new());
        let mut settled: Vec<DiscoveredImage> = Vec::new();
        loop {
            for ask in selection.asks(room.saturating_sub(outstanding.len()), never) {
                prop_assert!(asked.insert(ask.clone()), "asked twice: {:?}", ask);
                outstanding.push(ask);
            }
            if outstanding.is_empty() {
                break;
            }
            let ask = outstanding.swap_remove(picks.next().unwrap().index(outstanding.len()));
            registry.answer(&ask, &mut selection);
            // What is settled stays.
            let now: Vec<_> = selection.images().take(selection.settled()).cloned().collect();
            prop_assert_eq!(&now[..settled.len().min(now.len())], &settled[..]);
            settled = now;
        }
        prop_assert!(selection.is_done());
        let outcome = selection.finish();
        let found: Vec<_> = outcome.images.iter().map(|image| (image.tag.clone(), image.created_at)).collect();
        prop_assert_eq!(found, oracle(&registry, &subscription));
        prop_assert_eq!(settled, outcome.images);

        let tags = |asked: &mut dyn Iterator<Item = Ask>| asked.filter(|ask| matches!(ask, Ask::Tag(_))).collect::<BTreeSet<_>>();
        let (_, one_by_one) = registry.run(&rules, never);
        prop_assert_eq!(tags(&mut asked.into_iter()), tags(&mut one_by_one.into_iter()));
    }
}
