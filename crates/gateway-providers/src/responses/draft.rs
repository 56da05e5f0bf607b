//! What a stream that passes by has said so far, as far as its ending has to say it again: a response that is cut short is
//! told with all that there is of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_types::Error;
use serde_json::value::RawValue;

use super::echo::Echo;
use super::fault::Said;
use super::frames::Frames;
use super::wire::{self, Item};
use crate::json::{Members, Out};

/// How much text of items that are open is kept at the most.
const LIMIT: usize = 16 * 1024 * 1024;

/// A response in the making.
#[derive(Debug)]
pub(super) struct Draft {
    /// The request, for a response of which nothing was seen.
    asked: Bytes,
    frames: Frames,
    response: Option<Bytes>,
    done: BTreeMap<u32, Bytes>,
    open: BTreeMap<u32, Open>,
    kept: usize,
}

/// An item that has begun.
#[derive(Debug)]
struct Open {
    item: Bytes,
    /// Its pieces, by the list that they stand in and their place there.
    pieces: BTreeMap<(List, u32), Piece>,
    /// The arguments of a call, or what else it is given.
    input: String,
}

#[derive(Debug, Default)]
struct Piece {
    text: String,
    /// Whether it was said to begin, so that it has to be said to end.
    added: bool,
    done: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Text,
    Refusal,
    Thought,
    Summary,
}

impl Draft {
    pub(super) fn new(asked: Bytes) -> Self {
        Self {
            asked,
            frames: Frames::default(),
            response: None,
            done: BTreeMap::new(),
            open: BTreeMap::new(),
            kept: 0,
        }
    }

    /// Notes the number of a frame that passes.
    pub(super) fn number(&mut self, number: Option<u64>) {
        let next = number.map_or(self.frames.next, |number| number.max(self.frames.next));
        self.frames.next = next.saturating_add(1);
    }

    pub(super) fn response(&mut self, response: Bytes) {
        self.response = Some(response);
    }

    pub(super) fn begins(&mut self, index: u32, item: Bytes) {
        let open = Open {
            item,
            pieces: BTreeMap::new(),
            input: String::new(),
        };
        self.open.insert(index, open);
    }

    /// Whether anything has been said of an item bit by bit.
    pub(super) fn has_said(&self, index: u32) -> bool {
        let said = |open: &Open| !open.input.is_empty() || open.pieces.values().any(|piece| !piece.text.is_empty());
        self.open.get(&index).is_some_and(said)
    }

    pub(super) fn ends(&mut self, index: u32, item: Bytes) {
        self.open.remove(&index);
        self.done.insert(index, item);
    }

