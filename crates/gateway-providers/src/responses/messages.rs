//! Messages of other dialects, said as input items: several where a message holds thinking, calls and answers of tools.

use std::borrow::Cow;
use std::collections::BTreeSet;

use gateway_types::DialectName;
use gateway_types::chat::{Message, Opaque, Part, Reasoning, Request, Role, ToolResult, ToolUse};
use gateway_types::loss::Loss;

use super::pieces::{input, output};
use super::sealed::apart;
use crate::freeform;
use crate::json::Out;
use crate::seal;
use crate::target::Target;

/// The longest id of a call that the API takes.
const ID_LIMIT: usize = 64;

const UNMARKED: &str = "prefixes are cached without marks here";

/// Messages on their way out.
pub(super) struct Saying<'a> {
    messages: &'a [Message],
    target: &'a Target,
    /// The calls of freeform tools: their answers are items of another kind.
    freeform: BTreeSet<&'a str>,
}

impl<'a> Saying<'a> {
    pub(super) fn new(request: &'a Request, target: &'a Target) -> Self {
        let parts = request.messages.iter().flat_map(|message| &message.parts);
        let freeform = parts.filter_map(|part| match part {
            Part::ToolUse(tool) if tool.freeform => Some(tool.id.as_str()),
            _ => None,
        });
        Self {
            messages: &request.messages,
            target,
            freeform: freeform.collect(),
        }
    }

    /// Says what the operator begins with, where it is plain text; gives how many messages that took.
    pub(super) fn instructions(&self, out: &mut Out<'_>) -> usize {
        let plain = |message: &&Message| message.role == Role::System && message.name.is_none() && is_plain(message);
        let said: Vec<&Message> = self.messages.iter().take_while(plain).collect();
        let texts = said
            .iter()
            .flat_map(|message| &message.parts)
            .filter_map(|part| match part {
                Part::Text { text, .. } => Some(text.as_str()),
                _ => None,
            });
        let texts: Vec<&str> = texts.collect();
        if !texts.is_empty() {
            out.member("instructions", texts.join("\n\n"));
        }
        said.len()
    }

    /// Says the messages from the one at `from` on.
    pub(super) fn items(&self, from: usize, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
        for (i, message) in self.messages.iter().enumerate().skip(from) {
            let at = format!("messages[{i}]");
            for (key, _) in &message.extras.0 {
                losses.push(Loss::dropped(format!("{at}.{key}"), "this API has no such field"));
            }
            if message.name.is_some() {
                losses.push(Loss::dropped(format!("{at}.name"), "speakers have no names here"));
            }
            self.message(message, &at, out, losses);
        }
    }

    fn message(&self, message: &Message, at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        // What is said in a row is one item.
        let mut said: Vec<(usize, &Part)> = Vec::new();
        for (i, part) in message.parts.iter().enumerate() {
            let path = || format!("{at}.content[{i}]");
            if is_marked(part) {
                losses.push(Loss::dropped(format!("{}.cache_control", path()), UNMARKED));
            }
            // A phase is that of a whole item.
            let begins = is_item(part) || matches!(part, Part::Text { signature: Some(_), .. });
            if begins {
                flush(&mut said, role, at, self.target, out, losses);
            }
            if !is_item(part) {
                said.push((i, part));
                continue;
            }
            match part {
                Part::Reasoning(thought) => self.thought(thought, &path(), out, losses),
                Part::ToolUse(tool) => self.call(tool, &path(), out, losses),
                Part::ToolResult(result) => self.result(result, &path(), out, losses),
                Part::Other(own) => out.item(&own.json),
                _ => {}
            }
        }
        flush(&mut said, role, at, self.target, out, losses);
    }

    /// Thinking goes back only with what proves that it is the provider's own.
    fn thought(&self, thought: &Reasoning, at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
        let Some(proof) = thought.signature.as_ref().or(thought.encrypted.as_ref()) else {
            losses.push(Loss::dropped(at, "thinking is taken back only with a signature here"));
            return;
        };
        let Some(value) = seal::may_go(proof, DialectName::Responses, self.target, at, losses) else {
            return;
        };
        let (id, content) = apart(value);
        out.item_object(|out| {
            out.member("type", "reasoning");
            out.maybe("id", id);
            out.array("summary", |out| {
                if !thought.text.is_empty() {
                    out.item_object(|out| {
                        out.member("type", "summary_text");
                        out.member("text", &thought.text);
                    });
                }
            });
            out.member("encrypted_content", content);
        });
    }

