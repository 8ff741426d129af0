//! Requests of a registry's access log, by the classes of the cost table (requirements A).

use kargo_testkit::fake::{CallClass, Calls};

/// Counts the requests in an access log (Apache's form) of user agents that begin like this; pings are the handshakes.
pub(crate) fn calls_in(log: &str, agent: &str) -> Calls {
    let mut calls = Calls::default();
    for line in log.lines() {
        // address - user [time] "METHOD path HTTP/1.1" status bytes "referer" "agent"
        let parts: Vec<&str> = line.split('"').collect();
        let (Some(request), Some(from)) = (parts.get(1), parts.get(5)) else { continue };
        class_of(request).filter(|_| from.starts_with(agent)).into_iter().for_each(|class| calls.add(class));
    }
    calls
}

/// The class of a request, `METHOD path` and whatever follows.
pub(super) fn class_of(request: &str) -> Option<CallClass> {
    let mut words = request.split(' ');
    let (method, path) = (words.next()?, words.next()?.split('?').next()?);
    match method {
        "GET" if path == "/v2/" => Some(CallClass::Handshake),
        "GET" if path.ends_with("/tags/list") => Some(CallClass::List),
        "HEAD" if path.contains("/manifests/") => Some(CallClass::Head),
        "GET" if path.contains("/manifests/") => Some(CallClass::Manifest),
        "GET" if path.contains("/blobs/") => Some(CallClass::Blob),
        _ => None,
    }
}

#[test]
fn requirements_a_classes_are_told_apart_and_others_passed_over() {
    let line = |request: &str, agent: &str| {
        format!("127.0.0.1 - - [21/Nov/2026:20:02:36 +0000] \"{request} HTTP/1.1\" 200 2 \"\" \"{agent}\"\n")
    };
    let mut log = String::from("level=info msg=\"listening\"\n");
    for request in [
        "GET /v2/",
        "GET /v2/a/b/tags/list?n=5",
        "HEAD /v2/a/b/manifests/1",
        "GET /v2/a/b/manifests/sha256:0",
        "GET /v2/a/b/blobs/sha256:0",
        "PUT /v2/a/b/manifests/1",
    ] {
        log += &line(request, "kargo-core/0.1.0");
    }
    log += &line("GET /v2/", "kargo-test-push");
    let calls = calls_in(&log, "kargo-core/");
    assert_eq!(calls.to_string(), "1 handshake, 1 list, 1 HEAD, 1 manifest, 1 blob");
}
