//! `usageMetadata` and the classes of tokens, both ways.
//!
//! `promptTokenCount` includes what the cache served; what tools of Google's own brought in and what the model thought are
//! counted beside it ("UsageMetadata" in Google's "Gemini API reference"). Sound stands in the counts by modality.

use gateway_types::Usage;
use gateway_types::loss::Loss;
use serde::Deserialize;

use super::tree::{Json, Object};

/// `usageMetadata`, of answers and of vectors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Counts {
    prompt_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    tool_use_prompt_token_count: Option<u64>,
    total_token_count: Option<u64>,
    prompt_tokens_details: Option<Vec<Modality>>,
    cache_tokens_details: Option<Vec<Modality>>,
    candidates_tokens_details: Option<Vec<Modality>>,
    tool_use_prompt_tokens_details: Option<Vec<Modality>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Modality {
    modality: Word,
    token_count: Option<u64>,
}

/// A word of a list of Google's, or its place in that list.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Word {
    Text(String),
    Place(u32),
}

impl Default for Word {
    fn default() -> Self {
        Self::Place(0)
    }
}

impl Word {
    /// The word, where `words` is Google's list.
    pub(super) fn among<'a>(&'a self, words: &[&'a str]) -> &'a str {
        match self {
            Self::Text(word) => word,
            Self::Place(place) => words.get(*place as usize).copied().unwrap_or_default(),
        }
    }
}

const MODALITIES: [&str; 6] = ["", "TEXT", "IMAGE", "VIDEO", "AUDIO", "DOCUMENT"];

fn audio(details: Option<&[Modality]>) -> u64 {
    let audio = details
        .into_iter()
        .flatten()
        .filter(|one| one.modality.among(&MODALITIES) == "AUDIO");
    audio.filter_map(|one| one.token_count).sum()
}

impl Counts {
    /// The classes; none where nothing is counted, as in the middle of streams of Google Cloud.
    pub(super) fn classes(&self) -> Option<Usage> {
        let counted = [
            self.prompt_token_count,
            self.candidates_token_count,
            self.total_token_count,
        ];
        if counted.iter().all(Option::is_none) {
            return None;
        }
        let prompt = self.prompt_token_count.unwrap_or_default();
        let brought = self.tool_use_prompt_token_count.unwrap_or_default();
        let cache_read = self.cached_content_token_count.unwrap_or_default().min(prompt);
        let cached_audio = audio(self.cache_tokens_details.as_deref());
        let heard = audio(self.prompt_tokens_details.as_deref()).saturating_sub(cached_audio);
        let brought_audio = audio(self.tool_use_prompt_tokens_details.as_deref()).min(brought);
        let heard = heard.min(prompt - cache_read);
        let said = self.candidates_token_count.unwrap_or_default();
        let output_audio = audio(self.candidates_tokens_details.as_deref()).min(said);
        let reasoning = self.thoughts_token_count.unwrap_or_default();
        let mut usage = Usage {
            input: (prompt - cache_read - heard).saturating_add(brought - brought_audio),
            cache_read,
            input_audio: heard.saturating_add(brought_audio),
            output: said - output_audio,
            reasoning,
            output_audio,
            ..Usage::default()
        };
        // What the total has besides was written by the model, or it would be in the prompt's count.
        let unsaid = self.total_token_count.unwrap_or_default().saturating_sub(usage.total());
        if self.prompt_token_count.is_some() {
            usage.output = usage.output.saturating_add(unsaid);
        }
        Some(usage)
    }
}

/// Writes `usageMetadata`.
pub(super) fn write<'a>(usage: &Usage, losses: &mut Vec<Loss>) -> Object<'a> {
    if usage.cache_write > 0 || usage.cache_write_hour > 0 {
        losses.push(Loss::mapped("usage.cache_write", "counted with the rest of the prompt"));
    }
    let read = usage
        .cache_read
        .saturating_add(usage.cache_write)
        .saturating_add(usage.cache_write_hour);
    let text = usage.input.saturating_add(read);
    let said = usage.output.saturating_add(usage.output_audio);
    let mut counts = Object::of("promptTokenCount", usage.input_total());
    counts.put("candidatesTokenCount", said);
    counts.put("totalTokenCount", usage.total());
    let some = |count: u64| (count > 0).then_some(count);
    counts.maybe("cachedContentTokenCount", some(usage.cache_read));
    counts.maybe("thoughtsTokenCount", some(usage.reasoning));
    if usage.input_audio > 0 {
        counts.put("promptTokensDetails", details(text, usage.input_audio));
    }
    if usage.output_audio > 0 {
        counts.put("candidatesTokensDetails", details(usage.output, usage.output_audio));
    }
    counts
}

fn details<'a>(text: u64, audio: u64) -> Json<'a> {
    let one = |modality: &'a str, count: u64| Object::of("modality", modality).with("tokenCount", count);
    Json::Array(vec![one("TEXT", text).into(), one("AUDIO", audio).into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counts: &str, expected: Option<Usage>) {
        let read: Counts = serde_json::from_str(counts).unwrap();
        assert_eq!(read.classes(), expected, "{counts}");
    }

    #[test]
    fn classes_are_disjoint_and_sum_to_the_total() {
        let usage = Usage {
            input: 14 + 3,
            cache_read: 80,
            input_audio: 6,
            output: 20,
            reasoning: 30,
            output_audio: 7,
            ..Usage::default()
        };
        check(
            r#"{"promptTokenCount":100,"cachedContentTokenCount":80,"candidatesTokenCount":27,"thoughtsTokenCount":30,
                "toolUsePromptTokenCount":3,"totalTokenCount":160,"serviceTier":"standard",
                "promptTokensDetails":[{"modality":"AUDIO","tokenCount":16},{"modality":"VIDEO","tokenCount":84}],
                "cacheTokensDetails":[{"modality":4,"tokenCount":10},{"modality":"TEXT","tokenCount":70}],
                "candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":7}]}"#,
            Some(usage),
        );
        assert_eq!(usage.total(), 160);
    }

    #[test]
    fn what_is_not_counted_is_not_reported() {
        check(r#"{"trafficType":"ON_DEMAND"}"#, None);
        check(
            r#"{"promptTokenCount":5,"totalTokenCount":5}"#,
            Some(Usage {
                input: 5,
                ..Usage::default()
            }),
        );
        let impossible = Usage {
            cache_read: 1,
            output_audio: 2,
            ..Usage::default()
        };
        check(
            r#"{"promptTokenCount":1,"cachedContentTokenCount":9,"candidatesTokenCount":2,
                "candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":9}]}"#,
            Some(impossible),
        );
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let usage = Usage {
            input: 1,
            cache_read: 2,
            input_audio: 4,
            output: 8,
            reasoning: 16,
            output_audio: 32,
            ..Usage::default()
        };
        let written = write(&usage, &mut Vec::new()).to_bytes();
        let read: Counts = serde_json::from_slice(&written).unwrap();
        assert_eq!(read.classes(), Some(usage));
    }
}
