//! What a stream that passes by has said so far, as far as its ending has to say it again: a response that is cut short is
//! told with all that there is of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use gateway_types::Error;
use serde_json::value::RawValue;

use super::echo::Echo;
use super::fault::Said;
use super::frames::Frames;
use super::unfinished::Open;
use super::wire;
use crate::json::{Members, Out};

/// How much of an answer is kept at the most.
const LIMIT: usize = 64 * 1024 * 1024;

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
        self.kept += item.len();
        if self.kept <= LIMIT {
            self.open.insert(index, Open::new(item));
        }
    }

    /// Whether anything has been said of an item bit by bit.
    pub(super) fn has_said(&self, index: u32) -> bool {
        self.open.get(&index).is_some_and(Open::has_said)
    }

    pub(super) fn ends(&mut self, index: u32, item: Bytes) {
        self.open.remove(&index);
        self.kept += item.len();
        if self.kept <= LIMIT {
            self.done.insert(index, item);
        }
    }

    /// Keeps what an event says of an item that is open.
    pub(super) fn more(&mut self, event: &wire::Event<'_>) {
        let Some(open) = self.open.get_mut(&event.output_index.unwrap_or(0)) else {
            return;
        };
        // Past the limit, what passes is not kept: an ending lacks it.
        if self.kept <= LIMIT {
            self.kept += open.more(event);
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
            out.member(
                "model",
                members.and_then(|mut members| members.take("model").map(ToOwned::to_owned)),
            );
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
        let output: Vec<&RawValue> = self
            .done
            .values()
            .filter_map(|item| serde_json::from_slice(item).ok())
            .collect();
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
