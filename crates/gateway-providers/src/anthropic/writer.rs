//! A stream for a client of this dialect (vendor's document: Streaming messages). Blocks follow one another, each with its
//! start, its deltas and its stop, whatever order the other side has them in.

use std::collections::BTreeMap;

use gateway_types::Call;
use gateway_types::Usage;
use gateway_types::chat::{Citation, Event, Finish, Opaque, Part, PartStart};
use gateway_types::loss::Loss;

use super::frames::{call, delta, frame, input_delta, signature_delta, stop};
use super::pieces::{Kind, Piece};
use super::show::{self, Counts, Ending, Shown, UNADDRESSED};
use super::{citations, told};
use crate::dialect::EventWriter;
use crate::json;
use crate::stamp::Stamp;

/// Writes a stream of `POST /v1/messages`.
#[derive(Debug)]
pub(super) struct Writer {
    id: String,
    model: String,
    /// A likely figure of the input, for where the provider reports none or not yet.
    likely_input: u64,
    usage: Option<Usage>,
    begun: bool,
    over: bool,
    /// How many blocks have begun.
    blocks: u32,
    /// The pieces that have begun. Texts leave when they end; calls of tools stay, as other sides may say more of them.
    pieces: BTreeMap<u32, Piece>,
    ending: Ending,
    finish: Option<Finish>,
    /// How many bytes the model has written.
    written: u64,
    /// What has been reported lost already that may be met again and again.
    told: Vec<&'static str>,
}

impl Writer {
    pub(super) fn new(call: &Call, stamp: Stamp) -> Self {
        Self {
            id: stamp.id("msg_", 0),
            model: String::new(),
            likely_input: call.input_estimate,
            usage: None,
            begun: false,
            over: false,
            blocks: 0,
            pieces: BTreeMap::new(),
            ending: Ending::default(),
            finish: None,
            written: 0,
            told: Vec::new(),
        }
    }

    /// The message begins with its first block, or its end: what was used may be known by then.
    fn begin(&mut self, to: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let usage = self.usage.as_ref();
        let counts = usage.map_or_else(|| Counts::likely(self.likely_input, 0), Counts::of);
        frame("message_start", to, |out| {
            out.inner("message", |out| {
                out.member("id", &self.id);
                out.member("type", "message");
                out.member("role", "assistant");
                out.member("model", &self.model);
                out.array("content", |_| {});
                out.member("stop_reason", ());
                out.member("stop_sequence", ());
                out.member("usage", counts);
            });
        });
    }

    /// Begins a block. Texts that are open end before it, and what more comes of them is another block; so do calls that the
    /// other side has ended.
    fn open(&mut self, block: &Shown<'_>, to: &mut Vec<u8>) -> u32 {
        self.begin(to);
        for piece in self.pieces.values_mut() {
            if piece.ended || matches!(piece.kind, Kind::Text(_) | Kind::Thinking { .. }) {
                piece.close(to);
            }
        }
        let index = self.blocks;
        self.blocks += 1;
        frame("content_block_start", to, |out| {
            out.member("index", index);
            out.member("content_block", block);
        });
        index
    }

    /// A block that comes whole.
    fn whole(&mut self, block: &Shown<'_>, to: &mut Vec<u8>) {
        let index = self.open(block, to);
        stop(index, to);
    }

    fn part_start(&mut self, part: u32, start: &PartStart, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        self.flush(part, to);
        let kind = match start {
            PartStart::Text => Kind::Text(None),
            PartStart::Refusal => {
                self.ending.refusal = true;
                losses.push(Loss::mapped(format!("content[{part}]"), "the refusal is text"));
                Kind::Text(None)
            }
            PartStart::Reasoning => Kind::Thinking { signed: false },
            PartStart::Encrypted(data) => {
                let data = show::signed(data);
                return self.whole(&Shown::RedactedThinking { data }, to);
            }
            PartStart::ToolUse { id, name, freeform } => {
                self.ending.tools = true;
                Kind::Called {
                    id: id.clone(),
                    name: name.clone(),
                    freeform: *freeform,
                }
            }
            PartStart::Whole(whole) => return self.part_whole(part, whole, to, losses),
        };
        self.pieces.insert(part, Piece::new(kind));
    }

