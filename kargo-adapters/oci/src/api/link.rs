//! `Link` headers (RFC 8288): where the next page is.

/// The target of the first link to the next page.
pub(crate) fn next<'a>(headers: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    headers.flat_map(links).find(|(_, relations)| is_next(relations)).map(|(target, _)| target)
}

/// The links of a header: target, and parameters as they are written.
fn links(header: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { break };
        let end = end_of_parameters(after);
        let (parameters, after) = after.split_at(end);
        found.push((target.trim(), parameters));
        rest = after;
    }
    found
}

/// Where the next link begins: at a comma that is in no quotes.
fn end_of_parameters(text: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn is_next(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else { return false };
        let relations = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("rel")
            && relations.split_whitespace().any(|one| one.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_other_links() {
        for (header, target) in [
            ("</v2/a/tags/list?last=b&n=2>; rel=\"next\"", Some("/v2/a/tags/list?last=b&n=2")),
            ("<https://h/v2/x>; rel=next", Some("https://h/v2/x")),
            ("< ?last=a,b >;title=\"a, <b>\"; REL=\"Last Next\"", Some("?last=a,b")),
            ("<a>; rel=\"prev\", <b>; rel=\"next\"", Some("b")),
            ("<a>; rel=\"nextish\"", None),
            ("<a>", None),
            ("<a; rel=next", None),
            ("a; rel=next", None),
            ("", None),
        ] {
            assert_eq!(next([header].into_iter()), target, "{header}");
        }
        assert_eq!(next(["<a>; rel=first", "<b>; rel=next"].into_iter()), Some("b"));
    }
}
