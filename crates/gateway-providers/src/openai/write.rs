//! The client's side of answers: a whole `chat.completion`.

use std::collections::BTreeSet;

use gateway_types::chat::{Choice, Finish, Part, Response, Source, Tool, ToolKind, ToolUse};
use gateway_types::json::Cursor;
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Operation};
use serde_json::value::RawValue;

use super::cite::{self, Placed};
use super::decode::TOOLS;
use super::pass::text;
use super::say::say_image;
use super::thought::{write_detail, write_text_signature};
use super::{tools, usage};
use crate::freeform;
use crate::json::{Members, Out, Take};
use crate::seal;
use crate::stamp::Stamp;

/// Members of an answer that this API has besides those that every answer has.
const OWN: [&str; 4] = ["service_tier", "system_fingerprint", "metadata", "moderation"];

/// Writes a whole answer.
pub(super) fn whole(response: &Response, call: &Call, stamp: Stamp, losses: &mut Vec<Loss>) -> Vec<u8> {
    let freeform = freeform_tools(call);
    let mut body = Vec::new();
    let id = Some(response.id.clone()).filter(|id| !id.is_empty());
    Out::object(&mut body, |out| {
        out.member("id", id.unwrap_or_else(|| stamp.id("chatcmpl-", 0)));
        out.member("object", "chat.completion");
        out.member("created", response.created.unwrap_or_else(|| stamp.created()));
        out.member("model", &response.model);
        out.array("choices", |out| {
            for (i, choice) in response.choices.iter().enumerate() {
                let mut writing = Writing {
                    at: format!("choices[{i}].message"),
                    freeform: &freeform,
                    created: stamp.created(),
                    id: stamp.id("audio_", i),
                    losses,
                };
                out.item_object(|out| writing.choice(i, choice, out));
            }
        });
        if let Some(used) = &response.usage {
            usage::write(used, true, out);
        }
        for (key, raw) in &response.extras.0 {
            match OWN.contains(&key.as_str()) {
                true => out.member(key, raw),
                false => losses.push(Loss::dropped(key, "this API has no such field")),
            }
        }
    });
    body
}

/// The word for why an answer ended. What another API has a word of its own for, this one has none.
pub(super) fn finish_word(finish: &Finish) -> &str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Pause | Finish::Other(_) => "stop",
        Finish::Length => "length",
        Finish::Tools => "tool_calls",
        Finish::Filtered | Finish::Refusal => "content_filter",
    }
}

/// Notes where the word says less than the reason.
pub(super) fn note_finish(choice: &str, finish: &Finish, losses: &mut Vec<Loss>) {
    let why = match finish {
        Finish::Pause => "the model paused, to be carried on",
        Finish::Other(word) => word,
        _ => return,
    };
    losses.push(Loss::emulated(
        format!("{choice}.finish_reason"),
        format!("`stop` stands for: {why}"),
    ));
}

/// The names of the tools that the client gave as freeform ones.
pub(super) fn freeform_tools(call: &Call) -> BTreeSet<String> {
    let given = text(call, TOOLS).filter(|tools| call.operation == Operation::Chat && tools.contains("\"custom\""));
    let Some(given) = given else { return BTreeSet::new() };
    let mut ignored = gateway_types::chat::Extras::default();
    let tools = Cursor::new(given).items(|at| tools::tool("", at, &mut ignored));
    // What cannot be read has been refused long before.
    let freeform = |tool: &Tool| matches!(tool.kind, ToolKind::Custom { .. });
    let tools = tools.unwrap_or_default().into_iter().filter(freeform);
    tools.map(|tool| tool.name).collect()
}

/// One choice on its way out.
struct Writing<'a> {
    at: String,
    freeform: &'a BTreeSet<String>,
    created: i64,
    /// An id for sound, which clients of this API expect to have one.
    id: String,
    losses: &'a mut Vec<Loss>,
}