    /// A piece that comes whole. A tool's input is a delta even so: clients read it from nowhere else.
    fn part_whole(&mut self, part: u32, whole: &Part, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let mut blocks = Vec::new();
        show::show(whole, &format!("content[{part}]"), &mut blocks, losses);
        for block in blocks {
            match block {
                Shown::ToolUse { id, name, input, .. } => {
                    self.ending.tools = true;
                    let index = self.open(&call(&id, name), to);
                    input_delta(index, input.get(), to);
                    stop(index, to);
                }
                Shown::Text { text, .. } => {
                    let index = self.open(&Shown::text(""), to);
                    delta(index, "text_delta", "text", text, to);
                    stop(index, to);
                }
                block => self.whole(&block, to),
            }
        }
    }

    /// The open block of a text or of thinking.
    fn words(&mut self, part: u32, to: &mut Vec<u8>) -> Option<(u32, bool)> {
        let piece = self.pieces.get(&part)?;
        let (thinks, open) = (matches!(piece.kind, Kind::Thinking { .. }), piece.block);
        if let Some(index) = open {
            return Some((index, thinks));
        }
        let start = match thinks {
            true => Shown::Thinking {
                thinking: "",
                signature: String::new(),
            },
            false => Shown::text(""),
        };
        let index = self.open(&start, to);
        self.pieces.get_mut(&part)?.block = Some(index);
        Some((index, thinks))
    }

    fn more(&mut self, part: u32, text: &str, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        if text.is_empty() {
            return;
        }
        self.written += text.len() as u64;
        let piece = self.pieces.entry(part).or_insert_with(|| Piece::new(Kind::Text(None)));
        if let Kind::Called { .. } | Kind::Calling { .. } = piece.kind {
            return self.input(part, text, to, losses);
        }
        match self.words(part, to) {
            Some((index, true)) => delta(index, "thinking_delta", "thinking", text, to),
            Some((index, false)) => delta(index, "text_delta", "text", text, to),
            None => {}
        }
    }

    /// Writes the beginning of a tool's call, if it is not written yet.
    fn call(&mut self, part: u32, signature: Option<&Opaque>, to: &mut Vec<u8>) -> Option<(u32, bool)> {
        let piece = self.pieces.get_mut(&part)?;
        let (id, name, freeform) = match &mut piece.kind {
            Kind::Called { id, name, freeform } => (std::mem::take(id), std::mem::take(name), *freeform),
            Kind::Calling { freeform } => return Some((piece.block?, *freeform)),
            _ => return None,
        };
        piece.kind = Kind::Calling { freeform };
        let index = self.open(&call(&show::tool_id(&id, signature), &name), to);
        self.pieces.get_mut(&part)?.block = Some(index);
        if freeform {
            input_delta(index, "{\"input\":\"", to);
        }
        Some((index, freeform))
    }

    fn input(&mut self, part: u32, text: &str, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match self.call(part, None, to) {
            Some((index, true)) => {
                let quoted = json::to_vec(text).unwrap_or_default();
                let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
                input_delta(index, &String::from_utf8_lossy(inner), to);
            }
            Some((index, false)) => input_delta(index, text, to),
            None => self.tell("input", "more of a call came after the next had begun", losses),
        }
    }

