//! The conversation as contents: the operator's text apart, what the two sides say in turn, results of functions in a content
//! of their own right behind the calls.

use std::collections::HashMap;

use gateway_types::chat::{Extras, Message, Part, Request, Role};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};

use super::contents;
use super::model::Abilities;
use super::say::Speaker;
use super::tree::{Json, Object};
use crate::target::Target;

/// What stands for the signature of a call that no Gemini model has made. Google's guide "Thought signatures" gives it for
/// histories from elsewhere.
const UNSIGNED: &str = "skip_thought_signature_validator";

/// A conversation in the API's form.
#[derive(Default)]
pub(super) struct Conversation<'a> {
    /// What the operator says.
    pub(super) system: Vec<Json<'a>>,
    contents: Vec<Content<'a>>,
}

/// A content.
struct Content<'a> {
    role: &'static str,
    pieces: Vec<Said<'a>>,
    /// Whether it brings results of functions.
    results: bool,
    /// Members that no word covers.
    own: Vec<(&'a str, Json<'a>)>,
}

/// A piece.
pub(super) struct Said<'a> {
    pub(super) json: Object<'a>,
    /// Where it stood, for the report.
    pub(super) path: String,
    /// Whether it is a call of a function.
    pub(super) call: bool,
    /// Whether it is the result of one, or what goes with it.
    pub(super) result: bool,
}

/// Says the messages of a request.
pub(super) fn converse<'a>(
    request: &'a Request,
    target: &'a Target,
    able: Abilities,
    losses: &mut Vec<Loss>,
) -> Result<Conversation<'a>, Error> {
    let own = request.dialect == DialectName::Gemini;
    let names = names(&request.messages);
    let mut said = Conversation::default();
    for (at, message) in request.messages.iter().enumerate() {
        let path = format!("messages[{at}]");
        note_extras(message, own, &path, losses);
        let mut speaker = Speaker {
            target,
            able,
            own,
            role: message.role,
            names: &names,
            extras: &message.extras,
            losses,
        };
        let pieces = speaker.pieces(&message.parts, &path)?;
        if pieces.is_empty() && !own {
            losses.push(Loss::dropped(path, "nothing in it that can be said there"));
            continue;
        }
        match message.role {
            Role::System => said.operator(pieces, own, path, losses),
            Role::User => said.take("user", pieces, own, message),
            Role::Assistant => said.take("model", pieces, own, message),
        }
    }
    if !own {
        said.complete(losses)?;
    }
    if able.signed_calls {
        said.sign_calls(losses);
    }
    Ok(said)
}

/// The names of the functions that were called, by the ids of the calls.
fn names(messages: &[Message]) -> HashMap<&str, &str> {
    let parts = messages.iter().flat_map(|message| &message.parts);
    parts
        .filter_map(|part| match part {
            Part::ToolUse(tool) => Some((tool.id.as_str(), tool.name.as_str())),
            _ => None,
        })
        .collect()
}

fn note_extras(message: &Message, own: bool, path: &str, losses: &mut Vec<Loss>) {
    if own {
        return;
    }
    // A tool's name is said by its result.
    let is_result = message.parts.iter().all(|part| matches!(part, Part::ToolResult(_)));
    if message.name.is_some() && !is_result {
        losses.push(Loss::dropped(format!("{path}.name"), "speakers have no names there"));
    }
    let extras = message.extras.0.iter();
    losses.extend(extras.map(|(key, _)| Loss::dropped(format!("{path}.{key}"), "no counterpart")));
}

impl<'a> Conversation<'a> {
    fn operator(&mut self, pieces: Vec<Said<'a>>, own: bool, path: String, losses: &mut Vec<Loss>) {
        if !self.contents.is_empty() && !own {
            let note = "moved to the system instruction, which stands before the conversation";
            losses.push(Loss::mapped(path, note));
        }
        self.system.extend(pieces.into_iter().map(|piece| piece.json.into()));
    }

    /// Adds what somebody says. A client of this dialect has its contents as they are; others' are put together by who
    /// speaks.
    fn take(&mut self, role: &'static str, pieces: Vec<Said<'a>>, own: bool, message: &'a Message) {
        if own {
            let results = pieces.iter().any(|piece| piece.result);
            let kept = own_members(&message.extras);
            self.contents.push(Content {
                role,
                pieces,
                results,
                own: kept,
            });
            return;
        }
        let (results, others): (Vec<_>, Vec<_>) = pieces.into_iter().partition(|piece| piece.result);
        for (pieces, results) in [(results, true), (others, false)] {
            if pieces.is_empty() {
                continue;
            }
            match self.contents.last_mut() {
                Some(last) if last.role == role && last.results == results => last.pieces.extend(pieces),
                _ => self.contents.push(Content {
                    role,
                    pieces,
                    results,
                    own: Vec::new(),
                }),
            }
        }
    }

    /// Makes sure that somebody speaks besides the operator.
    fn complete(&mut self, losses: &mut Vec<Loss>) -> Result<(), Error> {
        if !self.contents.is_empty() {
            return Ok(());
        }
        if self.system.is_empty() {
            return Err(Error::invalid(
                "messages",
                "messages must hold at least one message with content",
            ));
        }
        losses.push(Loss::mapped(
            "messages",
            "the system messages are sent as the user's, since a user must speak",
        ));
        let pieces = std::mem::take(&mut self.system)
            .into_iter()
            .filter_map(|json| match json {
                Json::Object(json) => Some(Said {
                    json,
                    path: String::new(),
                    call: false,
                    result: false,
                }),
                _ => None,
            });
        self.contents.push(Content {
            role: "user",
            pieces: pieces.collect(),
            results: false,
            own: Vec::new(),
        });
        Ok(())
    }

    /// Every step of the turn that goes on needs a signature at its first call.
    fn sign_calls(&mut self, losses: &mut Vec<Loss>) {
        let asked = self
            .contents
            .iter()
            .rposition(|content| content.role == "user" && !content.results);
        for content in self.contents.iter_mut().skip(asked.map_or(0, |at| at + 1)) {
            let Some(first) = content.pieces.iter_mut().find(|piece| piece.call) else {
                continue;
            };
            if !first.json.has("thoughtSignature") && !first.json.has("thought_signature") {
                first.json.put("thoughtSignature", UNSIGNED);
                let note = "the call was made elsewhere; the model is told not to look for its signature";
                losses.push(Loss::emulated(format!("{}.signature", first.path), note));
            }
        }
    }

    /// The contents as they are written.
    pub(super) fn contents(&mut self) -> Json<'a> {
        let contents = std::mem::take(&mut self.contents).into_iter();
        contents
            .map(|content| {
                let pieces: Json<'a> = content.pieces.into_iter().map(|piece| piece.json.into()).collect();
                let mut object = Object::of("role", content.role).with("parts", pieces);
                for (key, value) in content.own {
                    object.push(key, value);
                }
                Json::from(object)
            })
            .collect()
    }
}

/// What stands beside the role and the pieces of a content.
fn own_members(extras: &Extras) -> Vec<(&str, Json<'_>)> {
    let members = extras.0.iter().filter(|(key, _)| contents::place(key).is_none());
    members.map(|(key, value)| (key.as_str(), Json::from(value))).collect()
}
