//! `usageMetadata` and the classes of tokens, both ways.
//!
//! `promptTokenCount` includes what the cache served; what tools of Google's own brought in and what the model thought are
//! counted beside it ("UsageMetadata" in Google's "Gemini API reference"). Sound and pictures stand in the counts by modality.

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

/// What has a price that can differ from that of text. Video costs what pictures cost.
const AUDIO: &[&str] = &["AUDIO"];
const IMAGE: &[&str] = &["IMAGE", "VIDEO"];

fn counted(details: Option<&[Modality]>, modalities: &[&str]) -> u64 {
    let of_these = details
        .into_iter()
        .flatten()
        .filter(|one| modalities.contains(&one.modality.among(&MODALITIES)));
    let counts = of_these.filter_map(|one| one.token_count);
    counts.fold(0, u64::saturating_add)
}

/// Takes so many out of the rest, or as many as there are.
fn take(count: u64, rest: &mut u64) -> u64 {
    let taken = count.min(*rest);
    *rest -= taken;
    taken
}

impl Counts {
    /// The classes; none where nothing is counted, as in the middle of streams of Google Cloud.
    pub(super) fn classes(&self) -> Option<Usage> {
        let counts = [
            self.prompt_token_count,
            self.candidates_token_count,
            self.total_token_count,
        ];
        if counts.iter().all(Option::is_none) {
            return None;
        }
        let prompt = self.prompt_token_count.unwrap_or_default();
        let brought = self.tool_use_prompt_token_count.unwrap_or_default();
        let (details, cached) = (
            self.prompt_tokens_details.as_deref(),
            self.cache_tokens_details.as_deref(),
        );
        let brought_details = self.tool_use_prompt_tokens_details.as_deref();
        // What the cache served is among the prompt, in its details too.
        let mut rest = prompt;
        let mut cache_read = take(self.cached_content_token_count.unwrap_or_default(), &mut rest);
        let cached_of = |modalities: &[&str]| counted(cached, modalities).min(cache_read);
        let (cached_audio, cached_image) = (cached_of(AUDIO), cached_of(IMAGE));
        let heard = take(counted(details, AUDIO).saturating_sub(cached_audio), &mut rest);
        let seen = take(counted(details, IMAGE).saturating_sub(cached_image), &mut rest);
        let cache_read_audio = take(cached_audio, &mut cache_read);
        let mut brought = brought;
        let brought_audio = take(counted(brought_details, AUDIO), &mut brought);
        let brought_image = take(counted(brought_details, IMAGE), &mut brought);
        let mut said = self.candidates_token_count.unwrap_or_default();
        let made = self.candidates_tokens_details.as_deref();
        let output_audio = take(counted(made, AUDIO), &mut said);
        let output_image = take(counted(made, IMAGE), &mut said);
        let mut usage = Usage {
            input: rest.saturating_add(brought),
            cache_read,
            cache_read_audio,
            input_audio: heard.saturating_add(brought_audio),
            input_image: seen.saturating_add(brought_image),
            output: said,
            reasoning: self.thoughts_token_count.unwrap_or_default(),
            output_audio,
            output_image,
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
    let cached = usage.cached();
    let read = cached
        .saturating_add(usage.cache_write)
        .saturating_add(usage.cache_write_hour);
    let text = usage.input.saturating_add(read - usage.cache_read_audio);
    let said = usage
        .output
        .saturating_add(usage.output_audio)
        .saturating_add(usage.output_image);
    let mut counts = Object::of("promptTokenCount", usage.input_total());
    counts.put("candidatesTokenCount", said);
    counts.put("totalTokenCount", usage.total());
    let some = |count: u64| (count > 0).then_some(count);
    counts.maybe("cachedContentTokenCount", some(cached));
    counts.maybe("thoughtsTokenCount", some(usage.reasoning));
    let heard = usage.input_audio.saturating_add(usage.cache_read_audio);
    if heard > 0 || usage.input_image > 0 {
        counts.put("promptTokensDetails", details(text, heard, usage.input_image));
    }
    if usage.cache_read_audio > 0 {
        counts.put(
            "cacheTokensDetails",
            details(usage.cache_read, usage.cache_read_audio, 0),
        );
    }
    if usage.output_audio > 0 || usage.output_image > 0 {
        counts.put(
            "candidatesTokensDetails",
            details(usage.output, usage.output_audio, usage.output_image),
        );
    }
    counts
}

fn details<'a>(text: u64, audio: u64, image: u64) -> Json<'a> {
    let one = |modality: &'a str, count: u64| Object::of("modality", modality).with("tokenCount", count);
    let media = [("AUDIO", audio), ("IMAGE", image)]
        .into_iter()
        .filter(|(_, count)| *count > 0);
    let all = std::iter::once(("TEXT", text)).chain(media);
    Json::Array(all.map(|(modality, count)| one(modality, count).into()).collect())
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
            input: 3,
            cache_read: 70,
            cache_read_audio: 10,
            input_audio: 6,
            input_image: 14,
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
            cache_read_audio: 64,
            input_image: 128,
            output_image: 256,
            ..Usage::default()
        };
        let written = write(&usage, &mut Vec::new()).to_bytes();
        let read: Counts = serde_json::from_slice(&written).unwrap();
        assert_eq!(read.classes(), Some(usage));
    }
}
