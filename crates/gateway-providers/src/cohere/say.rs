//! The messages of a chat request, said in this dialect.

use std::collections::BTreeSet;

use gateway_types::DialectName;
use gateway_types::chat::{CacheMark, Extras, Message, Part, Reasoning, Request, Role, Source, ToolResult, ToolUse};
use gateway_types::loss::Loss;

use super::content::{Said, content};
use super::documents;
use crate::freeform;
use crate::json::Out;
use crate::media;
use crate::seal;
use crate::target::Target;

pub(super) const UNMARKED: &str = "prefixes are cached without marks here";

/// Says messages. Documents of the user's stand apart from them, at the top of the request.
pub(super) struct Messages<'a, 'l> {
    request: &'a Request,
    target: &'a Target,
    losses: &'l mut Vec<Loss>,
    documents: Vec<(&'a str, Option<&'a str>, &'a Extras)>,
    /// What has been reported and would be reported again for every message.
    reported: BTreeSet<&'static str>,
}

impl<'a, 'l> Messages<'a, 'l> {
    pub(super) fn new(request: &'a Request, target: &'a Target, losses: &'l mut Vec<Loss>) -> Self {
        Self {
            request,
            target,
            losses,
            documents: Vec::new(),
            reported: BTreeSet::new(),
        }
    }

    pub(super) fn write(&mut self, out: &mut Out<'_>) {
        let request = self.request;
        for (at, message) in request.messages.iter().enumerate() {
            self.message(message, &format!("messages[{at}]"), out);
        }
    }

    /// The documents that the messages had, once they are written.
    pub(super) fn documents(self, out: &mut Out<'_>) {
        if self.documents.is_empty() {
            return;
        }
        let own = self.request.dialect == DialectName::Cohere;
        out.array("documents", |out| {
            for (text, name, extras) in self.documents {
                documents::write(text, name, extras, own, out);
            }
        });
    }

    /// One message may be several here: what tools answered are messages of their own, before what the user adds to them.
    fn message(&mut self, message: &'a Message, at: &str, out: &mut Out<'_>) {
        let results = || message.parts.iter().filter(|part| matches!(part, Part::ToolResult(_)));
        for (i, part) in message.parts.iter().enumerate() {
            if let Part::ToolResult(result) = part {
                self.result(result, &format!("{at}.content[{i}]"), out);
            }
        }
        if message.name.is_some() && results().count() == 0 {
            self.drop(format!("{at}.name"), "speakers have no names here");
        }
        if results().count() == message.parts.len() && !message.parts.is_empty() {
            return self.extras(&message.extras, at, None);
        }
        out.item_object(|out| {
            match message.role {
                Role::System => out.member("role", "system"),
                Role::User => out.member("role", "user"),
                Role::Assistant => out.member("role", "assistant"),
            }
            match message.role {
                Role::Assistant => self.assistant(message, at, out),
                _ => self.content(&message.parts, at, message.role, out),
            }
            self.extras(&message.extras, at, Some(out));
        });
    }

    /// Members that no word covers: said in this dialect if they are of it.
    fn extras(&mut self, extras: &Extras, at: &str, out: Option<&mut Out<'_>>) {
        match out {
            Some(out) if self.request.dialect == DialectName::Cohere => {
                for (key, raw) in &extras.0 {
                    out.member(key, raw);
                }
            }
            _ => {
                for (key, _) in &extras.0 {
                    self.drop(format!("{at}.{key}"), "this API has no such field");
                }
            }
        }
    }

    fn result(&mut self, result: &'a ToolResult, at: &str, out: &mut Out<'_>) {
        if result.failed {
            self.drop(format!("{at}.is_error"), "this API does not say whether a tool failed");
        }
        self.mark(result.cache.as_ref(), at);
        out.item_object(|out| {
            out.member("role", "tool");
            out.member("tool_call_id", &result.id);
            let said = self.pieces(&result.parts, at, None);
            content(&said, out, self.request.dialect == DialectName::Cohere);
        });
    }

    fn content(&mut self, parts: &'a [Part], at: &str, role: Role, out: &mut Out<'_>) {
        let said = self.pieces(parts, at, Some(role));
        content(&said, out, self.request.dialect == DialectName::Cohere);
    }

    /// Thinking and text, the plan, the calls. What is said last before the first call is the plan.
    fn assistant(&mut self, message: &'a Message, at: &str, out: &mut Out<'_>) {
        let first_call = message.parts.iter().position(|part| matches!(part, Part::ToolUse(_)));
        let mut said = self.pieces(&message.parts, at, Some(Role::Assistant));
        let last_text = said.iter().rposition(|piece| matches!(piece, Said::Text(_)));
        let plan = first_call.and(last_text).map(|at| said.remove(at));
        if !said.is_empty() || first_call.is_none() {
            content(&said, out, false);
        }
        if let Some(Said::Text(text)) = plan {
            out.member("tool_plan", text);
        }
        if first_call.is_some() {
            out.array("tool_calls", |out| {
                for (i, part) in message.parts.iter().enumerate() {
                    if let Part::ToolUse(tool) = part {
                        self.tool_use(tool, &format!("{at}.content[{i}]"), out);
                    }
                }
            });
        }
        self.citations(message, at, out);
    }

