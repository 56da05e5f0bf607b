//! Streams of sound, pictures and transcripts: events with a type, which pass as they come.

use gateway_types::{Call, Error, ErrorKind, Operation};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::errors;
use super::usage::WireUsage;
use crate::framing::sse::Splitter;
use crate::json::{Out, literal_len, parse};
use crate::kind::Kind;
use crate::lane::Observed;
use crate::passing::{DONE, Watch};

/// Watches such a stream. Sources: OpenAI's reference of `speech.audio.*`, `image_generation.*`, `image_edit.*` and
/// `transcript.text.*` events.
#[derive(Debug)]
pub(super) struct Events {
    kind: &'static Kind,
    operation: Operation,
    /// What has been written down so far: an event that ends a transcript says all of it.
    heard: String,
    /// How many pictures are to come.
    pictures: u32,
    ended: bool,
}

/// The longest transcript that is kept for the event that would end it.
const HEARD: usize = 4 * 1024 * 1024;

impl Events {
    pub(super) fn new(call: &Call, kind: &'static Kind) -> Self {
        Self {
            kind,
            operation: call.operation,
            heard: String::new(),
            pictures: call.choices,
            ended: false,
        }
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
}

impl Watch for Events {
    type Frames = Splitter;

    fn look(&mut self, data: &[u8], seen: &mut Observed) -> Result<Option<Error>, Error> {
        if data == DONE {
            seen.done = true;
            return Ok(None);
        }
        let event: Event<'_> = serde_json::from_slice(data).map_err(|error| {
            let message = format!("the provider's stream has an event that cannot be read ({error})");
            Error::new(ErrorKind::UpstreamFailed, message)
        })?;
        if let Some(error) = event.error.filter(|raw| raw.get() != "null") {
            return Ok(Some(errors::inside(error, data)));
        }
        let usage = event
            .usage
            .and_then(|raw| serde_json::from_str::<WireUsage>(raw.get()).ok());
        if let Some(usage) = usage.and_then(|usage| usage.of(self.operation)) {
            seen.usage = Some(self.kind.believed(usage));
        }
        let kind: String = event.kind.and_then(|raw| parse(raw).ok()).unwrap_or_default();
        if let Some(delta) = event.delta {
            seen.output_bytes += literal_len(delta.get().as_bytes());
            let text: String = parse(delta).unwrap_or_default();
            if self.heard.len() + text.len() <= HEARD {
                self.heard.push_str(&text);
            }
        }
        seen.content |= kind.contains('.');
        if kind.ends_with(".done") || kind.ends_with(".completed") {
            self.pictures = self.pictures.saturating_sub(1);
            let more = matches!(self.operation, Operation::ImageGeneration | Operation::ImageEdit) && self.pictures > 0;
            self.ended |= !more;
            seen.finish.get_or_insert_with(|| String::from("stop"));
            seen.done |= !more;
        }
        Ok(None)
    }

    fn has_ended(&self) -> bool {
        self.ended
    }

    fn cut_short(&mut self) -> (Vec<u8>, &'static str) {
        let kind = match self.operation {
            Operation::Transcription | Operation::Translation => "transcript.text.done",
            Operation::Speech => "speech.audio.done",
            // A picture that is not there cannot be said to be.
            _ => return (b"data: [DONE]\n\n".to_vec(), "length"),
        };
        let mut frame = b"data: ".to_vec();
        Out::object(&mut frame, |out| {
            out.member("type", kind);
            if self.operation != Operation::Speech {
                out.member("text", &self.heard);
            }
        });
        frame.extend_from_slice(b"\n\ndata: [DONE]\n\n");
        (frame, "length")
    }

    fn fail(&mut self, error: &Error) -> Vec<u8> {
        errors::frame(error)
    }
}
