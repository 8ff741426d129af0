//! Warehouses and their subscriptions (resources 7, 17.7, 22, 23; discovery 1.2, 2.1, 2.2, 2.11).

use kargo_core::model::{Code, CommitSelectionStrategy, ImageSelectionStrategy, Source, Warehouse};

use super::mistake::{error, fine, object, read, read_with_models, values, warehouse, warning};

const AT: &str = "spec.subscriptions[0]";

fn at(rest: &str) -> String {
    format!("{AT}.{rest}")
}

fn git(rest: &str) -> String {
    warehouse(&format!("git: {{ repoURL: https://git.example/a{rest} }}"))
}

fn image(rest: &str) -> String {
    warehouse(&format!("image: {{ repoURL: ghcr.io/acme/a{rest} }}"))
}

fn only(text: &str) -> Warehouse {
    fine(text).manifests.all::<Warehouse>().next().unwrap().0.clone()
}

#[test]
fn resources_7_1_one_type_for_each_subscription() {
    error(Code::Conflict, "resources 7.1", AT, &warehouse("‸{ name: a«¦, image: { repoURL: a }» }"));
    error(
        Code::Conflict,
        "resources 7.1",
        AT,
        &warehouse("‸{ image: { repoURL: a }«, chart: { repoURL: oci://a/b }¦» }"),
    );
    error(Code::WrongType, "resources 7.1", AT, &warehouse("«ghcr.io/acme/a¦image: { repoURL: a }»"));
    error(Code::WrongType, "resources 7.1", &at("image"), &warehouse("image: «a¦{ repoURL: a }»"));
}

#[test]
fn resources_7_1_types_are_known_and_spelled_as_they_are() {
    let found = error(Code::UnknownType, "resources 7.1", &at("Image"), &warehouse("«Image¦image»: { repoURL: a }"));
    assert_eq!(found.helps(), ["did you mean \"image\"?"]);
    error(Code::UnknownType, "resources 7.1", &at("oras"), &warehouse("{ ‸«oras: {}¦model: {}», name: a }"));
    // A program's own type is read by the reader that was told of it only.
    let text = warehouse("{ name: a, model: { config: { deep: [1.5, null] }, subscriptionType: other } }");
    assert_eq!(read(&text).diagnostics.iter().next().unwrap().code(), Code::UnknownType);
    let Source::Other(other) = &only(&text).spec.subscriptions[0].source else { panic!("not generic") };
    assert_eq!((other.subscription_type.as_str(), other.discovery_limit), ("model", 20), "the type key overwrites");
}

#[test]
fn resources_7_1_names_of_subscriptions() {
    let long = "a".repeat(64);
    let wrong = ["A", "a.b", "-a", "a_b", long.as_str()];
    values(
        Code::Format,
        "resources 7.1",
        &at("name"),
        &warehouse("{ name: ◌, image: { repoURL: a } }"),
        &wrong,
        &["a", "a-b", "\"\""],
    );
    let twice = "{ name: a, image: { repoURL: a } }\n{ name: «a¦b», git: { repoURL: https://h/x } }";
    error(Code::Duplicate, "resources 7.1", "spec.subscriptions[1].name", &warehouse(twice));
    error(Code::Missing, "resources 7.1", &at("name"), &warehouse("‸{ model: {}«¦, name: a» }"));
    error(Code::Missing, "resources 7.1", &at("name"), &warehouse("{ model: {}, ‸name: «\"\"¦a» }"));
}

#[test]
fn resources_7_1_fields_are_read_without_regard_to_case() {
    let text = warehouse(
        "image: { REPOURL: a, discoverylimit: 7, AllowTagsRegexes: [^v] }\ngit: { RepoUrl: https://h/x, Since: 2026-01-02T03:04:05Z }\nchart: { repourl: https://h/y, NAME: b }",
    );
    let read = only(&text);
    let written = serde_json::to_value(&read.spec.subscriptions).unwrap();
    assert_eq!(written[0]["image"]["discoveryLimit"], 7);
    assert_eq!(written[0]["image"]["allowTagsRegexes"][0], "^v");
    assert_eq!(written[1]["git"]["since"], "2026-01-02T03:04:05Z");
    assert_eq!(written[2]["chart"]["name"], "b");
    // Mistakes are named in the field's own spelling, at its place.
    error(Code::Format, "resources 7.1", &at("image.repoURL"), &warehouse("image: { REPOURL: «https://a/b¦a/b» }"));
    // Two spellings are one field.
    error(
        Code::DuplicateKey,
        "resources 7.1",
        &at("image.repoURL"),
        &warehouse("image: { repoURL: a«, ‸RepoURL: b¦» }"),
    );
    // Elsewhere spelling counts.
    let interval =
        object("Warehouse", "w", "spec: { «Interval¦interval»: 1m, subscriptions: [{ image: { repoURL: a } }] }");
    let found = warning(Code::UnknownField, "resources 7", "spec.Interval", &interval);
    assert_eq!(found.helps(), ["did you mean \"interval\"?"]);
}

