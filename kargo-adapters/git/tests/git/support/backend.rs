//! A small HTTP server on loopback that hands requests to `git http-backend`, and can be in a mood.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::JoinHandle;

use super::request::{Request, read};

/// How the server behaves.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    /// Everybody may read.
    Open,
    /// Only with this `Authorization` header.
    Locked(String),
    /// Takes requests and never answers.
    Silent,
    /// Answers with this status and body.
    Says(&'static str, &'static str),
    /// Sends everybody elsewhere.
    Elsewhere(String),
    /// Reads of packs never end: the listing is answered, the fetch is not.
    StallsFetch,
}

/// A running server. It ends with this.
#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    mood: Arc<Mutex<Mood>>,
    seen: Arc<Mutex<Vec<(String, String)>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves the repositories below a directory.
    pub(crate) async fn start(root: &Path, mood: Mood) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mood = Arc::new(Mutex::new(mood));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (root, shared, log) = (root.to_owned(), mood.clone(), seen.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, root.clone(), shared.clone(), log.clone()));
            }
        });
        Self { port, mood, seen, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Method with path and query, and `Authorization`, of all requests since the last call.
    pub(crate) fn seen(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, root: PathBuf, mood: Arc<Mutex<Mood>>, log: Arc<Mutex<Vec<(String, String)>>>) {
    let mut stream = BufReader::new(stream);
    let Some(request) = read(&mut stream).await else { return };
    let line = format!("{} {}?{}", request.method, request.path, request.query);
    log.lock().unwrap().push((line, request.header("authorization").to_owned()));
    let mood = mood.lock().unwrap().clone();
    let answer = match mood {
        Mood::Silent => return std::future::pending().await,
        Mood::StallsFetch if request.body.windows(13).any(|part| part == b"command=fetch") => {
            return std::future::pending().await;
        }
        Mood::Says(status, body) => plain(status, "", body),
        Mood::Elsewhere(url) => {
            plain("302 Found", &format!("Location: {url}{}?{}\r\n", request.path, request.query), "")
        }
        Mood::Locked(wanted) if request.header("authorization") != wanted => {
            plain("401 Unauthorized", "WWW-Authenticate: Basic realm=\"git\"\r\n", "")
        }
        Mood::Open | Mood::Locked(_) | Mood::StallsFetch => backend(&root, &request).await,
    };
    let _ = stream.get_mut().write_all(&answer).await;
    let _ = stream.get_mut().shutdown().await;
}

fn plain(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let size = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {size}\r\nConnection: close\r\n\r\n{body}").into_bytes()
}

/// Runs `git http-backend` as a CGI program (RFC 3875) and turns its answer into one of HTTP.
async fn backend(root: &Path, request: &Request) -> Vec<u8> {
    let mut child = Command::new("git")
        .args(["-c", "safe.directory=*", "http-backend"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", root)
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_HTTP_EXPORT_ALL", "1")])
        .env("GIT_PROJECT_ROOT", root)
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", &request.path)
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_TYPE", request.header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", request.header("content-encoding"))
        .env("GIT_PROTOCOL", request.header("git-protocol"))
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let (_, output) = tokio::join!(
        async {
            let _ = stdin.write_all(&request.body).await;
            drop(stdin);
        },
        child.wait_with_output()
    );
    let output = output.unwrap().stdout;
    let end = output.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
    let (head, body) = output.split_at(end);
    let body = body.get(4..).unwrap();
    let head = String::from_utf8_lossy(head).into_owned();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    let mut answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for line in head.lines().filter(|line| !line.starts_with("Status: ")) {
        answer += &format!("{line}\r\n");
    }
    answer += "\r\n";
    let mut answer = answer.into_bytes();
    answer.extend_from_slice(body);
    answer
}
