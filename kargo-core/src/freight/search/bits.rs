//! Sets of ranks.

/// A set of small numbers, each below the size that it was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(Box<[u64]>);

const WIDTH: usize = 64;

impl Bits {
    /// No number, with room for those below `size`.
    pub(super) fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(WIDTH)].into())
    }

    /// The numbers below `count`, with room for those below `size`.
    pub(super) fn first(count: usize, size: usize) -> Self {
        let mut bits = Self::none(size);
        let count = count.min(size);
        for (at, word) in bits.0.iter_mut().enumerate() {
            let here = count.saturating_sub(at * WIDTH);
            *word = if here >= WIDTH { u64::MAX } else { (1 << here) - 1 };
        }
        bits
    }

    pub(super) fn insert(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / WIDTH) {
            *word |= 1 << (number % WIDTH);
        }
    }

    pub(super) fn has(&self, number: usize) -> bool {
        self.0.get(number / WIDTH).is_some_and(|word| word >> (number % WIDTH) & 1 == 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Adds what is in both others.
    pub(super) fn add_common(&mut self, one: &Self, other: &Self) {
        for ((word, one), other) in self.0.iter_mut().zip(&one.0).zip(&other.0) {
            *word |= one & other;
        }
    }

    /// What is in this one and not in the other.
    pub(super) fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(word, other)| word & !other).collect())
    }

    /// The least number from `start` on.
    pub(super) fn next(&self, start: usize) -> Option<usize> {
        let mut at = start / WIDTH;
        let mut word = self.0.get(at)? & (u64::MAX << (start % WIDTH));
        while word == 0 {
            at += 1;
            word = *self.0.get(at)?;
        }
        Some(at * WIDTH + word.trailing_zeros() as usize)
    }

    /// All numbers, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let found = self.next(start)?;
            start = found + 1;
            Some(found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_numbers() {
        for (count, size) in [(0, 0), (0, 5), (3, 5), (64, 64), (64, 65), (65, 200), (9, 4)] {
            let bits = Bits::first(count, size);
            assert_eq!(bits.iter().collect::<Vec<_>>(), (0..count.min(size)).collect::<Vec<_>>());
            assert_eq!(bits.is_empty(), count.min(size) == 0);
        }
        let mut bits = Bits::none(200);
        [3, 64, 199].into_iter().for_each(|number| bits.insert(number));
        assert_eq!((bits.next(4), bits.next(65), bits.next(200)), (Some(64), Some(199), None));
        assert!(bits.has(199) && !bits.has(198) && !bits.has(10_000));
        assert_eq!(bits.without(&Bits::first(70, 200)).iter().collect::<Vec<_>>(), [199]);
        let mut common = Bits::none(200);
        common.add_common(&bits, &Bits::first(65, 200));
        assert_eq!(common.iter().collect::<Vec<_>>(), [3, 64]);
    }
}
