//! The order of a map's keys in YAML: as people count, `a2` before `a10`.

use std::cmp::Ordering;

use super::unicode::{is_digit, is_letter};

/// Sorts by an order that need not be one: keys with very long numbers have none. The standard sorts may panic then.
pub(super) fn sort<T: Clone>(items: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    if items.len() < 2 {
        return;
    }
    let (left, right) = items.split_at_mut(items.len() / 2);
    sort(left, less);
    sort(right, less);
    let (left, right) = (left.to_vec(), right.to_vec());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    for place in items {
        let from_right = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => less(b, a),
            (None, _) => true,
            (_, None) => false,
        };
        if let Some(item) = if from_right { right.next() } else { left.next() } {
            *place = item;
        }
    }
}

/// Whether a text comes before another: letters by their code, numbers by their value, other characters before
/// letters, and letters first after a digit.
pub(super) fn text_is_less(left: &str, right: &str) -> bool {
    let mut after_digit = false;
    let (mut a, mut b) = (left.chars(), right.chars());
    loop {
        let (rest_a, rest_b) = (a.as_str(), b.as_str());
        match (a.next(), b.next()) {
            (Some(x), Some(y)) if x == y => after_digit = is_digit(x),
            (Some(x), Some(y)) => {
                return match (is_letter(x), is_letter(y)) {
                    (true, true) => x < y,
                    (false, false) => {
                        let common = left.get(..left.len() - rest_a.len()).unwrap_or_default();
                        number_is_less(common, rest_a, rest_b).unwrap_or(x < y)
                    }
                    (letter, _) => letter == after_digit,
                };
            }
            // All that both have is equal.
            (x, y) => return x.is_none() && y.is_some(),
        }
    }
}

/// Compares the numbers that two texts begin with; what they have in `common` before may be digits, too.
fn number_is_less(common: &str, left: &str, right: &str) -> Option<bool> {
    // A zero counts only after other digits: 109 is greater than 11, 019 is not greater than 11.
    let zero = left.starts_with('0') || right.starts_with('0');
    let inside = zero && common.chars().rev().take_while(|c| is_digit(*c)).any(|c| c != '0');
    let start = i64::from(inside);
    let (a, a_length) = number(start, left);
    let (b, b_length) = number(start, right);
    match a.cmp(&b).then(a_length.cmp(&b_length)) {
        Ordering::Equal => None,
        order => Some(order == Ordering::Less),
    }
}

/// The value and length of the digits at the beginning, wrapped around as 64-bit numbers do.
fn number(start: i64, text: &str) -> (i64, usize) {
    let digits = text.chars().take_while(|c| is_digit(*c));
    digits.fold((start, 0), |(value, length), c| {
        let digit = i64::from(u32::from(c)) - i64::from(u32::from('0'));
        (value.wrapping_mul(10).wrapping_add(digit), length + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Promotion-engine 4.4: keys of `asYAML`.
    #[test]
    fn keys_in_order() {
        let wanted = [
            "", "-x", "1a", "1_", "1", "01", "2", "19", "110", "_", "A", "B", "a", "a_", "a1", "a2b", "a2", "a10",
            "ab", "b", "é",
        ];
        let mut sorted = wanted.to_vec();
        sorted.reverse();
        sort(&mut sorted, &|a, b| text_is_less(a, b));
        // Each neighbour is in order, whatever the sort made of it.
        for pair in sorted.windows(2) {
            assert!(text_is_less(pair[0], pair[1]) && !text_is_less(pair[1], pair[0]), "{pair:?}");
        }
        assert!(text_is_less("11", "109") && text_is_less("2", "10") && text_is_less("a1b", "a1-"));
    }

    /// Numbers that wrap around put keys in a circle; the sort ends all the same and loses nothing.
    #[test]
    fn an_order_that_is_none() {
        let mut keys: Vec<String> =
            (0..500_u64).map(|n| format!("{}", u128::from(n) * 97_777_777_777_777_777)).collect();
        let mut before = keys.clone();
        sort(&mut keys, &|a, b| text_is_less(a, b));
        keys.sort();
        before.sort();
        assert_eq!(keys, before);
    }
}
