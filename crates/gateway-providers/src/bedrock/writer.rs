//! A stream for a client of this dialect ("ConverseStream", Amazon Bedrock API Reference). Texts and thinking have no start
//! of their own: they begin with their first delta.

use std::collections::BTreeMap;

use gateway_types::Call;
use gateway_types::Usage;
use gateway_types::chat::{Citation, Event, Finish, Opaque, Part, PartStart};
use gateway_types::loss::Loss;

use super::frames::{
    block_start, delta, event, input, metadata, own, picture, quoted, start_call, stop, thought, wrapping,
};
use super::show::{self, ending, shown_citation};
use super::wire::{Block, Place, Thought, Words};
use super::{told, usage};
use crate::dialect::EventWriter;

/// Writes a stream of `POST /model/{id}/converse-stream`.
#[derive(Debug)]
pub(super) struct Writer {
    call: Likely,
    begun: bool,
    over: bool,
    /// How many blocks have begun.
    blocks: u32,
    /// The pieces that have begun and not ended.
    pieces: BTreeMap<u32, Piece>,
    /// Whether it asks for tools.
    tools: bool,
    finish: Option<Finish>,
    usage: Option<Usage>,
    /// What has been reported lost already that may be met again and again.
    told: Vec<&'static str>,
}

/// What a call without a report is likely to have used.
#[derive(Debug)]
struct Likely {
    input: u64,
    written: u64,
}

/// A piece of the answer.
#[derive(Debug)]
struct Piece {
    kind: Kind,
    /// Its block, while one is open.
    block: Option<u32>,
}

#[derive(Debug)]
enum Kind {
    /// Text; its signature follows it.
    Text(Option<Opaque>),
    Thinking,
    /// A tool's call that has not been written yet: its signature may still come, and goes into the id.
    Called {
        id: String,
        name: String,
        freeform: bool,
    },
    /// A tool's call whose input is being written.
    Calling {
        freeform: bool,
    },
}

impl Writer {
    pub(super) fn new(call: &Call) -> Self {
        Self {
            call: Likely {
                input: call.input_estimate,
                written: 0,
            },
            begun: false,
            over: false,
            blocks: 0,
            pieces: BTreeMap::new(),
            tools: false,
            finish: None,
            usage: None,
            told: Vec::new(),
        }
    }

