//! Models by pattern: one of an entry's `allowed_models`, and what is said of many models at once.

use std::borrow::Cow;
use std::collections::HashMap;

use gateway_types::ProviderName;

/// One of an entry's `allowed_models`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    /// The same without the entry's own provider in front.
    bare: Option<String>,
}

impl Pattern {
    pub(crate) fn new(text: &str, provider: &ProviderName) -> Self {
        let own = text
            .strip_prefix(provider.as_str())
            .and_then(|rest| rest.strip_prefix('/'));
        Self {
            text: text.to_owned(),
            bare: own.filter(|rest| !rest.is_empty()).map(str::to_owned),
        }
    }

    /// The model it names, where it is no wildcard.
    pub(super) fn literal(&self) -> Option<&str> {
        Some(self.bare.as_deref().unwrap_or(&self.text)).filter(|name| !name.contains('*'))
    }

    /// Whether it names this very model, written out.
    pub(super) fn is(&self, model: &str) -> bool {
        self.spellings()
            .any(|name| !name.contains('*') && untagged(name) == untagged(model))
    }

    /// Its own spelling of a model that it names.
    pub(super) fn spelling(&self, model: &str) -> &str {
        let own = self
            .spellings()
            .find(|name| untagged(name) == untagged(model))
            .unwrap_or(&self.text);
        match &self.bare {
            // `p/m` in the entry of `p` is `m` to the upstream.
            Some(bare) if own == self.text => bare,
            _ => own,
        }
    }

    pub(super) fn matches(&self, model: &str) -> bool {
        self.is(model) || self.spellings().any(|pattern| wildcard(pattern, model))
    }

    fn spellings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.text.as_str()).chain(self.bare.as_deref())
    }
}

/// What is said of models by pattern, found for one of them without trying every pattern.
///
/// It is made to hold back rather than to let through, so it cannot be got round by spelling: letters' case, `:latest` and
/// the provider's name in front make no difference.
#[derive(Clone, Debug)]
pub(crate) struct Patterns<T> {
    exact: HashMap<Box<str>, Vec<T>>,
    /// Patterns with a `*`, by what stands before the first one.
    wild: HashMap<Box<str>, Vec<(Box<str>, T)>>,
    /// How long those beginnings are, each length once.
    heads: Vec<usize>,
    /// Whether any pattern could have a provider in front.
    slashes: bool,
}

impl<T> Default for Patterns<T> {
    fn default() -> Self {
        Self {
            exact: HashMap::new(),
            wild: HashMap::new(),
            heads: Vec::new(),
            slashes: false,
        }
    }
}

impl<T> Patterns<T> {
    pub(crate) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.wild.is_empty()
    }

    /// All that is said, of whatever model.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        let wild = self.wild.values().flatten().map(|(_, value)| value);
        self.exact.values().flatten().chain(wild)
    }

    pub(crate) fn insert(&mut self, pattern: &str, value: T) {
        let pattern = pattern.to_ascii_lowercase();
        self.slashes |= pattern.contains('/');
        match pattern.split_once('*') {
            None => self.exact.entry(untagged(&pattern).into()).or_default().push(value),
            Some((head, _)) => {
                if !self.heads.contains(&head.len()) {
                    self.heads.push(head.len());
                }
                let head = head.into();
                self.wild.entry(head).or_default().push((pattern.into(), value));
            }
        }
    }

    /// Visits what is said of a model at a provider. What is said of its name both with and without the provider in front is
    /// visited twice.
    pub(crate) fn each<'a>(&'a self, provider: &ProviderName, model: &str, mut visit: impl FnMut(&'a T)) {
        if self.is_empty() {
            return;
        }
        let model = lower(model);
        self.of_name(&model, &mut visit);
        if self.slashes {
            let whole = format!("{}/{model}", lower(provider.as_str()));
            self.of_name(&whole, &mut visit);
        }
    }

    /// Whether anything is said of a model at a provider.
    pub(crate) fn any(&self, provider: &ProviderName, model: &str) -> bool {
        let mut any = false;
        self.each(provider, model, |_| any = true);
        any
    }

    fn of_name<'a>(&'a self, name: &str, visit: &mut impl FnMut(&'a T)) {
        self.exact
            .get(untagged(name))
            .into_iter()
            .flatten()
            .for_each(&mut *visit);
        let heads = self.heads.iter().filter_map(|length| name.get(..*length));
        let wild = heads.filter_map(|head| self.wild.get(head)).flatten();
        wild.filter(|(pattern, _)| wildcard(pattern, name) || wildcard(pattern, untagged(name)))
            .for_each(|(_, value)| visit(value));
    }
}

/// `m:latest` is `m`.
pub(super) fn untagged(model: &str) -> &str {
    model.strip_suffix(":latest").unwrap_or(model)
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Whether `text` fits `pattern`, in which each `*` stands for any text.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        // The earliest place leaves the most for what follows.
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(patterns: &[&str], provider: &str, model: &str) -> Vec<usize> {
        let mut all = Patterns::default();
        for (at, pattern) in patterns.iter().enumerate() {
            all.insert(pattern, at);
        }
        let mut found = Vec::new();
        all.each(&provider.into(), model, |at| found.push(*at));
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn every_pattern_that_fits_counts_and_no_spelling_gets_round_one() {
        let patterns = [
            "gpt-4o",
            "gpt-*",
            "*",
            "openai/gpt-4o",
            "openai/*",
            "*mini",
            "llama3:latest",
            "é*",
        ];
        let check =
            |provider, model, expected: &[usize]| assert_eq!(said(&patterns, provider, model), expected, "{model}");
        check("openai", "gpt-4o", &[0, 1, 2, 3, 4]);
        check("openai", "GPT-4O", &[0, 1, 2, 3, 4]);
        check("azure", "gpt-4o", &[0, 1, 2]);
        check("azure", "gpt-4o-mini", &[1, 2, 5]);
        // A marketplace's own name for it.
        check("market", "openai/gpt-4o", &[2, 3, 4]);
        check("ollama", "llama3", &[2, 6]);
        check("ollama", "gpt-mini:latest", &[1, 2, 5]);
        check("p", "éa", &[2, 7]);
        check("p", "e", &[2]);
        assert!(said(&["a"], "p", "b").is_empty());
    }

    proptest! {
        /// The index finds what trying every pattern finds.
        #[test]
        fn the_index_misses_nothing(patterns in prop::collection::vec("[ab*/]{1,4}", 0..6), model in "[ab/]{1,4}") {
            let texts: Vec<&str> = patterns.iter().map(String::as_str).collect();
            let tried: Vec<usize> = texts.iter().enumerate()
                .filter(|(_, pattern)| wildcard(pattern, &model) || wildcard(pattern, &format!("p/{model}")))
                .map(|(at, _)| at)
                .collect();
            prop_assert_eq!(said(&texts, "p", &model), tried);
        }
    }
}
