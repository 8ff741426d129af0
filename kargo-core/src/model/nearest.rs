//! The nearest known name to one that is not known: "did you mean".

/// The candidate that differs least from `name`, if it is near enough to be meant. Ties go to the first candidate.
///
/// Near enough means: equal but for case, or at most one edit for every three characters (insert, delete, replace, or swap
/// two neighbours).
///
/// ```
/// use kargo_core::model::nearest;
/// assert_eq!(nearest("uta", ["dev", "prod", "uat"]), Some("uat"));
/// assert_eq!(nearest("production", ["dev", "uat"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Beyond this length nobody mistypes a name; comparing would cost the square of it.
    const LONGEST: usize = 100;
    if name.len() > LONGEST {
        return None;
    }
    let lower: Vec<char> = name.to_lowercase().chars().collect();
    let allowed = (lower.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len() > LONGEST || candidate == name {
            continue;
        }
        let other: Vec<char> = candidate.to_lowercase().chars().collect();
        if other.len().abs_diff(lower.len()) > allowed {
            continue;
        }
        let distance = edits(&lower, &other);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Number of single edits between two texts, where swapping two neighbours is one edit.
fn edits(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(width);
        row.push(i + 1);
        for (j, &y) in b.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let replace = cell(&last, j) + usize::from(x != y);
            let delete = cell(&last, j + 1) + 1;
            let insert = cell(&row, j) + 1;
            let mut least = replace.min(delete).min(insert);
            if i > 0 && j > 0 && a.get(i - 1) == Some(&y) && b.get(j - 1) == Some(&x) {
                least = least.min(cell(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = last;
        last = row;
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        for (name, expected) in [
            ("uta", Some("uat")),
            ("Prod", Some("prod")),
            ("requestedFrieght", Some("requestedFreight")),
            ("stagess", Some("stages")),
            ("x", None),
            ("kubernetes", None),
        ] {
            assert_eq!(nearest(name, ["uat", "prod", "requestedFreight", "stages"]), expected, "{name}");
        }
        assert_eq!(nearest(&"a".repeat(5_000), ["a"]), None);
    }
}
