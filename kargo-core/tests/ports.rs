//! The wired outside world (architecture 5): each question reaches the port of its host.
#![expect(clippy::unwrap_used, reason = "the pretended world is as the test made it")]

use std::sync::Arc;

use kargo_core::port::{
    Access, Account, CacheKey, ChartRepo, ChartRepository as _, Fetch, GitRepo, ImageManifest, ImageRegistry as _,
    ImageRepo, Page, PortClass, Ports, RefQuery,
};
use kargo_testkit::fake::{FakeCharts, FakeGit, FakeImage, FakeRegistry, VirtualClock};

#[test]
fn architecture_5_images_are_asked_of_their_host() {
    let clock = VirtualClock::default();
    let (depot, public) = (Arc::new(FakeRegistry::new(&clock)), Arc::new(FakeRegistry::new(&clock)));
    depot.put(&FakeImage::new("cart", "1.0.0"));
    public.put(&FakeImage::new("cart", "2.0.0"));
    let ports = Ports::new(Arc::new(clock.clone())).images(public.clone());
    let both = ports.clone().images_at("DEPOT.acme.example", depot.clone());
    let tags = |ports: &Ports, repo: &str| {
        let (registry, repo) = (ports.image_registry(), ImageRepo::parse(repo).unwrap());
        clock.run(registry.tags(&repo, Page::first())).unwrap().into_value().unwrap().tags
    };
    assert_eq!(tags(&both, "depot.acme.example/cart"), ["1.0.0"]);
    assert_eq!(tags(&both, "ghcr.io/cart"), ["2.0.0"]);
    assert_eq!(tags(&ports, "depot.acme.example/cart"), ["2.0.0"], "the clone before it does not know of it");
    let registry = both.image_registry();
    let (repo, tag) = (ImageRepo::parse("depot.acme.example/cart").unwrap(), "1.0.0".into());
    let head = clock.run(registry.head(&repo, &tag)).unwrap().into_value().unwrap();
    let tagged = clock.run(registry.tagged(&repo, &tag)).unwrap().into_value().unwrap();
    assert_eq!(head.digest, tagged.digest);
    assert_eq!(clock.run(registry.manifest(&repo, &head.digest)).unwrap().into_value(), Ok(tagged.manifest.clone()));
    let ImageManifest::Image(plain) = tagged.manifest else { panic!("an image of one platform") };
    assert!(clock.run(registry.config(&repo, &plain.config)).unwrap().into_value().is_ok());
    let calls = depot.peer().calls();
    assert_eq!((calls.list, calls.head, calls.manifest, calls.blob), (1, 1, 2, 1));
    let theirs = repo.clone().with_access(Access::of_project("shop"));
    assert_eq!(registry.account(&theirs), depot.account(&theirs), "the port knows its credentials");
}

#[test]
fn architecture_5_git_and_charts_are_asked_of_their_host() {
    let clock = VirtualClock::default();
    let (git, charts) = (Arc::new(FakeGit::new(&clock)), Arc::new(FakeCharts::new(&clock)));
    let ports =
        Ports::new(Arc::new(clock.clone())).git_at("git.corp", git.clone()).charts_at("charts.corp", charts.clone());
    let repo = GitRepo::parse("ssh://git@git.corp:2222/cart").unwrap();
    let tip = git.commit(&repo, "main", "one", &["a"]);
    git.tag(&repo, "v1", &tip, None);
    let host = ports.git_host();
    let refs = clock.run(host.refs(&repo, &RefQuery::default().branch("main"))).unwrap().into_value().unwrap();
    assert_eq!(refs.branches["main"], tip);
    let mut fetch = Fetch::default();
    fetch.tags.insert("v1".into(), tip.clone());
    clock.run(host.fetch(&repo, &fetch)).unwrap();
    let commit = clock.run(host.commit(&repo, &tip, true)).unwrap().into_value().unwrap();
    assert_eq!(commit.paths, Some(vec!["a".to_owned()]));
    assert_eq!(clock.run(host.tags(&repo, &["v1".into()], false)).unwrap().into_value().unwrap().len(), 1);
    let theirs = repo.with_access(Access::of_project("shop"));
    assert_eq!(host.account(&theirs), Account::new("git.corp:2222", "shop"));

    let (classic, oci) =
        (ChartRepo::parse("https://charts.corp").unwrap(), ChartRepo::parse("oci://charts.corp/cart").unwrap());
    charts.put(&classic, "cart", "1.0.0");
    charts.put(&oci, "", "1.1.0");
    let repository = ports.chart_repository();
    let index = clock.run(repository.index(&classic, None)).unwrap().into_value().unwrap();
    assert_eq!(index.versions("cart"), ["1.0.0"]);
    assert_eq!(clock.run(repository.tags(&oci, Page::first())).unwrap().into_value().unwrap().tags, ["1.1.0"]);
    assert_eq!(repository.account(&oci), charts.account(&oci));
}

#[test]
fn architecture_5_what_nothing_serves_says_what_to_wire() {
    let clock = VirtualClock::default();
    let ports = Ports::new(Arc::new(clock.clone())).git_at("git.corp", Arc::new(FakeGit::new(&clock)));
    let (image, git, chart) = (
        ImageRepo::parse("ghcr.io/acme/cart").unwrap(),
        GitRepo::parse("https://github.com/acme/cart").unwrap(),
        ChartRepo::parse("https://charts.corp").unwrap(),
    );
    assert!(!ports.serves_images(&image) && !ports.serves_git(&git) && !ports.serves_charts(&chart));
    let (images, hosts, charts) = (ports.image_registry(), ports.git_host(), ports.chart_repository());
    let errors = [
        clock.run(images.tags(&image, Page::first())).unwrap_err(),
        clock.run(hosts.refs(&git, &RefQuery::default())).unwrap_err(),
        clock.run(charts.index(&chart, None)).unwrap_err(),
    ];
    for (error, builder) in errors.iter().zip(["images_at(\"ghcr.io\"", "git_at(\"github.com\"", "charts_at("]) {
        assert_eq!(error.class(), PortClass::Misconfigured);
        assert!(error.to_string().contains(builder), "{error}");
    }
    assert_eq!(images.account(&image), Account::anonymous("ghcr.io"));
    assert!(format!("{ports:?}").starts_with("Ports"));
}

#[test]
fn without_a_cache_nothing_is_kept() {
    let clock = VirtualClock::default();
    let cache = Ports::new(Arc::new(clock.clone())).artifact_cache();
    let key = CacheKey::of("kind", &Account::anonymous("ghcr.io"), "id");
    clock.run(cache.put(vec![(key.clone(), vec![1])])).unwrap();
    assert_eq!(clock.run(cache.get(&[key])), Ok(vec![None]));
}
