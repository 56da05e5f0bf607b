//! One answer of a provider's stream being heard: chunks in, pieces out, one open at a time.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};
use bytes::Bytes;
use gateway_types::chat::{Citation, Event, Opaque, Part, PartStart, Source};
use gateway_types::{Error, ErrorKind};
use serde_json::value::RawValue;

use super::cite;
use super::response::{Maker, content, finish, picture, rest};
use super::thought::Detail;
use super::wire::{Audio, Choice, Message, ToolCall, sound, text};

/// The most sound that one answer may have.
const SOUND: usize = 64 * 1024 * 1024;
/// The most calls of tools, and the most members of the vendor's own, that one answer may have.
const CALLS: usize = 4096;
const OWN: usize = 64;

/// What has been heard of one answer.
#[derive(Debug, Default)]
pub(super) struct Heard {
    next: u32,
    open: Option<(Kind, u32)>,
    tools: Vec<Tool>,
    finished: bool,
    wound_up: bool,
    /// The piece of `reasoning_details` that the open thinking is.
    detail: Option<Detail>,
    /// Citations that came before the text that cites them.
    citations: Vec<Citation>,
    sound: Vec<u8>,
    transcript: String,
    /// Members that only this vendor has; the last of a name counts.
    own: Vec<(String, Box<RawValue>)>,
}

/// A tool call that has begun.
#[derive(Debug)]
struct Tool {
    index: Option<u32>,
    id: String,
    part: u32,
}

/// The kind of the piece that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
    Refusal,
    Tool,
    Whole,
}

impl Heard {
    pub(super) fn has_finished(&self) -> bool {
        self.finished
    }
}

/// One answer being heard.
pub(super) struct Listening<'a> {
    choice: u32,
    maker: Maker<'a>,
    heard: &'a mut Heard,
    events: &'a mut Vec<Event>,
}

impl<'a> Listening<'a> {
    pub(super) fn new(choice: u32, maker: Maker<'a>, heard: &'a mut Heard, events: &'a mut Vec<Event>) -> Self {
        Self {
            choice,
            maker,
            heard,
            events,
        }
    }

    /// Hears one chunk; `beside` are sources that stand beside the answer.
    pub(super) fn hear(&mut self, choice: &Choice<'_>, beside: Vec<Citation>) -> Result<(), Error> {
        if let Some(message) = choice.said() {
            self.message(message)?;
        }
        if let Some(said) = choice.text {
            self.say(Kind::Text, &text(said));
        }
        if let Some(logprobs) = choice.logprobs.filter(|raw| !matches!(raw.get(), "null" | "{}")) {
            self.events.push(Event::Logprobs {
                choice: self.choice,
                logprobs: logprobs.to_owned(),
            });
        }
        self.cite(beside);
        if let Some(word) = &choice.finish_reason
            && !std::mem::replace(&mut self.heard.finished, true)
        {
            self.wind_up();
            self.events.push(Event::Finish {
                choice: self.choice,
                finish: finish(word),
            });
        }
        Ok(())
    }

    /// Says what was gathered and is only whole at the end.
    pub(super) fn wind_up(&mut self) {
        if std::mem::replace(&mut self.heard.wound_up, true) {
            return;
        }
        if !self.heard.citations.is_empty() {
            // They came, and no text after them: an empty one cites them.
            self.open(Kind::Text, PartStart::Text);
        }
        self.close();
        let sound = std::mem::take(&mut self.heard.sound);
        let transcript = std::mem::take(&mut self.heard.transcript);
        if !sound.is_empty() || !transcript.is_empty() {
            self.whole(spoken(&sound, transcript));
        }
        let own = std::mem::take(&mut self.heard.own);
        if let Some(part) = rest(&own) {
            self.whole(part);
        }
    }

