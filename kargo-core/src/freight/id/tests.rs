//! Ids against the worked examples of the reference, and what takes part in them.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{ObjectMeta, time::from_manifest};

const EXAMPLE_A: &str = "84d9a0d81714243ecd236c670da11c7259af9059";
const EXAMPLE_B: &str = "778eda38db6788f9470154adfcc64a364c32af11";

fn id(freight: &Freight) -> FreightName {
    freight_id(&freight.origin, freight)
}

fn commit(url: &str, id: &str) -> GitCommit {
    GitCommit { repo_url: url.into(), id: id.into(), ..GitCommit::default() }
}

fn image(url: &str, tag: &str, digest: &str) -> Image {
    Image { repo_url: url.into(), tag: tag.into(), digest: digest.into(), ..Image::default() }
}

fn example_a() -> Freight {
    let main = GitCommit {
        branch: Some("main".into()),
        ..commit("https://github.com/Example/kargo-demo.git", "4d2c1f0b9a8e7d6c5b4a39281706f5e4d3c2b1a0")
    };
    Freight {
        origin: Origin::warehouse("my-warehouse"),
        commits: vec![main],
        images: vec![image("public.ecr.aws/nginx/nginx", "1.27.0", &format!("sha256:{}", "a1".repeat(32)))],
        ..Freight::default()
    }
}

fn example_b() -> Freight {
    let tagged = GitCommit {
        tag: Some("v1.2.3".into()),
        subscription_name: Some("src".into()),
        ..commit("https://user:pw@github.com/example/app.git/", "0123456789abcdef0123456789abcdef01234567")
    };
    Freight {
        origin: Origin::warehouse("main"),
        commits: vec![tagged],
        images: vec![image("GHCR.io/Example/API", "2.0.0", &format!("sha256:{}", "0f".repeat(32)))],
        charts: vec![
            Chart {
                repo_url: "https://charts.example.com/stable".into(),
                name: Some("podinfo".into()),
                version: "6.5.0".into(),
                subscription_name: None,
            },
            Chart {
                repo_url: "oci://ghcr.io/Example/charts/web".into(),
                name: None,
                version: "1.4.1".into(),
                subscription_name: Some("web-chart".into()),
            },
        ],
        artifacts: vec![ArtifactReference {
            artifact_type: Some("application/vnd.example.model".into()),
            subscription_name: "weights".into(),
            version: "2024-05-01".into(),
            metadata: None,
        }],
        ..Freight::default()
    }
}

#[test]
fn resources_16_1_worked_examples() {
    assert_eq!(id(&example_a()), EXAMPLE_A);
    assert_eq!(id(&example_b()), EXAMPLE_B);
}

#[test]
fn resources_16_1_a_reference_has_the_id_of_its_freight() {
    let Freight { origin, commits, images, charts, artifacts, .. } = example_b();
    let reference = FreightReference { name: "anything".into(), origin, commits, images, charts, artifacts };
    assert_eq!(freight_id(&reference.origin, &reference), EXAMPLE_B);
}

#[test]
fn discovery_1_9_vectors() {
    let nginx = || image("public.ecr.aws/nginx/nginx", "1.27.0", "sha256:abc");
    let mine = Freight { origin: Origin::warehouse("my-warehouse"), images: vec![nginx()], ..Freight::default() };
    assert_eq!(id(&mine), "9cb63e7cb3ac2465cb4958883fda69a3de9aa09b");

    let both = Freight { commits: vec![commit("https://github.com/example/repo.git", "deadbeef")], ..mine };
    assert_eq!(id(&both), "b7abb4dea6016f967b85e5e974460517ff8ab5d8");

    let w = Freight {
        origin: Origin::warehouse("w"),
        charts: vec![Chart {
            repo_url: "https://charts.example.com".into(),
            name: Some("my-chart".into()),
            version: "1.2.3".into(),
            subscription_name: None,
        }],
        commits: vec![GitCommit {
            tag: Some("v1.0.0".into()),
            subscription_name: Some("code".into()),
            ..commit("https://github.com/example/repo", "deadbeef")
        }],
        ..Freight::default()
    };
    assert_eq!(id(&w), "5cd8083d7922310f55f57a66a99d73dd7b3bf64c");
}

#[test]
fn resources_16_1_separators_stay_where_fields_are_empty() {
    let of = |freight: Freight| id(&Freight { origin: Origin::warehouse("w"), ..freight });
    assert_eq!(
        of(Freight { images: vec![image("r", "", "")], ..Freight::default() }),
        "398d670271e550d2926f21d06f90abb5d4dba67d"
    );
    let untyped =
        ArtifactReference { subscription_name: "s".into(), version: "1".into(), ..ArtifactReference::default() };
    assert_eq!(
        of(Freight { artifacts: vec![untyped], ..Freight::default() }),
        "0ec97b7b8768fe6c2c71dac734ed0a47bab96a48"
    );
    assert_eq!(of(Freight::default()), "27fe6a4d90176761691f906e1a4775e8ed991924");
}

