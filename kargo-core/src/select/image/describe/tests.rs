use super::*;
use crate::select::image::Ask;

const OCI: &str = "org.opencontainers.image.created";

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn year(year: i32) -> Option<Timestamp> {
    format!("{year}-01-01T00:00:00Z").parse().ok()
}

fn claim(year: i32) -> String {
    format!("{year}-01-01T00:00:00Z")
}

fn image(annotations: &[(&str, &str)], config: &str) -> Manifest {
    Manifest::Image { annotations: map(annotations), config: ConfigSource::Blob(config.into()) }
}

fn entry(digest: &str, platform: &str, annotations: &[(&str, &str)]) -> IndexEntry {
    IndexEntry { digest: digest.into(), platform: Platform::parse(platform).ok(), annotations: map(annotations) }
}

fn index(annotations: &[(&str, &str)], entries: Vec<IndexEntry>) -> Manifest {
    Manifest::Index { annotations: map(annotations), entries }
}

fn documents(manifests: Vec<(&str, Manifest)>, configs: &[(&str, Option<Timestamp>)]) -> Documents {
    Documents {
        manifests: manifests.into_iter().map(|(digest, manifest)| (digest.into(), manifest)).collect(),
        configs: configs.iter().map(|(digest, created)| ((*digest).into(), Config { created: *created })).collect(),
    }
}

const ANY: Wanted<'static> = Wanted { platform: None, date: true, given: None };

fn done(annotations: &[(&str, &str)], created: Option<Timestamp>) -> Described {
    Described::Done(Description { annotations: map(annotations), created })
}

fn missing(documents: &[Document]) -> Described {
    Described::Missing(documents.iter().cloned().collect())
}

fn manifest(digest: &str) -> Document {
    Document::Manifest(digest.into())
}

fn config(digest: &str) -> Document {
    Document::Config(digest.into())
}

#[test]
fn discovery_2_7_an_image_takes_its_annotation_else_its_config() {
    let claimed = claim(2020);
    let annotations = [(OCI, claimed.as_str()), ("a", "b")];
    let all = documents(
        vec![("annotated", image(&annotations, "c")), ("plain", image(&[("a", "b")], "c"))],
        &[("c", year(2026))],
    );
    assert_eq!(describe(&"annotated".into(), ANY, &all), done(&annotations, year(2020)), "even if the config is later");
    assert_eq!(describe(&"plain".into(), ANY, &all), done(&[("a", "b")], year(2026)));

    let bare = Documents { configs: BTreeMap::new(), ..all };
    assert_eq!(describe(&"annotated".into(), ANY, &bare), done(&annotations, year(2020)), "the config is not needed");
    assert_eq!(describe(&"plain".into(), ANY, &bare), missing(&[config("c")]));
    assert_eq!(describe(&"plain".into(), Wanted { date: false, ..ANY }, &bare), done(&[("a", "b")], None));
    assert_eq!(describe(&"plain".into(), Wanted { given: year(2025), ..ANY }, &bare), done(&[("a", "b")], year(2025)));
    assert_eq!(describe(&"unknown".into(), ANY, &bare), missing(&[manifest("unknown")]));
}

#[test]
fn discovery_2_6_an_inline_config_costs_nothing() {
    let inline =
        Manifest::Image { annotations: BTreeMap::new(), config: ConfigSource::Inline(Config { created: year(2024) }) };
    assert_eq!(describe(&"m".into(), ANY, &documents(vec![("m", inline)], &[])), done(&[], year(2024)));
}

#[test]
fn discovery_2_7_an_index_takes_its_annotation_else_the_latest_entry() {
    let (early, late) = (claim(2020), claim(2023));
    let entries = vec![
        entry("amd", "linux/amd64", &[]),
        entry("arm", "linux/arm64/v8", &[(OCI, &late)]),
        entry("attestation", "unknown/unknown", &[]),
        IndexEntry { digest: "other".into(), ..IndexEntry::default() },
    ];
    let claimed = index(&[(OCI, &early)], entries.clone());
    assert_eq!(describe(&"i".into(), ANY, &documents(vec![("i", claimed)], &[])), done(&[(OCI, &early)], year(2020)));

    let plain = index(&[], entries);
    let bare = documents(vec![("i", plain.clone())], &[]);
    assert_eq!(describe(&"i".into(), ANY, &bare), missing(&[manifest("amd")]), "the other entry claims its date");
    let some = documents(vec![("i", plain.clone()), ("amd", image(&[], "c"))], &[]);
    assert_eq!(describe(&"i".into(), ANY, &some), missing(&[config("c")]));
    for (amd, expected) in [(year(2022), year(2023)), (year(2024), year(2024)), (None, year(2023))] {
        let all = documents(vec![("i", plain.clone()), ("amd", image(&[], "c"))], &[("c", amd)]);
        assert_eq!(describe(&"i".into(), ANY, &all), done(&[], expected));
    }
}

