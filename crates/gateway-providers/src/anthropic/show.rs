//! What a client of this dialect is shown, whole or in a stream: content blocks, usage, and why an answer ended
//! (vendor's document: Messages API, "Response").

use std::borrow::Cow;

use gateway_types::chat::{Finish, Opaque, Part, Reasoning, Source, ToolUse};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Usage};
use serde::Serialize;
use serde_json::value::RawValue;

use super::blocks::{ENCRYPTED, OF_TEXT};
use super::citations;
use crate::{freeform, seal};

/// A content block.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Shown<'a> {
    Text {
        text: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<Cow<'a, RawValue>>,
    },
    Thinking {
        thinking: &'a str,
        signature: String,
    },
    RedactedThinking {
        data: String,
    },
    ToolUse {
        id: Cow<'a, str>,
        name: &'a str,
        input: Cow<'a, RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        caller: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        toolset_name: Option<&'a RawValue>,
    },
    /// One that only this dialect knows, as it came.
    #[serde(untagged)]
    Own(&'a RawValue),
}

impl<'a> Shown<'a> {
    /// Text and nothing else.
    pub(super) fn text(text: &'a str) -> Self {
        let citations = Vec::new();
        Self::Text { text, citations }
    }
}

/// A signature or a ciphertext: this dialect's own as it is, another's as a seal.
pub(super) fn signed(opaque: &Opaque) -> String {
    match opaque.dialect {
        DialectName::Anthropic => opaque.value.clone(),
        _ => seal::seal(opaque),
    }
}

/// What stands where another dialect signed nothing. The vendor refuses thinking without its own signature, and odd ids: with a
/// seal in it, a conversation that goes on there is said anew, and not sent on as it is.
fn unsigned() -> Opaque {
    Opaque {
        dialect: DialectName::OpenAi,
        maker: None,
        value: String::new(),
    }
}

/// The signature of thinking that nobody signed.
pub(super) fn unsigned_thinking() -> String {
    seal::seal(&unsigned())
}

/// The signature of a text, which has no place there, as thinking that nobody can read.
pub(super) fn of_text<'a>(signature: &Opaque) -> Shown<'a> {
    Shown::RedactedThinking {
        data: seal::into_id(OF_TEXT, signature),
    }
}

/// Shows one piece of an answer that stands there.
pub(super) fn show<'a>(part: &'a Part, at: &str, out: &mut Vec<Shown<'a>>, losses: &mut Vec<Loss>) {
    match part {
        Part::Text {
            text,
            citations,
            signature,
            ..
        } => {
            let shown: Vec<_> = citations.iter().filter_map(citations::shown).collect();
            if shown.len() < citations.len() {
                losses.push(Loss::dropped(format!("{at}.citations"), UNADDRESSED));
            }
            if !text.is_empty() || signature.is_none() {
                out.push(Shown::Text { text, citations: shown });
            }
            out.extend(signature.as_ref().map(of_text));
        }
        Part::Reasoning(thought) => out.extend(thinking(thought)),
        Part::ToolUse(tool) => out.push(tool_use(tool, at, losses)),
        Part::Refusal(text) => {
            losses.push(Loss::mapped(at, "the refusal is text"));
            out.push(Shown::text(text));
        }
        Part::Other(verbatim) if verbatim.dialect == DialectName::Anthropic => out.push(Shown::Own(&verbatim.json)),
        Part::Audio {
            transcript: Some(said), ..
        } => {
            losses.push(Loss::emulated(at, "the transcript in place of the sound"));
            out.push(Shown::text(said));
        }
        Part::Document {
            source: Source::Text(text),
            ..
        } => {
            losses.push(Loss::emulated(at, "the text of the document"));
            out.push(Shown::text(text));
        }
        Part::Image { .. }
        | Part::Audio { .. }
        | Part::Video { .. }
        | Part::Document { .. }
        | Part::ToolResult(_)
        | Part::Other(_) => losses.push(Loss::dropped(at, "answers hold nothing of that kind there")),
    }
}

/// Why a citation cannot be shown.
pub(super) const UNADDRESSED: &str = "a source without an address cannot be cited there";

fn thinking(thought: &Reasoning) -> impl Iterator<Item = Shown<'_>> {
    let (text, signature) = (thought.text.as_str(), thought.signature.as_ref());
    let (readable, hidden) = match (&thought.encrypted, signature) {
        (Some(hidden), None) if !text.is_empty() => (Some(seal::into_id(ENCRYPTED, hidden)), None),
        (None, None) => (Some(unsigned_thinking()), None),
        (hidden, signature) => (signature.map(signed), hidden.as_ref()),
    };
    let readable = readable.map(|signature| Shown::Thinking {
        thinking: text,
        signature,
    });
    let hidden = hidden.map(|hidden| Shown::RedactedThinking { data: signed(hidden) });
    readable.into_iter().chain(hidden)
}

