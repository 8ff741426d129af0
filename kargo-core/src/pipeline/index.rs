//! Names of one kind, found in about one look each. Sorting or searching every mention of a name by its text would cost more
//! than everything else in building a large pipeline.

use std::cmp::Ordering;

use super::id::number;

/// Sorted names, with a table of where each group of hashes begins.
///
/// The hash decides nothing but speed: entries are ordered by hash, then name, and a group is searched by halving, so that
/// names chosen to collide cost a logarithm and not a scan.
pub(super) struct NameIndex<'a> {
    entries: Vec<(u64, &'a str, u32)>,
    /// Where the entries with each value of the hash's top bits begin, and the end.
    starts: Vec<u32>,
    shift: u32,
}

impl<'a> NameIndex<'a> {
    /// The names, each with the number it stands for.
    pub(super) fn new(names: impl Iterator<Item = (&'a str, u32)>) -> Self {
        let mut entries: Vec<_> = names.map(|(name, number)| (hash(name), name, number)).collect();
        entries.sort_unstable();
        let bits = entries.len().next_power_of_two().ilog2().max(1);
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut at = 0;
        for group in 0..=(1_u64 << bits) {
            while entries.get(at).is_some_and(|&(hash, _, _)| hash >> shift < group) {
                at += 1;
            }
            starts.push(number(at));
        }
        Self { entries, starts, shift }
    }

    /// The number that a name stands for.
    pub(super) fn get(&self, name: &str) -> Option<u32> {
        let hash = hash(name);
        let group = (hash >> self.shift) as usize;
        let (&start, &end) = (self.starts.get(group)?, self.starts.get(group + 1)?);
        let group = self.entries.get(start as usize..end as usize)?;
        let order = |entry: &(u64, &str, u32)| match entry.0.cmp(&hash) {
            Ordering::Equal => entry.1.cmp(name),
            other => other,
        };
        group.binary_search_by(order).ok().and_then(|at| group.get(at)).map(|entry| entry.2)
    }
}

/// FNV-1a over the bytes, then mixed so that the top bits depend on all of them.
fn hash(name: &str) -> u64 {
    let folded = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (folded ^ (folded >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_no_other() {
        for count in [0_u32, 1, 2, 3, 1_000] {
            let names: Vec<String> = (0..count).map(|n| format!("stage-{n:06}")).collect();
            let index = NameIndex::new(names.iter().zip(0..).map(|(name, n)| (name.as_str(), n)));
            for (name, n) in names.iter().zip(0..) {
                assert_eq!(index.get(name), Some(n), "{name}");
            }
            assert_eq!(index.get("stage"), None);
            assert_eq!(index.get(""), None);
            assert_eq!(index.get(&format!("stage-{count:06}")), None);
        }
    }
}
