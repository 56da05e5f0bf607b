//! Text from speech: OpenAI's form for `POST /v1/audio/transcriptions` as the vendor's for `POST /v1/speech-to-text`. The
//! file's part goes on as it came, under the same boundary.

use bytes::Bytes;
use gateway_types::form::{self, FormPart};
use gateway_types::json::Slices;
use gateway_types::loss::Loss;
use gateway_types::{Call, DialectName, Error, ErrorKind, Operation};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use crate::address;
use crate::outgoing;
use crate::target::Target;
use crate::transport::WireRequest;

/// The vendor's own parts that a client may put beside OpenAI's.
const OWN: [&str; 12] = [
    "language_code",
    "tag_audio_events",
    "num_speakers",
    "timestamps_granularity",
    "diarize",
    "diarization_threshold",
    "file_format",
    "source_url",
    "seed",
    "use_multi_channel",
    "entity_detection",
    "keyterms",
];

/// A client's form, part by part.
pub(super) struct Form<'a> {
    parts: Vec<FormPart>,
    body: &'a Bytes,
}

impl<'a> Form<'a> {
    pub(super) fn of(call: &'a Call) -> Result<Self, Error> {
        let content_type = call.body.content_type.as_deref().unwrap_or_default();
        let parts = form::parts(&call.body.bytes, content_type);
        let parts = parts.map_err(|error| Error::new(ErrorKind::Invalid, error.to_string()))?;
        Ok(Self {
            parts,
            body: &call.body.bytes,
        })
    }

    /// The text of the first part of that name.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        let part = self.parts.iter().find(|part| part.name == name)?;
        std::str::from_utf8(self.body.get(part.value.clone())?)
            .ok()
            .map(str::trim)
    }

    /// Whether a part of that name, of which there may be several, says that.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        let parts = self
            .parts
            .iter()
            .filter(|part| part.name == name || part.name == format!("{name}[]"));
        parts
            .into_iter()
            .any(|part| self.body.get(part.value.clone()) == Some(value.as_bytes()))
    }
}

/// Says a call.
pub(super) fn request(call: &Call, target: &Target, losses: &mut Vec<Loss>) -> Result<WireRequest, Error> {
    let Some(content_type) = call.body.content_type.as_deref() else {
        let message = "the body must be a form (multipart/form-data) with the sound in a part `file`";
        return Err(Error::new(ErrorKind::Invalid, message));
    };
    let form = Form::of(call)?;
    let boundary = form::boundary(content_type).unwrap_or_default();
    let mut telling = Telling {
        boundary,
        slices: Slices::default(),
    };
    telling.text("model_id", target.model.as_str())?;
    let format = form.text("response_format").unwrap_or("json");
    if format == "diarized_json" && form.text("diarize").is_none() {
        telling.text("diarize", "true")?;
    }
    for part in &form.parts {
        let value = || form.text(&part.name).unwrap_or_default();
        match part.name.as_str() {
            // What the answer is to be made of is seen to when it comes; words with their times come unasked.
            "model" | "response_format" | "stream" | "timestamp_granularities[]" | "timestamp_granularities" => {}
            "language" => telling.text("language_code", value())?,
            "url" => telling.text("source_url", value())?,
            "temperature" => telling.text("temperature", value())?,
            "file" => telling.part(call, part),
            name if OWN.contains(&name) => telling.part(call, part),
            name => losses.push(Loss::dropped(name, "this API has no such field")),
        }
    }
    let end = format!("--{boundary}--\r\n");
    telling.slices.0.push(end.into());
    let uri = address::of(target, DialectName::ElevenLabs, Operation::Transcription, false)?;
    let mut wire = outgoing::sliced(uri, outgoing::JSON, outgoing::JSON, telling.slices);
    let content_type = HeaderValue::from_str(content_type).map_err(|_| {
        Error::new(
            ErrorKind::Invalid,
            "the content type has characters that no header can hold",
        )
    })?;
    wire.headers.insert(CONTENT_TYPE, content_type);
    Ok(wire)
}

/// A form on its way out.
struct Telling<'a> {
    boundary: &'a str,
    slices: Slices,
}

impl Telling<'_> {
    fn text(&mut self, name: &str, value: &str) -> Result<(), Error> {
        if !form::fits(value, self.boundary) {
            return Err(Error::invalid(
                name,
                format!("`{name}` must not hold the boundary of its form"),
            ));
        }
        let part = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n",
            self.boundary
        );
        self.slices.0.push(part.into());
        Ok(())
    }

    /// A part as it came.
    fn part(&mut self, call: &Call, part: &FormPart) {
        self.slices.0.push(format!("--{}\r\n", self.boundary).into());
        self.slices.0.push(call.body.bytes.slice(part.span.clone()));
        self.slices.0.push(Bytes::from_static(b"\r\n"));
    }
}
