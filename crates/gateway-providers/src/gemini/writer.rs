//! A stream to a client: chunks of `GenerateContentResponse`, as events or as one array.
//!
//! Text goes as it comes; a call goes once its arguments are whole, since the API has them as an object. The reason to end
//! waits for the end of the stream, so that what was used can stand beside it.

use std::collections::BTreeMap;

use gateway_types::chat::{Citation, Event, Finish, Opaque, Part, PartStart};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, StreamForm, Usage};
use serde_json::value::RawValue;

use super::candidate::is_piece;
use super::sources::Sources;
use super::tree::{Json, Object};
use super::write::{arguments, beside_sources, pieces, signed};
use super::{errors, finish, keys, logprobs, usage, write};
use crate::dialect::EventWriter;
use crate::stamp::Stamp;

/// Writes chunks.
#[derive(Debug)]
pub(super) struct Writer {
    form: StreamForm,
    /// Whether anything has been written.
    any: bool,
    over: bool,
    id: String,
    model: String,
    created: Option<i64>,
    usage: Option<Usage>,
    choices: BTreeMap<u32, Speaking>,
}

/// What is being said of one choice.
#[derive(Debug, Default)]
struct Speaking {
    open: Option<Open>,
    /// How many pieces the client has, once it puts texts together.
    pieces: usize,
    sources: Sources,
    own: Vec<Box<RawValue>>,
    /// Whether a function has been called.
    calls: bool,
    finish: Option<Finish>,
}

/// The piece that is open.
#[derive(Debug)]
struct Open {
    kind: Kind,
    text: String,
    signature: Option<Opaque>,
    cited: Vec<Citation>,
}

#[derive(Debug)]
enum Kind {
    Text,
    Reasoning,
    Call { id: String, name: String, freeform: bool },
    Whole,
}

/// Cited texts are kept to count places in them; beyond this they have none.
const KEPT: usize = 4 * 1024 * 1024;

impl Writer {
    pub(super) fn new(call: &Call, stamp: Stamp) -> Self {
        Self {
            form: call.form,
            any: false,
            over: false,
            id: stamp.id("", 0),
            model: call.model.as_str().to_owned(),
            created: None,
            usage: None,
            choices: BTreeMap::new(),
        }
    }

    /// Writes one chunk.
    fn chunk(&mut self, chunk: Object<'_>, to: &mut Vec<u8>) {
        let created = self.created.and_then(write::time);
        let mut chunk = chunk
            .with("modelVersion", self.model.clone())
            .with("responseId", self.id.clone());
        chunk.maybe("createTime", created);
        self.frame(&chunk.to_bytes(), to);
    }

    fn frame(&mut self, json: &[u8], to: &mut Vec<u8>) {
        let first = !std::mem::replace(&mut self.any, true);
        match (self.form, first) {
            (StreamForm::Usual, _) => to.extend_from_slice(b"data: "),
            (StreamForm::Array, true) => to.push(b'['),
            (StreamForm::Array, false) => to.extend_from_slice(b",\r\n"),
        }
        let mut from = to.len();
        to.extend_from_slice(json);
        // A line's end would end the event. Within JSON it is white space: a text has it escaped.
        while let Some(at) = memchr::memchr2(b'\n', b'\r', &to[from..]) {
            to[from + at] = b' ';
            from += at + 1;
        }
        if self.form == StreamForm::Usual {
            to.extend_from_slice(b"\r\n\r\n");
        }
    }

    /// Writes a piece of a content.
    fn piece(&mut self, choice: u32, piece: Object<'_>, to: &mut Vec<u8>) {
        let candidate = Object::of("content", content(piece)).with("index", choice);
        self.chunk(Object::of("candidates", Json::Array(vec![candidate.into()])), to);
    }

