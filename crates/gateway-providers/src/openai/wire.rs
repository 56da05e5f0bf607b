//! Answers as they stand on the wire, whole or in chunks: lenient about everything that is not needed, because each
//! vendor has its own idea of it.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use gateway_types::chat::Source;
use gateway_types::{Error, ErrorKind};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::usage::WireUsage;
use crate::json::literal_len;

/// A `chat.completion`, a `chat.completion.chunk`, or a `text_completion` of either kind.
#[derive(Debug, Deserialize)]
pub(super) struct Answer<'a> {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) model: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) created: Option<i64>,
    #[serde(borrow, default)]
    pub(super) choices: Option<Vec<Choice<'a>>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) usage: Option<WireUsage>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
    /// Perplexity's sources: addresses, and what is known of them.
    #[serde(borrow, default)]
    pub(super) citations: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) search_results: Option<&'a RawValue>,
}

/// One of its choices.
#[derive(Debug, Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) index: Option<u32>,
    #[serde(borrow, default)]
    pub(super) delta: Option<Message<'a>>,
    #[serde(borrow, default)]
    pub(super) message: Option<Message<'a>>,
    #[serde(borrow, default)]
    pub(super) text: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) finish_reason: Option<String>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<&'a RawValue>,
}

/// What a choice says, or says next.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    pub(super) content: Option<&'a RawValue>,
    pub(super) reasoning_content: Option<&'a RawValue>,
    pub(super) reasoning: Option<&'a RawValue>,
    pub(super) reasoning_details: Option<&'a RawValue>,
    pub(super) refusal: Option<&'a RawValue>,
    pub(super) tool_calls: Option<Vec<ToolCall<'a>>>,
    pub(super) function_call: Option<Function<'a>>,
    pub(super) audio: Option<Audio<'a>>,
    pub(super) annotations: Option<&'a RawValue>,
    pub(super) images: Option<Vec<&'a RawValue>>,
    /// What no word covers, and is not empty.
    pub(super) rest: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Message<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(AnyMessage)
    }
}

struct AnyMessage;

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for AnyMessage {
    type Value = Message<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Message<'de>, A::Error> {
        let mut message = Message::default();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            match &*key {
                "content" => message.content = map.next_value()?,
                "reasoning_content" => message.reasoning_content = map.next_value()?,
                "reasoning" => message.reasoning = map.next_value()?,
                "reasoning_details" => message.reasoning_details = map.next_value()?,
                "refusal" => message.refusal = map.next_value()?,
                "tool_calls" => message.tool_calls = map.next_value()?,
                "function_call" => message.function_call = map.next_value()?,
                "audio" => message.audio = map.next_value()?,
                "annotations" => message.annotations = map.next_value()?,
                "images" => message.images = map.next_value()?,
                _ => {
                    let raw: &RawValue = map.next_value()?;
                    let says_nothing = matches!(raw.get(), "null" | "[]" | "{}" | "\"\"" | "false");
                    if key != "role" && !says_nothing {
                        message.rest.push((key, raw));
                    }
                }
            }
        }
        Ok(message)
    }
}

/// A call of a tool, or more of one.
#[derive(Debug, Deserialize)]
pub(super) struct ToolCall<'a> {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) index: Option<u32>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) id: Option<String>,
    #[serde(borrow, default)]
    pub(super) function: Option<Function<'a>>,
    #[serde(borrow, default)]
    pub(super) custom: Option<Custom<'a>>,
    /// Google's signature, where its models are asked in this dialect.
    #[serde(borrow, default)]
    pub(super) extra_content: Option<&'a RawValue>,
}

impl<'a> ToolCall<'a> {
    /// The name and the arguments, of a function or of a freeform tool.
    pub(super) fn said(&self) -> (Option<&String>, Option<&'a RawValue>) {
        match (&self.function, &self.custom) {
            (Some(function), _) => (function.name.as_ref(), function.arguments),
            (None, Some(custom)) => (custom.name.as_ref(), custom.input),
            (None, None) => (None, None),
        }
    }
}

/// A function's name and arguments.
#[derive(Debug, Deserialize)]
pub(super) struct Function<'a> {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: Option<String>,
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
}

/// A freeform tool's name and input.
#[derive(Debug, Deserialize)]
pub(super) struct Custom<'a> {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: Option<String>,
    #[serde(borrow, default)]
    pub(super) input: Option<&'a RawValue>,
}

/// Spoken output, or more of it.
#[derive(Debug, Deserialize)]
pub(super) struct Audio<'a> {
    #[serde(borrow, default)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) transcript: Option<&'a RawValue>,
}

/// A piece of content that came as an array (Mistral's thinking does).
#[derive(Debug, Deserialize)]
pub(super) struct Piece<'a> {
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub(super) kind: Option<String>,
    #[serde(borrow, default)]
    pub(super) text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) thinking: Option<&'a RawValue>,
}