    fn message(&mut self, message: &Message<'_>) -> Result<(), Error> {
        self.reasoning(message);
        for part in message.content.map(content).unwrap_or_default() {
            match part {
                Part::Text { text, .. } => self.say(Kind::Text, &text),
                Part::Reasoning(thought) => self.say(Kind::Reasoning, &thought.text),
                whole => self.whole(whole),
            }
        }
        if let Some(annotations) = message.annotations {
            self.cite(cite::annotations(annotations));
        }
        if let Some(refusal) = message.refusal {
            self.say(Kind::Refusal, &text(refusal));
        }
        for image in message.images.iter().flatten() {
            self.whole(picture(image));
        }
        if let Some(audio) = &message.audio {
            self.audio(audio)?;
        }
        let calls = message.tool_calls.as_deref().unwrap_or_default();
        for (i, call) in calls.iter().enumerate() {
            self.tool(i, call, calls.len())?;
        }
        if let Some(call) = &message.function_call {
            let name = call.name.clone().unwrap_or_default();
            let part = self.call(Some(0), name.clone(), name, false)?;
            self.arguments(part, call.arguments);
        }
        for (key, raw) in &message.rest {
            self.own(key, raw);
        }
        Ok(())
    }

    fn own(&mut self, key: &str, raw: &RawValue) {
        let own = &mut self.heard.own;
        match own.iter().position(|(known, _)| known == key) {
            Some(at) => own[at].1 = raw.to_owned(),
            None if own.len() < OWN => own.push((key.to_owned(), raw.to_owned())),
            None => {}
        }
    }

    fn reasoning(&mut self, message: &Message<'_>) {
        let details: Vec<&RawValue> = message
            .reasoning_details
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let details: Vec<Detail> = details.into_iter().filter_map(Detail::read).collect();
        let told = details.iter().any(|detail| !detail.text.is_empty());
        if let Some(said) = message.reasoning_content.or(message.reasoning).filter(|_| !told) {
            self.say(Kind::Reasoning, &text(said));
        }
        for detail in details {
            self.detail(detail);
        }
    }

    fn detail(&mut self, mut detail: Detail) {
        if detail.is_encrypted() {
            let proof = detail.proof(&|value| self.maker.made(value));
            self.open(Kind::Reasoning, PartStart::Encrypted(proof));
            self.close();
            return;
        }
        let thinking = matches!(self.heard.open, Some((Kind::Reasoning, _)));
        let goes_on = match &self.heard.detail {
            Some(open) => thinking && open.goes_on(&detail),
            None => thinking,
        };
        if !goes_on {
            self.open(Kind::Reasoning, PartStart::Reasoning);
        }
        // What has been said need not be kept; only what proves it is.
        let said = std::mem::take(&mut detail.text);
        self.say(Kind::Reasoning, &said);
        match &mut self.heard.detail {
            Some(open) => open.add(detail),
            none => *none = Some(detail),
        }
    }

    fn say(&mut self, kind: Kind, text: &str) {
        if text.is_empty() {
            return;
        }
        let part = match self.heard.open {
            Some((open, part)) if open == kind => part,
            _ => self.open(
                kind,
                match kind {
                    Kind::Reasoning => PartStart::Reasoning,
                    Kind::Refusal => PartStart::Refusal,
                    Kind::Text | Kind::Tool | Kind::Whole => PartStart::Text,
                },
            ),
        };
        self.events.push(Event::Delta {
            choice: self.choice,
            part,
            text: text.to_owned(),
        });
    }

    fn cite(&mut self, citations: Vec<Citation>) {
        let choice = self.choice;
        match self.heard.open {
            Some((Kind::Text, part)) => {
                let citations = citations.into_iter();
                self.events
                    .extend(citations.map(|citation| Event::Citation { choice, part, citation }));
            }
            _ => self.heard.citations.extend(citations),
        }
    }

    fn audio(&mut self, audio: &Audio<'_>) -> Result<(), Error> {
        /// Every piece is coded by itself, with padding or without.
        const LENIENT: GeneralPurpose = GeneralPurpose::new(
            &base64::alphabet::STANDARD,
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
        );
        let coded = audio.data.map(text).unwrap_or_default();
        let bytes = LENIENT.decode(coded).map_err(|_| {
            let message = "the provider's stream has sound that is no base64";
            Error::new(ErrorKind::UpstreamFailed, message)
        })?;
        if self.heard.sound.len() + bytes.len() > SOUND {
            let message = format!("the provider's stream has more than {SOUND} bytes of sound");
            return Err(Error::new(ErrorKind::UpstreamFailed, message));
        }
        self.heard.sound.extend_from_slice(&bytes);
        self.heard
            .transcript
            .push_str(&audio.transcript.map(text).unwrap_or_default());
        Ok(())
    }