    fn begin(&mut self, to: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.begun, true) {
            event("messageStart", to, |out| out.member("role", "assistant"));
        }
    }

    /// The number of a new block. Texts that are open end before it; what more comes of them is another block.
    fn open(&mut self, to: &mut Vec<u8>) -> u32 {
        self.begin(to);
        for piece in self.pieces.values_mut() {
            if matches!(piece.kind, Kind::Text(_) | Kind::Thinking) {
                stop(piece.block.take(), to);
            }
        }
        let index = self.blocks;
        self.blocks += 1;
        index
    }

    fn part_start(&mut self, part: u32, start: &PartStart, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        self.part_end(part, to);
        self.begin(to);
        let kind = match start {
            PartStart::Text => Kind::Text(None),
            PartStart::Refusal => {
                losses.push(Loss::mapped(format!("content[{part}]"), "the refusal is text"));
                Kind::Text(None)
            }
            PartStart::Reasoning => Kind::Thinking,
            PartStart::Encrypted(data) => {
                let index = self.open(to);
                thought(index, "redactedContent", &show::redacted(data), to);
                return stop(Some(index), to);
            }
            PartStart::ToolUse { id, name, freeform } => {
                self.tools = true;
                Kind::Called {
                    id: id.clone(),
                    name: name.clone(),
                    freeform: *freeform,
                }
            }
            PartStart::Whole(whole) => return self.whole(part, whole, to, losses),
        };
        self.pieces.insert(part, Piece { kind, block: None });
    }

    /// A piece that comes whole.
    fn whole(&mut self, part: u32, whole: &Part, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let mut blocks = Vec::new();
        let at = format!("content[{part}]");
        show::show(whole, &at, &mut blocks, losses);
        for block in &blocks {
            let index = self.open(to);
            match block {
                Block::Text(text) => delta(index, "text", text, to),
                Block::ReasoningContent(Thought::RedactedContent(data)) => thought(index, "redactedContent", data, to),
                Block::ReasoningContent(Thought::ReasoningText { text, signature }) => {
                    thought(index, "text", text, to);
                    if let Some(signature) = signature {
                        thought(index, "signature", signature, to);
                    }
                }
                Block::CitationsContent(cited) => {
                    for Words::Text(text) in &cited.content {
                        delta(index, "text", text, to);
                    }
                    cited
                        .citations
                        .iter()
                        .for_each(|citation| delta(index, "citation", citation, to));
                }
                Block::ToolUse(call) => {
                    self.tools = true;
                    start_call(index, &call.tool_use_id, &call.name, to);
                    input(index, call.input.get(), to);
                }
                Block::Image(image) => {
                    block_start(index, to, |out| {
                        out.inner("image", |out| out.member("format", image.format))
                    });
                    if let Place::Bytes(data) = &image.source {
                        picture(index, data, to);
                    }
                }
                Block::Own(raw) if own(index, raw, to) => {}
                _ => {
                    self.blocks -= 1;
                    losses.push(Loss::dropped(&at, "streams hold nothing of that kind there"));
                    continue;
                }
            }
            stop(Some(index), to);
        }
    }

    /// The open block of a text or of thinking.
    fn words(&mut self, part: u32, to: &mut Vec<u8>) -> Option<(u32, bool)> {
        let piece = self.pieces.get(&part)?;
        let thinks = match piece.kind {
            Kind::Thinking => true,
            Kind::Text(_) => false,
            Kind::Called { .. } | Kind::Calling { .. } => return None,
        };
        let index = match piece.block {
            Some(open) => open,
            None => self.open(to),
        };
        self.pieces.get_mut(&part)?.block = Some(index);
        Some((index, thinks))
    }

    fn more(&mut self, part: u32, text: &str, to: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        self.call.written += text.len() as u64;
        let unbegun = || Piece {
            kind: Kind::Text(None),
            block: None,
        };
        if let Kind::Called { .. } | Kind::Calling { .. } = self.pieces.entry(part).or_insert_with(unbegun).kind {
            if let Some((index, freeform)) = self.call(part, None, to) {
                match freeform {
                    true => input(index, &quoted(text), to),
                    false => input(index, text, to),
                }
            }
            return;
        }
        match self.words(part, to) {
            Some((index, true)) => thought(index, "text", text, to),
            Some((index, false)) => delta(index, "text", text, to),
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
        let index = self.open(to);
        start_call(index, &show::tool_id(&id, signature), &name, to);
        self.pieces.get_mut(&part)?.block = Some(index);
        if freeform {
            input(index, wrapping().0, to);
        }
        Some((index, freeform))
    }

    fn signature(&mut self, part: u32, signature: &Opaque, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        match self.pieces.get_mut(&part).map(|piece| &mut piece.kind) {
            Some(Kind::Text(held)) => *held = Some(signature.clone()),
            Some(Kind::Thinking) => {
                if let Some((index, _)) = self.words(part, to) {
                    thought(index, "signature", &show::signed(signature), to);
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
        let Some((index, false)) = self.words(part, to) else {
            return;
        };
        match shown_citation(citation) {
            Ok(own) => delta(index, "citation", own, to),
            Err(made) => {
                losses.push(Loss::mapped(
                    format!("content[{part}].citations"),
                    "shown as a source of the web",
                ));
                delta(index, "citation", made, to);
            }
        }
    }

    fn part_end(&mut self, part: u32, to: &mut Vec<u8>) {
        // A call without input is written now.
        let called = self.call(part, None, to);
        let Some(piece) = self.pieces.remove(&part) else { return };
        if let Some((index, true)) = called {
            input(index, wrapping().1, to);
        }
        stop(piece.block, to);
        if let Kind::Text(Some(signature)) = &piece.kind
            && let Block::ReasoningContent(Thought::ReasoningText {
                signature: Some(sealed),
                ..
            }) = show::of_text(signature)
        {
            let index = self.open(to);
            thought(index, "text", "", to);
            thought(index, "signature", &sealed, to);
            stop(Some(index), to);
        }
    }

    fn end(&mut self, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        self.begin(to);
        while let Some(part) = self.pieces.keys().next().copied() {
            self.part_end(part, to);
        }
        let finish = self.finish.as_ref();
        let reason = ending(finish, self.tools, losses);
        event("messageStop", to, |out| {
            out.member("stopReason", reason);
            if let Some(Finish::StopSequence(Some(text))) = finish {
                out.inner("additionalModelResponseFields", |out| out.member("stop_sequence", text));
            }
        });
        let used = usage::told(self.usage, self.call.input, self.call.written, losses);
        metadata(&used, to);
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
            Event::Start { .. } => self.begin(out),
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::End => self.end(out, losses),
            Event::Error(reported) => {
                told::write(reported, out);
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
            Event::Delta { part, text, .. } => self.more(*part, text, out),
            Event::Signature { part, signature, .. } => self.signature(*part, signature, out, losses),
            Event::Citation { part, citation, .. } => self.citation(*part, citation, out, losses),
            Event::PartEnd { part, .. } => self.part_end(*part, out),
            Event::Finish { finish, .. } => self.finish = Some(finish.clone()),
        }
    }
}