/// The id of a tool's call; a signature goes with it, and comes back with it.
pub(super) fn tool_id<'a>(id: &'a str, signature: Option<&Opaque>) -> Cow<'a, str> {
    let plain = || {
        id.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    match signature {
        Some(signature) => Cow::Owned(seal::into_id(id, signature)),
        None if plain() => Cow::Borrowed(id),
        None => Cow::Owned(seal::into_id(id, &unsigned())),
    }
}

fn tool_use<'a>(tool: &'a ToolUse, at: &str, losses: &mut Vec<Loss>) -> Shown<'a> {
    let extra = |key: &str| {
        tool.extras
            .0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| &**value)
    };
    Shown::ToolUse {
        id: tool_id(&tool.id, tool.signature.as_ref()),
        name: &tool.name,
        input: input(tool, at, losses),
        caller: extra("caller"),
        toolset_name: extra("toolset_name"),
    }
}

/// The input, which is an object there whatever the model wrote.
fn input<'a>(tool: &'a ToolUse, at: &str, losses: &mut Vec<Loss>) -> Cow<'a, RawValue> {
    let given: Option<&RawValue> = serde_json::from_str(&tool.arguments).ok();
    let object = match given.filter(|given| given.get().starts_with('{')) {
        _ if tool.freeform => freeform::wrap(&tool.arguments),
        Some(object) => return Cow::Borrowed(object),
        None if tool.arguments.trim().is_empty() => EMPTY.to_owned(),
        None => {
            let note = "the arguments are no JSON object; shown as {\"arguments\": text}";
            losses.push(Loss::emulated(format!("{at}.input"), note));
            serde_json::json!({"arguments": tool.arguments}).to_string()
        }
    };
    RawValue::from_string(object).map_or(Cow::Borrowed(RawValue::NULL), Cow::Owned)
}

/// An object of nothing.
pub(super) const EMPTY: &str = "{}";

/// The counts of an answer, in the vendor's classes.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Counts {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_creation: Option<ByTime>,
    output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<Details>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct ByTime {
    ephemeral_5m_input_tokens: u64,
    ephemeral_1h_input_tokens: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Details {
    thinking_tokens: u64,
}

impl Counts {
    /// What the provider reported.
    pub(super) fn of(usage: &Usage) -> Self {
        let written = usage.cache_write.saturating_add(usage.cache_write_hour);
        Self {
            input_tokens: usage.uncached(),
            cache_creation_input_tokens: written,
            cache_read_input_tokens: usage.cached(),
            cache_creation: (written > 0).then_some(ByTime {
                ephemeral_5m_input_tokens: usage.cache_write,
                ephemeral_1h_input_tokens: usage.cache_write_hour,
            }),
            output_tokens: usage.output_total(),
            output_tokens_details: (usage.reasoning > 0).then_some(Details {
                thinking_tokens: usage.reasoning,
            }),
        }
    }

    /// A likely figure where the provider reported none: clients insist on one, and take nothing for nothing.
    pub(super) fn likely(input: u64, output_bytes: u64) -> Self {
        Self::of(&Usage {
            input,
            output: output_bytes.div_ceil(4),
            ..Usage::default()
        })
    }
}

/// The vendor's word for why an answer ended.
pub(super) fn finish_word(finish: &Finish) -> &str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::StopSequence(_) => "stop_sequence",
        Finish::Length => "max_tokens",
        Finish::Tools => "tool_use",
        Finish::Filtered | Finish::Refusal => "refusal",
        Finish::Pause => "pause_turn",
        Finish::Other(word) => word,
    }
}

/// Why an answer ended, with what was said in it: servers that are careless with the reason still want their tools used.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ending {
    /// Whether it asks for tools.
    pub(super) tools: bool,
    /// Whether it declines.
    pub(super) refusal: bool,
}

impl Ending {
    /// `stop_reason` and `stop_sequence`, reporting where they say something else than the provider did.
    pub(super) fn words<'f>(self, finish: Option<&'f Finish>, losses: &mut Vec<Loss>) -> (&'f str, Option<&'f str>) {
        let mut other = |note| losses.push(Loss::mapped("stop_reason", note));
        match finish {
            None | Some(Finish::Stop) if self.tools => ("tool_use", None),
            None | Some(Finish::Stop) if self.refusal => {
                other("the answer declines, so it stopped for a refusal");
                ("refusal", None)
            }
            None => {
                other("the provider gave no reason to stop");
                ("end_turn", None)
            }
            Some(Finish::StopSequence(text)) => ("stop_sequence", text.as_deref()),
            Some(finish) => {
                if *finish == Finish::Filtered {
                    other("what was withheld for its content is a refusal there");
                }
                (finish_word(finish), None)
            }
        }
    }
}

/// The counts to be shown; likely ones where the provider reported none, which is reported.
pub(super) fn counts(usage: Option<&Usage>, likely: impl FnOnce() -> Counts, losses: &mut Vec<Loss>) -> Counts {
    let Some(usage) = usage else {
        losses.push(Loss::emulated("usage", "the provider reported none: what is likely"));
        return likely();
    };
    if usage.media() > 0 {
        losses.push(Loss::mapped(
            "usage",
            "tokens of sound and pictures are counted with the others",
        ));
    }
    Counts::of(usage)
}
