//! A real registry: Debian's `docker-registry` on a free port of loopback, with its files in a directory of its own.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use kargo_core::Digest;
use kargo_http::reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use kargo_testkit::{
    FakeImage,
    fake::{Calls, Content},
};
use tempfile::TempDir;

use super::{TokenService, USER, calls_in};

/// What the tests' own requests call themselves, so that they are not counted.
const PUSHER: &str = "kargo-test-push";

/// [`USER`] as bcrypt has it.
const HTPASSWD: &str = "eve:$2y$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm\n";

/// How the registry wants to be logged in to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Open,
    Basic,
    Token,
}

/// A registry that ends with this value.
#[derive(Debug)]
pub(crate) struct DockerRegistry {
    child: Child,
    directory: TempDir,
    address: SocketAddr,
    tokens: Option<TokenService>,
    mode: Mode,
    client: Client,
}

impl DockerRegistry {
    /// Starts an empty registry, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When `docker-registry` is not installed, or does not start.
    pub(crate) async fn start(mode: Mode) -> Self {
        Self::start_with(mode, true).await
    }

    /// The same, and it keeps all in memory: pushes do not wait for a disk.
    ///
    /// # Panics
    ///
    /// As [`Self::start`].
    pub(crate) async fn start_in_memory(mode: Mode) -> Self {
        Self::start_with(mode, false).await
    }

