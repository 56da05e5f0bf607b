//! One override, ready to be looked up.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use gateway_types::{Operation, ProviderName, Wall};
use regex::Regex;

use super::{Wanted, fields, time};
use crate::price::Price;
use crate::settings::{Match, PricingOverride};

/// The longest pattern, and the largest machine that a regular expression may become.
const LONGEST_PATTERN: usize = 512;
const LARGEST_REGEX: usize = 1 << 20;

/// Whom an override is for. The nearer counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// All providers.
    All,
    /// The provider that it names.
    Named(ProviderName),
    /// The provider in whose list it stands.
    Own(ProviderName),
}

#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) id: Arc<str>,
    origin: Origin,
    pattern: Pattern,
    /// Empty: all.
    operations: Vec<Operation>,
    from: Option<Wall>,
    until: Option<Wall>,
    price: Price,
    batch: Option<Price>,
}

#[derive(Clone, Debug)]
enum Pattern {
    Exact(String),
    Wildcard(String),
    Regex(Regex),
}

impl Origin {
    pub(super) fn of(provider: Option<&ProviderName>) -> Self {
        provider.map_or(Self::All, |provider| Self::Named(provider.clone()))
    }

    fn rank(&self) -> u8 {
        match self {
            Self::All => 0,
            Self::Named(_) => 1,
            Self::Own(_) => 2,
        }
    }

    fn fits(&self, provider: &ProviderName) -> bool {
        match self {
            Self::All => true,
            Self::Named(name) | Self::Own(name) => name == provider,
        }
    }
}

impl Compiled {
    pub(super) fn new(said: &PricingOverride, origin: Origin) -> Result<Self, String> {
        let (price, batch) = fields::price(&said.prices)?;
        let read = |field: &str, text: &Option<String>| text.as_deref().map(|text| time(field, text)).transpose();
        let (from, until) = (
            read("effective_from", &said.effective_from)?,
            read("effective_until", &said.effective_until)?,
        );
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            return Err("`effective_until` must be after `effective_from`".to_owned());
        }
        let mut operations = Vec::new();
        for (at, word) in said.request_types.iter().enumerate() {
            let of_word = operations_of(word).ok_or_else(|| {
                let known: Vec<&str> = REQUESTS.iter().map(|(word, _)| *word).collect();
                format!("`request_types[{at}]`: `{word}` is none of {}", known.join(", "))
            })?;
            operations.extend_from_slice(of_word);
        }
        if let Origin::Own(provider) = &origin
            && said.provider.as_ref().is_some_and(|other| other != provider)
        {
            return Err(format!("`provider` must be `{provider}`, or be left out"));
        }
        Ok(Self {
            id: said.id.as_str().into(),
            origin,
            pattern: Pattern::new(said.match_type, &said.model_pattern)?,
            operations,
            from,
            until,
            price,
            batch,
        })
    }

    /// Whether it is for a model at a provider.
    pub(super) fn is_for(&self, wanted: &Wanted<'_>) -> bool {
        let mut names = [Some(wanted.model), wanted.own_name].into_iter().flatten();
        self.origin.fits(wanted.provider) && names.any(|name| self.pattern.fits(name))
    }

    /// Whether it holds for such a call at that time.
    pub(super) fn holds(&self, operation: Operation, now: Wall) -> bool {
        self.from.is_none_or(|from| from <= now)
            && self.until.is_none_or(|until| now < until)
            && (self.operations.is_empty() || self.operations.contains(&operation))
    }

    pub(super) fn price(&self, in_batch: bool) -> &Price {
        self.batch.as_ref().filter(|_| in_batch).unwrap_or(&self.price)
    }

    /// Whoever comes first counts. See the module for the order in words.
    pub(super) fn precedence(&self, other: &Self) -> Ordering {
        let key = |one: &Self| {
            let certain = !one.operations.is_empty();
            Reverse((one.origin.rank(), one.pattern.rank(), certain, one.from))
        };
        key(self).cmp(&key(other)).then_with(|| self.id.cmp(&other.id))
    }
}

impl Pattern {
    fn new(how: Match, pattern: &str) -> Result<Self, String> {
        if pattern.is_empty() || pattern.len() > LONGEST_PATTERN {
            return Err(format!("`model_pattern` must have 1 to {LONGEST_PATTERN} bytes"));
        }
        Ok(match how {
            Match::Exact if pattern.contains('*') => {
                return Err("`model_pattern` has a `*`, which stands for itself in an exact name; set `match_type` to `wildcard`".to_owned());
            }
            Match::Exact => Self::Exact(pattern.to_owned()),
            Match::Wildcard => Self::Wildcard(pattern.to_owned()),
            Match::Regex => {
                let whole = format!("^(?:{pattern})$");
                let built = regex::RegexBuilder::new(&whole).size_limit(LARGEST_REGEX).build();
                // The pattern by itself must be one too: `a)|(b` is not.
                let alone = Regex::new(pattern);
                Self::Regex(
                    alone
                        .and(built)
                        .map_err(|error| format!("`model_pattern` is no regular expression: {error}"))?,
                )
            }
        })
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Wildcard(pattern) => wildcard(pattern, name),
            Self::Regex(regex) => regex.is_match(name),
        }
    }

    /// The kind, and how much of a name a wildcard spells out.
    fn rank(&self) -> (u8, usize) {
        match self {
            Self::Exact(_) => (2, 0),
            Self::Wildcard(pattern) => (1, pattern.bytes().filter(|byte| *byte != b'*').count()),
            Self::Regex(_) => (0, 0),
        }
    }
}

/// Whether a name fits a pattern in which `*` stands for anything. Each piece is taken where it first stands, but the last,
/// which must be the end.
fn wildcard(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        let Some(at) = name.find(piece) else { return false };
        name = &name[at + piece.len()..];
    }
    name.ends_with(last)
}

/// The reference's words for requests. Whether they are streamed makes no difference to a price.
const REQUESTS: &[(&str, &[Operation])] = &[
    ("chat_completion", &[Operation::Chat, Operation::Invoke]),
    ("text_completion", &[Operation::Completions]),
    ("responses", &[Operation::Responses]),
    ("embedding", &[Operation::Embeddings]),
    ("rerank", &[Operation::Rerank]),
    ("moderation", &[Operation::Moderations]),
    ("speech", &[Operation::Speech]),
    ("transcription", &[Operation::Transcription, Operation::Translation]),
    ("image_generation", &[Operation::ImageGeneration]),
    ("image_edit", &[Operation::ImageEdit]),
    ("image_variation", &[Operation::ImageVariation]),
];

fn operations_of(word: &str) -> Option<&'static [Operation]> {
    let word = word.strip_suffix("_stream").unwrap_or(word);
    let known = REQUESTS.iter().find(|(known, _)| *known == word);
    known.map(|(_, operations)| *operations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, fits) in [
            ("gpt-4*", "gpt-4o-mini", true),
            ("gpt-4*", "gpt-4", true),
            ("*mini", "gpt-4o-mini", true),
            ("gpt*mini", "gpt-4o-mini", true),
            ("gpt*mini", "gpt-4o-mini-tts", false),
            ("*4o*", "gpt-4o-mini", true),
            ("a*b*a", "aba", true),
            ("a*a", "a", false),
            ("ab*ba", "aba", false),
            ("*", "", true),
            ("**x**", "axb", true),
            ("gpt-4", "gpt-4o", false),
        ] {
            assert_eq!(wildcard(pattern, name), fits, "{pattern} {name}");
        }
    }
}
