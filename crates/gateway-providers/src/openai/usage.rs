//! Token counts on the wire, and as classes that do not overlap.

mod counts;

use gateway_types::{Operation, Units, Usage};

use crate::charge::Charge;
use crate::json::Out;
pub(super) use counts::Count;

/// `usage`, in the fields that vendors give it.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
    /// DeepSeek's word for tokens read from its cache.
    prompt_cache_hit_tokens: Count,
    /// Together's and others' word for them, beside the details.
    cached_tokens: Count,
    /// What some gateways call tokens written to a cache.
    cache_creation_input_tokens: Count,
    /// The newer words, which pictures and sound have.
    input_tokens: Count,
    output_tokens: Count,
    #[serde(alias = "input_token_details")]
    input_tokens_details: Option<PromptDetails>,
    #[serde(alias = "output_token_details")]
    output_tokens_details: Option<CompletionDetails>,
    /// Sound that was heard, where it is not counted in tokens.
    seconds: Option<f64>,
    #[serde(flatten)]
    charge: Charge,
}

#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Count,
    cache_write_tokens: Count,
    audio_tokens: Count,
    image_tokens: Count,
}

#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default)]
struct CompletionDetails {
    reasoning_tokens: Count,
    audio_tokens: Count,
    image_tokens: Count,
}

impl WireUsage {
    /// The counts as disjoint classes. They sum to `total_tokens`, or to prompt and completion where that is more.
    ///
    /// Vendors differ in what `prompt_tokens` and `completion_tokens` include. Where the total is more than both, what
    /// is missing stands in the details (xAI's reasoning, Mistral's audio) or nowhere (Gemini's thinking), and details
    /// may be more than what they are said to be part of; then the part gives way, so that nothing counts twice.
    pub(super) fn classes(&self) -> Usage {
        let prompt = self.prompt_tokens.0.max(self.input_tokens.0);
        let completion = self.completion_tokens.0.max(self.output_tokens.0);
        let details = self
            .prompt_tokens_details
            .or(self.input_tokens_details)
            .unwrap_or_default();
        let made = self
            .completion_tokens_details
            .or(self.output_tokens_details)
            .unwrap_or_default();
        let outside = self.total_tokens.0.saturating_sub(prompt.saturating_add(completion));

        let audio_outside = outside > 0 && outside == details.audio_tokens.0 && outside != made.reasoning_tokens.0;
        let (thought_outside, prompt) = if audio_outside {
            (0, prompt + outside)
        } else {
            (outside, prompt)
        };

        let mut rest = prompt;
        let mut part = |count: u64| {
            let taken = count.min(rest);
            rest -= taken;
            taken
        };
        let input_audio = if audio_outside { part(outside) } else { 0 };
        let cached = [details.cached_tokens, self.prompt_cache_hit_tokens, self.cached_tokens];
        let cache_read = part(cached.into_iter().map(|count| count.0).max().unwrap_or(0));
        let cache_write = part(details.cache_write_tokens.0.max(self.cache_creation_input_tokens.0));
        let input_audio = if audio_outside {
            input_audio
        } else {
            part(details.audio_tokens.0)
        };
        let input_image = part(details.image_tokens.0);
        let input = rest;

        let mut rest = completion;
        let mut part = |count: u64| {
            let taken = count.min(rest);
            rest -= taken;
            taken
        };
        let output_audio = part(made.audio_tokens.0);
        let output_image = part(made.image_tokens.0);
        let thought_inside = part(made.reasoning_tokens.0.saturating_sub(thought_outside));
        let reasoning = thought_outside.saturating_add(thought_inside);
        Usage {
            input,
            cache_read,
            cache_write,
            input_audio,
            input_image,
            output: rest,
            reasoning,
            output_audio,
            output_image,
            units: self.seconds.map(Units::seconds).unwrap_or_default(),
            charged: self.charge.nanos(),
            ..Usage::default()
        }
    }
}