#[test]
fn resources_2_urls() {
    let repo = |url: &str| warehouse(&format!("git: {{ repoURL: {url} }}"));
    let wrong =
        ["https://git.example", "HTTPS://git.example/a", "ftp://git.example/a", "git.example/a", "https://h:123456/x"];
    values(
        Code::Format,
        "resources 7.1",
        &at("git.repoURL"),
        &repo("◌"),
        &wrong,
        &["https://git.example/a.git", "http://u:p@h:80/x"],
    );
    let repo = |url: &str| warehouse(&format!("image: {{ repoURL: {url} }}"));
    let wrong = ["https://ghcr.io/a", "'ghcr.io/a:1'", "'a@sha256:00'", "a//b", "/a", "a/"];
    values(
        Code::Format,
        "resources 7.1",
        &at("image.repoURL"),
        &repo("◌"),
        &wrong,
        &["nginx", "ghcr.io/Acme/a", "localhost:5000/a"],
    );
    let repo = |url: &str| warehouse(&format!("chart: {{ repoURL: {url}, name: a }}"));
    let wrong = ["ftp://h", "HTTPS://h", "h/a", "https://u@h/x"];
    values(Code::Format, "resources 7.1", &at("chart.repoURL"), &repo("◌"), &wrong, &["https://h", "http://h:80/x"]);
    let found = error(
        Code::Format,
        "resources 7.1",
        &at("image.repoURL"),
        &warehouse("image: { repoURL: «https://ghcr.io/a¦a» }"),
    );
    assert_eq!(found.helps(), ["leave the scheme out: ghcr.io/a"]);
}

#[test]
fn resources_22_ssh_urls_of_git_are_deprecated() {
    for url in ["ssh://git@git.example/a", "git@git.example:a.git"] {
        let text = warehouse(&format!("git: {{ repoURL: «{url}¦https://git.example/a» }}"));
        warning(Code::Deprecated, "resources 22", &at("git.repoURL"), &text);
    }
}

#[test]
fn resources_2_branches() {
    let long = "b".repeat(256);
    let wrong = ["-a", "/a", "a/", "a.", "'a b'", "'a@b'", long.as_str()];
    values(
        Code::Format,
        "resources 7.1",
        &at("git.branch"),
        &git(", branch: ◌"),
        &wrong,
        &["main", "release/1.2", "\"\""],
    );
}

#[test]
fn resources_2_intervals() {
    let text = object("Warehouse", "w", "spec: { interval: ◌, subscriptions: [{ image: { repoURL: a } }] }");
    let wrong = ["300ms", "-5m", "'0'", "5", "5 m", "1d", "\"\""];
    let (numbers, texts): (Vec<&str>, Vec<&str>) = wrong.iter().partition(|text| **text == "5");
    values(Code::Format, "resources 7", "spec.interval", &text, &texts, &["5m", "1h30m", "1.5h", "0s"]);
    values(Code::WrongType, "resources 7", "spec.interval", &text, &numbers, &["5m"]);
}

#[test]
fn resources_23_trap_31_discovery_limits() {
    for kind in [
        "git: { repoURL: https://h/x",
        "image: { repoURL: a",
        "chart: { repoURL: https://h/x, name: a",
        "model: { config: {}",
    ] {
        let name = kind.split(':').next().unwrap();
        let text = warehouse(&format!("{{ name: a, {kind}, discoveryLimit: ◌ }} }}"));
        values(
            Code::Range,
            "resources 7.1",
            &at(&format!("{name}.discoveryLimit")),
            &text,
            &["-1", "101", "1.5"],
            &["1", "100", "0"],
        );
        let read = only(&text.replace('◌', "0"));
        let written = serde_json::to_value(&read.spec.subscriptions[0]).unwrap();
        assert_eq!(written[name]["discoveryLimit"], 20, "{name}: zero means the default");
    }
}

