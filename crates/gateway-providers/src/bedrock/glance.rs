//! A model's own answer (`InvokeModel`), looked at: each maker has a shape of its own, and all of them say somewhere what was
//! written, why it ended and what it used ("Inference request parameters and response fields for foundation models", Amazon
//! Bedrock User Guide).

use gateway_types::Usage;
use serde_json::Value;

use super::usage::Metrics;

/// What one answer, or one chunk of it, says.
#[derive(Debug, Default)]
pub(super) struct Glance {
    /// How many bytes of text, thinking and arguments it holds.
    pub(super) bytes: u64,
    /// Whether it says something, if only which tool is called.
    pub(super) content: bool,
    /// Why the answer ended, in the maker's word.
    pub(super) finish: Option<String>,
    /// The model that the maker says answered.
    pub(super) model: Option<String>,
    /// Bedrock's own counts, which stand in the last chunk of every stream.
    pub(super) metrics: Option<Metrics>,
}

/// Where the makers say why an answer ended.
const FINISH: [&str; 12] = [
    "/stop_reason",
    "/delta/stop_reason",
    "/stopReason",
    "/messageStop/stopReason",
    "/completionReason",
    "/results/0/completionReason",
    "/outputs/0/stop_reason",
    "/generations/0/finish_reason",
    "/finish_reason",
    "/choices/0/finish_reason",
    "/choices/0/stop_reason",
    "/completions/0/finishReason/reason",
];

/// The keys under which they say what the model wrote.
const WRITTEN: [&str; 10] = [
    "text",
    "thinking",
    "completion",
    "generation",
    "outputText",
    "partial_json",
    "content",
    "reasoning_content",
    "arguments",
    "input",
];

/// What repeats the question, or counts.
const ASIDE: [&str; 4] = ["prompt", "usage", "trace", "amazon-bedrock-trace"];

impl Glance {
    pub(super) fn at(said: &Value) -> Self {
        let bytes = written(said);
        let begun = said.pointer("/content_block/type").and_then(Value::as_str);
        let text = |path: &str| Some(said.pointer(path)?.as_str()?.to_owned());
        let metrics = said.get("amazon-bedrock-invocationMetrics").cloned();
        Self {
            bytes,
            content: bytes > 0
                || begun.is_some_and(|kind| kind != "text" && kind != "thinking")
                || said.get("contentBlockStart").is_some(),
            finish: FINISH.iter().find_map(|path| text(path)),
            model: text("/message/model").or_else(|| text("/model")),
            metrics: metrics.and_then(|metrics| serde_json::from_value(metrics).ok()),
        }
    }
}

fn written(said: &Value) -> u64 {
    match said {
        Value::Array(items) => items.iter().map(written).sum(),
        Value::Object(members) => {
            let inside = members.iter().filter(|(key, _)| !ASIDE.contains(&key.as_str()));
            inside
                .map(|(key, value)| match value {
                    Value::String(text) if WRITTEN.contains(&key.as_str()) => text.len() as u64,
                    // The arguments of a call, as an object.
                    Value::Object(given) if key == "input" => match given.is_empty() {
                        true => 0,
                        false => value.to_string().len() as u64,
                    },
                    value => written(value),
                })
                .sum()
        }
        _ => 0,
    }
}

/// The makers' own counts. In a stream a later one replaces what it names and leaves the rest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    cache_write_hour: Option<u64>,
}

