//! Secrets at rest: AES-256-GCM, and the two keys that are derived from the gateway's one secret.
//!
//! A sealed value is `sealed:v1:` and base64 of nonce, ciphertext and tag. Keys come from the secret by HKDF-SHA-256
//! (RFC 5869), one per purpose, so that none of them tells anything about another.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

pub(super) const PREFIX: &str = "sealed:v1:";

/// Seals and opens secrets.
pub(crate) struct Vault(LessSafeKey);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

/// A stored value that cannot be opened: another secret sealed it, or it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret cannot be opened: the gateway's secret key is not the one it was sealed with")]
pub(crate) struct CannotOpen;

impl Vault {
    /// The vault of that secret.
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        let key = derive(secret, b"gateway settings v1");
        Self(LessSafeKey::new(
            UnboundKey::new(&AES_256_GCM, &key).expect("32 bytes are an AES-256 key"),
        ))
    }

    /// Seals a value, under a nonce of the system's own randomness.
    pub(crate) fn seal(&self, value: &str) -> String {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).expect("the system has given randomness to whoever made the secret");
        let mut framed = nonce.to_vec();
        let mut sealed = value.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
            .expect("a secret is far below the 64 GiB that GCM can seal");
        framed.append(&mut sealed);
        format!("{PREFIX}{}", STANDARD_NO_PAD.encode(framed))
    }

    /// Opens a sealed value; what is not sealed is given back as it is.
    pub(crate) fn open(&self, stored: &str) -> Result<String, CannotOpen> {
        let Some(text) = stored.strip_prefix(PREFIX) else {
            return Ok(stored.to_owned());
        };
        let mut framed = STANDARD_NO_PAD.decode(text).map_err(|_| CannotOpen)?;
        if framed.len() < NONCE_LEN {
            return Err(CannotOpen);
        }
        let mut sealed = framed.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&framed).map_err(|_| CannotOpen)?;
        let plain = self
            .0
            .open_in_place(nonce, Aad::empty(), &mut sealed)
            .map_err(|_| CannotOpen)?;
        String::from_utf8(plain.to_vec()).map_err(|_| CannotOpen)
    }
}

/// The key with which virtual-key values are hashed.
pub(crate) fn hash_key(secret: &[u8; 32]) -> [u8; 32] {
    derive(secret, b"gateway virtual keys v1")
}

fn derive(secret: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    Salt::new(HKDF_SHA256, &[])
        .extract(secret)
        .expand(&[purpose], HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .expect("32 bytes are within what HKDF-SHA-256 gives");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_with_its_secret_alone() {
        let (ours, theirs) = (Vault::new(&[1; 32]), Vault::new(&[2; 32]));
        let sealed = ours.seal("sk-secret");
        assert!(!sealed.contains("secret"));
        assert_ne!(sealed, ours.seal("sk-secret"), "nonces are random");
        assert_eq!(ours.open(&sealed).as_deref(), Ok("sk-secret"));
        assert_eq!(theirs.open(&sealed), Err(CannotOpen));
        assert_eq!(ours.open("sealed:v1:AAAA"), Err(CannotOpen));
        assert_eq!(ours.open("env.NAME").as_deref(), Ok("env.NAME"));
        assert_ne!(hash_key(&[1; 32]), derive(&[1; 32], b"gateway settings v1"));
    }
}
