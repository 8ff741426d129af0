//! Over HTTP: what servers say, and credentials.

use kargo_core::port::{Fetch, GitHost, GitRepo, PortClass, RefQuery};
use kargo_git::{CredentialSource, Credentials, GitCommand, GitError, NoCredentials, Remote};

use crate::support::{Mood, Reader, Repository, Server, fetch_of, query, reader, reader_with};

/// `me:s3cret-pass`, and a token.
const BASIC: &str = "Basic bWU6czNjcmV0LXBhc3M=";
const BEARER: &str = "Bearer t0ken-of-mine";

async fn listing(git: &Reader, remote: &Remote) -> Result<usize, GitError> {
    let refs = git.ls_remote(remote, &RefQuery::default().branch("main").and_tags()).await?;
    Ok(refs.branches.len())
}

#[tokio::test]
async fn an_open_server_is_read() {
    let origin = Repository::with_commits(4);
    let server = Server::start(origin.root(), Mood::Open).await;
    let (git, remote) = (reader().await, Remote::new(&server.url("repo")).unwrap());
    let what = fetch_of(&git, &remote, &["main"], true).await;
    git.fetch(&remote, &what).await.unwrap();
    let tip = what.branches.get("main").unwrap();
    let page = git.commits(&remote, &query(tip.as_str(), 10).paths(true)).await.unwrap();
    assert_eq!(page.commits.len(), 4);
    assert!(server.seen().iter().all(|(_, authorization)| authorization.is_empty()));
}

#[tokio::test]
async fn an_empty_repository_over_http_is_empty() {
    let origin = Repository::new();
    let server = Server::start(origin.root(), Mood::Open).await;
    assert_eq!(listing(&reader().await, &Remote::new(&server.url("repo")).unwrap()).await, Ok(0));
}

#[tokio::test]
async fn requirements_a_an_unchanged_look_is_one_conversation_and_reading_is_none() {
    let origin = Repository::with_commits(3);
    let server = Server::start(origin.root(), Mood::Open).await;
    let (git, remote) = (reader().await, Remote::new(&server.url("repo")).unwrap());
    let what = fetch_of(&git, &remote, &["main"], false).await;
    git.fetch(&remote, &what).await.unwrap();
    server.seen();
    let same = fetch_of(&git, &remote, &["main"], false).await;
    assert_eq!(same, what);
    // One listing is the greeting and the listing itself.
    assert_eq!(server.seen().len(), 2);
    git.fetch(&remote, &same).await.unwrap();
    let tip = what.branches.get("main").unwrap();
    git.commits(&remote, &query(tip.as_str(), 10).paths(true)).await.unwrap();
    git.commit(&remote, tip, true).await.unwrap();
    assert_eq!(server.seen(), []);
}

