//! A stream of this dialect on its way to a client of the same: what is to be known of its frames.

use bytes::Bytes;
use gateway_types::{Call, Error};
use serde_json::value::RawValue;

use super::draft::Draft;
use super::echo::Echo;
use super::fault;
use super::observe::said;
use super::whole::finish_word;
use super::wire::{Answer, Event, Item, Status};
use crate::framing::sse;
use crate::json::literal_len;
use crate::kind::Kind;
use crate::lane::Observed;
use crate::passing::{DONE, Watch};

/// Watches frames.
#[derive(Debug)]
pub(super) struct Watcher {
    draft: Draft,
    /// Whether the client wants the answer to be kept.
    kept: bool,
    kind: &'static Kind,
}

impl Watcher {
    pub(super) fn new(call: &Call, kind: &'static Kind) -> Self {
        Self {
            kind,
            draft: Draft::new(call.body.bytes.clone()),
            kept: Echo::of(call).kept,
        }
    }

    fn more(&mut self, event: &Event<'_>, seen: &mut Observed) {
        let text = event.delta.map(RawValue::get).filter(|raw| raw.starts_with('"'));
        let sound = event.kind.starts_with("response.audio.");
        if let Some(text) = text.filter(|_| event.kind.ends_with(".delta")) {
            let length = literal_len(text.as_bytes());
            seen.content |= length > 0;
            if !sound {
                seen.output_bytes += length;
            }
        }
        seen.content |= &*event.kind == "response.image_generation_call.partial_image";
        self.draft.more(event);
    }

    fn end(&self, answer: &Answer<'_>, whole: &RawValue, seen: &mut Observed) -> Option<Error> {
        identify(answer, seen);
        if let Some(usage) = answer.usage {
            seen.usage = Some(self.kind.believed(usage.classes()));
        }
        match answer.status() {
            Status::Failed => return Some(fault::failed(answer)),
            Status::Over(finish) => seen.finish = Some(finish_word(&finish).to_owned()),
            Status::Going => {}
        }
        seen.done = true;
        seen.document = self.kept.then(|| copied(whole));
        None
    }
}

impl Watch for Watcher {
    type Frames = sse::Splitter;

    // Before the first content comes the response twice, with all instructions and tools of the request in it.
    const HELD: usize = 1024 * 1024;

    fn look(&mut self, data: &[u8], seen: &mut Observed) -> Result<Option<Error>, Error> {
        let data = data.trim_ascii();
        if data.is_empty() || data == DONE || seen.done {
            return Ok(None);
        }
        let event = Event::read(data)?;
        self.draft.number(event.sequence_number);
        let index = event.output_index.unwrap_or(0);
        match (&*event.kind, event.response, event.item) {
            ("response.created" | "response.queued" | "response.in_progress", Some(raw), _) => {
                identify(&event.answer(), seen);
                self.draft.response(copied(raw));
            }
            ("response.output_item.added", _, Some(raw)) => {
                seen.content |= !matches!(Item::read(raw).kind.as_deref(), Some("message" | "reasoning"));
                self.draft.begins(index, copied(raw));
            }
            ("response.output_item.done", _, Some(raw)) => {
                if !self.draft.has_said(index) {
                    seen.output_bytes += said(raw);
                }
                seen.content = true;
                self.draft.ends(index, copied(raw));
            }
            ("response.completed" | "response.incomplete" | "response.failed" | "response.cancelled", Some(raw), _) => {
                return Ok(self.end(&event.answer(), raw, seen));
            }
            ("error", ..) => return Ok(Some(fault::event(&event, data))),
            ("", ..) if event.error.is_some() => return Ok(Some(fault::event(&event, data))),
            _ => self.more(&event, seen),
        }
        Ok(None)
    }

    fn cut_short(&mut self) -> (Vec<u8>, &'static str) {
        let mut frames = Vec::new();
        self.draft.cut(&mut frames);
        (frames, "max_output_tokens")
    }

    fn fail(&mut self, error: &Error) -> Vec<u8> {
        let mut frames = Vec::new();
        self.draft.fail(error, &mut frames);
        frames
    }
}

fn identify(answer: &Answer<'_>, seen: &mut Observed) {
    seen.id = answer.id.clone().or_else(|| seen.id.take());
    seen.model = answer.model.clone().or_else(|| seen.model.take());
}

fn copied(raw: &RawValue) -> Bytes {
    Bytes::copy_from_slice(raw.get().as_bytes())
}
