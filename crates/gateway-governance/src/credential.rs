//! What clients present, and the keyed hash by which it is known.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq;

/// Hashes virtual keys' values, keyed by a secret of the installation, so that a stolen store is no list of credentials.
#[derive(Clone)]
pub struct KeyHasher(hmac::Key);

impl KeyHasher {
    /// A hasher under that secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The hash of a value (HMAC-SHA-256).
    pub fn hash(&self, value: &str) -> KeyHash {
        let tag = hmac::sign(&self.0, value.as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(tag.as_ref());
        KeyHash(hash)
    }
}

impl fmt::Debug for KeyHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHasher")
    }
}

/// The keyed hash of a value. Written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyHash(pub [u8; 32]);

impl KeyHash {
    /// Compares without telling by its time how much agrees.
    pub fn same(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHash({self})")
    }
}

/// A text that is no [`KeyHash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key's hash is 64 hex digits")]
pub struct NotAHash;

impl FromStr for KeyHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(NotAHash);
        }
        let digit = |at: usize| char::from(digits[at]).to_digit(16).ok_or(NotAHash);
        let mut hash = [0; 32];
        for (at, byte) in hash.iter_mut().enumerate() {
            // Two hex digits are at most 255.
            *byte = (digit(2 * at)? << 4 | digit(2 * at + 1)?) as u8;
        }
        Ok(Self(hash))
    }
}

/// The source of randomness failed, so no secret can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no randomness, so no key can be made")]
pub struct NoRandomness;

/// A new value for a virtual key: `sk-bf-` and 192 random bits in the manner of a UUID.
pub fn generate() -> Result<String, NoRandomness> {
    let mut random = [0_u8; 24];
    getrandom::fill(&mut random).map_err(|_| NoRandomness)?;
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!(
        "sk-bf-{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..16],
        &hex[16..24],
        &hex[24..32],
        &hex[32..]
    ))
}

/// Whether a value that an operator chose could be guessed: it is the key's id, is short, repeats itself, or is made of
/// few kinds of characters. A value that passes is not thereby strong; one that fails deserves its mark.
pub fn guessable(value: &str, id: &str) -> bool {
    const ENOUGH_CHARACTERS: usize = 20;
    const ENOUGH_BITS: f64 = 64.0;
    value.eq_ignore_ascii_case(id) || value.chars().count() < ENOUGH_CHARACTERS || entropy(value) < ENOUGH_BITS
}

/// The bits of a value, as far as the frequencies of its own characters tell.
fn entropy(value: &str) -> f64 {
    let mut chars: Vec<char> = value.chars().collect();
    chars.sort_unstable();
    let length = chars.len() as f64;
    chars
        .chunk_by(|a, b| a == b)
        .map(|same| same.len() as f64)
        .map(|count| count * (length / count).log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_keyed_and_round_trip_as_hex() {
        // RFC 4231, test case 2 with its key padded as HMAC pads it.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let hash = KeyHasher::new(&key).hash("what do ya want for nothing?");
        let hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hash.to_string(), hex);
        assert_eq!(hex.parse(), Ok(hash));
        assert!(hash.same(&hex.parse().unwrap()));
        assert!(
            !KeyHasher::new(&[1; 32])
                .hash("what do ya want for nothing?")
                .same(&hash)
        );
        for wrong in ["", "5bdc", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(wrong.parse::<KeyHash>(), Err(NotAHash), "{wrong}");
        }
    }

    #[test]
    fn generated_values_are_random_and_hard_to_guess() {
        let (one, two) = (generate().unwrap(), generate().unwrap());
        assert_ne!(one, two);
        for value in [one, two] {
            assert!(value.starts_with("sk-bf-") && value.len() == 6 + 48 + 4, "{value}");
            assert!(!guessable(&value, "vk"), "{value}");
        }
    }

    #[test]
    fn what_a_person_would_choose_is_marked() {
        for value in [
            "vk-unified",
            "",
            "password",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abababababababababababab",
        ] {
            assert!(guessable(value, "vk-unified"), "{value}");
        }
        let long = "the-virtual-key-of-the-whole-research-department";
        assert!(guessable(&long.to_uppercase(), long));
        assert!(!guessable(long, "vk-research"));
    }
}
