//! The client's side of answers: events as the API's stream.

use bytes::Bytes;
use gateway_types::chat::{Citation, Event, Finish, Opaque, PartStart};
use gateway_types::loss::Loss;
use gateway_types::{Call as Asked, DialectName, Error, ErrorKind, Usage};
use serde_json::value::RawValue;

use super::echo::Echo;
use super::fault::Said;
use super::frames::Frames;
use super::item::{Call, Item, Message, Shape, Thought};
use super::pieces::annotation;
use super::sealed::Carried;
use super::usage;
use super::whole::{incomplete, lost_finish};
use super::wire::entries;
use crate::dialect::EventWriter;
use crate::freeform::Unwrapping;
use crate::json::{Members, Out};
use crate::stamp::Stamp;

/// The most bytes of an answer that are kept: its last event says all of it again.
const LIMIT: usize = 64 * 1024 * 1024;

/// Writes events.
#[derive(Debug)]
pub(super) struct Writer {
    echo: Echo,
    stamp: Stamp,
    frames: Frames,
    head: Head,
    started: bool,
    over: bool,
    items: Vec<Box<RawValue>>,
    open: Option<Item>,
    kept: usize,
    pub(super) usage: Option<Usage>,
    pub(super) finish: Option<Finish>,
    document: Option<Bytes>,
}

#[derive(Debug)]
struct Head {
    id: String,
    model: String,
    created: i64,
}

impl Writer {
    /// Writes a stream; `quiet`, only its end.
    pub(super) fn new(call: &Asked, stamp: Stamp, quiet: bool) -> Self {
        Self {
            echo: Echo::of(call),
            stamp,
            frames: Frames { next: 0, quiet },
            head: Head {
                id: stamp.id("resp_", 0),
                model: call.model.as_str().to_owned(),
                created: stamp.created(),
            },
            started: false,
            over: false,
            items: Vec::new(),
            open: None,
            kept: 0,
            usage: None,
            finish: None,
            document: None,
        }
    }

    /// Begins the answer, once.
    pub(super) fn start(&mut self, id: &str, model: &str, created: Option<i64>, to: &mut Vec<u8>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        // Clients come back with the id, so that one of another API, which may be short or nothing, does not do.
        if id.starts_with("resp_") {
            self.head.id = id.to_owned();
        }
        if !model.is_empty() {
            self.head.model = model.to_owned();
        }
        self.head.created = created.unwrap_or(self.head.created);
        if !self.frames.quiet {
            let response = self.response("in_progress", None);
            self.frames.response("response.created", &response, to);
            self.frames.response("response.in_progress", &response, to);
        }
    }

    /// Begins an item, after whatever is open.
    pub(super) fn begin(&mut self, prefix: &str, shape: Shape, to: &mut Vec<u8>) {
        self.close("completed", to);
        let index = self.items.len();
        let mut item = Item {
            id: self.stamp.id(prefix, index),
            index,
            shape,
        };
        item.begin(&mut self.frames, to);
        self.open = Some(item);
    }

    /// Ends the item that is open.
    fn close(&mut self, status: &str, to: &mut Vec<u8>) {
        let Some(mut item) = self.open.take() else { return };
        let signature = match &mut item.shape {
            Shape::Message(message) => message.signature.take(),
            _ => None,
        };
        self.items.push(item.end(status, &mut self.frames, to));
        if let Some(signature) = signature {
            let proof = Some(Carried::Text(signature));
            self.begin("rs_", thought(proof), to);
            self.close("completed", to);
        }
    }

    /// An item that comes whole.
    pub(super) fn give(&mut self, item: Box<RawValue>, to: &mut Vec<u8>) {
        self.close("completed", to);
        let index = self.items.len();
        for kind in ["response.output_item.added", "response.output_item.done"] {
            self.frames.write(kind, to, |out| {
                out.member("output_index", index);
                out.member("item", &item);
            });
        }
        self.kept += item.get().len();
        self.items.push(item);
    }

    /// An id for the item that would begin next.
    pub(super) fn id(&self, prefix: &str) -> String {
        self.stamp.id(prefix, self.place())
    }

    /// Its place in the output.
    fn place(&self) -> usize {
        self.items.len() + usize::from(self.open.is_some())
    }

