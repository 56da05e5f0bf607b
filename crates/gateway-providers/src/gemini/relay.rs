//! A stream of this dialect on its way to a client of the same: pieces pass byte for byte and are watched.

use std::collections::BTreeSet;

use gateway_types::{Call, Error, StreamForm};

use super::frames::{CLOSED, Elements, Events};
use super::tree::{Json, Object};
use super::wire::Answer;
use super::{errors, finish, recognise};
use crate::lane::{Observed, Relay};
use crate::passing::{DONE, Frames, Passing, Watch};

/// A relay of a stream in the form that the client asked for.
pub(super) fn relay(call: &Call) -> Box<dyn Relay> {
    match call.form {
        StreamForm::Usual => Box::new(Passing::new(Watching::<Events>::new(call))),
        StreamForm::Array => Box::new(Passing::new(Watching::<Elements>::new(call))),
    }
}

/// What has been seen of a stream.
struct Watching<F> {
    form: StreamForm,
    choices: u32,
    begun: BTreeSet<u32>,
    ended: BTreeSet<u32>,
    blocked: bool,
    /// Whether anything has come, so that the array has a beginning.
    any: bool,
    id: String,
    model: String,
    frames: std::marker::PhantomData<F>,
}

impl<F> Watching<F> {
    fn new(call: &Call) -> Self {
        Self {
            form: call.form,
            choices: call.choices,
            begun: BTreeSet::new(),
            ended: BTreeSet::new(),
            blocked: false,
            any: false,
            id: String::new(),
            model: String::new(),
            frames: std::marker::PhantomData,
        }
    }

    /// Whether every answer has ended.
    fn is_whole(&self) -> bool {
        self.blocked
            || (0..self.choices.max(1))
                .chain(self.begun.iter().copied())
                .all(|at| self.ended.contains(&at))
    }

    fn remember(&mut self, answer: &mut Answer<'_>, seen: &mut Observed) {
        if let Some(model) = answer.model_version.take().filter(|_| self.model.is_empty()) {
            seen.model = Some(model.clone()).filter(|model| !model.is_empty());
            self.model = model;
        }
        if let Some(id) = answer.response_id.take().filter(|_| self.id.is_empty()) {
            seen.id = Some(id.clone());
            self.id = id;
        }
        if let Some(usage) = answer.usage_metadata.take().and_then(|counts| counts.classes()) {
            seen.usage = Some(usage);
        }
    }

    /// A chunk as the stream has it at this place.
    fn chunk(&mut self, json: &[u8]) -> Vec<u8> {
        match self.form {
            StreamForm::Usual => [b"data: ", json, b"\r\n\r\n"].concat(),
            StreamForm::Array => {
                let before: &[u8] = if std::mem::replace(&mut self.any, true) {
                    b",\r\n"
                } else {
                    b"["
                };
                [before, json].concat()
            }
        }
    }
}

impl<F: Frames> Watch for Watching<F> {
    type Frames = F;

    fn look(&mut self, data: &[u8], seen: &mut Observed) -> Result<Option<Error>, Error> {
        // Google never says the latter, some servers of its dialect do.
        if data == CLOSED || data == DONE {
            seen.done = true;
            return Ok(None);
        }
        self.any = true;
        let mut answer = Answer::read(data)?;
        if let Some(error) = answer.error {
            return Ok(Some(recognise::inside(error, data)));
        }
        self.remember(&mut answer, seen);
        for (at, candidate) in answer.glances()?.into_iter().enumerate() {
            let index = candidate.index.unwrap_or_else(|| u32::try_from(at).unwrap_or(u32::MAX));
            self.begun.insert(index);
            seen.output_bytes += candidate.bytes();
            seen.content |= candidate.has_content();
            if let Some(word) = candidate.finish_reason.as_ref().and_then(finish::word) {
                self.ended.insert(index);
                if seen.finish.is_none() || index == 0 {
                    seen.finish = Some(word.to_owned());
                }
            }
        }
        if let Some(reason) = answer.blocked() {
            self.blocked = true;
            seen.finish.get_or_insert(reason);
        }
        Ok(None)
    }

    fn has_ended(&self) -> bool {
        !self.ended.is_empty() || self.blocked
    }

    fn cut_short(&mut self) -> (Vec<u8>, &'static str) {
        let open: Vec<u32> = (0..self.choices.max(1))
            .chain(self.begun.iter().copied())
            .collect::<BTreeSet<u32>>()
            .into_iter()
            .filter(|index| !self.ended.contains(index))
            .collect();
        let mut out = Vec::new();
        if !open.is_empty() && !self.blocked {
            let json = ending(&open, &self.id, &self.model).to_bytes();
            out = self.chunk(&json);
        }
        if self.form == StreamForm::Array {
            let before: &[u8] = if self.any { b"" } else { b"[" };
            out.extend_from_slice(before);
            out.extend_from_slice(CLOSED);
        }
        (out, "MAX_TOKENS")
    }

    fn fail(&mut self, error: &Error) -> Vec<u8> {
        // What the client has is whole; only its end is missing.
        if self.is_whole() {
            return match self.form {
                StreamForm::Usual => Vec::new(),
                StreamForm::Array => CLOSED.to_vec(),
            };
        }
        let json = errors::line(error);
        match self.form {
            StreamForm::Usual => errors::told(&json),
            StreamForm::Array => [&self.chunk(&json)[..], CLOSED].concat(),
        }
    }
}

/// A chunk that ends answers as if they had met their cap.
fn ending<'a>(open: &[u32], id: &'a str, model: &'a str) -> Object<'a> {
    let said = || Object::of("parts", Json::Array(vec![Object::of("text", "").into()])).with("role", "model");
    let candidate = |index: &u32| {
        Json::from(
            Object::of("content", said())
                .with("finishReason", "MAX_TOKENS")
                .with("index", *index),
        )
    };
    let candidates: Json<'a> = open.iter().map(candidate).collect();
    Object::of("candidates", candidates)
        .with("modelVersion", model)
        .with("responseId", id)
}
