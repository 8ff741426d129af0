//! Keys that are compared by a number first: a text lies elsewhere in memory, and to look at one costs more than to look at
//! all the numbers of a node.

use std::{borrow::Borrow, cmp::Ordering, sync::Arc};

use equivalent::{Comparable, Equivalent};

use super::{
    Mark, Place,
    shared::{Index, Map},
};
use crate::model::{FreightName, Origin, PromotionName, StageName, WarehouseName};

/// What is as good as certain to differ where keys do. It is the same everywhere and for ever.
pub(crate) trait Digest {
    /// The number.
    fn digest(&self) -> u64;
}

/// A key with its digest. The order is that of the digests; only where they are equal, that of the keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Keyed<K> {
    digest: u64,
    key: K,
}

impl<K> Keyed<K> {
    /// The key itself.
    pub(crate) fn key(&self) -> &K {
        &self.key
    }
}

impl<K: Digest> From<K> for Keyed<K> {
    fn from(key: K) -> Self {
        Self { digest: key.digest(), key }
    }
}

/// A key to be looked up.
pub(crate) struct Ask<'a, Q: ?Sized> {
    digest: u64,
    key: &'a Q,
}

impl<'a, Q: Digest + ?Sized> Ask<'a, Q> {
    /// Whatever has this key.
    pub(crate) fn of(key: &'a Q) -> Self {
        Self { digest: key.digest(), key }
    }
}

impl<K, Q: Comparable<K> + ?Sized> Equivalent<Keyed<K>> for Ask<'_, Q> {
    fn equivalent(&self, keyed: &Keyed<K>) -> bool {
        self.digest == keyed.digest && self.key.equivalent(&keyed.key)
    }
}

impl<K, Q: Comparable<K> + ?Sized> Comparable<Keyed<K>> for Ask<'_, Q> {
    fn compare(&self, keyed: &Keyed<K>) -> Ordering {
        self.digest.cmp(&keyed.digest).then_with(|| self.key.compare(&keyed.key))
    }
}

/// The digest of a text: eight bytes at a time, mixed so that texts that differ in one digit are far from each other.
impl Digest for str {
    fn digest(&self) -> u64 {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mix = |digest: u64, word: u64| {
            let mixed = (digest ^ word).wrapping_mul(ODD);
            mixed ^ (mixed >> 29)
        };
        let (words, rest) = self.as_bytes().as_chunks::<8>();
        let digest = words.iter().fold(self.len() as u64, |digest, word| mix(digest, u64::from_le_bytes(*word)));
        mix(mix(digest, first_bytes(rest)), ODD)
    }
}

/// Up to eight bytes as a number whose order is that of the bytes.
fn first_bytes(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_be_bytes(word)
}

macro_rules! by_text {
    ($($name:ty),+) => {$(
        impl Digest for $name {
            fn digest(&self) -> u64 {
                str::digest(self)
            }
        }
    )+};
}

by_text!(StageName, PromotionName, WarehouseName, Box<str>);

impl Digest for Origin {
    fn digest(&self) -> u64 {
        self.name.digest()
    }
}

/// Places of one Stage stand together.
impl Digest for Place {
    fn digest(&self) -> u64 {
        self.stage.digest()
    }
}

impl Digest for (StageName, FreightName) {
    fn digest(&self) -> u64 {
        self.0.digest() ^ first_bytes(self.1.as_bytes())
    }
}

/// Lists of one Stage with one mark stand together.
impl Digest for (Option<(Mark, StageName)>, Origin) {
    fn digest(&self) -> u64 {
        self.0.as_ref().map_or_else(|| self.1.digest(), |(mark, stage)| stage.digest().wrapping_add(*mark as u64))
    }
}

/// Names of nouns in a table.
pub(crate) trait Name: Ord + Clone + Borrow<str> {
    /// Whether the digests are in the order of the names: then so is the table.
    const IN_ORDER: bool;

    /// The digest of such a name.
    fn digest_of(name: &str) -> u64;

    /// The name, to be kept.
    fn keyed(self) -> Keyed<Self> {
        Keyed { digest: Self::digest_of(self.borrow()), key: self }
    }

    /// The name, to be looked up.
    fn ask(name: &str) -> Ask<'_, str> {
        Ask { digest: Self::digest_of(name), key: name }
    }
}

macro_rules! in_order {
    ($($name:ty),+) => {$(
        impl Name for $name {
            const IN_ORDER: bool = true;

            fn digest_of(name: &str) -> u64 {
                first_bytes(name.as_bytes())
            }
        }
    )+};
}

macro_rules! in_any_order {
    ($($name:ty),+) => {$(
        impl Name for $name {
            const IN_ORDER: bool = false;

            fn digest_of(name: &str) -> u64 {
                name.digest()
            }
        }
    )+};
}

// Names of freight are digests themselves, and there are few of what else is kept by a plain text.
in_order!(FreightName, Arc<str>);
in_any_order!(StageName, PromotionName, WarehouseName);

/// A map of keys with digests, in the order of these.
pub(crate) type KeyedMap<K, V> = Map<Keyed<K>, V>;

/// An index of keys with digests; the items of a key are in order.
pub(crate) type KeyedIndex<K, T> = Index<Keyed<K>, T>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architecture_4_what_is_kept_under_a_name_is_found_under_it_alone() {
        let mut map = KeyedMap::<StageName, usize>::new();
        for number in 0..1_000 {
            map.insert(StageName::from(format!("stage-{number}")).into(), number);
        }
        for number in 0..1_000 {
            assert_eq!(map.get(&Ask::of(&*format!("stage-{number}"))), Some(&number));
        }
        for other in ["", "stage-", "stage-01", "stage-1000", "Stage-1"] {
            assert_eq!(map.get(&Ask::of(other)), None, "{other}");
        }
    }

    #[test]
    fn architecture_4_digests_of_different_names_differ() {
        let long = "a-very-long-name-that-others-begin-with-too-";
        let names = (0..100_000).flat_map(|number| [format!("dev{number}"), format!("{long}{number}")]);
        let digests: std::collections::BTreeSet<u64> = names.map(|name| name.digest()).collect();
        assert_eq!(digests.len(), 200_000);
        assert_ne!("a".digest(), "a\0".digest());
    }

    #[test]
    fn architecture_4_equal_digests_are_no_equal_keys() {
        let (a, b) = (Keyed { digest: 1, key: StageName::from("a") }, Keyed { digest: 1, key: StageName::from("b") });
        let map: KeyedMap<StageName, u8> = [(a, 1), (b, 2)].into_iter().collect();
        let ask = |key| Ask { digest: 1, key };
        assert_eq!((map.get(&ask("a")), map.get(&ask("b")), map.get(&ask("c"))), (Some(&1), Some(&2), None));
    }

    #[test]
    fn names_of_freight_stay_in_order() {
        let mut names = ["84d9a0d8", "84d9a0d", "84d9a0d81714", "0", "", "ffffffffffff", "84d9a0d80"];
        names.sort_unstable();
        let digests: Vec<_> = names.iter().map(|name| FreightName::from(*name).keyed()).collect();
        assert!(digests.is_sorted());
    }
}
