//! What a call used: tokens, in classes that do not overlap, and what is billed by another measure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::NanoUsd;
use crate::units::Units;

/// A class of tokens with a price of its own. Classes are disjoint: a cached token is not also an input token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenClass {
    /// Prompt tokens that no cache served.
    Input,
    /// Prompt tokens read from the provider's cache.
    CacheRead,
    /// The same, of audio.
    CacheReadAudio,
    /// Prompt tokens written to the provider's cache for its usual time.
    CacheWrite,
    /// Prompt tokens written to the provider's cache for an hour.
    CacheWriteHour,
    /// Prompt tokens of audio.
    InputAudio,
    /// Prompt tokens of pictures, and of video where it has no price of its own.
    InputImage,
    /// Answer tokens that can be seen.
    Output,
    /// Answer tokens of reasoning, seen or hidden.
    Reasoning,
    /// Answer tokens of audio.
    OutputAudio,
    /// Answer tokens of pictures.
    OutputImage,
}

impl TokenClass {
    /// All of them, inputs first.
    pub const ALL: [Self; 11] = [
        Self::Input,
        Self::CacheRead,
        Self::CacheReadAudio,
        Self::CacheWrite,
        Self::CacheWriteHour,
        Self::InputAudio,
        Self::InputImage,
        Self::Output,
        Self::Reasoning,
        Self::OutputAudio,
        Self::OutputImage,
    ];

    /// Whether it is counted on the way in.
    pub const fn is_input(self) -> bool {
        !matches!(
            self,
            Self::Output | Self::Reasoning | Self::OutputAudio | Self::OutputImage
        )
    }
}

/// Tokens by class, and units of other measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "each field is the class of the same name")]
pub struct Usage {
    pub input: u64,
    pub cache_read: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_read_audio: u64,
    pub cache_write: u64,
    pub cache_write_hour: u64,
    pub input_audio: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub input_image: u64,
    pub output: u64,
    pub reasoning: u64,
    pub output_audio: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub output_image: u64,
    /// What is billed by another measure than tokens.
    #[serde(skip_serializing_if = "Units::is_none")]
    pub units: Units,
    /// What the provider itself says it charges for all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charged: Option<NanoUsd>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Usage {
    /// The count of one class.
    pub const fn of(&self, class: TokenClass) -> u64 {
        match class {
            TokenClass::Input => self.input,
            TokenClass::CacheRead => self.cache_read,
            TokenClass::CacheReadAudio => self.cache_read_audio,
            TokenClass::CacheWrite => self.cache_write,
            TokenClass::CacheWriteHour => self.cache_write_hour,
            TokenClass::InputAudio => self.input_audio,
            TokenClass::InputImage => self.input_image,
            TokenClass::Output => self.output,
            TokenClass::Reasoning => self.reasoning,
            TokenClass::OutputAudio => self.output_audio,
            TokenClass::OutputImage => self.output_image,
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_read_audio: self.cache_read_audio.saturating_add(other.cache_read_audio),
            cache_write: self.cache_write.saturating_add(other.cache_write),
            cache_write_hour: self.cache_write_hour.saturating_add(other.cache_write_hour),
            input_audio: self.input_audio.saturating_add(other.input_audio),
            input_image: self.input_image.saturating_add(other.input_image),
            output: self.output.saturating_add(other.output),
            reasoning: self.reasoning.saturating_add(other.reasoning),
            output_audio: self.output_audio.saturating_add(other.output_audio),
            output_image: self.output_image.saturating_add(other.output_image),
            units: self.units.plus(&other.units),
            charged: match (self.charged, other.charged) {
                (Some(one), Some(other)) => Some(one + other),
                (one, other) => one.or(other),
            },
        }
    }

    /// What a cache served, of any kind.
    pub const fn cached(&self) -> u64 {
        self.cache_read.saturating_add(self.cache_read_audio)
    }

