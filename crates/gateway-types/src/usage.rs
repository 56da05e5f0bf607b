//! What a call used, in token classes that do not overlap.

use serde::{Deserialize, Serialize};

use crate::NanoUsd;

/// A class of tokens with a price of its own. Classes are disjoint: a cached token is not also an input token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenClass {
    /// Prompt tokens that no cache served.
    Input,
    /// Prompt tokens read from the provider's cache.
    CacheRead,
    /// Prompt tokens written to the provider's cache for its usual time.
    CacheWrite,
    /// Prompt tokens written to the provider's cache for an hour.
    CacheWriteHour,
    /// Prompt tokens of audio.
    InputAudio,
    /// Answer tokens that can be seen.
    Output,
    /// Answer tokens of reasoning, seen or hidden.
    Reasoning,
    /// Answer tokens of audio.
    OutputAudio,
}

impl TokenClass {
    /// All of them, inputs first.
    pub const ALL: [Self; 8] = [
        Self::Input,
        Self::CacheRead,
        Self::CacheWrite,
        Self::CacheWriteHour,
        Self::InputAudio,
        Self::Output,
        Self::Reasoning,
        Self::OutputAudio,
    ];

    /// Whether it is counted on the way in.
    pub const fn is_input(self) -> bool {
        matches!(
            self,
            Self::Input | Self::CacheRead | Self::CacheWrite | Self::CacheWriteHour | Self::InputAudio
        )
    }
}

/// Tokens by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "each field is the class of the same name")]
pub struct Usage {
    pub input: u64,
    pub cache_read: u64,
    pub cache_write: u64,
    pub cache_write_hour: u64,
    pub input_audio: u64,
    pub output: u64,
    pub reasoning: u64,
    pub output_audio: u64,
}

impl Usage {
    /// The count of one class.
    pub const fn of(&self, class: TokenClass) -> u64 {
        match class {
            TokenClass::Input => self.input,
            TokenClass::CacheRead => self.cache_read,
            TokenClass::CacheWrite => self.cache_write,
            TokenClass::CacheWriteHour => self.cache_write_hour,
            TokenClass::InputAudio => self.input_audio,
            TokenClass::Output => self.output,
            TokenClass::Reasoning => self.reasoning,
            TokenClass::OutputAudio => self.output_audio,
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write: self.cache_write.saturating_add(other.cache_write),
            cache_write_hour: self.cache_write_hour.saturating_add(other.cache_write_hour),
            input_audio: self.input_audio.saturating_add(other.input_audio),
            output: self.output.saturating_add(other.output),
            reasoning: self.reasoning.saturating_add(other.reasoning),
            output_audio: self.output_audio.saturating_add(other.output_audio),
        }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// A usage whose cost follows from its price.
    pub const fn new(usage: Usage, basis: Basis) -> Self {
        Self {
            usage,
            basis,
            cost: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        };
        assert_eq!(usage.input_total(), 31);
        assert_eq!(usage.output_total(), 224);
        assert_eq!(usage.total(), 255);
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
        let written = serde_json::to_value(Usage::default()).unwrap();
        let fields: Vec<&String> = written.as_object().unwrap().keys().collect();
        assert_eq!(fields.len(), TokenClass::ALL.len());
        for class in TokenClass::ALL {
            assert_eq!(
                written[serde_json::to_value(class).unwrap().as_str().unwrap()],
                0,
                "{class:?}"
            );
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