#[tokio::test]
async fn credentials_open_a_locked_server_and_wrong_ones_are_unauthorized() {
    let origin = Repository::with_commits(1);
    let server = Server::start(origin.root(), Mood::Locked(BASIC.to_owned())).await;
    let git = reader().await;
    let remote = Remote::new(&server.url("repo")).unwrap();
    for wrong in [Credentials::Anonymous, Credentials::basic("me", "wrong-pass"), Credentials::basic("", "")] {
        let error = listing(&git, &remote.clone().with(wrong)).await.unwrap_err();
        assert!(matches!(error, GitError::Unauthorized { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("wrong-pass"), "{error:?}");
    }
    let right = remote.clone().with(Credentials::basic("me", "s3cret-pass"));
    assert_eq!(listing(&git, &right).await, Ok(1));
    git.fetch(&right, &fetch_of(&git, &right, &["main"], false).await).await.unwrap();
    // Credentials written into the address work as well.
    let written = server.url("repo").replace("http://", "http://me:s3cret-pass@");
    assert_eq!(listing(&git, &Remote::new(&written).unwrap()).await, Ok(1));
    server.set(Mood::Locked(BEARER.to_owned()));
    let bearer = |token: &str| Credentials::Bearer { account: "bot".to_owned(), token: token.into() };
    assert_eq!(listing(&git, &remote.clone().with(bearer("t0ken-of-mine"))).await, Ok(1));
    let error = listing(&git, &remote.clone().with(bearer("other"))).await.unwrap_err();
    assert!(matches!(error, GitError::Unauthorized { .. }), "{error}");
}

#[tokio::test]
async fn what_servers_say_is_classified() {
    let origin = Repository::with_commits(1);
    let server = Server::start(origin.root(), Mood::Open).await;
    let host = GitCommand::new(reader().await.git, NoCredentials);
    let repo = GitRepo::parse(&server.url("repo")).unwrap();
    let rows = [
        (Mood::Says("403 Forbidden", ""), PortClass::Unauthorized, Some(403)),
        (Mood::Says("404 Not Found", ""), PortClass::NotFound, None),
        (Mood::Says("429 Too Many Requests", ""), PortClass::RateLimited { until: None }, Some(429)),
        (Mood::Says("500 Oops", ""), PortClass::Retryable { after: None }, Some(500)),
        (Mood::Says("503 Busy", ""), PortClass::Retryable { after: None }, Some(503)),
        (Mood::Says("200 OK", "<html>Welcome</html>"), PortClass::NotFound, None),
        (Mood::Says("200 OK", "<html>\nWelcome\n</html>\n"), PortClass::NotFound, None),
        (Mood::Says("200 OK", ""), PortClass::NotFound, None),
    ];
    for (mood, class, status) in rows {
        server.set(mood.clone());
        let error = host.refs(&repo, &RefQuery::default().and_head()).await.unwrap_err();
        assert_eq!((error.class(), error.status()), (class, status), "{mood:?}: {error}");
        assert_eq!(error.asked(), Some("git ls-remote"));
        assert!(error.host().unwrap().starts_with("127.0.0.1:"), "{error}");
    }
    server.set(Mood::Open);
    let missing = GitRepo::parse(&server.url("missing")).unwrap();
    assert_eq!(host.refs(&missing, &RefQuery::default().and_head()).await.unwrap_err().class(), PortClass::NotFound);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_retryable_and_tls_failure_is_not() {
    let origin = Repository::with_commits(1);
    let server = Server::start(origin.root(), Mood::Open).await;
    let git = reader().await;
    let url = server.url("repo");
    // This server speaks no TLS at all.
    let error = listing(&git, &Remote::new(&url.replace("http:", "https:")).unwrap()).await.unwrap_err();
    assert!(matches!(error, GitError::Unreachable { .. } | GitError::Untrusted { .. }), "{error}");
    drop(server);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let error = listing(&git, &Remote::new(&url).unwrap()).await.unwrap_err();
    assert!(matches!(error, GitError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_redirect_to_another_host_gets_no_credentials() {
    let origin = Repository::with_commits(1);
    let other = Server::start(origin.root(), Mood::Locked(BASIC.to_owned())).await;
    let server = Server::start(origin.root(), Mood::Elsewhere(other.url("").trim_end_matches('/').to_owned())).await;
    let git = reader().await;
    for credentials in [
        Credentials::basic("me", "s3cret-pass"),
        Credentials::Bearer { account: "bot".to_owned(), token: "t0ken-of-mine".into() },
    ] {
        let remote = Remote::new(&server.url("repo")).unwrap().with(credentials);
        listing(&git, &remote).await.unwrap_err();
    }
    assert!(other.seen().iter().all(|(_, authorization)| authorization.is_empty()));
    // Without credentials in play, the first redirect is followed.
    other.set(Mood::Open);
    assert_eq!(listing(&git, &Remote::new(&server.url("repo")).unwrap()).await, Ok(1));
}

#[tokio::test]
async fn discovery_8_no_credentials_over_plain_http_unless_allowed() {
    let origin = Repository::with_commits(1);
    let server = Server::start(origin.root(), Mood::Open).await;
    let git = reader_with(|settings| settings.credentials_over_http(false)).await;
    let remote = Remote::new(&server.url("repo")).unwrap();
    let error = listing(&git, &remote.clone().with(Credentials::basic("me", "p"))).await.unwrap_err();
    assert!(matches!(error, GitError::Credentials { .. }), "{error}");
    assert_eq!(server.seen(), []);
    assert_eq!(listing(&git, &remote).await, Ok(1));
    let broken = Remote::new(&server.url("repo")).unwrap().with(Credentials::basic("me", "a\nb"));
    assert!(matches!(listing(&reader().await, &broken).await, Err(GitError::Credentials { .. })));
}

#[derive(Debug)]
struct Rotating(std::sync::Mutex<Vec<&'static str>>);

#[async_trait::async_trait]
impl CredentialSource for Rotating {
    fn name(&self, _repo: &GitRepo) -> Option<String> {
        Some("acme-read".to_owned())
    }

    async fn credentials(&self, _repo: &GitRepo) -> Result<Credentials, kargo_core::report::PortError> {
        Ok(Credentials::basic("me", self.0.lock().unwrap().pop().unwrap()))
    }
}

#[tokio::test]
async fn the_port_asks_for_the_credential_before_each_conversation_and_keeps_one_copy() {
    let origin = Repository::with_commits(2);
    let server = Server::start(origin.root(), Mood::Locked(BASIC.to_owned())).await;
    let reader = reader().await;
    let host = GitCommand::new(reader.git.clone(), Rotating(vec!["s3cret-pass", "s3cret-pass", "expired"].into()));
    let repo = GitRepo::parse(&server.url("repo")).unwrap();
    assert_eq!(host.account(&repo).credential(), Some("acme-read"));
    let wanted = RefQuery::default().branch("main");
    assert_eq!(host.refs(&repo, &wanted).await.unwrap_err().class(), PortClass::Unauthorized);
    let refs = host.refs(&repo, &wanted).await.unwrap().into_value().unwrap();
    let mut what = Fetch::default();
    what.branches = refs.branches;
    host.fetch(&repo, &what).await.unwrap().into_value().unwrap();
    // No credential is left in the source, and reading asks for none.
    let tip = what.branches.get("main").unwrap();
    let page = host.commits(&repo, &query(tip.as_str(), 5)).await.unwrap().into_value().unwrap();
    assert_eq!(page.commits.len(), 2);
    assert!(host.commit(&repo, tip, true).await.is_ok());
    assert_eq!(host.tags(&repo, &["v1".into()], true).await.unwrap().into_value(), Ok(Vec::new()));
    assert!(reader.copy().is_dir());
}
