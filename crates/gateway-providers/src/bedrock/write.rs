//! A whole answer for a client of this dialect ("ConverseResponse", Amazon Bedrock API Reference).

use bytes::Bytes;
use gateway_types::Call;
use gateway_types::chat::{Choice, Finish, Part, Response};
use gateway_types::loss::Loss;

use super::response::EXTRAS;
use super::show::{ending, show};
use super::usage;
use super::wire::Block;
use crate::json::Out;

/// Writes a whole answer. This dialect gives one; what an answer has beside the vocabulary is said where it is this dialect's.
pub(super) fn whole(response: &Response, call: &Call, losses: &mut Vec<Loss>) -> Bytes {
    let choice = response.choices.first().cloned().unwrap_or_default();
    for i in 1..response.choices.len() {
        losses.push(Loss::dropped(format!("choices[{i}]"), "there is one answer"));
    }
    if choice.logprobs.is_some() {
        losses.push(Loss::dropped("logprobs", "no counterpart"));
    }
    let blocks = blocks(&choice, losses);
    let written = choice.parts.iter().map(size).sum();
    let used = usage::told(response.usage, call.input_estimate, written, losses);
    let tools = choice.parts.iter().any(|part| matches!(part, Part::ToolUse(_)));
    let reason = ending(choice.finish.as_ref(), tools, losses);
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        out.inner("output", |out| {
            out.inner("message", |out| {
                out.member("role", "assistant");
                out.member("content", &blocks);
            });
        });
        out.member("stopReason", reason);
        usage::write(&used, out);
        extras(response, choice.finish.as_ref(), out, losses);
    });
    Bytes::from(body)
}

fn blocks<'a>(choice: &'a Choice, losses: &mut Vec<Loss>) -> Vec<Block<'a>> {
    let mut blocks = Vec::with_capacity(choice.parts.len());
    for (i, part) in choice.parts.iter().enumerate() {
        show(part, &format!("content[{i}]"), &mut blocks, losses);
    }
    blocks
}

fn extras(response: &Response, finish: Option<&Finish>, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    let mut said = Vec::new();
    for (key, value) in &response.extras.0 {
        match EXTRAS.contains(&key.as_str()) {
            true => {
                said.push(key.as_str());
                out.member(key, value);
            }
            false => losses.push(Loss::dropped(key, "no counterpart")),
        }
    }
    if !said.contains(&"metrics") {
        // How long it took is not ours to know here, and must be said.
        out.inner("metrics", |out| out.member("latencyMs", 0));
    }
    if let Some(Finish::StopSequence(Some(text))) = finish
        && !said.contains(&"additionalModelResponseFields")
    {
        out.inner("additionalModelResponseFields", |out| out.member("stop_sequence", text));
    }
}

/// How many bytes of it the model wrote.
fn size(part: &Part) -> u64 {
    let bytes = match part {
        Part::Text { text, .. } | Part::Refusal(text) => text.len(),
        Part::Reasoning(thought) => thought.text.len(),
        Part::ToolUse(tool) => tool.arguments.len(),
        _ => 0,
    };
    bytes as u64
}

/// Writes how many tokens an input has.
pub(super) fn count(input_tokens: u64) -> Bytes {
    let mut body = Vec::new();
    Out::object(&mut body, |out| out.member("inputTokens", input_tokens));
    Bytes::from(body)
}
