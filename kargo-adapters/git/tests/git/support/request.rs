//! Reading one HTTP request.

use std::collections::BTreeMap;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;

/// A request with its body, unchunked.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// The next request of a connection.
pub(crate) async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|count| *count > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut request = Request { method, path: path.to_owned(), query: query.to_owned(), ..Request::default() };
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    if request.header("expect").eq_ignore_ascii_case("100-continue") {
        tokio::io::AsyncWriteExt::write_all(stream.get_mut(), b"HTTP/1.1 100 Continue\r\n\r\n").await.ok()?;
    }
    if request.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
        loop {
            line.clear();
            stream.read_line(&mut line).await.ok()?;
            let size = usize::from_str_radix(line.trim(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk).await.ok()?;
            chunk.truncate(size);
            request.body.extend_from_slice(&chunk);
            if size == 0 {
                break;
            }
        }
    } else if let Ok(size) = request.header("content-length").parse() {
        request.body = vec![0; size];
        stream.read_exact(&mut request.body).await.ok()?;
    }
    Some(request)
}
