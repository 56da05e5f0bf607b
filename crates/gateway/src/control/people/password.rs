//! Passwords: hashed with Argon2id on threads that may block, two at once at the most, so that logging in costs memory
//! and time that are bounded however many try.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use gateway_types::Secret;
use tokio::sync::Semaphore;

/// How many are computed at once.
const AT_ONCE: usize = 2;
/// How many wait for that, those under way included; further ones are told to come back.
const WAITING: usize = 32;
/// The fewest characters of a password.
const SHORTEST: usize = 12;
/// The most bytes: nobody types more, and hashing must not take the time that a sender chooses.
const LONGEST: usize = 1024;
/// OWASP's first choice (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
const PARAMS: (u32, u32, u32) = (19 * 1024, 2, 1);
/// The least memory (in KiB) times passes that OWASP counts as enough, which is that of 7 MiB and five passes.
const LEAST_WORK: u64 = 7 * 1024 * 5;
/// The most memory, in KiB, passes and lanes that a hash made elsewhere may ask for.
const MOST: (u32, u32, u32) = (256 * 1024, 10, 4);

/// Too many passwords wait to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

/// Computes hashes, few at once.
#[derive(Debug)]
pub(crate) struct Hashing {
    waiting: Semaphore,
    running: Semaphore,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            waiting: Semaphore::new(WAITING),
            running: Semaphore::new(AT_ONCE),
        }
    }
}

impl Hashing {
    /// The hash of a password.
    pub(crate) async fn hash(&self, password: Secret) -> Result<String, HashError> {
        let work = self.run(move || hash(&password)).await;
        work.map_err(|Busy| HashError::Busy)?
    }

    /// Whether that is the password. Where there is nobody to have one, it takes as long to say no.
    pub(crate) async fn verify(&self, hash: Option<String>, password: Secret) -> Result<bool, Busy> {
        self.run(move || match hash {
            Some(hash) => is_password(&hash, &password),
            None => {
                std::hint::black_box(is_password(decoy(), &password));
                false
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Busy)?;
        let _running = self.running.acquire().await.map_err(|_| Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

/// Why a password could not be hashed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// It is too short or too long.
    #[error("a password has at least {SHORTEST} characters and at most {LONGEST} bytes")]
    Length,
    /// The system gave no randomness, or no memory.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
    /// Too many others are being hashed.
    #[error("too many passwords are being checked; try again in a moment")]
    Busy,
}

/// The Argon2id hash of a password, in the PHC string format, as a [`crate::settings::User`] has it. Takes tens of
/// milliseconds.
pub fn hash(password: &Secret) -> Result<String, HashError> {
    let text = password.expose();
    if text.chars().count() < SHORTEST || text.len() > LONGEST {
        return Err(HashError::Length);
    }
    let failed = |error: &dyn std::fmt::Display| HashError::Failed(error.to_string());
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| failed(&error))?;
    let (memory, passes, lanes) = PARAMS;
    let params = Params::new(memory, passes, lanes, None).map_err(|error| failed(&error))?;
    let made = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(text.as_bytes(), &salt)
        .map_err(|error| failed(&error))?;
    Ok(made.to_string())
}

fn is_password(hash: &str, password: &Secret) -> bool {
    let text = password.expose();
    text.len() <= LONGEST && Argon2::default().verify_password(text.as_bytes(), hash).is_ok()
}

/// The hash of a password that nobody has.
fn decoy() -> &'static str {
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| hash(&Secret::new("a password that opens nothing")).unwrap_or_default())
}

/// What is wrong with a hash that somebody made elsewhere, if anything is.
pub(super) fn check(hash: &str) -> Result<(), String> {
    let wrong = || {
        "`password_hash` must be Argon2id in the PHC string format (`$argon2id$v=19$m=…,t=…,p=…$…$…`); \
         `gateway-server hash-password` makes one"
            .to_owned()
    };
    let parsed = PasswordHash::new(hash).map_err(|_| wrong())?;
    let params = Params::try_from(&parsed).map_err(|_| wrong())?;
    let whole = parsed.algorithm.as_str() == Algorithm::Argon2id.as_str()
        && parsed.version == Some(Version::V0x13.into())
        && parsed.salt.is_some()
        && parsed.hash.is_some_and(|hash| hash.len() >= 16);
    if !whole {
        return Err(wrong());
    }
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    if u64::from(memory) * u64::from(passes) < LEAST_WORK {
        return Err(format!(
            "`password_hash`: m={memory},t={passes} is too little work; OWASP asks for m=19456,t=2,p=1 or as much"
        ));
    }
    if memory > MOST.0 || passes > MOST.1 || lanes > MOST.2 {
        let (memory, passes, lanes) = MOST;
        return Err(format!(
            "`password_hash` must stay within m={memory},t={passes},p={lanes}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_is_taken_and_nobody_has_none() {
        let hashing = Hashing::default();
        let password = || Secret::new("correct horse battery");
        let made = hashing.hash(password()).await.unwrap();
        assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
        assert_ne!(made, hashing.hash(password()).await.unwrap(), "salts are random");
        assert_eq!(check(&made), Ok(()));
        assert_eq!(hashing.verify(Some(made.clone()), password()).await, Ok(true));
        assert_eq!(hashing.verify(Some(made.clone()), Secret::new(made)).await, Ok(false));
        assert_eq!(hashing.verify(None, password()).await, Ok(false));
        let decoy = Secret::new("a password that opens nothing");
        assert_eq!(hashing.verify(None, decoy).await, Ok(false));
    }

    #[tokio::test]
    async fn too_many_at_once_are_told_to_come_back() {
        let hashing = Hashing::default();
        let _full = hashing.waiting.try_acquire_many(WAITING as u32).unwrap();
        assert_eq!(hashing.verify(None, Secret::new("x")).await, Err(Busy));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        for text in ["elevenchars".to_owned(), "x".repeat(LONGEST + 1)] {
            assert_eq!(hash(&Secret::new(text)), Err(HashError::Length));
        }
    }

    #[test]
    fn hashes_that_are_weak_or_would_take_the_machine_are_refused() {
        let hash = |params: &str| {
            format!("$argon2id$v=19${params}$c29tZXNhbHRzb21lc2FsdA$X5Qmd3yOV2VNJHMuYmfzqmUBTH0kJv6TB7ZTV8hnRIE")
        };
        for (text, word) in [
            (hash("m=4096,t=2,p=1"), "too little"),
            (hash("m=4194304,t=2,p=1"), "within"),
            (hash("m=19456,t=2,p=1").replace("argon2id", "argon2i"), "Argon2id"),
            (
                "$2b$12$EXRkfkdmXn2gzds2SSitu.MW9.gAVqa9eLS1//RYtYCmB1eLHg.9q".to_owned(),
                "Argon2id",
            ),
            ("hunter2hunter2".to_owned(), "Argon2id"),
            (String::new(), "Argon2id"),
        ] {
            assert!(check(&text).is_err_and(|error| error.contains(word)), "{text}");
        }
        assert_eq!(check(&hash("m=9216,t=4,p=1")), Ok(()));
    }
}