impl Counts {
    /// Takes in what an answer or a chunk says.
    pub(super) fn learn(&mut self, said: &Value) {
        let count = |paths: &[&str]| paths.iter().find_map(|path| said.pointer(path)?.as_u64());
        let titan = |path: &str| {
            Some(
                said.pointer(path)?
                    .as_array()?
                    .iter()
                    .filter_map(|one| one["tokenCount"].as_u64())
                    .sum(),
            )
        };
        for (place, found) in [
            (
                &mut self.input,
                count(&[
                    "/usage/input_tokens",
                    "/message/usage/input_tokens",
                    "/usage/inputTokens",
                    "/metadata/usage/inputTokens",
                    "/usage/prompt_tokens",
                    "/prompt_token_count",
                    "/inputTextTokenCount",
                ]),
            ),
            (
                &mut self.output,
                count(&[
                    "/usage/output_tokens",
                    "/message/usage/output_tokens",
                    "/usage/outputTokens",
                    "/metadata/usage/outputTokens",
                    "/usage/completion_tokens",
                    "/generation_token_count",
                    "/totalOutputTextTokenCount",
                ])
                .or_else(|| titan("/results")),
            ),
            (
                &mut self.cache_read,
                count(&[
                    "/usage/cache_read_input_tokens",
                    "/message/usage/cache_read_input_tokens",
                    "/usage/cacheReadInputTokenCount",
                    "/metadata/usage/cacheReadInputTokenCount",
                ]),
            ),
            (
                &mut self.cache_write,
                count(&[
                    "/usage/cache_creation_input_tokens",
                    "/message/usage/cache_creation_input_tokens",
                    "/usage/cacheWriteInputTokenCount",
                    "/metadata/usage/cacheWriteInputTokenCount",
                ]),
            ),
            (
                &mut self.cache_write_hour,
                count(&[
                    "/usage/cache_creation/ephemeral_1h_input_tokens",
                    "/message/usage/cache_creation/ephemeral_1h_input_tokens",
                ]),
            ),
        ] {
            *place = found.or(*place);
        }
    }

    /// The classes, if anything was counted.
    pub(super) fn usage(self) -> Option<Usage> {
        self.input.or(self.output)?;
        let hour = self.cache_write_hour.unwrap_or(0);
        let written = self.cache_write.unwrap_or(hour);
        Some(Usage {
            input: self.input.unwrap_or(0),
            output: self.output.unwrap_or(0),
            cache_read: self.cache_read.unwrap_or(0),
            cache_write: written.saturating_sub(hour),
            cache_write_hour: hour.min(written),
            ..Usage::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, bytes: u64, finish: Option<&str>, used: Option<(u64, u64)>) {
        let said: Value = serde_json::from_str(json).unwrap();
        let seen = Glance::at(&said);
        let mut counts = Counts::default();
        counts.learn(&said);
        let usage = counts.usage().map(|usage| (usage.input, usage.output));
        assert_eq!(
            (seen.bytes, seen.finish.as_deref(), usage),
            (bytes, finish, used),
            "{json}"
        );
    }

    #[test]
    fn every_makers_answer_says_what_it_wrote_and_why_it_ended() {
        check(
            r#"{"content":[{"type":"text","text":"abc"},{"type":"tool_use","id":"t","name":"n","input":{"a":1}}],
                "stop_reason":"tool_use","usage":{"input_tokens":5,"output_tokens":7}}"#,
            10,
            Some("tool_use"),
            Some((5, 7)),
        );
        check(
            r#"{"completion":" hi","stop_reason":"stop_sequence","stop":"\n\nHuman:"}"#,
            3,
            Some("stop_sequence"),
            None,
        );
        check(
            r#"{"generation":"hey","prompt_token_count":3,"generation_token_count":2,"stop_reason":"length"}"#,
            3,
            Some("length"),
            Some((3, 2)),
        );
        check(
            r#"{"inputTextTokenCount":4,"results":[{"tokenCount":6,"outputText":"ab","completionReason":"FINISH"}]}"#,
            2,
            Some("FINISH"),
            Some((4, 6)),
        );
        check(
            r#"{"generations":[{"text":"ab","finish_reason":"COMPLETE"}],"prompt":"question"}"#,
            2,
            Some("COMPLETE"),
            None,
        );
        check(
            r#"{"outputs":[{"text":"ab","stop_reason":"stop"}]}"#,
            2,
            Some("stop"),
            None,
        );
        check(
            r#"{"choices":[{"message":{"role":"assistant","content":"ab"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            2,
            Some("stop"),
            Some((1, 2)),
        );
        check(
            r#"{"prompt":{"text":"question"},"completions":[{"data":{"text":"ab"},"finishReason":{"reason":"endoftext"}}]}"#,
            2,
            Some("endoftext"),
            None,
        );
        check(r#"{"embedding":[0.1],"inputTextTokenCount":9}"#, 0, None, Some((9, 0)));
    }
}
