//! One part as a piece of a content.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_types::chat::{Extras, Opaque, Part, Reasoning, Role, Source, ToolResult, ToolUse};
use gateway_types::loss::Loss;
use gateway_types::{DialectName, Error};
use serde_json::value::RawValue;

use super::contents::{is_unnamed, place};
use super::model::Abilities;
use super::piece::{is_object, is_stored, media_type_of};
use super::tree::{Json, Object};
use super::turns::Said;
use crate::target::{Site, Target};
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
        for (i, part) in parts.iter().enumerate() {
            let path = format!("{at}.content[{i}]");
            if self.own {
                pieces.push(self.own_piece(part, i, path)?);
                continue;
            }
            if self.role == Role::System && !matches!(part, Part::Text { .. }) {
                self.losses.push(Loss::dropped(path, "the system instruction is text only"));
                continue;
            }
            if is_marked(part) {
                self.lose(&format!("{path}.cache_control"), "prefixes are cached without marks there");
            }
            self.piece(part, path, &mut pieces)?;
        }
        Ok(pieces)
    }

    /// A piece of a client of this dialect: as it was spelled, or said anew with what it had besides.
    fn own_piece(&mut self, part: &'a Part, i: usize, path: String) -> Result<Said<'a>, Error> {
        let (call, result) = (matches!(part, Part::ToolUse(_)), matches!(part, Part::ToolResult(_)));
        let about = |(key, value): &'a (String, Box<RawValue>)| match place(key) {
            Some((at, rest)) if at == i => Some((rest, &**value)),
            _ => None,
        };
        let kept = || self.extras.0.iter().filter_map(about);
        if let Some((_, spelled)) = kept().find(|(rest, _)| rest.is_empty()) {
            return Ok(Said { json: members_of(spelled), path, call, result });
        }
        let kept: Vec<(&str, &RawValue)> = kept().collect();
        let mut pieces = Vec::with_capacity(1);
        self.piece(part, path.clone(), &mut pieces)?;
        let mut json = pieces.into_iter().next().map_or_else(|| Object::of("text", ""), |piece| piece.json);
        for (rest, value) in kept {
            json.put_at(rest.trim_start_matches('.'), value);
        }
        Ok(Said { json, path, call, result })
    }

    fn piece(&mut self, part: &'a Part, path: String, pieces: &mut Vec<Said<'a>>) -> Result<(), Error> {
        let json = match part {
            Part::Text { text, citations, signature, .. } => {
                if !citations.is_empty() {
                    self.lose(&format!("{path}.citations"), "sources are not sent back");
                }
                let signature = self.signature(signature.as_ref(), &path);
                (!text.is_empty() || signature.is_some()).then(|| signed(Object::of("text", text), signature))
            }
            Part::Reasoning(thought) => self.thinking(thought, &path),
            Part::Refusal(text) => {
                self.losses.push(Loss::mapped(path.as_str(), "the refusal is sent as text"));
                (!text.is_empty()).then(|| Object::of("text", text))
            }
            Part::ToolUse(tool) => {
                let json = Some(self.call(tool, &path));
                pieces.extend(json.map(|json| Said { json, path, call: true, result: false }));
                return Ok(());
            }
            Part::ToolResult(result) => return self.result(result, path, pieces),
            Part::Other(verbatim) if verbatim.dialect == DialectName::Gemini => Some(members_of(&verbatim.json)),
            Part::Other(_) => {
                self.lose(&path, "no counterpart");
                None
            }
            media => self.media(media, &path)?,
        };
        pieces.extend(json.map(|json| Said { json, path, call: false, result: false }));
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
        seal::may_go(signature?, DialectName::Gemini, self.target, &format!("{path}.signature"), self.losses)
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
        signed(Object::of("functionCall", call), self.signature(tool.signature.as_ref(), path))
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

    fn result(&mut self, result: &'a ToolResult, path: String, pieces: &mut Vec<Said<'a>>) -> Result<(), Error> {
        let mut response = Object::new();
        if !is_unnamed(&result.id) {
            response.put("id", &result.id);
        }
        let known = result.name.as_deref().or_else(|| self.names.get(result.id.as_str()).copied());
        if known.is_none() {
            let note = "no call has that id; the id is sent in place of the function's name";
            self.losses.push(Loss::emulated(format!("{path}.name"), note));
        }
        response.put("name", known.unwrap_or(&result.id));
        let (texts, media): (Vec<&Part>, Vec<&Part>) = result.parts.iter().partition(|part| is_text(part));
        response.put("response", answer(&texts, result.failed));
        let mut rich = Vec::new();
        for part in media {
            let Some(json) = self.media(part, &path)? else { continue };
            rich.push(json);
        }
        let within = self.able.rich_results || self.own;
        if within && !rich.is_empty() {
            response.put("parts", rich.drain(..).map(Json::from).collect::<Json<'_>>());
        } else if !rich.is_empty() {
            let note = "the model takes text as a tool's answer; the media are sent beside it";
            self.losses.push(Loss::emulated(path.as_str(), note));
        }
        let json = Object::of("functionResponse", response);
        for json in [json].into_iter().chain(rich) {
            pieces.push(Said { json, path: path.clone(), call: false, result: true });
        }
        Ok(())
    }

    /// Pictures, sound, films, documents.
    fn media(&mut self, part: &'a Part, path: &str) -> Result<Option<Object<'a>>, Error> {
        let (source, usual, name) = match part {
            Part::Image { source, detail, .. } => {
                if detail.as_deref().is_some_and(|detail| detail != "auto") {
                    self.lose(&format!("{path}.detail"), "no counterpart");
                }
                (source, Some("image/jpeg"), None)
            }
            Part::Audio { source: Source::File(_), transcript: Some(transcript) } if !self.own => {
                self.losses.push(Loss::emulated(path, "the transcript is sent in place of the sound"));
                return Ok(Some(Object::of("text", transcript)));
            }
            Part::Audio { source, transcript } => {
                if transcript.is_some() {
                    self.lose(&format!("{path}.transcript"), "the sound itself is sent");
                }
                (source, Some("audio/mp3"), None)
            }
            Part::Video { source, .. } => (source, Some("video/mp4"), None),
            Part::Document { source, name, extras, .. } => {
                for (key, _) in &extras.0 {
                    self.lose(&format!("{path}.{key}"), "no counterpart");
                }
                (source, None, name.as_ref())
            }
            Part::Other(verbatim) if verbatim.dialect == DialectName::Gemini => {
                return Ok(Some(members_of(&verbatim.json)));
            }
            _ => {
                self.lose(path, "no counterpart");
                return Ok(None);
            }
        };
        let mut media = self.source(source, usual, path)?;
        if let Some(name) = name {
            // Only Google Cloud's API has a place for it.
            match matches!(self.target.site, Site::Vertex { .. }) || self.own {
                true => media.1.put("displayName", name),
                false => self.lose(&format!("{path}.name"), "documents have no names there"),
            }
        }
        Ok(Some(Object::of(media.0, media.1)))
    }

    fn source(
        &mut self,
        source: &'a Source,
        usual: Option<&'static str>,
        path: &str,
    ) -> Result<(&'static str, Object<'a>), Error> {
        let blob = |kind: &'a str, data: Cow<'a, str>| ("inlineData", Object::of("mimeType", kind).with("data", data));
        let file = |uri: &'a str| {
            let kind = media_type_of(uri).or(usual).filter(|kind| !kind.ends_with('*'));
            let mut file = Object::of("fileUri", uri);
            file.maybe("mimeType", kind);
            ("fileData", file)
        };
        match source {
            Source::Inline { media_type, data } => {
                let data = std::str::from_utf8(data).map_err(|_| Error::invalid(path, "the data must be base64 text"))?;
                Ok(blob(media_type, Cow::Borrowed(data)))
            }
            Source::Text(text) => Ok(blob("text/plain", Cow::Owned(STANDARD.encode(text)))),
            Source::Url(url) => Ok(file(url)),
            Source::File(id) if self.own || is_stored_name(id) => Ok(file(id)),
            Source::File(id) => {
                let message =
                    format!("the file `{id}` is not stored at the provider that serves this model; send its content");
                Err(Error::invalid(path, message))
            }
        }
    }

    fn lose(&mut self, field: &str, note: &str) {
        self.losses.push(Loss::dropped(field, note));
    }
}

/// A file's address at Google, or its name there; ids of other vendors' files have neither form.
fn is_stored_name(id: &str) -> bool {
    is_stored(id) && (id.contains("://") || id.starts_with("files/"))
}

fn signed<'a>(mut json: Object<'a>, signature: Option<&'a str>) -> Object<'a> {
    json.maybe("thoughtSignature", signature);
    json
}

/// A piece as it was spelled, its members to be added to.
fn members_of(raw: &RawValue) -> Object<'_> {
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
