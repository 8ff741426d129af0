//! Requests to a registry, without credentials.

use kargo_core::port::{ImageManifest, ImageRepo, Page, PortError, is_digest};
use kargo_http::reqwest::{
    Method, Request,
    header::{ACCEPT, HeaderName, HeaderValue, IF_NONE_MATCH},
};
use url::Url;

use crate::address::is_same_host;

/// Longest tag (OCI distribution, "Pulling manifests").
const TAG_LIMIT: usize = 128;

/// Whether the registry is there, and how to log in.
pub(crate) fn ping(base: &Url) -> Request {
    Request::new(Method::GET, at(base, "/v2/"))
}

/// A page of the tags of a repository.
pub(crate) fn tag_list(base: &Url, repo: &ImageRepo, page: &Page, count: u32) -> Result<Request, PortError> {
    let url = match page.cursor() {
        None => {
            let mut url = at(base, &format!("/v2/{}/tags/list", repo.path()));
            url.query_pairs_mut().append_pair("n", &count.to_string());
            url
        }
        Some(cursor) => page_at(base, cursor).ok_or_else(|| {
            let why = "the cursor is none that this adapter gave";
            PortError::bug(why).at(repo.host()).asking(&format!("tags of {}", repo.path()))
        })?,
    };
    let mut request = Request::new(Method::GET, url);
    accept(&mut request, "application/json");
    if let Some(etag) = page.known_etag() {
        field(&mut request, IF_NONE_MATCH, etag);
    }
    Ok(request)
}

/// A manifest by tag or digest, or only what a tag points at (HEAD).
pub(crate) fn manifest_of(base: &Url, method: Method, repo: &ImageRepo, reference: &str) -> Request {
    let mut request = Request::new(method, at(base, &format!("/v2/{}/manifests/{reference}", repo.path())));
    accept(&mut request, &ImageManifest::MEDIA_TYPES.join(", "));
    request
}

/// A blob by digest.
pub(crate) fn blob(base: &Url, repo: &ImageRepo, digest: &str) -> Request {
    Request::new(Method::GET, at(base, &format!("/v2/{}/blobs/{digest}", repo.path())))
}

/// Whether a text can be a tag: what is none could leave its place in a URL, and no registry keeps it.
///
/// # Errors
///
/// Of class `Rejected`.
pub(crate) fn check_tag(repo: &ImageRepo, tag: &str) -> Result<(), PortError> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut bytes = tag.bytes();
    let is_tag = bytes.next().is_some_and(is_word) && bytes.all(|b| is_word(b) || b == b'.' || b == b'-');
    if is_tag && tag.len() <= TAG_LIMIT {
        return Ok(());
    }
    let why = format!("{:?} is no tag: at most {TAG_LIMIT} letters, digits, `_`, `.` and `-`", shown(tag));
    Err(PortError::rejected(why).at(repo.host()).asking(&format!("tag {:?} of {}", shown(tag), repo.path())))
}

/// Whether a text is a digest that can be asked for and checked.
///
/// # Errors
///
/// Of class `Rejected`.
pub(crate) fn check_digest(repo: &ImageRepo, digest: &str) -> Result<(), PortError> {
    if is_digest(digest) {
        return Ok(());
    }
    let why = format!("{:?} is not a digest: sha256: and 64 hex digits are expected", shown(digest));
    Err(PortError::rejected(why).at(repo.host()).asking(&format!("digest {:?} of {}", shown(digest), repo.path())))
}

/// The beginning of a text that somebody else wrote.
fn shown(text: &str) -> String {
    text.chars().take(TAG_LIMIT).collect()
}

/// Where a cursor points: at the registry itself, and nowhere else.
fn page_at(base: &Url, cursor: &str) -> Option<Url> {
    if !cursor.starts_with('/') || cursor.starts_with("//") {
        return None;
    }
    base.join(cursor).ok().filter(|url| is_same_host(url, base) && url.scheme() == base.scheme())
}

fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url
}

fn accept(request: &mut Request, types: &str) {
    field(request, ACCEPT, types);
}

/// A field whose value is text; an ETag that is none cannot be one that a registry gave, and is left out.
fn field(request: &mut Request, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        request.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use kargo_core::port::PortClass;

    use super::*;

    fn base() -> Url {
        Url::parse("https://localhost:5000/").unwrap()
    }

    fn repo() -> ImageRepo {
        ImageRepo::parse("localhost:5000/acme/cart").unwrap()
    }

    fn line(request: &Request) -> String {
        format!("{} {}", request.method(), request.url())
    }

    #[test]
    fn discovery_2_6_requests_are_those_of_the_api() {
        assert_eq!(line(&ping(&base())), "GET https://localhost:5000/v2/");
        let head = manifest_of(&base(), Method::HEAD, &repo(), "1.4.2");
        assert_eq!(line(&head), "HEAD https://localhost:5000/v2/acme/cart/manifests/1.4.2");
        let accepted = head.headers()[ACCEPT].to_str().unwrap();
        assert_eq!(accepted.split(", ").collect::<Vec<_>>(), ImageManifest::MEDIA_TYPES);
        assert_eq!(line(&blob(&base(), &repo(), "sha256:0")), "GET https://localhost:5000/v2/acme/cart/blobs/sha256:0");
    }

    #[test]
    fn a_list_begins_at_its_cursor_and_is_revalidated() {
        let first = tag_list(&base(), &repo(), &Page::first(), 1_000).unwrap();
        assert_eq!(line(&first), "GET https://localhost:5000/v2/acme/cart/tags/list?n=1000");
        assert!(!first.headers().contains_key(IF_NONE_MATCH));
        let page = Page::at("/v2/acme/cart/tags/list?token=a%2Fb").if_changed_from("\"a1\"");
        let second = tag_list(&base(), &repo(), &page, 1_000).unwrap();
        assert_eq!(line(&second), "GET https://localhost:5000/v2/acme/cart/tags/list?token=a%2Fb");
        assert_eq!(second.headers()[IF_NONE_MATCH], "\"a1\"");
    }

    #[test]
    fn a_cursor_never_leads_to_another_host() {
        for cursor in
            ["", "last", "//evil.example/v2/", "https://evil.example/", "/\\evil.example/v2/", "\\\\evil.example/"]
        {
            let request = tag_list(&base(), &repo(), &Page::at(cursor), 10);
            assert_eq!(request.map(|request| line(&request)).unwrap_err().class(), PortClass::Bug, "{cursor}");
        }
    }

    #[test]
    fn what_is_no_tag_is_never_asked_for() {
        for good in ["1.4.2", "_x", "v1_b.5", &"a".repeat(128)] {
            assert_eq!(check_tag(&repo(), good), Ok(()), "{good}");
        }
        for bad in
            ["", ".", "..", "../../x", "a/b", "-x", "a b", "a\nb", "a?n=1", "a#b", "é", "sha256:00", &"a".repeat(129)]
        {
            let error = check_tag(&repo(), bad).unwrap_err();
            assert_eq!((error.class(), error.host()), (PortClass::Rejected, Some("localhost:5000")), "{bad}");
            assert!(error.asked().unwrap().ends_with("of acme/cart"), "{error}");
        }
        for bad in ["", "latest", "sha256:../..", "md5:00"] {
            assert_eq!(check_digest(&repo(), bad).unwrap_err().class(), PortClass::Rejected, "{bad}");
        }
    }
}
