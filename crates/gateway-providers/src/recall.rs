//! Bodies that were kept of a turn, read again as chat: what a client sent, and what it got. Nothing here is sent on, so
//! that what cannot be read is nothing worse than not readable.

use bytes::Bytes;
use gateway_types::chat::{Assembly, Request, Response};
use gateway_types::{Asked, DialectName, Operation, StreamForm, Wall};
use serde_json::value::RawValue;

use crate::dialect::{client_dialect, provider_dialect};
use crate::framing::eventstream;
use crate::kind::kind;
use crate::{Access, BaseUrl, Stamp, Target};

/// What a turn was, beside its bodies.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// The dialect of both bodies.
    pub dialect: DialectName,
    /// What was asked for.
    pub operation: Operation,
    /// The model as asked for: some dialects have it in the path.
    pub model: &'a str,
    /// Whether the answer is a stream.
    pub stream: bool,
}

impl Turn<'_> {
    /// What the client sent; none where it is no turn, or cannot be read.
    pub fn request(&self, body: &[u8]) -> Option<Request> {
        if !self.operation.is_turn() {
            return None;
        }
        let asked = Asked {
            model: Some(self.model.to_owned()),
            stream: self.stream.then_some(StreamForm::Usual),
            ..Asked::plain(self.operation)
        };
        let client = client_dialect(self.dialect);
        let call = client.decode(&asked, Bytes::copy_from_slice(body)).ok()?;
        client.read(&call).ok()
    }

    /// What the client got, a stream put together; none where it is no answer, or cannot be read.
    pub fn response(&self, body: &[u8]) -> Option<Response> {
        if !self.operation.is_turn() {
            return None;
        }
        let (target, stamp) = (
            self.target()?,
            Stamp {
                at: Wall::default(),
                seed: 0,
            },
        );
        let dialect = provider_dialect(self.dialect);
        if !self.stream {
            return dialect.response(body, &target, stamp).ok();
        }
        let mut reader = dialect.reader(&target, stamp);
        let mut events = Vec::new();
        let lines = array(body);
        // A stream that broke off, or was cut when it was kept, is read as far as it goes.
        let fed = reader.feed(lines.as_deref().unwrap_or(body), &mut events);
        if fed.is_ok() {
            let _ = reader.finish(&mut events);
        }
        let mut assembly = Assembly::default();
        events.into_iter().for_each(|event| assembly.take(event));
        Some(assembly.whole()).filter(|response| !response.choices.is_empty())
    }

    /// The place that such an answer would have come from.
    fn target(&self) -> Option<Target> {
        let kind = kind(match self.dialect {
            DialectName::Responses => DialectName::OpenAi.as_str(),
            other => other.as_str(),
        })?;
        let nowhere = BaseUrl::parse("http://localhost").ok()?;
        Some(Target::plain(kind.name, kind, nowhere, self.model, Access::None))
    }
}

/// A stream that is one JSON array (Gemini without `alt=sse`) as server-sent events.
fn array(body: &[u8]) -> Option<Vec<u8>> {
    let elements: Vec<&RawValue> = match body.first() {
        Some(b'[') => serde_json::from_slice(body).ok()?,
        _ => return None,
    };
    let events = elements
        .into_iter()
        .flat_map(|element| [b"data: ", element.get().as_bytes(), b"\n\n"]);
    Some(events.collect::<Vec<_>>().concat())
}

/// An AWS event stream as text: a line for each event, its name and its payload. None where it is no such stream.
pub fn event_stream_text(body: &[u8]) -> Option<String> {
    let mut splitter = eventstream::Splitter::default();
    splitter.push(Bytes::copy_from_slice(body));
    let mut text = String::new();
    // What was kept may end within a frame.
    while let Ok(Some(frame)) = splitter.next_frame() {
        let message = eventstream::Message::read(&frame.bytes).ok()?;
        text.push_str(&format!(
            "{}: {}\n",
            message.name,
            String::from_utf8_lossy(message.payload)
        ));
    }
    (!text.is_empty()).then_some(text)
}
