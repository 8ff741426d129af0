//! Creation criteria (discovery 1.8).

use kargo_core::{
    freight::creation::{CreationCriteria, CriteriaError},
    model::{DiscoveredArtifacts, FreightCreationCriteria},
};
use serde_json::json;

use super::{found, now};

fn compile(expression: &str) -> Result<CreationCriteria, CriteriaError> {
    CreationCriteria::compile(Some(&FreightCreationCriteria { expression: Some(expression.to_owned()) }))
}

fn everything() -> DiscoveredArtifacts {
    found(json!({
        "git": [
            {"repoURL": "https://github.com/acme/env.git", "commits": []},
            {"repoURL": "https://GitHub.com/Acme/Env", "commits": [
                {"id": "c1", "branch": "main", "subject": "fix", "author": "Eve <eve@x>", "committer": "Bot",
                 "creatorDate": "2026-05-01T10:00:00Z"},
                {"id": "c0", "tag": "v1"},
            ]},
            {"repoURL": "https://github.com/acme/env", "commits": [{"id": "never"}]},
        ],
        "images": [
            {"repoURL": "docker.io/library/busybox", "references": [
                {"tag": "1.36", "digest": "sha256:ab", "annotations": {"k": "v"}, "createdAt": "2026-05-02T00:00:00Z"},
                {"tag": "1.35", "digest": "sha256:cd"},
            ]},
        ],
        "charts": [
            {"repoURL": "https://Charts.example.com", "name": "web", "versions": ["2.0.0", "1.0.0"]},
            {"repoURL": "https://charts.example.com", "name": "api", "versions": ["3.0.0"]},
            {"repoURL": "oci://ghcr.io/acme/charts/cart", "versions": ["4.0.0"]},
        ],
        "results": [
            {"name": "model", "artifactReferences": [{"subscriptionName": "model", "version": "1", "artifactType": "gguf"}]},
            {"name": "model", "artifactReferences": [
                {"subscriptionName": "model", "version": "2", "metadata": {"size": 7, "tags": ["a"]}},
                {"subscriptionName": "model", "version": "1"},
            ]},
            {"name": "model", "artifactReferences": []},
        ],
    }))
}

fn run(expression: &str, ranks: &[usize]) -> Result<bool, String> {
    let criteria = compile(expression).map_err(|error| error.to_string())?;
    criteria.are_met(&everything(), ranks, now()).map_err(|error| error.to_string())
}

#[test]
fn discovery_1_8_look_ups() {
    for expression in [
        // The first result with that URL that has commits, whatever the spelling.
        "commitFrom('https://github.com/acme/env.git').ID == 'c1'",
        "commitFrom('https://GITHUB.com/acme/env/').ID == 'c1'",
        "commitFrom('git@github.com:acme/env.git') == nil",
        "imageFrom('busybox').Tag == '1.36'",
        "imageFrom('index.docker.io/library/busybox:latest').Digest == 'sha256:ab'",
        "imageFrom('library/nginx') == nil",
        // Without a name any chart of the repository; an empty name is none.
        "chartFrom('https://charts.example.com').Name == 'web'",
        "chartFrom('https://charts.example.com', '').Version == '2.0.0'",
        "chartFrom('https://charts.example.com', 'api').Version == '3.0.0'",
        "chartFrom('https://charts.example.com', 'nope') == nil",
        "chartFrom('https://charts.example.com/') == nil",
        "chartFrom('oci://GHCR.io/acme/charts/cart').Version == '4.0.0'",
        // The last result of that name that has something.
        "artifactFrom('model').Version == '2'",
        "artifactFrom('Model') == nil",
        // Not only texts that are written down.
        "imageFrom('busy' + 'box').Tag == '1.36'",
        "('busybox' | imageFrom()).Tag == '1.36'",
        "all(['busybox', 'docker.io/busybox'], imageFrom(#).Tag == '1.36')",
    ] {
        assert_eq!(run(expression, &[]), Ok(true), "{expression}");
    }
}

#[test]
fn discovery_1_8_fields() {
    for expression in [
        "let c = commitFrom('https://github.com/acme/env'); [c.ID, c.Branch, c.Tag, c.Subject, c.Author, c.Committer] == ['c1', 'main', '', 'fix', 'Eve <eve@x>', 'Bot']",
        "commitFrom('https://github.com/acme/env').CreatorDate.Year() == 2026",
        "imageFrom('busybox').Annotations.k == 'v' && imageFrom('busybox').Annotations.nope == ''",
        "imageFrom('busybox').CreatedAt.Day() == 2",
        // The normal form, although the subscription writes capitals.
        "chartFrom('https://charts.example.com').RepoURL == 'https://charts.example.com'",
        "chartFrom('oci://ghcr.io/acme/charts/cart').RepoURL == 'ghcr.io/acme/charts/cart'",
        "let a = artifactFrom('model'); a.SubscriptionName == 'model' && a.ArtifactType == '' && a.Metadata.size == 7 && a.Metadata.tags[0] == 'a'",
        // The built-in functions are there.
        "imageFrom('busybox').Tag matches '^1[.]' && now().Year() == 2026",
    ] {
        assert_eq!(run(expression, &[]), Ok(true), "{expression}");
    }
}

