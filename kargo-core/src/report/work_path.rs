//! Paths in the work tree, compared by their letters alone.

/// One spelling for a path in the work tree: without `.`, doubled slashes and a slash at either end, `..` applied and held at
/// the root, as a secure join does (steps 0.6). The root is the empty text.
pub(super) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Whether a clean path is another one or lies below it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_0_6_paths_are_held_at_the_root() {
        for (path, expected) in [
            ("./env", "env"),
            ("env/", "env"),
            ("/env//apps/./x", "env/apps/x"),
            ("a/../../b", "b"),
            ("../../etc", "etc"),
            (".", ""),
            ("", ""),
        ] {
            assert_eq!(clean(path), expected, "{path}");
        }
    }

    #[test]
    fn a_folder_holds_what_is_below_it_but_not_its_namesakes() {
        assert!(is_within("env", "env") && is_within("env/a", "env") && is_within("x", ""));
        assert!(!is_within("envy", "env") && !is_within("env", "env/a"));
    }
}