impl Writing<'_> {
    fn choice(&mut self, index: usize, choice: &Choice, out: &mut Out<'_>) {
        out.member("index", index);
        out.inner("message", |out| self.message(&choice.parts, out));
        out.member("logprobs", &choice.logprobs);
        out.member("finish_reason", choice.finish.as_ref().map(finish_word));
        if let Some(finish) = &choice.finish {
            note_finish(&format!("choices[{index}]"), finish, self.losses);
        }
    }

    fn message(&mut self, parts: &[Part], out: &mut Out<'_>) {
        out.member("role", "assistant");
        let content = joined(parts, |part| match part {
            Part::Text { text, .. } => Some(text),
            _ => None,
        });
        let refusal = joined(parts, |part| match part {
            Part::Refusal(text) => Some(text),
            _ => None,
        });
        out.member("content", content);
        out.member("refusal", refusal);
        self.thinking(parts, out);
        self.citations(parts, out);
        if parts.iter().any(|part| matches!(part, Part::Image { .. })) {
            out.array("images", |out| {
                for part in parts {
                    if let Part::Image { source, detail, .. } = part {
                        say_image(source, detail.as_deref(), out);
                    }
                }
            });
        }
        if parts.iter().any(|part| matches!(part, Part::ToolUse(_))) {
            out.array("tool_calls", |out| {
                for part in parts {
                    if let Part::ToolUse(tool) = part {
                        out.item_object(|out| tool_call(tool, self.freeform, out));
                    }
                }
            });
        }
        for (i, part) in parts.iter().enumerate() {
            self.other(i, part, out);
        }
    }

    /// Thinking as its text in `reasoning_content`, which most clients know; and in `reasoning_details` what must come back
    /// with the next turn for the provider to take it as its own.
    fn thinking(&self, parts: &[Part], out: &mut Out<'_>) {
        let thoughts = || {
            parts.iter().filter_map(|part| match part {
                Part::Reasoning(reasoning) => Some(reasoning),
                _ => None,
            })
        };
        let text: String = thoughts().map(|thought| thought.text.as_str()).collect();
        out.maybe("reasoning_content", (!text.is_empty()).then_some(text));
        let signed = parts.iter().filter_map(|part| match part {
            Part::Text { signature, .. } => signature.as_ref(),
            _ => None,
        });
        let signed: Vec<_> = signed.collect();
        let proven = thoughts().any(|thought| thought.signature.is_some() || thought.encrypted.is_some());
        if !proven && signed.is_empty() {
            return;
        }
        out.array("reasoning_details", |out| {
            for (i, thought) in (0_u32..).zip(thoughts()) {
                let proof = thought.encrypted.as_ref().or(thought.signature.as_ref());
                let encrypted = thought.encrypted.is_some();
                out.item_object(|out| write_detail(i, Some(&thought.text), proof, encrypted, out));
            }
            for signature in signed {
                out.item_object(|out| write_text_signature(signature, out));
            }
        });
    }

    fn citations(&mut self, parts: &[Part], out: &mut Out<'_>) {
        let mut placed = Vec::new();
        let mut said = 0;
        for part in parts {
            let Part::Text { text, citations, .. } = part else {
                continue;
            };
            let length = text.chars().count() as u64;
            placed.extend(citations.iter().map(|citation| Placed {
                citation,
                range: place(citation.range, said, length),
            }));
            said += length;
        }
        if !placed.is_empty() {
            cite::write(&placed, &self.at, out, self.losses);
        }
    }

    fn other(&mut self, index: usize, part: &Part, out: &mut Out<'_>) {
        match part {
            Part::Audio { source, transcript } => match source {
                Source::Inline { data, .. } => out.inner("audio", |out| {
                    out.member("id", &self.id);
                    out.member("data", String::from_utf8_lossy(data));
                    // Its sound is kept by nobody, so that a later turn cannot refer to it.
                    out.member("expires_at", self.created);
                    out.member("transcript", transcript.as_deref().unwrap_or_default());
                }),
                _ => self.lose(index, "sound must be in the answer here"),
            },
            Part::Other(own) if own.dialect == DialectName::OpenAi && bare(&own.json).is_some() => {
                for (key, raw) in bare(&own.json).iter().flat_map(Members::pairs) {
                    out.member(key, raw);
                }
            }
            Part::Other(own) => self.lose(index, &format!("a part that only the {} API has", own.dialect)),
            Part::Video { .. } | Part::Document { .. } | Part::ToolResult(_) => {
                self.lose(index, "an answer holds no such part here");
            }
            Part::Image { source, .. } if !matches!(source, Source::Url(_) | Source::Inline { .. }) => {
                self.lose(index, "a picture must be at an address or in the answer here");
            }
            Part::Text { .. } | Part::Image { .. } | Part::ToolUse(_) | Part::Reasoning(_) | Part::Refusal(_) => {}
        }
    }

    fn lose(&mut self, index: usize, note: &str) {
        self.losses
            .push(Loss::dropped(format!("{}.content[{index}]", self.at), note));
    }
}

/// Where a citation stands in all that is said, of a text that begins and is as long as given.
pub(super) fn place(range: Option<(u64, u64)>, start: u64, length: u64) -> (u64, u64) {
    let (from, to) = range.unwrap_or((0, length));
    (start.saturating_add(from), start.saturating_add(to))
}

/// The members of a message that only its vendor has: an object without a type of its own.
pub(super) fn bare(raw: &RawValue) -> Option<Members<'_>> {
    let members = Members::of(raw).ok()?;
    let typed = members.pairs().any(|(key, _)| key == "type");
    (!typed).then_some(members)
}

/// All texts of one kind in one, or nothing where there is none.
fn joined(parts: &[Part], of: impl Fn(&Part) -> Option<&String>) -> Option<String> {
    let mut texts = parts.iter().filter_map(of).peekable();
    texts.peek()?;
    Some(texts.map(String::as_str).collect())
}

/// A call of a tool. One of a tool that the client gave as freeform goes as one, whatever stood for it at the provider.
fn tool_call(tool: &ToolUse, freeform: &BTreeSet<String>, out: &mut Out<'_>) {
    out.member("id", id(&tool.id, tool.signature.as_ref()));
    if tool.freeform || freeform.contains(&tool.name) {
        let unwrapped = (!tool.freeform).then(|| freeform::unwrap(&tool.arguments));
        out.member("type", "custom");
        out.inner("custom", |out| {
            out.member("name", &tool.name);
            out.member("input", unwrapped.as_deref().unwrap_or(&tool.arguments));
        });
    } else {
        out.member("type", "function");
        out.inner("function", |out| {
            out.member("name", &tool.name);
            out.member("arguments", &tool.arguments);
        });
    }
    out.maybe("extra_content", extra_content(tool.signature.as_ref()));
}

/// An id, which carries what another dialect's model has signed.
pub(super) fn id(id: &str, signature: Option<&gateway_types::chat::Opaque>) -> String {
    let foreign = signature.filter(|signature| signature.dialect != DialectName::OpenAi);
    foreign.map_or_else(|| id.to_owned(), |signature| seal::into_id(id, signature))
}

/// What a model behind this very dialect has signed, in the place that its vendor has for it.
pub(super) fn extra_content(signature: Option<&gateway_types::chat::Opaque>) -> Option<&RawValue> {
    let own = signature.filter(|signature| signature.dialect == DialectName::OpenAi)?;
    serde_json::from_str(&own.value).ok()
}
