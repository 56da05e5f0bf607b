//! Speech: OpenAI's `POST /v1/audio/speech` as `POST /v1/text-to-speech/{voice_id}`.

use bytes::Bytes;
use gateway_types::json::{Cursor, Kind, Slices};
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, Operation};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Uri};
use serde_json::value::RawValue;

use crate::address;
use crate::json::{Fault, Out, Take};
use crate::lane::{Observed, Whole};
use crate::openai::body;
use crate::outgoing;
use crate::target::Target;
use crate::transport::WireRequest;

/// How fast the vendor speaks, at the least and at the most.
const SPEEDS: (f64, f64) = (0.7, 1.2);
/// Members of the vendor's own that a client may put beside OpenAI's.
const OWN: [&str; 9] = [
    "language_code",
    "pronunciation_dictionary_locators",
    "seed",
    "previous_text",
    "next_text",
    "previous_request_ids",
    "next_request_ids",
    "apply_text_normalization",
    "apply_language_text_normalization",
];

/// What a client asks for.
#[derive(Default)]
struct Asked {
    text: String,
    voice: String,
    format: Option<String>,
    speed: Option<f64>,
    events: bool,
    settings: Option<Box<RawValue>>,
    own: Vec<(String, Box<RawValue>)>,
    more: Vec<String>,
}

/// Says a call.
pub(super) fn request(call: &Call, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let asked = read(call)?;
    let format = format(asked.format.as_deref())?;
    if asked.events {
        let message = "`stream_format` must be `audio` for this provider, which sends sound as sound";
        return Err(Error::invalid("stream_format", message));
    }
    losses.extend(
        asked
            .more
            .iter()
            .map(|key| Loss::dropped(key, "this API has no such field")),
    );
    let mut speech = Vec::new();
    Out::object(&mut speech, |out| {
        out.member("text", &asked.text);
        out.member("model_id", target.model.as_str());
        settings(&asked, out, losses);
        for (key, raw) in &asked.own {
            out.member(key, raw);
        }
    });
    let uri = voice_address(target, &asked.voice, &format)?;
    let mut wire = outgoing::sliced(uri, outgoing::JSON, outgoing::JSON, Slices::one(speech.into()));
    wire.headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    Ok(wire)
}

fn read(call: &Call) -> Result<Asked, Error> {
    let mut asked = Asked::default();
    body(call, |key, at| {
        match key {
            "model" | "fallbacks" => {}
            "input" => asked.text = at.string()?,
            "voice" => asked.voice = voice(at)?,
            "response_format" => asked.format = Some(at.string()?),
            "speed" => asked.speed = Some(at.read("a number")?),
            "stream_format" => asked.events = at.string()? == "sse",
            "voice_settings" => asked.settings = Some(at.keep()?),
            _ if OWN.contains(&key) => asked.own.push((key.to_owned(), at.keep()?)),
            _ => asked.more.push(key.to_owned()),
        }
        Ok(())
    })?;
    if asked.voice.is_empty() {
        return Err(Error::invalid(
            "voice",
            "`voice` is missing; it must be the id of a voice",
        ));
    }
    Ok(asked)
}

/// A voice: its id, or an object that has it.
fn voice(at: &mut Cursor<'_>) -> Result<String, Fault> {
    if at.kind() == Some(Kind::String) {
        return at.string();
    }
    let mut id = String::new();
    at.members(|key, at| {
        if key == "id" {
            id = at.string()?;
        }
        Ok(())
    })?;
    Ok(id)
}

/// The vendor's word for a format: OpenAI's with the rate that OpenAI has, or the vendor's own as it is.
fn format(asked: Option<&str>) -> Result<String, Error> {
    let own = |word: &str| {
        let (kind, rate) = word.split_once('_')?;
        let known = ["mp3", "opus", "pcm", "wav", "ulaw", "alaw"].contains(&kind);
        (known && rate.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')).then(|| word.to_owned())
    };
    Ok(match asked {
        None | Some("mp3") => String::from("mp3_44100_128"),
        Some("opus") => String::from("opus_48000_64"),
        Some("pcm") => String::from("pcm_24000"),
        Some("wav") => String::from("wav_24000"),
        Some(word) => own(word).ok_or_else(|| {
            let message = "`response_format` must be mp3, opus, wav or pcm for this provider";
            Error::invalid("response_format", message)
        })?,
    })
}

fn settings(asked: &Asked, out: &mut Out<'_>, losses: &mut Vec<Loss>) {
    // A client that knows the vendor's settings has set the speed among them.
    if let Some(settings) = &asked.settings {
        return out.member("voice_settings", settings);
    }
    let Some(speed) = asked.speed else { return };
    let said = speed.clamp(SPEEDS.0, SPEEDS.1);
    if said != speed {
        losses.push(Loss::emulated(
            "speed",
            format!("the nearest that this provider speaks is {said}"),
        ));
    }
    out.inner("voice_settings", |out| out.member("speed", said));
}

fn voice_address(target: &Target, voice: &str, format: &str) -> Result<Uri, Error> {
    let voice = format!("/{}?output_format={format}", address::segment(voice));
    address::below(target, DialectName::ElevenLabs, Operation::Speech, &voice)
}

/// The sound, as it came.
pub(super) fn response(headers: &HeaderMap, body: Bytes) -> Whole {
    Whole {
        observed: Observed {
            content: !body.is_empty(),
            done: true,
            ..Observed::default()
        },
        body,
        content_type: headers.get(CONTENT_TYPE).cloned(),
    }
}