    fn probabilities(&mut self, choice: u32, said: &RawValue, to: &mut Vec<u8>) {
        let Some(said) = logprobs::write(said) else { return };
        let candidate = Object::of("content", content(Object::of("text", ""))).with("index", choice);
        let candidate = candidate.with("logprobsResult", said);
        self.chunk(Object::of("candidates", Json::Array(vec![candidate.into()])), to);
    }

    fn start(&mut self, choice: u32, start: &PartStart, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        self.end_piece(choice, to, losses);
        let path = format!("choices[{choice}]");
        let kind = match start {
            PartStart::Text => Kind::Text,
            PartStart::Refusal => {
                losses.push(Loss::mapped(path, "the refusal is sent as text"));
                Kind::Text
            }
            PartStart::Reasoning => Kind::Reasoning,
            PartStart::Encrypted(opaque) => {
                self.piece(choice, signed(Object::of("thought", true), Some(opaque)), to);
                Kind::Whole
            }
            PartStart::ToolUse { id, name, freeform } => Kind::Call {
                id: id.clone(),
                name: name.clone(),
                freeform: *freeform,
            },
            PartStart::Whole(part) => {
                self.whole(choice, part, to, losses);
                Kind::Whole
            }
        };
        let open = Open {
            kind,
            text: String::new(),
            signature: None,
            cited: Vec::new(),
        };
        self.choices.entry(choice).or_default().open = Some(open);
    }

    fn whole(&mut self, choice: u32, part: &Part, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        if let Part::Other(verbatim) = part
            && verbatim.dialect == DialectName::Gemini
            && keys::members(&verbatim.json).is_ok_and(|members| !is_piece(&members))
        {
            self.choices.entry(choice).or_default().own.push(verbatim.json.clone());
            return;
        }
        let mut said = Vec::new();
        pieces(part, &format!("choices[{choice}]"), &mut said, losses);
        for piece in said {
            self.piece(choice, piece, to);
        }
    }

    fn more(&mut self, choice: u32, text: &str, to: &mut Vec<u8>) {
        let open = self
            .choices
            .entry(choice)
            .or_default()
            .open
            .get_or_insert_with(|| Open {
                kind: Kind::Text,
                text: String::new(),
                signature: None,
                cited: Vec::new(),
            });
        let piece = match open.kind {
            Kind::Text => Object::of("text", text),
            Kind::Reasoning => Object::of("text", text).with("thought", true),
            // Only an answer's cap bounds arguments, as it bounds everything else that is said.
            Kind::Call { .. } => return open.text.push_str(text),
            Kind::Whole => return,
        };
        if matches!(open.kind, Kind::Text) && open.text.len() < KEPT {
            open.text.push_str(text);
        }
        self.piece(choice, piece, to);
    }

    fn sign(&mut self, choice: u32, signature: &Opaque, to: &mut Vec<u8>) {
        let Some(open) = self.choices.entry(choice).or_default().open.as_mut() else {
            return;
        };
        let piece = match open.kind {
            Kind::Text => Object::of("text", ""),
            Kind::Reasoning => Object::of("text", "").with("thought", true),
            Kind::Call { .. } | Kind::Whole => {
                open.signature = Some(signature.clone());
                return;
            }
        };
        self.piece(choice, signed(piece, Some(signature)), to);
    }

    /// Ends the piece that is open: a call is written, a text's sources are counted.
    fn end_piece(&mut self, choice: u32, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let speaking = self.choices.entry(choice).or_default();
        let Some(open) = speaking.open.take() else { return };
        let number = speaking.pieces;
        speaking.pieces += 1;
        for citation in &open.cited {
            speaking.sources.add(number, &open.text, citation);
        }
        let Kind::Call { id, name, freeform } = &open.kind else {
            return;
        };
        let args = arguments(
            &open.text,
            *freeform,
            &format!("choices[{choice}].content[{number}]"),
            losses,
        );
        let mut call = Object::new();
        call.maybe("id", (!id.is_empty()).then_some(id));
        let call = call.with("name", name).with("args", args);
        let piece = signed(Object::of("functionCall", call), open.signature.as_ref());
        speaking.calls = true;
        self.piece(choice, piece, to);
    }