    async fn start_with(mode: Mode, has_files: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let tokens = if mode == Mode::Token { Some(TokenService::start().await) } else { None };
        for _ in 0..5 {
            // Somebody else may take the port before the registry does.
            let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let config = directory.path().join("config.yml");
            std::fs::write(directory.path().join("htpasswd"), HTPASSWD).unwrap();
            std::fs::write(&config, Self::config(&directory, address, mode, tokens.as_ref(), has_files)).unwrap();
            let log = |name: &str| Stdio::from(File::create(directory.path().join(name)).unwrap());
            let mut child = Command::new("docker-registry")
                .arg("serve")
                .arg(&config)
                // Several run side by side on few cores, and none lives long enough to need its garbage collected.
                .envs([("GOMAXPROCS", "1"), ("GOGC", "off")])
                .stdin(Stdio::null())
                .stdout(log("access.log"))
                .stderr(log("error.log"))
                .spawn()
                .unwrap_or_else(|error| panic!("docker-registry: {error}; install the Debian package docker-registry"));
            let client = pusher();
            if answers(&client, address, &mut child).await {
                return Self { child, directory, address, tokens, mode, client };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        let log = std::fs::read_to_string(directory.path().join("error.log")).unwrap_or_default();
        panic!("docker-registry does not start: {log}");
    }

    fn config(
        directory: &TempDir,
        address: SocketAddr,
        mode: Mode,
        tokens: Option<&TokenService>,
        has_files: bool,
    ) -> String {
        let at = directory.path().display();
        let storage =
            if has_files { format!("filesystem: {{ rootdirectory: {at}/data }}") } else { "inmemory: {}".to_owned() };
        let auth = match (mode, tokens) {
            (Mode::Basic, _) => format!("auth: {{ htpasswd: {{ realm: test, path: {at}/htpasswd }} }}\n"),
            (_, Some(tokens)) => {
                std::fs::write(directory.path().join("root.pem"), tokens.certificate()).unwrap();
                let realm = tokens.realm();
                format!(
                    "auth: {{ token: {{ realm: \"{realm}\", service: {}, issuer: {}, rootcertbundle: {at}/root.pem }} }}\n",
                    TokenService::SERVICE,
                    TokenService::ISSUER,
                )
            }
            _ => String::new(),
        };
        format!(
            "version: 0.1\n\
             log: {{ level: warn, accesslog: {{ disabled: false }} }}\n\
             storage: {{ {storage}, delete: {{ enabled: true }} }}\n\
             http: {{ addr: \"{address}\", secret: test }}\n{auth}"
        )
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// The token service, in that mode.
    pub(crate) fn tokens(&self) -> Option<&TokenService> {
        self.tokens.as_ref()
    }

    /// Requests of the adapter so far. Ping and token are one handshake, and each further token is one; refused
    /// requests are counted as what they asked for.
    pub(crate) fn calls(&self) -> Calls {
        let mut calls = calls_in(&self.access_log(), "kargo-core/");
        let tokens = self.tokens.as_ref().map_or(0, |tokens| tokens.issued().len() as u64);
        calls.handshake = calls.handshake.max(tokens);
        calls
    }

    /// Waits until all that was answered is in the access log: the registry writes a line after the answer.
    pub(crate) async fn settle(&self) {
        let mark = format!("/v2/?settle={}", self.access_log().len());
        self.client.get(format!("http://{}{mark}", self.address)).send().await.unwrap();
        for _ in 0..1_000 {
            if self.access_log().contains(&mark) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("docker-registry does not log {mark}");
    }

    /// The access log, as it is.
    pub(crate) fn access_log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("access.log")).unwrap()
    }

    /// Pushes an image: its configurations, its manifests, and then the tag.
    pub(crate) async fn push(&self, image: &FakeImage) {
        for blob in &image.blobs {
            self.push_blob(&image.repo, blob).await;
        }
        for child in &image.manifests {
            self.push_manifest(&image.repo, &child.digest(), child).await;
        }
        self.push_manifest(&image.repo, &image.tag, &image.manifest).await;
    }

    /// Pushes a manifest under a tag or digest.
    pub(crate) async fn push_manifest(&self, repo: &str, reference: &str, content: &Content) {
        let request = self.request(repo, Method::PUT, &format!("{repo}/manifests/{reference}"));
        let request = request.header("content-type", &content.media_type).body(content.bytes.clone());
        expect(request.send().await.unwrap(), StatusCode::CREATED).await;
    }

    async fn push_blob(&self, repo: &str, content: &Content) {
        let started = self.request(repo, Method::POST, &format!("{repo}/blobs/uploads/")).send().await.unwrap();
        let place = started.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
        expect(started, StatusCode::ACCEPTED).await;
        let mut url = kargo_http::reqwest::Url::parse(&place.unwrap()).unwrap();
        url.query_pairs_mut().append_pair("digest", &content.digest());
        let request = self.client.put(url).body(content.bytes.clone());
        expect(self.authorized(repo, request).send().await.unwrap(), StatusCode::CREATED).await;
    }

    /// Removes what a tag points at, and with it all tags that do so.
    pub(crate) async fn remove(&self, repo: &str, tag: &str) {
        let digest = self.request(repo, Method::HEAD, &format!("{repo}/manifests/{tag}"));
        let digest = digest.header("accept", kargo_core::port::ImageManifest::MEDIA_TYPES.join(", "));
        let digest = digest.send().await.unwrap().headers()["docker-content-digest"].to_str().unwrap().to_owned();
        let removed = self.request(repo, Method::DELETE, &format!("{repo}/manifests/{digest}")).send().await.unwrap();
        expect(removed, StatusCode::ACCEPTED).await;
    }

    /// Changes the bytes that are kept under a digest.
    pub(crate) fn corrupt(&self, digest: &Digest) {
        let hex = digest.strip_prefix("sha256:").unwrap();
        let mut file = PathBuf::from(self.directory.path());
        file.extend(["data/docker/registry/v2/blobs/sha256", &hex[..2], hex, "data"]);
        let mut bytes = std::fs::read(&file).unwrap();
        bytes.push(b'\n');
        std::fs::write(&file, bytes).unwrap();
    }

    fn request(&self, repo: &str, method: Method, path: &str) -> RequestBuilder {
        self.authorized(repo, self.client.request(method, format!("http://{}/v2/{path}", self.address)))
    }

    fn authorized(&self, repo: &str, request: RequestBuilder) -> RequestBuilder {
        match (&self.tokens, self.mode) {
            (Some(tokens), _) => request.bearer_auth(tokens.mint(repo, &["pull", "push", "delete"], 300)),
            (None, Mode::Basic) => request.basic_auth(USER.0, Some(USER.1)),
            (None, _) => request,
        }
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pusher() -> Client {
    let mut settings = kargo_http::HttpSettings::default();
    PUSHER.clone_into(&mut settings.user_agent);
    settings.system_proxy = false;
    settings.client().unwrap()
}

/// Whether the registry answers before it ends, or ten seconds are over.
async fn answers(client: &Client, address: SocketAddr, child: &mut Child) -> bool {
    for _ in 0..500 {
        if client.get(format!("http://{address}/v2/")).send().await.is_ok() {
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

async fn expect(response: Response, status: StatusCode) {
    let (got, url) = (response.status(), response.url().clone());
    let text = response.text().await.unwrap_or_default();
    assert_eq!(got, status, "{url}: {text}");
}
