//! A whole answer for a client of this dialect.

use bytes::Bytes;
use gateway_types::Call;
use gateway_types::chat::{Choice, Part, Response};
use gateway_types::loss::Loss;

use super::response::EXTRAS;
use super::show::{self, Counts, Ending, Shown, show};
use crate::json::Out;
use crate::stamp::Stamp;

/// Writes a whole answer. This dialect gives one; what an answer has beside the vocabulary is said where it is this dialect's.
pub(super) fn whole(response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Bytes {
    let choice = response.choices.first().cloned().unwrap_or_default();
    for i in 1..response.choices.len() {
        losses.push(Loss::dropped(format!("choices[{i}]"), "there is one answer"));
    }
    if choice.logprobs.is_some() {
        losses.push(Loss::dropped("logprobs", "no counterpart"));
    }
    let blocks = blocks(&choice, losses);
    let (reason, sequence) = ending(&choice).words(choice.finish.as_ref(), losses);
    let likely = || Counts::likely(call.input_estimate, blocks.iter().map(size).sum());
    let counts = show::counts(response.usage.as_ref(), likely, losses);
    let mut body = Vec::new();
    Out::object(&mut body, |out| {
        match response.id.is_empty() {
            true => out.member("id", stamp.id("msg_", 0)),
            false => out.member("id", &response.id),
        }
        out.member("type", "message");
        out.member("role", "assistant");
        out.member("model", &response.model);
        out.member("content", &blocks);
        out.member("stop_reason", reason);
        out.member("stop_sequence", sequence);
        out.member("usage", counts);
        for (key, value) in &response.extras.0 {
            match EXTRAS.contains(&key.as_str()) {
                true => out.member(key, value),
                false => losses.push(Loss::dropped(key, "no counterpart")),
            }
        }
    });
    Bytes::from(body)
}

fn blocks<'a>(choice: &'a Choice, losses: &mut Vec<Loss>) -> Vec<Shown<'a>> {
    let mut blocks = Vec::with_capacity(choice.parts.len());
    for (i, part) in choice.parts.iter().enumerate() {
        show(part, &format!("content[{i}]"), &mut blocks, losses);
    }
    blocks
}

fn ending(choice: &Choice) -> Ending {
    Ending {
        tools: choice.parts.iter().any(|part| matches!(part, Part::ToolUse(_))),
        refusal: choice.parts.iter().any(|part| matches!(part, Part::Refusal(_))),
    }
}

/// How many bytes of an answer the model wrote there.
fn size(block: &Shown<'_>) -> u64 {
    let bytes = match block {
        Shown::Text { text, .. } => text.len(),
        Shown::Thinking { thinking, .. } => thinking.len(),
        Shown::ToolUse { input, .. } => input.get().len(),
        Shown::RedactedThinking { .. } | Shown::Own(_) => 0,
    };
    bytes as u64
}

/// Writes how many tokens an input has.
pub(super) fn count(input_tokens: u64) -> Bytes {
    let mut body = Vec::new();
    Out::object(&mut body, |out| out.member("input_tokens", input_tokens));
    Bytes::from(body)
}