    /// The last chunk: why every answer ended, and what was used.
    fn end(&mut self, to: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        let open: Vec<u32> = self.choices.keys().copied().collect();
        for choice in open {
            self.end_piece(choice, to, losses);
        }
        let choices = std::mem::take(&mut self.choices);
        for (choice, said) in &choices {
            if let Some(finish) = &said.finish {
                finish::note(finish, said.calls, &format!("choices[{choice}]"), losses);
            }
        }
        let candidates: Vec<Json<'_>> = choices
            .iter()
            .map(|(choice, said)| last(*choice, said).into())
            .collect();
        let mut chunk = Object::new();
        if !candidates.is_empty() {
            chunk.put("candidates", Json::Array(candidates));
        }
        chunk.maybe(
            "usageMetadata",
            self.usage.as_ref().map(|used| usage::write(used, losses)),
        );
        self.chunk(chunk, to);
        self.close(to);
    }

    fn fail(&mut self, error: &Error, to: &mut Vec<u8>) {
        let json = errors::line(error);
        match self.form {
            StreamForm::Usual => to.extend_from_slice(&errors::told(&json)),
            StreamForm::Array => self.frame(&json, to),
        }
        self.close(to);
    }

    fn close(&mut self, to: &mut Vec<u8>) {
        self.over = true;
        if self.form == StreamForm::Array {
            to.push(b']');
        }
    }
}

/// A content of one piece.
fn content(piece: Object<'_>) -> Object<'_> {
    Object::of("parts", Json::Array(vec![piece.into()])).with("role", "model")
}

/// What a candidate has in the last chunk. Its text is empty: SDKs leave out of a conversation what has no pieces at all.
fn last(choice: u32, said: &Speaking) -> Object<'_> {
    let mut candidate = Object::of("content", content(Object::of("text", "")));
    candidate.maybe("finishReason", said.finish.as_ref().map(finish::said));
    candidate.put("index", choice);
    said.sources.write(&mut candidate);
    for own in &said.own {
        let Ok(members) = keys::members(own) else { continue };
        for (key, value) in members.pairs() {
            match key {
                "groundingMetadata" => beside_sources(&mut candidate, value),
                key => candidate.put(key.to_owned(), value),
            }
        }
    }
    candidate
}

impl EventWriter for Writer {
    fn write(&mut self, event: &Event, out: &mut Vec<u8>, losses: &mut Vec<Loss>) {
        if self.over {
            return;
        }
        match event {
            Event::Start { id, model, created } => {
                if !id.is_empty() {
                    self.id.clone_from(id);
                }
                if !model.is_empty() {
                    self.model.clone_from(model);
                }
                self.created = *created;
            }
            Event::PartStart { choice, start, .. } => self.start(*choice, start, out, losses),
            Event::Delta { text, .. } if text.is_empty() => {}
            Event::Delta { choice, text, .. } => self.more(*choice, text, out),
            Event::Signature { choice, signature, .. } => self.sign(*choice, signature, out),
            Event::Citation { choice, citation, .. } => {
                let open = &mut self.choices.entry(*choice).or_default().open;
                if let Some(open) = open {
                    open.cited.push(citation.clone());
                }
            }
            Event::PartEnd { choice, .. } => self.end_piece(*choice, out, losses),
            Event::Logprobs { choice, logprobs } => self.probabilities(*choice, logprobs, out),
            Event::Usage(used) => self.usage = Some(*used),
            Event::Finish { choice, finish } => {
                self.end_piece(*choice, out, losses);
                self.choices.entry(*choice).or_default().finish = Some(finish.clone());
            }
            Event::Error(error) => self.fail(error, out),
            Event::End => self.end(out, losses),
        }
    }
}