/// Discovery 2.6 and 2.8; requirements A6: nothing is read for the other platforms.
#[test]
fn a_platform_reads_its_entry_alone() {
    let entries = vec![
        entry("amd", "linux/amd64", &[("a", "amd"), ("c", "amd")]),
        entry("arm", "linux/arm64/v8", &[("a", "arm")]),
        entry("s390", "linux/s390x", &[]),
    ];
    let all = documents(
        vec![("i", index(&[("a", "index"), ("b", "index")], entries)), ("amd", image(&[("d", "child")], "c"))],
        &[("c", year(2024))],
    );
    let wanted = |platform: &Platform, digest: &str, all: &Documents| {
        describe(&digest.into(), Wanted { platform: Some(platform), ..ANY }, all)
    };
    let amd = Platform::new("linux", "amd64", "");
    let annotations = [("a", "amd"), ("b", "index"), ("c", "amd")];
    assert_eq!(
        wanted(&amd, "i", &all),
        done(&annotations, year(2024)),
        "the entry's win; the child's are not recorded"
    );
    let bare = Documents { configs: BTreeMap::new(), ..all.clone() };
    assert_eq!(wanted(&amd, "i", &bare), missing(&[config("c")]));
    for other in [
        Platform::new("linux", "arm64", ""),
        Platform::new("windows", "amd64", ""),
        Platform::new("linux", "amd64", "v2"),
    ] {
        assert_eq!(wanted(&other, "i", &all), Described::No(SkipReason::Platform), "{other}");
    }
    assert_eq!(wanted(&amd, "amd", &all), Described::No(SkipReason::Platform), "an image outside of an index has none");
}

#[test]
fn discovery_2_8_without_a_platform_entries_add_nothing() {
    let all = documents(
        vec![
            ("i", index(&[("a", "index")], vec![entry("amd", "linux/amd64", &[("b", "amd")])])),
            ("amd", image(&[("c", "x")], "c")),
        ],
        &[("c", None)],
    );
    assert_eq!(describe(&"i".into(), ANY, &all), done(&[("a", "index")], None));
}

#[test]
fn discovery_2_6_what_is_no_image() {
    let schema_1 = "application/vnd.docker.distribution.manifest.v1+json".to_owned();
    let other = Manifest::Other { media_type: schema_1.clone() };
    let empty = index(&[], vec![entry("x", "unknown/unknown", &[])]);
    let over_other = index(&[], vec![entry("other", "linux/amd64", &[])]);
    let over_empty = index(&[], vec![entry("empty", "linux/amd64", &[])]);
    let all = documents(vec![("other", other), ("empty", empty), ("io", over_other), ("ie", over_empty)], &[]);
    let no_image = SkipReason::NoImage { media_type: schema_1 };
    for (digest, reason) in [
        ("other", no_image.clone()),
        ("empty", SkipReason::EmptyIndex),
        ("io", no_image),
        ("ie", SkipReason::EmptyIndex),
    ] {
        assert_eq!(describe(&digest.into(), ANY, &all), Described::No(reason), "{digest}");
    }
}

#[test]
fn discovery_2_6_indexes_in_indexes() {
    let inner = index(&[], vec![entry("a", "linux/amd64", &[]), entry("b", "linux/arm64", &[])]);
    let outer = index(&[], vec![entry("inner", "linux/amd64", &[]), entry("a", "linux/arm64", &[])]);
    let all = documents(
        vec![("outer", outer), ("inner", inner), ("a", image(&[], "ca")), ("b", image(&[], "cb"))],
        &[("ca", year(2020)), ("cb", year(2021))],
    );
    assert_eq!(describe(&"outer".into(), ANY, &all), done(&[], year(2021)));

    let circle = documents(vec![("i", index(&[], vec![entry("i", "linux/amd64", &[])]))], &[]);
    assert_eq!(describe(&"i".into(), ANY, &circle), Described::No(SkipReason::Nested));
}

/// Each index points a thousand times at the next: worked out once each, or refused, but not followed a thousand to the eighth
/// times.
#[test]
fn hostile_nesting_ends() {
    for (depth, expected) in [(5, done(&[], year(2020))), (20, Described::No(SkipReason::Nested))] {
        let names: Vec<String> = (0..=depth).map(|at| format!("i{at}")).collect();
        let mut manifests: Vec<(&str, Manifest)> = names
            .windows(2)
            .map(|pair| (pair[0].as_str(), index(&[], vec![entry(&pair[1], "linux/amd64", &[]); 1000])))
            .collect();
        manifests.push((names.last().unwrap(), image(&[], "c")));
        assert_eq!(describe(&"i0".into(), ANY, &documents(manifests, &[("c", year(2020))])), expected);
    }
}

#[test]
fn reasons_say_what_is_missing() {
    assert_eq!(SkipReason::Missing(Ask::Tag("v1".into())).to_string(), "tag v1 does not exist");
    assert_eq!(SkipReason::Failed(Ask::Config("sha256:c".into())).to_string(), "config sha256:c could not be read");
    assert!(!SkipReason::Platform.is_failure() && SkipReason::EmptyIndex.is_failure());
}
