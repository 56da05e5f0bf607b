//! The messages of a chat request, said in this dialect.

use std::collections::BTreeSet;

use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Extras, Message, Opaque, Part, Request, Role, Source, ToolResult, ToolUse};
use gateway_types::loss::Loss;
use serde_json::value::RawValue;

use super::message::is_made;
use crate::freeform;
use crate::json::Out;
use crate::media;
use crate::seal;
use crate::target::Target;

pub(super) const UNMARKED: &str = "prefixes are cached without marks here";

/// Says messages.
pub(super) struct Messages<'a, 'l> {
    request: &'a Request,
    target: &'a Target,
    losses: &'l mut Vec<Loss>,
    /// What has been reported and would be reported again for every message.
    reported: BTreeSet<&'static str>,
}

/// What a message says here: one text, one thought, pictures, calls.
#[derive(Default)]
struct Said {
    text: String,
    texts: usize,
    thinking: String,
    images: Vec<String>,
}

impl<'a, 'l> Messages<'a, 'l> {
    pub(super) fn new(request: &'a Request, target: &'a Target, losses: &'l mut Vec<Loss>) -> Self {
        Self {
            request,
            target,
            losses,
            reported: BTreeSet::new(),
        }
    }

    pub(super) fn write(&mut self, out: &mut Out<'_>) {
        let request = self.request;
        for (at, message) in request.messages.iter().enumerate() {
            self.message(message, at, &format!("messages[{at}]"), out);
        }
    }

    /// One message may be several here: what tools answered are messages of their own, before what the user adds to them.
    fn message(&mut self, message: &'a Message, index: usize, at: &str, out: &mut Out<'_>) {
        let results = message
            .parts
            .iter()
            .filter(|part| matches!(part, Part::ToolResult(_)))
            .count();
        for (i, part) in message.parts.iter().enumerate() {
            if let Part::ToolResult(result) = part {
                self.result(result, index, &format!("{at}.content[{i}]"), &message.extras, out);
            }
        }
        if message.name.is_some() && results == 0 {
            self.drop(format!("{at}.name"), "speakers have no names here");
        }
        if results > 0 && results == message.parts.len() {
            return;
        }
        let said = self.said(&message.parts, at, Some(message.role));
        out.item_object(|out| {
            match message.role {
                Role::System => out.member("role", "system"),
                Role::User => out.member("role", "user"),
                Role::Assistant => out.member("role", "assistant"),
            }
            out.member("content", &said.text);
            out.maybe("thinking", (!said.thinking.is_empty()).then_some(&said.thinking));
            out.maybe("images", (!said.images.is_empty()).then_some(&said.images));
            self.calls(&message.parts, at, out);
            self.extras(&message.extras, at, out);
        });
    }

    fn extras(&mut self, extras: &Extras, at: &str, out: &mut Out<'_>) {
        for (key, raw) in &extras.0 {
            match self.request.dialect {
                DialectName::Ollama => out.member(key, raw),
                _ => self.drop(format!("{at}.{key}"), "this API has no such field"),
            }
        }
    }

    fn result(&mut self, result: &'a ToolResult, index: usize, at: &str, extras: &Extras, out: &mut Out<'_>) {
        if result.failed {
            self.drop(format!("{at}.is_error"), "this API does not say whether a tool failed");
        }
        self.mark(result.cache.as_ref(), at);
        let said = self.said(&result.parts, at, None);
        // Models are shown the name; others leave it to the id of the call.
        let name = match self.request.dialect {
            DialectName::Ollama => result.name.as_deref(),
            _ => result.name.as_deref().or_else(|| self.called(&result.id, index)),
        };
        out.item_object(|out| {
            out.member("role", "tool");
            out.member("content", &said.text);
            out.maybe("tool_name", name);
            out.maybe("tool_call_id", (!is_made(&result.id)).then_some(&result.id));
            out.maybe("images", (!said.images.is_empty()).then_some(&said.images));
            self.extras(extras, at, out);
        });
    }