#[test]
fn resources_16_1_empty_is_absent() {
    let plain = example_a();
    let mut empty = example_a();
    empty.commits[0].tag = Some("".into());
    empty.commits[0].subscription_name = Some(String::new());
    empty.images[0].subscription_name = Some(String::new());
    assert_eq!(id(&empty), id(&plain));
}

#[test]
fn trap_3_image_urls_count_as_written_and_the_others_in_normal_form() {
    let mut freight = example_b();
    freight.commits[0].repo_url = "https://GITHUB.com/Example/App".into();
    freight.charts[0].repo_url = "https://Charts.Example.com/stable/".into();
    assert_eq!(id(&freight), EXAMPLE_B);
    freight.images[0].repo_url = "ghcr.io/example/api".into();
    assert_ne!(id(&freight), EXAMPLE_B);
}

#[test]
fn trap_4_a_tag_enters_the_id_and_a_branch_does_not() {
    let plain = example_a();
    let mut changed = example_a();
    changed.commits[0].branch = Some("release".into());
    assert_eq!(id(&changed), id(&plain));
    changed.commits[0].tag = Some("v1".into());
    let first_tag = id(&changed);
    changed.commits[0].tag = Some("v2".into());
    assert_eq!(BTreeSet::from([id(&plain), first_tag, id(&changed)]).len(), 3);
}

#[test]
fn trap_5_the_id_without_an_origin_is_another() {
    let freight = example_a();
    assert_eq!(id_under_key("/", Artifacts::from(&freight)), "3c492857b713f9b03007203b0d2d007454aba473");
}

#[test]
fn resources_16_1_everything_that_takes_part_changes_the_id() {
    let changes: &[fn(&mut Freight)] = &[
        |f| f.origin = Origin::warehouse("other"),
        |f| f.origin = Origin::junction("main"),
        |f| f.commits[0].repo_url = "https://github.com/example/app2".into(),
        |f| f.commits[0].id = "1".into(),
        |f| f.commits[0].tag = None,
        |f| f.commits[0].tag = Some("v1.2.4".into()),
        |f| f.commits[0].subscription_name = None,
        |f| f.images[0].repo_url = "ghcr.io/example/api".into(),
        |f| f.images[0].tag = "2.0.1".into(),
        |f| f.images[0].digest = "sha256:1".into(),
        |f| f.images[0].subscription_name = Some("api".into()),
        |f| f.charts[0].repo_url = "https://charts.example.com/edge".into(),
        |f| f.charts[0].name = Some("podinfo2".into()),
        |f| f.charts[0].version = "6.5.1".into(),
        |f| f.charts[0].subscription_name = Some("info".into()),
        |f| f.artifacts[0].artifact_type = None,
        |f| f.artifacts[0].subscription_name = "biases".into(),
        |f| f.artifacts[0].version = "2024-05-02".into(),
        |f| drop(f.charts.pop()),
        |f| f.images.push(Image::default()),
        // The same artifact twice is not the same freight.
        |f| f.images.push(f.images[0].clone()),
    ];
    let mut ids = BTreeSet::from([id(&example_b())]);
    for (index, change) in changes.iter().enumerate() {
        let mut freight = example_b();
        change(&mut freight);
        assert!(ids.insert(id(&freight)), "change {index}");
    }
}

#[test]
fn rules_9_bundle_ids() {
    let train = JunctionName::from("train");
    assert_eq!(bundle_id(&train, [EXAMPLE_A]), "4b915bcccdf67b2603ca2121422e60f5484ab85f");
    assert_eq!(bundle_id(&train, [EXAMPLE_A, EXAMPLE_B]), "b581c3abb55e116c694fa06924b6d8df4758699f");
    assert_ne!(bundle_id(&train, [EXAMPLE_A, EXAMPLE_B]), bundle_id(&"tram".into(), [EXAMPLE_A, EXAMPLE_B]));
}

#[test]
fn rules_9_the_order_of_members_takes_no_part() {
    let members: Vec<FreightName> = ["f", "e", "d", "c", "b", "a"].map(FreightName::from).to_vec();
    let train = JunctionName::from("train");
    let expected = bundle_id(&train, &members);
    let mut permutations = BTreeSet::from([members.clone()]);
    let mut unseen = vec![members];
    while let Some(order) = unseen.pop() {
        assert_eq!(bundle_id(&train, &order), expected, "{order:?}");
        for i in 1..order.len() {
            let mut next = order.clone();
            next.swap(i - 1, i);
            if permutations.insert(next.clone()) {
                unseen.push(next);
            }
        }
    }
    assert_eq!(permutations.len(), 720);
}