    /// Keeps what an event says of an item that is open.
    pub(super) fn more(&mut self, event: &wire::Event<'_>) {
        let Some(open) = self.open.get_mut(&event.output_index.unwrap_or(0)) else {
            return;
        };
        let (content, summary) = (event.content_index.unwrap_or(0), event.summary_index.unwrap_or(0));
        let (list, index) = match &*event.kind {
            "response.output_text.delta" => (List::Text, content),
            "response.refusal.delta" => (List::Refusal, content),
            "response.reasoning_text.delta" => (List::Thought, content),
            "response.reasoning_summary_text.delta" => (List::Summary, summary),
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                let delta = event.delta();
                if self.kept <= LIMIT {
                    self.kept += delta.len();
                    open.input.push_str(&delta);
                }
                return;
            }
            "response.content_part.added" | "response.reasoning_summary_part.added" => {
                let list = event.part.map_or(List::Text, List::of);
                let index = if list == List::Summary { summary } else { content };
                open.pieces.entry((list, index)).or_default().added = true;
                return;
            }
            "response.content_part.done" => {
                open.over(&[List::Text, List::Refusal, List::Thought], content);
                return;
            }
            "response.reasoning_summary_part.done" => {
                open.over(&[List::Summary], summary);
                return;
            }
            _ => return,
        };
        if self.kept <= LIMIT {
            let delta = event.delta();
            self.kept += delta.len();
            open.pieces.entry((list, index)).or_default().text.push_str(&delta);
        }
    }

    /// Writes the events that end the response as if it had met its cap.
    pub(super) fn cut(&mut self, to: &mut Vec<u8>) {
        self.starts(to);
        for (index, open) in std::mem::take(&mut self.open) {
            let item = open.cut(index, &mut self.frames, to);
            self.done.insert(index, item);
        }
        let response = self.written("incomplete", None);
        self.frames.response("response.incomplete", &response, to);
    }

    /// Writes the events that end the response with an error.
    pub(super) fn fail(&mut self, error: &Error, to: &mut Vec<u8>) {
        self.starts(to);
        let said = Said::of(error);
        self.frames.write("error", to, |out| said.event(out));
        let response = self.written("failed", Some(&said));
        self.frames.response("response.failed", &response, to);
    }

    /// A response that ends has begun.
    fn starts(&mut self, to: &mut Vec<u8>) {
        if self.response.is_some() {
            return;
        }
        let mut body = Vec::new();
        Out::object(&mut body, |out| {
            // The provider has not given it an id, and there is nothing to come back to.
            out.member("id", "resp_0");
            out.member("object", "response");
            out.member("created_at", 0);
            out.member("status", "in_progress");
            out.member("error", ());
            out.member("incomplete_details", ());
            let members = serde_json::from_slice::<Members<'_>>(&self.asked).ok();
            out.member("model", members.and_then(|mut members| members.take("model").map(ToOwned::to_owned)));
            out.array("output", |_| {});
            Echo::of_body(&self.asked).write(out);
            out.member("usage", ());
        });
        self.frames.response("response.created", &body, to);
        self.response = Some(Bytes::from(body));
    }

    /// The response as it was last told, in its new state.
    fn written(&self, status: &str, error: Option<&Said>) -> Vec<u8> {
        let told = self.response.as_deref().unwrap_or(b"{}");
        let members = serde_json::from_slice::<Members<'_>>(told).ok();
        let output: Vec<&RawValue> = self.done.values().filter_map(|item| serde_json::from_slice(item).ok()).collect();
        let mut body = Vec::new();
        Out::object(&mut body, |out| {
            for (key, raw) in members.iter().flat_map(Members::pairs) {
                match key {
                    "status" | "output" | "error" | "incomplete_details" => {}
                    key => out.member(key, raw),
                }
            }
            out.member("status", status);
            out.member("output", &output);
            match error {
                Some(error) => error.member(out),
                None => out.member("error", ()),
            }
            match status {
                "incomplete" => out.inner("incomplete_details", |out| out.member("reason", "max_output_tokens")),
                _ => out.member("incomplete_details", ()),
            }
        });
        body
    }
}

impl Open {
    fn over(&mut self, lists: &[List], index: u32) {
        for list in lists {
            if let Some(piece) = self.pieces.get_mut(&(*list, index)) {
                piece.done = true;
            }
        }
    }