#[test]
fn resources_7_1_defaults() {
    let read = only(&warehouse("git: { repoURL: https://h/x }\nimage: { repoURL: a }\nchart: { repoURL: oci://h/c }"));
    let written = serde_json::to_value(&read.spec).unwrap();
    assert_eq!(
        (written["interval"].as_str(), written["freightCreationPolicy"].as_str()),
        (Some("5m0s"), Some("Automatic"))
    );
    let [Source::Git(git), Source::Image(image), Source::Chart(chart)] =
        &[0, 1, 2].map(|index| read.spec.subscriptions[index].source.clone())
    else {
        panic!("{written}")
    };
    assert_eq!((git.discovery_limit, image.discovery_limit, chart.discovery_limit), (20, 20, 20));
    assert_eq!((git.strict_semvers, image.strict_semvers), (Some(true), Some(true)));
    assert_eq!(git.commit_selection_strategy, CommitSelectionStrategy::NewestFromBranch);
    assert_eq!(image.image_selection_strategy, ImageSelectionStrategy::SemVer);
    // What a template rendered empty is as good as left out, as it is for Kargo, which reads these before it fills in.
    let empty = only(&warehouse(
        "git: { repoURL: https://h/x, commitSelectionStrategy: \"\", branch: \"\", semverConstraint: \"\" }\n\
         image: { repoURL: a, imageSelectionStrategy: '', constraint: '', strictSemvers: , platform: '' }\n\
         chart: { repoURL: oci://h/c, name: '', discoveryLimit: ~ }",
    ));
    assert_eq!(empty.spec, read.spec);
}

#[test]
fn discovery_2_11_constraints() {
    let wrong = ["'>>1'", "1.2.3.4.5", "'^1 ^'", "'a b'"];
    let right = ["^1.0.0", "'>=1.0.0 <2.0.0'", "1.x", "\"\""];
    let text = git(", commitSelectionStrategy: SemVer, semverConstraint: ◌");
    values(Code::Constraint, "discovery 2.11", &at("git.semverConstraint"), &text, &wrong, &right);
    values(Code::Constraint, "discovery 2.11", &at("image.constraint"), &image(", constraint: ◌"), &wrong, &right);
    let chart = warehouse("chart: { repoURL: oci://h/c, semverConstraint: ◌ }");
    values(Code::Constraint, "discovery 2.11", &at("chart.semverConstraint"), &chart, &wrong, &right);
    let found = error(Code::Constraint, "discovery 2.11", &at("image.constraint"), &image(", constraint: «latest¦^1»"));
    assert!(found.helps()[0].contains("imageSelectionStrategy: Digest, constraint: latest"), "{found}");
}

#[test]
fn resources_7_1_what_a_strategy_does_not_read() {
    for strategy in ["NewestFromBranch", "Lexical", "NewestTag"] {
        let text = git(&format!(", commitSelectionStrategy: {strategy}«, semverConstraint: ‸^1¦»"));
        warning(Code::Conflict, "resources 7.1", &at("git.semverConstraint"), &text);
    }
    for strategy in ["SemVer", "Lexical", "NewestTag"] {
        let text = git(&format!(", commitSelectionStrategy: {strategy}«, branch: ‸main¦»"));
        warning(Code::Conflict, "resources 7.1", &at("git.branch"), &text);
    }
    for strategy in ["Lexical", "NewestBuild"] {
        let text = image(&format!(", imageSelectionStrategy: {strategy}«, constraint: ‸^1¦»"));
        warning(Code::Conflict, "resources 7.1", &at("image.constraint"), &text);
    }
}

#[test]
fn resources_7_1_digest_needs_its_tag() {
    let path = at("image.imageSelectionStrategy");
    error(Code::DigestTag, "resources 7.1", &path, &image(", ‸imageSelectionStrategy: Digest«¦, constraint: latest»"));
    error(
        Code::DigestTag,
        "resources 7.1",
        &path,
        &image(", ‸imageSelectionStrategy: Digest, constraint: «\"\"¦latest»"),
    );
}

#[test]
fn resources_7_1_platforms() {
    let wrong = ["linux", "amd64"];
    values(
        Code::Platform,
        "resources 7.1",
        &at("image.platform"),
        &image(", platform: ◌"),
        &wrong,
        &["linux/amd64", "linux/arm/v7", "\"\""],
    );
    for wrong in ["linux/", "/amd64", "linux/arm/"] {
        let text = image(&format!(", platform: «{wrong}¦linux/arm/v7»"));
        warning(Code::Platform, "discovery 2.6", &at("image.platform"), &text);
    }
}

#[test]
fn resources_7_1_names_of_charts() {
    let missing = warehouse("chart: { repoURL: ‸https://h/x«¦, name: a» }");
    error(Code::Missing, "resources 7.1", &at("chart.repoURL"), &missing);
    error(
        Code::Missing,
        "resources 7.1",
        &at("chart.repoURL"),
        &warehouse("chart: { repoURL: ‸http://h/x, name: «\"\"¦a» }"),
    );
    error(Code::Conflict, "resources 7.1", &at("chart.name"), &warehouse("chart: { repoURL: oci://h/x«, ‸name: a¦» }"));
    fine(&warehouse("chart: { repoURL: oci://h/x, name: \"\" }"));
}

