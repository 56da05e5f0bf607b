//! Time and chance, passed in: what a dialect writes where the provider gave no time and no ids.

use gateway_types::Wall;

/// When an answer is read, and a number that no other answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub at: Wall,
    /// A number of its own: half of it random, as of a UUIDv7.
    pub seed: u128,
}

impl Stamp {
    /// Seconds since the epoch.
    pub fn created(&self) -> i64 {
        self.at.millis() / 1000
    }

    /// An id with that beginning (`msg_`, `call_`); each `n` gives another.
    pub fn id(&self, beginning: &str, n: usize) -> String {
        match n {
            0 => format!("{beginning}{:032x}", self.seed),
            n => format!("{beginning}{:032x}{n:x}", self.seed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_answer_differ() {
        let stamp = Stamp {
            at: Wall::from_millis(1_999),
            seed: 5,
        };
        assert_eq!(stamp.created(), 1);
        assert_ne!(stamp.id("call_", 0), stamp.id("call_", 1));
        assert!(stamp.id("call_", 0).starts_with("call_"));
    }
}
