//! The contents of a client's request as messages, and what becomes of them when they go to a provider of another dialect.
//!
//! Every content is a message and every piece a part, in the same places. What a part has no word for is kept among the
//! message's extras under its path (`parts[2].videoMetadata`); a piece as it was spelled is kept there as a whole
//! (`parts[2]`), unless its signature was made by a provider of another dialect.

use std::collections::{HashMap, HashSet, VecDeque};

use gateway_types::DialectName;
use gateway_types::chat::{Extras, Message, Opaque, Part, Role};
use serde_json::value::RawValue;

use super::keys;
use super::piece::{self, Context};
use crate::json::{Fault, Members};
use crate::seal;

/// What ids begin with that stand for ones that the client did not give. They name nothing outside.
const UNNAMED: &str = "unnamed-";

/// The conversation so far: which calls have been made of which function, and how many had no id.
#[derive(Default)]
pub(super) struct Ids {
    made: usize,
    called: HashMap<String, VecDeque<String>>,
    answered: HashSet<String>,
    sealed: HashMap<String, Opaque>,
    /// Whether the piece that was read last has a signature of another dialect.
    foreign: bool,
}

impl Ids {
    fn unnamed(&mut self) -> String {
        self.made += 1;
        format!("{UNNAMED}{}", self.made)
    }

    /// The id without what it carries.
    fn bare(&mut self, id: String) -> String {
        match seal::from_id(&id) {
            (bare, Some(opaque)) => {
                let bare = bare.to_owned();
                self.sealed.insert(bare.clone(), opaque);
                self.foreign = true;
                bare
            }
            _ => id,
        }
    }
}

impl Context for Ids {
    fn signed(&mut self, value: String) -> Opaque {
        let opaque = seal::brought(value, DialectName::Gemini);
        self.foreign |= opaque.maker.is_some();
        opaque
    }

    fn call(&mut self, id: Option<String>, name: &str) -> String {
        let id = match id {
            Some(id) => self.bare(id),
            None => self.unnamed(),
        };
        self.called.entry(name.to_owned()).or_default().push_back(id.clone());
        id
    }

    fn answer(&mut self, id: Option<String>, name: &str) -> String {
        if let Some(id) = id {
            let id = self.bare(id);
            self.answered.insert(id.clone());
            return id;
        }
        // The first call of that function that nobody has answered.
        while let Some(id) = self.called.get_mut(name).and_then(VecDeque::pop_front) {
            if !self.answered.contains(&id) {
                return id;
            }
        }
        self.unnamed()
    }
}

/// Reads one content. `role` is who speaks where it does not say.
pub(super) fn content(raw: &RawValue, role: Role, ids: &mut Ids) -> Result<Message, Fault> {
    let mut members = keys::members(raw)?;
    let said: Option<String> = members.read("role")?;
    let role = match said.as_deref() {
        None | Some("") => role,
        Some(_) if role == Role::System => role,
        // `function` is the older word for who brings results.
        Some("user" | "function") => Role::User,
        Some("model") => Role::Assistant,
        Some(other) => return Err(Fault::new("role", format!("must be `user` or `model`, not `{other}`"))),
    };
    let mut message = Message {
        role,
        name: None,
        parts: Vec::new(),
        extras: Extras::default(),
    };
    for (at, raw) in keys::items(&mut members, "parts")?.into_iter().enumerate() {
        let path = format!("parts[{at}]");
        ids.foreign = false;
        let piece = piece::read(raw, ids).map_err(|fault| fault.under(&path))?;
        let left = piece.left.0.into_iter();
        message
            .extras
            .0
            .extend(left.map(|(key, value)| (format!("{path}.{key}"), value)));
        if !ids.foreign {
            message.extras.0.push((path, raw.to_owned()));
        }
        message.parts.push(sealed(piece.part, ids));
    }
    keys::keep("", members, &mut message.extras);
    Ok(message)
}

/// A call with the signature that its id carried.
fn sealed(part: Part, ids: &mut Ids) -> Part {
    match part {
        Part::ToolUse(mut tool) => {
            let carried = ids.sealed.remove(&tool.id);
            tool.signature = tool.signature.or(carried);
            Part::ToolUse(tool)
        }
        other => other,
    }
}

/// Reads all contents: a list, or the one content that stands for it.
pub(super) fn contents(top: &mut Members<'_>, ids: &mut Ids) -> Result<Vec<Message>, Fault> {
    let items = keys::items(top, "contents")?.into_iter().enumerate();
    items
        .map(|(at, raw)| content(raw, Role::User, ids).map_err(|fault| fault.under(format!("contents[{at}]"))))
        .collect()
}