    fn part_start(&mut self, start: &PartStart, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match start {
            PartStart::Text => self.speak(false, to),
            PartStart::Refusal => self.speak(true, to),
            PartStart::Reasoning => self.begin("rs_", thought(None), to),
            PartStart::Encrypted(opaque) => {
                self.begin("rs_", thought(Some(Carried::Encrypted(opaque.clone()))), to);
            }
            PartStart::ToolUse { id, name, freeform } => self.call(id, name, *freeform, to),
            PartStart::Whole(part) => {
                let at = format!("parts[{}]", self.place());
                self.part(part, &at, to, losses);
            }
        }
    }

    /// Begins a piece of what is said: of the message that is open, unless a signature ends that.
    pub(super) fn speak(&mut self, refusal: bool, to: &mut Vec<u8>) {
        let goes_on =
            matches!(&self.open, Some(Item { shape: Shape::Message(message), .. }) if message.signature.is_none());
        if !goes_on {
            self.begin("msg_", Shape::Message(Message::default()), to);
        }
        if let Some(item) = &mut self.open {
            item.piece(refusal, &mut self.frames, to);
        }
    }

    /// Begins a call of a tool.
    pub(super) fn call(&mut self, id: &str, name: &str, freeform: bool, to: &mut Vec<u8>) {
        let mut meant = self.echo.names.meant(name);
        let wrapped = (meant.custom && !freeform).then(Unwrapping::default);
        meant.custom |= freeform;
        let id = match id {
            "" => self.id("call_"),
            id => id.to_owned(),
        };
        let prefix = if meant.custom { "ctc_" } else { "fc_" };
        let call = Call {
            id,
            meant,
            wrapped,
            ..Call::default()
        };
        self.begin(prefix, Shape::Call(call), to);
    }

    /// More of the item that is open.
    pub(super) fn more(&mut self, text: &str, to: &mut Vec<u8>) {
        self.kept += text.len();
        if let Some(item) = self.open.as_mut().filter(|_| !text.is_empty()) {
            item.more(text, &mut self.frames, to);
        }
    }

    /// Signs the item that is open.
    pub(super) fn sign(&mut self, signature: &Opaque, losses: &mut Vec<Loss>) {
        let Some(item) = &mut self.open else { return };
        let told = item.is_told();
        match &mut item.shape {
            // This API signs no text: what a model of its own wants back with it is its phase.
            Shape::Message(message) if signature.dialect == DialectName::Responses => {
                message.phase = Some(signature.value.clone());
            }
            Shape::Message(message) => message.signature = Some(signature.clone()),
            Shape::Thought(thought) => thought.proof = Some(Carried::Signature(signature.clone())),
            Shape::Call(call) if !told => call.signature = Some(signature.clone()),
            Shape::Call(_) => {
                let note = "the signature came after the call that it is for had begun";
                losses.push(Loss::dropped(format!("parts[{}].signature", item.index), note));
            }
        }
    }

    /// Adds a source that the open text cites.
    pub(super) fn cite(&mut self, citation: &Citation, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let Some(item) = &mut self.open else { return };
        let mut list = Vec::new();
        let text = item.text();
        Out::object(&mut list, |out| {
            out.array("annotations", |out| {
                annotation(citation, text, out);
            });
        });
        let written = serde_json::from_slice::<Members<'_>>(&list).ok();
        let written = written.and_then(|mut list| list.read::<Vec<Box<RawValue>>>("annotations").ok().flatten());
        match written.and_then(|mut list| list.pop()) {
            Some(annotation) => item.cite(annotation, &mut self.frames, to),
            None => {
                let field = format!("parts[{}].citations", item.index);
                losses.push(Loss::dropped(field, "only addresses can be cited here"));
            }
        }
    }

    /// Token probabilities, as the chat API has them.
    pub(super) fn probable(&mut self, logprobs: &RawValue) {
        let members = Members::of(logprobs).ok();
        let content = members.and_then(|mut members| members.take("content"));
        if let Some(item) = &mut self.open {
            item.probable(entries(content).into_iter().map(ToOwned::to_owned));
        }
    }

