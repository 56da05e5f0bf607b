//! Tokens as Bedrock reports them, and as classes that do not overlap.

use gateway_types::Usage;
use gateway_types::loss::Loss;
use http::HeaderMap;
use serde::Deserialize;

use crate::json::Out;

/// `usage` of Converse. Its `inputTokens` leave out what the cache served and took; the total holds all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Tokens {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
    /// The names that Nova's own bodies have for the same.
    cache_read_input_token_count: Option<u64>,
    cache_write_input_token_count: Option<u64>,
    cache_details: Option<Vec<CacheDetail>>,
}

/// What was written to the cache for one span of time.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CacheDetail {
    ttl: String,
    input_tokens: u64,
}

impl Tokens {
    /// The classes.
    pub(super) fn usage(&self) -> Usage {
        let written = self.cache_write_input_tokens.or(self.cache_write_input_token_count);
        let hours = self.cache_details.iter().flatten().filter(|detail| detail.ttl == "1h");
        let hour: u64 = hours.fold(0, |sum, detail| sum.saturating_add(detail.input_tokens));
        let written = written.unwrap_or(hour);
        Usage {
            input: self.input_tokens.unwrap_or(0),
            output: self.output_tokens.unwrap_or(0),
            cache_read: self
                .cache_read_input_tokens
                .or(self.cache_read_input_token_count)
                .unwrap_or(0),
            cache_write: written.saturating_sub(hour),
            cache_write_hour: hour.min(written),
            ..Usage::default()
        }
    }
}

/// `amazon-bedrock-invocationMetrics`: what stands in the last chunk of a model's own stream.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metrics {
    input_token_count: Option<u64>,
    output_token_count: Option<u64>,
    cache_read_input_token_count: Option<u64>,
    cache_write_input_token_count: Option<u64>,
}

impl Metrics {
    /// The counts in the headers of a model's own whole answer.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let count = |name: &str| headers.get(name)?.to_str().ok()?.parse().ok();
        Self {
            input_token_count: count("x-amzn-bedrock-input-token-count"),
            output_token_count: count("x-amzn-bedrock-output-token-count"),
            cache_read_input_token_count: count("x-amzn-bedrock-cache-read-input-token-count"),
            cache_write_input_token_count: count("x-amzn-bedrock-cache-write-input-token-count"),
        }
    }

    /// Bedrock's own counts over those that the model's body has: it bills by its own.
    pub(super) fn over(&self, said: Option<Usage>) -> Option<Usage> {
        if self.input_token_count.or(self.output_token_count).is_none() {
            return said;
        }
        let mut usage = said.unwrap_or_default();
        usage.input = self.input_token_count.unwrap_or(usage.input);
        if let Some(output) = self.output_token_count {
            usage.reasoning = usage.reasoning.min(output);
            usage.output = output - usage.reasoning;
        }
        usage.cache_read = self.cache_read_input_token_count.unwrap_or(usage.cache_read);
        if let Some(written) = self.cache_write_input_token_count {
            usage.cache_write_hour = usage.cache_write_hour.min(written);
            usage.cache_write = written - usage.cache_write_hour;
        }
        Some(usage)
    }
}

/// What is told of what was used, for clients insist on figures: those that were reported, with a note on classes that have no
/// word there; else likely ones, from the size of the input and of what was written.
pub(super) fn told(reported: Option<Usage>, input: u64, written: u64, losses: &mut Vec<Loss>) -> Usage {
    const FIELD: &str = "usage";
    match reported {
        Some(used) => {
            if used.reasoning > 0 || used.media() > 0 {
                losses.push(Loss::mapped(
                    FIELD,
                    "thinking, sound and pictures count as any tokens there",
                ));
            }
            used
        }
        None => {
            losses.push(Loss::emulated(FIELD, "estimated, since the provider reported none"));
            Usage {
                input,
                output: written.div_ceil(4),
                ..Usage::default()
            }
        }
    }
}

/// Writes `usage`.
pub(super) fn write(used: &Usage, out: &mut Out<'_>) {
    let plain = used.uncached();
    let written = used.cache_write.saturating_add(used.cache_write_hour);
    out.inner("usage", |out| {
        out.member("inputTokens", plain);
        out.member("outputTokens", used.output_total());
        out.member("totalTokens", used.total());
        out.member("cacheReadInputTokens", used.cached());
        out.member("cacheWriteInputTokens", written);
        if written > 0 {
            out.array("cacheDetails", |out| {
                for (ttl, tokens) in [("1h", used.cache_write_hour), ("5m", used.cache_write)] {
                    if tokens > 0 {
                        out.item_object(|out| {
                            out.member("ttl", ttl);
                            out.member("inputTokens", tokens);
                        });
                    }
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: &str = r#"{"inputTokens":3,"outputTokens":121,"totalTokens":2072,"cacheReadInputTokens":1712,"cacheWriteInputTokens":236,
        "cacheDetails":[{"ttl":"1h","inputTokens":200},{"ttl":"5m","inputTokens":36}]}"#;

    #[test]
    fn classes_do_not_overlap_and_come_back_as_they_were_said() {
        let usage = serde_json::from_str::<Tokens>(HOUR).unwrap().usage();
        let expected = Usage {
            input: 3,
            output: 121,
            cache_read: 1712,
            cache_write: 36,
            cache_write_hour: 200,
            ..Usage::default()
        };
        assert_eq!((usage, usage.total()), (expected, 2072));
        let mut written = Vec::new();
        Out::object(&mut written, |out| write(&usage, out));
        let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(
            written["usage"],
            serde_json::from_str::<serde_json::Value>(HOUR).unwrap()
        );
    }

    #[test]
    fn bedrocks_own_counts_win_over_the_models() {
        let said = Usage {
            input: 9,
            output: 133,
            cache_write_hour: 40,
            ..Usage::default()
        };
        let metrics: Metrics =
            serde_json::from_str(r#"{"inputTokenCount":10,"outputTokenCount":97,"cacheWriteInputTokenCount":50}"#)
                .unwrap();
        let expected = Usage {
            input: 10,
            output: 97,
            cache_write: 10,
            cache_write_hour: 40,
            ..Usage::default()
        };
        assert_eq!(metrics.over(Some(said)), Some(expected));
        assert_eq!(Metrics::default().over(Some(said)), Some(said));
        assert_eq!(Metrics::default().over(None), None);
    }
}