fn name() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z]{0,4}")
}

fn any_freight() -> impl Strategy<Value = Freight> {
    let url = || {
        prop_oneof![
            "https://[a-zA-Z.]{1,6}/[a-zA-Z]{0,6}(\\.git)?/?",
            "[a-z]{1,4}/[a-zA-Z:]{0,6}",
            "oci://[a-z]{1,4}/[A-Z]{1,3}"
        ]
    };
    let commits = (url(), "[0-9a-f]{0,6}", name(), name()).prop_map(|(repo_url, id, tag, subscription_name)| {
        GitCommit { repo_url, id, tag: tag.map(Into::into), subscription_name, ..GitCommit::default() }
    });
    let images =
        (url(), "[a-z0-9.]{0,6}", "[0-9a-f]{0,6}", name()).prop_map(|(repo_url, tag, digest, subscription_name)| {
            Image { repo_url, tag: tag.into(), digest: digest.into(), subscription_name, ..Image::default() }
        });
    let charts = (url(), name(), "[0-9.]{0,5}", name())
        .prop_map(|(repo_url, name, version, subscription_name)| Chart { repo_url, name, version, subscription_name });
    let others = (name(), "[a-z]{1,4}", "[0-9.]{1,5}").prop_map(|(artifact_type, subscription_name, version)| {
        ArtifactReference { artifact_type, subscription_name, version, metadata: None }
    });
    (
        "[a-z]{1,6}",
        prop::collection::vec(commits, 0..5),
        prop::collection::vec(images, 0..5),
        prop::collection::vec(charts, 0..5),
        prop::collection::vec(others, 0..5),
    )
        .prop_map(|(origin, commits, images, charts, artifacts)| Freight {
            origin: Origin::warehouse(origin),
            commits,
            images,
            charts,
            artifacts,
            ..Freight::default()
        })
}

fn two_orders() -> impl Strategy<Value = (Freight, Freight)> {
    any_freight().prop_flat_map(|freight| {
        let lists = (
            Just(freight.commits.clone()).prop_shuffle(),
            Just(freight.images.clone()).prop_shuffle(),
            Just(freight.charts.clone()).prop_shuffle(),
            Just(freight.artifacts.clone()).prop_shuffle(),
        );
        lists.prop_map(move |(commits, images, charts, artifacts)| {
            (freight.clone(), Freight { commits, images, charts, artifacts, ..freight.clone() })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn resources_16_1_the_order_of_artifacts_takes_no_part((freight, shuffled) in two_orders()) {
        prop_assert_eq!(id(&freight), id(&shuffled));
    }

    #[test]
    fn resources_16_1_descriptions_take_no_part(freight in any_freight(), text in ".{1,8}", seconds in 0_i64..4_000_000_000) {
        let time = from_manifest("1970-01-01T00:00:00Z").unwrap() + chrono::TimeDelta::seconds(seconds);
        let mut described = freight.clone();
        for commit in &mut described.commits {
            let some = || Some(text.clone());
            (commit.branch, commit.message, commit.author, commit.committer) = (some(), some(), some(), some());
        }
        for image in &mut described.images {
            image.annotations.insert(text.clone(), text.clone());
        }
        for artifact in &mut described.artifacts {
            artifact.metadata = Some(json!({"text": text}));
        }
        described.alias = Some(text.clone());
        described.discovered_at = Some(time);
        described.metadata = ObjectMeta { creation_timestamp: Some(time), ..ObjectMeta::named(text) };
        prop_assert_eq!(id(&described), id(&freight));
    }

    #[test]
    fn resources_16_1_one_more_digit_anywhere_is_other_freight(freight in any_freight(), pick in any::<prop::sample::Index>()) {
        let artifacts = Artifacts::from(&freight).len();
        prop_assume!(artifacts > 0);
        let mut index = pick.index(artifacts);
        let mut changed = freight.clone();
        let versions = changed.commits.iter_mut().map(|c| &mut c.id)
            .chain(changed.charts.iter_mut().map(|c| &mut c.version))
            .chain(changed.artifacts.iter_mut().map(|a| &mut a.version));
        let count = freight.commits.len() + freight.charts.len() + freight.artifacts.len();
        if index < count {
            for version in versions {
                if index == 0 {
                    version.push('0');
                    break;
                }
                index -= 1;
            }
        } else {
            let image = &mut changed.images[index - count];
            image.digest = format!("{}0", image.digest).into();
        }
        prop_assert_ne!(id(&changed), id(&freight));
    }

    #[test]
    fn resources_16_1_an_id_is_forty_lower_case_hex_digits(freight in any_freight()) {
        let id = id(&freight);
        prop_assert!(id.len() == 40 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{}", id);
    }
}