    fn call(&self, tool: &ToolUse, at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
        for (key, _) in &tool.extras.0 {
            losses.push(Loss::dropped(format!("{at}.{key}"), "this API has no such field"));
        }
        if let Some(signature) = &tool.signature {
            self.unsigned(signature, at, losses);
        }
        let custom = tool.freeform && self.target.kind.custom_tools;
        out.item_object(|out| {
            out.member("type", if custom { "custom_tool_call" } else { "function_call" });
            out.member("call_id", short(&tool.id));
            out.member("name", &tool.name);
            match tool.arguments.as_str() {
                input if custom => out.member("input", input),
                input if tool.freeform => out.member("arguments", freeform::wrap(input)),
                // A function's must be JSON; a model that called without any wrote nothing.
                "" => out.member("arguments", "{}"),
                said => out.member("arguments", said),
            }
        });
    }

    /// A call has no signature here, whoever made it.
    fn unsigned(&self, signature: &Opaque, at: &str, losses: &mut Vec<Loss>) {
        let field = format!("{at}.signature");
        if seal::may_go(signature, DialectName::Responses, self.target, &field, losses).is_some() {
            losses.push(Loss::dropped(field, "calls are not signed here"));
        }
    }

    fn result(&self, result: &ToolResult, at: &str, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
        if result.failed {
            let note = "this API does not say whether a tool failed";
            losses.push(Loss::dropped(format!("{at}.is_error"), note));
        }
        let custom = self.target.kind.custom_tools && self.freeform.contains(result.id.as_str());
        out.item_object(|out| {
            out.member(
                "type",
                if custom {
                    "custom_tool_call_output"
                } else {
                    "function_call_output"
                },
            );
            out.member("call_id", short(&result.id));
            match &result.parts[..] {
                [] => out.member("output", ""),
                [Part::Text { text, .. }] => out.member("output", text),
                many => out.array("output", |out| {
                    for (i, part) in many.iter().enumerate() {
                        input(part, &format!("{at}.content[{i}]"), out, losses);
                    }
                }),
            }
        });
    }
}

/// Whether a part is an item of its own, and no piece of what is said.
const fn is_item(part: &Part) -> bool {
    match part {
        Part::Other(own) => matches!(own.dialect, DialectName::Responses),
        Part::Reasoning(_) | Part::ToolUse(_) | Part::ToolResult(_) => true,
        _ => false,
    }
}

fn is_plain(message: &Message) -> bool {
    message.extras.0.is_empty()
        && message.parts.iter().all(|part| {
            matches!(
                part,
                Part::Text {
                    cache: None,
                    signature: None,
                    ..
                }
            )
        })
}

const fn is_marked(part: &Part) -> bool {
    match part {
        Part::Text { cache, .. }
        | Part::Image { cache, .. }
        | Part::Document { cache, .. }
        | Part::Video { cache, .. } => cache.is_some(),
        Part::ToolUse(tool) => tool.cache.is_some(),
        Part::ToolResult(result) => result.cache.is_some(),
        _ => false,
    }
}

/// An id of a call that the API takes: a long one is told by its beginning and a number made of the whole.
fn short(id: &str) -> Cow<'_, str> {
    if id.len() <= ID_LIMIT {
        return Cow::Borrowed(id);
    }
    // FNV-1a.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let start: String = id.chars().filter(char::is_ascii_graphic).take(40).collect();
    Cow::Owned(format!("{start}-{hash:016x}"))
}

/// Says what has been said in a row as one message.
fn flush(
    said: &mut Vec<(usize, &Part)>,
    role: &str,
    at: &str,
    target: &Target,
    out: &mut Out<'_>,
    losses: &mut Vec<Loss>,
) {
    if said.is_empty() {
        return;
    }
    out.item_object(|out| {
        out.member("type", "message");
        out.member("role", role);
        let phase = said.iter().find_map(|(i, part)| match part {
            Part::Text {
                signature: Some(phase), ..
            } => {
                let field = format!("{at}.content[{i}].signature");
                seal::may_go(phase, DialectName::Responses, target, &field, losses)
            }
            _ => None,
        });
        out.maybe("phase", phase);
        out.array("content", |out| {
            for (i, part) in said.drain(..) {
                let at = format!("{at}.content[{i}]");
                match role {
                    "assistant" => output(part, &at, out, losses),
                    _ => input(part, &at, out, losses),
                }
            }
        });
    });
}