#[test]
fn discovery_1_8_the_chosen_candidates_are_seen() {
    // git, git, git, image, chart, chart, chart, model, model, model
    assert_eq!(run("commitFrom('https://github.com/acme/env').ID == 'c0'", &[0, 1]), Ok(true));
    assert_eq!(
        run(
            "imageFrom('busybox').Tag == '1.35' && chartFrom('https://charts.example.com').Version == '1.0.0'",
            &[0, 0, 0, 1, 1]
        ),
        Ok(true)
    );
    assert_eq!(run("artifactFrom('model').Version == '1'", &[0, 0, 0, 0, 0, 0, 0, 0, 1]), Ok(true));
    // A rank that there is not, is nothing.
    assert_eq!(run("imageFrom('busybox') == nil", &[0, 0, 0, 2]), Ok(true));
}

#[test]
fn discovery_1_8_what_counts_as_true() {
    for (expression, met) in [
        ("true", true),
        ("1", true),
        ("1.0", true),
        ("'t'", true),
        ("'T'", true),
        ("'true'", true),
        ("'TRUE'", true),
        ("'True'", true),
        ("false", false),
        ("0", false),
        ("'f'", false),
        ("'F'", false),
        ("'false'", false),
        ("'FALSE'", false),
        ("'False'", false),
        ("2 - 1", true),
        ("artifactFrom('model').Metadata.size - 6", true),
    ] {
        assert_eq!(run(expression, &[]), Ok(met), "{expression}");
    }
    for (expression, value) in [
        ("'tRUE'", "tRUE"),
        ("'yes'", "yes"),
        ("''", ""),
        ("2", "2"),
        ("nil", "<nil>"),
        ("[true]", "[true]"),
        ("' true'", " true"),
    ] {
        let error = compile(expression).unwrap().are_met(&everything(), &[], now()).unwrap_err();
        assert_eq!(error, CriteriaError::NotABool { value: value.into() }, "{expression}");
    }
}

#[test]
fn discovery_1_8_errors_say_where() {
    for (expression, wanted) in [
        // Of a missing result no field can be read: the Warehouse is ill, not "not yet" (trap T26).
        (
            "commitFrom('https://github.com/acme/nope').ID == 'x'",
            "freightCreationCriteria failed: cannot fetch ID from <nil> (1:44)\n | commitFrom('https://github.com/acme/nope').ID == 'x'\n | ...........................................^",
        ),
        // No RepoURL, although the manual of the reference lists one.
        (
            "true &&\n  imageFrom('busybox').RepoURL == ''",
            "freightCreationCriteria cannot be read: type v1alpha1.DiscoveredImageReference has no field RepoURL (2:24)\n |   imageFrom('busybox').RepoURL == ''\n | .......................^",
        ),
        (
            "imageFrom('busybox').tag == ''",
            "freightCreationCriteria cannot be read: type v1alpha1.DiscoveredImageReference has no field tag (1:22)\n | imageFrom('busybox').tag == ''\n | .....................^",
        ),
        // An origin can be given in promotions only.
        (
            "  imageFrom('a', 'b').Tag == ''",
            "freightCreationCriteria cannot be read: too many arguments to call imageFrom (1:1)\n | imageFrom('a', 'b').Tag == ''\n | ^",
        ),
        ("1 +", "freightCreationCriteria cannot be read: unexpected token EOF (1:3)\n | 1 +\n | ..^"),
    ] {
        assert_eq!(run(expression, &[]), Err(wanted.to_owned()), "{expression}");
    }
    // The helpers for versions are those of other places.
    let helper = run("semverDiff('1.0.0', '2.0.0') == 'Major'", &[]).unwrap_err();
    assert!(helper.starts_with("freightCreationCriteria failed: "), "{helper}");
}

#[test]
fn discovery_1_8_met_without_being_asked() {
    let none = CreationCriteria::compile(None).unwrap();
    let blank = compile(" \n\t").unwrap();
    let never = compile("false").unwrap();
    let generic = found(json!({"results": [{"name": "model", "artifactReferences": []}]}));
    assert!(none.is_blank() && blank.is_blank() && !never.is_blank());
    assert_eq!(none.are_met(&everything(), &[], now()), Ok(true));
    assert_eq!(blank.are_met(&everything(), &[], now()), Ok(true));
    assert_eq!(never.are_met(&everything(), &[], now()), Ok(false));
    assert_eq!(never.are_met(&generic, &[], now()), Ok(true));
    assert_eq!(never.are_met(&DiscoveredArtifacts::default(), &[], now()), Ok(true));
}

#[test]
fn rules_9_clauses_are_what_stands_between_the_outermost_ands() {
    for (expression, clauses) in [
        ("", vec![]),
        ("1 == 1", vec!["1 == 1"]),
        (
            "1 == 1 && (2 == 2 and 3 == 3) && not (4 == 4 && 5 == 5)",
            vec!["1 == 1", "2 == 2", "3 == 3", "not (4 == 4 && (5 == 5))"],
        ),
        ("1 == 1 || 2 == 2 && 3 == 3", vec!["1 == 1 || (2 == 2 && (3 == 3))"]),
        ("let a = 1; a == 1 && a == 2", vec!["let a = 1; a == 1 && (a == 2)"]),
    ] {
        assert_eq!(compile(expression).unwrap().clauses().collect::<Vec<_>>(), clauses, "{expression}");
    }
}
