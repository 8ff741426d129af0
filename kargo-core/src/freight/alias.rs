//! Names for people: two words that follow from a seed (resources 16.2; architecture, law 8).

use sha2::{Digest, Sha256};

use super::words::{ADJECTIVES, NOUNS};

/// How many pairs of words are tried before a number makes the first of them unused.
const ATTEMPTS: u32 = 32;

/// An alias such as `modest-marlin`: the same for the same seed and attempt, and a valid label value.
///
/// The seed says whose alias it is, for instance the project's seed and the freight's id. Another attempt with the same
/// seed gives, almost always, another alias.
///
/// ```
/// use kargo_core::freight::alias;
/// assert_eq!(alias(b"84d9a0d", 0), alias(b"84d9a0d", 0));
/// assert_ne!(alias(b"84d9a0d", 0), alias(b"84d9a0d", 1));
/// ```
#[must_use]
pub fn alias(seed: &[u8], attempt: u32) -> String {
    let sum = Sha256::new().chain_update("alias").chain_update(attempt.to_be_bytes()).chain_update(seed).finalize();
    let mut halves = sum.chunks_exact(8).map(|bytes| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)));
    let mut word = |words: &[&'static str]| pick(words, halves.next().unwrap_or_default());
    let adjective = word(ADJECTIVES);
    [adjective, "-", word(NOUNS)].concat()
}

/// The first alias of this seed that is not `taken`; when many are, one with a number behind it.
///
/// `taken` must say no to some candidate in the end, as any finite set of aliases does.
///
/// ```
/// use std::collections::BTreeSet;
/// use kargo_core::freight::{alias, unused_alias};
/// let mut aliases = BTreeSet::new();
/// for _ in 0..100 {
///     let unused = unused_alias(b"84d9a0d", |candidate| aliases.contains(candidate));
///     assert!(aliases.insert(unused));
/// }
/// assert!(aliases.contains(&alias(b"84d9a0d", 0)));
/// ```
#[must_use]
pub fn unused_alias(seed: &[u8], mut taken: impl FnMut(&str) -> bool) -> String {
    for attempt in 0..ATTEMPTS {
        let candidate = alias(seed, attempt);
        if !taken(&candidate) {
            return candidate;
        }
    }
    let words = alias(seed, 0);
    let mut number = 2_u64;
    loop {
        let candidate = format!("{words}-{number}");
        if !taken(&candidate) {
            return candidate;
        }
        number = number.wrapping_add(1);
    }
}

/// The word that a number stands for.
fn pick(words: &[&'static str], number: u64) -> &'static str {
    let count = u64::try_from(words.len()).unwrap_or(u64::MAX).max(1);
    usize::try_from(number % count).ok().and_then(|index| words.get(index).copied()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::model::{FreightRef, pattern::is_label_value};

    #[test]
    fn law_8_aliases_never_change() {
        // A replay must invent the names again that people already use.
        let made: Vec<String> =
            (0..3).map(|attempt| alias(b"84d9a0d81714243ecd236c670da11c7259af9059", attempt)).collect();
        assert_eq!(made, ["kindly-sterlet", "quiet-whelk", "bronze-dogfish"]);
    }

    #[test]
    fn resources_16_2_aliases_are_spread_over_the_words() {
        let mut words = BTreeMap::<String, u32>::new();
        for n in 0_u32..20_000 {
            for word in alias(&n.to_be_bytes(), 0).split('-') {
                *words.entry(word.to_owned()).or_default() += 1;
            }
        }
        assert_eq!(words.len(), ADJECTIVES.len() + NOUNS.len());
        assert!(words.values().all(|count| (30..160).contains(count)), "{words:?}");
    }

    #[test]
    fn resources_16_2_a_taken_alias_is_not_given_again() {
        let first = alias(b"seed", 0);
        let second = unused_alias(b"seed", |candidate| candidate == first);
        assert_eq!(second, alias(b"seed", 1));
        assert_ne!(second, first);
    }

    #[test]
    fn resources_16_2_numbers_follow_when_words_run_out() {
        let mut taken = BTreeSet::new();
        for _ in 0..200 {
            let unused = unused_alias(b"seed", |candidate| taken.contains(candidate));
            assert!(taken.insert(unused));
        }
        let numbered: BTreeSet<&str> = taken.iter().filter_map(|alias| alias.split('-').nth(2)).collect();
        assert!(numbered.len() >= 168 && numbered.contains("2") && numbered.contains("169"), "{numbered:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn resources_16_2_an_alias_is_a_label_value_of_two_words(seed in any::<Vec<u8>>(), attempt in any::<u32>()) {
            let made = alias(&seed, attempt);
            prop_assert!(is_label_value(&made) && !made.is_empty(), "{}", made);
            prop_assert!(!FreightRef::from(made.as_str()).may_be_id());
            let words: Vec<&str> = made.split('-').collect();
            let [adjective, noun] = words[..] else { return Err(TestCaseError::fail(made)) };
            prop_assert!(ADJECTIVES.contains(&adjective) && NOUNS.contains(&noun));
        }

        #[test]
        fn resources_16_2_numbered_aliases_are_label_values_too(seed in any::<Vec<u8>>()) {
            let made = unused_alias(&seed, |candidate| candidate.matches('-').count() < 2);
            prop_assert!(is_label_value(&made) && made.ends_with("-2"), "{}", made);
        }
    }
}