impl<'a> Answer<'a> {
    /// Reads a whole answer. Perplexity has an empty delta beside the message.
    pub(super) fn whole(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut answer = Self::chunk(bytes)?;
        for choice in answer
            .choices
            .iter_mut()
            .flatten()
            .filter(|choice| choice.message.is_some())
        {
            choice.delta = None;
        }
        Ok(answer)
    }

    /// Reads a chunk; what is no JSON object of this kind is the provider's fault.
    pub(super) fn chunk(bytes: &'a [u8]) -> Result<Self, Error> {
        serde_json::from_slice(bytes).map_err(|error| {
            let start = String::from_utf8_lossy(bytes.get(..80).unwrap_or(bytes)).into_owned();
            Error::new(
                ErrorKind::UpstreamFailed,
                format!("the provider's answer could not be read ({error}): {start:?}"),
            )
        })
    }
}

impl Choice<'_> {
    /// Its number: its place where the vendor gives none.
    pub(super) fn number(&self, place: usize) -> u32 {
        self.index.unwrap_or_else(|| u32::try_from(place).unwrap_or(u32::MAX))
    }

    /// What it says: the delta where there is one, because some vendors repeat the whole message in every chunk.
    pub(super) fn said(&self) -> Option<&Message<'_>> {
        self.delta.as_ref().or(self.message.as_ref())
    }

    /// How many bytes of text, thinking and arguments it holds.
    pub(super) fn output_bytes(&self) -> u64 {
        self.text.map_or(0, text_bytes) + self.said().map_or(0, Message::output_bytes)
    }

    /// Whether it holds anything that a reader would see.
    pub(super) fn has_content(&self) -> bool {
        let acts = |message: &Message<'_>| {
            message.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty())
                || message.function_call.is_some()
                || message.audio.is_some()
                || message.images.as_ref().is_some_and(|images| !images.is_empty())
        };
        self.output_bytes() > 0 || self.said().is_some_and(acts)
    }
}

impl Message<'_> {
    fn output_bytes(&self) -> u64 {
        let calls = self.tool_calls.iter().flatten();
        let arguments = calls.map(|call| {
            let function = call.function.as_ref().and_then(|function| function.arguments);
            let custom = call.custom.as_ref().and_then(|custom| custom.input);
            function.or(custom).map_or(0, text_bytes)
        });
        let legacy = self.function_call.as_ref().and_then(|call| call.arguments);
        let transcript = self.audio.as_ref().and_then(|audio| audio.transcript);
        // Some vendors say the same thinking under both names.
        let thinking = self.reasoning_content.or(self.reasoning);
        let texts = [thinking, self.refusal, legacy, transcript];
        self.content.map_or(0, content_bytes)
            + texts.into_iter().flatten().map(text_bytes).sum::<u64>()
            + arguments.sum::<u64>()
    }
}

fn content_bytes(raw: &RawValue) -> u64 {
    // Most content is a text; trying it as pieces first would make an error that holds all of it.
    if raw.get().starts_with('"') {
        return text_bytes(raw);
    }
    match serde_json::from_str::<Vec<Piece<'_>>>(raw.get()) {
        Ok(pieces) => pieces
            .iter()
            .filter_map(|piece| piece.text.or(piece.thinking))
            .map(content_bytes)
            .sum(),
        Err(_) => text_bytes(raw),
    }
}

/// The length of a text; of arguments that came as an object, that of the object.
fn text_bytes(raw: &RawValue) -> u64 {
    let raw = raw.get();
    if raw.starts_with('"') {
        literal_len(raw.as_bytes())
    } else {
        raw.len() as u64
    }
}

/// A text; of arguments that came as an object, the object's own spelling.
pub(super) fn text(raw: &RawValue) -> String {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
}

/// Sound of which only the base64 is given: what it is stands in its first bytes, or it is bare samples.
pub(super) fn sound(data: String) -> Source {
    const BEGINNINGS: [(&str, &str); 7] = [
        ("UklGR", "audio/wav"),
        ("SUQz", "audio/mpeg"),
        ("//s", "audio/mpeg"),
        ("//N", "audio/mpeg"),
        ("//P", "audio/mpeg"),
        ("T2dn", "audio/ogg"),
        ("ZkxhQ", "audio/flac"),
    ];
    let known = BEGINNINGS.iter().find(|(beginning, _)| data.starts_with(beginning));
    Source::Inline {
        media_type: known.map_or("audio/pcm", |(_, media_type)| media_type).to_owned(),
        data: Bytes::from(data),
    }
}

/// A member that is taken if it is of the kind that is expected, and else as if it were not there.
fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de>>(input: D) -> Result<Option<T>, D::Error> {
    let raw = Option::<&'de RawValue>::deserialize(input)?;
    Ok(raw.and_then(|raw| serde_json::from_str(raw.get()).ok()))
}
