//! One part as a piece of a content.

use std::borrow::Cow;
use std::collections::HashMap;

use gateway_types::chat::{Extras, Opaque, Part, Reasoning, Role, ToolResult, ToolUse};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};
use serde_json::value::RawValue;

use super::contents::{is_unnamed, place};
use super::model::Abilities;
use super::piece::is_object;
use super::tree::{Json, Object};
use super::turns::Said;
use crate::target::Target;
use crate::{freeform, seal};

/// Says the parts of one message.
pub(super) struct Speaker<'a, 'l> {
    pub(super) target: &'a Target,
    pub(super) able: Abilities,
    /// Whether the request came in this dialect.
    pub(super) own: bool,
    pub(super) role: Role,
    pub(super) names: &'l HashMap<&'a str, &'a str>,
    pub(super) extras: &'a Extras,
    pub(super) losses: &'l mut Vec<Loss>,
}

impl<'a> Speaker<'a, '_> {
    pub(super) fn pieces(&mut self, parts: &'a [Part], at: &str) -> Result<Vec<Said<'a>>, Error> {
        let mut pieces = Vec::with_capacity(parts.len());
        let mut kept = self.kept();
        for (i, part) in parts.iter().enumerate() {
            let path = format!("{at}.content[{i}]");
            if self.own {
                let kept = kept.remove(&i).unwrap_or_default();
                pieces.push(self.own_piece(part, &kept, path)?);
                continue;
            }
            if self.role == Role::System && !matches!(part, Part::Text { .. }) {
                self.losses
                    .push(Loss::dropped(path, "the system instruction is text only"));
                continue;
            }
            if is_marked(part) {
                self.lose(
                    &format!("{path}.cache_control"),
                    "prefixes are cached without marks there",
                );
            }
            self.piece(part, path, &mut pieces)?;
        }
        Ok(pieces)
    }

    /// A piece of a client of this dialect: as it was spelled, or said anew with what it had besides.
    fn own_piece(&mut self, part: &'a Part, kept: &[(&'a str, &'a RawValue)], path: String) -> Result<Said<'a>, Error> {
        let (call, result) = (matches!(part, Part::ToolUse(_)), matches!(part, Part::ToolResult(_)));
        let json = match kept.iter().find(|(rest, _)| rest.is_empty()) {
            Some((_, spelled)) => members_of(spelled),
            None => {
                let mut pieces = Vec::with_capacity(1);
                self.piece(part, path.clone(), &mut pieces)?;
                let said = pieces.into_iter().next();
                let mut json = said.map_or_else(|| Object::of("text", ""), |piece| piece.json);
                for (rest, value) in kept {
                    json.put_at(rest.trim_start_matches('.'), *value);
                }
                json
            }
        };
        Ok(Said {
            json,
            path,
            call,
            result,
        })
    }

    /// What was kept of each piece, by its number.
    fn kept(&self) -> HashMap<usize, Vec<(&'a str, &'a RawValue)>> {
        let mut kept: HashMap<_, Vec<_>> = HashMap::new();
        for (key, value) in self.extras.0.iter().filter(|_| self.own) {
            if let Some((at, rest)) = place(key) {
                kept.entry(at).or_default().push((rest, &**value));
            }
        }
        kept
    }

    fn piece(&mut self, part: &'a Part, path: String, pieces: &mut Vec<Said<'a>>) -> Result<(), Error> {
        let json = match part {
            Part::Text {
                text,
                citations,
                signature,
                ..
            } => {
                if !citations.is_empty() {
                    self.lose(&format!("{path}.citations"), "sources are not sent back");
                }
                let signature = self.signature(signature.as_ref(), &path);
                (!text.is_empty() || signature.is_some()).then(|| signed(Object::of("text", text), signature))
            }
            Part::Reasoning(thought) => self.thinking(thought, &path),
            Part::Refusal(text) => {
                self.losses
                    .push(Loss::mapped(path.as_str(), "the refusal is sent as text"));
                (!text.is_empty()).then(|| Object::of("text", text))
            }
            Part::ToolUse(tool) => {
                let json = Some(self.call(tool, &path));
                pieces.extend(json.map(|json| Said {
                    json,
                    path,
                    call: true,
                    result: false,
                }));
                return Ok(());
            }
            Part::ToolResult(result) => return self.result(result, &path, pieces),
            Part::Other(verbatim) if verbatim.dialect == DialectName::Gemini => Some(members_of(&verbatim.json)),
            Part::Other(_) => {
                self.lose(&path, "no counterpart");
                None
            }
            media => self.media(media, &path)?,
        };
        pieces.extend(json.map(|json| Said {
            json,
            path,
            call: false,
            result: false,
        }));
        Ok(())
    }

    fn thinking(&mut self, thought: &'a Reasoning, path: &str) -> Option<Object<'a>> {
        if let Some(encrypted) = &thought.encrypted {
            let value = self.signature(Some(encrypted), path)?;
            return Some(signed(Object::of("thought", true), Some(value)));
        }
        let signature = self.signature(thought.signature.as_ref(), path);
        let empty = thought.text.is_empty() && signature.is_none();
        (!empty).then(|| signed(Object::of("text", &thought.text).with("thought", true), signature))
    }

    fn signature(&mut self, signature: Option<&'a Opaque>, path: &str) -> Option<&'a str> {
        seal::may_go(
            signature?,
            DialectName::Gemini,
            self.target,
            &format!("{path}.signature"),
            self.losses,
        )
    }

    fn call(&mut self, tool: &'a ToolUse, path: &str) -> Object<'a> {
        for (key, _) in &tool.extras.0 {
            self.lose(&format!("{path}.{key}"), "no counterpart");
        }
        let mut call = Object::new();
        if !is_unnamed(&tool.id) {
            call.put("id", &tool.id);
        }
        call.put("name", &tool.name);
        call.put("args", self.arguments(tool, path));
        signed(
            Object::of("functionCall", call),
            self.signature(tool.signature.as_ref(), path),
        )
    }

    /// The arguments, which must be an object.
    fn arguments(&mut self, tool: &'a ToolUse, path: &str) -> Json<'a> {
        if tool.freeform {
            return raw(freeform::wrap(&tool.arguments));
        }
        if tool.arguments.trim().is_empty() {
            return Object::new().into();
        }
        match serde_json::from_str::<&RawValue>(&tool.arguments) {
            Ok(raw) if raw.get().starts_with('{') => raw.into(),
            _ => {
                let note = "the arguments are no JSON object; sent as {\"arguments\": text}";
                self.losses.push(Loss::emulated(format!("{path}.arguments"), note));
                Object::of("arguments", &tool.arguments).into()
            }
        }
    }

    fn result(&mut self, result: &'a ToolResult, path: &str, pieces: &mut Vec<Said<'a>>) -> Result<(), Error> {
        let mut response = Object::new();
        if !is_unnamed(&result.id) {
            response.put("id", &result.id);
        }
        let known = result
            .name
            .as_deref()
            .or_else(|| self.names.get(result.id.as_str()).copied());
        if known.is_none() {
            let note = "no call has that id; the id is sent in place of the function's name";
            self.losses.push(Loss::emulated(format!("{path}.name"), note));
        }
        response.put("name", known.unwrap_or(&result.id));
        let (texts, media): (Vec<&Part>, Vec<&Part>) = result.parts.iter().partition(|part| is_text(part));
        response.put("response", answer(&texts, result.failed));
        let mut rich = Vec::new();
        for part in media {
            let Some(json) = self.media(part, path)? else { continue };
            rich.push(json);
        }
        let within = self.able.rich_results || self.own;
        if within && !rich.is_empty() {
            response.put("parts", rich.drain(..).map(Json::from).collect::<Json<'_>>());
        } else if !rich.is_empty() {
            let note = "the model takes text as a tool's answer; the media are sent beside it";
            self.losses.push(Loss::emulated(path, note));
        }
        let json = Object::of("functionResponse", response);
        for json in [json].into_iter().chain(rich) {
            pieces.push(Said {
                json,
                path: path.to_owned(),
                call: false,
                result: true,
            });
        }
        Ok(())
    }

    pub(super) fn lose(&mut self, field: &str, note: &str) {
        self.losses.push(Loss::dropped(field, note));
    }
}

fn signed<'a>(mut json: Object<'a>, signature: Option<&'a str>) -> Object<'a> {
    json.maybe("thoughtSignature", signature);
    json
}

/// A piece as it was spelled, its members to be added to.
pub(super) fn members_of(raw: &RawValue) -> Object<'_> {
    let mut json = Object::new();
    if let Ok(members) = crate::json::Members::of(raw) {
        for (key, value) in members.pairs() {
            json.push(key.to_owned(), value);
        }
    }
    json
}

fn raw<'a>(json: String) -> Json<'a> {
    match RawValue::from_string(json) {
        Ok(raw) => raw.into(),
        Err(_) => Object::new().into(),
    }
}

fn is_text(part: &Part) -> bool {
    matches!(part, Part::Text { .. } | Part::Refusal(_))
}

/// What a function answered, as the object that the API wants: an object as it is, text under the names that Google's
/// convention has for it.
fn answer<'a>(texts: &[&'a Part], failed: bool) -> Object<'a> {
    let texts: Vec<&str> = texts
        .iter()
        .filter_map(|part| match part {
            Part::Text { text, .. } | Part::Refusal(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let text: Cow<'a, str> = match &texts[..] {
        [one] => Cow::Borrowed(*one),
        [] => Cow::Borrowed(""),
        many => Cow::Owned(many.join("\n")),
    };
    let object = is_object(&text);
    match (failed, object) {
        (false, true) => match text {
            Cow::Borrowed(text) => serde_json::from_str::<&RawValue>(text).map_or_else(|_| Object::new(), members_of),
            Cow::Owned(text) => Object::of("output", text),
        },
        (false, false) if texts.is_empty() => Object::new(),
        (false, false) => Object::of("output", text),
        (true, true) => Object::of("error", raw(text.into_owned())),
        (true, false) => Object::of("error", text),
    }
}

fn is_marked(part: &Part) -> bool {
    match part {
        Part::Text { cache, .. }
        | Part::Image { cache, .. }
        | Part::Video { cache, .. }
        | Part::Document { cache, .. } => cache.is_some(),
        Part::ToolUse(tool) => tool.cache.is_some(),
        Part::ToolResult(result) => result.cache.is_some(),
        Part::Audio { .. } | Part::Reasoning(_) | Part::Refusal(_) | Part::Other(_) => false,
    }
}
