//! How Google cuts streams: server-sent events, or the elements of one JSON array. An error comes into a stream of events as
//! plain JSON without a field's name before it.

use bytes::Bytes;
use gateway_types::{Error, ErrorKind};

use crate::framing::{array, sse};
use crate::passing::{Frame, Frames};

/// Events.
#[derive(Debug, Default)]
pub(super) struct Events(sse::Splitter);

impl Frames for Events {
    const END: &'static [u8] = b"\r\n\r\n";

    fn push(&mut self, bytes: Bytes) {
        self.0.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Frame>, Error> {
        Ok(self.0.next_frame().map_err(failed)?.map(event))
    }

    fn rest(&mut self) -> Option<Frame> {
        self.0.rest().map(event)
    }
}

fn event(frame: sse::Frame) -> Frame {
    let bare = frame.bytes.trim_ascii();
    let data = match frame.data() {
        Some(std::borrow::Cow::Borrowed(data)) => frame.bytes.slice_ref(data),
        Some(std::borrow::Cow::Owned(data)) => Bytes::from(data),
        None if bare.starts_with(b"{") => frame.bytes.slice_ref(bare),
        None => Bytes::new(),
    };
    Frame::new(frame.bytes, frame.span, data)
}

/// Elements of an array. What the end of the array holds is its bracket.
#[derive(Debug, Default)]
pub(super) struct Elements(array::Splitter);

/// What the end of the array holds.
pub(super) const CLOSED: &[u8] = b"]";

impl Frames for Elements {
    const END: &'static [u8] = b"";

    fn push(&mut self, bytes: Bytes) {
        self.0.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Frame>, Error> {
        Ok(self.0.next_piece().map_err(failed)?.map(element))
    }

    fn rest(&mut self) -> Option<Frame> {
        // A piece without its end is no element.
        None
    }
}

fn element(piece: array::Piece) -> Frame {
    let data = match piece.element {
        Some(element) => piece.bytes.slice(element),
        None => Bytes::from_static(CLOSED),
    };
    Frame::new(piece.bytes, piece.span, data)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::UpstreamFailed, error.to_string())
}
