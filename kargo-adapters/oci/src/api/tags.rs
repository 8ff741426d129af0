//! Pages of tags.

use kargo_core::{
    Tag,
    port::{Page, PortError, Reply, TagPage},
};
use kargo_http::Answer;
use serde::Deserialize;
use url::Url;

use super::link;
use crate::address::is_same_host;

/// The list as registries write it; `null` stands for no tags.
#[derive(Deserialize)]
struct List {
    name: Option<String>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
}

/// A page of tags, and the cursor of the next: path and query of the link, so that whatever a registry puts there is sent back to it, and
/// to nobody else. `asked` is the address of this page.
pub(crate) fn tag_page(answer: Answer, asked: &Url, page: &Page) -> Result<Reply<TagPage>, PortError> {
    let next = next_cursor(&answer, asked, page);
    let no_list = answer.rejected("the answer is no list of tags");
    answer.into_json::<List>()?.try_map(|list| {
        if list.tags.is_none() && list.name.is_none() {
            return Err(no_list);
        }
        Ok(TagPage { tags: list.tags.unwrap_or_default(), next: next? })
    })
}

fn next_cursor(answer: &Answer, asked: &Url, page: &Page) -> Result<Option<String>, PortError> {
    let Some(target) = link::next(answer.header_values("link")) else { return Ok(None) };
    let url = asked.join(target).map_err(|error| answer.rejected(format!("the link to the next page: {error}")))?;
    if !is_same_host(&url, asked) {
        let host = url.host_str().unwrap_or_default();
        return Err(answer.rejected(format!("the next page is said to be at another host, {host:?}")));
    }
    let mut cursor = url.path().to_owned();
    if let Some(query) = url.query() {
        cursor.push('?');
        cursor.push_str(query);
    }
    if page.cursor() == Some(&cursor) {
        return Err(answer.rejected("the next page is said to be this one"));
    }
    Ok(Some(cursor))
}

#[cfg(test)]
mod tests {
    use kargo_core::port::PortClass;
    use kargo_http::Asked;

    use super::*;

    fn read(link: Option<&str>, body: &str) -> Result<TagPage, PortError> {
        let mut answer = Answer::new(Asked::of("ghcr.io", "GET /v2/acme/cart/tags/list"), 200);
        if let Some(link) = link {
            answer = answer.with_header("Link", format!("<{link}>; rel=\"next\""));
        }
        let asked = Url::parse("https://ghcr.io/v2/acme/cart/tags/list?n=2").unwrap();
        tag_page(answer.with_body(body.into()), &asked, &Page::at("/v2/this?x=1"))?.into_value()
    }

    #[test]
    fn links_are_relative_or_absolute_and_their_contents_opaque() {
        let body = r#"{"name":"acme/cart","tags":["1.0.0","latest"]}"#;
        for (link, next) in [
            (None, None),
            (Some("/v2/acme/cart/tags/list?last=latest&n=2"), Some("/v2/acme/cart/tags/list?last=latest&n=2")),
            (Some("https://ghcr.io/v2/acme/cart/tags/list?t=ey%2FJ"), Some("/v2/acme/cart/tags/list?t=ey%2FJ")),
            (Some("https://GHCR.io:443/x"), Some("/x")),
            // Behind a server that ends TLS, registries take themselves for plain ones.
            (Some("http://ghcr.io/v2/acme/cart/tags/list?n=2"), Some("/v2/acme/cart/tags/list?n=2")),
            (Some("?last=latest"), Some("/v2/acme/cart/tags/list?last=latest")),
            (Some("list?last=latest"), Some("/v2/acme/cart/tags/list?last=latest")),
        ] {
            let page = read(link, body).unwrap();
            assert_eq!((page.tags.len(), page.next.as_deref()), (2, next), "{link:?}");
        }
    }

    #[test]
    fn a_page_elsewhere_and_a_page_that_follows_itself_are_rejected() {
        for (link, part) in [
            ("https://evil.example/v2/acme/cart/tags/list", "another host"),
            ("//evil.example/v2/", "another host"),
            ("https://ghcr.io:8443/v2/", "another host"),
            ("/v2/this?x=1", "this one"),
            ("https://", "link to the next page"),
        ] {
            let error = read(Some(link), r#"{"tags":["a"]}"#).unwrap_err();
            assert_eq!(error.class(), PortClass::Rejected, "{link}");
            assert!(error.to_string().contains(part), "{link}: {error}");
        }
    }

    #[test]
    fn discovery_4_3_tags_come_as_they_are_written() {
        let tags = |body: &str| read(None, body).map(|page| page.tags).map_err(|error| error.class());
        assert_eq!(
            tags(r#"{"name":"x","tags":["1.0.0_b.5","../x"," "]}"#),
            Ok(vec!["1.0.0_b.5".into(), "../x".into(), " ".into()])
        );
        assert_eq!(tags(r#"{"name":"x","tags":null}"#), Ok(Vec::new()));
        assert_eq!(tags(r#"{"name":"x"}"#), Ok(Vec::new()));
        for bad in ["", "<html>", "{}", "[]", r#"{"tags":"a"}"#, r#"{"tags":[1]}"#, r#"{"errors":[]}"#] {
            assert_eq!(tags(bad), Err(PortClass::Rejected), "{bad}");
        }
    }

    #[test]
    fn unchanged_is_unchanged() {
        let answer = Answer::new(Asked::of("ghcr.io", "GET /v2/x"), 304).with_header("ETag", "\"a1\"");
        let asked = Url::parse("https://ghcr.io/v2/x").unwrap();
        let reply = tag_page(answer, &asked, &Page::first().if_changed_from("\"a1\"")).unwrap();
        assert!(reply.is_unchanged());
        assert_eq!(reply.etag(), Some("\"a1\""));
    }
}