/// Whether an id is only there because the client gave none.
pub(super) fn is_unnamed(id: &str) -> bool {
    id.strip_prefix(UNNAMED)
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Which piece the path of an extra is about, and the rest of the path.
pub(super) fn place(key: &str) -> Option<(usize, &str)> {
    let (at, rest) = key.strip_prefix("parts[")?.split_once(']')?;
    Some((at.parse().ok()?, rest))
}

/// Leaves out the spelling of pieces, and puts together what a model said in one go: clients that keep the pieces of a
/// stream bring back each as a content of its own.
pub(super) fn go_abroad(messages: &mut Vec<Message>) {
    let mut joined: Vec<Message> = Vec::with_capacity(messages.len());
    for mut message in messages.drain(..) {
        message
            .extras
            .0
            .retain(|(key, _)| place(key).is_none_or(|(_, rest)| !rest.is_empty()));
        match joined.last_mut() {
            Some(last) if last.role == Role::Assistant && message.role == Role::Assistant => join(last, message),
            _ if message.role == Role::Assistant => {
                joined.push(Message {
                    role: message.role,
                    name: None,
                    parts: Vec::new(),
                    extras: Extras::default(),
                });
                if let Some(last) = joined.last_mut() {
                    join(last, message);
                }
            }
            _ => joined.push(message),
        }
    }
    *messages = joined;
}

/// Adds what a message says to the one before it.
fn join(to: &mut Message, message: Message) {
    let mut places = Vec::with_capacity(message.parts.len());
    for part in message.parts {
        if let Some(part) = grow(to.parts.last_mut(), part) {
            to.parts.push(part);
        }
        places.push(to.parts.len().saturating_sub(1));
    }
    let moved = |key: String| match place(&key) {
        Some((at, rest)) => format!("parts[{}]{rest}", places.get(at).copied().unwrap_or(at)),
        None => key,
    };
    to.extras
        .0
        .extend(message.extras.0.into_iter().map(|(key, value)| (moved(key), value)));
}

/// Adds a piece of text or of thinking to the one before it, if that is the same going on; else gives it back.
fn grow(last: Option<&mut Part>, next: Part) -> Option<Part> {
    match (last, next) {
        (
            Some(Part::Text {
                text,
                signature: signed @ None,
                citations,
                ..
            }),
            Part::Text {
                text: more,
                signature,
                cache: None,
                citations: cited,
            },
        ) => {
            text.push_str(&more);
            *signed = signature;
            citations.extend(cited);
            None
        }
        (Some(Part::Reasoning(thought)), Part::Reasoning(more))
            if thought.signature.is_none() && thought.encrypted.is_none() && more.encrypted.is_none() =>
        {
            thought.text.push_str(&more.text);
            thought.signature = more.signature;
            None
        }
        (_, next) => Some(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_types::chat::Reasoning;

    #[test]
    fn results_without_ids_find_their_calls() {
        let mut ids = Ids::default();
        let first = ids.call(None, "f");
        let second = ids.call(None, "f");
        let other = ids.call(Some("own".into()), "g");
        assert_eq!((other.as_str(), is_unnamed(&first)), ("own", true));
        assert_eq!(ids.answer(None, "g"), "own");
        assert_eq!(ids.answer(None, "f"), first);
        assert_eq!(ids.answer(None, "f"), second);
        assert!(!is_unnamed(&ids.answer(Some("x".into()), "f")) && is_unnamed(&ids.answer(None, "f")));
    }

    #[test]
    fn pieces_of_a_stream_that_come_back_are_one_answer_again() {
        let message = |parts| Message {
            role: Role::Assistant,
            name: None,
            parts,
            extras: Extras::default(),
        };
        let thought = |text: &str, value: Option<&str>| {
            let signature = value.map(|value| seal::brought(value.into(), DialectName::Gemini));
            Part::Reasoning(Reasoning {
                text: text.into(),
                signature,
                encrypted: None,
            })
        };
        let mut told = message(vec![Part::text("b")]);
        told.extras
            .0
            .push(("parts[0].x".into(), serde_json::from_str("1").unwrap()));
        let mut messages = vec![
            message(vec![thought("h", None)]),
            message(vec![thought("m", None)]),
            message(vec![thought("", Some("s")), Part::text("a")]),
            told,
        ];
        go_abroad(&mut messages);
        let [message] = &messages[..] else {
            panic!("{messages:?}")
        };
        let [Part::Reasoning(thought), Part::Text { text, .. }] = &message.parts[..] else {
            panic!("{message:?}")
        };
        assert_eq!((thought.text.as_str(), text.as_str()), ("hm", "ab"));
        assert_eq!(thought.signature.as_ref().unwrap().value, "s");
        assert_eq!(message.extras.0[0].0, "parts[1].x");
    }
}
