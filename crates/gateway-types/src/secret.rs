//! A string that must not be seen.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A credential. It prints stars everywhere and cannot be serialised; [`Secret::expose`] is the one way to read it.
///
/// Comparing two takes a time that depends on them: right for telling whether settings changed, wrong for checking what
/// a caller presents.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes a value into keeping.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(value.into())))
    }

    /// The value itself. Every call of this is a place to review.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What may be shown: stars only under 20 characters, else the first 4, stars and the last 4.
    pub fn redacted(&self) -> String {
        redact(&self.0)
    }
}

/// The shown form of a secret value; see [`Secret::redacted`].
pub fn redact(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    if chars.len() < 20 {
        return "*".repeat(chars.len().min(8));
    }
    let head: String = chars[..4].iter().collect();
    let tail: String = chars[chars.len() - 4..].iter().collect();
    format!("{head}{}{tail}", "*".repeat(24))
}

/// Whether a string is the shown form of a secret rather than one: what a client sends back when it edits what it was shown.
pub fn is_redacted(value: &str) -> bool {
    let stars: Vec<bool> = value.chars().map(|c| c == '*').collect();
    let all = |stars: &[bool]| stars.iter().all(|star| *star);
    !stars.is_empty() && (all(&stars) || (stars.len() == 32 && all(&stars[4..28])))
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(********)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("********")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redaction_shows_nothing_of_short_values_and_both_ends_of_long_ones() {
        assert_eq!(redact("dummy"), "*****");
        assert_eq!(redact("nineteen-characters"), "********");
        let shown = redact("sk-proj-0123456789abcdef");
        assert_eq!(shown, format!("sk-p{}cdef", "*".repeat(24)));
        assert!(is_redacted(&shown) && is_redacted("*****") && !is_redacted("dummy"));
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(********)");
    }

    #[test]
    fn the_length_of_a_short_value_does_not_show() {
        assert_eq!(redact("abcdefgh").len(), redact("nineteen-characters").len());
        assert_eq!(
            Secret::new("twenty-characters-ok").redacted(),
            format!("twen{}s-ok", "*".repeat(24))
        );
        assert_eq!(redact("ключ-ключ-ключ-ключ-"), format!("ключ{}люч-", "*".repeat(24)));
    }

    #[test]
    fn a_value_with_stars_of_its_own_is_not_taken_for_a_shown_one() {
        for value in [
            "",
            "pass*word",
            "env.KEY",
            &format!("{}sk-proj-", "*".repeat(24)),
            &"a*".repeat(16),
        ] {
            assert!(!is_redacted(value), "{value}");
        }
    }

    #[test]
    fn a_secret_shows_stars_whatever_it_stands_in() {
        let secret = Secret::new("sk-proj-0123456789abcdef");
        let shown = format!("{secret} {secret:?} {:#?}", Some(&secret));
        assert!(!shown.contains("sk-p") && !shown.contains("cdef"), "{shown}");
        assert_eq!(secret.expose(), "sk-proj-0123456789abcdef");
    }
}
