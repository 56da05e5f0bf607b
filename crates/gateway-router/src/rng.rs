//! Drawing lots and hashing, both the same everywhere and always: a plan must be replayable years later.

/// A stream of numbers out of a seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Evenly between 0 and 1, neither included.
    pub(crate) fn unit(&mut self) -> f64 {
        unit(self.draw())
    }
}

/// Where 0..2^64 falls between 0 and 1, neither included.
pub(crate) fn unit(number: u64) -> f64 {
    ((number >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// A hash of some strings in order (FNV-1a, then mixed); their borders count.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        // 0xff occurs in no UTF-8, so it ends a part unmistakably.
        for byte in part.bytes().chain([0xff]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    mix(state)
}

/// The time at which something of that weight arrives in a race: the earliest of several is each of them in proportion
/// to its weight, the second earliest again among the rest, and so on. Weight 0 never arrives.
pub(crate) fn race(unit: f64, weight: f64) -> f64 {
    if weight > 0.0 {
        -unit.ln() / weight
    } else {
        f64::INFINITY
    }
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_splitmix64_so_that_old_seeds_keep_their_meaning() {
        let mut rng = Rng::new(1_234_567);
        assert_eq!(
            [rng.draw(), rng.draw()],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
        );
    }

    #[test]
    fn borders_between_parts_count() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
    }

    #[test]
    fn units_stay_inside() {
        assert!(unit(0) > 0.0 && unit(u64::MAX) < 1.0);
        assert!(race(unit(0), 1.0).is_finite() && race(0.5, 0.0).is_infinite());
    }
}
