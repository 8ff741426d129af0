//! `pipeline discover`, run as a person runs it, against a registry on loopback.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::Duration,
};

use kargo_core::port::digest_of;
use serde_json::{Value as Json, json};

/// A registry of one repository, `acme/cart`, whose tags are images of one platform; it forgets nothing and refuses nothing.
fn registry(tags: &'static [&'static str]) -> String {
    slow_registry(tags, Duration::ZERO)
}

/// The same, which takes its time for each answer.
fn slow_registry(tags: &'static [&'static str], pause: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || serve(&stream.unwrap(), tags, pause));
        }
    });
    host
}

fn config(tag: &str) -> String {
    let minute = tag.split('.').nth(1).unwrap_or("0");
    json!({ "architecture": "amd64", "os": "linux", "created": format!("2026-01-01T00:{minute:0>2}:00Z") }).to_string()
}

fn manifest(tag: &str) -> String {
    let config = digest_of(config(tag).as_bytes());
    let media = "application/vnd.oci.image.config.v1+json";
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": { "mediaType": media, "digest": config, "size": 1 },
        "layers": [],
    })
    .to_string()
}

fn serve(stream: &TcpStream, tags: &[&str], pause: Duration) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(request) = lines.next() {
        while lines.next().is_some_and(|header| !header.is_empty()) {}
        thread::sleep(pause);
        let (method, rest) = request.split_once(' ').unwrap();
        let path = rest.split([' ', '?']).next().unwrap();
        let last = path.rsplit('/').next().unwrap();
        let of = |text: &dyn Fn(&str) -> String| {
            let mut all = tags.iter().map(|tag| (*tag, text(tag)));
            all.find(|(tag, text)| *tag == last || *digest_of(text.as_bytes()) == *last).map(|(_, text)| text)
        };
        let (body, media) = match path {
            "/v2/" => (Some("{}".to_owned()), "application/json"),
            "/v2/acme/cart/tags/list" => {
                (Some(json!({ "name": "acme/cart", "tags": tags }).to_string()), "application/json")
            }
            _ if path.contains("/manifests/") => (of(&manifest), "application/vnd.oci.image.manifest.v1+json"),
            _ => (of(&config), "application/octet-stream"),
        };
        let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
        let body = body.unwrap_or_default();
        let digest = digest_of(body.as_bytes());
        let mut head = format!("HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n", body.len());
        head.push_str(&format!("Docker-Content-Digest: {digest}\r\n\r\n"));
        if method != "HEAD" {
            head.push_str(&body);
        }
        let mut stream = stream;
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}

fn tool() -> PathBuf {
    let own = env::current_exe().unwrap();
    let profile = own.parent().and_then(Path::parent).unwrap();
    profile.join("examples").join(format!("pipeline{}", env::consts::EXE_SUFFIX))
}

fn discover(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(tool());
    // Nothing of this machine's user.
    command.env("HOME", folder).env("DOCKER_CONFIG", folder).env_remove("XDG_CACHE_HOME");
    command.args(["discover", "shop.yaml"]).args(arguments).current_dir(folder).output().unwrap()
}

fn lines(output: &Output) -> Vec<Json> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn shop(host: &str, more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "\
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {{ name: cart, namespace: shop }}
spec:
  subscriptions:
  - image: {{ repoURL: {host}/acme/cart, constraint: ^1.0.0 }}
{more}"
    );
    fs::write(folder.path().join("shop.yaml"), text).unwrap();
    folder
}

const TAGS: &[&str] = &["latest", "1.2.0", "1.10.0", "0.9.0", "1.3.0-rc.1", "2.0.0"];

#[test]
fn requirements_a9_a_first_look_costs_what_was_foretold_and_a_second_less() {
    let host = registry(TAGS);
    let folder = shop(&host, "");
    let forecast = discover(folder.path(), &["--forecast", "--json"]);
    assert!(forecast.status.success());
    assert!(lines(&forecast)[0]["forecast"][&host]["list"].as_u64().unwrap() >= 1);

    let first = discover(folder.path(), &["--json", "--state", "state"]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let [cart, calls] = &lines(&first)[..] else { panic!("{first:?}") };
    assert_eq!((&cart["warehouse"], &cart["project"]), (&json!("cart"), &json!("shop")));
    let references = cart["discoveredArtifacts"]["images"][0]["references"].as_array().unwrap();
    let tags: Vec<_> = references.iter().map(|image| image["tag"].as_str().unwrap()).collect();
    assert_eq!(tags, ["1.10.0", "1.2.0"]);
    assert_eq!(references[0]["digest"], json!(digest_of(manifest("1.10.0").as_bytes())));
    assert_eq!(references[0]["createdAt"], json!("2026-01-01T00:10:00Z"));
    assert_eq!(cart["freight"]["images"][0]["tag"], json!("1.10.0"));
    assert_eq!(cart["new"], json!(2));
    let list = |calls: &Json| calls["calls"][&host].clone();
    assert_eq!(
        (&list(calls)["list"], &list(calls)["manifest"], &list(calls)["blob"]),
        (&json!(1), &json!(2), &json!(2))
    );

    let second = discover(folder.path(), &["--json", "--state", "state"]);
    let again = &lines(&second)[1];
    assert_eq!(
        (&list(again)["head"], &list(again)["manifest"], &list(again)["blob"]),
        (&json!(2), &json!(0), &json!(0))
    );
    for (class, foretold) in again["forecast"][&host].as_object().unwrap() {
        assert!(list(again)[class].as_u64() <= foretold.as_u64(), "{class} of {again}");
    }
}

#[test]
fn what_cannot_be_asked_is_named_and_the_rest_is_found() {
    let host = registry(TAGS);
    let folder = shop(&host, &format!("  - image: {{ repoURL: {host}/acme/nope, constraint: ^1.0.0 }}\n"));
    let found = discover(folder.path(), &[]);
    assert_eq!(found.status.code(), Some(1));
    let text = String::from_utf8(found.stdout).unwrap();
    for part in [
        "Warehouse shop/cart",
        &format!("image {host}/acme/cart: 2 candidates"),
        &format!("error: image {host}/acme/nope: "),
        "no freight: no image of",
        &format!("calls to {host} ("),
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    let unknown = discover(folder.path(), &["--warehouse", "crat"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("did you mean \"cart\"?"));
}

/// On a terminal, which `script` of util-linux makes; elsewhere nothing is in the way of the output.
#[cfg(target_os = "linux")]
#[test]
fn a_long_look_shows_on_a_terminal_what_it_has_found_so_far() {
    let host = slow_registry(TAGS, Duration::from_millis(250));
    let folder = shop(&host, "");
    let look = format!("'{}' discover shop.yaml --state state", tool().display());
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &look, "/dev/null"]).env("TERM", "xterm").env("HOME", folder.path());
    let output = terminal.env("DOCKER_CONFIG", folder.path()).current_dir(folder.path()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}");
    let (first, last) = (shown.find("0 artifacts found"), shown.rfind("artifacts found"));
    assert!(first.is_some() && first < last, "it goes on: {shown:?}");
    let report = shown.find("1.10.0");
    assert!(last < report, "the report is left when it has gone: {shown:?}");

    let quiet = discover(folder.path(), &["--state", "other"]);
    assert!(quiet.status.success() && quiet.stderr.is_empty(), "{quiet:?}");
}
