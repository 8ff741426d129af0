//! Bodies are read up to their limit and no further.

use axum::{Router, body::Body, http::StatusCode, routing::get as route};
use kargo_core::port::PortClass;
use kargo_test_servers::serve;

use crate::support::{client, get, serve_bytes};

/// 64 MiB of zeros, packed by gzip.
fn bomb() -> Vec<u8> {
    // A gzip stream made of stored blocks would be as long as its contents, so this one uses fixed Huffman codes: a literal
    // zero, and then length 258 at distance 1 (symbol 285, distance code 0) as often as it takes.
    let mut bits: Vec<bool> = Vec::new();
    let mut push = |value: u32, count: u32, huffman: bool| {
        for at in 0..count {
            let shift = if huffman { count - 1 - at } else { at };
            bits.push(value >> shift & 1 == 1);
        }
    };
    push(1, 1, false);
    push(1, 2, false);
    push(0x30, 8, true);
    for _ in 0..(64 << 20) / 258 {
        push(0xc5, 8, true);
        push(0, 5, true);
    }
    push(0, 7, true);
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    packed.extend(bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | u8::from(*bit))));
    packed
}

#[tokio::test]
async fn user_code_5_a_body_that_says_it_is_too_long_is_not_read() {
    let host = serve_bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec()).await;
    let error = get(&client(), format!("http://{host}/")).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Rejected);
    assert!(error.to_string().ends_with("the answer is longer than 16777216 bytes"), "{error}");
}

#[tokio::test]
async fn user_code_5_a_body_that_does_not_say_so_is_read_up_to_the_limit() {
    let host = serve(Router::new().route("/", route(|| async { vec![b'x'; 100] }))).await;
    for (limit, class) in [(100, None), (99, Some(PortClass::Rejected))] {
        let client = client();
        let request = client.get(format!("http://{host}/")).build().unwrap();
        let body = kargo_http::bytes(kargo_http::send(&client, request).await.unwrap(), limit).await;
        assert_eq!(
            body.map(|body| body.into_value().unwrap().len()).map_err(|error| error.class()),
            class.map_or(Ok(100), Err)
        );
    }
    let host = serve(endless()).await;
    let error = get(&client(), format!("http://{host}/")).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Rejected, "{error}");
}

/// A body without length and without end.
fn endless() -> Router {
    struct Zeros;
    impl axum::body::HttpBody for Zeros {
        type Data = axum::body::Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            std::task::Poll::Ready(Some(Ok(http_body::Frame::data(axum::body::Bytes::from_static(&[0; 65_536])))))
        }
    }
    Router::new().route("/", route(|| async { Body::new(Zeros) }))
}

#[tokio::test]
async fn user_code_5_what_is_packed_small_does_not_unpack_without_end() {
    let packed = bomb();
    assert!(packed.len() < 1 << 20);
    let host =
        serve(Router::new().route("/", route(move || async move { ([("content-encoding", "gzip")], packed) }))).await;
    let error = get(&client(), format!("http://{host}/")).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Rejected);
    assert!(error.to_string().contains("longer than"), "{error}");
}

#[tokio::test]
async fn a_body_that_cannot_be_unpacked_is_rejected() {
    let host = serve(Router::new().route("/", route(|| async { ([("content-encoding", "gzip")], "no gzip") }))).await;
    let error = get(&client(), format!("http://{host}/")).await.unwrap_err();
    assert_eq!(error.class(), PortClass::Rejected, "{error}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_retryable() {
    let host = serve_bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n[1, 2".to_vec()).await;
    let error = get(&client(), format!("http://{host}/")).await.unwrap_err();
    assert!(error.class().is_retryable(), "{error}");
    assert!(error.to_string().contains("broke off"), "{error}");
}

#[tokio::test]
async fn the_beginning_of_an_errors_body_tells_what_is_wrong() {
    let said = format!("{{\"message\": \"no cart\", \"rest\": \"{}\"}}", "x".repeat(1_000));
    let host = serve(Router::new().route("/", route(|| async { (StatusCode::BAD_REQUEST, said) }))).await;
    let error = get(&client(), format!("http://{host}/")).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{host}: GET /: Rejected: HTTP 400: no cart"));
    // A body that breaks off changes nothing about what the status said.
    let host = serve_bytes(b"HTTP/1.1 404 Not Found\r\ncontent-length: 10\r\n\r\n{".to_vec()).await;
    assert_eq!(get(&client(), format!("http://{host}/")).await.unwrap_err().class(), PortClass::NotFound);
}