    fn signature(&mut self, part: u32, signature: &Opaque, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match self.pieces.get_mut(&part).map(|piece| &mut piece.kind) {
            Some(Kind::Text(held)) => *held = Some(signature.clone()),
            Some(Kind::Thinking { signed }) => {
                *signed = true;
                if let Some((index, _)) = self.words(part, to) {
                    signature_delta(index, &show::signed(signature), to);
                }
            }
            Some(Kind::Called { .. }) => {
                self.call(part, Some(signature), to);
            }
            Some(Kind::Calling { .. }) | None => {
                let note = "the signature came after the beginning of the call, which holds it";
                losses.push(Loss::dropped(format!("content[{part}].signature"), note));
            }
        }
    }

    fn citation(&mut self, part: u32, citation: &Citation, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let Some(shown) = citations::shown(citation) else {
            losses.push(Loss::dropped(format!("content[{part}].citations"), UNADDRESSED));
            return;
        };
        if let Some((index, false)) = self.words(part, to) {
            delta(index, "citations_delta", "citation", shown, to);
        }
    }

    fn part_end(&mut self, part: u32, to: &mut Vec<u8>) {
        let Some(piece) = self.pieces.get_mut(&part) else {
            return;
        };
        piece.ended = true;
        match piece.kind {
            // Servers that name all their calls first end one before they say its input: it waits.
            Kind::Called { .. } => {}
            Kind::Calling { .. } => piece.close(to),
            Kind::Text(_) | Kind::Thinking { .. } => self.flush(part, to),
        }
    }

    /// Writes what is left of a piece.
    fn flush(&mut self, part: u32, to: &mut Vec<u8>) {
        self.call(part, None, to);
        let Some(mut piece) = self.pieces.remove(&part) else {
            return;
        };
        piece.close(to);
        if let Kind::Text(Some(signature)) = &piece.kind {
            self.whole(&show::of_text(signature), to);
        }
    }

    fn end(&mut self, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        self.begin(to);
        while let Some(part) = self.pieces.keys().next().copied() {
            self.flush(part, to);
        }
        let (reason, sequence) = self.ending.words(self.finish.as_ref(), losses);
        let likely = || Counts::likely(self.likely_input, self.written);
        let counts = show::counts(self.usage.as_ref(), likely, losses);
        frame("message_delta", to, |out| {
            out.inner("delta", |out| {
                out.member("stop_reason", reason);
                out.member("stop_sequence", sequence);
            });
            out.member("usage", counts);
        });
        frame("message_stop", to, |_| {});
        self.over = true;
    }

    /// Reports once what may be met again and again.
    fn tell(&mut self, field: &'static str, note: &str, losses: &mut Vec<Loss>) {
        if !self.told.contains(&field) {
            self.told.push(field);
            losses.push(Loss::dropped(field, note));
        }
    }
}

impl EventWriter for Writer {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        if self.over {
            return;
        }
        match event {
            Event::Start { id, model, .. } => {
                if !id.is_empty() {
                    self.id.clone_from(id);
                }
                self.model.clone_from(model);
            }
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::End => self.end(out, losses),
            Event::Error(error) => {
                out.extend_from_slice(&told::event(error));
                self.over = true;
            }
            Event::Logprobs { .. } => self.tell("logprobs", "no counterpart", losses),
            Event::PartStart { choice: 1.., .. }
            | Event::Delta { choice: 1.., .. }
            | Event::Signature { choice: 1.., .. }
            | Event::Citation { choice: 1.., .. }
            | Event::PartEnd { choice: 1.., .. }
            | Event::Finish { choice: 1.., .. } => self.tell("choices[1]", "there is one answer", losses),
            Event::PartStart { part, start, .. } => self.part_start(*part, start, out, losses),
            Event::Delta { part, text, .. } => self.more(*part, text, out, losses),
            Event::Signature { part, signature, .. } => self.signature(*part, signature, out, losses),
            Event::Citation { part, citation, .. } => self.citation(*part, citation, out, losses),
            Event::PartEnd { part, .. } => self.part_end(*part, out),
            Event::Finish { finish, .. } => self.finish = Some(finish.clone()),
        }
    }
}
