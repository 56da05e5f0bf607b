//! A string that must not be seen.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A credential. It prints stars everywhere and cannot be serialised; [`Secret::expose`] is the one way to read it.
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
    let stars = value.chars().filter(|c| *c == '*').count();
    stars > 0 && (stars == value.chars().count() || (stars == 24 && value.chars().count() == 32))
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
}