    /// The name of the tool that was called under an id, before that message.
    fn called(&self, id: &str, before: usize) -> Option<&'a str> {
        let earlier = self
            .request
            .messages
            .iter()
            .take(before)
            .rev()
            .flat_map(|message| &message.parts);
        let name = |part: &'a Part| match part {
            Part::ToolUse(tool) if tool.id == id => Some(tool.name.as_str()),
            _ => None,
        };
        earlier.into_iter().find_map(name)
    }

    fn calls(&mut self, parts: &'a [Part], at: &str, out: &mut Out<'_>) {
        if !parts.iter().any(|part| matches!(part, Part::ToolUse(_))) {
            return;
        }
        out.array("tool_calls", |out| {
            for (i, part) in parts.iter().enumerate() {
                if let Part::ToolUse(tool) = part {
                    self.call(tool, &format!("{at}.content[{i}]"), out);
                }
            }
        });
    }

    fn call(&mut self, tool: &'a ToolUse, at: &str, out: &mut Out<'_>) {
        self.mark(tool.cache.as_ref(), at);
        self.signed(tool.signature.as_ref(), at);
        let arguments = arguments(tool, |note| {
            self.losses.push(Loss::emulated(format!("{at}.arguments"), note))
        });
        out.item_object(|out| {
            out.maybe("id", (!is_made(&tool.id)).then_some(&tool.id));
            out.inner("function", |out| {
                out.member("name", &tool.name);
                out.member("arguments", arguments);
            });
            self.extras(&tool.extras, at, out);
        });
    }

    /// What can be said of parts. `role` is none within what a tool answered.
    fn said(&mut self, parts: &'a [Part], at: &str, role: Option<Role>) -> Said {
        let mut said = Said::default();
        for (i, part) in parts.iter().enumerate() {
            self.part(part, format!("{at}.content[{i}]"), role, &mut said);
        }
        if said.texts > 1 && role != Some(Role::Assistant) {
            self.losses
                .push(Loss::mapped(format!("{at}.content"), "its texts are sent as one"));
        }
        said
    }

    fn part(&mut self, part: &'a Part, at: String, role: Option<Role>, said: &mut Said) {
        // What is said apart stays apart; an answer was one to begin with.
        let between = if role == Some(Role::Assistant) { "" } else { "\n\n" };
        match part {
            Part::Text {
                text,
                cache,
                signature,
                citations,
            } => {
                self.mark(cache.as_ref(), &at);
                self.signed(signature.as_ref(), &at);
                if !citations.is_empty() {
                    self.drop(format!("{at}.citations"), "sources are not sent back");
                }
                said.add(text, between);
            }
            Part::Refusal(text) => {
                self.losses.push(Loss::mapped(at, "the refusal is sent as text"));
                said.add(text, between);
            }
            Part::Image { cache, detail, .. } => {
                self.mark(cache.as_ref(), &at);
                if detail.as_deref().is_some_and(|detail| detail != "auto") {
                    self.drop(format!("{at}.detail"), "pictures are looked at in one way here");
                }
                match media::inline_picture(part) {
                    Some(data) => said.images.push(data),
                    None => self.drop(at, "a picture must be in the request itself here"),
                }
            }
            Part::Document {
                source: Source::Text(text),
                name,
                cache,
                ..
            } => {
                self.mark(cache.as_ref(), &at);
                self.losses.push(Loss::mapped(at, "the document is sent as text"));
                match name {
                    Some(name) => said.add(&format!("{name}\n{text}"), "\n\n"),
                    None => said.add(text, "\n\n"),
                }
            }
            Part::Document { .. } => self.drop(at, "documents are texts here"),
            Part::Audio {
                transcript: Some(text), ..
            } if !text.is_empty() => {
                self.losses
                    .push(Loss::emulated(at, "the transcript is sent in place of the sound"));
                said.add(text, between);
            }
            Part::Audio { .. } | Part::Video { .. } => self.drop(at, "this API takes no sound and no films"),
            Part::Reasoning(reasoning) if role == Some(Role::Assistant) => {
                self.signed(reasoning.signature.as_ref(), &at);
                self.signed(reasoning.encrypted.as_ref(), &at);
                said.thinking.push_str(&reasoning.text);
            }
            Part::Reasoning(_) => self.drop(at, "only an assistant thinks here"),
            Part::Other(_) => self.drop(at, "another API's own part"),
            Part::ToolUse(_) | Part::ToolResult(_) => {}
        }
    }

    /// The API has no signatures, so there is none that could be its own.
    fn signed(&mut self, signature: Option<&Opaque>, at: &str) {
        if let Some(signature) = signature
            && seal::may_go(signature, DialectName::Ollama, self.target, at, self.losses).is_some()
        {
            self.drop(at.to_owned(), "this API has no signatures");
        }
    }

    fn mark(&mut self, cache: Option<&CacheMark>, at: &str) {
        if cache.is_some() && self.reported.insert("cache_control") {
            self.drop(format!("{at}.cache_control"), UNMARKED);
        }
    }

    fn drop(&mut self, field: String, note: &'static str) {
        self.losses.push(Loss::dropped(field, note));
    }
}

impl Said {
    fn add(&mut self, text: &str, between: &str) {
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str(between);
        }
        self.text.push_str(text);
        self.texts += 1;
    }
}

/// The arguments of a call, which are an object here; what is none is wrapped in one, and said to be.
pub(super) fn arguments(tool: &ToolUse, emulated: impl FnOnce(&'static str)) -> Box<RawValue> {
    let text = match tool.arguments.trim() {
        "" => "{}",
        text => text,
    };
    let object = RawValue::from_string(text.to_owned())
        .ok()
        .filter(|_| !tool.freeform && text.starts_with('{'));
    object.unwrap_or_else(|| {
        emulated("the arguments are no JSON object; they are sent as {\"input\": text}");
        RawValue::from_string(freeform::wrap(&tool.arguments)).expect("the wrap is JSON")
    })
}