    /// What came in and has nothing to do with a cache, of any kind.
    pub const fn uncached(&self) -> u64 {
        self.input
            .saturating_add(self.input_audio)
            .saturating_add(self.input_image)
    }

    /// Tokens of sound and pictures, which not every dialect has words for.
    pub const fn media(&self) -> u64 {
        let input = self
            .input_audio
            .saturating_add(self.input_image)
            .saturating_add(self.cache_read_audio);
        input
            .saturating_add(self.output_audio)
            .saturating_add(self.output_image)
    }

    /// Everything on the way in.
    pub fn input_total(&self) -> u64 {
        self.sum(TokenClass::is_input)
    }

    /// Everything on the way out.
    pub fn output_total(&self) -> u64 {
        self.sum(|class| !class.is_input())
    }

    /// Everything.
    pub fn total(&self) -> u64 {
        self.sum(|_| true)
    }

    fn sum(&self, wanted: impl Fn(TokenClass) -> bool) -> u64 {
        TokenClass::ALL
            .into_iter()
            .filter(|class| wanted(*class))
            .fold(0, |sum, class| sum.saturating_add(self.of(class)))
    }
}

/// How a usage is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The provider said so.
    Reported,
    /// Counted from the bytes as they passed.
    Counted,
    /// Neither: a bound or a guess.
    Estimated,
}

/// A usage and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metered {
    /// The tokens.
    pub usage: Usage,
    /// Where the figure is from.
    pub basis: Basis,
    /// What the provider itself says it costs, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<NanoUsd>,
}

impl Metered {
    /// A usage, and what its provider charges for it where it says so; else its cost follows from its price.
    pub const fn new(mut usage: Usage, basis: Basis) -> Self {
        let cost = usage.charged;
        usage.charged = None;
        Self { usage, basis, cost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Measure;

    #[test]
    fn classes_are_disjoint_and_sum_to_the_total() {
        let usage = Usage {
            input: 1,
            cache_read: 2,
            cache_write: 4,
            cache_write_hour: 8,
            input_audio: 16,
            output: 32,
            reasoning: 64,
            output_audio: 128,
            cache_read_audio: 256,
            input_image: 512,
            output_image: 1024,
            units: Units::of(Measure::Image, 5),
            charged: Some(NanoUsd(3)),
        };
        assert_eq!(usage.input_total(), 31 + 256 + 512);
        assert_eq!(usage.output_total(), 224 + 1024);
        assert_eq!(usage.total(), 2047, "units of other measures are no tokens");
        let twice = usage.plus(&usage);
        assert_eq!((twice.total(), twice.units.get(Measure::Image)), (4094, 10));
        assert_eq!(twice.charged, Some(NanoUsd(6)));
        assert_eq!(usage.cached() + usage.uncached() + 12, usage.input_total());
        assert_eq!(usage.media(), 16 + 128 + 256 + 512 + 1024);
    }

    #[test]
    fn a_total_beyond_every_count_stays_at_the_end_of_the_range() {
        let usage = Usage {
            input: u64::MAX,
            output: 1,
            ..Usage::default()
        };
        assert_eq!(usage.total(), u64::MAX);
    }

    #[test]
    fn a_class_is_written_as_its_field_and_a_missing_field_is_nothing() {
        for class in TokenClass::ALL {
            let name = serde_json::to_value(class).unwrap();
            let name = name.as_str().unwrap();
            let usage: Usage = serde_json::from_value(serde_json::json!({name: 7})).unwrap();
            assert_eq!((usage.of(class), usage.total()), (7, 7), "{class:?}");
            assert_eq!(serde_json::to_value(usage).unwrap()[name], 7, "{class:?}");
        }
        let usage: Usage = serde_json::from_str(r#"{"output":3}"#).unwrap();
        assert_eq!(
            usage,
            Usage {
                output: 3,
                ..Usage::default()
            }
        );
    }
}
