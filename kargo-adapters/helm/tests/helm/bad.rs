//! Everything that a server can answer wrongly: a class, the host, and what was asked for.

use kargo_core::port::{ChartRepository, PortClass, PortError};

use crate::server::{Mood, Server, charts, settings};
use kargo_helm::{HelmCharts, NoCredentials};

async fn error(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> (String, PortError) {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let server = Server::start(Mood::Says(status, headers, body.to_vec())).await;
    let error = charts().index(&server.repo(), None).await.unwrap_err();
    assert_eq!(error.host(), Some(server.address.to_string().as_str()), "{error}");
    assert_eq!(error.asked(), Some("GET /stable/index.yaml"), "{error}");
    (error.to_string(), error)
}

#[tokio::test]
async fn w3_bad_input_statuses_have_their_class() {
    for (status, class) in [
        (401, PortClass::Unauthorized),
        (403, PortClass::Unauthorized),
        (404, PortClass::NotFound),
        (410, PortClass::NotFound),
        (406, PortClass::Unsupported),
        (500, PortClass::Retryable { after: None }),
        (503, PortClass::Retryable { after: None }),
        (418, PortClass::Rejected),
    ] {
        let (text, error) = error(status, &[], b"").await;
        assert_eq!((error.class(), error.status()), (class, Some(status)), "{text}");
    }
}

#[tokio::test]
async fn w3_bad_input_what_is_no_index_is_rejected_and_said() {
    for (kind, body, says) in [
        ("text/html", &b"<!DOCTYPE html><html><body>Welcome</body></html>"[..], "a page for people (HTML)"),
        ("text/yaml", b"<html/>", "a page for people (HTML)"),
        ("text/yaml", b"entries:\n  cart:\n - {\n", "not YAML: line"),
        ("text/plain", b"Nothing here", "not an index of charts: text"),
        ("application/json", b"[1, 2]", "not an index of charts: a list"),
        ("application/json", b"{\"error\": \"gone\"}", "not an index of charts: an object without entries"),
        ("application/octet-stream", &[0xff, 0xfe, 0, 1, 2], "content type application/octet-stream"),
        ("text/yaml", b"", "not an index of charts: nothing"),
    ] {
        let (text, error) = error(200, &[("content-type", kind)], body).await;
        assert_eq!(error.class(), PortClass::Rejected, "{text}");
        assert!(text.contains(says) && text.contains(&format!("content type {kind}")), "{text}");
    }
}

#[tokio::test]
async fn w3_bad_input_a_wrong_content_type_alone_is_no_reason() {
    let body = b"apiVersion: v1\nentries:\n  cart:\n  - version: 1.0.0\n".to_vec();
    let server = Server::start(Mood::Says(200, vec![("content-type", "text/html".to_owned())], body)).await;
    let index = charts().index(&server.repo(), None).await.unwrap().into_value().unwrap();
    assert_eq!(index.versions("cart"), ["1.0.0"]);
}

#[tokio::test]
async fn w3_bad_input_an_index_that_is_too_long_is_rejected() {
    let body = format!("apiVersion: v1\nentries:\n  cart:\n{}", "  - version: 1.0.0\n".repeat(100)).into_bytes();
    let server = Server::start(Mood::Says(200, Vec::new(), body.clone())).await;
    let mut settings = settings();
    settings.index_bytes = body.len() - 1;
    let small = HelmCharts::new(settings, NoCredentials).unwrap();
    let error = small.index(&server.repo(), None).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Rejected);
    assert!(error.to_string().contains(&format!("longer than {} bytes", body.len() - 1)), "{error}");
    assert!(charts().index(&server.repo(), None).await.is_ok());
}

#[tokio::test]
async fn w3_bad_input_a_redirect_loop_ends() {
    let (text, error) = error(302, &[("location", "/stable/index.yaml")], b"").await;
    assert_eq!(error.class(), PortClass::Rejected, "{text}");
    assert!(text.contains("redirects"), "{text}");
}

#[tokio::test]
async fn w3_bad_input_what_is_said_to_be_packed_and_is_not_is_rejected() {
    let (text, error) = error(200, &[("content-encoding", "gzip")], b"apiVersion: v1\n").await;
    assert_eq!(error.class(), PortClass::Rejected, "{text}");
}

#[tokio::test]
async fn a_packed_index_is_unpacked() {
    // `printf 'apiVersion: v1\nentries:\n  cart:\n  - version: 1.0.0\n'`, in one stored block of gzip.
    let plain = b"apiVersion: v1\nentries:\n  cart:\n  - version: 1.0.0\n";
    let length = u16::try_from(plain.len()).unwrap();
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(plain);
    packed.extend(crc32(plain).to_le_bytes());
    packed.extend(u32::from(length).to_le_bytes());
    let server = Server::start(Mood::Says(200, vec![("content-encoding", "gzip".to_owned())], packed)).await;
    let index = charts().index(&server.repo(), None).await.unwrap().into_value().unwrap();
    assert_eq!(index.versions("cart"), ["1.0.0"]);
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[tokio::test]
async fn nobody_there_is_retryable() {
    let server = Server::start(Mood::Fine).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let repo = kargo_core::port::ChartRepo::parse(&format!("http://127.0.0.1:{port}/stable")).unwrap();
    let error = charts().index(&repo, None).await.unwrap_err();
    assert!(error.class().is_retryable() && error.host().is_some() && error.asked().is_some(), "{error}");
    assert_eq!(server.answers(), [] as [u16; 0]);
}
