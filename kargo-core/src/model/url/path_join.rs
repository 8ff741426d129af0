//! Joining path elements with slashes and cleaning the result by its text alone, as Go's `path.Join` does.

/// Joins the elements that are not empty and cleans the result; empty when all of them are (resources 16.1, `PJ`).
///
/// Cleaning makes one slash of many, so a URL loses one: `https://host` becomes `https:/host`. Freight ids depend on
/// exactly that.
pub(super) fn path_join(elements: &[&str]) -> String {
    let filled: Vec<&str> = elements.iter().copied().filter(|element| !element.is_empty()).collect();
    if filled.is_empty() { String::new() } else { clean(&filled.join("/")) }
}

/// The shortest path of the same meaning, found without looking at any file system. Never empty: `.` stands for it.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => match kept.last() {
                Some(&last) if last != ".." => {
                    kept.pop();
                }
                // Nothing lies above the root, but a relative path may climb out of where it starts.
                _ if rooted => {}
                _ => kept.push(segment),
            },
            _ => kept.push(segment),
        }
    }
    match (rooted, kept.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::path_join;

    #[test]
    fn resources_16_1_joins_and_cleans() {
        for (elements, expected) in [
            (["", ""], ""),
            (["a", ""], "a"),
            (["", "a"], "a"),
            (["a", "b"], "a/b"),
            (["a/", "b"], "a/b"),
            (["a", "/b/"], "a/b"),
            (["https://charts.example.com/stable", "podinfo"], "https:/charts.example.com/stable/podinfo"),
            (["a//b", "./c/."], "a/b/c"),
            (["a/b", "../c"], "a/c"),
            (["a", ".."], "."),
            (["a", "../.."], ".."),
            (["../a", "../../b"], "../../b"),
            (["..", ".."], "../.."),
            (["/", ""], "/"),
            (["/a", "../../b"], "/b"),
            (["/..", ".."], "/"),
            (["a/..b", "c.."], "a/..b/c.."),
        ] {
            assert_eq!(path_join(&elements), expected, "{elements:?}");
        }
    }
}
