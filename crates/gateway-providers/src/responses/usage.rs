//! Token counts on the wire, and as classes that do not overlap.

use gateway_types::Usage;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::charge::Charge;
use crate::json::Out;

/// `usage` of a response.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    #[serde(deserialize_with = "count")]
    input_tokens: u64,
    #[serde(deserialize_with = "count")]
    output_tokens: u64,
    #[serde(deserialize_with = "count")]
    total_tokens: u64,
    input_tokens_details: Option<Input>,
    output_tokens_details: Option<Output>,
    #[serde(flatten)]
    charge: Charge,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Input {
    #[serde(deserialize_with = "count")]
    cached_tokens: u64,
    #[serde(deserialize_with = "count")]
    cache_write_tokens: u64,
    #[serde(deserialize_with = "count")]
    audio_tokens: u64,
    #[serde(deserialize_with = "count")]
    image_tokens: u64,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Output {
    #[serde(deserialize_with = "count")]
    reasoning_tokens: u64,
    #[serde(deserialize_with = "count")]
    audio_tokens: u64,
}

impl WireUsage {
    /// The counts as disjoint classes. They sum to `total_tokens`, or to input and output where that is more: what a total
    /// has beyond both is thinking, as with vendors that count it apart. A part that is said to be more than its whole
    /// gives way.
    pub(super) fn classes(&self) -> Usage {
        let (read, made) = (
            self.input_tokens_details.unwrap_or_default(),
            self.output_tokens_details.unwrap_or_default(),
        );
        let both = self.input_tokens.saturating_add(self.output_tokens);
        let outside = self.total_tokens.saturating_sub(both);
        let mut input = self.input_tokens;
        let mut output = self.output_tokens;
        let part = |count: u64, rest: &mut u64| {
            let taken = count.min(*rest);
            *rest -= taken;
            taken
        };
        let cache_read = part(read.cached_tokens, &mut input);
        let cache_write = part(read.cache_write_tokens, &mut input);
        let input_audio = part(read.audio_tokens, &mut input);
        let input_image = part(read.image_tokens, &mut input);
        let output_audio = part(made.audio_tokens, &mut output);
        let inside = part(made.reasoning_tokens.saturating_sub(outside), &mut output);
        Usage {
            input,
            cache_read,
            cache_write,
            input_audio,
            input_image,
            output,
            reasoning: outside.saturating_add(inside),
            output_audio,
            charged: self.charge.nanos(),
            ..Usage::default()
        }
    }
}

/// Writes `usage`: details are parts of the counts above them.
pub(super) fn write(usage: &Usage, out: &mut Out<'_>) {
    out.inner("usage", |out| {
        out.member("input_tokens", usage.input_total());
        out.inner("input_tokens_details", |out| {
            out.member("cached_tokens", usage.cached());
            let written = usage.cache_write.saturating_add(usage.cache_write_hour);
            out.member("cache_write_tokens", written);
        });
        out.member("output_tokens", usage.output_total());
        out.inner("output_tokens_details", |out| {
            out.member("reasoning_tokens", usage.reasoning)
        });
        out.member("total_tokens", usage.total());
    });
}

/// A count that is 0 where it is absent, `null`, negative or of another kind.
fn count<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    let raw = <&'de RawValue>::deserialize(input)?.get();
    // A cast from a float saturates, and makes 0 of what is no number.
    let float = || raw.parse::<f64>().map_or(0, |count| count as u64);
    Ok(raw.parse().unwrap_or_else(|_| float()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(json: &str) -> Usage {
        serde_json::from_str::<WireUsage>(json).unwrap().classes()
    }

    #[test]
    fn details_are_taken_out_of_what_they_are_part_of() {
        let usage = classes(
            r#"{"input_tokens":100,"output_tokens":50,"total_tokens":150,
                "input_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},
                "output_tokens_details":{"reasoning_tokens":20}}"#,
        );
        let expected = Usage {
            input: 30,
            cache_read: 60,
            cache_write: 10,
            output: 30,
            reasoning: 20,
            ..Usage::default()
        };
        assert_eq!((usage, usage.total()), (expected, 150));
    }

    #[test]
    fn a_part_that_is_more_than_the_whole_gives_way_and_what_the_total_has_more_is_thinking() {
        let odd = classes(
            r#"{"input_tokens":10,"output_tokens":5,"total_tokens":22,"input_tokens_details":{"cached_tokens":12},
                "output_tokens_details":{"reasoning_tokens":7}}"#,
        );
        assert_eq!((odd.input, odd.cache_read, odd.output, odd.reasoning), (0, 10, 5, 7));
        let bare =
            classes(r#"{"input_tokens":7.0,"output_tokens":null,"input_tokens_details":null,"total_tokens":"x"}"#);
        assert_eq!((bare.input, bare.total()), (7, 7));
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let usage = Usage {
            input: 1,
            cache_read: 2,
            cache_write: 3,
            output: 4,
            reasoning: 5,
            ..Usage::default()
        };
        let mut body = Vec::new();
        Out::object(&mut body, |out| write(&usage, out));
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(classes(&value["usage"].to_string()), usage);
    }
}
