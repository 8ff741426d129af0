//! Chance that follows from a seed: a stream of numbers, and numbers that belong to a name.

/// A stream of numbers that follow from a seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x6b61_7267_6f00_0001))
    }

    /// Numbers that belong to a name: what else is drawn does not change them.
    pub(crate) fn of(seed: u64, name: &str, count: u64) -> Self {
        let bytes = name.bytes().fold(mix(seed), |sum, byte| mix(sum ^ u64::from(byte)));
        Self(mix(bytes ^ count.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 to one less than `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.number() % sides.max(1)
    }

    pub(crate) fn index(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll(sides as u64)).unwrap_or_default()
    }

    pub(crate) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    /// So many times in a hundred.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.index(from.len()))
    }

    /// One of these words; of none an empty one.
    pub(crate) fn word(&mut self, from: &[&'static str]) -> &'static str {
        self.pick(from).copied().unwrap_or_default()
    }
}

/// The finaliser of SplitMix64.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_8_numbers_follow_from_the_seed_and_the_name() {
        let draw = |mut dice: Dice| [dice.number(), dice.number()];
        assert_eq!(draw(Dice::new(1)), draw(Dice::new(1)));
        assert_ne!(draw(Dice::new(1)), draw(Dice::new(2)));
        assert_ne!(draw(Dice::of(1, "a", 0)), draw(Dice::of(1, "a", 1)));
        assert_ne!(draw(Dice::of(1, "a", 0)), draw(Dice::of(1, "b", 0)));
        assert!((0..1_000).all(|seed| Dice::new(seed).roll(7) < 7));
    }
}