impl WireUsage {
    /// The counts of an operation that writes nothing: all of them are on the way in. None where nothing is counted.
    pub(super) fn input_only(&self) -> Option<Usage> {
        let usage = self.counted()?;
        Some(Usage {
            input: usage.input.saturating_add(usage.output_total()),
            output: 0,
            reasoning: 0,
            output_audio: 0,
            output_image: 0,
            ..usage
        })
    }

    /// The classes for an operation: what answers with pictures or sound writes tokens of these, where it does not say what
    /// else.
    pub(super) fn of(&self, operation: Operation) -> Option<Usage> {
        let mut usage = match operation {
            Operation::Embeddings | Operation::Rerank | Operation::Moderations => return self.input_only(),
            _ => self.counted()?,
        };
        let told = self.output_tokens_details.is_some() || self.completion_tokens_details.is_some();
        match operation {
            Operation::ImageGeneration | Operation::ImageEdit | Operation::ImageVariation if !told => {
                usage.output_image = std::mem::take(&mut usage.output);
            }
            Operation::Speech if !told => usage.output_audio = std::mem::take(&mut usage.output),
            _ => {}
        }
        Some(usage)
    }

    /// The classes, where anything is counted: tokens, seconds or money.
    fn counted(&self) -> Option<Usage> {
        let counts = [
            self.prompt_tokens,
            self.completion_tokens,
            self.total_tokens,
            self.input_tokens,
            self.output_tokens,
        ];
        let units = self.seconds.is_some() || self.charge.nanos().is_some();
        (units || counts.iter().any(|count| count.1)).then(|| self.classes())
    }
}

/// Writes `usage` as OpenAI does: details are parts of the counts above them.
pub(super) fn write(usage: &Usage, generates: bool, out: &mut Out<'_>) {
    out.inner("usage", |out| {
        out.member("prompt_tokens", usage.input_total());
        if generates {
            out.member("completion_tokens", usage.output_total());
        }
        out.member("total_tokens", usage.total());
        if !generates {
            return;
        }
        out.inner("prompt_tokens_details", |out| {
            out.member("cached_tokens", usage.cached());
            let written = usage.cache_write.saturating_add(usage.cache_write_hour);
            out.maybe("cache_write_tokens", (written > 0).then_some(written));
            out.member("audio_tokens", usage.input_audio);
            out.maybe("image_tokens", (usage.input_image > 0).then_some(usage.input_image));
        });
        out.inner("completion_tokens_details", |out| {
            out.member("reasoning_tokens", usage.reasoning);
            out.member("audio_tokens", usage.output_audio);
            out.maybe("image_tokens", (usage.output_image > 0).then_some(usage.output_image));
        });
    });
}

#[cfg(test)]
mod tests {
    use gateway_types::NanoUsd;

    use super::*;

    fn classes(json: &str) -> Usage {
        serde_json::from_str::<WireUsage>(json).unwrap().classes()
    }

