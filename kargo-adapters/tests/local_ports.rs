//! The default wiring, as far as it goes without leaving this machine.
#![cfg(feature = "local")]

use std::{fs, process::Command};

use kargo_adapters::{
    Exit,
    journal::OpenError,
    local::{PortsError, ports},
};
use kargo_core::port::{Account, CacheKey, ChartRepo, GitRepo, ImageRepo, PortClass, RefQuery, digest_of};

#[tokio::test]
async fn user_code_1_everything_is_wired_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let key = CacheKey::of_digest("image", &Account::anonymous("ghcr.io"), &digest_of(b"{}"));
    for start in 0..2 {
        let ports = ports(folder.path().join("var/kargo")).unwrap();
        assert!(ports.serves_images(&ImageRepo::parse("ghcr.io/acme/cart").unwrap()));
        assert!(ports.serves_charts(&ChartRepo::parse("oci://ghcr.io/acme/cart").unwrap()));
        assert!(ports.serves_git(&GitRepo::parse("https://github.com/acme/env").unwrap()));
        let kept = ports.artifact_cache().get(std::slice::from_ref(&key)).await.unwrap();
        assert_eq!(kept, [(start == 1).then(|| b"facts".to_vec())]);
        ports.artifact_cache().put(vec![(key.clone(), b"facts".to_vec())]).await.unwrap();
    }
}

#[tokio::test]
async fn charts_and_git_of_this_machine_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports(folder.path()).unwrap();
    let charts = folder.path().join("charts");
    fs::create_dir(&charts).unwrap();
    fs::write(charts.join("index.yaml"), "apiVersion: v1\nentries:\n  cart:\n  - version: 1.0.0\n").unwrap();
    let repo = ChartRepo::parse(&format!("file://{}", charts.display())).unwrap();
    let index = ports.chart_repository().index(&repo, None).await.unwrap().into_value().unwrap();
    assert_eq!(index.versions("cart"), ["1.0.0"]);

    let origin = folder.path().join("env");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Dana", "-c", "user.email=dana@acme.example"]).args(arguments);
        assert!(command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap().status.success());
    };
    let path = origin.to_str().unwrap();
    git(&["init", "-q", "-b", "main", path]);
    git(&["-C", path, "commit", "-q", "--allow-empty", "-m", "first"]);
    let repo = GitRepo::parse(&format!("file://{path}")).unwrap();
    let host = ports.git_host();
    let refs = host.refs(&repo, &RefQuery::default().branch("main")).await.unwrap().into_value().unwrap();
    assert_eq!(refs.branches.len(), 1);
    assert_eq!(host.account(&repo).to_string(), "localhost as ambient");
    let missing = GitRepo::parse(&format!("file://{path}-missing")).unwrap();
    let error = host.refs(&missing, &RefQuery::default().branch("main")).await.unwrap_err();
    assert_eq!(error.class(), PortClass::NotFound, "{error}");
}

#[test]
fn user_code_14_a_second_program_on_one_directory_is_told_who_is_first() {
    let folder = tempfile::tempdir().unwrap();
    let _first = ports(folder.path()).unwrap();
    let error = ports(folder.path()).unwrap_err();
    assert!(matches!(&error, PortsError::Cache(OpenError::Owned { owner: Some(_), .. })), "{error}");
    let shown = format!("{:?}", Exit::from(error));
    assert!(shown.contains("artifacts.redb; stop it, or "), "{shown}");
}
