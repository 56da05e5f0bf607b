//! An item of a stream that passes by, while it is open: what was said of it, and the events that end it.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::frames::Frames;
use super::wire::{self, Item};
use crate::json::{Members, Out};

/// An item that has begun.
#[derive(Debug)]
pub(super) struct Open {
    /// As it began.
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

impl Open {
    pub(super) const fn new(item: Bytes) -> Self {
        Self {
            item,
            pieces: BTreeMap::new(),
            input: String::new(),
        }
    }

    /// Whether anything has been said of it bit by bit.
    pub(super) fn has_said(&self) -> bool {
        !self.input.is_empty() || self.pieces.values().any(|piece| !piece.text.is_empty())
    }

    /// Keeps what an event says of it; gives how many bytes that were.
    pub(super) fn more(&mut self, event: &wire::Event<'_>) -> usize {
        let (content, summary) = (event.content_index.unwrap_or(0), event.summary_index.unwrap_or(0));
        let text = match &*event.kind {
            "response.output_text.delta" => self.text(List::Text, content),
            "response.refusal.delta" => self.text(List::Refusal, content),
            "response.reasoning_text.delta" => self.text(List::Thought, content),
            "response.reasoning_summary_text.delta" => self.text(List::Summary, summary),
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => &mut self.input,
            "response.content_part.added" | "response.reasoning_summary_part.added" => {
                let list = event.part.map_or(List::Text, List::of);
                let index = if list == List::Summary { summary } else { content };
                self.pieces.entry((list, index)).or_default().added = true;
                return 0;
            }
            "response.content_part.done" => {
                self.over(&[List::Text, List::Refusal, List::Thought], content);
                return 0;
            }
            "response.reasoning_summary_part.done" => {
                self.over(&[List::Summary], summary);
                return 0;
            }
            _ => return 0,
        };
        let delta = event.delta();
        text.push_str(&delta);
        delta.len()
    }

    fn text(&mut self, list: List, index: u32) -> &mut String {
        &mut self.pieces.entry((list, index)).or_default().text
    }

    fn over(&mut self, lists: &[List], index: u32) {
        for list in lists {
            if let Some(piece) = self.pieces.get_mut(&(*list, index)) {
                piece.done = true;
            }
        }
    }

    /// Ends what is open of the item, and the item; gives it as it is then.
    pub(super) fn cut(&self, index: u32, frames: &mut Frames, to: &mut Vec<u8>) -> Bytes {
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
        let kind = Members::of(part)
            .ok()
            .and_then(|mut part| part.read::<String>("type").ok().flatten());
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