#[test]
fn discovery_2_2_patterns_of_tags_and_paths() {
    for key in ["allowTagsRegexes", "ignoreTagsRegexes"] {
        let path = at(&format!("image.{key}[1]"));
        values(
            Code::Pattern,
            "resources 7.1",
            &path,
            &image(&format!(", {key}: [^v, ◌]")),
            &["'('", "'(?=a)'", "'*'"],
            &["rc$"],
        );
        let text = git(&format!(", commitSelectionStrategy: Lexical, {key}: [◌]"));
        values(Code::Pattern, "resources 7.1", &at(&format!("git.{key}[0]")), &text, &["'['"], &["'^v[0-9]+'"]);
    }
    for key in ["includePaths", "excludePaths"] {
        let text = git(&format!(", {key}: [◌]"));
        let right = ["src", "'glob:src/**'", "'regex:^src'", "'regexp:a'"];
        values(
            Code::Pattern,
            "resources 7.1",
            &at(&format!("git.{key}[0]")),
            &text,
            &["'regex:('", "'glob:['"],
            &right,
        );
    }
}

#[test]
fn resources_22_old_filters_of_tags_stop_discovery() {
    for (key, value) in [("allowTags", "^v"), ("ignoreTags", "[rc]")] {
        for strategy in ["SemVer", "Lexical", "NewestTag"] {
            let text = git(&format!(", commitSelectionStrategy: {strategy}«, ‸{key}: {value}¦»"));
            let found = error(Code::Removed, "resources 22", &at(&format!("git.{key}")), &text);
            assert!(found.helps()[0].contains(&format!("{key}Regexes")), "{found}");
        }
        for strategy in ["SemVer", "Lexical", "NewestBuild"] {
            let text = image(&format!(", imageSelectionStrategy: {strategy}«, ‸{key}: {value}¦»"));
            error(Code::Removed, "resources 22", &at(&format!("image.{key}")), &text);
        }
        // Strategies that read no tags do not mind.
        warning(Code::Deprecated, "resources 22", &at(&format!("git.{key}")), &git(&format!("«, ‸{key}: {value}¦»")));
        let digest = image(&format!(", imageSelectionStrategy: Digest, constraint: latest«, ‸{key}: {value}¦»"));
        warning(Code::Deprecated, "resources 22", &at(&format!("image.{key}")), &digest);
    }
    fine(&image(", allowTags: \"\", ignoreTags: []"));
}

#[test]
fn resources_22_fields_that_are_gone() {
    let found =
        warning(Code::Deprecated, "resources 22", &at("image.semverConstraint"), &image("«, ‸semverConstraint: ^1¦»"));
    assert_eq!(found.helps(), ["write `constraint` instead"]);
    warning(Code::Deprecated, "resources 22", &at("image.gitRepoURL"), &image("«, ‸gitRepoURL: https://h/x¦»"));
    let found =
        warning(Code::UnknownField, "resources 7.1", &at("image.plattform"), &image(", «plattform: linux/amd64¦»"));
    assert_eq!(found.helps(), ["did you mean \"platform\"?"]);
}

#[test]
fn resources_17_7_a_repository_is_subscribed_to_once() {
    let twice = [
        ("git", "https://u@Git.example/a.git", "https://git.example/A", "https://git.example/b", ""),
        ("image", "docker.io/library/nginx", "nginx", "redis", ""),
        ("chart", "oci://h/x", "oci://H/x", "oci://h/y", ""),
        ("chart", "https://h/x", "https://H/x", "https://h/y", ", name: a"),
    ];
    for (kind, first, second, other, rest) in twice {
        let text = warehouse(&format!(
            "{kind}: {{ repoURL: {first}{rest} }}\n{{ name: named, {kind}: {{ repoURL: «{second}¦{other}»{rest} }} }}"
        ));
        error(Code::Overlap, "resources 17.7", &format!("spec.subscriptions[1].{kind}.repoURL"), &text);
    }
    // Two charts of a classic repository are two, and so are a chart and an image of one URL, and two generic ones.
    fine(&warehouse("chart: { repoURL: https://h/x, name: a }\nchart: { repoURL: https://h/x, name: b }"));
    fine(&warehouse("image: { repoURL: h.io/x }\nchart: { repoURL: oci://h.io/x }"));
    fine(&warehouse("{ name: a, model: {} }\n{ name: b, model: {} }"));
    assert!(!read_with_models(&warehouse("{ name: a, model: {} }")).diagnostics.has_errors());
}
