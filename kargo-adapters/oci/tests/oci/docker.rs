//! Docker's configuration and credential helpers, as programs.

use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use kargo_core::port::{Account, ImageRegistry, ImageRepo, PortClass, PortError};
use kargo_oci::{Credential, CredentialProvider, CredentialQuery, DockerConfig, OciRegistry};
use kargo_testkit::FakeImage;
use tempfile::TempDir;

use crate::support::{Auth, Fake, settings};

/// A directory with a configuration and a helper called `test`.
fn directory(config: &str, helper: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config.json"), config).unwrap();
    write_program(&directory.path().join("docker-credential-test"), helper);
    directory
}

fn write_program(file: &Path, script: &str) {
    // Written by another process: a file that this one held open for writing a moment ago may be refused as busy.
    let written = std::process::Command::new("sh")
        .args(["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$2\"", "sh", script])
        .arg(file)
        .status()
        .unwrap();
    assert!(written.success());
    std::fs::set_permissions(file, Permissions::from_mode(0o755)).unwrap();
}

async fn ask(helper: &str) -> Result<Credential, PortError> {
    let directory = directory(r#"{"credsStore": "test"}"#, helper);
    let config = DockerConfig::from_dir(directory.path()).unwrap().helpers_in(directory.path());
    let repo = ImageRepo::parse("ghcr.io/acme/cart").unwrap();
    let config = config.helper_time(Duration::from_secs(5));
    config.issue(CredentialQuery::image(&repo)).await.map(|issued| issued.credential)
}

#[tokio::test]
async fn a_helper_is_asked_for_the_server_on_its_input() {
    let credential =
        ask(r#"test "$1" = get && test "$(cat)" = ghcr.io && echo '{"Username": "eve", "Secret": "hunter2"}'"#);
    assert_eq!(format!("{:?}", credential.await.unwrap()), "Basic(\"eve\", ***)");
    let token = ask(r#"echo '{"ServerURL": "x", "Username": "<token>", "Secret": "t"}'"#).await.unwrap();
    assert!(matches!(token, Credential::IdentityToken(_)));
    for none in ["echo 'credentials not found in native keychain'; exit 1", r#"echo '{"Username": "", "Secret": ""}'"#]
    {
        assert!(matches!(ask(none).await.unwrap(), Credential::Anonymous), "{none}");
    }
}

#[tokio::test]
async fn architecture_2_law_10_a_helper_that_fails_is_told_without_what_it_said() {
    for (helper, class, part) in [
        ("echo hunter2; exit 3", PortClass::Misconfigured, "docker-credential-test failed"),
        ("echo hunter2", PortClass::Misconfigured, "said what is no credential"),
        ("kill -9 $$", PortClass::Misconfigured, "failed"),
        ("yes hunter2", PortClass::Misconfigured, "said more than"),
    ] {
        let error = ask(helper).await.unwrap_err();
        assert_eq!(error.class(), class, "{helper}: {error}");
        assert!(error.to_string().contains(part) && !error.to_string().contains("hunter2"), "{error}");
    }
    let repo = ImageRepo::parse("ghcr.io/acme/cart").unwrap();
    for (name, part) in [("nowhere", "is not installed"), ("../evil", "no name"), ("a b", "no name")] {
        let config = DockerConfig::parse(format!(r#"{{"credsStore": "{name}"}}"#).as_bytes()).unwrap();
        let error = config.helpers_in("/nonexistent").issue(CredentialQuery::image(&repo)).await.unwrap_err();
        assert_eq!(error.class(), PortClass::Misconfigured, "{name}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

/// Whether a process is there and not a zombie.
fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

async fn wait_for(mut condition: impl FnMut() -> bool, what: &str) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}");
}

#[tokio::test]
async fn a_helper_that_hangs_is_killed_with_its_children_after_its_time_or_when_dropped() {
    for by_time in [true, false] {
        let directory = directory(r#"{"credsStore": "test"}"#, "");
        let pid = directory.path().join("pid");
        // The helper waits for a child of its own, which is the one that holds its output open.
        let script = format!("sleep 600 & echo $! > {}; wait", pid.display());
        write_program(&directory.path().join("docker-credential-test"), &script);
        let config = DockerConfig::from_dir(directory.path()).unwrap().helpers_in(directory.path());
        let config = config.helper_time(Duration::from_millis(if by_time { 1_500 } else { 60_000 }));
        let repo = ImageRepo::parse("ghcr.io/acme/cart").unwrap();
        let read = || std::fs::read_to_string(&pid).unwrap_or_default();
        {
            let asked = config.issue(CredentialQuery::image(&repo));
            let started = wait_for(|| read().ends_with('\n'), "the helper starts");
            if by_time {
                let error = asked.await.unwrap_err();
                assert!(error.class().is_retryable() && error.to_string().contains("took longer than 1.5s"), "{error}");
            } else {
                futures::pin_mut!(asked, started);
                futures::future::select(asked, started).await;
                assert!(is_alive(&read()), "it still runs when the future is dropped");
            }
        }
        wait_for(|| !is_alive(&read()), "the helper's child is dead").await;
    }
}

#[tokio::test]
async fn what_docker_login_left_opens_a_registry_and_a_new_login_counts() {
    let fake = Fake::start().await;
    fake.state().auth = Auth::Basic;
    let image = FakeImage::new("acme/cart", "1.0.0");
    fake.put(&image);
    // eve:hunter1, then eve:hunter2
    let config = |auth: &str| format!(r#"{{"auths": {{"http://{}/v2/": {{"auth": "{auth}"}}}}}}"#, fake.host());
    let directory = directory(&config("ZXZlOmh1bnRlcjE="), "");
    let registry = OciRegistry::new(settings(fake.host()), DockerConfig::from_dir(directory.path()).unwrap()).unwrap();
    let repo = fake.repo("acme/cart");
    assert_eq!(ImageRegistry::account(&registry, &repo), Account::new(fake.host(), "eve"));
    assert_eq!(registry.head(&repo, &image.tag).await.unwrap_err().class(), PortClass::Unauthorized);
    std::fs::write(directory.path().join("config.json"), config("ZXZlOmh1bnRlcjI=")).unwrap();
    registry.head(&repo, &image.tag).await.unwrap();
}

#[test]
fn a_directory_without_configuration_is_anonymous() {
    let directory = tempfile::tempdir().unwrap();
    let config = DockerConfig::from_dir(directory.path()).unwrap();
    let repo = ImageRepo::parse("ghcr.io/acme/cart").unwrap();
    assert_eq!(config.name(CredentialQuery::image(&repo)), None);
}
