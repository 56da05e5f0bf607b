//! One candidate of an answer, as it is read: its pieces, why it ended, where its facts are from, and what else stands in it.

use gateway_types::chat::{Extras, Opaque, Part};
use gateway_types::{DialectName, Error};
use serde_json::value::RawValue;

use super::piece::{self, Context};
use super::tree::Object;
use super::usage::Word;
use super::wire::unreadable;
use super::{finish, keys};
use crate::json::{Fault, Members, parse};
use crate::seal;
use crate::stamp::Stamp;
use crate::target::Target;

/// A candidate.
pub(super) struct Candidate<'a> {
    pub(super) index: Option<u32>,
    pub(super) pieces: Vec<&'a RawValue>,
    pub(super) finish: Option<String>,
    pub(super) grounding: Option<&'a RawValue>,
    pub(super) citations: Option<&'a RawValue>,
    pub(super) logprobs: Option<&'a RawValue>,
    /// What only this dialect has a word for.
    pub(super) left: Extras,
}

/// What follows from the rest of an answer: averages, sums.
const DERIVED: [&str; 2] = ["avgLogprobs", "tokenCount"];

impl<'a> Candidate<'a> {
    pub(super) fn read(raw: &'a RawValue) -> Result<Self, Error> {
        Self::members(raw).map_err(|fault| unreadable(&format!("`{}` {}", fault.path, fault.message)))
    }

    fn members(raw: &'a RawValue) -> Result<Self, Fault> {
        let mut members = keys::members(raw)?;
        let content = keys::object(&mut members, "content")?;
        let pieces = content
            .map(|mut content| keys::items(&mut content, "parts"))
            .transpose()?;
        let reason: Option<Word> = members.read("finishReason")?;
        let finish = reason.as_ref().and_then(finish::word).map(str::to_owned);
        let message = members.take("finishMessage");
        let grounding = members.take("groundingMetadata");
        let mut candidate = Candidate {
            index: members.read("index")?,
            pieces: pieces.unwrap_or_default(),
            grounding,
            citations: members.take("citationMetadata"),
            logprobs: members.take("logprobsResult"),
            left: Extras::default(),
            // That a function is called is seen; why an answer went wrong is not.
            finish: finish.filter(|word| !word.is_empty()),
        };
        let told = message.filter(|_| candidate.finish.as_deref() != Some("STOP"));
        candidate
            .left
            .0
            .extend(told.map(|told| ("finishMessage".to_owned(), told.to_owned())));
        candidate.left.0.extend(grounding.and_then(beside_sources));
        for derived in DERIVED {
            members.take(derived);
        }
        keys::keep("", members, &mut candidate.left);
        Ok(candidate)
    }
}

/// What stands beside the sources: what was searched, how Google wants that shown.
fn beside_sources(raw: &RawValue) -> Option<(String, Box<RawValue>)> {
    let mut members = keys::members(raw).ok()?;
    members.take("groundingChunks");
    members.take("groundingSupports");
    let left = members.rest();
    if left.0.is_empty() {
        return None;
    }
    let mut object = Object::new();
    for (key, value) in &left.0 {
        object.push(key.as_str(), value);
    }
    Some(("groundingMetadata".to_owned(), object.to_raw()))
}

/// What is left of a candidate as a part that only this dialect knows; none where nothing is.
pub(super) fn left(extras: &Extras) -> Option<Part> {
    if extras.0.is_empty() {
        return None;
    }
    let mut object = Object::new();
    for (key, value) in &extras.0 {
        object.push(key.as_str(), value);
    }
    Some(piece::own(&object.to_raw()))
}

/// Whether a part of this dialect's own is a piece of a content, and not what was [`left`] of a candidate.
pub(super) fn is_piece(members: &Members<'_>) -> bool {
    const PIECES: [&str; 10] = [
        "text",
        "inlineData",
        "fileData",
        "functionCall",
        "functionResponse",
        "executableCode",
        "codeExecutionResult",
        "toolCall",
        "toolResponse",
        "thought",
    ];
    members.pairs().any(|(key, _)| PIECES.contains(&key))
}

/// Whose signatures the pieces have, and what calls without ids are called.
pub(super) struct Maker {
    target: Target,
    stamp: Stamp,
    made: usize,
}

impl Maker {
    pub(super) fn new(target: &Target, stamp: Stamp) -> Self {
        Self {
            target: target.clone(),
            stamp,
            made: 0,
        }
    }

    /// Reads a piece of an answer: the part, then what the part has no place for. Nothing where nothing is said.
    pub(super) fn parts(&mut self, raw: &RawValue) -> Result<Vec<Part>, Error> {
        let piece =
            piece::read(raw, self).map_err(|fault| unreadable(&format!("`{}` {}", fault.path, fault.message)))?;
        if matches!(&piece.part, Part::Text { text, signature: None, .. } if text.is_empty()) {
            return Ok(Vec::new());
        }
        let mark = piece.left.0.iter().find(|(key, _)| key == "thoughtSignature");
        let value: Option<String> = mark.and_then(|(_, mark)| parse(mark).ok());
        // A picture's signature goes with a text that says nothing.
        let signed = value.map(|value| Part::Text {
            text: String::new(),
            cache: None,
            citations: Vec::new(),
            signature: Some(self.signed(value)),
        });
        Ok([piece.part].into_iter().chain(signed).collect())
    }
}

impl Context for Maker {
    fn signed(&mut self, value: String) -> Opaque {
        seal::made(value, DialectName::Gemini, &self.target)
    }

    fn call(&mut self, id: Option<String>, _: &str) -> String {
        id.unwrap_or_else(|| {
            self.made += 1;
            self.stamp.id("call_", self.made - 1)
        })
    }

    fn answer(&mut self, id: Option<String>, name: &str) -> String {
        self.call(id, name)
    }
}
