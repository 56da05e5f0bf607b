//! What a call used.
//!
//! Cohere counts twice: `tokens` is what the model saw and made, with what the vendor itself puts around a prompt; `billed_units`
//! is what is charged ("How Does Cohere's Pricing Work?": "the tokens that you're actually billed for"). Here counts what is
//! billed, wherever it is said. `cached_tokens` is a share of `tokens` and has no price of its own, so it counts only where
//! the bill is of the same tokens, or nothing is said of it.

use gateway_types::loss::Loss;
use gateway_types::{Measure, Units as BilledBy, Usage};
use serde::Deserialize;

use crate::json::Out;

/// `usage` of a chat, `meta` of the rest.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wire {
    billed_units: Option<Units>,
    tokens: Option<Units>,
    cached_tokens: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Units {
    input_tokens: Option<f64>,
    output_tokens: Option<f64>,
    image_tokens: Option<f64>,
    reasoning_tokens: Option<f64>,
    search_units: Option<f64>,
}

fn count(number: Option<f64>) -> u64 {
    number.map_or(0, |number| number.max(0.0).round() as u64)
}

impl Wire {
    /// The tokens as classes that do not overlap, where tokens are said at all.
    pub(super) fn classes(&self) -> Option<Usage> {
        let of_tokens = |units: &Units| {
            units.input_tokens.is_some() || units.output_tokens.is_some() || units.image_tokens.is_some()
        };
        let billed = self.billed_units.filter(of_tokens);
        let units = billed.or_else(|| self.tokens.filter(of_tokens))?;
        // A chat's bill has its pictures among the input; its count of tokens, and the bill of vectors, have them beside it.
        let input = count(units.input_tokens).saturating_add(count(units.image_tokens));
        let made = count(units.output_tokens);
        let thought = self.tokens.and_then(|tokens| tokens.reasoning_tokens);
        let reasoning = count(thought).min(made);
        let seen = self.tokens.and_then(|tokens| tokens.input_tokens);
        let cache_read = match billed {
            Some(billed) if billed.input_tokens != seen => 0,
            _ => count(self.cached_tokens).min(input),
        };
        Some(Usage {
            input: input - cache_read,
            cache_read,
            output: made - reasoning,
            reasoning,
            ..Usage::default()
        })
    }

    /// The same with the searches that are billed.
    pub(super) fn with_searches(&self) -> Option<Usage> {
        let searches = self.searches().filter(|searches| *searches > 0);
        let Some(searches) = searches else {
            return self.classes();
        };
        Some(Usage {
            units: BilledBy::of(Measure::Search, searches),
            ..self.classes().unwrap_or_default()
        })
    }

    /// The searches that are billed.
    pub(super) fn searches(&self) -> Option<u64> {
        self.billed_units?.search_units.map(|units| count(Some(units)))
    }
}

/// Notes the classes that have no word here.
pub(super) fn lose(usage: &Usage, losses: &mut Vec<Loss>) {
    let written = usage.cache_write.saturating_add(usage.cache_write_hour);
    if written.saturating_add(usage.media()) > 0 {
        let note = "sound, pictures, and what is written to caches, count as any tokens here";
        losses.push(Loss::mapped("usage", note));
    }
}

/// Writes the usage of a chat: the bill and the tokens are one here.
pub(super) fn write(usage: &Usage, out: &mut Out<'_>) {
    out.inner("usage", |out| {
        out.inner("billed_units", |out| {
            out.member("input_tokens", usage.input_total());
            out.member("output_tokens", usage.output_total());
        });
        out.inner("tokens", |out| {
            out.member("input_tokens", usage.input_total());
            out.member("output_tokens", usage.output_total());
            if usage.reasoning > 0 {
                out.member("reasoning_tokens", usage.reasoning);
            }
        });
        if usage.cached() > 0 {
            out.member("cached_tokens", usage.cached());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(json: &str) -> Option<Usage> {
        serde_json::from_str::<Wire>(json).unwrap().classes()
    }

    #[test]
    fn what_is_billed_counts() {
        let json = r#"{"billed_units":{"input_tokens":8,"output_tokens":50.0},"tokens":{"input_tokens":1394,"output_tokens":55,"reasoning_tokens":38},"cached_tokens":1360}"#;
        let usage = classes(json).unwrap();
        assert_eq!(
            (usage.input, usage.output, usage.reasoning, usage.cache_read),
            (8, 12, 38, 0)
        );
        assert_eq!(usage.total(), 58);
    }

    #[test]
    fn without_a_bill_the_tokens_count() {
        let json = r#"{"tokens":{"input_tokens":34,"output_tokens":7,"reasoning_tokens":9,"image_tokens":10},"cached_tokens":4}"#;
        let usage = classes(json).unwrap();
        assert_eq!(
            (usage.input, usage.cache_read, usage.output, usage.reasoning),
            (40, 4, 0, 7)
        );
        assert_eq!(classes("{}"), None);
        let same = r#"{"billed_units":{"input_tokens":9,"output_tokens":1},"tokens":{"input_tokens":9,"output_tokens":1},"cached_tokens":4}"#;
        assert_eq!(classes(same).map(|usage| (usage.input, usage.cache_read)), Some((5, 4)));
        let searches: Wire = serde_json::from_str(r#"{"billed_units":{"search_units":2}}"#).unwrap();
        assert_eq!((searches.classes(), searches.searches()), (None, Some(2)));
        let units = searches.with_searches().unwrap().units;
        assert_eq!(units.get(Measure::Search), 2);
    }
}