    /// An assistant's citations go back as they came; those of others mean nothing here.
    fn citations(&mut self, message: &'a Message, at: &str, out: &mut Out<'_>) {
        let mut own = Vec::new();
        for (i, part) in message.parts.iter().enumerate() {
            let Part::Text { citations, .. } = part else { continue };
            own.extend(
                citations
                    .iter()
                    .filter(|citation| citation.verbatim.dialect == DialectName::Cohere),
            );
            if citations
                .iter()
                .any(|citation| citation.verbatim.dialect != DialectName::Cohere)
            {
                self.drop(
                    format!("{at}.content[{i}].citations"),
                    "sources of another API's are not sent back",
                );
            }
        }
        if !own.is_empty() {
            out.array("citations", |out| {
                own.iter().for_each(|citation| out.item(&citation.verbatim.json))
            });
        }
    }

    fn tool_use(&mut self, tool: &'a ToolUse, at: &str, out: &mut Out<'_>) {
        self.mark(tool.cache.as_ref(), at);
        self.signed(tool.signature.as_ref(), at);
        out.item_object(|out| {
            out.member("id", &tool.id);
            out.member("type", "function");
            out.inner("function", |out| {
                out.member("name", &tool.name);
                out.member("arguments", self.arguments(tool, at));
            });
            self.extras(&tool.extras, at, Some(out));
        });
    }

    /// The arguments, which are JSON here: the text of a freeform call is wrapped.
    fn arguments(&mut self, tool: &ToolUse, at: &str) -> String {
        if tool.freeform {
            self.losses.push(Loss::emulated(
                format!("{at}.input"),
                "the text is sent as {\"input\": text}",
            ));
            return freeform::wrap(&tool.arguments);
        }
        match tool.arguments.trim().is_empty() {
            true => String::from("{}"),
            false => tool.arguments.clone(),
        }
    }

    /// What can be said of parts as content. `role` is none within what a tool answered.
    fn pieces(&mut self, parts: &'a [Part], at: &str, role: Option<Role>) -> Vec<Said<'a>> {
        let mut said = Vec::with_capacity(parts.len());
        for (i, part) in parts.iter().enumerate() {
            let at = format!("{at}.content[{i}]");
            said.extend(self.piece(part, at, role));
        }
        said
    }

    fn piece(&mut self, part: &'a Part, at: String, role: Option<Role>) -> Option<Said<'a>> {
        match part {
            Part::Text {
                text, cache, signature, ..
            } => {
                self.mark(cache.as_ref(), &at);
                self.signed(signature.as_ref(), &at);
                (!text.is_empty()).then_some(Said::Text(text))
            }
            Part::Refusal(text) => {
                self.losses.push(Loss::mapped(at, "the refusal is sent as text"));
                Some(Said::Text(text))
            }
            Part::Image { source, detail, cache } => {
                self.mark(cache.as_ref(), &at);
                match media::address(source) {
                    Some(url) if role == Some(Role::User) => return Some(Said::Image(url, detail.as_deref())),
                    Some(_) => self.drop(at, "only a user shows pictures here"),
                    None => self.drop(at, "a picture must be at an address or in the request here"),
                }
                None
            }
            Part::Document {
                source: Source::Text(text),
                name,
                cache,
                extras,
            } => {
                self.mark(cache.as_ref(), &at);
                self.document(text, name.as_deref(), extras, &at, role)
            }
            Part::Document { .. } => {
                self.drop(at, "documents are texts here");
                None
            }
            Part::Audio {
                transcript: Some(text), ..
            } if !text.is_empty() => {
                self.losses
                    .push(Loss::emulated(at, "the transcript is sent in place of the sound"));
                Some(Said::Text(text))
            }
            Part::Audio { .. } | Part::Video { .. } => {
                self.drop(at, "this API takes no sound and no films");
                None
            }
            Part::Reasoning(reasoning) if role == Some(Role::Assistant) => self.reasoning(reasoning, &at),
            Part::Reasoning(_) => {
                self.drop(at, "only an assistant thinks here");
                None
            }
            Part::Other(own) if own.dialect == DialectName::Cohere => Some(Said::Own(&own.json)),
            Part::Other(_) => {
                self.drop(at, "another API's own part");
                None
            }
            Part::ToolUse(_) | Part::ToolResult(_) => None,
        }
    }

    /// A user's documents stand at the top of the request; those of tools in the content.
    fn document(
        &mut self,
        text: &'a str,
        name: Option<&'a str>,
        extras: &'a Extras,
        at: &str,
        role: Option<Role>,
    ) -> Option<Said<'a>> {
        if self.request.dialect != DialectName::Cohere {
            self.extras(extras, at, None);
        }
        match role {
            None => Some(Said::Document(text, name, extras)),
            Some(Role::User) => {
                self.documents.push((text, name, extras));
                None
            }
            Some(_) => {
                self.losses.push(Loss::mapped(at, "the document is sent as text"));
                Some(Said::Text(text))
            }
        }
    }

    /// Thinking is plain text here; what proves it elsewhere cannot go along.
    fn reasoning(&mut self, reasoning: &'a Reasoning, at: &str) -> Option<Said<'a>> {
        self.signed(reasoning.signature.as_ref(), at);
        self.signed(reasoning.encrypted.as_ref(), at);
        (!reasoning.text.is_empty()).then_some(Said::Thinking(&reasoning.text))
    }

    /// The API has no signatures, so there is none that could be its own.
    fn signed(&mut self, signature: Option<&gateway_types::chat::Opaque>, at: &str) {
        if let Some(signature) = signature
            && seal::may_go(signature, DialectName::Cohere, self.target, at, self.losses).is_some()
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