    #[test]
    fn details_are_taken_out_of_what_they_are_part_of() {
        let usage = classes(
            r#"{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
                "prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10,"audio_tokens":5},
                "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":10}}"#,
        );
        let expected = Usage {
            input: 25,
            cache_read: 60,
            cache_write: 10,
            input_audio: 5,
            output: 20,
            reasoning: 20,
            output_audio: 10,
            ..Usage::default()
        };
        assert_eq!(usage, expected);
        assert_eq!(usage.total(), 150);
    }

    #[test]
    fn what_the_total_has_more_is_found_in_the_details_or_is_thinking() {
        let xai = classes(
            r#"{"prompt_tokens":331,"completion_tokens":11,"total_tokens":674,"completion_tokens_details":{"reasoning_tokens":332}}"#,
        );
        assert_eq!((xai.output, xai.reasoning, xai.total()), (11, 332, 674));
        let mistral = classes(
            r#"{"prompt_tokens":9,"completion_tokens":201,"total_tokens":585,"prompt_tokens_details":{"audio_tokens":375}}"#,
        );
        assert_eq!(
            (mistral.input, mistral.input_audio, mistral.output, mistral.total()),
            (9, 375, 201, 585)
        );
        let gemini = classes(r#"{"prompt_tokens":66,"completion_tokens":6,"total_tokens":100}"#);
        assert_eq!((gemini.output, gemini.reasoning, gemini.total()), (6, 28, 100));
    }

    #[test]
    fn what_writes_nothing_uses_only_inputs_and_money_is_no_tokens() {
        let read = |json: &str| serde_json::from_str::<WireUsage>(json).unwrap();
        assert_eq!(read(r#"{"total_tokens":18}"#).input_only().unwrap().input, 18);
        assert_eq!(read(r#"{"total_tokens":0}"#).input_only().unwrap().total(), 0);
        let picture = read(r#"{"cost_in_usd_ticks":200000000}"#).counted().unwrap();
        assert_eq!((picture.total(), picture.charged), (0, Some(NanoUsd(20_000_000))));
        let heard = read(r#"{"type":"duration","seconds":3.7}"#).counted().unwrap();
        assert_eq!((heard.total(), heard.units), (0, Units::seconds(3.7)));
        assert_eq!(read("{}").counted(), None);
        let heard = read(
            r#"{"type":"tokens","input_tokens":37,"output_tokens":144,"total_tokens":181,"input_token_details":{"audio_tokens":30,"text_tokens":7}}"#,
        );
        let heard = heard.counted().unwrap();
        assert_eq!(
            (heard.input, heard.input_audio, heard.output, heard.total()),
            (7, 30, 144, 181)
        );
    }

    #[test]
    fn pictures_have_classes_of_their_own() {
        let read = |json: &str, operation| serde_json::from_str::<WireUsage>(json).unwrap().of(operation).unwrap();
        let made = read(
            r#"{"total_tokens":4210,"input_tokens":50,"output_tokens":4160,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}"#,
            Operation::ImageEdit,
        );
        assert_eq!(
            (made.input, made.input_image, made.output, made.output_image),
            (10, 40, 0, 4160)
        );
        let newer = read(
            r#"{"input_tokens":50,"output_tokens":1200,"output_tokens_details":{"text_tokens":100,"image_tokens":1100}}"#,
            Operation::ImageGeneration,
        );
        assert_eq!((newer.output, newer.output_image), (100, 1100));
        let drawn = classes(
            r#"{"prompt_tokens":11,"completion_tokens":1300,"completion_tokens_details":{"image_tokens":1290,"reasoning_tokens":0}}"#,
        );
        assert_eq!((drawn.output, drawn.output_image, drawn.total()), (10, 1290, 1311));
        // xAI counts what a cache served among the pictures too.
        let cached = classes(
            r#"{"prompt_tokens":1100,"completion_tokens":5,"total_tokens":1105,"prompt_tokens_details":{"text_tokens":100,"image_tokens":1000,"cached_tokens":900}}"#,
        );
        assert_eq!(
            (cached.cache_read, cached.input_image, cached.input, cached.total()),
            (900, 200, 0, 1105)
        );
        let spoken = read(
            r#"{"input_tokens":14,"output_tokens":101,"total_tokens":115}"#,
            Operation::Speech,
        );
        assert_eq!((spoken.input, spoken.output_audio), (14, 101));
    }

    #[test]
    fn a_part_that_is_more_than_the_whole_gives_way() {
        let azure = classes(
            r#"{"prompt_tokens":78,"completion_tokens":9,"total_tokens":87,"prompt_tokens_details":{"cached_tokens":158}}"#,
        );
        assert_eq!((azure.input, azure.cache_read, azure.total()), (0, 78, 87));
        let router = classes(
            r#"{"prompt_tokens":43,"completion_tokens":10,"total_tokens":53,"completion_tokens_details":{"reasoning_tokens":11}}"#,
        );
        assert_eq!((router.output, router.reasoning, router.total()), (0, 10, 53));
    }

    #[test]
    fn odd_members_do_not_spoil_the_rest() {
        let usage = classes(
            r#"{"prompt_tokens":7.0,"completion_tokens":null,"prompt_tokens_details":null,"cached_tokens":{"a":[1]},"total_tokens":-1}"#,
        );
        assert_eq!((usage.input, usage.total()), (7, 7));
    }
}