    /// Ends the answer; gives the response that it ends in.
    pub(super) fn end(&mut self, to: &mut Vec<u8>, losses: &mut Vec<Loss>) -> Bytes {
        self.start("", "", None, to);
        let finish = self.finish.take().unwrap_or_else(|| {
            losses.push(Loss::mapped(
                "finish",
                "an answer that does not say how it ended is complete here",
            ));
            Finish::Stop
        });
        lost_finish(&finish, losses);
        if self
            .usage
            .is_some_and(|used| used.cache_write_hour.saturating_add(used.media()) > 0)
        {
            losses.push(Loss::mapped("usage", "some classes of tokens are counted with others"));
        }
        let reason = incomplete(&finish);
        let status = if reason.is_some() { "incomplete" } else { "completed" };
        self.close(status, to);
        self.over = true;
        let response = self.response(status, reason);
        self.frames.response(&format!("response.{status}"), &response, to);
        let document = Bytes::from(response);
        self.document = self.echo.kept.then(|| document.clone());
        document
    }

    fn fail(&mut self, error: &Error, to: &mut Vec<u8>) {
        self.start("", "", None, to);
        self.over = true;
        let said = Said::of(error);
        self.frames.write("error", to, |out| said.event(out));
        let response = self.written("failed", None, Some(&said));
        self.frames.response("response.failed", &response, to);
    }

    fn response(&self, status: &str, incomplete: Option<&str>) -> Vec<u8> {
        self.written(status, incomplete, None)
    }

    fn written(&self, status: &str, incomplete: Option<&str>, error: Option<&Said>) -> Vec<u8> {
        let mut body = Vec::with_capacity(1024 + self.kept);
        Out::object(&mut body, |out| {
            out.member("id", &self.head.id);
            out.member("object", "response");
            out.member("created_at", self.head.created);
            out.member("status", status);
            // When a stream ends, nobody here knows.
            let completed = (status == "completed" && self.frames.quiet).then(|| self.stamp.created());
            out.member("completed_at", completed);
            match error {
                Some(error) => error.member(out),
                None => out.member("error", ()),
            }
            match incomplete {
                Some(reason) => out.inner("incomplete_details", |out| out.member("reason", reason)),
                None => out.member("incomplete_details", ()),
            }
            out.member("model", &self.head.model);
            out.member("output", &self.items);
            self.echo.write(out);
            match &self.usage {
                Some(used) => usage::write(used, out),
                None => out.member("usage", ()),
            }
        });
        body
    }
}

/// Thinking that begins.
pub(super) const fn thought(proof: Option<Carried>) -> Shape {
    Shape::Thought(Thought {
        text: String::new(),
        proof,
    })
}

impl EventWriter for Writer {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        if self.over {
            return;
        }
        match event {
            Event::Start { id, model, created } => self.start(id, model, *created, out),
            Event::Error(error) => self.fail(error, out),
            Event::Usage(used) => self.usage = Some(*used),
            Event::End => {
                self.end(out, losses);
            }
            Event::PartStart { choice: 1.., .. } => losses.push(Loss::dropped("choices", "an answer is one here")),
            // Only the first answer is told.
            Event::Delta { choice: 1.., .. }
            | Event::Signature { choice: 1.., .. }
            | Event::Citation { choice: 1.., .. }
            | Event::Logprobs { choice: 1.., .. }
            | Event::PartEnd { choice: 1.., .. }
            | Event::Finish { choice: 1.., .. } => {}
            Event::PartStart { start, .. } => {
                self.start("", "", None, out);
                self.part_start(start, out, losses);
            }
            Event::Delta { text, .. } => self.more(text, out),
            Event::Signature { signature, .. } => self.sign(signature, losses),
            Event::Citation { citation, .. } => self.cite(citation, out, losses),
            Event::Logprobs { logprobs, .. } => self.probable(logprobs),
            // An item ends with the next one's beginning, or with the answer: only then is it known whether it is whole.
            Event::PartEnd { .. } => {}
            Event::Finish { finish, .. } => self.finish = Some(finish.clone()),
        }
        if self.kept > LIMIT {
            let message = format!("the answer is longer than {LIMIT} bytes");
            self.fail(&Error::new(ErrorKind::UpstreamFailed, message), out);
        }
    }

    fn document(&mut self) -> Option<Bytes> {
        self.document.take()
    }
}
