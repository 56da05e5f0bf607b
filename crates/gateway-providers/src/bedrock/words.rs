//! Ids and names as Bedrock takes them: `ToolUseId`, `ToolName` and `DocumentBlock.name` of its service model.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The most letters of an id or a tool's name.
const MOST: usize = 64;
/// The most letters of a document's name.
const MOST_OF_DOCUMENT: usize = 200;

/// An id of a tool call. One that has other letters or too many is made into one that fits; the same always into the same.
pub(super) fn id(given: &str) -> Cow<'_, str> {
    fitting(given, |letter| {
        letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | ':' | '-')
    })
}

/// A tool's name, likewise.
pub(super) fn name(given: &str) -> Cow<'_, str> {
    fitting(given, |letter| {
        letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
    })
}

fn fitting(given: &str, fits: impl Fn(char) -> bool) -> Cow<'_, str> {
    if (1..=MOST).contains(&given.len()) && given.chars().all(&fits) {
        return Cow::Borrowed(given);
    }
    let kept: String = given
        .chars()
        .map(|letter| if fits(letter) { letter } else { '_' })
        .take(MOST - 17)
        .collect();
    Cow::Owned(format!("{kept}_{:016x}", hash(given)))
}

/// FNV-1a: the same on every machine and in every version.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The names of the documents of one request, which must differ.
#[derive(Debug, Default)]
pub(super) struct Documents {
    taken: HashSet<String>,
    /// The numbers that the next documents of the same name would get.
    next: HashMap<String, u32>,
}

impl Documents {
    /// A name of letters, digits, single spaces, hyphens and brackets that no document has yet; and whether it is the given
    /// one.
    pub(super) fn name(&mut self, given: Option<&str>) -> (String, bool) {
        let plain = given.map(plain).filter(|plain| !plain.is_empty());
        let base = plain.unwrap_or_else(|| format!("Document {}", self.taken.len() + 1));
        let mut name = base.clone();
        while !self.taken.insert(name.clone()) {
            let next = self.next.entry(base.clone()).or_insert(2);
            name = format!("{base} ({next})");
            *next += 1;
        }
        let same = given.is_none_or(|given| given == name);
        (name, same)
    }
}

/// The name in the letters that are allowed. The end of a file's name goes: its format says it.
fn plain(given: &str) -> String {
    let stem = match given.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && end.len() <= 5 && !end.contains(' ') => stem,
        _ => given,
    };
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '(' | ')' | '[' | ']');
    let spaced: String = stem
        .chars()
        .map(|letter| if allowed(letter) { letter } else { ' ' })
        .collect();
    let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
    // Room for a number.
    words
        .join(" ")
        .chars()
        .take(MOST_OF_DOCUMENT - 8)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_and_stay_apart() {
        assert_eq!(id("functions.get_temperature:0"), "functions.get_temperature:0");
        let long = "x".repeat(65);
        for given in ["", "call/1", "gr\u{fc}n", &long] {
            let made = id(given);
            assert!((1..=64).contains(&made.len()) && made.is_ascii(), "{made}");
            assert_eq!(id(given), made);
        }
        assert_ne!(id("call/1"), id("call+1"));
        assert_eq!(name("get_weather"), "get_weather");
        assert!(name("a.b").starts_with("a_b_"));
    }

    #[test]
    fn documents_have_names_of_the_allowed_letters_and_no_two_the_same() {
        let mut names = Documents::default();
        assert_eq!(
            names.name(Some("Annual report (2024)")),
            ("Annual report (2024)".to_owned(), true)
        );
        assert_eq!(
            names.name(Some("report_v1.2 \u{fc}ber.pdf")),
            ("report v1 2 ber".to_owned(), false)
        );
        assert_eq!(names.name(None), ("Document 3".to_owned(), true));
        assert_eq!(names.name(Some("Annual report (2024)")).0, "Annual report (2024) (2)");
        assert_eq!(names.name(Some("\u{65e5}\u{672c}.txt")).0, "Document 5");
        assert!(names.name(Some(&"a b".repeat(200))).0.len() <= 200);
    }
}