    /// Ends what is open of the item, and the item; gives it as it is then.
    fn cut(&self, index: u32, frames: &mut Frames, to: &mut Vec<u8>) -> Bytes {
        let Ok(raw) = serde_json::from_slice::<&RawValue>(&self.item) else {
            return self.item.clone();
        };
        let known = Item::read(raw);
        let at = |out: &mut Out<'_>| {
            out.member("item_id", known.id.as_deref().unwrap_or_default());
            out.member("output_index", index);
        };
        for ((list, place), piece) in self.pieces.iter().filter(|(_, piece)| !piece.done) {
            let (done, key, part_done) = list.endings();
            frames.write(done, to, |out| {
                at(out);
                out.member(list.index(), place);
                out.member(key, &piece.text);
                if *list == List::Text {
                    out.array("logprobs", |_| {});
                }
            });
            if !piece.added {
                continue;
            }
            frames.write(part_done, to, |out| {
                at(out);
                out.member(list.index(), place);
                out.inner("part", |out| list.piece(&piece.text, out));
            });
        }
        let kind = known.kind.as_deref().unwrap_or_default();
        let called = match kind {
            "function_call" => Some(("response.function_call_arguments.done", "arguments")),
            "custom_tool_call" => Some(("response.custom_tool_call_input.done", "input")),
            _ => None,
        };
        if let Some((done, key)) = called {
            frames.write(done, to, |out| {
                at(out);
                out.member(key, &self.input);
            });
        }
        let mut item = Vec::new();
        Out::object(&mut item, |out| self.write(raw, kind, called.map(|(_, key)| key), out));
        let written = Bytes::from(item);
        frames.write("response.output_item.done", to, |out| {
            out.member("output_index", index);
            out.member("item", serde_json::from_slice::<&RawValue>(&written).ok());
        });
        written
    }

    /// The item as it began, with what was said of it since.
    fn write(&self, raw: &RawValue, kind: &str, input: Option<&str>, out: &mut Out<'_>) {
        let members = Members::of(raw).ok();
        let said = |lists: &'static [List]| self.pieces.iter().filter(move |((list, _), _)| lists.contains(list));
        for (key, raw) in members.iter().flat_map(Members::pairs) {
            match (kind, key) {
                // The word for an item that is cut short, where its kind has one.
                ("web_search_call" | "image_generation_call", "status") => out.member(key, "failed"),
                ("apply_patch_call", "status") => out.member(key, raw),
                (_, "status") => out.member(key, "incomplete"),
                ("message" | "reasoning", "content") | ("reasoning", "summary") => {}
                (_, key) if Some(key) == input => {}
                (_, key) => out.member(key, raw),
            }
        }
        let pieces = |key: &str, lists: &'static [List], out: &mut Out<'_>| {
            out.array(key, |out| {
                for ((list, _), piece) in said(lists) {
                    out.item_object(|out| list.piece(&piece.text, out));
                }
            });
        };
        match kind {
            "message" => pieces("content", &[List::Text, List::Refusal], out),
            "reasoning" => {
                pieces("summary", &[List::Summary], out);
                if said(&[List::Thought]).next().is_some() {
                    pieces("content", &[List::Thought], out);
                }
            }
            _ => out.maybe(input.unwrap_or_default(), input.map(|_| &self.input)),
        }
    }
}

impl List {
    /// The list that a piece stands in.
    fn of(part: &RawValue) -> Self {
        let kind = Members::of(part).ok().and_then(|mut part| part.read::<String>("type").ok().flatten());
        match kind.as_deref() {
            Some("refusal") => Self::Refusal,
            Some("reasoning_text") => Self::Thought,
            Some("summary_text") => Self::Summary,
            _ => Self::Text,
        }
    }

    /// The event that ends a text of the list, under which member it says it again, and the event that ends its piece.
    const fn endings(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Text => ("response.output_text.done", "text", "response.content_part.done"),
            Self::Refusal => ("response.refusal.done", "refusal", "response.content_part.done"),
            Self::Thought => ("response.reasoning_text.done", "text", "response.content_part.done"),
            Self::Summary => (
                "response.reasoning_summary_text.done",
                "text",
                "response.reasoning_summary_part.done",
            ),
        }
    }

    const fn index(self) -> &'static str {
        match self {
            Self::Summary => "summary_index",
            _ => "content_index",
        }
    }

    fn piece(self, text: &str, out: &mut Out<'_>) {
        match self {
            Self::Text => {
                out.member("type", "output_text");
                out.array("annotations", |_| {});
                out.array("logprobs", |_| {});
                out.member("text", text);
            }
            Self::Refusal => {
                out.member("type", "refusal");
                out.member("refusal", text);
            }
            Self::Thought => {
                out.member("type", "reasoning_text");
                out.member("text", text);
            }
            Self::Summary => {
                out.member("type", "summary_text");
                out.member("text", text);
            }
        }
    }
}
