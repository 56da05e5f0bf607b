//! Usage as the API reports it, and as classes that do not overlap.

use gateway_types::Usage;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The counts of one message. In a stream a later report replaces what it names and leaves the rest.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Tokens {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_creation: Option<CacheCreation>,
    output_tokens_details: Option<OutputDetails>,
    iterations: Option<Vec<Iteration>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct CacheCreation {
    ephemeral_5m_input_tokens: Option<u64>,
    ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct OutputDetails {
    thinking_tokens: Option<u64>,
}

/// One of several samplings behind a message.
#[derive(Clone, Debug, Deserialize)]
struct Iteration {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    #[serde(default)]
    cache_read_input_tokens: u64,
    #[serde(default)]
    cache_creation_input_tokens: u64,
    cache_creation: Option<CacheCreation>,
}

impl Tokens {
    /// Reads a `usage` object; one that cannot be read counts as not given, since the answer itself is still good.
    pub(super) fn read(raw: Option<&RawValue>) -> Option<Self> {
        serde_json::from_str(raw?.get()).ok()
    }

    /// Takes a later report in.
    pub(super) fn merge(&mut self, later: Self) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cache_read_input_tokens = later.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.cache_creation_input_tokens = later.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_creation = later.cache_creation.or(self.cache_creation);
        self.output_tokens_details = later.output_tokens_details.or(self.output_tokens_details);
        if later.iterations.is_some() {
            self.iterations = later.iterations;
        }
    }

    /// What the API says of the output so far.
    pub(super) fn output(&self) -> u64 {
        self.output_tokens.unwrap_or(0)
    }

    /// The disjoint classes. The API's `input_tokens` leave cached ones out, its `output_tokens` hold the thinking.
    pub(super) fn usage(&self) -> Usage {
        let (cache_write, cache_write_hour) = written(self.cache_creation_input_tokens, self.cache_creation);
        let thought = self
            .output_tokens_details
            .and_then(|details| details.thinking_tokens)
            .unwrap_or(0);
        let reasoning = thought.min(self.output());
        let mut usage = Usage {
            input: self.input_tokens.unwrap_or(0),
            cache_read: self.cache_read_input_tokens.unwrap_or(0),
            cache_write,
            cache_write_hour,
            output: self.output() - reasoning,
            reasoning,
            ..Usage::default()
        };
        for iteration in self.iterations.iter().flatten() {
            iteration.add_to(&mut usage);
        }
        usage
    }
}

impl Iteration {
    /// The totals hold the samplings of type `message`; the others (compaction, an adviser) are billed beside them.
    fn add_to(&self, usage: &mut Usage) {
        if self.kind.as_deref().is_none_or(|kind| kind == "message") {
            return;
        }
        let (write, hour) = written(Some(self.cache_creation_input_tokens), self.cache_creation);
        for (class, more) in [
            (&mut usage.input, self.input_tokens),
            (&mut usage.output, self.output_tokens),
            (&mut usage.cache_read, self.cache_read_input_tokens),
            (&mut usage.cache_write, write),
            (&mut usage.cache_write_hour, hour),
        ] {
            *class = class.saturating_add(more);
        }
    }
}

/// Tokens written to the cache, for five minutes and for an hour.
fn written(total: Option<u64>, by_time: Option<CacheCreation>) -> (u64, u64) {
    let by_time = by_time.unwrap_or_default();
    let hour = by_time.ephemeral_1h_input_tokens.unwrap_or(0);
    let total = total.unwrap_or_else(|| by_time.ephemeral_5m_input_tokens.unwrap_or(0).saturating_add(hour));
    let hour = hour.min(total);
    (total - hour, hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Tokens {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn classes_do_not_overlap() {
        let usage = read(
            r#"{"input_tokens":10,"output_tokens":50,"cache_read_input_tokens":7,"cache_creation_input_tokens":30,
                "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},
                "output_tokens_details":{"thinking_tokens":40}}"#,
        )
        .usage();
        let expected = Usage {
            input: 10,
            cache_read: 7,
            cache_write: 20,
            cache_write_hour: 10,
            output: 10,
            reasoning: 40,
            ..Usage::default()
        };
        assert_eq!(usage, expected);
    }

    #[test]
    fn a_later_report_keeps_what_it_does_not_name() {
        let mut tokens = read(
            r#"{"input_tokens":10,"output_tokens":1,"cache_creation_input_tokens":4,"cache_creation":{"ephemeral_1h_input_tokens":4}}"#,
        );
        tokens.merge(read(
            r#"{"output_tokens":9,"cache_creation_input_tokens":4,"input_tokens":null}"#,
        ));
        assert_eq!(
            tokens.usage(),
            Usage {
                input: 10,
                output: 9,
                cache_write_hour: 4,
                ..Usage::default()
            }
        );
    }

    #[test]
    fn samplings_beside_the_message_are_billed_too() {
        let usage = read(
            r#"{"input_tokens":181,"output_tokens":8,"iterations":[
                {"type":"compaction","input_tokens":100,"output_tokens":83,"cache_read_input_tokens":55},
                {"type":"message","input_tokens":181,"output_tokens":8}]}"#,
        )
        .usage();
        assert_eq!(
            usage,
            Usage {
                input: 281,
                output: 91,
                cache_read: 55,
                ..Usage::default()
            }
        );
    }
}
