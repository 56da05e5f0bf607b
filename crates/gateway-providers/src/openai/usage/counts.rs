//! Single counts of a usage: how each is spelled, and where it belongs.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::WireUsage;

/// For whoever reads a usage without serde.
impl WireUsage {
    /// Where a member's count belongs; none for one that is no count of the usage itself.
    pub(in crate::openai) fn count(&mut self, name: &str) -> Option<&mut Count> {
        Some(match name {
            "prompt_tokens" => &mut self.prompt_tokens,
            "completion_tokens" => &mut self.completion_tokens,
            "total_tokens" => &mut self.total_tokens,
            "prompt_cache_hit_tokens" => &mut self.prompt_cache_hit_tokens,
            "cached_tokens" => &mut self.cached_tokens,
            "cache_creation_input_tokens" => &mut self.cache_creation_input_tokens,
            "input_tokens" => &mut self.input_tokens,
            "output_tokens" => &mut self.output_tokens,
            _ => return None,
        })
    }

    /// The same among the details of the prompt.
    pub(in crate::openai) fn count_of_prompt(&mut self, name: &str) -> Option<&mut Count> {
        let details = self.prompt_tokens_details.get_or_insert_default();
        Some(match name {
            "cached_tokens" => &mut details.cached_tokens,
            "cache_write_tokens" => &mut details.cache_write_tokens,
            "audio_tokens" => &mut details.audio_tokens,
            "image_tokens" => &mut details.image_tokens,
            _ => return None,
        })
    }

    /// The same among the details of the answer.
    pub(in crate::openai) fn count_of_completion(&mut self, name: &str) -> Option<&mut Count> {
        let details = self.completion_tokens_details.get_or_insert_default();
        Some(match name {
            "reasoning_tokens" => &mut details.reasoning_tokens,
            "audio_tokens" => &mut details.audio_tokens,
            "image_tokens" => &mut details.image_tokens,
            _ => return None,
        })
    }
}

/// A count that is 0 where it is absent, `null`, negative or of another kind; and whether it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::openai) struct Count(pub(super) u64, pub(super) bool);

impl Count {
    pub(in crate::openai) fn of(count: u64) -> Self {
        Self(count, true)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(AnyCount)
    }
}

struct AnyCount;

impl<'de> Visitor<'de> for AnyCount {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count")
    }

    fn visit_u64<E>(self, count: u64) -> Result<Count, E> {
        Ok(Count(count, true))
    }

    fn visit_i64<E>(self, count: i64) -> Result<Count, E> {
        Ok(Count(u64::try_from(count).unwrap_or(0), true))
    }

    fn visit_f64<E>(self, count: f64) -> Result<Count, E> {
        // A cast from a float saturates, and makes 0 of what is no number.
        Ok(Count(count as u64, true))
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
        Ok(Count::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Count, E> {
        Ok(Count::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Count, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Count::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Count::default())
    }
}