    /// More of a tool call. Vendors number them, or do not, or give every one the same number; a new id is a new call.
    fn tool(&mut self, place: usize, call: &ToolCall<'_>, among: usize) -> Result<(), Error> {
        let (name, arguments) = call.said();
        let place = || u32::try_from(place).unwrap_or(u32::MAX);
        let numbered = call.index.or_else(|| (among > 1).then(place));
        let (id, name) = (call.id.clone().unwrap_or_default(), name.cloned().unwrap_or_default());
        let part = self.call(numbered, id, name, call.custom.is_some())?;
        // First: it may have to travel in the id.
        if let Some(extra) = call.extra_content {
            let signature = self.maker.made(extra.get().to_owned());
            self.sign(part, signature);
        }
        self.arguments(part, arguments);
        Ok(())
    }

    fn arguments(&mut self, part: u32, arguments: Option<&RawValue>) {
        let text = arguments.map(text).unwrap_or_default();
        if !text.is_empty() {
            self.events.push(Event::Delta {
                choice: self.choice,
                part,
                text,
            });
        }
    }

    fn sign(&mut self, part: u32, signature: Opaque) {
        self.events.push(Event::Signature {
            choice: self.choice,
            part,
            signature,
        });
    }

    /// The piece that a call is; a new one where it is not known yet.
    fn call(&mut self, index: Option<u32>, id: String, name: String, freeform: bool) -> Result<u32, Error> {
        let known = self.heard.tools.iter().rev().find(|tool| {
            let same_place = index.is_none() || tool.index == index;
            let same_id = id.is_empty() || tool.id == id;
            // Without a number and an id, a name can only be the beginning of a new one.
            same_place && same_id && !(index.is_none() && id.is_empty() && !name.is_empty())
        });
        Ok(match known {
            Some(tool) => tool.part,
            None if self.heard.tools.len() >= CALLS => {
                let message = format!("the provider's stream has more than {CALLS} calls of tools");
                return Err(Error::new(ErrorKind::UpstreamFailed, message));
            }
            None => {
                let id = match id.is_empty() {
                    true => self.maker.id(self.choice, self.heard.tools.len()),
                    false => id,
                };
                let start = PartStart::ToolUse {
                    id: id.clone(),
                    name,
                    freeform,
                };
                let part = self.open(Kind::Tool, start);
                self.heard.tools.push(Tool { index, id, part });
                part
            }
        })
    }

    fn whole(&mut self, part: Part) {
        self.open(Kind::Whole, PartStart::Whole(part));
        self.close();
    }

    fn open(&mut self, kind: Kind, start: PartStart) -> u32 {
        self.close();
        let part = self.heard.next;
        self.heard.next += 1;
        self.heard.open = Some((kind, part));
        self.events.push(Event::PartStart {
            choice: self.choice,
            part,
            start,
        });
        if kind == Kind::Text {
            let waiting = std::mem::take(&mut self.heard.citations);
            self.cite(waiting);
        }
        part
    }

    fn close(&mut self) {
        let Some((_, part)) = self.heard.open.take() else {
            return;
        };
        if let Some(detail) = self.heard.detail.take() {
            let proof = detail.proof(&|value| self.maker.made(value));
            self.sign(part, proof);
        }
        self.events.push(Event::PartEnd {
            choice: self.choice,
            part,
        });
    }
}

fn spoken(samples: &[u8], transcript: String) -> Part {
    let source = match samples {
        [] => Source::Inline {
            media_type: String::from("audio/pcm"),
            data: Bytes::new(),
        },
        samples => sound(STANDARD.encode(samples)),
    };
    Part::Audio {
        source,
        transcript: (!transcript.is_empty()).then_some(transcript),
    }
}
