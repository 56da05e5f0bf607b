//! Seeded chance: the same seed gives the same day.

/// A stream of numbers that look drawn (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// A stream of its own for what these words say, whoever else draws meanwhile.
    pub(crate) fn of(seed: u64, words: &[&[u8]]) -> Self {
        // FNV-1a, so that equal words mean equal numbers on every machine.
        let hash = words
            .iter()
            .flat_map(|word| word.iter().chain(&[0xff]))
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let mut dice = Self(seed ^ hash);
        dice.next();
        dice
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, and without, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of that probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of that many, from 0; 0 where there is none.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// One of these, of which each is as likely as its weight says; none where there is nothing to choose.
    pub(crate) fn weighted<'a, T>(&mut self, all: &'a [T], weight: impl Fn(&T) -> f64) -> Option<&'a T> {
        let mut left = self.unit() * all.iter().map(&weight).sum::<f64>();
        for one in all {
            left -= weight(one);
            if left < 0.0 {
                return Some(one);
            }
        }
        all.last()
    }

    /// Around a median, as waiting times are: never negative, now and then much more. `spread` is the logarithm's deviation.
    pub(crate) fn around(&mut self, median: f64, spread: f64) -> f64 {
        let (radius, angle) = ((1.0 - self.unit()).ln() * -2.0, self.unit() * std::f64::consts::TAU);
        median * (spread * radius.sqrt() * angle.cos()).exp()
    }
}
